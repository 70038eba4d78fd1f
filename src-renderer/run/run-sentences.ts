import { formatCount } from '#shared/format/count';

/** The curve of the speed in words: rows loaded a second, the newest number last. */
export function speedSentence(history: readonly number[]): string {
  const subject = 'Rows loaded a second over the last two minutes';
  const newest = history.at(-1);
  if (newest === undefined) return `${subject}: nothing is measured yet`;
  const average = history.reduce((sum, value) => sum + value, 0) / history.length;
  return `${subject}: ${rounded(newest)} now, ${rounded(Math.max(...history))} at most, ${rounded(average)} on average`;
}

/** The verb of the start with what it covers: `Migrate 7 of 8 tables` when one cannot run. */
export function startLabel(runnable: number, total: number): string {
  const number = runnable === total ? formatCount(total) : `${formatCount(runnable)} of ${formatCount(total)}`;
  return `Migrate ${number} ${total === 1 ? 'table' : 'tables'}`;
}

function rounded(value: number): string {
  return formatCount(Math.round(value));
}
