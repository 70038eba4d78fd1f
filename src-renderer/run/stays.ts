import { formatCount } from '#shared/format/count';
import type { TableProgress } from '#shared/model/run';
import { tableLabel } from '#shared/model/table';

/** Tables that hold a part of their rows and are not complete. */
export function partlyLoaded<Table extends Pick<TableProgress, 'state' | 'partitionsLoaded'>>(
  tables: readonly Table[],
): Table[] {
  return tables.filter(({ state, partitionsLoaded }) => state !== 'loaded' && partitionsLoaded > 0);
}

/** What a failed or cancelled table has left in Snowflake; null for nothing. */
export function staysSentence({ stays }: Pick<TableProgress, 'stays'>): string | null {
  if (stays === null) return null;
  const rows = `${formatCount(stays.rows)} ${stays.rows === 1 ? 'row' : 'rows'}`;
  const partitions = `${formatCount(stays.partitions)} ${stays.partitions === 1 ? 'partition' : 'partitions'}`;
  return `${rows} of ${partitions} stay in ${tableLabel(stays.table)}. Retry goes on from there.`;
}
