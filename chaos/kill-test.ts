import { existsSync, watch } from 'node:fs';
import { NO_FAULTS, type Environment } from './environment.ts';
import { killPoints } from './kill-points.ts';
import { endOf, startCommand, type CommandEnd, type RunningCommand } from './product.ts';
import { createScenario, type Scenario, type SourceKind, type Strategy } from './scenario.ts';
import type { Random } from './seeded-random.ts';
import { inspect, type Inspection } from './inspect.ts';

export interface KillTestOptions {
  environment: Environment;
  source: SourceKind;
  strategy: Strategy;
  kills: number;
  random: Random;
  /** Schemas are named after it. */
  name: string;
  log(line: string): void;
}

export interface KillTestReport {
  source: SourceKind;
  strategy: Strategy;
  /** Whole migrations, each brought to its end. */
  rounds: number;
  kills: number;
  resumes: number;
  rows: number;
  /** Rows lost or doubled; 0 is the promise. */
  differences: number;
  /** How often the product was killed where. */
  places: Record<string, number>;
  /** Everything that was not as it must be; empty is the promise. */
  complaints: string[];
}

const TABLES = ['region', 'nation', 'supplier', 'customer', 'partsupp', 'orders', 'lineitem'];
const ROWS_PER_PARTITION = 4000;
/** Starts of one migration; more means that it makes no progress. */
const MOST_STARTS = 60;

/**
 * Kills the product again and again at random moments and at chosen ones, starts it again each time, and looks at everything that is left when it says that
 * it is done.
 */
export async function runKillTest(options: KillTestOptions): Promise<KillTestReport> {
  const report: KillTestReport = {
    source: options.source,
    strategy: options.strategy,
    rounds: 0,
    kills: 0,
    resumes: 0,
    rows: 0,
    differences: 0,
    places: {},
    complaints: [],
  };
  while (report.kills < options.kills && report.complaints.length === 0) {
    report.rounds += 1;
    const scenario = createScenario({
      source: options.source,
      strategy: options.strategy,
      sandbox: options.environment.description,
      tables: TABLES,
      schema: `${options.name}_${report.rounds}`.toUpperCase(),
      rowsPerPartition: ROWS_PER_PARTITION,
    });
    const end = await runToTheEnd(scenario, options, report);
    const inspection = await inspect(scenario, options.environment);
    addInspection(report, inspection);
    if (end) report.complaints.push(end);
    // What went wrong is worth looking at; the folder stays then.
    if (report.complaints.length === 0) scenario.remove();
    else options.log(`The files of this migration stay beside ${scenario.workflowFile}.`);
    options.log(
      `round ${report.rounds}: ${report.kills} kills, ${inspection.rows} rows, ${inspection.differences} differences${report.complaints.length > 0 ? `: ${report.complaints.join('; ')}` : ''}`,
    );
  }
  return report;
}

/** Null when the migration got to its end, else what stopped it. */
async function runToTheEnd(
  scenario: Scenario,
  options: KillTestOptions,
  report: KillTestReport,
): Promise<string | null> {
  let command: 'run' | 'resume' = 'run';
  for (let start = 0; start < MOST_STARTS; start++) {
    const running = startCommand(command, scenario);
    if (command === 'resume') report.resumes += 1;
    const mayKill = report.kills < options.kills;
    const end = mayKill ? await killSomewhere(running, scenario, { options, report }) : await endOf(running);
    if (end === 'killed') command = 'resume';
    else if (end.code === 0) return null;
    // Killed before the run was written down, or after it was done: there is nothing to resume.
    else if (end.report?.error?.code === 'RUN_NOT_FOUND') {
      if (await isDone(scenario)) return null;
      command = 'run';
    } else return describeEnd(command, end);
  }
  return `not done after ${MOST_STARTS} starts`;
}

async function isDone(scenario: Scenario): Promise<boolean> {
  const { report } = await startCommand('status', scenario).ended;
  return Array.isArray(report) && report.some(({ state }: { state?: string }) => state === 'done');
}

async function killSomewhere(
  running: RunningCommand,
  scenario: Scenario,
  { options, report }: { options: KillTestOptions; report: KillTestReport },
): Promise<CommandEnd | 'killed'> {
  const { environment, random } = options;
  const way = random.pick(['point', 'point', 'moment', 'journal'] as const);
  const stopWaiting: (() => void)[] = [];
  const reached = new Promise<string>((resolve) => {
    if (way === 'moment') {
      const delay = random.between(300, 6000);
      const timer = setTimeout(() => resolve('a random moment'), delay);
      stopWaiting.push(() => clearTimeout(timer));
    } else if (way === 'journal') {
      stopWaiting.push(watchJournal(scenario, random.between(3, 120), () => resolve('a journal write')));
    } else {
      const point = random.pick(killPoints(scenario));
      const plan = { seed: 1, rules: [{ ...point.rule, at: [random.between(1, 6)] }] };
      stopWaiting.push(environment.onFired(() => resolve(point.name)));
      void environment.setFaults(plan);
    }
  });
  const outcome = await Promise.race([reached, endOf(running)]);
  stopWaiting.forEach((stop) => stop());
  if (typeof outcome === 'string') {
    running.kill();
    await running.ended;
    report.kills += 1;
    report.places[outcome] = (report.places[outcome] ?? 0) + 1;
  }
  await environment.setFaults(NO_FAULTS);
  return typeof outcome === 'string' ? 'killed' : outcome;
}

/** Calls back at the given change of the journal's files: in the middle of a write as often as not. */
function watchJournal(scenario: Scenario, change: number, onChange: () => void): () => void {
  let seen = 0;
  let watcher: ReturnType<typeof watch> | null = null;
  const poll = setInterval(() => {
    if (watcher || !existsSync(scenario.dataDirectory)) return;
    watcher = watch(scenario.dataDirectory, (_event, name) => {
      if (!String(name).includes('journal')) return;
      seen += 1;
      if (seen === change) onChange();
    });
    watcher.on('error', () => undefined);
  }, 10);
  return () => {
    clearInterval(poll);
    watcher?.close();
  };
}

function addInspection(report: KillTestReport, inspection: Inspection): void {
  report.rows += inspection.rows;
  report.differences += inspection.differences;
  report.complaints.push(...inspection.complaints);
}

function describeEnd(command: string, { code, report, stderr }: CommandEnd): string {
  const failed = report?.tables
    ?.filter(({ error }) => error)
    .map(({ source, error }) => `${source}: ${error?.code ?? ''}`);
  const why = report?.error ? `${report.error.code} ${report.error.message}` : (failed?.join(', ') ?? '');
  return `${command} ended with code ${code ?? 'none'} (${report?.outcome ?? 'no report'}) ${why}\n${stderr.split('\n').slice(-12).join('\n')}`;
}
