import { readFile } from 'node:fs/promises';
import mssql from 'mssql';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SQLSERVER_TYPES_TABLES, TYPES_SCHEMA, bracket } from '../../src-sandbox/seed/sqlserver-types.ts';
import type { Session } from '../targets/snowflake/connect.ts';
import { execute } from '../targets/snowflake/execute.ts';
import { canonicalNumber } from './testing/canonical-values.ts';
import { openSnowflake } from './testing/open-snowflake.ts';
import { findSecrets, startPractice, type CommandOutput, type Practice } from './testing/practice-commands.ts';

/**
 * Every value of the schema `types` of SQL Server is read back from Snowflake and compared with the text that the server itself writes of it: neither the
 * product's statements nor the driver's conversions take part in that.
 */

interface PlannedTable {
  source: { name: string };
  target: { database: string; schema: string; name: string };
  blocked: { message: string } | null;
  leftOut: { sourceName: string; reason: string }[];
  columns: { sourceName: string; targetName: string; nativeType: string }[];
}

const TABLES = SQLSERVER_TYPES_TABLES;
const signal = new AbortController().signal;
const NULL = '\u0000NULL';

let practice: Practice;
let source: mssql.ConnectionPool;
let target: Session;
let planned: PlannedTable[];
let run: CommandOutput;

beforeAll(async () => {
  practice = await startPractice(['--source', 'sqlserver', '--scale', '0.001', '--schemas', 'types']);
  const workflow = workflowOf();
  const output = await practice.run('plan', { workflow });
  planned = (JSON.parse(output.stdout) as { plan: { tables: PlannedTable[] } }).plan.tables;
  run = await practice.run('run', { workflow });
  source = await openSource();
  target = await openSnowflake(practice.description.snowflake, signal);
}, 400_000);

afterAll(async () => {
  await source?.close();
  await target?.close();
  await practice?.stop();
});

describe('the schema types, migrated from SQL Server into Snowflake', () => {
  it('is migrated whole', () => {
    const { code, stderr, stdout } = run;
    expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' });
    const report = JSON.parse(stdout) as { outcome: string; tables: { outcome: string }[] };
    expect(report.outcome).toBe('done');
    expect(report.tables.map(({ outcome }) => outcome)).toEqual(TABLES.map(() => 'loaded'));
    expect(findSecrets(stdout + stderr, practice.secrets)).toEqual([]);
  });

  it('leaves no column out without saying why', () => {
    for (const { source: table, blocked, leftOut } of planned) {
      expect({ table: table.name, blocked }).toEqual({ table: table.name, blocked: null });
      for (const { reason } of leftOut) expect(reason).not.toBe('');
    }
    expect(planned.flatMap(({ leftOut }) => leftOut.map(({ sourceName }) => sourceName))).toEqual([]);
  });

  it.each(TABLES.map(({ name, rowCount }) => ({ name, rowCount })))(
    'has every value of $name on both sides',
    async ({ name, rowCount }) => {
      const table = planned.find(({ source: { name: planName } }) => planName === name);
      if (!table) throw new Error(`There is no plan for ${name}.`);
      const [before, after] = await Promise.all([readSource(table), readTarget(table)]);
      expect([before.length, after.length]).toEqual([rowCount, rowCount]);
      expect(differences(table, before, after).join('\n')).toBe('');
    },
  );
});

function workflowOf(): Record<string, unknown> {
  const { snowflake, sqlserver } = practice.description;
  return {
    defaultTableConfiguration: {
      source: { databaseName: sqlserver?.database, schemaName: TYPES_SCHEMA },
      target: { databaseName: snowflake.database, schemaName: 'TYPES' },
      extraction: { strategy: 'regular' },
    },
    // Names of a case-blind collation may differ by case only for a case-blind target too; every target gets the exact name.
    tables: TABLES.map(({ name }) => ({
      source: { tableName: bracket(name) },
      target: { tableName: `"${name.replaceAll('"', '""')}"` },
    })),
    createMissingTargets: true,
  };
}

async function openSource(): Promise<mssql.ConnectionPool> {
  const { sqlserver } = practice.description;
  if (!sqlserver) throw new Error('The practice environment described no SQL Server.');
  const { host, port, database, user, password, caFile } = sqlserver;
  const pool = new mssql.ConnectionPool({
    server: host,
    port,
    database,
    user,
    password,
    requestTimeout: 0,
    options: {
      encrypt: true,
      trustServerCertificate: false,
      cryptoCredentialsDetails: { ca: await readFile(caFile, 'utf8') },
    },
  });
  return pool.connect();
}

async function readSource({ source: { name }, columns }: PlannedTable): Promise<string[][]> {
  const list = columns.map(({ sourceName, nativeType }) => serverText(bracket(sourceName), baseType(nativeType)));
  const request = source.request();
  request.arrayRowMode = true;
  const { recordset } = await request.query(`SELECT ${list.join(', ')} FROM ${bracket(TYPES_SCHEMA)}.${bracket(name)}`);
  return (recordset as unknown as (string | Buffer | null)[][]).map((row) =>
    row.map((value, index) => canonical(baseType(columns[index]?.nativeType ?? ''), value)),
  );
}

async function readTarget({ target: table, columns }: PlannedTable): Promise<string[][]> {
  const quote = (name: string): string => `"${name.replaceAll('"', '""')}"`;
  const place = [table.database, table.schema, table.name].map(quote).join('.');
  // Snowflake writes offsets itself: the driver takes those below 16 minutes for hours.
  const list = columns
    .map(({ targetName, nativeType }) =>
      baseType(nativeType) === 'datetimeoffset'
        ? `TO_VARCHAR(${quote(targetName)}, 'YYYY-MM-DD HH24:MI:SS.FF9 TZHTZM')`
        : quote(targetName),
    )
    .join(', ');
  const { rows } = await execute(target, { sql: `SELECT ${list} FROM ${place}`, signal });
  return rows.map((row) => row.map((value, index) => canonical(baseType(columns[index]?.nativeType ?? ''), value)));
}

/** `decimal(38,10)`, `[types].[Phone] (nvarchar(20))` and the like, without what stands in parentheses. */
function baseType(nativeType: string): string {
  const inner = /\((\D[^()]*(?:\([^()]*\))?)\)\s*$/.exec(nativeType)?.[1] ?? nativeType;
  return inner.replace(/\(.*$/s, '').trim().toLowerCase();
}

/** https://learn.microsoft.com/en-us/sql/t-sql/functions/cast-and-convert-transact-sql: style 2 of money has four digits, 3 of float all of them. */
function serverText(name: string, type: string): string {
  switch (type) {
    case 'money':
    case 'smallmoney':
      return `CONVERT(varchar(60), ${name}, 2)`;
    case 'float':
    case 'real':
      return `CONVERT(varchar(60), ${name}, 3)`;
    case 'bit':
    case 'tinyint':
    case 'smallint':
    case 'int':
    case 'bigint':
    case 'decimal':
    case 'numeric':
    case 'uniqueidentifier':
      return `CAST(${name} AS varchar(60))`;
    case 'date':
    case 'time':
    case 'datetime':
    case 'datetime2':
    case 'smalldatetime':
    case 'datetimeoffset':
      return `CONVERT(varchar(60), ${name}, 121)`;
    case 'sql_variant':
      return variantText(name);
    // The driver takes a byte order mark away from the text of a code page.
    case 'char':
    case 'varchar':
    case 'xml':
      return `CAST(${name} AS nvarchar(max))`;
    case 'hierarchyid':
      return `${name}.ToString()`;
    case 'geometry':
    case 'geography':
      return `CONCAT('SRID=', ${name}.STSrid, ';', ${name}.AsTextZM())`;
    case 'timestamp':
    case 'rowversion':
      return `CAST(${name} AS binary(8))`;
    default:
      return name;
  }
}

/** A plain CAST would cut digits of money and datetime, and read binary as text. */
function variantText(name: string): string {
  return `CASE CAST(SQL_VARIANT_PROPERTY(${name}, 'BaseType') AS nvarchar(30))
    WHEN 'money' THEN CONVERT(nvarchar(60), CAST(${name} AS money), 2)
    WHEN 'datetime' THEN CONVERT(nvarchar(60), CAST(${name} AS datetime), 121)
    WHEN 'varbinary' THEN CONVERT(nvarchar(100), CAST(${name} AS varbinary(20)), 1)
    ELSE CAST(${name} AS nvarchar(100)) END`;
}

/** One form for what both sides write; zeros behind the last digit mean nothing. */
function canonical(type: string, value: string | Buffer | null): string {
  if (value === null) return NULL;
  if (Buffer.isBuffer(value)) return value.toString('hex').toUpperCase();
  switch (type) {
    case 'tinyint':
    case 'smallint':
    case 'int':
    case 'bigint':
    case 'decimal':
    case 'numeric':
    case 'money':
    case 'smallmoney':
      return canonicalNumber(value);
    case 'float':
      return String(Number(value));
    case 'real':
      return String(Math.fround(Number(value)));
    case 'bit':
      return /^(1|true)$/i.test(value) ? '1' : '0';
    case 'time':
    case 'datetime':
    case 'datetime2':
    case 'smalldatetime':
    case 'datetimeoffset':
      return canonicalMoment(value);
    case 'geometry':
    case 'geography':
      return value === 'SRID=;' ? NULL : value;
    default:
      return value;
  }
}

function canonicalMoment(text: string): string {
  const match = /^(.*?\d\d:\d\d)(?::(\d\d)(?:\.(\d+))?)?\s*(?:(Z)|([+-]\d\d):?(\d\d))?$/.exec(text.replace('T', ' '));
  if (!match) return `not a time: ${text}`;
  const [, minutes = '', seconds = '00', fraction = '', , hours = '', rest = ''] = match;
  return `${minutes}:${seconds}.${fraction.padEnd(9, '0')}${hours}${rest}`;
}

/** Rows are matched in the order of all their values, so that tables without a key, and with equal rows, are compared whole. */
function differences({ columns }: PlannedTable, before: string[][], after: string[][]): string[] {
  const order = (rows: string[][]): string[][] =>
    rows
      .map((row) => ({ row, key: JSON.stringify(row.map((value) => value.slice(0, 1000))) }))
      .sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0))
      .map(({ row }) => row);
  const [sent, arrived] = [order(before), order(after)];
  const cut = (text = 'nothing'): string => JSON.stringify(text.slice(0, 120));
  return sent.flatMap((row, at) =>
    row.flatMap((value, index) => {
      const other = arrived[at]?.[index];
      if (value === other) return [];
      const column = `${columns[index]?.sourceName ?? ''} ${columns[index]?.nativeType ?? ''}`;
      return [`row ${cut(row[0])}, ${column}: ${cut(value)} became ${cut(other)}`];
    }),
  );
}
