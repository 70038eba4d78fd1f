import { describe, expect, it } from 'vitest';
import type { Table } from '../catalog/catalog-types.ts';
import type { StagedFile } from './internal-store.ts';
import type { LoadRecord } from './load-history.ts';
import { addLoadRecords, copyHistoryRows, decideLoad, loadHistoryRows } from './load-history.ts';

const DAY = 86_400_000;
const NOW = new Date('2026-06-01T00:00:00Z');
const ago = (days: number): Date => new Date(NOW.getTime() - days * DAY);
const table = (): Table =>
  ({ name: 'T', schema: { name: 'S', database: { name: 'DB' } }, loadHistory: [] }) as unknown as Table;
const staged = (change: Partial<StagedFile> = {}): StagedFile => ({
  path: 'a.csv',
  size: 10,
  md5: 'm1',
  lastModified: ago(1),
  ...change,
});
const record = (change: Partial<LoadRecord> = {}): LoadRecord => ({
  file: 'stages/1/a.csv',
  fileName: 'a.csv',
  stageLocation: 'stages/1/',
  size: 10,
  md5: 'm1',
  loadedOn: ago(1),
  status: 'LOADED',
  rowsParsed: 2,
  rowsLoaded: 2,
  errorCount: 0,
  errorLimit: 1,
  firstError: null,
  ...change,
});
const decide = (records: LoadRecord[], file = staged()): string => {
  const target = table();
  addLoadRecords(target, records);
  return decideLoad(target, { name: 'stages/1/a.csv', staged: file }, NOW);
};

describe('whether a file is loaded', () => {
  it.each<[string, LoadRecord[], StagedFile, string]>([
    ['a file never seen', [], staged(), 'load'],
    ['a file loaded yesterday', [record()], staged(), 'loaded-before'],
    ['a file whose contents changed', [record()], staged({ md5: 'm2' }), 'load'],
    ['a file loaded in part', [record({ status: 'PARTIALLY_LOADED' })], staged(), 'loaded-before'],
    ['a file that failed', [record({ status: 'LOAD_FAILED' })], staged(), 'load'],
    ['a file loaded 63 days ago', [record({ loadedOn: ago(63) })], staged(), 'loaded-before'],
    ['a young file after its record expired', [record({ loadedOn: ago(65) })], staged(), 'load'],
    [
      'an old file in a table first loaded long ago',
      [record({ loadedOn: ago(65) })],
      staged({ lastModified: ago(70) }),
      'uncertain',
    ],
    [
      'an old file in a table first loaded lately',
      [record({ file: 'other' })],
      staged({ lastModified: ago(70) }),
      'load',
    ],
    ['an old file in a table never loaded', [], staged({ lastModified: ago(70) }), 'load'],
  ])('%s', (_what, records, file, expected) => {
    expect(decide(records, file)).toBe(expected);
  });

  it('forgets records that are taken back', () => {
    const target = table();
    const takeBack = addLoadRecords(target, [record()]);
    takeBack();
    expect(decideLoad(target, { name: 'stages/1/a.csv', staged: staged() }, NOW)).toBe('load');
  });
});

describe('history rows', () => {
  it('reach back 14 days in LOAD_HISTORY', () => {
    const target = table();
    addLoadRecords(target, [record({ loadedOn: ago(15) }), record({ status: 'PARTIALLY_LOADED', rowsLoaded: 1 })]);
    expect(loadHistoryRows([target], NOW)).toMatchObject([{ status: 'PARTIALLY LOADED', rowCount: 1, tableName: 'T' }]);
  });

  it('lie in the range asked for in COPY_HISTORY', () => {
    const target = table();
    addLoadRecords(target, [record({ loadedOn: ago(3) }), record({ loadedOn: ago(1), status: 'LOAD_FAILED' })]);
    expect(copyHistoryRows(target, { start: ago(2) }, NOW)).toMatchObject([
      { status: 'Load failed', tableCatalogName: 'DB' },
    ]);
    expect(copyHistoryRows(target, { start: ago(4), end: ago(2) }, NOW)).toMatchObject([{ status: 'Loaded' }]);
  });
});
