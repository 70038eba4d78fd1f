import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { cacheDir, rootDir } from './paths.mjs';
import { fallbackRuntime } from './pinned.mjs';
import { ScriptError } from './script-error.mjs';

/**
 * @typedef {object} ElectronRuntime
 * @property {string} executable absolute path
 * @property {string} dist the folder that electron-builder takes as `electronDist`
 * @property {string} version
 * @property {boolean} isFallback the older runtime for practice and tests
 */

/**
 * Finds the Electron runtime that set-up provided, without fetching anything: the folder in ELECTRON_OVERRIDE_DIST_PATH, else
 * node_modules/electron/dist, else the fallback in the cache.
 * @returns {ElectronRuntime | null} null when there is none yet
 * @throws {ScriptError} when ELECTRON_OVERRIDE_DIST_PATH names a folder without the executable
 */
export function findElectron() {
  const override = process.env.ELECTRON_OVERRIDE_DIST_PATH;
  if (override) {
    const dist = path.resolve(override);
    const executable = path.join(dist, executableName());
    if (!existsSync(executable)) {
      throw new ScriptError(
        `ELECTRON_OVERRIDE_DIST_PATH is set to ${dist}, but there is no ${executableName()} in it. Correct the variable or remove it.`,
      );
    }
    return {
      executable,
      dist,
      version: readVersion(dist) ?? installedPackageVersion() ?? 'unknown',
      isFallback: false,
    };
  }
  return findOfficial() ?? findFallback();
}

/** Where the fallback lives once it has been made. */
export function fallbackDir() {
  return path.join(
    cacheDir(),
    `electron-${fallbackRuntime.electronVersion}-${fallbackRuntime.platform}-${fallbackRuntime.arch}`,
  );
}

export function hasFallbackForThisMachine() {
  return process.platform === fallbackRuntime.platform && process.arch === fallbackRuntime.arch;
}

/** The version of the installed `electron` package, which need not have its binary. */
export function installedPackageVersion() {
  try {
    const file = path.join(rootDir, 'node_modules', 'electron', 'package.json');
    return JSON.parse(readFileSync(file, 'utf8')).version;
  } catch {
    return null;
  }
}

function findOfficial() {
  const dist = path.join(rootDir, 'node_modules', 'electron', 'dist');
  const executable = path.join(dist, executableName());
  const version = readVersion(dist);
  // A binary of another version than the package is left over from before an update.
  if (!version || version !== installedPackageVersion() || !existsSync(executable)) return null;
  return { executable, dist, version, isFallback: false };
}

function findFallback() {
  if (!hasFallbackForThisMachine()) return null;
  const dist = fallbackDir();
  const executable = path.join(dist, executableName());
  if (readVersion(dist) !== fallbackRuntime.electronVersion || !existsSync(executable)) return null;
  return { executable, dist, version: fallbackRuntime.electronVersion, isFallback: true };
}

function executableName() {
  if (process.platform === 'darwin') return path.join('Electron.app', 'Contents', 'MacOS', 'Electron');
  return process.platform === 'win32' ? 'electron.exe' : 'electron';
}

function readVersion(dist) {
  try {
    return readFileSync(path.join(dist, 'version'), 'utf8').trim().replace(/^v/, '');
  } catch {
    return null;
  }
}
