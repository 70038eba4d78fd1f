import type { DmlTarget, SetClause, UpdateStatement } from '../../sql/ast-statement.ts';
import type { Expression, TableSource } from '../../sql/ast.ts';
import { bindFrom, storageName } from '../bind/bind-from.ts';
import type { Binder, Scope, Source } from '../bind/binder.ts';
import { convertTyped } from '../bind/convert-typed.ts';
import { createBinder, emptyScope } from '../bind/create-binder.ts';
import { errors, SqlError } from '../errors.ts';
import type { ColumnMetadata } from '../metadata.ts';
import { sameIn } from '../resolve-object.ts';
import { finishSql } from '../run-select.ts';
import type { StatementContext } from '../statement-context.ts';
import { checkRows, outputRows } from './check-rows.ts';
import { generatedSql, isGenerated, keepHistory } from './history.ts';
import { countOf, rowVersionSql, type Changed } from './insert-rows.ts';
import {
  assigned,
  computedValue,
  defaultValue,
  openTarget,
  targetSource,
  scopeOf,
  type WriteTarget,
} from './target.ts';

/** UPDATE. https://learn.microsoft.com/en-us/sql/t-sql/queries/update-transact-sql */
export async function runUpdate(context: StatementContext, statement: UpdateStatement): Promise<Changed> {
  if (statement.ctes.length > 0) throw errors.unsupported('WITH before UPDATE');
  const target = await openTarget(context, tableOf(context, statement.target, statement.from), 'UPDATE');
  const b = createBinder(context.server.duck.scripts, context.environment());
  const { scope, from, rowAlias } = changeScope(b, { target, statement });
  const changes = statement.set.map((clause) => change(b, clause, { target, scope }));
  const twice = changes.find((one, i) => changes.findIndex((other) => other.column === one.column) !== i);
  if (twice !== undefined) {
    throw new SqlError(
      264,
      `The column name '${twice.column.name}' is specified more than once in the SET clause or column list of an INSERT. A column cannot be assigned more than one value in the same clause. Modify the clause to make sure that a column is updated only once. If this statement updates or inserts columns into a view, column aliasing can conceal the duplication in your code.`,
    );
  }
  const stage = `stage${context.session.spid}`;
  const where = statement.where === null ? '' : ` WHERE ${b.condition(statement.where, { ...scope, clause: 'where' })}`;
  const list = target.table.columns.flatMap((column) => {
    const old = `${rowAlias}.c${column.id}`;
    const changed = changes.find((one) => one.column === column);
    const value = changed?.sql ?? ownValue(context, target, column) ?? old;
    return [`${value} AS c${column.id}`, `${old} AS o${column.id}`];
  });
  const select = `SELECT DISTINCT ON (${rowAlias}.rowid) ${rowAlias}.rowid AS rid, ${list.join(', ')} FROM ${from}${where}${limitOf(b, statement.top)}`;
  await context.writeDuck(`CREATE OR REPLACE TEMP TABLE ${stage} AS ${await finishSql(context, b, select)}`);
  const computed = target.table.columns.filter((column) => column.computed !== null);
  if (computed.length > 0) {
    const own = scopeOf([targetSource(target, (column) => `c${column.id}`)]);
    await context.writeDuck(
      `UPDATE ${stage} SET ${computed.map((column) => `c${column.id} = ${assigned(b, computedValue(b, column, own), column, target)}`).join(', ')}`,
    );
  }
  await checkRows(context, b, { target, stage, statement: 'UPDATE', when: 'before' });
  const written = target.table.columns.filter(
    (column) =>
      column.computed !== null ||
      column.type.name === 'timestamp' ||
      isGenerated(column) ||
      changes.some((one) => one.column === column),
  );
  await context.writeDuck(
    `UPDATE ${target.storage} SET ${written.map((column) => `c${column.id} = s.c${column.id}`).join(', ')} FROM ${stage} AS s WHERE ${target.storage}.rowid = s.rid`,
  );
  await keepHistory(context, target, stage);
  await checkRows(context, b, { target, stage, statement: 'UPDATE', when: 'after' });
  const events = await outputRows(context, b, {
    target,
    stage,
    output: statement.output,
    inserted: (column) => `c${column.id}`,
    deleted: (column) => `o${column.id}`,
  });
  return { count: Number(await countOf(context, stage)), events };
}

/** What the server puts into a column of every row that is changed. */
function ownValue(context: StatementContext, target: WriteTarget, column: ColumnMetadata): string | null {
  if (isGenerated(column)) return generatedSql(context, column);
  return column.type.name === 'timestamp' ? rowVersionSql(context, target) : null;
}

/** The target may be an alias of FROM. */
export function tableOf(context: StatementContext, target: DmlTarget, from: readonly TableSource[]): DmlTarget {
  if (target.kind !== 'table' || from.length === 0) return target;
  const { name } = target;
  const { collation } = context.session.database;
  const found = from
    .flatMap(namedSources)
    .find((source) => source.alias !== null && name.schema === null && sameIn(collation, source.alias.name, name.name));
  return found === undefined ? target : { ...target, name: found.name };
}

type NamedSource = Extract<TableSource, { kind: 'table' }>;

function namedSources(source: TableSource): NamedSource[] {
  if (source.kind === 'table') return [source];
  if (source.kind === 'join' || source.kind === 'apply')
    return [...namedSources(source.left), ...namedSources(source.right)];
  return [];
}

/** FROM of a change: its own sources with the target among them, or the target alone. */
export function changeScope(
  b: Binder,
  of: { target: WriteTarget; statement: { from: TableSource[]; target: DmlTarget } },
): { scope: Scope; from: string; rowAlias: string } {
  const { target, statement } = of;
  const scope: Scope = { ...emptyScope(), clause: 'where' };
  const name = statement.target.kind === 'table' ? statement.target.name.name : target.table.name;
  if (statement.from.length > 0) {
    const from = bindFrom(b, statement.from, scope);
    const source =
      scope.sources.find((one) => one.table === target.table && b.sameName(one.alias, name)) ??
      scope.sources.find((one) => one.table === target.table);
    if (source !== undefined) return { scope, from, rowAlias: aliasOf(source) };
    const alias = b.alias();
    scope.sources.push(targetSource(target, (column) => `${alias}.c${column.id}`));
    return {
      scope,
      from: `${storageName(target.database.id, target.table.objectId)} AS ${alias}, ${from}`,
      rowAlias: alias,
    };
  }
  const alias = b.alias();
  scope.sources.push(targetSource(target, (column) => `${alias}.c${column.id}`));
  return { scope, from: `${storageName(target.database.id, target.table.objectId)} AS ${alias}`, rowAlias: alias };
}

const aliasOf = (source: Source): string => (source.columns[0]?.sql ?? '').split('.')[0] ?? '';

export function limitOf(b: Binder, top: { count: Expression; percent: boolean } | null): string {
  if (top === null) return '';
  if (top.percent) throw errors.unsupported('TOP PERCENT in a change of rows');
  const count = convertTyped(b, b.expression(top.count, emptyScope()), { name: 'bigint' }).constant;
  if (typeof count !== 'bigint') throw errors.unsupported('a TOP count that is not a constant');
  return ` LIMIT ${count}`;
}

function change(
  b: Binder,
  clause: SetClause,
  of: { target: WriteTarget; scope: Scope },
): { column: ColumnMetadata; sql: string } {
  const { target, scope } = of;
  if (clause.kind !== 'column') throw errors.unsupported(`SET of a ${clause.kind} in UPDATE`);
  const name = clause.column.at(-1)?.name ?? '';
  const column = target.table.columns.find((one) => sameIn(target.database.collation, one.name, name));
  if (column === undefined) throw errors.unknownColumn(name);
  if (column.computed !== null) {
    throw new SqlError(
      271,
      `The column "${column.name}" cannot be modified because it is either a computed column or is the result of a UNION operator.`,
    );
  }
  if (isGenerated(column)) {
    const { database, schema, table } = target;
    throw new SqlError(
      13_537,
      `Cannot update GENERATED ALWAYS columns in table '${database.name}.${schema}.${table.name}'.`,
    );
  }
  if (column.type.name === 'timestamp') throw new SqlError(272, 'Cannot update a timestamp column.');
  if (column.identity !== null) throw new SqlError(8102, `Cannot update identity column '${column.name}'.`);
  if (clause.value.kind === 'default') return { column, sql: assigned(b, defaultValue(b, column), column, target) };
  const operator = clause.operator.slice(0, -1);
  const { at, end } = clause.value;
  const value: Expression =
    operator === ''
      ? clause.value
      : {
          kind: 'binary',
          operator: operator as '+',
          left: { kind: 'column', parts: clause.column, at, end },
          right: clause.value,
          at,
          end,
        };
  return { column, sql: assigned(b, b.expression(value, scope), column, target) };
}
