import { ACCOUNT_OBJECT } from '../catalog/privileges.ts';
import { quoteIfNeeded } from '../catalog/catalog.ts';
import type { CatalogObject } from '../catalog/catalog-types.ts';
import type { StatementContext, StatementHandler, StatementResult } from '../commands/command.ts';
import { errors, SnowflakeError } from '../errors.ts';
import type { TokenReader } from '../sql/token-reader.ts';
import { isLike, startsWithVerb, statusResult, textColumn, timeColumn, wireTime } from './ddl-helpers.ts';
import type { Property, PropertyValue } from './properties.ts';
import { booleanOf, listOf, propertyOf, readProperties, textOf } from './properties.ts';
import {
  invalidProperty,
  invalidValue,
  missingProperty,
  notPrivileged,
  objectExists,
  objectMissing,
  unsupportedFeature,
} from './stage-errors.ts';
import { newExternalId } from './stage-handlers.ts';
import { findIntegration } from './stage-names.ts';
import type { StorageIntegration } from './stage-objects.ts';
import { stageServices } from './stage-services.ts';
import { parseStorageUrl } from './storage-url.ts';

/** CREATE, ALTER, DROP, DESCRIBE and SHOW of storage integrations for S3. https://docs.snowflake.com/en/sql-reference/sql/create-storage-integration */
export const integrationHandlers: StatementHandler[] = [
  {
    name: 'CREATE STORAGE INTEGRATION',
    matches: (reader) => startsWithVerb(reader, 'CREATE', ['OR', 'REPLACE'], ['STORAGE', 'INTEGRATION']),
    execute: createIntegration,
  },
  {
    name: 'ALTER STORAGE INTEGRATION',
    matches: (reader) => reader.isWords('ALTER', 'STORAGE', 'INTEGRATION') || reader.isWords('ALTER', 'INTEGRATION'),
    execute: alterIntegration,
  },
  {
    name: 'DROP INTEGRATION',
    matches: (reader) => reader.isWords('DROP', 'STORAGE', 'INTEGRATION') || reader.isWords('DROP', 'INTEGRATION'),
    execute: dropIntegration,
  },
  {
    name: 'DESCRIBE INTEGRATION',
    matches: (reader) =>
      startsWithVerb(reader, 'DESC', ['STORAGE'], ['INTEGRATION']) ||
      startsWithVerb(reader, 'DESCRIBE', ['STORAGE'], ['INTEGRATION']),
    execute: describeIntegration,
  },
  {
    name: 'SHOW INTEGRATIONS',
    matches: (reader) => reader.isWords('SHOW', 'INTEGRATIONS') || reader.isWords('SHOW', 'STORAGE', 'INTEGRATIONS'),
    execute: showIntegrations,
  },
];

async function createIntegration(context: StatementContext, reader: TokenReader): Promise<StatementResult> {
  reader.expectWords('CREATE');
  const orReplace = reader.acceptWords('OR', 'REPLACE');
  reader.expectWords('STORAGE', 'INTEGRATION');
  const ifNotExists = reader.acceptWords('IF', 'NOT', 'EXISTS');
  const { name } = reader.identifier();
  const properties = readProperties(reader);
  reader.expectEnd();
  await context.commitBeforeDdl();
  requireCreateIntegration(context);
  const existing = findIntegration(context, name);
  if (existing && ifNotExists) {
    return statusResult(`${quoteIfNeeded(name)} already exists, statement succeeded.`);
  }
  if (existing && !orReplace) {
    throw objectExists(quoteIfNeeded(name));
  }
  for (const required of ['TYPE', 'STORAGE_PROVIDER', 'ENABLED', 'STORAGE_ALLOWED_LOCATIONS', 'STORAGE_AWS_ROLE_ARN']) {
    if (!propertyOf(properties, required)) {
      throw missingProperty(required);
    }
  }
  const made: StorageIntegration = {
    id: context.catalog.nextId(),
    domain: 'INTEGRATION',
    name,
    owner: context.session.role,
    comment: '',
    createdOn: context.services.now(),
    enabled: true,
    provider: 'S3',
    roleArn: '',
    externalId: newExternalId(),
    allowedLocations: [],
    blockedLocations: [],
    objectAcl: null,
  };
  applyProperties(made, properties);
  if (existing) {
    context.requirePrivilege('OWNERSHIP', existing);
    context.catalog.removeAccountObject(existing);
  }
  context.catalog.addAccountObject(made);
  return statusResult(`Integration ${quoteIfNeeded(name)} successfully created.`);
}

async function alterIntegration(context: StatementContext, reader: TokenReader): Promise<StatementResult> {
  reader.expectWords('ALTER');
  reader.acceptWords('STORAGE');
  reader.expectWords('INTEGRATION');
  const ifExists = reader.acceptWords('IF', 'EXISTS');
  const { name } = reader.identifier();
  const unset = reader.acceptWords('UNSET') ? readNames(reader) : null;
  if (!unset) {
    reader.expectWords('SET');
  }
  const properties = unset ? [] : readProperties(reader);
  reader.expectEnd();
  await context.commitBeforeDdl();
  if (ifExists && !findIntegration(context, name)) {
    return statusResult('Statement executed successfully.');
  }
  const found = requireOwned(context, name);
  for (const property of unset ?? []) {
    unsetProperty(found, property);
  }
  const changed = { ...found };
  applyProperties(changed, properties);
  Object.assign(found, changed);
  return statusResult('Statement executed successfully.');
}

async function dropIntegration(context: StatementContext, reader: TokenReader): Promise<StatementResult> {
  reader.expectWords('DROP');
  reader.acceptWords('STORAGE');
  reader.expectWords('INTEGRATION');
  const ifExists = reader.acceptWords('IF', 'EXISTS');
  const { name } = reader.identifier();
  reader.expectEnd();
  await context.commitBeforeDdl();
  if (ifExists && !findIntegration(context, name)) {
    return statusResult(`Drop statement executed successfully (${quoteIfNeeded(name)} already dropped).`);
  }
  context.catalog.removeAccountObject(requireOwned(context, name));
  return statusResult(`${quoteIfNeeded(name)} successfully dropped.`);
}

function describeIntegration(context: StatementContext, reader: TokenReader): Promise<StatementResult> {
  reader.next();
  reader.acceptWords('STORAGE');
  reader.expectWords('INTEGRATION');
  const { name } = reader.identifier();
  reader.expectEnd();
  const found = findIntegration(context, name);
  if (!found || !context.hasPrivilege('USAGE', found)) {
    throw objectMissing('Integration', quoteIfNeeded(name));
  }
  const rows = [
    ['ENABLED', 'Boolean', String(found.enabled), 'false'],
    ['STORAGE_PROVIDER', 'String', found.provider, ''],
    ['STORAGE_ALLOWED_LOCATIONS', 'List', found.allowedLocations.join(','), '[]'],
    ['STORAGE_BLOCKED_LOCATIONS', 'List', found.blockedLocations.join(','), '[]'],
    ['STORAGE_AWS_IAM_USER_ARN', 'String', stageServices(context).s3?.iamUser.arn ?? '', ''],
    ['STORAGE_AWS_ROLE_ARN', 'String', found.roleArn, ''],
    ['STORAGE_AWS_EXTERNAL_ID', 'String', found.externalId, ''],
    ['COMMENT', 'String', found.comment, ''],
  ];
  const columns = ['property', 'property_type', 'property_value', 'property_default'].map(textColumn);
  return Promise.resolve({ kind: 'rows', columns, rows });
}

function showIntegrations(context: StatementContext, reader: TokenReader): Promise<StatementResult> {
  reader.expectWords('SHOW');
  reader.acceptWords('STORAGE');
  reader.expectWords('INTEGRATIONS');
  const like = reader.acceptWords('LIKE') ? reader.string() : null;
  reader.expectEnd();
  const all = [...(context.catalog.account.get('INTEGRATION')?.values() ?? [])] as StorageIntegration[];
  const rows = all
    .filter((integration) => isLike(integration.name, like) && context.hasPrivilege('USAGE', integration))
    .map((integration) => [
      integration.name,
      'EXTERNAL_STAGE',
      'STORAGE',
      String(integration.enabled),
      integration.comment,
      wireTime(integration.createdOn),
    ]);
  const columns = [...['name', 'type', 'category', 'enabled', 'comment'].map(textColumn), timeColumn('created_on')];
  return Promise.resolve({ kind: 'rows', columns, rows });
}

/** CREATE INTEGRATION (or CREATE STORAGE INTEGRATION) on the account; only ACCOUNTADMIN has it by default. */
function requireCreateIntegration(context: StatementContext): void {
  const account = ACCOUNT_OBJECT as CatalogObject;
  const isAllowed =
    context.hasPrivilege('CREATE INTEGRATION', account) || context.hasPrivilege('CREATE STORAGE INTEGRATION', account);
  if (!isAllowed) {
    throw notPrivileged('account', context.services.account.toUpperCase());
  }
}

function requireOwned(context: StatementContext, name: string): StorageIntegration {
  const found = findIntegration(context, name);
  if (!found) {
    throw objectMissing('Integration', quoteIfNeeded(name));
  }
  if (!context.hasPrivilege('OWNERSHIP', found)) {
    throw notPrivileged('integration', quoteIfNeeded(name));
  }
  return found;
}

function readNames(reader: TokenReader): string[] {
  const names = [reader.identifier().name];
  while (reader.acceptOperator(',')) {
    names.push(reader.identifier().name);
  }
  return names;
}

function unsetProperty(integration: StorageIntegration, property: string): void {
  switch (property) {
    case 'ENABLED':
      integration.enabled = false;
      return;
    case 'STORAGE_BLOCKED_LOCATIONS':
      integration.blockedLocations = [];
      return;
    case 'COMMENT':
      integration.comment = '';
      return;
    default:
      throw invalidProperty(property, 'INTEGRATION');
  }
}

function applyProperties(integration: StorageIntegration, properties: readonly Property[]): void {
  for (const { name, value } of properties) {
    applyProperty(integration, name, value);
  }
}

function applyProperty(integration: StorageIntegration, name: string, value: PropertyValue): void {
  switch (name) {
    case 'TYPE':
      if (textOf(name, value).toUpperCase() !== 'EXTERNAL_STAGE') {
        throw unsupportedFeature(`integrations of TYPE = ${textOf(name, value)} in the practice environment`);
      }
      return;
    case 'STORAGE_PROVIDER':
      if (textOf(name, value).toUpperCase() !== 'S3') {
        throw unsupportedFeature(`STORAGE_PROVIDER = ${textOf(name, value)} in the practice environment`);
      }
      return;
    case 'ENABLED':
      integration.enabled = booleanOf(name, value);
      return;
    case 'STORAGE_AWS_ROLE_ARN':
      integration.roleArn = checkRoleArn(textOf(name, value));
      return;
    case 'STORAGE_AWS_EXTERNAL_ID':
      integration.externalId = textOf(name, value);
      return;
    case 'STORAGE_AWS_OBJECT_ACL':
      integration.objectAcl = textOf(name, value);
      return;
    case 'STORAGE_ALLOWED_LOCATIONS':
      integration.allowedLocations = readLocations(name, value, true);
      return;
    case 'STORAGE_BLOCKED_LOCATIONS':
      integration.blockedLocations = readLocations(name, value, false);
      return;
    case 'COMMENT':
      integration.comment = textOf(name, value);
      return;
    case 'USE_PRIVATELINK_ENDPOINT':
      if (booleanOf(name, value)) {
        throw errors.notInPractice('USE_PRIVATELINK_ENDPOINT');
      }
      return;
    default:
      throw invalidProperty(name, 'INTEGRATION');
  }
}

function readLocations(name: string, value: PropertyValue, allowsAll: boolean): readonly string[] {
  const locations = listOf(name, value);
  for (const location of locations) {
    if (location !== '*' || !allowsAll) {
      parseStorageUrl(location);
    }
  }
  if (locations.length === 0 && allowsAll) {
    throw invalidValue('()', name);
  }
  return locations;
}

function checkRoleArn(arn: string): string {
  if (/^arn:aws[a-z-]*:iam::\d{12}:role\/.+$/.test(arn)) {
    return arn;
  }
  throw new SnowflakeError(
    '001008',
    '22023',
    `SQL compilation error:\ninvalid value [${arn}] for parameter 'STORAGE_AWS_ROLE_ARN'`,
  );
}
