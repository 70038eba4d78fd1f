import { AppError } from '#shared/errors/app-error';
import type { Secrets, SqlServerSettings } from '#shared/model/connection-settings';
import { tableLabel, type TableDescription, type TableRef } from '#shared/model/table';
import { silentLog, type Log } from '../../lib/log.ts';
import type { Source } from '../source.ts';
import { createCatalogReader, type CatalogReader, type KnownViews } from './catalog-views.ts';
import { listDatabases, listTables } from './catalog.ts';
import { connect, type Session } from './connect.ts';
import { describeTables } from './describe-tables.ts';
import { sqlServerDialect, whereClause } from './dialect.ts';
import { serverName, toStatementError, userName, type StatementContext } from './errors.ts';
import { describeConsistency, readConsistency } from './isolation.ts';
import { previewStatement } from './preview.ts';
import { profileValues } from './profile.ts';
import { findQuantiles } from './quantiles.ts';
import { createSessions } from './sessions.ts';
import { testConnection } from './test-connection.ts';

export interface SqlServerSourceOptions {
  settings: SqlServerSettings;
  secrets: Secrets;
  log?: Log;
  connectTimeoutMs?: number;
}

/** Azure SQL databases that rest (serverless) take up to a minute to wake; the driver tries again while they do. */
const CONNECT_TIMEOUT_MS = 30_000;

/** A database of SQL Server or Azure SQL. Nothing is opened before the first call. */
export function createSqlServerSource(options: SqlServerSourceOptions): Source {
  const { settings, secrets, log = silentLog, connectTimeoutMs = CONNECT_TIMEOUT_MS } = options;
  const open = (signal: AbortSignal): Promise<Session> => connect({ settings, secrets, signal, connectTimeoutMs });
  const sessions = createSessions(open);
  const knownViews: KnownViews = new Map();

  /** Lends a session to `work` and turns what the driver throws into an error with its place: table, statement. */
  const run = async <T>(
    call: { signal: AbortSignal; table?: TableRef },
    work: (session: Session) => Promise<T>,
  ): Promise<T> => {
    const { signal, table } = call;
    const context: StatementContext = { settings, ...(table ? { table: tableLabel(table) } : {}) };
    try {
      return await sessions.use(signal, (session) => work(watch(session, context)));
    } catch (error) {
      const mapped = toStatementError(error, context);
      if (mapped instanceof AppError) log('warn', mapped.message, { code: mapped.code });
      throw mapped;
    }
  };

  const runCatalog = <T>(signal: AbortSignal, work: (catalog: CatalogReader) => Promise<T>): Promise<T> =>
    run({ signal }, (session) => work(createCatalogReader(session, knownViews, signal)));

  const describe = async (tables: TableRef[], signal: AbortSignal): ReturnType<Source['describeTables']> =>
    tables.length === 0 ? [] : runCatalog(signal, (catalog) => describeTables(catalog, tables));

  const describeOne = async (table: TableRef, signal: AbortSignal): Promise<TableDescription> => {
    const [description] = await describe([table], signal);
    if (!description) {
      throw new AppError('SOURCE_TABLE_NOT_FOUND', {
        facts: { table: tableLabel(table), user: userName(settings) },
      });
    }
    return description;
  };

  return {
    kind: 'sqlserver',
    label: `SQL Server ${settings.database} at ${serverName(settings)}`,
    dialect: sqlServerDialect,
    test: ({ signal }) => testConnection({ settings, open, signal }),
    describeReads: ({ signal }) =>
      runCatalog(signal, async (catalog) => describeConsistency(await readConsistency(catalog))),
    listDatabases: ({ signal }) => runCatalog(signal, (catalog) => listDatabases(catalog, settings.database)),
    listTables: ({ signal }) => runCatalog(signal, (catalog) => listTables(catalog, settings.database)),
    describeTables: (tables, { signal }) => describe(tables, signal),
    async profileValues(request, { signal }) {
      if (request.columns.length === 0) return [];
      return run({ signal, table: request.table }, (session) => profileValues(session, request, signal));
    },
    countRows({ table, where }, { signal }) {
      return run({ signal, table }, async (session) => {
        const statement = `SELECT COUNT_BIG(*) FROM ${sqlServerDialect.tableName(table)}${whereClause([where])}`;
        const { rows } = await session.query(statement, { signal });
        return Number(rows[0]?.[0] ?? 0);
      });
    },
    async previewRows({ table, limit, maxLength }, { signal }) {
      const description = await describeOne(table, signal);
      return run({ signal, table }, async (session) => {
        const { rows } = await session.query(previewStatement(description, { limit, maxLength }), { signal });
        return {
          columns: description.columns.map(({ name }) => name),
          rows: rows.map((row) => row.map((value) => value?.slice(0, maxLength) ?? null)),
        };
      });
    },
    async quantiles({ table, columns: names, count, where }, { signal }) {
      const description = await describeOne(table, signal);
      const columns = names.map((name) => {
        const column = description.columns.find((candidate) => candidate.name === name);
        if (column) return column;
        throw new AppError('SOURCE_COLUMN_CHANGED', {
          facts: { table: tableLabel(table), detail: `there is no column ${name}` },
        });
      });
      return run({ signal, table }, (session) =>
        findQuantiles(session, { table: description, columns, count, where }, signal),
      );
    },
    close: () => sessions.close(),
  };
}

/** The session, writing into `context` what it is about to run. */
function watch(session: Session, context: StatementContext): Session {
  return {
    ...session,
    query(statement, options) {
      context.statement = statement;
      context.timeoutMs = options.timeoutMs ?? 0;
      return session.query(statement, options);
    },
  };
}
