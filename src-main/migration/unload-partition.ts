import { AppError, isAbort, toErrorValue } from '#shared/errors/app-error';
import type { TableTask } from '#shared/model/plan';
import { tableLabel } from '#shared/model/table';
import type { StagedManifest } from '../staging/staging.ts';
import { failureKind } from './failure-kind.ts';
import { selectRequest, unloadRequest } from './plan-statements.ts';
import type { RunContext } from './run-context.ts';
import type { ExtractionAttempt, PartitionWork, StagedOutcome } from './run-partition.ts';
import { sideOf } from './sides.ts';
import { planStage, stagePath } from './stage-place.ts';
import { watch } from './watchdog.ts';

/** Lets the source write a partition to S3 itself, and believes only a manifest that agrees with its counts. */
export async function unloadPartition(
  context: RunContext,
  { task, partition }: PartitionWork,
  { path }: ExtractionAttempt,
): Promise<StagedOutcome> {
  const { plan, connections, signal, limits } = context;
  if (!plan.staging || !connections.source.unload)
    throw new AppError('NOT_SUPPORTED', { facts: { detail: 'This source cannot write to S3 itself.' } });
  const uri = `${plan.staging.s3Uri}${path}`;
  const request = unloadRequest(plan, selectRequest(task, partition), uri);
  const { unload } = connections.source;
  const outcome = await watch(
    {
      signal,
      what: `UNLOAD of ${tableLabel(task.source)}`,
      silenceMs: limits.unloadSilenceSeconds * 1000,
      isMoving: writesFiles(context, path),
    },
    (watched) => unload(request, { signal: watched }),
  );
  const manifest =
    outcome.unloadedRows === 0
      ? await readManifestIfThere(context, { task, path, uri })
      : await readManifest(context, { task, path, uri });
  if (manifest.rows !== outcome.sourceRows || manifest.rows !== outcome.unloadedRows) {
    throw new AppError('MANIFEST_MISMATCH', {
      facts: { table: tableLabel(task.source), sourceRows: outcome.sourceRows, stagedRows: manifest.rows },
    });
  }
  return { manifest, sourceRows: outcome.sourceRows, verb: 'unloaded' };
}

/** UNLOAD says nothing before its end, but its files grow in number and size. Answers whether they did since it was asked last. */
function writesFiles({ plan, connections }: RunContext, path: string): (signal: AbortSignal) => Promise<boolean> {
  let known = '';
  return async (signal) => {
    const { staging, target } = connections;
    const files =
      staging && plan.staging
        ? await staging.list(`${plan.staging.s3Uri}${path}`.slice(`s3://${staging.bucket}/`.length), { signal })
        : await target.listStaged({ stage: planStage(plan), path: stagePath(plan, path) }, { signal });
    const before = known;
    known = `${files.length} files, ${files.reduce((sum, { bytes }) => sum + bytes, 0)} bytes`;
    return files.length > 0 && known !== before;
  };
}

interface ManifestPlace {
  task: TableTask;
  path: string;
  uri: string;
}

const LARGEST_MANIFEST_BYTES = 64_000_000;

/** Read with the clean-up keys when there are any, else through the stage, which covers the same bucket. */
async function readManifest(context: RunContext, { task, path, uri }: ManifestPlace): Promise<StagedManifest> {
  const { plan, connections, signal } = context;
  try {
    const json = connections.staging
      ? (JSON.parse(
          await connections.staging.readText(`${uri.slice(`s3://${connections.staging.bucket}/`.length)}manifest`, {
            signal,
            maxBytes: LARGEST_MANIFEST_BYTES,
          }),
        ) as unknown)
      : await connections.target.readStagedJson(
          { stage: planStage(plan), path: `${stagePath(plan, path)}manifest` },
          { signal },
        );
    return context.parseManifest(json, { uri });
  } catch (error) {
    const { message, retry } = toErrorValue(error);
    // A refusal says more than a missing manifest does, and another UNLOAD would not change it; a side that is away says nothing about the manifest.
    if (isAbort(error) || retry === 'user' || failureKind(error, sideOf(error)) === 'away') throw error;
    throw new AppError('UNLOAD_NO_MANIFEST', {
      cause: error,
      facts: { table: tableLabel(task.source), key: `${uri}manifest`, detail: message },
    });
  }
}

/** Zero rows may leave no files and no manifest at all: the vendor's page does not say, so both are right. */
async function readManifestIfThere(context: RunContext, place: ManifestPlace): Promise<StagedManifest> {
  try {
    return await readManifest(context, place);
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== 'UNLOAD_NO_MANIFEST') throw error;
    return { files: [], rows: 0, bytes: 0, digest: '' };
  }
}
