import { describe, expect, it } from 'vitest';
import { redact, rememberSecret } from './redact.ts';

describe('redact', () => {
  it('masks a known secret wherever it stands, also doubled, URL-encoded and inside words', () => {
    rememberSecret("pa'ss w/rd");
    const text = redact("a pa'ss w/rd b pa''ss w/rd c pa'ss%20w%2Frd");
    expect(text).toBe('a *** b *** c ***');
  });

  it('does not treat very short values as secrets', () => {
    rememberSecret('abc');
    expect(redact('abcdef')).toBe('abcdef');
  });

  it.each([
    [
      "ACCESS_KEY_ID 'AKIA123' SECRET_ACCESS_KEY 'x/y+z' SESSION_TOKEN 'tok'",
      "ACCESS_KEY_ID '***' SECRET_ACCESS_KEY '***' SESSION_TOKEN '***'",
    ],
    [
      "CREDENTIALS=(AWS_KEY_ID='AKIA' AWS_SECRET_KEY='s3cr''et')",
      "CREDENTIALS=(AWS_KEY_ID='***' AWS_SECRET_KEY='***')",
    ],
    ['postgres://ada:hunter22@host/db', 'postgres://ada:***@host/db'],
    ['Password=hunter22;Server=x', 'Password=***;Server=x'],
    ['eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJ4In0.c2ln', '***'],
    ['-----BEGIN PRIVATE KEY-----\nabc\n-----END PRIVATE KEY-----', '***'],
    ['Authorization: Snowflake Token="ver:1-abc"', 'Authorization: Snowflake Token=***'],
    ['https://b.s3.amazonaws.com/k?X-Amz-Signature=abc&x=1', 'https://b.s3.amazonaws.com/k?X-Amz-Signature=***&x=1'],
  ])('masks what looks like a secret in %s', (text, expected) => expect(redact(text)).toBe(expected));

  it('leaves ordinary text alone', () => {
    const text = 'relation "public.orders" does not exist';
    expect(redact(text)).toBe(text);
  });
});
