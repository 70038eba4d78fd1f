import { expect, expectAccessible, test } from '../fixtures.ts';
import { filesHolding } from '../support/files-holding.ts';
import { wizard } from '../pages/wizard.ts';

test('a newcomer migrates a SQL Server schema from an empty profile, mending the trust in its certificate and a wrong password on the way', async ({
  openApp,
  sqlServerPractice,
  shot,
  dataDirectory,
}) => {
  const { app, page, close } = await openApp({ width: 1280, height: 800 });
  const steps = wizard(page);
  const { sqlserver } = sqlServerPractice;

  await test.step('the project has no S3 page', async () => {
    await page.getByRole('button', { name: 'New project' }).first().click();
    await expectAccessible(page);
    await shot(page, '40-new-project');
    await page.getByRole('button', { name: 'Cancel' }).click();
    await steps.createProject('Orders database', 'SQL Server');
    await expect(steps.step('Connect to Snowflake')).toBeVisible();
    await expect(steps.step('Set up S3 bucket')).toHaveCount(0);
  });

  await test.step('a pasted connection string fills the form', async () => {
    const host = page.getByLabel('Host', { exact: true });
    await host.focus();
    await page.evaluate(() => {
      const data = new DataTransfer();
      data.setData(
        'text/plain',
        'Data Source=tcp:sql01\\SALES;Initial Catalog=Orders;User Id=reader;Password=x;Encrypt=true',
      );
      document.activeElement?.dispatchEvent(
        new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true }),
      );
    });
    await expect(host).toHaveValue('sql01');
    await expect(page.getByLabel('Instance', { exact: true })).toHaveValue('SALES');
    await expect(page.getByLabel('Database', { exact: true })).toHaveValue('Orders');
    await page.getByText('A port', { exact: true }).click();
  });

  await test.step('a certificate that nobody trusts is named, and a CA certificate mends it', async () => {
    await steps.fillSqlServer(sqlServerPractice, 'not-the-password-1');
    await steps.test();
    const card = page.getByRole('alert').filter({ hasText: "The server's certificate is not trusted" });
    await expect(card).toBeVisible();
    await expect(card).toContainText('Trusting it unseen encrypts, but proves nothing.');
    await shot(page, '41-sqlserver-not-trusted');
    await expectAccessible(page);
    await app.evaluate(({ dialog }, path) => {
      dialog.showOpenDialog = () => Promise.resolve({ canceled: false, filePaths: [path] });
    }, sqlserver.caFile);
    await card.getByRole('button', { name: 'Give a CA certificate' }).click();
    await expect(page.getByLabel('CA certificate (optional)')).toHaveValue(sqlserver.caFile);
    await expect(page.getByLabel('CA certificate (optional)')).toBeFocused();
  });

  await test.step('a wrong password is named at its field, and nothing typed is lost', async () => {
    await steps.test();
    await expect(page.getByText('The login was refused')).toBeVisible();
    await expect(page.getByLabel('Host', { exact: true })).toHaveValue(sqlserver.host);
    await shot(page, '42-sqlserver-wrong-password');
    await expectAccessible(page);
    await steps.fillSqlServer(sqlServerPractice);
    await steps.test();
    await expect(page.getByText('Connected', { exact: true })).toBeVisible();
    await shot(page, '43-sqlserver');
    await expectAccessible(page);
    await steps.primary('Continue').click();
  });

  await test.step('Snowflake is connected', async () => {
    await expect(steps.heading('Connect to Snowflake')).toBeVisible();
    await steps.fillSnowflake(sqlServerPractice);
    await steps.test();
    await expect(page.getByText('Connected', { exact: true })).toBeVisible();
    await steps.primary('Continue').click();
  });

  await test.step('the tables are selected, and one gets another name and type', async () => {
    await expect(steps.heading('Select tables to migrate data')).toBeVisible();
    await steps.chooseTarget(sqlServerPractice.snowflake.database, 'ORDERS_DB');
    await page.getByLabel('Search tables').fill('dbo.*');
    await page.getByRole('gridcell', { name: 'nation', exact: true }).click();
    await page.keyboard.press('Control+a');
    await expect(page.getByText(/^8 of \d+ tables/)).toBeVisible();
    await page.getByRole('tab', { name: 'Options' }).click();
    await page.getByLabel('Table in Snowflake').fill('COUNTRIES');
    await page.getByLabel('Table in Snowflake').press('Tab');
    await expect(page.getByText('Decided for this table.')).toBeVisible();
    await shot(page, '44-sqlserver-table-options');
    await expectAccessible(page);
    await steps.primary('Continue').click();
  });

  await test.step('the options say what NOLOCK risks', async () => {
    await expect(steps.primary('Migrate 8 tables')).toBeEnabled({ timeout: 30_000 });
    await page.getByRole('button', { name: 'Options', exact: true }).click();
    const dialog = page.getByRole('dialog', { name: 'Options of the run' });
    await dialog.getByRole('radio', { name: 'Read uncommitted (NOLOCK)' }).check();
    await expect(dialog.getByText('NOLOCK can copy wrong data')).toBeVisible();
    await shot(page, '45-sqlserver-options');
    await expectAccessible(page);
    await dialog.getByRole('radio', { name: 'Snapshot where the database allows it' }).check();
    await dialog.getByLabel('Stop after failed tables (optional)').fill('3');
    await dialog.getByRole('button', { name: 'Save options' }).click();
    await expect(dialog).toBeHidden();
    await expect(steps.primary('Migrate 8 tables')).toBeEnabled({ timeout: 30_000 });
    await steps.primary('Migrate 8 tables').click();
  });

  await test.step('every row arrives', async () => {
    await expect(steps.heading('Results')).toBeVisible({ timeout: 120_000 });
    await expect(page.getByText('Every row arrived')).toBeVisible();
    await page.getByRole('row').filter({ hasText: 'dbo.nation' }).click();
    await expect(page.getByText('PRACTICE.ORDERS_DB.COUNTRIES')).toBeVisible();
    await shot(page, '46-sqlserver-results');
    await expectAccessible(page);
    await steps.primary('Go to data validation').click();
  });

  await test.step('both sides are counted again, and the step says that it is done', async () => {
    await page
      .getByRole('button', { name: /^Compare/ })
      .first()
      .click();
    await expect(page.getByText('Both sides hold 25 rows.')).toBeVisible({ timeout: 30_000 });
    await expect(steps.step('Data validation')).toContainText('Done');
  });

  await test.step('the project can be taken to the command line', async () => {
    await steps.step('Workflow').click();
    await expect(page.getByText('SNOWFERRY_SOURCE_PASSWORD')).toBeVisible();
    await expect(page.getByRole('region', { name: 'workflow.json' })).toContainText('COUNTRIES');
    await shot(page, '47-workflow');
    await expectAccessible(page);
  });

  await test.step('no secret is in any file', async () => {
    await close();
    const secrets = [sqlserver.password, sqlServerPractice.snowflake.password, 'not-the-password-1'];
    expect(await filesHolding(dataDirectory, secrets)).toEqual([]);
  });
});
