import { randomUUID } from 'node:crypto';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { createReadStream } from 'node:fs';
import type { Table } from '../catalog/catalog-types.ts';
import type { StatementContext } from '../commands/command.ts';
import type { ExternalStore } from './external-store.ts';
import { openExternalStore } from './external-store.ts';
import type { StagedFile } from './internal-store.ts';
import { locationNotAllowed, notPrivileged, objectMissing, stageAreaFailure } from './stage-errors.ts';
import type { StageLocation } from './stage-location.ts';
import { spellIdentifier } from './stage-location.ts';
import { fullName, requireStage, resolveStageName } from './stage-names.ts';
import type { FormatReference, Stage, StageCredentials, StorageIntegration } from './stage-objects.ts';
import type { StageServices } from './stage-services.ts';
import { internalStageId, stageServices } from './stage-services.ts';
import { isLocationAllowed, parseStorageUrl } from './storage-url.ts';

/** A local file that holds a staged file's contents until `release` is called. */
export interface LocalCopy {
  readonly file: string;
  release(): Promise<void>;
}

/** A stage made ready for one statement: the same operations whether the files are inside or in a bucket. */
export interface OpenStage {
  readonly kind: 'internal' | 'external';
  /** The stage's name in the internal store; null for a bucket. */
  readonly internalId: string | null;
  /** The named stage, when there is one. */
  readonly stage: Stage | undefined;
  /** What the statement's path selects: paths that start with it. FILES entries are appended to it without a separator. */
  readonly prefix: string;
  readonly fileFormat: FormatReference | null;
  /** Copy options given with the stage. */
  readonly copyOptions: Readonly<Record<string, string>>;
  /** STAGE_LOCATION of the load history. */
  readonly locationName: string;
  list(prefix: string): Promise<StagedFile[]>;
  find(path: string): Promise<StagedFile | undefined>;
  open(path: string): Promise<LocalCopy>;
  write(path: string, file: string): Promise<void>;
  remove(path: string): Promise<void>;
  /** The name in LIST and in a load's result. */
  displayName(path: string): string;
  /** METADATA$FILENAME, and the name in error texts. */
  metadataName(path: string): string;
  /** What PATTERN is matched against: the whole path in the store. */
  patternText(path: string): string;
  /** The reference in "Remote file '...' was not found". */
  reference(path: string): string;
  /** The file in the load history of a table: the same file is the same through every stage. */
  historyName(path: string): string;
  close(): void;
}

/** What a statement does with a stage, in the vendor's privileges: READ and WRITE inside, USAGE outside. */
export type StageAccess = 'READ' | 'WRITE';

/**
 * Opens the stage of a location. @throws 002003 for a missing stage, 003001 for a missing privilege, 003127 when the integration
 * does not allow the location. https://docs.snowflake.com/en/user-guide/security-access-control-privileges (stage privileges)
 */
export function openStage(context: StatementContext, location: StageLocation, access: StageAccess): OpenStage {
  const services = stageServices(context);
  switch (location.kind) {
    case 'named': {
      const stage = requireStage(context, location.name, [access, 'USAGE']);
      return stage.url === null
        ? openInternal(services, internalNames(stage, location))
        : openExternal(context, services, {
            url: joinUrl(stage.url, location.hasPath, location.path),
            stageUrl: stage.url,
            credentials: stage.credentials,
            encryption: stage.encryption,
            stage,
          });
    }
    case 'table':
      return openInternal(services, tableStage(context, location));
    case 'user':
      return openInternal(services, userStage(context, location.path));
    case 'url':
      return openExternal(context, services, {
        url: location.url,
        stageUrl: location.url,
        credentials: { kind: 'none' },
        encryption: { type: 'NONE', kmsKeyId: null },
        stage: undefined,
      });
  }
}

/** Opens a bucket's URL given in the statement itself, with the integration or keys of the statement. */
export function openLocation(context: StatementContext, url: string, credentials: StageCredentials): OpenStage {
  return openExternal(context, stageServices(context), {
    url,
    stageUrl: url,
    credentials,
    encryption: { type: 'NONE', kmsKeyId: null },
    stage: undefined,
  });
}

interface InternalNames {
  stageId: string;
  stage: Stage | undefined;
  path: string;
  displayPrefix: string;
  metadataPrefix: string;
  referencePrefix: string;
  fileFormat: FormatReference | null;
  folder: string;
}

function internalNames(stage: Stage, location: { path: string }): InternalNames {
  return {
    stageId: internalStageId(stage),
    stage,
    path: location.path,
    displayPrefix: `${stage.name.toLowerCase()}/`,
    metadataPrefix: '',
    referencePrefix: `@${spellIdentifier(stage.name)}/`,
    fileFormat: stage.fileFormat,
    folder: 'stages',
  };
}

function tableStage(context: StatementContext, location: Extract<StageLocation, { kind: 'table' }>): InternalNames {
  const resolved = resolveStageName(context, location.name);
  const table = context.find<Table>('TABLE', location.name);
  if (!table || table.domain !== 'TABLE') {
    throw objectMissing('Stage', fullName(resolved.schema, `%${resolved.name}`));
  }
  context.requirePrivilege('OWNERSHIP', table);
  return {
    stageId: internalStageId(table),
    stage: undefined,
    path: location.path,
    displayPrefix: '',
    metadataPrefix: `@${spellIdentifier(table.name)}/`,
    referencePrefix: `@%${spellIdentifier(table.name)}/`,
    fileFormat: null,
    folder: 'tables',
  };
}

function userStage(context: StatementContext, path: string): InternalNames {
  return {
    stageId: internalStageId(context.session.user),
    stage: undefined,
    path,
    displayPrefix: '',
    metadataPrefix: '@~/',
    referencePrefix: '@~/',
    fileFormat: null,
    folder: 'users',
  };
}

function openInternal(services: StageServices, names: InternalNames): OpenStage {
  const { store } = services;
  const storePath = (path: string): string => `${names.folder}/${names.stageId}/${path}`;
  return {
    kind: 'internal',
    internalId: names.stageId,
    stage: names.stage,
    prefix: names.path,
    fileFormat: names.fileFormat,
    copyOptions: names.stage?.copyOptions ?? {},
    locationName: storePath(names.path),
    list: (prefix) => Promise.resolve(store.list(names.stageId, prefix)),
    find: (path) => Promise.resolve(store.find(names.stageId, path)),
    open: (path) => {
      const file = store.localFile(names.stageId, path);
      if (file === undefined) {
        throw stageAreaFailure(`${names.referencePrefix}${path} was removed while it was read`);
      }
      return Promise.resolve({ file, release: () => Promise.resolve() });
    },
    write: async (path, file) => void (await store.write(names.stageId, path, createReadStream(file))),
    remove: async (path) => void (await store.remove(names.stageId, path)),
    displayName: (path) => names.displayPrefix + path,
    metadataName: (path) => names.metadataPrefix + path,
    patternText: storePath,
    reference: (path) => names.referencePrefix + path,
    historyName: storePath,
    close: () => undefined,
  };
}

interface ExternalTarget {
  url: string;
  stageUrl: string;
  credentials: StageCredentials;
  encryption: { type: string; kmsKeyId: string | null };
  stage: Stage | undefined;
}

function openExternal(context: StatementContext, services: StageServices, target: ExternalTarget): OpenStage {
  const { bucket, path: prefix } = parseStorageUrl(target.url);
  const store = openExternalStore(services, {
    bucket,
    credentials: target.credentials,
    encryption: target.encryption,
    ...roleOf(context, target),
  });
  const host = `https://${bucket}.s3.${services.s3?.region ?? 'us-east-1'}.amazonaws.com/`;
  return {
    kind: 'external',
    internalId: null,
    stage: target.stage,
    prefix,
    fileFormat: target.stage?.fileFormat ?? null,
    copyOptions: target.stage?.copyOptions ?? {},
    locationName: target.url,
    list: (from) => store.list(from),
    find: (key) => store.find(key),
    open: (key) => fetchCopy(services, store, key),
    write: (key, file) => store.put(key, file),
    remove: (key) => store.remove(key),
    displayName: (key) => `s3://${bucket}/${key}`,
    metadataName: (key) => key,
    patternText: (key) => key,
    reference: (key) => host + key,
    historyName: (key) => `s3://${bucket}/${key}`,
    close: () => store.close(),
  };
}

function roleOf(context: StatementContext, target: ExternalTarget): { role?: { roleArn: string; externalId: string } } {
  const { credentials } = target;
  if (credentials.kind === 'role') {
    return { role: { roleArn: credentials.roleArn, externalId: credentials.externalId } };
  }
  if (credentials.kind !== 'integration') {
    return {};
  }
  const integrations = context.catalog.account.get('INTEGRATION')?.values() ?? [];
  const found = [...integrations].find((object) => object.id === credentials.integrationId) as
    StorageIntegration | undefined;
  if (!found) {
    throw objectMissing('Integration', spellIdentifier(credentials.integrationName));
  }
  checkIntegrationUse(context, found, target.url);
  return { role: { roleArn: found.roleArn, externalId: found.externalId } };
}

/**
 * The checks that stand between an integration and a location: USAGE, ENABLED, allowed and blocked locations.
 * https://docs.snowflake.com/en/sql-reference/sql/create-storage-integration
 */
export function checkIntegrationUse(context: StatementContext, integration: StorageIntegration, url: string): void {
  if (!context.hasPrivilege('USAGE', integration)) {
    throw notPrivileged('integration', spellIdentifier(integration.name));
  }
  if (!integration.enabled) {
    throw stageAreaFailure(`Integration ${spellIdentifier(integration.name)} is disabled.`);
  }
  const locations = { allowed: integration.allowedLocations, blocked: integration.blockedLocations };
  if (!isLocationAllowed(url, locations)) {
    throw locationNotAllowed(url, integration.name);
  }
}

async function fetchCopy(services: StageServices, store: ExternalStore, key: string): Promise<LocalCopy> {
  await mkdir(services.fetchDirectory, { recursive: true });
  const file = join(services.fetchDirectory, randomUUID());
  try {
    await store.fetch(key, file);
  } catch (error) {
    await rm(file, { force: true });
    throw error;
  }
  return { file, release: () => rm(file, { force: true }) };
}

function joinUrl(stageUrl: string, hasPath: boolean, path: string): string {
  if (!hasPath) {
    return stageUrl;
  }
  return stageUrl.endsWith('/') ? stageUrl + path : `${stageUrl}/${path}`;
}
