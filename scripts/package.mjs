/**
 * Packages the app for this platform into dist/: an app folder, or with `--installers` the installers that electron-builder.yml names
 * (dmg, nsis, AppImage and deb); with `--output <folder>` elsewhere than in dist/. At the end it looks at what came out: the fuses, what is in the archive, path and size.
 */
import { parseArgs } from 'node:util';
import path from 'node:path';
import { checkPackage, findAppFolder } from './lib/check-package.mjs';
import { ensureBuild } from './lib/ensure-build.mjs';
import { findElectron } from './lib/find-electron.mjs';
import { rootDir } from './lib/paths.mjs';
import { runWithLimit } from './lib/run-command.mjs';
import { say } from './lib/say.mjs';
import { runScript, ScriptError } from './lib/script-error.mjs';

const limitMs = 30 * 60_000;

await runScript(async () => {
  const { values } = parseArgs({
    options: { installers: { type: 'boolean', default: false }, output: { type: 'string', default: 'dist' } },
  });
  const output = path.resolve(rootDir, values.output);
  const runtime = findElectron();
  if (!runtime) throw new ScriptError('There is no Electron runtime yet. Run: node scripts/setup.mjs --electron');
  await ensureBuild();
  const platform = { darwin: '--mac', win32: '--win' }[process.platform] ?? '--linux';
  const args = [
    path.join(rootDir, 'node_modules', 'electron-builder', 'cli.js'),
    platform,
    ...(values.installers ? [] : ['dir']),
    '--publish=never',
    `-c.electronDist=${runtime.dist}`,
    `-c.electronVersion=${runtime.version}`,
    `-c.directories.output=${output}`,
  ];
  const { code } = await runWithLimit(process.execPath, args, { cwd: rootDir, limitMs });
  if (code !== 0) throw new ScriptError(`electron-builder ended with exit code ${code}.`, { exitCode: code });
  const appFolder = findAppFolder(output);
  const { problems, sizeBytes, archiveBytes } = await checkPackage(appFolder);
  for (const problem of problems) say(`Wrong: ${problem}`);
  const megabytes = (bytes) => `${(bytes / 1024 / 1024).toFixed(1)} MiB`;
  if (runtime.isFallback) say(`Packaged with Electron ${runtime.version}, an older runtime: not for production use.`);
  process.stdout.write(`${appFolder} (${megabytes(sizeBytes)}, of which app.asar ${megabytes(archiveBytes)})\n`);
  return problems.length === 0 ? 0 : 1;
});
