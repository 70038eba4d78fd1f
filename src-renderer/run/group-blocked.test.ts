import { expect, it } from 'vitest';
import { AppError, toErrorValue } from '#shared/errors/app-error';
import type { ErrorCode } from '#shared/errors/error-codes';
import type { TableTask } from '#shared/model/plan';
import { groupBlocked } from './group-blocked.ts';

const task = (name: string, code: ErrorCode | null) =>
  ({
    source: { database: 'dev', schema: 's', name },
    blocked: code === null ? null : toErrorValue(new AppError(code, { facts: { table: name } })),
  }) as TableTask;

it('groups what cannot run by its reason, names three tables of each and counts the others', () => {
  const groups = groupBlocked([
    task('a', 'TARGET_COLUMNS_DIFFER'),
    task('ready', null),
    ...['b', 'c', 'd', 'e', 'f'].map((name) => task(name, 'TARGET_NOT_EMPTY')),
  ]);
  expect(groups.map(({ error, names }) => [error.code, names])).toEqual([
    ['TARGET_NOT_EMPTY', 's.b, s.c, s.d and 2 more'],
    ['TARGET_COLUMNS_DIFFER', 's.a'],
  ]);
});

it('has no group when every table can run', () => expect(groupBlocked([task('a', null)])).toEqual([]));
