import type { EngineEvent, SqlType } from '../engine-contract.ts';
import type { Statement } from '../sql/ast-statement.ts';
import { declareTable } from './ddl/declare-table.ts';
import { resolveType } from './environment.ts';
import { errors, fromDuckDb, SqlError, toMessage } from './errors.ts';
import { RaisedError } from './raised-error.ts';
import { runOther } from './run-other.ts';
import { runAssignment, runSelect } from './run-select.ts';
import { BatchEnd, contextOf, evaluate, evaluateCondition, type BatchRun } from './statement-run.ts';
import { rewind, rollbackAll } from './transactions.ts';

export type Flow = 'next' | 'break' | 'continue' | 'return';

/** Runs statements one after the other; errors are messages, and some of them end the batch. */
export async function* runStatements(
  run: BatchRun,
  statements: readonly Statement[],
): AsyncGenerator<EngineEvent, Flow> {
  for (const statement of statements) {
    const flow = yield* runStatement(run, statement);
    if (flow !== 'next') return flow;
  }
  return 'next';
}

/** One statement. An error that TRY does not catch becomes a message here, unless it ends the batch: then it is thrown on. */
export async function* runStatement(run: BatchRun, statement: Statement): AsyncGenerator<EngineEvent, Flow> {
  switch (statement.kind) {
    case 'block':
      return yield* runStatements(run, statement.statements);
    case 'if': {
      const holds = await evaluateCondition(run, statement.condition, statement);
      if (holds) return yield* runStatement(run, statement.then);
      return statement.otherwise === null ? 'next' : yield* runStatement(run, statement.otherwise);
    }
    case 'while':
      while (await evaluateCondition(run, statement.condition, statement)) {
        const flow = yield* runStatement(run, statement.body);
        if (flow === 'break') break;
        if (flow === 'return') return flow;
      }
      return 'next';
    case 'break':
    case 'continue':
      return statement.kind;
    case 'return':
      if (statement.value !== null)
        run.returned.status = Number((await evaluate(run, statement.value, { name: 'int' }, statement)) ?? 0);
      run.returned.isDone = true;
      return 'return';
    case 'try':
      return yield* runTry(run, statement);
    default:
      yield* runSimple(run, statement);
      return 'next';
  }
}

async function* runTry(
  run: BatchRun,
  statement: Extract<Statement, { kind: 'try' }>,
): AsyncGenerator<EngineEvent, Flow> {
  try {
    return yield* runStatements({ ...run, isTrying: true }, statement.statements);
  } catch (thrown) {
    if (!(thrown instanceof SqlError) || thrown.severity >= 20 || thrown.severity <= 10 || run.signal.aborted)
      throw thrown;
    const { caught } = run.batch;
    run.session.lastError = thrown.number;
    run.batch.caught = thrown;
    try {
      return yield* runStatements(run, statement.catchStatements);
    } finally {
      run.batch.caught = caught;
    }
  }
}

/** Errors after which the vendor gives up the batch and its transaction, whatever XACT_ABORT says. */
const ENDS_BATCH = new Set([208, 241, 242, 245, 248, 295, 1205, 3960, 3952, 8114, 8169, 40_000]);
const KEEPS_TRANSACTION = new Set([208, 40_000, 3952]);

async function* runSimple(run: BatchRun, statement: Statement): AsyncGenerator<EngineEvent> {
  const { session, server } = run;
  const before = {
    written: session.transaction?.written.length ?? 0,
    undo: session.transaction?.undo.length ?? 0,
    transaction: session.transaction,
  };
  try {
    if (run.signal.aborted) throw errors.interrupted();
    yield* dispatch(run, statement);
    if (statement.kind !== 'if') session.lastError = 0;
  } catch (thrown) {
    if (thrown instanceof BatchEnd) throw thrown;
    const error = fromDuckDb(thrown);
    if (error.line === 0) error.line = statement.at.line;
    session.lastError = error.number;
    session.rowCount = 0;
    if (run.signal.aborted) throw errors.interrupted();
    const isRaised = error instanceof RaisedError;
    const endsBatch =
      !isRaised &&
      (ENDS_BATCH.has(error.number) || (session.options.xactAbort && error.severity > 10) || error.severity >= 20);
    const { transaction } = session;
    if (transaction !== null && !isRaised) {
      const loses =
        (endsBatch && !KEEPS_TRANSACTION.has(error.number)) ||
        session.options.xactAbort ||
        error.number === 1205 ||
        error.number === 3960;
      if (loses && run.isTrying) {
        transaction.isDoomed = true;
      } else if (loses) {
        const id = await rollbackAll(server, session);
        yield { kind: 'message', message: toMessage(error, statement.at.line) };
        if (id !== null) yield { kind: 'transaction-rolled-back', id };
        yield { kind: 'done', rowCount: null };
        throw new BatchEnd();
      } else if (transaction === before.transaction && !isNested(statement)) {
        await rewind(session, before);
      }
    }
    if (run.isTrying) throw error;
    yield { kind: 'message', message: toMessage(error, statement.at.line) };
    yield { kind: 'done', rowCount: null };
    if (endsBatch || (isRaised && error.endsBatch)) throw new BatchEnd();
  }
}

/** What failed within a text that EXECUTE runs has been undone there already, and what went well before it stays. */
const isNested = ({ kind }: Statement): boolean => kind === 'execute' || kind === 'execute-string';

async function* dispatch(run: BatchRun, statement: Statement): AsyncGenerator<EngineEvent> {
  const context = contextOf(run);
  switch (statement.kind) {
    case 'select': {
      const { body } = statement.query;
      if (body.kind === 'select' && body.into !== null) break;
      if (body.kind === 'select' && body.items.some((item) => item.kind === 'assign')) {
        await runAssignment(context, statement.query, body);
        yield { kind: 'done', rowCount: null };
        return;
      }
      yield* runSelect(context, statement.query);
      return;
    }
    case 'declare':
      for (const item of statement.items) {
        if (item.kind === 'table') {
          await declareTable(context, item);
          continue;
        }
        const { type } = resolveType(run.session.database, item.type);
        const typed: SqlType =
          'length' in type && type.collation === undefined
            ? { ...type, collation: run.session.database.collation }
            : type;
        if (
          run.batch.variables.has(item.name.toLowerCase()) &&
          statement.items.filter((one) => one.name.toLowerCase() === item.name.toLowerCase()).length > 1
        ) {
          throw new SqlError(
            134,
            `The variable name '${item.name}' has already been declared. Variable names must be unique within a query batch or stored procedure.`,
            { severity: 15 },
          );
        }
        const value = item.value === null ? null : await evaluate(run, item.value, typed, statement);
        run.batch.variables.set(item.name.toLowerCase(), { type: typed, value });
      }
      return;
    default:
      break;
  }
  yield* runOther(run, context, statement);
}
