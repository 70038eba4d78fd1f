/**
 * Runs everything that must hold, one stage after the other, and goes on after a failure: lint, types, unit, sandbox, chaos, e2e.
 * `npm test -- --stage unit` runs one stage (may be given more than once). The last line is `N passed, N failed`.
 */
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { ensureBuild } from './lib/ensure-build.mjs';
import { findElectron } from './lib/find-electron.mjs';
import { rootDir } from './lib/paths.mjs';
import { runWithLimit } from './lib/run-command.mjs';
import { runScript, ScriptError } from './lib/script-error.mjs';
import { hasDisplay } from './lib/system-libraries.mjs';
import { countPlaywright, countVitest } from './lib/test-counts.mjs';

const reportDir = path.join(rootDir, 'artifacts', 'test');
const limitMs = 12 * 60_000;

/** Each returns how many tests passed and failed. */
const stages = {
  lint: () =>
    runCheck(
      [npmBin('eslint', 'bin/eslint.js'), '.'],
      [npmBin('prettier', 'bin/prettier.cjs'), '--check', '.', '--log-level=warn'],
      [path.join('scripts', 'check-cycles.mjs')],
    ),
  types: () => runCheck([path.join('scripts', 'typecheck.mjs')]),
  unit: () => runVitest('unit'),
  sandbox: async () => {
    await ensureBuild();
    return runVitest('sandbox');
  },
  chaos: async () => {
    await ensureBuild();
    return runVitest('chaos');
  },
  e2e: async () => {
    await ensureBuild();
    return runPlaywright();
  },
};

await runScript(async () => {
  const rows = [];
  for (const name of selectStages()) rows.push(await runStage(name));
  for (const { name, passed, failed, seconds, note } of rows) {
    const counts = `${String(passed).padStart(5)} passed ${String(failed).padStart(4)} failed`;
    process.stdout.write(`${name.padEnd(8)} ${counts} ${seconds.padStart(7)} s${note ? `  (${note})` : ''}\n`);
  }
  const sum = (field) => rows.reduce((total, row) => total + row[field], 0);
  process.stdout.write(`${sum('passed')} passed, ${sum('failed')} failed\n`);
  return sum('failed') === 0 ? 0 : 1;
});

function selectStages() {
  let values;
  try {
    ({ values } = parseArgs({ options: { stage: { type: 'string', multiple: true } } }));
  } catch (error) {
    throw new ScriptError(error.message, { exitCode: 2 });
  }
  const unknown = values.stage?.find((name) => !(name in stages));
  if (unknown) {
    throw new ScriptError(`There is no stage ${unknown}; there are ${Object.keys(stages).join(', ')}.`, {
      exitCode: 2,
    });
  }
  return values.stage ?? Object.keys(stages);
}

async function runStage(name) {
  process.stdout.write(`\n--- ${name}\n`);
  const started = performance.now();
  let result;
  try {
    result = await stages[name]();
  } catch (error) {
    process.stdout.write(`${error instanceof ScriptError ? error.message : (error.stack ?? error)}\n`);
    result = { passed: 0, failed: 1, note: 'did not run' };
  }
  if (result.passed + result.failed === 0) result = { passed: 0, failed: 1, note: 'no test ran' };
  return { name, seconds: ((performance.now() - started) / 1000).toFixed(1), ...result };
}

/** A check is one test, however many commands it takes; all of them run. */
async function runCheck(...commands) {
  let isRight = true;
  for (const command of commands) {
    const { code } = await runWithLimit(process.execPath, command, { cwd: rootDir, limitMs });
    if (code !== 0) isRight = false;
  }
  return isRight ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 };
}

async function runVitest(project) {
  const report = prepareReport(`${project}.json`);
  const args = [npmBin('vitest', 'vitest.mjs'), 'run', '--project', project, '--passWithNoTests'];
  const reporters = ['--reporter=dot', '--reporter=json', `--outputFile.json=${report}`];
  const end = await runWithLimit(process.execPath, [...args, ...reporters], { cwd: rootDir, limitMs });
  return countVitest(readReport(report), end);
}

async function runPlaywright() {
  const report = prepareReport('e2e.json');
  const runtime = findElectron();
  if (!runtime)
    throw new ScriptError('There is no Electron runtime yet. Run: node scripts/setup.mjs --electron --test');
  const env = { ...process.env, SNOWFERRY_ELECTRON: runtime.executable, PLAYWRIGHT_JSON_OUTPUT_NAME: report };
  const args = [npmBin('@playwright/test', 'cli.js'), 'test', '--pass-with-no-tests'];
  const isHeadless = !hasDisplay();
  const virtual = ['-a', '--server-args=-screen 0 1600x1000x24', process.execPath];
  const end = await runWithLimit(
    isHeadless ? 'xvfb-run' : process.execPath,
    isHeadless ? [...virtual, ...args] : args,
    { cwd: rootDir, limitMs, env },
  );
  return countPlaywright(readReport(report), end);
}

function prepareReport(name) {
  mkdirSync(reportDir, { recursive: true });
  const file = path.join(reportDir, name);
  rmSync(file, { force: true });
  return file;
}

function readReport(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return null;
  }
}

function npmBin(packageName, file) {
  return path.join(rootDir, 'node_modules', packageName, file);
}
