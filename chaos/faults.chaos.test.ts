import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startEnvironment, type Environment } from './environment.ts';
import { FAULT_CASES } from './fault-cases.ts';
import { runFaultCase } from './fault-test.ts';
import type { Strategy } from './scenario.ts';

let environment: Environment;

beforeAll(async () => {
  environment = await startEnvironment({ source: 'redshift', scale: 0.005 });
});
afterAll(() => environment?.stop());

const strategies: Strategy[] = ['unload', 'regular'];

describe.each(strategies)('a migration from Redshift by the strategy %s', (strategy) => {
  const cases = FAULT_CASES.filter((one) => one.strategies?.includes(strategy) ?? true);
  it.each(cases.map((faultCase, index) => ({ name: faultCase.name, faultCase, index })))(
    'ends with every row exactly once although $name',
    async ({ faultCase, index }) => {
      const outcome = await runFaultCase({
        environment,
        source: 'redshift',
        strategy,
        faultCase,
        schema: `FAULT_${strategy}_${index}`.toUpperCase(),
      });
      expect(outcome.fired, 'the fault came').toBeGreaterThanOrEqual(faultCase.fires ?? 1);
      expect(outcome.complaints, outcome.details).toEqual([]);
      if (faultCase.expected === 'done') expect([outcome.first, outcome.codes], outcome.details).toEqual(['done', []]);
      else
        expect(
          outcome.codes.every((code) => faultCase.expected.includes(code)) && outcome.codes.length > 0,
          outcome.codes.join(),
        ).toBe(true);
    },
  );
});
