import { formatBytes } from '#shared/format/bytes';
import { formatCount } from '#shared/format/count';
import { tableLabel } from '#shared/model/table';
import type { GridColumn } from '../../ui/grid-column.ts';
import type { GridGrouping } from '../../ui/grid-items.ts';
import { StatusBadge, type StatusTone } from '../../ui/status-badge.tsx';
import { targetState, type TableRow, type TargetState } from './table-row.ts';

export const TABLE_COLUMNS: readonly GridColumn<TableRow>[] = [
  {
    id: 'name',
    header: 'Table',
    width: 136,
    grows: true,
    sortValue: ({ summary }) => summary.ref.name,
    text: ({ summary }) => summary.ref.name,
  },
  {
    id: 'rows',
    header: 'Rows (est.)',
    width: 116,
    align: 'right',
    sortValue: ({ summary }) => summary.rowEstimate,
    text: ({ summary }) => formatCount(summary.rowEstimate),
  },
  {
    id: 'size',
    header: 'Size (est.)',
    width: 112,
    align: 'right',
    sortValue: ({ summary }) => summary.byteEstimate,
    text: ({ summary }) => formatBytes(summary.byteEstimate),
  },
  {
    id: 'state',
    header: 'Target',
    width: 156,
    sortValue: (row) => STATE_LOOKS[targetState(row)].label,
    text: (row) => STATE_LOOKS[targetState(row)].label,
    render: (row) => {
      const { tone, label } = STATE_LOOKS[targetState(row)];
      return tone === null ? label : <StatusBadge tone={tone} label={label} plain />;
    },
  },
  {
    id: 'target',
    header: 'Target table',
    width: 180,
    grows: true,
    sortValue: ({ target }) => (target === null ? null : tableLabel(target.target)),
    text: ({ target }) => (target === null ? '' : tableLabel(target.target)),
  },
  {
    id: 'targetRows',
    header: 'Rows there',
    width: 110,
    align: 'right',
    sortValue: ({ target }) => target?.targetRows ?? null,
    text: ({ target }) => (target === null || target.state === 'missing' ? '' : formatCount(target.targetRows)),
  },
  {
    id: 'care',
    header: 'Needs care',
    width: 140,
    sortValue: ({ summary }) => summary.careTypes.join(', ') || null,
    text: ({ summary }) => summary.careTypes.join(', '),
  },
];

export const SCHEMA_GROUPS: GridGrouping<TableRow> = {
  keyOf: ({ summary }) => summary.ref.schema,
  labelOf: (schema, rows) => `${schema} (${formatCount(rows.length)})`,
};

const STATE_LOOKS = {
  exists: { tone: 'ok', label: 'Exists' },
  missing: { tone: 'waiting', label: 'Will be created' },
  differs: { tone: 'warning', label: 'Columns differ' },
  blocked: { tone: 'failed', label: 'Does not fit' },
  unknown: { tone: null, label: '' },
} as const satisfies Record<TargetState, { tone: StatusTone | null; label: string }>;
