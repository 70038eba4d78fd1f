import type { Column, Table } from '../catalog/catalog-types.ts';
import { duckDbType } from '../sql/data-type.ts';
import type { Transaction } from './transaction.ts';

export const columnSql = (column: Column): string => `c${column.id}`;

/** CREATE TABLE for a table's storage. */
export function createStorageSql(table: Table): string {
  const columns = table.columns.map((c) => `${columnSql(c)} ${duckDbType(c.type)}`);
  return `CREATE TABLE ${table.storage} (rid BIGINT, ${columns.join(', ')})`;
}

/** A FROM item that shows the table as this transaction sees it: committed rows and its own writes. */
export function visibleRows(table: Table, transaction: Transaction | null): string {
  const delta = transaction?.deltas.get(table.id);
  if (!delta || (!delta.hasInserts && !delta.hasDeletes)) return table.storage;
  const list = ['rid', ...table.columns.map(columnSql)].join(', ');
  const base = `SELECT ${list} FROM ${table.storage}${delta.hasDeletes ? ` WHERE rid NOT IN (SELECT rid FROM ${delta.deleted})` : ''}`;
  return `(${base}${delta.hasInserts ? ` UNION ALL SELECT ${list} FROM ${delta.inserted}` : ''})`;
}
