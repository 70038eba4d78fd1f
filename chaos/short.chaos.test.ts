import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startEnvironment, type Environment } from './environment.ts';
import { fewFaultCases } from './fault-cases.ts';
import { judgeFaultCase, runFaultCase } from './fault-test.ts';
import { runKillTest } from './kill-test.ts';
import { WAYS } from './scenario.ts';
import { seededRandom } from './seeded-random.ts';

/** A short form of `npm run chaos`. */
const KILLS = 3;

describe.each(WAYS)('a migration from $source by the strategy $strategy', (way) => {
  let environment: Environment;

  beforeAll(async () => {
    environment = await startEnvironment({ source: way.source, scale: 0.005 });
  });
  afterAll(() => environment?.stop());

  it('is killed, goes on, and has every row exactly once', async () => {
    const report = await runKillTest({
      environment,
      ...way,
      kills: KILLS,
      random: seededRandom(20),
      name: 'KILLED',
      log: () => undefined,
    });
    expect(report.complaints).toEqual([]);
    expect([report.kills, report.differences]).toEqual([KILLS, 0]);
    expect(report.resumes).toBeGreaterThan(0);
  });

  it.each(fewFaultCases(way).map((faultCase, index) => ({ name: faultCase.name, faultCase, index })))(
    'has every row exactly once although $name',
    async ({ faultCase, index }) => {
      const outcome = await runFaultCase({ environment, ...way, faultCase, schema: `FAULT_${index}` });
      expect(judgeFaultCase(faultCase, outcome), outcome.details).toEqual([]);
    },
  );
});
