import type { Column, Table } from '../catalog/catalog-types.ts';
import type { StatementContext } from '../commands/command.ts';
import { errors, SnowflakeError } from '../errors.ts';
import type { Identifier, ObjectName } from '../sql/token-reader.ts';
import { spellIdentifier } from './stage-location.ts';

/** The table and columns that a COPY fills. */
export interface CopyTarget {
  table: Table;
  columns: Column[];
}

/** @throws 002003 for a missing table, 003001 without INSERT, 000904 for an unknown column */
export function openCopyTarget(context: StatementContext, name: ObjectName, columns: Identifier[] | null): CopyTarget {
  const table = context.require<Table>('TABLE', name);
  if (table.domain !== 'TABLE') {
    throw new SnowflakeError(
      '002078',
      '0A000',
      `SQL compilation error:\nCOPY INTO is not supported for the view '${spellIdentifier(name.at(-1)?.name ?? '')}'.`,
    );
  }
  context.requirePrivilege('INSERT', table);
  if (columns === null) {
    return { table, columns: [...table.columns] };
  }
  return {
    table,
    columns: columns.map((identifier) => {
      const column = table.columns.find((candidate) => candidate.name === identifier.name);
      if (!column) {
        throw errors.invalidIdentifier(spellIdentifier(identifier.name));
      }
      return column;
    }),
  };
}

/** `"T"["C":3]`: a table's column as load errors name it; the number is its place in the table. */
export function columnReference(table: Table, column: Column): string {
  const place = table.columns.indexOf(column) + 1;
  return `"${table.name}"["${column.name}":${place}]`;
}
