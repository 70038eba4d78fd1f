import type { CellCodec, WireBatch } from '../column-batch.ts';
import { createDictionary, type Dictionary } from './dictionary.ts';
import { codesLength, maxLevelBytes, packBits, writeCodes, writeLevelsBefore } from './levels.ts';
import { allocate, type PageBuffers } from './page-buffers.ts';
import { ENCODING, type ColumnStatistics, type DataEncoding } from './parquet-metadata.ts';
import { createExtremes, wireBytesOf, type Extremes } from './statistics.ts';

/** An uncompressed page. The memory belongs to the writer's buffers when `buffer` is set: it goes back there after compression. */
export interface RawPage {
  body: Uint8Array;
  buffer: Uint8Array | null;
  valueCount: number;
  encoding: DataEncoding | 'dictionary-page';
}

export interface ColumnChunk {
  valueCount: number;
  statistics: ColumnStatistics;
}

export interface PageLimits {
  rows: number;
  /** Values of a text page: it closes when they reach this, so that it is longer by one value at most. */
  bytes: number;
  dictionaryEntries: number;
}

/** Makes the pages of one column of one row group. */
export interface ColumnWriter {
  add(batch: WireBatch, rows: { from: number; count: number }): void;
  /** Emits what is left, the dictionary page last; the writer must not be used afterwards. */
  finish(): ColumnChunk;
}

export interface ColumnWriterOptions {
  codec: CellCodec;
  /** Index in the batches. */
  column: number;
  limits: PageLimits;
  buffers: PageBuffers;
  emit(page: RawPage): void;
}

/** The values of a page and where the next one goes. A page's levels are written in front of its values at the end: no copy. */
interface PlainPage {
  buffer: Uint8Array;
  words: Int32Array | null;
  at: number;
}

/**
 * Starts with a dictionary of the values as the wire carries them; when that overflows, the page is closed and the rest of the chunk is PLAIN.
 * Booleans have no dictionary: they are bits already.
 */
export function createColumnWriter({ codec, column, limits, buffers, emit }: ColumnWriterOptions): ColumnWriter {
  const levelRoom = (maxLevelBytes(limits.rows) + 15) & ~15;
  const isPresent = new Uint8Array(limits.rows).fill(1);
  const extremes = createExtremes(codec.parquet, codec.kind === 'fixed' ? codec.words : null);
  const dictionary = codec.parquet.kind === 'boolean' ? null : createDictionary(limits.dictionaryEntries);
  let isDictionaryOpen = dictionary !== null;
  let codes: Uint16Array | null = dictionary ? new Uint16Array(limits.rows + 8) : null;
  let codeCount = 0;
  let plain: PlainPage | null = null;
  let rows = 0;
  let nulls = 0;
  let chunkRows = 0;
  let chunkNulls = 0;

  /** Of `count` rows `values` are not NULL. */
  const noteRows = (batch: WireBatch, from: number, count: number, values: number): void => {
    if (values < count) noteNulls(batch.lengths, column * batch.stride + from, count);
    rows += count;
  };

  const noteNulls = (lengths: Int32Array, first: number, count: number): void => {
    for (let row = 0; row < count; row++) {
      if ((lengths[first + row] as number) >= 0) continue;
      isPresent[rows + row] = 0;
      nulls++;
    }
  };

  const addToDictionary = (into: Dictionary, batch: WireBatch, from: number, count: number): number => {
    const wanted = Math.min(count, limits.rows - rows);
    const taken = into.encode(batch, column, { from, count: wanted }, codes as Uint16Array, codeCount);
    codeCount += into.takenCodes;
    noteRows(batch, from, taken, into.takenCodes);
    if (taken < wanted) {
      isDictionaryOpen = false;
      closePage();
      codes = null;
    } else if (rows === limits.rows) closePage();
    return taken;
  };

  const addPlain = (batch: WireBatch, from: number, count: number): number => {
    const wanted = Math.min(count, limits.rows - rows);
    const taken = codec.kind === 'fixed' ? addWords(codec, batch, from, wanted) : addBytes(codec, batch, from, wanted);
    const isFull = codec.kind === 'bytes' && plain !== null && plain.at - levelRoom >= limits.bytes;
    if (rows === limits.rows || isFull) closePage();
    return taken;
  };

  const addWords = (into: CellCodec & { kind: 'fixed' }, batch: WireBatch, from: number, count: number): number => {
    plain ??= takeFixed(into.words);
    const end = into.decode(batch, column, { from, count }, plain.words as Int32Array, plain.at);
    noteRows(batch, from, count, (end - plain.at) / into.words);
    plain.at = end;
    return count;
  };

  const addBytes = (into: CellCodec & { kind: 'bytes' }, batch: WireBatch, from: number, count: number): number => {
    const { taken, cells } = makeRoom(into, batch, from, count);
    if (plain) plain.at = into.decode(batch, column, { from, count: taken }, plain.buffer, plain.at);
    noteRows(batch, from, taken, cells);
    return taken;
  };

  /** How many of the rows go into the open page of a text column, which gets the room for them, and how many of those are not NULL. */
  const makeRoom = (
    into: CellCodec & { kind: 'bytes' },
    batch: WireBatch,
    from: number,
    count: number,
  ): { taken: number; cells: number } => {
    const { lengths } = batch;
    const first = column * batch.stride + from;
    const used = plain ? plain.at - levelRoom : 0;
    let wireBytes = 0;
    let cells = 0;
    let taken = 0;
    while (taken < count && used + wireBytes + cells * 4 < limits.bytes) {
      const length = lengths[first + taken] as number;
      taken++;
      if (length < 0) continue;
      wireBytes += length;
      cells++;
    }
    const needed = levelRoom + used + into.maxBytes(wireBytes, cells) + cells * 4;
    if (!plain) plain = { buffer: takeBytes(needed), words: null, at: levelRoom };
    else if (needed > plain.buffer.length) plain.buffer = enlarge(plain.buffer, needed);
    return { taken, cells };
  };

  const codeRoom = codesLength(limits.rows, limits.dictionaryEntries);
  const usualBytes = levelRoom + limits.bytes + (limits.bytes >> 3);
  const takeBytes = (needed: number): Uint8Array =>
    needed <= usualBytes ? buffers.take(usualBytes) : allocate(needed);
  const enlarge = (buffer: Uint8Array, needed: number): Uint8Array => {
    const larger = allocate(Math.max(needed, buffer.length * 2));
    larger.set(buffer);
    if (buffer.length === usualBytes) buffers.giveBack(buffer);
    return larger;
  };
  const takeFixed = (words: 1 | 2 | 4): PlainPage => {
    const buffer = buffers.take(levelRoom + limits.rows * words * 4);
    const values = new Int32Array(buffer.buffer, buffer.byteOffset + levelRoom, limits.rows * words);
    return { buffer, words: values, at: 0 };
  };

  const closePage = (): void => {
    if (rows === 0) return;
    const levels = { isPresent, rows, nulls };
    if (dictionary && codes && codeCount > 0) emitCodes(dictionary, codes, levels);
    else if (plain) emitPlain(plain, levels);
    else emitNulls(levels);
    if (nulls > 0) isPresent.fill(1, 0, rows);
    chunkRows += rows;
    chunkNulls += nulls;
    rows = 0;
    nulls = 0;
    codeCount = 0;
    plain = null;
  };

  const emitCodes = (from: Dictionary, values: Uint16Array, levels: Levels): void => {
    const buffer = buffers.take(levelRoom + codeRoom);
    const begin = writeLevelsBefore(buffer, levelRoom, levels);
    const end = writeCodes(values, codeCount, from.size, buffer, levelRoom);
    emit({ body: buffer.subarray(begin, end), buffer, valueCount: levels.rows, encoding: ENCODING.dictionary });
  };

  const emitPlain = ({ buffer, words, at }: PlainPage, levels: Levels): void => {
    const begin = writeLevelsBefore(buffer, levelRoom, levels);
    const end = words ? levelRoom + finishWords(words, levels.rows - levels.nulls) : at;
    // Comparing every text of a PLAIN page costs more than its bounds are worth; a dictionary's entries are few.
    if (!words) extremes.giveUp();
    emit({
      body: buffer.subarray(begin, end),
      buffer: words || buffer.length === usualBytes ? buffer : null,
      valueCount: levels.rows,
      encoding: ENCODING.plain,
    });
  };

  const finishWords = (words: Int32Array, count: number): number =>
    codec.kind === 'fixed' ? finishFixed(words, count, { codec, extremes }) : 0;

  const emitNulls = (levels: Levels): void => {
    const body = allocate(levelRoom);
    const begin = writeLevelsBefore(body, levelRoom, levels);
    emit({ body: body.subarray(begin), buffer: null, valueCount: levels.rows, encoding: ENCODING.plain });
  };

  return {
    add(batch, { from, count }) {
      let done = 0;
      while (done < count) {
        done +=
          isDictionaryOpen && dictionary
            ? addToDictionary(dictionary, batch, from + done, count - done)
            : addPlain(batch, from + done, count - done);
      }
    },
    finish() {
      closePage();
      if (dictionary && dictionary.size > 0) emit(dictionaryPage(dictionary, codec, extremes));
      return { valueCount: chunkRows, statistics: { nullCount: chunkNulls, ...extremes.result() } };
    },
  };
}

interface Levels {
  isPresent: Uint8Array;
  rows: number;
  nulls: number;
}

/** Turns decoded words into what the file holds, in place; answers the length in bytes. */
function finishFixed(
  words: Int32Array,
  count: number,
  { codec, extremes }: { codec: CellCodec & { kind: 'fixed' }; extremes: Extremes },
): number {
  extremes.addWords(words, count);
  if (codec.parquet.kind === 'boolean') {
    // The bits go over the words that they come from: a byte is written behind the eight words that were read for it.
    const bytes = new Uint8Array(words.buffer, words.byteOffset);
    return packBits(words, count, bytes, 0);
  }
  if (codec.words === 4) reverseQuads(words, count);
  return count * codec.words * 4;
}

function reverseQuads(words: Int32Array, count: number): void {
  for (let at = 0, end = count * 4; at < end; at += 4) {
    const first = words[at] as number;
    const second = words[at + 1] as number;
    words[at] = swapBytes(words[at + 3] as number);
    words[at + 1] = swapBytes(words[at + 2] as number);
    words[at + 2] = swapBytes(second);
    words[at + 3] = swapBytes(first);
  }
}

function swapBytes(word: number): number {
  return (word << 24) | ((word << 8) & 0xff0000) | ((word >>> 8) & 0xff00) | (word >>> 24);
}

function dictionaryPage(dictionary: Dictionary, codec: CellCodec, extremes: Extremes): RawPage {
  const batch = dictionary.toBatch();
  const all = { from: 0, count: batch.rowCount };
  const page = { buffer: null, valueCount: batch.rowCount, encoding: 'dictionary-page' } as const;
  if (codec.kind === 'fixed') {
    const words = new Int32Array(batch.rowCount * codec.words);
    codec.decode(batch, 0, all, words, 0);
    const bytes = finishFixed(words, batch.rowCount, { codec, extremes });
    return { ...page, body: new Uint8Array(words.buffer, 0, bytes) };
  }
  const body = allocate(codec.maxBytes(wireBytesOf(batch), batch.rowCount) + 4 * batch.rowCount);
  const end = codec.decode(batch, 0, all, body, 0);
  extremes.addPlainBytes(body, end);
  return { ...page, body: body.subarray(0, end) };
}
