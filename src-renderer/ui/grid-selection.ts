/** Where the keyboard is in a grid, and what the shift key extends from. `base` is the selection at the moment the anchor was set. */
export interface GridCursor {
  activeKey: string | null;
  anchorKey: string | null;
  base: ReadonlySet<string>;
}

export interface GridMove {
  cursor: GridCursor;
  selected: ReadonlySet<string>;
}

export const NO_CURSOR: GridCursor = { activeKey: null, anchorKey: null, base: new Set() };

/** Moves the active row by `step` rows, held inside the list; with `extend` the rows from the anchor to it are selected as well. */
export function moveCursor(
  keys: readonly string[],
  from: GridMove,
  { step, extend }: { step: number; extend: boolean },
): GridMove {
  if (keys.length === 0) return from;
  const at = from.cursor.activeKey === null ? -1 : keys.indexOf(from.cursor.activeKey);
  const start = at === -1 ? (step > 0 ? -1 : keys.length) : at;
  const next = Math.min(keys.length - 1, Math.max(0, start + step));
  const activeKey = keys[next] ?? null;
  if (!extend) return { cursor: { activeKey, anchorKey: activeKey, base: from.selected }, selected: from.selected };
  return extendTo(keys, from, activeKey);
}

/** Adds the rows between the anchor and `key` to what was selected when the anchor was set. */
export function extendTo(keys: readonly string[], from: GridMove, key: string | null): GridMove {
  const anchorKey = from.cursor.anchorKey ?? from.cursor.activeKey ?? key;
  const base = from.cursor.anchorKey === null ? from.selected : from.cursor.base;
  const start = anchorKey === null ? -1 : keys.indexOf(anchorKey);
  const end = key === null ? -1 : keys.indexOf(key);
  if (start === -1 || end === -1) return { ...from, cursor: { ...from.cursor, activeKey: key } };
  const range = keys.slice(Math.min(start, end), Math.max(start, end) + 1);
  return { cursor: { activeKey: key, anchorKey, base }, selected: new Set([...base, ...range]) };
}

/** Selects the row, or takes it out; it becomes the active row and the anchor. */
export function toggleRow(from: GridMove, key: string): GridMove {
  const selected = new Set(from.selected);
  if (!selected.delete(key)) selected.add(key);
  return { cursor: { activeKey: key, anchorKey: key, base: selected }, selected };
}

/** Adds all rows of the list; when all are selected already, takes them out. Rows outside the list stay as they are. */
export function toggleAll(from: GridMove, keys: readonly string[]): GridMove {
  const isAll = keys.every((key) => from.selected.has(key));
  const selected = new Set(from.selected);
  for (const key of keys) {
    if (isAll) selected.delete(key);
    else selected.add(key);
  }
  return { cursor: { ...from.cursor, anchorKey: from.cursor.activeKey, base: selected }, selected };
}
