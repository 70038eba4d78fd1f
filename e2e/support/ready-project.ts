import type { Page } from '@playwright/test';
import type { Practice } from '../fixtures.ts';

/**
 * A project with tested connections and every table of `tpch` selected, made through the calls of the window, so that a story can begin where its own
 * matter begins. Its rows travel through this computer. Gives the id.
 */
export async function makeReadyProject(
  page: Page,
  practice: Practice,
  { name, targetSchema }: { name: string; targetSchema: string },
): Promise<string> {
  const id = await page.evaluate(
    async ({ practice: { redshift, snowflake }, projectName, schema }) => {
      type Answer = { ok: true; value: unknown } | { ok: false; error: { message: string } };
      const { api } = window as unknown as {
        api: { invoke(name: string, input: unknown, id: string): Promise<Answer> };
      };
      let calls = 0;
      const call = async <Value>(callName: string, input: unknown): Promise<Value> => {
        const answer = await api.invoke(callName, input, `ready-${(calls += 1)}`);
        if (!answer.ok) throw new Error(`${callName}: ${answer.error.message}`);
        return answer.value as Value;
      };
      const created = await call<{ id: string; revision: number }>('projects.create', {
        name: projectName,
        sourceKind: 'redshift',
      });
      const projectId = created.id;
      await call('secrets.set', {
        projectId,
        values: { 'source.password': redshift.password, 'snowflake.password': snowflake.password },
      });
      const connected = await call<{ revision: number }>('projects.update', {
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
          targetRule: { database: snowflake.database, schema, nameCase: 'upper' },
        },
      });
      const tables = await call<{ ref: { schema: string } }[]>('source.listTables', { projectId });
      await call('projects.update', {
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
      await call('source.test', { projectId });
      await call('snowflake.test', { projectId });
      return projectId;
    },
    { practice, projectName: name, schema: targetSchema },
  );
  // The list was asked for before the project came to be.
  await page.reload();
  await page.getByRole('button', { name, exact: true }).click();
  return id;
}
