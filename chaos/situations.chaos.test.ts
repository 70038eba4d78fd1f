import { cpSync, readdirSync, truncateSync, statSync, openSync, writeSync, closeSync, readFileSync } from 'node:fs';
import path from 'node:path';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { querySnowflake } from '../scripts/lib/read-snowflake-rows.mjs';
import { NO_FAULTS, startEnvironment, type Environment, type FaultRule } from './environment.ts';
import { errorCodes } from './fault-test.ts';
import { abortTransactions, inspect, inspectUnfinished } from './inspect.ts';
import { startNetwork, type Network } from './network.ts';
import { endOf, startCommand, type RunningCommand } from './product.ts';
import { createScenario, type Scenario, type Strategy } from './scenario.ts';
import { seededRandom } from './seeded-random.ts';

/** What happens around a run: the network goes, somebody else works on the same things, files are damaged. Every test ends with all rows exactly once. */

let environment: Environment;
let sourceNetwork: Network;
let snowflakeNetwork: Network;
const scenarios: Scenario[] = [];
let number = 0;

beforeAll(async () => {
  environment = await startEnvironment({ source: 'redshift', scale: 0.005 });
  const { redshift, snowflake } = environment.description;
  sourceNetwork = await startNetwork({ host: '127.0.0.1', port: redshift?.port ?? 0 });
  snowflakeNetwork = await startNetwork({ host: '127.0.0.1', port: Number(new URL(snowflake.accessUrl).port) });
});

afterEach(async () => {
  await environment.setFaults(NO_FAULTS);
  await Promise.all([sourceNetwork.mend(), snowflakeNetwork.mend()]);
  await abortTransactions(environment);
  for (const scenario of scenarios.splice(0)) scenario.remove();
});

afterAll(async () => {
  await Promise.all([sourceNetwork?.close(), snowflakeNetwork?.close()]);
  await environment?.stop();
});

interface Given {
  schema?: string;
  tables?: string[];
  strategy?: Strategy;
  options?: Record<string, unknown>;
}

function scenario(given: Given = {}): Scenario {
  number += 1;
  const { description } = environment;
  const created = createScenario({
    source: 'redshift',
    strategy: given.strategy ?? 'unload',
    // The product goes through the cables, whoever looks at the result does not.
    sandbox: {
      ...description,
      redshift: { ...description.redshift, port: sourceNetwork.port },
      snowflake: { ...description.snowflake, accessUrl: `http://127.0.0.1:${snowflakeNetwork.port}` },
    } as typeof description,
    tables: given.tables ?? ['nation', 'supplier', 'customer', 'orders'],
    schema: given.schema ?? `SITUATION_${number}`,
    rowsPerPartition: 500,
    ...(given.options ? { options: given.options } : {}),
  });
  scenarios.push(created);
  return created;
}

/** Resolves when the stand-in has met the statement the given number of times; it is only slowed down there. */
function reached(rule: Omit<FaultRule, 'fault'>, delayMs = 50): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = environment.onFired(() => {
      stop();
      resolve();
    });
    environment.setFaults({ seed: 1, rules: [{ ...rule, fault: { kind: 'delay', delayMs } }] }).catch(reject);
  });
}

const THIRD_LOAD: Omit<FaultRule, 'fault'> = { target: 'snowflake', where: { sql: 'COPY INTO*' }, at: [3] };
const THIRD_UNLOAD: Omit<FaultRule, 'fault'> = { target: 'redshift', where: { isUnload: true }, at: [3] };

async function expectWhole(of: Scenario): Promise<void> {
  expect((await inspect(of, environment)).complaints).toEqual([]);
}

async function expectDone(running: RunningCommand): Promise<void> {
  const { code, stderr } = await endOf(running);
  expect(code, stderr).toBe(0);
}

describe('the network', () => {
  const cables: [string, () => Network, Omit<FaultRule, 'fault'>][] = [
    ['Redshift', () => sourceNetwork, THIRD_UNLOAD],
    ['Snowflake', () => snowflakeNetwork, THIRD_LOAD],
  ];

  it.each(cables)('to %s may be gone for some seconds: the run waits and goes on', async (_name, network, moment) => {
    const one = scenario();
    const running = startCommand('run', one);
    await reached(moment);
    await network().cut();
    await new Promise((resolve) => setTimeout(resolve, 6000));
    await network().mend();
    await expectDone(running);
    await expectWhole(one);
  });

  it.each(cables)('to %s may swallow everything: the silence is noticed', async (_name, network, moment) => {
    const limits = {
      statementSilenceSeconds: 3,
      targetCallSeconds: 10,
      unloadSilenceSeconds: 3,
      stagingCallSeconds: 10,
    };
    const one = scenario({ options: { limits } });
    const running = startCommand('run', one);
    await reached(moment);
    network().stall();
    await new Promise((resolve) => setTimeout(resolve, 15_000));
    await network().mend();
    await expectDone(running);
    await expectWhole(one);
  });

  it('to Redshift may be reset in the middle of a result', async () => {
    const one = scenario({ strategy: 'regular' });
    const running = startCommand('run', one);
    await reached({ target: 'redshift', where: { sql: 'SELECT*c1*' }, at: [1] });
    const resets = sourceNetwork.resetAfter(20_000, 3);
    await expectDone(running);
    expect(resets()).toBe(3);
    await expectWhole(one);
  });

  it('to Redshift may spoil a TLS handshake', async () => {
    const one = scenario();
    const running = startCommand('run', one);
    await reached(THIRD_UNLOAD);
    await sourceNetwork.cut();
    sourceNetwork.garble(2);
    await sourceNetwork.mend();
    const { code } = await endOf(running);
    if (code !== 0) await expectDone(startCommand('resume', one));
    await expectWhole(one);
  });

  it.each(cables)('to %s may be cut now and then', async (_name, network, moment) => {
    const one = scenario();
    const running = startCommand('run', one);
    for (let cut = 0; cut < 3; cut++) {
      await reached({ ...moment, at: [2] });
      await network().cut();
      await network().mend();
    }
    await expectDone(running);
    await expectWhole(one);
  });
});

describe('two at once', () => {
  it('a second instance with the same files is told who works on the run, and changes nothing', async () => {
    const one = scenario();
    const first = startCommand('run', one);
    await reached(THIRD_LOAD, 3000);
    const second = await startCommand('resume', one).ended;
    expect(errorCodes(second), second.stderr).toEqual(['LEASE_HELD']);
    await expectDone(first);
    await expectWhole(one);
  });

  it('a second instance on another machine, with a copy of the files, is told too', async () => {
    const one = scenario();
    const first = startCommand('run', one);
    await reached(THIRD_LOAD, 3000);
    const copy = { ...one, dataDirectory: `${one.dataDirectory}-copy` };
    cpSync(one.dataDirectory, copy.dataDirectory, { recursive: true });
    const second = await startCommand('resume', copy).ended;
    expect(errorCodes(second), second.stderr).toEqual(['LEASE_HELD']);
    await expectDone(first);
    await expectWhole(one);
  });

  it('two runs into the same tables: one loads them, the other one says that they are not empty', async () => {
    const one = scenario({ schema: 'SHARED' });
    const other = scenario({ schema: 'SHARED' });
    const first = startCommand('run', one);
    await reached(THIRD_LOAD, 500);
    const second = await startCommand('run', other).ended;
    expect(second.code, second.stderr).toBe(1);
    expect(errorCodes(second).filter((code) => !['TARGET_NOT_EMPTY', 'TARGET_IN_USE'].includes(code))).toEqual([]);
    await expectDone(first);
    expect((await inspect(one, environment)).differences).toBe(0);
  });
});

describe('a target', () => {
  it('that is dropped during the run is an error of that table alone; going on loads it from the start', async () => {
    const one = scenario();
    const running = startCommand('run', one);
    await reached({ ...THIRD_LOAD, where: { sql: 'COPY INTO*CUSTOMER*' }, at: [2] }, 1500);
    await snowflakeSql(`DROP TABLE ${targetOf(one, 'customer')}`);
    const { code } = await running.ended;
    expect(code).toBe(1);
    await expectDone(startCommand('resume', one));
    await expectWhole(one);
  });

  it('that gets another column during the run keeps its rows right', async () => {
    const one = scenario();
    const running = startCommand('run', one);
    await reached({ ...THIRD_LOAD, where: { sql: 'COPY INTO*ORDERS*' }, at: [1] }, 1);
    await snowflakeSql(`ALTER TABLE ${targetOf(one, 'orders')} ADD COLUMN NOTE VARCHAR`);
    await running.ended;
    await snowflakeSql(`ALTER TABLE ${targetOf(one, 'orders')} DROP COLUMN NOTE`);
    expect((await inspectUnfinished(one, environment)).filter((text) => !text.includes('open'))).toEqual([]);
  });
});

describe('the source', () => {
  it('that changes during the run: what was staged is what is loaded, and the comparison tells the difference', async () => {
    const client = new pg.Client({ ...environment.description.redshift, ssl: false });
    await client.connect();
    const one = scenario({ tables: ['region', 'nation'] });
    try {
      const running = startCommand('run', one);
      await reached({ target: 'snowflake', where: { sql: 'COPY INTO*NATION*' }, at: [1] }, 1500);
      await client.query("INSERT INTO tpch.nation VALUES (77, 'ATLANTIS', 1, 'came late')");
      await client.query("UPDATE tpch.nation SET n_comment = 'changed' WHERE n_nationkey = 3");
      const { code, report } = await running.ended;
      expect(code).toBe(1);
      expect(report?.tables?.map(({ loadedRows }) => loadedRows)).toEqual([5, 25]);
    } finally {
      await client.query('DELETE FROM tpch.nation WHERE n_nationkey = 77');
      await client.end();
    }
  });
});

describe('a damaged journal', () => {
  it.each([1, 2, 3, 4, 5, 6])('is noticed, rebuilt, and nothing is loaded twice (seed %i)', async (seed) => {
    const random = seededRandom(seed);
    const one = scenario();
    const running = startCommand('run', one);
    await reached({ target: 'snowflake', where: { sql: 'COMMIT*' }, at: [random.between(2, 8)] });
    running.kill();
    await running.ended;
    damage(one.dataDirectory, seed);
    const end = await endOf(startCommand('resume', one));
    expect(end.code, end.stderr).toBe(0);
    await expectWhole(one);
  });
});

/** Cuts or overwrites a part of one of the journal's files. */
function damage(directory: string, seed: number): void {
  const random = seededRandom(seed * 77);
  const files = readdirSync(directory)
    .filter((name) => /journal.*(db|sqlite|wal)/.test(name))
    .map((name) => path.join(directory, name));
  const file = random.pick(files.filter((name) => statSync(name).size > 0));
  const { size } = statSync(file);
  const offset = random.between(0, size - 1);
  if (seed % 2 === 0) return truncateSync(file, offset);
  const noise = Buffer.from(Array.from({ length: Math.min(512, size - offset) }, () => random.between(0, 255)));
  const handle = openSync(file, 'r+');
  writeSync(handle, noise, 0, noise.length, offset);
  closeSync(handle);
  expect(
    readFileSync(file)
      .subarray(offset, offset + noise.length)
      .equals(noise),
  ).toBe(true);
}

function targetOf({ tables }: Scenario, name: string): string {
  const target = tables.find(({ source }) => source.name === name)?.target;
  return `"${target?.database ?? ''}"."${target?.schema ?? ''}"."${target?.name ?? ''}"`;
}

async function snowflakeSql(sql: string): Promise<void> {
  await querySnowflake({ server: environment.description.snowflake, sql, onRow: () => undefined });
}
