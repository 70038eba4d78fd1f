import { describe, expect, it } from 'vitest';
import { frameMessage, framePackets, PacketReader, type ClientMessage } from './packets.ts';

function collect(reader: PacketReader, chunks: Buffer[]): ClientMessage[] {
  const messages: ClientMessage[] = [];
  for (const chunk of chunks) reader.feed(chunk, (message) => messages.push(message));
  return messages;
}

const frame = (payload: Buffer, packetBytes = 512) => frameMessage(payload, { type: 1, packetBytes, spid: 0 });

describe('packets', () => {
  it('come together again whatever the pieces that they arrive in', () => {
    const payload = Buffer.from(Array.from({ length: 5000 }, (_none, index) => index & 0xff));
    const bytes = Buffer.concat([frame(payload), frame(Buffer.from('second'))]);
    for (const size of [1, 7, 8, 511, 512, 513, bytes.length]) {
      const chunks: Buffer[] = [];
      for (let at = 0; at < bytes.length; at += size) chunks.push(bytes.subarray(at, at + size));
      const messages = collect(new PacketReader(10_000), chunks);
      expect(messages.map((message) => message.payload)).toEqual([payload, Buffer.from('second')]);
    }
  });

  it('are full but for the last one, and numbered', () => {
    const { bytes, consumed, nextId } = framePackets({
      payload: Buffer.alloc(1200, 1),
      type: 4,
      packetBytes: 512,
      spid: 0x1234,
      isLast: false,
      firstId: 255,
    });
    expect(consumed).toBe(1008);
    expect(nextId).toBe(257);
    expect(bytes.length).toBe(1024);
    expect(bytes.toString('hex', 0, 8)).toBe('040002001234ff00');
    expect(bytes.toString('hex', 512, 520)).toBe('0400020012340000');
  });

  it('of an empty message are one', () => {
    expect(frame(Buffer.alloc(0)).toString('hex')).toBe('0101000800000100');
  });

  it('let an attention through between those of a message', () => {
    const bytes = frame(Buffer.alloc(1200, 1));
    const attention = frameMessage(Buffer.alloc(0), { type: 6, packetBytes: 512, spid: 0 });
    const messages = collect(new PacketReader(10_000), [
      Buffer.concat([bytes.subarray(0, 512), attention, bytes.subarray(512)]),
    ]);
    expect(messages.map((message) => message.type)).toEqual([6, 1]);
  });

  it.each([
    ['an unknown type', '0901000800000100'],
    ['a length below the header', '0101000700000100'],
    ['a length above 32767', '0101800000000100'],
    ['another type inside a message', '01000008000001000301000800000100'],
  ])('are refused for %s', (_name, hex) => {
    expect(() => collect(new PacketReader(10_000), [Buffer.from(hex, 'hex')])).toThrow('packet');
  });

  it('are refused when a message gets too long', () => {
    expect(() => collect(new PacketReader(1000), [frame(Buffer.alloc(1001))])).toThrow('more than 1000 bytes');
  });
});
