import type { CatalogReader } from './catalog-views.ts';

/** How a database lets its readers see rows that others change meanwhile. */
export interface ReadConsistency {
  allowsSnapshot: boolean;
  /** READ COMMITTED takes versions of rows instead of waiting for locks. */
  isReadCommittedSnapshot: boolean;
}

/**
 * What `sys.databases` says of the current database; null when it does not say. Databases of Azure SQL have both by default.
 * https://learn.microsoft.com/en-us/sql/relational-databases/system-catalog-views/sys-databases-transact-sql (1: on)
 */
export async function readConsistency(catalog: CatalogReader): Promise<ReadConsistency | null> {
  const rows = await catalog.ask(
    'SELECT v.snapshot_isolation_state, v.is_read_committed_snapshot_on FROM sys.databases AS v WHERE v.name = DB_NAME()',
  );
  const row = rows?.[0];
  if (!row) return null;
  return { allowsSnapshot: row[0] === '1', isReadCommittedSnapshot: row[1] === '1' };
}

/** For people: what the rows of a partition have in common. */
export function describeConsistency(consistency: ReadConsistency | null): string {
  if (consistency?.allowsSnapshot) return 'SNAPSHOT: each partition shows the rows of one moment, and nobody waits';
  if (consistency?.isReadCommittedSnapshot)
    return 'READ COMMITTED with row versions: each statement shows the rows of one moment, and nobody waits';
  const reason =
    consistency === null ? 'whether it allows SNAPSHOT is not known' : 'the database does not allow SNAPSHOT';
  return `READ COMMITTED (${reason}): reading waits for rows that others change, and rows that move meanwhile may be missed or read twice`;
}
