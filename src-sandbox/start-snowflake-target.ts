import { generateKeyPairSync } from 'node:crypto';
import { join } from 'node:path';
import type { Closers } from './closers.ts';
import type { FaultPlan, FiredFault } from './faults.ts';
import { PRACTICE_BUCKET, PRACTICE_REGION, toKeys, trustSnowflake } from './practice-account.ts';
import { runSnowflakeSql } from './run-snowflake-sql.ts';
import type { SnowflakeLogin } from './run-snowflake-sql.ts';
import type { SnowflakeDescription } from './sandbox-description.ts';
import type { SnowflakeChildOptions } from './snowflake-child.ts';
import type { PracticeAws } from './start-aws.ts';
import { startChild } from './start-child.ts';

const ACCOUNT = 'practice';
const ADMIN = { username: 'ADMIN', password: 'Practice-Admin-1' };
const USER = 'SNOWFERRY';
const PASSWORD = 'Practice-Snowferry-1';
const ROLE = 'MIGRATOR';
const WAREHOUSE = 'MIGRATION_WH';
const DATABASE = 'PRACTICE';
const SCHEMA = 'TPCH';
const INTEGRATION = 'S3_PRACTICE';
const STAGE = 'MIGRATION_STAGE';
const STAGE_URL = `s3://${PRACTICE_BUCKET}/`;

/** Starts the Snowflake endpoint in a process of its own and sets it up with SQL over the vendor's driver, as an administrator would. */
export async function startSnowflakeTarget(options: {
  dataDirectory: string;
  /** Null: no external stage. */
  aws: PracticeAws | null;
  faultPlan: FaultPlan | null;
  onFired: (fault: FiredFault) => void;
  closers: Closers;
  log: (line: string) => void;
}): Promise<SnowflakeDescription & { processId: number }> {
  const { aws, closers, log } = options;
  const child = await startChild<{ accessUrl: string }>({
    module: new URL('./snowflake-child.ts', import.meta.url),
    options: toChildOptions(options),
    log: (line) => log(`snowflake: ${line}`),
    onReport: (value) => options.onFired(value as FiredFault),
    onUnexpectedExit: (reason) => log(`The Snowflake endpoint ended: ${reason}.`),
  });
  closers.add(() => child.close());
  log('Snowflake is up.');
  const { accessUrl } = child.value;
  const keys = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
  const admin: SnowflakeLogin = { accessUrl, account: ACCOUNT, ...ADMIN, role: 'ACCOUNTADMIN' };
  await runSnowflakeSql(admin, accountStatements(keys.publicKey));
  const token = await addAccessToken(admin);
  if (aws) await addStage(admin, aws);
  log('Snowflake is set up.');
  return {
    accessUrl,
    account: ACCOUNT,
    user: USER,
    password: PASSWORD,
    database: DATABASE,
    schema: SCHEMA,
    warehouse: WAREHOUSE,
    role: ROLE,
    ...(aws ? { stage: STAGE, stageUrl: STAGE_URL, storageIntegration: INTEGRATION } : {}),
    token,
    privateKey: keys.privateKey,
    processId: child.processId,
  };
}
