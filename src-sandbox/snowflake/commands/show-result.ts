import { SnowflakeError } from '../errors.ts';
import { types, type SnowflakeType } from '../sql/data-type.ts';
import type { ResultColumn, StatementResult } from './command.ts';
import { statementTypes, wireTime } from './results.ts';

export type ShowCell = string | number | boolean | Date | null;
/** Column names with their types; TIMESTAMP_LTZ(3) for moments, as the vendor's. */
export type ShowShape = [name: string, type?: SnowflakeType][];

export const moment = types.ltz(3);
export const integer = types.number(38, 0);

/** The vendor refuses a SHOW of more than ten thousand rows without LIMIT. */
export function showResult(shape: ShowShape, rows: ShowCell[][], limited = false): StatementResult {
  if (rows.length > 10_000 && !limited) {
    throw new SnowflakeError(
      '090153',
      '22000',
      'The result set size exceeded the max number of rows(10000) supported for SHOW statements. Use LIMIT option to limit result set to a smaller number.',
    );
  }
  const columns: ResultColumn[] = shape.map(([name, type]) => ({ name, type: type ?? types.text() }));
  return { kind: 'rows', columns, rows: rows.map((row) => row.map(wire)), statementTypeId: statementTypes.show };
}

function wire(cell: ShowCell): string | null {
  if (cell === null) return null;
  if (cell instanceof Date) return wireTime(cell);
  return typeof cell === 'boolean' ? (cell ? 'true' : 'false') : String(cell);
}
