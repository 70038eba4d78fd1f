import { MessageChannel, type MessagePort } from 'node:worker_threads';

const nowhere = closedPort();

/**
 * Gives the memory of a page back at once. Left to the garbage collector, up to 64 MB of it pile up in every thread before that looks. What is transferred to
 * a closed port is gone: https://html.spec.whatwg.org/multipage/web-messaging.html#message-port-post-message-steps
 */
export function releaseBytes({ buffer }: Uint8Array): void {
  try {
    nowhere.postMessage(null, [buffer as ArrayBuffer]);
  } catch {
    // Small buffers share their memory, which Node does not let go.
  }
}

function closedPort(): MessagePort {
  const { port1 } = new MessageChannel();
  port1.close();
  return port1;
}
