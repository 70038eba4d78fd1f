import { describe, expect, it } from 'vitest';
import { quoteClause, quoteIdentifier, quoteLiteral } from './quoting.ts';

describe('quoteIdentifier', () => {
  it.each([
    ['orders', '"orders"'],
    ['Order Details', '"Order Details"'],
    ['a"b', '"a""b"'],
    ['"; DROP TABLE x; --', '"""; DROP TABLE x; --"'],
    ["it's", `"it's"`],
    ['select', '"select"'],
    ['a.b', '"a.b"'],
    ['a\\b', '"a\\b"'],
    ['naïve 表 🚢', '"naïve 表 🚢"'],
    ['x'.repeat(127), `"${'x'.repeat(127)}"`],
    ['/* comment */', '"/* comment */"'],
    ['line\nbreak', '"line\nbreak"'],
  ])('quotes %j as %s', (name, quoted) => {
    expect(quoteIdentifier(name)).toBe(quoted);
  });

  it('refuses a NUL, at which the wire protocol would end the statement', () => {
    expect(() => quoteIdentifier('a\0b')).toThrow(expect.objectContaining({ code: 'INPUT_INVALID' }) as Error);
  });
});

describe('quoteLiteral', () => {
  it.each([
    ['abc', "'abc'"],
    ['', "''"],
    ["it's", "'it''s'"],
    ["'; DROP TABLE x; --", "'''; DROP TABLE x; --'"],
    ['a\\b', "('a' || CHR(92) || 'b')"],
    ["\\'; DROP TABLE x; --", "('' || CHR(92) || '''; DROP TABLE x; --')"],
    ['naïve 表 🚢', "'naïve 表 🚢'"],
    ['$$', "'$$'"],
  ])('quotes %j as %s', (text, quoted) => {
    expect(quoteLiteral(text)).toBe(quoted);
  });

  it('refuses a NUL', () => {
    expect(() => quoteLiteral('\0')).toThrow(expect.objectContaining({ code: 'INPUT_INVALID' }) as Error);
  });
});

describe('quoteClause', () => {
  it('doubles quotes and backslashes', () => {
    expect(quoteClause(`SELECT 'a\\b' FROM "it's"`)).toBe(`'SELECT ''a\\\\b'' FROM "it''s"'`);
  });
});
