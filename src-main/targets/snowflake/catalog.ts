import { AppError } from '#shared/errors/app-error';
import { tableKey, tableLabel, type TableRef, type TargetColumn, type TargetTable } from '#shared/model/table';
import type { ListRequest, TargetObject } from '../target.ts';
import { formatTargetType, parseTargetType } from './column-types.ts';
import { toRecords } from './execute.ts';
import { quoteIdentifier, quoteLiteral, quoteName, tableName } from './quote.ts';
import type { SessionPool } from './session-pool.ts';

type Row = Record<string, string | null>;

/** SHOW answers at most this many rows; some of its forms can go on from a name. docs.snowflake.com/en/sql-reference/sql/show-tables */
const SHOW_LIMIT = 10_000;
const TABLES_PER_COUNT = 100;
/** Up to this many tables of a schema are described one by one. */
const FEW_TABLES = 3;

/** What can be chosen in the forms, sorted by name; what the role may not see is not in it. */
export async function listObjects(
  pool: SessionPool,
  request: ListRequest,
  signal: AbortSignal,
): Promise<TargetObject[]> {
  const objects = toTargetObjects(request, await showObjects(pool, request, signal));
  return objects.sort((left, right) => left.name.localeCompare(right.name, 'en'));
}

/** Columns and estimated rows of many tables: two or three statements a schema. Null where a table is missing (a view does not count as one). */
export async function describeTables(
  pool: SessionPool,
  tables: TableRef[],
  signal: AbortSignal,
): Promise<(TargetTable | null)[]> {
  const found = new Map<string, TargetTable>();
  for (const group of groupBySchema(tables)) {
    for (const table of await describeSchema(pool, group, signal)) found.set(tableKey(table.ref), table);
  }
  return tables.map((table) => found.get(tableKey(table)) ?? null);
}

export async function countRows(pool: SessionPool, table: TableRef, signal: AbortSignal): Promise<number> {
  const result = await pool.run({ sql: `SELECT COUNT(*) FROM ${tableName(table)}`, signal, object: tableLabel(table) });
  return Number(result.rows[0]?.[0] ?? 0);
}

/** A hundred counts a statement. A table that vanishes between listing and counting only makes its batch smaller. */
export async function countManyRows(
  pool: SessionPool,
  tables: TableRef[],
  signal: AbortSignal,
): Promise<(number | null)[]> {
  const existing = new Set<string>();
  for (const group of groupBySchema(tables)) {
    const rows = await showTables(pool, group, signal);
    for (const row of rows ?? [])
      existing.add(tableKey({ database: group.database, schema: group.schema, name: row['name'] ?? '' }));
  }
  const present = tables.filter((table) => existing.has(tableKey(table)));
  const counts = new Map<string, number>();
  for (let start = 0; start < present.length; start += TABLES_PER_COUNT) {
    await countBatch(pool, { tables: present.slice(start, start + TABLES_PER_COUNT), counts, signal });
  }
  return tables.map((table) => counts.get(tableKey(table)) ?? null);
}

async function countBatch(
  pool: SessionPool,
  batch: { tables: TableRef[]; counts: Map<string, number>; signal: AbortSignal },
): Promise<void> {
  const { tables, counts, signal } = batch;
  const selects = tables.map(
    (table, index) => `SELECT ${index} AS POSITION, COUNT(*) AS ROW_COUNT FROM ${tableName(table)}`,
  );
  try {
    const result = await pool.run({
      sql: selects.join('\nUNION ALL\n'),
      signal,
      object: tables.length === 1 && tables[0] ? tableLabel(tables[0]) : 'the target tables',
    });
    for (const [position, count] of result.rows) {
      const table = tables[Number(position)];
      if (table) counts.set(tableKey(table), Number(count));
    }
  } catch (error) {
    if (!isNotFound(error)) throw error;
    if (tables.length === 1) return;
    const middle = Math.ceil(tables.length / 2);
    await countBatch(pool, { tables: tables.slice(0, middle), counts, signal });
    await countBatch(pool, { tables: tables.slice(middle), counts, signal });
  }
}

interface SchemaGroup {
  database: string;
  schema: string;
  names: Set<string>;
}

async function describeSchema(pool: SessionPool, group: SchemaGroup, signal: AbortSignal): Promise<TargetTable[]> {
  const tables = await showTables(pool, group, signal);
  const wanted = (tables ?? []).filter((row) => group.names.has(row['name'] ?? ''));
  if (wanted.length === 0) return [];
  const columns = isFew(group) ? await fewColumns(pool, group, signal) : await schemaColumns(pool, group, signal);
  return wanted.map((row) => {
    const name = row['name'] ?? '';
    return {
      ref: { database: group.database, schema: group.schema, name },
      columns: columns.get(name) ?? [],
      rowCount: row['rows'] === null || row['rows'] === undefined || row['rows'] === '' ? null : Number(row['rows']),
      createdAt: toIso(row['created_on']),
    };
  });
}

function toIso(text: string | null | undefined): string | null {
  const at = Date.parse(text ?? '');
  return Number.isNaN(at) ? null : new Date(at).toISOString();
}

/** Null when the schema does not exist. A few tables are asked for by name: the list of a large schema would be fetched for nothing. */
async function showTables(pool: SessionPool, group: SchemaGroup, signal: AbortSignal): Promise<Row[] | null> {
  const place = `IN SCHEMA ${quoteName(group.database, group.schema)}`;
  try {
    if (!isFew(group)) return await showPaged(pool, `SHOW TABLES ${place}`, signal);
    const rows: Row[] = [];
    for (const name of group.names) {
      // LIKE is case-insensitive and knows wildcards: it may find more, never less.
      const found = await show(pool, `SHOW TABLES LIKE ${quoteLiteral(name)} ${place}`, signal);
      rows.push(...found.filter((row) => row['name'] === name));
    }
    return rows;
  } catch (error) {
    if (isNotFound(error)) return null;
    throw error;
  }
}

/** Backslashes escape in a pattern, so names with one are looked for in the whole list. */
function isFew(group: SchemaGroup): boolean {
  return group.names.size <= FEW_TABLES && ![...group.names].some((name) => name.includes('\\'));
}

async function schemaColumns(
  pool: SessionPool,
  group: SchemaGroup,
  signal: AbortSignal,
): Promise<Map<string, TargetColumn[]>> {
  const shown = await showColumns(pool, group, signal);
  if (shown) return byTable(shown, (row) => toColumnFromShow(row));
  // SHOW COLUMNS cannot go on from where it stopped: the Information Schema has them all, but needs a warehouse.
  const result = await pool.run({
    sql:
      'SELECT TABLE_NAME, COLUMN_NAME, DATA_TYPE, CHARACTER_MAXIMUM_LENGTH, CHARACTER_OCTET_LENGTH, NUMERIC_PRECISION, NUMERIC_SCALE, DATETIME_PRECISION, IS_NULLABLE, COLUMN_DEFAULT, IS_IDENTITY ' +
      `FROM ${quoteIdentifier(group.database)}.INFORMATION_SCHEMA.COLUMNS WHERE TABLE_SCHEMA = ? ORDER BY TABLE_NAME, ORDINAL_POSITION`,
    binds: [group.schema],
    signal,
    object: `${group.database}.${group.schema}`,
  });
  return byTable(toRecords(result), (row) => toColumnFromSchema(row));
}

/** Null when there are too many for SHOW. */
async function showColumns(pool: SessionPool, group: SchemaGroup, signal: AbortSignal): Promise<Row[] | null> {
  try {
    const rows = await show(pool, `SHOW COLUMNS IN SCHEMA ${quoteName(group.database, group.schema)}`, signal);
    return rows.length < SHOW_LIMIT ? rows : null;
  } catch (error) {
    if (error instanceof AppError && error.code === 'TARGET_STATEMENT_FAILED') return null;
    throw error;
  }
}

async function fewColumns(
  pool: SessionPool,
  group: SchemaGroup,
  signal: AbortSignal,
): Promise<Map<string, TargetColumn[]>> {
  const rows: Row[] = [];
  for (const name of group.names) {
    try {
      rows.push(
        ...(await show(pool, `SHOW COLUMNS IN TABLE ${quoteName(group.database, group.schema, name)}`, signal)),
      );
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
  }
  return byTable(rows, (row) => toColumnFromShow(row));
}

function byTable(rows: Row[], toColumn: (row: Row) => TargetColumn): Map<string, TargetColumn[]> {
  const tables = new Map<string, TargetColumn[]>();
  for (const row of rows) {
    const name = row['table_name'] ?? '';
    const list = tables.get(name);
    if (list) list.push(toColumn(row));
    else tables.set(name, [toColumn(row)]);
  }
  return tables;
}

/** `data_type` is JSON: {"type":"FIXED","precision":38,"scale":0,"nullable":true}. docs.snowflake.com/en/sql-reference/sql/show-columns */
export function toColumnFromShow(row: Row): TargetColumn {
  const parts = parseObject(row['data_type']);
  return {
    name: row['column_name'] ?? '',
    dataType: typeFromParts(parts),
    nullable: parts['nullable'] !== false,
    hasDefault: Boolean(row['default']),
    isIdentity: /IDENTITY|AUTOINCREMENT/i.test(row['autoincrement'] ?? ''),
  };
}

function toColumnFromSchema(row: Row): TargetColumn {
  const parts = {
    type: row['data_type'],
    length: row['character_maximum_length'] ?? row['character_octet_length'],
    precision: row['numeric_precision'],
    scale: row['numeric_scale'] ?? row['datetime_precision'],
  };
  return {
    name: row['column_name'] ?? '',
    dataType: typeFromParts(parts),
    nullable: row['is_nullable'] !== 'NO',
    hasDefault: Boolean(row['column_default']),
    isIdentity: row['is_identity'] === 'YES',
  };
}

function typeFromParts(parts: Record<string, unknown>): string {
  const name = typeof parts['type'] === 'string' ? parts['type'].toUpperCase() : '';
  const number = (key: string) => (parts[key] === null || parts[key] === undefined ? null : Number(parts[key]));
  const spelled = (argument: string | null) => {
    const parsed = parseTargetType(argument === null ? name : `${name}(${argument})`);
    return parsed ? formatTargetType(parsed) : name;
  };
  switch (parseTargetType(name)?.name) {
    case 'NUMBER':
      return spelled(`${number('precision') ?? 38},${number('scale') ?? 0}`);
    case 'VARCHAR':
    case 'BINARY':
      return spelled(number('length') === null ? null : String(number('length')));
    case 'TIME':
    case 'TIMESTAMP_NTZ':
    case 'TIMESTAMP_LTZ':
    case 'TIMESTAMP_TZ':
      return spelled(String(number('scale') ?? 9));
    default:
      return spelled(null);
  }
}

async function showObjects(pool: SessionPool, request: ListRequest, signal: AbortSignal): Promise<Row[]> {
  switch (request.what) {
    case 'databases':
      return showPaged(pool, 'SHOW DATABASES', signal);
    case 'warehouses':
      return show(pool, 'SHOW WAREHOUSES', signal);
    case 'roles':
      return availableRoles(pool, signal);
    case 'storage-integrations':
      return show(pool, 'SHOW STORAGE INTEGRATIONS', signal);
    case 'schemas':
      return showPaged(pool, `SHOW SCHEMAS IN DATABASE ${quoteIdentifier(request.database)}`, signal);
    case 'stages':
      return show(pool, `SHOW STAGES IN SCHEMA ${quoteName(request.database, request.schema)}`, signal);
  }
}

/** The roles that this user can use, by grant and inheritance; SHOW ROLES would list all that exist. docs.snowflake.com/en/sql-reference/functions/current_available_roles */
async function availableRoles(pool: SessionPool, signal: AbortSignal): Promise<Row[]> {
  const result = await pool.run({ sql: 'SELECT CURRENT_AVAILABLE_ROLES()', signal });
  const names = JSON.parse(result.rows[0]?.[0] ?? '[]') as unknown;
  return Array.isArray(names) ? names.map((name) => ({ name: String(name) })) : [];
}

function toTargetObjects(request: ListRequest, rows: Row[]): TargetObject[] {
  const object = (row: Row, detail: string, url: string | null = null): TargetObject => ({
    name: row['name'] ?? '',
    detail,
    url,
  });
  switch (request.what) {
    case 'databases':
      return rows.filter((row) => row['kind'] !== 'APPLICATION').map((row) => object(row, row['comment'] ?? ''));
    case 'schemas':
      return rows.filter((row) => row['name'] !== 'INFORMATION_SCHEMA').map((row) => object(row, row['comment'] ?? ''));
    case 'warehouses':
      return rows.map((row) => object(row, [row['size'], row['state']?.toLowerCase()].filter(Boolean).join(', ')));
    case 'roles':
      return rows.map((row) => object(row, ''));
    case 'storage-integrations':
      return rows.map((row) => object(row, row['enabled'] === 'false' ? 'disabled' : (row['comment'] ?? '')));
    case 'stages':
      return rows.map((row) =>
        object(
          row,
          row['storage_integration'] ? `integration ${row['storage_integration']}` : (row['type'] ?? '').toLowerCase(),
          row['url'] || null,
        ),
      );
  }
}

async function show(pool: SessionPool, sql: string, signal: AbortSignal): Promise<Row[]> {
  return toRecords(await pool.run({ sql, signal }));
}

/**
 * All rows, whatever their number. More than 10,000 are an error without LIMIT (some releases cut the list instead); with LIMIT the list goes on from a
 * name. Rows are taken once by name, so that a page that begins with the last name again does no harm.
 */
async function showPaged(pool: SessionPool, sql: string, signal: AbortSignal): Promise<Row[]> {
  try {
    const rows = await show(pool, sql, signal);
    if (rows.length < SHOW_LIMIT) return rows;
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== 'TARGET_STATEMENT_FAILED') throw error;
  }
  const all = new Map<string, Row>();
  for (let from = ''; ;) {
    const page = await show(pool, `${sql} LIMIT ${SHOW_LIMIT}${from}`, signal);
    const before = all.size;
    for (const row of page) all.set(row['name'] ?? '', row);
    if (page.length < SHOW_LIMIT || all.size === before) return [...all.values()];
    from = ` FROM ${quoteLiteral(page.at(-1)?.['name'] ?? '')}`;
  }
}

function groupBySchema(tables: TableRef[]): SchemaGroup[] {
  const groups = new Map<string, SchemaGroup>();
  for (const table of tables) {
    const key = JSON.stringify([table.database, table.schema]);
    const group = groups.get(key) ?? { database: table.database, schema: table.schema, names: new Set<string>() };
    group.names.add(table.name);
    groups.set(key, group);
  }
  return [...groups.values()];
}

function parseObject(text: string | null | undefined): Record<string, unknown> {
  try {
    const value = JSON.parse(text ?? '{}') as unknown;
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

function isNotFound(error: unknown): boolean {
  return error instanceof AppError && (error.code === 'TARGET_TABLE_NOT_FOUND' || error.code === 'DATABASE_NOT_FOUND');
}
