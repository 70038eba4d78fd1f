import type { EngineEvent, EngineSession, SqlMessage, SqlValue } from '../engine-contract.ts';
import { createEngine, type SqlServerEngine } from './create-engine.ts';

/** What a batch answered, for tests: the rows of its last result and every message. */
export type Answer = {
  rows: SqlValue[][];
  columns: { name: string; type: string }[];
  messages: SqlMessage[];
  counts: (number | null)[];
  events: EngineEvent[];
};

export async function collect(events: AsyncIterable<EngineEvent>): Promise<Answer> {
  const answer: Answer = { rows: [], columns: [], messages: [], counts: [], events: [] };
  for await (const event of events) {
    answer.events.push(event);
    if (event.kind === 'columns') {
      answer.rows = [];
      answer.columns = event.columns.map(({ name, type }) => ({ name, type: type.name }));
    } else if (event.kind === 'rows') answer.rows.push(...event.rows);
    else if (event.kind === 'message') answer.messages.push(event.message);
    else if (event.kind === 'done') answer.counts.push(event.rowCount);
  }
  return answer;
}

export const run = (session: EngineSession, sql: string, signal = new AbortController().signal): Promise<Answer> =>
  collect(session.batch(sql, { signal }));

/** An engine in memory with two databases: `shop` allows SNAPSHOT, `plain` does not. */
export function startEngine(): Promise<SqlServerEngine> {
  return createEngine({
    dataDirectory: null,
    databases: [
      { name: 'shop', collation: 'SQL_Latin1_General_CP1_CI_AS', allowSnapshot: true, readCommittedSnapshot: false },
      { name: 'plain', collation: 'Latin1_General_100_CS_AS', allowSnapshot: false, readCommittedSnapshot: true },
    ],
    logins: [
      { user: 'owner', password: 'Owner-1', defaultDatabase: 'shop' },
      { user: 'reader', password: 'Reader-1', defaultDatabase: 'shop', databases: [{ name: 'shop', roles: [] }] },
    ],
  });
}
