import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SqlServerSettings } from '#shared/model/connection-settings';
import type { TableDescription } from '#shared/model/table';
import { seedSqlServerTypes } from '../../../src-sandbox/seed/sqlserver-load.ts';
import { SQLSERVER_TYPES_TABLES } from '../../../src-sandbox/seed/sqlserver-types.ts';
import { createEngine, type SqlServerEngine } from '../../../src-sandbox/sqlserver/engine/create-engine.ts';
import { startTdsServer, type TdsServer } from '../../../src-sandbox/sqlserver/server.ts';
import type { Source } from '../source.ts';
import { connect, type Session } from './connect.ts';
import { createSqlServerSource } from './sqlserver-source.ts';

const { signal } = new AbortController();
const secrets = { 'source.password': 'Practice-1' };
/** Boundaries are asked for as for a table that is cut into so many parts. */
const PARTS = 7;

let engine: SqlServerEngine;
let server: TdsServer;
let source: Source;
let session: Session;
let tables: TableDescription[];

beforeAll(async () => {
  engine = await createEngine({
    dataDirectory: null,
    databases: [
      { name: 'shop', collation: 'SQL_Latin1_General_CP1_CI_AS', allowSnapshot: true, readCommittedSnapshot: false },
    ],
    logins: [{ user: 'ann', password: 'Practice-1', defaultDatabase: 'shop', serverRoles: ['sysadmin'] }],
  });
  const owner = await engine.openSession('shop');
  await seedSqlServerTypes(
    { session: owner, load: (table, rows) => engine.bulkLoad({ database: 'shop', ...table }, rows) },
    { log: () => undefined },
  );
  server = await startTdsServer({ engine, tls: { mode: 'none' } });
  const settings: SqlServerSettings = {
    kind: 'sqlserver',
    host: '127.0.0.1',
    instance: '',
    port: server.port,
    database: 'shop',
    auth: { kind: 'sql-login', user: 'ann' },
    encrypt: false,
    trustServerCertificate: false,
    caFile: '',
    readOnlyIntent: false,
  };
  source = createSqlServerSource({ settings, secrets });
  session = await connect({ settings, secrets, signal, connectTimeoutMs: 10_000 });
  const listed = await source.listTables({ signal });
  const described = await source.describeTables(
    listed.map(({ ref }) => ref),
    { signal },
  );
  tables = described.flatMap((table) => (table === null ? [] : [table]));
});

afterAll(async () => {
  await session?.close();
  await source?.close();
  await server?.close();
  await engine?.close();
});

function tableOf(name: string): TableDescription {
  const found = tables.find(({ ref }) => ref.name === name);
  if (!found) throw new Error(`There is no table ${name}.`);
  return found;
}

describe('every type, key and name', () => {
  it('lists and describes all tables and views', () => {
    expect(tables.map(({ ref, kind }) => [ref.name, kind]).sort()).toEqual(
      SQLSERVER_TYPES_TABLES.map(({ name, kind }) => [name, kind]).sort(),
    );
    expect(tables.filter(({ remarks }) => remarks !== undefined)).toEqual([]);
  });

  it.each(SQLSERVER_TYPES_TABLES.map(({ name, rowCount }) => [name, rowCount] as const))(
    'carries %s in a statement that the server takes',
    async (name, rowCount) => {
      const table = tableOf(name);
      const carries = table.columns.map((column) => source.dialect.carry(column, 'regular'));
      const columns = carries.flatMap((carry, index) =>
        carry.kind === 'carried' ? [{ expression: carry.expression, alias: `c${index + 1}` }] : [],
      );
      const { rows } = await session.query(
        source.dialect.selectStatement({ table: table.ref, columns, conditions: [] }),
        { signal },
      );
      expect(rows).toHaveLength(rowCount);
      expect(await source.countRows({ table: table.ref, where: null }, { signal })).toBe(rowCount);
      const preview = await source.previewRows({ table: table.ref, limit: 5, maxLength: 100 }, { signal });
      expect(preview.rows).toHaveLength(Math.min(5, rowCount));
    },
  );

  it.each(SQLSERVER_TYPES_TABLES.map(({ name }) => name))('finds the values at risk of %s', async (name) => {
    const table = tableOf(name);
    const columns = table.columns.flatMap((column) => {
      const carry = source.dialect.carry(column, 'regular');
      return carry.kind === 'carried' && carry.risk !== null
        ? [{ name: column.name, type: column.type, nativeType: column.nativeType, risk: carry.risk }]
        : [];
    });
    expect(await source.profileValues({ table: table.ref, where: null, columns }, { signal })).toEqual([]);
  });

  it.each(SQLSERVER_TYPES_TABLES.map(({ name, rowCount }) => [name, rowCount] as const))(
    'cuts %s so that every row is in one range',
    async (name, rowCount) => {
      const table = tableOf(name);
      const keys = table.partitionKeys.length > 0 ? table.partitionKeys : await cuttableColumns(table);
      const boundaries =
        keys.length === 0
          ? []
          : await source.quantiles({ table: table.ref, columns: keys, count: PARTS, where: null }, { signal });
      const ranges = source.dialect.rangePredicates(
        keys.map((key) => ({
          name: key,
          nullable: table.columns.find((column) => column.name === key)?.nullable ?? true,
        })),
        boundaries,
      );
      let sum = 0;
      for (const { predicate } of ranges)
        sum += await source.countRows({ table: table.ref, where: predicate }, { signal });
      expect(sum).toBe(rowCount);
      const anywhere = ranges.map(({ predicate }) => `(${predicate})`).join(' OR ');
      expect(await source.countRows({ table: table.ref, where: anywhere }, { signal })).toBe(rowCount);
    },
  );

  it.each(['guid_key', 'case_blind_key', 'composite_key'])('cuts %s into as many parts as asked for', async (name) => {
    const { ref, partitionKeys } = tableOf(name);
    const boundaries = await source.quantiles(
      { table: ref, columns: partitionKeys, count: PARTS, where: null },
      { signal },
    );
    expect(boundaries).toHaveLength(PARTS - 1);
  });
});

/** The first column that has an order, as a user may choose one for a table without a key. */
async function cuttableColumns(table: TableDescription): Promise<string[]> {
  for (const { name } of table.columns) {
    const found = await source
      .quantiles({ table: table.ref, columns: [name], count: PARTS, where: null }, { signal })
      .catch((error: { code?: string }) => {
        if (error.code !== 'NOT_SUPPORTED') throw error;
        return null;
      });
    if (found !== null) return [name];
  }
  return [];
}
