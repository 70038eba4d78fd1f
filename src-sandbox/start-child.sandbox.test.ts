import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { expect, it } from 'vitest';
import { startChild } from './start-child.ts';

const module = new URL('./start-child.fixture.ts', import.meta.url);

function isAlive(processId: number): boolean {
  try {
    process.kill(processId, 0);
    return true;
  } catch {
    return false;
  }
}

it('hands the options over, gives back what the child answers, and ends it', async () => {
  const lines: string[] = [];
  const reports: unknown[] = [];
  const child = await startChild({
    module,
    options: { name: 'one' },
    log: (line) => lines.push(line),
    onReport: (value) => reports.push(value),
  });
  expect(child.value).toEqual({ name: 'one', argv: [] });
  expect(reports).toEqual([{ from: 'one' }]);
  await expect.poll(() => lines).toEqual(['one says hello']);
  expect(isAlive(child.processId)).toBe(true);
  await child.close();
  expect(isAlive(child.processId)).toBe(false);
});

it.each([
  [{ name: 'x', fails: true }, /the port is taken/],
  [{ name: 'x', exits: true }, /start-child.fixture.ts ended before it was ready: exit code 7/],
])('rejects with the reason when the child cannot start: %j', async (options, message) => {
  await expect(startChild({ module, options, log: () => undefined })).rejects.toThrow(message);
});

it('kills a child that does not stop', async () => {
  const child = await startChild({
    module,
    options: { name: 'stubborn', hangs: true },
    log: () => undefined,
    stopTimeoutMs: 200,
  });
  await child.close();
  expect(isAlive(child.processId)).toBe(false);
});

it('says when the child ends by itself', async () => {
  const reasons: string[] = [];
  const child = await startChild({
    module,
    options: { name: 'x' },
    log: () => undefined,
    onUnexpectedExit: (reason) => reasons.push(reason),
  });
  process.kill(child.processId, 'SIGKILL');
  await expect.poll(() => reasons).toEqual(['signal SIGKILL']);
  await child.close();
});

it('ends the child when the parent is killed', async () => {
  const loader = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;
  const starter = fileURLToPath(new URL('./start-child.ts', import.meta.url));
  const code = `import { startChild } from ${JSON.stringify(pathToFileURL(starter).href)};
    const child = await startChild({ module: new URL(${JSON.stringify(module.href)}), options: { name: 'orphan' }, log: () => {} });
    console.log(child.processId);`;
  const parent = spawn(process.execPath, ['--import', loader, '--input-type=module', '--eval', code], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = (await once(parent.stdout, 'data')) as [Buffer];
  const orphan = Number(line.toString());
  expect(isAlive(orphan)).toBe(true);
  parent.kill('SIGKILL');
  await expect.poll(() => isAlive(orphan)).toBe(false);
});
