import { createClosers } from './closers.ts';
import { openDataDirectory } from './data-directory.ts';
import { createFaultInjector, NO_FAULTS } from './faults.ts';
import type { FaultPlan, FiredFault } from './faults.ts';
import { UsageError } from './options.ts';
import type { SandboxArguments } from './options.ts';
import type { SandboxDescription } from './sandbox-description.ts';
import { startAws } from './start-aws.ts';
import type { PracticeAws } from './start-aws.ts';
import { startRedshiftSource } from './start-redshift-source.ts';
import { startSnowflakeTarget } from './start-snowflake-target.ts';

export type SandboxOptions = SandboxArguments & {
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
  if (options.source === 'sqlserver') {
    throw new UsageError('--source sqlserver: the practice environment has no SQL Server yet. Use --source redshift.');
  }
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
    const aws = await startAws({ dataDirectory: directory.path, faults, closers });
    const [redshift, snowflake] = await bothOf(
      startRedshiftSource({ ...options, dataDirectory: directory.path, aws, faults, closers }),
      startSnowflakeTarget({
        dataDirectory: directory.path,
        aws,
        faultPlan: options.faults ?? NO_FAULTS,
        onFired,
        closers,
        log,
      }),
    );
    signal?.throwIfAborted();
    log(`The practice environment is ready after ${((performance.now() - startedAt) / 1000).toFixed(1)} s.`);
    const description: SandboxDescription = {
      redshift,
      s3: aws.describeS3(),
      snowflake: snowflake.description,
      aws: aws.describe(),
      processIds: { sandbox: process.pid, snowflake: snowflake.processId },
    };
    const setFaults = (plan: FaultPlan): void => {
      faults.replace(plan);
      snowflake.setFaults(plan);
    };
    return { description, aws, firedFaults: () => [...fired], setFaults, close };
  } catch (error) {
    await close();
    throw error;
  } finally {
    signal?.removeEventListener('abort', onAbort);
  }
}

/** Waits for both even when one fails, so that nothing is still starting while the rest is being stopped. */
async function bothOf<First, Second>(first: Promise<First>, second: Promise<Second>): Promise<[First, Second]> {
  const [one, two] = await Promise.allSettled([first, second]);
  if (one.status === 'rejected') throw one.reason;
  if (two.status === 'rejected') throw two.reason;
  return [one.value, two.value];
}
