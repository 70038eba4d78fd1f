import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { createRequire } from 'node:module';
import { basename } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { FromChild, ToChild } from './child-process-protocol.ts';

export type Child<Value> = {
  /** What the child answered when it was ready. */
  value: Value;
  processId: number;
  /** Hands a value to the stand-in's `onTold`. */
  tell(value: unknown): void;
  /** Asks it to stop, and kills it when it has not done so in time. */
  close(): Promise<void>;
};

export type StartChildOptions = {
  /** A module that calls `runAsChild`. */
  module: URL;
  options: unknown;
  /** Lines that the child writes to stdout or stderr. */
  log: (line: string) => void;
  onReport?: (value: unknown) => void;
  /** Called when it ends without having been asked to. */
  onUnexpectedExit?: (reason: string) => void;
  /** How long it may take to stop before it is killed; 5000 by default: less than the ten seconds that whoever started the sandbox gives it. */
  stopTimeoutMs?: number;
};

/** Starts a stand-in in a process of its own. The child ends when this process does, however that happens: the channel between them closes. */
export async function startChild<Value>(options: StartChildOptions): Promise<Child<Value>> {
  const loader = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;
  const child = fork(fileURLToPath(options.module), [], {
    execArgv: ['--import', loader],
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  pipeLines(child, options.log);
  const ended = new Promise<string>((resolve) => {
    child.once('exit', (code, signal) => resolve(signal === null ? `exit code ${String(code)}` : `signal ${signal}`));
    child.once('error', (error) => resolve(error.message));
  });
  let isClosing = false;
  const close = async (): Promise<void> => {
    isClosing = true;
    if (child.connected) child.send({ kind: 'stop' } satisfies ToChild, () => undefined);
    const timer = setTimeout(() => child.kill('SIGKILL'), options.stopTimeoutMs ?? 5000);
    await ended;
    clearTimeout(timer);
  };
  const ready = new Promise<Value>((resolve, reject) => {
    child.on('message', (message: FromChild) => {
      if (message.kind === 'ready') resolve(message.value as Value);
      else if (message.kind === 'failed') reject(new Error(message.message));
      else options.onReport?.(message.value);
    });
    void ended.then((reason) =>
      reject(new Error(`${basename(options.module.pathname)} ended before it was ready: ${reason}`)),
    );
  });
  child.send({ kind: 'start', options: options.options } satisfies ToChild);
  try {
    const value = await ready;
    void ended.then((reason) => {
      if (!isClosing) options.onUnexpectedExit?.(reason);
    });
    const tell = (told: unknown): void => {
      if (child.connected) child.send({ kind: 'tell', value: told } satisfies ToChild, () => undefined);
    };
    return { value, processId: child.pid ?? -1, tell, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** The other end: to be called once by the child's module. `start` gives back what the parent gets, and how to stop. */
export function runAsChild(
  start: (
    options: unknown,
    report: (value: unknown) => void,
  ) => Promise<{ value: unknown; onTold?: (value: unknown) => void; close: () => Promise<void> }>,
): void {
  let running: ReturnType<typeof start> | null = null;
  const send = (message: FromChild): void => {
    if (process.connected) process.send?.(message);
  };
  const stop = async (): Promise<void> => {
    const stopped = running?.then((standIn) => standIn.close()) ?? Promise.resolve();
    await stopped.catch((error: unknown) => process.stderr.write(`${String(error)}\n`));
    process.exit(0);
  };
  // The parent handles a terminal's Ctrl+C for all of them, in order.
  process.on('SIGINT', () => undefined);
  process.on('SIGTERM', () => void stop());
  process.on('disconnect', () => void stop());
  process.on('message', (message: ToChild) => {
    if (message.kind === 'stop') return void stop();
    if (message.kind === 'tell') return void running?.then((standIn) => standIn.onTold?.(message.value));
    const started = start(message.options, (value) => send({ kind: 'report', value }));
    running = started;
    started.then(
      ({ value }) => send({ kind: 'ready', value }),
      (error: unknown) =>
        send({ kind: 'failed', message: error instanceof Error ? (error.stack ?? error.message) : String(error) }),
    );
  });
}

function pipeLines(child: ChildProcess, log: (line: string) => void): void {
  for (const stream of [child.stdout, child.stderr]) {
    let rest = '';
    stream?.setEncoding('utf8').on('data', (text: string) => {
      const lines = (rest + text).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) log(line);
    });
  }
}
