import type { EngineEvent, Parameter, SqlType, SqlValue } from '../engine-contract.ts';
import type { Condition, Expression } from '../sql/ast.ts';
import type { Typed } from './bind/binder.ts';
import { convertTyped } from './bind/convert-typed.ts';
import { createBinder, emptyScope } from './bind/create-binder.ts';
import { environmentOf, type BatchScope } from './environment.ts';
import { fromDuckDb, SqlError } from './errors.ts';
import { mayUse } from './permissions.ts';
import { principalOf } from './resolve-object.ts';
import { finishSql, streamRows } from './run-select.ts';
import type { ServerState } from './server-state.ts';
import type { SessionState } from './session-state.ts';
import type { StatementContext } from './statement-context.ts';
import { beginTransaction, commitTransaction, rollbackAll } from './transactions.ts';

export type BatchRun = {
  server: ServerState;
  session: SessionState;
  batch: BatchScope;
  text: string;
  signal: AbortSignal;
  /** Whether a TRY block catches what goes wrong. */
  isTrying: boolean;
  returned: { isDone: boolean; status: number };
  /** Runs a text within this batch, with parameters and variables of its own. */
  runNested(request: { sql: string; parameters: readonly Parameter[]; isTrying: boolean }): AsyncGenerator<EngineEvent>;
};

/** The rest of the batch does not run; the message is out already. */
export class BatchEnd extends Error {}

/** What a statement needs while it runs. */
export function contextOf(run: BatchRun): StatementContext {
  const { server, session, batch, signal, text } = run;
  return {
    server,
    session,
    batch,
    signal,
    environment: () => environmentOf(server, session, batch),
    sourceOf: (node) => text.slice(node.at.offset, node.end),
    writeDuck: (sql) => writeDuck(server, session, sql),
    onRollback: (undo) => session.transaction?.undo.push(undo),
    requirePermission: (database, permission) => {
      const principal = principalOf(database, session.login);
      if (
        principal !== null &&
        (database.name === 'tempdb' || mayUse({ database, principal, login: session.login }, permission, null))
      )
        return;
      throw new SqlError(262, `${permission} permission denied in database '${database.name}'.`, { severity: 14 });
    },
  };
}

async function writeDuck(server: ServerState, session: SessionState, sql: string): Promise<SqlValue> {
  const { transaction } = session;
  try {
    if (transaction !== null && !transaction.isOpen) {
      await session.connection.run('BEGIN TRANSACTION');
      transaction.isOpen = true;
    }
    const reader = await session.connection.runAndReadAll(sql);
    transaction?.written.push(sql);
    return (reader.getRows()[0]?.[0] ?? null) as SqlValue;
  } catch (error) {
    void server;
    throw fromDuckDb(error);
  }
}

/** Runs `work` in the open transaction, or in one of its own that is committed behind it. */
export async function inTransaction<T>(context: StatementContext, work: () => Promise<T>): Promise<T> {
  const { server, session } = context;
  if (session.transaction !== null) {
    if (session.transaction.isDoomed) {
      throw new SqlError(
        3930,
        'The current transaction cannot be committed and cannot support operations that write to the log file. Roll back the transaction.',
      );
    }
    return work();
  }
  beginTransaction(server, session);
  try {
    const result = await work();
    await commitTransaction(server, session);
    return result;
  } catch (error) {
    await rollbackAll(server, session);
    throw error;
  }
}

/** The value of an expression outside of a query, as `type` or its own. */
export async function evaluate(
  run: BatchRun,
  expression: Expression,
  type: SqlType | null,
  at: { at: { line: number } },
): Promise<SqlValue> {
  return (await evaluateTyped(run, expression, type, at)).value;
}

export async function evaluateTyped(
  run: BatchRun,
  expression: Expression,
  type: SqlType | null,
  at: { at: { line: number } },
): Promise<{ type: SqlType; value: SqlValue; isNullLiteral: boolean }> {
  const context = contextOf(run);
  try {
    const b = createBinder(run.server.duck.scripts, context.environment());
    const typed = b.expression(expression, emptyScope());
    const converted: Typed = type === null ? typed : convertTyped(b, typed, type);
    const isNullLiteral = typed.literal === 'null';
    if (converted.constant !== undefined) return { type: converted.type, value: converted.constant, isNullLiteral };
    const sql = await finishSql(context, b, `SELECT ${converted.sql} AS c1`);
    const query = {
      sql,
      columns: [
        {
          name: '',
          type: converted.type,
          nullable: true,
          isIdentity: false,
          isComputed: true,
          label: 'implicit' as const,
        },
      ],
    };
    let value: SqlValue = null;
    for await (const rows of streamRows(context, { query, sql })) value = rows[0]?.[0] ?? null;
    return { type: converted.type, value, isNullLiteral };
  } catch (thrown) {
    const error = fromDuckDb(thrown);
    if (error.line === 0) error.line = at.at.line;
    throw error;
  }
}

export async function evaluateCondition(
  run: BatchRun,
  condition: Condition,
  statement: { at: { line: number } },
): Promise<boolean> {
  const context = contextOf(run);
  try {
    const b = createBinder(run.server.duck.scripts, context.environment());
    const condition1 = b.condition(condition, emptyScope());
    const sql = await finishSql(context, b, `SELECT ${condition1} AS c1`);
    const reader = await run.session.connection.runAndReadAll(sql);
    return reader.getRows()[0]?.[0] === true;
  } catch (thrown) {
    const error = fromDuckDb(thrown);
    if (error.line === 0) error.line = statement.at.line;
    throw error;
  }
}
