import { ipcMain, type IpcMainEvent, type IpcMainInvokeEvent } from 'electron';
import { z } from 'zod';
import { AppError, toErrorValue, type ErrorValue } from '#shared/errors/app-error';
import { CALL_CHANNEL, CALL_NAMES, CANCEL_CHANNEL, type CallName } from '#shared/ipc/channels';
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

const messageSchema = z.object({ name: z.enum(CALL_NAMES), input: z.unknown(), callId: z.string().min(1).max(100) });

export interface RegisterOptions {
  handlers: Handlers;
  log: Log;
  /** Whether a frame is the app's own page. */
  isTrustedUrl(url: string): boolean;
}

/** One door for all calls: the sender is checked, the input parsed, and every end becomes a value. Nothing thrown crosses the border. */
export function registerHandlers({ handlers, log, isTrustedUrl }: RegisterOptions): void {
  const running = new Map<string, AbortController>();

  const isTrusted = (event: IpcMainInvokeEvent | IpcMainEvent): boolean => {
    const frame = event.senderFrame;
    return frame !== null && frame === event.sender.mainFrame && isTrustedUrl(frame.url);
  };

  ipcMain.handle(CALL_CHANNEL, async (event, message: unknown): Promise<CallResult<CallName>> => {
    try {
      if (!isTrusted(event))
        throw new AppError('INPUT_INVALID', { facts: { detail: 'The call did not come from the application page.' } });
      const { name, input, callId } = parse(messageSchema, message);
      const key = `${event.sender.id} ${callId}`;
      const controller = createAbortController();
      running.set(key, controller);
      try {
        const value = await runHandler(handlers, name, input, controller.signal);
        return { ok: true, value };
      } finally {
        running.delete(key);
      }
    } catch (error) {
      return { ok: false, error: toSafeError(error, log) };
    }
  });

  ipcMain.on(CANCEL_CHANNEL, (event, callId: unknown) => {
    if (!isTrusted(event) || typeof callId !== 'string') return;
    running.get(`${event.sender.id} ${callId}`)?.abort();
  });
}

async function runHandler(
  handlers: Handlers,
  name: CallName,
  input: unknown,
  signal: AbortSignal,
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
    field: issue?.path.join('.'),
  });
}

function toSafeError(error: unknown, log: Log): ErrorValue {
  if (error instanceof Error && error.name === 'AbortError')
    return toErrorValue(new AppError('CANCELLED', { cause: error }));
  const value = toErrorValue(error);
  if (value.code === 'INTERNAL')
    log('error', 'A call failed unexpectedly.', { stack: error instanceof Error ? error.stack : String(error) });
  return {
    ...value,
    message: redact(value.message),
    raw: value.raw === null ? null : redact(value.raw),
    statement: value.statement === null ? null : redact(value.statement),
  };
}
