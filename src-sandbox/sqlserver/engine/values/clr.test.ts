import { describe, expect, test } from 'vitest';
import { formatHierarchyId, parseHierarchyId } from './hierarchy-id.ts';
import { deserialize, formatWkt, parseWkt, serialize, toWkb } from './spatial.ts';

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex').toUpperCase();

describe('hierarchyid', () => {
  /** Bytes as CAST(hierarchyid::Parse(x) AS varbinary) gives them. */
  test.each([
    ['/', ''],
    ['/1/', '58'],
    ['/2/', '68'],
    ['/1/1/', '5AC0'],
    ['/1/2/', '5B40'],
    ['/4/', '84'],
    ['/8/', 'A2'],
  ])('%s is 0x%s', (path, bytes) => {
    expect(hex(parseHierarchyId(path))).toBe(bytes);
    expect(formatHierarchyId(parseHierarchyId(path))).toBe(path);
  });

  test.each(['/1.5/', '/-7/-80/', '/79/80/1103/1104/5199/5200/', '/4294972495/4294972496/', '/0/3.-1.2/'])(
    '%s is read back',
    (path) => {
      expect(formatHierarchyId(parseHierarchyId(path))).toBe(path);
    },
  );

  test('the order of bytes is that of a walk in depth', () => {
    const walk = ['/', '/-1/', '/0/', '/1/', '/1/1/', '/1/2/', '/1.1/', '/2/', '/10/', '/100/'];
    const sorted = [...walk].sort((a, z) => Buffer.compare(parseHierarchyId(a), parseHierarchyId(z)));
    expect(sorted).toEqual(walk);
  });

  test('a text that is no path is refused', () => {
    expect(() => parseHierarchyId('1/2')).toThrow(/24001/);
  });
});

describe('spatial values', () => {
  test.each([
    'POINT (1.5 -2.25)',
    'POINT EMPTY',
    'LINESTRING (0 0, 1 1)',
    'LINESTRING (0 0, 1 1, 2.5 -3.75)',
    'POLYGON ((0 0, 10 0, 10 10, 0 10, 0 0), (2 2, 2 4, 4 4, 4 2, 2 2))',
    'MULTIPOINT ((1 2), (3 4))',
    'MULTILINESTRING ((0 0, 1 1), (2 2, 3 3))',
    'MULTIPOLYGON (((0 0, 1 0, 1 1, 0 0)), ((5 5, 6 5, 6 6, 5 5), (5.2 5.1, 5.3 5.1, 5.3 5.2, 5.2 5.1)))',
    'GEOMETRYCOLLECTION (POINT (1 2), LINESTRING (0 0, 1 1), POLYGON ((0 0, 1 0, 1 1, 0 0)))',
    'GEOMETRYCOLLECTION EMPTY',
    'POINT (1 2 3 4)',
    'LINESTRING (1 2 3, 4 5 6)',
  ])('%s is read back from its serialization', (text) => {
    for (const isGeography of [false, true]) {
      const bytes = serialize({ srid: 4326, shape: parseWkt(text) }, isGeography);
      const back = deserialize(bytes, isGeography);
      expect(formatWkt(back.shape, true)).toBe(text);
      expect(back.srid).toBe(4326);
    }
  });

  test('a point has the bytes of the documentation of the format', () => {
    expect(hex(serialize({ srid: 0, shape: parseWkt('POINT (5 10)') }, false))).toBe(
      '00000000010C00000000000014400000000000002440',
    );
  });

  test('a geography has the latitude first', () => {
    expect(hex(serialize({ srid: 4326, shape: parseWkt('POINT (10 5)') }, true))).toBe(
      'E6100000010C00000000000014400000000000002440',
    );
  });

  test('well-known binary leaves Z and M out', () => {
    expect(hex(toWkb(parseWkt('POINT (1 2 3)')))).toBe('0101000000000000000000F03F0000000000000040');
  });
});
