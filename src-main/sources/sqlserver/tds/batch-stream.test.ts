import { describe, expect, it } from 'vitest';
import { createBatchStream, type WireRows } from './batch-stream.ts';
import { codecFor } from './codec-for.ts';
import type { Token } from './read-token.ts';
import { readValues } from './testing/read-values.ts';
import { TYPE_CASES, type TypeCase } from './testing/type-cases.ts';
import { colMetadata, done, errorMessage, nbcRow, plpColumn, row, shortColumn, utf16 } from './testing/wire-bytes.ts';
import type { WireColumn } from './wire-column.ts';

const CARRIED = TYPE_CASES.filter(({ values }) => values.length > 0);

/** Reads an answer from pieces; the values of all columns, by column. */
async function readAll(pieces: Uint8Array[], carriers: TypeCase['carrier'][]) {
  const tokens: Token[] = [];
  const values: (string | null)[][] = carriers.map(() => []);
  let columns: WireColumn[] = [];
  const stream = createBatchStream({
    onToken(token) {
      tokens.push(token);
      if (token.kind === 'columns') columns = token.columns;
    },
    onRows(rows) {
      carriers.forEach((carrier, index) => {
        const codec = codecFor(columns[index]!, carrier);
        if (!codec) throw new Error(`no codec for ${carrier}`);
        values[index]!.push(...readValues(rows, index, codec));
      });
      return undefined;
    },
  });
  for (const piece of pieces) {
    stream.push(piece);
    await stream.drain({ isLast: false });
  }
  await stream.drain({ isLast: true });
  return { tokens, values };
}

function answer({ column, values }: TypeCase): Uint8Array {
  return Uint8Array.from([
    ...colMetadata([column]),
    ...values.flatMap(([cell]) => row([column], [cell])),
    ...values.flatMap(([cell]) => nbcRow([column], [cell])),
    ...done(values.length * 2),
  ]);
}

describe('values', () => {
  it.each(CARRIED)('$type is read as it was sent, from ROW and from NBCROW', async (type) => {
    const expected = type.values.map(([, text]) => text);

    const { values } = await readAll([answer(type)], [type.carrier]);

    expect(values).toEqual([[...expected, ...expected]]);
  });

  it.each(CARRIED)('$type is read as it was sent wherever the bytes are cut in two', async (type) => {
    const bytes = answer(type);
    const expected = type.values.map(([, text]) => text);
    for (let cut = 1; cut < bytes.length; cut += 1) {
      const { values } = await readAll([bytes.slice(0, cut), bytes.slice(cut)], [type.carrier]);
      expect(values, `cut at ${cut}`).toEqual([[...expected, ...expected]]);
    }
  });

  it('reads all types beside each other when every byte comes by itself', async () => {
    const columns = CARRIED.map(({ column }) => column);
    const rows = [0, 1, 2].map((index) => CARRIED.map(({ values }) => values[index % values.length]![0]));
    const bytes = Uint8Array.from([
      ...colMetadata(columns),
      ...rows.flatMap((cells, index) => (index === 1 ? nbcRow(columns, cells) : row(columns, cells))),
      ...done(3),
    ]);

    const { values, tokens } = await readAll(
      Array.from(bytes, (byte) => Uint8Array.of(byte)),
      CARRIED.map(({ carrier }) => carrier),
    );

    expect(values).toEqual(
      CARRIED.map((type) => [0, 1, 2].map((index) => type.values[index % type.values.length]![1])),
    );
    expect(tokens.at(-1)).toMatchObject({ kind: 'done', done: { rowCount: 3, more: false } });
  });

  it('reads values of 20 MB that come in pieces', async () => {
    const text = `${'日本語😀'.repeat(2_000_000)}x`;
    const column = plpColumn('c', [0xe7, 0xff, 0xff, 9, 4, 0xd0, 0, 0], { chunk: 8000 });
    const cell = column.cell.bind(column);
    const head = Uint8Array.from(colMetadata([column]));
    const value = bigCell(utf16(text));
    expect(cell(utf16('ab'))).toEqual([...bigCell(utf16('ab'))]);
    const bytes = Buffer.concat([
      head,
      Uint8Array.of(0xd1),
      value,
      Uint8Array.of(0xd1),
      value,
      Uint8Array.from(done(2)),
    ]);
    const pieces = Array.from({ length: Math.ceil(bytes.length / 32_768) }, (_none, index) =>
      bytes.subarray(index * 32_768, (index + 1) * 32_768),
    );
    const lengths: number[] = [];
    let isEqual = true;
    const stream = createBatchStream({
      onToken: () => undefined,
      onRows(rows: WireRows) {
        for (let place = 0; place < rows.rowCount; place += 1) {
          const start = rows.starts[place]!;
          lengths.push(rows.lengths[place]!);
          isEqual &&= Buffer.compare(rows.bytes.subarray(start, start + rows.lengths[place]!), utf16(text)) === 0;
        }
        return undefined;
      },
    });
    for (const piece of pieces) {
      stream.push(piece);
      if (stream.isReady()) await stream.drain({ isLast: false });
    }
    await stream.drain({ isLast: true });

    expect(lengths).toEqual([utf16(text).length, utf16(text).length]);
    expect(isEqual).toBe(true);
  });
});

function bigCell(value: Uint8Array): Uint8Array {
  const parts: Uint8Array[] = [Buffer.alloc(8)];
  (parts[0] as Buffer).writeBigUInt64LE(BigInt(value.length));
  for (let at = 0; at < value.length; at += 8000) {
    const piece = value.subarray(at, at + 8000);
    const length = Buffer.alloc(4);
    length.writeUInt32LE(piece.length);
    parts.push(length, piece);
  }
  return Buffer.concat([...parts, Buffer.alloc(4)]);
}

describe('the stream', () => {
  const columns = [shortColumn('a', [0xa5, 8, 0]), shortColumn('b', [0xa5, 8, 0])];
  const one = [Uint8Array.of(1), Uint8Array.of(2, 3)];

  it('takes nothing more while rows are being handled', async () => {
    const bytes = Uint8Array.from([...colMetadata(columns), ...row(columns, one), ...done(1)]);
    const seen: string[] = [];
    let release = (): void => undefined;
    const stream = createBatchStream({
      onToken: ({ kind }) => seen.push(kind),
      onRows() {
        seen.push('rows');
        return new Promise((resolve) => {
          release = resolve;
        });
      },
    });
    stream.push(bytes);
    const drained = stream.drain({ isLast: true });

    expect(seen).toEqual(['columns', 'rows']);
    release();
    await drained;
    expect(seen).toEqual(['columns', 'rows', 'done']);
  });

  it('hands over many rows in batches and loses none', async () => {
    const rowBytes = row(columns, one);
    const count = 30_000;
    const bytes = Buffer.concat([
      Uint8Array.from(colMetadata(columns)),
      ...Array.from({ length: count }, () => Uint8Array.from(rowBytes)),
      Uint8Array.from(done(count)),
    ]);
    let rowCount = 0;
    let batches = 0;
    const stream = createBatchStream({
      onToken: () => undefined,
      onRows(rows) {
        rowCount += rows.rowCount;
        batches += 1;
        return undefined;
      },
    });
    for (let at = 0; at < bytes.length; at += 4088) {
      stream.push(bytes.subarray(at, at + 4088));
      if (stream.isReady()) await stream.drain({ isLast: false });
    }
    await stream.drain({ isLast: true });

    expect(rowCount).toBe(count);
    expect(batches).toBeGreaterThan(1);
  });

  it('tells an error that comes in the middle of the rows', async () => {
    const bytes = Uint8Array.from([
      ...colMetadata(columns),
      ...row(columns, one),
      ...errorMessage(8134, 16, 'Divide by zero error encountered.'),
      ...done(0, 0x02),
    ]);

    const { tokens, values } = await readAll([bytes], ['native-binary', 'native-binary']);

    expect(values).toEqual([['01'], ['0203']]);
    expect(tokens[1]).toMatchObject({
      kind: 'message',
      isError: true,
      message: { number: 8134, class: 16, lineNumber: 3, message: 'Divide by zero error encountered.' },
    });
    expect(tokens[2]).toMatchObject({ kind: 'done', done: { sqlError: true, rowCount: null } });
  });

  it.each([
    ['inside of a row', [...colMetadata(columns), ...row(columns, one).slice(0, -1)], /ends inside of the token 0xd1/],
    ['inside of DONE', [...colMetadata(columns), ...done(0).slice(0, -1)], /ends inside of the token 0xfd/],
    ['with an unknown token', [0x77], /token 0x77 does not belong/],
    ['with a row before its columns', [0xd1, 0], /a row came before its columns/],
    ['with an unknown type', [0x81, 1, 0, 0, 0, 0, 0, 0, 0, 0x99, 0], /type 0x99/],
  ])('refuses an answer that ends %s', async (_where, bytes, message) => {
    await expect(readAll([Uint8Array.from(bytes)], [])).rejects.toThrow(message);
  });

  it('refuses a value whose pieces are not as long as it said', async () => {
    const column = plpColumn('c', [0xa5, 0xff, 0xff]);
    const bytes = Uint8Array.from([...colMetadata([column]), ...row([column], [Uint8Array.of(1, 2, 3)])]);
    const totalAt = bytes.length - 8 - 4 - 3 - 4;
    bytes[totalAt] = 4;

    await expect(readAll([bytes], ['native-binary'])).rejects.toThrow('announced with 4 bytes and came with 3');
  });
});
