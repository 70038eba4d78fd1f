import { AppError } from '#shared/errors/app-error';
import { tableLabel, type TableDescription, type TableRef } from '#shared/model/table';
import type { Source } from '../sources/source.ts';

/** One table's description; rejects with SOURCE_TABLE_NOT_FOUND when it is gone. */
export async function describeOne(source: Source, table: TableRef, signal: AbortSignal): Promise<TableDescription> {
  const [description] = await source.describeTables([table], { signal });
  if (!description)
    throw new AppError('SOURCE_TABLE_NOT_FOUND', { facts: { table: tableLabel(table), user: 'the user' } });
  return description;
}
