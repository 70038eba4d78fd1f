import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from '../fixtures.ts';

const ROOT = path.resolve(import.meta.dirname, '..', '..');
const MESSAGES = 4_000;
const BATCH = 250;
const SEED = 77;
const LIMIT_MS = 5_000;

interface Printed {
  messages: { name: string; text: string }[];
  revive: string;
}

interface Verdict {
  index: number;
  end: string;
  elapsedMs: number;
}

test(`answers ${MESSAGES} hostile messages through the real bridge with values, and works on`, async ({
  openApp,
  dataDirectory,
}) => {
  test.setTimeout(300_000);
  const { messages, revive } = JSON.parse(
    execFileSync(
      process.execPath,
      ['--import', 'tsx', 'src-main/ipc/testing/print-hostile-messages.ts', String(SEED), String(MESSAGES)],
      { cwd: ROOT, encoding: 'utf8', maxBuffer: 100_000_000 },
    ),
  ) as Printed;
  const { app, page } = await openApp();
  // What would leave the app is noted instead of done.
  await app.evaluate(({ dialog, shell }) => {
    const outside: string[] = [];
    Object.assign(globalThis, { outside });
    Object.assign(shell, { openExternal: (url: string) => Promise.resolve(void outside.push(url)) });
    Object.assign(dialog, {
      showOpenDialog: () => Promise.resolve({ canceled: true, filePaths: [] }),
      showSaveDialog: () => Promise.resolve({ canceled: true, filePath: '' }),
    });
  });
  const before = new Set(readdirSync(path.dirname(dataDirectory)));
  // The compiler that printed the function marks the names of functions by `__name`.
  await page.evaluate(`window.__name = (named) => named; window.revive = ${revive}`);
  const sent = messages.map((message, index) => ({ ...message, index })).filter(mayBeSent);
  const verdicts: Verdict[] = [];
  for (let start = 0; start < sent.length; start += BATCH) {
    verdicts.push(...(await page.evaluate(sendAll, { batch: sent.slice(start, start + BATCH), limitMs: LIMIT_MS })));
  }
  expect(verdicts).toHaveLength(sent.length);
  const wrong = verdicts.filter(({ end }) => !/^(ok|[A-Z][A-Z0-9_]+|not cloneable)$/.test(end) || end === 'INTERNAL');
  expect(wrong.map(({ index, end }) => `${end}: ${JSON.stringify(messages[index])}`)).toEqual([]);
  const count = (end: string): number => verdicts.filter((verdict) => verdict.end === end).length;
  expect(count('INPUT_INVALID')).toBeGreaterThan(MESSAGES / 4);
  expect(count('ok')).toBeGreaterThan(MESSAGES / 20);
  // Values that no message can carry end in the page and never reach the app.
  expect(count('not cloneable')).toBeLessThan(MESSAGES / 4);

  const outside = await app.evaluate(() => (globalThis as unknown as { outside: string[] }).outside);
  expect(outside.filter((what) => !what.startsWith('https://docs.snowflake.com/'))).toEqual([]);
  expect(await page.evaluate(() => Object.keys(Object.prototype))).toEqual([]);
  expect(await app.evaluate(() => Object.keys(Object.prototype))).toEqual([]);
  const after = readdirSync(path.dirname(dataDirectory)).filter((name) => !before.has(name));
  expect(after.filter((name) => /escaped/.test(name))).toEqual([]);
  await page.reload();
  await expect(page.getByRole('heading').first()).toBeVisible();
});

test('refuses calls of frames and windows that are not the page', async ({ openApp }) => {
  const { app } = await openApp();
  const answers = await app.evaluate(async ({ app: electron, BrowserWindow }) => {
    const preload = `${electron.getAppPath()}/out/preload/preload.cjs`;
    const ask = async (address: string): Promise<unknown> => {
      const window = new BrowserWindow({
        show: false,
        webPreferences: { preload, sandbox: true, contextIsolation: true },
      });
      await window.loadURL(address);
      const answer: unknown = await window.webContents.executeJavaScript(
        "window.api.invoke('projects.list', undefined, 'c').then((answer) => answer.ok ? 'answered' : answer.error.code)",
      );
      window.destroy();
      return answer;
    };
    return [await ask('data:text/html,<p>foreign'), await ask('about:blank'), await ask('app://snowferry/index.html')];
  });
  expect(answers).toEqual(['INPUT_INVALID', 'INPUT_INVALID', 'answered']);
});

/** Calls that would end the app, start servers or reach into the network when they succeed are sent only as what cannot succeed. */
function mayBeSent({ name, text }: { name: string; text: string }): boolean {
  if (name === 'projects.update') return !/"(source|snowflake|staging)":\{/.test(text);
  if (name === 'staging.detectRegion') return !text.includes('bucket');
  if (name === 'practice.start') return !text.startsWith('{') && text !== 'null';
  return name !== 'app.closeWindow' || !/"(background|pause|cancel)"/.test(text);
}

/** Runs in the page. */
async function sendAll({
  batch,
  limitMs,
}: {
  batch: { name: string; text: string; index: number }[];
  limitMs: number;
}): Promise<Verdict[]> {
  type Answer = { ok: true; value: unknown } | { ok: false; error: { code: string } };
  const { api } = window as unknown as {
    api: { invoke(name: string, input: unknown, id: string): Promise<Answer>; cancel(id: string): void };
  };
  const { revive: make } = window as unknown as { revive(text: string, ids: Record<string, unknown>): unknown };
  const listed = (await api.invoke('projects.list', undefined, 'list')) as { value?: { id: string }[] };
  let projectId = listed.value?.[0]?.id ?? '';
  for (const { id } of listed.value?.slice(3) ?? [])
    await api.invoke('projects.delete', { projectId: id }, `delete ${id}`);
  if (projectId === '') {
    const made = (await api.invoke('projects.create', { name: 'fuzz', sourceKind: 'redshift' }, 'create')) as {
      value?: { id: string };
    };
    projectId = made.value?.id ?? '';
  }
  const verdicts: Verdict[] = [];
  for (const { name, text, index } of batch) {
    const got = (await api.invoke('projects.get', { projectId }, `get${index}`)) as { value?: { revision: number } };
    const ids = { 'id:projectId': projectId, revision: got.value?.revision ?? 1 };
    const started = performance.now();
    const late = new Promise<string>((resolve) => setTimeout(resolve, limitMs, 'no answer'));
    const call = (async () => {
      try {
        const answer = await api.invoke(name, make(text, ids), `m${index}`);
        return answer.ok ? 'ok' : answer.error.code;
      } catch (error) {
        const said = String(error);
        return /could not be cloned|recursion depth|Maximum call stack|unsupported|convert|object could not/i.test(said)
          ? 'not cloneable'
          : said;
      }
    })();
    verdicts.push({ index, end: await Promise.race([call, late]), elapsedMs: performance.now() - started });
    if (name === 'projects.delete') {
      const made = (await api.invoke('projects.create', { name: 'fuzz', sourceKind: 'redshift' }, `again${index}`)) as {
        value?: { id: string };
      };
      projectId = made.value?.id ?? projectId;
    }
  }
  return verdicts;
}
