import { randomBytes } from 'node:crypto';
import { quoteIfNeeded } from '../catalog/catalog.ts';
import type { StatementContext, StatementHandler, StatementResult } from '../commands/command.ts';
import type { TokenReader } from '../sql/token-reader.ts';
import {
  filterShown,
  prepareCreate,
  readCreateHead,
  readShowScope,
  startsWithVerb,
  statusResult,
  textColumn,
  timeColumn,
  wireTime,
} from './ddl-helpers.ts';
import { describeFileFormat } from './file-format.ts';
import { readFileFormatClause, resolveFormat } from './format-clause.ts';
import { checkIntegrationUse } from './open-stage.ts';
import type { Property, PropertyValue } from './properties.ts';
import { booleanOf, groupOf, objectNameOf, propertyOf, readProperties, textOf } from './properties.ts';
import { COPY_OPTION_DEFAULTS, readCopyOptionTexts } from './copy-options.ts';
import {
  invalidProperty,
  invalidValue,
  missingProperty,
  objectExists,
  objectMissing,
  unsupportedFeature,
} from './stage-errors.ts';
import {
  findIntegration,
  findStage,
  fullName,
  requireIntegration,
  requireStage,
  resolveStageName,
} from './stage-names.ts';
import type { Stage, StageCredentials } from './stage-objects.ts';
import { internalStageId, stageServices } from './stage-services.ts';
import { parseStorageUrl } from './storage-url.ts';

/** CREATE, ALTER, DROP, DESCRIBE and SHOW STAGES. https://docs.snowflake.com/en/sql-reference/sql/create-stage and its neighbours */
export const stageHandlersOfStages: StatementHandler[] = [
  {
    name: 'CREATE STAGE',
    matches: (reader) => startsWithVerb(reader, 'CREATE', ['OR', 'REPLACE', 'ALTER', 'TEMP', 'TEMPORARY'], ['STAGE']),
    execute: createStage,
  },
  { name: 'ALTER STAGE', matches: (reader) => reader.isWords('ALTER', 'STAGE'), execute: alterStage },
  { name: 'DROP STAGE', matches: (reader) => reader.isWords('DROP', 'STAGE'), execute: dropStage },
  {
    name: 'DESCRIBE STAGE',
    matches: (reader) => reader.isWords('DESCRIBE', 'STAGE') || reader.isWords('DESC', 'STAGE'),
    execute: describeStage,
  },
  { name: 'SHOW STAGES', matches: (reader) => reader.isWords('SHOW', 'STAGES'), execute: showStages },
];

async function createStage(context: StatementContext, reader: TokenReader): Promise<StatementResult> {
  const head = readCreateHead(reader, ['STAGE']);
  if (reader.isWords('CLONE')) {
    throw unsupportedFeature('CREATE STAGE ... CLONE in the practice environment');
  }
  const properties = readProperties(reader);
  reader.expectEnd();
  await context.commitBeforeDdl();
  const target = prepareCreate(context, head, 'CREATE STAGE');
  const sessionId = head.temporary ? context.session.id : null;
  const found = context.catalog.find(target.schema, 'STAGE', target.name, context.session.id) as Stage | undefined;
  const existing = found?.sessionId === sessionId ? found : undefined;
  if (existing && head.ifNotExists) {
    return statusResult(`${quoteIfNeeded(target.name)} already exists, statement succeeded.`);
  }
  if (existing && !head.orReplace) {
    throw objectExists(fullName(target.schema, target.name));
  }
  const stage: Stage = {
    id: context.catalog.nextId(),
    domain: 'STAGE',
    name: target.name,
    owner: context.session.role,
    comment: '',
    createdOn: context.services.now(),
    schema: target.schema,
    sessionId,
    url: null,
    credentials: { kind: 'none' },
    encryption: { type: 'SNOWFLAKE_FULL', kmsKeyId: null },
    fileFormat: { kind: 'inline', format: resolveFormat(context, null) },
    copyOptions: {},
    directoryEnabled: false,
  };
  applyProperties(context, stage, properties, 'create');
  if (existing) {
    context.requirePrivilege('OWNERSHIP', existing);
    await removeStage(context, existing);
  }
  context.catalog.add(stage);
  return statusResult(`Stage area ${quoteIfNeeded(target.name)} successfully created.`);
}

async function alterStage(context: StatementContext, reader: TokenReader): Promise<StatementResult> {
  reader.expectWords('ALTER', 'STAGE');
  const ifExists = reader.acceptWords('IF', 'EXISTS');
  const name = reader.objectName();
  const renamed = reader.acceptWords('RENAME', 'TO') ? reader.objectName() : null;
  if (!renamed) {
    reader.expectWords('SET');
  }
  const properties = renamed ? [] : readProperties(reader);
  reader.expectEnd();
  await context.commitBeforeDdl();
  if (ifExists && !findStage(context, name)) {
    return statusResult('Statement executed successfully.');
  }
  const stage = requireStage(context, name, ['OWNERSHIP']);
  if (renamed) {
    const target = resolveStageName(context, renamed);
    if (context.catalog.find(target.schema, 'STAGE', target.name, context.session.id)) {
      throw objectExists(fullName(target.schema, target.name));
    }
    context.catalog.remove(stage);
    stage.name = target.name;
    stage.schema = target.schema;
    context.catalog.add(stage);
  } else {
    const changed: Stage = { ...stage };
    applyProperties(context, changed, properties, 'alter');
    Object.assign(stage, changed);
  }
  return statusResult('Statement executed successfully.');
}

async function dropStage(context: StatementContext, reader: TokenReader): Promise<StatementResult> {
  reader.expectWords('DROP', 'STAGE');
  const ifExists = reader.acceptWords('IF', 'EXISTS');
  const name = reader.objectName();
  reader.expectEnd();
  await context.commitBeforeDdl();
  const { name: last } = resolveStageName(context, name);
  if (ifExists && !findStage(context, name)) {
    return statusResult(`Drop statement executed successfully (${quoteIfNeeded(last)} already dropped).`);
  }
  const stage = requireStage(context, name, ['OWNERSHIP']);
  await removeStage(context, stage);
  return statusResult(`${quoteIfNeeded(last)} successfully dropped.`);
}

async function describeStage(context: StatementContext, reader: TokenReader): Promise<StatementResult> {
  reader.next();
  reader.expectWords('STAGE');
  const name = reader.objectName();
  reader.expectEnd();
  const stage = requireStage(context, name, ['USAGE', 'READ', 'WRITE', 'OWNERSHIP']);
  const format = resolveFormat(context, stage.fileFormat);
  const rows = describeFileFormat(format, false).map((row) => ['STAGE_FILE_FORMAT', ...row]);
  for (const [option, [type, initial]] of Object.entries(COPY_OPTION_DEFAULTS)) {
    rows.push(['STAGE_COPY_OPTIONS', option, type, stage.copyOptions[option] ?? initial, initial]);
  }
  const url = stage.url === null ? '' : `["${stage.url}"]`;
  rows.push(['STAGE_LOCATION', 'URL', 'String', url, '']);
  rows.push(...describeAccess(context, stage));
  rows.push(['DIRECTORY', 'ENABLE', 'Boolean', String(stage.directoryEnabled), 'false']);
  rows.push(['DIRECTORY', 'AUTO_REFRESH', 'Boolean', 'false', 'false']);
  const columns = ['parent_property', 'property', 'property_type', 'property_value', 'property_default'].map(
    textColumn,
  );
  return { kind: 'rows', columns, rows };
}

function describeAccess(context: StatementContext, stage: Stage): string[][] {
  const { credentials } = stage;
  switch (credentials.kind) {
    case 'integration':
      return [['STAGE_INTEGRATION', 'STORAGE_INTEGRATION', 'String', credentials.integrationName, '']];
    case 'keys':
      return [['STAGE_CREDENTIALS', 'AWS_KEY_ID', 'String', credentials.accessKeyId, '']];
    case 'role':
      return [
        ['STAGE_CREDENTIALS', 'AWS_ROLE', 'String', credentials.roleArn, ''],
        ['STAGE_CREDENTIALS', 'AWS_EXTERNAL_ID', 'String', credentials.externalId, ''],
        ['STAGE_CREDENTIALS', 'SNOWFLAKE_IAM_USER', 'String', stageServices(context).s3?.iamUser.arn ?? '', ''],
      ];
    case 'none':
      return [['STAGE_CREDENTIALS', 'AWS_KEY_ID', 'String', '', '']];
  }
}

const SHOW_COLUMNS = [
  ...[
    'name',
    'database_name',
    'schema_name',
    'url',
    'has_credentials',
    'has_encryption_key',
    'owner',
    'comment',
    'region',
  ],
  ...[
    'type',
    'cloud',
    'notification_channel',
    'storage_integration',
    'endpoint',
    'owner_role_type',
    'directory_enabled',
  ],
];

function showStages(context: StatementContext, reader: TokenReader): Promise<StatementResult> {
  reader.expectWords('SHOW', 'STAGES');
  const scope = readShowScope(context, reader);
  reader.expectEnd();
  const stages = scope.schemas.flatMap((schema) => context.catalog.list(schema, 'STAGE') as Stage[]);
  const visible = stages.filter((stage) => stage.sessionId === null || stage.sessionId === context.session.id);
  const rows = filterShown(context, scope, visible).map((stage) => showRow(context, stage));
  return Promise.resolve({ kind: 'rows', columns: [timeColumn('created_on'), ...SHOW_COLUMNS.map(textColumn)], rows });
}

function showRow(context: StatementContext, stage: Stage): (string | null)[] {
  const external = stage.url !== null;
  const isSecret = stage.credentials.kind === 'keys' || stage.credentials.kind === 'role';
  return [
    wireTime(stage.createdOn),
    stage.name,
    stage.schema.database.name,
    stage.schema.name,
    stage.url ?? '',
    isSecret ? 'Y' : 'N',
    stage.encryption.type === 'AWS_CSE' ? 'Y' : 'N',
    stage.owner,
    stage.comment,
    external ? (stageServices(context).s3?.region ?? null) : null,
    `${external ? 'EXTERNAL' : 'INTERNAL'}${stage.sessionId === null ? '' : ' TEMPORARY'}`,
    external ? 'AWS' : null,
    null,
    stage.credentials.kind === 'integration' ? stage.credentials.integrationName : null,
    null,
    'ROLE',
    stage.directoryEnabled ? 'Y' : 'N',
  ];
}

const KNOWN = new Set(
  'URL STORAGE_INTEGRATION CREDENTIALS ENCRYPTION FILE_FORMAT COPY_OPTIONS DIRECTORY COMMENT USE_PRIVATELINK_ENDPOINT'.split(
    ' ',
  ),
);

function applyProperties(
  context: StatementContext,
  stage: Stage,
  properties: readonly Property[],
  mode: 'create' | 'alter',
): void {
  const unknown = properties.find((property) => !KNOWN.has(property.name));
  if (unknown) {
    throw unknown.name === 'AWS_ACCESS_POINT_ARN' || unknown.name === 'ENDPOINT' || unknown.name === 'TAG'
      ? unsupportedFeature(`${unknown.name} of stages in the practice environment`)
      : invalidProperty(unknown.name, 'STAGE');
  }
  const value = (name: string): PropertyValue | undefined => propertyOf(properties, name);
  applyLocation(context, stage, value, mode);
  const encryption = value('ENCRYPTION');
  if (encryption) {
    stage.encryption = readEncryption(stage, groupOf('ENCRYPTION', encryption));
  } else if (mode === 'create' && stage.url !== null) {
    stage.encryption = { type: 'NONE', kmsKeyId: null };
  }
  const format = value('FILE_FORMAT');
  if (format) {
    stage.fileFormat = readFileFormatClause(context, format);
  }
  const options = value('COPY_OPTIONS');
  if (options) {
    stage.copyOptions = { ...stage.copyOptions, ...readCopyOptionTexts(groupOf('COPY_OPTIONS', options)) };
  }
  const comment = value('COMMENT');
  if (comment) {
    stage.comment = textOf('COMMENT', comment);
  }
  const directory = value('DIRECTORY');
  if (directory) {
    const enable = propertyOf(groupOf('DIRECTORY', directory), 'ENABLE');
    stage.directoryEnabled = enable ? booleanOf('ENABLE', enable) : stage.directoryEnabled;
  }
}

function applyLocation(
  context: StatementContext,
  stage: Stage,
  value: (name: string) => PropertyValue | undefined,
  mode: 'create' | 'alter',
): void {
  const url = value('URL');
  const integration = value('STORAGE_INTEGRATION');
  const credentials = value('CREDENTIALS');
  if (url) {
    if (mode === 'alter' && stage.url === null) {
      throw invalidProperty('URL', 'STAGE');
    }
    const text = textOf('URL', url);
    parseStorageUrl(text);
    stage.url = text;
  }
  if ((integration || credentials) && stage.url === null) {
    throw missingProperty('URL');
  }
  if (integration && credentials) {
    throw unsupportedFeature('CREDENTIALS property is not allowed on stages that use a storage integration');
  }
  if (integration) {
    const found = requireIntegration(context, objectNameOf('STORAGE_INTEGRATION', integration).at(-1)?.name ?? '');
    stage.credentials = { kind: 'integration', integrationId: found.id, integrationName: found.name };
  }
  if (credentials) {
    stage.credentials = readCredentials(groupOf('CREDENTIALS', credentials));
  }
  if (stage.url !== null && stage.credentials.kind === 'integration') {
    const used = findIntegration(context, stage.credentials.integrationName);
    if (!used || used.id !== stage.credentials.integrationId) {
      throw objectMissing('Integration', quoteIfNeeded(stage.credentials.integrationName));
    }
    checkIntegrationUse(context, used, stage.url);
  }
}

/** `(AWS_KEY_ID = '...' AWS_SECRET_KEY = '...' [AWS_TOKEN = '...'])` or `(AWS_ROLE = '...')`. */
export function readCredentials(properties: readonly Property[]): StageCredentials {
  const text = (name: string): string | null => {
    const value = propertyOf(properties, name);
    return value ? textOf(name, value) : null;
  };
  const unknown = properties.find(
    (property) => !/^AWS_(KEY_ID|SECRET_KEY|TOKEN|ROLE|EXTERNAL_ID)$/.test(property.name),
  );
  if (unknown) {
    throw invalidProperty(unknown.name, 'CREDENTIALS');
  }
  const roleArn = text('AWS_ROLE');
  if (roleArn !== null) {
    return { kind: 'role', roleArn, externalId: text('AWS_EXTERNAL_ID') ?? newExternalId() };
  }
  const accessKeyId = text('AWS_KEY_ID') ?? '';
  const secretAccessKey = text('AWS_SECRET_KEY') ?? '';
  if (accessKeyId === '' && secretAccessKey === '') {
    return { kind: 'none' };
  }
  if (accessKeyId === '' || secretAccessKey === '') {
    throw missingProperty(accessKeyId === '' ? 'AWS_KEY_ID' : 'AWS_SECRET_KEY');
  }
  return { kind: 'keys', accessKeyId, secretAccessKey, sessionToken: text('AWS_TOKEN') };
}

/** An external id like the vendor's: `<account>_SFCRole=<n>_<random>`. */
export function newExternalId(): string {
  return `PRACTICE_SFCRole=2_${randomBytes(20).toString('base64')}`;
}

function readEncryption(stage: Stage, properties: readonly Property[]): Stage['encryption'] {
  const type = propertyOf(properties, 'TYPE');
  const masterKey = propertyOf(properties, 'MASTER_KEY');
  const kmsKey = propertyOf(properties, 'KMS_KEY_ID');
  const name = (type ? textOf('TYPE', type) : masterKey ? 'AWS_CSE' : 'NONE').toUpperCase();
  const known =
    stage.url === null ? ['SNOWFLAKE_FULL', 'SNOWFLAKE_SSE'] : ['NONE', 'AWS_SSE_S3', 'AWS_SSE_KMS', 'AWS_CSE'];
  if (!known.includes(name)) {
    throw invalidValue(`'${name}'`, 'TYPE');
  }
  if (name === 'AWS_CSE') {
    throw unsupportedFeature('client-side encryption (AWS_CSE) in the practice environment');
  }
  return { type: name, kmsKeyId: kmsKey ? textOf('KMS_KEY_ID', kmsKey) : null };
}

async function removeStage(context: StatementContext, stage: Stage): Promise<void> {
  context.catalog.remove(stage);
  await stageServices(context).store.removeStage(internalStageId(stage));
}
