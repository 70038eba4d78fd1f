import { describe, expect, it } from 'vitest';
import { columnType, type ColumnKind } from '#shared/model/column-type';
import { runOptionsSchema, tableSelectionSchema, targetRuleSchema } from '#shared/model/project';
import type { ColumnDescription, TargetTable } from '#shared/model/table';
import { buildTableTask, type BuildTableTaskInput } from './build-table-task.ts';
import { applyCase } from './name-target.ts';
import { createFakeWorld, describeSource, fakeSourceDialect, sourceTable } from './testing/fake-sides.ts';

const world = createFakeWorld({});
const target = { database: 'DB', schema: 'PUBLIC', name: 'A' };

function column(name: string, kind: ColumnKind = 'text', nativeType: string = kind): ColumnDescription {
  return {
    name,
    ordinal: 1,
    nativeType,
    type: columnType(kind),
    nullable: true,
    defaultExpression: null,
    isIdentity: false,
    isComputed: false,
  };
}

function build(
  change: Partial<BuildTableTaskInput> & { columns?: ColumnDescription[] } = {},
): ReturnType<typeof buildTableTask> {
  const { columns, ...rest } = change;
  const description = describeSource('a', 100);
  return buildTableTask({
    selection: tableSelectionSchema.parse({ source: sourceTable('a') }),
    description: columns ? { ...description, columns, primaryKey: [] } : description,
    target,
    targetTable: null,
    hasDatabase: true,
    risks: [],
    cut: null,
    strategy: 'unload',
    rule: targetRuleSchema.parse({ database: 'DB' }),
    options: runOptionsSchema.parse({}),
    source: fakeSourceDialect,
    targetDialect: world.target.dialect,
    ...rest,
  });
}

function targetTable(names: string[], rowCount = 0): TargetTable {
  const columns = names.map((name) => ({
    name,
    dataType: 'VARCHAR(20)',
    nullable: true,
    hasDefault: false,
    isIdentity: false,
  }));
  return { ref: target, columns, rowCount, createdAt: null };
}

describe('a table task', () => {
  it('names every column with an alias, a source expression and a load expression', () => {
    expect(
      build().columns.map(({ alias, sourceExpression, targetName, loadExpression }) => [
        alias,
        sourceExpression,
        targetName,
        loadExpression,
      ]),
    ).toEqual([
      ['c1', '"id"', 'ID', '$1:c1::NUMBER(38,0)'],
      ['c2', '"note"', 'NOTE', '$1:c2::VARCHAR(20)'],
    ]);
  });

  it('lists columns that cannot travel with the reason, and numbers the others without gaps', () => {
    const task = build({ columns: [column('a'), column('sketch', 'unsupported', 'hllsketch'), column('b')] });
    expect(task.columns.map(({ alias, sourceName }) => [alias, sourceName])).toEqual([
      ['c1', 'a'],
      ['c2', 'b'],
    ]);
    expect(task.leftOut).toEqual([
      { sourceName: 'sketch', nativeType: 'hllsketch', reason: 'hllsketch cannot be carried.' },
    ]);
    expect(task.blocked).toBeNull();
  });

  it('is blocked when no column can travel', () => {
    expect(build({ columns: [column('sketch', 'unsupported')] }).blocked?.code).toBe('TARGET_COLUMNS_DIFFER');
  });

  it('is blocked when two columns would meet in one name, and not when their case is kept', () => {
    const columns = [column('Name'), column('name')];
    expect(build({ columns }).blocked?.message).toContain('NAME');
    expect(build({ columns, rule: targetRuleSchema.parse({ nameCase: 'preserve' }) }).blocked).toBeNull();
  });

  it('finds the existing column by its exact name before one that differs in case', () => {
    const task = build({ columns: [column('note')], targetTable: targetTable(['note', 'NOTE']) });
    expect(task.columns[0]?.targetName).toBe('NOTE');
    expect(build({ columns: [column('note')], targetTable: targetTable(['Note']) }).columns[0]?.targetName).toBe(
      'Note',
    );
  });

  it('stops before rows that are already there, unless the user chose otherwise', () => {
    expect(build({ targetTable: targetTable(['ID', 'NOTE'], 3) }).blocked).toMatchObject({
      code: 'TARGET_NOT_EMPTY',
      facts: { rows: 3 },
    });
    expect(
      build({
        targetTable: targetTable(['ID', 'NOTE'], 3),
        options: runOptionsSchema.parse({ existingRows: 'append' }),
      }).blocked,
    ).toBeNull();
  });

  it('is blocked beforehand when the database of a missing target is not there', () => {
    expect(build({ hasDatabase: false }).blocked).toMatchObject({
      code: 'DATABASE_NOT_FOUND',
      facts: { database: 'DB' },
    });
    expect(build({ hasDatabase: false, targetTable: targetTable(['ID', 'NOTE']) }).blocked).toBeNull();
  });

  it('does not create a missing table when that is not wanted', () => {
    const task = build({ options: runOptionsSchema.parse({ createMissingTargets: false }) });
    expect(task.blocked?.code).toBe('TARGET_TABLE_NOT_FOUND');
    expect(task.createDdl).toBeNull();
  });

  const risk = {
    column: 'd',
    risk: 'date-range' as const,
    count: 2,
    example: '20000-01-01',
    detail: 'two dates lie after 9999-12-31',
  };
  it('says beforehand which values cannot be carried, and how many', () => {
    const task = build({ columns: [column('d', 'date')], risks: [risk] });
    expect(task.blocked).toMatchObject({ code: 'VALUES_NOT_CARRIED', facts: { column: 'd', count: 2 } });
  });

  it('loads such values as NULL when the user chose that, and notes how many', () => {
    const selection = tableSelectionSchema.parse({
      source: sourceTable('a'),
      columns: [{ sourceName: 'd', handling: 'null-out-of-range' }],
    });
    const [planned] = build({ columns: [column('d', 'date')], risks: [risk], selection }).columns;
    expect(planned?.loadExpression).toBe('TRY $1:c1::DATE');
    expect(planned?.notes.join(' ')).toContain('2 values are loaded as NULL');
  });

  it('leaves out what the user leaves out', () => {
    const selection = tableSelectionSchema.parse({
      source: sourceTable('a'),
      columns: [{ sourceName: 'note', handling: 'leave-out' }],
    });
    expect(build({ selection }).leftOut.map(({ sourceName }) => sourceName)).toEqual(['note']);
  });

  it.each([
    ['varchar(10)', 'STRING', 'varchar(10)'],
    ['VARCHAR', 'STRING', 'varchar(10)'],
    ['numeric(10, 2)', 'STRING', 'numeric(10,2)'],
  ])('maps the type %s as asked', (sourceType, targetType, nativeType) => {
    const selection = tableSelectionSchema.parse({
      source: sourceTable('a'),
      typeMappings: [{ sourceType, targetType }],
    });
    expect(build({ columns: [column('x', 'text', nativeType)], selection }).columns[0]?.targetType).toBe(targetType);
  });

  it('is blocked with its name when the source table is gone', () => {
    expect(build({ description: null }).blocked).toMatchObject({
      code: 'SOURCE_TABLE_NOT_FOUND',
      facts: { table: 'dev.public.a' },
    });
  });

  it('shares the estimates among its partitions, and gives none under a condition', () => {
    const cut = { columns: ['id'], boundaries: [['10'], ['20']] };
    expect(build({ cut }).partitions.map(({ id, expectedRows }) => [id, expectedRows])).toEqual([
      ['p0', 33],
      ['p1', 33],
      ['p2', 33],
    ]);
    const selection = tableSelectionSchema.parse({ source: sourceTable('a'), where: 'id > 3' });
    expect(build({ cut, selection }).partitions[0]?.expectedRows).toBeNull();
  });
});

describe('names in Snowflake', () => {
  it.each([
    ['orders', 'ORDERS'],
    ['straße', 'STRAßE'],
    ['ärger', 'ÄRGER'],
    ['a"b', 'A"B'],
  ])('folds %s to %s', (name, folded) => expect(applyCase(name, { nameCase: 'upper' })).toBe(folded));
});
