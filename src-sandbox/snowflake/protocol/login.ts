import type { Role, User } from '../catalog/catalog-types.ts';
import { canSee, canUseDatabase, canUseSchema } from '../catalog/privileges.ts';
import { checkParameter, echoParameters } from '../engine/parameters.ts';
import type { ServerState } from '../engine/server-state.ts';
import type { Session } from '../engine/session.ts';
import { authenticate, type LoginData } from './authenticate.ts';
import { failed, succeeded, type Envelope } from './envelope.ts';
import { VALIDITY_SECONDS, type Tokens } from './tokens.ts';

let lastSessionId = 1_000_000_000_000;

/** POST /session/v1/login-request. What the query string names is taken when the role may use it; an unusable role refuses the login. */
export async function logIn(
  state: ServerState,
  tokens: Tokens,
  request: { data: LoginData; wanted: URLSearchParams },
): Promise<Envelope> {
  const { data, wanted } = request;
  if ((data.ACCOUNT_NAME ?? '').toUpperCase() !== state.services.account.toUpperCase()) {
    return failed('390100', 'Incorrect username or password was specified.', {});
  }
  const authenticated = authenticate(state, data, state.services.now().getTime());
  if (authenticated.kind === 'refused') return authenticated.answer;
  const { user, restrictedRole } = authenticated;
  const role = restrictedRole ?? (foldName(wanted.get('roleName')) || user.defaultRole);
  const refusal = refuseRole(state, user, { role, restrictedRole, asked: foldName(wanted.get('roleName')) });
  if (refusal) return refusal;
  const session = await openSession(state, { user, role, wanted, parameters: data.SESSION_PARAMETERS ?? {} });
  return succeeded({
    ...tokens.issue(session),
    validityInSeconds: VALIDITY_SECONDS.session,
    masterValidityInSeconds: VALIDITY_SECONDS.master,
    displayUserName: user.name,
    serverVersion: state.version,
    firstLogin: false,
    remMeToken: null,
    remMeValidityInSeconds: 0,
    healthCheckInterval: 45,
    sessionId: Number(session.id),
    parameters: echoParameters(session.parameters),
    sessionInfo: {
      databaseName: session.database,
      schemaName: session.schema,
      warehouseName: session.warehouse,
      roleName: session.role,
    },
    idToken: null,
    idTokenValidityInSeconds: 0,
    mfaToken: null,
    mfaTokenValidityInSeconds: 0,
  });
}

function refuseRole(
  state: ServerState,
  user: User,
  given: { role: string; restrictedRole: string | null; asked: string },
): Envelope | null {
  const { role, restrictedRole, asked } = given;
  const tail = 'Contact your local system administrator, or attempt to login with another role, e.g. PUBLIC.';
  if (restrictedRole !== null && asked !== '' && asked !== restrictedRole) {
    return failed('390186', `Role '${asked}' specified in the connect string is not granted to this user. ${tail}`, {});
  }
  const known = state.catalog.findAccountObject('ROLE', role) as Role | undefined;
  const isGranted = role === 'PUBLIC' || [...user.roles].some((own) => state.catalog.rolesOf(own).has(role));
  if (!known)
    return failed(
      '390189',
      `Role '${role}' specified in the connect string does not exist or not authorized. ${tail}`,
      {},
    );
  if (!isGranted)
    return failed('390186', `Role '${role}' specified in the connect string is not granted to this user. ${tail}`, {});
  return null;
}

async function openSession(
  state: ServerState,
  given: { user: User; role: string; wanted: URLSearchParams; parameters: Record<string, unknown> },
): Promise<Session> {
  const { user, role, wanted } = given;
  const [defaultDatabase, defaultSchema] = (user.defaultNamespace ?? '').split('.');
  const session: Session = {
    id: String((lastSessionId += 4)),
    user,
    role,
    ...place(state, role, {
      database: foldName(wanted.get('databaseName')) || (defaultDatabase ?? ''),
      schema: foldName(wanted.get('schemaName')) || (defaultSchema ?? ''),
    }),
    warehouse: usableWarehouse(state, role, foldName(wanted.get('warehouse')) || (user.defaultWarehouse ?? '')),
    parameters: new Map(),
    variables: new Map(),
    connection: await state.engine.connect(),
    transaction: null,
    queryIds: [],
    createdOn: state.services.now(),
    lastUsedOn: state.services.now(),
    closed: false,
  };
  for (const [name, value] of Object.entries(given.parameters)) {
    session.parameters.set(name.toUpperCase(), checkParameter(name.toUpperCase(), String(value)));
  }
  state.sessions.set(session.id, session);
  return session;
}

/** A database or schema that is not there or not visible leaves the session without one: the login itself succeeds. */
function place(
  state: ServerState,
  role: string,
  wanted: { database: string; schema: string },
): { database: string | null; schema: string | null } {
  const database = state.catalog.findDatabase(wanted.database);
  if (!database || !canUseDatabase(state.catalog, role, database)) return { database: null, schema: null };
  const schema = database.schemas.get(wanted.schema || 'PUBLIC');
  return { database: database.name, schema: schema && canUseSchema(state.catalog, role, schema) ? schema.name : null };
}

function usableWarehouse(state: ServerState, role: string, name: string): string | null {
  const warehouse = state.catalog.findAccountObject('WAREHOUSE', name);
  return warehouse && canSee(state.catalog, role, warehouse) ? name : null;
}

/** A name of a connect string folds like an identifier. */
function foldName(text: string | null): string {
  const name = text ?? '';
  return /^".*"$/.test(name) ? name.slice(1, -1).replaceAll('""', '"') : name.toUpperCase();
}
