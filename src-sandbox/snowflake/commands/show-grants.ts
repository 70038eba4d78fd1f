import type { CatalogObject, Grant, Role, SchemaDomain, User } from '../catalog/catalog-types.ts';
import { ACCOUNT_OBJECT } from '../catalog/privileges.ts';
import type { CoreContext } from '../engine/statement-context.ts';
import { errors } from '../errors.ts';
import type { TokenReader } from '../sql/token-reader.ts';
import type { StatementResult } from './command.ts';
import { moment, showResult, type ShowCell, type ShowShape } from './show-result.ts';

/** SHOW GRANTS [ON ... | TO ... | OF ROLE]. https://docs.snowflake.com/en/sql-reference/sql/show-grants */
export function showGrants(context: CoreContext, reader: TokenReader): StatementResult {
  if (reader.acceptWords('ON')) return grantsOn(context, reader);
  if (reader.acceptWords('OF')) {
    reader.expectWords('ROLE');
    return grantsOf(context, end(reader, reader.identifier().name));
  }
  if (!reader.acceptWords('TO')) return grantsToUser(context, end(reader, context.session.user.name));
  if (reader.acceptWords('USER')) return grantsToUser(context, end(reader, reader.identifier().name));
  reader.expectWords('ROLE');
  return grantsToRole(context, end(reader, reader.identifier().name));
}

function end<T>(reader: TokenReader, value: T): T {
  if (reader.acceptWords('LIMIT')) reader.integer();
  reader.expectEnd();
  return value;
}

const BASE: ShowShape = [
  ['created_on', moment],
  ['privilege'],
  ['granted_on'],
  ['name'],
  ['granted_to'],
  ['grantee_name'],
  ['grant_option'],
  ['granted_by'],
];

function domainName(domain: string): string {
  return domain.replace(' ', '_');
}

/** Every object that can be named, to find the names behind grants. */
function allObjects(context: CoreContext): CatalogObject[] {
  const { catalog } = context;
  const found: CatalogObject[] = [...catalog.databases.values()];
  for (const database of catalog.databases.values()) {
    for (const schema of database.schemas.values()) {
      found.push(schema);
      for (const objects of schema.objects.values()) found.push(...objects.values());
    }
  }
  for (const [domain, objects] of catalog.account)
    if (domain !== 'ROLE' && domain !== 'USER') found.push(...objects.values());
  return found;
}

function grantsToRole(context: CoreContext, name: string): StatementResult {
  const { catalog } = context;
  const role = catalog.role(name);
  if (!role) throw errors.doesNotExist('Role', name);
  const objects = allObjects(context);
  const rows: ShowCell[][] = catalog.grants
    .filter((g) => g.grantee === name)
    .flatMap((g) => {
      const object = g.domain === 'ACCOUNT' ? null : objects.find((o) => o.id === g.objectId);
      if (object === undefined) return [];
      const shown = object ? catalog.qualifiedName(object) : context.services.account.toUpperCase();
      return [[g.createdOn, g.privilege, domainName(g.domain), shown, 'ROLE', name, g.grantOption, g.grantedBy]];
    });
  for (const object of objects) {
    if (object.owner === name)
      rows.push([
        object.createdOn,
        'OWNERSHIP',
        domainName(object.domain),
        catalog.qualifiedName(object),
        'ROLE',
        name,
        true,
        name,
      ]);
  }
  for (const inner of role.grantedRoles) rows.push([role.createdOn, 'USAGE', 'ROLE', inner, 'ROLE', name, false, '']);
  return showResult(BASE, rows, true);
}

function grantsToUser(context: CoreContext, name: string): StatementResult {
  const user = context.requireAccountObject<User>('USER', name);
  const shape: ShowShape = [['created_on', moment], ['role'], ['granted_to'], ['grantee_name'], ['granted_by']];
  return showResult(
    shape,
    [...user.roles].filter((r) => r !== 'PUBLIC').map((r) => [user.createdOn, r, 'USER', user.name, 'SECURITYADMIN']),
  );
}

function grantsOf(context: CoreContext, name: string): StatementResult {
  const { catalog } = context;
  if (!catalog.role(name)) throw errors.doesNotExist('Role', name);
  const shape: ShowShape = [['created_on', moment], ['role'], ['granted_to'], ['grantee_name'], ['granted_by']];
  const users = ([...(catalog.account.get('USER')?.values() ?? [])] as User[]).filter((u) => u.roles.has(name));
  const roles = ([...(catalog.account.get('ROLE')?.values() ?? [])] as Role[]).filter((r) => r.grantedRoles.has(name));
  return showResult(shape, [
    ...users.map((u): ShowCell[] => [u.createdOn, name, 'USER', u.name, 'SECURITYADMIN']),
    ...roles.map((r): ShowCell[] => [r.createdOn, name, 'ROLE', r.name, 'SECURITYADMIN']),
  ]);
}

function grantsOn(context: CoreContext, reader: TokenReader): StatementResult {
  const target = readTarget(context, reader);
  if (reader.acceptWords('LIMIT')) reader.integer();
  reader.expectEnd();
  const shape: ShowShape = [...BASE.slice(0, 7), ['granted_by_role_type'], ['granted_by']];
  const rows = context.catalog.grants
    .filter((g) => g.objectId === target.id && g.domain === target.domain)
    .map((g: Grant): ShowCell[] => [
      g.createdOn,
      g.privilege,
      domainName(g.domain),
      target.shown,
      'ROLE',
      g.grantee,
      g.grantOption,
      'ROLE',
      g.grantedBy,
    ]);
  if (target.object)
    rows.unshift([
      target.object.createdOn,
      'OWNERSHIP',
      domainName(target.domain),
      target.shown,
      'ROLE',
      target.object.owner,
      true,
      'ROLE',
      target.object.owner,
    ]);
  return showResult(shape, rows, true);
}

function readTarget(
  context: CoreContext,
  reader: TokenReader,
): { id: number; domain: string; shown: string; object: CatalogObject | null } {
  const { catalog } = context;
  let noun = reader.next().value;
  if (noun === 'ACCOUNT') return { ...ACCOUNT_OBJECT, shown: context.services.account.toUpperCase(), object: null };
  if (noun === 'FILE') noun = `FILE ${reader.next().value}`;
  const done = (object: CatalogObject): { id: number; domain: string; shown: string; object: CatalogObject } => ({
    id: object.id,
    domain: object.domain,
    shown: catalog.qualifiedName(object),
    object,
  });
  if (noun === 'DATABASE' || noun === 'WAREHOUSE' || noun === 'INTEGRATION' || noun === 'ROLE' || noun === 'USER') {
    return done(context.requireAccountObject(noun, reader.identifier().name));
  }
  if (noun === 'SCHEMA') return done(context.resolveSchema(reader.objectName()));
  return done(context.require(noun as SchemaDomain, reader.objectName()));
}
