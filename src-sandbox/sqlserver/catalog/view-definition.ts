import type { SqlType, SqlTypeName, SqlValue } from '../engine-contract.ts';
import type { MetadataReader, ServerMetadata, SessionMetadata } from '../engine/metadata.ts';

/** Who reads a system view, and what there is to read. */
export type CatalogContext = MetadataReader & {
  server: ServerMetadata;
  sessions(): SessionMetadata[];
  /** The system views themselves, which sys.all_objects lists. */
  systemViews: readonly CatalogView[];
};

export type CatalogSchema = 'sys' | 'INFORMATION_SCHEMA';

export type CatalogView = {
  schema: CatalogSchema;
  /** As the vendor spells it, which counts in databases that tell cases apart. */
  name: string;
  /** Negative, as the ids of the vendor's system views are. */
  objectId: number;
  columns: readonly { name: string; spec: ColumnSpec }[];
  /** `wants`: whether the statement uses a column; what is costly to know is left null when it does not. */
  rows(context: CatalogContext, wants: (column: string) => boolean): Promise<SqlValue[][]>;
};

/** `collation` of text: that of the database or server, or the one that the vendor fixes for codes and their descriptions. */
export type ColumnSpec = { type: SqlType; nullable: boolean; collation: 'database' | 'server' | 'fixed' | null };

/** https://learn.microsoft.com/en-us/sql/relational-databases/collations/collation-and-unicode-support */
export const FIXED_COLLATION = 'Latin1_General_CI_AS_KS_WS';

type Columns = Readonly<Record<string, ColumnSpec>>;
export type Row<C extends Columns> = { [K in keyof C]: SqlValue };

type ViewSource<C extends Columns, K extends keyof C> = {
  schema?: CatalogSchema;
  name: string;
  columns: C;
  /** Columns that are alike in every row: wide rows are costly to build. */
  constants?: Pick<Row<C>, K>;
  rows(context: CatalogContext, wants: (column: keyof C) => boolean): Omit<Row<C>, K>[] | Promise<Omit<Row<C>, K>[]>;
};

/** A view of sys (unless `schema` says another) with its columns in the vendor's order. */
export function defineView<C extends Columns, K extends keyof C = never>(source: ViewSource<C, K>): CatalogView {
  const constants: Partial<Record<string, SqlValue>> = source.constants ?? {};
  const template = Object.keys(source.columns).map((name) => constants[name] ?? null);
  const varying = Object.keys(source.columns).flatMap((name, index) => (name in constants ? [] : [{ name, index }]));
  return {
    schema: source.schema ?? 'sys',
    name: source.name,
    objectId: systemObjectId(`${source.schema ?? 'sys'}.${source.name}`),
    columns: Object.entries(source.columns).map(([name, spec]) => ({ name, spec })),
    rows: async (context, wants) => {
      const rows = await source.rows(context, (column) => wants(String(column)));
      return rows.map((row) => {
        const values = template.slice();
        for (const { name, index } of varying) values[index] = (row as Record<string, SqlValue>)[name] ?? null;
        return values;
      });
    },
  };
}

/** A number from the name: stable over restarts, and below zero. */
function systemObjectId(name: string): number {
  let hash = 7;
  for (let i = 0; i < name.length; i += 1) hash = (hash * 31 + name.charCodeAt(i)) % 1_000_000_007;
  return -hash - 1;
}

const plain = (name: SqlTypeName): ColumnSpec => ({ type: { name }, nullable: false, collation: null });
const text = (type: SqlType, collation: ColumnSpec['collation']): ColumnSpec => ({ type, nullable: true, collation });

export const INT = plain('int');
export const BIGINT = plain('bigint');
export const SMALLINT = plain('smallint');
export const TINYINT = plain('tinyint');
export const BIT = plain('bit');
export const DATETIME = plain('datetime');
export const GUID = plain('uniqueidentifier');
export const REAL = plain('real');
export const VARIANT: ColumnSpec = { type: { name: 'sql_variant' }, nullable: true, collation: null };
/** A name that is never NULL. */
export const SYSNAME: ColumnSpec = { type: { name: 'nvarchar', length: 128 }, nullable: false, collation: 'database' };
export const SERVER_NAME: ColumnSpec = { ...SYSNAME, collation: 'server' };
/** A description of a code, such as type_desc. */
export const DESCRIPTION = text({ name: 'nvarchar', length: 60 }, 'fixed');
export const DEFINITION = text({ name: 'nvarchar', length: -1 }, 'database');

export const fixedChar = (length: number): ColumnSpec => text({ name: 'char', length }, 'fixed');
export const fixedVarchar = (length: number): ColumnSpec => text({ name: 'varchar', length }, 'fixed');
export const fixedNvarchar = (length: number): ColumnSpec => text({ name: 'nvarchar', length }, 'fixed');
export const nvarcharOf = (length: number): ColumnSpec => text({ name: 'nvarchar', length }, 'database');
export const varbinaryOf = (length: number): ColumnSpec => ({
  type: { name: 'varbinary', length },
  nullable: true,
  collation: null,
});
export const binaryOf = (length: number): ColumnSpec => ({
  type: { name: 'binary', length },
  nullable: true,
  collation: null,
});
export const nullable = (spec: ColumnSpec): ColumnSpec => ({ ...spec, nullable: true });
export const required = (spec: ColumnSpec): ColumnSpec => ({ ...spec, nullable: false });

const DAY_MS = 86_400_000;
const EPOCH_1900_MS = Date.UTC(1900, 0, 1);

/** A datetime: 1/300 s since 1900-01-01. */
export function toDatetime(date: Date): bigint {
  const ms = date.getTime() - EPOCH_1900_MS;
  const days = Math.floor(ms / DAY_MS);
  return BigInt(days) * 25_920_000n + BigInt(Math.round(((ms - days * DAY_MS) * 3) / 10));
}
