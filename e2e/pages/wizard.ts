import { expect, type Page } from '@playwright/test';
import type { Practice, SqlServerPractice } from '../fixtures.ts';

/** What a user does on each page of the wizard, by what the page says. */
export function wizard(page: Page) {
  const heading = (name: string) => page.getByRole('heading', { level: 1, name });
  const primary = (name: string | RegExp) => page.getByRole('button', { name, exact: typeof name === 'string' }).last();
  return {
    heading,
    primary,
    /** The reasons of other steps name steps too: only the beginning counts. */
    step: (name: string) => page.getByRole('navigation').getByRole('button', { name: new RegExp(`^${name}`) }),
    async createProject(name: string, source: 'Amazon Redshift' | 'SQL Server' = 'Amazon Redshift'): Promise<void> {
      await page.getByRole('button', { name: 'New project' }).first().click();
      await page.getByRole('radio', { name: source }).check();
      await page.getByLabel('Name', { exact: true }).fill(name);
      await page.getByRole('button', { name: 'Create project' }).click();
      await expect(heading('Connect to source database')).toBeVisible();
    },
    async fillSource({ redshift }: Practice, password = redshift.password): Promise<void> {
      await page.getByLabel('Host', { exact: true }).fill(redshift.host);
      await page.getByLabel('Port', { exact: true }).fill(String(redshift.port));
      await page.getByLabel('Database', { exact: true }).fill(redshift.database);
      await page.getByLabel('User', { exact: true }).fill(redshift.user);
      await fillSecret(page, 'Password', password);
      await choose(page, 'TLS mode', /^disable/);
    },
    async fillSqlServer({ sqlserver }: SqlServerPractice, password = sqlserver.password): Promise<void> {
      await page.getByLabel('Host', { exact: true }).fill(sqlserver.host);
      await page.getByLabel('Port', { exact: true }).fill(String(sqlserver.port));
      await page.getByLabel('Database', { exact: true }).fill(sqlserver.database);
      await page.getByLabel('User', { exact: true }).fill(sqlserver.user);
      await fillSecret(page, 'Password', password);
    },
    async fillSnowflake({ snowflake }: Pick<Practice, 'snowflake'>, password = snowflake.password): Promise<void> {
      await page.getByLabel('Account identifier', { exact: true }).fill(snowflake.account);
      await page.getByLabel('User', { exact: true }).fill(snowflake.user);
      await fillSecret(page, 'Password', password);
      await pick(page, 'Warehouse', snowflake.warehouse);
      await pick(page, 'Role (optional)', snowflake.role);
      const url = page.getByLabel('Account URL (optional)');
      if (!(await url.isVisible())) await page.getByRole('button', { name: 'Account URL and proxy' }).click();
      await url.fill(snowflake.accessUrl);
    },
    async fillBucket({ snowflake, s3 }: Practice, request: { path: string; role: string }): Promise<void> {
      await pick(page, 'Database', snowflake.database);
      await pick(page, 'Schema', snowflake.schema);
      await pick(page, 'Stage', snowflake.stage);
      const endpoint = page.getByLabel('S3 endpoint (optional)');
      if (!(await endpoint.isVisible())) await page.getByRole('button', { name: 'S3 endpoint' }).click();
      await endpoint.fill(s3.endpoint);
      await page.getByLabel('S3 bucket URI').fill(`s3://${s3.bucket}/${request.path}/`);
      await page.getByLabel('Data unloading IAM role ARN').fill(request.role);
      await choose(page, 'Access to the bucket', 'Access keys');
      await page.getByLabel('Access key id').fill(s3.accessKeyId);
      await fillSecret(page, 'Secret access key', s3.secretAccessKey);
    },
    async chooseTarget(database: string, schema: string): Promise<void> {
      await pick(page, 'Target database', database);
      await pick(page, 'Target schema', schema);
    },
    async decideColumn(column: string, handling: string): Promise<void> {
      await choose(page, 'Column', column);
      await choose(page, 'What happens to this column', handling);
    },
    /** Small partitions and one lane of each kind: a run that takes long enough to be steered. */
    async chooseSlowRun(rowsPerPartition: number): Promise<void> {
      await page.getByRole('button', { name: 'Options', exact: true }).click();
      const dialog = page.getByRole('dialog', { name: 'Options of the run' });
      await dialog.getByLabel(/^(Unloads|Reads) at the same time$/).fill('1');
      await choose(page, 'Partition size', 'By rows');
      await dialog.getByLabel('Rows a partition').fill(String(rowsPerPartition));
      await dialog.getByLabel('Loads at the same time').fill('1');
      await dialog.getByRole('button', { name: 'Save options' }).click();
      await expect(dialog).toBeHidden();
    },
    async chooseSignIn(way: string): Promise<void> {
      await choose(page, 'Sign in with', way);
    },
    fillSecret: (label: string, value: string): Promise<void> => fillSecret(page, label, value),
    async test(): Promise<void> {
      await page.getByRole('button', { name: 'Test connection' }).click();
    },
  };
}

/** A select: opened, and the option taken by its name. What comes late may close the list again; it is then opened once more. */
async function choose(page: Page, label: string, option: string | RegExp): Promise<void> {
  const box = page.getByRole('combobox', { name: label, exact: true });
  const wanted = page.getByRole('option', { name: option }).first();
  await expect(async () => {
    if ((await box.getAttribute('aria-expanded')) !== 'true') await box.click({ timeout: 5000 });
    await wanted.click({ timeout: 5000 });
  }).toPass({ timeout: 40_000 });
}

/** A field with suggestions: typed, and left with Tab. */
async function pick(page: Page, label: string, value: string): Promise<void> {
  const field = page.getByRole('combobox', { name: label, exact: true });
  await field.fill(value);
  await field.press('Tab');
}

/** A secret that is stored already is replaced. */
async function fillSecret(page: Page, label: string, value: string): Promise<void> {
  const group = page.getByRole('group', { name: label });
  if ((await group.count()) > 0) await group.getByRole('button', { name: 'Replace' }).click();
  await page.getByRole('textbox', { name: label, exact: true }).fill(value);
}
