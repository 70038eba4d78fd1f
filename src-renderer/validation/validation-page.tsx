import { Button, Progress, SegmentedControl } from '@mantine/core';
import { IconChecklist } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useEffect, useMemo, useRef, useState } from 'react';
import { formatCount } from '#shared/format/count';
import { formatDuration } from '#shared/format/duration';
import { tableLabel } from '#shared/model/table';
import type { ValidationReport, ValidationResult } from '#shared/model/validation';
import { errorValueOf, isCancelled } from '../api/client.ts';
import { runsQuery } from '../api/run.ts';
import { useRunValidation, validationProgressQuery, validationQuery } from '../api/validation.ts';
import { DataGrid } from '../ui/data-grid.tsx';
import { EmptyState } from '../ui/empty-state.tsx';
import { ErrorCard } from '../ui/error-card.tsx';
import type { GridColumn } from '../ui/grid-column.ts';
import { KeyFacts } from '../ui/key-facts.tsx';
import { Loading } from '../ui/loading.tsx';
import { Notice } from '../ui/notice.tsx';
import { Page } from '../ui/page.tsx';
import { SidePanel, SplitView } from '../ui/side-panel.tsx';
import { StatTiles } from '../ui/stat-tiles.tsx';
import { StatusBadge, type StatusTone } from '../ui/status-badge.tsx';
import type { StepPageProps } from '../wizard/step-page.ts';
import { countByStatus, validationSentence } from './validation-sentence.ts';
import classes from './validation-page.module.css';

/** The page "Data validation": the row counts of both sides, asked for now. */
export function ValidationPage({ project, goBack }: StepPageProps) {
  const runs = useQuery(runsQuery(project.id));
  const runId = runs.data?.[0]?.runId ?? '';
  const latest = useQuery({ ...validationQuery(runId), enabled: runId !== '' });
  const progress = useQuery(validationProgressQuery(runId));
  const run = useRunValidation(runId);
  const controller = useRef<AbortController | null>(null);
  useEffect(() => () => controller.current?.abort(), []);
  const compare = () => {
    controller.current = new AbortController();
    run.mutate(controller.current.signal);
  };
  const { done, total } = progress.data ?? { done: 0, total: 0 };
  return (
    <Page
      title="Data validation"
      lead="The rows of every table are counted in the source and in Snowflake, as both are now."
      layout="full"
      back={goBack === undefined ? undefined : { onClick: goBack }}
      primary={{
        label: !latest.data ? 'Compare row counts' : 'Compare again',
        onClick: compare,
        isBusy: run.isPending,
        disabledReason: runId === '' ? 'There is no run to compare.' : null,
      }}
      secondary={
        run.isPending ? (
          <Button variant="default" onClick={() => controller.current?.abort()}>
            Cancel
          </Button>
        ) : undefined
      }
    >
      {runs.isError && <ErrorCard error={errorValueOf(runs.error)} onRetry={() => void runs.refetch()} />}
      {latest.isError && <ErrorCard error={errorValueOf(latest.error)} onRetry={() => void latest.refetch()} />}
      {run.error !== null && !isCancelled(run.error) && <ErrorCard error={errorValueOf(run.error)} onRetry={compare} />}
      {run.isPending && (
        <div className={classes.progress} role="status">
          <span>{total === 0 ? 'Counting rows' : `${formatCount(done)} of ${formatCount(total)} tables compared`}</span>
          <Progress value={total === 0 ? 0 : (100 * done) / total} aria-label="Tables compared" />
        </div>
      )}
      {latest.isPending && runId !== '' && <Loading what="Reading the newest comparison" />}
      {latest.data === null && !run.isPending && (
        <EmptyState icon={<IconChecklist size={40} stroke={1.5} />} title="Nothing has been compared yet">
          The comparison reads from both sides and changes nothing. Rows that were written after the migration show as
          differences.
        </EmptyState>
      )}
      {latest.data && <Report report={latest.data} />}
    </Page>
  );
}

function Report({ report }: { report: ValidationReport }) {
  const [active, setActive] = useState<string | null>(null);
  const result = report.results.find(({ id }) => id === active);
  const [shown, setShown] = useState<ValidationResult['status'] | 'all'>('all');
  const counts = useMemo(() => countByStatus(report.results), [report]);
  const filter = shown !== 'all' && counts[shown] === 0 ? 'all' : shown;
  const rows = useMemo(
    () => (filter === 'all' ? report.results : report.results.filter(({ status }) => status === filter)),
    [report, filter],
  );
  const sentence = validationSentence(report);
  const filters = STATUSES.filter((status) => counts[status] > 0);
  return (
    <>
      <StatTiles
        tiles={[
          { label: 'Equal', value: formatCount(counts.pass) },
          { label: 'Warnings', value: formatCount(counts.warning) },
          { label: 'Different', value: formatCount(counts.fail) },
          { label: 'Errors', value: formatCount(counts.error) },
          { label: 'Not compared', value: formatCount(counts['not-compared']) },
        ]}
      />
      <div role="status">
        <Notice tone={sentence.tone} title={sentence.title}>
          <p>{sentence.text}</p>
          <p className={classes.when}>
            Compared on {new Date(report.startedAt).toLocaleString()}, in {formatDuration(report.elapsedMs)}.
          </p>
        </Notice>
      </div>
      {filters.length > 1 && (
        <SegmentedControl
          aria-label="Outcomes to show"
          value={filter}
          onChange={setShown}
          data={[
            { value: 'all', label: `All (${formatCount(report.results.length)})` },
            ...filters.map((status) => ({
              value: status,
              label: `${STATUS_LOOKS[status].label} (${formatCount(counts[status])})`,
            })),
          ]}
          className={classes.filter}
        />
      )}
      <SplitView>
        <DataGrid
          label="Comparison"
          rows={rows}
          rowKey={resultKey}
          columns={COLUMNS}
          initialSort={{ columnId: 'status', direction: 'ascending' }}
          onActivate={(row) => setActive(row?.id ?? null)}
          empty={<EmptyState icon={<IconChecklist size={32} stroke={1.5} />} title="The run had no table to compare" />}
        />
        {result !== undefined && (
          <SidePanel title={`${result.source.schema}.${result.source.name}`} onClose={() => setActive(null)}>
            <KeyFacts
              facts={[
                { label: 'Check', value: result.check },
                { label: 'Source', value: tableLabel(result.source) },
                { label: 'Value in the source', value: valueText(result.sourceValue) },
                { label: 'Target', value: tableLabel(result.target) },
                { label: 'Value in Snowflake', value: valueText(result.targetValue) },
              ]}
            />
            {result.detail !== '' && result.error === null && <p className={classes.detail}>{result.detail}</p>}
            {result.error !== null && <ErrorCard error={result.error} />}
          </SidePanel>
        )}
      </SplitView>
    </>
  );
}

function resultKey(result: ValidationResult): string {
  return result.id;
}

/** Counts with separators; other values as they are; a dash where a side has none. */
function valueText(value: string | null): string {
  if (value === null) return '-';
  return /^\d{1,15}$/.test(value) ? formatCount(Number(value)) : value;
}

const STATUS_LOOKS = {
  fail: { tone: 'failed', label: 'Different' },
  error: { tone: 'failed', label: 'Could not compare' },
  warning: { tone: 'warning', label: 'Warning' },
  'not-compared': { tone: 'skipped', label: 'Not compared' },
  pass: { tone: 'ok', label: 'Equal' },
} as const satisfies Record<ValidationResult['status'], { tone: StatusTone; label: string }>;
const STATUSES = Object.keys(STATUS_LOOKS) as ValidationResult['status'][];
const STATUS_ORDER: readonly string[] = STATUSES;

const COLUMNS: readonly GridColumn<ValidationResult>[] = [
  {
    id: 'status',
    header: 'Outcome',
    width: 160,
    sortValue: (result) => STATUS_ORDER.indexOf(result.status),
    text: (result) => STATUS_LOOKS[result.status].label,
    render: (result) => <StatusBadge {...STATUS_LOOKS[result.status]} plain />,
  },
  {
    id: 'source',
    header: 'Table',
    width: 180,
    grows: true,
    sortValue: (result) => tableLabel(result.source),
    text: (result) => `${result.source.schema}.${result.source.name}`,
  },
  { id: 'check', header: 'Check', width: 120, sortValue: (result) => result.check, text: (result) => result.check },
  {
    id: 'sourceValue',
    header: 'Source',
    width: 130,
    align: 'right',
    sortValue: (result) => (result.sourceValue === null ? null : Number(result.sourceValue)),
    text: (result) => valueText(result.sourceValue),
  },
  {
    id: 'targetValue',
    header: 'Snowflake',
    width: 130,
    align: 'right',
    sortValue: (result) => (result.targetValue === null ? null : Number(result.targetValue)),
    text: (result) => valueText(result.targetValue),
  },
  { id: 'detail', header: 'Remark', width: 220, grows: true, text: (result) => result.detail },
];
