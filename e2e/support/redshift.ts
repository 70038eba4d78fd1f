import { readFileSync } from 'node:fs';
import pg from 'pg';
import type { Practice } from '../fixtures.ts';

/** Runs statements in Redshift as the practice user: what somebody else does there meanwhile. */
export async function runInRedshift(
  { redshift }: Pick<Practice, 'redshift'>,
  { password, statements }: { password: string; statements: string[] },
): Promise<void> {
  const { host, port, database, user, caFile } = redshift;
  const client = new pg.Client({ host, port, database, user, password, ssl: { ca: readFileSync(caFile, 'utf8') } });
  await client.connect();
  try {
    for (const statement of statements) await client.query(statement);
  } finally {
    await client.end();
  }
}
