import { readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { build } from 'vite';
import { fromRoot } from './root.ts';

const directory = fromRoot('artifacts/bench');

/** Bundles the programs of children/ to plain JavaScript, as the app is: a loader of TypeScript would run in each of their threads, and be measured. */
export async function buildChildren(): Promise<void> {
  const folder = fromRoot('bench/children');
  const input = Object.fromEntries(readdirSync(folder).map((file) => [basename(file, '.ts'), join(folder, file)]));
  await build({
    configFile: false,
    logLevel: 'warn',
    build: { ssr: true, outDir: directory, emptyOutDir: true, target: 'node20.18', rolldownOptions: { input } },
  });
}

export function builtChild(name: string): string {
  return join(directory, `${name}.js`);
}
