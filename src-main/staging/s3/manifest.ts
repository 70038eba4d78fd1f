import { createHash } from 'node:crypto';
import { z } from 'zod';
import { AppError } from '#shared/errors/app-error';
import type { StagedManifest } from '../staging.ts';

const count = z.number().int().nonnegative();
const manifestSchema = z.object({
  entries: z.array(z.object({ url: z.string(), meta: z.object({ content_length: count, record_count: count }) })),
  meta: z.object({ content_length: count, record_count: count }),
});

/**
 * Reads what UNLOAD ... MANIFEST VERBOSE wrote below `uri` (`s3://bucket/prefix/`). Every file must lie below it, be named once and hold something, and the
 * parts must add up to the totals: whatever is wrong here would be loaded wrongly or left out. Throws MANIFEST_INVALID.
 * https://docs.aws.amazon.com/redshift/latest/dg/r_UNLOAD_command_examples.html
 */
export function parseManifest(json: unknown, place: { uri: string }): StagedManifest {
  const fail = (detail: string): AppError =>
    new AppError('MANIFEST_INVALID', { facts: { key: `${place.uri}manifest`, detail } });
  const parsed = manifestSchema.safeParse(json);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    throw fail(`at ${issue?.path.join('.') || 'its top'}: ${issue?.message ?? 'unknown form'}`);
  }
  const { entries, meta } = parsed.data;
  const bucketUri = /^s3:\/\/[^/]+\//.exec(place.uri)?.[0] ?? place.uri;
  const files = entries.map(({ url, meta: own }) => {
    const name = url.startsWith(place.uri) ? url.slice(place.uri.length) : '';
    if (name === '' || name.includes('/')) throw fail(`it names ${url}, which is not a file of this attempt`);
    if (own.content_length === 0) throw fail(`${url} is empty`);
    return { key: url.slice(bucketUri.length), bytes: own.content_length, rows: own.record_count };
  });
  if (new Set(files.map(({ key }) => key)).size !== files.length) throw fail('it names a file twice');
  const rows = sum(files.map((file) => file.rows));
  const bytes = sum(files.map((file) => file.bytes));
  if (rows !== meta.record_count) throw fail(`its files hold ${rows} rows, its total says ${meta.record_count}`);
  if (bytes !== meta.content_length) throw fail(`its files hold ${bytes} bytes, its total says ${meta.content_length}`);
  return { files, rows, bytes, digest: digestOf(files) };
}

/** The same for the same files in whatever order. */
function digestOf(files: StagedManifest['files']): string {
  const lines = files.map(({ key, bytes, rows }) => JSON.stringify([key, bytes, rows])).sort();
  return createHash('sha256').update(lines.join('\n')).digest('hex');
}

function sum(numbers: number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
