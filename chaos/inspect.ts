import { readdirSync } from 'node:fs';
import path from 'node:path';
import { ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import { compareTables } from '../scripts/lib/compare-tables.mjs';
import { querySnowflake } from '../scripts/lib/read-snowflake-rows.mjs';
import type { Environment, SandboxDescription } from './environment.ts';
import type { Scenario } from './scenario.ts';

export interface Inspection {
  rows: number;
  /** Rows lost or doubled. */
  differences: number;
  complaints: string[];
}

type Row = Record<string, string | null>;

/** Looks at both sides, the ledger, the transactions and every place where files may be left, with the drivers alone. */
export async function inspect(scenario: Scenario, { description: sandbox }: Environment): Promise<Inspection> {
  const compared = await compareTables({ source: scenario.source, sandbox, tables: scenario.tables });
  const complaints = compared
    .filter(({ isEqual }) => !isEqual)
    .map(({ table, missing, extra }) => `${table}: ${missing ?? 'some'} rows lost, ${extra ?? 'some'} too many`);
  complaints.push(
    ...(await ledgerComplaints(scenario, sandbox, compared)),
    ...(await transactionComplaints(sandbox)),
    ...(await stagedFiles(scenario, sandbox)),
    ...localFiles(scenario),
  );
  return {
    rows: compared.reduce((sum, { sourceRows }) => sum + sourceRows, 0),
    differences: compared.reduce((sum, { missing, extra }) => sum + (missing ?? 1) + (extra ?? 1), 0),
    complaints,
  };
}

/**
 * In the middle of a migration: every row in Snowflake is one of the source, none is there twice, and no more than the ledger says; no transaction is open.
 * Tables that were not begun may be missing.
 */
export async function inspectUnfinished(scenario: Scenario, { description: sandbox }: Environment): Promise<string[]> {
  const there = new Set(
    (await querySnowflakeRows(sandbox, `SHOW TABLES IN DATABASE "${sandbox.snowflake.database}"`)).map(
      ({ schema_name: schema, name }) => `${schema ?? ''}.${name ?? ''}`,
    ),
  );
  const tables = scenario.tables.filter(({ target }) => there.has(`${target.schema}.${target.name}`));
  const compared = await compareTables({ source: scenario.source, sandbox, tables });
  const ledger = await ledgerRows(scenario, sandbox);
  const complaints = await transactionComplaints(sandbox);
  compared.forEach(({ table, targetRows, extra }, index) => {
    if (extra !== 0) complaints.push(`${table}: ${extra ?? 'some'} rows too many before the end`);
    const known = Number(findLedgerRow(ledger, tables[index]?.target.name ?? '')?.['LOADED_ROWS'] ?? 0);
    if (known !== targetRows) complaints.push(`${table}: ${targetRows} rows are there, the ledger says ${known}`);
  });
  return complaints;
}

async function ledgerComplaints(
  scenario: Scenario,
  sandbox: SandboxDescription,
  compared: { table: string; sourceRows: number }[],
): Promise<string[]> {
  const rows = await ledgerRows(scenario, sandbox);
  const complaints: string[] = [];
  scenario.tables.forEach(({ target }, index) => {
    const expected = compared[index]?.sourceRows ?? -1;
    const row = findLedgerRow(rows, target.name);
    if (!row) complaints.push(`the ledger knows nothing of ${target.name}`);
    else if (row['PARTITIONS'] !== row['LOADED'] || Number(row['LOADED_ROWS']) !== expected)
      complaints.push(
        `the ledger says of ${target.name}: ${row['LOADED'] ?? ''} of ${row['PARTITIONS'] ?? ''} partitions, ${row['LOADED_ROWS'] ?? ''} rows; there are ${expected}`,
      );
  });
  return complaints;
}

/** What each target has of partitions, loaded partitions and loaded rows; nothing where no run has begun. */
async function ledgerRows({ ledger }: Scenario, sandbox: SandboxDescription): Promise<Row[]> {
  const schemas = await querySnowflakeRows(sandbox, `SHOW SCHEMAS IN ACCOUNT`);
  if (!schemas.some(({ name }) => name === ledger.schema)) return [];
  return querySnowflakeRows(
    sandbox,
    `SELECT TARGET_TABLE, COUNT(*) AS PARTITIONS, COUNT_IF(STATE = 'LOADED') AS LOADED, SUM(LOADED_ROWS) AS LOADED_ROWS
     FROM "${ledger.database}"."${ledger.schema}".PARTITION_LOAD GROUP BY TARGET_TABLE`,
  );
}

function findLedgerRow(rows: Row[], table: string): Row | undefined {
  return rows.find(({ TARGET_TABLE: name }) => name?.replaceAll('"', '').endsWith(`.${table}`));
}

async function transactionComplaints(sandbox: SandboxDescription): Promise<string[]> {
  const open = await openTransactions(sandbox);
  return open.length === 0 ? [] : [`${open.length} transactions are still open`];
}

function openTransactions(sandbox: SandboxDescription): Promise<Row[]> {
  return querySnowflakeRows(sandbox, 'SHOW TRANSACTIONS IN ACCOUNT', sandbox.snowflake.admin);
}

/** So that what one migration left does not stand in the way of the next. */
export async function abortTransactions({ description: sandbox }: Environment): Promise<void> {
  for (const { id } of await openTransactions(sandbox))
    // It may end by itself in the same moment.
    await querySnowflakeRows(sandbox, `SELECT SYSTEM$ABORT_TRANSACTION(${id ?? ''})`, sandbox.snowflake.admin).catch(
      () => undefined,
    );
}

async function stagedFiles({ strategy, ledger }: Scenario, sandbox: SandboxDescription): Promise<string[]> {
  const names =
    strategy === 'unload'
      ? await bucketKeys(sandbox)
      : (await querySnowflakeRows(sandbox, `LIST @"${ledger.database}"."${ledger.schema}".SNOWFERRY_STAGE`)).map(
          ({ name }) => name ?? '',
        );
  return names.length === 0 ? [] : [`${names.length} staged files are left: ${names.slice(0, 3).join(', ')}`];
}

async function bucketKeys({ s3 }: SandboxDescription): Promise<string[]> {
  if (!s3) return [];
  const client = new S3Client({
    endpoint: s3.endpoint,
    region: s3.region,
    forcePathStyle: true,
    credentials: { accessKeyId: s3.accessKeyId, secretAccessKey: s3.secretAccessKey },
  });
  const { Contents = [] } = await client.send(new ListObjectsV2Command({ Bucket: s3.bucket, Prefix: 'practice/' }));
  client.destroy();
  return Contents.map(({ Key }) => Key ?? '');
}

function localFiles({ localDirectory }: Scenario): string[] {
  const names = readdirSync(localDirectory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name));
  return names.length === 0 ? [] : [`${names.length} local files are left: ${names.slice(0, 3).join(', ')}`];
}

async function querySnowflakeRows(
  { snowflake }: SandboxDescription,
  sql: string,
  user?: { user: string; password: string; role: string },
): Promise<Row[]> {
  const rows: Row[] = [];
  await querySnowflake({ server: { ...snowflake, ...user }, sql, onRow: (row: Row) => rows.push(row) });
  return rows;
}
