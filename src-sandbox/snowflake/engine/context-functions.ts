import type { TypedSql } from '../commands/command.ts';
import { SnowflakeError } from '../errors.ts';
import { types, type SnowflakeType } from '../sql/data-type.ts';
import { SECOND } from '../values/time-text.ts';
import { quoteText } from './database.ts';
import { parameterOf } from './parameters.ts';
import type { CoreContext } from './statement-context.ts';
import type { Prelude } from './translate-environment.ts';

interface Call {
  name: string;
  args: string[];
  prelude: Prelude[];
}

const text = (value: string | null): TypedSql =>
  value === null
    ? { sql: 'CAST(NULL AS VARCHAR)', type: types.text() }
    : { sql: quoteText(value), type: types.text(), nullable: false };

/**
 * Functions of the session, the account and the moment. https://docs.snowflake.com/en/sql-reference/functions-context
 * @returns undefined when the name is none of them
 */
export function contextFunction(context: CoreContext, call: Call): TypedSql | undefined {
  const { session, state } = context;
  switch (call.name) {
    case 'CURRENT_VERSION':
      return text(state.version);
    case 'CURRENT_USER':
      return text(session.user.name);
    case 'CURRENT_ROLE':
      return text(session.role);
    case 'CURRENT_WAREHOUSE':
      return text(session.warehouse);
    case 'CURRENT_DATABASE':
      return text(session.database);
    case 'CURRENT_SCHEMA':
      return text(session.schema);
    case 'CURRENT_ACCOUNT':
      return text(state.services.account.toUpperCase());
    case 'CURRENT_ACCOUNT_NAME':
      return text(state.services.account.toUpperCase());
    case 'CURRENT_ORGANIZATION_NAME':
      return text('PRACTICE_ORG');
    case 'CURRENT_REGION':
      return text(state.region);
    case 'CURRENT_SESSION':
      return text(session.id);
    case 'CURRENT_CLIENT':
      return text('JavaScript');
    case 'CURRENT_SECONDARY_ROLES':
      return text('{"roles":"","value":""}');
    case 'CURRENT_AVAILABLE_ROLES':
      return text(JSON.stringify([...state.catalog.rolesOf(session.role)].sort()));
    case 'CURRENT_STATEMENT':
      return text(context.text);
    case 'CURRENT_TRANSACTION':
      return text(session.transaction?.explicit ? session.transaction.id : null);
    case 'LAST_TRANSACTION':
      return text(session.transaction?.id ?? null);
    case 'LAST_QUERY_ID':
      return text(lastQueryId(session.queryIds, Number(call.args[0] ?? -1)));
    case 'IS_ROLE_IN_SESSION':
      return {
        sql: state.catalog.rolesOf(session.role).has(call.args[0] ?? '') ? 'TRUE' : 'FALSE',
        type: types.boolean,
      };
    default:
      return timeFunction(context, call) ?? systemFunction(context, call);
  }
}

function lastQueryId(ids: string[], position: number): string | null {
  return (position < 0 ? ids[ids.length + position] : ids[position - 1]) ?? null;
}

function timeFunction(context: CoreContext, call: Call): TypedSql | undefined {
  const nanos = BigInt(context.services.now().getTime()) * 1_000_000n;
  const held = (type: SnowflakeType): TypedSql => {
    const instant: TypedSql = { sql: `CAST('${nanos}' AS HUGEINT)`, type: types.ltz(), nullable: false };
    return context.cast(instant, type);
  };
  switch (call.name) {
    case 'CURRENT_TIMESTAMP':
    case 'LOCALTIMESTAMP':
    case 'GETDATE':
    case 'SYSTIMESTAMP':
      return held(types.ltz());
    case 'SYSDATE':
      return { sql: `CAST('${nanos}' AS HUGEINT)`, type: types.ntz(), nullable: false };
    case 'CURRENT_DATE':
      return held(types.date);
    case 'CURRENT_TIME':
    case 'LOCALTIME':
      return context.cast(context.cast(held(types.ltz()), types.ntz()), types.time());
    default:
      return undefined;
  }
}

function systemFunction(context: CoreContext, call: Call): TypedSql | undefined {
  const { state, session } = context;
  switch (call.name) {
    case 'SYSTEM$ABORT_TRANSACTION': {
      const id = call.args[0] ?? '';
      const found = state.transactions.list().find((t) => t.transaction.id === id);
      const allowed =
        found &&
        (found.transaction.userName === session.user.name || state.catalog.rolesOf(session.role).has('ACCOUNTADMIN'));
      if (!found || !allowed) {
        throw new SnowflakeError('000604', '02000', `Transaction id ${id} does not exist or is not authorized.`);
      }
      call.prelude.push(async () => {
        await state.transactions.abort(id, session);
      });
      return text('Aborted transaction id: ' + id);
    }
    case 'SYSTEM$ABORT_SESSION': {
      const target = state.sessions.get(call.args[0] ?? '');
      if (!target)
        throw new SnowflakeError('000709', '02000', `Session ${call.args[0]} does not exist or is not authorized.`);
      call.prelude.push(async () => {
        target.closed = true;
        if (target.transaction) await state.transactions.abort(target.transaction.id, session);
      });
      return text('session closed.');
    }
    case 'SYSTEM$CANCEL_QUERY': {
      const query = state.queries.get(call.args[0] ?? '');
      if (!query || query.status !== 'RUNNING') return text('Identified SQL statement is not currently executing.');
      call.prelude.push(() => {
        query.cancel.abort();
        return Promise.resolve();
      });
      return text(`query [${query.id}] terminated.`);
    }
    case 'SYSTEM$LAST_CHANGE_COMMIT_TIME':
      return { sql: `CAST('${BigInt(Date.now()) * SECOND}' AS DECIMAL(38,0))`, type: types.number() };
    case 'SYSTEM$TYPEOF':
    default:
      return undefined;
  }
}

/** For texts that show a parameter, such as a message. */
export function sessionParameter(context: CoreContext, name: string): string {
  return parameterOf(context.session.parameters, name);
}
