/** Opens the app: builds when needed, then starts Electron with the arguments after `--`. */
import { readFileSync } from 'node:fs';
import { ensureBuild } from './lib/ensure-build.mjs';
import { findElectron } from './lib/find-electron.mjs';
import { rootDir } from './lib/paths.mjs';
import { runInForeground } from './lib/run-command.mjs';
import { say } from './lib/say.mjs';
import { runScript, ScriptError } from './lib/script-error.mjs';
import { hasDisplay } from './lib/system-libraries.mjs';

await runScript(async () => {
  if (!hasDisplay()) {
    throw new ScriptError(
      'There is no display here (DISPLAY and WAYLAND_DISPLAY are not set), so the window cannot open. ' +
        'To see a whole migration without a window, run: npm run practice',
    );
  }
  const runtime = findElectron();
  if (!runtime) throw new ScriptError('There is no Electron runtime yet. Run: node scripts/setup.mjs --electron');
  await ensureBuild();
  if (runtime.isFallback) say(`Starting with Electron ${runtime.version}, an older runtime for practice and tests.`);
  // Chromium's sandbox cannot be set up for root.
  const isRoot = process.getuid?.() === 0;
  const code = await runInForeground(
    runtime.executable,
    ['.', ...(isRoot ? ['--no-sandbox'] : []), ...process.argv.slice(2)],
    { cwd: rootDir },
  );
  if (code !== 0 && !isRoot && restrictsUserNamespaces()) {
    say(
      'This system restricts unprivileged user namespaces, which the sandbox of the window needs. ' +
        'Allow them (sysctl kernel.apparmor_restrict_unprivileged_userns=0) or install the packaged app.',
    );
  }
  return code;
});

function restrictsUserNamespaces() {
  try {
    return readFileSync('/proc/sys/kernel/apparmor_restrict_unprivileged_userns', 'utf8').trim() === '1';
  } catch {
    return false;
  }
}
