import { appendFileSync, mkdirSync, renameSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { redact } from './redact.ts';

export type LogLevel = 'info' | 'warn' | 'error';
/** One line per event; `facts` hold no secrets, and everything is redacted all the same. */
export type Log = (level: LogLevel, text: string, facts?: Record<string, unknown>) => void;

const LARGEST_LOG_BYTES = 5_000_000;

/** Appends JSON lines to a file, kept to two files of 5 MB. A log that cannot be written never stops the work. */
export function createFileLog(path: string): Log {
  mkdirSync(dirname(path), { recursive: true });
  return (level, text, facts) => {
    try {
      rotate(path);
      appendFileSync(path, `${toLine(level, text, facts)}\n`, { mode: 0o600 });
    } catch {
      return;
    }
  };
}

/** Lines on stderr, for the command line: stdout belongs to the result. */
export function createStderrLog(): Log {
  return (level, text, facts) => {
    process.stderr.write(
      `${level === 'info' ? '' : `${level}: `}${redact(text)}${facts ? ` ${redact(JSON.stringify(facts))}` : ''}\n`,
    );
  };
}

export const silentLog: Log = () => undefined;

function toLine(level: LogLevel, text: string, facts: Record<string, unknown> = {}): string {
  return redact(JSON.stringify({ at: new Date().toISOString(), level, text, ...facts }));
}

function rotate(path: string): void {
  const size = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
  if (size > LARGEST_LOG_BYTES) renameSync(path, `${path}.1`);
}
