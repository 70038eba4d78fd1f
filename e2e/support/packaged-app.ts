import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { chmodSync, chownSync, copyFileSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { chromium, type Page } from '@playwright/test';

const ROOT = path.resolve(import.meta.dirname, '..', '..');
const NOBODY = 65_534;

/** A folder of its own with the app as users get it, made by `npm run package`. */
export interface PackagedFolder {
  /** The folder that holds the executable. */
  folder: string;
  executable: string;
  remove(): void;
}

export function packageApp(): PackagedFolder {
  const output = mkdtempSync(path.join(tmpdir(), 'snowferry-package-'));
  chmodSync(output, 0o755);
  const said = execFileSync(process.execPath, ['scripts/package.mjs', '--output', output], {
    cwd: ROOT,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const folder = /^(\/.+) \([\d.]+ MiB,/m.exec(said)?.[1];
  if (folder === undefined) throw new Error(`The package was not found in: ${said}`);
  return {
    folder,
    executable: path.join(folder, 'snowferry'),
    remove: () => rmSync(output, { recursive: true, force: true }),
  };
}

/** Somebody who is not root: Chromium's own sandbox works for such a user only. */
export interface Person {
  uid: number | undefined;
  home: string;
  environment: NodeJS.ProcessEnv;
  /** Arguments that Electron needs to run for this user. */
  args: string[];
  remove(): void;
}

export function createPerson(): Person {
  const home = mkdtempSync(path.join(tmpdir(), 'snowferry-home-'));
  const isRoot = process.getuid?.() === 0;
  const uid = isRoot && hasNamespaces() ? NOBODY : undefined;
  const environment: NodeJS.ProcessEnv = { ...process.env, HOME: home, TMPDIR: path.join(home, 'tmp') };
  mkdirSync(path.join(home, 'tmp'));
  const authority = process.env['XAUTHORITY'];
  if (authority !== undefined) {
    environment['XAUTHORITY'] = path.join(home, 'xauthority');
    copyFileSync(authority, environment['XAUTHORITY']);
  }
  if (uid !== undefined) {
    const own = [home, path.join(home, 'tmp'), ...(authority === undefined ? [] : [path.join(home, 'xauthority')])];
    for (const place of own) chownSync(place, uid, uid);
  }
  return {
    uid,
    home,
    environment,
    args: ['--disable-gpu', ...(isRoot && uid === undefined ? ['--no-sandbox'] : [])],
    remove: () => rmSync(home, { recursive: true, force: true }),
  };
}

/** Where the kernel gives no name spaces to ordinary users, Chromium's sandbox cannot be shown at work. */
function hasNamespaces(): boolean {
  try {
    execFileSync('setpriv', [`--reuid=${NOBODY}`, '--clear-groups', 'unshare', '-Ur', 'true'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

export interface PackagedRun {
  page: Page;
  child: ChildProcess;
  /** Everything that the app wrote to its terminal. */
  output: string[];
  close(): Promise<void>;
}

/** Starts the app with the inspector of its page open, which is how its behaviour can be seen from outside: its own inspector is closed by a fuse. */
export async function startPackaged(executable: string, person: Person, args: string[] = []): Promise<PackagedRun> {
  const { child, output } = spawnPackaged(executable, person, ['--remote-debugging-port=0', ...args]);
  const address = await new Promise<string>((resolve, reject) => {
    createInterface({ input: child.stderr }).on('line', (line) => {
      const found = /DevTools listening on (ws:\S+)/.exec(line)?.[1];
      if (found !== undefined) resolve(found);
    });
    child.once('exit', (code) => reject(new Error(`The app ended with ${String(code)}: ${output.join('')}`)));
  });
  const browser = await chromium.connectOverCDP(address);
  const context = browser.contexts()[0];
  const page = context?.pages()[0] ?? (await context?.waitForEvent('page'));
  if (!page) throw new Error('The app opened no window.');
  await page.waitForURL('app://snowferry/**');
  return {
    page,
    child,
    output,
    async close() {
      await browser.close().catch(() => undefined);
      await end(child);
    },
  };
}

export function spawnPackaged(
  executable: string,
  { uid, home, environment, args: needed }: Person,
  args: string[],
  more: NodeJS.ProcessEnv = {},
): { child: ChildProcess & { stderr: NodeJS.ReadableStream }; output: string[] } {
  const output: string[] = [];
  const child = spawn(executable, [...needed, `--user-data-dir=${path.join(home, 'data')}`, ...args], {
    cwd: home,
    env: { ...environment, ...more },
    stdio: ['ignore', 'pipe', 'pipe'],
    ...(uid === undefined ? {} : { uid, gid: uid }),
  });
  child.stdout.on('data', (part: Buffer) => output.push(part.toString()));
  child.stderr.on('data', (part: Buffer) => output.push(part.toString()));
  return { child, output };
}

export async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  const killing = setTimeout(() => child.kill('SIGKILL'), 10_000);
  await ended;
  clearTimeout(killing);
}
