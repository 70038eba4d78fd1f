import { randomBytes } from 'node:crypto';
import { errors, fromDuckDb, SnowflakeError } from '../errors.ts';
import { checkParameter, echoParameters, parameterOf } from '../engine/parameters.ts';
import { runStatement, type StatementOutcome } from '../engine/run-statement.ts';
import type { QueryRecord, ServerState } from '../engine/server-state.ts';
import type { Session } from '../engine/session.ts';
import { createStatementContext } from '../engine/statement-context.ts';
import type { Bindings } from '../engine/translate-environment.ts';
import { rowTypeOf } from '../engine/wire-values.ts';
import { types } from '../sql/data-type.ts';
import { readBindStage } from '../stages/bind-stage.ts';
import { stageBindings, toBindings, type WireBinding } from './bindings.ts';
import { statementFailure, success, type Envelope } from './envelope.ts';
import { splitStatements } from './split-statements.ts';

export interface QueryBody {
  sqlText?: string;
  asyncExec?: boolean;
  describeOnly?: boolean;
  bindings?: Record<string, WireBinding>;
  bindStage?: string;
  parameters?: Record<string, string | number | boolean>;
}

export interface QueryRunner {
  /** Starts the statement or finds the one that this request id started before. */
  submit(session: Session, request: { requestId: string | null; body: QueryBody }): QueryRecord;
  /** The answer, or after `waitMs` the advice to ask again. */
  answer(record: QueryRecord, waitMs: number): Promise<Envelope>;
  inProgress(record: QueryRecord, code: '333333' | '333334'): Envelope;
  byRequestId(requestId: string): QueryRecord | undefined;
}

const HISTORY = 2000;

/** UUID-shaped, in the order of time as the vendor's are. */
function newQueryId(): string {
  const hex = `01${Math.floor(Date.now() / 1000)
    .toString(16)
    .padStart(8, '0')}${randomBytes(11).toString('hex')}`;
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20, 32)}`;
}

/** Runs statements one after the other in each session and keeps their answers. */
export function createQueryRunner(state: ServerState): QueryRunner {
  const byRequest = new Map<string, QueryRecord>();

  const newRecord = (session: Session, text: string, requestId: string | null): QueryRecord => {
    const record: QueryRecord = {
      id: newQueryId(),
      requestId,
      sessionId: session.id,
      userName: session.user.name,
      text,
      queryTag: parameterOf(session.parameters, 'QUERY_TAG'),
      database: session.database,
      schema: session.schema,
      warehouse: session.warehouse,
      role: session.role,
      status: 'RUNNING',
      startedOn: state.services.now(),
      endedOn: null,
      errorCode: null,
      errorMessage: null,
      rowsProduced: 0,
      statementTypeId: 0,
      answer: null,
      done: Promise.resolve(),
      cancel: new AbortController(),
      result: null,
    };
    state.queries.set(record.id, record);
    for (const [id, old] of state.queries) {
      if (state.queries.size <= HISTORY || old.status === 'RUNNING') break;
      state.queries.delete(id);
      if (old.requestId) byRequest.delete(old.requestId);
    }
    return record;
  };

  const runOne = async (
    session: Session,
    record: QueryRecord,
    given: { body: QueryBody; text: string },
  ): Promise<void> => {
    const { signal } = record.cancel;
    try {
      if (signal.aborted) throw errors.canceled();
      if (given.body.describeOnly) throw errors.notInPractice('describeOnly requests');
      const bindingRows = await bindingsOf(state, session, record, given);
      if (bindingRows.length !== 1 && !/^\s*INSERT\b/i.test(given.text))
        throw errors.notInPractice('array binds of statements other than INSERT ... VALUES');
      const outcome = await runStatement({ state, session, queryId: record.id, text: given.text, signal, bindingRows });
      record.answer = success(answerData(state, session, record, outcome));
      record.rowsProduced = outcome.total;
      record.statementTypeId = outcome.statementTypeId;
      record.status = 'SUCCESS';
      if (!outcome.transfer)
        record.result = { columns: outcome.columns, rows: outcome.chunks.length ? null : outcome.rows, table: null };
    } catch (error) {
      fail(record, timedOut(record) ?? fromDuckDb(error));
    } finally {
      record.endedOn = state.services.now();
      session.queryIds.push(record.id);
      if (session.queryIds.length > HISTORY) session.queryIds.shift();
    }
  };

  const run = async (session: Session, record: QueryRecord, body: QueryBody): Promise<void> => {
    const restore = overrideParameters(session, record, body.parameters ?? {});
    const seconds = Number(parameterOf(session.parameters, 'STATEMENT_TIMEOUT_IN_SECONDS'));
    const timer =
      seconds > 0 && seconds <= 604_800
        ? setTimeout(() => record.cancel.abort(new TimedOut(seconds)), seconds * 1000)
        : null;
    timer?.unref();
    try {
      const statements = splitStatements(record.text);
      const count = body.parameters?.['MULTI_STATEMENT_COUNT'];
      const wanted = Number(count ?? parameterOf(session.parameters, 'MULTI_STATEMENT_COUNT'));
      if (statements.length === 0)
        throw new SnowflakeError('000900', '42601', 'SQL compilation error:\nEmpty SQL statement.');
      if (wanted !== 0 && statements.length !== wanted) {
        throw new SnowflakeError(
          '000008',
          '0A000',
          `Actual statement count ${statements.length} did not match the desired statement count ${wanted}.`,
        );
      }
      if (statements.length === 1 && wanted === 1) await runOne(session, record, { body, text: record.text });
      else await runMany(session, record, { body, statements });
    } catch (error) {
      fail(record, fromDuckDb(error));
      record.endedOn = state.services.now();
    } finally {
      if (timer) clearTimeout(timer);
      restore();
    }
  };

  /** Several statements in one request: each gets an id of its own; the first that fails ends them all. */
  const runMany = async (
    session: Session,
    parent: QueryRecord,
    given: { body: QueryBody; statements: string[] },
  ): Promise<void> => {
    const children: QueryRecord[] = [];
    for (const text of given.statements) {
      const child = newRecord(session, text, null);
      child.cancel = parent.cancel;
      await runOne(session, child, { body: given.body, text });
      children.push(child);
      if (child.status !== 'SUCCESS') {
        const failed = child.answer as Envelope;
        fail(
          parent,
          new SnowflakeError(
            child.errorCode ?? '000603',
            (failed.data as { sqlState: string }).sqlState,
            child.errorMessage ?? '',
          ),
        );
        parent.endedOn = state.services.now();
        return;
      }
    }
    const outcome: StatementOutcome = {
      columns: [{ name: 'multiple statement execution', type: types.text() }],
      rows: [['Multiple statements executed successfully.']],
      chunks: [],
      total: 1,
      statementTypeId: 0xa000,
      transfer: null,
    };
    parent.answer = success({
      ...answerData(state, session, parent, outcome),
      resultIds: children.map((c) => c.id).join(','),
      resultTypes: children.map((c) => String(c.statementTypeId)).join(','),
    });
    parent.status = 'SUCCESS';
    parent.endedOn = state.services.now();
  };

  return {
    submit: (session, { requestId, body }) => {
      const known = requestId ? byRequest.get(requestId) : undefined;
      if (known && known.sessionId === session.id) return known;
      const record = newRecord(session, body.sqlText ?? '', requestId);
      if (requestId) byRequest.set(requestId, record);
      const work = async (): Promise<void> => {
        session.running = { cancel: record.cancel, done: record.done };
        try {
          await run(session, record, body);
        } finally {
          session.running = null;
        }
      };
      record.done = session.queue.then(work, work);
      session.queue = record.done;
      return record;
    },
    answer: async (record, waitMs) => {
      let timer: NodeJS.Timeout | undefined;
      const late = new Promise<'late'>((resolve) => {
        timer = setTimeout(() => resolve('late'), waitMs);
      });
      const first = await Promise.race([record.done, late]);
      clearTimeout(timer);
      return first === 'late' && record.answer === null ? inProgress(record, '333333') : (record.answer as Envelope);
    },
    inProgress,
    byRequestId: (requestId) => byRequest.get(requestId),
  };
}

function inProgress(record: QueryRecord, code: '333333' | '333334'): Envelope {
  return {
    success: true,
    code,
    message: code === '333333' ? 'Query execution in progress' : 'Query execution in progress. Asynchronous.',
    data: {
      queryId: record.id,
      getResultUrl: `/queries/${record.id}/result`,
      queryAbortsAfterSecs: 300,
      progressDesc: null,
    },
  };
}

class TimedOut extends Error {
  readonly seconds: number;
  constructor(seconds: number) {
    super('statement timeout');
    this.seconds = seconds;
  }
}

function timedOut(record: QueryRecord): SnowflakeError | undefined {
  const reason = record.cancel.signal.reason as unknown;
  if (!(reason instanceof TimedOut)) return undefined;
  return new SnowflakeError(
    '000630',
    '57014',
    `Statement reached its statement or warehouse timeout of ${reason.seconds} second(s) and was canceled.`,
  );
}

function fail(record: QueryRecord, error: SnowflakeError): void {
  record.status = 'FAILED_WITH_ERROR';
  record.errorCode = error.code;
  record.errorMessage = error.message;
  record.answer = statementFailure(error, record.id);
}

async function bindingsOf(
  state: ServerState,
  session: Session,
  record: QueryRecord,
  given: { body: QueryBody; text: string },
): Promise<Bindings[]> {
  if (!given.body.bindStage) return toBindings(given.body.bindings);
  const context = createStatementContext({
    state,
    session,
    queryId: record.id,
    text: given.text,
    signal: record.cancel.signal,
    bindingRows: [],
  });
  return stageBindings(await readBindStage(context, given.body.bindStage));
}

/** Parameters of one statement; what the session had comes back afterwards. ALTER SESSION inside keeps what it set. */
function overrideParameters(
  session: Session,
  record: QueryRecord,
  given: Record<string, string | number | boolean>,
): () => void {
  const before = new Map<string, { old: string | undefined; set: string }>();
  for (const [key, value] of Object.entries(given)) {
    const name = key.toUpperCase();
    if (name === 'MULTI_STATEMENT_COUNT') continue;
    const set = checkParameter(name, String(value));
    before.set(name, { old: session.parameters.get(name), set });
    session.parameters.set(name, set);
    if (name === 'QUERY_TAG') record.queryTag = set;
  }
  return () => {
    for (const [name, { old, set }] of before) {
      if (session.parameters.get(name) !== set) continue;
      if (old === undefined) session.parameters.delete(name);
      else session.parameters.set(name, old);
    }
  };
}

function answerData(
  state: ServerState,
  session: Session,
  record: QueryRecord,
  outcome: StatementOutcome,
): Record<string, unknown> {
  if (outcome.transfer) return { ...outcome.transfer, queryId: record.id };
  return {
    parameters: echoParameters(session.parameters),
    rowtype: outcome.columns.map(rowTypeOf),
    rowset: outcome.rows,
    total: outcome.total,
    returned: outcome.total,
    queryId: record.id,
    databaseProvider: null,
    finalDatabaseName: session.database,
    finalSchemaName: session.schema,
    finalWarehouseName: session.warehouse,
    finalRoleName: session.role,
    numberOfBinds: 0,
    arrayBindSupported: outcome.statementTypeId === 0x3100,
    statementTypeId: outcome.statementTypeId,
    version: 1,
    sendResultTime: state.services.now().getTime(),
    queryResultFormat: 'json',
    queryContext: { entries: [] },
    ...(outcome.chunks.length
      ? {
          chunks: outcome.chunks.map((c) => ({
            url: `${state.services.accessUrl}/results/${c.file}`,
            rowCount: c.rowCount,
            uncompressedSize: c.uncompressedSize,
            compressedSize: c.compressedSize,
          })),
          chunkHeaders: {},
        }
      : {}),
  };
}
