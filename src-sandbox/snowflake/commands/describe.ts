import type { Column, Table, View } from '../catalog/catalog-types.ts';
import { errors } from '../errors.ts';
import { typeName, types } from '../sql/data-type.ts';
import { coreHandler } from './core.ts';
import { statementTypes } from './results.ts';

const NAMES = [
  'name',
  'type',
  'kind',
  'null?',
  'default',
  'primary key',
  'unique key',
  'check',
  'expression',
  'comment',
  'policy name',
  'privacy domain',
];

/** DESC[RIBE] TABLE | VIEW. https://docs.snowflake.com/en/sql-reference/sql/desc-table */
export const describeHandler = coreHandler(
  'DESCRIBE',
  (reader) => reader.isWords('DESCRIBE') || reader.isWords('DESC'),
  async (context, reader) => {
    reader.next();
    const noun = reader.isWords('TABLE') || reader.isWords('VIEW') ? reader.next().value : 'TABLE';
    const name = reader.objectName();
    if (reader.acceptWords('TYPE')) {
      reader.expectOperator('=');
      if (reader.optionValue().toUpperCase() === 'STAGE') throw errors.notInPractice('DESCRIBE TABLE ... TYPE = STAGE');
    }
    reader.expectEnd();
    const { schema, name: own } = context.resolve(name);
    const table = context.find<Table | View>('TABLE', name);
    if (!table)
      throw errors.doesNotExist(noun === 'VIEW' ? 'View' : 'Table', `${schema.database.name}.${schema.name}.${own}`);
    return Promise.resolve({
      kind: 'rows',
      columns: NAMES.map((n) => ({ name: n, type: types.text() })),
      rows: table.columns.map((c) => describeColumn(table, c)),
      statementTypeId: statementTypes.describe,
    });
  },
);

function describeColumn(table: Table | View, column: Column): (string | null)[] {
  const constraints = table.domain === 'TABLE' ? table.constraints : [];
  const has = (kind: string): string =>
    constraints.some((c) => c.kind === kind && c.columns.includes(column.name)) ? 'Y' : 'N';
  const fallback = column.identity
    ? `IDENTITY START ${column.identity.start} INCREMENT ${column.identity.increment} NOORDER`
    : column.defaultText;
  return [
    column.name,
    typeName(column.type),
    'COLUMN',
    column.nullable ? 'Y' : 'N',
    fallback,
    has('PRIMARY KEY'),
    has('UNIQUE'),
    null,
    null,
    column.comment || null,
    null,
    null,
  ];
}
