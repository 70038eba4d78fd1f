import { Button, Tabs } from '@mantine/core';
import { IconPlayerPause, IconPlayerPlay, IconPlayerStop } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import { formatBytes } from '#shared/format/bytes';
import { formatCount } from '#shared/format/count';
import { formatDuration } from '#shared/format/duration';
import type { RunSnapshot, RunState } from '#shared/model/run';
import { errorValueOf } from '../api/client.ts';
import { planQuery } from '../api/plan.ts';
import { runQuery, useSteerRun } from '../api/run.ts';
import { ErrorCard } from '../ui/error-card.tsx';
import { LiveRegion } from '../ui/live-region.tsx';
import { Loading } from '../ui/loading.tsx';
import { Page } from '../ui/page.tsx';
import { RunStateBadge, RUN_STATE_LOOKS } from '../ui/run-state-badge.tsx';
import { Sparkline } from '../ui/sparkline.tsx';
import { StatTiles } from '../ui/stat-tiles.tsx';
import { TwoToneBar } from '../ui/two-tone-bar.tsx';
import type { StepPageProps } from '../wizard/step-page.ts';
import { CancelRunDialog } from './cancel-dialog.tsx';
import { EventList } from './event-list.tsx';
import { LaneList } from './lane-list.tsx';
import { LaneSettings } from './lane-settings.tsx';
import { PauseNotice } from './pause-notice.tsx';
import { PlanContent } from './plan-view.tsx';
import { speedSentence } from './run-sentences.ts';
import { RunTables } from './run-tables.tsx';
import { RunWaits } from './run-waits.tsx';
import classes from './run.module.css';

/** A run as it goes: state, speed, tables, what happens now, plan and events. When it ends, the results page opens. */
export function RunView({ runId, project, goBack, goTo, steps }: StepPageProps & { runId: string }) {
  const run = useQuery(runQuery(runId));
  const steer = useSteerRun(runId);
  // The list of runs may still say that it runs: the results page would send the window straight back.
  const hasResults = steps.some(({ id, state }) => id === 'results' && state !== 'blocked');
  useGoWhenOver(hasResults ? run.data?.state : undefined, () => goTo('results'));
  const snapshot = run.data;
  return (
    <Page
      title="Migrate"
      layout="full"
      headerSide={snapshot === undefined ? undefined : <RunControls snapshot={snapshot} steer={steer} />}
      back={goBack === undefined ? undefined : { onClick: goBack }}
      primary={{
        label: 'Go to results',
        onClick: () => goTo('results'),
        disabledReason:
          snapshot !== undefined && isMoving(snapshot.state) ? 'The results follow when the run has finished.' : null,
      }}
    >
      {steer.error !== null && <ErrorCard error={errorValueOf(steer.error)} />}
      {run.isError && <ErrorCard error={errorValueOf(run.error)} onRetry={() => void run.refetch()} />}
      {snapshot === undefined ? (
        !run.isError && <Loading what="Reading the run" />
      ) : (
        <RunContent snapshot={snapshot} project={project} goTo={goTo} />
      )}
    </Page>
  );
}

function RunContent(props: { snapshot: RunSnapshot } & Pick<StepPageProps, 'project' | 'goTo'>) {
  const { snapshot, project, goTo } = props;
  const { totals } = snapshot;
  return (
    <>
      <PauseNotice snapshot={snapshot} project={project} goTo={goTo} />
      <RunWaits waits={snapshot.waits} />
      <RunHead snapshot={snapshot} />
      <LiveRegion
        text={`${RUN_STATE_LOOKS[snapshot.state].label}. ${totals.tablesLoaded} of ${totals.tables} tables loaded, ${totals.tablesFailed} failed.`}
      />
      <Tabs defaultValue="tables" keepMounted={false} className={classes.tabs}>
        <Tabs.List>
          <Tabs.Tab value="tables">Tables</Tabs.Tab>
          <Tabs.Tab value="now">Now ({snapshot.lanes.length})</Tabs.Tab>
          <Tabs.Tab value="plan">Plan</Tabs.Tab>
          <Tabs.Tab value="events">Events</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="tables" className={classes.tab}>
          <RunTables snapshot={snapshot} />
        </Tabs.Panel>
        <Tabs.Panel value="now" className={classes.tab}>
          {snapshot.state === 'running' && <LaneSettings snapshot={snapshot} />}
          <LaneList lanes={snapshot.lanes} state={snapshot.state} />
        </Tabs.Panel>
        <Tabs.Panel value="plan" className={classes.tab}>
          <RunPlan planId={snapshot.planId} />
        </Tabs.Panel>
        <Tabs.Panel value="events" className={classes.tab}>
          <EventList runId={snapshot.runId} events={snapshot.events} />
        </Tabs.Panel>
      </Tabs>
    </>
  );
}

function RunHead({ snapshot }: { snapshot: RunSnapshot }) {
  const { totals, rowsPerSecond, bytesPerSecond, remainingMs, speedHistory, state } = snapshot;
  const expected = Math.max(totals.expectedRows ?? 0, totals.stagedRows, totals.loadedRows);
  const speed = rowsPerSecond === null ? 'Measuring' : formatCount(Math.round(rowsPerSecond));
  return (
    <section className={classes.head} aria-label="Progress of the run">
      <StatTiles
        tiles={[
          {
            label: 'Tables loaded',
            value: `${formatCount(totals.tablesLoaded)} of ${formatCount(totals.tables)}`,
            note: totals.tablesFailed === 0 ? 'None failed' : `${formatCount(totals.tablesFailed)} failed`,
          },
          {
            label: 'Rows loaded',
            value: formatCount(totals.loadedRows),
            note: totals.expectedRows === null ? undefined : `of about ${formatCount(totals.expectedRows)}`,
          },
          {
            label: 'Extracted',
            value: formatBytes(totals.stagedBytes),
            note: `${formatCount(totals.stagedRows)} rows`,
          },
          {
            label: 'Rows a second',
            value: state === 'running' ? speed : '0',
            note:
              bytesPerSecond === null || state !== 'running'
                ? undefined
                : `${formatBytes(Math.round(bytesPerSecond))}/s`,
          },
          {
            label: 'Elapsed',
            value: formatDuration(snapshot.elapsedMs),
            note:
              remainingMs === null || state !== 'running'
                ? undefined
                : `about ${formatDuration(remainingMs)} left (from the last 60 s)`,
          },
        ]}
      />
      <div className={classes.progress}>
        <TwoToneBar
          extracted={totals.stagedRows}
          loaded={totals.loadedRows}
          total={expected}
          label={`${formatCount(totals.loadedRows)} rows loaded, ${formatCount(totals.stagedRows)} extracted, of about ${formatCount(expected)}`}
        />
        <Sparkline values={speedHistory} label={speedSentence(speedHistory)} />
      </div>
    </section>
  );
}

function RunControls({ snapshot, steer }: { snapshot: RunSnapshot; steer: ReturnType<typeof useSteerRun> }) {
  const [isAsking, setAsking] = useState(false);
  const { state } = snapshot;
  return (
    <>
      <RunStateBadge state={state} />
      {state === 'running' && (
        <Button
          variant="default"
          leftSection={<IconPlayerPause size={16} aria-hidden />}
          onClick={() => steer.mutate('pause')}
        >
          Pause
        </Button>
      )}
      {(state === 'paused' || state === 'interrupted') && (
        <Button
          leftSection={<IconPlayerPlay size={16} aria-hidden />}
          loading={steer.isPending}
          onClick={() => steer.mutate('resume')}
        >
          Resume
        </Button>
      )}
      {(state === 'running' || state === 'pausing' || state === 'paused' || state === 'interrupted') && (
        <Button
          variant="default"
          leftSection={<IconPlayerStop size={16} aria-hidden />}
          onClick={() => setAsking(true)}
        >
          Cancel
        </Button>
      )}
      <CancelRunDialog
        isOpen={isAsking}
        snapshot={snapshot}
        onConfirm={() => {
          setAsking(false);
          steer.mutate('cancel');
        }}
        onCancel={() => setAsking(false)}
      />
    </>
  );
}

function RunPlan({ planId }: { planId: string }) {
  const plan = useQuery(planQuery(planId));
  if (plan.isError) return <ErrorCard error={errorValueOf(plan.error)} onRetry={() => void plan.refetch()} />;
  return plan.data === undefined ? <Loading what="Reading the plan" /> : <PlanContent plan={plan.data} />;
}

function isMoving(state: RunState): boolean {
  return state === 'running' || state === 'pausing' || state === 'cancelling';
}

/** Calls `go` once when the run has ended by itself. The view is only shown for runs that had not ended, so an end is always news. */
function useGoWhenOver(state: RunState | undefined, go: () => void): void {
  const isGone = useRef(false);
  useEffect(() => {
    if (isGone.current || (state !== 'done' && state !== 'finished-with-failures')) return;
    isGone.current = true;
    go();
  });
}
