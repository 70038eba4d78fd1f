import { parseArgs } from 'node:util';
import { ensureBuild } from '../scripts/lib/ensure-build.mjs';
import { startEnvironment } from './environment.ts';
import { faultCases } from './fault-cases.ts';
import { judgeFaultCase, runFaultCase } from './fault-test.ts';
import { runKillTest, type KillTestReport } from './kill-test.ts';
import { WAYS } from './scenario.ts';
import { seededRandom } from './seeded-random.ts';

const USAGE = `Usage: npm run chaos -- [--kills 100] [--seed 1] [--source redshift|sqlserver] [--strategy unload|regular] [--no-faults] [--json]

Kills a migration with SIGKILL at random moments and at chosen ones, resumes it until it is done, and looks at every row, file, transaction and
ledger entry that is left; then makes servers and network fail in every way that it knows, one run each. Without --source and --strategy the kills are shared between Redshift through S3, Redshift in lanes and SQL Server.`;

const SCALE = 0.005;

process.exitCode = await main();

async function main(): Promise<number> {
  const options = readOptions();
  if (!options) return 2;
  const say = (line: string): void => void process.stderr.write(`${line}\n`);
  await ensureBuild();
  const reports: KillTestReport[] = [];
  for (const [index, way] of options.ways.entries()) {
    const kills =
      Math.ceil((options.kills * (index + 1)) / options.ways.length) -
      Math.ceil((options.kills * index) / options.ways.length);
    say(`${way.source}, ${way.strategy}: ${kills} kills, seed ${options.seed}.`);
    const environment = await startEnvironment({ source: way.source, scale: SCALE });
    try {
      const random = seededRandom(options.seed * 1000 + index);
      const report = await runKillTest({ environment, ...way, kills, random, name: 'CHAOS', log: say });
      reports.push(report);
      for (const [number, faultCase] of (options.faults ? faultCases(way) : []).entries()) {
        const outcome = await runFaultCase({ environment, ...way, faultCase, schema: `FAULT_${number}` });
        const complaints = judgeFaultCase(faultCase, outcome);
        report.complaints.push(...complaints.map((complaint) => `${faultCase.name}: ${complaint}`));
        say(
          `${complaints.length === 0 ? 'right' : 'WRONG'}: ${faultCase.name}${complaints.map((text) => `\n  ${text}`).join('')}`,
        );
      }
    } finally {
      await environment.stop();
    }
  }
  process.stdout.write(
    options.json ? `${JSON.stringify({ seed: options.seed, reports }, null, 2)}\n` : toText(reports),
  );
  return reports.every(({ complaints }) => complaints.length === 0) ? 0 : 1;
}

function readOptions(): { kills: number; seed: number; ways: typeof WAYS; faults: boolean; json: boolean } | null {
  const text = { type: 'string' } as const;
  try {
    const { values } = parseArgs({
      options: {
        kills: text,
        seed: text,
        source: text,
        strategy: text,
        'no-faults': { type: 'boolean' },
        json: { type: 'boolean' },
        help: { type: 'boolean' },
      },
    });
    const kills = Number(values.kills ?? '100');
    const seed = Number(values.seed ?? '1');
    const ways = WAYS.filter(
      ({ source, strategy }) => (values.source ?? source) === source && (values.strategy ?? strategy) === strategy,
    );
    if (!values.help && Number.isInteger(kills) && kills > 0 && Number.isInteger(seed) && ways.length > 0)
      return { kills, seed, ways, faults: !values['no-faults'], json: values.json ?? false };
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  }
  process.stderr.write(`${USAGE}\n`);
  return null;
}

function toText(reports: KillTestReport[]): string {
  return reports
    .map(({ source, strategy, rounds, kills, resumes, rows, differences, places, complaints }) =>
      [
        `${source}, ${strategy}: ${rounds} migrations, ${kills} kills, ${resumes} resumes, ${rows} rows, ${differences} differences`,
        ...Object.entries(places).map(([place, count]) => `  ${String(count).padStart(4)}  ${place}`),
        ...complaints.map((complaint) => `  WRONG: ${complaint}`),
      ].join('\n'),
    )
    .join('\n')
    .concat('\n');
}
