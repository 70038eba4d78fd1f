import type { CallName, EventName } from '#shared/ipc/channels';
import type { Bridge, CallInput, CallOutputs, EventPayloads } from '#shared/ipc/contract';
import { errorValueOf, ApiError } from '../client.ts';

export type FakeAnswers = {
  [Name in CallName]?: (input: CallInput<Name>) => CallOutputs[Name] | Promise<CallOutputs[Name]>;
};

export interface FakeBridge extends Bridge {
  /** Sends an event as main would. */
  send<Name extends EventName>(name: Name, payload: EventPayloads[Name]): void;
}

/** A main process that answers from functions; a call without an answer is refused by name. For tests and the page bench only. */
export function createFakeBridge(answers: FakeAnswers): FakeBridge {
  const listeners = new Map<EventName, Set<(payload: never) => void>>();
  return {
    async invoke(name, input) {
      const answer = answers[name] as ((input: unknown) => unknown) | undefined;
      try {
        if (answer === undefined) throw new Error(`The fake bridge has no answer for ${name}.`);
        return { ok: true, value: (await answer(input)) as never };
      } catch (error) {
        return { ok: false, error: error instanceof ApiError ? error.value : errorValueOf(error) };
      }
    },
    cancel: () => undefined,
    on(name, listener) {
      const set = listeners.get(name) ?? new Set();
      set.add(listener);
      listeners.set(name, set);
      return () => void set.delete(listener);
    },
    send: (name, payload) => listeners.get(name)?.forEach((listener) => listener(payload as never)),
  };
}
