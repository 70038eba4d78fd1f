import type { ErrorValue } from '#shared/errors/app-error';
import type { CallName, EventName } from '#shared/ipc/channels';
import type { Bridge, CallInput, CallOutputs, EventPayloads } from '#shared/ipc/contract';

declare global {
  interface Window {
    readonly api: Bridge;
  }
}

/** A call that main answered with an error. `value` is what ErrorCard shows. */
export class ApiError extends Error {
  readonly value: ErrorValue;

  constructor(value: ErrorValue) {
    super(value.message);
    this.name = 'ApiError';
    this.value = value;
  }
}

export interface CallOptions {
  /** Aborting tells main to end the call; the promise then rejects with an AbortError. */
  signal?: AbortSignal;
  /** Another bridge, for tests. */
  bridge?: Bridge;
}

let callCount = 0;

/** Calls main. Rejects with an ApiError when main answers with an error. The only way from the page to main, next to `listen`. */
export async function call<Name extends CallName>(
  name: Name,
  input: CallInput<Name>,
  options: CallOptions = {},
): Promise<CallOutputs[Name]> {
  const { signal, bridge = window.api } = options;
  signal?.throwIfAborted();
  callCount += 1;
  const callId = `${name}#${callCount}`;
  const answer = bridge.invoke(name, input, callId);
  const result = await (signal ? orAbort(answer, signal, () => bridge.cancel(callId)) : answer);
  if (result.ok) return result.value;
  throw new ApiError(result.error);
}

/** Listens to an event of main; the answer ends it. */
export function listen<Name extends EventName>(
  name: Name,
  listener: (payload: EventPayloads[Name]) => void,
  bridge: Bridge = window.api,
): () => void {
  return bridge.on(name, listener);
}

/** The error value inside anything that a query or mutation rejected with. */
export function errorValueOf(error: unknown): ErrorValue {
  if (error instanceof ApiError) return error.value;
  const raw = error instanceof Error ? error.message : String(error);
  return {
    code: 'INTERNAL',
    title: 'The window met a fault',
    message: `The window could not finish this: ${raw}`,
    advice: 'Reload the window with Ctrl+R. A run in progress is not affected: it does not depend on the window.',
    retry: 'user',
    facts: {},
    raw,
    field: null,
    statement: null,
    queryId: null,
  };
}

/** True when a call ended because it was cancelled here or in main. */
export function isCancelled(error: unknown): boolean {
  return (
    (error instanceof Error && error.name === 'AbortError') ||
    (error instanceof ApiError && error.value.code === 'CANCELLED')
  );
}

function orAbort<Value>(answer: Promise<Value>, signal: AbortSignal, cancel: () => void): Promise<Value> {
  return new Promise((resolve, reject) => {
    const onAbort = () => {
      cancel();
      reject(
        signal.reason instanceof Error ? signal.reason : new DOMException('The call was cancelled.', 'AbortError'),
      );
    };
    signal.addEventListener('abort', onAbort, { once: true });
    answer.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}
