import { DuckDBInstance, type DuckDBConnection } from '@duckdb/node-api';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decimal128Codec, decimal64Codec, int32Codec, int64Codec } from '../sources/redshift/read-numbers.ts';
import { doubleCodec, floatCodec } from '../sources/redshift/read-floats.ts';
import { binaryCodec, booleanCodec, dateCodec, textCodec, timestampCodec } from '../sources/redshift/read-values.ts';
import type { CellError } from './cell-error.ts';
import type { CellCodec } from './column-batch.ts';
import type { DiskBudget } from './disk-budget.ts';
import type { ExtractedFile } from './extraction.ts';
import { createFileSeries, type FileSeriesOptions } from './file-series.ts';
import { seededRandom, wireBatch } from './testing/wire-batch.ts';

let directory: string;
let instance: DuckDBInstance;
let duck: DuckDBConnection;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'snowferry-series-'));
  instance = await DuckDBInstance.create();
  duck = await instance.connect();
});
afterAll(async () => {
  duck.closeSync();
  instance.closeSync();
  await rm(directory, { recursive: true });
});

const endless: DiskBudget = {
  tryReserve: () => Promise.resolve(true),
  reserve: () => Promise.resolve(),
  release: () => undefined,
};

type Rows = (string | null)[][];

interface Written {
  files: ExtractedFile[];
  /** What DuckDB reads from all files, as text, in the order of writing. */
  rows: Rows;
  outcome: { rows: number; files: number; bytes: number };
}

async function roundTrip(
  codecs: CellCodec[],
  batches: Rows[],
  options: Partial<FileSeriesOptions> = {},
): Promise<Written> {
  const files: ExtractedFile[] = [];
  const rows: Rows = [];
  const series = createFileSeries({
    columns: codecs.map(({ parquet }, index) => ({ name: `c${index + 1}`, parquet })),
    codecs,
    directory: await mkdtemp(join(directory, 'series-')),
    maxFileBytes: 1e9,
    disk: endless,
    nameCellError: (error) => error,
    async onFile(file) {
      files.push(file);
      rows.push(...(await readBack(file.path, codecs)));
    },
    ...options,
  });
  for (const batch of batches) await series.add(wireBatch(batch, codecs.length));
  return { outcome: await series.finish(), files, rows };
}

async function readBack(path: string, codecs: CellCodec[]): Promise<Rows> {
  const columns = codecs.map(({ parquet }, index) => {
    const name = `c${index + 1}`;
    if (parquet.kind === 'binary') return `'\\x' || lower(hex(${name}))`;
    return `CAST(${name} AS VARCHAR)`;
  });
  const result = await duck.runAndReadAll(`SELECT ${columns.join(', ')} FROM read_parquet('${path}')`);
  return result.getRows() as Rows;
}

/** Compares as text but for floats, which two programs may write in two ways. */
function expectRows(found: Rows, wanted: Rows, codecs: CellCodec[]): void {
  const plain = (rows: Rows): unknown[][] =>
    rows.map((row) =>
      row.map((cell, column) => {
        if (cell === null) return null;
        switch (codecs[column]?.parquet.kind) {
          case 'float':
            return cell === '7.038531e-26' ? ODD_FLOAT : Math.fround(toNumber(cell));
          case 'double':
            return toNumber(cell);
          case 'boolean':
            return cell.startsWith('t');
          case 'timestamp':
            return cell.replace(/\.?0+(?=\+|$)/, (zeros) => (zeros.startsWith('.') ? '' : zeros)).replace(/\+00$/, '');
          case 'decimal':
            return cell.replace(/^(-?)\./, '$10.');
          default:
            return cell;
        }
      }),
    );
  expect(found.length).toBe(wanted.length);
  const wantedRows = plain(wanted);
  // One row at a time: a difference of half a million rows says nothing.
  plain(found).forEach((row, index) => {
    if (!row.every((cell, column) => Object.is(cell, wantedRows[index]?.[column]))) {
      expect({ index, row }).toEqual({ index, row: wantedRows[index] });
    }
  });
}

/** The number that this text is the shortest one for; rounding it to 64 bits first and then to 32 gives its neighbour. */
const ODD_FLOAT = new Float32Array(new Uint32Array([0x15ae43fd]).buffer)[0] as number;

function toNumber(text: string): number {
  if (/^-?inf/i.test(text)) return text.startsWith('-') ? -Infinity : Infinity;
  return Number(text);
}

const CODECS: { codec: CellCodec; make(random: () => number): string }[] = [
  { codec: int32Codec, make: (random) => String(Math.floor((random() - 0.5) * 2 ** (1 + 31 * random()))) },
  { codec: int64Codec, make: (random) => integerText(random, 64) },
  { codec: decimal64Codec(12, 2), make: (random) => decimalText(random, 12, 2) },
  { codec: decimal64Codec(18, 0), make: (random) => decimalText(random, 18, 0) },
  { codec: decimal64Codec(18, 18), make: (random) => decimalText(random, 18, 18) },
  { codec: decimal128Codec(38, 10), make: (random) => decimalText(random, 38, 10) },
  { codec: decimal128Codec(38, 0), make: (random) => decimalText(random, 38, 0) },
  { codec: decimal128Codec(19, 19), make: (random) => decimalText(random, 19, 19) },
  { codec: floatCodec, make: (random) => String(Math.fround(anyDouble(random) % 3e38)) },
  { codec: doubleCodec, make: (random) => String(anyDouble(random)) },
  { codec: booleanCodec, make: (random) => (random() < 0.5 ? 't' : 'f') },
  { codec: textCodec, make: anyText },
  { codec: binaryCodec, make: (random) => `\\x${Buffer.from(anyText(random)).toString('hex')}` },
  { codec: dateCodec, make: (random) => anyMoment(random).slice(0, 10) },
  { codec: timestampCodec(false), make: (random) => anyMoment(random) },
  { codec: textCodec, make: (random) => ['A', 'N', 'R', ''][Math.floor(random() * 4)] as string },
];

function integerText(random: () => number, bits: number): string {
  let value = 0n;
  for (let chunk = 0; chunk < bits / 16; chunk++) value = (value << 16n) | BigInt(Math.floor(random() * 65536));
  return String(BigInt.asIntN(1 + Math.floor(random() * bits), value));
}

function decimalText(random: () => number, precision: number, scale: number): string {
  const length = Math.floor(random() * (precision + 1));
  let digits = '';
  while (digits.length < length) digits += Math.floor(random() * 10);
  const padded = digits.padStart(scale + 1, '0');
  const whole = padded.slice(0, padded.length - scale).replace(/^0+(?=\d)/, '');
  const text = scale === 0 ? whole : `${whole}.${padded.slice(padded.length - scale)}`;
  return random() < 0.5 && /[1-9]/.test(text) ? `-${text}` : text;
}

function anyDouble(random: () => number): number {
  const sign = random() < 0.5 ? -1 : 1;
  if (random() < 0.5) return sign * Number(decimalText(random, 17, 3));
  return sign * random() * 10 ** Math.floor((random() - 0.5) * 70);
}

function anyText(random: () => number): string {
  const letters = ['a', 'é', '表', '😀', ' ', "'", '\\N', '\n', '"', 'Z'];
  const length = random() < 0.05 ? 3000 : Math.floor(random() ** 4 * 40);
  let text = '';
  while (text.length < length) text += letters[Math.floor(random() * letters.length)];
  return text;
}

function anyMoment(random: () => number): string {
  const first = Date.UTC(2000, 0, 1) - 1999 * 365.2425 * 86_400_000;
  const last = Date.UTC(9999, 11, 31);
  const text = new Date(first + random() * (last - first)).toISOString().slice(0, 19).replace('T', ' ');
  if (random() < 0.3) return text;
  return `${text}.${
    String(Math.floor(random() * 1e6))
      .padStart(6, '0')
      .replace(/0+$/, '') || '0'
  }`.replace(/\.0$/, '');
}

describe('createFileSeries', () => {
  const codecs = CODECS.map(({ codec }) => codec);

  it.each([
    { seed: 1, nulls: 0, distinct: 50, limits: { groupRows: 1e6, groupBytes: 1e9, groupCompressedBytes: 1e9 } },
    { seed: 2, nulls: 0.2, distinct: 40_000, limits: { groupRows: 1e6, groupBytes: 1e9, groupCompressedBytes: 1e9 } },
    { seed: 3, nulls: 0.97, distinct: 5_000, limits: { groupRows: 3_000, groupBytes: 1e9, groupCompressedBytes: 1e9 } },
    {
      seed: 4,
      nulls: 0.01,
      distinct: 8_000,
      limits: { groupRows: 1e6, groupBytes: 100_000, groupCompressedBytes: 1e9 },
    },
  ])('writes what another reader reads back, value by value: $nulls NULLs, $distinct values', async (given) => {
    const random = seededRandom(given.seed);
    const pool = CODECS.map(({ make }) =>
      Array.from({ length: given.distinct }, () => (random() < given.nulls ? null : make(random))),
    );
    const batches = Array.from({ length: 12 }, (): Rows => {
      const rowCount = Math.floor(random() * 2_000);
      return Array.from({ length: rowCount }, () =>
        pool.map((values) => values[Math.floor(random() * values.length)] ?? null),
      );
    });
    for (const compression of ['gzip', 'none'] as const) {
      const { rows, outcome } = await roundTrip(codecs, batches, { compression, limits: given.limits });
      expect(outcome.rows).toBe(batches.flat().length);
      expectRows(rows, batches.flat(), codecs);
    }
  });

  it.each([
    ['columns of NULLs only', Array.from({ length: 70_000 }, () => [null, null])],
    ['a single row', [['7', 'x']]],
    ['one value again and again', Array.from({ length: 70_000 }, () => ['-1', ''])],
    [
      'NULLs first, then values',
      Array.from({ length: 70_000 }, (_, row) => (row < 69_999 ? [null, null] : ['1', 'a'])),
    ],
  ])('writes %s', async (_, rows: Rows) => {
    const two = [int32Codec, textCodec];
    const written = await roundTrip(two, [rows]);
    expectRows(written.rows, rows, two);
  });

  it('keeps the extremes of every type', async () => {
    const cases: [CellCodec, string[]][] = [
      [int32Codec, ['2147483647', '-2147483648', '0', '-1']],
      [int64Codec, ['9223372036854775807', '-9223372036854775808', '999999999', '-1000000000', '999999999999999']],
      [decimal64Codec(18, 6), ['999999999999.999999', '-999999999999.999999', '0.000001', '-0.000001']],
      [
        decimal128Codec(38, 10),
        [
          `${'9'.repeat(28)}.${'9'.repeat(10)}`,
          `-${'9'.repeat(28)}.${'9'.repeat(10)}`,
          '0.0000000001',
          '-4294967296.0000000000',
          '0.0000000000',
        ],
      ],
      [floatCodec, ['3.4028235e+38', '1e-45', '-1.17549435e-38', '7.038531e-26', 'NaN', 'Infinity', '-Infinity', '-0']],
      [
        doubleCodec,
        ['1.7976931348623157e+308', '5e-324', '0.1', '-0', 'NaN', 'Infinity', '-Infinity', '123456789012345.6'],
      ],
      [dateCodec, ['0001-01-01', '9999-12-31', '1970-01-01', '1969-12-31', '2000-02-29', '1900-03-01']],
      [
        timestampCodec(false),
        [
          '0001-01-01 00:00:00',
          '9999-12-31 23:59:59.999999',
          '1684-01-01 00:00:00.000001',
          '2262-04-11 23:47:16.854775',
          '1969-12-31 23:59:59.999999',
        ],
      ],
    ];
    for (const [codec, values] of cases) {
      const rows = values.map((value) => [value]);
      const written = await roundTrip([codec], [rows]);
      expectRows(written.rows, rows, [codec]);
    }
  });

  it.each(
    (
      [
        [int32Codec, '2147483648'],
        [int32Codec, '1.0'],
        [int32Codec, ''],
        [int64Codec, '9223372036854775808'],
        [int64Codec, '12x'],
        [decimal64Codec(5, 2), '1000.00'],
        [decimal64Codec(5, 2), '1.001'],
        [decimal64Codec(5, 2), 'NaN'],
        [decimal128Codec(38, 2), 'NaN'],
        [decimal128Codec(38, 2), '1.234'],
        [dateCodec, 'infinity'],
        [dateCodec, '10000-01-01'],
        [dateCodec, '0044-03-15 BC'],
        [dateCodec, '2021-02-29'],
        [timestampCodec(false), '-infinity'],
        [timestampCodec(false), '0044-03-15 12:00:00 BC'],
        [timestampCodec(false), '294276-12-31 23:59:59'],
        [doubleCodec, 'one'],
        [booleanCodec, 'true'],
        [binaryCodec, '\\x0'],
        [binaryCodec, 'zz'],
      ] as [CellCodec, string][]
    ).map(([codec, value]) => ({ kind: codec.parquet.kind, codec, value })),
  )('refuses as $kind what does not fit: $value', async ({ codec, value }) => {
    const failed = roundTrip([codec], [[[value]]], {
      nameCellError: (error, column) => new Error(`${column}: ${error.text}`),
    });
    await expect(failed).rejects.toThrow(`0: ${value}`);
  });

  it('names the column of a value that does not fit, also where the dictionary held it until the end of the group', async () => {
    const named: [CellError, number][] = [];
    const failed = roundTrip([textCodec, int32Codec], [[['a', '1']], [['b', 'x']]], {
      nameCellError(error, column) {
        named.push([error, column]);
        return new Error('named');
      },
    });
    await expect(failed).rejects.toThrow('named');
    expect(named).toMatchObject([[{ text: 'x' }, 1]]);
  });

  it('gives readers bounds by which they can skip row groups', async () => {
    const sorted = Array.from({ length: 3_000 }, (_, row) => [
      String(row - 1_500),
      `2020-01-01 00:00:${String(row % 60).padStart(2, '0')}`,
      row === 7 ? null : 'k',
    ]);
    const two = [int64Codec, timestampCodec(false), textCodec];
    let statistics: unknown[][] = [];
    await roundTrip(two, [sorted.slice(0, 1_000), sorted.slice(1_000)], {
      limits: { groupRows: 1_000, groupBytes: 1e9, groupCompressedBytes: 1e9 },
      async onFile({ path }) {
        const result = await duck.runAndReadAll(
          `SELECT row_group_id::INT, stats_min_value, stats_max_value, stats_null_count::INT FROM parquet_metadata('${path}') ORDER BY row_group_id, column_id`,
        );
        statistics = result.getRows();
      },
    });
    expect(statistics).toEqual([
      [0, '-1500', '-501', 0],
      [0, '2020-01-01 00:00:00', '2020-01-01 00:00:59', 0],
      [0, 'k', 'k', 1],
      [1, '-500', '1499', 0],
      [1, '2020-01-01 00:00:00', '2020-01-01 00:00:59', 0],
      [1, 'k', 'k', 0],
    ]);
  });
});
