import { spawn } from 'node:child_process';
import { builtChild } from './build-children.ts';

/** What one run of one way came to. Times in seconds; `cpu` is the client's, without the server. */
export interface Measured {
  rows: number;
  wall: number;
  cpu: number;
  /** Bytes that came out: text, or files. */
  outBytes: number;
  /** Bytes that went over the wire, where the way knows it. */
  wireBytes: number | null;
  peakRssBytes: number | null;
  /** Of the main thread, in milliseconds. */
  lagP99: number | null;
}

/** Runs a program of children/ in a process of its own, with `options` as JSON on its standard input; answers the JSON that it prints. */
export async function runChild(name: string, options: unknown): Promise<Measured> {
  const child = spawn(process.execPath, [builtChild(name)], { stdio: ['pipe', 'pipe', 'inherit'] });
  child.stdin.end(JSON.stringify(options));
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
  const code = await new Promise<number | null>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', resolve);
  });
  if (code !== 0) throw new Error(`${name} ended with exit code ${code ?? 'none'}.`);
  return JSON.parse(output) as Measured;
}

/** Runs a pipeline of bash and answers wall and CPU time of all its processes. */
export async function runShell(command: string): Promise<{ wall: number; cpu: number }> {
  const startedAt = performance.now();
  const child = spawn('bash', ['-c', `set -o pipefail; ${command}; status=$?; times >&2; exit $status`], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let errors = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (errors += text));
  const code = await new Promise<number | null>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', resolve);
  });
  if (code !== 0) throw new Error(`${command} ended with exit code ${code ?? 'none'}: ${errors}`);
  const wall = (performance.now() - startedAt) / 1000;
  // The second line is about the children: user and system, as 0m0.912s.
  const [, user = '', system = ''] = /\n(\d+m[\d.]+s) (\d+m[\d.]+s)\s*$/.exec(errors) ?? [];
  const seconds = (text: string): number => {
    const [minutes = '0', rest = '0'] = text.replace('s', '').split('m');
    return Number(minutes) * 60 + Number(rest);
  };
  return { wall, cpu: seconds(user) + seconds(system) };
}

export function median(values: number[]): number {
  const sorted = [...values].sort((one, other) => one - other);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1
    ? (sorted[middle] as number)
    : ((sorted[middle - 1] as number) + (sorted[middle] as number)) / 2;
}
