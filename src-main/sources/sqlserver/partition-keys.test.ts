import { describe, expect, it } from 'vitest';
import type { ColumnDescription } from '#shared/model/table';
import { toColumnType } from './column-types.ts';
import { choosePartitionKeys, type IndexInfo } from './partition-keys.ts';

function columns(types: Record<string, string>): ColumnDescription[] {
  return Object.entries(types).map(([name, nativeType], index) => ({
    name,
    ordinal: index + 1,
    nativeType,
    type: toColumnType(nativeType),
    nullable: false,
    defaultExpression: null,
    isIdentity: false,
    isComputed: false,
  }));
}

const TABLE = columns({
  id: 'bigint',
  guid: 'uniqueidentifier',
  day: 'date',
  code: 'varchar(20)',
  note: 'nvarchar(max)',
  share: 'float',
  flag: 'bit',
  variant: 'sql_variant',
});

const index = (keyColumns: string[], parts: Partial<IndexInfo> = {}): IndexInfo => ({
  isClustered: false,
  isUnique: false,
  isPrimaryKey: false,
  columns: keyColumns,
  ...parts,
});

describe('choosePartitionKeys', () => {
  it.each<[string, IndexInfo[], string[]]>([
    ['a heap', [], []],
    [
      'a clustered index beside a primary key',
      [index(['id'], { isUnique: true, isPrimaryKey: true }), index(['day', 'code'], { isClustered: true })],
      ['day', 'code'],
    ],
    ['a heap with a primary key', [index(['guid'], { isUnique: true, isPrimaryKey: true })], ['guid']],
    ['a heap with a unique index', [index(['code'], { isUnique: true })], ['code']],
    ['a long key', [index(['day', 'code', 'id', 'guid'], { isClustered: true })], ['day', 'code', 'id']],
    ['a key up to a column without an order', [index(['day', 'variant', 'id'], { isClustered: true })], ['day']],
    [
      'a clustered index that begins with such a column',
      [index(['flag', 'id'], { isClustered: true }), index(['id'], { isUnique: true, isPrimaryKey: true })],
      ['id'],
    ],
    ['a clustered index on a float', [index(['share'], { isClustered: true })], []],
  ])('chooses for %s', (_what, indexes, expected) => {
    expect(choosePartitionKeys(indexes, TABLE)).toEqual(expected);
  });

  it('does not cut by a column whose values are masked', () => {
    const masked = TABLE.map((column) => ({ ...column, traits: ['masked' as const] }));
    expect(choosePartitionKeys([index(['id'], { isClustered: true })], masked)).toEqual([]);
  });
});
