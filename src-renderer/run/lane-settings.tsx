import { Button, NumberInput } from '@mantine/core';
import { useState } from 'react';
import type { LaneLimits, RunSnapshot } from '#shared/model/run';
import { errorValueOf } from '../api/client.ts';
import { useSetLanes } from '../api/run.ts';
import { ErrorCard } from '../ui/error-card.tsx';
import classes from './run.module.css';

/** How much is extracted and loaded at the same time, to change while the run goes on. */
export function LaneSettings({ snapshot }: { snapshot: Pick<RunSnapshot, 'runId' | 'laneLimits'> }) {
  const change = useSetLanes(snapshot.runId);
  const [entered, setEntered] = useState<Partial<LaneLimits>>({});
  const lanes = { ...snapshot.laneLimits, ...entered };
  const input = (key: keyof LaneLimits, label: string, max: number) => (
    <NumberInput
      label={label}
      value={lanes[key]}
      min={1}
      max={max}
      allowDecimal={false}
      clampBehavior="strict"
      w={216}
      onChange={(value) => {
        change.reset();
        if (typeof value === 'number' && value >= 1) setEntered({ ...entered, [key]: value });
      }}
    />
  );
  return (
    <>
      <form
        className={classes.laneSettings}
        onSubmit={(event) => {
          event.preventDefault();
          change.mutate(lanes, { onSuccess: () => setEntered({}) });
        }}
      >
        {input('unloadLanes', 'Extractions at the same time', 32)}
        {input('loadLanes', 'Loads at the same time', 32)}
        {input('loadLanesPerTable', 'Loads into one table', 8)}
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
