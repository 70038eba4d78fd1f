import { expect, it } from 'vitest';
import { attemptSentence } from './attempt-sentence.ts';

const now = Date.parse('2026-01-06T10:00:00.000Z');

it.each([
  [{ attempt: 1, state: 'extracting', nextTryAt: null }, null],
  [{ attempt: 2, state: 'extracting', nextTryAt: null }, 'Try 2 of 3.'],
  [{ attempt: 3, state: 'loaded', nextTryAt: null }, 'Loaded at try 3.'],
  [{ attempt: 1, state: 'waiting', nextTryAt: '2026-01-06T10:00:11.200Z' }, '1 try of 3 failed. Next try in 12 s.'],
  [{ attempt: 2, state: 'waiting', nextTryAt: '2026-01-06T09:59:59.000Z' }, '2 tries of 3 failed. Trying now.'],
] as const)('%j', (partition, sentence) => {
  expect(attemptSentence({ ...partition, maxAttempts: 3 }, now)).toBe(sentence);
});
