import type { ErrorCode } from '#shared/errors/error-codes';

interface ServerRule {
  code: ErrorCode;
  numbers: number[];
  /** Where the server's text does not say what to do. */
  detail?: string;
  field?: string;
  /** Set when the number has this meaning in one of the two situations only. */
  only?: 'connect' | 'statement';
}

/** The meaning of an error number of SQL Server or Azure SQL, or null when it has none of its own. */
export function findServerRule(
  number: number,
  situation: 'connect' | 'statement',
): Pick<ServerRule, 'code' | 'detail' | 'field'> | null {
  const rule = RULES.find(
    ({ numbers, only }) => numbers.includes(number) && (only === undefined || only === situation),
  );
  return rule ?? null;
}

const INTEGRATED =
  'the server asks for a Windows login here. The login of the person at this computer (integrated security) cannot be used by the driver that Snowferry has: choose "Domain account (NTLM)" with domain, user and password, or an SQL login where the server allows both';

/**
 * https://learn.microsoft.com/en-us/sql/relational-databases/errors-events/database-engine-events-and-errors and, for Azure SQL,
 * https://learn.microsoft.com/en-us/azure/azure-sql/database/troubleshoot-common-errors-issues
 */
const RULES: ServerRule[] = [
  { code: 'LOGIN_FAILED', numbers: [18456, 18461, 40532], field: 'source.auth.password', only: 'connect' },
  {
    code: 'NOT_SUPPORTED',
    numbers: [18452],
    detail: `The login was refused: ${INTEGRATED}.`,
    field: 'source.auth.kind',
  },
  {
    code: 'PERMISSION_DENIED',
    numbers: [18470],
    detail: 'the login is disabled. ALTER LOGIN ... ENABLE lifts that',
    field: 'source.auth.user',
  },
  {
    code: 'PERMISSION_DENIED',
    numbers: [18486],
    detail:
      'the login is locked out after too many wrong passwords. ALTER LOGIN ... WITH PASSWORD = ... UNLOCK lifts that',
    field: 'source.auth.user',
  },
  {
    code: 'PERMISSION_DENIED',
    numbers: [18487],
    detail: 'the password of the login has expired. It has to be changed at the server first',
    field: 'source.auth.password',
  },
  {
    code: 'PERMISSION_DENIED',
    numbers: [18488],
    detail: 'the password of the login must be changed at the server before the first use',
    field: 'source.auth.password',
  },
  { code: 'PERMISSION_DENIED', numbers: [17892], field: 'source.auth.user' },
  { code: 'DATABASE_NOT_FOUND', numbers: [4060, 4063, 4064, 911], field: 'source.database' },
  { code: 'PERMISSION_DENIED', numbers: [916], field: 'source.database' },
  {
    code: 'PERMISSION_DENIED',
    numbers: [978],
    detail:
      'this replica lets in connections with read-only intent alone. Turn on "Read-only intent" (ApplicationIntent=ReadOnly)',
    field: 'source.readOnlyIntent',
  },
  { code: 'SOURCE_OUT_OF_RESOURCES', numbers: [976, 982, 983, 921, 922, 927, 942, 945, 946], field: 'source.database' },
  { code: 'NETWORK_POLICY', numbers: [40615, 40914, 47073, 47072, 40852] },
  {
    code: 'SOURCE_OUT_OF_RESOURCES',
    numbers: [
      // Azure SQL: reconfiguration, throttling and limits.
      40197, 40501, 40613, 40540, 40544, 40549, 40550, 40551, 40552, 40553, 49918, 49919, 49920, 4221, 615, 10928,
      10929, 10936, 18401,
      // Memory, tempdb, log, version store, connections, worker threads.
      701, 802, 1101, 1105, 3958, 3959, 3966, 3967, 5202, 8628, 8645, 8651, 9002, 17803, 17809, 17142, 10060,
    ],
  },
  {
    code: 'STATEMENT_CANCELLED_BY_SERVER',
    // Deadlock, lock timeout, and rows or tables that changed beneath a snapshot.
    numbers: [1204, 1205, 1222, 3960, 3961, 3957, 8649, 10922],
  },
  {
    code: 'NOT_SUPPORTED',
    numbers: [3952],
    detail:
      'The database does not allow SNAPSHOT isolation. ALTER DATABASE ... SET ALLOW_SNAPSHOT_ISOLATION ON allows it; without it the source is read with READ COMMITTED.',
  },
  { code: 'SOURCE_TABLE_NOT_FOUND', numbers: [208, 4902, 3701] },
  { code: 'SOURCE_COLUMN_CHANGED', numbers: [207, 1911, 4924] },
  { code: 'PERMISSION_DENIED', numbers: [229, 230, 262, 297, 300, 371, 378, 15151, 15247, 15562] },
  { code: 'CONNECTION_LOST', numbers: [596, 6005, 6006, 10053, 10054, 64, 109, 121, 233, 17830], only: 'statement' },
  { code: 'CONNECTION_LOST', numbers: [64, 233, 10053, 10054, 17830], only: 'connect' },
];
