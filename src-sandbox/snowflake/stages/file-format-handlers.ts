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
import { describeFileFormat, formatOptionsJson, withFormatOptions } from './file-format.ts';
import { formatOf } from './format-clause.ts';
import type { Property } from './properties.ts';
import { propertyOf, readProperties, textOf, toGivenOptions } from './properties.ts';
import { objectExists, objectMissing } from './stage-errors.ts';
import { fullName, requireFileFormat, resolveStageName } from './stage-names.ts';
import type { FileFormatObject } from './stage-objects.ts';

/** CREATE, ALTER, DROP, DESCRIBE and SHOW FILE FORMATS. https://docs.snowflake.com/en/sql-reference/sql/create-file-format */
export const fileFormatHandlers: StatementHandler[] = [
  {
    name: 'CREATE FILE FORMAT',
    matches: (reader) =>
      startsWithVerb(reader, 'CREATE', ['OR', 'REPLACE', 'ALTER', 'TEMP', 'TEMPORARY', 'VOLATILE'], ['FILE', 'FORMAT']),
    execute: createFileFormat,
  },
  {
    name: 'ALTER FILE FORMAT',
    matches: (reader) => reader.isWords('ALTER', 'FILE', 'FORMAT'),
    execute: alterFileFormat,
  },
  { name: 'DROP FILE FORMAT', matches: (reader) => reader.isWords('DROP', 'FILE', 'FORMAT'), execute: dropFileFormat },
  {
    name: 'DESCRIBE FILE FORMAT',
    matches: (reader) => reader.isWords('DESCRIBE', 'FILE', 'FORMAT') || reader.isWords('DESC', 'FILE', 'FORMAT'),
    execute: describe,
  },
  {
    name: 'SHOW FILE FORMATS',
    matches: (reader) => reader.isWords('SHOW', 'FILE', 'FORMATS'),
    execute: showFileFormats,
  },
];

async function createFileFormat(context: StatementContext, reader: TokenReader): Promise<StatementResult> {
  const head = readCreateHead(reader, ['FILE', 'FORMAT']);
  const properties = readProperties(reader);
  reader.expectEnd();
  await context.commitBeforeDdl();
  const target = prepareCreate(context, head, 'CREATE FILE FORMAT');
  const sessionId = head.temporary ? context.session.id : null;
  const found = context.catalog.find(target.schema, 'FILE FORMAT', target.name, context.session.id) as
    FileFormatObject | undefined;
  const existing = found?.sessionId === sessionId ? found : undefined;
  if (existing && head.ifNotExists) {
    return statusResult(`${quoteIfNeeded(target.name)} already exists, statement succeeded.`);
  }
  if (existing && !head.orReplace) {
    throw objectExists(fullName(target.schema, target.name));
  }
  const made: FileFormatObject = {
    id: context.catalog.nextId(),
    domain: 'FILE FORMAT',
    name: target.name,
    owner: context.session.role,
    comment: commentOf(properties) ?? '',
    createdOn: context.services.now(),
    schema: target.schema,
    sessionId,
    format: formatOf(properties.filter((property) => property.name !== 'COMMENT')),
  };
  if (existing) {
    context.requirePrivilege('OWNERSHIP', existing);
    context.catalog.remove(existing);
  }
  context.catalog.add(made);
  return statusResult(`File format ${quoteIfNeeded(target.name)} successfully created.`);
}

async function alterFileFormat(context: StatementContext, reader: TokenReader): Promise<StatementResult> {
  reader.expectWords('ALTER', 'FILE', 'FORMAT');
  const ifExists = reader.acceptWords('IF', 'EXISTS');
  const name = reader.objectName();
  const renamed = reader.acceptWords('RENAME', 'TO') ? reader.objectName() : null;
  if (!renamed) {
    reader.expectWords('SET');
  }
  const properties = renamed ? [] : readProperties(reader);
  reader.expectEnd();
  await context.commitBeforeDdl();
  const target = resolveStageName(context, name);
  if (ifExists && !context.catalog.find(target.schema, 'FILE FORMAT', target.name, context.session.id)) {
    return statusResult('Statement executed successfully.');
  }
  const found = requireFileFormat(context, name);
  context.requirePrivilege('OWNERSHIP', found);
  if (renamed) {
    const to = resolveStageName(context, renamed);
    if (context.catalog.find(to.schema, 'FILE FORMAT', to.name, context.session.id)) {
      throw objectExists(fullName(to.schema, to.name));
    }
    context.catalog.remove(found);
    Object.assign(found, { name: to.name, schema: to.schema });
    context.catalog.add(found);
    return statusResult('Statement executed successfully.');
  }
  const given = toGivenOptions(properties.filter((property) => property.name !== 'COMMENT'));
  found.format = withFormatOptions(found.format, given);
  found.comment = commentOf(properties) ?? found.comment;
  return statusResult('Statement executed successfully.');
}

async function dropFileFormat(context: StatementContext, reader: TokenReader): Promise<StatementResult> {
  reader.expectWords('DROP', 'FILE', 'FORMAT');
  const ifExists = reader.acceptWords('IF', 'EXISTS');
  const name = reader.objectName();
  reader.expectEnd();
  await context.commitBeforeDdl();
  const target = resolveStageName(context, name);
  const found = context.catalog.find(target.schema, 'FILE FORMAT', target.name, context.session.id) as
    FileFormatObject | undefined;
  if (!found && ifExists) {
    return statusResult(`Drop statement executed successfully (${quoteIfNeeded(target.name)} already dropped).`);
  }
  if (!found) {
    throw objectMissing('File format', fullName(target.schema, target.name));
  }
  context.requirePrivilege('OWNERSHIP', found);
  context.catalog.remove(found);
  return statusResult(`${quoteIfNeeded(target.name)} successfully dropped.`);
}

function describe(context: StatementContext, reader: TokenReader): Promise<StatementResult> {
  reader.next();
  reader.expectWords('FILE', 'FORMAT');
  const name = reader.objectName();
  reader.expectEnd();
  const { format } = requireFileFormat(context, name);
  const columns = ['property', 'property_type', 'property_value', 'property_default'].map(textColumn);
  return Promise.resolve({ kind: 'rows', columns, rows: describeFileFormat(format, true) });
}

function showFileFormats(context: StatementContext, reader: TokenReader): Promise<StatementResult> {
  reader.expectWords('SHOW', 'FILE', 'FORMATS');
  const scope = readShowScope(context, reader);
  reader.expectEnd();
  const formats = scope.schemas.flatMap((schema) => context.catalog.list(schema, 'FILE FORMAT') as FileFormatObject[]);
  const visible = formats.filter((format) => format.sessionId === null || format.sessionId === context.session.id);
  const rows = filterShown(context, scope, visible).map((found) => [
    wireTime(found.createdOn),
    found.name,
    found.schema.database.name,
    found.schema.name,
    found.format.type,
    found.owner,
    found.comment,
    formatOptionsJson(found.format),
    'ROLE',
  ]);
  const texts = [
    'name',
    'database_name',
    'schema_name',
    'type',
    'owner',
    'comment',
    'format_options',
    'owner_role_type',
  ];
  return Promise.resolve({ kind: 'rows', columns: [timeColumn('created_on'), ...texts.map(textColumn)], rows });
}

function commentOf(properties: readonly Property[]): string | undefined {
  const comment = propertyOf(properties, 'COMMENT');
  return comment ? textOf('COMMENT', comment) : undefined;
}
