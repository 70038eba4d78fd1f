import type { TableTask } from '#shared/model/plan';
import type { TableRef } from '#shared/model/table';

/** Where the rows go: the target itself, or a table beside it that takes its place at the end. */
export function loadTarget({ runId }: { runId: string }, task: TableTask): TableRef {
  if (!isReplaced(task)) return task.target;
  const suffix = `__MIG_${runId.replaceAll('-', '').slice(0, 12).toUpperCase()}`;
  return { ...task.target, name: `${task.target.name.slice(0, 255 - suffix.length)}${suffix}` };
}

/** A table that is to be replaced and exists is loaded beside itself; one that the run creates is loaded directly. */
export function isReplaced(task: TableTask): boolean {
  return task.existingRows === 'replace' && task.targetState === 'exists';
}
