import { spawn } from 'node:child_process';
import path from 'node:path';
import { rootDir } from '../scripts/lib/paths.mjs';
import type { Scenario } from './scenario.ts';

export interface Report {
  outcome?: string;
  tables?: {
    source: string;
    outcome: string;
    loadedRows: number | null;
    error: { code: string; title: string } | null;
  }[];
  error?: { code: string; message: string };
  /** Why the run stands still. */
  pause?: { cause: string; error: { code: string } | null } | null;
}

export interface CommandEnd {
  /** Null when a signal ended it. */
  code: number | null;
  report: Report | null;
  stderr: string;
}

const HANG_MS = 240_000;

export interface RunningCommand {
  ended: Promise<CommandEnd>;
  /** SIGKILL: nothing of the process gets to run any more. */
  kill(): void;
  /** As Ctrl-C does. */
  interrupt(): void;
}

/** The built command line, in a process of its own, as a person starts it. */
export function startCommand(command: 'run' | 'resume' | 'status' | 'validate', scenario: Scenario): RunningCommand {
  const args = [command, scenario.workflowFile, '--connections', scenario.connectionsFile, '--json'];
  const child = spawn(process.execPath, [path.join(rootDir, 'out', 'main', 'cli.js'), ...args], {
    env: { ...process.env, SNOWFERRY_DATA_DIR: scenario.dataDirectory },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const ended = new Promise<CommandEnd>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, report: parse(stdout), stderr }));
  });
  return { ended, kill: () => child.kill('SIGKILL'), interrupt: () => child.kill('SIGINT') };
}

/** The end of a command; one that lives for four minutes makes no progress and is killed. */
export async function endOf(running: RunningCommand): Promise<CommandEnd> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<CommandEnd>((resolve) => {
    timer = setTimeout(() => {
      running.kill();
      void running.ended.then((end) => resolve({ ...end, stderr: `${end.stderr}\nno end after ${HANG_MS / 1000} s` }));
    }, HANG_MS);
  });
  const end = await Promise.race([running.ended, late]);
  clearTimeout(timer);
  return end;
}

function parse(stdout: string): Report | null {
  try {
    return JSON.parse(stdout) as Report;
  } catch {
    return null;
  }
}
