import { describe, expect, it } from 'vitest';
import { redact, rememberSecret } from './redact.ts';

describe('redact', () => {
  it('masks a known secret wherever it stands, also doubled, URL-encoded and inside words', () => {
    rememberSecret("pa'ss w/rd");
    const text = redact("a pa'ss w/rd b pa''ss w/rd c pa'ss%20w%2Frd");
    expect(text).toBe('a *** b *** c ***');
  });

  it.each([
    ['in a line of the log', 'quote " and \\ line\nend', (secret: string) => JSON.stringify({ detail: secret })],
    [
      'in a statement of Snowflake',
      "back\\slash ' quote",
      (secret: string) => secret.replaceAll('\\', '\\\\').replaceAll("'", "''"),
    ],
    [
      'in the body of a form',
      'blank and & ampersand',
      (secret: string) => new URLSearchParams({ a: secret }).toString(),
    ],
  ])('masks a known secret %s', (_where, secret, write) => {
    rememberSecret(secret);
    const text = redact(write(secret));
    expect(text).toContain('***');
    for (const word of ['quote', 'line', 'slash', 'blank', 'ampersand']) expect(text).not.toContain(word);
  });

  it('masks the longer of two secrets whole when one begins like the other', () => {
    rememberSecret('swordfish');
    rememberSecret('swordfish-and-chips');
    expect(redact('it is swordfish-and-chips')).toBe('it is ***');
  });

  it('works on after a secret that is not well-formed Unicode', () => {
    rememberSecret('half \ud800 pair');
    expect(redact('a half \ud800 pair b')).toBe('a *** b');
  });

  it.each([
    ['tokens that do not end', '-eyJ'],
    ['tokens of two parts', 'eyJaaaaaaaa.'],
    ['blanks behind a key word', `access_key_id${' '.repeat(2000)}`],
    ['blanks behind a password', `password${' '.repeat(2000)}`],
    ['quotes', "aws_token'"],
    ['addresses', '://a:'],
    ['private keys', '-----BEGIN PRIVATE KEY----- -----END '],
  ])('takes no longer than linear time for %s', (_what, part) => {
    const text = part.repeat(Math.ceil(400_000 / part.length)) + ' '.repeat(100_000);
    const started = performance.now();
    redact(text);
    expect(performance.now() - started).toBeLessThan(2000);
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
