import { AppError } from '#shared/errors/app-error';
import type { RedshiftSettings, Secrets } from '#shared/model/connection-settings';
import { tableLabel, type TableRef } from '#shared/model/table';
import { silentLog, type Log } from '../../lib/log.ts';
import { redact } from '../../lib/redact.ts';
import type { Source, UnloadRequest } from '../source.ts';
import { listDatabases, listTables } from './catalog.ts';
import { connect, type Session } from './connect.ts';
import { describeTables } from './describe-tables.ts';
import { redshiftDialect, unloadProbeStatement, whereClause } from './dialect.ts';
import { toStatementError, type StatementContext } from './errors.ts';
import { createLoginProvider } from './login.ts';
import { previewStatement } from './preview.ts';
import { profileValues } from './profile.ts';
import { findQuantiles } from './quantiles.ts';
import { createSessions, needsCaseSensitivity } from './sessions.ts';
import { testConnection } from './test-connection.ts';
import { unload } from './unload.ts';

export interface RedshiftSourceOptions {
  settings: RedshiftSettings;
  secrets: Secrets;
  log?: Log;
  connectTimeoutMs?: number;
}

const CONNECT_TIMEOUT_MS = 20_000;

/** A Redshift database, or a PostgreSQL one without UNLOAD. Nothing is opened before the first call. */
export function createRedshiftSource(options: RedshiftSourceOptions): Source {
  const { settings, secrets, log = silentLog, connectTimeoutMs = CONNECT_TIMEOUT_MS } = options;
  const login = createLoginProvider(settings, secrets);
  const open = (signal: AbortSignal): Promise<Session> => connect({ settings, login, signal, connectTimeoutMs });
  const sessions = createSessions(open);
  const label = `Redshift ${settings.database} at ${settings.host}:${settings.port}`;

  /** Lends a session to `work` and turns what the driver throws into an error with its place: table, statement, UNLOAD. */
  const run = async <T>(
    call: { signal: AbortSignal; table?: TableRef; names?: string[]; unload?: Omit<UnloadRequest, 'select'> },
    work: (session: Session, announce: (statement: string, isUnload: boolean) => void) => Promise<T>,
  ): Promise<T> => {
    const { signal, table } = call;
    const context: StatementContext = {
      settings,
      user: userOf(settings),
      ...(table ? { table: tableLabel(table) } : {}),
    };
    const names = [...(table ? [table.schema, table.name] : []), ...(call.names ?? [])];
    try {
      return await sessions.use({ signal, caseSensitive: needsCaseSensitivity(names) }, async (session) => {
        context.user = session.user;
        const watched = watch(session, (statement) => (context.statement = statement));
        return work(watched, (_statement, isUnload) => (context.unload = isUnload ? call.unload : undefined));
      });
    } catch (error) {
      const mapped = toStatementError(error, context);
      if (mapped instanceof AppError) log('warn', mapped.message, { code: mapped.code });
      throw mapped;
    }
  };

  const describe = async (tables: TableRef[], signal: AbortSignal): ReturnType<Source['describeTables']> =>
    tables.length === 0 ? [] : run({ signal }, (session) => describeTables(session, tables, signal));

  const describeOne = async (table: TableRef, signal: AbortSignal) => {
    const [description] = await describe([table], signal);
    if (!description)
      throw new AppError('SOURCE_TABLE_NOT_FOUND', { facts: { table: tableLabel(table), user: userOf(settings) } });
    return description;
  };

  return {
    kind: 'redshift',
    label,
    dialect: redshiftDialect,
    test: ({ signal }) => testConnection({ settings, open, signal }),
    listDatabases: ({ signal }) => run({ signal }, (session) => listDatabases(session, signal)),
    listTables: ({ signal }) => run({ signal }, (session) => listTables(session, settings.database, signal)),
    describeTables: (tables, { signal }) => describe(tables, signal),
    async profileValues(request, { signal }) {
      if (request.columns.length === 0) return [];
      const names = request.columns.map((column) => column.name);
      return run({ signal, table: request.table, names }, (session) => profileValues(session, request, signal));
    },
    countRows({ table, where }, { signal }) {
      return run({ signal, table }, async (session) => {
        const { rows } = await session.query(
          `SELECT COUNT(*) FROM ${redshiftDialect.tableName(table)}${whereClause([where])}`,
          signal,
        );
        return Number(rows[0]?.[0] ?? 0);
      });
    },
    async previewRows({ table, limit, maxLength }, { signal }) {
      const description = await describeOne(table, signal);
      const names = description.columns.map((column) => column.name);
      return run({ signal, table, names }, async (session) => {
        const { rows } = await session.query(previewStatement(description, { limit, maxLength }), signal);
        return { columns: names, rows: rows.map((row) => row.map((value) => value?.slice(0, maxLength) ?? null)) };
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
      return run({ signal, table, names }, (session) =>
        findQuantiles(session, { table, columns, count, where }, signal),
      );
    },
    unload(request, { signal }) {
      const names = quotedNames([
        ...request.select.columns.map((column) => column.expression),
        ...request.select.conditions,
      ]);
      return run({ signal, table: request.select.table, names, unload: request }, (session, announce) =>
        unload(session, request, { signal, announce }),
      );
    },
    async unloadProbe(request, { signal }) {
      const statement = unloadProbeStatement(request);
      await run({ signal, unload: request }, async (session, announce) => {
        announce(statement, true);
        await session.query(statement, signal);
      });
      return redact(statement);
    },
    close: () => sessions.close(),
  };
}

/** The session, telling of every statement before it runs. */
function watch(session: Session, onStatement: (statement: string) => void): Session {
  return {
    ...session,
    user: session.user,
    server: session.server,
    encryption: session.encryption,
    query(statement, signal) {
      onStatement(statement);
      return session.query(statement, signal);
    },
  };
}

/** Names in double quotes inside SQL. */
function quotedNames(expressions: string[]): string[] {
  return expressions.flatMap((expression) => expression.match(/"(?:[^"]|"")*"/g) ?? []);
}

function userOf(settings: RedshiftSettings): string {
  switch (settings.auth.kind) {
    case 'password':
      return settings.auth.user;
    case 'iam-cluster':
      return settings.auth.dbUser;
    case 'iam-serverless':
      return 'the IAM identity';
  }
}
