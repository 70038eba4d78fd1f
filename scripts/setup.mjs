/**
 * Makes a checkout ready, whatever its state: the locked dependencies, the Electron runtime, and what the system lacks. Silent and fast
 * when nothing is to do. Node built-ins only, because on a fresh clone there is nothing else.
 *
 *   --electron  the Electron runtime too
 *   --window    for opening the app: Electron and its system libraries, unless there is no display to open it on
 *   --test      for the tests: Electron's system libraries and, without a display, a virtual one
 *   --quiet     no closing line
 */
import { parseArgs } from 'node:util';
import { provideElectron } from './lib/provide-electron.mjs';
import { providePackages } from './lib/provide-packages.mjs';
import { say } from './lib/say.mjs';
import { runScript, ScriptError } from './lib/script-error.mjs';
import { hasDisplay, provideSystemLibraries } from './lib/system-libraries.mjs';

await runScript(async () => {
  const flags = parseFlags();
  requireNode();
  await providePackages();
  const isUseless = flags.window && !hasDisplay();
  if ((!flags.electron && !flags.window && !flags.test) || isUseless) return;
  const runtime = await provideElectron();
  if (flags.test || flags.window) {
    await provideSystemLibraries({
      executable: runtime.executable,
      needsVirtualDisplay: flags.test && !hasDisplay(),
    });
  }
  if (runtime.isFallback && !flags.quiet) {
    say(`Electron ${runtime.version} (an older runtime, for practice and tests only).`);
  }
});

function parseFlags() {
  try {
    const boolean = { type: 'boolean', default: false };
    return parseArgs({ options: { electron: boolean, window: boolean, test: boolean, quiet: boolean } }).values;
  } catch (error) {
    throw new ScriptError(error.message, { exitCode: 2 });
  }
}

function requireNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major > 20 || (major === 20 && minor >= 19)) return;
  throw new ScriptError(`Node.js 20.19 or newer is needed; this is ${process.versions.node}.`);
}
