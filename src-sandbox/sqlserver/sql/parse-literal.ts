import type { ExpressionNode } from './ast.ts';
import { syntaxErrors } from './syntax-error.ts';
import type { Token } from './tokenize.ts';

/**
 * The type of a numeric constant: int; decimal with as many digits as are written, leading zeros aside, also for integers that int cannot hold; float
 * with E. https://learn.microsoft.com/en-us/sql/t-sql/data-types/constants-transact-sql
 * @throws TsqlSyntaxError 1007 above 38 digits, 168 for a float out of range
 */
export function numberLiteral(token: Token): ExpressionNode {
  const text = token.value;
  if (token.kind === 'money') return { kind: 'number', type: { name: 'money' }, text: text === '' ? '0' : text };
  if (/[eE]/.test(text)) {
    const complete = /[eE][+-]?$/.test(text) ? `${text}0` : text;
    if (!Number.isFinite(Number(complete))) throw syntaxErrors.floatRange(token.line, text);
    return { kind: 'number', type: { name: 'float' }, text: complete };
  }
  const [whole = '', fraction = ''] = text.split('.');
  const digits = whole.replace(/^0+/, '');
  const isInt = !text.includes('.') && (digits.length < 10 || (digits.length === 10 && digits <= '2147483647'));
  if (isInt) return { kind: 'number', type: { name: 'int' }, text: digits === '' ? '0' : digits };
  const precision = Math.max(digits.length + fraction.length, 1);
  if (precision > 38) throw syntaxErrors.numberRange(token.line, text);
  return { kind: 'number', type: { name: 'numeric', precision, scale: fraction.length }, text };
}

/** `0xABC` is 0x0ABC; `0x` is empty. */
export function binaryLiteral(token: Token): ExpressionNode {
  const digits = token.value.length % 2 === 0 ? token.value : `0${token.value}`;
  return { kind: 'binary-string', value: new Uint8Array(Buffer.from(digits, 'hex')) };
}
