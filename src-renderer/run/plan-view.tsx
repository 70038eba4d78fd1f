import { Button } from '@mantine/core';
import { IconAdjustments, IconRefresh, IconTable } from '@tabler/icons-react';
import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { formatBytes } from '#shared/format/bytes';
import { formatCount } from '#shared/format/count';
import type { MigrationPlan, TableTask } from '#shared/model/plan';
import type { RunSummary } from '#shared/model/run';
import { tableLabel } from '#shared/model/table';
import { errorValueOf, isCancelled } from '../api/client.ts';
import { useBuildPlan } from '../api/plan.ts';
import { useStartRun } from '../api/run.ts';
import { DataGrid } from '../ui/data-grid.tsx';
import { EmptyState } from '../ui/empty-state.tsx';
import { ErrorCard } from '../ui/error-card.tsx';
import { EXISTING_ROWS_LABELS } from '../ui/existing-rows.ts';
import type { GridColumn } from '../ui/grid-column.ts';
import { Loading } from '../ui/loading.tsx';
import { Notice } from '../ui/notice.tsx';
import { Page } from '../ui/page.tsx';
import { SplitView } from '../ui/side-panel.tsx';
import { StatTiles } from '../ui/stat-tiles.tsx';
import { StatusBadge } from '../ui/status-badge.tsx';
import type { StepPageProps } from '../wizard/step-page.ts';
import { BlockedNotice } from './blocked-notice.tsx';
import { PlanPanel } from './plan-panel.tsx';
import { RunOptionsDialog } from './run-options-dialog.tsx';
import { startLabel } from './run-sentences.ts';
import classes from './run.module.css';

/** What a run would do, to read before it starts. Made anew whenever the page opens, so that it fits source and target as they are. */
export function PlanView(props: StepPageProps & { lastRun: RunSummary | null; onStarted: (runId: string) => void }) {
  const { project, goBack, lastRun } = props;
  const build = useBuildPlan(project.id);
  const start = useStartRun();
  const controller = useRef<AbortController | null>(null);
  const { mutate } = build;
  const make = useCallback(() => {
    controller.current?.abort();
    controller.current = new AbortController();
    mutate(controller.current.signal);
  }, [mutate]);
  useEffect(() => {
    make();
    return () => controller.current?.abort();
  }, [make]);
  const [isChoosing, setChoosing] = useState(false);
  const plan = build.data;
  const runnable = plan?.tables.filter((table) => table.blocked === null).length ?? 0;
  const begin = () =>
    plan !== undefined && start.mutate(plan.id, { onSuccess: (snapshot) => props.onStarted(snapshot.runId) });
  return (
    <Page
      title="Migrate"
      lead="This is the plan. Nothing is read or written before it is started."
      layout="full"
      headerSide={
        <>
          <Button
            variant="default"
            leftSection={<IconAdjustments size={16} aria-hidden />}
            onClick={() => setChoosing(true)}
          >
            Options
          </Button>
          <Button
            variant="default"
            leftSection={<IconRefresh size={16} aria-hidden />}
            onClick={make}
            disabled={build.isPending}
          >
            Make the plan again
          </Button>
        </>
      }
      back={goBack === undefined ? undefined : { onClick: goBack }}
      primary={{
        label: startLabel(runnable, plan?.tables.length ?? runnable),
        onClick: begin,
        isBusy: start.isPending,
        disabledReason: reasonAgainst(plan, runnable),
      }}
    >
      <RunOptionsDialog
        isOpen={isChoosing}
        project={project}
        onClose={() => setChoosing(false)}
        onSaved={() => {
          setChoosing(false);
          make();
        }}
      />
      {lastRun !== null && (
        <Notice tone="waiting">
          <p>
            A run of {new Date(lastRun.startedAt).toLocaleString()} is on the results page. To repeat only its failed
            tables, use Retry data migration there.
          </p>
        </Notice>
      )}
      {build.error !== null && !isCancelled(build.error) && (
        <ErrorCard error={errorValueOf(build.error)} onRetry={make} />
      )}
      {start.error !== null && (
        <ErrorCard error={errorValueOf(start.error)} onRetry={make} retryLabel="Make the plan again" />
      )}
      {build.isPending && (
        <Loading what="Reading tables and targets, and making the plan" onCancel={() => controller.current?.abort()} />
      )}
      {build.error !== null && isCancelled(build.error) && (
        <EmptyState icon={<IconTable size={32} stroke={1.5} />} title="The plan was not made">
          Making it was cancelled. Nothing was changed. Use Make the plan again to go on.
        </EmptyState>
      )}
      {plan !== undefined && (
        <>
          <BlockedNotice tables={plan.tables} goTo={props.goTo} />
          <PlanContent plan={plan} goTo={props.goTo} />
        </>
      )}
    </Page>
  );
}

/** A plan as grid with the details of one table. */
export function PlanContent({ plan, goTo }: { plan: MigrationPlan; goTo?: StepPageProps['goTo'] }) {
  const [active, setActive] = useState<string | null>(null);
  const table = plan.tables.find(({ id }) => id === active);
  const totals = useMemo(() => totalsOf(plan), [plan]);
  return (
    <>
      <StatTiles
        tiles={[
          {
            label: 'Tables',
            value: formatCount(plan.tables.length),
            note: totals.blocked === 0 ? undefined : `${formatCount(totals.blocked)} cannot run`,
          },
          { label: 'Partitions', value: formatCount(totals.partitions) },
          { label: 'Rows (estimate)', value: formatCount(totals.rows) },
          { label: 'Size (estimate)', value: formatBytes(totals.bytes) },
          { label: 'Tables to create', value: formatCount(totals.created) },
        ]}
      />
      {plan.remarks.length > 0 && (
        <Notice tone="waiting" title="Before the start">
          <ul className={classes.list}>
            {plan.remarks.map((remark) => (
              <li key={remark}>{remark}</li>
            ))}
          </ul>
        </Notice>
      )}
      <SplitView>
        <DataGrid
          label="Tables of the plan"
          rows={plan.tables}
          rowKey={taskKey}
          columns={PLAN_COLUMNS}
          initialSort={{ columnId: 'state', direction: 'ascending' }}
          onActivate={(row) => setActive(row?.id ?? null)}
          empty={
            <EmptyState icon={<IconTable size={32} stroke={1.5} />} title="The plan has no table">
              Go back and select at least one table.
            </EmptyState>
          }
        />
        {table !== undefined && (
          <PlanPanel key={table.id} plan={plan} table={table} goTo={goTo} onClose={() => setActive(null)} />
        )}
      </SplitView>
    </>
  );
}

function reasonAgainst(plan: MigrationPlan | undefined, runnable: number): string | null {
  if (plan === undefined) return 'The plan is not ready yet.';
  return runnable === 0 ? 'No table of the plan can run.' : null;
}

function totalsOf({ tables }: MigrationPlan) {
  const sum = (values: (number | null)[]) =>
    values.every((value) => value === null) ? null : values.reduce<number>((total, value) => total + (value ?? 0), 0);
  return {
    partitions: tables.reduce((total, table) => total + table.partitions.length, 0),
    rows: sum(tables.map((table) => table.expectedRows)),
    bytes: sum(tables.map((table) => table.expectedBytes)),
    created: tables.filter((table) => table.targetState === 'missing').length,
    blocked: tables.filter((table) => table.blocked !== null).length,
  };
}

function taskKey(task: TableTask): string {
  return task.id;
}

function stateOf(task: TableTask): { tone: 'failed' | 'warning' | 'ok'; label: string } {
  if (task.blocked !== null) return { tone: 'failed', label: 'Cannot run' };
  const needsCare = task.leftOut.length > 0 || task.differences.length > 0;
  return needsCare ? { tone: 'warning', label: 'Read the notes' } : { tone: 'ok', label: 'Ready' };
}

const PLAN_COLUMNS: readonly GridColumn<TableTask>[] = [
  {
    id: 'state',
    header: 'State',
    width: 150,
    sortValue: (task) => ['failed', 'warning', 'ok'].indexOf(stateOf(task).tone),
    text: (task) => stateOf(task).label,
    render: (task) => <StatusBadge {...stateOf(task)} plain />,
  },
  {
    id: 'source',
    header: 'Source',
    width: 180,
    grows: true,
    sortValue: (task) => tableLabel(task.source),
    text: (task) => tableLabel(task.source),
  },
  {
    id: 'target',
    header: 'Target',
    width: 180,
    grows: true,
    sortValue: (task) => tableLabel(task.target),
    text: (task) => tableLabel(task.target),
  },
  {
    id: 'create',
    header: 'Target table',
    width: 130,
    sortValue: (task) => task.targetState,
    text: (task) =>
      task.targetState === 'missing' ? 'Is created' : (EXISTING_ROWS_LABELS[task.existingRows].split(':')[0] ?? ''),
  },
  {
    id: 'partitions',
    header: 'Partitions',
    width: 104,
    align: 'right',
    sortValue: (task) => task.partitions.length,
    text: (task) => formatCount(task.partitions.length),
  },
  {
    id: 'rows',
    header: 'Rows (est.)',
    width: 116,
    align: 'right',
    sortValue: (task) => task.expectedRows,
    text: (task) => formatCount(task.expectedRows),
  },
  {
    id: 'bytes',
    header: 'Size (est.)',
    width: 104,
    align: 'right',
    sortValue: (task) => task.expectedBytes,
    text: (task) => formatBytes(task.expectedBytes),
  },
];
