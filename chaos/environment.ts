import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { rootDir } from '../scripts/lib/paths.mjs';
import type { SourceKind } from './scenario.ts';

/** As the practice environment takes it on its standard input; see `npm run sandbox -- --help` and src-sandbox/faults.ts. */
export interface FaultPlan {
  seed: number;
  rules: FaultRule[];
}

export interface FaultRule {
  target: 'redshift' | 'sqlserver' | 's3' | 'snowflake';
  where?: Record<string, string | boolean>;
  at?: number[];
  probability?: number;
  times?: number;
  fault: { kind: string } & Record<string, unknown>;
}

export interface FiredFault {
  target: string;
  rule: number;
  info: Record<string, unknown>;
}

/** A practice environment that can be made to fail. */
export interface Environment {
  /** What the practice environment prints of itself. */
  // The shape is that of another program; scripts/lib reads it in the same way.
  description: SandboxDescription;
  /** Resolves when every stand-in has the plan. */
  setFaults(plan: FaultPlan): Promise<void>;
  /** Calls back for every fault from now on, until the answer is called. */
  onFired(callback: (fired: FiredFault) => void): () => void;
  stop(): Promise<void>;
}

export type SandboxDescription = Record<string, unknown> & {
  snowflake: {
    accessUrl: string;
    account: string;
    user: string;
    password: string;
    database: string;
    schema: string;
    role: string;
    warehouse: string;
    admin: { user: string; password: string; role: string };
  };
  redshift?: ServerDescription;
  sqlserver?: ServerDescription;
  s3?: { endpoint: string; region: string; bucket: string; accessKeyId: string; secretAccessKey: string };
};

export interface ServerDescription {
  host: string;
  port: number;
  database: string;
  user: string;
  password: string;
  caFile?: string;
}

export const NO_FAULTS: FaultPlan = { seed: 0, rules: [] };
const START_LIMIT_MS = 180_000;

export async function startEnvironment({ source, scale }: { source: SourceKind; scale: number }): Promise<Environment> {
  const args = ['--import', 'tsx', 'src-sandbox/main.ts', '--source', source, '--scale', String(scale)];
  const child = spawn(process.execPath, args, { cwd: rootDir, stdio: ['pipe', 'pipe', 'pipe'] });
  let errors = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (errors = `${errors}${text}`.slice(-4000)));
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const callbacks = new Set<(fired: FiredFault) => void>();
  const waiting: (() => void)[] = [];
  const lines = createInterface({ input: child.stdout });
  const stop = async (): Promise<void> => {
    child.stdin.end();
    child.kill('SIGTERM');
    await ended;
  };

  const description = await new Promise<SandboxDescription>((resolve, reject) => {
    const timer = setTimeout(
      () => reject(new Error(`The practice environment is too slow to start.\n${errors}`)),
      START_LIMIT_MS,
    );
    lines.once('line', (line) => {
      clearTimeout(timer);
      resolve(JSON.parse(line) as SandboxDescription);
    });
    void ended.then(() => reject(new Error(`The practice environment ended.\n${errors}`)));
  });
  lines.on('line', (line) => {
    const message = JSON.parse(line) as { fired?: FiredFault; faults?: 'set' };
    if (message.faults) waiting.shift()?.();
    const { fired } = message;
    if (fired) callbacks.forEach((callback) => callback(fired));
  });

  return {
    description,
    setFaults: (plan) =>
      new Promise((resolve) => {
        waiting.push(resolve);
        child.stdin.write(`${JSON.stringify({ faults: plan })}\n`);
      }),
    onFired(callback) {
      callbacks.add(callback);
      return () => callbacks.delete(callback);
    },
    stop,
  };
}
