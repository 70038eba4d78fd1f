import { expect, it } from 'vitest';
import { allocate } from './page-buffers.ts';
import { releaseBytes } from './release-bytes.ts';

it('takes the memory of a page away at once', () => {
  const page = allocate(100_000);
  releaseBytes(page.subarray(10, 20));
  expect(page.length).toBe(0);
});

it('leaves alone what shares its memory with others', () => {
  const small = Buffer.from('of the pool');
  releaseBytes(small);
  expect(String(small)).toBe('of the pool');
});
