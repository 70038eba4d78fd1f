import { IconClock } from '@tabler/icons-react';
import { formatCount } from '#shared/format/count';
import type { LaneActivity, RunState } from '#shared/model/run';
import { EmptyState } from '../ui/empty-state.tsx';
import classes from './run.module.css';

/** What happens right now, one line each. */
export function LaneList({ lanes, state }: { lanes: readonly LaneActivity[]; state: RunState }) {
  if (lanes.length === 0) {
    return (
      <EmptyState icon={<IconClock size={32} stroke={1.5} />} title="Nothing happens right now">
        {state === 'running' ? 'The next work is about to begin.' : 'The run is not moving.'}
      </EmptyState>
    );
  }
  return (
    <ul className={classes.partitions} aria-label="What happens now">
      {lanes.map((lane) => (
        <li key={lane.lane} className={classes.partition}>
          <strong>{lane.activity}</strong>
          <span className={classes.partitionLabel}>{lane.table}</span>
          {lane.rows !== null && <span className={classes.number}>{formatCount(lane.rows)} rows</span>}
          <span className={classes.number}>since {new Date(lane.since).toLocaleTimeString()}</span>
        </li>
      ))}
    </ul>
  );
}
