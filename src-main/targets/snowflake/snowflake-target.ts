import type { Secrets, SnowflakeSettings } from '#shared/model/connection-settings';
import type { Log } from '../../lib/log.ts';
import type { LedgerLocation, Target } from '../target.ts';
import { countManyRows, countRows, describeTables, listObjects } from './catalog.ts';
import { snowflakeDialect } from './dialect.ts';
import { ensureLedger, readLedger, registerPartitions } from './ledger.ts';
import { loadPartition } from './load-partition.ts';
import { abortTransactionsOf } from './orphans.ts';
import { forgetLog } from './sdk.ts';
import { createSessionPool } from './session-pool.ts';
import { countStagedRows, createStage, describeStage, listStaged, readStagedJson, removeStaged } from './stage.ts';
import { testConnection } from './test-connection.ts';

export interface SnowflakeTargetOptions {
  settings: SnowflakeSettings;
  secrets: Secrets;
  log?: Log;
}

const DEFAULT_LEDGER: LedgerLocation = { database: 'SNOWCONVERT_AI', schema: 'DATA_MIGRATION' };

/** A Snowflake account as a target. Nothing connects before the first call. */
export function createSnowflakeTarget(options: SnowflakeTargetOptions): Target {
  const { settings, secrets } = options;
  const pool = createSessionPool(options);
  // The file formats live beside the ledger; reading a staged file before a run was prepared uses the place of the last preparation.
  let ledger = DEFAULT_LEDGER;
  return {
    label: `Snowflake ${settings.account}`,
    dialect: snowflakeDialect,
    test: (request, { signal }) => testConnection({ settings, secrets, request, signal, log: options.log }),
    list: (request, { signal }) => listObjects(pool, request, signal),
    describeStage: (stage, { signal }) => describeStage(pool, stage, signal),
    createStage: (request, { signal }) => createStage(pool, request, signal),
    listStaged: (request, { signal }) => listStaged(pool, request, signal),
    removeStaged: (request, { signal }) => removeStaged(pool, request, signal),
    readStagedJson: (request, { signal }) => readStagedJson(pool, { ledger, ...request }, signal),
    countStagedRows: (request, { signal }) => countStagedRows(pool, { ledger, ...request }, signal),
    describeTables: (tables, { signal }) => describeTables(pool, tables, signal),
    countRows: (table, { signal }) => countRows(pool, table, signal),
    countManyRows: (tables, { signal }) => countManyRows(pool, tables, signal),
    runDdl: async (sql, { signal }) => {
      await pool.run({ sql, signal });
    },
    ensureLedger: async (location, { signal }) => {
      await ensureLedger(pool, location, signal);
      ledger = location;
    },
    registerPartitions: (request, { signal }) => registerPartitions(pool, request, signal),
    readLedger: (request, { signal }) => readLedger(pool, request, signal),
    abortOrphans: async ({ sessionIds }, { signal }) =>
      abortTransactionsOf(await pool.shared(signal), sessionIds, signal),
    loadPartition: (request, { signal }) => loadPartition(pool, request, signal),
    close: async () => {
      await pool.close();
      forgetLog(options.log);
    },
  };
}
