import type { RunSnapshot } from '#shared/model/run';
import { formatCount } from '#shared/format/count';
import type { StatusTone } from '../ui/status-badge.tsx';

/** Whether it is safe to go on, in one sentence, with what to do when it is not. */
export function resultSentence(snapshot: Pick<RunSnapshot, 'state' | 'tables' | 'totals'>): {
  tone: StatusTone;
  title: string;
  text: string;
} {
  const { tables, totals, state } = snapshot;
  const uneven = tables.filter(
    (table) =>
      table.state === 'loaded' &&
      (table.stagedRows !== table.loadedRows || (table.sourceRows !== null && table.sourceRows !== table.loadedRows)),
  ).length;
  const rows = `${formatCount(totals.loadedRows)} rows in ${count(totals.tablesLoaded, 'table')}`;
  if (totals.tablesFailed > 0) {
    return {
      tone: 'failed',
      title: `${count(totals.tablesFailed, 'table')} failed`,
      text: `${rows} arrived. Look at the errors below, mend their cause and use Retry data migration: only the failed tables are moved again.`,
    };
  }
  if (state !== 'done') {
    return {
      tone: 'warning',
      title: state === 'cancelled' ? 'The run was cancelled' : 'The run is not complete',
      text: `${rows} arrived and stay in Snowflake. The other tables were not moved.`,
    };
  }
  if (uneven > 0) {
    return {
      tone: 'warning',
      title: `${count(uneven, 'table')} changed during the run`,
      text: `${rows} arrived, but the counts of source and target differ. Compare both sides in the data validation.`,
    };
  }
  return {
    tone: 'ok',
    title: 'Every row arrived',
    text: `${rows} were read, staged and loaded, and the three counts agree for every table. The data validation compares both sides as they are now.`,
  };
}

function count(number: number, noun: string): string {
  return `${formatCount(number)} ${noun}${number === 1 ? '' : 's'}`;
}
