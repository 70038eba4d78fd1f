import { describe, expect, it } from 'vitest';
import { createFaultInjector } from './faults.ts';
import type { FaultPlan } from './faults.ts';

const slowDown = { kind: 'error', code: 'SlowDown' } as const;
const put = { operation: 'PutObject', key: 'run/a/part-1.parquet' };

describe('a fault plan', () => {
  it('fires on the named requests that fit, and on no other stand-in', () => {
    const injector = createFaultInjector({
      seed: 1,
      rules: [{ target: 's3', where: { operation: 'putobject', key: '*.parquet' }, at: [2], fault: slowDown }],
    });
    const s3 = injector.hook('s3');
    const answers = [put, { ...put, operation: 'GetObject' }, { ...put, key: 'manifest' }, put, put].map(
      (info) => s3(info)?.kind,
    );
    expect(answers).toEqual([undefined, undefined, undefined, 'error', undefined]);
    expect(injector.hook('redshift')({ sql: 'x' })).toBeUndefined();
    expect(injector.fired()).toEqual([{ target: 's3', rule: 0, fault: slowDown, info: put }]);
  });

  it('gives the same faults for the same seed and others for another', () => {
    const run = (seed: number) => {
      const hook = createFaultInjector({ seed, rules: [{ target: 's3', probability: 0.3, fault: slowDown }] }).hook(
        's3',
      );
      return Array.from({ length: 200 }, () => (hook(put) ? 1 : 0));
    };
    const first = run(7);
    expect(run(7)).toEqual(first);
    expect(run(8)).not.toEqual(first);
    const count = first.filter((fired) => fired === 1).length;
    expect(count).toBeGreaterThan(35);
    expect(count).toBeLessThan(90);
  });

  it('stops after so many times, and lets the next rule decide then', () => {
    const drop = { kind: 'drop' } as const;
    const hook = createFaultInjector({
      seed: 1,
      rules: [
        { target: 'redshift', where: { isUnload: true }, times: 1, fault: drop },
        { target: 'redshift', where: { sql: 'unload*' }, fault: { kind: 'delay', delayMs: 5 } },
      ],
    }).hook('redshift');
    const statement = { sql: "UNLOAD ('select\n1')", isUnload: true };
    expect([hook(statement), hook(statement)]).toEqual([drop, { kind: 'delay', delayMs: 5 }]);
  });

  it.each([
    [{ probability: 0 }, /probability/],
    [{ at: [] }, /at must/],
    [{ at: [0] }, /at must/],
    [{ times: 0.5 }, /times/],
  ])('refuses %j', (rest, message) => {
    const plan: FaultPlan = { seed: 1, rules: [{ target: 's3', fault: slowDown, ...rest }] };
    expect(() => createFaultInjector(plan)).toThrow(message);
  });

  it('survives a trip through JSON', () => {
    const plan: FaultPlan = { seed: 3, rules: [{ target: 's3', fault: { kind: 'drop', when: 'after' }, times: 2 }] };
    const hook = createFaultInjector(JSON.parse(JSON.stringify(plan)) as FaultPlan).hook('s3');
    expect([hook(put), hook(put), hook(put)]).toEqual([plan.rules[0]?.fault, plan.rules[0]?.fault, undefined]);
  });
});
