import type { IsolationLevel } from '../engine-contract.ts';
import { plainText } from './values/number-text.ts';
import type { SetStatement, Statement } from '../sql/ast-statement.ts';
import type { Located } from '../sql/ast.ts';
import { errors, SqlError } from './errors.ts';
import { contextOf, evaluate, type BatchRun } from './statement-run.ts';
import { nvarchar } from './sql-types.ts';

const ORDERS = new Set(['mdy', 'dmy', 'ymd', 'ydm', 'myd', 'dym']);
/** Switches that must stay as every driver sets them: the other way they would change what queries answer. */
const FIXED: Readonly<Record<string, boolean>> = {
  ANSI_NULLS: true,
  ANSI_PADDING: true,
  CONCAT_NULL_YIELDS_NULL: true,
  FMTONLY: false,
  NOEXEC: false,
  PARSEONLY: false,
  SHOWPLAN_ALL: false,
  SHOWPLAN_TEXT: false,
  SHOWPLAN_XML: false,
  NUMERIC_ROUNDABORT: false,
};

/** SET options of the session. https://learn.microsoft.com/en-us/sql/t-sql/statements/set-statements-transact-sql */
export async function runSet(run: BatchRun, statement: SetStatement & Located): Promise<void> {
  const { options } = run.session;
  switch (statement.kind) {
    case 'set-isolation':
      setIsolation(run, statement.level.toLowerCase().replace(' ', '-') as IsolationLevel);
      return;
    case 'set-switch':
      for (const name of statement.names) setSwitch(run, name, statement.on);
      return;
    case 'set-identity-insert': {
      const object = contextOf(run).environment().resolveObject(statement.table);
      if (object.kind !== 'table') throw errors.unknownObject(statement.table.name);
      if (!object.table.columns.some((column) => column.identity !== null)) {
        throw new SqlError(
          8106,
          `Table '${statement.table.name}' does not have the identity property. Cannot perform SET operation.`,
        );
      }
      const { session } = run;
      if (statement.on && session.identityInsert !== null && session.identityInsert !== object.table) {
        throw new SqlError(
          8107,
          `IDENTITY_INSERT is already ON for table '${session.database.name}.dbo.${session.identityInsert.name}'. Cannot perform SET operation for table '${statement.table.name}'.`,
        );
      }
      session.identityInsert = statement.on ? object.table : null;
      return;
    }
    case 'set-value':
      await setValue(run, statement);
      return;
    case 'set-statistics':
      options.textSize = Math.max(options.textSize, 0);
  }
}

function setIsolation(run: BatchRun, level: IsolationLevel): void {
  const { session } = run;
  const { transaction } = session;
  if (level === 'snapshot' && transaction !== null && transaction.isolation !== 'snapshot' && transaction.isOpen) {
    throw new SqlError(
      3951,
      `Transaction failed in database '${session.database.name}' because the statement was run under snapshot isolation but the transaction did not start in snapshot isolation. You cannot change the isolation level of the transaction to snapshot after the transaction has started unless the transaction was originally started under snapshot isolation level.`,
    );
  }
  session.options.isolation = level;
  if (transaction !== null && !transaction.isOpen) transaction.isolation = level;
}

function setSwitch(run: BatchRun, name: string, on: boolean): void {
  const { options } = run.session;
  const fixed = FIXED[name];
  if (fixed !== undefined && fixed !== on) throw errors.unsupported(`SET ${name} ${on ? 'ON' : 'OFF'}`);
  if (name === 'NOCOUNT') options.noCount = on;
  else if (name === 'XACT_ABORT') options.xactAbort = on;
  else if (name === 'QUOTED_IDENTIFIER') options.quotedIdentifier = on;
  else if (name === 'ANSI_WARNINGS') options.ansiWarnings = on;
  else if (name === 'IMPLICIT_TRANSACTIONS') {
    if (on) throw errors.unsupported('SET IMPLICIT_TRANSACTIONS ON');
  } else if (name === 'ANSI_DEFAULTS') options.quotedIdentifier = on;
}

async function setValue(run: BatchRun, statement: Extract<Statement, { kind: 'set-value' }>): Promise<void> {
  const { options } = run.session;
  const number = async (): Promise<number> =>
    Number((await evaluate(run, statement.value, { name: 'int' }, statement)) ?? 0);
  const text = async (): Promise<string> =>
    plainText(await evaluate(run, statement.value, nvarchar(128), statement)).toLowerCase();
  switch (statement.name) {
    case 'LOCK_TIMEOUT':
      options.lockTimeout = await number();
      return;
    case 'ROWCOUNT':
      options.rowCount = await number();
      return;
    case 'TEXTSIZE': {
      const size = await number();
      options.textSize = size <= 0 ? 2_147_483_647 : size;
      if (options.textSize < 2_147_483_647) throw errors.unsupported('SET TEXTSIZE below 2147483647');
      return;
    }
    case 'DATEFIRST': {
      const first = await number();
      if (first < 1 || first > 7) throw new SqlError(2744, `The SET DATEFIRST value ${first} is out of range.`);
      options.dateFirst = first;
      return;
    }
    case 'DATEFORMAT': {
      const order = await text();
      if (!ORDERS.has(order)) throw new SqlError(2741, `SET DATEFORMAT date order '${order}' is invalid.`);
      options.dateOrder = order as typeof options.dateOrder;
      return;
    }
    case 'LANGUAGE': {
      const language = await text();
      if (language !== 'us_english' && language !== 'english') throw errors.unsupported(`SET LANGUAGE ${language}`);
      options.dateOrder = 'mdy';
      options.dateFirst = 7;
      return;
    }
    case 'DEADLOCK_PRIORITY':
    case 'QUERY_GOVERNOR_COST_LIMIT':
      return;
    case 'CONTEXT_INFO':
      throw errors.unsupported('SET CONTEXT_INFO');
  }
}
