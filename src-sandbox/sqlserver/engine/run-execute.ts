import type { EngineEvent, Parameter } from '../engine-contract.ts';
import type { ExecuteArgument, ExecuteStatement, Statement } from '../sql/ast-statement.ts';
import { TsqlSyntaxError } from '../sql/syntax-error.ts';
import { errors, fromDuckDb, SqlError } from './errors.ts';
import { bindParameters, declaredParameters } from './parameters.ts';
import { isText, isUnicode, nvarchar } from './sql-types.ts';
import { convertValue } from './values/convert.ts';
import { plainText } from './values/number-text.ts';
import { BatchEnd, evaluate, evaluateTyped, type BatchRun } from './statement-run.ts';

type Located = Pick<Statement, 'at'>;
type Call = Extract<ExecuteStatement, { kind: 'execute' }>;

/**
 * EXEC ('...') and EXEC sp_executesql within a batch. The text has variables of its own, and its USE ends with it; other procedures are refused.
 * https://learn.microsoft.com/en-us/sql/t-sql/language-elements/execute-transact-sql
 */
export async function* runExecute(run: BatchRun, statement: ExecuteStatement & Located): AsyncGenerator<EngineEvent> {
  if (statement.kind === 'execute-string') {
    if (statement.as !== null) throw errors.unsupported('EXECUTE AS');
    let sql = '';
    for (const part of statement.parts) sql += plainText(await evaluate(run, part, nvarchar(-1), statement));
    yield* runNested(run, sql, []);
    return;
  }
  const name = await procedureName(run, statement);
  if (name.toLowerCase().replace(/^.*\./, '') !== 'sp_executesql') throw unknownProcedure(name);
  yield* executeSql(run, statement);
  if (statement.returnVariable === null) return;
  const variable = run.batch.variables.get(statement.returnVariable.toLowerCase());
  if (variable === undefined) throw errors.undeclaredVariable(statement.returnVariable);
  variable.value = convertValue(0, { name: 'int' }, variable.type);
}

async function procedureName(run: BatchRun, { procedure, at }: Call & Located): Promise<string> {
  if (procedure.kind === 'variable') {
    const variable = { kind: 'variable' as const, name: procedure.variable, at, end: 0 };
    return plainText(await evaluate(run, variable, nvarchar(1035), { at }));
  }
  const { database, schema, name } = procedure.name;
  return [database, schema, name].filter((part) => part !== null).join('.');
}

/** System procedures exist at the vendor, so that 2812 would be a wrong answer for them. */
function unknownProcedure(name: string): SqlError {
  const isSystem = /^(.*\.)?(sp|xp)_/i.test(name);
  return isSystem
    ? errors.unsupported(`the procedure ${name} within a batch`)
    : new SqlError(2812, `Could not find stored procedure '${name}'.`, { state: 62 });
}

async function* executeSql(run: BatchRun, statement: Call & Located): AsyncGenerator<EngineEvent> {
  const [first, second, ...rest] = statement.args;
  if (first === undefined) throw notUnicode('statement');
  const sql = await unicodeText(run, first, { statement, parameter: 'statement' });
  const definition = second === undefined ? '' : await unicodeText(run, second, { statement, parameter: 'parameters' });
  const values: Parameter[] = [];
  for (const { name, value, isOutput } of rest) {
    if (value.kind === 'default') throw errors.unsupported('DEFAULT as an argument');
    const typed = await evaluateTyped(run, value, null, statement);
    values.push({ name: name ?? '', type: typed.type, value: typed.value, isOutput });
  }
  const parameters = bindParameters(declaredParameters(run.session, definition), values);
  const outputs = new Map<string, string>();
  parameters.forEach((parameter, i) => {
    const given = rest.find((one) => one.name?.toLowerCase() === parameter.name.toLowerCase()) ?? rest[i];
    if (parameter.isOutput && given?.value.kind === 'variable')
      outputs.set(parameter.name.toLowerCase(), given.value.name);
  });
  for await (const event of runNested(run, sql, parameters)) {
    if (event.kind !== 'output-parameter') {
      yield event;
      continue;
    }
    const variable = run.batch.variables.get((outputs.get(event.name.toLowerCase()) ?? '').toLowerCase());
    if (variable !== undefined) variable.value = convertValue(event.value, event.type, variable.type);
  }
}

/** The text of an argument, which must be of a Unicode type. */
async function unicodeText(
  run: BatchRun,
  argument: ExecuteArgument,
  of: { statement: Located; parameter: string },
): Promise<string> {
  const { type, value } = await evaluateTyped(run, argument.value, null, of.statement);
  if (value === null) return '';
  if (!isText(type) || !isUnicode(type)) throw notUnicode(of.parameter);
  return value as string;
}

const notUnicode = (parameter: string): SqlError =>
  new SqlError(214, `Procedure expects parameter '@${parameter}' of type 'ntext/nchar/nvarchar'.`, { state: 2 });

/** Errors of syntax are errors of the statement that runs the text. Changes of the database last until the text ends. */
async function* runNested(run: BatchRun, sql: string, parameters: readonly Parameter[]): AsyncGenerator<EngineEvent> {
  const { session, isTrying } = run;
  const { database } = session;
  let failure: Error | null = null;
  try {
    yield* run.runNested({ sql, parameters, isTrying });
  } catch (thrown) {
    failure =
      thrown instanceof TsqlSyntaxError ? toSqlError(thrown) : thrown instanceof BatchEnd ? thrown : fromDuckDb(thrown);
  }
  const from = session.database.name;
  session.database = database;
  if (from !== database.name) yield { kind: 'database-changed', from, to: database.name };
  if (failure !== null) throw failure;
}

const toSqlError = (error: TsqlSyntaxError): SqlError =>
  new SqlError(error.number, error.message, { severity: error.class, state: error.state, line: error.line });
