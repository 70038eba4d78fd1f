import type { ReactNode } from 'react';
import type { SortValue } from './grid-items.ts';

/** A column of DataGrid. Keep the list outside of the component, or memoise it: a new list sorts anew. */
export interface GridColumn<Row> {
  id: string;
  /** With its unit: "Size (estimate)". */
  header: string;
  /** Pixels at first; the user can change it. */
  width: number;
  /** Takes the space that is left; give it to one column. */
  grows?: boolean;
  align?: 'left' | 'right';
  /** Leave out for a column that does not sort. */
  sortValue?: (row: Row) => SortValue;
  /** The cell as text: copied, and shown when there is no `render`. */
  text: (row: Row) => string;
  render?: (row: Row) => ReactNode;
}
