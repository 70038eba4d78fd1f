import { describe, expect, it } from 'vitest';
import { AppError, toErrorValue } from './app-error.ts';
import { ERROR_CODES, isErrorCode, type ErrorCode } from './error-codes.ts';

const codes = Object.keys(ERROR_CODES) as ErrorCode[];
const placeholders = (text: string): string[] => [...text.matchAll(/\{(\w+)\}/g)].map((match) => match[1] ?? '');

describe.each(codes)('the error %s', (code) => {
  const { title, message, advice, retry } = ERROR_CODES[code];

  it('says what happened, what to do and whether repeating it helps', () => {
    expect(title).toMatch(/^[A-Z].*[^.]$/);
    expect(message === '{detail}' || /^[A-Z{].*[.}]$/.test(message) || message.includes(': {detail}')).toBe(true);
    expect(advice).toMatch(/^[A-Z].*\.$/);
    expect(['automatic', 'user', 'never']).toContain(retry);
    expect(isErrorCode(code)).toBe(true);
  });

  it('becomes whole sentences when all its facts are known', () => {
    const names = [...placeholders(title), ...placeholders(message), ...placeholders(advice)];
    const facts = Object.fromEntries(names.map((name) => [name, `<${name}>`]));
    const value = toErrorValue(new AppError(code, { facts, raw: 'raw', queryId: 'q', statement: 's' }));
    expect(placeholders(`${value.title} ${value.message} ${value.advice}`)).toEqual([]);
    expect(value).toMatchObject({ code, retry, raw: 'raw', queryId: 'q', statement: 's' });
  });

  it('keeps the house tone: no apologies, no we', () => {
    expect(`${title} ${message} ${advice}`).not.toMatch(/\b(we|our|oops|sorry|please)\b/i);
  });
});
