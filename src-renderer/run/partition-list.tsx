import { useQuery } from '@tanstack/react-query';
import { formatCount } from '#shared/format/count';
import type { PartitionProgress, TableProgress } from '#shared/model/run';
import { errorValueOf } from '../api/client.ts';
import { partitionErrorsQuery, partitionsQuery } from '../api/run.ts';
import { Disclosure } from '../ui/disclosure.tsx';
import { ErrorCard, ErrorDetails } from '../ui/error-card.tsx';
import { Loading } from '../ui/loading.tsx';
import { StatusBadge } from '../ui/status-badge.tsx';
import { isOver, PARTITION_STATE_LOOKS } from '../ui/table-state.ts';
import { attemptSentence } from './attempt-sentence.ts';
import { useClock } from './run-waits.tsx';
import classes from './run.module.css';

/** The partitions of a table: state, rows, tries, and the first error of each with its raw parts on demand. */
export function PartitionList({ runId, table }: { runId: string; table: TableProgress }) {
  const partitions = useQuery({
    ...partitionsQuery(runId, table.id),
    refetchInterval: isOver(table.state) ? false : 2000,
  });
  const all = partitions.data ?? [];
  const shown = [...all].sort((left, right) => rank(left) - rank(right)).slice(0, MOST_PARTITIONS);
  const now = useClock(all.some(({ nextTryAt }) => nextTryAt !== null));
  return (
    <>
      {partitions.error !== null && <ErrorCard error={errorValueOf(partitions.error)} />}
      {partitions.isPending && <Loading what="Reading the partitions" />}
      <ul className={classes.partitions} aria-label="Partitions">
        {shown.map((partition) => (
          <Partition key={partition.id} runId={runId} tableId={table.id} partition={partition} now={now} />
        ))}
      </ul>
      {all.length > MOST_PARTITIONS && (
        <p className={classes.none}>
          The first {formatCount(MOST_PARTITIONS)} of {formatCount(all.length)} partitions, those with errors before the
          others.
        </p>
      )}
    </>
  );
}

interface PartitionProps {
  runId: string;
  tableId: string;
  partition: PartitionProgress;
  now: number;
}

function Partition({ runId, tableId, partition, now }: PartitionProps) {
  const { state, label, loadedRows, firstError, error } = partition;
  const shownError = error ?? firstError;
  const attempts = attemptSentence(partition, now);
  return (
    <li className={classes.partition}>
      <StatusBadge {...PARTITION_STATE_LOOKS[state]} plain />
      <span className={classes.partitionLabel}>{label}</span>
      <span className={classes.number}>{loadedRows === null ? '' : `${formatCount(loadedRows)} rows`}</span>
      {attempts !== null && <span className={classes.partitionNote}>{attempts}</span>}
      {shownError !== null && (
        <div className={classes.partitionErrors}>
          <p className={classes.partitionError} data-is-over={state === 'loaded'}>
            {state === 'loaded' ? `Loaded after: ${shownError.message}` : shownError.message}
          </p>
          <ErrorDetails error={firstError ?? shownError} />
          {partition.errorCount > 1 && <AllErrors runId={runId} tableId={tableId} partition={partition} />}
        </div>
      )}
    </li>
  );
}

/** Every failed try of a partition, read when it is asked for. */
function AllErrors({ runId, tableId, partition }: Omit<PartitionProps, 'now'>) {
  return (
    <Disclosure label={`All ${formatCount(partition.errorCount)} errors`}>
      <ErrorHistory runId={runId} tableId={tableId} partitionId={partition.id} />
    </Disclosure>
  );
}

function ErrorHistory({ runId, tableId, partitionId }: { runId: string; tableId: string; partitionId: string }) {
  const errors = useQuery(partitionErrorsQuery(runId, tableId, partitionId));
  if (errors.error !== null) return <ErrorCard error={errorValueOf(errors.error)} />;
  if (errors.data === undefined) return <Loading what="Reading the errors" />;
  return (
    <ol className={classes.list}>
      {errors.data.map(({ attempt, at, error }) => (
        <li key={`${attempt} ${at}`}>
          Try {attempt}, {new Date(at).toLocaleTimeString()}: {error.message}
          <ErrorDetails error={error} />
        </li>
      ))}
    </ol>
  );
}

const MOST_PARTITIONS = 500;

/** Failed ones first, then those that had an error, then the others in their order. */
function rank({ state, firstError }: PartitionProgress): number {
  return state === 'failed' ? 0 : firstError !== null && state !== 'loaded' ? 1 : 2;
}
