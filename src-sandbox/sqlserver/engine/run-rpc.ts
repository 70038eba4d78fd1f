import type { EngineEvent, Parameter } from '../engine-contract.ts';
import { digitsOf } from './values/number-text.ts';
import { parseBatch } from '../sql/parse-batch.ts';
import { SqlError } from './errors.ts';
import { bindParameters, declaredParameters } from './parameters.ts';
import type { ServerState } from './server-state.ts';
import { runText } from './run-text.ts';
import type { SessionState } from './session-state.ts';

type Request = { procedure: string; parameters: Parameter[]; signal: AbortSignal };

/** The system procedures that drivers call. https://learn.microsoft.com/en-us/sql/relational-databases/system-stored-procedures/sp-executesql-transact-sql */
export async function* runRpc(
  server: ServerState,
  session: SessionState,
  request: Request,
): AsyncGenerator<EngineEvent> {
  const name =
    request.procedure
      .replaceAll(/[[\]"]/g, '')
      .split('.')
      .at(-1)
      ?.toLowerCase() ?? '';
  switch (name) {
    case 'sp_executesql':
      yield* executeSql(server, session, request);
      break;
    case 'sp_prepare':
    case 'sp_prepexec':
      yield* prepare(server, session, request, name === 'sp_prepexec');
      break;
    case 'sp_execute':
      yield* executePrepared(server, session, request);
      break;
    case 'sp_unprepare':
      session.prepared.delete(Number(request.parameters[0]?.value ?? -1));
      break;
    case 'sp_reset_connection':
      break;
    default:
      throw new SqlError(2812, `Could not find stored procedure '${request.procedure}'.`, { state: 62 });
  }
  yield { kind: 'return-status', value: 0 };
}

const textOf = (parameter: Parameter | undefined): string =>
  typeof parameter?.value === 'string' ? parameter.value : '';

async function* executeSql(server: ServerState, session: SessionState, request: Request): AsyncGenerator<EngineEvent> {
  const [statement, definition, ...values] = request.parameters;
  if (statement === undefined) {
    throw new SqlError(214, "Procedure expects parameter '@statement' of type 'ntext/nchar/nvarchar'.", { state: 2 });
  }
  const declared = declaredParameters(session, textOf(definition));
  yield* runText(server, session, {
    sql: textOf(statement),
    parameters: bindParameters(declared, values),
    signal: request.signal,
  });
}

async function* prepare(
  server: ServerState,
  session: SessionState,
  request: Request,
  runs: boolean,
): AsyncGenerator<EngineEvent> {
  const [handleParameter, definition, statement, ...values] = request.parameters;
  const sql = textOf(statement);
  parseBatch(sql, { quotedIdentifier: session.options.quotedIdentifier });
  const parameters = declaredParameters(session, textOf(definition));
  const handle = session.nextHandle;
  session.nextHandle += 1;
  session.prepared.set(handle, { sql, parameters });
  if (runs) {
    yield* runText(server, session, { sql, parameters: bindParameters(parameters, values), signal: request.signal });
  }
  yield { kind: 'output-parameter', name: handleParameter?.name ?? '@handle', type: { name: 'int' }, value: handle };
}

async function* executePrepared(
  server: ServerState,
  session: SessionState,
  request: Request,
): AsyncGenerator<EngineEvent> {
  const [handle, ...values] = request.parameters;
  const prepared = session.prepared.get(Number(handle?.value ?? -1));
  if (prepared === undefined) {
    throw new SqlError(8179, `Could not find prepared statement with handle ${digitsOf(handle?.value ?? 0)}.`, {
      state: 4,
    });
  }
  yield* runText(server, session, {
    sql: prepared.sql,
    parameters: bindParameters(prepared.parameters, values),
    signal: request.signal,
  });
}
