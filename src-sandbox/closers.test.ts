import { describe, expect, it } from 'vitest';
import { createClosers } from './closers.ts';

describe('closers', () => {
  it('close in the opposite order, once each, and go on after a failure', async () => {
    const lines: string[] = [];
    const closers = createClosers((line) => lines.push(line));
    closers.add(() => void lines.push('first'));
    closers.add(() => Promise.reject(new Error('stuck')));
    closers.add(async () => void lines.push('last'));
    await Promise.all([closers.closeAll(), closers.closeAll()]);
    expect(lines).toEqual(['last', 'stopping: stuck', 'first']);
  });

  it('close at once what was still starting when the stop came', async () => {
    const lines: string[] = [];
    const closers = createClosers(() => undefined);
    await closers.closeAll();
    closers.add(() => void lines.push('late'));
    await closers.closeAll();
    expect(lines).toEqual(['late']);
  });
});
