import { expect, expectAccessible, test } from '../fixtures.ts';
import { expectOrdersOnce, makeSlowProject, slowLoads, untilOneIsLoaded } from '../support/slow-run.ts';
import { runInSnowflake } from '../support/snowflake.ts';
import { wizard } from '../pages/wizard.ts';

test('a run is paused, resumed and cancelled, and says what stays', async ({ openApp, practice, setFaults, shot }) => {
  const { page } = await openApp({ width: 1280, height: 800 });
  const steps = wizard(page);
  await makeSlowProject(page, practice, { name: 'Steered', targetSchema: 'STEERED' });
  await shot(page, '30-plan-with-options');
  await setFaults({ seed: 1, rules: [slowLoads(700)] });
  await steps.primary('Migrate 8 tables').click({ timeout: 30_000 });

  await test.step('one table is paused and goes on, while the others move', async () => {
    await expect(page.getByText('Running', { exact: true }).first()).toBeVisible();
    await page.getByRole('row').filter({ hasText: 'tpch.orders' }).click();
    await page.getByRole('button', { name: 'Pause this table' }).click();
    await expect(page.getByRole('row').filter({ hasText: 'tpch.orders' })).toContainText('Paused');
    await shot(page, '31-run-table-paused');
    await expectAccessible(page);
    await page.getByRole('button', { name: 'Go on with this table' }).click();
    await expect(page.getByRole('row').filter({ hasText: 'tpch.orders' })).not.toContainText('Paused');
  });

  await test.step('parallel work is changed while the run goes on', async () => {
    await page.getByRole('tab', { name: /^Now/ }).click();
    await page.getByLabel('Loads at the same time').fill('2');
    await page.getByRole('button', { name: 'Apply' }).click();
    await expect(page.getByText(/^Applied\./)).toBeVisible();
    await shot(page, '32-run-now');
    await page.getByRole('tab', { name: 'Tables' }).click();
  });

  await test.step('one table gets its own lanes, and another is cancelled and retried', async () => {
    await page.getByRole('row').filter({ hasText: 'tpch.orders' }).click();
    await page.getByRole('button', { name: 'Parallel work on this table' }).click();
    await page.getByLabel('Loads', { exact: true }).fill('2');
    await page.getByRole('button', { name: 'Apply' }).click();
    await expect(page.getByText('Applied.', { exact: true })).toBeVisible();
    await shot(page, '32b-table-lanes');
    const lineitem = page.getByRole('row').filter({ hasText: 'tpch.lineitem' });
    await lineitem.click();
    await page.getByRole('button', { name: 'Cancel this table' }).click();
    const dialog = page.getByRole('dialog', { name: 'Cancel tpch.lineitem?' });
    await expect(dialog).toContainText('The other tables go on.');
    await shot(page, '32c-cancel-table');
    await expectAccessible(page);
    await dialog.getByRole('button', { name: 'Cancel the table' }).click();
    await expect(lineitem).toContainText('Cancelled');
    await page.getByRole('button', { name: 'Retry this table' }).click();
    await expect(lineitem).not.toContainText('Cancelled');
  });

  await test.step('the run is paused, and resumed where it was', async () => {
    await page.getByRole('button', { name: 'Pause', exact: true }).click();
    await expect(page.getByText('The run is paused', { exact: true })).toBeVisible({ timeout: 30_000 });
    await shot(page, '33-run-paused');
    await expectAccessible(page);
    await page.getByRole('button', { name: 'Resume' }).click();
    await expect(page.getByRole('button', { name: 'Pause', exact: true })).toBeVisible();
  });

  await test.step('cancelling says what stays, and it stays', async () => {
    await expect(
      page
        .getByRole('row')
        .filter({ hasText: /Loaded/ })
        .first(),
    ).toBeVisible({ timeout: 60_000 });
    await page.getByRole('button', { name: 'Cancel', exact: true }).click();
    const dialog = page.getByRole('dialog', { name: 'Cancel the run?' });
    await expect(dialog).toContainText(/complete tables? stays? in Snowflake|No table is complete yet/);
    await shot(page, '34-cancel');
    await expectAccessible(page);
    await dialog.getByRole('button', { name: 'Cancel the run' }).click();
    await expect(page.getByText('Cancelled', { exact: true }).first()).toBeVisible({ timeout: 30_000 });
    await page.getByRole('navigation').getByRole('button', { name: 'Dashboard' }).click();
    await expect(page.getByRole('row').filter({ hasText: 'Cancelled' })).toBeVisible();
    await shot(page, '35-dashboard');
    await expectAccessible(page);
    const [counted] = await runInSnowflake(practice, ['SELECT COUNT(*) AS N FROM STEERED.CUSTOMER']);
    expect(counted).toEqual({ N: 300 });
  });
});

test('closing the window during a run asks first; a run that was paused so is offered at the next start', async ({
  openApp,
  practice,
  setFaults,
  shot,
}) => {
  const first = await openApp();
  await makeSlowProject(first.page, practice, { name: 'Closed', targetSchema: 'CLOSED' });
  const steps = wizard(first.page);
  await setFaults({ seed: 1, rules: [slowLoads(700)] });
  await steps.primary('Migrate 8 tables').click({ timeout: 30_000 });
  await expect(first.page.getByRole('button', { name: 'Pause', exact: true })).toBeVisible();
  await first.app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.close());
  const dialog = first.page.getByRole('dialog', { name: 'A run is in progress' });
  await expect(dialog).toBeVisible();
  await shot(first.page, '36-close-dialog');
  await expectAccessible(first.page);
  await dialog.getByRole('button', { name: 'Keep the window open' }).click();
  await expect(dialog).toBeHidden();
  await first.app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.close());
  const ended = new Promise<void>((resolve) => first.app.once('close', () => resolve()));
  await dialog.getByRole('button', { name: 'Pause and close' }).click();
  await ended;

  await setFaults({ seed: 1, rules: [] });
  const { page } = await openApp();
  await expect(page.getByText('A run of Closed is paused')).toBeVisible();
  await shot(page, '37-unfinished');
  await expectAccessible(page);
  await page.getByRole('button', { name: 'Discard' }).click();
  const question = page.getByRole('dialog', { name: 'Discard the run of Closed?' });
  await question.getByRole('button', { name: 'Keep it' }).click();
  await page.getByRole('button', { name: 'Look at it' }).click();
  await expect(page.getByText('The run is paused', { exact: true })).toBeVisible();
});

test('a run that was killed is offered at the next start, asks for what it needs, and ends with every row once', async ({
  openApp,
  practice,
  setFaults,
  shot,
}) => {
  const first = await openApp();
  await makeSlowProject(first.page, practice, { name: 'Killed', targetSchema: 'KILLED' });
  const steps = wizard(first.page);
  await setFaults({ seed: 1, rules: [slowLoads(500)] });
  await steps.primary('Migrate 8 tables').click({ timeout: 30_000 });
  await untilOneIsLoaded(first.page);
  const killed = new Promise((resolve) => first.app.process().once('exit', resolve));
  first.app.process().kill('SIGKILL');
  await killed;

  await setFaults({ seed: 1, rules: [] });
  const { page } = await openApp();
  const again = wizard(page);
  await expect(page.getByText('A run of Killed was interrupted')).toBeVisible();
  await shot(page, '38-interrupted');
  await page.getByRole('button', { name: 'Resume' }).click();

  await test.step('without a keychain the passwords are gone with the process: the run asks for them', async () => {
    const source = page.getByRole('textbox', { name: 'Password of the source', exact: true });
    await expect(source).toBeVisible({ timeout: 30_000 });
    await expect(page.getByText('The run is paused: it needs you')).toBeVisible();
    await expect(again.step('Migrate')).toContainText('The run is paused.');
    await shot(page, '39-needs-you');
    await expectAccessible(page);
    await source.fill(practice.redshift.password);
    await page.getByRole('textbox', { name: 'Password for Snowflake', exact: true }).fill(practice.snowflake.password);
    await page.getByRole('button', { name: 'Go on with it' }).click();
  });

  await expect(page.getByText('Every row arrived')).toBeVisible({ timeout: 120_000 });
  await expectOrdersOnce(practice, 'KILLED');
});

test('a source that does not answer is waited for, and the run goes on by itself', async ({
  openApp,
  practice,
  setFaults,
  shot,
}) => {
  const { page } = await openApp({ width: 1024, height: 700 });
  const steps = wizard(page);
  await page.getByRole('button', { name: 'Settings' }).click();
  await page.getByText('Dark', { exact: true }).click();
  await page
    .getByRole('button', { name: /All projects|Back/ })
    .first()
    .click();
  await makeSlowProject(page, practice, { name: 'Away', targetSchema: 'AWAY' });
  await expect(steps.primary('Migrate 8 tables')).toBeEnabled({ timeout: 30_000 });
  await setFaults({
    seed: 1,
    rules: [{ target: 'redshift', fault: { kind: 'drop' } }],
  });
  await steps.primary('Migrate 8 tables').click();
  await expect(page.getByText('Reconnecting: the source does not answer')).toBeVisible({ timeout: 60_000 });
  await shot(page, '48-reconnecting-dark-1024');
  await expectAccessible(page);
  await setFaults({ seed: 1, rules: [] });
  await expect(page.getByText('Every row arrived')).toBeVisible({ timeout: 120_000 });
});
