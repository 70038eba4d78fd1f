/** The headless command line: builds when needed (told on stderr only), then runs it with the arguments as they are. */
import path from 'node:path';
import { ensureBuild } from './lib/ensure-build.mjs';
import { rootDir } from './lib/paths.mjs';
import { runInForeground } from './lib/run-command.mjs';
import { runScript } from './lib/script-error.mjs';

await runScript(async () => {
  await ensureBuild();
  return runInForeground(process.execPath, [path.join(rootDir, 'out', 'main', 'cli.js'), ...process.argv.slice(2)]);
});
