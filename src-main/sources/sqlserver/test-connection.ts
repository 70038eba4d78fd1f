import type { CheckResult, ConnectionReport } from '#shared/model/check';
import type { SqlServerSettings } from '#shared/model/connection-settings';
import { createCatalogReader, type CatalogReader } from './catalog-views.ts';
import { readObjects } from './catalog.ts';
import type { Session } from './connect.ts';
import { toStatementError, userName } from './errors.ts';
import { describeConsistency, readConsistency, type ReadConsistency } from './isolation.ts';

interface TestOptions {
  settings: SqlServerSettings;
  open(signal: AbortSignal): Promise<Session>;
  signal: AbortSignal;
}

/** Logs in on a connection of its own, so that a changed password shows, and tells what was reached and what the user may do there. */
export async function testConnection({ settings, open, signal }: TestOptions): Promise<ConnectionReport> {
  const session = await open(signal);
  try {
    const started = performance.now();
    await session.query('SELECT 1', { signal });
    const elapsedMs = Math.max(1, Math.round(performance.now() - started));
    const catalog = createCatalogReader(session, new Map(), signal);
    const server = await readServer(catalog);
    const identity = await readIdentity(catalog, settings);
    const consistency = await readConsistency(catalog);
    const isReadOnly = identity.updateability === 'READ_ONLY';
    return {
      server: server.product,
      version: server.version,
      user: identity.user,
      elapsedMs,
      facts: [
        { label: 'Database', value: identity.database },
        { label: 'User', value: identity.user },
        ...(server.edition === '' ? [] : [{ label: 'Edition', value: server.edition }]),
        { label: 'Latency', value: `${elapsedMs} ms` },
        {
          label: 'Encryption',
          value: session.encryption ? `${session.encryption.protocol}, ${session.encryption.cipher}` : 'none',
        },
        { label: 'Identity of the server', value: identityText(settings, session) },
        { label: 'Reads with', value: describeConsistency(consistency) },
        ...(isReadOnly ? [{ label: 'Replica or database', value: 'read-only' }] : []),
      ],
      rights: await checkRights(catalog),
      warnings: warnings({ settings, session, server, consistency: isReadOnly ? null : consistency }),
    };
  } catch (error) {
    throw toStatementError(error, { settings, table: 'the connection test' });
  } finally {
    await session.close();
  }
}

interface ServerInfo {
  product: string;
  version: string;
  edition: string;
  /** 13 for SQL Server 2016; null for Azure SQL, whose number stands still, and where it is not known. */
  majorVersion: number | null;
}

/** Years of the versions: https://learn.microsoft.com/en-us/troubleshoot/sql/releases/download-and-install-latest-updates */
const YEARS: Record<string, string> = {
  '10': '2008',
  '11': '2012',
  '12': '2014',
  '13': '2016',
  '14': '2017',
  '15': '2019',
  '16': '2022',
  '17': '2025',
};

/** https://learn.microsoft.com/en-us/sql/t-sql/functions/serverproperty-transact-sql (EngineEdition) */
const ENGINES: Record<string, string> = {
  '5': 'Azure SQL Database',
  '6': 'Azure Synapse Analytics',
  '8': 'Azure SQL Managed Instance',
  '9': 'Azure SQL Edge',
  '11': 'Azure Synapse serverless SQL',
  '12': 'SQL database in Microsoft Fabric',
};

async function readServer(catalog: CatalogReader): Promise<ServerInfo> {
  const property = async (name: string): Promise<string> =>
    (await catalog.ask(`SELECT CONVERT(nvarchar(128), SERVERPROPERTY('${name}'))`))?.[0]?.[0] ?? '';
  const number = await property('ProductVersion');
  const engine = ENGINES[await property('EngineEdition')];
  const edition = await property('Edition');
  const banner = (await catalog.ask('SELECT @@VERSION'))?.[0]?.[0] ?? '';
  const [major = ''] = number.split('.');
  const year = YEARS[major];
  const isMicrosoft = /microsoft|azure/i.test(banner) || banner === '';
  const product =
    engine ?? (isMicrosoft ? `SQL Server${year === undefined ? '' : ` ${year}`}` : 'A server that speaks T-SQL');
  return {
    product,
    version: number || (banner.split(/\r?\n/)[0] ?? '').trim() || 'unknown',
    edition,
    majorVersion: engine === undefined && /^\d+$/.test(major) ? Number(major) : null,
  };
}

interface Identity {
  user: string;
  database: string;
  updateability: string;
}

async function readIdentity(catalog: CatalogReader, settings: SqlServerSettings): Promise<Identity> {
  const user = (await catalog.ask('SELECT ORIGINAL_LOGIN()')) ?? (await catalog.ask('SELECT SUSER_SNAME()'));
  const database = await catalog.ask('SELECT DB_NAME()');
  const updateability = await catalog.ask(
    "SELECT CONVERT(nvarchar(128), DATABASEPROPERTYEX(DB_NAME(), 'Updateability'))",
  );
  return {
    user: user?.[0]?.[0] ?? userName(settings),
    database: database?.[0]?.[0] ?? settings.database,
    updateability: updateability?.[0]?.[0] ?? '',
  };
}

function identityText(settings: SqlServerSettings, session: Session): string {
  if (session.encryption === null) return 'not verified, connection not encrypted';
  return settings.trustServerCertificate && !settings.strictEncryption
    ? 'not verified'
    : 'certificate and host name verified';
}

/** Conversions that keep every digit of floating point values came with SQL Server 2016. */
const FIRST_EXACT_VERSION = 13;

function warnings(parts: {
  settings: SqlServerSettings;
  session: Session;
  server: ServerInfo;
  /** Null where it is not known or does not matter. */
  consistency: ReadConsistency | null;
}): string[] {
  const { settings, session, server, consistency } = parts;
  const found: string[] = [];
  if (session.encryption === null)
    found.push('The connection is not encrypted: data can be read on the way, and the password is only disguised.');
  else if (settings.trustServerCertificate && !settings.strictEncryption)
    found.push(
      "The server's identity is not verified. A CA file does that, with the choice to trust any certificate turned off.",
    );
  if (consistency !== null && !consistency.allowsSnapshot && !consistency.isReadCommittedSnapshot) {
    found.push(
      'The database does not allow SNAPSHOT isolation: reading waits for writers, and rows that move during the run may be missed or read twice. ALTER DATABASE ... SET ALLOW_SNAPSHOT_ISOLATION ON lifts that.',
    );
  }
  if (server.majorVersion !== null && server.majorVersion < FIRST_EXACT_VERSION) {
    found.push(
      'This version is older than SQL Server 2016: floating point values inside sql_variant columns come with six digits only.',
    );
  }
  return found;
}

async function checkRights(catalog: CatalogReader): Promise<CheckResult[]> {
  return [await checkTables(catalog), await checkDefinitions(catalog), await checkEstimates(catalog)];
}

const VISIBLE = "SELECT COUNT(*) FROM sys.objects AS v WHERE v.type IN ('U', 'V') AND v.is_ms_shipped = 0";
const READABLE = `${VISIBLE} AND HAS_PERMS_BY_NAME(QUOTENAME(SCHEMA_NAME(v.schema_id)) + '.' + QUOTENAME(v.name), 'OBJECT', 'SELECT') = 1`;

async function checkTables(catalog: CatalogReader): Promise<CheckResult> {
  const visible = (await catalog.ask(VISIBLE))?.[0]?.[0];
  const readable = (await catalog.ask(READABLE))?.[0]?.[0];
  const did = [VISIBLE, READABLE];
  if (visible === null || visible === undefined || readable === null || readable === undefined) {
    const length = (await readObjects(catalog, null))?.length ?? 0;
    const state = length > 0 ? 'passed' : 'warning';
    return check('tables', {
      state,
      summary: `${length} tables and views are visible; this server does not tell rights.`,
      did,
    });
  }
  const [all, usable] = [Number(visible), Number(readable)];
  if (all === 0) {
    const summary =
      'No table or view is visible to this user. GRANT SELECT ON SCHEMA::... makes them visible and readable.';
    return check('tables', { state: 'warning', summary, did });
  }
  const state = usable === 0 ? 'failed' : usable < all ? 'warning' : 'passed';
  return check('tables', { state, summary: `SELECT on ${usable} of ${all} visible tables and views.`, did });
}

const DEFINITIONS = "SELECT HAS_PERMS_BY_NAME(DB_NAME(), 'DATABASE', 'VIEW DEFINITION')";

async function checkDefinitions(catalog: CatalogReader): Promise<CheckResult> {
  const answer = (await catalog.ask(DEFINITIONS))?.[0]?.[0];
  const did = [DEFINITIONS];
  if (answer === '1')
    return check('definitions', { state: 'passed', summary: 'VIEW DEFINITION on the database.', did });
  const summary =
    answer === '0'
      ? 'VIEW DEFINITION is missing: defaults and formulas of columns stay unknown. Data can be migrated without it.'
      : 'This server does not tell whether definitions are visible.';
  return check('definitions', { state: 'warning', summary, did });
}

const ESTIMATES =
  'SELECT COUNT(*) FROM sys.partitions AS v INNER JOIN sys.allocation_units AS a ON a.container_id = v.partition_id';

async function checkEstimates(catalog: CatalogReader): Promise<CheckResult> {
  const rows = await catalog.ask(ESTIMATES);
  const did = [ESTIMATES];
  if (rows !== null)
    return check('estimates', { state: 'passed', summary: 'sys.partitions gives rows and sizes.', did });
  const summary = 'This server does not tell rows and sizes: tables whose size is not known are read as one stream.';
  return check('estimates', { state: 'warning', summary, did });
}

const NAMES = {
  tables: 'Read tables',
  definitions: 'See definitions',
  estimates: 'See row counts and sizes',
};

function check(id: keyof typeof NAMES, parts: Pick<CheckResult, 'state' | 'summary' | 'did'>): CheckResult {
  return { id, name: NAMES[id], ...parts, error: null, elapsedMs: null, finishedAt: new Date().toISOString() };
}
