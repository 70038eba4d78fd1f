import { settingsDigest } from '#shared/model/settings-digest';
import type { Core } from '../compose.ts';
import { parseConnectionText } from '../sources/parse-connection-text.ts';
import { describeOne } from './describe-one.ts';
import { openProject } from './project-context.ts';
import type { Handlers } from './call-door.ts';

type SourceCalls =
  | 'source.test'
  | 'source.listDatabases'
  | 'source.listTables'
  | 'source.describeTable'
  | 'source.preview'
  | 'source.parseConnectionText';

const PREVIEW = { limit: 5, maxLength: 200 };

export function createSourceHandlers(core: Core): Pick<Handlers, SourceCalls> {
  return {
    'source.test': async ({ projectId }, { signal }) => {
      await core.connections.release(projectId);
      const { project, source } = await openProject(core, projectId);
      const report = await source().test({ signal });
      await core.projects.record(projectId, { sourceTest: { digest: settingsDigest(project.source), report } });
      return report;
    },
    'source.listDatabases': async ({ projectId }, { signal }) =>
      (await openProject(core, projectId)).source().listDatabases({ signal }),
    'source.listTables': async ({ projectId }, { signal }) =>
      (await openProject(core, projectId)).source().listTables({ signal }),
    'source.describeTable': async ({ projectId, table }, { signal }) =>
      describeOne((await openProject(core, projectId)).source(), table, signal),
    'source.preview': async ({ projectId, table }, { signal }) =>
      (await openProject(core, projectId)).source().previewRows({ table, ...PREVIEW }, { signal }),
    'source.parseConnectionText': ({ text }) => Promise.resolve(parseConnectionText(text)),
  };
}
