import { expect, test } from 'vitest';
import { splitName } from './split-name.ts';

test.each<[string, (string | null)[] | null]>([
  ['t', ['t']],
  ['dbo.t', ['dbo', 't']],
  ['db..t', ['db', null, 't']],
  ['[a.b].[c]]d]', ['a.b', 'c]d']],
  ['"a""b"."c"', ['a"b', 'c']],
  ['dbo.order', ['dbo', 'order']],
  ['dbo . [my table] ', ['dbo', 'my table']],
  ['my table', ['my table']],
  ['a.b.c.d', ['a', 'b', 'c', 'd']],
  ['a.b.c.d.e', null],
  ['[a', null],
  ['[a]b', null],
  ['a.', null],
  ['', null],
])('%j has the parts %j', (text, parts) => {
  expect(splitName(text)).toEqual(parts);
});
