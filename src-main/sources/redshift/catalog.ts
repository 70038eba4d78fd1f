import type { TableSummary } from '#shared/model/table';
import * as sql from './catalog-queries.ts';
import { careType } from './column-types.ts';
import type { QueryRows, Session } from './connect.ts';

type Row = (string | null)[];
export type TableKind = TableSummary['kind'];

/** What SVV_TABLE_INFO tells of a table. */
export interface TableInfo {
  rowEstimate: number | null;
  byteEstimate: number | null;
  /** First sort column and distribution column, where there are any. */
  sortColumn: string | null;
  distributionColumn: string | null;
}

const BLOCK_BYTES = 1024 * 1024;

export async function listDatabases(session: Session, signal: AbortSignal): Promise<string[]> {
  const { rows } = await session.query(sql.DATABASES, signal);
  return rows.flatMap(([name]) => (name ? [name] : []));
}

/** All that the user may read, external tables and late-binding views included where the server knows such. */
export async function listTables(session: Session, database: string, signal: AbortSignal): Promise<TableSummary[]> {
  const optional = async (statement: string): Promise<Row[] | null> =>
    (await queryOptional(session, statement, signal))?.rows ?? null;
  const { rows: relations } = await session.query(sql.RELATIONS, signal);
  const { rows: types } = await session.query(sql.TYPES_BY_TABLE, signal);
  const { isRedshift } = session.server;
  const lateBinding = (isRedshift ? await optional(sql.LATE_BINDING_TYPES) : null) ?? [];
  const external = (isRedshift ? await optional(sql.EXTERNAL_TYPES) : null) ?? [];
  const materialized = new Set(((isRedshift ? await optional(sql.MATERIALIZED_VIEWS) : null) ?? []).map(rowKey));
  const info = await readTableInfo(session, null, signal);

  const profiles = new Map<string, { columnCount: number; careTypes: Set<string> }>();
  for (const row of [...types, ...lateBinding, ...external]) addTypes(profiles, row);
  const toSummary = (row: Row, kind: TableKind, analyzedRows: number | null): TableSummary => {
    const known = info.tables.get(rowKey(row));
    const profile = profiles.get(rowKey(row));
    const estimates =
      kind === 'table'
        ? estimate(known, { analyzedRows, isComplete: info.isComplete })
        : { rowEstimate: null, byteEstimate: null };
    return {
      ref: { database, schema: row[0] ?? '', name: row[1] ?? '' },
      kind,
      ...estimates,
      columnCount: profile?.columnCount ?? 0,
      careTypes: [...(profile?.careTypes ?? [])].sort(),
    };
  };
  const local = relations
    .filter((row) => !(isRedshift && isMaterializedStorage(row[1] ?? '')))
    .map((row) =>
      toSummary(
        row,
        materialized.has(rowKey(row)) ? 'materialized-view' : relationKind(row[2] ?? ''),
        analyzed(row[3]),
      ),
    );
  const externalNames = new Map(external.map((row) => [rowKey(row), row]));
  const remote = [...externalNames.values()].map((row) => toSummary(row, 'external-table', null));
  return [...local, ...remote].sort(bySchemaAndName);
}

/**
 * SVV_TABLE_INFO, or an empty map where the server has none or does not show it. It says nothing about empty tables; `isComplete` tells that the user sees
 * all rows, so that a table it leaves out is empty. https://docs.aws.amazon.com/redshift/latest/dg/r_SVV_TABLE_INFO.html
 */
export async function readTableInfo(
  session: Session,
  statement: string | null,
  signal: AbortSignal,
): Promise<{ tables: Map<string, TableInfo>; isVisible: boolean; isComplete: boolean }> {
  const result = await queryOptional(session, statement ?? sql.tableInfo(null), signal);
  if (!result) return { tables: new Map(), isVisible: false, isComplete: false };
  const tables = new Map(result.rows.map((row) => [rowKey(row), toTableInfo(row)]));
  return { tables, isVisible: true, isComplete: await isSuperuser(session, signal) };
}

export async function isSuperuser(session: Session, signal: AbortSignal): Promise<boolean> {
  const result = await queryOptional(
    session,
    'SELECT usesuper FROM pg_catalog.pg_user WHERE usename = current_user',
    signal,
  );
  return result?.rows[0]?.[0] === 't';
}

/** A query that some servers cannot answer: null when the server refuses it, while lost connections and aborts still throw. */
export async function queryOptional(
  session: Session,
  statement: string,
  signal: AbortSignal,
): Promise<QueryRows | null> {
  try {
    return await session.query(statement, signal);
  } catch (error) {
    if (signal.aborted || !session.isOpen()) throw error;
    return null;
  }
}

export function estimate(
  info: TableInfo | undefined,
  options: { analyzedRows: number | null; isComplete: boolean },
): { rowEstimate: number | null; byteEstimate: number | null } {
  if (info) return { rowEstimate: info.rowEstimate, byteEstimate: info.byteEstimate };
  if (options.isComplete) return { rowEstimate: 0, byteEstimate: 0 };
  return { rowEstimate: options.analyzedRows, byteEstimate: null };
}

/** RELTUPLES; zero and less stand for a table that was never analysed. */
export function analyzed(text: string | null | undefined): number | null {
  const rows = Number(text ?? 0);
  return rows > 0 ? Math.round(rows) : null;
}

export function relationKind(relkind: string): TableKind {
  switch (relkind) {
    case 'v':
      return 'view';
    case 'm':
      return 'materialized-view';
    case 'f':
      return 'external-table';
    default:
      return 'table';
  }
}

export function rowKey(row: Row): string {
  return JSON.stringify([row[0], row[1]]);
}

function toTableInfo(row: Row): TableInfo {
  const [, , rows, visibleRows, blocks, sortkey, diststyle] = row;
  const count = visibleRows ?? rows;
  return {
    rowEstimate: count === null || count === undefined ? null : Math.round(Number(count)),
    byteEstimate: blocks === null || blocks === undefined ? null : Number(blocks) * BLOCK_BYTES,
    sortColumn: sortColumn(sortkey ?? ''),
    distributionColumn: /KEY\s*\((.+?)\)/i.exec(diststyle ?? '')?.[1] ?? null,
  };
}

/** `sortkey1` is a column, `INTERLEAVED`, or `AUTO(SORTKEY(column))` when Redshift chose it. */
function sortColumn(sortkey: string): string | null {
  const auto = /^AUTO\(SORTKEY(?:\((.*)\))?\)$/i.exec(sortkey);
  const name = auto ? (auto[1] ?? '') : sortkey;
  return name === '' || name === 'INTERLEAVED' ? null : name;
}

function addTypes(profiles: Map<string, { columnCount: number; careTypes: Set<string> }>, row: Row): void {
  const profile = profiles.get(rowKey(row)) ?? { columnCount: 0, careTypes: new Set<string>() };
  profile.columnCount += Number(row[3] ?? 0);
  const care = careType(row[2] ?? '');
  if (care !== null) profile.careTypes.add(care);
  profiles.set(rowKey(row), profile);
}

/** The table in which Redshift keeps the rows of a materialized view: https://docs.aws.amazon.com/redshift/latest/dg/materialized-view-create-sql-command.html */
function isMaterializedStorage(name: string): boolean {
  return /^mv_tbl__.+__\d+$/.test(name);
}

function bySchemaAndName(a: TableSummary, b: TableSummary): number {
  return compareText(a.ref.schema, b.ref.schema) || compareText(a.ref.name, b.ref.name);
}

function compareText(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
