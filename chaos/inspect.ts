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

async function ledgerComplaints(
  { ledger, tables }: Scenario,
  sandbox: SandboxDescription,
  compared: { table: string; sourceRows: number }[],
): Promise<string[]> {
  const rows = await querySnowflakeRows(
    sandbox,
    `SELECT TARGET_TABLE, COUNT(*) AS PARTITIONS, COUNT_IF(STATE = 'LOADED') AS LOADED, SUM(LOADED_ROWS) AS LOADED_ROWS, COUNT(DISTINCT RUN_ID) AS RUNS
     FROM "${ledger.database}"."${ledger.schema}".PARTITION_LOAD GROUP BY TARGET_TABLE`,
  );
  const complaints: string[] = [];
  tables.forEach(({ target }, index) => {
    const expected = compared[index]?.sourceRows ?? -1;
    const row = rows.find(({ TARGET_TABLE: name }) => name?.replaceAll('"', '').endsWith(`.${target.name}`));
    if (!row) complaints.push(`the ledger knows nothing of ${target.name}`);
    else if (row['PARTITIONS'] !== row['LOADED'] || Number(row['LOADED_ROWS']) !== expected)
      complaints.push(
        `the ledger says of ${target.name}: ${row['LOADED'] ?? ''} of ${row['PARTITIONS'] ?? ''} partitions, ${row['LOADED_ROWS'] ?? ''} rows; there are ${expected}`,
      );
  });
  return complaints;
}

async function transactionComplaints(sandbox: SandboxDescription): Promise<string[]> {
  const open = await querySnowflakeRows(sandbox, 'SHOW TRANSACTIONS IN ACCOUNT', sandbox.snowflake.admin);
  return open.length === 0 ? [] : [`${open.length} transactions are still open`];
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
