import { errors } from '../errors.ts';
import { coreHandler } from './core.ts';
import { showAccount } from './show-account.ts';
import { parseShowFilter } from './show-filter.ts';
import { showGrants } from './show-grants.ts';
import { showObjects } from './show-objects.ts';

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
