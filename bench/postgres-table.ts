import pg from 'pg';
import { LINEITEM } from './lineitem.ts';
import { startPostgres } from '../src-sandbox/redshift/postgres-process.ts';

/** A PostgreSQL that belongs to the benchmark. */
export interface BenchDatabase {
  host: string;
  port: number;
  user: string;
  database: string;
  query(sql: string): Promise<pg.QueryResult>;
  close(): Promise<void>;
}

/** Over TCP, as Redshift is always reached: a Unix socket holds so little that server and client wait for each other in turn. */
export async function startDatabase(): Promise<BenchDatabase> {
  const server = await startPostgres({
    superuser: 'bench',
    settings: { shared_buffers: '256MB', ssl: 'off' },
    overTcp: true,
  });
  const { address } = server;
  if (!('host' in address)) throw new TypeError('PostgreSQL listens on a Unix socket.');
  const place = { ...address, user: server.superuser, database: 'postgres' };
  const client = new pg.Client(place);
  await client.connect();
  return {
    ...place,
    query: (sql) => client.query(sql),
    async close() {
      await client.end();
      await server.close();
    },
  };
}

/** Same distributions as dbgen's, from formulas: row i is the same whenever it is made. */
export async function loadLineitem(database: BenchDatabase, rows: number, name = 'lineitem'): Promise<void> {
  const columns = LINEITEM.map(({ name: column, pgType }) => `${column} ${pgType}`).join(', ');
  await database.query(`CREATE UNLOGGED TABLE ${name} (${columns})`);
  await database.query(`
    INSERT INTO ${name}
    SELECT (i / 4) * 32 + i % 8, h % 200000 + 1, h2 % 10000 + 1, i % 4 + 1,
      h % 50 + 1, (h % 50 + 1) * (90000 + h2 % 110001) / 100.0, (h2 % 11) / 100.0, (h3 % 9) / 100.0,
      CASE WHEN h3 % 2526 > 1260 THEN 'N' WHEN h2 % 2 = 0 THEN 'R' ELSE 'A' END,
      CASE WHEN h3 % 2526 > 1260 THEN 'O' ELSE 'F' END,
      DATE '1992-01-02' + h3 % 2526, DATE '1992-01-31' + (h3 + h2 % 90) % 2466, DATE '1992-01-03' + h3 % 2526 + h % 30,
      (ARRAY['DELIVER IN PERSON', 'COLLECT COD', 'NONE', 'TAKE BACK RETURN'])[h2 % 4 + 1],
      (ARRAY['REG AIR', 'AIR', 'RAIL', 'SHIP', 'TRUCK', 'MAIL', 'FOB'])[h3 % 7 + 1],
      substr(
        (ARRAY['furiously ', 'carefully ', 'quickly ', 'slyly ', 'blithely ', 'ironic ', 'final '])[h % 7 + 1] ||
        (ARRAY['special requests ', 'regular deposits ', 'express accounts ', 'pending packages ', 'even theodolites '])[h2 % 5 + 1] ||
        (ARRAY['sleep', 'haggle', 'nag', 'wake', 'cajole', 'boost', 'detect', 'integrate'])[h3 % 8 + 1] || ' ' ||
        (ARRAY['above', 'across', 'after', 'along', 'among', 'around'])[(h / 7) % 6 + 1] || ' the ' ||
        (ARRAY['fluffily', 'silent', 'bold', 'close', 'dogged', 'daring'])[(h2 / 5) % 6 + 1],
        h3 % 12 + 1, 10 + h % 34)
    FROM (
      SELECT i, hashint8(i) & 2147483647 AS h, hashint8(i + 7000000000) & 2147483647 AS h2,
        hashint8(i + 9000000000) & 2147483647 AS h3
      FROM generate_series(1::bigint, ${rows}::bigint) AS i
    ) AS hashed`);
  await database.query(`VACUUM ANALYZE ${name}`);
}
