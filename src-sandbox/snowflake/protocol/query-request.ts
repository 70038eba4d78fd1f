import { randomUUID } from 'node:crypto';
import { createStatementContext } from '../engine/statement-context.ts';
import { echoParameters, parameterOf } from '../engine/parameters.ts';
import { runStatement, type StatementOutcome } from '../engine/run-statement.ts';
import type { QueryRecord, ServerState } from '../engine/server-state.ts';
import type { Session } from '../engine/session.ts';
import type { Bindings } from '../engine/translate-environment.ts';
import { rowTypeOf } from '../engine/wire-values.ts';
import { errors, fromDuckDb, SnowflakeError } from '../errors.ts';
import { types } from '../sql/data-type.ts';
import { readBindStage } from '../stages/bind-stage.ts';
import { bindingRows, type BindingsBody } from './bindings.ts';
import { failedQuery, succeeded, type Envelope } from './envelope.ts';
import { splitStatements } from './split-statements.ts';

export interface QueryBody {
  sqlText: string;
  bindings?: BindingsBody;
  bindStage?: string;
  parameters?: Record<string, unknown>;
  asyncExec?: boolean;
  describeOnly?: boolean;
}

/** A statement that takes longer than this is answered with "still running"; the driver then asks for the result. */
const ANSWER_WITHIN_MS = 20_000;
const KEPT_QUERIES = 10_000;
const KEPT_RESULT_ROWS = 10_000;
const IN_PROGRESS = '333333';
const IN_PROGRESS_ASYNC = '333334';

export interface QueryRequest {
  session: Session;
  requestId: string | null;
  body: QueryBody;
}

/** POST /queries/v1/query-request. The same request id again is the same statement again: it is not run twice. */
export async function requestQuery(state: ServerState, request: QueryRequest): Promise<Envelope> {
  const known = findByRequestId(state, request);
  const record = known ?? startQuery(state, request);
  if (request.body.asyncExec) return inProgress(record, IN_PROGRESS_ASYNC);
  return awaitAnswer(record);
}

/** GET /queries/{id}/result: holds the request for a while, then says that it still runs. */
export async function awaitAnswer(record: QueryRecord): Promise<Envelope> {
  let timer: NodeJS.Timeout | undefined;
  const waited = new Promise<void>((resolve) => (timer = setTimeout(resolve, ANSWER_WITHIN_MS)));
  await Promise.race([record.done, waited]);
  clearTimeout(timer);
  return record.answer === null ? inProgress(record, IN_PROGRESS) : (record.answer as Envelope);
}

function inProgress({ id }: QueryRecord, code: string): Envelope {
  return succeeded(
    { queryId: id, getResultUrl: `/queries/${id}/result`, queryAbortsAfterSecs: 300, progressDesc: null },
    code,
  );
}

function findByRequestId(state: ServerState, { session, requestId }: QueryRequest): QueryRecord | undefined {
  if (requestId === null) return undefined;
  return session.queryIds.map((id) => state.queries.get(id)).find((record) => record?.requestId === requestId);
}

/** Statements of one session run one after the other. */
const turns = new WeakMap<Session, Promise<unknown>>();

function startQuery(state: ServerState, { session, requestId, body }: QueryRequest): QueryRecord {
  const record = addRecord(state, session, { text: body.sqlText, requestId });
  const turn = (turns.get(session) ?? Promise.resolve()).then(() => runRequest(state, { session, body, record }));
  turns.set(session, turn);
  record.done = turn;
  return record;
}

function addRecord(
  state: ServerState,
  session: Session,
  given: { text: string; requestId: string | null },
): QueryRecord {
  const record: QueryRecord = {
    id: newQueryId(),
    requestId: given.requestId,
    sessionId: session.id,
    userName: session.user.name,
    text: given.text,
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
  session.queryIds.push(record.id);
  if (state.queries.size > KEPT_QUERIES) {
    const [oldest] = state.queries.keys();
    if (oldest) state.queries.delete(oldest);
  }
  return record;
}

/** Shaped like a UUID, beginning with 01 as the vendor's do. */
function newQueryId(): string {
  return `01${randomUUID().slice(2)}`;
}

interface RunRequest {
  session: Session;
  body: QueryBody;
  record: QueryRecord;
}

async function runRequest(state: ServerState, request: RunRequest): Promise<void> {
  const { session, body, record } = request;
  const restore = setForStatement(session, body.parameters);
  const timer = startTimeout(session, record);
  try {
    if (record.cancel.signal.aborted) throw errors.canceled();
    const statements = splitStatements(body.sqlText);
    const wanted = Number(
      body.parameters?.['MULTI_STATEMENT_COUNT'] ?? parameterOf(session.parameters, 'MULTI_STATEMENT_COUNT'),
    );
    if (statements.length > 1) await runSeveral(state, request, { statements, wanted });
    else await runOne(state, request);
  } catch (error) {
    const failure = timer.isOver() ? timedOut(session) : fromDuckDb(error);
    finish(record, failedQuery(failure, record.id), failure);
  } finally {
    timer.stop();
    restore();
    session.lastUsedOn = state.services.now();
  }
}

/** Parameters of the request are the session's for this statement only. */
function setForStatement(session: Session, parameters: Record<string, unknown> = {}): () => void {
  const before = new Map(session.parameters);
  for (const [name, value] of Object.entries(parameters)) {
    if (name !== 'MULTI_STATEMENT_COUNT') session.parameters.set(name.toUpperCase(), String(value));
  }
  return () => {
    for (const name of Object.keys(parameters)) {
      const earlier = before.get(name.toUpperCase());
      if (earlier === undefined) session.parameters.delete(name.toUpperCase());
      else session.parameters.set(name.toUpperCase(), earlier);
    }
  };
}

function startTimeout(session: Session, record: QueryRecord): { isOver(): boolean; stop(): void } {
  const seconds = Number(parameterOf(session.parameters, 'STATEMENT_TIMEOUT_IN_SECONDS'));
  let over = false;
  const abort = (): void => {
    over = true;
    record.cancel.abort();
  };
  const timer = seconds > 0 && seconds < 2_000_000 ? setTimeout(abort, seconds * 1000) : undefined;
  return { isOver: () => over, stop: () => clearTimeout(timer) };
}

function timedOut(session: Session): SnowflakeError {
  const seconds = parameterOf(session.parameters, 'STATEMENT_TIMEOUT_IN_SECONDS');
  return new SnowflakeError(
    '000630',
    '57014',
    `Statement reached its statement or warehouse timeout of ${seconds} second(s) and was canceled.`,
  );
}

async function runOne(state: ServerState, { session, body, record }: RunRequest): Promise<void> {
  const outcome = await runWithBindings(state, {
    session,
    text: body.sqlText,
    record,
    rows: await readBindings(state, { session, body, record }),
  });
  finish(record, toAnswer(state, session, { outcome, record }), null, outcome);
}

async function readBindings(state: ServerState, { session, body, record }: RunRequest): Promise<Bindings[]> {
  if (!body.bindStage) return bindingRows(body.bindings);
  const context = createStatementContext({
    state,
    session,
    queryId: record.id,
    text: body.sqlText,
    signal: record.cancel.signal,
    bindings: new Map(),
  });
  const rows = await readBindStage(context, body.bindStage);
  return rows.map(
    (row) =>
      bindingRows(Object.fromEntries(row.map((value, index) => [String(index + 1), { type: 'TEXT', value }])))[0] ??
      new Map(),
  );
}

interface BoundStatement {
  session: Session;
  text: string;
  record: QueryRecord;
  rows: Bindings[];
}

/** Array binds run the statement once a row, all or nothing. */
async function runWithBindings(
  state: ServerState,
  { session, text, record, rows }: BoundStatement,
): Promise<StatementOutcome> {
  const run = (bindings: Bindings): Promise<StatementOutcome> =>
    runStatement({ state, session, queryId: record.id, text, signal: record.cancel.signal, bindings });
  const [only] = rows;
  if (rows.length === 1 && only) return run(only);
  const isOwn = session.transaction === null;
  if (isOwn) state.transactions.begin(session, {});
  try {
    let last: StatementOutcome | null = null;
    let count = 0;
    for (const bindings of rows) {
      last = await run(bindings);
      count += Number(last.rows[0]?.[0] ?? 0);
    }
    if (isOwn) await state.transactions.commit(session);
    if (!last) throw new SnowflakeError('000603', 'XX000', 'SQL execution internal error: no bind rows');
    return { ...last, rows: [[String(count), ...(last.rows[0]?.slice(1) ?? [])]] };
  } catch (error) {
    if (isOwn) await state.transactions.rollback(session);
    throw error;
  }
}

/** Each statement gets an id and a result of its own; the first that fails ends the request. */
async function runSeveral(
  state: ServerState,
  { session, record }: RunRequest,
  given: { statements: string[]; wanted: number },
): Promise<void> {
  const { statements, wanted } = given;
  if (wanted !== 0 && wanted !== statements.length) {
    throw new SnowflakeError(
      '000008',
      '0A000',
      `Actual statement count ${statements.length} did not match the desired statement count ${wanted}.`,
    );
  }
  const children: QueryRecord[] = [];
  for (const text of statements) {
    const child = addRecord(state, session, { text, requestId: null });
    child.cancel = record.cancel;
    const outcome = await runWithBindings(state, { session, text, record: child, rows: [new Map()] });
    finish(child, toAnswer(state, session, { outcome, record: child }), null, outcome);
    children.push(child);
  }
  const outcome: StatementOutcome = {
    columns: [{ name: 'multiple statement execution', type: types.text() }],
    rows: [['Multiple statements executed successfully.']],
    chunks: [],
    total: 1,
    statementTypeId: 0xa000,
    transfer: null,
  };
  const answer = toAnswer(state, session, { outcome, record });
  Object.assign(answer.data as object, {
    resultIds: children.map(({ id }) => id).join(','),
    resultTypes: children.map(({ statementTypeId }) => String(statementTypeId)).join(','),
  });
  finish(record, answer, null, outcome);
}

function toAnswer(
  state: ServerState,
  session: Session,
  { outcome, record }: { outcome: StatementOutcome; record: QueryRecord },
): Envelope {
  if (outcome.transfer) return succeeded({ ...outcome.transfer, queryId: record.id });
  const { columns, rows, chunks, total, statementTypeId } = outcome;
  return succeeded({
    parameters: echoParameters(session.parameters),
    rowtype: columns.map(rowTypeOf),
    rowset: rows,
    total,
    returned: total,
    queryId: record.id,
    databaseProvider: null,
    finalDatabaseName: session.database,
    finalSchemaName: session.schema,
    finalWarehouseName: session.warehouse,
    finalRoleName: session.role,
    numberOfBinds: 0,
    arrayBindSupported: statementTypeId === 0x3100,
    statementTypeId,
    version: 1,
    sendResultTime: Date.now(),
    queryResultFormat: 'json',
    ...(chunks.length > 0
      ? {
          chunks: chunks.map(({ file, rowCount, uncompressedSize, compressedSize }) => ({
            url: `${state.services.accessUrl}/chunk/${file}`,
            rowCount,
            uncompressedSize,
            compressedSize,
          })),
          chunkHeaders: {},
        }
      : {}),
  });
}

function finish(
  record: QueryRecord,
  answer: Envelope,
  error: SnowflakeError | null,
  outcome: StatementOutcome | null = null,
): void {
  record.endedOn = new Date();
  record.status = error === null ? 'SUCCESS' : error.code === '000604' ? 'ABORTED' : 'FAILED_WITH_ERROR';
  record.errorCode = error?.code ?? null;
  record.errorMessage = error?.message ?? null;
  record.statementTypeId = outcome?.statementTypeId ?? 0;
  record.rowsProduced = outcome?.total ?? 0;
  if (outcome && !outcome.transfer) {
    const isKept = outcome.chunks.length === 0 && outcome.rows.length <= KEPT_RESULT_ROWS;
    record.result = { columns: outcome.columns, rows: isKept ? outcome.rows : null, table: null };
  }
  record.answer = answer;
}
