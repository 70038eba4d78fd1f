import type { Database, Schema } from '../catalog/catalog-types.ts';
import { quoteIfNeeded } from '../catalog/catalog.ts';
import type { StatementContext } from '../commands/command.ts';
import { errors } from '../errors.ts';
import type { ObjectName } from '../sql/token-reader.ts';
import { objectMissing } from './stage-errors.ts';
import type { FileFormatObject, Stage, StorageIntegration } from './stage-objects.ts';

/** The schema and last part of a name, completed with the session's; missing parents are named as the vendor names them. */
export function resolveStageName(context: StatementContext, name: ObjectName): { schema: Schema; name: string } {
  const parts = name.map((part) => part.name);
  const last = parts.at(-1) ?? '';
  const databaseName = parts.length === 3 ? parts[0] : context.session.database;
  if (!databaseName) {
    throw errors.noDatabase();
  }
  const database: Database | undefined = context.catalog.findDatabase(databaseName);
  if (!database) {
    throw objectMissing('Database', quoteIfNeeded(databaseName));
  }
  const schemaName = parts.length >= 2 ? (parts.at(-2) === '' ? 'PUBLIC' : parts.at(-2)) : context.session.schema;
  if (!schemaName) {
    throw errors.noSchema();
  }
  const schema = context.catalog.findSchema(databaseName, schemaName);
  if (!schema) {
    throw objectMissing('Schema', `${quoteIfNeeded(databaseName)}.${quoteIfNeeded(schemaName)}`);
  }
  return { schema, name: last };
}

/** `DB.SCHEMA.NAME`, as error texts have it. */
export function fullName(schema: Schema, name: string): string {
  return [schema.database.name, schema.name, name].map(quoteIfNeeded).join('.');
}

export function findStage(context: StatementContext, name: ObjectName): Stage | undefined {
  const resolved = resolveStageName(context, name);
  return context.catalog.find(resolved.schema, 'STAGE', resolved.name, context.session.id) as Stage | undefined;
}

/** @throws 002003 "Stage 'DB.SCHEMA.NAME' does not exist or not authorized." also when the role has no privilege on it */
export function requireStage(context: StatementContext, name: ObjectName, privileges: readonly string[]): Stage {
  const resolved = resolveStageName(context, name);
  const stage = context.catalog.find(resolved.schema, 'STAGE', resolved.name, context.session.id) as Stage | undefined;
  if (!stage) {
    throw objectMissing('Stage', fullName(resolved.schema, resolved.name));
  }
  if (!privileges.some((privilege) => context.hasPrivilege(privilege, stage))) {
    const visible = ['USAGE', 'READ', 'WRITE', 'OWNERSHIP'].some((privilege) => context.hasPrivilege(privilege, stage));
    if (!visible) {
      throw objectMissing('Stage', fullName(resolved.schema, resolved.name));
    }
    context.requirePrivilege(privileges[0] ?? 'USAGE', stage);
  }
  return stage;
}

export function requireFileFormat(context: StatementContext, name: ObjectName): FileFormatObject {
  const resolved = resolveStageName(context, name);
  return fileFormatIn(context, resolved.schema, resolved.name);
}

export function fileFormatIn(context: StatementContext, schema: Schema, name: string): FileFormatObject {
  const found = context.catalog.find(schema, 'FILE FORMAT', name, context.session.id) as FileFormatObject | undefined;
  if (!found || !context.hasPrivilege('USAGE', found)) {
    throw objectMissing('File format', quoteIfNeeded(name));
  }
  return found;
}

export function findIntegration(context: StatementContext, name: string): StorageIntegration | undefined {
  return context.catalog.findAccountObject('INTEGRATION', name) as StorageIntegration | undefined;
}

/** An integration that the role may use. */
export function requireIntegration(context: StatementContext, name: string): StorageIntegration {
  const found = findIntegration(context, name);
  if (!found) {
    throw objectMissing('Integration', quoteIfNeeded(name));
  }
  context.requirePrivilege('USAGE', found);
  return found;
}
