import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ConnectionReport } from '#shared/model/check';
import type { Project } from '#shared/model/project';
import type { Core } from '../compose.ts';
import { createProjectStore } from '../store/project-store.ts';
import { createSecretStore } from '../store/secret-store.ts';
import { createProjectHandlers } from './project-handlers.ts';

const REPORT: ConnectionReport = {
  server: 's',
  version: '1',
  user: 'u',
  elapsedMs: 1,
  facts: [],
  rights: [],
  warnings: [],
};
const TESTED = { digest: 'of the settings', report: REPORT };
const context = { signal: new AbortController().signal };

let directory = '';
let core: Core;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'snowferry-handlers-'));
  core = {
    projects: createProjectStore(join(directory, 'projects')),
    secrets: createSecretStore({ path: join(directory, 'secrets.json'), cipher: null }),
  } as unknown as Core;
});
afterEach(() => rm(directory, { recursive: true, force: true }));

async function testedProject(): Promise<Project> {
  const { id } = await core.projects.create({ name: 'p', sourceKind: 'redshift' });
  await core.secrets.write(id, { 'source.password': 'old', 'snowflake.token': 'old' });
  return core.projects.record(id, {
    sourceTest: TESTED,
    snowflakeTest: TESTED,
    stagingCheck: { digest: 'of the settings', checks: [] },
  });
}

describe('outcomes of tests, when a secret changes', () => {
  const digests = ({ sourceTest, snowflakeTest, stagingCheck }: Project) => [
    sourceTest?.digest,
    snowflakeTest?.digest,
    stagingCheck?.digest,
  ];
  const kept = 'of the settings';

  it.each([
    [{ 'source.password': 'new' }, ['', kept, kept]],
    [{ 'source.password': null }, ['', kept, kept]],
    [{ 'snowflake.token': 'new' }, [kept, '', kept]],
    [{ 's3.secretAccessKey': 'first' }, [kept, kept, '']],
    [{ 'source.password': 'old' }, [kept, kept, kept]],
    [{ 'source.awsSessionToken': null }, [kept, kept, kept]],
  ] as const)('%j leaves the digests %j', async (values, expected) => {
    const { id } = await testedProject();
    await createProjectHandlers(core)['secrets.set']({ projectId: id, values }, context);
    expect(digests(await core.projects.get(id))).toEqual(expected);
  });

  it('keeps what the tests found, and the revision that the page knows', async () => {
    const { id, revision } = await testedProject();
    await createProjectHandlers(core)['secrets.set']({ projectId: id, values: { 'source.password': 'new' } }, context);
    expect(await core.projects.get(id)).toMatchObject({ revision, sourceTest: { report: REPORT } });
  });

  it('asks for another test of Snowflake when the rows take another way', async () => {
    const { id, revision } = await testedProject();
    const { 'projects.update': update } = createProjectHandlers(core);
    const changed = await update({ projectId: id, revision, patch: { strategy: 'regular' } }, context);
    expect(digests(changed)).toEqual([kept, '', kept]);
    const same = await update(
      { projectId: id, revision: changed.revision, patch: { strategy: 'regular', name: 'q' } },
      context,
    );
    expect(same).toMatchObject({ name: 'q', revision: changed.revision + 1 });
  });
});
