import { describe, expect, it } from 'vitest';
import { applyPastedText, looksLikeConnectionText } from './pasted-text.ts';

describe('pasted connection text', () => {
  it.each([
    ['jdbc:redshift://h:5439/dev', true],
    ['Driver={Amazon Redshift (x64)};Server=h', true],
    ['psql -h h -U u dev', true],
    ['https://org-account.snowflakecomputing.com', true],
    ['my-cluster.abc.eu-west-1.redshift.amazonaws.com', true],
    ['warehouse.example.com', false],
    ['org-account', false],
  ])('%s is worth reading: %s', (text, expected) => expect(looksLikeConnectionText(text)).toBe(expected));

  const values = { host: 'jdbc:...', port: '5439', database: '', tlsMode: 'verify-full' };
  const names = { 'tls.mode': 'tlsMode' };

  it('fills the fields that the form has, and names them', () => {
    const parsed = {
      kind: 'redshift',
      form: 'JDBC URL',
      values: { host: 'h', port: 5440, 'tls.mode': 'require', other: 'x' },
    } as const;
    expect(applyPastedText({ kind: 'redshift', values, parsed, names })).toEqual({
      changes: { host: 'h', port: '5440', tlsMode: 'require' },
      notice: {
        tone: 'ok',
        text: 'Filled in from the pasted JDBC URL: host, port, TLS mode. Passwords are not taken from pasted text.',
      },
    });
  });

  it('changes nothing when the text belongs to another kind of server', () => {
    const parsed = { kind: 'snowflake', form: 'account URL', values: { account: 'a' } } as const;
    expect(applyPastedText({ kind: 'redshift', values, parsed, names })).toEqual({
      changes: {},
      notice: { tone: 'warning', text: 'The pasted account URL belongs to Snowflake, not to Amazon Redshift.' },
    });
  });
});
