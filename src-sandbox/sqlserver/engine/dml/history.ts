import { storageName } from '../bind/bind-from.ts';
import { historyOf } from '../ddl/versioning.ts';
import { errors, SqlError } from '../errors.ts';
import type { ColumnMetadata, TableMetadata } from '../metadata.ts';
import type { StatementContext } from '../statement-context.ts';
import type { WriteTarget } from './target.ts';

/** 9999-12-31 23:59:59.9999999 in 100 ns since 0001-01-01. */
const END_OF_TIME = 3_155_378_975_999_999_999n;

/** What a period's column of a current row holds: the time at which the transaction began, and the end of time. https://learn.microsoft.com/en-us/sql/relational-databases/tables/temporal-tables#how-does-temporal-work */
export function generatedSql(context: StatementContext, column: ColumnMetadata): string {
  return `${column.generatedAlways === 'AS_ROW_END' ? atScale(END_OF_TIME, column) : systemTime(context, column)}::BIGINT`;
}

/** Keeps what the rows of a stage (columns o1, o2, ...) were, up to now. Nothing for a table that is not versioned. */
export async function keepHistory(context: StatementContext, target: WriteTarget, stage: string): Promise<void> {
  const { database, table } = target;
  const start = table.columns.find((column) => column.generatedAlways === 'AS_ROW_START');
  const history = historyOf(database, table);
  if (history === undefined || start === undefined) return;
  const early = await context.session.connection.runAndReadAll(
    `SELECT 1 FROM ${stage} WHERE o${start.id} > ${systemTime(context, start)} LIMIT 1`,
  );
  if (early.currentRowCount > 0) {
    throw new SqlError(
      13_535,
      `Data modification failed on system-versioned table '${qualified(target)}' because transaction time was earlier than period start time for affected records.`,
    );
  }
  const values = table.columns.map((column) =>
    column.generatedAlways === 'AS_ROW_END' ? `${systemTime(context, column)}::BIGINT` : `o${column.id}`,
  );
  const names = history.columns.map((column) => `c${column.id}`);
  await context.writeDuck(
    `INSERT INTO ${storageName(database.id, history.objectId)} (${names.join(', ')}) SELECT ${values.join(', ')} FROM ${stage}`,
  );
}

/** History is written by changes of the current table alone, and neither table is emptied without them. */
export function requireNoHistory(target: Pick<WriteTarget, 'database' | 'table' | 'schema'>, permission: string): void {
  const { temporal } = target.table;
  if (temporal === null) return;
  const shown = qualified(target);
  if (permission === 'ALTER') {
    throw new SqlError(
      13_545,
      `Truncate failed on table '${shown}' because it is not a supported operation on system-versioned tables.`,
    );
  }
  if (temporal.kind === 'SYSTEM_VERSIONED') return;
  switch (permission) {
    case 'INSERT':
      throw new SqlError(13_559, `Cannot insert rows in a temporal history table '${shown}'.`);
    case 'DELETE':
      throw new SqlError(13_560, `Cannot delete rows from a temporal history table '${shown}'.`);
    default:
      throw new SqlError(13_561, `Cannot update rows in a temporal history table '${shown}'.`);
  }
}

export const isGenerated = (column: ColumnMetadata): boolean => column.generatedAlways !== 'NOT_APPLICABLE';

const qualified = (target: { database: { name: string }; schema: string; table: TableMetadata }): string =>
  `${target.database.name}.${target.schema}.${target.table.name}`;

function systemTime({ session }: StatementContext, column: ColumnMetadata): bigint {
  if (session.transaction === null) throw errors.unsupported('a change of a period outside of a transaction');
  return atScale(session.transaction.startedTicks, column);
}

function atScale(ticks: bigint, { type }: ColumnMetadata): bigint {
  return ticks - (ticks % 10n ** BigInt(7 - (type.scale ?? 7)));
}
