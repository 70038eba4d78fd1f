import { describe, expect, it } from 'vitest';
import type { ColumnDescription, TableDescription, TableRef } from '#shared/model/table';
import { tableFilter } from './catalog-queries.ts';
import { toColumnType } from './column-types.ts';
import { previewStatement } from './preview.ts';
import { profileStatement } from './profile.ts';
import { quantileStatement } from './quantiles.ts';

const table: TableRef = { database: 'dev', schema: 's', name: 't"1' };

function column(name: string, nativeType: string, ordinal = 1): ColumnDescription {
  return {
    name,
    ordinal,
    nativeType,
    type: toColumnType(nativeType),
    nullable: true,
    defaultExpression: null,
    isIdentity: false,
    isComputed: false,
  };
}

describe('tableFilter', () => {
  it('groups tables by schema and quotes every name', () => {
    const tables = [table, { ...table, name: "x'); DROP TABLE y; --" }, { ...table, schema: 'a\\b', name: 'z' }];
    expect(tableFilter('n.nspname', 'c.relname', tables)).toBe(
      `(n.nspname = 's' AND c.relname IN ('t"1', 'x''); DROP TABLE y; --')) OR (n.nspname = ('a' || CHR(92) || 'b') AND c.relname IN ('z'))`,
    );
  });
});

describe('profileStatement', () => {
  it('counts the values at risk of all columns in one scan', () => {
    const statement = profileStatement({
      table,
      where: 'x > 1',
      columns: [
        { name: 'd', nativeType: 'date', type: toColumnType('date'), risk: 'date-range' },
        { name: 'z', nativeType: 'timestamptz', type: toColumnType('timestamptz'), risk: 'timestamp-range' },
        { name: 'b"', nativeType: 'varbyte(9)', type: toColumnType('varbyte(9)'), risk: 'hex-length' },
      ],
    });
    const early = `"d" < '0001-01-01'::date OR "d" > '9999-12-31'::date`;
    const zoned = `"z" < '0001-01-01 00:00:00+00'::timestamptz OR "z" > '9999-12-31 23:59:59.999999+00'::timestamptz`;
    const long = 'OCTET_LENGTH("b""") * 2';
    expect(statement).toBe(
      `SELECT COUNT(CASE WHEN ${early} THEN 1 END) AS n1, MAX(CASE WHEN ${early} THEN CAST("d" AS VARCHAR(64)) END) AS e1, ` +
        `COUNT(CASE WHEN ${zoned} THEN 1 END) AS n2, MAX(CASE WHEN ${zoned} THEN CAST("z" AS VARCHAR(64)) END) AS e2, ` +
        `COUNT(CASE WHEN ${long} > 65535 THEN 1 END) AS n3, MAX(CASE WHEN ${long} > 65535 THEN ${long} END) AS e3 ` +
        `FROM "s"."t""1" WHERE (x > 1)`,
    );
  });

  it.each([
    ['super', 'text-length', 'JSON_SIZE("c")'],
    ['geometry', 'hex-length', 'OCTET_LENGTH(ST_AsEWKB("c")) * 2'],
    ['geography', 'hex-length', 'OCTET_LENGTH(ST_AsEWKB("c")) * 2'],
  ] as const)('measures %s', (nativeType, risk, size) => {
    const statement = profileStatement({
      table,
      where: null,
      columns: [{ name: 'c', nativeType, type: toColumnType(nativeType), risk }],
    });
    expect(statement).toBe(
      `SELECT COUNT(CASE WHEN ${size} > 65535 THEN 1 END) AS n1, MAX(CASE WHEN ${size} > 65535 THEN ${size} END) AS e1 FROM "s"."t""1"`,
    );
  });
});

describe('quantileStatement', () => {
  const request = { table, columns: [column('k', 'integer')], count: 4, where: 'x = 1' };

  it('cuts the whole column when it is small', () => {
    expect(quantileStatement({ ...request, fraction: 1 })).toBe(
      `SELECT CAST(k1 AS VARCHAR) FROM (SELECT k1, part, LAG(part) OVER (ORDER BY part, k1) AS part_before FROM (SELECT "k" AS k1, NTILE(4) OVER (ORDER BY "k") AS part FROM "s"."t""1" WHERE ("k" IS NOT NULL) AND (x = 1)) AS parts) AS steps WHERE part_before IS NULL OR part_before <> part ORDER BY part`,
    );
  });

  it('cuts a random sample of a large one', () => {
    expect(quantileStatement({ ...request, fraction: 0.001 })).toContain('AND (RANDOM() < 0.001000000)');
  });
});

describe('previewStatement', () => {
  it('shows every column as text, the long ones cut by the server', () => {
    const types = ['integer', 'varchar(50)', 'char(5)', 'boolean', 'super', 'varbyte(9)', 'timestamptz', 'hllsketch'];
    const description = {
      ref: table,
      columns: types.map((type, index) => column(`k${index + 1}`, type, index + 1)),
    } as TableDescription;
    expect(previewStatement(description, { limit: 20, maxLength: 200 })).toBe(
      `SELECT "k1" AS "c1", LEFT("k2", 200) AS "c2", LEFT(CAST("k3" AS VARCHAR(5)), 200) AS "c3", ` +
        `CASE WHEN "k4" THEN 'true' WHEN NOT "k4" THEN 'false' END AS "c4", ` +
        `CASE WHEN JSON_SIZE("k5") <= 65535 THEN LEFT(JSON_SERIALIZE("k5"), 200) WHEN JSON_SIZE("k5") > 65535 THEN '(too long to show)' END AS "c5", ` +
        `CASE WHEN OCTET_LENGTH("k6") * 2 <= 65535 THEN LEFT(FROM_VARBYTE("k6", 'hex'), 200) WHEN OCTET_LENGTH("k6") * 2 > 65535 THEN '(too long to show)' END AS "c6", CAST("k7" AS VARCHAR(64)) AS "c7", '(not shown)' AS "c8" FROM "s"."t""1" LIMIT 20`,
    );
  });
});
