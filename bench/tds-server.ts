import { createEngine } from '../src-sandbox/sqlserver/engine/create-engine.ts';
import { startTdsServer } from '../src-sandbox/sqlserver/server.ts';
import { LINEITEM } from './lineitem.ts';

/**
 * A TDS endpoint that answers from memory, so that clients are measured and not the stand-in's engine. Its environment says how many rows and which login. Prints its port as
 * JSON when it is ready and ends with its standard input.
 */
const { BENCH_ROWS: rowsText, BENCH_USER: user = '', BENCH_PASSWORD: password = '' } = process.env;
const DATABASE = 'bench';
const CACHE_BYTES = 4 * 1024 ** 3;
const CUT_OFF = 0x7fffffff;
const ADVERBS = ['furiously', 'carefully', 'quickly', 'slyly', 'blithely', 'ironic', 'final'] as const;
const NOUNS = ['special requests', 'regular deposits', 'express accounts', 'pending packages', 'even theodolites'];
const VERBS = ['sleep', 'haggle', 'nag', 'wake', 'cajole', 'boost', 'detect', 'integrate'];
const PLACES = ['above', 'across', 'after', 'along', 'among', 'around'];
const INSTRUCTIONS = ['DELIVER IN PERSON', 'COLLECT COD', 'NONE', 'TAKE BACK RETURN'];
const MODES = ['REG AIR', 'AIR', 'RAIL', 'SHIP', 'TRUCK', 'MAIL', 'FOB'];

const engine = await createEngine({
  dataDirectory: null,
  databases: [
    {
      name: DATABASE,
      collation: 'SQL_Latin1_General_CP1_CI_AS',
      allowSnapshot: false,
      readCommittedSnapshot: false,
    },
  ],
  logins: [{ user, password, defaultDatabase: DATABASE, databases: [{ name: DATABASE, roles: ['db_owner'] }] }],
});
const columns = LINEITEM.map(({ name, tdsType }) => `${name} ${tdsType} NOT NULL`).join(', ');
await engine.runScript(DATABASE, `CREATE TABLE dbo.lineitem (${columns})`);
await engine.bulkLoad({ database: DATABASE, schema: 'dbo', name: 'lineitem' }, makeRows(Number(rowsText)));
const server = await startTdsServer({ engine, tls: { mode: 'none' }, resultCache: { maxBytes: CACHE_BYTES } });
process.stdout.write(`${JSON.stringify({ port: server.port })}\n`);
process.stdin.resume().on('end', () => {
  void server.close().then(() => process.exit(0));
});

/** The same kinds of values as the PostgreSQL table, in the engine's form: unscaled decimals, days since 0001-01-01. */
function* makeRows(count: number): Generator<(number | bigint | string)[]> {
  const firstDay = 727_198;
  for (let row = 1; row <= count; row++) {
    const h = hash(row);
    const h2 = hash(row + 0x2545f491);
    const h3 = hash(row ^ 0x5bd1e995);
    const quantity = (h % 50) + 1;
    const isOpen = h3 % 2526 > 1260;
    const comment = `${pick(ADVERBS, h)} ${pick(NOUNS, h2)} ${pick(VERBS, h3)} ${pick(PLACES, h >> 5)} the ${pick(ADVERBS, h2 >> 5)}`;
    yield [
      BigInt(Math.floor(row / 4) * 32 + (row % 8)),
      (h % 200_000) + 1,
      (h2 % 10_000) + 1,
      (row % 4) + 1,
      BigInt(quantity * 100),
      BigInt(quantity * (90_000 + (h2 % 110_001))),
      BigInt(h2 % 11),
      BigInt(h3 % 9),
      isOpen ? 'N' : h2 % 2 === 0 ? 'R' : 'A',
      isOpen ? 'O' : 'F',
      firstDay + (h3 % 2526),
      firstDay + 29 + ((h3 + (h2 % 90)) % 2466),
      firstDay + 1 + (h3 % 2526) + (h % 30),
      pick(INSTRUCTIONS, h2),
      pick(MODES, h3),
      comment.slice(h3 % 12, (h3 % 12) + 10 + (h % 34)),
    ];
  }
}

function hash(value: number): number {
  let mixed = Math.imul(value ^ (value >>> 16), 0x7feb352d);
  mixed = Math.imul(mixed ^ (mixed >>> 15), 0x846ca68b | 0);
  return (mixed ^ (mixed >>> 16)) & CUT_OFF;
}

function pick(words: readonly string[], from: number): string {
  return words[from % words.length] ?? '';
}
