import { existsSync, readFileSync, readdirSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { rootDir } from './paths.mjs';
import { ScriptError } from './script-error.mjs';

const fromCheckout = createRequire(path.join(rootDir, 'package.json'));

/** What a fuse reads as in the executable: the characters 1 and 0. */
const fuseOn = '1'.charCodeAt(0);
const fuseOff = '0'.charCodeAt(0);

/** How each fuse of a packaged app has to be. */
const wantedFuses = {
  RunAsNode: false,
  EnableCookieEncryption: true,
  EnableNodeOptionsEnvironmentVariable: false,
  EnableNodeCliInspectArguments: false,
  EnableEmbeddedAsarIntegrityValidation: true,
  OnlyLoadAppFromAsar: true,
  LoadBrowserProcessSpecificV8Snapshot: false,
  GrantFileProtocolExtraPrivileges: false,
};

/**
 * @param {string} dist what electron-builder wrote into
 * @returns {string} the folder with the packaged app for this platform
 */
export function findAppFolder(dist) {
  const pattern = { darwin: /^mac/, win32: /^win.*unpacked$/ }[process.platform] ?? /^linux.*unpacked$/;
  const found = existsSync(dist) ? readdirSync(dist).find((name) => pattern.test(name)) : undefined;
  if (!found) throw new ScriptError(`electron-builder made no app folder in ${dist}.`);
  return path.join(dist, found);
}

/**
 * Looks at a packaged app as it is on disk.
 * @param {string} appFolder
 * @returns {Promise<{ problems: string[], sizeBytes: number, archiveBytes: number }>} `problems` is empty when all is as it should be
 */
export async function checkPackage(appFolder) {
  const { executable, resources } = locate(appFolder);
  const archive = path.join(resources, 'app.asar');
  const { listPackage } = await import(fromCheckout.resolve('@electron/asar'));
  const files = listPackage(archive).map((file) => file.split(path.sep).join('/'));
  return {
    problems: [...(await checkFuses(executable)), ...checkFiles(files), ...checkNatives(resources)],
    sizeBytes: sizeOf(appFolder),
    archiveBytes: statSync(archive).size,
  };
}

function locate(appFolder) {
  if (process.platform === 'darwin') {
    const app = path.join(appFolder, 'Snowferry.app');
    return { executable: app, resources: path.join(app, 'Contents', 'Resources') };
  }
  const name = process.platform === 'win32' ? 'Snowferry.exe' : 'snowferry';
  return { executable: path.join(appFolder, name), resources: path.join(appFolder, 'resources') };
}

async function checkFuses(executable) {
  const { getCurrentFuseWire, FuseV1Options } = fromCheckout('@electron/fuses');
  const wire = await getCurrentFuseWire(executable);
  return Object.entries(wantedFuses).flatMap(([name, isOn]) => {
    const actual = wire[FuseV1Options[name]];
    const wanted = isOn ? fuseOn : fuseOff;
    return actual === wanted ? [] : [`the fuse ${name} is not ${isOn ? 'on' : 'off'}`];
  });
}

/** Packages of the build and of the page, which is bundled, do not belong into the archive; nor do sources and source maps. */
function checkFiles(files) {
  const { devDependencies } = JSON.parse(readFileSync(path.join(rootDir, 'package.json'), 'utf8'));
  const present = new Set(files.filter((file) => file.startsWith('/node_modules/')));
  const leaked = Object.keys(devDependencies).filter((name) => present.has(`/node_modules/${name}/package.json`));
  const needed = ['/package.json', '/out/main/index.js', '/out/main/cli.js', '/out/preload/preload.cjs'];
  const strange = files.filter((file) => /^\/(src-|scripts|e2e|bench|chaos)/.test(file) || file.endsWith('.map'));
  return [
    ...leaked.map((name) => `the archive holds ${name}, which is for development only`),
    ...needed.filter((file) => !files.includes(file)).map((file) => `the archive lacks ${file}`),
    ...strange.slice(0, 5).map((file) => `the archive holds ${file}`),
  ];
}

function checkNatives(resources) {
  const unpacked = path.join(resources, 'app.asar.unpacked', 'node_modules', '@libsql');
  return existsSync(unpacked) ? [] : ['the journal database (libsql) is not unpacked beside the archive'];
}

function sizeOf(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((total, entry) => total + statSync(path.join(entry.parentPath ?? entry.path, entry.name)).size, 0);
}
