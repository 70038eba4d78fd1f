import { IconChartBar } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { formatBytes } from '#shared/format/bytes';
import { formatCount } from '#shared/format/count';
import { formatDuration } from '#shared/format/duration';
import type { Project } from '#shared/model/project';
import type { RunSummary } from '#shared/model/run';
import { Button } from '@mantine/core';
import { errorValueOf } from '../api/client.ts';
import { runsQuery } from '../api/run.ts';
import type { StepStatus } from '../wizard/step-states.ts';
import type { StepId } from '../wizard/steps.ts';
import { DataGrid } from '../ui/data-grid.tsx';
import { EmptyState } from '../ui/empty-state.tsx';
import { ErrorCard } from '../ui/error-card.tsx';
import type { GridColumn } from '../ui/grid-column.ts';
import { KeyFacts } from '../ui/key-facts.tsx';
import { Loading } from '../ui/loading.tsx';
import { Page } from '../ui/page.tsx';
import { RUN_STATE_LOOKS, RunStateBadge } from '../ui/run-state-badge.tsx';
import { SidePanel, SplitView } from '../ui/side-panel.tsx';
import { StatTiles } from '../ui/stat-tiles.tsx';
import { runTotals } from './run-totals.ts';

interface DashboardProps {
  project: Project;
  steps: readonly StepStatus[];
  goTo: (step: StepId) => void;
}

/** All runs of a project at a glance. */
export function DashboardPage({ project, steps, goTo }: DashboardProps) {
  const runs = useQuery(runsQuery(project.id));
  return (
    <Page title="Dashboard" lead="Every run of this project, the newest first." layout="full">
      {runs.isError && <ErrorCard error={errorValueOf(runs.error)} onRetry={() => void runs.refetch()} />}
      {runs.isPending && <Loading what="Reading the runs" />}
      {runs.data?.length === 0 && (
        <EmptyState
          icon={<IconChartBar size={40} stroke={1.5} />}
          title="Nothing has been migrated yet"
          action={<Button onClick={() => goTo(nextStep(steps))}>Go on with the wizard</Button>}
        >
          The runs of this project appear here, with what each has moved.
        </EmptyState>
      )}
      {runs.data !== undefined && runs.data.length > 0 && <Runs runs={runs.data} goTo={goTo} />}
    </Page>
  );
}

function Runs({ runs, goTo }: { runs: readonly RunSummary[]; goTo: DashboardProps['goTo'] }) {
  const [active, setActive] = useState<string | null>(null);
  const run = runs.find(({ runId }) => runId === active);
  const sums = runTotals(runs);
  return (
    <>
      <StatTiles
        tiles={[
          { label: 'Runs', value: formatCount(runs.length), note: `${formatCount(sums.done)} done` },
          { label: 'Rows loaded', value: formatCount(sums.loadedRows) },
          { label: 'Staged', value: formatBytes(sums.stagedBytes) },
          { label: 'Working time', value: formatDuration(sums.elapsedMs) },
          { label: 'Failed tables', value: formatCount(runs[0]?.totals.tablesFailed ?? 0), note: 'in the newest run' },
        ]}
      />
      <SplitView>
        <DataGrid
          label="Runs"
          rows={runs}
          rowKey={runKey}
          columns={RUN_COLUMNS}
          onActivate={(row) => setActive(row?.runId ?? null)}
          empty={<EmptyState icon={<IconChartBar size={32} stroke={1.5} />} title="No run" />}
        />
        {run !== undefined && (
          <RunPanel run={run} isNewest={run === runs[0]} onClose={() => setActive(null)} goTo={goTo} />
        )}
      </SplitView>
    </>
  );
}

function RunPanel(props: { run: RunSummary; isNewest: boolean; onClose: () => void; goTo: DashboardProps['goTo'] }) {
  const { run, isNewest, onClose, goTo } = props;
  const { totals } = run;
  const isUnfinished = !['done', 'finished-with-failures', 'cancelled'].includes(run.state);
  return (
    <SidePanel title={`Run of ${new Date(run.startedAt).toLocaleString()}`} onClose={onClose}>
      <KeyFacts
        facts={[
          { label: 'State', value: <RunStateBadge state={run.state} plain /> },
          { label: 'Ended', value: run.finishedAt === null ? '-' : new Date(run.finishedAt).toLocaleString() },
          { label: 'Working time', value: formatDuration(run.elapsedMs) },
          { label: 'Tables loaded', value: `${formatCount(totals.tablesLoaded)} of ${formatCount(totals.tables)}` },
          { label: 'Tables failed', value: formatCount(totals.tablesFailed) },
          {
            label: 'Partitions loaded',
            value: `${formatCount(totals.partitionsLoaded)} of ${formatCount(totals.partitions)}`,
          },
          { label: 'Rows at the source', value: formatCount(totals.sourceRows) },
          { label: 'Rows extracted', value: formatCount(totals.stagedRows) },
          { label: 'Rows loaded', value: formatCount(totals.loadedRows) },
          { label: 'Warnings', value: formatCount(totals.warnings) },
        ]}
      />
      {isNewest && (
        <div>
          <Button variant="default" onClick={() => goTo(isUnfinished ? 'migrate' : 'results')}>
            {isUnfinished ? 'Open the run' : 'Open the results'}
          </Button>
        </div>
      )}
      {!isNewest && <p>The results page shows the tables of this run: choose it there by its time.</p>}
    </SidePanel>
  );
}

function nextStep(steps: readonly StepStatus[]): StepId {
  return steps.find(({ state }) => state === 'waiting' || state === 'failed')?.id ?? 'source';
}

function runKey(run: RunSummary): string {
  return run.runId;
}

const RUN_COLUMNS: readonly GridColumn<RunSummary>[] = [
  {
    id: 'started',
    header: 'Begun',
    width: 190,
    grows: true,
    sortValue: (run) => run.startedAt,
    text: (run) => new Date(run.startedAt).toLocaleString(),
  },
  {
    id: 'state',
    header: 'State',
    width: 190,
    sortValue: (run) => RUN_STATE_LOOKS[run.state].label,
    text: (run) => RUN_STATE_LOOKS[run.state].label,
    render: (run) => <RunStateBadge state={run.state} plain />,
  },
  {
    id: 'tables',
    header: 'Tables',
    width: 104,
    align: 'right',
    sortValue: (run) => run.totals.tablesLoaded,
    text: (run) => `${formatCount(run.totals.tablesLoaded)} of ${formatCount(run.totals.tables)}`,
  },
  {
    id: 'rows',
    header: 'Rows loaded',
    width: 124,
    align: 'right',
    sortValue: (run) => run.totals.loadedRows,
    text: (run) => formatCount(run.totals.loadedRows),
  },
  {
    id: 'time',
    header: 'Working time',
    width: 128,
    align: 'right',
    sortValue: (run) => run.elapsedMs,
    text: (run) => formatDuration(run.elapsedMs),
  },
];
