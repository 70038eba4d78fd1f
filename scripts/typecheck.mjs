/** Checks the types of every tsconfig project, two at a time; `node scripts/typecheck.mjs [name ...]` checks the named ones only. */
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { rootDir } from './lib/paths.mjs';
import { runCommand } from './lib/run-command.mjs';
import { runScript, ScriptError } from './lib/script-error.mjs';

const atOnce = 2;

await runScript(async () => {
  const projects = selectProjects(process.argv.slice(2));
  const queue = [...projects];
  let failed = 0;
  await Promise.all(
    Array.from({ length: atOnce }, async () => {
      for (let project = queue.shift(); project; project = queue.shift()) {
        if (!(await checkProject(project))) failed += 1;
      }
    }),
  );
  process.stdout.write(`Types: ${projects.length - failed} of ${projects.length} projects are right.\n`);
  return failed === 0 ? 0 : 1;
});

function selectProjects(names) {
  const { references } = JSON.parse(readFileSync(path.join(rootDir, 'tsconfig.json'), 'utf8'));
  const all = references.map(({ path: file }) => path.normalize(file));
  if (names.length === 0) return all;
  return names.map((name) => {
    const file = `tsconfig.${name}.json`;
    if (!all.includes(file)) {
      throw new ScriptError(`There is no type project ${name}; there are ${all.join(', ')}.`, { exitCode: 2 });
    }
    return file;
  });
}

async function checkProject(project) {
  const tsc = path.join(rootDir, 'node_modules', 'typescript', 'bin', 'tsc');
  if (!existsSync(tsc)) throw new ScriptError('TypeScript is not installed. Run: node scripts/setup.mjs');
  const started = performance.now();
  const result = await runCommand(process.execPath, [tsc, '--noEmit', '--pretty', 'false', '-p', project], {
    cwd: rootDir,
  });
  // No files yet in a project is nothing wrong.
  const isEmpty = result.code !== 0 && /error TS18003/.test(result.stdout);
  const isRight = result.code === 0 || isEmpty;
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  process.stdout.write(`${isRight ? 'ok    ' : 'FAILED'} ${project} (${seconds} s)\n`);
  if (!isRight) process.stdout.write(`${result.stdout}${result.stderr}`);
  return isRight;
}
