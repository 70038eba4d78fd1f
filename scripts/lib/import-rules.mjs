import { builtinModules } from 'node:module';
import path from 'node:path';
import { rootDir } from './paths.mjs';

/**
 * Who may import what: one row a folder, the first row whose `files` matches a path counts. A row is whole: nothing is inherited.
 *
 * Targets are written as `node` (built-ins), `npm:<name>` (`npm:*` for every package), or a path from the root: a folder (ends with `/`)
 * or a file without its extension. `self` is the folder that matched. `type:` before a path: with `import type` only.
 * `instead` finishes the message: where to go.
 */
export const importRules = [
  {
    files: /^src-shared\/.*\.test\.tsx?$/,
    may: ['src-shared/', 'node', 'npm:vitest', 'npm:zod', 'npm:yaml'],
    instead: 'tests of shared code use shared code only',
  },
  {
    files: /^src-shared\//,
    may: ['src-shared/', 'npm:zod'],
    instead: 'shared code runs in every process: pass what it needs as an argument, or move the file to src-main',
  },
  {
    files: /^src-renderer\/.*\.test\.tsx?$/,
    may: ['src-renderer/', 'src-shared/', 'node', 'npm:*'],
    instead: 'the page reaches main only through the typed calls of #shared/ipc/contract',
  },
  {
    files: /^src-renderer\/ui\//,
    may: [
      'self',
      'src-shared/',
      'npm:react',
      'npm:react-dom',
      'npm:@mantine/*',
      'npm:@tabler/*',
      'npm:@tanstack/react-virtual',
    ],
    instead: 'ui/ holds looks only: take data and callbacks as props, and query in src-renderer/api',
  },
  {
    files: /^(src-renderer\/wizard\/[^/]+\/)/,
    may: ['self', 'src-shared/', ...pagePackages(), 'src-renderer/!src-renderer/wizard/', 'src-renderer/wizard/*'],
    instead: 'steps do not know each other: move what two of them share to src-renderer/ui, api or wizard/',
  },
  {
    files: /^src-renderer\//,
    may: ['src-renderer/', 'src-shared/', ...pagePackages()],
    instead: 'the page has no Node and no main process: use a call of #shared/ipc/contract through src-renderer/api',
  },
  {
    files: /^src-main\/.*\.test\.ts$/,
    may: ['src-main/', 'src-shared/', 'node', 'npm:*', 'src-sandbox/'],
    instead: 'tests of main do not reach into the page',
  },
  {
    files: /^src-main\/preload\.ts$/,
    may: ['src-shared/ipc/channels', 'npm:electron'],
    instead:
      'the preload script stays one small file: names come from #shared/ipc/channels, work belongs to src-main/ipc',
  },
  {
    files: /^src-main\/lib\/testing\//,
    may: ['src-main/lib/', 'node', 'src-shared/', 'npm:vitest'],
    instead: 'lib knows no domain: take it as an argument, or move the function to the folder that needs it',
  },
  {
    files: /^src-main\/lib\//,
    may: ['self', 'node', 'src-shared/'],
    instead: 'lib knows no domain: take it as an argument, or move the function to the folder that needs it',
  },
  {
    files: /^(src-main\/sources\/redshift\/)/,
    may: [...sourceFiles(), 'npm:zod', 'npm:pg', 'npm:pg-protocol', 'npm:@aws-sdk/*', 'npm:@smithy/*'],
    instead: 'a source knows its own folder, ../source.ts, the contract of extract/column-batch.ts, lib and #shared',
  },
  {
    files: /^(src-main\/sources\/sqlserver\/)/,
    may: [...sourceFiles(), 'npm:zod', 'npm:mssql', 'npm:tedious', 'npm:iconv-lite'],
    instead: 'a source knows its own folder, ../source.ts, the contract of extract/column-batch.ts, lib and #shared',
  },
  {
    files: /^src-main\/sources\/[^/]+\.ts$/,
    may: ['src-main/sources/*', 'src-main/lib/', 'src-shared/', 'node', ...contractTypes()],
    instead: 'the contract of sources names no source',
  },
  {
    files: /^(src-main\/targets\/snowflake\/)/,
    may: [
      'self',
      'src-main/targets/*',
      'src-main/lib/',
      'src-shared/',
      'node',
      'npm:snowflake-sdk',
      'npm:smol-toml',
      'npm:zod',
      ...contractTypes(),
    ],
    instead: 'a target knows its own folder, ../target.ts, lib and #shared',
  },
  {
    files: /^src-main\/targets\/[^/]+\.ts$/,
    may: ['src-main/targets/*', 'src-main/lib/', 'src-shared/', 'node', ...contractTypes()],
    instead: 'the contract of targets names no target',
  },
  {
    files: /^(src-main\/staging\/[^/]+\/)/,
    may: [
      'self',
      'src-main/staging/*',
      'src-main/lib/',
      'src-shared/',
      'node',
      'npm:@aws-sdk/*',
      'npm:@smithy/*',
      'npm:zod',
      ...contractTypes(),
    ],
    instead: 'a staging area knows its own folder, ../staging.ts, lib and #shared',
  },
  {
    files: /^src-main\/staging\/[^/]+\.ts$/,
    may: ['src-main/staging/*', 'src-main/lib/', 'src-shared/', 'node', ...contractTypes()],
    instead: 'the contract of staging areas names no vendor',
  },
  {
    files: /^src-main\/extract\//,
    may: ['self', 'src-main/lib/', 'src-shared/', 'node', 'type:src-main/sources/source'],
    instead: 'extract takes its reader by parameter; it knows the types of sources/source.ts only',
  },
  {
    files: /^(src-main\/(?:migration|validation)\/)/,
    may: [
      'self',
      'src-main/extract/',
      'src-main/lib/',
      'src-shared/',
      'node',
      'npm:yaml',
      'npm:zod',
      ...contractTypes(),
    ],
    instead:
      'the engine knows contracts (types of source.ts, target.ts, staging.ts), not SDKs, electron, store or ipc: compose.ts passes them in',
  },
  {
    files: /^src-main\/store\/secret-store\.ts$/,
    may: ['src-main/store/', 'src-main/lib/', 'src-shared/', 'node', 'npm:electron', 'npm:zod'],
    instead: 'the store keeps things; it knows lib and #shared only',
  },
  {
    files: /^src-main\/store\//,
    may: ['self', 'src-main/lib/', 'src-shared/', 'node', 'npm:libsql', 'npm:zod'],
    instead: 'the store keeps things; it knows lib and #shared only (electron is for secret-store.ts)',
  },
  {
    files: /^src-main\/ipc\//,
    may: [
      'self',
      'src-main/migration/',
      'src-main/validation/',
      'src-main/store/',
      'src-main/lib/',
      'src-main/window',
      'src-main/sources/*',
      'type:src-main/compose',
      'type:src-main/practice/practice-process',
      'src-shared/',
      'node',
      'npm:electron',
      'npm:zod',
      ...contractTypes(),
    ],
    instead:
      'a handler is thin: it calls migration, validation or store; SDKs stay behind the contracts and compose.ts wires them',
  },
  {
    files: /^src-main\/(index|window)\.ts$/,
    may: ['src-main/', 'src-shared/', 'node', 'npm:electron'],
    instead: 'the entry starts what compose.ts has wired',
  },
  {
    files: /^src-main\/[^/]+\.ts$/,
    may: ['src-main/', 'src-shared/', 'node', 'npm:yaml', 'npm:zod'],
    instead:
      'this code runs without Electron too (the command line): electron belongs to index.ts, window.ts, preload.ts, ipc/ and store/secret-store.ts, SDKs to their folders',
  },
  {
    files: /^src-sandbox\//,
    may: ['src-sandbox/', 'node', 'npm:*'],
    instead:
      'a stand-in shares no code with the product, or one mistake would hide in both: write it again from the vendor page',
  },
  {
    files: /^bench\//,
    may: ['bench/', 'scripts/', 'node', 'npm:*', 'src-sandbox/', 'src-main/extract/create-extractor'],
    instead: 'a benchmark starts stand-ins and measures the extractor as compose.ts makes it, nothing behind it',
  },
  {
    files: /^(e2e|chaos)\//,
    may: ['self', 'scripts/', 'node', 'npm:*'],
    instead: 'go through commands, the window and connection settings, as a user would',
  },
  {
    files: /^scripts\//,
    may: ['scripts/', 'node', 'npm:*', 'eslint.config'],
    instead: 'scripts run the product, they do not import it',
  },
];

function pagePackages() {
  return ['npm:react', 'npm:react-dom', 'npm:zod', 'npm:@mantine/*', 'npm:@tabler/*', 'npm:@tanstack/*'];
}

function sourceFiles() {
  return [
    'self',
    'src-main/sources/*',
    'src-main/lib/',
    'src-shared/',
    'node',
    'type:src-main/extract/column-batch',
    'src-main/extract/cell-error',
  ];
}

function contractTypes() {
  return ['type:src-main/sources/source', 'type:src-main/targets/target', 'type:src-main/staging/staging'];
}

/** Names that one file alone may import from electron. */
export const electronNames = {
  contextBridge: /^src-main\/preload\.ts$/,
  ipcRenderer: /^src-main\/preload\.ts$/,
  ipcMain: /^src-main\/ipc\//,
  /** index.ts hands it to the store as a cipher, so that the store runs without Electron too. */
  safeStorage: /^src-main\/(index|store\/secret-store)\.ts$/,
};

/**
 * Says what is wrong with an import, or null when nothing is.
 * @param {{ file: string, specifier: string, isTypeOnly: boolean, names?: string[] }} found `file` from the root, with forward slashes
 * @returns {string | null}
 */
export function judgeImport({ file, specifier, isTypeOnly, names = [] }) {
  const row = importRules.find(({ files }) => files.test(file));
  if (!row) return null;
  const target = toTarget(file, specifier);
  const self = selfFolder(row, file);
  if (!row.may.some((pattern) => isAllowed({ pattern, target, self, isTypeOnly }))) {
    return `${describeFolder(self)} may not import ${describeTarget(target)}: ${row.instead}.`;
  }
  if (target !== 'npm:electron' || isTypeOnly) return null;
  const misplaced = names.find((name) => electronNames[name] && !electronNames[name].test(file));
  return misplaced ? `${misplaced} has one home (${electronNames[misplaced].source}): ask that module instead.` : null;
}

function isAllowed({ pattern, target, self, isTypeOnly }) {
  if (pattern.startsWith('type:')) return isTypeOnly && target === pattern.slice(5);
  if (pattern === 'self') return target.startsWith(self);
  if (pattern.includes('!')) {
    const [inside, outside] = pattern.split('!');
    return target.startsWith(inside) && !target.startsWith(outside);
  }
  if (pattern === 'npm:*') return target.startsWith('npm:');
  // Files right in a folder, not those further down; for packages, those of a scope.
  if (pattern.endsWith('/*')) {
    const folder = pattern.slice(0, -1);
    return target.startsWith(folder) && !target.slice(folder.length).includes('/');
  }
  if (pattern.endsWith('/')) return target.startsWith(pattern);
  return target === pattern;
}

/** The folder that a row is about: its first group, or the first two levels of the path. */
function selfFolder(row, file) {
  const group = row.files.exec(file)?.[1];
  if (group) return group.endsWith('/') ? group : `${group}/`;
  const levels = file.split('/');
  return `${levels.slice(0, Math.min(2, levels.length - 1)).join('/')}/`;
}

function toTarget(file, specifier) {
  if (specifier.startsWith('#shared/')) return `src-shared/${specifier.slice('#shared/'.length)}`;
  if (specifier.startsWith('.')) {
    const joined = path.posix.join(path.posix.dirname(file), specifier.replace(/\?.*$/, ''));
    return joined.replace(/\.[cm]?[jt]sx?$/, '');
  }
  if (specifier.startsWith('node:') || builtinModules.includes(specifier)) return 'node';
  const parts = specifier.split('/');
  return `npm:${parts.slice(0, specifier.startsWith('@') ? 2 : 1).join('/')}`;
}

const describeFolder = (folder) => folder.replace(/\/$/, '');
const describeTarget = (target) => (target === 'node' ? "Node's built-in modules" : target.replace(/^npm:/, ''));

/** The ESLint rule around judgeImport. */
export const importBoundaries = {
  meta: { type: 'problem', docs: { description: 'the path names the runtime and the layer' }, schema: [] },
  create(context) {
    const file = path.relative(rootDir, context.filename).split(path.sep).join('/');
    const check = (node, isTypeOnly, names) => {
      if (typeof node?.value !== 'string') return;
      const message = judgeImport({ file, specifier: node.value, isTypeOnly, names });
      if (message) context.report({ node, message });
    };
    return {
      ImportDeclaration(node) {
        const isTypeOnly =
          node.importKind === 'type' ||
          (node.specifiers.length > 0 && node.specifiers.every((one) => one.importKind === 'type'));
        check(node.source, isTypeOnly, node.specifiers.filter((one) => one.importKind !== 'type').map(importedName));
      },
      ExportNamedDeclaration: (node) => check(node.source, node.exportKind === 'type'),
      ExportAllDeclaration: (node) => check(node.source, node.exportKind === 'type'),
      ImportExpression: (node) => check(node.source, false),
      TSImportType: (node) => check(node.source ?? node.argument?.literal, true),
    };
  },
};

function importedName(specifier) {
  return specifier.imported?.name ?? specifier.imported?.value ?? specifier.local.name;
}
