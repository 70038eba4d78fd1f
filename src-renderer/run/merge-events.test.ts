import { expect, it } from 'vitest';
import type { RunEvent } from '#shared/model/run';
import { mergeEvents } from './merge-events.ts';

const event = (sequence: number): RunEvent => ({ sequence, at: 'now', level: 'info', tableId: null, text: 'x' });

it('merges pages of events, each once and newest first', () => {
  const merged = mergeEvents([event(1), event(2), event(3)], [event(3), event(5)]);
  expect(merged.map(({ sequence }) => sequence)).toEqual([5, 3, 2, 1]);
});
