import type { Role, User, Warehouse } from '../catalog/catalog-types.ts';
import { canSee } from '../catalog/privileges.ts';
import { PARAMETERS, parameterOf } from '../engine/parameters.ts';
import type { CoreContext } from '../engine/statement-context.ts';
import { errors } from '../errors.ts';
import type { StatementResult } from './command.ts';
import { integer, moment, showResult, type ShowCell, type ShowShape } from './show-result.ts';
import { applyFilter } from './show-filter.ts';
import type { ShowRequest } from './show-objects.ts';

/** SHOW WAREHOUSES, ROLES, USERS, PARAMETERS, TRANSACTIONS, LOCKS, VARIABLES. */
export function showAccount(context: CoreContext, request: ShowRequest): Promise<StatementResult | undefined> {
  switch (request.noun) {
    case 'WAREHOUSES':
      return Promise.resolve(showWarehouses(context, request));
    case 'ROLES':
      return Promise.resolve(showRoles(context, request));
    case 'USERS':
      return Promise.resolve(showUsers(context, request));
    case 'PARAMETERS':
      return Promise.resolve(showParameters(context, request));
    case 'TRANSACTIONS':
      return Promise.resolve(showTransactions(context, request));
    case 'LOCKS':
      return Promise.resolve(showLocks(context, request));
    case 'VARIABLES':
      return Promise.resolve(showResult([['name'], ['value']], [...context.session.variables]));
    default:
      return Promise.resolve(undefined);
  }
}

const sorted = <T extends { name: string }>(items: T[]): T[] => items.sort((a, b) => (a.name < b.name ? -1 : 1));

function showWarehouses(context: CoreContext, { filter }: ShowRequest): StatementResult {
  const { catalog, session } = context;
  const all = sorted(
    [...(catalog.account.get('WAREHOUSE')?.values() ?? [])].filter((w) =>
      canSee(catalog, session.role, w),
    ) as Warehouse[],
  );
  const shape: ShowShape = [
    ['name'],
    ['state'],
    ['type'],
    ['size'],
    ['min_cluster_count', integer],
    ['max_cluster_count', integer],
    ['started_clusters', integer],
    ['running', integer],
    ['queued', integer],
    ['is_default'],
    ['is_current'],
    ['is_interactive'],
    ['auto_suspend', integer],
    ['auto_resume'],
    ['available'],
    ['provisioning'],
    ['quiescing'],
    ['other'],
    ['created_on', moment],
    ['resumed_on', moment],
    ['updated_on', moment],
    ['owner'],
    ['comment'],
    ['enable_query_acceleration'],
    ['query_acceleration_max_scale_factor', integer],
    ['resource_monitor'],
    ['actives', integer],
    ['pendings', integer],
    ['failed', integer],
    ['suspended', integer],
    ['uuid'],
    ['scaling_policy'],
    ['owner_role_type'],
    ['resource_constraint'],
    ['generation'],
  ];
  const rows = applyFilter(all, filter, (w) => w.name).map((w): ShowCell[] => [
    w.name,
    w.state,
    'STANDARD',
    w.size,
    1,
    1,
    w.state === 'STARTED' ? 1 : 0,
    0,
    0,
    w.name === session.user.defaultWarehouse ? 'Y' : 'N',
    w.name === session.warehouse ? 'Y' : 'N',
    'N',
    w.autoSuspendSeconds || null,
    w.autoResume ? 'true' : 'false',
    w.state === 'STARTED' ? '100' : '',
    '',
    '',
    '',
    w.createdOn,
    w.resumedOn,
    w.resumedOn,
    w.owner,
    w.comment,
    'false',
    8,
    'null',
    0,
    0,
    0,
    0,
    String(w.id),
    'STANDARD',
    'ROLE',
    null,
    '1',
  ]);
  return showResult(shape, rows, filter.limit !== null);
}

function showRoles(context: CoreContext, { filter, terse }: ShowRequest): StatementResult {
  const { catalog, session } = context;
  const all = sorted([...(catalog.account.get('ROLE')?.values() ?? [])] as Role[]);
  const found = applyFilter(all, filter, (r) => r.name);
  if (terse)
    return showResult(
      [['created_on', moment], ['name']],
      found.map((r) => [r.createdOn, r.name]),
    );
  const inherited = catalog.rolesOf(session.role);
  const shape: ShowShape = [
    ['created_on', moment],
    ['name'],
    ['is_default'],
    ['is_current'],
    ['is_inherited'],
    ['assigned_to_users', integer],
    ['granted_to_roles', integer],
    ['granted_roles', integer],
    ['owner'],
    ['comment'],
  ];
  const users = [...(catalog.account.get('USER')?.values() ?? [])] as User[];
  const rows = found.map((r): ShowCell[] => [
    r.createdOn,
    r.name,
    r.name === session.user.defaultRole ? 'Y' : 'N',
    r.name === session.role ? 'Y' : 'N',
    inherited.has(r.name) && r.name !== session.role ? 'Y' : 'N',
    users.filter((u) => u.roles.has(r.name)).length,
    all.filter((o) => o.grantedRoles.has(r.name)).length,
    r.grantedRoles.size,
    r.owner,
    r.comment,
  ]);
  return showResult(shape, rows);
}

function showUsers(context: CoreContext, { filter }: ShowRequest): StatementResult {
  const { catalog, session } = context;
  if (!catalog.rolesOf(session.role).has('USERADMIN'))
    throw errors.insufficientPrivileges('account', context.services.account.toUpperCase());
  const all = sorted([...(catalog.account.get('USER')?.values() ?? [])] as User[]);
  const shape: ShowShape = [
    ['name'],
    ['created_on', moment],
    ['login_name'],
    ['disabled'],
    ['default_warehouse'],
    ['default_namespace'],
    ['default_role'],
    ['has_password'],
    ['has_rsa_public_key'],
    ['owner'],
    ['comment'],
  ];
  const rows = applyFilter(all, filter, (u) => u.name).map((u): ShowCell[] => [
    u.name,
    u.createdOn,
    u.loginName,
    u.disabled,
    u.defaultWarehouse,
    u.defaultNamespace,
    u.defaultRole,
    u.password !== null,
    u.rsaPublicKey !== null,
    u.owner,
    u.comment,
  ]);
  return showResult(shape, rows);
}

function showParameters(context: CoreContext, { filter }: ShowRequest): StatementResult {
  const { parameters } = context.session;
  const names = applyFilter(Object.keys(PARAMETERS).sort(), filter, (n) => n);
  const shape: ShowShape = [['key'], ['value'], ['default'], ['level'], ['description'], ['type']];
  const rows = names.map((name): ShowCell[] => {
    const known = PARAMETERS[name];
    const isSet = parameters.has(name) && !filter.inAccount;
    return [
      name,
      filter.inAccount ? (known?.value ?? '') : parameterOf(parameters, name),
      known?.value ?? '',
      isSet ? 'SESSION' : '',
      known?.description ?? '',
      known?.type ?? 'STRING',
    ];
  });
  return showResult(shape, rows);
}

/** https://docs.snowflake.com/en/sql-reference/sql/show-transactions: all users' only for account administrators. */
function showTransactions(context: CoreContext, { filter }: ShowRequest): StatementResult {
  const { session, state, catalog } = context;
  const everyone = filter.inAccount && catalog.rolesOf(session.role).has('ACCOUNTADMIN');
  const shape: ShowShape = [
    ['id', integer],
    ['user'],
    ['session', integer],
    ['name'],
    ['started_on', moment],
    ['state'],
    ['scope', integer],
  ];
  const rows = state.transactions
    .list()
    .filter(({ transaction: t }) => t.explicit && (everyone || t.userName === session.user.name))
    .map(({ transaction: t }): ShowCell[] => [t.id, t.userName, t.sessionId, t.name, t.startedOn, t.state, 0]);
  return showResult(shape, rows);
}

/** https://docs.snowflake.com/en/sql-reference/sql/show-locks */
function showLocks(context: CoreContext, { filter }: ShowRequest): StatementResult {
  const { session, state, catalog } = context;
  const isAdmin = catalog.rolesOf(session.role).has('ACCOUNTADMIN');
  const open = new Map(state.transactions.list().map(({ transaction: t }) => [t.id, t]));
  const { held, waiting } = state.locks.list();
  const shape: ShowShape = [
    ['resource'],
    ['type'],
    ['transaction', integer],
    ['transaction_started_on', moment],
    ['status'],
    ['acquired_on', moment],
    ['query_id'],
    ...(isAdmin ? ([['session', integer]] as ShowShape) : []),
  ];
  const rows = [
    ...held.map((l) => ({ l, status: 'HOLDING' })),
    ...waiting.map((l) => ({ l, status: 'WAITING' })),
  ].flatMap(({ l, status }): ShowCell[][] => {
    const t = open.get(l.owner);
    if (!t || (t.userName !== session.user.name && !(isAdmin && filter.inAccount))) return [];
    return [
      [l.tableName, 'PARTITIONS', t.id, t.startedOn, status, l.acquiredOn, null, ...(isAdmin ? [t.sessionId] : [])],
    ];
  });
  return showResult(shape, rows);
}
