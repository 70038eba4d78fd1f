import { SqlError } from '../errors.ts';

type Pattern = { low: bigint; high: bigint; bits: string };

/** How labels are written in bits: x is a bit of the label above `low`, T ends a level (1) or a part of it (0). [MS-SSCLRT] 2.2, and the order of siblings. */
const PATTERNS: readonly Pattern[] = [
  {
    low: -281_479_271_682_120n,
    high: -4_294_971_465n,
    bits: '000100xxxxxxxxxxxxxx0xxxxxxxxxxxxxxxxxxxxx0xxxxxx0xxx0x1xxxT',
  },
  { low: -4_294_971_464n, high: -4169n, bits: '000101xxxxxxxxxxxxxxxxxxx0xxxxxx0xxx0x1xxxT' },
  { low: -4168n, high: -73n, bits: '000110xxxxx0xxx0x1xxxT' },
  { low: -72n, high: -9n, bits: '0010xx0x1xxxT' },
  { low: -8n, high: -1n, bits: '00111xxxT' },
  { low: 0n, high: 3n, bits: '01xxT' },
  { low: 4n, high: 7n, bits: '100xxT' },
  { low: 8n, high: 15n, bits: '101xxxT' },
  { low: 16n, high: 79n, bits: '110xx0x1xxxT' },
  { low: 80n, high: 1103n, bits: '1110xxx0xxx0x1xxxT' },
  { low: 1104n, high: 5199n, bits: '11110xxxxx0xxx0x1xxxT' },
  { low: 5200n, high: 4_294_972_495n, bits: '111110xxxxxxxxxxxxxxxxxxx0xxxxxx0xxx0x1xxxT' },
  {
    low: 4_294_972_496n,
    high: 281_479_271_683_151n,
    bits: '111111xxxxxxxxxxxxxx0xxxxxxxxxxxxxxxxxxxxx0xxxxxx0xxx0x1xxxT',
  },
];

/** `/1/2.3/` as bytes. @throws SqlError 6522 for a text that is no path */
export function parseHierarchyId(path: string): Uint8Array {
  if (!/^\/((-?\d+(\.-?\d+)*)\/)*$/.test(path)) throw invalid(path);
  let bits = '';
  for (const level of path.split('/').slice(1, -1)) {
    const parts = level.split('.').map(BigInt);
    parts.forEach((part, i) => {
      const isLast = i === parts.length - 1;
      // A part before a dot stands one higher: so it sorts behind the children of the node without the dot.
      bits += encode(isLast ? part : part + 1n, isLast, path);
    });
  }
  const bytes = new Uint8Array(Math.ceil(bits.length / 8));
  for (let i = 0; i < bits.length; i += 1)
    if (bits[i] === '1') bytes[i >> 3] = (bytes[i >> 3] ?? 0) | (0x80 >> (i & 7));
  return bytes;
}

function invalid(path: string): SqlError {
  return new SqlError(
    6522,
    `A .NET Framework error occurred during execution of user-defined routine or aggregate "hierarchyid": \nMicrosoft.SqlServer.Types.HierarchyIdException: 24001: SqlHierarchyId.Parse failed because the input string '${path}' is not a valid string representation of a SqlHierarchyId node.`,
  );
}

function encode(label: bigint, ends: boolean, path: string): string {
  const pattern = PATTERNS.find(({ low, high }) => label >= low && label <= high);
  if (pattern === undefined) throw invalid(path);
  const count = pattern.bits.split('x').length - 1;
  const digits = (label - pattern.low).toString(2).padStart(count, '0');
  let next = 0;
  return pattern.bits.replace(/[xT]/g, (place) => (place === 'T' ? (ends ? '1' : '0') : (digits[next++] ?? '0')));
}

export function formatHierarchyId(bytes: Uint8Array): string {
  const bits = Array.from(bytes, (byte) => byte.toString(2).padStart(8, '0')).join('');
  let at = 0;
  let path = '/';
  while (at < bits.length && bits.includes('1', at)) {
    const pattern = PATTERNS.find(({ bits: shape }) => fits(bits, at, shape));
    if (pattern === undefined) break;
    const piece = bits.slice(at, at + pattern.bits.length);
    const digits = [...pattern.bits].map((place, i) => (place === 'x' ? (piece[i] ?? '0') : '')).join('');
    const ends = piece.endsWith('1');
    const label = pattern.low + BigInt(`0b${digits}`);
    path += ends ? `${label}/` : `${label - 1n}.`;
    at += pattern.bits.length;
  }
  return path;
}

const fits = (bits: string, at: number, shape: string): boolean =>
  at + shape.length <= bits.length &&
  [...shape].every((place, i) => place === 'x' || place === 'T' || place === bits[at + i]);
