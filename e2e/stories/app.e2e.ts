import { expect, expectAccessible, test } from '../fixtures.ts';
import { wizard } from '../pages/wizard.ts';

test('what is typed survives going back and a restart', async ({ openApp }) => {
  const first = await openApp();
  await wizard(first.page).createProject('Half done');
  await first.page.getByLabel('Host', { exact: true }).fill('cluster.example.com');
  await first.page.getByLabel('Database', { exact: true }).fill('analytics');
  await first.page.getByRole('button', { name: 'All projects' }).click();
  await first.page
    .getByRole('button', { name: /Half done|Open/ })
    .first()
    .click();
  await expect(first.page.getByLabel('Host', { exact: true })).toHaveValue('cluster.example.com');
  await first.close();

  const { page } = await openApp();
  await page
    .getByRole('button', { name: /Half done|Open/ })
    .first()
    .click();
  await expect(page.getByLabel('Host', { exact: true })).toHaveValue('cluster.example.com');
  await expect(page.getByLabel('Database', { exact: true })).toHaveValue('analytics');
});

test('each empty or wrong field gets its own sentence, and the first one the focus', async ({ openApp, shot }) => {
  const { page } = await openApp();
  await wizard(page).createProject('Fields');
  await page.getByLabel('Port', { exact: true }).fill('99999');
  await wizard(page).primary('Continue').click();
  for (const sentence of [
    'The host is needed.',
    'The port is a number from 1 to 65535.',
    'The database is needed.',
    'The user is needed.',
  ]) {
    await expect(page.getByText(sentence)).toBeVisible();
  }
  await expect(page.getByLabel('Host', { exact: true })).toBeFocused();
  await expectAccessible(page);
  await shot(page, '11-source-empty-fields');
});

test('a pasted JDBC URL fills the form and says so', async ({ openApp }) => {
  const { page } = await openApp();
  await wizard(page).createProject('Pasted');
  const host = page.getByLabel('Host', { exact: true });
  await host.focus();
  await page.evaluate(() => {
    const data = new DataTransfer();
    data.setData('text/plain', 'jdbc:redshift://my-cluster.abc.eu-west-1.redshift.amazonaws.com:5440/analytics');
    document.activeElement?.dispatchEvent(
      new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true }),
    );
  });
  await expect(host).toHaveValue('my-cluster.abc.eu-west-1.redshift.amazonaws.com');
  await expect(page.getByLabel('Port', { exact: true })).toHaveValue('5440');
  await expect(page.getByLabel('Database', { exact: true })).toHaveValue('analytics');
});

test('a host that does not answer is told apart from one that does not exist', async ({ openApp, shot }) => {
  const { page } = await openApp();
  const steps = wizard(page);
  await steps.createProject('Unreachable');
  await page.getByLabel('Host', { exact: true }).fill('127.0.0.1');
  await page.getByLabel('Port', { exact: true }).fill('1');
  await page.getByLabel('Database', { exact: true }).fill('dev');
  await page.getByLabel('User', { exact: true }).fill('someone');
  await page.getByRole('textbox', { name: 'Password', exact: true }).fill('some-password-1');
  await steps.test();
  await expect(page.getByText('Nothing answers on this port')).toBeVisible();
  await expect(
    page.getByRole('alert').filter({ hasText: '127.0.0.1:1 refused the connection.' }).first(),
  ).toBeVisible();
  await shot(page, '12-source-refused');
  await page.getByLabel('Host', { exact: true }).fill('no-such-host.invalid');
  await steps.test();
  await expect(page.getByText('The host name is not known')).toBeVisible();
});

test('a project is duplicated and deleted, and deleting asks first', async ({ openApp }) => {
  const { page } = await openApp();
  await wizard(page).createProject('Original');
  await page.getByRole('button', { name: 'All projects' }).click();
  const act = async (project: string, item: string) => {
    await page.getByRole('button', { name: `Actions for ${project}`, exact: true }).click();
    await page
      .getByRole('menu', { name: `Actions for ${project}`, exact: true })
      .getByRole('menuitem', { name: item })
      .click();
  };
  const dialog = page.getByRole('dialog', { name: 'Delete the project "Original (copy)"?' });
  const copy = page.getByRole('button', { name: 'Original (copy)', exact: true });
  await act('Original', 'Duplicate');
  await expect(copy).toBeVisible();
  await act('Original (copy)', 'Delete');
  await dialog.getByRole('button', { name: 'Keep project' }).click();
  await expect(copy).toBeVisible();
  await act('Original (copy)', 'Delete');
  await dialog.getByRole('button', { name: 'Delete project' }).click();
  await expect(copy).toBeHidden();
  await expect(page.getByRole('button', { name: 'Original', exact: true })).toBeVisible();
});

test('the settings switch between light and dark, and every page stays readable at 1024 x 700', async ({
  openApp,
  practice,
  shot,
}) => {
  const { page } = await openApp({ width: 1024, height: 700 });
  await page.getByRole('button', { name: 'Settings' }).click();
  await page.getByText('Dark', { exact: true }).click();
  await expect(page.locator('html')).toHaveAttribute('data-mantine-color-scheme', 'dark');
  await expectAccessible(page);
  await shot(page, '13-settings-dark');
  await page
    .getByRole('button', { name: /All projects|Back/ })
    .first()
    .click();
  const steps = wizard(page);
  await steps.createProject('Dark');
  await steps.fillSource(practice);
  await steps.test();
  await expect(page.getByText('Connected', { exact: true })).toBeVisible();
  await expectAccessible(page);
  await shot(page, '14-source-dark-1024');
  const overflow = await page.evaluate(
    () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
  );
  expect(overflow).toBe(0);
});
