import { hostileTables } from './sqlserver-types-hostile.ts';
import { keyTables } from './sqlserver-types-keys.ts';
import { valueTables } from './sqlserver-types-values.ts';

/** A table or view of the schema `types`. */
export interface SqlServerTypesTable {
  /** As the catalog has it: case and odd characters included. */
  readonly name: string;
  /** What it is there to catch. */
  readonly purpose: string;
  /** Batches of T-SQL before the rows, in order; the last one creates the table. A history table has none: it comes with its table. */
  readonly ddl: readonly string[];
  /** `rows` in the order of these columns; tables that T-SQL fills have none. */
  readonly columns?: readonly SeedColumnType[];
  /** In the text form of SQL Server (CONVERT with ISO styles, binary as hex digits); null is NULL. */
  readonly rows?: readonly (readonly (string | null)[])[];
  /** Batches of T-SQL after the rows. */
  readonly fill?: readonly string[];
  readonly rowCount: number;
  readonly kind: 'table' | 'view';
}

export interface SeedColumnType {
  readonly name: string;
  /** How values are written: as they are, in N'', in '', as 0x. */
  readonly literal: 'number' | 'unicode' | 'plain' | 'binary';
}

export const TYPES_SCHEMA = 'types';

/** Every SQL Server type with its extremes, keys that are hard to cut at, values that break careless writers, and names that break careless quoting. */
export const SQLSERVER_TYPES_TABLES: readonly SqlServerTypesTable[] = [...valueTables, ...keyTables, ...hostileTables];

/** Rows of one INSERT: T-SQL allows a thousand. */
const MOST_ROWS = 1000;

/** The whole schema as batches of T-SQL that any SQL Server runs. */
export function* sqlServerTypesBatches(): Generator<string> {
  yield `CREATE SCHEMA ${TYPES_SCHEMA}`;
  for (const table of SQLSERVER_TYPES_TABLES) {
    yield* table.ddl;
    yield* insertBatches(table);
    yield* table.fill ?? [];
  }
}

function* insertBatches({ name, columns = [], rows = [] }: SqlServerTypesTable): Generator<string> {
  const list = columns.map((column) => bracket(column.name)).join(', ');
  for (let from = 0; from < rows.length; from += MOST_ROWS) {
    const values = rows
      .slice(from, from + MOST_ROWS)
      .map((row) => `(${row.map((value, index) => toLiteral(value, columns[index]!.literal)).join(', ')})`);
    yield `INSERT INTO ${TYPES_SCHEMA}.${bracket(name)} (${list}) VALUES ${values.join(',\n')}`;
  }
}

function toLiteral(value: string | null, form: SeedColumnType['literal']): string {
  if (value === null) return 'NULL';
  switch (form) {
    case 'number':
      return value;
    case 'unicode':
      return `N'${value.replaceAll("'", "''")}'`;
    case 'plain':
      return `'${value.replaceAll("'", "''")}'`;
    case 'binary':
      return `0x${value}`;
  }
}

export function bracket(name: string): string {
  return `[${name.replaceAll(']', ']]')}]`;
}
