import { Button, Menu } from '@mantine/core';
import { IconChevronDown, IconDownload, IconRefresh, IconTable } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { formatBytes } from '#shared/format/bytes';
import { formatCount } from '#shared/format/count';
import { formatDuration } from '#shared/format/duration';
import type { RunSnapshot, RunSummary, TableProgress } from '#shared/model/run';
import { tableLabel } from '#shared/model/table';
import { errorValueOf } from '../api/client.ts';
import { runQuery, runsQuery, useExportRun, useRetryRun } from '../api/run.ts';
import { RunTableDetails } from '../run/run-table-details.tsx';
import { DataGrid } from '../ui/data-grid.tsx';
import { EmptyState } from '../ui/empty-state.tsx';
import { ErrorCard } from '../ui/error-card.tsx';
import { SelectField } from '../ui/fields.tsx';
import type { GridColumn } from '../ui/grid-column.ts';
import { Loading } from '../ui/loading.tsx';
import { Notice } from '../ui/notice.tsx';
import { Page } from '../ui/page.tsx';
import { RUN_STATE_LOOKS } from '../ui/run-state-badge.tsx';
import { SidePanel, SplitView } from '../ui/side-panel.tsx';
import { StatTiles } from '../ui/stat-tiles.tsx';
import { StatusBadge } from '../ui/status-badge.tsx';
import { TABLE_STATE_LOOKS } from '../ui/table-state.ts';
import type { StepPageProps } from '../wizard/step-page.ts';
import { resultSentence } from './result-sentence.ts';
import { RetryDialog, type RetryChoice } from './retry-dialog.tsx';

/** The page "Results": the newest run, or an earlier one that is chosen. */
export function ResultsPage({ project, goBack, goTo, goNext, steps }: StepPageProps) {
  const runs = useQuery(runsQuery(project.id));
  const [chosenId, setChosenId] = useState<string | null>(null);
  const newestId = runs.data?.[0]?.runId ?? '';
  const runId = chosenId ?? newestId;
  const run = useQuery({ ...runQuery(runId), enabled: runId !== '' });
  const validation = steps.find(({ id }) => id === 'validation');
  const snapshot = run.data;
  return (
    <Page
      title="Results"
      layout="full"
      headerSide={
        snapshot === undefined ? undefined : (
          <ResultActions
            key={snapshot.runId}
            snapshot={snapshot}
            isNewest={runId === newestId}
            onRestarted={() => goTo('migrate')}
          />
        )
      }
      back={goBack === undefined ? undefined : { onClick: goBack }}
      primary={
        validation === undefined
          ? undefined
          : {
              label: 'Go to data validation',
              onClick: goNext,
              disabledReason: validation.state === 'blocked' ? validation.reason : null,
            }
      }
    >
      {runs.isError && <ErrorCard error={errorValueOf(runs.error)} onRetry={() => void runs.refetch()} />}
      {runs.data !== undefined && <RunPicker runs={runs.data} runId={runId} onChange={setChosenId} />}
      {run.isError && <ErrorCard error={errorValueOf(run.error)} onRetry={() => void run.refetch()} />}
      {snapshot === undefined ? (
        <NoResults isEmpty={runs.data?.length === 0} isFailed={run.isError || runs.isError} />
      ) : (
        <Results key={snapshot.runId} snapshot={snapshot} onRestarted={() => goTo('migrate')} />
      )}
    </Page>
  );
}

function NoResults({ isEmpty, isFailed }: { isEmpty: boolean; isFailed: boolean }) {
  if (isFailed) return null;
  if (!isEmpty) return <Loading what="Reading the results" />;
  return (
    <EmptyState icon={<IconTable size={32} stroke={1.5} />} title="Nothing has been migrated yet">
      The results of a run appear here. Go back to Migrate and start one.
    </EmptyState>
  );
}

/** Chooses between the runs of the project; nothing to choose with one run. */
function RunPicker(props: { runs: readonly RunSummary[]; runId: string; onChange: (runId: string) => void }) {
  if (props.runs.length < 2) return null;
  return (
    <SelectField
      name="run"
      label="Run"
      value={props.runId}
      onChange={props.onChange}
      options={props.runs.map(({ runId, startedAt, state }, index) => ({
        value: runId,
        label: `${new Date(startedAt).toLocaleString()}, ${RUN_STATE_LOOKS[state].label.toLowerCase()}${index === 0 ? ' (newest)' : ''}`,
      }))}
    />
  );
}

function Results({ snapshot, onRestarted }: { snapshot: RunSnapshot; onRestarted: () => void }) {
  const [active, setActive] = useState<string | null>(null);
  const { totals } = snapshot;
  const sentence = resultSentence(snapshot);
  const table = snapshot.tables.find(({ id }) => id === active);
  return (
    <>
      <StatTiles
        tiles={[
          { label: 'Tables loaded', value: `${formatCount(totals.tablesLoaded)} of ${formatCount(totals.tables)}` },
          { label: 'Rows loaded', value: formatCount(totals.loadedRows) },
          { label: 'Staged', value: formatBytes(totals.stagedBytes) },
          { label: 'Duration', value: formatDuration(snapshot.elapsedMs) },
          { label: 'Failed', value: formatCount(totals.tablesFailed) },
          { label: 'Warnings', value: formatCount(totals.warnings) },
        ]}
      />
      <Notice tone={sentence.tone} title={sentence.title}>
        <p>{sentence.text}</p>
      </Notice>
      <SplitView>
        <DataGrid
          label="Results by table"
          rows={snapshot.tables}
          rowKey={resultKey}
          columns={RESULT_COLUMNS}
          initialSort={{ columnId: 'state', direction: 'ascending' }}
          onActivate={(row) => setActive(row?.id ?? null)}
          empty={<EmptyState icon={<IconTable size={32} stroke={1.5} />} title="The run had no table" />}
        />
        {table !== undefined && (
          <SidePanel title={`${table.source.schema}.${table.source.name}`} onClose={() => setActive(null)}>
            <RunTableDetails snapshot={snapshot} table={table} onRestarted={onRestarted} />
          </SidePanel>
        )}
      </SplitView>
    </>
  );
}

function ResultActions(props: { snapshot: RunSnapshot; isNewest: boolean; onRestarted: () => void }) {
  const { snapshot, isNewest, onRestarted } = props;
  const save = useExportRun(snapshot.runId);
  const retry = useRetryRun();
  const [isAsking, setAsking] = useState(false);
  // Not by a callback of `mutate`: a new run takes this one's place on the page, and callbacks end with their component.
  const restart = (choice: RetryChoice) =>
    void retry.mutateAsync({ runId: snapshot.runId, ...choice }).then(onRestarted, () => undefined);
  return (
    <>
      {save.error !== null && <span role="alert">{errorValueOf(save.error).message}</span>}
      <span role="status">{typeof save.data === 'string' ? `Saved to ${save.data}` : ''}</span>
      <Menu position="bottom-end">
        <Menu.Target>
          <Button
            variant="default"
            leftSection={<IconDownload size={16} aria-hidden />}
            rightSection={<IconChevronDown size={14} aria-hidden />}
          >
            Export
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item onClick={() => save.mutate('csv')}>As CSV</Menu.Item>
          <Menu.Item onClick={() => save.mutate('json')}>As JSON</Menu.Item>
        </Menu.Dropdown>
      </Menu>
      {isNewest && (
        <Button variant="default" leftSection={<IconRefresh size={16} aria-hidden />} onClick={() => setAsking(true)}>
          Retry data migration
        </Button>
      )}
      <RetryDialog
        isOpen={isAsking}
        failedCount={snapshot.totals.tables - snapshot.totals.tablesLoaded}
        tableCount={snapshot.totals.tables}
        isBusy={retry.isPending}
        error={retry.error}
        onCancel={() => {
          retry.reset();
          setAsking(false);
        }}
        onRetry={restart}
      />
    </>
  );
}

function resultKey(table: TableProgress): string {
  return table.id;
}

const STATE_ORDER: readonly string[] = Object.keys(TABLE_STATE_LOOKS);

const number = (id: 'sourceRows' | 'stagedRows' | 'loadedRows', header: string): GridColumn<TableProgress> => ({
  id,
  header,
  width: 124,
  align: 'right',
  sortValue: (table) => table[id],
  text: (table) => formatCount(table[id]),
});

const RESULT_COLUMNS: readonly GridColumn<TableProgress>[] = [
  {
    id: 'state',
    header: 'Outcome',
    width: 112,
    sortValue: (table) => STATE_ORDER.indexOf(table.state),
    text: (table) => TABLE_STATE_LOOKS[table.state].label,
    render: (table) => <StatusBadge {...TABLE_STATE_LOOKS[table.state]} plain />,
  },
  {
    id: 'source',
    header: 'Source',
    width: 140,
    grows: true,
    sortValue: (table) => tableLabel(table.source),
    text: (table) => `${table.source.schema}.${table.source.name}`,
  },
  number('sourceRows', 'Source rows'),
  number('stagedRows', 'Staged rows'),
  number('loadedRows', 'Loaded rows'),
  {
    id: 'error',
    header: 'Error or warning',
    width: 200,
    grows: true,
    sortValue: (table) => noteOf(table) || null,
    text: noteOf,
  },
  {
    id: 'bytes',
    header: 'Staged size',
    width: 120,
    align: 'right',
    sortValue: (table) => table.stagedBytes,
    text: (table) => formatBytes(table.stagedBytes),
  },
  {
    id: 'duration',
    header: 'Duration',
    width: 104,
    align: 'right',
    sortValue: (table) => table.elapsedMs,
    text: (table) => formatDuration(table.elapsedMs),
  },
];

function noteOf(table: TableProgress): string {
  if (table.error !== null && table.state !== 'loaded') return table.error.message;
  if (table.warnings.length > 0) return table.warnings.join(' ');
  return table.leftOut.map((column) => `${column.sourceName} does not travel.`).join(' ');
}
