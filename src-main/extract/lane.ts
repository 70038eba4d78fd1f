import { Worker } from 'node:worker_threads';
import { AppError } from '#shared/errors/app-error';
import { throwIfAborted, toAbortError } from '../lib/abort.ts';
import { redact } from '../lib/redact.ts';
import type { ExtractOptions, ExtractOutcome, ExtractRequest } from './extraction.ts';
import { receiveError, type LaneData, type MessageFromLane, type MessageToLane } from './lane-messages.ts';

/** A worker thread, seen from the main thread. It makes one extraction at a time. */
export interface Lane {
  readonly index: number;
  /** False when its thread is gone; another lane takes its place. */
  isAlive(): boolean;
  /** Settles when the thread is done with it and every `onFile` has ended. */
  extract(request: ExtractRequest, directory: string, options: ExtractOptions): Promise<ExtractOutcome>;
  close(): Promise<void>;
}

/** How long a cancelled extraction may take to end before its thread is ended. */
const CANCEL_PATIENCE_MS = 15_000;
/** A lane makes few objects, and none that last. Left alone, V8 takes 48 MB for them after some seconds, which helps nobody. */
const YOUNG_MEGABYTES = 8;

export function startLane(workerUrl: URL, data: LaneData): Lane {
  const worker = new Worker(workerUrl, {
    workerData: data,
    name: `lane ${data.lane}`,
    resourceLimits: { maxYoungGenerationSizeMb: YOUNG_MEGABYTES },
  });
  let isAlive = true;
  let current: { onMessage(message: MessageFromLane): void; onEnd(error: Error): void } | null = null;
  let lastWords = 'it ended without a word';
  const send = (message: MessageToLane): void => worker.postMessage(message);

  // An idle lane does not keep the process alive.
  worker.unref();
  worker.on('message', (message: MessageFromLane) => current?.onMessage(message));
  worker.on('error', (error: Error) => (lastWords = redact(error.message)));
  worker.on('exit', () => {
    isAlive = false;
    current?.onEnd(new AppError('INTERNAL', { facts: { detail: `an extraction thread stopped: ${lastWords}` } }));
  });

  const run = (
    message: MessageToLane & { kind: 'extract' },
    options: ExtractOptions,
    openFiles: Set<Promise<void>>,
  ): Promise<ExtractOutcome> =>
    new Promise((resolve, reject) => {
      let refusal: Error | null = null;
      let patience: NodeJS.Timeout | undefined;
      const onAbort = (): void => {
        send({ kind: 'cancel' });
        patience ??= setTimeout(() => void worker.terminate(), CANCEL_PATIENCE_MS);
      };
      const end = (settle: () => void): void => {
        clearTimeout(patience);
        options.signal.removeEventListener('abort', onAbort);
        current = null;
        worker.unref();
        settle();
      };
      const fail = (error: Error): void =>
        end(() => reject(refusal ?? (options.signal.aborted ? toAbortError(options.signal) : error)));
      const takeFile = async (file: (MessageFromLane & { kind: 'file' })['file']): Promise<void> => {
        try {
          await options.onFile(file);
          if (isAlive) send({ kind: 'file-taken', name: file.name });
        } catch (error) {
          refusal ??= error instanceof Error ? error : new Error(String(error));
          if (isAlive) send({ kind: 'file-refused', name: file.name });
        }
      };
      current = {
        onEnd: fail,
        onMessage(received) {
          switch (received.kind) {
            case 'file': {
              const taken = takeFile(received.file);
              openFiles.add(taken);
              return;
            }
            case 'progress':
              options.onProgress?.({ rows: received.rows, wireBytes: received.wireBytes });
              return;
            case 'done':
              end(() => resolve(received.outcome));
              return;
            case 'failed':
              fail(receiveError(received.error));
              return;
          }
        },
      };
      options.signal.addEventListener('abort', onAbort, { once: true });
      worker.ref();
      send(message);
    });

  return {
    index: data.lane,
    isAlive: () => isAlive,
    async extract(request, directory, options) {
      throwIfAborted(options.signal);
      const openFiles = new Set<Promise<void>>();
      try {
        return await run({ kind: 'extract', request, directory }, options, openFiles);
      } finally {
        await Promise.all(openFiles);
      }
    },
    async close() {
      isAlive = false;
      await worker.terminate();
    },
  };
}
