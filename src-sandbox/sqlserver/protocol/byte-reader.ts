import { ProtocolError } from './protocol-error.ts';

/** Reads a message of a client from front to back; every read beyond its end is a ProtocolError. Little-endian, as MS-TDS 2.2.5 wants it. */
export class ByteReader {
  readonly bytes: Buffer;
  position: number;
  readonly end: number;

  constructor(bytes: Buffer, position = 0, end = bytes.length) {
    this.bytes = bytes;
    this.position = position;
    this.end = end;
  }

  get remaining(): number {
    return this.end - this.position;
  }

  take(count: number): Buffer {
    const from = this.advance(count);
    return this.bytes.subarray(from, from + count);
  }

  skip(count: number): void {
    this.advance(count);
  }

  peek(): number {
    if (this.remaining < 1) throw tooShort();
    return this.bytes[this.position]!;
  }

  u8(): number {
    return this.bytes[this.advance(1)]!;
  }

  u16(): number {
    return this.bytes.readUInt16LE(this.advance(2));
  }

  i16(): number {
    return this.bytes.readInt16LE(this.advance(2));
  }

  u24(): number {
    return this.bytes.readUIntLE(this.advance(3), 3);
  }

  u32(): number {
    return this.bytes.readUInt32LE(this.advance(4));
  }

  i32(): number {
    return this.bytes.readInt32LE(this.advance(4));
  }

  u64(): bigint {
    return this.bytes.readBigUInt64LE(this.advance(8));
  }

  i64(): bigint {
    return this.bytes.readBigInt64LE(this.advance(8));
  }

  f32(): number {
    return this.bytes.readFloatLE(this.advance(4));
  }

  f64(): number {
    return this.bytes.readDoubleLE(this.advance(8));
  }

  /** `characters` units of UTF-16. */
  text(characters: number): string {
    const from = this.advance(characters * 2);
    return this.bytes.toString('utf16le', from, from + characters * 2);
  }

  /** B_VARCHAR */
  byteText(): string {
    return this.text(this.u8());
  }

  /** US_VARCHAR */
  shortText(): string {
    return this.text(this.u16());
  }

  /** A part of the whole message, as LOGIN7 points to them. */
  at(offset: number, length: number): Buffer {
    if (offset < 0 || length < 0 || offset + length > this.end) throw tooShort();
    return this.bytes.subarray(offset, offset + length);
  }

  private advance(count: number): number {
    const from = this.position;
    if (count < 0 || from + count > this.end) throw tooShort();
    this.position = from + count;
    return from;
  }
}

function tooShort(): ProtocolError {
  return new ProtocolError('the message ends in the middle of a field');
}
