import { setTimeout as delay } from 'node:timers/promises';
import { plainText } from './values/number-text.ts';
import type { EngineEvent, SqlType, SqlValue } from '../engine-contract.ts';
import type { Statement } from '../sql/ast-statement.ts';
import { errors, SqlError } from './errors.ts';
import { RaisedError } from './raised-error.ts';
import { requireDatabase } from './resolve-object.ts';
import { runDdl } from './ddl/run-ddl.ts';
import { runDml } from './dml/run-dml.ts';
import { runExecute } from './run-execute.ts';
import { runSet } from './run-set.ts';
import { rollbackToSavepoint, setSavepoint } from './savepoints.ts';
import { evaluate, evaluateTyped, type BatchRun } from './statement-run.ts';
import type { StatementContext } from './statement-context.ts';
import { beginTransaction, commitTransaction, rollbackTransaction } from './transactions.ts';
import { isText, nvarchar } from './sql-types.ts';
import { convertValue } from './values/convert.ts';

/** Statements that answer no rows of a query. */
export async function* runOther(
  run: BatchRun,
  context: StatementContext,
  statement: Statement,
): AsyncGenerator<EngineEvent> {
  const { session } = run;
  switch (statement.kind) {
    case 'set-variable':
      await setVariable(run, statement);
      return;
    case 'print': {
      const { value, type } = await evaluateTyped(run, statement.value, null, statement);
      const text =
        value === null ? '' : (convertValue(value, type, nvarchar(4000, session.database.collation)) as string);
      yield {
        kind: 'message',
        message: {
          number: 0,
          state: 1,
          class: 0,
          message: text.replace(/\s+$/, '') || ' ',
          procedure: '',
          line: statement.at.line,
        },
      };
      return;
    }
    case 'raiserror':
      yield* raiseError(run, statement);
      return;
    case 'throw':
      return throwError(run, statement);
    case 'waitfor':
      await waitFor(run, statement);
      return;
    case 'use': {
      const database = requireDatabase(run.server, session, statement.database.name);
      const from = session.database.name;
      session.database = database;
      yield { kind: 'database-changed', from, to: database.name };
      yield {
        kind: 'message',
        message: {
          number: 5701,
          state: 1,
          class: 0,
          message: `Changed database context to '${database.name}'.`,
          procedure: '',
          line: statement.at.line,
        },
      };
      yield { kind: 'done', rowCount: null };
      return;
    }
    case 'begin-transaction':
    case 'commit':
    case 'rollback':
    case 'save-transaction':
      yield* runTransaction(run, statement);
      return;
    case 'set-switch':
    case 'set-isolation':
    case 'set-identity-insert':
    case 'set-value':
    case 'set-statistics':
      await runSet(run, statement);
      yield { kind: 'done', rowCount: null };
      return;
    case 'execute':
    case 'execute-string':
      yield* runExecute(run, statement);
      return;
    default:
      if (yield* runDml(context, statement)) return;
      await runDdl(context, statement);
      yield { kind: 'done', rowCount: null };
  }
}

async function setVariable(run: BatchRun, statement: Extract<Statement, { kind: 'set-variable' }>): Promise<void> {
  const variable = run.batch.variables.get(statement.variable.toLowerCase());
  if (variable === undefined) throw errors.undeclaredVariable(statement.variable);
  const operator = statement.operator.slice(0, -1);
  const { at, end } = statement.value;
  const value: Parameters<typeof evaluate>[1] =
    operator === ''
      ? statement.value
      : {
          kind: 'binary',
          operator: operator as '+',
          left: { kind: 'variable', name: statement.variable, at, end },
          right: statement.value,
          at,
          end,
        };
  variable.value = await evaluate(run, value, variable.type, statement);
}

async function* runTransaction(
  run: BatchRun,
  statement: Extract<Statement, { kind: 'begin-transaction' | 'commit' | 'rollback' | 'save-transaction' }>,
): AsyncGenerator<EngineEvent> {
  const { server, session } = run;
  const named = 'name' in statement && statement.name !== null ? statement.name : null;
  const name =
    named === null
      ? ''
      : named.kind === 'name'
        ? named.name
        : String((run.batch.variables.get(named.variable.toLowerCase())?.value as string | undefined) ?? '');
  switch (statement.kind) {
    case 'begin-transaction': {
      const begun = beginTransaction(server, session);
      if (begun !== null) yield { kind: 'transaction-began', id: begun.id };
      break;
    }
    case 'commit': {
      const id = await commitTransaction(server, session);
      if (id !== null) yield { kind: 'transaction-committed', id };
      break;
    }
    case 'rollback': {
      if (name !== '' && (await rollbackToSavepoint(session, name))) break;
      const id = await rollbackTransaction(server, session);
      yield { kind: 'transaction-rolled-back', id };
      break;
    }
    case 'save-transaction':
      setSavepoint(session, name);
  }
  yield { kind: 'done', rowCount: null };
}

/** https://learn.microsoft.com/en-us/sql/t-sql/language-elements/raiserror-transact-sql */
async function* raiseError(
  run: BatchRun,
  statement: Extract<Statement, { kind: 'raiserror' }>,
): AsyncGenerator<EngineEvent> {
  const { value, type } = await evaluateTyped(run, statement.message, null, statement);
  const severity = Number((await evaluate(run, statement.severity, { name: 'int' }, statement)) ?? 0);
  const state = Number((await evaluate(run, statement.state, { name: 'int' }, statement)) ?? 1);
  const args: SqlValue[] = [];
  for (const arg of statement.args) args.push((await evaluateTyped(run, arg, null, statement)).value);
  if (!isText(type)) {
    throw new SqlError(
      18_054,
      `Error ${plainText(value)}, severity ${severity}, state ${state} was raised, but no message with that error number was found in sys.messages. If error is larger than 50000, make sure the user-defined message is added using sp_addmessage.`,
    );
  }
  const message = formatMessage((value as string | null) ?? '', args);
  if (severity > 10)
    throw new RaisedError(50_000, message, { severity, state, endsBatch: severity >= 20, line: statement.at.line });
  yield {
    kind: 'message',
    message: { number: 50_000, state, class: severity, message, procedure: '', line: statement.at.line },
  };
}

/** printf as RAISERROR has it: %s, %d, %i, %u, %x, %%. */
function formatMessage(text: string, args: SqlValue[]): string {
  let next = 0;
  return text.replace(/%(-?\d*)(?:\.\d+)?(?:l|I64)?([sdiuxX%])/g, (_, width: string, kind: string) => {
    if (kind === '%') return '%';
    const arg = args[next];
    next += 1;
    const shown =
      arg === null || arg === undefined ? '(null)' : /x/i.test(kind) ? Number(arg).toString(16) : plainText(arg);
    return width.startsWith('-') ? shown.padEnd(Number(width.slice(1))) : shown.padStart(Number(width || 0));
  });
}

async function throwError(run: BatchRun, statement: Extract<Statement, { kind: 'throw' }>): Promise<never> {
  if (statement.number === null || statement.message === null || statement.state === null) {
    const { caught } = run.batch;
    if (caught === null)
      throw new SqlError(
        10_704,
        'To rethrow an error, a THROW statement must be used inside a CATCH block. Insert the THROW statement inside a CATCH block, or add error parameters to the THROW statement.',
        { severity: 15 },
      );
    throw new RaisedError(caught.number, caught.message, {
      severity: caught.severity,
      state: caught.state,
      endsBatch: true,
      line: caught.line,
    });
  }
  const number = Number((await evaluate(run, statement.number, { name: 'int' }, statement)) ?? 0);
  const message = plainText(await evaluate(run, statement.message, nvarchar(2048), statement));
  const state = Number((await evaluate(run, statement.state, { name: 'int' }, statement)) ?? 1);
  if (number < 50_000)
    throw new SqlError(
      35_100,
      `Error number ${number} in the THROW statement is outside the valid range. Specify an error number in the valid range of 50000 to 2147483647.`,
      { state: 10 },
    );
  throw new RaisedError(number, message, { severity: 16, state, endsBatch: true, line: statement.at.line });
}

async function waitFor(run: BatchRun, statement: Extract<Statement, { kind: 'waitfor' }>): Promise<void> {
  const time: SqlType = { name: 'time', scale: 3 };
  const ticks = (await evaluate(run, statement.value, time, statement)) as bigint | null;
  if (statement.what === 'TIME') throw errors.unsupported('WAITFOR TIME');
  await delay(Number((ticks ?? 0n) / 10_000n), undefined, { signal: run.signal }).catch(() => undefined);
  if (run.signal.aborted) throw errors.interrupted();
}
