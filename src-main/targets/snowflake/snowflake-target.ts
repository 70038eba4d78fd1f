import type { Secrets, SnowflakeSettings } from '#shared/model/connection-settings';
import type { Log } from '../../lib/log.ts';
import type { LedgerLocation, Target } from '../target.ts';
import { countManyRows, countRows, describeTables, listObjects } from './catalog.ts';
import { snowflakeDialect } from './dialect.ts';
import { runDdl } from './run-ddl.ts';
import { ensureLedger, forgetLoads, readLedger, registerPartitions } from './ledger.ts';
import { acquireLease, otherRunsInto, releaseLease, renewLease } from './lease.ts';
import { loadPartition } from './load-partition.ts';
import { ensureInternalStage, putFile } from './internal-stage.ts';
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

/** A Snowflake account as a target. Nothing connects before the first call. */
export function createSnowflakeTarget(options: SnowflakeTargetOptions): Target {
  const { settings, secrets } = options;
  const pool = createSessionPool(options);
  // The file formats live beside the ledger. Before a run was prepared, staged files are read with temporary formats beside the stage.
  let ledger: LedgerLocation | null = null;
  return {
    label: `Snowflake ${settings.account}`,
    dialect: snowflakeDialect,
    test: (request, { signal }) => testConnection({ settings, secrets, request, signal, log: options.log }),
    list: (request, { signal }) => listObjects(pool, request, signal),
    describeStage: (stage, { signal }) => describeStage(pool, stage, signal),
    createStage: (request, { signal }) => createStage(pool, request, signal),
    ensureInternalStage: (stage, { signal }) => ensureInternalStage(pool, stage, signal),
    putFile: (request, { signal }) => putFile(pool, request, signal),
    listStaged: (request, { signal }) => listStaged(pool, request, signal),
    removeStaged: (request, { signal }) => removeStaged(pool, request, signal),
    readStagedJson: (request, { signal }) => readStagedJson(pool, { ...request, ledger }, signal),
    countStagedRows: (request, { signal }) => countStagedRows(pool, { ...request, ledger }, signal),
    describeTables: (tables, { signal }) => describeTables(pool, tables, signal),
    countRows: (table, { signal }) => countRows(pool, table, signal),
    countManyRows: (tables, { signal }) => countManyRows(pool, tables, signal),
    runDdl: (sql, { signal }) => runDdl(pool, sql, signal),
    ensureLedger: async (location, { signal }) => {
      await ensureLedger(pool, location, signal);
      ledger = location;
    },
    registerPartitions: (request, { signal }) => registerPartitions(pool, request, signal),
    forgetLoads: (request, { signal }) => forgetLoads(pool, request, signal),
    readLedger: (request, { signal }) => readLedger(pool, request, signal),
    ping: ({ signal }) => pool.withOwnSession({ signal, tag: { probe: 'ping' } }, async () => undefined),
    acquireLease: (request, { signal }) => acquireLease(pool, request, signal),
    renewLease: (request, { signal }) => renewLease(pool, request, signal),
    releaseLease: (request, { signal }) => releaseLease(pool, request, signal),
    otherRunsInto: (request, { signal }) => otherRunsInto(pool, request, signal),
    abortOrphans: async ({ sessionIds }, { signal }) =>
      abortTransactionsOf(await pool.shared(signal), sessionIds, signal),
    loadPartition: (request, { signal }) => loadPartition(pool, request, signal),
    close: async () => {
      await pool.close();
      forgetLog(options.log);
    },
  };
}
