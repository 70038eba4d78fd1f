import { AppError, isAbort, toErrorValue } from '#shared/errors/app-error';
import type { JournalInstance } from '#shared/model/journal';
import type { Pause } from '#shared/model/run';
import type { Log } from '../lib/log.ts';
import type { LeaseState, LedgerLocation, Target } from '../targets/target.ts';
import { markSide } from './sides.ts';

/** This process's right to work on a run, kept alive in the ledger for as long as the run is at work. */
export interface LeaseKeeper {
  /** Rejects with LEASE_HELD when another instance works on the run. */
  acquire(signal: AbortSignal): Promise<void>;
  /** Renews now; false when another instance has taken the run over. Rejects like any call when Snowflake does not answer. */
  verify(): Promise<boolean>;
  /** Gives the run back, so that others need not wait; without an answer the lease simply runs out. */
  release(): Promise<void>;
}

export interface LeaseKeeperOptions {
  target: Pick<Target, 'acquireLease' | 'renewLease' | 'releaseLease'>;
  ledger: LedgerLocation;
  runId: string;
  instance: JournalInstance;
  leaseSeconds: number;
  /** Whether an instance is certainly gone: its lease need not be waited for then. */
  hasEnded(instance: { id: string; machine: string }): boolean;
  /** Another instance works on the run now. */
  onLost(pause: Pause): void;
  log: Log;
}

const RELEASE_LIMIT_MS = 10_000;
const SHORTEST_RENEWAL_MS = 10_000;

export function createLeaseKeeper(options: LeaseKeeperOptions): LeaseKeeper {
  const { target, ledger, runId, instance, leaseSeconds, log } = options;
  const place = { ledger, runId, leaseSeconds };
  const intervalMs = (leaseSeconds * 1000) / 4;
  let timer: NodeJS.Timeout | undefined;
  let isHeld = false;

  const lose = (by: LeaseState | null): void => {
    if (!isHeld) return;
    isHeld = false;
    clearTimeout(timer);
    options.onLost({
      cause: 'lease-lost',
      side: null,
      since: new Date().toISOString(),
      error: toErrorValue(leaseError('LEASE_LOST', by)),
      secrets: [],
    });
  };
  /** Ends with an error of its own when time is over: an AbortError would pass for a cancel. */
  const renewInTime = async () => {
    const limitMs = Math.max(intervalMs, SHORTEST_RENEWAL_MS);
    const signal = AbortSignal.timeout(limitMs);
    try {
      return await target.renewLease({ ...place, instanceId: instance.id }, { signal });
    } catch (error) {
      if (!isAbort(error)) throw error;
      const detail = `nothing about the lease within ${Math.round(limitMs / 1000)} seconds`;
      const late = new AppError('TARGET_UNAVAILABLE', { cause: error, facts: { detail } });
      markSide(late, 'snowflake');
      throw late;
    }
  };
  const renew = async (): Promise<boolean> => {
    const answer = await renewInTime();
    if (answer.kind === 'lost') lose(answer.by);
    return answer.kind === 'held';
  };
  const schedule = (): void => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      // A renewal without an answer is no loss: the next one may get through, and no load can commit on an expired lease.
      renew()
        .catch((error: unknown) => log('warn', 'The lease could not be renewed.', { runId, detail: String(error) }))
        .finally(() => {
          if (isHeld) schedule();
        });
    }, intervalMs);
    timer.unref();
  };

  return {
    async acquire(signal) {
      const take = (takeOverFrom: string | null) =>
        target.acquireLease({ ...place, holder: instance, takeOverFrom }, { signal });
      let answer = await take(null);
      if (answer.kind === 'held-by-other' && options.hasEnded({ id: answer.by.instanceId, machine: answer.by.machine }))
        answer = await take(answer.by.instanceId);
      if (answer.kind === 'held-by-other') throw leaseError('LEASE_HELD', answer.by);
      isHeld = true;
      schedule();
    },
    verify: renew,
    async release() {
      clearTimeout(timer);
      if (!isHeld) return;
      isHeld = false;
      try {
        const signal = AbortSignal.timeout(RELEASE_LIMIT_MS);
        await target.releaseLease({ ledger, runId, instanceId: instance.id }, { signal });
      } catch (error) {
        if (!isAbort(error)) log('warn', 'The lease could not be given back.', { runId, detail: String(error) });
      }
    },
  };
}

/** `process 4711 of ada on LAPTOP`. */
export function holderLabel({ host, pid, user }: Pick<LeaseState, 'host' | 'pid' | 'user'>): string {
  return `Process ${pid} of ${user} on ${host}`;
}

function leaseError(code: 'LEASE_HELD' | 'LEASE_LOST', by: LeaseState | null): AppError {
  if (!by) return new AppError(code, { facts: { holder: 'another instance', since: 'an unknown time' } });
  const { host, pid, user, since, renewedAt, expiresAt } = by;
  return new AppError(code, { facts: { holder: holderLabel(by), host, pid, user, since, renewedAt, expiresAt } });
}
