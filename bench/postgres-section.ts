import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { LINEITEM } from './lineitem.ts';
import { median, runChild, runShell, type Measured } from './measure.ts';
import { loadLineitem, startDatabase, type BenchDatabase } from './postgres-table.ts';
import { printMemory, printSection, say, type Contestant } from './print.ts';

export interface BenchOptions {
  rows: number;
  rounds: number;
  /** The built worker of the lanes. */
  workerUrl: string;
}

/** The straightforward way is so slow that a part of the table says enough. */
const NAIVE_SHARE = 6;
const MEMORY_ROWS = [1_000_000, 10_000_000] as const;

export async function runPostgresSection(options: BenchOptions): Promise<void> {
  const { rows, rounds, workerUrl } = options;
  const hasPsql = (process.env['PATH'] ?? '').split(delimiter).some((folder) => existsSync(join(folder, 'psql')));
  say('Starting PostgreSQL.');
  const database = await startDatabase();
  try {
    say(`Loading ${rows.toLocaleString('en')} rows of lineitem.`);
    await loadLineitem(database, rows);
    const copyBytes = await measureCopyBytes(database);
    const reads = (lanes: number): unknown[] => Array.from({ length: lanes }, (_, lane) => lineitemRead(lane, lanes));
    const engine = (lanes: number) => (): Promise<Measured> =>
      runChild('extract', { source: sourceOf(database), password: 'trusted', workerUrl, reads: reads(lanes) });
    const psql = async (query: string, pipe: string): Promise<Measured> => {
      const { host, port, user, database: name } = database;
      const command = `psql -X -h '${host}' -p ${port} -U ${user} -d ${name} -c "${query}" ${pipe}`;
      return {
        ...(await runShell(command)),
        rows,
        outBytes: copyBytes,
        wireBytes: copyBytes,
        peakRssBytes: null,
        lagP99: null,
      };
    };
    const copy: Contestant = hasPsql
      ? {
          key: 'a',
          label: 'psql COPY TO STDOUT > /dev/null',
          run: () => psql('COPY lineitem TO STDOUT', '> /dev/null'),
        }
      : {
          key: 'a',
          label: 'COPY TO STDOUT read by a socket in Node (no psql here)',
          run: () =>
            runChild('copy-drain', { database: configOf(database), statement: 'COPY lineitem TO STDOUT', rows }),
        };
    const gzip: Contestant[] = hasPsql
      ? [
          {
            key: 'b',
            label: 'psql COPY (FORMAT csv) | gzip -1',
            run: () => psql('COPY lineitem TO STDOUT (FORMAT csv)', '| gzip -1 > /dev/null'),
          },
        ]
      : [];
    const naiveRows = Math.ceil(rows / NAIVE_SHARE);
    const contestants: Contestant[] = [
      copy,
      ...gzip,
      {
        key: 'c',
        label: `pg-cursor to hyparquet-writer (${naiveRows.toLocaleString('en')} rows)`,
        run: () =>
          runChild('cursor-to-parquet', {
            database: configOf(database),
            statement: `SELECT * FROM lineitem LIMIT ${naiveRows}`,
          }),
      },
      { key: 'd1', label: 'Snowferry, 1 lane, to closed files', run: engine(1) },
      { key: 'd2', label: 'Snowferry, 2 lanes, to closed files', run: engine(2) },
    ];
    await printSection('PostgreSQL wire (Redshift): lineitem', contestants, {
      rounds,
      baseBytes: copyBytes,
      baseForm: 'as text',
      baseRows: rows,
    });
    await runMemory(database, workerUrl);
  } finally {
    await database.close();
  }
}

/** Same lanes, ten times the rows: the peak must not move. */
async function runMemory(database: BenchDatabase, workerUrl: string): Promise<void> {
  const peaks: { rows: number; peakBytes: number }[] = [];
  for (const rows of MEMORY_ROWS) {
    const measured: Measured[] = [];
    for (let round = 0; round < 2; round++) {
      say(`Memory: ${rows.toLocaleString('en')} rows with 2 lanes.`);
      const reads = [0, 1].map((lane) => generatedRead(rows / 2, lane));
      measured.push(await runChild('extract', { source: sourceOf(database), password: 'trusted', workerUrl, reads }));
    }
    peaks.push({ rows, peakBytes: median(measured.map(({ peakRssBytes }) => peakRssBytes ?? 0)) });
  }
  printMemory(peaks);
}

async function measureCopyBytes(database: BenchDatabase): Promise<number> {
  const line = LINEITEM.map(({ name }) => `octet_length(${name}::text)`).join(' + ');
  const result = await database.query(`SELECT sum(${line} + ${LINEITEM.length}) AS bytes FROM lineitem`);
  return Number((result.rows[0] as { bytes: string }).bytes);
}

function configOf({ host, port, user, database }: BenchDatabase): Record<string, unknown> {
  return { host, port, user, database };
}

function sourceOf({ host, port, user, database }: BenchDatabase): unknown {
  const auth = { kind: 'password', user };
  return { kind: 'redshift', host, port, database, auth, tls: { mode: 'disable', caFile: '' } };
}

function lineitemRead(lane: number, lanes: number): unknown {
  const list = LINEITEM.map(({ name }, index) => `"${name}" AS c${index + 1}`).join(', ');
  const where = lanes === 1 ? '' : ` WHERE l_orderkey % ${lanes} = ${lane}`;
  return {
    statement: `SELECT ${list} FROM "public"."lineitem"${where}`,
    table: { database: 'postgres', schema: 'public', name: 'lineitem' },
    columns: LINEITEM.map(({ name, pgType, carrier, kind, precision, scale, length }, index) => ({
      alias: `c${index + 1}`,
      sourceName: name,
      nativeType: pgType,
      carrier,
      type: { kind, precision, scale, length, padded: false },
    })),
    isolation: 'read-committed',
  };
}

function generatedRead(rows: number, lane: number): unknown {
  const columns = [
    { name: 'id', nativeType: 'bigint', carrier: 'native-integer', kind: 'integer', precision: 19, scale: 0 },
    {
      name: 'amount',
      nativeType: 'numeric(15,2)',
      carrier: 'native-decimal',
      kind: 'decimal',
      precision: 15,
      scale: 2,
    },
    { name: 'day', nativeType: 'date', carrier: 'native-date', kind: 'date', precision: null, scale: null },
    {
      name: 'note',
      nativeType: 'character varying(80)',
      carrier: 'native-text',
      kind: 'text',
      precision: null,
      scale: null,
    },
  ];
  const first = lane * rows;
  return {
    statement: `SELECT i AS c1, (i % 1000003)::numeric(15,2) / 4 AS c2, DATE '2000-01-01' + (i % 9000)::int AS c3, md5(i::text) || ' ' || md5((i / 3)::text) AS c4 FROM generate_series(${first + 1}::bigint, ${first + rows}::bigint) AS i`,
    table: { database: 'postgres', schema: 'public', name: 'generated' },
    columns: columns.map(({ name, nativeType, carrier, ...type }, index) => ({
      alias: `c${index + 1}`,
      sourceName: name,
      nativeType,
      carrier,
      type: { ...type, length: null, padded: false },
    })),
    isolation: 'read-committed',
  };
}
