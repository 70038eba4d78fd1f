/** Refuses import cycles among the project's own files. Type-only imports do not count: they are gone at run time. */
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { findCycles } from './lib/find-cycles.mjs';
import { rootDir } from './lib/paths.mjs';
import { runScript } from './lib/script-error.mjs';

/** A recursive grammar: its parsers and translators call each other by nature, and only inside functions. */
const mayBeCyclic = /^src-sandbox\/[^/]+\/sql\//;

const folders = ['src-shared', 'src-main', 'src-renderer', 'src-sandbox', 'scripts', 'e2e', 'bench', 'chaos'];

await runScript(() => {
  const files = new Map(
    folders.flatMap(listFiles).map((file) => [file, readFileSync(path.join(rootDir, file), 'utf8')]),
  );
  const cycles = findCycles(files).filter((cycle) => !cycle.every((file) => mayBeCyclic.test(file)));
  for (const cycle of cycles) process.stdout.write(`Import cycle: ${cycle.join(' -> ')}\n`);
  process.stdout.write(`${files.size} files, ${cycles.length} import cycles.\n`);
  return cycles.length === 0 ? 0 : 1;
});

function listFiles(folder) {
  const absolute = path.join(rootDir, folder);
  if (!existsSync(absolute)) return [];
  return readdirSync(absolute, { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.(ts|tsx|mjs)$/.test(name))
    .map((name) => `${folder}/${name.split(path.sep).join('/')}`);
}
