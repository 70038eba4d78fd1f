import type { DatabaseMetadata, DatabasePrincipal } from './metadata.ts';

/** https://learn.microsoft.com/en-us/sql/relational-databases/security/authentication-access/database-level-roles */
const FIXED_ROLES: readonly [number, string][] = [
  [16_384, 'db_owner'],
  [16_385, 'db_accessadmin'],
  [16_386, 'db_securityadmin'],
  [16_387, 'db_ddladmin'],
  [16_389, 'db_backupoperator'],
  [16_390, 'db_datareader'],
  [16_391, 'db_datawriter'],
  [16_392, 'db_denydatareader'],
  [16_393, 'db_denydatawriter'],
];

/** An empty database with its fixed schemas, users and roles. */
export function newDatabase(
  id: number,
  of: { name: string; collation: string; allowSnapshot: boolean; readCommittedSnapshot: boolean },
): DatabaseMetadata {
  const user = (userId: number, name: string, defaultSchema: string, loginName: string | null): DatabasePrincipal => ({
    id: userId,
    name,
    kind: 'SQL_USER',
    loginName,
    defaultSchema,
    isFixedRole: false,
    memberOf: [],
  });
  const role = (roleId: number, name: string, isFixedRole: boolean): DatabasePrincipal => ({
    id: roleId,
    name,
    kind: 'DATABASE_ROLE',
    loginName: null,
    defaultSchema: '',
    isFixedRole,
    memberOf: [],
  });
  return {
    id,
    name: of.name,
    collation: of.collation,
    allowSnapshot: of.allowSnapshot,
    readCommittedSnapshot: of.readCommittedSnapshot,
    compatibilityLevel: 160,
    isReadOnly: false,
    state: 'ONLINE',
    recoveryModel: 'SIMPLE',
    createdOn: new Date(),
    schemas: [
      { id: 1, name: 'dbo', principalId: 1 },
      { id: 2, name: 'guest', principalId: 2 },
      { id: 3, name: 'INFORMATION_SCHEMA', principalId: 3 },
      { id: 4, name: 'sys', principalId: 4 },
      ...FIXED_ROLES.map(([roleId, name]) => ({ id: roleId, name, principalId: roleId })),
    ],
    tables: [],
    views: [],
    types: [],
    partitionFunctions: [],
    partitionSchemes: [],
    principals: [
      role(0, 'public', false),
      user(1, 'dbo', 'dbo', 'sa'),
      user(2, 'guest', 'guest', null),
      user(3, 'INFORMATION_SCHEMA', '', null),
      user(4, 'sys', '', null),
      ...FIXED_ROLES.map(([roleId, name]) => role(roleId, name, true)),
    ],
    permissions: [],
    extendedProperties: [],
  };
}
