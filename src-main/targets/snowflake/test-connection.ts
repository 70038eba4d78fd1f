import type { ConnectionReport } from '#shared/model/check';
import type { Secrets, SnowflakeSettings } from '#shared/model/connection-settings';
import { AppError } from '#shared/errors/app-error';
import type { Log } from '../../lib/log.ts';
import type { TargetTestRequest } from '../target.ts';
import { checkRights } from './check-rights.ts';
import { connect, snowflakeHost, type Session } from './connect.ts';
import { execute, toRecords } from './execute.ts';
import { quoteIdentifier } from './quote.ts';

export interface TestConnectionOptions {
  settings: SnowflakeSettings;
  secrets: Secrets;
  request: TargetTestRequest;
  signal: AbortSignal;
  log?: Log | undefined;
}

const CLOCK_SKEW_WARNING_MS = 30_000;

/** Logs in on a session of its own and tells what was reached and which rights of the run are there. Changes nothing. */
export async function testConnection(options: TestConnectionOptions): Promise<ConnectionReport> {
  const { settings, signal } = options;
  const started = Date.now();
  const session = await connect({
    settings,
    secrets: options.secrets,
    signal,
    log: options.log,
    tag: { purpose: 'test' },
  });
  try {
    const facts = await readFacts(session, signal);
    if (settings.warehouse && !facts.warehouse)
      throw warehouseUnusable(settings, 'it does not exist or the role has no USAGE on it');
    const warehouse = await readWarehouse(session, facts.warehouse, signal);
    const elapsedMs = Date.now() - started;
    const rights = await checkRights({ session, request: options.request, role: facts.role, signal });
    return {
      server: `Snowflake ${facts.account}`,
      version: facts.version,
      user: facts.user,
      elapsedMs,
      facts: [
        { label: 'Account', value: facts.account },
        { label: 'Region', value: facts.region },
        { label: 'Address', value: snowflakeHost(settings).host },
        { label: 'User', value: facts.user },
        { label: 'Role', value: facts.role },
        {
          label: 'Warehouse',
          value: [facts.warehouse || 'none', warehouse?.['size'], warehouse?.['state']?.toLowerCase()]
            .filter(Boolean)
            .join(', '),
        },
        { label: 'Version', value: facts.version },
      ],
      rights,
      warnings: warnings(settings, facts, warehouse),
    };
  } finally {
    await session.close();
  }
}

interface Facts {
  account: string;
  region: string;
  user: string;
  role: string;
  warehouse: string;
  version: string;
  clockSkewMs: number | null;
}

async function readFacts(session: Session, signal: AbortSignal): Promise<Facts> {
  const asked = Date.now();
  const { rows } = await execute(session, {
    sql: 'SELECT CURRENT_ACCOUNT(), CURRENT_REGION(), CURRENT_USER(), CURRENT_ROLE(), CURRENT_WAREHOUSE(), CURRENT_VERSION(), DATE_PART(EPOCH_MILLISECOND, CURRENT_TIMESTAMP())',
    signal,
  });
  const answered = Date.now();
  const [account, region, user, role, warehouse, version, epoch] = rows[0] ?? [];
  const server = Number(epoch);
  return {
    account: account ?? '',
    region: region ?? '',
    user: user ?? '',
    role: role ?? '',
    warehouse: warehouse ?? '',
    version: version ?? '',
    clockSkewMs: Number.isFinite(server) ? Math.round((asked + answered) / 2 - server) : null,
  };
}

async function readWarehouse(
  session: Session,
  name: string,
  signal: AbortSignal,
): Promise<Record<string, string | null> | null> {
  if (!name) return null;
  const result = await execute(session, { sql: 'SHOW WAREHOUSES', signal });
  return toRecords(result).find((row) => row['name'] === name) ?? null;
}

function warnings(
  settings: SnowflakeSettings,
  facts: Facts,
  warehouse: Record<string, string | null> | null,
): string[] {
  const list: string[] = [];
  if (facts.clockSkewMs !== null && Math.abs(facts.clockSkewMs) > CLOCK_SKEW_WARNING_MS) {
    const seconds = Math.round(Math.abs(facts.clockSkewMs) / 1000);
    list.push(
      `The clock of this machine is ${seconds} seconds ${facts.clockSkewMs > 0 ? 'ahead of' : 'behind'} Snowflake's. Key pair logins fail when it drifts further.`,
    );
  }
  if (settings.accessUrl.startsWith('http://'))
    list.push('The connection is not encrypted: the account URL begins with http://.');
  if (warehouse?.['state'] === 'SUSPENDED' && warehouse['auto_resume'] === 'false') {
    list.push(
      `The warehouse ${quoteIdentifier(facts.warehouse)} is suspended and does not resume by itself. Resume it before the run.`,
    );
  }
  if (settings.auth.kind === 'password' && settings.auth.passcode) {
    list.push(
      'Every load opens a session of its own. Unless the account caches MFA tokens (ALLOW_CLIENT_MFA_CACHING), each asks for a new code; a key pair or a programmatic access token suits a run better.',
    );
  }
  return list;
}

function warehouseUnusable(settings: SnowflakeSettings, detail: string): AppError {
  return new AppError('WAREHOUSE_UNUSABLE', {
    facts: { warehouse: settings.warehouse, detail },
    field: 'snowflake.warehouse',
  });
}
