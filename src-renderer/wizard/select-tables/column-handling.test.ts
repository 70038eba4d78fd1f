import { describe, expect, it } from 'vitest';
import { tableSelectionSchema } from '#shared/model/project';
import { handlingOf, withHandling } from './column-handling.ts';

const selection = (columns: unknown[] = []) =>
  tableSelectionSchema.parse({ source: { database: 'd', schema: 's', name: 't' }, columns });

describe('what happens to a column', () => {
  it('is that it travels, until something else is chosen', () => {
    expect(handlingOf(selection(), 'a')).toBe('carry');
    const columns = withHandling(selection(), 'a', 'leave-out');
    expect(handlingOf({ columns }, 'a')).toBe('leave-out');
    expect(handlingOf({ columns }, 'b')).toBe('carry');
  });

  it('leaves no trace when it is taken back, and keeps other choices for the column', () => {
    expect(withHandling(selection([{ sourceName: 'a', handling: 'leave-out' }]), 'a', 'carry')).toEqual([]);
    const renamed = selection([{ sourceName: 'a', targetName: 'B', handling: 'leave-out' }]);
    expect(withHandling(renamed, 'a', 'carry')).toMatchObject([
      { sourceName: 'a', targetName: 'B', handling: 'carry' },
    ]);
  });
});
