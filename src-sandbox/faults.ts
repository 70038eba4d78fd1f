import type { RedshiftFault } from './redshift/session.ts';
import type { S3Fault } from './s3/server.ts';
import type { RequestFault } from './snowflake/server.ts';
import type { TdsFault } from './sqlserver/protocol/fault.ts';

/** What each stand-in can be made to do; the shapes are the stand-ins' own. */
export type FaultsByTarget = {
  s3: S3Fault;
  redshift: RedshiftFault;
  snowflake: RequestFault;
  sqlserver: TdsFault;
};

export type FaultTarget = keyof FaultsByTarget;

/**
 * When something happens. All conditions of a rule must hold.
 * `where` compares fields of what the stand-in reports (`operation`, `key`, `sql`, `path` ...) with patterns: `*` is any run of characters, letters of
 * either case; a pattern of true or false fits a boolean field.
 */
export type FaultRule = {
  [Target in FaultTarget]: {
    target: Target;
    where?: Record<string, string | boolean>;
    /** Of the requests that fit `where`: only these, counted from 1. */
    at?: number[];
    /** Of the requests that fit `where`: each with this probability, drawn from the plan's seed. */
    probability?: number;
    /** At most so often. */
    times?: number;
    fault: FaultsByTarget[Target];
  };
}[FaultTarget];

/** Plain data: it can be written to a file and handed to another process. The same seed and the same requests give the same faults. */
export type FaultPlan = { seed: number; rules: FaultRule[] };

export type FiredFault = {
  target: FaultTarget;
  rule: number;
  fault: FaultRule['fault'];
  info: Record<string, unknown>;
};

export type FaultInjector = {
  /** The hook for one stand-in; the first rule that applies decides. */
  hook<Target extends FaultTarget>(target: Target): (info: object) => FaultsByTarget[Target] | undefined;
  /** What was done so far, in order: a test that injects a fault checks that it came. */
  fired(): FiredFault[];
  /** Another plan from now on; counting starts anew. */
  replace(plan: FaultPlan): void;
};

export const NO_FAULTS: FaultPlan = { seed: 0, rules: [] };

/** Makes stand-ins fail on purpose. Throws on a plan that could never fire or is out of range. */
export function createFaultInjector(plan: FaultPlan, onFired?: (fired: FiredFault) => void): FaultInjector {
  let states = startPlan(plan);
  const fired: FiredFault[] = [];
  return {
    fired: () => [...fired],
    replace: (next) => {
      states = startPlan(next);
    },
    hook:
      <Target extends FaultTarget>(target: Target) =>
      (info: object) => {
        const fields = info as Record<string, unknown>;
        for (const state of states) {
          const { rule } = state;
          if (rule.target !== target || !fits(rule.where, fields)) continue;
          state.matched++;
          if (rule.at && !rule.at.includes(state.matched)) continue;
          // Drawn for every request that fits, so that a rule's draws do not depend on the other rules.
          if (rule.probability !== undefined && state.random() >= rule.probability) continue;
          if (rule.times !== undefined && state.done >= rule.times) continue;
          state.done++;
          const entry: FiredFault = { target, rule: state.index, fault: rule.fault, info: fields };
          fired.push(entry);
          onFired?.(entry);
          return rule.fault as FaultsByTarget[Target];
        }
        return undefined;
      },
  };
}

function startPlan(plan: FaultPlan) {
  return plan.rules.map((rule, index) => {
    checkRule(rule, index);
    return { rule, index, matched: 0, done: 0, random: createRandom(plan.seed + index * 0x9e3779b9) };
  });
}

function checkRule(rule: FaultRule, index: number): void {
  const { probability, at, times } = rule;
  const fail = (text: string) => new Error(`Rule ${index} of the fault plan: ${text}`);
  if (probability !== undefined && !(probability > 0 && probability <= 1))
    throw fail('probability must be above 0 and at most 1');
  if (at && (at.length === 0 || at.some((n) => !Number.isInteger(n) || n < 1)))
    throw fail('at must name requests from 1 on');
  if (times !== undefined && (!Number.isInteger(times) || times < 1))
    throw fail('times must be a whole number from 1 on');
}

function fits(where: Record<string, string | boolean> | undefined, info: Record<string, unknown>): boolean {
  return Object.entries(where ?? {}).every(([field, pattern]) => {
    const value = info[field];
    if (typeof pattern === 'boolean') return value === pattern;
    return typeof value === 'string' && toExpression(pattern).test(value);
  });
}

function toExpression(pattern: string): RegExp {
  const parts = pattern.split('*').map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${parts.join('[\\s\\S]*')}$`, 'i');
}

/** Mulberry32: small, seeded, the same on every machine; 0 up to but not including 1. */
function createRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
