import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { debianPackages } from './pinned.mjs';
import { runCommand } from './run-command.mjs';
import { say } from './say.mjs';
import { ScriptError } from './script-error.mjs';

/**
 * Makes sure that Electron finds its shared libraries (Linux only) and, when asked for, that there is a virtual display. What is
 * missing is installed when this is root on a CI machine with apt; otherwise the user is told what to install.
 * @param {{ executable: string, needsVirtualDisplay: boolean }} options
 * @throws {ScriptError} with the exact apt-get line
 */
export async function provideSystemLibraries({ executable, needsVirtualDisplay }) {
  if (process.platform !== 'linux') return;
  const missing = await findMissing({ executable, needsVirtualDisplay });
  if (missing.length === 0) return;
  const packages = packagesToInstall(needsVirtualDisplay);
  if (process.env.CI === 'true' && process.getuid?.() === 0 && isOnPath('apt-get')) {
    await installWithApt(packages, missing);
    const still = await findMissing({ executable, needsVirtualDisplay });
    if (still.length === 0) return;
    throw new ScriptError(`Still missing after the installation: ${still.join(', ')}.`);
  }
  const sudo = process.getuid?.() === 0 ? '' : 'sudo ';
  throw new ScriptError(
    `Electron needs system packages that are missing here (${missing.join(', ')}). ` +
      `Install them with: ${sudo}apt-get update && ${sudo}apt-get install --yes --no-install-recommends ${packages.join(' ')}`,
  );
}

/** @returns {boolean} whether there is a screen to open a window on */
export function hasDisplay() {
  return process.platform !== 'linux' || Boolean(process.env.DISPLAY || process.env.WAYLAND_DISPLAY);
}

export function isOnPath(name) {
  return (process.env.PATH ?? '').split(path.delimiter).some((folder) => folder && existsSync(path.join(folder, name)));
}

async function findMissing({ executable, needsVirtualDisplay }) {
  const result = await runCommand('ldd', [executable], { env: { ...process.env, LC_ALL: 'C' } });
  const libraries = [...result.stdout.matchAll(/^\s*(\S+) => not found/gm)].map((match) => match[1]);
  const missing = [...new Set(libraries)];
  if (needsVirtualDisplay) missing.push(...['xvfb-run', 'xauth'].filter((name) => !isOnPath(name)));
  return missing;
}

function packagesToInstall(needsVirtualDisplay) {
  const names = [...debianPackages.libraries, ...(needsVirtualDisplay ? debianPackages.virtualDisplay : [])];
  const isRenamed = hasT64Names();
  return names.map((name) => (isRenamed && debianPackages.renamedT64.includes(name) ? `${name}t64` : name));
}

function hasT64Names() {
  let text = '';
  try {
    text = readFileSync('/etc/os-release', 'utf8');
  } catch {
    return false;
  }
  const field = (name) => new RegExp(`^${name}="?([^"\\n]*)"?$`, 'm').exec(text)?.[1] ?? '';
  const version = Number.parseFloat(field('VERSION_ID')) || 0;
  return field('ID') === 'ubuntu' ? version >= 24.04 : field('ID') === 'debian' && version >= 13;
}

async function installWithApt(packages, missing) {
  say(`Installing system packages (missing: ${missing.join(', ')}): ${packages.join(' ')}`);
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const update = await runCommand('apt-get', ['update', '-q'], { env, timeoutMs: 300_000 });
  const args = ['install', '--yes', '-q', '--no-install-recommends', ...packages];
  const result = await runCommand('apt-get', args, { env, timeoutMs: 900_000 });
  if (result.code === 0) return;
  const detail = `${update.stderr}\n${result.stderr}`.trim().split('\n').slice(-8).join('\n');
  throw new ScriptError(`apt-get could not install ${packages.join(' ')}:\n${detail}`);
}
