import { AppError } from '#shared/errors/app-error';
import type { ParsedCallInput } from '#shared/ipc/contract';
import type { Secrets } from '#shared/model/connection-settings';
import type { Project } from '#shared/model/project';
import { settingsDigest } from '#shared/model/settings-digest';
import type { Core } from '../compose.ts';
import type { CreateStageRequest, ListRequest, TargetTestRequest } from '../targets/target.ts';
import { planStage } from '../migration/stage-place.ts';
import { applyCase } from '../migration/name-target.ts';
import { openProject } from './project-context.ts';
import type { Handlers } from './call-door.ts';

type SnowflakeCalls =
  'snowflake.namedConnections' | 'snowflake.test' | 'snowflake.list' | 'snowflake.stageDdl' | 'snowflake.createStage';

export function createSnowflakeHandlers(core: Core): Pick<Handlers, SnowflakeCalls> {
  return {
    'snowflake.namedConnections': () => core.namedConnections.list(),
    'snowflake.test': async ({ projectId, passcode }, { signal }) => {
      await core.connections.release(projectId);
      const { project, target } = await openProject(core, projectId);
      const report = await withPasscode(core, { project, passcode, fallback: target }, (connected) =>
        connected.test(testRequest(project), { signal }),
      );
      await core.projects.record(projectId, { snowflakeTest: { digest: settingsDigest(project.snowflake), report } });
      return report;
    },
    'snowflake.list': async ({ projectId, ...request }, { signal }) => {
      const { target } = await openProject(core, projectId);
      return target().list(listRequest(request), { signal });
    },
    'snowflake.stageDdl': async (input) => {
      const { project, secrets, target } = await openProject(core, input.projectId);
      return target().dialect.stageStatement(stageRequest(input, project, secrets), { maskSecrets: true });
    },
    'snowflake.createStage': async (input, { signal }) => {
      const { project, secrets, target } = await openProject(core, input.projectId);
      await target().createStage(stageRequest(input, project, secrets), { signal });
      return null;
    },
  };
}

type Target = ReturnType<Core['openers']['openTarget']>;

/** A passcode goes with one login: the object that logged in with it is the one that the project's pages go on using. */
async function withPasscode<T>(
  core: Core,
  { project, passcode, fallback }: { project: Project; passcode: string | undefined; fallback: () => Target },
  use: (target: Target) => Promise<T>,
): Promise<T> {
  const { snowflake } = project;
  if (!passcode || snowflake?.auth.kind !== 'password') return use(fallback());
  const settings = { ...snowflake, auth: { ...snowflake.auth, passcode } };
  return use(core.connections.adoptTarget(project, await core.secrets.read(project.id), settings));
}

/** What the run will need, so that the test can look for it. */
function testRequest({ targetRule, selection, strategy, staging, options }: Project): TargetTestRequest {
  const schemas = targetRule.schema
    ? [targetRule.schema]
    : [...new Set(selection.map(({ source }) => applyCase(source.schema, targetRule)))];
  const stage = strategy === 'regular' ? planStage({ staging: null, options }) : (staging?.stage ?? null);
  return { database: targetRule.database || null, schemas, stage, ledger: options.ledger };
}

function listRequest({ what, database, schema }: Omit<ParsedCallInput<'snowflake.list'>, 'projectId'>): ListRequest {
  if (what === 'schemas') return { what, database: requireChoice(database, 'database') };
  if (what === 'stages')
    return { what, database: requireChoice(database, 'database'), schema: requireChoice(schema, 'schema') };
  return { what };
}

function requireChoice(value: string | undefined, what: string): string {
  if (!value) throw new AppError('INPUT_INVALID', { facts: { detail: `Choose a ${what} first.` } });
  return value;
}

function stageRequest(
  input: ParsedCallInput<'snowflake.createStage'>,
  project: Project,
  secrets: Secrets,
): CreateStageRequest {
  const { stage, s3Uri, encryption } = input;
  if (input.access.kind === 'integration') return { stage, s3Uri, encryption, access: input.access };
  const credentials = project.staging?.credentials ?? draftCredentials(project);
  const secretAccessKey = secrets['s3.secretAccessKey'];
  if (credentials?.kind !== 'keys' || !secretAccessKey) {
    throw new AppError('SECRET_MISSING', {
      facts: { secret: 'AWS secret access key', page: 'Set up S3 bucket' },
      field: 'staging.credentials',
    });
  }
  return {
    stage,
    s3Uri,
    encryption,
    access: {
      kind: 'keys',
      accessKeyId: credentials.accessKeyId,
      secretAccessKey,
      sessionToken: secrets['s3.sessionToken'] ?? null,
    },
  };
}

/** The page may create the stage before all of its fields are valid: the access key id is then in its draft. */
function draftCredentials(project: Project): { kind: 'keys'; accessKeyId: string } | null {
  const draft = project.drafts['staging'] as { credentials?: { kind?: string; accessKeyId?: unknown } } | undefined;
  const accessKeyId = draft?.credentials?.accessKeyId;
  return typeof accessKeyId === 'string' && accessKeyId !== '' ? { kind: 'keys', accessKeyId } : null;
}
