import { expect, expectAccessible, test } from '../fixtures.ts';
import { filesHolding } from '../support/files-holding.ts';
import { runInSnowflake } from '../support/snowflake.ts';
import { wizard } from '../pages/wizard.ts';

test('a newcomer migrates a Redshift schema from an empty profile, mending a wrong password and a wrong role on the way', async ({
  openApp,
  practice,
  shot,
  dataDirectory,
}) => {
  const { page, close } = await openApp();
  const steps = wizard(page);

  await test.step('the project list says what to do first', async () => {
    await expect(page.getByText('No project yet')).toBeVisible();
    await expectAccessible(page);
    await shot(page, '01-projects');
    await steps.createProject('Sales warehouse');
  });

  await test.step('a wrong password is named, and nothing typed is lost', async () => {
    await steps.fillSource(practice, 'not-the-password-1');
    await steps.test();
    await expect(page.getByText('The login was refused')).toBeVisible();
    await expect(page.getByLabel('Host', { exact: true })).toHaveValue(practice.redshift.host);
    await shot(page, '02-source-wrong-password');
    await expectAccessible(page);
    await steps.fillSource(practice);
    await steps.test();
    await expect(page.getByText('Connected', { exact: true })).toBeVisible();
    await shot(page, '03-source');
    await expectAccessible(page);
    await steps.primary('Continue').click();
  });

  await test.step('Snowflake is connected', async () => {
    await expect(steps.heading('Connect to Snowflake')).toBeVisible();
    await steps.fillSnowflake(practice);
    await steps.test();
    await expect(page.getByText('Connected', { exact: true })).toBeVisible();
    await shot(page, '04-snowflake');
    await expectAccessible(page);
    await steps.primary('Continue').click();
  });

  await test.step('a role that the cluster does not have is found by the check, mended, and checked again', async () => {
    await expect(steps.heading('Set up S3 bucket')).toBeVisible();
    await steps.fillBucket(practice, { path: 'newcomer', role: practice.aws.roles.notAssociated });
    await steps.primary('Check').click();
    const unload = page.getByRole('listitem').filter({ hasText: 'A tiny UNLOAD, read back through the stage' });
    await expect(unload).toContainText('Failed', { timeout: 30_000 });
    await expect(unload).toContainText('Redshift refused the role');
    await shot(page, '05-bucket-wrong-role');
    await expectAccessible(page);
    await page.getByLabel('Data unloading IAM role ARN').fill(practice.s3.iamRoleArn);
    await steps.primary('Check').click();
    await expect(unload).toContainText('Passed', { timeout: 30_000 });
    await shot(page, '06-bucket');
    await steps.primary('Continue').click();
  });

  await test.step('the tables are selected with the keyboard', async () => {
    await expect(steps.heading('Select tables to migrate data')).toBeVisible();
    await expect(page.getByRole('gridcell', { name: 'lineitem', exact: true })).toBeVisible();
    await page.getByRole('gridcell', { name: 'lineitem', exact: true }).click();
    await page.keyboard.press('Control+a');
    await expect(page.getByText(/^8 of 8 tables/)).toBeVisible();
    await expect(page.getByText('NUMBER(38,0)').first()).toBeVisible();
    await page.getByRole('tab', { name: 'Options' }).click();
    await steps.decideColumn('l_comment', 'It is left out');
    await page.getByRole('tab', { name: 'Columns' }).click();
    await expect(page.getByText('The column is left out by choice.')).toBeVisible();
    await page.getByRole('tab', { name: 'Options' }).click();
    await steps.decideColumn('l_comment', 'It travels');
    await page.getByRole('tab', { name: 'Columns' }).click();
    await expect(page.getByText('The column is left out by choice.')).toBeHidden();
    await shot(page, '07-tables');
    await expectAccessible(page);
    await steps.primary('Continue').click();
  });

  await test.step('the plan can be read before anything is done', async () => {
    await expect(steps.primary('Migrate 8 tables')).toBeEnabled();
    await shot(page, '08-plan');
    await expectAccessible(page);
    await steps.primary('Migrate 8 tables').click();
  });

  await test.step('every row arrives', async () => {
    await expect(steps.heading('Results')).toBeVisible({ timeout: 60_000 });
    await expect(page.getByText('Every row arrived')).toBeVisible();
    const row = page.getByRole('row').filter({ hasText: 'tpch.nation' });
    await expect(row.getByRole('gridcell', { name: '25', exact: true })).toHaveCount(3);
    await shot(page, '09-results');
    await expectAccessible(page);
    await steps.primary('Go to data validation').click();
  });

  await test.step('both sides are counted again', async () => {
    await expect(steps.heading('Data validation')).toBeVisible();
    await page
      .getByRole('button', { name: /^Compare/ })
      .first()
      .click();
    await expect(page.getByText('Both sides hold 25 rows.')).toBeVisible({ timeout: 30_000 });
    await shot(page, '10-validation');
    await expectAccessible(page);
  });

  await test.step('no secret is in any file', async () => {
    await close();
    const secrets = [
      practice.redshift.password,
      practice.snowflake.password,
      practice.s3.secretAccessKey,
      'not-the-password-1',
    ];
    expect(await filesHolding(dataDirectory, secrets)).toEqual([]);
  });
});

test('a table that cannot be loaded fails alone, is mended and retried', async ({ openApp, practice, shot }) => {
  const { page } = await openApp();
  const steps = wizard(page);
  await steps.createProject('Mended');
  await steps.fillSource(practice);
  await steps.test();
  await steps.primary('Continue').click();
  await expect(steps.heading('Connect to Snowflake')).toBeVisible();
  await steps.fillSnowflake(practice);
  await steps.test();
  await steps.primary('Continue').click();
  await expect(steps.heading('Set up S3 bucket')).toBeVisible();
  await steps.fillBucket(practice, { path: 'mended', role: practice.s3.iamRoleArn });
  await steps.primary('Check').click();
  await steps.primary('Continue').click({ timeout: 60_000 });
  await expect(page.getByRole('gridcell', { name: 'nation', exact: true })).toBeVisible();
  await steps.chooseTarget(practice.snowflake.database, 'MENDED');
  await page.getByRole('gridcell', { name: 'nation', exact: true }).click();
  await page.keyboard.press('Control+a');
  await steps.primary('Continue').click();
  await expect(steps.primary('Migrate 8 tables')).toBeEnabled();

  await runInSnowflake(practice, [
    'CREATE SCHEMA MENDED',
    'CREATE TABLE MENDED.NATION (N_NATIONKEY INT)',
    'INSERT INTO MENDED.NATION VALUES (1)',
  ]);
  await steps.primary('Migrate 8 tables').click();
  await expect(page.getByText('The target table already holds rows').first()).toBeVisible({ timeout: 60_000 });
  await expect(steps.heading('Results')).toBeVisible();
  await expect(page.getByText('7 of 8')).toBeVisible();
  await shot(page, '15-results-failed');
  await expectAccessible(page);

  await runInSnowflake(practice, ['DROP TABLE MENDED.NATION']);
  await page.getByRole('button', { name: 'Retry data migration' }).click();
  await shot(page, '16-retry');
  await page
    .getByRole('button', { name: /^(Retry|Migrate)/ })
    .last()
    .click();
  await expect(page.getByText('Every row arrived')).toBeVisible({ timeout: 60_000 });
  const [counted] = await runInSnowflake(practice, ['SELECT COUNT(*) AS N FROM MENDED.NATION']);
  expect(counted).toEqual({ N: 25 });
});
