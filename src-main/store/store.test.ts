import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../lib/testing/temporary-folder.ts';
import { createProjectStore } from './project-store.ts';
import { createSecretStore } from './secret-store.ts';

const newDirectory = (): string => temporaryFolder('store');

describe('the project store', () => {
  it('keeps a project over a restart and counts its revisions', async () => {
    const directory = newDirectory();
    const created = await createProjectStore(directory).create({ name: 'Sales', sourceKind: 'redshift' });
    const updated = await createProjectStore(directory).update(created.id, 1, { name: 'Sales 2' });
    expect(updated.revision).toBe(2);
    expect(await createProjectStore(directory).get(created.id)).toMatchObject({
      name: 'Sales 2',
      strategy: 'unload',
      revision: 2,
    });
  });

  it('refuses a change that was made from an older revision', async () => {
    const store = createProjectStore(newDirectory());
    const project = await store.create({ name: 'Sales', sourceKind: 'redshift' });
    await store.update(project.id, 1, { name: 'first' });
    await expect(store.update(project.id, 1, { name: 'second' })).rejects.toMatchObject({
      code: 'PROJECT_CHANGED_ELSEWHERE',
    });
    expect((await store.get(project.id)).name).toBe('first');
  });

  it('lists a damaged file with its reason and keeps the others usable', async () => {
    const directory = newDirectory();
    const store = createProjectStore(directory);
    const good = await store.create({ name: 'Good', sourceKind: 'redshift' });
    const bad = await store.create({ name: 'Bad', sourceKind: 'redshift' });
    await writeFile(join(directory, `${bad.id}.json`), '{"id": 1');
    const listed = await store.list();
    expect(listed.map((entry) => entry.kind).sort()).toEqual(['damaged', 'project']);
    expect((await store.get(good.id)).name).toBe('Good');
  });

  it('does not reach outside its directory, whatever the id', async () => {
    const store = createProjectStore(newDirectory());
    await expect(async () => store.get('../../etc/passwd')).rejects.toMatchObject({ code: 'PROJECT_NOT_FOUND' });
  });

  it('lets changes of the same project follow one another', async () => {
    const directory = newDirectory();
    const store = createProjectStore(directory);
    const project = await store.create({ name: 'Sales', sourceKind: 'redshift' });
    await Promise.all(
      Array.from({ length: 20 }, (_, index) => store.record(project.id, { lastRunId: `run-${index}` })),
    );
    expect((await store.get(project.id)).lastRunId).toBe('run-19');
    expect((await readdir(directory)).filter((name) => name.endsWith('.tmp'))).toEqual([]);
  });
});

describe('the secret store', () => {
  const cipher = {
    encrypt: (text: string) => Buffer.from(text).toString('hex'),
    decrypt: (text: string) => {
      if (text.startsWith('zz')) throw new Error('another keychain');
      return Buffer.from(text, 'hex').toString();
    },
  };

  it('writes encrypted secrets only', async () => {
    const path = join(newDirectory(), 'secrets.json');
    await createSecretStore({ path, cipher }).write('p', { 'source.password': 'hunter2-secret' });
    expect(await readFile(path, 'utf8')).not.toContain('hunter2-secret');
    expect(await createSecretStore({ path, cipher }).read('p')).toEqual({ 'source.password': 'hunter2-secret' });
  });

  it('writes no file at all without a keychain', async () => {
    const directory = newDirectory();
    const store = createSecretStore({ path: join(directory, 'secrets.json'), cipher: null });
    await store.write('p', { 'source.password': 'hunter2-secret' });
    expect(await store.read('p')).toEqual({ 'source.password': 'hunter2-secret' });
    expect(await readdir(directory)).toEqual([]);
    expect(store.storage).toBe('session');
  });

  it('counts a secret that the keychain cannot read as missing', async () => {
    const path = join(newDirectory(), 'secrets.json');
    await writeFile(path, JSON.stringify({ p: { 'source.password': 'zz00' } }));
    expect(await createSecretStore({ path, cipher }).read('p')).toEqual({});
  });

  it('forgets one secret and leaves the others', async () => {
    const store = createSecretStore({ path: '', cipher: null });
    await store.write('p', { 'source.password': 'first-secret', 's3.secretAccessKey': 'second-secret' });
    await store.write('p', { 'source.password': null });
    expect(await store.read('p')).toEqual({ 's3.secretAccessKey': 'second-secret' });
  });
});
