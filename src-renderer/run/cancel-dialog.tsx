import { formatCount } from '#shared/format/count';
import type { RunSnapshot, TableProgress } from '#shared/model/run';
import { tableLabel } from '#shared/model/table';
import { ConfirmDialog } from '../ui/confirm-dialog.tsx';
import { partlyLoaded } from './stays.ts';
import classes from './run.module.css';

/** Asks before a run is cancelled, and says what stays in Snowflake. */
export function CancelRunDialog(props: {
  isOpen: boolean;
  snapshot: Pick<RunSnapshot, 'totals' | 'tables'>;
  onConfirm: () => void;
  onCancel: () => void;
}) {
  const { totals, tables } = props.snapshot;
  const partly = partlyLoaded(tables);
  return (
    <ConfirmDialog
      isOpen={props.isOpen}
      title="Cancel the run?"
      confirmLabel="Cancel the run"
      cancelLabel="Keep it running"
      tone="danger"
      onConfirm={props.onConfirm}
      onCancel={props.onCancel}
    >
      <p>What is being moved right now is rolled back.</p>
      <p>
        {totals.tablesLoaded === 0
          ? 'No table is complete yet.'
          : `${formatCount(totals.tablesLoaded)} complete ${totals.tablesLoaded === 1 ? 'table stays' : 'tables stay'} in Snowflake.`}{' '}
        {partly.length > 0 && 'These tables hold a part of their rows then, which stays too:'}
      </p>
      {partly.length > 0 && (
        <ul className={classes.list}>
          {partly.slice(0, NAMED).map((table) => (
            <li key={table.id}>
              {tableLabel(table.target)}: {formatCount(table.loadedRows)} rows in {formatCount(table.partitionsLoaded)}{' '}
              of {formatCount(table.partitionCount)} partitions
            </li>
          ))}
          {partly.length > NAMED && <li>{formatCount(partly.length - NAMED)} more</li>}
        </ul>
      )}
      <p>To interrupt the work and go on later, use Pause.</p>
    </ConfirmDialog>
  );
}

/** Asks before the work on one table is cancelled. */
export function CancelTableDialog(props: { table: TableProgress | null; onConfirm: () => void; onCancel: () => void }) {
  const { table } = props;
  return (
    <ConfirmDialog
      isOpen={table !== null}
      title={`Cancel ${table === null ? 'the table' : `${table.source.schema}.${table.source.name}`}?`}
      confirmLabel="Cancel the table"
      cancelLabel="Let it go on"
      tone="danger"
      onConfirm={props.onConfirm}
      onCancel={props.onCancel}
    >
      <p>What is being moved of it right now is rolled back. The other tables go on.</p>
      {table !== null && table.partitionsLoaded > 0 && (
        <p>
          {formatCount(table.loadedRows)} rows of {formatCount(table.partitionsLoaded)} partitions are loaded already
          and stay in {tableLabel(table.target)}.
        </p>
      )}
      <p>It can be retried later: only what is left is moved then.</p>
    </ConfirmDialog>
  );
}

const NAMED = 5;
