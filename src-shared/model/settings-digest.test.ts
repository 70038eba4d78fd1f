import { describe, expect, it } from 'vitest';
import { settingsDigest } from './settings-digest.ts';

describe('the digest of settings', () => {
  it('does not depend on the order of keys or on undefined entries', () => {
    expect(settingsDigest({ a: 1, b: { d: [1, 2], c: null } })).toBe(
      settingsDigest({ b: { c: null, d: [1, 2], e: undefined }, a: 1 }),
    );
  });

  it.each([
    [{ host: 'a' }, { host: 'b' }],
    [{ port: 1 }, { port: '1' }],
    [{ list: [1, 2] }, { list: [2, 1] }],
    [{ a: null }, {}],
    [null, {}],
  ])('tells %j from %j', (left, right) => expect(settingsDigest(left)).not.toBe(settingsDigest(right)));

  it('leaves the passcode of the moment out', () => {
    expect(settingsDigest({ auth: { kind: 'password', passcode: '123456' } })).toBe(
      settingsDigest({ auth: { kind: 'password', passcode: '' } }),
    );
  });
});
