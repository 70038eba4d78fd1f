import { useVirtualizer } from '@tanstack/react-virtual';
import { IconChevronRight } from '@tabler/icons-react';
import {
  useEffect,
  useId,
  useMemo,
  useRef,
  useState,
  type CSSProperties,
  type KeyboardEvent,
  type MouseEvent,
  type ReactNode,
} from 'react';
import { CheckMark } from './check-mark.tsx';
import { copyText } from './copy-text.ts';
import { DataGridHeader } from './data-grid-header.tsx';
import { buildGridItems, sortRows, toTsv, type GridGrouping, type GridItem, type GridSort } from './grid-items.ts';
import type { GridColumn } from './grid-column.ts';
import { extendTo, moveCursor, NO_CURSOR, toggleAll, toggleRow, type GridMove } from './grid-selection.ts';
import classes from './data-grid.module.css';

export interface DataGridProps<Row> {
  /** What the rows are, for screen readers: "Tables". */
  label: string;
  rows: readonly Row[];
  rowKey: (row: Row) => string;
  columns: readonly GridColumn<Row>[];
  /** Shows check boxes; `rows` are what is filtered, keys outside of them stay selected. */
  selection?: { selected: ReadonlySet<string>; onChange: (selected: ReadonlySet<string>) => void };
  /** Called when the active row changes (arrows, click). */
  onActivate?: (row: Row | null) => void;
  /** Enter or a double click. */
  onOpen?: (row: Row) => void;
  initialSort?: GridSort;
  /** Headings between rows; each can be closed. Give a constant, not a new object on every render. */
  grouping?: GridGrouping<Row>;
  rowHeight?: number;
  /** Shown when there are no rows. */
  empty: ReactNode;
  /** Fixed height in pixels; fills its parent when left out. */
  height?: number;
}

/**
 * A virtualised grid: sticky header, sortable, resizable, keyboard (arrows, page keys, Home and End; space selects, shift extends, Ctrl+A selects what is
 * filtered, Ctrl+C copies tab-separated text, Enter opens). 10,000 rows stay smooth. Put it in a flex column that has a height.
 */
export function DataGrid<Row>(props: DataGridProps<Row>) {
  const { rows, rowKey, columns, selection, rowHeight = 36 } = props;
  const id = useId();
  const scroller = useRef<HTMLDivElement>(null);
  const [sort, setSort] = useState<GridSort | null>(props.initialSort ?? null);
  const [widths, setWidths] = useState<Readonly<Record<string, number>>>({});
  const [closedGroups, setClosedGroups] = useState<ReadonlySet<string>>(new Set());
  const [cursor, setCursor] = useState(NO_CURSOR);

  const sorted = useMemo(() => {
    const valueOf = columns.find((column) => column.id === sort?.columnId)?.sortValue;
    return sort === null || valueOf === undefined ? rows : sortRows(rows, valueOf, sort.direction);
  }, [rows, columns, sort]);
  const items = useMemo(
    () => buildGridItems(sorted, rowKey, props.grouping, closedGroups),
    [sorted, rowKey, props.grouping, closedGroups],
  );
  const keys = useMemo(() => items.flatMap((item) => (item.kind === 'row' ? [item.key] : [])), [items]);
  const indexByKey = useMemo(
    () => new Map(items.flatMap((item, index) => (item.kind === 'row' ? [[item.key, index] as const] : []))),
    [items],
  );
  const virtualizer = useVirtualizer({
    count: items.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    overscan: 12,
    scrollPaddingStart: HEADER_HEIGHT,
  });

  const template = gridTemplate(columns, widths, selection !== undefined);
  const selected = selection?.selected ?? NOTHING;
  const activeIndex = cursor.activeKey === null ? undefined : indexByKey.get(cursor.activeKey);
  const rowOf = (key: string | null): Row | null => {
    const item = key === null ? undefined : items[indexByKey.get(key) ?? -1];
    return item?.kind === 'row' ? item.row : null;
  };
  const apply = (move: GridMove) => {
    setCursor(move.cursor);
    if (selection !== undefined && move.selected !== selected) selection.onChange(move.selected);
    if (move.cursor.activeKey !== cursor.activeKey) {
      props.onActivate?.(rowOf(move.cursor.activeKey));
      const index = move.cursor.activeKey === null ? undefined : indexByKey.get(move.cursor.activeKey);
      if (index !== undefined) virtualizer.scrollToIndex(index, { align: 'auto' });
    }
  };
  const copyRows = () => {
    const chosen = sorted.filter((row) => selected.has(rowKey(row)));
    const active = rowOf(cursor.activeKey);
    const copied = chosen.length > 0 ? chosen : active === null ? sorted : [active];
    void copyText(
      toTsv([
        columns.map((column) => column.header),
        ...copied.map((row) => columns.map((column) => column.text(row))),
      ]),
    );
  };
  const onKeyDown = (event: KeyboardEvent<HTMLDivElement>) => {
    if (event.target !== event.currentTarget) return;
    const from: GridMove = { cursor, selected };
    const page = Math.max(1, Math.floor((scroller.current?.clientHeight ?? 400) / rowHeight) - 2);
    const step = STEPS[event.key]?.(page, keys.length);
    const isCommand = event.ctrlKey || event.metaKey;
    if (step !== undefined) apply(moveCursor(keys, from, { step, extend: event.shiftKey && selection !== undefined }));
    else if (event.key === ' ' && selection !== undefined && cursor.activeKey !== null)
      apply(toggleRow(from, cursor.activeKey));
    else if (event.key === 'Enter') {
      const row = rowOf(cursor.activeKey);
      if (row !== null) props.onOpen?.(row);
    } else if (isCommand && event.key.toLowerCase() === 'a' && selection !== undefined) {
      apply(toggleAll(from, rows.map(rowKey)));
    } else if (isCommand && event.key.toLowerCase() === 'c') copyRows();
    else return;
    event.preventDefault();
  };
  const onRowClick = (key: string, event: MouseEvent) => {
    const from: GridMove = { cursor, selected };
    if (event.shiftKey && selection !== undefined) apply(extendTo(keys, from, key));
    else if (selection !== undefined && (event.ctrlKey || event.metaKey || isOnCheckbox(event)))
      apply(toggleRow(from, key));
    else apply({ cursor: { activeKey: key, anchorKey: key, base: selected }, selected });
  };
  const toggleGroup = (key: string) => {
    const closed = new Set(closedGroups);
    if (!closed.delete(key)) closed.add(key);
    setClosedGroups(closed);
  };
  useEffect(() => {
    if (cursor.activeKey !== null && !indexByKey.has(cursor.activeKey)) setCursor(NO_CURSOR);
  }, [cursor.activeKey, indexByKey]);

  return (
    <div
      className={classes.frame}
      style={frameStyle({ columns, widths, hasSelection: selection !== undefined, height: props.height })}
    >
      <div
        ref={scroller}
        className={classes.scroller}
        role="grid"
        tabIndex={0}
        aria-label={props.label}
        aria-rowcount={items.length + 1}
        aria-colcount={columns.length + (selection === undefined ? 0 : 1)}
        aria-multiselectable={selection === undefined ? undefined : true}
        aria-activedescendant={activeIndex === undefined ? undefined : `${id}-${activeIndex}`}
        onKeyDown={onKeyDown}
      >
        <DataGridHeader
          columns={columns}
          template={template}
          sort={sort}
          onSort={setSort}
          widths={widths}
          onWidths={setWidths}
          allState={selection === undefined ? null : allState(rows, rowKey, selected)}
          onToggleAll={() => apply(toggleAll({ cursor, selected }, rows.map(rowKey)))}
        />
        <div role="rowgroup" className={classes.body} style={{ height: virtualizer.getTotalSize() }}>
          {virtualizer.getVirtualItems().map((virtual) => {
            const item = items[virtual.index];
            if (item === undefined) return null;
            const shared = {
              id: `${id}-${virtual.index}`,
              'aria-rowindex': virtual.index + 2,
              style: { transform: `translateY(${virtual.start}px)`, height: rowHeight, gridTemplateColumns: template },
            };
            if (item.kind === 'group') {
              return (
                <GroupRow
                  key={`group ${item.key}`}
                  item={item}
                  shared={shared}
                  onToggle={() => toggleGroup(item.key)}
                />
              );
            }
            return (
              <div
                key={item.key}
                {...shared}
                role="row"
                className={classes.row}
                aria-selected={selection === undefined ? undefined : selected.has(item.key)}
                data-active={virtual.index === activeIndex}
                data-selected={selected.has(item.key)}
                onClick={(event) => onRowClick(item.key, event)}
                onDoubleClick={() => props.onOpen?.(item.row)}
              >
                {selection !== undefined && (
                  <div role="gridcell" className={classes.check} data-checkbox>
                    <CheckMark state={selected.has(item.key) ? 'all' : 'none'} />
                  </div>
                )}
                {columns.map((column) => (
                  <div
                    key={column.id}
                    role="gridcell"
                    className={classes.cell}
                    data-align={column.align ?? 'left'}
                    title={column.text(item.row)}
                  >
                    {column.render === undefined ? column.text(item.row) : column.render(item.row)}
                  </div>
                ))}
              </div>
            );
          })}
        </div>
      </div>
      {rows.length === 0 && <div className={classes.empty}>{props.empty}</div>}
    </div>
  );
}

interface SharedRowProps {
  id: string;
  'aria-rowindex': number;
  style: { transform: string; height: number; gridTemplateColumns: string };
}

function GroupRow<Row>(props: {
  item: GridItem<Row> & { kind: 'group' };
  shared: SharedRowProps;
  onToggle: () => void;
}) {
  const { item, shared, onToggle } = props;
  return (
    <div {...shared} role="row" className={classes.groupRow}>
      <div role="gridcell" className={classes.groupCell}>
        <button type="button" className={classes.groupButton} aria-expanded={item.isOpen} onClick={onToggle}>
          <IconChevronRight size={16} aria-hidden className={classes.chevron} data-open={item.isOpen} />
          {item.label}
        </button>
      </div>
    </div>
  );
}

const HEADER_HEIGHT = 36;
const CHECK_WIDTH = 40;
const NOTHING: ReadonlySet<string> = new Set();

const STEPS: Partial<Record<string, (page: number, count: number) => number>> = {
  ArrowDown: () => 1,
  ArrowUp: () => -1,
  PageDown: (page) => page,
  PageUp: (page) => -page,
  Home: (_, count) => -count,
  End: (_, count) => count,
};

function gridTemplate<Row>(
  columns: readonly GridColumn<Row>[],
  widths: Readonly<Record<string, number>>,
  hasSelection: boolean,
): string {
  const tracks = columns.map((column) => {
    const width = widths[column.id];
    if (width !== undefined) return `${width}px`;
    return column.grows === true ? `minmax(${column.width}px, 1fr)` : `${column.width}px`;
  });
  return [...(hasSelection ? [`${CHECK_WIDTH}px`] : []), ...tracks].join(' ');
}

/** The least width of a row as a variable: rows, header and body share it, so that their columns line up whatever the cells hold. */
function frameStyle<Row>(options: {
  columns: readonly GridColumn<Row>[];
  widths: Readonly<Record<string, number>>;
  hasSelection: boolean;
  height: number | undefined;
}): CSSProperties {
  const { columns, widths, hasSelection, height } = options;
  const least = columns.reduce(
    (sum, column) => sum + (widths[column.id] ?? column.width),
    hasSelection ? CHECK_WIDTH : 0,
  );
  return { height, '--grid-width': `${least}px` } as CSSProperties;
}

function allState<Row>(
  rows: readonly Row[],
  rowKey: (row: Row) => string,
  selected: ReadonlySet<string>,
): 'none' | 'some' | 'all' {
  const count = rows.reduce((sum, row) => sum + (selected.has(rowKey(row)) ? 1 : 0), 0);
  return count === 0 ? 'none' : count === rows.length ? 'all' : 'some';
}

function isOnCheckbox(event: MouseEvent): boolean {
  return event.target instanceof Element && event.target.closest('[data-checkbox]') !== null;
}
