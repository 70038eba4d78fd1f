import { readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, test } from '../fixtures.ts';
import { filesHolding } from '../support/files-holding.ts';
import { askWindow, type Answer } from '../support/call-window.ts';
import { makeReadyProject } from '../support/ready-project.ts';

const WRONG: Record<string, string> = Object.fromEntries(
  [
    'source.password',
    'source.token',
    'source.clientSecret',
    'source.awsSecretAccessKey',
    'source.awsSessionToken',
    'snowflake.password',
    'snowflake.privateKey',
    'snowflake.privateKeyPassphrase',
    'snowflake.token',
    'snowflake.proxyPassword',
    's3.secretAccessKey',
    's3.sessionToken',
    // Quotes, backslashes and blanks are written in another way in each place that a secret may leak to.
  ].map((slot) => [slot, `Wr0ng "${slot}" o'\\ Zk7q`]),
);

test('no secret, right or wrong, reaches a file, a log, the terminal, a process or what a crash leaves behind', async ({
  openApp,
  practice,
  sqlServerPractice,
  dataDirectory,
}) => {
  test.setTimeout(240_000);
  const before = new Set(readdirSync(tmpdir()));
  const { app, page } = await openApp();
  const main = app.process();
  const said: string[] = [];
  for (const stream of [main.stdout, main.stderr]) stream?.on('data', (part: Buffer) => said.push(part.toString()));
  const right = [practice.redshift.password, practice.snowflake.password, sqlServerPractice.sqlserver.password];
  const secrets = [...right, ...Object.values(WRONG)].flatMap(spellings);
  const answers: Answer[] = [];
  const call = async (name: string, input: unknown): Promise<Answer> => {
    const answer = await askWindow(page, name, input);
    answers.push(answer);
    return answer;
  };

  // Wrong ones of every kind, used where they are asked for.
  for (const { kind, source } of sourcesOf(practice, sqlServerPractice)) {
    const made = (await call('projects.create', { name: `wrong ${kind}`, sourceKind: source['kind'] })).value as {
      id: string;
      revision: number;
    };
    await call('secrets.set', { projectId: made.id, values: WRONG });
    for (const auth of ['password', 'key-pair', 'access-token', 'oauth']) {
      const { value } = await call('projects.get', { projectId: made.id });
      await call('projects.update', {
        projectId: made.id,
        revision: (value as { revision: number }).revision,
        patch: { source, snowflake: snowflakeOf(practice, auth) },
      });
      expect((await call('snowflake.test', { projectId: made.id })).ok, auth).toBe(false);
    }
    expect((await call('source.test', { projectId: made.id })).ok, kind).toBe(false);
    await call('source.listTables', { projectId: made.id });
    await call('snowflake.stageDdl', {
      projectId: made.id,
      stage: { database: 'D', schema: 'S', name: 'N' },
      s3Uri: 's3://bucket/path/',
      access: { kind: 'keys' },
    });
  }

  // The right ones, through a whole run with reading threads.
  const projectId = await makeReadyProject(page, practice, { name: 'secrets', targetSchema: 'SECRETS' });
  const plan = (await call('plan.build', { projectId })).value as { id: string };
  const run = (await call('run.start', { planId: plan.id })).value as { runId: string };
  const seen = new Set<string>();
  await expect
    .poll(
      async () => {
        for (const text of processTexts(main.pid ?? 0)) seen.add(text);
        return ((await call('run.snapshot', { runId: run.runId })).value as { state: string }).state;
      },
      { timeout: 120_000 },
    )
    .toBe('done');
  await call('validation.run', { runId: run.runId });

  // What is thrown and caught by nobody, and what Node would report of itself.
  const report = await app.evaluate((_electron, text) => {
    setTimeout(() => {
      throw new Error(`thrown with ${text}`);
    }, 0);
    void Promise.reject(new Error(`rejected with ${text}`));
    return JSON.stringify(process.report?.getReport() ?? {});
  }, practice.redshift.password);
  const log = path.join(dataDirectory, 'logs', 'snowferry.log');
  await expect.poll(() => readFileSync(log, 'utf8')).toContain('rejected with ***');
  expect(readFileSync(log, 'utf8')).toContain('thrown with ***');

  const leaks = (texts: Iterable<string>): string[] =>
    [...texts].flatMap((text) => secrets.filter((secret) => text.includes(secret)));
  expect(seen.size).toBeGreaterThan(2);
  expect(leaks(seen)).toEqual([]);
  expect(leaks([report])).toEqual([]);
  expect(leaks(answers.map((answer) => JSON.stringify(answer)))).toEqual([]);
  expect(
    leaks(await page.evaluate(() => [JSON.stringify(localStorage), JSON.stringify(sessionStorage), document.cookie])),
  ).toEqual([]);

  // The hardest end: the process is torn down while it knows them all.
  const ended = new Promise((resolve) => main.once('exit', resolve));
  await app.evaluate(() => setTimeout(() => process.crash(), 100));
  await ended;
  expect(leaks([said.join('')])).toEqual([]);
  expect(await filesHolding(dataDirectory, secrets)).toEqual([]);
  for (const name of readdirSync(tmpdir()).filter((each) => !before.has(each))) {
    // Practice servers of other test runs know the same passwords.
    if (/^snowferry-(sandbox|practice|e2e|kill|chaos)/.test(name)) continue;
    expect(await filesHolding(path.join(tmpdir(), name), secrets).catch(() => []), name).toEqual([]);
  }
});

function spellings(secret: string): string[] {
  return [
    ...new Set([secret, JSON.stringify(secret).slice(1, -1), secret.replaceAll("'", "''"), encodeURIComponent(secret)]),
  ];
}

/** Arguments and environment of the app and everything it started, as any user of the computer's process list may see them. */
function processTexts(root: number): string[] {
  const parents = new Map<number, number>();
  for (const name of readdirSync('/proc')) {
    const status = /^\d+$/.test(name) ? readOrEmpty(`/proc/${name}/status`) : '';
    const parent = /^PPid:\s*(\d+)/m.exec(status)?.[1];
    if (parent !== undefined) parents.set(Number(name), Number(parent));
  }
  const isOurs = (pid: number): boolean => pid === root || (pid > 1 && isOurs(parents.get(pid) ?? 0));
  return [...parents.keys()]
    .filter(isOurs)
    .flatMap((pid) => [readOrEmpty(`/proc/${pid}/cmdline`), readOrEmpty(`/proc/${pid}/environ`), threadNames(pid)]);
}

function threadNames(pid: number): string {
  try {
    return readdirSync(`/proc/${pid}/task`)
      .map((task) => readOrEmpty(`/proc/${pid}/task/${task}/comm`))
      .join('');
  } catch {
    return '';
  }
}

function readOrEmpty(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

type Practices = Parameters<typeof makeReadyProject>[1];

function snowflakeOf({ snowflake }: Practices, auth: string): Record<string, unknown> {
  const { account, user, role, warehouse, accessUrl } = snowflake;
  const more = auth === 'password' ? { passcode: '' } : auth === 'key-pair' ? { keyFile: '' } : {};
  return {
    account,
    user,
    auth: { kind: auth, ...more },
    role,
    warehouse,
    accessUrl,
    proxy: { host: '', port: null, user: '' },
  };
}

function sourcesOf(
  { redshift }: Practices,
  { sqlserver }: { sqlserver: { host: string; port: number; database: string; user: string } },
): { kind: string; source: Record<string, unknown> }[] {
  const redshiftBase = {
    kind: 'redshift',
    host: redshift.host,
    port: redshift.port,
    database: redshift.database,
    tls: { mode: 'disable', caFile: '' },
  };
  const sqlServerBase = {
    kind: 'sqlserver',
    host: sqlserver.host,
    instance: '',
    port: sqlserver.port,
    database: sqlserver.database,
    encrypt: true,
    trustServerCertificate: true,
    caFile: '',
    readOnlyIntent: false,
  };
  return [
    { kind: 'Redshift password', source: { ...redshiftBase, auth: { kind: 'password', user: redshift.user } } },
    { kind: 'SQL Server password', source: { ...sqlServerBase, auth: { kind: 'sql-login', user: sqlserver.user } } },
    { kind: 'SQL Server token', source: { ...sqlServerBase, auth: { kind: 'entra-token' } } },
  ];
}
