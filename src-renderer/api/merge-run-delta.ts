import type { RunDelta, RunEvent, RunSnapshot } from '#shared/model/run';

const KEPT_EVENTS = 200;

/**
 * Applies a delta to the snapshot that it follows. The answer is the same object when the delta is known already, and `null` when something
 * between them was missed or the numbers begin anew, as they do when a run is resumed: a new snapshot is then needed.
 */
export function mergeRunDelta(snapshot: RunSnapshot, delta: RunDelta): RunSnapshot | null {
  if (delta.runId !== snapshot.runId || delta.version === snapshot.version) return snapshot;
  if (delta.version !== snapshot.version + 1) return null;
  return {
    ...delta,
    tables: mergeTables(snapshot.tables, delta.tables),
    events: mergeEvents(snapshot.events, delta.events),
  };
}

function mergeTables(known: RunSnapshot['tables'], changed: RunSnapshot['tables']): RunSnapshot['tables'] {
  if (changed.length === 0) return known;
  const byId = new Map(changed.map((table) => [table.id, table]));
  const merged = known.map((table) => byId.get(table.id) ?? table);
  const knownIds = new Set(known.map((table) => table.id));
  return [...merged, ...changed.filter((table) => !knownIds.has(table.id))];
}

function mergeEvents(known: RunEvent[], added: RunEvent[]): RunEvent[] {
  const newest = known.at(-1)?.sequence ?? -1;
  const later = added.filter((event) => event.sequence > newest);
  return later.length === 0 ? known : [...known, ...later].slice(-KEPT_EVENTS);
}
