import { randomBytes } from 'node:crypto';
import type { User } from '../catalog/catalog-types.ts';
import { canSee, canUseDatabase, canUseSchema } from '../catalog/privileges.ts';
import { checkParameter, echoParameters } from '../engine/parameters.ts';
import type { ServerState } from '../engine/server-state.ts';
import type { Session } from '../engine/session.ts';
import { failure, success, type Envelope } from './envelope.ts';
import { verifyLogin, type LoginData } from './verify-login.ts';

interface Tokens {
  session: Session;
  masterToken: string;
  expired: boolean;
}

export interface SessionKeeper {
  login(data: LoginData, query: URLSearchParams): Promise<Envelope>;
  /** The session of a token, or the refusal to answer. */
  find(token: string): Session | Envelope;
  renew(masterToken: string, oldToken: string): Envelope;
  logout(token: string): Promise<void>;
  /** For tests: the next request with this session's token is told that the token has expired. */
  expire(sessionId: string): void;
}

const newToken = (): string =>
  `ver:1-hint:${randomBytes(6).readUIntBE(0, 6)}-ETMsDgAAA${randomBytes(96).toString('base64')}`;

/** Logins and tokens. */
export function createSessionKeeper(state: ServerState): SessionKeeper {
  const byToken = new Map<string, Tokens>();
  const masters = new Map<string, Session>();
  let lastId = 10_000_000_000_000 + Math.floor(Math.random() * 1e9) * 1000;

  const open = async (user: User, role: string, query: URLSearchParams): Promise<Session> => {
    lastId += 2;
    const now = state.services.now();
    const session: Session = {
      id: String(lastId),
      user,
      role,
      database: null,
      schema: null,
      warehouse: null,
      parameters: new Map(),
      variables: new Map(),
      connection: await state.engine.connect(),
      transaction: null,
      queryIds: [],
      createdOn: now,
      lastUsedOn: now,
      closed: false,
      running: null,
      queue: Promise.resolve(),
    };
    applyContext(state, session, query);
    state.sessions.set(session.id, session);
    return session;
  };

  return {
    login: async (data, query) => {
      const verdict = verifyLogin(state.catalog, data, { account: state.services.account, now: state.services.now() });
      if ('code' in verdict)
        return failure(verdict.code, verdict.message, {
          nextAction: 'RETRY_LOGIN',
          authnMethod: 'USERNAME_PASSWORD',
          signInOptions: {},
        });
      const { user } = verdict;
      const asked = folded(query.get('roleName'));
      const role = asked ?? verdict.role ?? user.defaultRole;
      const allowed =
        state.catalog.role(role) &&
        [...user.roles].some((r) => state.catalog.rolesOf(r).has(role)) &&
        (verdict.role === null || verdict.role === role);
      if (!allowed) {
        return failure(
          '390189',
          `Role '${role}' specified in the connect string is not granted to this user. Contact your local system administrator, or attempt to login with another role, e.g. PUBLIC.`,
          {},
        );
      }
      const session = await open(user, role, query);
      for (const [name, value] of Object.entries(data.SESSION_PARAMETERS ?? {})) {
        try {
          session.parameters.set(name.toUpperCase(), checkParameter(name.toUpperCase(), String(value)));
        } catch {
          return failure('390201', `Invalid session parameter ${name}.`, {});
        }
      }
      const [token, masterToken] = [newToken(), newToken()];
      byToken.set(token, { session, masterToken, expired: false });
      masters.set(masterToken, session);
      return success({
        masterToken,
        token,
        validityInSeconds: 3600,
        masterValidityInSeconds: 14_400,
        displayUserName: user.name,
        serverVersion: state.version,
        firstLogin: false,
        remMeToken: null,
        remMeValidityInSeconds: 0,
        healthCheckInterval: 45,
        newClientForUpgrade: null,
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
        responseData: null,
        mfaToken: null,
        mfaTokenValidityInSeconds: 0,
      });
    },
    find: (token) => {
      const tokens = byToken.get(token);
      if (!tokens) return failure('390104', 'Authentication token is invalid or has been logged out.');
      if (tokens.session.closed)
        return failure('390111', 'Session no longer exists.  New login required to access the service.');
      if (tokens.expired) return failure('390112', 'Your session has expired. Please login again.');
      tokens.session.lastUsedOn = state.services.now();
      return tokens.session;
    },
    renew: (masterToken, oldToken) => {
      const session = masters.get(masterToken);
      const old = byToken.get(oldToken);
      if (!session || session.closed || !old || old.masterToken !== masterToken) {
        return failure('390114', 'Authentication token has expired.  The user must authenticate again.');
      }
      byToken.delete(oldToken);
      const sessionToken = newToken();
      byToken.set(sessionToken, { session, masterToken, expired: false });
      return success({
        sessionToken,
        validityInSecondsST: 3600,
        masterToken,
        validityInSecondsMT: 14_400,
        sessionId: Number(session.id),
      });
    },
    // An orderly end rolls back; a client that just vanishes leaves its transaction open (it is swept later).
    logout: async (token) => {
      const tokens = byToken.get(token);
      if (!tokens) return;
      byToken.delete(token);
      masters.delete(tokens.masterToken);
      await closeSession(state, tokens.session);
    },
    expire: (sessionId) => {
      for (const tokens of byToken.values()) if (tokens.session.id === sessionId) tokens.expired = true;
    },
  };
}

/** Cancels what runs, rolls back, drops temporary tables, closes the DuckDB connection. */
export async function closeSession(state: ServerState, session: Session): Promise<void> {
  session.closed = true;
  session.running?.cancel.abort();
  await session.queue.catch(() => undefined);
  await state.transactions.rollback(session);
  for (const database of state.catalog.databases.values()) {
    for (const schema of database.schemas.values()) {
      for (const objects of schema.objects.values()) {
        for (const [key, object] of objects) {
          if (!('sessionId' in object) || object.sessionId !== session.id) continue;
          objects.delete(key);
          state.catalog.dropped(object);
        }
      }
    }
  }
  state.sessions.delete(session.id);
  session.connection.closeSync();
}

/** The names in the connect string fold as unquoted identifiers do, unless they are quoted. */
function folded(name: string | null): string | null {
  if (!name) return null;
  return name.startsWith('"') && name.endsWith('"') ? name.slice(1, -1).replaceAll('""', '"') : name.toUpperCase();
}

/** What does not exist or may not be used is left unset, as the vendor does: the first statement then says so. */
function applyContext(state: ServerState, session: Session, query: URLSearchParams): void {
  const { catalog } = state;
  const { user } = session;
  const [defaultDatabase, defaultSchema] = (user.defaultNamespace ?? '').split('.');
  const databaseName = folded(query.get('databaseName')) ?? (defaultDatabase ? defaultDatabase.toUpperCase() : null);
  const database = databaseName ? catalog.findDatabase(databaseName) : undefined;
  if (database && canUseDatabase(catalog, session.role, database)) {
    session.database = database.name;
    const schemaName =
      folded(query.get('schemaName')) ??
      (query.get('databaseName') ? 'PUBLIC' : (defaultSchema?.toUpperCase() ?? 'PUBLIC'));
    const schema = database.schemas.get(schemaName);
    if (schema && canUseSchema(catalog, session.role, schema)) session.schema = schema.name;
  }
  const warehouseName = folded(query.get('warehouse')) ?? user.defaultWarehouse?.toUpperCase() ?? null;
  const warehouse = warehouseName ? catalog.findAccountObject('WAREHOUSE', warehouseName) : undefined;
  if (warehouse && canSee(catalog, session.role, warehouse)) session.warehouse = warehouse.name;
}
