import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { cacheDir, rootDir } from './paths.mjs';
import { runCommand } from './run-command.mjs';
import { say } from './say.mjs';
import { ScriptError } from './script-error.mjs';
import { withLock } from './with-lock.mjs';

const sourceFolders = ['src-main', 'src-shared', 'src-renderer'];
const sourceFiles = ['electron.vite.config.ts', 'package.json', 'package-lock.json', 'tsconfig.base.json'];
const builtFiles = ['main/index.js', 'main/cli.js', 'preload/preload.cjs', 'renderer/index.html'];
const outDir = path.join(rootDir, 'out');
const stampFile = path.join(outDir, '.build-stamp');

/**
 * Builds the app into out/ when its sources are not those that out/ was built from (by content, so a checkout of the same files does
 * not build again). Everything is told on stderr.
 * @throws {ScriptError} with the build's output when it fails
 */
export async function ensureBuild() {
  if (isCurrent()) return;
  const lockName = `build-${createHash('sha256').update(rootDir).digest('hex').slice(0, 16)}.lock`;
  await withLock(path.join(cacheDir(), lockName), 'the build', async () => {
    if (isCurrent()) return;
    say('Building the app.');
    // Taken before the build: a file saved meanwhile makes the next call build again.
    const stamp = hashSources();
    rmSync(stampFile, { force: true });
    const script = path.join(rootDir, 'node_modules', 'electron-vite', 'bin', 'electron-vite.js');
    const result = await runCommand(process.execPath, [script, 'build', '--logLevel=warn'], {
      cwd: rootDir,
      env: { ...process.env, NO_COLOR: '1', NODE_ENV: 'production' },
    });
    if (result.code !== 0) {
      const output = stripVTControlCharacters(`${result.stdout}${result.stderr}`).trimEnd();
      throw new ScriptError(`The build failed.\n${output}`);
    }
    mkdirSync(outDir, { recursive: true });
    writeFileSync(stampFile, stamp);
  });
}

function isCurrent() {
  if (!builtFiles.every((file) => existsSync(path.join(outDir, file)))) return false;
  try {
    return readFileSync(stampFile, 'utf8') === hashSources();
  } catch {
    return false;
  }
}

function hashSources() {
  const hash = createHash('sha256');
  const files = [...sourceFolders.flatMap(listSources), ...sourceFiles];
  for (const file of files) {
    hash.update(`${file}\0`);
    hash.update(readFileSync(path.join(rootDir, file)));
    hash.update('\0');
  }
  return hash.digest('hex');
}

function listSources(folder) {
  return readdirSync(path.join(rootDir, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !/\.test\.tsx?$/.test(entry.name))
    .map((entry) => path.relative(rootDir, path.join(entry.parentPath ?? entry.path, entry.name)))
    .sort();
}
