import type { Page } from '@playwright/test';
import { expect, type Practice } from '../fixtures.ts';
import { wizard } from '../pages/wizard.ts';
import { makeReadyProject } from './ready-project.ts';
import { runInSnowflake } from './snowflake.ts';

/** A ready project whose run has many small partitions and one lane of each kind: it takes long enough to be interrupted. Gives the id. */
export async function makeSlowProject(
  page: Page,
  practice: Practice,
  project: { name: string; targetSchema: string },
): Promise<string> {
  const id = await makeReadyProject(page, practice, project);
  const steps = wizard(page);
  await expect(steps.primary('Migrate 8 tables')).toBeEnabled({ timeout: 30_000 });
  await steps.chooseSlowRun(600);
  return id;
}

/** Makes every load take a while, so that there is time to look. */
export function slowLoads(delayMs: number) {
  return { target: 'snowflake', where: { sql: 'COPY INTO*' }, fault: { kind: 'delay', delayMs } };
}

export async function untilOneIsLoaded(page: Page): Promise<void> {
  await expect(page.getByRole('gridcell', { name: 'Loaded', exact: true }).first()).toBeVisible({ timeout: 60_000 });
}

/** No order is missing, and none is there twice. */
export async function expectOrdersOnce(practice: Practice, schema: string): Promise<void> {
  const rows = await runInSnowflake(practice, [
    `SELECT COUNT(*) AS N, COUNT(DISTINCT O_ORDERKEY) AS K FROM ${schema}.ORDERS`,
  ]);
  expect(rows).toEqual([{ N: 3000, K: 3000 }]);
}
