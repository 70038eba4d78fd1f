import { rootDir } from './paths.mjs';
import { ScriptError } from './script-error.mjs';
import { startProcess } from './start-process.mjs';

/**
 * Starts the practice environment and waits for the JSON line with its addresses.
 * @param {{ args: string[], running: { stop: () => Promise<void> }[] }} options the process is added to `running` at once
 * @returns {Promise<any>} what it printed
 */
export async function startSandbox({ args, running }) {
  let announce;
  const announced = new Promise((resolve) => {
    announce = resolve;
  });
  const sandbox = startProcess({
    command: process.execPath,
    args: ['--import', 'tsx', 'src-sandbox/main.ts', ...args],
    cwd: rootDir,
    onStdout: (stdout) => {
      const end = stdout.indexOf('\n');
      if (end >= 0) announce(stdout.slice(0, end));
    },
  });
  running.push(sandbox);
  const ended = sandbox.ended.then(({ code }) => {
    throw new ScriptError(`The practice environment did not start (exit code ${code}).`, { exitCode: code || 1 });
  });
  // It also ends when all is done and it is stopped; nobody waits for that.
  ended.catch(() => undefined);
  return JSON.parse(await Promise.race([announced, ended]));
}
