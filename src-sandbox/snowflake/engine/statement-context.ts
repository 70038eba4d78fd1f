import { canSee, canUseDatabase, canUseSchema, hasPrivilege } from '../catalog/privileges.ts';
import type {
  AccountObject,
  CatalogObject,
  Column,
  Database,
  Schema,
  SchemaDomain,
  SchemaObject,
  Table,
  View,
  Warehouse,
} from '../catalog/catalog-types.ts';
import type { StatementContext, TranslatedQuery, TranslateOptions, TypedSql } from '../commands/command.ts';
import { errors, fromDuckDb, SnowflakeError } from '../errors.ts';
import type { Expression, Query } from '../sql/ast.ts';
import { castTo } from '../sql/cast.ts';
import { parseExpression, parseQuery } from '../sql/parse-query.ts';
import { parseType } from '../sql/parse-type.ts';
import { emptyScope } from '../sql/scope.ts';
import type { ObjectName } from '../sql/token-reader.ts';
import { translateExpression } from '../sql/translate-expression.ts';
import { translateQuerySql, translator } from '../sql/translate-query.ts';
import { resolveStageSource } from '../stages/stage-source.ts';
import { runSql } from './database.ts';
import { insertRows } from './insert-rows.ts';
import { parameterOf } from './parameters.ts';
import type { ServerState } from './server-state.ts';
import type { Session } from './session.ts';
import { collectStages } from './stage-sources.ts';
import { createEnvironment, type Bindings, type Prelude } from './translate-environment.ts';

/** The context, with what only the core's own handlers use. */
export interface CoreContext extends StatementContext {
  readonly state: ServerState;
  /** Values of the binds; of the current row for array binds. */
  bindings: Bindings;
  /** Array binds: one set of values a row. */
  readonly bindingRows: Bindings[];
  /** An environment to translate with; run `prelude` before the SQL. */
  environment(options?: TranslateOptions): Promise<ReturnType<typeof createEnvironment>>;
  runPrelude(prelude: Prelude[]): Promise<void>;
  lock(table: Table, mode: 'append' | 'write' | 'all'): Promise<void>;
}

export interface ContextRequest {
  state: ServerState;
  session: Session;
  queryId: string;
  text: string;
  signal: AbortSignal;
  bindingRows: Bindings[];
}

/** Makes the context that one statement runs with. */
export function createStatementContext(request: ContextRequest): CoreContext {
  const { state, session } = request;
  const { catalog } = state;
  const run = (sql: string): Promise<Record<string, unknown>[]> => runSql(session.connection, sql);

  const currentSchema = (): { database: Database; schemaName: string } => {
    if (!session.database) throw errors.noDatabase();
    const database = catalog.findDatabase(session.database);
    if (!database) throw errors.noDatabase();
    if (!session.schema) throw errors.noSchema();
    return { database, schemaName: session.schema };
  };
  const database = (name: string): Database => {
    const found = catalog.findDatabase(name);
    if (!found || (!canUseDatabase(catalog, session.role, found) && !canSee(catalog, session.role, found))) {
      throw errors.doesNotExist('Database', name);
    }
    return found;
  };
  const schemaOf = (db: Database, name: string): Schema => {
    const found = db.schemas.get(name);
    if (!found || (!canUseSchema(catalog, session.role, found) && !canSee(catalog, session.role, found))) {
      throw errors.doesNotExist('Schema', `${db.name}.${name}`);
    }
    return found;
  };
  const resolve = (name: ObjectName): { schema: Schema; name: string } => {
    const last = name[name.length - 1];
    if (!last) throw errors.doesNotExistOrOperation();
    if (name.length === 3)
      return { schema: schemaOf(database(name[0]?.name ?? ''), name[1]?.name || 'PUBLIC'), name: last.name };
    if (name.length === 2) {
      if (!session.database) throw errors.noDatabase();
      return { schema: schemaOf(database(session.database), name[0]?.name ?? ''), name: last.name };
    }
    const current = currentSchema();
    return { schema: schemaOf(current.database, current.schemaName), name: last.name };
  };
  const visible = (object: SchemaObject): boolean =>
    ('sessionId' in object && object.sessionId === session.id) ||
    (canUseSchema(catalog, session.role, object.schema) && canSee(catalog, session.role, object));

  const context: CoreContext = {
    ...request,
    bindings: request.bindingRows[0] ?? new Map<number, TypedSql>(),
    catalog,
    services: state.services,
    run,
    resolve,
    resolveSchema: (name) => {
      const last = name[name.length - 1]?.name ?? '';
      if (name.length === 2) return schemaOf(database(name[0]?.name ?? ''), last);
      if (!session.database) throw errors.noDatabase();
      return schemaOf(database(session.database), last);
    },
    find: <T extends SchemaObject>(domain: SchemaDomain, name: ObjectName): T | undefined => {
      const { schema, name: own } = resolve(name);
      const found = catalog.find(schema, domain, own, session.id);
      return found && visible(found) ? (found as T) : undefined;
    },
    require: <T extends SchemaObject>(domain: SchemaDomain, name: ObjectName): T => {
      const what = domain === 'TABLE' || domain === 'VIEW' ? 'Object' : titleOf(domain);
      const shown = name
        .map((p) => p.name)
        .filter(Boolean)
        .join('.');
      let found: T | undefined;
      try {
        found = context.find<T>(domain, name);
      } catch (error) {
        if (error instanceof SnowflakeError && error.code === '002003' && name.length > 1) throw error;
        throw error;
      }
      if (found) return found;
      throw errors.doesNotExist(what, what === 'Object' ? shown : qualified(context, name));
    },
    requireAccountObject: <T extends AccountObject>(domain: T['domain'], name: string): T => {
      const found = domain === 'DATABASE' ? catalog.findDatabase(name) : catalog.findAccountObject(domain, name);
      if (found && (domain === 'ROLE' || domain === 'USER' || canSee(catalog, session.role, found)))
        return found as unknown as T;
      throw errors.doesNotExist(titleOf(domain), name);
    },
    hasPrivilege: (privilege, object) => {
      if ('sessionId' in object && object.sessionId === session.id) return true;
      return hasPrivilege(catalog, session.role, privilege, object);
    },
    requirePrivilege: (privilege, object) => {
      if (!context.hasPrivilege(privilege, object))
        throw errors.insufficientPrivileges(object.domain.toLowerCase(), object.name);
    },
    requireWarehouse: () => resumeWarehouse(state, session),
    commitBeforeDdl: async () => {
      if (session.transaction) await state.transactions.commit(session);
    },
    parseQuery,
    parseExpression,
    parseType,
    environment: async (options) => createEnvironment(context, options),
    runPrelude: async (prelude) => {
      for (const step of prelude) await step();
    },
    translateQuery: (query, options) => translateWith(context, query, options),
    translateExpression: (expression) => translateOne(context, expression),
    cast: (value: TypedSql, to, strict = true) =>
      castTo(value, to, { parameter: (name) => parameterOf(session.parameters, name), strict }),
    insertRows: (table: Table, columns: Column[], query: TranslatedQuery) => insertRows(context, table, columns, query),
    atomically: (work) => state.transactions.atomically(session, work),
    onTransactionEnd: (listener) => {
      state.transactions.ensure(session).endListeners.push(listener);
    },
    lock: (table, mode) => {
      state.transactions.ensure(session);
      return state.transactions.lock(session, table, mode, request.signal);
    },
  };
  return context;
}

function titleOf(domain: string): string {
  return domain
    .toLowerCase()
    .split(' ')
    .map((word, i) => (i === 0 ? `${word[0]?.toUpperCase()}${word.slice(1)}` : word))
    .join(' ');
}

function qualified(context: StatementContext, name: ObjectName): string {
  const { schema, name: own } = context.resolve(name);
  return `${schema.database.name}.${schema.name}.${own}`;
}

function resumeWarehouse(state: ServerState, session: Session): void {
  const warehouse = session.warehouse
    ? (state.catalog.findAccountObject('WAREHOUSE', session.warehouse) as Warehouse | undefined)
    : undefined;
  if (!warehouse || !hasPrivilege(state.catalog, session.role, 'USAGE', warehouse)) throw errors.noWarehouse();
  if (warehouse.state === 'STARTED') return;
  if (!warehouse.autoResume) {
    throw new SnowflakeError(
      '090073',
      '22000',
      `Cannot perform SELECT. Warehouse '${warehouse.name}' is suspended and AUTO_RESUME is off.`,
    );
  }
  warehouse.state = 'STARTED';
  warehouse.resumedOn = new Date();
}

async function translateWith(context: CoreContext, query: Query, options?: TranslateOptions): Promise<TranslatedQuery> {
  const { environment, prelude } = await context.environment(options);
  for (const source of collectStages(query)) {
    const relation = await (options?.stageRelation?.(source) ?? resolveStageSource(context, source));
    environment.stageRelations.set(source, relation);
  }
  const translated = translateQuerySql(query, environment, null);
  await context.runPrelude(prelude);
  return { ...translated, tables: [...environment.tables] };
}

async function translateOne(context: CoreContext, expression: Expression): Promise<TypedSql> {
  const { environment, prelude } = await context.environment();
  const value = translateExpression(expression, translator(environment, emptyScope()));
  await context.runPrelude(prelude);
  return value;
}

/** One value of an expression over no table, as text. */
export async function constantText(context: StatementContext, expression: Expression): Promise<string | null> {
  const value = context.cast(await context.translateExpression(expression), { kind: 'text', length: 16_777_216 });
  try {
    const rows = await context.run(`SELECT ${value.sql} AS v`);
    return (rows[0]?.['v'] as string | null | undefined) ?? null;
  } catch (error) {
    throw fromDuckDb(error);
  }
}

export type { CatalogObject, View };
