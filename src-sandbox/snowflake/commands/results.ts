import { types } from '../sql/data-type.ts';
import type { ResultColumn, StatementResult } from './command.ts';

/** The ids that the vendor gives for kinds of statements. */
export const statementTypes = {
  select: 0x1000,
  insert: 0x3100,
  update: 0x3200,
  delete: 0x3300,
  merge: 0x3400,
  copy: 0x3700,
  truncate: 0x3800,
  alterSession: 0x4100,
  use: 0x4300,
  begin: 0x5100,
  commit: 0x5200,
  rollback: 0x5300,
  ddl: 0x6000,
  show: 0x4000,
  describe: 0x4200,
} as const;

/** One row with one column `status`. */
export function statusResult(status: string, statementTypeId: number = statementTypes.ddl): StatementResult {
  return {
    kind: 'rows',
    columns: [{ name: 'status', type: types.text(), nullable: false }],
    rows: [[status]],
    statementTypeId,
  };
}

export const EXECUTED = 'Statement executed successfully.';

/** One row of counts, as DML answers. */
export function countResult(counts: [name: string, count: number][], statementTypeId: number): StatementResult {
  const columns: ResultColumn[] = counts.map(([name]) => ({ name, type: types.number(19, 0), nullable: false }));
  return { kind: 'rows', columns, rows: [counts.map(([, count]) => String(count))], statementTypeId };
}

/** A moment as the wire carries a TIMESTAMP_LTZ(3). */
export function wireTime(date: Date | null): string | null {
  return date ? `${(date.getTime() / 1000).toFixed(3)}000000` : null;
}
