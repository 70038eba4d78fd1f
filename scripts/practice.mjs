/**
 * A whole migration without a window: starts the practice environment, migrates the eight TPC-H tables with the real core and drivers,
 * checks them, prints a summary and stops everything. Exit code 0 only when every row arrived and every check passed.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ensureBuild } from './lib/ensure-build.mjs';
import { rootDir } from './lib/paths.mjs';
import { parsePracticeArguments, practiceUsage } from './lib/practice-arguments.mjs';
import { compareTables } from './lib/compare-tables.mjs';
import { buildConnections, buildWorkflow, practiceTables } from './lib/practice-files.mjs';
import { formatPracticeReport, judgePractice } from './lib/practice-report.mjs';
import { startProcess } from './lib/start-process.mjs';
import { startSandbox } from './lib/start-sandbox.mjs';
import { say } from './lib/say.mjs';
import { runScript, ScriptError } from './lib/script-error.mjs';

await runScript(async () => {
  const options = parsePracticeArguments(process.argv.slice(2));
  if (options.help) {
    process.stdout.write(`${practiceUsage}\n`);
    return 0;
  }
  await ensureBuild();
  const folder = mkdtempSync(path.join(tmpdir(), 'snowferry-practice-'));
  const running = [];
  const stopAll = async () => {
    await Promise.all(running.map((one) => one.stop()));
    rmSync(folder, { recursive: true, force: true });
  };
  const interruption = waitForInterruption();
  try {
    return await Promise.race([interruption, practise({ options, folder, running })]);
  } finally {
    await stopAll();
  }
});

async function practise({ options, folder, running }) {
  const { source, strategy, scale, json } = options;
  say(`Starting the practice environment (${source}, scale ${scale}).`);
  const sandbox = await startSandbox({ args: ['--source', source, '--scale', String(scale)], running });
  const workflowFile = writePrivate(folder, 'workflow.json', buildWorkflow({ source, strategy, sandbox }));
  const connectionsFile = writePrivate(folder, 'connections.json', buildConnections({ source, sandbox }));
  say('Migrating the tables.');
  const cli = startProcess({
    command: process.execPath,
    args: [
      path.join(rootDir, 'out', 'main', 'cli.js'),
      'run',
      workflowFile,
      '--connections',
      connectionsFile,
      '--json',
    ],
    // What the run remembers (journal, settings) is for this practice only.
    env: {
      ...process.env,
      SNOWFERRY_DATA_DIR: path.join(folder, 'data'),
      AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
    },
  });
  running.push(cli);
  const { code, stdout } = await cli.ended;
  const report = parseReport(stdout, code);
  if (json) process.stdout.write(stdout.endsWith('\n') ? stdout : `${stdout}\n`);
  // Without tables it is an error report, whose sentences went to stderr already.
  else if (report.tables) process.stdout.write(formatPracticeReport(report));
  const complaint = code === 0 ? (judgePractice(report) ?? (await compareValues({ source, sandbox }))) : null;
  if (complaint) say(complaint);
  return complaint ? 1 : code;
}

/** Reads both sides once more with the drivers alone; null when every value of every row is equal, else what is not. */
async function compareValues({ source, sandbox }) {
  say('Comparing every value of both sides.');
  const compared = await compareTables({ source, sandbox, tables: practiceTables({ source, sandbox }) });
  const different = compared.filter(({ isEqual }) => !isEqual);
  if (different.length === 0) {
    const rows = compared.reduce((sum, { sourceRows }) => sum + sourceRows, 0);
    say(`Every value of ${rows.toLocaleString('en-US')} rows in ${compared.length} tables is equal.`);
    return null;
  }
  return different
    .map(
      ({ table, missing, extra }) =>
        `${table}: ${missing ?? 'some'} rows are missing in Snowflake, ${extra ?? 'some'} are there that the source does not have.`,
    )
    .join('\n');
}

/** Resolves with the exit code of an interrupted command, so that everything is stopped on the way out. */
function waitForInterruption() {
  return new Promise((resolve) => {
    process.once('SIGINT', () => resolve(130));
    process.once('SIGTERM', () => resolve(143));
    process.once('SIGHUP', () => resolve(129));
  });
}

/** The file holds passwords (of the practice environment only): its owner alone may read it. */
function writePrivate(folder, name, content) {
  const file = path.join(folder, name);
  writeFileSync(file, `${JSON.stringify(content, null, 2)}\n`, { mode: 0o600 });
  return file;
}

function parseReport(stdout, code) {
  try {
    return JSON.parse(stdout);
  } catch (cause) {
    throw new ScriptError(`The migration ended with exit code ${code} and printed no report.`, {
      exitCode: code || 1,
      cause,
    });
  }
}
