import { NO_FAULTS, type Environment } from './environment.ts';
import type { FaultCase } from './fault-cases.ts';
import { abortTransactions, inspect, inspectUnfinished } from './inspect.ts';
import { endOf, startCommand, type CommandEnd } from './product.ts';
import { createScenario, type SourceKind, type Strategy } from './scenario.ts';

const TABLES = ['region', 'nation', 'supplier', 'customer'];

export interface FaultOutcome {
  fired: number;
  first: 'done' | 'stopped';
  /** Error codes of the first end. */
  codes: string[];
  /** What was not as it must be after the first end, or at the end; empty is the promise. */
  complaints: string[];
  details: string;
}

/** Runs a small migration under one fault, looks at what it left, and goes on without the fault until it is done. */
export async function runFaultCase(options: {
  environment: Environment;
  source: SourceKind;
  strategy: Strategy;
  faultCase: Pick<FaultCase, 'rules'>;
  schema: string;
}): Promise<FaultOutcome> {
  const { environment, source, strategy, schema } = options;
  const scenario = createScenario({
    source,
    strategy,
    sandbox: environment.description,
    tables: TABLES,
    schema,
    rowsPerPartition: 300,
  });
  let fired = 0;
  const stopCounting = environment.onFired(() => (fired += 1));
  try {
    await environment.setFaults({ seed: 7, rules: options.faultCase.rules });
    const first = await endOf(startCommand('run', scenario));
    await environment.setFaults(NO_FAULTS);
    const codes = errorCodes(first);
    const details = first.stderr.split('\n').slice(-25).join('\n');
    if (first.code === 0) {
      const { complaints } = await inspect(scenario, environment);
      return { fired, first: 'done', codes, complaints, details };
    }
    const half = await inspectUnfinished(scenario, environment);
    const second = await endOf(startCommand('resume', scenario));
    const whole = await inspect(scenario, environment);
    const complaints = [...half, ...whole.complaints];
    if (second.code !== 0)
      complaints.push(`going on ended with code ${second.code ?? 'none'}: ${errorCodes(second).join(', ')}`);
    return { fired, first: 'stopped', codes, complaints, details };
  } finally {
    stopCounting();
    await environment.setFaults(NO_FAULTS);
    await abortTransactions(environment);
    scenario.remove();
  }
}

/** What was not as the case expects it; empty when all was. */
export function judgeFaultCase({ expected, fires = 1 }: FaultCase, outcome: FaultOutcome): string[] {
  const { first, codes, fired } = outcome;
  const complaints = [...outcome.complaints];
  if (fired < fires) complaints.push(`the fault came ${fired} times`);
  if (expected === 'done' && first !== 'done') complaints.push(`it stopped with ${codes.join(', ')}`);
  if (expected !== 'done' && (codes.length === 0 || codes.some((code) => !expected.includes(code))))
    complaints.push(`the error codes are ${codes.join(', ') || 'none'} instead of ${expected.join(', ')}`);
  return complaints;
}

export function errorCodes({ report }: CommandEnd): string[] {
  const codes = [
    report?.error?.code,
    report?.pause?.error?.code,
    ...(report?.tables ?? []).map(({ error }) => error?.code),
  ];
  return [...new Set(codes.flatMap((code) => code ?? []))];
}
