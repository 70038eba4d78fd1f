import { createHash } from 'node:crypto';
import { AppError } from '#shared/errors/app-error';
import { formatBytes } from '#shared/format/bytes';
import { tableLabel } from '#shared/model/table';
import type { ExtractedFile } from '../extract/extraction.ts';
import type { StagedManifest } from '../staging/staging.ts';
import { readRequest } from './plan-statements.ts';
import type { ExtractionAttempt, PartitionWork, StagedOutcome } from './run-partition.ts';
import type { RunContext } from './run-context.ts';
import { planStage, stagePath } from './stage-place.ts';
import { watch } from './watchdog.ts';

/**
 * Reads a partition in a lane, file by file: each goes to the internal stage by PUT as soon as it is complete and is deleted here. At the end the stage is
 * listed: what is not there with its size was not uploaded, whatever the driver said.
 */
export async function streamPartition(
  context: RunContext,
  { task, partition }: PartitionWork,
  attempt: ExtractionAttempt,
): Promise<StagedOutcome> {
  const { plan, connections, signal, limits } = context;
  const { extractor, source, target } = connections;
  if (!extractor) throw new AppError('INTERNAL', { facts: { detail: 'the run has no extraction lanes' } });
  const stage = planStage(plan);
  const path = stagePath(plan, attempt.path);
  const files: ExtractedFile[] = [];
  let uploading = 0;
  const outcome = await watch(
    {
      signal,
      what: `Reading ${tableLabel(task.source)}`,
      firstMs: limits.firstRowSeconds * 1000,
      silenceMs: limits.readSilenceSeconds * 1000,
      // The lane waits for the upload, which has a watch of its own.
      isMoving: () => Promise.resolve(uploading > 0),
    },
    (watched, touch) =>
      extractor.extract(
        {
          read: readRequest(plan, { table: task, partition, dialect: source.dialect }),
          attemptId: attempt.attemptId,
          maxFileBytes: plan.options.maxFileSizeMb * 1_000_000,
        },
        {
          signal: watched,
          onProgress({ rows }) {
            touch();
            attempt.onRows(rows);
          },
          async onFile(file) {
            uploading += 1;
            try {
              await target.putFile(
                { stage, path, localPath: file.path, bytes: file.bytes, limits },
                { signal: watched },
              );
            } finally {
              uploading -= 1;
              touch();
            }
            files.push(file);
          },
        },
      ),
  );
  const manifest = buildManifest(path, files);
  await verifyUploads(context, { path, files, table: tableLabel(task.source) });
  return { manifest, sourceRows: outcome.rows, verb: 'extracted' };
}

/** The same form that UNLOAD gives: whole names below the stage, sizes and rows. */
function buildManifest(path: string, files: ExtractedFile[]): StagedManifest {
  const sorted = [...files].sort((one, other) => (one.name < other.name ? -1 : 1));
  const entries = sorted.map(({ name, bytes, rows }) => ({ key: `${path}${name}`, bytes, rows }));
  const sum = (pick: (file: ExtractedFile) => number): number => files.reduce((total, file) => total + pick(file), 0);
  const lines = entries.map(({ key, bytes, rows }) => JSON.stringify([key, bytes, rows]));
  return {
    files: entries,
    rows: sum(({ rows }) => rows),
    bytes: sum(({ bytes }) => bytes),
    digest: createHash('sha256').update(lines.join('\n')).digest('hex'),
  };
}

async function verifyUploads(
  { plan, connections, signal }: RunContext,
  { path, files, table }: { path: string; files: ExtractedFile[]; table: string },
): Promise<void> {
  if (files.length === 0) return;
  const stage = planStage(plan);
  const listed = await connections.target.listStaged({ stage, path }, { signal });
  const sizes = new Map(listed.map((file) => [file.path.slice(file.path.lastIndexOf('/') + 1), file.bytes]));
  for (const { name, bytes } of files) {
    const found = sizes.get(name);
    if (found !== undefined && isSizeOf(bytes, found)) continue;
    const detail =
      found === undefined
        ? 'the driver reported it as uploaded, but the stage does not list it'
        : `it has ${formatBytes(bytes)} (${bytes} bytes) here and ${found} bytes in the stage`;
    throw new AppError('UPLOAD_FAILED', {
      facts: { file: `${name} of ${table}`, stage: `${stage.database}.${stage.schema}.${stage.name}`, detail },
    });
  }
}

/**
 * A stage with client-side encryption lists the size of the encrypted file: AES in CBC mode fills up to the next multiple of 16 bytes, always adding some.
 * docs.snowflake.com/en/user-guide/security-encryption-end-to-end
 */
function isSizeOf(bytes: number, listed: number): boolean {
  return listed === bytes || listed === (Math.floor(bytes / 16) + 1) * 16;
}
