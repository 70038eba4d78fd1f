import type { Page } from '@playwright/test';
import type { Practice } from '../fixtures.ts';
import { callWindow } from './call-window.ts';

/**
 * A project with tested connections and every table of `tpch` selected, made through the calls of the window, so that a story can begin where its own
 * matter begins. Its rows travel through this computer. Gives the id.
 */
export async function makeReadyProject(
  page: Page,
  practice: Practice,
  { name, targetSchema }: { name: string; targetSchema: string },
): Promise<string> {
  const { redshift, snowflake } = practice;
  const created = await callWindow<{ id: string; revision: number }>(page, 'projects.create', {
    name,
    sourceKind: 'redshift',
  });
  const projectId = created.id;
  await callWindow(page, 'secrets.set', {
    projectId,
    values: { 'source.password': redshift.password, 'snowflake.password': snowflake.password },
  });
  const connected = await callWindow<{ revision: number }>(page, 'projects.update', {
    projectId,
    revision: created.revision,
    patch: {
      strategy: 'regular',
      source: {
        kind: 'redshift',
        host: redshift.host,
        port: redshift.port,
        database: redshift.database,
        auth: { kind: 'password', user: redshift.user },
        tls: { mode: 'disable', caFile: '' },
      },
      snowflake: {
        account: snowflake.account,
        user: snowflake.user,
        auth: { kind: 'password', passcode: '' },
        role: snowflake.role,
        warehouse: snowflake.warehouse,
        accessUrl: snowflake.accessUrl,
        proxy: { host: '', port: null, user: '' },
      },
      targetRule: { database: snowflake.database, schema: targetSchema, nameCase: 'upper' },
    },
  });
  const tables = await callWindow<{ ref: { schema: string } }[]>(page, 'source.listTables', { projectId });
  await callWindow(page, 'projects.update', {
    projectId,
    revision: connected.revision,
    patch: {
      selection: tables
        .filter(({ ref }) => ref.schema === 'tpch')
        .map(({ ref }) => ({
          source: ref,
          target: null,
          existingRows: null,
          partitionBy: null,
          partitionSize: null,
          where: '',
          columns: [],
          typeMappings: [],
        })),
    },
  });
  await callWindow(page, 'source.test', { projectId });
  await callWindow(page, 'snowflake.test', { projectId });
  // The list was asked for before the project came to be.
  await page.reload();
  await page.getByRole('button', { name, exact: true }).click();
  return projectId;
}
