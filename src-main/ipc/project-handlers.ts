import { SECRET_SLOTS } from '#shared/model/connection-settings';
import type { Project, ProjectCard, ProjectPatch } from '#shared/model/project';
import type { Core } from '../compose.ts';
import type { ListedProject } from '../store/project-store.ts';
import type { Handlers } from './call-door.ts';

type ProjectCalls =
  | 'projects.list'
  | 'projects.create'
  | 'projects.get'
  | 'projects.update'
  | 'projects.duplicate'
  | 'projects.delete'
  | 'secrets.status'
  | 'secrets.set';

export function createProjectHandlers(core: Core): Pick<Handlers, ProjectCalls> {
  const status = async (projectId: string): Promise<Awaited<ReturnType<Handlers['secrets.status']>>> => {
    const secrets = await core.secrets.read(projectId);
    return {
      storage: core.secrets.storage,
      isSet: Object.fromEntries(Object.keys(secrets).map((slot) => [slot, true])),
    };
  };
  return {
    'projects.list': async () => (await core.projects.list()).map((listed) => toCard(core, listed)),
    'projects.create': (input) => core.projects.create(input),
    'projects.get': ({ projectId }) => core.projects.get(projectId),
    'projects.update': async ({ projectId, revision, patch }) => {
      const before = await core.projects.get(projectId);
      const project = await core.projects.update(projectId, revision, withTargetDatabase(patch, before));
      // The way of the rows decides which rights are needed in Snowflake.
      return project.strategy === before.strategy ? project : makeStale(core, project, ['snowflakeTest']);
    },
    'projects.duplicate': async ({ projectId }) => {
      const copy = await core.projects.duplicate(projectId);
      await core.secrets.copy(projectId, copy.id);
      return copy;
    },
    'projects.delete': async ({ projectId }) => {
      const active = core.runs.activeRunIds().filter((runId) => core.runs.plan(runId).projectId === projectId);
      for (const runId of active) core.runs.cancel(runId);
      await Promise.allSettled(active.map((runId) => core.runs.finished(runId)));
      await core.connections.release(projectId);
      await core.secrets.forget(projectId);
      await core.projects.delete(projectId);
      return null;
    },
    'secrets.status': ({ projectId }) => status(projectId),
    'secrets.set': async ({ projectId, values, fromNamedConnection }) => {
      await core.projects.get(projectId);
      const named = fromNamedConnection ? (await core.namedConnections.resolve(fromNamedConnection)).secrets : {};
      const before = await core.secrets.read(projectId);
      await core.secrets.write(projectId, { ...named, ...values });
      const after = await core.secrets.read(projectId);
      const changed = SECRET_SLOTS.filter((slot) => before[slot] !== after[slot]);
      const outdated = OUTCOMES.filter(({ prefix }) => changed.some((slot) => slot.startsWith(prefix)));
      await makeStale(
        core,
        await core.projects.get(projectId),
        outdated.map(({ outcome }) => outcome),
      );
      return status(projectId);
    },
  };
}

type Outcome = 'sourceTest' | 'snowflakeTest' | 'stagingCheck';

const OUTCOMES = [
  { prefix: 'source.', outcome: 'sourceTest' },
  { prefix: 'snowflake.', outcome: 'snowflakeTest' },
  { prefix: 's3.', outcome: 'stagingCheck' },
] as const satisfies readonly { prefix: string; outcome: Outcome }[];

/** Outcomes of tests stay to be read, but no settings have this digest: they speak of what was set before. */
async function makeStale(core: Core, project: Project, outcomes: readonly Outcome[]): Promise<Project> {
  const facts: Partial<Pick<Project, Outcome>> = {};
  const { sourceTest, snowflakeTest, stagingCheck } = project;
  if (sourceTest && outcomes.includes('sourceTest')) facts.sourceTest = { ...sourceTest, digest: STALE };
  if (snowflakeTest && outcomes.includes('snowflakeTest')) facts.snowflakeTest = { ...snowflakeTest, digest: STALE };
  if (stagingCheck && outcomes.includes('stagingCheck')) facts.stagingCheck = { ...stagingCheck, digest: STALE };
  return Object.keys(facts).length === 0 ? project : core.projects.record(project.id, facts);
}

const STALE = '';

/** Until the user chooses, tables go into the database that holds the stage: it exists, and the role may use it. */
function withTargetDatabase(patch: ProjectPatch, project: Project): ProjectPatch {
  const stage = patch.staging?.stage;
  const isChosen = patch.targetRule !== undefined || project.targetRule.database !== '';
  return stage && !isChosen ? { ...patch, targetRule: { ...project.targetRule, database: stage.database } } : patch;
}

function toCard(core: Core, listed: ListedProject): ProjectCard {
  if (listed.kind === 'damaged') return damagedCard(listed.id, listed.reason);
  const { project } = listed;
  const { id, name, createdAt, updatedAt, sourceKind, lastRunId, source, snowflake, selection } = project;
  const lastRun = core.runs.list(id)[0];
  return {
    id,
    name,
    createdAt,
    updatedAt,
    sourceKind,
    lastRunId,
    sourceLabel: source ? `${source.database} on ${source.host}` : '',
    targetLabel: snowflake ? snowflake.account : '',
    tableCount: selection.length,
    lastRun: lastRun ? { state: lastRun.state, startedAt: lastRun.startedAt } : null,
    damaged: null,
  };
}

function damagedCard(id: string, reason: string): ProjectCard {
  return {
    id,
    name: 'Damaged project',
    createdAt: '',
    updatedAt: '',
    sourceKind: 'redshift',
    lastRunId: null,
    sourceLabel: '',
    targetLabel: '',
    tableCount: 0,
    lastRun: null,
    damaged: reason,
  };
}
