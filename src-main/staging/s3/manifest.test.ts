import { describe, expect, it } from 'vitest';
import { parseManifest } from './manifest.ts';

const uri = 's3://bucket/run/t/p/a/';
const entry = (name: string, bytes: number, rows: number) => ({
  url: `${uri}${name}`,
  meta: { content_length: bytes, record_count: rows },
});

/** The form of https://docs.aws.amazon.com/redshift/latest/dg/r_UNLOAD_command_examples.html */
function manifest(patch: Record<string, unknown> = {}): unknown {
  return {
    entries: [entry('0000_part_00.parquet', 100, 7), entry('0001_part_00.parquet', 50, 0)],
    schema: { elements: [{ name: 'c1', type: { base: 'integer' } }] },
    meta: { content_length: 150, record_count: 7 },
    author: { name: 'Amazon Redshift', version: '1.0.0' },
    ...patch,
  };
}

describe('parseManifest', () => {
  it('gives keys inside the bucket, sums and a digest', () => {
    expect(parseManifest(manifest(), { uri })).toEqual({
      files: [
        { key: 'run/t/p/a/0000_part_00.parquet', bytes: 100, rows: 7 },
        { key: 'run/t/p/a/0001_part_00.parquet', bytes: 50, rows: 0 },
      ],
      rows: 7,
      bytes: 150,
      digest: expect.stringMatching(/^[0-9a-f]{64}$/) as string,
    });
  });

  it('gives the same digest for the same files in another order, and another one for other rows', () => {
    const entries = [entry('0001_part_00.parquet', 50, 0), entry('0000_part_00.parquet', 100, 7)];
    const shifted = [entry('0001_part_00.parquet', 50, 1), entry('0000_part_00.parquet', 100, 6)];
    const { digest } = parseManifest(manifest(), { uri });
    expect(parseManifest(manifest({ entries }), { uri }).digest).toBe(digest);
    expect(parseManifest(manifest({ entries: shifted }), { uri }).digest).not.toBe(digest);
  });

  it('takes a manifest without files', () => {
    expect(parseManifest({ entries: [], meta: { content_length: 0, record_count: 0 } }, { uri })).toMatchObject({
      files: [],
      rows: 0,
      bytes: 0,
    });
  });

  it.each([
    [
      'a file of another path',
      { entries: [{ url: 's3://bucket/other/x.parquet', meta: { content_length: 150, record_count: 7 } }] },
      'not a file of this attempt',
    ],
    [
      'a file of another bucket',
      { entries: [{ url: 's3://evil/run/t/p/a/x', meta: { content_length: 150, record_count: 7 } }] },
      'not a file of this attempt',
    ],
    ['a way out of the path', { entries: [entry('../b/x.parquet', 150, 7)] }, 'not a file of this attempt'],
    ['a file named twice', { entries: [entry('x', 75, 3), entry('x', 75, 4)] }, 'names a file twice'],
    ['an empty file', { entries: [entry('x', 0, 0), entry('y', 150, 7)] }, 'is empty'],
    ['rows that do not add up', { meta: { content_length: 150, record_count: 8 } }, 'hold 7 rows, its total says 8'],
    [
      'bytes that do not add up',
      { meta: { content_length: 151, record_count: 7 } },
      'hold 150 bytes, its total says 151',
    ],
    ['no meta, as without VERBOSE', { meta: undefined }, 'at meta'],
    ['entries without counts', { entries: [{ url: `${uri}x` }] }, 'at entries.0.meta'],
    ['negative rows', { entries: [entry('x', 150, -7)] }, 'at entries.0.meta.record_count'],
  ])('refuses %s', (_what, patch, problem) => {
    expect(() => parseManifest(manifest(patch), { uri })).toThrow(
      expect.objectContaining({
        code: 'MANIFEST_INVALID',
        message: expect.stringContaining(problem) as string,
      }) as Error,
    );
  });

  it.each([null, [], 'text', 7])('refuses %j', (json) => {
    expect(() => parseManifest(json, { uri })).toThrow(expect.objectContaining({ code: 'MANIFEST_INVALID' }) as Error);
  });
});
