import { cpus } from 'node:os';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { ensureBuild } from '../scripts/lib/ensure-build.mjs';
import { buildChildren } from './build-children.ts';
import { fromRoot } from './root.ts';
import { runPostgresSection } from './postgres-section.ts';
import { runTdsSection } from './tds-section.ts';
import { write } from './print.ts';

const USAGE = `Usage: npm run bench -- [--rows 5000000] [--rounds 3] [--source redshift|sqlserver|both]

Measures the extraction against floors on this machine, in one run: how fast rows come off the wire into Parquet files, what that costs,
and whether memory stays the same whatever the number of rows. Every way runs in a process of its own, in turn, and medians are printed.
`;

const { values } = parseArgs({
  options: {
    rows: { type: 'string', default: '5000000' },
    rounds: { type: 'string', default: '3' },
    source: { type: 'string', default: 'both' },
    help: { type: 'boolean', default: false },
  },
});
const rows = Number(values.rows);
const rounds = Number(values.rounds);
const isRight = Number.isInteger(rows) && rows >= 1000 && Number.isInteger(rounds) && rounds >= 1;
if (values.help || !isRight || !['redshift', 'sqlserver', 'both'].includes(values.source)) {
  write(USAGE);
  process.exit(values.help ? 0 : 2);
}
// Compression has threads of its own in every child; their number is read when a process starts.
process.env['UV_THREADPOOL_SIZE'] ??= String(Math.max(4, cpus().length));
await ensureBuild();
await buildChildren();
const workerUrl = pathToFileURL(fromRoot('out/main/extract-lane.worker.js')).href;
write(`Node ${process.versions.node} on ${cpus().length} cores (${cpus()[0]?.model.trim() ?? 'unknown'})\n`);
if (values.source !== 'sqlserver') await runPostgresSection({ rows, rounds, workerUrl });
if (values.source !== 'redshift') await runTdsSection({ rows, rounds, workerUrl });
