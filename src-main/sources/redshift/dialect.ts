import { redact } from '../../lib/redact.ts';
import type { SelectRequest, SourceDialect, UnloadRequest } from '../source.ts';
import { carryColumn } from './carry.ts';
import { requireCondition } from './condition.ts';
import { quoteClause, quoteIdentifier, quoteLiteral } from './quoting.ts';
import { rangePredicates } from './range-predicates.ts';

export const redshiftDialect: SourceDialect = {
  quoteIdentifier,
  quoteLiteral,
  /** Two parts: a connection is to one database, and PostgreSQL refuses a third. */
  tableName: (table) => `${quoteIdentifier(table.schema)}.${quoteIdentifier(table.name)}`,
  carry: (column, strategy, options) => carryColumn(column, { ...options, strategy }),
  rangePredicates,
  selectStatement,
  unloadStatement: (request) => redact(unloadStatement(request)),
};

/** `SELECT <expression> AS "c1", ... FROM "s"."t" WHERE (<condition>) AND (...)`, on one line but for conditions that hold a line comment. */
export function selectStatement(request: SelectRequest): string {
  const columns = request.columns
    .map((column) => `${column.expression} AS ${quoteIdentifier(column.alias)}`)
    .join(', ');
  return `SELECT ${columns} FROM ${redshiftDialect.tableName(request.table)}${whereClause(request.conditions)}`;
}

/** ` WHERE (a) AND (b)`, or nothing; blank conditions count as none. Throws INPUT_INVALID for a condition that does not stand by itself. */
export function whereClause(conditions: (string | null)[]): string {
  const given = conditions.flatMap((condition) =>
    condition === null || condition.trim() === '' ? [] : [requireCondition(condition)],
  );
  return given.length === 0 ? '' : ` WHERE ${given.join(' AND ')}`;
}

/**
 * The UNLOAD as Redshift gets it: https://docs.aws.amazon.com/redshift/latest/dg/r_UNLOAD.html. The query stands in a literal, so its quotes and
 * backslashes are doubled; neither ALLOWOVERWRITE nor CLEANPATH, because every attempt has a path of its own and nothing there may be touched.
 */
export function unloadStatement(request: UnloadRequest): string {
  return unloadQuery(selectStatement(request.select), request);
}

/** UNLOAD of one constant row: proves role, region and bucket without touching a table. */
export function unloadProbeStatement(request: Omit<UnloadRequest, 'select'>): string {
  return unloadQuery('SELECT 1 AS "c1"', request);
}

function unloadQuery(query: string, request: Omit<UnloadRequest, 'select'>): string {
  const clauses = [
    `UNLOAD (${quoteClause(query)})`,
    `TO ${quoteClause(request.uri)}`,
    iamRoleClause(request.iamRole),
    'FORMAT AS PARQUET',
    'MANIFEST VERBOSE',
    `MAXFILESIZE ${request.maxFileSizeMb} MB`,
    request.region === '' ? '' : `REGION ${quoteClause(request.region)}`,
    encryptionClause(request.encryption),
  ];
  return clauses.filter((clause) => clause !== '').join(' ');
}

/** A chain of roles is one literal without blanks: https://docs.aws.amazon.com/redshift/latest/mgmt/authorizing-redshift-service.html */
function iamRoleClause(iamRole: string): string {
  const role = iamRole.trim();
  if (role.toLowerCase() === 'default') return 'IAM_ROLE default';
  return `IAM_ROLE ${quoteClause(
    role
      .split(',')
      .map((arn) => arn.trim())
      .join(','),
  )}`;
}

function encryptionClause(encryption: UnloadRequest['encryption']): string {
  switch (encryption.kind) {
    case 'none':
      return '';
    case 'bucket-default':
      return 'ENCRYPTED AUTO';
    case 'kms':
      return `KMS_KEY_ID ${quoteClause(encryption.keyId)} ENCRYPTED`;
  }
}
