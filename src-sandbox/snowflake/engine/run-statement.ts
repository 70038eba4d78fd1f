import { interruptOnAbort } from '../../interrupt-on-abort.ts';
import { findHandler } from '../commands/registry.ts';
import type { ResultColumn, StatementResult } from '../commands/command.ts';
import { errors, fromDuckDb, SnowflakeError } from '../errors.ts';
import { createTokenReader } from '../sql/token-reader.ts';
import { parameterOf } from './parameters.ts';
import type { ServerState } from './server-state.ts';
import type { Session } from './session.ts';
import { spoolResult, type Chunk } from './spool-result.ts';
import { createStatementContext } from './statement-context.ts';
import type { Bindings } from './translate-environment.ts';

export interface StatementOutcome {
  columns: ResultColumn[];
  rows: (string | null)[][];
  chunks: Chunk[];
  total: number;
  statementTypeId: number;
  /** PUT and GET: the answer's data as it is. */
  transfer: Record<string, unknown> | null;
}

const SELECT_TYPE = 0x1000;

/**
 * Runs one statement in its session. A one-statement transaction is committed or rolled back here; a failed statement in an
 * explicit transaction leaves that open, unless TRANSACTION_ABORT_ON_ERROR.
 */
export async function runStatement(request: {
  state: ServerState;
  session: Session;
  queryId: string;
  text: string;
  signal: AbortSignal;
  bindingRows: Bindings[];
}): Promise<StatementOutcome> {
  const { state, session, text, signal } = request;
  const stopInterrupting = interruptOnAbort(session.connection, signal);
  try {
    const reader = createTokenReader(text, {
      ignoreQuotedCase: parameterOf(session.parameters, 'QUOTED_IDENTIFIERS_IGNORE_CASE') === 'true',
    });
    if (reader.atEnd()) throw new SnowflakeError('000900', '42601', 'SQL compilation error:\nEmpty SQL statement.');
    const handler = findHandler(reader);
    if (!handler) throw errors.syntax(reader.peek().text, reader.peek());
    const context = createStatementContext(request);
    const result = await handler.execute(context, reader);
    const outcome = await deliver(state, session, { result, signal });
    stopInterrupting();
    await state.transactions.endStatement(session, true);
    return outcome;
  } catch (error) {
    stopInterrupting();
    const failure = signal.aborted ? errors.canceled() : fromDuckDb(error);
    await state.transactions.endStatement(session, false);
    if (session.transaction && parameterOf(session.parameters, 'TRANSACTION_ABORT_ON_ERROR') === 'true') {
      await state.transactions.rollback(session);
    }
    throw failure;
  }
}

async function deliver(
  state: ServerState,
  session: Session,
  given: { result: StatementResult; signal: AbortSignal },
): Promise<StatementOutcome> {
  const { result, signal } = given;
  switch (result.kind) {
    case 'transfer':
      return { columns: [], rows: [], chunks: [], total: 0, statementTypeId: 0x6000, transfer: result.data };
    case 'rows':
      return {
        columns: result.columns,
        rows: result.rows,
        chunks: [],
        total: result.rows.length,
        statementTypeId: result.statementTypeId ?? 0x6000,
        transfer: null,
      };
    case 'query': {
      const spooled = await spoolResult(session.connection, result.query, {
        directory: `${state.services.dataDirectory}/results`,
        signal,
        rowLimit: Number(parameterOf(session.parameters, 'ROWS_PER_RESULTSET')),
      });
      return {
        columns: result.query.columns,
        ...spooled,
        statementTypeId: result.statementTypeId ?? SELECT_TYPE,
        transfer: null,
      };
    }
  }
}
