import { formatCount } from '#shared/format/count';
import { formatDuration } from '#shared/format/duration';
import type { RunSnapshot, TableProgress } from '#shared/model/run';
import { tableLabel } from '#shared/model/table';
import { ErrorCard } from '../ui/error-card.tsx';
import { KeyFacts } from '../ui/key-facts.tsx';
import { Notice } from '../ui/notice.tsx';
import { PartitionList } from './partition-list.tsx';
import { staysSentence } from './stays.ts';
import { TableActionBar } from './table-action-bar.tsx';
import { TableLanes } from './table-lanes.tsx';
import classes from './run.module.css';

interface RunTableDetailsProps {
  snapshot: Pick<RunSnapshot, 'runId' | 'state' | 'laneLimits'>;
  table: TableProgress;
  /** Called when a retry of the table began. */
  onRestarted?: () => void;
}

/** What is known of one table of a run: what can be done, error first, then numbers and partitions. */
export function RunTableDetails({ snapshot, table, onRestarted }: RunTableDetailsProps) {
  const { runId } = snapshot;
  const stays = staysSentence(table);
  return (
    <>
      <TableActionBar snapshot={snapshot} table={table} onRestarted={onRestarted} />
      {table.error !== null && <ErrorCard error={table.error} />}
      {stays !== null && (
        <Notice tone="waiting">
          <p>{stays}</p>
        </Notice>
      )}
      <KeyFacts
        facts={[
          { label: 'Target', value: tableLabel(table.target) },
          { label: 'Rows at the source', value: countOr('not counted', table.sourceRows) },
          { label: 'Rows extracted', value: countOr('none', table.stagedRows) },
          { label: 'Rows loaded', value: countOr('none', table.loadedRows) },
          timeOf(table),
        ]}
      />
      {table.warnings.length > 0 && (
        <Notice tone="warning" title={table.warnings.length === 1 ? '1 warning' : `${table.warnings.length} warnings`}>
          <ul className={classes.list}>
            {table.warnings.map((warning) => (
              <li key={warning}>{warning}</li>
            ))}
          </ul>
        </Notice>
      )}
      {table.leftOut.length > 0 && (
        <ul className={classes.list} aria-label="Columns that did not travel">
          {table.leftOut.map((column) => (
            <li key={column.sourceName}>
              {column.sourceName} ({column.nativeType}) does not travel: {column.reason}
            </li>
          ))}
        </ul>
      )}
      {snapshot.state === 'running' && <TableLanes key={table.id} snapshot={snapshot} table={table} />}
      <PartitionList runId={runId} table={table} />
    </>
  );
}

function countOr(words: string, count: number | null): string {
  return count === null ? words : formatCount(count);
}

function timeOf({ elapsedMs, startedAt }: Pick<TableProgress, 'elapsedMs' | 'startedAt'>) {
  if (elapsedMs !== null) return { label: 'Duration', value: formatDuration(elapsedMs) };
  return { label: 'Started', value: startedAt === null ? 'not yet' : new Date(startedAt).toLocaleTimeString() };
}
