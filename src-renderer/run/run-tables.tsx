import { IconTable } from '@tabler/icons-react';
import { useState } from 'react';
import { formatCount } from '#shared/format/count';
import type { RunSnapshot, TableProgress } from '#shared/model/run';
import { tableLabel } from '#shared/model/table';
import { DataGrid } from '../ui/data-grid.tsx';
import { EmptyState } from '../ui/empty-state.tsx';
import type { GridColumn } from '../ui/grid-column.ts';
import type { GridGrouping } from '../ui/grid-items.ts';
import { SidePanel, SplitView } from '../ui/side-panel.tsx';
import { StatusBadge } from '../ui/status-badge.tsx';
import { SHOWN_TABLE_LOOKS, SHOWN_TABLE_STATES, shownTableState } from '../ui/table-state.ts';
import { TwoToneBar } from '../ui/two-tone-bar.tsx';
import { RunTableDetails } from './run-table-details.tsx';

/** The tables of a run by state, failures first, with the partitions of one beside them. */
export function RunTables({ snapshot }: { snapshot: RunSnapshot }) {
  const [active, setActive] = useState<string | null>(null);
  const table = snapshot.tables.find(({ id }) => id === active);
  return (
    <SplitView>
      <DataGrid
        label="Tables of the run"
        rows={snapshot.tables}
        rowKey={progressKey}
        columns={RUN_COLUMNS}
        grouping={STATE_GROUPS}
        onActivate={(row) => setActive(row?.id ?? null)}
        empty={<EmptyState icon={<IconTable size={32} stroke={1.5} />} title="The run has no table" />}
      />
      {table !== undefined && (
        <SidePanel title={`${table.source.schema}.${table.source.name}`} onClose={() => setActive(null)}>
          <RunTableDetails snapshot={snapshot} table={table} />
        </SidePanel>
      )}
    </SplitView>
  );
}

function progressKey(table: TableProgress): string {
  return table.id;
}

const STATE_GROUPS: GridGrouping<TableProgress> = {
  keyOf: shownTableState,
  labelOf: (key, rows) => {
    const state = SHOWN_TABLE_STATES.find((known) => known === key);
    return `${state === undefined ? key : SHOWN_TABLE_LOOKS[state].label} (${formatCount(rows.length)})`;
  },
  compare: (left, right) => orderOf(left) - orderOf(right),
};

function orderOf(state: string): number {
  return SHOWN_TABLE_STATES.findIndex((known) => known === state);
}

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
    sortValue: (table) => orderOf(shownTableState(table)),
    text: (table) => SHOWN_TABLE_LOOKS[shownTableState(table)].label,
    render: (table) => <StatusBadge {...SHOWN_TABLE_LOOKS[shownTableState(table)]} plain />,
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
