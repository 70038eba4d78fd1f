import type { RunState, TableProgress } from '#shared/model/run';
import type { TableAction } from '../api/run.ts';
import { isOver } from '../ui/table-state.ts';

/** What can be done with a table, in the order of the buttons, by the state of its run and its own. */
export function tableActions(run: RunState, table: Pick<TableProgress, 'state' | 'isPaused'>): TableAction[] {
  if (run === 'pausing' || run === 'cancelling') return [];
  if (table.state === 'failed' || table.state === 'cancelled') return ['retry'];
  if (isOver(table.state)) return [];
  const isAtWork = run === 'running';
  if (table.isPaused) return run === 'cancelled' ? [] : ['resume', ...(isAtWork ? (['cancel'] as const) : [])];
  return isAtWork ? ['pause', 'cancel'] : [];
}
