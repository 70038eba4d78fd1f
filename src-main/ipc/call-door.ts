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

const LONGEST_TEXT = 10_000;

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
  const parsed = tryParse(schema, value);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw new AppError('INPUT_INVALID', {
    facts: { detail: issue?.message ?? 'The entry is not valid.' },
    field: issue?.path.map(String).join('.'),
  });
}

/** An object can be made so that looking at it throws: `length` that cannot become a number. */
function tryParse<T>(schema: z.ZodType<T>, value: unknown): z.ZodSafeParseResult<T> {
  try {
    return schema.safeParse(value);
  } catch (error) {
    throw new AppError('INPUT_INVALID', { cause: error, facts: { detail: 'The entry cannot be read.' } });
  }
}

function toSafeError(error: unknown, log: Log): ErrorValue {
  if (error instanceof Error && error.name === 'AbortError')
    return toErrorValue(new AppError('CANCELLED', { cause: error }));
  const value = toErrorValue(error);
  if (value.code === 'INTERNAL')
    log('error', 'A call failed unexpectedly.', { stack: error instanceof Error ? error.stack : String(error) });
  return {
    ...value,
    title: clean(value.title),
    message: clean(value.message),
    advice: clean(value.advice),
    facts: cleanFacts(value.facts),
    raw: value.raw === null ? null : clean(value.raw),
    field: value.field === null ? null : clean(value.field),
    statement: value.statement === null ? null : clean(value.statement),
  };
}

/** What a call was given may come back in its error: no longer than anybody reads. Cut after masking, which needs a secret whole. */
function clean(text: string): string {
  const masked = redact(text);
  return masked.length > LONGEST_TEXT ? `${masked.slice(0, LONGEST_TEXT)}…` : masked;
}

/** The facts fill the same sentences once more where the page writes them itself. */
function cleanFacts(facts: ErrorFacts): ErrorFacts {
  const cleanFact = (value: ErrorFacts[string]): ErrorFacts[string] => {
    if (typeof value === 'string') return clean(value);
    return Array.isArray(value) ? value.map(clean) : value;
  };
  return Object.fromEntries(Object.entries(facts).map(([name, value]) => [name, cleanFact(value)]));
}
