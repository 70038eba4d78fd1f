import { describe, expect, it } from 'vitest';
import { collationOfBytes, findCollation, textCodec } from './collations.ts';

describe('a collation', () => {
  it.each([
    ['SQL_Latin1_General_CP1_CI_AS', '0904d00034', 'cp1252'],
    ['Latin1_General_CI_AS', '0904d00000', 'cp1252'],
    ['Latin1_General_BIN', '0904000100', 'cp1252'],
    ['Latin1_General_100_BIN2', '0904002200', 'cp1252'],
    ['Latin1_General_100_CI_AS_SC_UTF8', '0904d02400', 'utf8'],
    ['Japanese_CI_AS', '1104d00000', 'cp932'],
    ['Chinese_PRC_CS_AS_KS_WS', '0408000000', 'cp936'],
    ['Cyrillic_General_100_CI_AI', '1904f02000', 'cp1251'],
  ])('%s has its bytes and its code page', (name, bytes, codePage) => {
    const collation = findCollation(name.toLowerCase());
    expect(collation.bytes.toString('hex')).toBe(bytes);
    expect(collation.codePage).toBe(codePage);
    const back = collationOfBytes(collation.bytes);
    expect(back?.bytes).toEqual(collation.bytes);
    expect(back?.codePage).toBe(codePage);
  });

  it.each(['', 'Klingon_CI_AS', 'Latin1_General', 'SQL_Latin1_General_CP9_CI_AS'])('%j is refused', (name) => {
    expect(() => findCollation(name)).toThrow('is not known');
  });

  it('is not made up for bytes that stand for none', () => {
    expect(collationOfBytes(Buffer.from('ffff0f0000', 'hex'))).toBeNull();
    expect(collationOfBytes(Buffer.from('0904d000ff', 'hex'))).toBeNull();
  });

  it.each([
    'cp437',
    'cp850',
    'cp874',
    'cp1250',
    'cp1251',
    'cp1252',
    'cp1253',
    'cp1254',
    'cp1255',
    'cp1256',
    'cp1257',
    'cp1258',
  ] as const)('gives every byte of %s that has a character back as it was', (page) => {
    const codec = textCodec(page);
    const all = Buffer.from(Array.from({ length: 256 }, (_none, byte) => byte));
    const text = codec.decode(all);
    const expected = all.map((byte, index) => (text[index] === '\ufffd' ? 0x3f : byte));
    expect(codec.encode(text)).toEqual(Buffer.from(expected));
    expect(text.slice(0, 128)).toBe(all.toString('latin1', 0, 128));
  });
});
