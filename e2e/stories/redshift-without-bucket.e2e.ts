import { expect, expectAccessible, test } from '../fixtures.ts';
import { wizard } from '../pages/wizard.ts';

test('without a bucket the rows of Redshift travel through this computer, and the S3 page goes away', async ({
  openApp,
  practice,
  shot,
}) => {
  const { page } = await openApp({ width: 1024, height: 700 });
  const steps = wizard(page);

  await test.step('the choice says what it costs', async () => {
    await steps.createProject('No bucket');
    await expect(steps.step('Set up S3 bucket')).toBeVisible();
    await steps.fillSource(practice);
    await steps.test();
    await steps.primary('Continue').click();
    await expect(steps.heading('Connect to Snowflake')).toBeVisible();
    await steps.fillSnowflake(practice);
    await steps.test();
    await steps.primary('Continue').click();
    await expect(page.getByText('No bucket at hand?')).toBeVisible();
    await page.getByRole('button', { name: 'Go on without a bucket' }).click();
    await expect(steps.step('Set up S3 bucket')).toHaveCount(0);
  });

  await test.step('Snowflake is tested again for the rights that this way needs', async () => {
    await expect(steps.heading('Connect to Snowflake')).toBeVisible();
    await steps.test();
    await expect(page.getByText('Connected', { exact: true })).toBeVisible();
    await expect(page.getByRole('listitem').filter({ hasText: 'SNOWFERRY_STAGE' })).toContainText('Passed');
    await shot(page, '19-snowflake-1024');
    const overflow = await page.evaluate(() => {
      const scroller = document.querySelector('main > div');
      return scroller === null ? -1 : scroller.scrollWidth - scroller.clientWidth;
    });
    expect(overflow).toBe(0);
    await steps.primary('Continue').click();
    await expect(steps.heading('Select tables to migrate data')).toBeVisible();
  });

  await test.step('the way can be seen and changed at the source', async () => {
    await steps.step('Connect to source database').click();
    const regular = page.getByRole('radio', { name: 'Through this computer, without a bucket' });
    await regular.scrollIntoViewIfNeeded();
    await expect(regular).toBeChecked();
    await shot(page, '20-strategy');
    await expectAccessible(page);
    await steps.step('Select tables to migrate data').click();
  });

  await test.step('every row arrives', async () => {
    await steps.chooseTarget(practice.snowflake.database, 'NO_BUCKET');
    await page.getByRole('gridcell', { name: 'nation', exact: true }).click();
    await page.keyboard.press('Control+a');
    await shot(page, '21-tables-1024');
    await steps.primary('Continue').click();
    await expect(steps.primary('Migrate 8 tables')).toBeEnabled({ timeout: 30_000 });
    await expect(page.getByText('The rows pass through this computer')).toBeVisible();
    await steps.primary('Migrate 8 tables').click();
    await expect(steps.heading('Results')).toBeVisible({ timeout: 90_000 });
    await expect(page.getByText('Every row arrived')).toBeVisible();
    await shot(page, '22-results-1024');
    await expectAccessible(page);
  });
});
