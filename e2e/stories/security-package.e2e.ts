import { existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { extractFile, listPackage } from '@electron/asar';
import { expect, test } from '@playwright/test';
import {
  createPerson,
  end,
  packageApp,
  spawnPackaged,
  startPackaged,
  type PackagedFolder,
  type PackagedRun,
  type Person,
} from '../support/packaged-app.ts';

/**
 * Electron's check list, https://www.electronjs.org/docs/latest/tutorial/security, against the app as users get it. The numbers of its points stand in the
 * names.
 */
test.describe('the packaged app', () => {
  let packaged: PackagedFolder;
  let person: Person;
  let running: PackagedRun;

  test.beforeAll(async () => {
    test.setTimeout(240_000);
    packaged = packageApp();
    person = createPerson();
    running = await startPackaged(packaged.executable, person);
  });
  test.afterAll(async () => {
    await running?.close();
    packaged?.remove();
    person?.remove();
  });

  test('1, 6, 18: loads its page from its own archive, by a protocol of its own, and nothing from elsewhere', async () => {
    const { page } = running;
    expect(page.url()).toMatch(/^app:\/\/snowferry\//);
    const loaded = await page.evaluate(() =>
      [...document.querySelectorAll('script, link, img, iframe, style')].flatMap((element) => {
        const address = (element as HTMLScriptElement).src || (element as HTMLLinkElement).href;
        return address ? [address] : [];
      }),
    );
    expect(loaded.length).toBeGreaterThan(1);
    expect(loaded.filter((name) => !/^(app:\/\/snowferry\/|data:image\/)/.test(name))).toEqual([]);
    for (const address of [
      'app://snowferry/%2e%2e/main/index.js',
      'app://snowferry/..%2f..%2fpackage.json',
      'app://snowferry/%E0%A4%A',
      'app://snowferry/%00',
      'app://other/index.html',
      'file:///etc/passwd',
    ])
      expect(await page.evaluate(loadsAsImage, address), address).toBe(false);
  });

  test('2, 3, 4, 16, 20: the page has no Node, no Electron, a world of its own and runs in the sandbox', async () => {
    const { page, child } = running;
    const found = await page.evaluate(() => ({
      globals: ['require', 'process', 'module', 'Buffer', 'global', 'ipcRenderer', 'electron', '__dirname'].filter(
        (name) => name in window,
      ),
      api: Object.keys((window as unknown as { api: object }).api).sort(),
      isFrozen: Reflect.set((window as unknown as { api: object }).api, 'invoke', () => 'mine') === false,
    }));
    expect(found).toMatchObject({ globals: [], api: ['cancel', 'invoke', 'on'] });
    const renderers = processesBelow(child.pid ?? 0).filter(({ args }) => args.includes('--type=renderer'));
    expect(renderers.length).toBeGreaterThan(0);
    for (const { args, status } of renderers) {
      expect(args.join(' ')).not.toMatch(/--node-integration|--no-context-isolation|--enable-node/);
      if (person.uid === undefined) continue;
      expect(args).not.toContain('--no-sandbox');
      // 2: every system call goes through a filter.
      expect(status).toMatch(/^Seccomp:\s*2$/m);
      expect(status).toMatch(/^NoNewPrivs:\s*1$/m);
    }
  });

  test('7, 8, 9: the policy of the page refuses foreign and inline scripts, connections, frames and plug-ins', async () => {
    const { page } = running;
    const refused = await page.evaluate(async () => {
      const seen = new Set<string>();
      document.addEventListener('securitypolicyviolation', ({ effectiveDirective }) => seen.add(effectiveDirective));
      const script = document.createElement('script');
      script.textContent = 'window.injected = true';
      const foreign = Object.assign(document.createElement('script'), { src: 'https://127.0.0.1:9/x.js' });
      const frame = Object.assign(document.createElement('iframe'), { src: 'https://127.0.0.1:9/' });
      const object = Object.assign(document.createElement('object'), { data: 'https://127.0.0.1:9/' });
      const picture = Object.assign(document.createElement('img'), { src: 'https://127.0.0.1:9/x.png' });
      document.body.append(script, foreign, frame, object, picture);
      await fetch('https://127.0.0.1:9/').catch(() => undefined);
      try {
        new WebSocket('wss://127.0.0.1:9/');
      } catch {
        seen.add('websocket');
      }
      await new Promise((resolve) => setTimeout(resolve, 500));
      for (const element of [script, foreign, frame, object, picture]) element.remove();
      return { seen: [...seen].sort(), isInjected: 'injected' in window };
    });
    expect(refused.isInjected).toBe(false);
    for (const directive of ['connect-src', 'frame-src', 'img-src', 'object-src', 'script-src-elem'])
      expect(refused.seen).toContain(directive);
  });

  test('5, 12, 13, 14: navigation, new windows, web views and permissions are refused', async () => {
    const { page } = running;
    expect(await page.evaluate(() => window.open('https://example.com/') === null)).toBe(true);
    await page.evaluate(() => location.assign('https://example.com/'));
    await page.evaluate(() => location.assign('file:///etc/passwd'));
    await page.evaluate(() => {
      const view = document.createElement('webview');
      view.setAttribute('src', 'https://example.com/');
      document.body.append(view);
      view.remove();
    });
    expect(page.url()).toMatch(/^app:\/\/snowferry\//);
    expect(page.context().pages()).toHaveLength(1);
    const states = await page.evaluate(() =>
      Promise.all(
        ['geolocation', 'notifications', 'camera', 'microphone', 'midi'].map((name) =>
          navigator.permissions.query({ name: name as PermissionName }).then(({ state }) => state),
        ),
      ),
    );
    expect(new Set(states)).toEqual(new Set(['denied']));
  });

  test('15: opens no address outside that is not on its list', async () => {
    const answers = await running.page.evaluate(async () => {
      const { api } = window as unknown as {
        api: { invoke(name: string, input: unknown, id: string): Promise<{ ok: boolean }> };
      };
      const addresses = [
        'http://docs.snowflake.com/',
        'https://docs.snowflake.com.evil.example/',
        'https://evil.example/docs.snowflake.com',
        'file:///etc/passwd',
        'javascript:alert(1)',
        'https://docs.snowflake.com@evil.example/',
        'smb://docs.snowflake.com/',
      ];
      return Promise.all(
        addresses.map((url, index) => api.invoke('app.openExternal', { url }, `o${index}`).then(({ ok }) => ok)),
      );
    });
    expect(answers).toEqual(answers.map(() => false));
  });

  test('19: runs neither as Node nor with an inspector nor with options of Node, whatever it is told', async () => {
    const { environment, home } = person;
    const marker = path.join(home, 'tmp', 'marker.txt');
    const script = path.join(home, 'tmp', 'marker.cjs');
    writeFileSync(script, `require('fs').writeFileSync(${JSON.stringify(marker)}, 'ran')`);
    for (const [args, more] of [
      [[script], { ELECTRON_RUN_AS_NODE: '1' }],
      [[], { NODE_OPTIONS: `--require ${script}` }],
      [['--inspect=0'], {}],
      [['--inspect-brk=0'], {}],
    ] as [string[], NodeJS.ProcessEnv][]) {
      const other = { ...person, home: path.join(home, 'tmp'), environment };
      const { child, output } = spawnPackaged(packaged.executable, other, ['--remote-debugging-port=0', ...args], more);
      await expect.poll(() => output.join(''), { timeout: 30_000 }).toContain('DevTools listening');
      await end(child);
      expect(output.join('')).not.toContain('Debugger listening');
      expect(existsSync(marker), args.join(' ')).toBe(false);
    }
  });

  test('19: runs no code that lies beside its archive', async () => {
    const resources = path.join(packaged.folder, 'resources');
    const beside = path.join(resources, 'app');
    const marker = path.join(person.home, 'tmp', 'beside.txt');
    mkdirSync(beside);
    writeFileSync(path.join(beside, 'package.json'), '{"name":"x","main":"x.js"}');
    writeFileSync(path.join(beside, 'x.js'), `require('fs').writeFileSync(${JSON.stringify(marker)}, 'ran')`);
    renameSync(path.join(resources, 'app.asar'), path.join(resources, 'away.asar'));
    const other = { ...person, home: path.join(person.home, 'tmp') };
    const { child } = spawnPackaged(packaged.executable, other, []);
    await new Promise((resolve) => setTimeout(resolve, 3000));
    await end(child);
    renameSync(path.join(resources, 'away.asar'), path.join(resources, 'app.asar'));
    rmSync(beside, { recursive: true });
    expect(existsSync(marker)).toBe(false);
  });

  test('10, 11, 17 and the rest that can only be read: no weak setting in the main script', () => {
    const archive = path.join(packaged.folder, 'resources', 'app.asar');
    const files = listPackage(archive, { isPack: false });
    expect(files.filter((file) => file.includes('@electron/remote'))).toEqual([]);
    const scripts = files.filter((file) => /^\/out\/main\/[^/]+\.js$/.test(file));
    const text = scripts.map((file) => extractFile(archive, file.slice(1)).toString('utf8')).join('\n');
    expect(text).toMatch(/sandbox: true/);
    expect(text).toMatch(/contextIsolation: true/);
    expect(text).toMatch(/devTools: !app\.isPackaged/);
    expect(text).not.toMatch(
      /webSecurity: false|allowRunningInsecureContent|experimentalFeatures|enableBlinkFeatures|nodeIntegration(InWorker|InSubFrames)?: true|enableRemoteModule|openDevTools|bypassCSP: true/,
    );
  });
});

/** Whether the page gets an answer with a body from there. */
function loadsAsImage(address: string): Promise<boolean> {
  return new Promise((resolve) => {
    const link = document.createElement('link');
    link.rel = 'stylesheet';
    link.onload = () => resolve(true);
    link.onerror = () => resolve(false);
    link.href = address;
    document.head.append(link);
  });
}

interface ProcessInfo {
  args: string[];
  status: string;
}

function processesBelow(parent: number): ProcessInfo[] {
  const all = readdirSync('/proc').flatMap((name) => {
    if (!/^\d+$/.test(name)) return [];
    try {
      const status = readFileSync(`/proc/${name}/status`, 'utf8');
      // What the zygote forks writes its arguments with blanks between them.
      const args = readFileSync(`/proc/${name}/cmdline`, 'utf8').split(/[\0 ]/);
      return [{ pid: Number(name), parent: Number(/^PPid:\s*(\d+)/m.exec(status)?.[1]), args, status }];
    } catch {
      return [];
    }
  });
  const below = (pid: number): typeof all => {
    const children = all.filter((each) => each.parent === pid);
    return [...children, ...children.flatMap((each) => below(each.pid))];
  };
  return below(parent);
}
