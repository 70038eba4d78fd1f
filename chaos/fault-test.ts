import { NO_FAULTS, type Environment } from './environment.ts';
import type { FaultCase } from './fault-cases.ts';
import { abortTransactions, inspect, inspectUnfinished } from './inspect.ts';
import { startCommand, type CommandEnd } from './product.ts';
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
    const first = await startCommand('run', scenario).ended;
    await environment.setFaults(NO_FAULTS);
    const codes = errorCodes(first);
    const details = first.stderr.split('\n').slice(-25).join('\n');
    if (first.code === 0) {
      const { complaints } = await inspect(scenario, environment);
      return { fired, first: 'done', codes, complaints, details };
    }
    const half = await inspectUnfinished(scenario, environment);
    const second = await startCommand('resume', scenario).ended;
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

export function errorCodes({ report }: CommandEnd): string[] {
  const codes = [
    report?.error?.code,
    report?.pause?.error?.code,
    ...(report?.tables ?? []).map(({ error }) => error?.code),
  ];
  return [...new Set(codes.flatMap((code) => code ?? []))];
}
