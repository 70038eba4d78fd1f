import { describe, expect, it } from 'vitest';
import { quoteAsciiLiteral, quoteIdentifier, quoteLiteral } from './quoting.ts';

describe('quoteIdentifier', () => {
  it.each([
    ['orders', '[orders]'],
    ['Order Details', '[Order Details]'],
    ['a]b', '[a]]b]'],
    [']; DROP TABLE x; --', '[]]; DROP TABLE x; --]'],
    ["it's", "[it's]"],
    ['a"b', '[a"b]'],
    ['select', '[select]'],
    ['a.b', '[a.b]'],
    ['[a]', '[[a]]]'],
    ['naïve 表 🚢', '[naïve 表 🚢]'],
    ['x'.repeat(128), `[${'x'.repeat(128)}]`],
    ['line\nbreak', '[line\nbreak]'],
  ])('quotes %j as %s', (name, quoted) => {
    expect(quoteIdentifier(name)).toBe(quoted);
  });

  it('refuses a NUL', () => {
    expect(() => quoteIdentifier('a\0b')).toThrow(expect.objectContaining({ code: 'INPUT_INVALID' }) as Error);
  });
});

describe('quoteLiteral', () => {
  it.each([
    ['abc', "N'abc'"],
    ['', "N''"],
    ["it's", "N'it''s'"],
    ["'; DROP TABLE x; --", "N'''; DROP TABLE x; --'"],
    ['a\\b', "N'a\\b'"],
    ['naïve 表 🚢', "N'naïve 表 🚢'"],
    ['line\nbreak', "N'line\nbreak'"],
    ['a\\\nb', "(N'a\\' + N'\nb')"],
    ['a\\\r\nb', "(N'a\\' + N'\r\nb')"],
  ])('quotes %j as %j', (text, quoted) => {
    expect(quoteLiteral(text)).toBe(quoted);
  });

  it('refuses a NUL', () => {
    expect(() => quoteLiteral('\0')).toThrow(expect.objectContaining({ code: 'INPUT_INVALID' }) as Error);
  });
});

describe('quoteAsciiLiteral', () => {
  it('has no prefix, so that a varchar column is compared as varchar', () => {
    expect(quoteAsciiLiteral("O'Brien")).toBe("'O''Brien'");
  });
});
