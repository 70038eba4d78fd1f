import type { CellCodec, WireBatch } from '../../../../extract/column-batch.ts';

/** The values of one column of a batch as text, decoded by its codec and read from Parquet's PLAIN layout; NULL is null. Binary values are hex digits. */
export function readValues(batch: WireBatch, column: number, codec: CellCodec): (string | null)[] {
  const cells = Array.from({ length: batch.rowCount }, (_none, row) => batch.lengths[column * batch.stride + row]!);
  const present = cells.filter((length) => length >= 0);
  const read = codec.kind === 'fixed' ? readFixed(batch, column, codec) : readBytes(batch, column, codec, present);
  return cells.map((length) => (length < 0 ? null : read()));
}

function readFixed(batch: WireBatch, column: number, codec: Extract<CellCodec, { kind: 'fixed' }>): () => string {
  const out = new Int32Array(batch.rowCount * codec.words);
  const end = codec.decode(batch, column, { from: 0, count: batch.rowCount }, out, 0);
  let at = 0;
  return () => {
    if (at >= end) throw new Error('the codec wrote fewer values than there are');
    const words = out.subarray(at, at + codec.words);
    at += codec.words;
    return fixedText(codec, words);
  };
}

function fixedText({ parquet }: CellCodec, words: Int32Array): string {
  const bytes = new DataView(words.slice().buffer);
  switch (parquet.kind) {
    case 'float':
      return String(bytes.getFloat32(0, true));
    case 'double':
      return Object.is(bytes.getFloat64(0, true), -0) ? '-0' : String(bytes.getFloat64(0, true));
    default: {
      let value = 0n;
      for (let word = words.length - 1; word >= 0; word -= 1) value = (value << 32n) | BigInt(words[word]! >>> 0);
      return String(BigInt.asIntN(words.length * 32, value));
    }
  }
}

function readBytes(
  batch: WireBatch,
  column: number,
  codec: Extract<CellCodec, { kind: 'bytes' }>,
  lengths: number[],
): () => string {
  const wireBytes = lengths.reduce((sum, length) => sum + length, 0);
  const room = codec.maxBytes(wireBytes, lengths.length);
  // Bytes behind the room that the codec asked for show whether it kept its word.
  const out = new Uint8Array(room + 16).fill(0xee);
  const end = codec.decode(batch, column, { from: 0, count: batch.rowCount }, out, 0);
  if (end > room || out.subarray(room).some((byte) => byte !== 0xee))
    throw new Error('the codec wrote more than it asked for');
  const view = Buffer.from(out.buffer);
  let at = 0;
  return () => {
    if (at >= end) throw new Error('the codec wrote fewer values than there are');
    const length = view.readUInt32LE(at);
    const value = view.subarray(at + 4, at + 4 + length);
    at += 4 + length;
    return codec.parquet.kind === 'binary' ? value.toString('hex') : value.toString('utf8');
  };
}
