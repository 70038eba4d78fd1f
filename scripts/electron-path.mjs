/**
 * Tells where the Electron executable is: `node scripts/electron-path.mjs` prints it; other scripts import findElectron from
 * lib/find-electron.mjs. Fetches nothing; set-up does that (`node scripts/setup.mjs --electron`).
 */
import { findElectron } from './lib/find-electron.mjs';
import { runScript, ScriptError } from './lib/script-error.mjs';

await runScript(() => {
  const runtime = findElectron();
  if (!runtime) throw new ScriptError('There is no Electron runtime yet. Run: node scripts/setup.mjs --electron');
  process.stdout.write(`${process.argv.includes('--json') ? JSON.stringify(runtime) : runtime.executable}\n`);
});
