import { z } from 'zod';
import { AppError, toErrorValue, type ErrorFacts, type ErrorValue } from '#shared/errors/app-error';
import { CALL_NAMES, type CallName } from '#shared/ipc/channels';
import { CALL_INPUTS, type CallOutputs, type CallResult, type ParsedCallInput } from '#shared/ipc/contract';
import { createAbortController } from '../lib/abort.ts';
import type { Log } from '../lib/log.ts';
import { redact } from '../lib/redact.ts';

export interface CallContext {
  signal: AbortSignal;
}

export type Handlers = {
  [Name in CallName]: (input: ParsedCallInput<Name>, context: CallContext) => Promise<CallOutputs[Name]>;
};

export interface CallDoorOptions {
  handlers: Handlers;
  log: Log;
  /** Whether a frame is the app's own page. */
  isTrustedUrl(url: string): boolean;
}

/** What the door needs to know of Electron's event. */
export interface CallEvent {
  senderFrame: { url: string } | null;
  sender: { id: number; mainFrame: { url: string } };
}

/** One door for all calls: the sender is checked, the input parsed, and every end becomes a value. Nothing thrown crosses the border. */
export interface CallDoor {
  answer(event: CallEvent, message: unknown): Promise<CallResult<CallName>>;
  cancel(event: CallEvent, callId: unknown): void;
}

const messageSchema = z.object({ name: z.enum(CALL_NAMES), input: z.unknown(), callId: z.string().min(1).max(100) });

export function createCallDoor({ handlers, log, isTrustedUrl }: CallDoorOptions): CallDoor {
  const running = new Map<string, AbortController>();

  const isTrusted = ({ sender, senderFrame }: CallEvent): boolean =>
    senderFrame !== null && senderFrame === sender.mainFrame && isTrustedUrl(senderFrame.url);

  return {
    async answer(event, message) {
      try {
        if (!isTrusted(event))
          throw new AppError('INPUT_INVALID', {
            facts: { detail: 'The call did not come from the application page.' },
          });
        const { name, input, callId } = parse(messageSchema, message);
        const key = `${event.sender.id} ${callId}`;
        const controller = createAbortController();
        running.set(key, controller);
        try {
          const value = await runHandler(handlers, { name, input, signal: controller.signal });
          return { ok: true, value };
        } finally {
          // A page that was loaded anew may use the id once more.
          if (running.get(key) === controller) running.delete(key);
        }
      } catch (error) {
        return { ok: false, error: toSafeError(error, log) };
      }
    },
    cancel(event, callId) {
      if (!isTrusted(event) || typeof callId !== 'string') return;
      running.get(`${event.sender.id} ${callId}`)?.abort();
    },
  };
}

async function runHandler(
  handlers: Handlers,
  { name, input, signal }: { name: CallName; input: unknown; signal: AbortSignal },
): Promise<CallOutputs[CallName]> {
  const handler = handlers[name] as (input: unknown, context: CallContext) => Promise<CallOutputs[CallName]>;
  const schema: z.ZodType = CALL_INPUTS[name];
  return handler(parse(schema, input), { signal });
}

function parse<T>(schema: z.ZodType<T>, value: unknown): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw new AppError('INPUT_INVALID', {
    facts: { detail: issue?.message ?? 'The entry is not valid.' },
    field: issue?.path.map(String).join('.'),
  });
}

function toSafeError(error: unknown, log: Log): ErrorValue {
  if (error instanceof Error && error.name === 'AbortError')
    return toErrorValue(new AppError('CANCELLED', { cause: error }));
  const value = toErrorValue(error);
  if (value.code === 'INTERNAL')
    log('error', 'A call failed unexpectedly.', { stack: error instanceof Error ? error.stack : String(error) });
  const clean = (text: string | null): string | null => (text === null ? null : redact(text));
  return {
    ...value,
    title: redact(value.title),
    message: redact(value.message),
    advice: redact(value.advice),
    facts: cleanFacts(value.facts),
    raw: clean(value.raw),
    field: clean(value.field),
    statement: clean(value.statement),
  };
}

/** The facts fill the same sentences once more where the page writes them itself. */
function cleanFacts(facts: ErrorFacts): ErrorFacts {
  const clean = (value: ErrorFacts[string]): ErrorFacts[string] => {
    if (typeof value === 'string') return redact(value);
    return Array.isArray(value) ? value.map(redact) : value;
  };
  return Object.fromEntries(Object.entries(facts).map(([name, value]) => [name, clean(value)]));
}
