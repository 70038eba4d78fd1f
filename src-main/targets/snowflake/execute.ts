import { AppError } from '#shared/errors/app-error';
import { DEFAULT_LIMITS } from '#shared/model/run-limits';
import { throwIfAborted, toAbortError } from '../../lib/abort.ts';
import { redact } from '../../lib/redact.ts';
import type { Session } from './connect.ts';
import { toAppError } from './errors.ts';

export interface StatementRequest {
  sql: string;
  binds?: (string | number | null)[];
  signal: AbortSignal;
  /** What errors name; readable, not quoted. */
  object?: string;
  /** The text for errors when `sql` holds a secret. */
  shownSql?: string;
  /** Gives up after that time and cancels; without it a statement may run as long as the server lets it. */
  timeoutMs?: number;
  /** How long to wait before asking whether the statement still runs. */
  watchdogMs?: number;
}

/** Values are text as the server wrote it: numbers with every digit, times by the session's formats, binary in hex. */
export interface StatementResult {
  columns: string[];
  rows: (string | null)[][];
  queryId: string;
  elapsedMs: number;
}

/** The parts of the SDK's statement that are used. */
interface Statement {
  getQueryId(): string | undefined;
  getColumns(): { getName(): string }[] | undefined;
  cancel(callback?: (error: unknown) => void): void;
}

/** An answer about a statement is small; when none comes for so long, it counts as "no". */
const LOOK_LIMIT_MS = 30_000;
const CANCEL_WAIT_MS = 10_000;

/**
 * Runs one statement. An abort cancels it at the server, waits up to 10 s for the server's word and rejects with the signal's reason. A watchdog asks for
 * the state of a statement that takes long: the SDK may wait for ever after a broken answer.
 */
export async function execute(session: Session, request: StatementRequest): Promise<StatementResult> {
  const { signal } = request;
  throwIfAborted(signal);
  const started = performance.now();
  const context = {
    ...session.context,
    statement: request.shownSql ?? request.sql,
    ...(request.object === undefined ? {} : { object: request.object }),
  };
  return new Promise((resolve, reject) => {
    let statement: Statement | null = null;
    let isSettled = false;
    const timers = new Set<NodeJS.Timeout>();
    const settle = (act: () => void) => {
      if (isSettled) return;
      isSettled = true;
      for (const timer of timers) clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
      act();
    };
    const later = (ms: number, act: () => void) => {
      const timer = setTimeout(() => {
        timers.delete(timer);
        act();
      }, ms);
      timers.add(timer);
    };
    const stop = (reason: Error) => {
      const end = () => settle(() => reject(reason));
      try {
        statement?.cancel(() => undefined);
      } catch {
        // The statement ended in the same moment.
      }
      later(CANCEL_WAIT_MS, end);
      onComplete = end;
    };
    const onAbort = () => stop(toAbortError(signal));
    let onComplete: (() => void) | null = null;

    const complete = (error: unknown, done: Statement, rows: unknown[] | undefined) => {
      if (onComplete) return onComplete();
      const queryId = done?.getQueryId() ?? '';
      if (error) return settle(() => reject(toAppError(error, { ...context, queryId })));
      settle(() =>
        resolve({
          columns: (done.getColumns() ?? []).map((column) => column.getName()),
          rows: (rows ?? []).map(toTextRow),
          queryId,
          elapsedMs: Math.round(performance.now() - started),
        }),
      );
    };
    signal.addEventListener('abort', onAbort, { once: true });
    if (request.timeoutMs !== undefined) {
      later(request.timeoutMs, () => stop(timedOut(session, request)));
    }
    watch({ session, request, later, statement: () => statement, fail: (error) => settle(() => reject(error)) });
    try {
      statement = session.connection.execute({
        sqlText: request.sql,
        ...(request.binds ? { binds: request.binds } : {}),
        complete: complete as never,
      });
    } catch (error) {
      settle(() => reject(toAppError(error, context)));
    }
  });
}

/** Column positions by name, whatever their case. */
export function columnIndex(result: StatementResult, name: string): number {
  return result.columns.findIndex((column) => column.toLowerCase() === name.toLowerCase());
}

/** Rows as objects by lower-case column name. */
export function toRecords(result: StatementResult): Record<string, string | null>[] {
  const names = result.columns.map((column) => column.toLowerCase());
  return result.rows.map((row) => Object.fromEntries(names.map((name, index) => [name, row[index] ?? null])));
}

interface Watch {
  session: Session;
  request: StatementRequest;
  later(ms: number, act: () => void): void;
  statement(): Statement | null;
  fail(error: Error): void;
}

/** Asks again and again; only a statement that has ended at the server while its answer never came is given up. */
function watch(options: Watch): void {
  const { session, request } = options;
  const everyMs = request.watchdogMs ?? DEFAULT_LIMITS.statementSilenceSeconds * 1000;
  let endedSightings = 0;
  const look = async () => {
    const queryId = options.statement()?.getQueryId();
    try {
      const isAlive = await withinLimit(isStillAlive(session, queryId), Math.min(everyMs, LOOK_LIMIT_MS));
      endedSightings = isAlive ? 0 : endedSightings + 1;
    } catch {
      endedSightings += 1;
    }
    if (endedSightings >= 2) {
      options.fail(
        new AppError('CONNECTION_LOST', {
          facts: { host: session.context.host },
          raw: 'The statement ended at the server, but its answer did not arrive.',
          ...(queryId ? { queryId } : {}),
        }),
      );
      return;
    }
    options.later(everyMs, () => void look());
  };
  options.later(everyMs, () => void look());
}

async function isStillAlive({ connection }: Session, queryId: string | undefined): Promise<boolean> {
  if (!queryId) return connection.isValidAsync();
  return connection.isStillRunning((await connection.getQueryStatus(queryId)) as never);
}

/** The question may hang like the statement that it is about. */
async function withinLimit(answer: Promise<boolean>, limitMs: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<false>((resolve) => (timer = setTimeout(() => resolve(false), limitMs)));
  answer.catch(() => undefined);
  try {
    return await Promise.race([answer, late]);
  } finally {
    clearTimeout(timer);
  }
}

function toTextRow(row: unknown): (string | null)[] {
  const values = Array.isArray(row) ? row : Object.values(row as Record<string, unknown>);
  return values.map((value) => (value === null || value === undefined ? null : String(value)));
}

function timedOut(session: Session, request: StatementRequest): AppError {
  return new AppError('CONNECTION_TIMED_OUT', {
    facts: {
      host: session.context.host,
      port: session.context.port,
      seconds: Math.round((request.timeoutMs ?? 0) / 1000),
    },
    statement: redact(request.shownSql ?? request.sql),
  });
}
