import type { LedgerLocation, LoadRequest } from '../target.ts';
import { LEASE_TABLE, LEDGER_TABLE } from './ddl.ts';
import { quoteLiteral, quoteName } from './quote.ts';

export function ledgerTable(ledger: LedgerLocation): string {
  return quoteName(ledger.database, ledger.schema, LEDGER_TABLE);
}

export function leaseTable(ledger: LedgerLocation): string {
  return quoteName(ledger.database, ledger.schema, LEASE_TABLE);
}

/**
 * The fence of a load: changes one row, and only if nobody loaded this partition before and, with `isLeased`, the run is still this instance's.
 * Binds: attempt id, loaded rows, expected rows, file digest, session id, query id, run id, table id, partition id; leased: run id, instance id.
 */
export function markLoadedSql(ledger: LedgerLocation, isLeased: boolean): string {
  return `${markSql(ledger)}${isLeased ? ` AND ${ifLeased(ledger)}` : ''}`;
}

/** Binds: run id, table id; run id, instance id. */
export function forgetLoadsSql(ledger: LedgerLocation): string {
  return `UPDATE ${ledgerTable(ledger)} SET STATE = 'PLANNED', ATTEMPT_ID = NULL, LOADED_ROWS = NULL, SESSION_ID = NULL, QUERY_ID = NULL, COMMITTED_AT = NULL WHERE RUN_ID = ? AND TABLE_ID = ? AND STATE = 'LOADED' AND ${ifLeased(ledger)}`;
}

/** Binds: run id, instance id. */
function ifLeased(ledger: LedgerLocation): string {
  return `EXISTS (SELECT 1 FROM ${leaseTable(ledger)} AS L WHERE L.RUN_ID = ? AND L.INSTANCE_ID = ? AND L.EXPIRES_AT > CURRENT_TIMESTAMP())`;
}

function markSql(ledger: LedgerLocation): string {
  return `UPDATE ${ledgerTable(ledger)} SET STATE = 'LOADED', ATTEMPT_ID = ?, LOADED_ROWS = ?, EXPECTED_ROWS = ?, FILE_DIGEST = ?, SESSION_ID = ?, QUERY_ID = ?, COMMITTED_AT = CURRENT_TIMESTAMP() WHERE RUN_ID = ? AND TABLE_ID = ? AND PARTITION_ID = ? AND STATE <> 'LOADED'`;
}

/** The same statement for reading. */
export function ledgerLoadedStatement(
  request: Pick<LoadRequest, 'ledger' | 'runId' | 'tableId' | 'partitionId' | 'attemptId'>,
): string {
  return (
    `UPDATE ${ledgerTable(request.ledger)} SET STATE = 'LOADED', ATTEMPT_ID = ${quoteLiteral(request.attemptId)}, LOADED_ROWS = <rows loaded>, ...\n` +
    `WHERE RUN_ID = ${quoteLiteral(request.runId)} AND TABLE_ID = ${quoteLiteral(request.tableId)} AND PARTITION_ID = ${quoteLiteral(request.partitionId)} AND STATE <> 'LOADED'`
  );
}
