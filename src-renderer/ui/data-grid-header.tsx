import { IconArrowDown, IconArrowUp } from '@tabler/icons-react';
import { useRef, type KeyboardEvent, type PointerEvent } from 'react';
import { CheckMark } from './check-mark.tsx';
import type { GridColumn } from './grid-column.ts';
import type { GridSort } from './grid-items.ts';
import classes from './data-grid.module.css';

export interface DataGridHeaderProps<Row> {
  columns: readonly GridColumn<Row>[];
  template: string;
  sort: GridSort | null;
  onSort: (sort: GridSort | null) => void;
  widths: Readonly<Record<string, number>>;
  onWidths: (widths: Readonly<Record<string, number>>) => void;
  /** null: no check boxes. */
  allState: 'none' | 'some' | 'all' | null;
  onToggleAll: () => void;
}

/** The sticky first row of DataGrid: a click sorts, the edge resizes, and Alt with the arrow keys resizes too. */
export function DataGridHeader<Row>(props: DataGridHeaderProps<Row>) {
  return (
    <div role="rowgroup" className={classes.header}>
      <div role="row" aria-rowindex={1} className={classes.headerRow} style={{ gridTemplateColumns: props.template }}>
        {props.allState !== null && (
          <div role="columnheader" className={classes.check}>
            <button
              type="button"
              role="checkbox"
              className={classes.checkButton}
              aria-label="Select all that are shown"
              aria-checked={props.allState === 'some' ? 'mixed' : props.allState === 'all'}
              onClick={props.onToggleAll}
            >
              <CheckMark state={props.allState} />
            </button>
          </div>
        )}
        {props.columns.map((column) => (
          <HeaderCell key={column.id} column={column} {...props} />
        ))}
      </div>
    </div>
  );
}

function HeaderCell<Row>(props: DataGridHeaderProps<Row> & { column: GridColumn<Row> }) {
  const { column, sort } = props;
  const cell = useRef<HTMLDivElement>(null);
  const direction = sort?.columnId === column.id ? sort.direction : null;
  const setWidth = (width: number) =>
    props.onWidths({ ...props.widths, [column.id]: Math.max(MIN_WIDTH, Math.round(width)) });
  const widthNow = () => cell.current?.getBoundingClientRect().width ?? column.width;
  const onKeyDown = (event: KeyboardEvent) => {
    if (!event.altKey || (event.key !== 'ArrowLeft' && event.key !== 'ArrowRight')) return;
    event.preventDefault();
    setWidth(widthNow() + (event.key === 'ArrowRight' ? 16 : -16));
  };
  const startResize = (event: PointerEvent<HTMLSpanElement>) => {
    event.preventDefault();
    const { pointerId, clientX, currentTarget } = event;
    const before = widthNow();
    currentTarget.setPointerCapture(pointerId);
    const move = (moved: globalThis.PointerEvent) => setWidth(before + moved.clientX - clientX);
    currentTarget.addEventListener('pointermove', move);
    currentTarget.addEventListener('lostpointercapture', () => currentTarget.removeEventListener('pointermove', move), {
      once: true,
    });
  };
  return (
    <div
      ref={cell}
      role="columnheader"
      aria-sort={direction ?? undefined}
      className={classes.headerCell}
      data-align={column.align ?? 'left'}
    >
      {column.sortValue === undefined ? (
        <span className={classes.headerLabel}>{column.header}</span>
      ) : (
        <button
          type="button"
          className={classes.sortButton}
          onClick={() => props.onSort(nextSort(column.id, sort))}
          onKeyDown={onKeyDown}
        >
          <span className={classes.headerLabel}>{column.header}</span>
          {direction === 'ascending' && <IconArrowUp size={14} aria-hidden />}
          {direction === 'descending' && <IconArrowDown size={14} aria-hidden />}
        </button>
      )}
      <span className={classes.handle} aria-hidden onPointerDown={startResize} />
    </div>
  );
}

const MIN_WIDTH = 56;

function nextSort(columnId: string, sort: GridSort | null): GridSort {
  const isSame = sort?.columnId === columnId;
  return { columnId, direction: isSame && sort.direction === 'ascending' ? 'descending' : 'ascending' };
}
