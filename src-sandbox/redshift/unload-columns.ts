import type { RowField } from './wire.ts';

/** One column of an UNLOAD's result, with what the manifest and the Parquet file need to know of its type. */
export interface UnloadColumn {
  readonly name: string;
  /** As the manifest names it: `integer`, `character varying`, `super`, ... */
  readonly base: string;
  readonly length?: number;
  readonly precision?: number;
  readonly scale?: number;
  /** A numeric whose precision and scale the select list does not tell, `sum(x)` for example. */
  readonly isOpenNumeric: boolean;
}

interface TypeEntry {
  readonly base: string;
  readonly duckdb: string | null;
}

/** PostgreSQL's type OIDs; the types that only Redshift has are found by name. DuckDB null: Parquet cannot carry it. */
const TYPES: ReadonlyMap<number, TypeEntry> = new Map([
  [16, { base: 'boolean', duckdb: 'BOOLEAN' }],
  [20, { base: 'bigint', duckdb: 'BIGINT' }],
  [21, { base: 'smallint', duckdb: 'SMALLINT' }],
  [23, { base: 'integer', duckdb: 'INTEGER' }],
  [25, { base: 'character varying', duckdb: 'VARCHAR' }],
  [26, { base: 'oid', duckdb: 'BIGINT' }],
  [19, { base: 'character varying', duckdb: 'VARCHAR' }],
  [18, { base: 'character', duckdb: 'VARCHAR' }],
  [700, { base: 'real', duckdb: 'FLOAT' }],
  [701, { base: 'double precision', duckdb: 'DOUBLE' }],
  [705, { base: 'character varying', duckdb: 'VARCHAR' }],
  [1042, { base: 'character', duckdb: 'VARCHAR' }],
  [1043, { base: 'character varying', duckdb: 'VARCHAR' }],
  [1082, { base: 'date', duckdb: 'DATE' }],
  [1083, { base: 'time without time zone', duckdb: 'TIME' }],
  [1114, { base: 'timestamp without time zone', duckdb: 'TIMESTAMP' }],
  [1184, { base: 'timestamp with time zone', duckdb: 'TIMESTAMPTZ' }],
  [1186, { base: 'interval', duckdb: null }],
  [1266, { base: 'time with time zone', duckdb: null }],
  [1700, { base: 'numeric', duckdb: 'DECIMAL' }],
]);

const REDSHIFT_TYPES: Readonly<Record<string, TypeEntry>> = {
  super: { base: 'super', duckdb: 'JSON' },
  varbyte: { base: 'binary varying', duckdb: null },
  geometry: { base: 'geometry', duckdb: null },
  geography: { base: 'geography', duckdb: null },
  hllsketch: { base: 'hllsketch', duckdb: null },
};

const CHARACTER_OIDS = new Set([18, 19, 25, 705, 1042, 1043]);

/** `redshiftTypes`: OIDs of the types that only Redshift has, to their names. Null for a type that Redshift does not have. */
export function toUnloadColumn(field: RowField, redshiftTypes: ReadonlyMap<number, string>): UnloadColumn | null {
  const special = redshiftTypes.get(field.typeOid);
  const entry = special === undefined ? TYPES.get(field.typeOid) : REDSHIFT_TYPES[special];
  if (entry === undefined) return null;
  const { typeModifier } = field;
  const column = { name: field.name, base: entry.base, isOpenNumeric: false };
  if (field.typeOid === 1700) {
    if (typeModifier < 4) return { ...column, isOpenNumeric: true };
    // PostgreSQL keeps the scale in the low eleven bits.
    return { ...column, precision: ((typeModifier - 4) >> 16) & 0xffff, scale: (typeModifier - 4) & 0x7ff };
  }
  if (CHARACTER_OIDS.has(field.typeOid)) return { ...column, length: typeModifier >= 4 ? typeModifier - 4 : 65_535 };
  if (special === 'varbyte') return { ...column, length: typeModifier >= 4 ? typeModifier - 4 : 64_000 };
  return column;
}

/** The DuckDB type that becomes the column's Parquet type; null where Redshift's UNLOAD refuses Parquet. */
export function toDuckdbType(column: UnloadColumn): string | null {
  if (column.base === 'numeric') return `DECIMAL(${column.precision ?? 38},${column.scale ?? 0})`;
  const entry = [...TYPES.values(), ...Object.values(REDSHIFT_TYPES)].find(
    (candidate) => candidate.base === column.base,
  );
  return entry?.duckdb ?? null;
}

/** The `type` object of the manifest's `schema.elements`. */
export function toManifestType(column: UnloadColumn): Record<string, string | number> {
  if (column.base === 'numeric')
    return { base: 'numeric', precision: column.precision ?? 38, scale: column.scale ?? 0 };
  if (column.length !== undefined) return { base: column.base, max_length: column.length };
  return { base: column.base };
}

/** "The column data types that you can use as the partition key", https://docs.aws.amazon.com/redshift/latest/dg/r_UNLOAD.html */
const PARTITION_BASES = new Set([
  'smallint',
  'integer',
  'bigint',
  'numeric',
  'real',
  'boolean',
  'character',
  'character varying',
  'date',
  'timestamp without time zone',
]);

export function canPartitionBy(column: UnloadColumn): boolean {
  return PARTITION_BASES.has(column.base);
}
