import { describe, expect, it } from 'vitest';
import { requireCondition } from './condition.ts';

describe('requireCondition', () => {
  it.each([
    ['a = 1', '(a = 1)'],
    ["name = N'O''Brien; (x'", "(name = N'O''Brien; (x')"],
    ['"odd;name)" > 2', '("odd;name)" > 2)'],
    ['[odd;]]name)] > 2', '([odd;]]name)] > 2)'],
    ['[a] = [b]', '([a] = [b])'],
    ['a = 1 -- only the first', '(a = 1 -- only the first\n)'],
    ['a = 1 -- first\r\nOR b = 2', '(a = 1 -- first\r\nOR b = 2\n)'],
    ['a IN (1, 2) /* (both; */ AND b = 1', '(a IN (1, 2) /* (both; */ AND b = 1)'],
    ["v LIKE '%\\d%'", "(v LIKE '%\\d%')"],
  ])('takes %j', (condition, expected) => {
    expect(requireCondition(condition)).toBe(expected);
  });

  it.each([
    ['1=1; DROP TABLE x', 'semicolon'],
    ['1=1) OR (1=1', 'closes a parenthesis'],
    ['(a = 1', 'opens a parenthesis'],
    ["a = 'x", 'quote that does not end'],
    ["a = 'x''", 'quote that does not end'],
    ['"a = 1', 'double quote that does not end'],
    ['[a = 1', 'bracket that does not end'],
    ['[a]] = 1', 'bracket that does not end'],
    ['a = 1 /* x', 'comment that does not end'],
    ['a /* /* */ = 1 */', 'comment inside a comment'],
    ['a = 1 -- x\r) OR (1=1', 'carriage return inside a comment'],
    ['a = 1\0', 'NUL'],
  ])('refuses %j', (condition, problem) => {
    expect(() => requireCondition(condition)).toThrow(
      expect.objectContaining({ code: 'INPUT_INVALID', message: expect.stringContaining(problem) as string }) as Error,
    );
  });
});
