const START_BYTES = 64 * 1024;
/** What one large value made the buffer grow to is given back. */
const KEEP_BYTES = 1024 * 1024;

/**
 * A growing buffer that tokens are written into. `bytes` and `position` may be used directly after `ensure`, which is what the encoders of cells do;
 * `ensure` may replace `bytes`.
 */
export class ByteWriter {
  bytes: Buffer = Buffer.allocUnsafeSlow(START_BYTES);
  position = 0;

  ensure(count: number): void {
    const needed = this.position + count;
    if (needed <= this.bytes.length) return;
    const grown = Buffer.allocUnsafeSlow(Math.max(needed, Math.min(this.bytes.length * 2, needed + 64 * 1024 * 1024)));
    this.bytes.copy(grown, 0, 0, this.position);
    this.bytes = grown;
  }

  /** Drops the first `count` bytes. */
  consume(count: number): void {
    const rest = this.position - count;
    if (this.bytes.length > KEEP_BYTES && rest < START_BYTES) {
      const kept = Buffer.allocUnsafeSlow(START_BYTES);
      this.bytes.copy(kept, 0, count, this.position);
      this.bytes = kept;
    } else if (rest > 0) this.bytes.copyWithin(0, count, this.position);
    this.position = rest;
  }

  u8(value: number): void {
    this.ensure(1);
    this.bytes[this.position++] = value;
  }

  u16(value: number): void {
    this.ensure(2);
    this.position = this.bytes.writeUInt16LE(value, this.position);
  }

  u16be(value: number): void {
    this.ensure(2);
    this.position = this.bytes.writeUInt16BE(value, this.position);
  }

  u32(value: number): void {
    this.ensure(4);
    this.position = this.bytes.writeUInt32LE(value, this.position);
  }

  u32be(value: number): void {
    this.ensure(4);
    this.position = this.bytes.writeUInt32BE(value, this.position);
  }

  i32(value: number): void {
    this.ensure(4);
    this.position = this.bytes.writeInt32LE(value, this.position);
  }

  u64(value: bigint): void {
    this.ensure(8);
    this.position = this.bytes.writeBigUInt64LE(value, this.position);
  }

  raw(value: Uint8Array): void {
    this.ensure(value.length);
    this.bytes.set(value, this.position);
    this.position += value.length;
  }

  /** UTF-16 without a length. */
  text(value: string): void {
    this.ensure(value.length * 2);
    this.position += this.bytes.write(value, this.position, 'utf16le');
  }

  /** B_VARCHAR; longer texts are cut. */
  byteText(value: string): void {
    const cut = value.slice(0, 255);
    this.u8(cut.length);
    this.text(cut);
  }

  /** US_VARCHAR; longer texts are cut. */
  shortText(value: string): void {
    const cut = value.slice(0, 65_535);
    this.u16(cut.length);
    this.text(cut);
  }

  /** B_VARBYTE */
  byteBytes(value: Uint8Array): void {
    this.u8(value.length);
    this.raw(value);
  }

  /** A token's two bytes of length around what `write` writes. */
  withShortLength(write: () => void): void {
    this.u16(0);
    const from = this.position;
    write();
    this.bytes.writeUInt16LE(this.position - from, from - 2);
  }

  /** The same with four bytes. */
  withLongLength(write: () => void): void {
    this.u32(0);
    const from = this.position;
    write();
    this.bytes.writeUInt32LE(this.position - from, from - 4);
  }
}
