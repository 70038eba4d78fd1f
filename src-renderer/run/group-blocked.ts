import type { ErrorValue } from '#shared/errors/app-error';
import { formatCount } from '#shared/format/count';
import type { TableTask } from '#shared/model/plan';

/** Tables that cannot run for one and the same reason. */
export interface BlockedGroup {
  error: ErrorValue;
  tables: TableTask[];
  /** `tpch.nation, tpch.orders and 5 more`. */
  names: string;
}

/** The tables that cannot run by reason, the reason of most tables first. */
export function groupBlocked(tables: readonly TableTask[]): BlockedGroup[] {
  const groups = new Map<string, { error: ErrorValue; tables: TableTask[] }>();
  for (const table of tables) {
    if (table.blocked === null) continue;
    const key = `${table.blocked.title}\n${table.blocked.advice}`;
    const group = groups.get(key) ?? { error: table.blocked, tables: [] };
    group.tables.push(table);
    groups.set(key, group);
  }
  return [...groups.values()]
    .sort((left, right) => right.tables.length - left.tables.length)
    .map((group) => ({ ...group, names: namesOf(group.tables) }));
}

function namesOf(tables: readonly TableTask[]): string {
  const names = tables.slice(0, NAMED).map(({ source }) => `${source.schema}.${source.name}`);
  const rest = tables.length - names.length;
  return rest === 0 ? names.join(', ') : `${names.join(', ')} and ${formatCount(rest)} more`;
}

const NAMED = 3;
