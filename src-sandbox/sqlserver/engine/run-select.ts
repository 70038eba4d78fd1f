import { interruptOnAbort } from '../../interrupt-on-abort.ts';
import type { DuckDBDataChunk } from '@duckdb/node-api';
import type { EngineEvent, SqlType, SqlValue } from '../engine-contract.ts';
import type { Query, SelectSpecification } from '../sql/ast.ts';
import type { Binder, BoundQuery, OutputColumn } from './bind/binder.ts';
import { bindQuery } from './bind/bind-query.ts';
import { createBinder } from './bind/create-binder.ts';
import { fromDuckDb, SqlError, errors } from './errors.ts';
import type { DatabaseMetadata } from './metadata.ts';
import { requireReads } from './require-reads.ts';
import type { StatementContext } from './statement-context.ts';
import { readerOf } from './stored-values.ts';
import { beforeRead } from './transactions.ts';

export type PreparedQuery = { binder: Binder; query: BoundQuery; sql: string };

/** Binds a query, checks permissions, fetches the rows of system views and waits for what readers wait for. */
export async function prepareQuery(context: StatementContext, query: Query): Promise<PreparedQuery> {
  const binder = createBinder(context.server.duck.scripts, context.environment());
  const bound = bindQuery(binder, query, null);
  return { binder, query: bound, sql: await finishSql(context, binder, bound.sql) };
}

/** SQL that may run: permissions checked, rows of system views in place. */
export async function finishSql(context: StatementContext, binder: Binder, sql: string): Promise<string> {
  requireReads(context, binder);
  const databases = new Set<DatabaseMetadata>();
  for (const { database, source } of binder.reads) if (source.table !== null) databases.add(database);
  await beforeRead(context.server, context.session, { tables: binder.tables, databases, signal: context.signal });
  let finished = sql;
  for (const virtual of binder.virtuals) {
    const rows = await virtual.fetch();
    finished = finished.split(virtual.marker).join(rows);
  }
  return finished;
}

/** Runs a SELECT that answers rows. */
export async function* runSelect(context: StatementContext, query: Query): AsyncGenerator<EngineEvent> {
  const prepared = await prepareQuery(context, query);
  yield { kind: 'columns', columns: prepared.query.columns.map(toResultColumn) };
  let count = 0;
  for await (const rows of streamRows(context, prepared)) {
    count += rows.length;
    yield { kind: 'rows', rows };
  }
  context.session.rowCount = count;
  yield { kind: 'done', rowCount: context.session.options.noCount ? null : count };
}

export const toResultColumn = ({ name, type, nullable, isIdentity, isComputed }: OutputColumn) => ({
  name,
  type,
  nullable,
  isIdentity,
  isComputed,
});

/** The rows of a query in pieces of DuckDB's vector size. */
export async function* streamRows(
  context: StatementContext,
  { query, sql }: { query: BoundQuery; sql: string },
): AsyncGenerator<SqlValue[][]> {
  const { session, signal } = context;
  if (signal.aborted) throw errors.interrupted();
  const stopInterrupting = interruptOnAbort(session.connection, signal);
  const limit = session.options.rowCount;
  try {
    const result = await session.connection.stream(limit > 0 ? `SELECT * FROM (${sql}) LIMIT ${limit}` : sql);
    for (;;) {
      if (signal.aborted) throw errors.interrupted();
      const chunk = await result.fetchChunk();
      if (chunk === null || chunk.rowCount === 0) break;
      yield toRows(chunk, query.columns);
    }
  } catch (error) {
    throw signal.aborted ? errors.interrupted() : fromDuckDb(error);
  } finally {
    stopInterrupting();
  }
}

/** Column by column: each vector is read once through its own accessor. */
function toRows(chunk: DuckDBDataChunk, columns: readonly OutputColumn[]): SqlValue[][] {
  const { rowCount } = chunk;
  const width = columns.length;
  const rows = new Array<SqlValue[]>(rowCount);
  for (let row = 0; row < rowCount; row += 1) rows[row] = new Array<SqlValue>(width);
  for (let i = 0; i < width; i += 1) {
    const read = readerOf((columns[i] as OutputColumn).type);
    const vector = chunk.getColumnVector(i);
    for (let row = 0; row < rowCount; row += 1) (rows[row] as SqlValue[])[i] = read(vector, row);
  }
  return rows;
}

/** SELECT @a = ..., which keeps the values of the last row. */
export async function runAssignment(
  context: StatementContext,
  query: Query,
  select: SelectSpecification,
): Promise<void> {
  const items = select.items.map((item) => {
    if (item.kind !== 'assign')
      throw new SqlError(
        141,
        'A SELECT statement that assigns a value to a variable must not be combined with data-retrieval operations.',
        { severity: 15 },
      );
    return item;
  });
  const typed = items.map((item) => {
    const variable = context.batch.variables.get(item.variable.toLowerCase());
    if (variable === undefined) throw errors.undeclaredVariable(item.variable);
    return variable;
  });
  const converted: Query = {
    ...query,
    body: {
      ...select,
      items: items.map((item, i) => ({
        ...item,
        expression: assigned(item, typed[i]?.type ?? { name: 'int' }),
      })),
    },
  };
  const prepared = await prepareQuery(context, converted);
  let count = 0;
  for await (const rows of streamRows(context, prepared)) {
    count += rows.length;
    const last = rows.at(-1);
    last?.forEach((value, i) => {
      const variable = typed[i];
      if (variable !== undefined) variable.value = value;
    });
  }
  context.session.rowCount = count;
}

type Assign = Extract<SelectSpecification['items'][number], { kind: 'assign' }>;

/** The value as the variable's type; `@x += e` reads the variable. */
function assigned(item: Assign, type: SqlType): Assign['expression'] {
  const { at, end } = item.expression;
  const operator = item.operator.slice(0, -1);
  const value: Assign['expression'] =
    operator === ''
      ? item.expression
      : {
          kind: 'binary',
          operator: operator as '+',
          left: { kind: 'variable', name: item.variable, at, end },
          right: item.expression,
          at,
          end,
        };
  return {
    kind: 'cast',
    operand: value,
    type: { kind: 'system', type, isSysname: false, isRowversionWord: false, xmlSchema: null, at, end },
    isTry: false,
    at,
    end,
  };
}
