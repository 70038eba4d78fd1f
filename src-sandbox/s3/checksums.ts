import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';

export const CHECKSUM_ALGORITHMS = ['CRC32', 'CRC32C', 'CRC64NVME', 'SHA1', 'SHA256'] as const;
export type ChecksumAlgorithm = (typeof CHECKSUM_ALGORITHMS)[number];

export type Checksum = { update(chunk: Buffer): void; digest(): Buffer };

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity.html */
export function createChecksum(algorithm: ChecksumAlgorithm): Checksum {
  switch (algorithm) {
    case 'SHA1':
    case 'SHA256': {
      const hash = createHash(algorithm.toLowerCase());
      return { update: (chunk) => void hash.update(chunk), digest: () => hash.digest() };
    }
    case 'CRC32': {
      let value = 0;
      return { update: (chunk) => void (value = crc32(chunk, value)), digest: () => toBytes(value >>> 0) };
    }
    case 'CRC32C':
      return createCrc32c();
    case 'CRC64NVME':
      return createCrc64Nvme();
  }
}

export function checksumHeader(algorithm: ChecksumAlgorithm): string {
  return `x-amz-checksum-${algorithm.toLowerCase()}`;
}

/** The XML element and the field name of the API: ChecksumCRC32 ... */
export function checksumElement(algorithm: ChecksumAlgorithm): string {
  return `Checksum${algorithm}`;
}

/** Bytes of one digest, to refuse values of another length. */
export function digestLength(algorithm: ChecksumAlgorithm): number {
  return { CRC32: 4, CRC32C: 4, CRC64NVME: 8, SHA1: 20, SHA256: 32 }[algorithm];
}

export function isChecksumAlgorithm(text: string): text is ChecksumAlgorithm {
  return (CHECKSUM_ALGORITHMS as readonly string[]).includes(text);
}

function toBytes(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

let crc32cTables: Uint32Array[] | null = null;

/** Castagnoli polynomial, four bytes a step. */
function createCrc32c(): Checksum {
  crc32cTables ??= buildCrc32cTables();
  const [t0, t1, t2, t3] = crc32cTables as [Uint32Array, Uint32Array, Uint32Array, Uint32Array];
  let crc = 0xffffffff;
  return {
    update(chunk) {
      let i = 0;
      let value = crc;
      for (const end = chunk.length - 3; i < end; i += 4) {
        value ^= chunk.readUInt32LE(i);
        value = (t3[value & 255]! ^ t2[(value >>> 8) & 255]! ^ t1[(value >>> 16) & 255]! ^ t0[value >>> 24]!) >>> 0;
      }
      for (; i < chunk.length; i++) value = (t0[(value ^ chunk[i]!) & 255]! ^ (value >>> 8)) >>> 0;
      crc = value;
    },
    digest: () => toBytes((crc ^ 0xffffffff) >>> 0),
  };
}

function buildCrc32cTables(): Uint32Array[] {
  const tables = Array.from({ length: 4 }, () => new Uint32Array(256));
  for (let n = 0; n < 256; n++) {
    let value = n;
    for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0x82f63b78 : value >>> 1;
    tables[0]![n] = value >>> 0;
  }
  for (let n = 0; n < 256; n++) {
    for (let t = 1; t < 4; t++) {
      const previous = tables[t - 1]![n]!;
      tables[t]![n] = (tables[0]![previous & 255]! ^ (previous >>> 8)) >>> 0;
    }
  }
  return tables;
}

let crc64Table: { high: Uint32Array; low: Uint32Array } | null = null;

/** Reflected polynomial 0x9a6c9329ac4bc9b5, kept as two halves of 32 bits. */
function createCrc64Nvme(): Checksum {
  crc64Table ??= buildCrc64Table();
  const { high: tableHigh, low: tableLow } = crc64Table;
  let high = 0xffffffff;
  let low = 0xffffffff;
  return {
    update(chunk) {
      for (let i = 0; i < chunk.length; i++) {
        const index = (low ^ chunk[i]!) & 255;
        low = ((low >>> 8) | (high << 24)) ^ tableLow[index]!;
        high = (high >>> 8) ^ tableHigh[index]!;
      }
    },
    digest: () => Buffer.concat([toBytes((high ^ 0xffffffff) >>> 0), toBytes((low ^ 0xffffffff) >>> 0)]),
  };
}

function buildCrc64Table() {
  const polynomial = 0x9a6c9329ac4bc9b5n;
  const high = new Uint32Array(256);
  const low = new Uint32Array(256);
  for (let n = 0; n < 256; n++) {
    let value = BigInt(n);
    for (let bit = 0; bit < 8; bit++) value = value & 1n ? (value >> 1n) ^ polynomial : value >> 1n;
    high[n] = Number(value >> 32n);
    low[n] = Number(value & 0xffffffffn);
  }
  return { high, low };
}
