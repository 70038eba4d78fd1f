import { AppError } from '#shared/errors/app-error';
import type { Secrets, SnowflakeSettings, SourceSettings, StagingSettings } from '#shared/model/connection-settings';
import type { Project } from '#shared/model/project';
import type { Extractor } from '../extract/extraction.ts';
import type { Source } from '../sources/source.ts';
import type { Staging } from '../staging/staging.ts';
import type { Target } from '../targets/target.ts';

/** How concrete sources, targets and stores come to be; compose.ts gives the real ones. Opening does not connect yet. */
export interface Openers {
  openSource(settings: SourceSettings, secrets: Secrets): Source;
  openTarget(settings: SnowflakeSettings, secrets: Secrets): Target;
  /** Null when the settings hold no keys: the stage then does what it can. */
  openStaging(settings: StagingSettings, secrets: Secrets): Staging | null;
}

/** All that a run talks to. */
export interface Connections {
  source: Source;
  target: Target;
  staging: Staging | null;
  /** For the strategy `regular`: lanes that read the source. */
  extractor: Extractor | null;
}

/** The connected objects of a project's pages, kept between calls and replaced when a setting or a secret changes. */
export interface ConnectionCache {
  source(project: Project, secrets: Secrets): Source;
  target(project: Project, secrets: Secrets): Target;
  staging(project: Project, secrets: Secrets): Staging | null;
  /** A target opened with settings of the moment (a passcode), kept as the project's own from now on. */
  adoptTarget(project: Project, secrets: Secrets, settings: SnowflakeSettings): Target;
  /** Closes what belongs to a project. */
  release(projectId: string): Promise<void>;
  closeAll(): Promise<void>;
}

interface Cached {
  digest: string;
  value: { close(): Promise<void> } | null;
}

export function createConnectionCache(openers: Openers): ConnectionCache {
  const cache = new Map<string, Cached>();
  const cached = <T extends { close(): Promise<void> } | null>(key: string, digest: string, open: () => T): T => {
    const known = cache.get(key);
    if (known?.digest === digest) return known.value as T;
    void known?.value?.close().catch(() => undefined);
    const value = open();
    cache.set(key, { digest, value });
    return value;
  };
  return {
    source(project, secrets) {
      const settings = requireSource(project);
      return cached(`${project.id} source`, JSON.stringify([settings, secrets]), () =>
        openers.openSource(settings, secrets),
      );
    },
    target(project, secrets) {
      const settings = requireSnowflake(project);
      return cached(`${project.id} target`, JSON.stringify([settings, secrets]), () =>
        openers.openTarget(settings, secrets),
      );
    },
    adoptTarget(project, secrets, settings) {
      const digest = JSON.stringify([requireSnowflake(project), secrets]);
      cache.delete(`${project.id} target`);
      return cached(`${project.id} target`, digest, () => openers.openTarget(settings, secrets));
    },
    staging(project, secrets) {
      const settings = project.staging;
      if (!settings) return null;
      return cached(`${project.id} staging`, JSON.stringify([settings, secrets]), () =>
        openers.openStaging(settings, secrets),
      );
    },
    async release(projectId) {
      const keys = [...cache.keys()].filter((key) => key.startsWith(`${projectId} `));
      const values = keys.map((key) => cache.get(key)?.value);
      for (const key of keys) cache.delete(key);
      await Promise.allSettled(values.flatMap((value) => (value ? [value.close()] : [])));
    },
    async closeAll() {
      const values = [...cache.values()];
      cache.clear();
      await Promise.allSettled(values.flatMap(({ value }) => (value ? [value.close()] : [])));
    },
  };
}

export function requireSource(project: Project): SourceSettings {
  if (!project.source)
    throw new AppError('INPUT_INVALID', {
      facts: { detail: 'The page "Connect to source database" is not filled in yet.' },
    });
  return project.source;
}

export function requireSnowflake(project: Project): SnowflakeSettings {
  if (!project.snowflake)
    throw new AppError('INPUT_INVALID', { facts: { detail: 'The page "Connect to Snowflake" is not filled in yet.' } });
  return project.snowflake;
}

export function requireStaging(project: Project): StagingSettings {
  if (!project.staging)
    throw new AppError('INPUT_INVALID', { facts: { detail: 'The page "Set up S3 bucket" is not filled in yet.' } });
  return project.staging;
}
