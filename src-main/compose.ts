import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RunDelta, RunSnapshot } from '#shared/model/run';
import type { NamedConnection } from '#shared/ipc/contract';
import type { Secrets, SnowflakeSettings } from '#shared/model/connection-settings';
import type { MigrationPlan } from '#shared/model/plan';
import type { Project } from '#shared/model/project';
import type { Journal } from '#shared/model/journal';
import { createExtractor } from './extract/create-extractor.ts';
import type { Extractor } from './extract/extraction.ts';
import type { Log } from './lib/log.ts';
import {
  createConnectionCache,
  type ConnectionCache,
  type Connections,
  type Openers,
} from './migration/connections.ts';
import { createRunManager, type RunManager } from './migration/run-manager.ts';
import { createRedshiftSource } from './sources/redshift/redshift-source.ts';
import { createSqlServerSource } from './sources/sqlserver/sqlserver-source.ts';
import { detectBucketRegion } from './staging/s3/bucket-region.ts';
import { parseManifest } from './staging/s3/manifest.ts';
import { parseS3Uri } from './staging/s3/parse-s3-uri.ts';
import { buildPolicies } from './staging/s3/policies.ts';
import { createS3Staging } from './staging/s3/s3-staging.ts';
import type { StagingTools } from './staging/staging.ts';
import { openJournal } from './store/journal.ts';
import { createProjectStore, type ProjectStore } from './store/project-store.ts';
import { createSecretStore, type SecretCipher, type SecretStore } from './store/secret-store.ts';
import { listNamedConnections, resolveNamedConnection } from './targets/snowflake/named-connections.ts';
import { createSnowflakeTarget } from './targets/snowflake/snowflake-target.ts';
import { AppError } from '#shared/errors/app-error';

/** Entries of connections.toml and config.toml; secrets are read only for the one that is taken. */
export interface NamedConnectionReader {
  list(): Promise<NamedConnection[]>;
  resolve(name: string): Promise<{ settings: SnowflakeSettings; secrets: Secrets }>;
}

export const namedConnections: NamedConnectionReader = {
  list: async () => (await listNamedConnections()).connections,
  resolve: (name) => resolveNamedConnection(name),
};

/** All concrete pieces, wired once: what the window's calls and the command line work with. */
export interface Core {
  projects: ProjectStore;
  secrets: SecretStore;
  journal: Journal;
  runs: RunManager;
  connections: ConnectionCache;
  openers: Openers;
  stagingTools: StagingTools;
  namedConnections: NamedConnectionReader;
  log: Log;
  close(): Promise<void>;
}

export interface ComposeOptions {
  dataDirectory: string;
  /** Null where the system has no keychain: secrets then live in memory only. */
  cipher: SecretCipher | null;
  log: Log;
  /** How a run gets its connections; the window's runs take them from the project, the command line from its files. */
  settingsOfRun?(plan: MigrationPlan): Promise<RunSettings>;
  onRunChange(delta: RunDelta): void;
  onRunEnd(snapshot: RunSnapshot): void;
}

export interface RunSettings {
  source: NonNullable<Project['source']>;
  snowflake: NonNullable<Project['snowflake']>;
  secrets: Secrets;
}

export function compose(options: ComposeOptions): Core {
  const { dataDirectory, cipher, log, onRunChange, onRunEnd } = options;
  // Nobody can change the Node that comes with the app, so AWS's advice to do so would only puzzle.
  process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] ??= 'true';
  const projects = createProjectStore(join(dataDirectory, 'projects'));
  const secrets = createSecretStore({ path: join(dataDirectory, 'secrets.json'), cipher });
  const journal = openJournal(join(dataDirectory, 'journal.db'));
  const openers = createOpeners(log);
  const stagingTools: StagingTools = {
    parseUri: parseS3Uri,
    findRegion: ({ s3Uri, s3Endpoint }, { signal }) =>
      detectBucketRegion({ bucket: parseS3Uri(s3Uri).bucket, endpoint: s3Endpoint, signal }),
    parseManifest,
    buildPolicies,
  };
  const settingsOfRun = options.settingsOfRun ?? ((plan: MigrationPlan) => settingsOfProject(plan, projects, secrets));
  const connections = createConnectionCache(openers);
  const runs = createRunManager({
    journal,
    log,
    connect: async (plan) => openConnections(openers, await settingsOfRun(plan), plan, log),
    parseManifest,
    onChange: onRunChange,
    onEnd: onRunEnd,
  });
  return {
    projects,
    secrets,
    journal,
    runs,
    connections,
    openers,
    stagingTools,
    namedConnections,
    log,
    async close() {
      await runs.pauseAll();
      await connections.closeAll();
      journal.close();
    },
  };
}

function createOpeners(log: Log): Openers {
  return {
    openSource(settings, secrets) {
      return settings.kind === 'redshift'
        ? createRedshiftSource({ settings, secrets, log })
        : createSqlServerSource({ settings, secrets, log });
    },
    openTarget: (settings, secrets) => createSnowflakeTarget({ settings, secrets, log }),
    openStaging: (settings, secrets) => (settings.credentials === null ? null : createS3Staging({ settings, secrets })),
  };
}

function openConnections(openers: Openers, settings: RunSettings, plan: MigrationPlan, log: Log): Connections {
  return {
    source: openers.openSource(settings.source, settings.secrets),
    target: openers.openTarget(settings.snowflake, settings.secrets),
    staging: plan.staging ? openers.openStaging(plan.staging, settings.secrets) : null,
    extractor: plan.strategy === 'regular' ? openExtractor(settings, plan, log) : null,
  };
}

const MEGABYTE = 1_000_000;

function openExtractor({ source, secrets }: RunSettings, { options }: MigrationPlan, log: Log): Extractor {
  return createExtractor({
    source,
    secrets,
    workerUrl: new URL('./extract-lane.worker.js', import.meta.url),
    lanes: options.unloadLanes,
    directory: join(options.localDirectory || tmpdir(), 'snowferry'),
    quotaBytes: options.localQuotaMb === null ? null : options.localQuotaMb * MEGABYTE,
    log,
  });
}

async function settingsOfProject(
  plan: MigrationPlan,
  projects: ProjectStore,
  secrets: SecretStore,
): Promise<RunSettings> {
  const project = await projects.get(plan.projectId ?? '');
  if (!project.source || !project.snowflake) {
    throw new AppError('INPUT_INVALID', { facts: { detail: 'The connections of this project are not filled in.' } });
  }
  return { source: project.source, snowflake: project.snowflake, secrets: await secrets.read(project.id) };
}
