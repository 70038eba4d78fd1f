import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { formatCount } from '#shared/format/count';
import type { ProjectCard } from '#shared/model/project';
import type { RunSummary } from '#shared/model/run';
import { errorValueOf } from '../api/client.ts';
import { runQuery, unfinishedRunsQuery, useSteerRun } from '../api/run.ts';
import { navigate } from '../app/router.ts';
import { ConfirmDialog } from '../ui/confirm-dialog.tsx';
import { ErrorCard } from '../ui/error-card.tsx';
import { Notice } from '../ui/notice.tsx';
import { offeredRuns } from './offered-runs.ts';
import classes from './unfinished-runs.module.css';

/** Runs that were paused or interrupted, to go on with, to look at or to give up. Nothing when there are none. */
export function UnfinishedRuns({ cards }: { cards: readonly ProjectCard[] }) {
  const unfinished = useQuery(unfinishedRunsQuery());
  const offered = offeredRuns(unfinished.data ?? [], cards);
  return (
    <>
      {unfinished.error !== null && <ErrorCard error={errorValueOf(unfinished.error)} />}
      {offered.length > 0 && (
        <ul className={classes.runs} aria-label="Unfinished runs">
          {offered.map(({ run, card }) => (
            <li key={run.runId}>
              <UnfinishedRun run={run} card={card} />
            </li>
          ))}
        </ul>
      )}
    </>
  );
}

function UnfinishedRun({ run, card }: { run: RunSummary; card: ProjectCard }) {
  const steer = useSteerRun(run.runId);
  const [isAsking, setAsking] = useState(false);
  // The summary of a run that was interrupted is as old as its last change of state.
  const snapshot = useQuery(runQuery(run.runId));
  const totals = snapshot.data?.totals ?? null;
  const look = () => navigate({ page: 'project', projectId: card.id, step: 'migrate' });
  // Not by a callback of `mutate`: a run that is at work leaves the list, and callbacks end with their component.
  const resume = () => void steer.mutateAsync('resume').then(look, () => undefined);
  return (
    <Notice
      tone={run.state === 'interrupted' ? 'warning' : 'paused'}
      title={run.state === 'interrupted' ? `A run of ${card.name} was interrupted` : `A run of ${card.name} is paused`}
    >
      <p>
        Begun on {new Date(run.startedAt).toLocaleString()}.{' '}
        {totals !== null &&
          `${formatCount(totals.tablesLoaded)} of ${formatCount(totals.tables)} tables and ${formatCount(totals.loadedRows)} rows are loaded. `}
        Resume goes on with what is left; nothing is loaded twice.
      </p>
      {steer.error !== null && <ErrorCard error={errorValueOf(steer.error)} />}
      <div className={classes.actions}>
        <Button size="xs" loading={steer.isPending} onClick={resume}>
          Resume
        </Button>
        <Button size="xs" variant="default" onClick={look}>
          Look at it
        </Button>
        <Button size="xs" variant="default" onClick={() => setAsking(true)}>
          Discard
        </Button>
      </div>
      <ConfirmDialog
        isOpen={isAsking}
        title={`Discard the run of ${card.name}?`}
        confirmLabel="Discard the run"
        cancelLabel="Keep it"
        tone="danger"
        onConfirm={() => {
          setAsking(false);
          steer.mutate('cancel');
        }}
        onCancel={() => setAsking(false)}
      >
        <p>
          The run ends as cancelled, and its staged files are deleted. Rows that are loaded stay in Snowflake
          {totals === null ? '' : `: ${formatCount(totals.loadedRows)}`}.
        </p>
        <p>The project, its connections and its selection of tables stay.</p>
      </ConfirmDialog>
    </Notice>
  );
}
