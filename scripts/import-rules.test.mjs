import { ESLint } from 'eslint';
import tseslint from 'typescript-eslint';
import { beforeAll, describe, expect, it } from 'vitest';
import { findCycles } from './lib/find-cycles.mjs';
import { rootDir } from './lib/paths.mjs';

/** The project's own configuration; only the rules that need types are off, because these files exist in the tests alone. */
let eslint;

beforeAll(() => {
  eslint = new ESLint({
    cwd: rootDir,
    overrideConfig: [
      { files: ['**/*.ts', '**/*.tsx'], ...tseslint.configs.disableTypeChecked },
      { files: ['**/*.ts', '**/*.tsx'], languageOptions: { parserOptions: { projectService: false } } },
      { linterOptions: { reportUnusedDisableDirectives: 'off' } },
    ],
  });
});

async function lint(filePath, code) {
  const [result] = await eslint.lintText(code, { filePath });
  return result.messages.map(({ ruleId, message }) => `${ruleId}: ${message}`);
}

const boundary = 'snowferry/import-boundaries';
const syntax = 'no-restricted-syntax';

const refused = [
  ['src-shared/model/x.ts', "import { readFile } from 'node:fs/promises';", boundary],
  ['src-shared/model/x.ts', "import { open } from '../../src-main/store/journal.ts';", boundary],
  ['src-shared/model/x.ts', "import type { Pool } from 'pg';", boundary],
  ['src-renderer/run/x.tsx', "import { readFileSync } from 'node:fs';", boundary],
  ['src-renderer/run/x.tsx', "import { openJournal } from '../../src-main/store/journal.ts';", boundary],
  ['src-renderer/run/x.tsx', "import { ipcRenderer } from 'electron';", boundary],
  ['src-renderer/run/x.tsx', "export const call = () => window.api.invoke('x');", syntax],
  ['src-renderer/ui/x.tsx', "import { useQuery } from '@tanstack/react-query';", boundary],
  ['src-renderer/ui/x.tsx', "import { useRun } from '../api/run.ts';", boundary],
  ['src-renderer/wizard/source/x.tsx', "import { Picker } from '../tables/picker.tsx';", boundary],
  ['src-main/preload.ts', "import { z } from 'zod';", boundary],
  ['src-main/preload.ts', "import { readFileSync } from 'node:fs';", boundary],
  ['src-main/lib/x.ts', "import { plan } from '../migration/build-plan.ts';", boundary],
  ['src-main/lib/x.ts', "import { Client } from 'pg';", boundary],
  ['src-main/lib/x.ts', "import { afterAll } from 'vitest';", boundary],
  ['src-main/sources/redshift/x.ts', "import { read } from '../sqlserver/read.ts';", boundary],
  ['src-main/sources/redshift/x.ts', "import { connect } from 'mssql';", boundary],
  ['src-main/sources/redshift/x.ts', "const x = await import('snowflake-sdk'); use(x);", boundary],
  ['src-main/sources/sqlserver/x.ts', "import { Client } from 'pg';", boundary],
  ['src-main/targets/snowflake/x.ts', "import { unload } from '../../sources/redshift/unload.ts';", boundary],
  ['src-main/staging/s3/x.ts', "import { list } from '../internal-stage/list.ts';", boundary],
  ['src-main/extract/x.ts', "import { Client } from 'pg';", boundary],
  ['src-main/extract/x.ts', "import { openSource } from '../sources/source.ts';", boundary],
  ['src-main/migration/x.ts', "import { createConnection } from 'snowflake-sdk';", boundary],
  ['src-main/migration/x.ts', "import { app } from 'electron';", boundary],
  ['src-main/migration/x.ts', "import { openJournal } from '../store/journal.ts';", boundary],
  ['src-main/migration/x.ts', "export type J = import('../store/journal.ts').Journal;", boundary],
  ['src-main/migration/x.ts', "import { quote } from '../targets/target.ts';", boundary],
  ['src-main/validation/x.ts', "import { run } from '../ipc/run.ts';", boundary],
  ['src-main/store/x.ts', "import { safeStorage } from 'electron';", boundary],
  ['src-main/store/secret-store.ts', "import { ipcMain } from 'electron';", boundary],
  ['src-main/ipc/x.ts', "import { Client } from 'pg';", boundary],
  ['src-main/ipc/x.ts', "import { safeStorage } from 'electron';", boundary],
  ['src-main/window.ts', "import { ipcRenderer } from 'electron';", boundary],
  ['src-main/cli.ts', "import { app } from 'electron';", boundary],
  ['src-main/compose.ts', "import { startAll } from '../src-sandbox/start-all.ts';", boundary],
  ['src-sandbox/s3/x.ts', "import { quote } from '../../src-main/sources/redshift/quoting.ts';", boundary],
  ['src-sandbox/s3/x.ts', "import { AppError } from '#shared/errors/app-error';", boundary],
  ['e2e/stories/x.e2e.ts', "import { AppError } from '../../src-shared/errors/app-error.ts';", boundary],
  ['bench/x.ts', "import { plan } from '../src-main/migration/build-plan.ts';", boundary],
  ['scripts/x.mjs', "import { plan } from '../src-main/migration/build-plan.ts'; plan();", boundary],
  ['src-main/migration/x.ts', 'export default function run() {}', syntax],
  ['src-renderer/run/x.tsx', 'export default function Run() { return null; }', syntax],
  ['src-main/migration/x.ts', "export * from './run-migration.ts';", syntax],
  ['src-main/migration/x.ts', "console.log('hello');", 'no-console'],
  ['src-renderer/run/x.tsx', "console.log('hello');", 'no-console'],
];

const accepted = [
  ['src-shared/model/x.ts', "import { z } from 'zod'; import { a } from './run.ts'; use(z, a);"],
  ['src-renderer/api/client.ts', "export const call = () => window.api.invoke('x');"],
  [
    'src-renderer/wizard/source/x.tsx',
    "import { Field } from '../../ui/field.tsx'; import { Part } from './part.tsx';",
  ],
  ['src-main/preload.ts', "import { contextBridge, ipcRenderer } from 'electron'; use(contextBridge, ipcRenderer);"],
  ['src-main/sources/redshift/x.ts', "import { Client } from 'pg'; import { sleep } from '../../lib/abort.ts';"],
  ['src-main/sources/redshift/x.ts', "import type { Source } from '../source.ts'; export type S = Source;"],
  ['src-main/migration/x.ts', "import type { Target } from '../targets/target.ts'; export type T = Target;"],
  ['src-main/store/secret-store.ts', "import { safeStorage } from 'electron'; use(safeStorage);"],
  ['src-main/ipc/x.ts', "import { ipcMain } from 'electron'; use(ipcMain);"],
  ['src-main/compose.ts', "import { openSource } from './sources/redshift/connect.ts'; use(openSource);"],
  ['src-main/lib/testing/x.ts', "import { afterAll } from 'vitest';"],
  ['src-main/lib/log.ts', "console.log('hello');"],
  ['src-sandbox/main.ts', "import { Client } from 'pg'; console.log(Client);"],
];

describe('the import rules', () => {
  it.each(refused)('refuse, in %s, %s', async (filePath, code, ruleId) => {
    const messages = await lint(filePath, code);
    expect(messages.filter((message) => message.startsWith(`${ruleId}:`))).toHaveLength(1);
  });

  it.each(accepted)('accept, in %s, %s', async (filePath, code) => {
    const messages = await lint(filePath, code);
    expect(messages.filter((message) => /^(snowferry|no-restricted|no-console)/.test(message))).toEqual([]);
  });

  it('say where to go instead', async () => {
    const [message] = await lint('src-main/migration/x.ts', "import { Client } from 'pg'; use(Client);");
    expect(message).toMatch(/src-main\/migration may not import pg: .*compose\.ts passes them in/);
  });
});

describe('findCycles', () => {
  it('finds a cycle through shared code and names every file on it', () => {
    const files = new Map([
      ['src-shared/a.ts', "import { b } from './b.ts';"],
      ['src-shared/b.ts', "export { c } from '#shared/c';"],
      ['src-shared/c.ts', "import {\n  a,\n} from './a.ts';"],
    ]);
    expect(findCycles(files)).toEqual([['src-shared/a.ts', 'src-shared/b.ts', 'src-shared/c.ts', 'src-shared/a.ts']]);
  });

  it('leaves cycles of types alone', () => {
    const files = new Map([
      ['src-shared/a.ts', "import type { B } from './b.ts';\nimport { type C } from './b.ts';"],
      ['src-shared/b.ts', "import { a } from './a.ts';"],
    ]);
    expect(findCycles(files)).toEqual([]);
  });
});
