import { Button, NumberInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { RunSnapshot } from '#shared/model/run';
import { errorValueOf } from '../api/client.ts';
import { planQuery } from '../api/plan.ts';
import { useSetLanes } from '../api/run.ts';
import { ErrorCard } from '../ui/error-card.tsx';
import classes from './run.module.css';

/** How many partitions are unloaded and loaded at the same time, to change while the run goes on. */
export function LaneSettings({ snapshot }: { snapshot: Pick<RunSnapshot, 'runId' | 'planId'> }) {
  const plan = useQuery(planQuery(snapshot.planId));
  const change = useSetLanes(snapshot.runId);
  const [entered, setEntered] = useState<{ unloadLanes?: number; loadLanes?: number }>({});
  const options = plan.data?.options;
  if (options === undefined) return null;
  const lanes = {
    unloadLanes: entered.unloadLanes ?? options.unloadLanes,
    loadLanes: entered.loadLanes ?? options.loadLanes,
  };
  const enter = (key: keyof typeof lanes) => (value: string | number) => {
    change.reset();
    if (typeof value === 'number' && value >= 1) setEntered({ ...entered, [key]: value });
  };
  return (
    <>
      <form
        className={classes.laneSettings}
        onSubmit={(event) => {
          event.preventDefault();
          change.mutate(lanes);
        }}
      >
        <NumberInput
          label="Unloads at the same time"
          value={lanes.unloadLanes}
          onChange={enter('unloadLanes')}
          {...LIMITS}
        />
        <NumberInput label="Loads at the same time" value={lanes.loadLanes} onChange={enter('loadLanes')} {...LIMITS} />
        <Button type="submit" variant="default" loading={change.isPending}>
          Apply
        </Button>
        <span role="status" className={classes.none}>
          {change.isSuccess ? 'Applied. A lower number takes effect as running partitions end.' : ''}
        </span>
      </form>
      {change.error !== null && <ErrorCard error={errorValueOf(change.error)} />}
    </>
  );
}

const LIMITS = { min: 1, max: 32, allowDecimal: false, clampBehavior: 'strict', w: 190 } as const;
