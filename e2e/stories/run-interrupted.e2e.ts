import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Page } from '@playwright/test';
import { expect, expectAccessible, test } from '../fixtures.ts';
import { callWindow } from '../support/call-window.ts';
import { copyData } from '../support/copy-data.ts';
import { expectOrdersOnce, makeSlowProject, slowLoads, untilOneIsLoaded } from '../support/slow-run.ts';
import { runInRedshift } from '../support/redshift.ts';
import { wizard } from '../pages/wizard.ts';

test('a password that is changed during a run is asked for, and the run goes on with every row once', async ({
  openApp,
  practice,
  setFaults,
  shot,
}) => {
  const { page } = await openApp({ width: 1280, height: 800 });
  const steps = wizard(page);
  const projectId = await makeSlowProject(page, practice, { name: 'Changed', targetSchema: 'CHANGED' });
  await setFaults({ seed: 1, rules: [slowLoads(700)] });
  await steps.primary('Migrate 8 tables').click({ timeout: 30_000 });
  await untilOneIsLoaded(page);

  const { user, password } = practice.redshift;
  const setPassword = (value: string, by: string): Promise<void> =>
    runInRedshift(practice, { password: by, statements: [`ALTER USER ${user} PASSWORD '${value}'`] });
  const changed = 'Another-Password-2';
  await setPassword(changed, password);
  try {
    // Connections that are open stay so: they are lost too.
    await setFaults({ seed: 1, rules: [slowLoads(700), { target: 'redshift', times: 4, fault: { kind: 'drop' } }] });
    await expect(page.getByText('The run is paused: it needs you')).toBeVisible({ timeout: 60_000 });
    await expect(page.getByRole('alert').filter({ hasText: 'The login was refused' })).toBeVisible();
    await shot(page, '54-password-changed');
    await expectAccessible(page);
    await setFaults({ seed: 1, rules: [] });
    const field = page.getByRole('textbox', { name: 'Password of the source', exact: true });
    await field.fill('still-wrong-1');
    const earlier = await pausedSince(page, projectId);
    expect(earlier).not.toBeNull();
    await page.getByRole('button', { name: 'Go on with it' }).click();
    const isPausedAgain = async (): Promise<boolean> => ![null, earlier].includes(await pausedSince(page, projectId));
    await expect.poll(isPausedAgain, { timeout: 60_000 }).toBe(true);
    await expect(page.getByText('The run is paused: it needs you')).toBeVisible();
    await field.fill(changed);
    await page.getByRole('button', { name: 'Go on with it' }).click();
    await expect(page.getByText('Every row arrived')).toBeVisible({ timeout: 120_000 });
  } finally {
    await setPassword(password, changed);
  }
  await expectOrdersOnce(practice, 'CHANGED');
});

test('a second window on the same run, with a copy of the files, is told who works on it, and changes nothing', async ({
  openApp,
  practice,
  dataDirectory,
  setFaults,
  shot,
}) => {
  const first = await openApp();
  const steps = wizard(first.page);
  await makeSlowProject(first.page, practice, { name: 'Twice', targetSchema: 'TWICE' });
  await setFaults({ seed: 1, rules: [slowLoads(3000)] });
  await steps.primary('Migrate 8 tables').click({ timeout: 30_000 });
  await untilOneIsLoaded(first.page);

  const copy = await mkdtemp(path.join(tmpdir(), 'snowferry-e2e-'));
  try {
    await copyData(dataDirectory, copy);
    const second = await openApp({ width: 1024, height: 700 }, copy);
    await expect(second.page.getByText('A run of Twice was interrupted')).toBeVisible();
    await second.page.getByRole('button', { name: 'Resume' }).click();
    for (const [label, secret] of [
      ['Password of the source', practice.redshift.password],
      ['Password for Snowflake', practice.snowflake.password],
    ] as const)
      await second.page.getByRole('textbox', { name: label, exact: true }).fill(secret, { timeout: 30_000 });
    await second.page.getByRole('button', { name: 'Go on with it' }).click();
    await expect(second.page.getByText('The run is at work in another window')).toBeVisible({ timeout: 30_000 });
    await expect(second.page.getByText(/Process \d+ of \S+ on \S+ works on this run since/)).toBeVisible();
    await expect(second.page.getByText('A password or key has to be entered again.')).toHaveCount(0);
    await expect(second.page.getByRole('gridcell', { name: 'Waiting', exact: true }).first()).toBeVisible();
    await expect(second.page.getByRole('gridcell', { name: 'Running', exact: true })).toHaveCount(0);
    await shot(second.page, '55-at-work-elsewhere');
    await expectAccessible(second.page);
    await second.close();
  } finally {
    await rm(copy, { recursive: true, force: true });
  }

  await setFaults({ seed: 1, rules: [] });
  await expect(first.page.getByText('Every row arrived')).toBeVisible({ timeout: 120_000 });
  await expectOrdersOnce(practice, 'TWICE');
});

/** Since when the project's run is paused; null while it is not. */
async function pausedSince(page: Page, projectId: string): Promise<string | null> {
  const [run] = await callWindow<{ runId: string }[]>(page, 'run.list', { projectId });
  const { pause } = await callWindow<{ pause: { since: string } | null }>(page, 'run.snapshot', { runId: run?.runId });
  return pause?.since ?? null;
}
