import { describe, expect, it } from 'vitest';
import { rangePredicates } from './range-predicates.ts';

const key = (name: string, nullable = false) => ({ name, nullable });

describe('rangePredicates', () => {
  it('puts every value into one range and NULL into its own', () => {
    expect(rangePredicates([key('d]t', true)], [["CONVERT(date, '1992-01-01', 23)"], ["N'it''s'"]])).toEqual([
      { label: 'd]t before 1992-01-01', predicate: `[d]]t] < CONVERT(date, '1992-01-01', 23)` },
      {
        label: "d]t from 1992-01-01 to before it's",
        predicate: `[d]]t] >= CONVERT(date, '1992-01-01', 23) AND [d]]t] < N'it''s'`,
      },
      { label: "d]t from it's", predicate: `[d]]t] >= N'it''s'` },
      { label: 'd]t is NULL', predicate: '[d]]t] IS NULL' },
    ]);
  });

  it.each([
    ['10', '10'],
    ["'abc'", 'abc'],
    ["N'it''s'", "it's"],
    ["CAST('12.50' AS decimal(18,2))", '12.50'],
    ['CAST(9999999999 AS bigint)', '9999999999'],
    ["CONVERT(datetime, '2024-02-29 13:05:09.003', 121)", '2024-02-29 13:05:09.003'],
    ["CONVERT(varchar(20), N'Ärger, (AS x)' COLLATE Latin1_General_CI_AS)", 'Ärger, (AS x)'],
    ["CAST('6F9619FF-8B86-D011-B42D-00C04FC964FF' AS uniqueidentifier)", '6F9619FF-8B86-D011-B42D-00C04FC964FF'],
    ['0x00FF', '0x00FF'],
  ])('shows the literal %s to people as %s', (literal, shown) => {
    expect(rangePredicates([key('k')], [[literal]])[0]?.label).toBe(`k before ${shown}`);
  });

  it('has no NULL range for a column that is never NULL', () => {
    expect(rangePredicates([key('id')], [['10']]).map(({ predicate }) => predicate)).toEqual([
      '[id] < 10',
      '[id] >= 10',
    ]);
  });

  it('has one range for everything without boundaries', () => {
    expect(rangePredicates([key('id', true)], [])).toEqual([{ label: 'all rows', predicate: '1 = 1' }]);
  });

  it('compares keys of several columns from the left, the first one always by itself', () => {
    expect(rangePredicates([key('a'), key('b', true)], [['5', '7']])).toEqual([
      { label: 'a, b before (5, 7)', predicate: '[a] <= 5 AND ([a] < 5 OR ([a] = 5 AND ([b] < 7 OR [b] IS NULL)))' },
      { label: 'a, b from (5, 7)', predicate: '[a] >= 5 AND ([a] > 5 OR ([a] = 5 AND [b] >= 7))' },
    ]);
  });

  it('refuses a boundary with fewer literals than key columns', () => {
    expect(() => rangePredicates([key('a'), key('b')], [['5']])).toThrow(RangeError);
  });

  it.each([1, 2, 3])('has every row in exactly one range for keys of %i columns, NULLs included', (width) => {
    const values = [null, 1, 2, 3];
    const columns = ['a', 'b', 'c'].slice(0, width).map((name) => key(name, true));
    const rows = tuples(values, width);
    const whole = tuples([1, 2, 3], width);
    const random = randomNumbers(20_241);
    for (let round = 0; round < 60; round += 1) {
      const boundaries = whole.filter(() => random() < 0.3).map((tuple) => tuple.map(String));
      const ranges = rangePredicates(columns, boundaries);
      for (const row of rows) {
        const named = Object.fromEntries(columns.map(({ name }, index) => [name, row[index] ?? null]));
        const fitting = ranges.filter(({ predicate }) => evaluate(predicate, named) === true);
        expect(fitting, JSON.stringify({ row, boundaries })).toHaveLength(1);
      }
    }
  });

  it('covers every row once when two boundaries are equal in the order of the server', () => {
    const ranges = rangePredicates([key('a')], [['1'], ['2'], ['2'], ['3']]);
    for (const a of [0, 1, 2, 3, 4]) {
      expect(
        ranges.filter(({ predicate }) => evaluate(predicate, { a }) === true),
        String(a),
      ).toHaveLength(1);
    }
  });
});

function tuples<T>(values: T[], width: number): T[][] {
  if (width === 0) return [[]];
  return tuples(values, width - 1).flatMap((tuple) => values.map((value) => [...tuple, value]));
}

/** Always the same sequence of numbers from 0 to 1 for a seed (a linear congruential generator). */
function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return state / 2_147_483_648;
  };
}

type Truth = boolean | null;

/** A little SQL: comparisons with numbers, IS NULL, AND, OR, parentheses, three truth values. */
function evaluate(predicate: string, row: Record<string, number | null>): Truth {
  const tokens = predicate.match(/\[\w+\]|\d+|>=|<=|[<>=()]|\w+/g) ?? [];
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
    const operand = take();
    const value = operand.startsWith('[') ? (row[operand.slice(1, -1)] ?? null) : Number(operand);
    const operator = take();
    const other = take();
    if (operator === 'IS') return value === null;
    return value === null ? null : compare(value, operator, Number(other));
  };
  return either();
}

function compare(value: number, operator: string, other: number): boolean {
  switch (operator) {
    case '<':
      return value < other;
    case '<=':
      return value <= other;
    case '>':
      return value > other;
    case '>=':
      return value >= other;
    default:
      return value === other;
  }
}
