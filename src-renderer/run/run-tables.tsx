import { IconTable } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { formatCount } from '#shared/format/count';
import { formatDuration } from '#shared/format/duration';
import { TABLE_STATES, type TableProgress } from '#shared/model/run';
import { tableLabel } from '#shared/model/table';
import { errorValueOf } from '../api/client.ts';
import { partitionsQuery } from '../api/run.ts';
import { DataGrid } from '../ui/data-grid.tsx';
import { EmptyState } from '../ui/empty-state.tsx';
import { ErrorCard } from '../ui/error-card.tsx';
import type { GridColumn } from '../ui/grid-column.ts';
import type { GridGrouping } from '../ui/grid-items.ts';
import { KeyFacts } from '../ui/key-facts.tsx';
import { Loading } from '../ui/loading.tsx';
import { SidePanel, SplitView } from '../ui/side-panel.tsx';
import { StatusBadge } from '../ui/status-badge.tsx';
import { PARTITION_STATE_LOOKS, TABLE_STATE_LOOKS } from '../ui/table-state.ts';
import { TwoToneBar } from '../ui/two-tone-bar.tsx';
import classes from './run.module.css';

/** The tables of a run by state, failures first, with the partitions of one beside them. */
export function RunTables({ runId, tables }: { runId: string; tables: readonly TableProgress[] }) {
  const [active, setActive] = useState<string | null>(null);
  const table = tables.find(({ id }) => id === active);
  return (
    <SplitView>
      <DataGrid
        label="Tables of the run"
        rows={tables}
        rowKey={progressKey}
        columns={RUN_COLUMNS}
        grouping={STATE_GROUPS}
        onActivate={(row) => setActive(row?.id ?? null)}
        empty={<EmptyState icon={<IconTable size={32} stroke={1.5} />} title="The run has no table" />}
      />
      {table !== undefined && (
        <SidePanel title={`${table.source.schema}.${table.source.name}`} onClose={() => setActive(null)}>
          <RunTableDetails runId={runId} table={table} />
        </SidePanel>
      )}
    </SplitView>
  );
}

/** What is known of one table of a run: error first, then numbers and partitions. */
export function RunTableDetails({ runId, table }: { runId: string; table: TableProgress }) {
  const partitions = useQuery({
    ...partitionsQuery(runId, table.id),
    refetchInterval: table.state === 'running' ? 2000 : false,
  });
  return (
    <>
      {table.error !== null && <ErrorCard error={table.error} />}
      <KeyFacts
        facts={[
          { label: 'Target', value: tableLabel(table.target) },
          { label: 'Rows at the source', value: formatCount(table.sourceRows) },
          { label: 'Rows unloaded', value: formatCount(table.stagedRows) },
          { label: 'Rows loaded', value: formatCount(table.loadedRows) },
          { label: 'Duration', value: formatDuration(table.elapsedMs) },
        ]}
      />
      {table.warnings.length > 0 && (
        <ul className={classes.list}>
          {table.warnings.map((warning) => (
            <li key={warning}>{warning}</li>
          ))}
        </ul>
      )}
      {table.leftOut.length > 0 && (
        <ul className={classes.list} aria-label="Columns that did not travel">
          {table.leftOut.map((column) => (
            <li key={column.sourceName}>
              {column.sourceName} ({column.nativeType}) does not travel: {column.reason}
            </li>
          ))}
        </ul>
      )}
      {partitions.error !== null && <ErrorCard error={errorValueOf(partitions.error)} />}
      {partitions.isPending && <Loading what="Reading the partitions" />}
      <ul className={classes.partitions} aria-label="Partitions">
        {partitions.data?.slice(0, MOST_PARTITIONS).map((partition) => (
          <li key={partition.id} className={classes.partition}>
            <StatusBadge {...PARTITION_STATE_LOOKS[partition.state]} plain />
            <span className={classes.partitionLabel}>{partition.label}</span>
            <span className={classes.number}>
              {partition.loadedRows === null ? '' : `${formatCount(partition.loadedRows)} rows`}
            </span>
            {partition.error !== null && <span className={classes.partitionError}>{partition.error.message}</span>}
          </li>
        ))}
      </ul>
      {(partitions.data?.length ?? 0) > MOST_PARTITIONS && (
        <p className={classes.none}>
          The first {MOST_PARTITIONS} of {formatCount(partitions.data?.length ?? 0)} partitions.
        </p>
      )}
    </>
  );
}

const MOST_PARTITIONS = 500;

function progressKey(table: TableProgress): string {
  return table.id;
}

/** Failures first, then what moves, then what waits, then what is over. */
const STATE_ORDER: readonly string[] = Object.keys(TABLE_STATE_LOOKS);
const STATE_GROUPS: GridGrouping<TableProgress> = {
  keyOf: (table) => table.state,
  labelOf: (key, rows) => {
    const state = TABLE_STATES.find((known) => known === key);
    return `${state === undefined ? key : TABLE_STATE_LOOKS[state].label} (${formatCount(rows.length)})`;
  },
  compare: (left, right) => STATE_ORDER.indexOf(left) - STATE_ORDER.indexOf(right),
};

const RUN_COLUMNS: readonly GridColumn<TableProgress>[] = [
  {
    id: 'source',
    header: 'Table',
    width: 170,
    grows: true,
    sortValue: (table) => tableLabel(table.source),
    text: (table) => `${table.source.schema}.${table.source.name}`,
  },
  {
    id: 'state',
    header: 'State',
    width: 140,
    sortValue: (table) => STATE_ORDER.indexOf(table.state),
    text: (table) => TABLE_STATE_LOOKS[table.state].label,
    render: (table) => <StatusBadge {...TABLE_STATE_LOOKS[table.state]} plain />,
  },
  {
    id: 'progress',
    header: 'Progress',
    width: 130,
    sortValue: (table) => table.partitionsLoaded / Math.max(1, table.partitionCount),
    text: (table) => `${table.partitionsLoaded} of ${table.partitionCount} partitions loaded`,
    render: (table) => (
      <TwoToneBar
        extracted={table.partitionsStaged}
        loaded={table.partitionsLoaded}
        total={table.partitionCount}
        label={`${table.partitionsLoaded} of ${table.partitionCount} partitions loaded`}
      />
    ),
  },
  {
    id: 'partitions',
    header: 'Partitions',
    width: 100,
    align: 'right',
    sortValue: (table) => table.partitionCount,
    text: (table) => `${formatCount(table.partitionsLoaded)} of ${formatCount(table.partitionCount)}`,
  },
  {
    id: 'rows',
    header: 'Rows loaded',
    width: 120,
    align: 'right',
    sortValue: (table) => table.loadedRows,
    text: (table) => (table.loadedRows === null ? '' : formatCount(table.loadedRows)),
  },
  {
    id: 'speed',
    header: 'Rows/s',
    width: 96,
    align: 'right',
    sortValue: speedOf,
    text: (table) => {
      const speed = speedOf(table);
      return speed === null ? '' : formatCount(speed);
    },
  },
  {
    id: 'error',
    header: 'First error',
    width: 220,
    sortValue: (table) => table.error?.title ?? null,
    text: (table) => table.error?.title ?? '',
  },
];

function speedOf({ loadedRows, elapsedMs }: TableProgress): number | null {
  return loadedRows === null || elapsedMs === null || elapsedMs <= 0
    ? null
    : Math.round((1000 * loadedRows) / elapsedMs);
}
