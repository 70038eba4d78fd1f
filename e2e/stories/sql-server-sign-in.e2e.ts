import { expect, expectAccessible, test } from '../fixtures.ts';
import { wizard } from '../pages/wizard.ts';

test('SQL Server is reached by a domain account and by a token, and over strict encryption', async ({
  openApp,
  sqlServerPractice,
  shot,
}) => {
  const { page } = await openApp({ width: 1280, height: 800 });
  const steps = wizard(page);
  const { caFile, domainReader, entraToken } = sqlServerPractice.sqlserver;
  await steps.createProject('Sign-in', 'SQL Server');
  await steps.fillSqlServer(sqlServerPractice);
  await page.getByLabel('CA certificate (optional)').fill(caFile);

  await test.step('a domain account says what it lacks, and what is wrong with it', async () => {
    await steps.chooseSignIn('Domain account (NTLM)');
    await steps.primary('Continue').click();
    await expect(page.getByText('The domain is needed.')).toBeVisible();
    await expect(page.getByLabel('Domain', { exact: true })).toBeFocused();
    await page.getByLabel('Domain', { exact: true }).fill(domainReader.domain);
    await page.getByLabel('User', { exact: true }).fill(domainReader.user);
    await steps.fillSecret('Password', 'not-the-password-1');
    await steps.test();
    await expect(page.getByText('The login was refused', { exact: true })).toBeVisible();
    await shot(page, '50-sqlserver-domain-refused');
    await expectAccessible(page);
    await steps.fillSecret('Password', domainReader.password);
    await expectConnected();
  });

  await test.step('a service principal asks for its three parts', async () => {
    await steps.chooseSignIn('Microsoft Entra ID: service principal');
    await steps.primary('Continue').click();
    for (const sentence of ['The tenant is needed.', 'The client id is needed.', 'The client secret is needed.'])
      await expect(page.getByText(sentence)).toBeVisible();
    await shot(page, '51-sqlserver-service-principal');
    await expectAccessible(page);
  });

  await test.step('a token stands alone, and a wrong one is refused', async () => {
    await steps.chooseSignIn('Microsoft Entra ID: access token');
    await steps.fillSecret('Access token', 'not.a.token');
    await steps.test();
    await expect(
      page
        .getByRole('region', { name: 'Connection test' })
        .getByRole('alert')
        .filter({ hasText: 'refused the token of Microsoft Entra ID: Login failed' }),
    ).toBeVisible();
    await shot(page, '52-sqlserver-token-refused');
    await expectAccessible(page);
    await steps.fillSecret('Access token', entraToken);
    await expectConnected();
  });

  await test.step('strict encryption checks the certificate always', async () => {
    await page.getByText('Strict', { exact: true }).click();
    await expect(page.getByLabel('Trust the server certificate without checking it')).toHaveCount(0);
    await expectConnected();
    await shot(page, '53-sqlserver-strict');
    await expectAccessible(page);
  });

  async function expectConnected(): Promise<void> {
    await steps.test();
    await expect(page.getByText('Connected', { exact: true })).toBeVisible();
  }
});
