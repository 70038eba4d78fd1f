import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileWriter, parquetWriteRows } from 'hyparquet-writer';
import pg from 'pg';
import Cursor from 'pg-cursor';
import { LINEITEM } from '../lineitem.ts';
import { readOptions, report } from './report.ts';

/** The straightforward way: row objects of pg-cursor, written by hyparquet-writer. */
const { database, statement } = await readOptions<{ database: pg.ClientConfig; statement: string }>();
const ROWS_AT_ONCE = 10_000;
const GROUP_ROWS = 100_000;
const TYPES = { integer: 'INT64', decimal: 'DOUBLE', date: 'TIMESTAMP', text: 'STRING' } as const;

pg.types.setTypeParser(pg.types.builtins.INT4, BigInt);
pg.types.setTypeParser(pg.types.builtins.INT8, BigInt);
pg.types.setTypeParser(pg.types.builtins.NUMERIC, Number);

const directory = await mkdtemp(join(tmpdir(), 'snowferry-bench-'));
const filename = join(directory, 'lineitem.parquet');
const client = new pg.Client(database);
await client.connect();
await report(async () => {
  let rowCount = 0;
  async function* readRows(): AsyncGenerator<Record<string, unknown>> {
    const cursor = client.query(new Cursor(statement));
    for (;;) {
      const rows = await cursor.read(ROWS_AT_ONCE);
      if (rows.length === 0) return;
      rowCount += rows.length;
      yield* rows;
    }
  }
  await parquetWriteRows({
    rows: readRows(),
    columns: LINEITEM.map(({ name, kind }) => ({ name, type: TYPES[kind] })),
    writer: fileWriter(filename),
    rowGroupSize: GROUP_ROWS,
  });
  return { rows: rowCount, outBytes: (await stat(filename)).size, wireBytes: null };
});
await client.end();
await rm(directory, { recursive: true });
