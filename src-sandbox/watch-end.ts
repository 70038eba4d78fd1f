import { fstatSync } from 'node:fs';

/** Why the sandbox was told to stop. */
export type EndReason = 'SIGINT' | 'SIGTERM' | 'SIGHUP' | 'stdin closed' | 'parent ended';

const PARENT_CHECK_MS = 1000;

/**
 * Calls `onEnd` once, at the first of: a signal, the end of standard input when that is a pipe (a terminal's or /dev/null's says nothing), the end of
 * the parent process.
 */
export function watchEnd(onEnd: (reason: EndReason) => void): void {
  let isOver = false;
  const end = (reason: EndReason): void => {
    if (isOver) return;
    isOver = true;
    onEnd(reason);
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => end(signal));
  if (isPipe(0)) {
    process.stdin.on('end', () => end('stdin closed')).on('close', () => end('stdin closed'));
    process.stdin.on('error', () => end('stdin closed'));
    process.stdin.resume();
  }
  const parent = process.ppid;
  // A parent that is gone already, or is the system's first process, is nobody to wait for.
  if (parent > 1) {
    setInterval(() => {
      if (process.ppid !== parent) end('parent ended');
    }, PARENT_CHECK_MS).unref();
  }
}

export function isPipe(descriptor: number): boolean {
  try {
    const status = fstatSync(descriptor);
    return status.isFIFO() || status.isSocket();
  } catch {
    return false;
  }
}
