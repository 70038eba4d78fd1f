import { AppError, toErrorValue } from '#shared/errors/app-error';
import type { CheckResult } from '#shared/model/check';
import type { TargetTestRequest } from '../target.ts';
import type { Session } from './connect.ts';
import { execute, toRecords } from './execute.ts';
import { ledgerTable } from './ledger-sql.ts';
import { quoteIdentifier, quoteName } from './quote.ts';

export interface CheckRightsOptions {
  session: Session;
  request: TargetTestRequest;
  role: string;
  signal: AbortSignal;
}

interface Grant {
  privilege: string;
  on: string;
  name: string;
}

/** Roles above the given one are not asked for; what a role inherits is found by walking down at most this many roles. */
const MOST_ROLES = 100;

/**
 * The rights that a run needs, each as a check. Read from SHOW GRANTS TO ROLE over the role and all that it inherits; nothing is created. A role whose
 * grants cannot be read gets checks that say so instead of a guess. docs.snowflake.com/en/user-guide/security-access-control-privileges
 */
export async function checkRights(options: CheckRightsOptions): Promise<CheckResult[]> {
  const did: string[] = [];
  let grants: Grant[] | null;
  try {
    grants = await readGrants(options, did);
  } catch (error) {
    if (options.signal.aborted) throw error;
    grants = null;
  }
  const { request, role } = options;
  const checks: CheckResult[] = [];
  const add = (id: string, name: string, need: string, isGranted: (grants: Grant[]) => boolean) =>
    checks.push(toCheck({ id, name, need, did, role, isGranted: grants === null ? null : isGranted(grants) }));

  if (request.database !== null) {
    const database = request.database;
    add('database', `Use the database ${database}`, `USAGE on database ${database}`, (all) =>
      has(all, ['USAGE', 'OWNERSHIP', 'IMPORTED PRIVILEGES'], 'DATABASE', [database]),
    );
    for (const schema of request.schemas) {
      add(
        `schema:${schema}`,
        `Use the schema ${database}.${schema}`,
        `USAGE on schema ${database}.${schema}`,
        (all) =>
          has(all, ['USAGE', 'OWNERSHIP'], 'SCHEMA', [database, schema]) ||
          has(all, ['CREATE SCHEMA', 'OWNERSHIP'], 'DATABASE', [database]),
      );
      add(
        `create-table:${schema}`,
        `Create tables in ${database}.${schema}`,
        `CREATE TABLE on schema ${database}.${schema}`,
        (all) =>
          has(all, ['CREATE TABLE', 'OWNERSHIP'], 'SCHEMA', [database, schema]) ||
          has(all, ['CREATE SCHEMA', 'OWNERSHIP'], 'DATABASE', [database]),
      );
    }
  }
  if (request.stage !== null) {
    const { database, schema, name } = request.stage;
    add(
      'stage',
      `Use the stage ${database}.${schema}.${name}`,
      `USAGE on stage ${database}.${schema}.${name}, or CREATE STAGE on its schema`,
      (all) =>
        has(all, ['USAGE', 'OWNERSHIP', 'READ', 'WRITE'], 'STAGE', [database, schema, name]) ||
        has(all, ['CREATE STAGE', 'OWNERSHIP'], 'SCHEMA', [database, schema]) ||
        has(all, ['CREATE SCHEMA', 'OWNERSHIP'], 'DATABASE', [database]) ||
        all.some((grant) => grant.on === 'ACCOUNT' && grant.privilege === 'CREATE DATABASE'),
    );
  }
  checks.push(await ledgerCheck(options, grants));
  return checks;
}

async function ledgerCheck(options: CheckRightsOptions, grants: Grant[] | null): Promise<CheckResult> {
  const { database, schema } = options.request.ledger;
  const did = [`DESCRIBE TABLE ${ledgerTable(options.request.ledger)}`];
  const name = `Keep the ledger in ${database}.${schema}`;
  const need = `CREATE DATABASE on the account, or CREATE SCHEMA on ${database}, or CREATE TABLE and CREATE FILE FORMAT on ${database}.${schema}`;
  if (await canRun(options, did[0] ?? '')) {
    return toCheck({
      id: 'ledger',
      name,
      need,
      did,
      role: options.role,
      isGranted: true,
      summary: 'The ledger is there.',
    });
  }
  if (grants === null) return toCheck({ id: 'ledger', name, need, did, role: options.role, isGranted: null });
  did.push(`SHOW SCHEMAS IN DATABASE ${quoteIdentifier(database)}`);
  const hasSchema = await canRun(options, `SHOW TABLES IN SCHEMA ${quoteName(database, schema)}`);
  const hasDatabase = hasSchema || (await canRun(options, did[1] ?? ''));
  const isGranted = hasSchema
    ? has(grants, ['OWNERSHIP'], 'SCHEMA', [database, schema]) ||
      (has(grants, ['CREATE TABLE'], 'SCHEMA', [database, schema]) &&
        has(grants, ['CREATE FILE FORMAT'], 'SCHEMA', [database, schema]))
    : hasDatabase
      ? has(grants, ['CREATE SCHEMA', 'OWNERSHIP'], 'DATABASE', [database])
      : grants.some((grant) => grant.on === 'ACCOUNT' && grant.privilege === 'CREATE DATABASE');
  return toCheck({ id: 'ledger', name, need, did, role: options.role, isGranted });
}

/** All grants of a role and of the roles granted to it. ACCOUNTADMIN inherits SYSADMIN in the same way. */
async function readGrants(options: CheckRightsOptions, did: string[]): Promise<Grant[]> {
  const seen = new Set<string>();
  const queue = [`ROLE ${quoteIdentifier(options.role)}`];
  const grants: Grant[] = [];
  for (let next = queue.shift(); next !== undefined && seen.size < MOST_ROLES; next = queue.shift()) {
    if (seen.has(next)) continue;
    seen.add(next);
    const sql = `SHOW GRANTS TO ${next}`;
    did.push(sql);
    const rows = toRecords(await execute(options.session, { sql, signal: options.signal }));
    for (const row of rows) {
      const grant = { privilege: row['privilege'] ?? '', on: row['granted_on'] ?? '', name: row['name'] ?? '' };
      if (grant.on === 'ROLE' && grant.privilege === 'USAGE') queue.push(`ROLE ${quotedFromShow(grant.name)}`);
      else if (grant.on === 'DATABASE_ROLE' && grant.privilege === 'USAGE') queue.push(`DATABASE ROLE ${grant.name}`);
      else grants.push(grant);
    }
  }
  return grants;
}

/** SHOW GRANTS writes names that need quotes in quotes, others bare. */
function has(grants: Grant[], privileges: string[], on: string, path: string[]): boolean {
  const wanted = JSON.stringify(path);
  return grants.some(
    (grant) =>
      grant.on === on && privileges.includes(grant.privilege) && JSON.stringify(splitName(grant.name)) === wanted,
  );
}

/** The parts of a dotted name: quotes are taken off, doubled quotes undone. */
export function splitName(name: string): string[] {
  const parts = name.match(/"(?:[^"]|"")*"|[^."]+/g) ?? [];
  return parts.map((part) => (part.startsWith('"') ? part.slice(1, -1).replaceAll('""', '"') : part));
}

function quotedFromShow(name: string): string {
  return name.startsWith('"') ? name : quoteIdentifier(name);
}

async function canRun(options: CheckRightsOptions, sql: string): Promise<boolean> {
  try {
    await execute(options.session, { sql, signal: options.signal });
    return true;
  } catch (error) {
    if (options.signal.aborted || !(error instanceof AppError) || toErrorValue(error).retry === 'automatic')
      throw error;
    return false;
  }
}

interface CheckParts {
  id: string;
  name: string;
  need: string;
  did: string[];
  role: string;
  /** Null: the grants could not be read. */
  isGranted: boolean | null;
  summary?: string;
}

function toCheck(parts: CheckParts): CheckResult {
  const finishedAt = new Date().toISOString();
  const base = { id: parts.id, name: parts.name, did: [...parts.did], elapsedMs: null, finishedAt };
  if (parts.isGranted === null) {
    return {
      ...base,
      state: 'warning',
      summary: `The grants of the role ${parts.role} could not be read. The run needs ${parts.need}.`,
      error: null,
    };
  }
  if (parts.isGranted)
    return { ...base, state: 'passed', summary: parts.summary ?? `The role ${parts.role} may do this.`, error: null };
  return {
    ...base,
    state: 'failed',
    summary: `The role ${parts.role} needs ${parts.need}.`,
    error: toErrorValue(
      new AppError('PRIVILEGE_MISSING', { facts: { role: parts.role, detail: `it needs ${parts.need}` } }),
    ),
  };
}
