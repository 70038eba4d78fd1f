import { between, hash32 } from './hash.ts';
import {
  ADJECTIVES,
  ADVERBS,
  COLOURS,
  CONTAINER_1,
  CONTAINER_2,
  INSTRUCTIONS,
  MODES,
  NATIONS,
  NOUNS,
  PRIORITIES,
  REGIONS,
  SEGMENTS,
  TYPE_1,
  TYPE_2,
  TYPE_3,
  VERBS,
} from './tpch-words.ts';

export type TpchTable = 'region' | 'nation' | 'supplier' | 'customer' | 'part' | 'partsupp' | 'orders' | 'lineitem';

export const TPCH_TABLES: readonly TpchTable[] = [
  'region',
  'nation',
  'supplier',
  'customer',
  'part',
  'partsupp',
  'orders',
  'lineitem',
];

/** Smallest and largest scale factor; the tables are proportional to it between them. */
export const TPCH_SCALES = { minimum: 0.001, maximum: 10 } as const;

export interface TpchSizes {
  readonly supplier: number;
  readonly customer: number;
  readonly part: number;
  readonly orders: number;
}

/**
 * Rows of each table at a scale factor. Order o has 1 to 7 lines by a formula, so lineitem is counted by going through the orders:
 * 1.5 million steps at scale 1.
 */
export function tpchRowCounts(scale: number): Record<TpchTable, number> {
  const sizes = tpchSizes(scale);
  let lineitem = 0;
  for (let order = 1; order <= sizes.orders; order += 1) lineitem += lineCount(order);
  return { region: 5, nation: 25, ...sizes, partsupp: sizes.part * 4, lineitem };
}

/** Throws RangeError outside TPCH_SCALES. */
export function tpchSizes(scale: number): TpchSizes {
  if (!(scale >= TPCH_SCALES.minimum && scale <= TPCH_SCALES.maximum)) {
    throw new RangeError(
      `The scale factor must be from ${TPCH_SCALES.minimum} to ${TPCH_SCALES.maximum}, not ${scale}.`,
    );
  }
  const of = (rows: number): number => Math.max(1, Math.round(rows * scale));
  return { supplier: of(10_000), customer: of(150_000), part: of(200_000), orders: of(1_500_000) };
}

/**
 * The rows of a table in key order, each as its columns' texts. The same rows for the same scale on every machine: distributions,
 * keys and references follow dbgen's (TPC-H 3.0.1, section 4.2), the values are our own formulas.
 */
export function* tpchRows(table: TpchTable, scale: number): Generator<readonly string[]> {
  for (const chunk of tpchCopyChunks(table, scale)) {
    for (const line of chunk.split('\n')) if (line !== '') yield line.split('\t');
  }
}

/** The same rows as text for PostgreSQL's COPY FROM (tabs, no NULLs, nothing to escape), in chunks of about 64 KB of whole lines. */
export function* tpchCopyChunks(table: TpchTable, scale: number): Generator<string> {
  const sizes = tpchSizes(scale);
  const lines = LINES[table](sizes);
  let chunk = '';
  for (const line of lines) {
    chunk += line;
    if (chunk.length < 65_536) continue;
    yield chunk;
    chunk = '';
  }
  if (chunk !== '') yield chunk;
}

const LINES: Readonly<Record<TpchTable, (sizes: TpchSizes) => Generator<string>>> = {
  region: regionLines,
  nation: nationLines,
  supplier: supplierLines,
  customer: customerLines,
  part: partLines,
  partsupp: partsuppLines,
  orders: orderLines,
  lineitem: lineitemLines,
};

/** Streams of random numbers: each use has its own. */
const S = {
  supplier: 1,
  customer: 2,
  part: 3,
  partsupp: 4,
  order: 5,
  line: 6,
  comment: 7,
  lines: 8,
  regionComment: 9,
  address: 10,
} as const;

function* regionLines(): Generator<string> {
  for (const [key, name] of REGIONS.entries()) yield `${key}\t${name}\t${comment(S.regionComment, key, 100)}\n`;
}

function* nationLines(): Generator<string> {
  for (const [key, [name, region]] of NATIONS.entries())
    yield `${key}\t${name}\t${region}\t${comment(S.regionComment, key + 100, 100)}\n`;
}

function* supplierLines(sizes: TpchSizes): Generator<string> {
  for (let key = 1; key <= sizes.supplier; key += 1) {
    const nation = hash32(S.supplier, key, 1) % 25;
    const balance = money(between(hash32(S.supplier, key, 2), -99_999, 999_999));
    const remark = key % 1999 === 5 ? 'Customer Complaints' : key % 1999 === 6 ? 'Customer Recommends' : '';
    const text = remark === '' ? comment(S.supplier, key, 90) : `${comment(S.supplier, key, 40)} ${remark}`;
    yield `${key}\tSupplier#${padded(key, 9)}\t${address(S.supplier, key)}\t${nation}\t${phone(nation, S.supplier, key)}\t${balance}\t${text}\n`;
  }
}

function* customerLines(sizes: TpchSizes): Generator<string> {
  for (let key = 1; key <= sizes.customer; key += 1) {
    const nation = hash32(S.customer, key, 1) % 25;
    const balance = money(between(hash32(S.customer, key, 2), -99_999, 999_999));
    const segment = pick(SEGMENTS, hash32(S.customer, key, 3));
    yield `${key}\tCustomer#${padded(key, 9)}\t${address(S.customer, key)}\t${nation}\t${phone(nation, S.customer, key)}\t${balance}\t${segment}\t${comment(S.customer, key, 100)}\n`;
  }
}

function* partLines(sizes: TpchSizes): Generator<string> {
  for (let key = 1; key <= sizes.part; key += 1) {
    const names = [4, 5, 6, 7, 8].map((salt) => pick(COLOURS, hash32(S.part, key, salt))).join(' ');
    const maker = between(hash32(S.part, key, 1), 1, 5);
    const brand = maker * 10 + between(hash32(S.part, key, 2), 1, 5);
    const kind = `${pick(TYPE_1, hash32(S.part, key, 9))} ${pick(TYPE_2, hash32(S.part, key, 10))} ${pick(TYPE_3, hash32(S.part, key, 11))}`;
    const size = between(hash32(S.part, key, 3), 1, 50);
    const container = `${pick(CONTAINER_1, hash32(S.part, key, 12))} ${pick(CONTAINER_2, hash32(S.part, key, 13))}`;
    yield `${key}\t${names}\tManufacturer#${maker}\tBrand#${brand}\t${kind}\t${size}\t${container}\t${money(retailPrice(key))}\t${comment(S.part, key, 22)}\n`;
  }
}

function* partsuppLines(sizes: TpchSizes): Generator<string> {
  for (let part = 1; part <= sizes.part; part += 1) {
    for (let index = 0; index < 4; index += 1) {
      const random = hash32(S.partsupp, part, index);
      const cost = money(between(hash32(S.partsupp, part, index + 4), 100, 100_000));
      yield `${part}\t${supplierOf(part, index, sizes.supplier)}\t${between(random, 1, 9999)}\t${cost}\t${comment(S.partsupp, part * 4 + index, 170)}\n`;
    }
  }
}

function* orderLines(sizes: TpchSizes): Generator<string> {
  const clerks = Math.max(1, Math.round(sizes.supplier / 10));
  for (let order = 1; order <= sizes.orders; order += 1) {
    const lines = lineCount(order);
    let total = 0;
    let shipped = 0;
    for (let line = 1; line <= lines; line += 1) {
      const item = lineOf(order, line, sizes);
      total += Math.round((item.price * (100 + item.tax) * (100 - item.discount)) / 10_000);
      if (item.isShipped) shipped += 1;
    }
    const status = shipped === lines ? 'F' : shipped === 0 ? 'O' : 'P';
    const clerk = padded(between(hash32(S.order, order, 3), 1, clerks), 9);
    yield `${orderKey(order)}\t${customerOf(order, sizes)}\t${status}\t${money(total)}\t${date(orderDay(order))}\t${pick(PRIORITIES, hash32(S.order, order, 2))}\tClerk#${clerk}\t0\t${comment(S.order, order, 70)}\n`;
  }
}

function* lineitemLines(sizes: TpchSizes): Generator<string> {
  for (let order = 1; order <= sizes.orders; order += 1) {
    const key = orderKey(order);
    const lines = lineCount(order);
    for (let line = 1; line <= lines; line += 1) {
      const item = lineOf(order, line, sizes);
      const flag = item.receiptDay <= CURRENT_DAY ? (item.random & 1 ? 'R' : 'A') : 'N';
      yield `${key}\t${item.part}\t${item.supplier}\t${line}\t${item.quantity}.00\t${money(item.price)}\t0.${padded(item.discount, 2)}\t0.${padded(item.tax, 2)}\t${flag}\t${item.isShipped ? 'F' : 'O'}\t${date(item.shipDay)}\t${date(item.commitDay)}\t${date(item.receiptDay)}\t${pick(INSTRUCTIONS, item.random >>> 3)}\t${pick(MODES, item.random >>> 7)}\t${comment(S.line, order * 8 + line, 40)}\n`;
    }
  }
}

/** Days since 1992-01-01; 1995-06-17 is the specification's "current date", the last order is of 1998-08-02. */
const CURRENT_DAY = 1263;
const LAST_ORDER_DAY = 2405;

interface Line {
  readonly part: number;
  readonly supplier: number;
  readonly quantity: number;
  /** Cents. */
  readonly price: number;
  /** Hundredths. */
  readonly discount: number;
  readonly tax: number;
  readonly shipDay: number;
  readonly commitDay: number;
  readonly receiptDay: number;
  readonly isShipped: boolean;
  readonly random: number;
}

function lineOf(order: number, line: number, sizes: TpchSizes): Line {
  const row = order * 8 + line;
  const a = hash32(S.line, row, 1);
  const b = hash32(S.line, row, 2);
  const part = 1 + (hash32(S.line, row, 3) % sizes.part);
  const quantity = between(a & 0xffff, 1, 50);
  const day = orderDay(order);
  const shipDay = day + between(b & 0x3ff, 1, 121);
  return {
    part,
    supplier: supplierOf(part, (a >>> 16) & 3, sizes.supplier),
    quantity,
    price: quantity * retailPrice(part),
    discount: between((a >>> 18) & 0xff, 0, 10),
    tax: between((a >>> 26) & 0x3f, 0, 8),
    shipDay,
    commitDay: day + between((b >>> 10) & 0x3ff, 30, 90),
    receiptDay: shipDay + between((b >>> 20) & 0x3ff, 1, 30),
    isShipped: shipDay <= CURRENT_DAY,
    random: hash32(S.line, row, 4),
  };
}

const lineCount = (order: number): number => between(hash32(S.lines, order), 1, 7);
const orderDay = (order: number): number => hash32(S.order, order, 1) % (LAST_ORDER_DAY + 1);
/** Only the first eight of every thirty-two keys are used, as dbgen does. */
const orderKey = (order: number): number => Math.floor((order - 1) / 8) * 32 + ((order - 1) % 8) + 1;

/** A third of the customers have no orders. */
function customerOf(order: number, sizes: TpchSizes): number {
  const customer = 1 + (hash32(S.order, order, 4) % sizes.customer);
  if (customer % 3 !== 0 || sizes.customer < 3) return customer;
  return customer === sizes.customer ? customer - 1 : customer + 1;
}

/** The four suppliers of a part: three steps of at most a quarter of all suppliers, so they differ. */
function supplierOf(part: number, index: number, suppliers: number): number {
  const quarter = Math.max(1, Math.floor(suppliers / 4));
  const step = 1 + ((quarter - 1 + Math.floor((part - 1) / suppliers)) % quarter);
  return 1 + ((part + index * step) % suppliers);
}

/** Cents, by the specification's formula. */
const retailPrice = (part: number): number => 90_000 + (Math.floor(part / 10) % 20_001) + 100 * (part % 1000);

function money(cents: number): string {
  const absolute = Math.abs(cents);
  return `${cents < 0 ? '-' : ''}${Math.floor(absolute / 100)}.${padded(absolute % 100, 2)}`;
}

const DATES: string[] = [];

function date(day: number): string {
  return (DATES[day] ??= new Date(Date.UTC(1992, 0, 1) + day * 86_400_000).toISOString().slice(0, 10));
}

const padded = (value: number, width: number): string => String(value).padStart(width, '0');
const pick = (words: readonly string[], random: number): string => words[random % words.length] ?? '';

function phone(nation: number, stream: number, key: number): string {
  const a = hash32(stream, key, 20);
  return `${nation + 10}-${between(a & 0x3ff, 100, 999)}-${between((a >>> 10) & 0x3ff, 100, 999)}-${between(a >>> 16, 1000, 9999)}`;
}

const ALPHABET = '0123456789abcdefghijklmnopqrstuvwxyz ABCDEFGHIJKLMNOPQRSTUVWXYZ,';

function address(stream: number, key: number): string {
  const length = between(hash32(S.address, key, stream), 10, 40);
  let text = '';
  let random = 0;
  for (let at = 0; at < length; at += 1) {
    if (at % 5 === 0) random = hash32(S.address, key, stream * 100 + at);
    // No blanks at the ends: they would be lost where a column is CHAR.
    const char = ALPHABET.charAt(random & 63);
    text += char === ' ' && (at === 0 || at === length - 1) ? 'x' : char;
    random >>>= 6;
  }
  return text;
}

const PHRASES: readonly string[] = Array.from({ length: 4096 }, (_value, index) => {
  const random = hash32(S.comment, index, 1);
  const words = [
    pick(ADJECTIVES, random),
    pick(NOUNS, random >>> 5),
    pick(VERBS, random >>> 11),
    pick(ADVERBS, random >>> 17),
  ];
  return words.join(' ').replaceAll('-', ' ');
});

/** A few phrases, cut at `limit` characters. */
function comment(stream: number, row: number, limit: number): string {
  const random = hash32(stream, row, 77);
  let text = PHRASES[random & 4095] ?? '';
  if (limit > 44) text += `. ${PHRASES[(random >>> 12) & 4095] ?? ''}`;
  if (limit > 88) text += `, ${PHRASES[(random >>> 5) & 4095] ?? ''}`;
  const length = between(random >>> 20, Math.floor(limit / 3), limit);
  return text.slice(0, length).trimEnd();
}
