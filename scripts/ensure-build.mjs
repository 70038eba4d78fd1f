/** Builds the app when its sources changed since the last build: `node scripts/ensure-build.mjs`. */
import { ensureBuild } from './lib/ensure-build.mjs';
import { runScript } from './lib/script-error.mjs';

await runScript(ensureBuild);
