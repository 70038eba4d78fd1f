import { coreHandler } from './core.ts';
import { EXECUTED, statementTypes, statusResult } from './results.ts';

/** BEGIN, START TRANSACTION. A second BEGIN inside a transaction changes nothing. */
const beginHandler = coreHandler(
  'BEGIN',
  (reader) => reader.isWords('BEGIN') || reader.isWords('START', 'TRANSACTION'),
  async ({ session, state }, reader) => {
    if (!reader.acceptWords('BEGIN')) reader.expectWords('START');
    if (!reader.acceptWords('WORK')) reader.acceptWords('TRANSACTION');
    const name = reader.acceptWords('NAME') ? reader.identifier().name : undefined;
    reader.expectEnd();
    if (!session.transaction) state.transactions.begin(session, name === undefined ? {} : { name });
    return Promise.resolve(statusResult(EXECUTED, statementTypes.begin));
  },
);

/** COMMIT and ROLLBACK without a transaction succeed and do nothing. */
const endHandler = coreHandler(
  'COMMIT or ROLLBACK',
  (reader) => reader.isWords('COMMIT') || reader.isWords('ROLLBACK'),
  async ({ session, state }, reader) => {
    const isCommit = reader.next().value === 'COMMIT';
    reader.acceptWords('WORK');
    reader.expectEnd();
    if (isCommit) await state.transactions.commit(session);
    else await state.transactions.rollback(session);
    return statusResult(EXECUTED, isCommit ? statementTypes.commit : statementTypes.rollback);
  },
);

/** https://docs.snowflake.com/en/sql-reference/transactions */
export const transactionHandlers = [beginHandler, endHandler];
