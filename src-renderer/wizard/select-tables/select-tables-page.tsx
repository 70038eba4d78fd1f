import { Button, Chip, TextInput } from '@mantine/core';
import { IconRefresh, IconSearch, IconTable } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import type { Project, TableSelection } from '#shared/model/project';
import { tableKey } from '#shared/model/table';
import { errorValueOf } from '../../api/client.ts';
import { useUpdateProject } from '../../api/projects.ts';
import { sourceTablesQuery } from '../../api/source.ts';
import { tableTargetsQuery } from '../../api/tables.ts';
import { DataGrid } from '../../ui/data-grid.tsx';
import { EmptyState } from '../../ui/empty-state.tsx';
import { ErrorCard } from '../../ui/error-card.tsx';
import { LiveRegion } from '../../ui/live-region.tsx';
import { Loading } from '../../ui/loading.tsx';
import { Page } from '../../ui/page.tsx';
import type { StepPageProps } from '../step-page.ts';
import { filterTables, type TableFilter } from './filter-tables.ts';
import { changeTable, selectTables, selectionSummary, tablesNotListed } from './selection.ts';
import { SCHEMA_GROUPS, TABLE_COLUMNS } from './table-columns.tsx';
import { TablePanel } from './table-panel.tsx';
import { buildTableRows, shortName, type TableRow } from './table-row.ts';
import { TargetRuleBar } from './target-rule-bar.tsx';
import classes from './select-tables.module.css';

/** The page "Select tables to migrate data". */
export function SelectTablesPage({ project, goBack, goNext }: StepPageProps) {
  const tables = useQuery(sourceTablesQuery(project.id));
  const refs = useMemo(() => tables.data?.map(({ ref }) => ref) ?? [], [tables.data]);
  const basis = useMemo(() => targetBasis(project), [project]);
  const targets = useQuery({
    ...tableTargetsQuery(project.id, refs, basis),
    enabled: refs.length > 0,
    placeholderData: (known) => known,
  });
  const rows = useMemo(() => buildTableRows(tables.data ?? [], targets.data ?? []), [tables.data, targets.data]);
  const { selection, setSelection, save, isSaving } = useSelection(project);
  const [saveError, setSaveError] = useState<unknown>(null);
  const proceed = () => void save().then(goNext, setSaveError);
  const [text, setText] = useState('');
  const [filters, setFilters] = useState<ReadonlySet<TableFilter>>(new Set());
  const [active, setActive] = useState<string | null>(null);
  const shown = useMemo(() => filterTables(rows, text, filters), [rows, text, filters]);
  const selected = useMemo(() => new Set(selection.map(({ source }) => tableKey(source))), [selection]);
  const activeRow = rows.find((row) => row.key === active) ?? null;
  const gone = useMemo(
    () => (tables.isSuccess ? tablesNotListed(selection, rows) : []),
    [tables.isSuccess, selection, rows],
  );
  const summary = useMemo(() => selectionSummary(rows, selected), [rows, selected]);
  return (
    <Page
      title="Select tables to migrate data"
      layout="full"
      headerSide={
        <Button
          variant="default"
          leftSection={<IconRefresh size={16} aria-hidden />}
          loading={tables.isFetching || targets.isFetching}
          onClick={() => void tables.refetch().then(() => targets.refetch())}
        >
          Refresh
        </Button>
      }
      back={goBack === undefined ? undefined : { onClick: goBack }}
      primary={{
        label: 'Continue',
        onClick: proceed,
        isBusy: isSaving,
        disabledReason: selection.length === 0 ? 'Select at least one table.' : null,
      }}
      secondary={<span className={classes.summary}>{summary}</span>}
    >
      <TargetRuleBar project={project} />
      <FilterBar text={text} onText={setText} filters={filters} onFilters={setFilters} />
      <LiveRegion text={`${shown.length} tables are shown. ${summary} are selected.`} />
      {saveError !== null && <ErrorCard error={errorValueOf(saveError)} onRetry={proceed} />}
      {tables.isError && <ErrorCard error={errorValueOf(tables.error)} onRetry={() => void tables.refetch()} />}
      {targets.isError && <ErrorCard error={errorValueOf(targets.error)} onRetry={() => void targets.refetch()} />}
      {gone.length > 0 && (
        <GoneTables gone={gone} onRemove={() => setSelection(selection.filter((each) => !gone.includes(each)))} />
      )}
      {tables.isPending ? (
        <Loading what="Reading the list of tables" onCancel={goBack} />
      ) : (
        <div className={classes.split}>
          <DataGrid
            label="Tables"
            rows={shown}
            rowKey={rowKey}
            columns={TABLE_COLUMNS}
            grouping={SCHEMA_GROUPS}
            initialSort={{ columnId: 'name', direction: 'ascending' }}
            selection={{ selected, onChange: (keys) => setSelection(selectTables(selection, keys, rows)) }}
            onActivate={(row) => setActive(row?.key ?? null)}
            empty={<NoTables hasTables={rows.length > 0} onClear={() => (setText(''), setFilters(new Set()))} />}
          />
          {activeRow !== null && (
            <TablePanel
              key={activeRow.key}
              project={project}
              row={activeRow}
              selection={selection.find(({ source }) => tableKey(source) === activeRow.key) ?? null}
              onChange={(change) => setSelection(changeTable(selection, activeRow.key, change))}
              onClose={() => setActive(null)}
            />
          )}
        </div>
      )}
    </Page>
  );
}

/** What the state of the targets depends on besides the tables of the source. */
function targetBasis({ targetRule, options, selection }: Project): string {
  const decided = selection.filter(
    ({ target, columns, typeMappings }) => target !== null || columns.length + typeMappings.length > 0,
  );
  return JSON.stringify([targetRule, options.createMissingTargets, decided]);
}

const SAVE_AFTER_MS = 400;

/** The selection as it is on the page; saved a moment after the last change, when the page is left, and before it goes on. */
function useSelection(project: Project) {
  const { mutateAsync, isPending } = useUpdateProject(project.id);
  // What was chosen here stays the page's own: the saved project may show it a moment later, and fields must not begin anew in between.
  const [chosen, setChosen] = useState<readonly TableSelection[] | null>(null);
  const latest = useRef<readonly TableSelection[] | null>(null);
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  /** Changes of a project are made one after the other: when this one is through, so are those that were begun before it. */
  const save = useCallback(async () => {
    clearTimeout(timer.current);
    const kept = latest.current;
    latest.current = null;
    try {
      await mutateAsync(() => (kept === null ? {} : { selection: [...kept] }));
    } catch (error) {
      latest.current ??= kept;
      throw error;
    }
  }, [mutateAsync]);
  const saveQuietly = useCallback(() => {
    if (latest.current !== null) void save().catch(() => undefined);
  }, [save]);
  useEffect(() => {
    window.addEventListener('pagehide', saveQuietly);
    return () => {
      window.removeEventListener('pagehide', saveQuietly);
      saveQuietly();
    };
  }, [saveQuietly]);
  const setSelection = (next: readonly TableSelection[]) => {
    setChosen(next);
    latest.current = next;
    clearTimeout(timer.current);
    timer.current = setTimeout(saveQuietly, SAVE_AFTER_MS);
  };
  return { selection: chosen ?? project.selection, setSelection, save, isSaving: isPending };
}

function FilterBar(props: {
  text: string;
  onText: (text: string) => void;
  filters: ReadonlySet<TableFilter>;
  onFilters: (filters: ReadonlySet<TableFilter>) => void;
}) {
  return (
    <div className={classes.filters} role="search">
      <TextInput
        aria-label="Search tables"
        placeholder="Search: orders, sales.*, rows>1m"
        leftSection={<IconSearch size={16} aria-hidden />}
        value={props.text}
        onChange={(event) => props.onText(event.currentTarget.value)}
        className={classes.search}
        spellCheck={false}
      />
      <Chip.Group
        multiple
        value={[...props.filters]}
        onChange={(values) =>
          props.onFilters(new Set(FILTERS.flatMap(({ value }) => (values.includes(value) ? [value] : []))))
        }
      >
        <div className={classes.chips}>
          {FILTERS.map(({ value, label }) => (
            <Chip key={value} value={value} size="xs" variant="outline">
              {label}
            </Chip>
          ))}
        </div>
      </Chip.Group>
    </div>
  );
}

function GoneTables({ gone, onRemove }: { gone: readonly TableSelection[]; onRemove: () => void }) {
  return (
    <div className={classes.gone} role="status">
      <span>
        Selected, but no longer in the source:{' '}
        {gone
          .slice(0, 5)
          .map(({ source }) => shortName(source))
          .join(', ')}
        {gone.length > 5 ? ` and ${gone.length - 5} more` : ''}.
      </span>
      <Button size="compact-sm" variant="default" onClick={onRemove}>
        Take them out
      </Button>
    </div>
  );
}

function NoTables({ hasTables, onClear }: { hasTables: boolean; onClear: () => void }) {
  if (hasTables) {
    return (
      <EmptyState
        icon={<IconTable size={32} stroke={1.5} />}
        title="No table fits the search"
        action={
          <Button variant="default" size="xs" onClick={onClear}>
            Show all tables
          </Button>
        }
      />
    );
  }
  return (
    <EmptyState icon={<IconTable size={32} stroke={1.5} />} title="The source shows no table">
      The user may need USAGE on the schemas and SELECT on the tables. The page of the source connection shows the
      statements.
    </EmptyState>
  );
}

function rowKey(row: TableRow): string {
  return row.key;
}

const FILTERS = [
  { value: 'has-target', label: 'Has a target' },
  { value: 'missing-target', label: 'Target missing' },
  { value: 'differs', label: 'Target differs' },
  { value: 'empty', label: 'Empty' },
  { value: 'big', label: 'Over 100 GB' },
  { value: 'care', label: 'Types that need care' },
] as const satisfies readonly { value: TableFilter; label: string }[];
