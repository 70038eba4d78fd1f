import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import AxeBuilder from '@axe-core/playwright';
import { _electron, expect, test as base, type ElectronApplication, type Page } from '@playwright/test';

const ROOT = path.resolve(import.meta.dirname, '..');
const START_TIMEOUT_MS = 90_000;

/** The line that `npm run sandbox` prints, as far as the stories use it. */
export interface Practice {
  redshift: { host: string; port: number; database: string; user: string; password: string; caFile: string };
  s3: {
    endpoint: string;
    region: string;
    bucket: string;
    accessKeyId: string;
    secretAccessKey: string;
    iamRoleArn: string;
  };
  aws: { roles: { notAssociated: string } };
  snowflake: {
    accessUrl: string;
    account: string;
    user: string;
    password: string;
    database: string;
    schema: string;
    warehouse: string;
    role: string;
    stage: string;
    token: string;
  };
}

/** The practice environment with SQL Server as its source. */
export interface SqlServerPractice {
  sqlserver: {
    host: string;
    port: number;
    database: string;
    user: string;
    password: string;
    caFile: string;
    domainReader: { domain: string; user: string; password: string };
    entraToken: string;
  };
  snowflake: Practice['snowflake'];
}

const CLOSE_PATIENCE_MS = 10_000;

export interface RunningApp {
  app: ElectronApplication;
  page: Page;
  close(): Promise<void>;
}

/** Rules by which the stand-ins fail on purpose, as src-sandbox/faults.ts reads them. */
export interface FaultPlan {
  seed: number;
  rules: Record<string, unknown>[];
}

interface TestFixtures {
  /** Makes the practice environment fail from now on; it works again when the test ends. */
  setFaults(plan: FaultPlan): Promise<void>;
  /** Where this test's app keeps its data: empty at the start, removed at the end. */
  dataDirectory: string;
  /** Opens the app on the test's data directory, or on another; it may be closed and opened again, as a user would. */
  openApp(options?: { width: number; height: number }, otherDirectory?: string): Promise<RunningApp>;
  /** Keeps a picture of the page among the test artifacts. */
  shot(page: Page, name: string): Promise<void>;
}

interface WorkerFixtures {
  practiceProcess: PracticeProcess;
  practice: Practice;
  sqlServerPractice: SqlServerPractice;
}

interface PracticeProcess {
  description: unknown;
  setFaults(plan: FaultPlan): Promise<void>;
  stop(): Promise<void>;
}

const NO_FAULTS: FaultPlan = { seed: 0, rules: [] };

/* eslint-disable no-empty-pattern -- Playwright reads from the pattern which fixtures a fixture needs: an empty one says none. */
export const test = base.extend<TestFixtures, WorkerFixtures>({
  practiceProcess: [
    async ({}, use) => {
      const practice = await startPractice('redshift');
      await use(practice);
      await practice.stop();
    },
    { scope: 'worker', timeout: START_TIMEOUT_MS },
  ],
  practice: [({ practiceProcess }, use) => use(practiceProcess.description as Practice), { scope: 'worker' }],
  sqlServerPractice: [
    async ({}, use) => {
      const practice = await startPractice('sqlserver');
      await use(practice.description as SqlServerPractice);
      await practice.stop();
    },
    { scope: 'worker', timeout: START_TIMEOUT_MS },
  ],
  setFaults: async ({ practiceProcess }, use) => {
    await use((plan) => practiceProcess.setFaults(plan));
    await practiceProcess.setFaults(NO_FAULTS);
  },
  dataDirectory: async ({}, use) => {
    const directory = await mkdtemp(path.join(tmpdir(), 'snowferry-e2e-'));
    await use(directory);
    await rm(directory, { recursive: true, force: true });
  },
  openApp: async ({ dataDirectory }, use) => {
    const opened: RunningApp[] = [];
    await use(async (size, otherDirectory) => {
      const running = await launch(otherDirectory ?? dataDirectory, size);
      opened.push(running);
      return running;
    });
    for (const running of opened) await closeOrKill(running);
  },
  shot: async ({}, use) => {
    await use(async (page, name) => {
      await mkdir(path.join(ROOT, 'artifacts', 'screenshots'), { recursive: true });
      await page.screenshot({ path: path.join(ROOT, 'artifacts', 'screenshots', `${name}.png`) });
    });
  },
});

/* eslint-enable no-empty-pattern */

export { expect };

/** The runtime that set-up provides. */
function findElectron(): string {
  const given = process.env['SNOWFERRY_ELECTRON'];
  if (given) return given;
  return execFileSync(process.execPath, ['scripts/electron-path.mjs'], { cwd: ROOT, encoding: 'utf8' }).trim();
}

async function launch(dataDirectory: string, size?: { width: number; height: number }): Promise<RunningApp> {
  const app = await _electron.launch({
    executablePath: findElectron(),
    args: [
      ROOT,
      ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
      '--disable-gpu',
      `--user-data-dir=${dataDirectory}`,
    ],
    cwd: ROOT,
  });
  const page = await app.firstWindow();
  if (size) {
    await app.evaluate(
      ({ BrowserWindow }, wanted) => BrowserWindow.getAllWindows()[0]?.setContentSize(wanted.width, wanted.height),
      size,
    );
  }
  let isClosed = false;
  app.once('close', () => (isClosed = true));
  return {
    app,
    page,
    close: async () => {
      if (!isClosed) await app.close();
      isClosed = true;
    },
  };
}

/** A run that is still ending makes the window ask before it closes, and nobody is there any more to answer. */
async function closeOrKill(running: RunningApp): Promise<void> {
  const timer = setTimeout(() => running.app.process().kill('SIGKILL'), CLOSE_PATIENCE_MS);
  await running.close();
  clearTimeout(timer);
}

async function startPractice(source: 'redshift' | 'sqlserver'): Promise<PracticeProcess> {
  const child = spawn(
    process.execPath,
    ['--import', 'tsx', 'src-sandbox/main.ts', '--source', source, '--scale', '0.002'],
    {
      cwd: ROOT,
      stdio: ['pipe', 'pipe', 'pipe'],
    },
  );
  const said: string[] = [];
  createInterface({ input: child.stderr }).on('line', (line) => said.push(line));
  const lines = createInterface({ input: child.stdout });
  const first = await new Promise<string>((resolve, reject) => {
    lines.once('line', resolve);
    child.once('exit', (code) =>
      reject(new Error(`The practice environment ended with code ${String(code)}: ${said.join('\n')}`)),
    );
  });
  const setFaults = (plan: FaultPlan): Promise<void> =>
    new Promise((resolve) => {
      const onLine = (line: string): void => {
        if (line !== '{"faults":"set"}') return;
        lines.off('line', onLine);
        resolve();
      };
      lines.on('line', onLine);
      child.stdin.write(`${JSON.stringify({ faults: plan })}\n`);
    });
  return { description: JSON.parse(first), setFaults, stop: () => end(child) };
}

async function end(child: ChildProcess): Promise<void> {
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.stdin?.end();
  child.kill('SIGTERM');
  await ended;
}

/** The page as axe sees it: no violation of WCAG 2.1 A and AA. */
export async function expectAccessible(page: Page): Promise<void> {
  const { violations } = await new AxeBuilder({ page })
    .setLegacyMode(true)
    .withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa'])
    .analyze();
  const found = violations.flatMap(({ id, help, nodes }) =>
    nodes.map(({ target, failureSummary }) => `${id}: ${help} at ${target.join(' ')}: ${failureSummary ?? ''}`),
  );
  expect(found).toEqual([]);
}
