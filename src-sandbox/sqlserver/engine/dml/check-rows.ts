import type { EngineEvent, SqlValue } from '../../engine-contract.ts';
import { plainText } from '../values/number-text.ts';
import type { OutputClause } from '../../sql/ast-statement.ts';
import type { Binder, Scope, Typed } from '../bind/binder.ts';
import { errors, SqlError } from '../errors.ts';
import type { ColumnMetadata, IndexMetadata, TableMetadata } from '../metadata.ts';
import { nvarchar } from '../sql-types.ts';
import type { StatementContext } from '../statement-context.ts';
import { readerOf } from '../stored-values.ts';
import { convertValue } from '../values/convert.ts';
import { schemaName } from '../resolve-object.ts';
import { indexKeys, rowChecks, scopeOf, targetSource, type WriteTarget } from './target.ts';
import { storageName } from '../bind/bind-from.ts';

type Check = { target: WriteTarget; stage: string; statement: 'INSERT' | 'UPDATE'; when: 'before' | 'after' };

/** Constraints of written rows: NOT NULL and CHECK on the staged rows, unique and foreign keys on the table with them in it. */
export async function checkRows(context: StatementContext, b: Binder, check: Check): Promise<void> {
  const { target, stage, statement } = check;
  const run = async (sql: string): Promise<unknown[][]> =>
    (await context.session.connection.runAndReadAll(sql)).getRows();
  if (check.when === 'before') {
    const checks = rowChecks(b, target, { sqlOf: (column) => `c${column.id}`, statement });
    if (checks.length === 0) return;
    const [found] = await run(
      `SELECT ${checks.map(({ condition }) => `bool_or(${condition})`).join(', ')} FROM ${stage}`,
    );
    const broken = checks.findIndex((_, i) => found?.[i] === true);
    if (broken >= 0) throw (checks[broken] as (typeof checks)[number]).error;
    return;
  }
  for (const index of target.table.indexes)
    if (index.isUnique && !index.isDisabled) await checkUnique(context, b, check, index);
  for (const key of target.table.foreignKeys) {
    if (key.isDisabled) continue;
    const parent = target.database.tables.find((table) => table.objectId === key.referencedTableId);
    if (parent === undefined) continue;
    const missing = await missingParents(context, b, {
      child: target,
      parent: { ...target, table: parent, storage: storageName(target.database.id, parent.objectId) },
      key,
    });
    if (!missing) continue;
    const column =
      key.columnIds.length === 1
        ? `, column '${parent.columns.find((one) => one.id === key.referencedColumnIds[0])?.name ?? ''}'`
        : '';
    throw new SqlError(
      547,
      `The ${statement} statement conflicted with the FOREIGN KEY constraint "${key.name}". The conflict occurred in database "${target.database.name}", table "${schemaName(target.database, parent.schemaId)}.${parent.name}"${column}.`,
      { state: 0 },
    );
  }
}

/** Whether a row of the child has a key that no row of the parent has; rows with a NULL in it are left alone. */
export async function missingParents(
  context: StatementContext,
  b: Binder,
  parts: { child: WriteTarget; parent: WriteTarget; key: TableMetadata['foreignKeys'][number] },
): Promise<boolean> {
  const { child, parent, key } = parts;
  const own = indexKeys(b, child, key.columnIds, (column) => `k.c${column.id}`);
  const theirs = indexKeys(b, parent, key.referencedColumnIds, (column) => `p.c${column.id}`);
  const sql = `SELECT 1 FROM ${child.storage} AS k WHERE ${own.map((one) => `${one} IS NOT NULL`).join(' AND ')} AND NOT EXISTS (SELECT 1 FROM ${parent.storage} AS p WHERE ${own.map((one, i) => `${one} = ${theirs[i] ?? ''}`).join(' AND ')}) LIMIT 1`;
  const rows = (await context.session.connection.runAndReadAll(sql)).getRows();
  return rows.length > 0;
}

async function checkUnique(context: StatementContext, b: Binder, check: Check, index: IndexMetadata): Promise<void> {
  const { target, stage } = check;
  const keyed = index.columns.filter((column) => !column.isIncluded);
  const ids = keyed.map((column) => column.columnId);
  if (ids.length === 0 || index.filterDefinition !== null) return;
  const inTable = indexKeys(b, target, ids, (column) => `t.c${column.id}`);
  const inStage = indexKeys(b, target, ids, (column) => `s.c${column.id}`);
  const same = inTable.map((key, i) => `${key} IS NOT DISTINCT FROM ${inStage[i] ?? ''}`).join(' AND ');
  const columns = ids.map((id) => target.table.columns.find((column) => column.id === id) as ColumnMetadata);
  const values = columns.map((column) => `any_value(t.c${column.id})`).join(', ');
  const sql = `SELECT ${values} FROM ${target.storage} AS t WHERE EXISTS (SELECT 1 FROM ${stage} AS s WHERE ${same}) GROUP BY ${inTable.join(', ')} HAVING count(*) > 1 LIMIT 1`;
  const result = await context.session.connection.stream(sql);
  const chunk = await result.fetchChunk();
  if (chunk === null || chunk.rowCount === 0) return;
  const shown = columns.map((column, i) => {
    const value: SqlValue = readerOf(column.type)(chunk.getColumnVector(i), 0);
    return value === null ? '<NULL>' : plainText(convertValue(value, column.type, nvarchar(4000)));
  });
  const object = `${target.schema}.${target.table.name}`;
  const key = `The duplicate key value is (${shown.join(', ')}).`;
  if (index.constraint === null) {
    throw new SqlError(
      2601,
      `Cannot insert duplicate key row in object '${object}' with unique index '${index.name ?? ''}'. ${key}`,
      { severity: 14 },
    );
  }
  const kind = index.constraint.kind === 'UNIQUE' ? 'UNIQUE KEY' : 'PRIMARY KEY';
  throw new SqlError(
    2627,
    `Violation of ${kind} constraint '${index.name ?? ''}'. Cannot insert duplicate key in object '${object}'. ${key}`,
    { severity: 14 },
  );
}

/** Rows of an OUTPUT clause, from the staged rows. */
export async function outputRows(
  context: StatementContext,
  b: Binder,
  parts: {
    target: WriteTarget;
    stage: string;
    output: readonly OutputClause[];
    inserted: ((column: ColumnMetadata) => string) | null;
    deleted: ((column: ColumnMetadata) => string) | null;
  },
): Promise<EngineEvent[]> {
  const events: EngineEvent[] = [];
  for (const clause of parts.output) {
    if (clause.into !== null) throw errors.unsupported('OUTPUT ... INTO');
    const scope: Scope = scopeOf([
      ...(parts.inserted === null ? [] : [targetSource(parts.target, parts.inserted, 'inserted')]),
      ...(parts.deleted === null ? [] : [targetSource(parts.target, parts.deleted, 'deleted')]),
    ]);
    for (const source of scope.sources) source.name = null;
    const items = clause.items.flatMap((item): { name: string; typed: Typed }[] => {
      if (item.kind === 'assign') throw errors.unsupported('an assignment in OUTPUT');
      if (item.kind === 'expression') {
        const typed = b.expression(item.expression, scope);
        return [{ name: item.alias?.name ?? typed.column?.name ?? '', typed }];
      }
      const alias = item.qualifier.at(-1)?.name ?? '';
      return scope.sources
        .filter((source) => alias === '' || b.sameName(source.alias, alias))
        .flatMap((source) =>
          source.columns.map((column) => ({
            name: column.name,
            typed: {
              sql: column.sql,
              type: column.type,
              nullable: column.nullable,
              label: 'implicit' as const,
              isSimple: true,
              column,
            },
          })),
        );
    });
    events.push({
      kind: 'columns',
      columns: items.map(({ name, typed }) => ({
        name,
        type: typed.type,
        nullable: typed.nullable,
        isIdentity: typed.column?.isIdentity ?? false,
        isComputed: typed.column?.isComputed ?? false,
      })),
    });
    const result = await context.session.connection.stream(
      `SELECT ${items.map(({ typed }, i) => `${typed.sql} AS c${i + 1}`).join(', ')} FROM ${parts.stage}`,
    );
    for (
      let chunk = await result.fetchChunk();
      chunk !== null && chunk.rowCount > 0;
      chunk = await result.fetchChunk()
    ) {
      const current = chunk;
      const vectors = items.map((_, i) => current.getColumnVector(i));
      const readers = items.map(({ typed }) => readerOf(typed.type));
      events.push({
        kind: 'rows',
        rows: Array.from({ length: chunk.rowCount }, (_, row) =>
          readers.map((read, i) => read(vectors[i] as never, row)),
        ),
      });
    }
  }
  return events;
}
