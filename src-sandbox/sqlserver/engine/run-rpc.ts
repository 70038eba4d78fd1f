import type { EngineEvent, Parameter, SqlType } from '../engine-contract.ts';
import { digitsOf } from './values/number-text.ts';
import type { TypeReference } from '../sql/ast.ts';
import { parseBatch } from '../sql/parse-batch.ts';
import { resolveType } from './environment.ts';
import { SqlError } from './errors.ts';
import type { ServerState } from './server-state.ts';
import { runText } from './run-text.ts';
import type { SessionState } from './session-state.ts';
import { convertValue } from './values/convert.ts';

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

type Declared = { name: string; type: SqlType; isOutput: boolean };

/** `@a int, @b nvarchar(10) OUTPUT` as parameters. */
export function declaredParameters(session: SessionState, definition: string): Declared[] {
  if (definition.trim() === '') return [];
  const outputs = new Set<string>();
  const plain = splitDefinitions(definition).map((one) => {
    const bare = one.replace(/\s+(OUT|OUTPUT)\s*$/i, '').replace(/\s+READONLY\s*$/i, '');
    const name = /@[\w@$#\u00c0-\uffff]+/.exec(bare)?.[0] ?? '';
    if (bare !== one) outputs.add(name.toLowerCase());
    return bare;
  });
  const statement = parseBatch(`DECLARE ${plain.join(', ')}`, { quotedIdentifier: true })[0];
  if (statement?.kind !== 'declare') throw new SqlError(102, "Incorrect syntax near '@'.", { severity: 15 });
  return statement.items.map((item) => {
    if (item.kind === 'table') throw new SqlError(102, "Incorrect syntax near 'table'.", { severity: 15 });
    return {
      name: item.name,
      type: typeOfParameter(session, item.type),
      isOutput: outputs.has(item.name.toLowerCase()),
    };
  });
}

const typeOfParameter = (session: SessionState, reference: TypeReference): SqlType => {
  const { type } = resolveType(session.database, reference);
  return 'length' in type || type.name === 'text' || type.name === 'ntext'
    ? { collation: session.database.collation, ...type }
    : type;
};

/** Commas in parentheses belong to a type. */
function splitDefinitions(text: string): string[] {
  const parts: string[] = [];
  let depth = 0;
  let start = 0;
  for (let i = 0; i < text.length; i += 1) {
    const char = text.charAt(i);
    if (char === '(') depth += 1;
    else if (char === ')') depth -= 1;
    else if (char === ',' && depth === 0) {
      parts.push(text.slice(start, i));
      start = i + 1;
    }
  }
  return [...parts, text.slice(start)];
}

/** Values for declared parameters, by name or by place, as their declared types. */
function bindParameters(declared: readonly Declared[], values: readonly Parameter[]): Parameter[] {
  for (const value of values) {
    if (value.name !== '' && !declared.some((one) => one.name.toLowerCase() === value.name.toLowerCase())) {
      throw new SqlError(8145, `${value.name} is not a parameter for procedure sp_executesql.`, { state: 2 });
    }
  }
  return declared.map((one, i) => {
    const value =
      values.find((candidate) => candidate.name.toLowerCase() === one.name.toLowerCase()) ??
      (values[i]?.name === '' ? values[i] : undefined);
    if (value === undefined) {
      throw new SqlError(8178, `The parameterized query expects the parameter '${one.name}', which was not supplied.`);
    }
    return {
      name: one.name,
      type: one.type,
      value: convertValue(value.value, value.type, one.type),
      isOutput: value.isOutput && one.isOutput,
    };
  });
}
