import type { ResultColumn, StatementResult } from './command.ts';
import { errors, SnowflakeError } from '../errors.ts';
import { types, type SnowflakeType } from '../sql/data-type.ts';
import { coreHandler } from './core.ts';
import { statementTypes, wireTime } from './results.ts';
import { showAccount } from './show-account.ts';
import { showGrants } from './show-grants.ts';
import { showObjects } from './show-objects.ts';
import { parseShowFilter } from './show-filter.ts';

export type ShowCell = string | number | boolean | Date | null;
/** Column names with their types; TIMESTAMP_LTZ(3) for moments, as the vendor's. */
export type ShowShape = [name: string, type?: SnowflakeType][];

export const moment = types.ltz(3);
export const integer = types.number(38, 0);

/** SHOW. https://docs.snowflake.com/en/sql-reference/sql/show */
export const showHandler = coreHandler(
  'SHOW',
  (reader) => reader.isWords('SHOW'),
  async (context, reader) => {
    reader.expectWords('SHOW');
    const terse = reader.acceptWords('TERSE');
    if (reader.acceptWords('GRANTS')) return showGrants(context, reader);
    const noun = readNoun(reader.next().value, () => reader.next().value);
    const history = reader.acceptWords('HISTORY');
    const filter = parseShowFilter(context, reader, noun);
    reader.expectEnd();
    const request = { noun, terse, history, filter };
    const found = (await showObjects(context, request)) ?? (await showAccount(context, request));
    if (!found) throw errors.notInPractice(`SHOW ${noun}`);
    return found;
  },
);

function readNoun(first: string, next: () => string): string {
  if (first === 'PRIMARY' || first === 'UNIQUE' || first === 'IMPORTED') return `${first} ${next()}`;
  if (first === 'FILE' || first === 'STORAGE') return `${first} ${next()}`;
  return first;
}

/** The vendor refuses a SHOW of more than ten thousand rows without LIMIT. */
export function showResult(shape: ShowShape, rows: ShowCell[][], limited = false): StatementResult {
  if (rows.length > 10_000 && !limited) {
    throw new SnowflakeError('090153', '22000', 'The result set size exceeded the max number of rows(10000) supported for SHOW statements. Use LIMIT option to limit result set to a smaller number.');
  }
  const columns: ResultColumn[] = shape.map(([name, type]) => ({ name, type: type ?? types.text() }));
  return { kind: 'rows', columns, rows: rows.map((row) => row.map(wire)), statementTypeId: statementTypes.show };
}

function wire(cell: ShowCell): string | null {
  if (cell === null) return null;
  if (cell instanceof Date) return wireTime(cell);
  return typeof cell === 'boolean' ? (cell ? 'true' : 'false') : String(cell);
}
