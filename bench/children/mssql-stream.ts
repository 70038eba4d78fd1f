import sql from 'mssql';
import { readOptions, report } from './report.ts';

/** A plain stream of the `mssql` package, rows as arrays, that writes nothing. */
interface Options {
  port: number;
  user: string;
  password: string;
  database: string;
  statement: string;
}

const { statement, port, user, password, database } = await readOptions<Options>();
const pool = await new sql.ConnectionPool({
  server: '127.0.0.1',
  port,
  user,
  password,
  database,
  requestTimeout: 0,
  options: { encrypt: false, trustServerCertificate: true },
}).connect();
await report(async () => {
  const request = new sql.Request(pool);
  request.stream = true;
  request.arrayRowMode = true;
  let rows = 0;
  await new Promise<void>((resolve, reject) => {
    request.on('row', () => rows++);
    request.on('error', reject);
    request.on('done', () => resolve());
    void request.batch(statement);
  });
  return { rows, outBytes: 0, wireBytes: null };
});
await pool.close();
