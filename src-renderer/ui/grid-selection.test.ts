import { describe, expect, it } from 'vitest';
import { extendTo, moveCursor, NO_CURSOR, toggleAll, toggleRow, type GridMove } from './grid-selection.ts';

const keys = ['a', 'b', 'c', 'd', 'e'];
const start = (...selected: string[]): GridMove => ({ cursor: NO_CURSOR, selected: new Set(selected) });
const at = (key: string, ...selected: string[]): GridMove => ({
  cursor: { activeKey: key, anchorKey: key, base: new Set(selected) },
  selected: new Set(selected),
});
const names = (move: GridMove) => [...move.selected].sort();

describe('moving in a grid', () => {
  it.each([
    [start(), 1, 'a'],
    [start(), -1, 'e'],
    [start(), 5, 'e'],
    [start(), -5, 'a'],
    [at('b'), 1, 'c'],
    [at('b'), -5, 'a'],
    [at('d'), 10, 'e'],
    [at('gone'), 1, 'a'],
  ])('from %j by %i goes to %s', (from, step, active) => {
    expect(moveCursor(keys, from, { step, extend: false }).cursor.activeKey).toBe(active);
  });

  it('leaves the selection as it is without shift', () => {
    expect(names(moveCursor(keys, at('b', 'b', 'e'), { step: 1, extend: false }))).toEqual(['b', 'e']);
  });

  it('stays where it is in an empty list', () => {
    const from = start('x');
    expect(moveCursor([], from, { step: 1, extend: true })).toBe(from);
  });
});

describe('extending with shift', () => {
  it('selects from the anchor to the active row, and shrinks again on the way back', () => {
    const down = moveCursor(keys, at('b', 'b'), { step: 2, extend: true });
    expect(names(down)).toEqual(['b', 'c', 'd']);
    expect(names(moveCursor(keys, down, { step: -1, extend: true }))).toEqual(['b', 'c']);
  });

  it('crosses the anchor', () => {
    expect(names(extendTo(keys, extendTo(keys, at('c', 'c'), 'e'), 'a'))).toEqual(['a', 'b', 'c']);
  });

  it('keeps what was selected before', () => {
    expect(names(extendTo(keys, at('d', 'a', 'd'), 'e'))).toEqual(['a', 'd', 'e']);
  });

  it('selects nothing when the anchor is filtered out', () => {
    expect(names(extendTo(['d', 'e'], at('a', 'a'), 'e'))).toEqual(['a']);
  });
});

describe('toggling', () => {
  it('selects and takes out', () => {
    const on = toggleRow(start(), 'c');
    expect(names(on)).toEqual(['c']);
    expect(names(toggleRow(on, 'c'))).toEqual([]);
    expect(on.cursor.anchorKey).toBe('c');
  });

  it('selects all that is filtered, and keeps the rest', () => {
    expect(names(toggleAll(start('x', 'a'), keys))).toEqual(['a', 'b', 'c', 'd', 'e', 'x']);
    expect(names(toggleAll(start('x', ...keys), keys))).toEqual(['x']);
  });
});
