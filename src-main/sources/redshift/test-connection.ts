import type { CheckResult, ConnectionReport } from '#shared/model/check';
import type { RedshiftSettings } from '#shared/model/connection-settings';
import { readTableInfo } from './catalog.ts';
import * as sql from './catalog-queries.ts';
import type { Session } from './connect.ts';
import { toStatementError } from './errors.ts';

interface TestOptions {
  settings: RedshiftSettings;
  open(signal: AbortSignal): Promise<Session>;
  signal: AbortSignal;
}

/** Logs in on a connection of its own, so that a changed password shows, and tells what was reached and what the user may do there. */
export async function testConnection(options: TestOptions): Promise<ConnectionReport> {
  const { settings, signal } = options;
  const session = await options.open(signal);
  try {
    const started = performance.now();
    const identity = await session.query('SELECT current_user, current_database()', signal);
    const elapsedMs = Math.max(1, Math.round(performance.now() - started));
    const [user, database] = identity.rows[0] ?? [];
    return {
      server: session.server.isRedshift ? 'Amazon Redshift' : 'PostgreSQL',
      version: shortVersion(session),
      user: user ?? session.user,
      elapsedMs,
      facts: [
        { label: 'Database', value: database ?? settings.database },
        { label: 'User', value: user ?? session.user },
        { label: 'Latency', value: `${elapsedMs} ms` },
        {
          label: 'Encryption',
          value: session.encryption ? `${session.encryption.protocol}, ${session.encryption.cipher}` : 'none',
        },
        { label: 'Identity of the server', value: identityText(settings) },
      ],
      rights: await checkRights(session, signal),
      warnings: warnings(session, settings),
    };
  } catch (error) {
    throw toStatementError(error, { settings, user: session.user, table: 'the connection test' });
  } finally {
    await session.close();
  }
}

/** `PostgreSQL 8.0.2 on i686-pc-linux-gnu, ..., Redshift 1.0.77467` tells two versions; the last one counts. */
function shortVersion(session: Session): string {
  const { version } = session.server;
  return /Redshift\s+([\d.]+)/i.exec(version)?.[1] ?? /PostgreSQL\s+([\d.]+)/i.exec(version)?.[1] ?? version;
}

function identityText(settings: RedshiftSettings): string {
  switch (settings.tls.mode) {
    case 'verify-full':
      return 'certificate and host name verified';
    case 'verify-ca':
      return 'certificate verified, host name not compared';
    case 'require':
      return 'not verified';
    case 'disable':
      return 'not verified, connection not encrypted';
  }
}

function warnings(session: Session, settings: RedshiftSettings): string[] {
  const found: string[] = [];
  if (!session.server.isRedshift) {
    found.push(
      'This server is a plain PostgreSQL, not Amazon Redshift. Tables can be listed and counted; UNLOAD, and with it the migration through S3, does not exist there.',
    );
  }
  if (session.encryption === null)
    found.push('The connection is not encrypted: data and, with some logins, the password can be read on the way.');
  else if (settings.tls.mode === 'require')
    found.push("The server's identity is not verified. The TLS mode verify-full does that.");
  return found;
}

async function checkRights(session: Session, signal: AbortSignal): Promise<CheckResult[]> {
  return [
    await checkSchemas(session, signal),
    await checkTables(session, signal),
    await checkEstimates(session, signal),
    checkUnload(session),
  ];
}

async function checkSchemas(session: Session, signal: AbortSignal): Promise<CheckResult> {
  const { rows } = await session.query(sql.SCHEMA_RIGHTS, signal);
  const [all = 0, usable = 0] = (rows[0] ?? []).map(Number);
  if (all === 0)
    return check('schemas', {
      state: 'failed',
      summary: 'There is no schema in this database.',
      did: [sql.SCHEMA_RIGHTS],
    });
  return check('schemas', {
    state: usable === 0 ? 'failed' : 'passed',
    summary: usable === 0 ? `USAGE is missing on all ${all} schemas.` : `USAGE on ${usable} of ${all} schemas.`,
    did: [sql.SCHEMA_RIGHTS],
  });
}

async function checkTables(session: Session, signal: AbortSignal): Promise<CheckResult> {
  const { rows } = await session.query(sql.TABLE_RIGHTS, signal);
  const [all = 0, readable = 0] = (rows[0] ?? []).map(Number);
  const summary =
    all === 0
      ? 'There are no tables or views in the schemas that the user may use.'
      : `SELECT on ${readable} of ${all} tables and views.`;
  const state = readable > 0 ? (readable < all ? 'warning' : 'passed') : all === 0 ? 'warning' : 'failed';
  return check('tables', { state, summary, did: [sql.TABLE_RIGHTS] });
}

async function checkEstimates(session: Session, signal: AbortSignal): Promise<CheckResult> {
  const info = await readTableInfo(session, null, signal);
  const did = [sql.tableInfo(null)];
  if (info.isVisible && (info.tables.size > 0 || info.isComplete)) {
    return check('estimates', { state: 'passed', summary: 'SVV_TABLE_INFO gives rows and sizes.', did });
  }
  const lift = session.server.isRedshift ? ' GRANT SELECT ON svv_table_info lifts this.' : '';
  return check('estimates', {
    state: 'warning',
    summary: `SVV_TABLE_INFO shows nothing here: rows are estimated from the last ANALYZE, sizes stay unknown.${lift}`,
    did,
  });
}

function checkUnload(session: Session): CheckResult {
  if (!session.server.isRedshift) {
    return check('unload', { state: 'warning', summary: 'This server has no UNLOAD.', did: ['SELECT version()'] });
  }
  return check('unload', {
    state: 'skipped',
    summary: 'Whether UNLOAD may write to the bucket shows when the checks of the S3 page run a small one.',
    did: [],
  });
}

const NAMES = {
  schemas: 'Use schemas',
  tables: 'Read tables',
  estimates: 'See row counts and sizes',
  unload: 'Unload to S3',
};

function check(id: keyof typeof NAMES, parts: Pick<CheckResult, 'state' | 'summary' | 'did'>): CheckResult {
  return { id, name: NAMES[id], ...parts, error: null, elapsedMs: null, finishedAt: new Date().toISOString() };
}
