import type { Role } from '../catalog/catalog-types.ts';
import { canSee, canUseSchema } from '../catalog/privileges.ts';
import { checkParameter, PARAMETERS } from '../engine/parameters.ts';
import { constantText, type CoreContext } from '../engine/statement-context.ts';
import { errors, SnowflakeError } from '../errors.ts';
import { parseExpression } from '../sql/parse-query.ts';
import type { TokenReader } from '../sql/token-reader.ts';
import { coreHandler } from './core.ts';
import { EXECUTED, statementTypes, statusResult } from './results.ts';

/** https://docs.snowflake.com/en/sql-reference/sql/use */
const useHandler = coreHandler(
  'USE',
  (reader) => reader.isWords('USE'),
  async (context, reader) => {
    reader.expectWords('USE');
    if (reader.acceptWords('WAREHOUSE')) useWarehouse(context, reader);
    else if (reader.acceptWords('ROLE')) useRole(context, reader.identifier().name);
    else if (reader.acceptWords('SECONDARY', 'ROLES')) reader.next();
    else if (reader.acceptWords('DATABASE')) useDatabase(context, reader.identifier().name);
    else if (reader.acceptWords('SCHEMA')) useSchema(context, reader);
    else if (reader.peek(1).value === '.') useSchema(context, reader);
    else useDatabase(context, reader.identifier().name);
    reader.expectEnd();
    return Promise.resolve(statusResult(EXECUTED, statementTypes.use));
  },
);

function useWarehouse(context: CoreContext, reader: TokenReader): void {
  const { name } = reader.identifier();
  const warehouse = context.catalog.findAccountObject('WAREHOUSE', name);
  if (!warehouse || !canSee(context.catalog, context.session.role, warehouse)) throw errors.doesNotExistOrOperation();
  context.session.warehouse = name;
}

function useRole(context: CoreContext, name: string): void {
  const { user } = context.session;
  const role = context.catalog.findAccountObject('ROLE', name) as Role | undefined;
  const granted = [...user.roles].some((r) => context.catalog.rolesOf(r).has(name)) || name === 'PUBLIC';
  if (!role || !granted) {
    throw new SnowflakeError(
      '003013',
      '42501',
      `SQL access control error:\nRequested role '${name}' is not assigned to the executing user. Specify another role to activate.`,
    );
  }
  context.session.role = name;
}

function useDatabase(context: CoreContext, name: string): void {
  const database = context.catalog.findDatabase(name);
  if (!database || !context.hasPrivilege('USAGE', database)) throw errors.doesNotExistOrOperation();
  context.session.database = name;
  context.session.schema = database.schemas.has('PUBLIC') ? 'PUBLIC' : null;
}

function useSchema(context: CoreContext, reader: TokenReader): void {
  const parts = reader.objectName();
  const databaseName = parts.length === 2 ? (parts[0]?.name ?? '') : context.session.database;
  if (!databaseName) throw errors.noDatabase();
  const name = parts[parts.length - 1]?.name ?? '';
  const database = context.catalog.findDatabase(databaseName);
  const schema = database?.schemas.get(name);
  const known = schema
    ? canUseSchema(context.catalog, context.session.role, schema)
    : name === 'INFORMATION_SCHEMA' && database && context.hasPrivilege('USAGE', database);
  if (!known) throw errors.doesNotExistOrOperation();
  context.session.database = databaseName;
  context.session.schema = name;
}

/** ALTER SESSION SET a = b ... | UNSET a, b. https://docs.snowflake.com/en/sql-reference/sql/alter-session */
const alterSessionHandler = coreHandler(
  'ALTER SESSION',
  (reader) => reader.isWords('ALTER', 'SESSION'),
  async (context, reader) => {
    const { parameters } = context.session;
    reader.expectWords('ALTER', 'SESSION');
    if (reader.acceptWords('UNSET')) {
      do parameters.delete(reader.identifier().name);
      while (reader.acceptOperator(','));
      reader.expectEnd();
      return statusResult(EXECUTED, statementTypes.alterSession);
    }
    reader.expectWords('SET');
    const changes: [string, string][] = [];
    do {
      const { name } = reader.identifier();
      reader.expectOperator('=');
      changes.push([name, checkParameter(name, reader.optionValue())]);
      reader.acceptOperator(',');
    } while (!reader.atEnd());
    reader.expectEnd();
    // Turning autocommit on inside of a transaction that it began commits that.
    if (changes.some(([name]) => name === 'AUTOCOMMIT')) await context.commitBeforeDdl();
    for (const [name, value] of changes) parameters.set(name, keepCase(name, value));
    return statusResult(EXECUTED, statementTypes.alterSession);
  },
);

function keepCase(name: string, value: string): string {
  return PARAMETERS[name]?.type === 'BOOLEAN' ? value.toLowerCase() : value;
}

/** SET name = expression; UNSET name. https://docs.snowflake.com/en/sql-reference/session-variables */
const setHandler = coreHandler(
  'SET or UNSET',
  (reader) => reader.isWords('SET') || reader.isWords('UNSET'),
  async (context, reader) => {
    const isUnset = reader.next().value === 'UNSET';
    if (isUnset) {
      do context.session.variables.delete(reader.identifier().name);
      while (reader.acceptOperator(','));
      reader.expectEnd();
      return statusResult(EXECUTED, statementTypes.alterSession);
    }
    const { name } = reader.identifier();
    reader.expectOperator('=');
    const value = await constantText(context, parseExpression(reader));
    reader.expectEnd();
    if (value === null) context.session.variables.delete(name);
    else context.session.variables.set(name, value);
    return statusResult(EXECUTED, statementTypes.alterSession);
  },
);

export const sessionHandlers = [useHandler, alterSessionHandler, setHandler];
