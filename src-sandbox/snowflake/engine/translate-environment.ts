import type { Table, View } from '../catalog/catalog-types.ts';
import type { TranslateOptions, TypedSql } from '../commands/command.ts';
import { errors, SnowflakeError } from '../errors.ts';
import { types } from '../sql/data-type.ts';
import type { Relation, TranslateEnvironment } from '../sql/scope.ts';
import type { ObjectName } from '../sql/token-reader.ts';
import { contextFunction } from './context-functions.ts';
import { quoteText } from './database.ts';
import { informationSchema } from './information-schema.ts';
import { parameterOf } from './parameters.ts';
import type { CoreContext } from './statement-context.ts';
import { columnSql, visibleRows } from './storage.ts';
import { tableFunction } from './table-functions.ts';

/** Values of ? and :1, by number. */
export type Bindings = Map<number, TypedSql>;
/** Work to be done before the translated SQL runs: filling a helper table, aborting a transaction. */
export type Prelude = () => Promise<void>;

let lastAlias = 0;

/** What the translator needs, for one statement. */
export function createEnvironment(
  context: CoreContext,
  _options?: TranslateOptions,
): { environment: TranslateEnvironment; prelude: Prelude[] } {
  const prelude: Prelude[] = [];
  const { session } = context;
  const environment: TranslateEnvironment = {
    parameter: (name) => parameterOf(session.parameters, name),
    relation: (name) => relationOf(context, name, prelude),
    tableFunction: (source, constant) => tableFunction(context, source, { constant, prelude }),
    contextFunction: (name, args) => contextFunction(context, { name, args, prelude }),
    bind: (index) => {
      const found = context.bindings.get(index);
      if (found) return found;
      throw new SnowflakeError('002049', '42601', `SQL compilation error:\nBind variable :${index} not set.`);
    },
    variable: (name) => {
      const value = session.variables.get(name);
      if (value === undefined)
        throw new SnowflakeError(
          '002211',
          '02000',
          `SQL compilation error: error line 1 at position 0\nSession variable '$${name}' does not exist`,
        );
      return /^-?\d+(\.\d+)?$/.test(value)
        ? {
            sql: `CAST('${value}' AS DECIMAL(38,${value.split('.')[1]?.length ?? 0}))`,
            type: types.number(38, value.split('.')[1]?.length ?? 0),
          }
        : { sql: quoteText(value), type: types.text() };
    },
    stageRelations: new Map(),
    alias: () => `s${(lastAlias += 1)}`,
    tables: new Set(),
    sql: context.text,
  };
  return { environment, prelude };
}

function relationOf(context: CoreContext, name: ObjectName, prelude: Prelude[]): Relation {
  const schemaName = name.length > 1 ? name[name.length - 2]?.name : context.session.schema;
  if (schemaName === 'INFORMATION_SCHEMA') {
    const databaseName = name.length === 3 ? name[0]?.name : context.session.database;
    if (!databaseName) throw errors.noDatabase();
    const database = context.catalog.findDatabase(databaseName);
    if (!database || !context.hasPrivilege('USAGE', database)) throw errors.doesNotExist('Database', databaseName);
    return informationSchema(context, { database, view: name[name.length - 1]?.name ?? '', prelude });
  }
  const object = context.require<Table | View>('TABLE', name);
  const qualifiers = [object.schema.database.name, object.schema.name, object.name];
  context.requirePrivilege('SELECT', object);
  if (object.domain === 'VIEW') {
    return {
      kind: 'view',
      query: object.query,
      columnNames: object.columns.map((c) => c.name),
      qualifiers,
      enter: () => enterView(context, object),
    };
  }
  context.requireWarehouse();
  return {
    kind: 'columns',
    sql: visibleRows(object, context.session.transaction),
    columns: object.columns.map((c) => ({
      name: c.name,
      sqlName: columnSql(c),
      column: { name: c.name, type: c.type, nullable: c.nullable },
    })),
    qualifiers,
    table: object,
  };
}

/** Names in a view mean what they mean where the view is, with its owner's rights. */
function enterView(context: CoreContext, view: View): () => void {
  const { session } = context;
  const before = { database: session.database, schema: session.schema, role: session.role };
  session.database = view.schema.database.name;
  session.schema = view.schema.name;
  session.role = view.owner;
  return () => Object.assign(session, before);
}
