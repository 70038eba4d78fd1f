import { coreHandler } from './core.ts';

const STARTS = ['SELECT', 'WITH', 'VALUES'];

/** SELECT, WITH ... SELECT, VALUES, and parenthesised ones. */
export const selectHandler = coreHandler(
  'SELECT',
  (reader) => STARTS.some((word) => reader.isWords(word)) || reader.isOperator('('),
  async (context, reader) => {
    const query = context.parseQuery(reader);
    reader.expectEnd();
    return { kind: 'query', query: await context.translateQuery(query) };
  },
);
