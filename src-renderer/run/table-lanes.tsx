import { Button, NumberInput } from '@mantine/core';
import { useState } from 'react';
import type { RunSnapshot, TableProgress } from '#shared/model/run';
import { errorValueOf } from '../api/client.ts';
import { useSetTableLanes } from '../api/run.ts';
import { Disclosure } from '../ui/disclosure.tsx';
import { ErrorCard } from '../ui/error-card.tsx';
import classes from './run.module.css';

/** How much of one table works at the same time; empty leaves it to the run. */
export function TableLanes(props: {
  snapshot: Pick<RunSnapshot, 'runId' | 'laneLimits'>;
  table: Pick<TableProgress, 'id' | 'unloadLanes' | 'loadLanes'>;
}) {
  const { snapshot, table } = props;
  const { laneLimits } = snapshot;
  const change = useSetTableLanes(snapshot.runId);
  const [unloadLanes, setUnloadLanes] = useState<number | null>(table.unloadLanes);
  const [loadLanes, setLoadLanes] = useState<number | null>(table.loadLanes);
  const enter = (set: (value: number | null) => void) => (value: string | number) => {
    change.reset();
    set(typeof value === 'number' ? value : null);
  };
  return (
    <Disclosure label="Parallel work on this table">
      <form
        className={classes.laneSettings}
        onSubmit={(event) => {
          event.preventDefault();
          change.mutate({ tableId: table.id, unloadLanes, loadLanes });
        }}
      >
        <NumberInput
          label="Extractions"
          value={unloadLanes ?? ''}
          placeholder={`${laneLimits.unloadLanes} (run)`}
          onChange={enter(setUnloadLanes)}
          min={1}
          max={32}
          {...SHARED}
        />
        <NumberInput
          label="Loads"
          value={loadLanes ?? ''}
          placeholder={`${laneLimits.loadLanesPerTable} (run)`}
          onChange={enter(setLoadLanes)}
          min={1}
          max={8}
          {...SHARED}
        />
        <Button type="submit" size="xs" variant="default" loading={change.isPending}>
          Apply
        </Button>
        <span role="status" className={classes.none}>
          {change.isSuccess ? 'Applied.' : ''}
        </span>
      </form>
      {change.error !== null && <ErrorCard error={errorValueOf(change.error)} />}
    </Disclosure>
  );
}

const SHARED = { allowDecimal: false, clampBehavior: 'strict', size: 'xs', w: 110 } as const;
