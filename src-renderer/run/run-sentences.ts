import { formatCount } from '#shared/format/count';
import type { RunSnapshot } from '#shared/model/run';

/** What is done and what is left of a run that does not move, and what Resume does; null for every other state. */
export function restSentence(snapshot: Pick<RunSnapshot, 'state' | 'totals'>): { title: string; text: string } | null {
  const { state, totals } = snapshot;
  if (state !== 'paused' && state !== 'interrupted') return null;
  const left = totals.tables - totals.tablesLoaded;
  return {
    title: state === 'paused' ? 'The run is paused' : 'The run was interrupted before its end',
    text:
      `${formatCount(totals.loadedRows)} rows are loaded, ${countOf(totals.tablesLoaded, 'table is', 'tables are')} complete and ` +
      `${countOf(left, 'table is', 'tables are')} left. Resume goes on with what is left; partitions that are loaded stay as they are.`,
  };
}

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

function countOf(number: number, one: string, many: string): string {
  return `${formatCount(number)} ${number === 1 ? one : many}`;
}

function rounded(value: number): string {
  return formatCount(Math.round(value));
}
