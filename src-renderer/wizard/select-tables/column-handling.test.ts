import { describe, expect, it } from 'vitest';
import { tableSelectionSchema } from '#shared/model/project';
import { choiceOf, choicesSentence, typeProblem, withChoice } from './column-handling.ts';

const selection = (columns: unknown[] = []) =>
  tableSelectionSchema.parse({ source: { database: 'd', schema: 's', name: 't' }, columns });

describe('what is decided for a column', () => {
  it('is that it travels as inferred, until something else is chosen', () => {
    expect(choiceOf(selection(), 'a')).toEqual({
      sourceName: 'a',
      targetName: null,
      targetType: null,
      handling: 'carry',
    });
    const columns = withChoice(selection(), 'a', { handling: 'leave-out' });
    expect(choiceOf({ columns }, 'a').handling).toBe('leave-out');
    expect(choiceOf({ columns }, 'b').handling).toBe('carry');
  });

  it('leaves no trace when it is taken back, and keeps other choices for the column', () => {
    expect(withChoice(selection([{ sourceName: 'a', handling: 'leave-out' }]), 'a', { handling: 'carry' })).toEqual([]);
    expect(withChoice(selection([{ sourceName: 'a', targetType: 'INT' }]), 'a', { targetType: '  ' })).toEqual([]);
    const renamed = selection([{ sourceName: 'a', targetName: 'B', handling: 'leave-out' }]);
    expect(withChoice(renamed, 'a', { handling: 'carry', targetType: ' NUMBER(9,0) ' })).toMatchObject([
      { sourceName: 'a', targetName: 'B', targetType: 'NUMBER(9,0)', handling: 'carry' },
    ]);
  });

  it('is said in words', () => {
    expect(choicesSentence(selection())).toBe('');
    const decided = selection([
      { sourceName: 'a', targetName: 'B', targetType: 'FLOAT' },
      { sourceName: 'c', handling: 'leave-out' },
    ]);
    expect(choicesSentence(decided)).toBe('a (named B, as FLOAT), c (left out)');
  });
});

describe('a type of a Snowflake column', () => {
  it.each(['', 'NUMBER(38, 2)', 'varchar', 'TIMESTAMP_NTZ(9)', 'DOUBLE PRECISION', 'VECTOR(FLOAT, 3)'])(
    'can be "%s"',
    (text) => expect(typeProblem(text)).toBeUndefined(),
  );
  it.each(['INT; DROP TABLE x', 'VARCHAR(', "VARCHAR DEFAULT 'x'", '1', 'NUMBER(1,2,3)', 'INT -- x'])(
    'cannot be "%s"',
    (text) => expect(typeProblem(text)).toMatch(/^Write a type/),
  );
});
