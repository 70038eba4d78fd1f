import { randomUUID } from 'node:crypto';
import { AppError, isAbort, toErrorValue } from '#shared/errors/app-error';
import type { CheckResult } from '#shared/model/check';
import type { SourceSettings, StagingSettings } from '#shared/model/connection-settings';
import { formatCount } from '#shared/format/count';
import type { Source } from '../sources/source.ts';
import type { Staging, StagingTools } from '../staging/staging.ts';
import type { Target } from '../targets/target.ts';
import { findStagePrefix } from './prepare-plan.ts';

export interface CheckStagingOptions {
  settings: StagingSettings;
  sourceSettings: SourceSettings;
  source: Source;
  target: Target;
  staging: Staging | null;
  tools: StagingTools;
  signal: AbortSignal;
  /** The id of one check; it and what it needs run. */
  only: string | null;
  onProgress(check: CheckResult): void;
}

/** What a check came to. `did` names the statements and requests. */
interface CheckOutcome {
  state: 'passed' | 'warning' | 'skipped';
  summary: string;
  did: string[];
}

interface Check {
  id: string;
  name: string;
  /** Checks that must have passed before. */
  needs: string[];
  run(): Promise<CheckOutcome>;
}

/** Every check of the S3 page, those that do not depend on each other side by side, in the order in which they are shown. */
export async function checkStaging(options: CheckStagingOptions): Promise<CheckResult[]> {
  const checks = buildChecks(options);
  const wanted = new Set(options.only === null ? checks.map(({ id }) => id) : withNeeds(checks, options.only));
  const results = new Map<string, Promise<CheckResult>>();
  for (const check of checks) {
    if (!wanted.has(check.id)) continue;
    options.onProgress(pending(check, 'waiting'));
    const needed = check.needs.flatMap((id) => results.get(id) ?? []);
    results.set(check.id, runCheck(check, needed, options));
  }
  return Promise.all(results.values());
}

async function runCheck(
  check: Check,
  needed: Promise<CheckResult>[],
  { onProgress }: CheckStagingOptions,
): Promise<CheckResult> {
  const before = await Promise.all(needed);
  const blocker = before.find(({ state }) => state === 'failed' || state === 'skipped');
  if (blocker)
    return report(onProgress, {
      ...pending(check, 'skipped'),
      summary: `Skipped because "${blocker.name}" did not pass.`,
    });
  onProgress(pending(check, 'running'));
  const begun = performance.now();
  const finish = (result: Pick<CheckResult, 'state' | 'summary' | 'did' | 'error'>): CheckResult =>
    report(onProgress, {
      id: check.id,
      name: check.name,
      ...result,
      elapsedMs: Math.round(performance.now() - begun),
      finishedAt: new Date().toISOString(),
    });
  try {
    return finish({ ...(await check.run()), error: null });
  } catch (error) {
    if (isAbort(error)) throw error;
    const value = toErrorValue(error);
    return finish({
      state: 'failed',
      summary: value.message,
      did: value.statement ? [value.statement] : [],
      error: value,
    });
  }
}

function report(onProgress: CheckStagingOptions['onProgress'], result: CheckResult): CheckResult {
  onProgress(result);
  return result;
}

function pending(check: Check, state: 'waiting' | 'running' | 'skipped'): CheckResult {
  return {
    id: check.id,
    name: check.name,
    state,
    summary: '',
    did: [],
    error: null,
    elapsedMs: null,
    finishedAt: null,
  };
}

function withNeeds(checks: Check[], id: string): string[] {
  const check = checks.find((candidate) => candidate.id === id);
  return check ? [...check.needs.flatMap((needed) => withNeeds(checks, needed)), id] : [];
}

function buildChecks(options: CheckStagingOptions): Check[] {
  const { settings, target, source, staging, tools, signal } = options;
  const { bucket, prefix } = tools.parseUri(settings.s3Uri);
  const stageName = `${settings.stage.database}.${settings.stage.schema}.${settings.stage.name}`;
  return [
    {
      id: 'uri',
      name: 'S3 bucket URI',
      needs: [],
      run: () =>
        Promise.resolve({
          state: 'passed',
          summary: `Bucket ${bucket}, path ${prefix === '' ? 'at its top' : prefix}.`,
          did: [],
        }),
    },
    { id: 'region', name: 'Region of the bucket', needs: ['uri'], run: () => checkRegion(options, bucket) },
    {
      id: 'stage',
      name: 'The stage covers the URI',
      needs: ['uri'],
      run: async () => {
        await findStagePrefix(settings, target, signal);
        return {
          state: 'passed',
          summary: `${stageName} covers ${settings.s3Uri}.`,
          did: [`DESCRIBE STAGE ${stageName}`],
        };
      },
    },
    { id: 'list', name: 'Snowflake can list the path', needs: ['stage'], run: () => checkList(options) },
    {
      id: 'empty',
      name: 'The path is empty',
      needs: staging ? ['uri'] : ['list'],
      run: () => checkEmpty(options, bucket, prefix),
    },
    { id: 'keys', name: 'Keys for clean-up', needs: ['uri'], run: () => checkKeys(options, bucket, prefix) },
    {
      id: 'unload',
      name: 'A tiny UNLOAD, read back through the stage',
      needs: ['region', 'list'],
      run: () => checkUnload({ settings, source, target, staging, tools, signal }, { bucket, prefix }),
    },
  ];
}

async function checkRegion(
  { settings, sourceSettings, tools, signal }: CheckStagingOptions,
  bucket: string,
): Promise<CheckOutcome> {
  const region = await tools.findRegion(settings, { signal });
  const clusterRegion = findClusterRegion(sourceSettings);
  const did = [`HEAD https://${bucket}.s3.amazonaws.com`];
  if (settings.region !== '' && settings.region !== region) {
    throw new AppError('S3_REGION_MISMATCH', {
      facts: { bucket, region, expected: settings.region },
      field: 'staging.region',
    });
  }
  if (clusterRegion !== null && clusterRegion !== region) {
    return {
      state: 'warning',
      summary: `The bucket is in ${region}, the cluster in ${clusterRegion}: UNLOAD works, but AWS charges the transfer.`,
      did,
    };
  }
  const where = clusterRegion === null ? '' : ', like the cluster';
  return { state: 'passed', summary: `The bucket is in ${region}${where}.`, did };
}

/** Known from the IAM settings, or from the endpoint's name: `cluster.abc.eu-west-1.redshift.amazonaws.com`. */
export function findClusterRegion(settings: SourceSettings): string | null {
  if (settings.kind !== 'redshift') return null;
  if (settings.auth.kind !== 'password') return settings.auth.region;
  return (
    /\.([a-z]{2}(?:-[a-z]+)+-\d)\.redshift(?:-serverless)?\.amazonaws\.com(?:\.cn)?$/.exec(settings.host)?.[1] ?? null
  );
}

async function checkList({ settings, target, signal }: CheckStagingOptions): Promise<CheckOutcome> {
  const path = await findStagePrefix(settings, target, signal);
  await target.listStaged({ stage: settings.stage, path, limit: 1 }, { signal });
  return {
    state: 'passed',
    summary: 'Snowflake can list the path through the stage.',
    did: [`LIST @${settings.stage.name}/${path}`],
  };
}

async function checkEmpty(
  { settings, target, staging, signal }: CheckStagingOptions,
  bucket: string,
  prefix: string,
): Promise<CheckOutcome> {
  const limit = 1000;
  const keys = staging
    ? (await staging.list(prefix, { signal, limit })).map(({ key }) => key)
    : (
        await target.listStaged(
          { stage: settings.stage, path: await findStagePrefix(settings, target, signal), limit },
          { signal },
        )
      ).map(({ path }) => path);
  const found = keys.filter((key) => key !== prefix);
  if (found.length > 0) {
    const suggestion = `${settings.s3Uri}snowferry-${new Date().toISOString().slice(0, 10)}/`;
    const count = found.length === limit ? `${formatCount(limit)} or more` : formatCount(found.length);
    throw new AppError('S3_PATH_NOT_EMPTY', {
      facts: { uri: settings.s3Uri, count, example: found[0] ?? '', suggestion },
      field: 'staging.s3Uri',
    });
  }
  return {
    state: 'passed',
    summary: 'Nothing is there yet.',
    did: [staging ? `ListObjectsV2 s3://${bucket}/${prefix}` : 'LIST through the stage'],
  };
}

async function checkKeys(
  { staging, signal }: CheckStagingOptions,
  bucket: string,
  prefix: string,
): Promise<CheckOutcome> {
  if (!staging) {
    return {
      state: 'skipped',
      summary:
        'No keys are given. Staged files are removed through the stage if it allows that; otherwise they stay in the bucket.',
      did: [],
    };
  }
  const key = `${prefix}snowferry-check-${randomUUID()}`;
  await staging.putText(key, 'snowferry', { signal });
  await staging.list(key, { signal, limit: 1 });
  await staging.readText(key, { signal, maxBytes: 100 });
  const [refused] = await staging.remove([key], { signal });
  const did = ['PutObject', 'ListObjectsV2', 'GetObject', 'DeleteObjects'].map(
    (action) => `${action} s3://${bucket}/${key}`,
  );
  if (refused) {
    return {
      state: 'warning',
      summary: `The keys may not delete (${refused.code}): staged files stay in the bucket. One small file stays now: ${key}.`,
      did,
    };
  }
  return { state: 'passed', summary: 'The keys may list, read, write and delete.', did };
}

type UnloadCheck = Pick<CheckStagingOptions, 'settings' | 'source' | 'target' | 'staging' | 'tools' | 'signal'>;

/** The whole way of a row: Redshift writes it with the role, Snowflake reads it through the stage, and it is deleted again. */
async function checkUnload(
  { settings, source, target, staging, tools, signal }: UnloadCheck,
  place: { bucket: string; prefix: string },
): Promise<CheckOutcome> {
  if (!source.unloadProbe)
    throw new AppError('NOT_SUPPORTED', { facts: { detail: 'This source cannot write to S3 itself.' } });
  const directory = `snowferry-check-${randomUUID()}/`;
  const uri = `${settings.s3Uri}${directory}`;
  const stagePath = `${await findStagePrefix(settings, target, signal)}${directory}`;
  const region = settings.region || (await tools.findRegion(settings, { signal }));
  const statement = await source.unloadProbe(
    { uri, iamRole: settings.iamRole, region, encryption: settings.encryption, maxFileSizeMb: 5 },
    { signal },
  );
  const files = await target.listStaged({ stage: settings.stage, path: stagePath }, { signal });
  const parquet = files.filter(({ path }) => path.endsWith('.parquet'));
  const counts = await Promise.all(
    parquet.map(({ path }) => target.countStagedRows({ stage: settings.stage, path }, { signal })),
  );
  const rows = counts.reduce((sum, count) => sum + count, 0);
  const did = [
    statement,
    `LIST @${settings.stage.name}/${stagePath}`,
    `SELECT COUNT(*) FROM @${settings.stage.name}/${stagePath}`,
  ];
  const leftover = await removeProbe(
    { settings, target, staging, signal },
    { key: `${place.prefix}${directory}`, stagePath },
  );
  if (rows !== 1) {
    throw new AppError('STAGE_ACCESS_DENIED', {
      facts: { uri, stage: settings.stage.name, detail: `one row was unloaded, ${rows} were read through the stage` },
    });
  }
  if (leftover)
    return { state: 'warning', summary: `One row made the whole way. Its file could not be deleted: ${leftover}`, did };
  return { state: 'passed', summary: 'One row made the whole way and was deleted again.', did };
}

/** Answers why the probe's files stay, or null when they are gone. */
async function removeProbe(
  { settings, target, staging, signal }: Pick<UnloadCheck, 'settings' | 'target' | 'staging' | 'signal'>,
  { key, stagePath }: { key: string; stagePath: string },
): Promise<string | null> {
  try {
    if (!staging) {
      await target.removeStaged({ stage: settings.stage, path: stagePath }, { signal });
      return null;
    }
    const objects = await staging.list(key, { signal });
    const [refused] = await staging.remove(
      objects.map((object) => object.key),
      { signal },
    );
    return refused ? `${refused.code} for ${refused.key}.` : null;
  } catch (error) {
    if (isAbort(error)) throw error;
    return toErrorValue(error).message;
  }
}
