import { createClosers } from './closers.ts';
import type { Closers } from './closers.ts';
import { openDataDirectory } from './data-directory.ts';
import { createFaultInjector, NO_FAULTS } from './faults.ts';
import type { FaultInjector, FaultPlan, FiredFault } from './faults.ts';
import type { SandboxArguments } from './options.ts';
import type { SandboxDescription } from './sandbox-description.ts';
import { startAws } from './start-aws.ts';
import type { PracticeAws } from './start-aws.ts';
import { startRedshiftSource } from './start-redshift-source.ts';
import { startSnowflakeTarget } from './start-snowflake-target.ts';
import { startSqlServerSource } from './start-sqlserver-source.ts';

export type SandboxOptions = Omit<SandboxArguments, 'resultCache'> & {
  /** False by default. */
  resultCache?: boolean;
  log: (line: string) => void;
  /** Aborted: what has been started is stopped, and the promise rejects. */
  signal?: AbortSignal;
  faults?: FaultPlan;
  onFired?: (fault: FiredFault) => void;
};

export type Sandbox = {
  description: SandboxDescription;
  /** The bucket and the account, for tests in the same process; null when the source needs none. */
  aws: PracticeAws | null;
  firedFaults(): FiredFault[];
  /** Another plan for every stand-in, from now on. Throws on a plan that could never fire. */
  setFaults(plan: FaultPlan): void;
  /** Stops everything and removes the data. */
  close(): Promise<void>;
};

/**
 * Starts what the source needs, and Snowflake, side by side; seeds; sets Snowflake up as an administrator would. Throws UsageError for what the person
 * who asked can mend.
 */
export async function startSandbox(options: SandboxOptions): Promise<Sandbox> {
  const { log, signal } = options;
  const directory = await openDataDirectory(options.dataDirectory);
  const closers = createClosers(log);
  const fired: FiredFault[] = [];
  const onFired = (fault: FiredFault): void => {
    fired.push(fault);
    options.onFired?.(fault);
  };
  const faults = createFaultInjector(options.faults ?? NO_FAULTS, onFired);
  const close = async (): Promise<void> => {
    await closers.closeAll();
    await directory.remove();
  };
  const onAbort = (): void => void closers.closeAll();
  signal?.addEventListener('abort', onAbort, { once: true });
  try {
    signal?.throwIfAborted();
    const startedAt = performance.now();
    const context: Context = { options, dataDirectory: directory.path, faults, onFired, closers };
    const started =
      options.source === 'sqlserver' ? await startWithSqlServer(context) : await startWithRedshift(context);
    signal?.throwIfAborted();
    log(`The practice environment is ready after ${((performance.now() - startedAt) / 1000).toFixed(1)} s.`);
    const { description, aws, standInsWithFaults } = started;
    const setFaults = (plan: FaultPlan): void => {
      faults.replace(plan);
      for (const standIn of standInsWithFaults) standIn.setFaults(plan);
    };
    return { description, aws, firedFaults: () => [...fired], setFaults, close };
  } catch (error) {
    await close();
    throw error;
  } finally {
    signal?.removeEventListener('abort', onAbort);
  }
}

type Context = {
  options: SandboxOptions;
  dataDirectory: string;
  faults: FaultInjector;
  onFired: (fault: FiredFault) => void;
  closers: Closers;
};

type Started = Pick<Sandbox, 'description' | 'aws'> & {
  /** In processes of their own. */
  standInsWithFaults: { setFaults(plan: FaultPlan): void }[];
};

async function startWithRedshift({ options, dataDirectory, faults, onFired, closers }: Context): Promise<Started> {
  const faultPlan = options.faults ?? NO_FAULTS;
  const aws = await startAws({ dataDirectory, faults, closers });
  const [redshift, snowflake] = await bothOf(
    startRedshiftSource({ ...options, dataDirectory, aws, faults, closers }),
    startSnowflakeTarget({ dataDirectory, aws, faultPlan, onFired, closers, log: options.log }),
  );
  const description: SandboxDescription = {
    redshift,
    s3: aws.describeS3(),
    snowflake: snowflake.description,
    aws: aws.describe(),
    processIds: { sandbox: process.pid, snowflake: snowflake.processId },
  };
  return { description, aws, standInsWithFaults: [snowflake] };
}

/** No S3: the files go to Snowflake's own stage. */
async function startWithSqlServer({ options, dataDirectory, onFired, closers }: Context): Promise<Started> {
  const faultPlan = options.faults ?? NO_FAULTS;
  const common = { dataDirectory, faultPlan, onFired, closers, log: options.log };
  const [sqlserver, snowflake] = await bothOf(
    startSqlServerSource({ ...options, ...common, resultCache: options.resultCache ?? false }),
    startSnowflakeTarget({ ...common, aws: null }),
  );
  const description: SandboxDescription = {
    sqlserver: sqlserver.description,
    snowflake: snowflake.description,
    processIds: { sandbox: process.pid, snowflake: snowflake.processId, sqlserver: sqlserver.processId },
  };
  return { description, aws: null, standInsWithFaults: [sqlserver, snowflake] };
}

/** Waits for both even when one fails, so that nothing is still starting while the rest is being stopped. */
async function bothOf<First, Second>(first: Promise<First>, second: Promise<Second>): Promise<[First, Second]> {
  const [one, two] = await Promise.allSettled([first, second]);
  if (one.status === 'rejected') throw one.reason;
  if (two.status === 'rejected') throw two.reason;
  return [one.value, two.value];
}
