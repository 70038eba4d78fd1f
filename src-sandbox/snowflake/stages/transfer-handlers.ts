import type { StatementContext, StatementHandler, StatementResult } from '../commands/command.ts';
import { errors } from '../errors.ts';
import type { TokenReader } from '../sql/token-reader.ts';
import type { OpenStage } from './open-stage.ts';
import { openStage } from './open-stage.ts';
import { matchesPattern } from './path-pattern.ts';
import type { Property } from './properties.ts';
import { booleanOf, propertyOf, readProperties, showValue, textOf } from './properties.ts';
import { externalStageTransfer, fileNotFound, invalidParameter, invalidValue } from './stage-errors.ts';
import type { StageLocation } from './stage-location.ts';
import { readStageLocation, spellIdentifier } from './stage-location.ts';
import { stageServices } from './stage-services.ts';

/**
 * PUT and GET: the statement only opens a door in the object store; the client moves the bytes itself, in the protocol of
 * Google Cloud Storage (the one kind of storage whose address clients take as plain http).
 * https://docs.snowflake.com/en/sql-reference/sql/put and .../get
 */
export const transferHandlers: StatementHandler[] = [
  { name: 'PUT', matches: (reader) => isTransfer(reader, 'PUT', ['file', 'string']), execute: putFiles },
  { name: 'GET', matches: (reader) => isTransfer(reader, 'GET', ['stage', 'string']), execute: getFiles },
];

const COMPRESSIONS = ['AUTO_DETECT', 'GZIP', 'BZ2', 'BROTLI', 'ZSTD', 'DEFLATE', 'RAW_DEFLATE', 'NONE'];

async function putFiles(context: StatementContext, reader: TokenReader): Promise<StatementResult> {
  reader.next();
  const source = readFileUri(reader);
  const location = readStageLocation(reader);
  const properties = readProperties(reader);
  reader.expectEnd();
  checkNames(properties, ['PARALLEL', 'AUTO_COMPRESS', 'SOURCE_COMPRESSION', 'OVERWRITE']);
  const options = {
    parallel: readParallel(properties, 4),
    autoCompress: readSwitch(properties, 'AUTO_COMPRESS', true),
    overwrite: readSwitch(properties, 'OVERWRITE', false),
    sourceCompression: readCompression(properties),
  };
  const stage = openInternalStage(context, location, 'WRITE');
  // A path names a folder here: PUT puts a slash between it and the file's name.
  const folder = stage.prefix === '' || stage.prefix.endsWith('/') ? stage.prefix : `${stage.prefix}/`;
  return {
    kind: 'transfer',
    data: {
      command: 'UPLOAD',
      operation: 'Node',
      src_locations: [source],
      parallel: options.parallel,
      threshold: 209_715_200,
      autoCompress: options.autoCompress,
      overwrite: options.overwrite,
      sourceCompression: options.sourceCompression.toLowerCase(),
      clientShowEncryptionParameter: false,
      encryptionMaterial: null,
      stageInfo: stageInfo(context, stage, folder, 'write'),
      kind: null,
    },
  };
}

async function getFiles(context: StatementContext, reader: TokenReader): Promise<StatementResult> {
  reader.next();
  const location = readStageLocation(reader);
  const folder = readFileUri(reader);
  const properties = readProperties(reader);
  reader.expectEnd();
  checkNames(properties, ['PARALLEL', 'PATTERN', 'OVERWRITE']);
  const stage = openInternalStage(context, location, 'READ');
  const pattern = propertyOf(properties, 'PATTERN');
  const patternText = pattern ? textOf('PATTERN', pattern) : null;
  const files = (await stage.list(stage.prefix)).filter((file) =>
    matchesPattern(stage.patternText(file.path), patternText),
  );
  if (files.length === 0) {
    throw fileNotFound(stage.reference(stage.prefix));
  }
  return {
    kind: 'transfer',
    data: {
      command: 'DOWNLOAD',
      operation: 'Node',
      src_locations: files.map((file) => file.path),
      localLocation: folder,
      parallel: readParallel(properties, 10),
      threshold: 0,
      autoCompress: false,
      overwrite: false,
      sourceCompression: 'none',
      encryptionMaterial: [],
      presignedUrls: [],
      stageInfo: stageInfo(context, stage, '', 'read'),
      kind: null,
    },
  };
}

function isTransfer(reader: TokenReader, verb: string, next: readonly string[]): boolean {
  return reader.peek().kind === 'word' && reader.peek().value === verb && next.includes(reader.peek(1).kind);
}

/** `file:///path` bare or in quotes; the path alone is what the client needs. */
function readFileUri(reader: TokenReader): string {
  const token = reader.next();
  const match = /^file:\/\/([\s\S]+)$/i.exec(token.kind === 'file' || token.kind === 'string' ? token.value : '');
  const path = match?.[1];
  if (path === undefined) {
    throw errors.syntax(token.text, token);
  }
  return path;
}

function openInternalStage(context: StatementContext, location: StageLocation, access: 'READ' | 'WRITE'): OpenStage {
  if (location.kind === 'url') {
    throw externalStageTransfer(location.url);
  }
  const stage = openStage(context, location, access);
  if (stage.kind === 'external') {
    stage.close();
    throw externalStageTransfer(spellIdentifier(stage.stage?.name ?? ''));
  }
  return stage;
}

function stageInfo(
  context: StatementContext,
  stage: OpenStage,
  folder: string,
  access: 'read' | 'write',
): Record<string, unknown> {
  const { objects } = stageServices(context);
  const grant = objects.grant(stage.internalId ?? '', folder, access);
  return {
    locationType: 'GCS',
    location: grant.location,
    path: folder,
    region: 'LOCAL',
    storageAccount: '',
    isClientSideEncrypted: false,
    presignedUrl: null,
    creds: { GCS_ACCESS_TOKEN: grant.token },
    endPoint: `${context.services.accessUrl}/gcs`,
  };
}

function checkNames(properties: readonly Property[], known: readonly string[]): void {
  const unknown = properties.find((property) => !known.includes(property.name));
  if (unknown) {
    throw invalidParameter(unknown.name);
  }
}

function readParallel(properties: readonly Property[], initial: number): number {
  const value = propertyOf(properties, 'PARALLEL');
  if (!value) {
    return initial;
  }
  const number = Number(textOf('PARALLEL', value));
  if (!Number.isInteger(number) || number < 1 || number > 99) {
    throw invalidValue(showValue(value), 'PARALLEL');
  }
  return number;
}

function readSwitch(properties: readonly Property[], name: string, initial: boolean): boolean {
  const value = propertyOf(properties, name);
  return value ? booleanOf(name, value) : initial;
}

function readCompression(properties: readonly Property[]): string {
  const value = propertyOf(properties, 'SOURCE_COMPRESSION');
  if (!value) {
    return 'AUTO_DETECT';
  }
  const text = textOf('SOURCE_COMPRESSION', value).toUpperCase();
  if (!COMPRESSIONS.includes(text)) {
    throw invalidValue(showValue(value), 'SOURCE_COMPRESSION');
  }
  return text;
}
