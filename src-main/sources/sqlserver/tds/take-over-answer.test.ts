import { Connection } from 'tedious';
import { describe, expect, it } from 'vitest';
import { takeOverAnswer } from './take-over-answer.ts';

const connection = (): Connection =>
  new Connection({
    server: '127.0.0.1',
    authentication: { type: 'default', options: { userName: 'u', password: 'p' } },
  });
const read = (): Promise<void> => Promise.resolve();

describe('takeOverAnswer', () => {
  it('knows the inside of the driver that is installed', () => {
    expect(takeOverAnswer(connection(), read)).toBe(true);
  });

  it('takes one answer at a time', () => {
    const one = connection();
    expect(takeOverAnswer(one, read)).toBe(true);
    expect(takeOverAnswer(one, read)).toBe(false);
  });

  it.each([
    ['has no hook', undefined],
    ['has a hook that is no function', {}],
    ['hands over something else', (): null => null],
  ])('leaves a driver alone that %s', (_how, hook) => {
    const other = Object.assign(Object.create(connection()) as object, {}) as { createTokenStreamParser?: unknown };
    Object.defineProperty(Object.getPrototypeOf(other), 'createTokenStreamParser', { value: hook });
    expect(takeOverAnswer(other as unknown as Connection, read)).toBe(false);
    expect(Object.hasOwn(other, 'createTokenStreamParser')).toBe(false);
  });
});
