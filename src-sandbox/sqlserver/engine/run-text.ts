import type { EngineEvent, Parameter } from '../engine-contract.ts';
import { parseBatch } from '../sql/parse-batch.ts';
import { SqlError } from './errors.ts';
import { runStatements } from './run-statements.ts';
import type { ServerState } from './server-state.ts';
import type { SessionState, Variable } from './session-state.ts';
import { BatchEnd, type BatchRun } from './statement-run.ts';

/** The text that a text runs in: how deep it is, and whether a TRY block is around it. */
type Outer = { level: number; isTrying: boolean };

const MOST_LEVELS = 32;

/** Runs a text with parameters as its variables; output parameters are answered behind it. What ends the batch of a text within another ends both. */
export async function* runText(
  server: ServerState,
  session: SessionState,
  request: { sql: string; parameters: readonly Parameter[]; signal: AbortSignal; outer?: Outer },
): AsyncGenerator<EngineEvent> {
  const level = request.outer?.level ?? 0;
  if (level > MOST_LEVELS) throw tooDeep();
  const statements = parseBatch(request.sql, { quotedIdentifier: session.options.quotedIdentifier });
  const variables = new Map<string, Variable>();
  for (const { name, type, value } of request.parameters) {
    const key = name.toLowerCase();
    if (variables.has(key))
      throw new SqlError(
        134,
        `The variable name '${name}' has already been declared. Variable names must be unique within a query batch or stored procedure.`,
        { severity: 15 },
      );
    variables.set(key, {
      type:
        'length' in type && type.collation === undefined ? { ...type, collation: session.database.collation } : type,
      value,
    });
  }
  const run: BatchRun = {
    server,
    session,
    batch: { variables, tables: new Map(), caught: null },
    text: request.sql,
    signal: request.signal,
    isTrying: request.outer?.isTrying ?? false,
    returned: { isDone: false, status: 0 },
    runNested: ({ sql, parameters, isTrying }) =>
      runText(server, session, { sql, parameters, signal: request.signal, outer: { level: level + 1, isTrying } }),
  };
  try {
    yield* runStatements(run, statements);
  } catch (error) {
    if (!(error instanceof BatchEnd)) throw error;
    if (request.signal.aborted || request.outer !== undefined) throw error;
  }
  if (statements.length === 0) yield { kind: 'done', rowCount: null };
  for (const { name, isOutput } of request.parameters) {
    const variable = variables.get(name.toLowerCase());
    if (isOutput && variable !== undefined)
      yield { kind: 'output-parameter', name, type: variable.type, value: variable.value };
  }
}

const tooDeep = (): SqlError =>
  new SqlError(
    217,
    `Maximum stored procedure, function, trigger, or view nesting level exceeded (limit ${MOST_LEVELS}).`,
  );
