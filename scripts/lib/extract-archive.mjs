import { createHash } from 'node:crypto';
import {
  chmodSync,
  closeSync,
  createReadStream,
  createWriteStream,
  mkdirSync,
  openSync,
  readSync,
  fstatSync,
} from 'node:fs';
import path from 'node:path';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip, createInflateRaw } from 'node:zlib';

/**
 * Hashes a file as npm's `integrity` field has it.
 * @param {string} file
 * @returns {Promise<string>} `sha512-<base64>`
 */
export async function integrityOf(file) {
  const hash = createHash('sha512');
  await pipeline(createReadStream(file, { highWaterMark: 1 << 20 }), hash);
  return `sha512-${hash.digest('base64')}`;
}

/**
 * Writes one entry of a gzipped tar file to disk.
 * @param {{ tarball: string, entry: string, to: string }} options
 * @throws {Error} when the archive does not hold the entry
 */
export async function extractTarEntry({ tarball, entry, to }) {
  const picker = pickTarEntry(entry);
  await pipeline(createReadStream(tarball, { highWaterMark: 1 << 20 }), createGunzip(), picker, createWriteStream(to));
  if (!picker.isComplete()) throw new Error(`The archive ${tarball} does not hold ${entry}.`);
}

const tarBlock = 512;

/** Passes on the bytes of one entry of a plain ustar stream (npm packs those; no entry here has a long name). */
function pickTarEntry(wanted) {
  let header = Buffer.alloc(0);
  let left = 0;
  let padding = 0;
  let isWanted = false;
  let isComplete = false;
  const picker = new Transform({
    transform(chunk, _encoding, done) {
      let rest = chunk;
      while (rest.length > 0) {
        if (left > 0) {
          const part = rest.subarray(0, left);
          if (isWanted) this.push(part);
          left -= part.length;
          rest = rest.subarray(part.length);
          if (left === 0 && isWanted) isComplete = true;
        } else if (padding > 0) {
          const skipped = Math.min(padding, rest.length);
          padding -= skipped;
          rest = rest.subarray(skipped);
        } else {
          const part = rest.subarray(0, tarBlock - header.length);
          header = Buffer.concat([header, part]);
          rest = rest.subarray(part.length);
          if (header.length < tarBlock) continue;
          const name = header.toString('latin1', 0, 100).replace(/\0.*$/s, '');
          left = Number.parseInt(header.toString('latin1', 124, 136), 8) || 0;
          padding = (tarBlock - (left % tarBlock)) % tarBlock;
          isWanted = name === wanted;
          header = Buffer.alloc(0);
        }
      }
      done();
    },
  });
  picker.isComplete = () => isComplete;
  return picker;
}

/**
 * Unpacks a zip file (stored and deflated entries, no ZIP64, no symbolic links: anything else throws).
 * @param {{ zip: string, to: string, rename: (name: string) => string | null }} options
 *   `rename` maps an entry's name to its path below `to`, or to null to leave it out
 */
export async function extractZip({ zip, to, rename }) {
  const fd = openSync(zip, 'r');
  try {
    const root = path.resolve(to);
    for (const entry of readCentralDirectory(fd)) {
      const name = rename(entry.name);
      if (name === null || name.endsWith('/') || name === '') continue;
      const target = path.resolve(root, name);
      if (!target.startsWith(root + path.sep)) throw new Error(`The archive entry ${entry.name} leaves its folder.`);
      await extractZipEntry({ fd, zip, entry, target });
    }
  } finally {
    closeSync(fd);
  }
}

async function extractZipEntry({ fd, zip, entry, target }) {
  const local = readAt(fd, entry.offset, 30);
  if (local.readUInt32LE(0) !== 0x04034b50) throw new Error(`The archive ${zip} is damaged at ${entry.name}.`);
  const start = entry.offset + 30 + local.readUInt16LE(26) + local.readUInt16LE(28);
  mkdirSync(path.dirname(target), { recursive: true });
  const output = createWriteStream(target);
  if (entry.packedBytes === 0) {
    output.end();
    await new Promise((resolve, reject) => output.on('close', resolve).on('error', reject));
  } else {
    const input = createReadStream(zip, { start, end: start + entry.packedBytes - 1, highWaterMark: 1 << 20 });
    if (entry.method === 8) await pipeline(input, createInflateRaw(), output);
    else if (entry.method === 0) await pipeline(input, output);
    else throw new Error(`The archive entry ${entry.name} is packed in a way that is not known (${entry.method}).`);
  }
  if (output.bytesWritten !== entry.bytes) throw new Error(`The archive entry ${entry.name} is not complete.`);
  if (entry.mode & 0o111) chmodSync(target, 0o755);
}

function readCentralDirectory(fd) {
  const size = fstatSync(fd).size;
  const tail = readAt(fd, Math.max(0, size - 65_557), Math.min(size, 65_557));
  const end = tail.lastIndexOf(Buffer.from([0x50, 0x4b, 5, 6]));
  if (end < 0) throw new Error('The archive has no directory: it is damaged or no zip file.');
  const count = tail.readUInt16LE(end + 10);
  const bytes = tail.readUInt32LE(end + 12);
  const offset = tail.readUInt32LE(end + 16);
  if (count === 0xffff || offset === 0xffffffff)
    throw new Error('The archive is a ZIP64 file, which is not supported.');
  const directory = readAt(fd, offset, bytes);
  const entries = [];
  for (let at = 0; entries.length < count;) {
    if (directory.readUInt32LE(at) !== 0x02014b50) throw new Error('The directory of the archive is damaged.');
    const nameBytes = directory.readUInt16LE(at + 28);
    const mode = directory.readUInt32LE(at + 38) >>> 16;
    const name = directory.toString('utf8', at + 46, at + 46 + nameBytes);
    if ((mode & 0o170000) === 0o120000) throw new Error(`The archive entry ${name} is a symbolic link.`);
    entries.push({
      name,
      mode,
      method: directory.readUInt16LE(at + 10),
      packedBytes: directory.readUInt32LE(at + 20),
      bytes: directory.readUInt32LE(at + 24),
      offset: directory.readUInt32LE(at + 42),
    });
    at += 46 + nameBytes + directory.readUInt16LE(at + 30) + directory.readUInt16LE(at + 32);
  }
  return entries;
}

function readAt(fd, position, length) {
  const buffer = Buffer.alloc(length);
  const read = readSync(fd, buffer, 0, length, position);
  if (read !== length) throw new Error('The archive ends too early.');
  return buffer;
}
