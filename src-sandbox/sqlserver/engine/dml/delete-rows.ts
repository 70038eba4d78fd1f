import type { DeleteStatement, StatementNode } from '../../sql/ast-statement.ts';
import { storageName } from '../bind/bind-from.ts';
import type { Binder } from '../bind/binder.ts';
import { createBinder } from '../bind/create-binder.ts';
import { errors, SqlError } from '../errors.ts';
import { schemaName } from '../resolve-object.ts';
import { finishSql } from '../run-select.ts';
import type { StatementContext } from '../statement-context.ts';
import { missingParents, outputRows } from './check-rows.ts';
import { keepHistory } from './history.ts';
import { countOf, type Changed } from './insert-rows.ts';
import { openTarget, type WriteTarget } from './target.ts';
import { changeScope, limitOf, tableOf } from './update-rows.ts';

/** DELETE. https://learn.microsoft.com/en-us/sql/t-sql/statements/delete-transact-sql */
export async function runDelete(context: StatementContext, statement: DeleteStatement): Promise<Changed> {
  if (statement.ctes.length > 0) throw errors.unsupported('WITH before DELETE');
  const target = await openTarget(context, tableOf(context, statement.target, statement.from), 'DELETE');
  const b = createBinder(context.server.duck.scripts, context.environment());
  const { scope, from, rowAlias } = changeScope(b, { target, statement });
  const where = statement.where === null ? '' : ` WHERE ${b.condition(statement.where, scope)}`;
  const stage = `stage${context.session.spid}`;
  const list = target.table.columns.map((column) => `${rowAlias}.c${column.id} AS o${column.id}`).join(', ');
  const select = `SELECT DISTINCT ON (${rowAlias}.rowid) ${rowAlias}.rowid AS rid, ${list} FROM ${from}${where}${limitOf(b, statement.top)}`;
  await context.writeDuck(`CREATE OR REPLACE TEMP TABLE ${stage} AS ${await finishSql(context, b, select)}`);
  await context.writeDuck(`DELETE FROM ${target.storage} WHERE rowid IN (SELECT rid FROM ${stage})`);
  await keepHistory(context, target, stage);
  await checkReferences(context, b, target);
  const events = await outputRows(context, b, {
    target,
    stage,
    output: statement.output,
    inserted: null,
    deleted: (column) => `o${column.id}`,
  });
  return { count: Number(await countOf(context, stage)), events };
}

async function checkReferences(context: StatementContext, b: Binder, target: WriteTarget): Promise<void> {
  for (const table of target.database.tables) {
    for (const key of table.foreignKeys) {
      if (key.referencedTableId !== target.table.objectId || key.isDisabled) continue;
      if (key.onDelete !== 'NO_ACTION') throw errors.unsupported(`ON DELETE ${key.onDelete.replace('_', ' ')}`);
      const child: WriteTarget = { ...target, table, storage: storageName(target.database.id, table.objectId) };
      if (!(await missingParents(context, b, { child, parent: target, key }))) continue;
      const column =
        key.columnIds.length === 1
          ? `, column '${table.columns.find((one) => one.id === key.columnIds[0])?.name ?? ''}'`
          : '';
      throw new SqlError(
        547,
        `The DELETE statement conflicted with the REFERENCE constraint "${key.name}". The conflict occurred in database "${target.database.name}", table "${schemaName(target.database, table.schemaId)}.${table.name}"${column}.`,
        { state: 0 },
      );
    }
  }
}

/** TRUNCATE TABLE: identity starts anew. https://learn.microsoft.com/en-us/sql/t-sql/statements/truncate-table-transact-sql */
export async function runTruncate(
  context: StatementContext,
  statement: Extract<StatementNode, { kind: 'truncate' }>,
): Promise<Changed> {
  if (statement.partitions.length > 0) throw errors.unsupported('TRUNCATE TABLE of partitions');
  const { table: name } = statement;
  const target = await openTarget(context, { kind: 'table', name, hints: [], at: name.at, end: 0 }, 'ALTER');
  const referenced = target.database.tables.some((table) =>
    table.foreignKeys.some((key) => key.referencedTableId === target.table.objectId && !key.isDisabled),
  );
  if (referenced)
    throw new SqlError(
      4712,
      `Cannot truncate table '${name.name}' because it is being referenced by a FOREIGN KEY constraint.`,
    );
  await context.writeDuck(`DELETE FROM ${target.storage}`);
  for (const column of target.table.columns) {
    const { identity } = column;
    if (identity === null) continue;
    const before = identity.lastValue;
    identity.lastValue = null;
    context.onRollback(() => {
      identity.lastValue = before;
    });
  }
  return { count: null, events: [] };
}
