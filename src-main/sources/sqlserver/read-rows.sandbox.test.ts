import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sourceSettingsSchema, type SqlServerSettings } from '#shared/model/connection-settings';
import type { TableRef } from '#shared/model/table';
import { startSandboxProcess, type SandboxProcess } from '../../lib/testing/sandbox-process.ts';
import type { ReadRequest, Source } from '../source.ts';
import { openSqlServerReader } from './read-rows.ts';
import { createSqlServerSource } from './sqlserver-source.ts';
import { readValues } from './tds/testing/read-values.ts';

interface SqlServerLogin {
  host: string;
  port: number;
  database: string;
  user: string;
  password: string;
  caFile: string;
}

const signal = new AbortController().signal;

let sandbox: SandboxProcess;
let settings: SqlServerSettings;
let secrets: Record<string, string>;
let source: Source;
let tables: TableRef[];

beforeAll(async () => {
  sandbox = await startSandboxProcess(['--source', 'sqlserver', '--scale', '0.001', '--schemas', 'types']);
  const { sqlserver } = sandbox.description as unknown as { sqlserver: SqlServerLogin };
  const { host, port, database, user, password, caFile } = sqlserver;
  settings = sourceSettingsSchema.parse({
    kind: 'sqlserver',
    host,
    port,
    database,
    auth: { kind: 'sql-login', user },
    caFile,
  }) as SqlServerSettings;
  secrets = { 'source.password': password };
  source = createSqlServerSource({ settings, secrets });
  const summaries = await source.listTables({ signal });
  tables = summaries.map(({ ref }) => ref).filter(({ schema }) => schema === 'types');
});

afterAll(async () => {
  await source.close();
  await sandbox.stop();
});

/** The request of an extraction of all columns that can be carried. */
async function requestFor(table: TableRef): Promise<ReadRequest> {
  const [description] = await source.describeTables([table], { signal });
  if (!description) throw new Error(`${table.name} is not there`);
  const carried = description.columns.flatMap((column) => {
    const carry = source.dialect.carry(column, 'regular');
    return carry.kind === 'carried' ? [{ column, carry }] : [];
  });
  const expressions = carried.map(({ carry }, index) => ({ expression: carry.expression, alias: `c${index + 1}` }));
  return {
    statement: source.dialect.selectStatement({ table, columns: expressions, conditions: [] }),
    table,
    columns: carried.map(({ column, carry }, index) => ({
      alias: `c${index + 1}`,
      sourceName: column.name,
      nativeType: column.nativeType,
      type: column.type,
      carrier: carry.carrier,
    })),
    isolation: 'snapshot-if-allowed',
  };
}

/** Every value by column name, and the number of rows that the server said it sent. */
async function read(request: ReadRequest, allowTakeOver: boolean) {
  const reader = await openSqlServerReader({ settings, secrets, request, allowTakeOver }, { signal });
  try {
    const values: (string | null)[][] = reader.codecs.map(() => []);
    const { serverRows } = await reader.read(
      (batch) => {
        reader.codecs.forEach((codec, index) => values[index]!.push(...readValues(batch, index, codec)));
        return undefined;
      },
      { signal },
    );
    return {
      serverRows,
      columns: Object.fromEntries(request.columns.map(({ sourceName }, index) => [sourceName, values[index]!])),
    };
  } finally {
    await reader.close();
  }
}

async function readTable(name: string) {
  const table = tables.find((candidate) => candidate.name === name);
  if (!table) throw new Error(`${name} is not listed`);
  return read(await requestFor(table), true);
}

describe('reading the schema types', () => {
  it('reads every table from the wire as the server spells it in text', async () => {
    expect(tables.length).toBeGreaterThan(40);
    for (const table of tables) {
      const request = await requestFor(table);
      const fromWire = await read(request, true);
      const fromText = await read(request, false);
      expect(fromWire.serverRows, table.name).toBe(Object.values(fromWire.columns)[0]?.length);
      // Tables without a clustered index have no order; the columns are compared by themselves.
      for (const [name, values] of Object.entries(fromWire.columns)) {
        expect(values.toSorted(), `${table.name}.${name}`).toEqual(fromText.columns[name]?.toSorted());
      }
    }
  });

  it('reads the ends of exact numbers digit by digit', async () => {
    const { columns } = await readTable('decimals');
    expect(columns['c_38_10']?.slice(0, 2)).toEqual(['9'.repeat(38), `-${'9'.repeat(38)}`]);
    expect(columns['c_money']?.slice(0, 2)).toEqual(['9223372036854775807', '-9223372036854775808']);
  });

  it('keeps all digits of times and the offset of each', async () => {
    const { columns } = await readTable('dates');
    expect(columns['c_datetime2_7']?.slice(0, 2)).toEqual([
      '0001-01-01 00:00:00.0000001',
      '9999-12-31 23:59:59.9999999',
    ]);
    expect(columns['c_offset_7']?.slice(0, 3)).toEqual([
      '0001-01-01 14:00:00.0000001 +14:00',
      '9999-12-31 09:59:59.9999999 -14:00',
      '1970-01-01 00:00:00.1234567 -03:30',
    ]);
    expect(columns['c_time_7']?.[1]).toBe('23:59:59.9999999');
  });

  it('tells empty texts from NULL, and keeps characters beyond the BMP', async () => {
    const { columns } = await readTable('unicode_texts');
    const texts = columns['c_nvarchar'] ?? [];
    expect(texts[0]).toBe('');
    expect(texts.at(-1)).toBeNull();
    expect(texts).toContain('𝒳 beyond the BMP 𠜎 \u{10ffff}');
    expect(columns['c_utf8']).toEqual(texts);
    expect(columns['c_max']).toEqual(texts);
  });

  it('reads texts of code pages', async () => {
    const { columns } = await readTable('code_pages');
    expect([columns['c_latin']?.[0], columns['c_cyrillic']?.[0], columns['c_japanese']?.[0]]).toEqual([
      'café “quoted” €',
      'Привет, мир',
      '日本語 ｱｲｳ',
    ]);
  });

  it('reads values of 20 MB', async () => {
    const { columns } = await readTable('large_values');
    const texts = (columns['c_text'] ?? []).map((text) => text?.length ?? null);
    const binaries = (columns['c_binary'] ?? []).map((hex) => (hex === null ? null : hex.length / 2));
    expect(texts).toEqual([0, null, 10 * 1024 * 1024, null]);
    expect(binaries).toEqual([0, null, null, 20 * 1024 * 1024]);
  });
});

describe('cancelling', () => {
  it('ends a statement at the server and gives its connection back', async () => {
    const request = await requestFor(tables.find(({ name }) => name === 'guid_key')!);
    const controller = new AbortController();
    const reader = await openSqlServerReader({ settings, secrets, request }, { signal });
    const reading = reader.read(
      () => {
        controller.abort();
        return new Promise(() => undefined);
      },
      { signal: controller.signal },
    );
    await expect(reading).rejects.toMatchObject({ name: 'AbortError' });
    await reader.close();
  });
});
