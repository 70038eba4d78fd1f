import { hostileTables } from './types-hostile.ts';
import { literal, valueTables } from './types-values.ts';

/** A table or view of the schema `types`. */
export interface TypesTable {
  /** As the catalog has it: case and odd characters included. */
  readonly name: string;
  /** What it is there to catch. */
  readonly purpose: string;
  /** Redshift DDL; quoted identifiers keep their case. */
  readonly ddl: string;
  /** In the order of the columns, in Redshift's text form; null is NULL. Tables filled by SQL have none. */
  readonly rows?: readonly (readonly (string | null)[])[];
  /** Run after the DDL, in PostgreSQL with standard strings. */
  readonly fill?: readonly string[];
  readonly rowCount: number;
  readonly kind: 'table' | 'view';
}

export const TYPES_SCHEMA = 'types';

/** Every Redshift type with its extremes, values that break careless writers, and names that break careless quoting. */
export const TYPES_TABLES: readonly TypesTable[] = [...valueTables, ...hostileTables];

/** Where statements and COPY data go: a direct connection to the PostgreSQL behind the Redshift stand-in. */
export interface TypesTarget {
  /** Runs Redshift's CREATE TABLE or CREATE VIEW with quoted names as they are written. */
  runDdl(sql: string): Promise<void>;
  run(sql: string): Promise<void>;
  /** `text` is PostgreSQL's COPY text format. */
  copy(table: string, text: string): Promise<void>;
}

/** Makes and fills the schema. `target.runDdl` must keep the case of quoted names (`enable_case_sensitive_identifier`). */
export async function loadTypes(target: TypesTarget): Promise<void> {
  await target.run(`CREATE SCHEMA ${TYPES_SCHEMA}`);
  for (const table of TYPES_TABLES) {
    await target.runDdl(table.ddl);
    if (table.rows !== undefined && table.rows.length > 0) {
      await target.copy(`${TYPES_SCHEMA}.${quote(table.name)}`, table.rows.map(toCopyLine).join(''));
    }
    for (const statement of table.fill ?? []) await target.run(statement);
    await target.run(
      `COMMENT ON ${table.kind === 'view' ? 'VIEW' : 'TABLE'} ${TYPES_SCHEMA}.${quote(table.name)} IS ${literal(table.purpose)}`,
    );
  }
}

export const quote = (name: string): string => `"${name.replaceAll('"', '""')}"`;

const COPY_ESCAPES: Readonly<Record<string, string>> = {
  '\\': '\\\\',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\v': '\\v',
};

function toCopyLine(row: readonly (string | null)[]): string {
  return `${row.map((value) => (value === null ? '\\N' : value.replace(/[\\\b\f\n\r\t\v]/g, (char) => COPY_ESCAPES[char] ?? char))).join('\t')}\n`;
}
