import type { TableTarget } from '#shared/ipc/contract';
import { tableKey, type TableRef, type TableSummary } from '#shared/model/table';

/** A source table with what is known of its target; `target` is null until it was looked up. */
export interface TableRow {
  key: string;
  summary: TableSummary;
  target: TableTarget | null;
}

export type TargetState = 'exists' | 'missing' | 'differs' | 'blocked' | 'unknown';

export function buildTableRows(summaries: readonly TableSummary[], targets: readonly TableTarget[]): TableRow[] {
  const byKey = new Map(targets.map((target) => [tableKey(target.source), target]));
  return summaries.map((summary) => {
    const key = tableKey(summary.ref);
    return { key, summary, target: byKey.get(key) ?? null };
  });
}

/** What the list says of a table's target. `blocked` when a difference stops the table. */
export function targetState({ target }: TableRow): TargetState {
  if (target === null) return 'unknown';
  if (target.differences.some((difference) => difference.blocks)) return 'blocked';
  return target.state;
}

/** `schema.table`, as the list writes and searches it. */
export function shortName(ref: TableRef): string {
  return `${ref.schema}.${ref.name}`;
}
