import { settingsDigest } from '#shared/model/settings-digest';
import type { EventPayloads } from '#shared/ipc/contract';
import type { CheckResult } from '#shared/model/check';
import type { Project } from '#shared/model/project';
import type { Core } from '../compose.ts';
import { checkStaging } from '../migration/check-staging.ts';
import { requireSource, requireStaging } from '../migration/connections.ts';
import { openProject } from './project-context.ts';
import type { Handlers } from './call-door.ts';

type StagingCalls = 'staging.check' | 'staging.policies' | 'staging.detectRegion';

export interface StagingHandlerOptions {
  core: Core;
  sendCheckProgress(payload: EventPayloads['staging.checkProgress']): void;
}

export function createStagingHandlers({
  core,
  sendCheckProgress,
}: StagingHandlerOptions): Pick<Handlers, StagingCalls> {
  return {
    'staging.check': async ({ projectId, only = null }, { signal }) => {
      const { project, source, target, staging } = await openProject(core, projectId);
      const settings = requireStaging(project);
      const checks = await checkStaging({
        settings,
        sourceSettings: requireSource(project),
        source: source(),
        target: target(),
        staging: staging(),
        tools: core.stagingTools,
        signal,
        only,
        onProgress: (check) => sendCheckProgress({ projectId, check }),
      });
      const digest = settingsDigest(settings);
      const merged = mergeChecks(project, digest, checks);
      await core.projects.record(projectId, { stagingCheck: { digest, checks: merged } });
      return merged;
    },
    'staging.policies': ({ s3Uri }) => Promise.resolve(core.stagingTools.buildPolicies(s3Uri)),
    'staging.detectRegion': async ({ projectId, s3Uri }, { signal }) => {
      const { staging, drafts } = await core.projects.get(projectId);
      const draft = drafts['staging'] as { s3Endpoint?: unknown } | undefined;
      const s3Endpoint = staging?.s3Endpoint ?? (typeof draft?.s3Endpoint === 'string' ? draft.s3Endpoint : '');
      return core.stagingTools.findRegion({ s3Uri, s3Endpoint }, { signal });
    },
  };
}

/** A single repeated check replaces its row; the other rows stay while they speak of the same settings. */
function mergeChecks(project: Project, digest: string, checks: CheckResult[]): CheckResult[] {
  const earlier = project.stagingCheck?.digest === digest ? project.stagingCheck.checks : [];
  const fresh = new Map(checks.map((check) => [check.id, check]));
  const merged = earlier.map((check) => fresh.get(check.id) ?? check);
  const known = new Set(merged.map((check) => check.id));
  return [...merged, ...checks.filter((check) => !known.has(check.id))];
}
