import { SqlError } from './errors.ts';
import type { SessionState } from './session-state.ts';
import { rewind } from './transactions.ts';

export function setSavepoint(session: SessionState, name: string): void {
  const { transaction } = session;
  if (transaction === null) {
    throw new SqlError(628, 'Cannot issue SAVE TRANSACTION when there is no active transaction.');
  }
  transaction.savepoints.push({ name, written: transaction.written.length, undo: transaction.undo.length });
}

/** False when no savepoint has the name. */
export async function rollbackToSavepoint(session: SessionState, name: string): Promise<boolean> {
  const { transaction } = session;
  const at = transaction?.savepoints.findLastIndex((one) => one.name.toLowerCase() === name.toLowerCase()) ?? -1;
  const savepoint = transaction?.savepoints[at];
  if (transaction === null || savepoint === undefined) return false;
  await rewind(session, savepoint);
  transaction.savepoints.length = at + 1;
  return true;
}
