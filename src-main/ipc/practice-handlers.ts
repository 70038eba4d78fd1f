import type { EventPayloads } from '#shared/ipc/contract';
import {
  snowflakeSettingsSchema,
  sourceSettingsSchema,
  stagingSettingsSchema,
} from '#shared/model/connection-settings';
import type { Project } from '#shared/model/project';
import type { Core } from '../compose.ts';
import type { PracticeAddresses, PracticeProcess } from '../practice/practice-process.ts';
import type { Handlers } from './call-door.ts';

export interface PracticeHandlerOptions {
  core: Core;
  practice: PracticeProcess;
  sendProgress(payload: EventPayloads['practice.progress']): void;
}

export function createPracticeHandlers({
  core,
  practice,
  sendProgress,
}: PracticeHandlerOptions): Pick<Handlers, 'practice.available' | 'practice.start'> {
  return {
    'practice.available': () => Promise.resolve(practice.isAvailable()),
    'practice.start': async () => createPracticeProject(core, await practice.start((text) => sendProgress({ text }))),
  };
}

/** A project that is filled in like any other: it holds addresses, and nothing says that they are practice servers. */
async function createPracticeProject(core: Core, { redshift, s3, snowflake }: PracticeAddresses): Promise<Project> {
  const project = await core.projects.create({ name: 'Practice', sourceKind: 'redshift' });
  await core.secrets.write(project.id, {
    'source.password': redshift.password,
    'snowflake.password': snowflake.password,
    's3.secretAccessKey': s3.secretAccessKey,
  });
  return core.projects.update(project.id, project.revision, {
    source: sourceSettingsSchema.parse({
      kind: 'redshift',
      host: redshift.host,
      port: redshift.port,
      database: redshift.database,
      auth: { kind: 'password', user: redshift.user },
      tls: { mode: 'disable' },
    }),
    snowflake: snowflakeSettingsSchema.parse({
      account: snowflake.account,
      user: snowflake.user,
      auth: { kind: 'password' },
      role: snowflake.role,
      warehouse: snowflake.warehouse,
      accessUrl: snowflake.accessUrl,
    }),
    staging: stagingSettingsSchema.parse({
      stage: { database: snowflake.database, schema: snowflake.schema, name: snowflake.stage.split('.').at(-1) },
      s3Uri: `s3://${s3.bucket}/practice-${project.id.slice(0, 8)}/`,
      iamRole: s3.iamRoleArn,
      region: s3.region,
      credentials: { kind: 'keys', accessKeyId: s3.accessKeyId },
      s3Endpoint: s3.endpoint,
    }),
    targetRule: { ...project.targetRule, database: snowflake.database },
  });
}
