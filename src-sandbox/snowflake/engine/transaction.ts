import type { Table } from '../catalog/catalog-types.ts';

/**
 * What a transaction has written to one table and not committed: rows it added (`inserted`, a DuckDB table with the
 * columns of the base table) and the `rid`s of base rows it removed (`deleted`). An UPDATE is both.
 */
export interface TableDelta {
  table: Table;
  inserted: string;
  deleted: string;
  hasInserts: boolean;
  hasDeletes: boolean;
}

export interface Transaction {
  /** The vendor's id: nanoseconds since the epoch at its start, as text. */
  readonly id: string;
  readonly name: string;
  readonly sessionId: string;
  readonly userName: string;
  readonly startedOn: Date;
  lastActiveOn: Date;
  /** Begun with BEGIN (or by AUTOCOMMIT = FALSE), so it outlives the statement. */
  readonly explicit: boolean;
  readonly deltas: Map<number, TableDelta>;
  readonly endListeners: ((committed: boolean) => void)[];
  state: 'running' | 'committing' | 'rolled back' | 'committed';
  /** Its session is gone; its locks stay until it is aborted. */
  detached: boolean;
}
