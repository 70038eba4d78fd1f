import { describe, expect, it } from 'vitest';
import { rangePredicates } from './range-predicates.ts';

const key = (name: string, nullable = false) => ({ name, nullable });

describe('rangePredicates', () => {
  it('puts every value into one range and NULL into its own', () => {
    expect(rangePredicates([key('l"d', true)], [["'1992-01-01'::date"], ["'1995-01-01'::date"]])).toEqual([
      { label: 'l"d before 1992-01-01', predicate: `"l""d" < '1992-01-01'::date` },
      {
        label: 'l"d from 1992-01-01 to before 1995-01-01',
        predicate: `"l""d" >= '1992-01-01'::date AND "l""d" < '1995-01-01'::date`,
      },
      { label: 'l"d from 1995-01-01', predicate: `"l""d" >= '1995-01-01'::date` },
      { label: 'l"d is NULL', predicate: '"l""d" IS NULL' },
    ]);
  });

  it('has no NULL range for a column that is never NULL', () => {
    expect(rangePredicates([key('id')], [['10']]).map(({ predicate }) => predicate)).toEqual([
      '"id" < 10',
      '"id" >= 10',
    ]);
  });

  it('has one range for everything without boundaries', () => {
    expect(rangePredicates([key('id', true)], [])).toEqual([{ label: 'all rows', predicate: 'TRUE' }]);
  });

  it('compares keys of several columns from the left, the first one always by itself', () => {
    expect(rangePredicates([key('a'), key('b', true)], [['5', '7']])).toEqual([
      { label: 'a, b before 5, 7', predicate: '"a" <= 5 AND ("a" < 5 OR "b" < 7 OR "b" IS NULL)' },
      { label: 'a, b from 5, 7', predicate: '"a" >= 5 AND ("a" > 5 OR "b" >= 7)' },
    ]);
  });

  it('has every row in exactly one range, NULLs in any column included', () => {
    const values = [null, 1, 2, 3];
    const columns = [key('a', true), key('b', true), key('c', true)];
    const ranges = rangePredicates(columns, [
      ['1', '2', '2'],
      ['2', '1', '3'],
      ['2', '2', '1'],
      ['2', '2', '2'],
      ['3', '3', '3'],
    ]);
    for (const a of values)
      for (const b of values)
        for (const c of values) {
          const fitting = ranges.filter(({ predicate }) => evaluate(predicate, { a, b, c }) === true);
          expect(fitting, JSON.stringify({ a, b, c })).toHaveLength(1);
        }
  });
});

type Truth = boolean | null;

/** A little SQL: comparisons with numbers, IS NULL, AND, OR, brackets, three truth values. */
function evaluate(predicate: string, row: Record<string, number | null>): Truth {
  const tokens = predicate.match(/"\w+"|\d+|>=|<=|[<>()]|\w+/g) ?? [];
  let at = 0;
  const take = (): string => tokens[at++] ?? '';
  const either = (): Truth => {
    let truth = both();
    while (tokens[at] === 'OR') {
      take();
      const other = both();
      truth = truth === true || other === true ? true : truth === null || other === null ? null : false;
    }
    return truth;
  };
  const both = (): Truth => {
    let truth = one();
    while (tokens[at] === 'AND') {
      take();
      const other = one();
      truth = truth === false || other === false ? false : truth === null || other === null ? null : true;
    }
    return truth;
  };
  const one = (): Truth => {
    if (tokens[at] === '(') {
      take();
      const truth = either();
      take();
      return truth;
    }
    const value = row[take().replaceAll('"', '')] ?? null;
    const operator = take();
    const operand = take();
    if (operator === 'IS') return value === null;
    if (value === null) return null;
    const number = Number(operand);
    if (operator === '<') return value < number;
    if (operator === '<=') return value <= number;
    return operator === '>' ? value > number : value >= number;
  };
  return either();
}
