import type {
  AccountDomain,
  AccountObject,
  CatalogObject,
  Database,
  Domain,
  Grant,
  Role,
  Schema,
  SchemaDomain,
  SchemaObject,
} from './catalog-types.ts';

/**
 * All objects of the account, held in memory. It does no privilege checks (privileges.ts does) and no storage (the engine does).
 * Names are as stored: already folded or quoted.
 */
export interface Catalog {
  nextId(): number;
  readonly databases: Map<string, Database>;
  readonly account: Map<Exclude<AccountDomain, 'DATABASE'>, Map<string, AccountObject>>;
  readonly grants: Grant[];
  findDatabase(name: string): Database | undefined;
  findSchema(database: string, schema: string): Schema | undefined;
  /** Tables and views share a namespace: `TABLE` finds a view too. Temporary tables of `sessionId` hide permanent ones. */
  find(schema: Schema, domain: SchemaDomain, name: string, sessionId?: string): SchemaObject | undefined;
  list(schema: Schema, domain: SchemaDomain): SchemaObject[];
  add(object: SchemaObject): void;
  remove(object: SchemaObject): void;
  findAccountObject(domain: Exclude<AccountDomain, 'DATABASE'>, name: string): AccountObject | undefined;
  addAccountObject(object: AccountObject): void;
  removeAccountObject(object: AccountObject): void;
  grant(grant: { privilege: string; on: CatalogObject; to: string; by: string; grantOption?: boolean }): void;
  /** `ALL` takes every privilege. */
  revoke(privilege: string, on: { domain: Domain; id: number }, from: string): void;
  /** The role and every role it inherits. */
  rolesOf(role: string): Set<string>;
  role(name: string): Role | undefined;
  /** Called with every schema object that is dropped, also by DROP SCHEMA and DROP DATABASE. */
  onDropped(listener: (object: SchemaObject) => void): void;
  dropped(object: SchemaObject): void;
  qualifiedName(object: CatalogObject): string;
}

/** An empty catalog. */
export function createCatalog(): Catalog {
  const databases = new Map<string, Database>();
  const account: Catalog['account'] = new Map();
  const grants: Grant[] = [];
  const droppedListeners: ((object: SchemaObject) => void)[] = [];
  let lastId = 1000;

  const space = (schema: Schema, domain: SchemaDomain): Map<string, SchemaObject> => {
    const key = domain === 'VIEW' ? 'TABLE' : domain;
    const found = schema.objects.get(key);
    if (found) return found;
    const made = new Map<string, SchemaObject>();
    schema.objects.set(key, made);
    return made;
  };
  const accountSpace = (domain: Exclude<AccountDomain, 'DATABASE'>): Map<string, AccountObject> => {
    const found = account.get(domain);
    if (found) return found;
    const made = new Map<string, AccountObject>();
    account.set(domain, made);
    return made;
  };
  const role = (name: string): Role | undefined => accountSpace('ROLE').get(name) as Role | undefined;

  return {
    nextId: () => (lastId += 1),
    databases,
    account,
    grants,
    findDatabase: (name) => databases.get(name),
    findSchema: (database, schema) => databases.get(database)?.schemas.get(schema),
    find: (schema, domain, name, sessionId) => {
      const objects = space(schema, domain);
      return (sessionId ? objects.get(storedName(name, sessionId)) : undefined) ?? objects.get(name);
    },
    list: (schema, domain) => [...space(schema, domain).values()].filter((o) => o.domain === domain),
    add: (object) => void space(object.schema, object.domain).set(keyOf(object), object),
    remove: (object) => void space(object.schema, object.domain).delete(keyOf(object)),
    findAccountObject: (domain, name) => accountSpace(domain).get(name),
    addAccountObject: (object) => {
      if (object.domain !== 'DATABASE') accountSpace(object.domain).set(object.name, object);
    },
    removeAccountObject: (object) => {
      if (object.domain !== 'DATABASE') accountSpace(object.domain).delete(object.name);
    },
    grant: ({ privilege, on, to, by, grantOption }) => {
      const known = grants.find(
        (g) => g.privilege === privilege && g.domain === on.domain && g.objectId === on.id && g.grantee === to,
      );
      if (known) return;
      grants.push({
        privilege,
        domain: on.domain,
        objectId: on.id,
        grantee: to,
        grantedBy: by,
        grantOption: grantOption ?? false,
        createdOn: new Date(),
      });
    },
    revoke: (privilege, on, from) => {
      for (let i = grants.length - 1; i >= 0; i -= 1) {
        const g = grants[i] as Grant;
        if (g.objectId !== on.id || g.domain !== on.domain || g.grantee !== from) continue;
        if (privilege === 'ALL' || g.privilege === privilege) grants.splice(i, 1);
      }
    },
    rolesOf: (name) => {
      const found = new Set<string>();
      const visit = (roleName: string): void => {
        if (found.has(roleName)) return;
        found.add(roleName);
        for (const inner of role(roleName)?.grantedRoles ?? []) visit(inner);
      };
      visit(name);
      found.add('PUBLIC');
      return found;
    },
    role,
    onDropped: (listener) => void droppedListeners.push(listener),
    dropped: (object) => {
      for (const listener of droppedListeners) listener(object);
    },
    qualifiedName: (object) => qualifiedName(object),
  };
}

/** Temporary tables live beside permanent ones of the same name: they are kept under a key of their session. */
function storedName(name: string, sessionId: string): string {
  return `\u0000${sessionId}\u0000${name}`;
}

function keyOf(object: SchemaObject): string {
  const sessionId = 'sessionId' in object ? (object.sessionId as string | null) : null;
  return sessionId ? storedName(object.name, sessionId) : object.name;
}

/** `DB.SCHEMA.NAME`, quoted where needed. */
function qualifiedName(object: CatalogObject): string {
  if ('schema' in object) {
    const schema = object.schema as Schema;
    return [schema.database.name, schema.name, object.name].map(quoteIfNeeded).join('.');
  }
  if (object.domain === 'SCHEMA') return [(object as Schema).database.name, object.name].map(quoteIfNeeded).join('.');
  return quoteIfNeeded(object.name);
}

/** An identifier as Snowflake prints it: quoted unless it is plain upper case. */
export function quoteIfNeeded(name: string): string {
  return /^[A-Z_][A-Z0-9_$]*$/.test(name) ? name : `"${name.replaceAll('"', '""')}"`;
}
