import type { MessagePort } from 'node:worker_threads';
import { createAbortController, throwIfAborted } from '../lib/abort.ts';
import { createDiskBudget, type DiskUse } from './disk-budget.ts';
import type { ExtractedFile } from './extraction.ts';
import { extractRows, type OpenReader } from './extract-rows.ts';
import { sendError, type MessageFromLane, type MessageToLane } from './lane-messages.ts';

const PROGRESS_EVERY_MS = 250;

/** The thread's side of a lane: takes extractions from `port`, one at a time. */
export function serveLane(port: MessagePort, options: { openReader: OpenReader; disk: DiskUse; lane: number }): void {
  const { openReader, disk, lane } = options;
  const send = (message: MessageFromLane): void => port.postMessage(message);
  let controller = createAbortController();
  let handedOver = new Map<string, { resolve(): void; reject(error: Error): void }>();

  const onFile = (file: ExtractedFile): Promise<void> =>
    new Promise((resolve, reject) => {
      throwIfAborted(controller.signal);
      handedOver.set(file.name, { resolve, reject });
      send({ kind: 'file', file });
    });

  const cancel = (): void => {
    controller.abort();
    for (const { reject } of handedOver.values()) reject(new DOMException('The action was cancelled.', 'AbortError'));
    handedOver.clear();
  };

  const extract = async ({ request, directory }: MessageToLane & { kind: 'extract' }): Promise<void> => {
    controller = createAbortController();
    handedOver = new Map();
    const { signal } = controller;
    let reportedAt = performance.now();
    try {
      const outcome = await extractRows({
        request,
        directory,
        openReader,
        disk: createDiskBudget({ use: disk, lane, directory, signal }),
        signal,
        onFile,
        onProgress(progress) {
          const now = performance.now();
          if (now - reportedAt < PROGRESS_EVERY_MS) return;
          reportedAt = now;
          send({ kind: 'progress', ...progress });
        },
      });
      send({ kind: 'done', outcome });
    } catch (error) {
      send({ kind: 'failed', error: sendError(signal.aborted ? signal.reason : error) });
    }
  };

  port.on('message', (message: MessageToLane) => {
    switch (message.kind) {
      case 'extract':
        void extract(message);
        return;
      case 'cancel':
        cancel();
        return;
      case 'file-taken':
        handedOver.get(message.name)?.resolve();
        handedOver.delete(message.name);
        return;
      case 'file-refused':
        // Whoever refused it knows why and ends the extraction.
        cancel();
        return;
    }
  });
}
