import js from '@eslint/js';
import reactHooks from 'eslint-plugin-react-hooks';
import globals from 'globals';
import tseslint from 'typescript-eslint';
import { importBoundaries } from './scripts/lib/import-rules.mjs';

const typescriptFiles = ['**/*.ts', '**/*.tsx'];

const noDefaultExport = {
  selector: 'ExportDefaultDeclaration',
  message: 'No default exports: export by name, so that a thing has one name everywhere.',
};
const noWindowApi = {
  selector: "MemberExpression[object.name='window'][property.name='api']",
  message: 'window.api is for src-renderer/api/client.ts alone: call a function of src-renderer/api.',
};
const noBarrel = {
  selector: 'ExportAllDeclaration',
  message: 'No barrels: import from the file that defines the name.',
};

export default tseslint.config(
  { ignores: ['node_modules/', 'out/', 'dist/', 'artifacts/'] },
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  js.configs.recommended,
  {
    plugins: { snowferry: { rules: { 'import-boundaries': importBoundaries } } },
    rules: {
      'snowferry/import-boundaries': 'error',
      'no-restricted-syntax': ['error', noDefaultExport, noBarrel],
      'no-console': 'error',
      eqeqeq: 'error',
      'no-var': 'error',
      'prefer-const': 'error',
      'object-shorthand': 'error',
      // Redacting and quoting are about control characters.
      'no-control-regex': 'off',
    },
  },
  { files: ['**/*.js', '**/*.mjs', '**/*.cjs'], languageOptions: { globals: globals.node } },
  {
    files: typescriptFiles,
    extends: [tseslint.configs.recommendedTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      // The compiler reports names that do not exist and locals that nobody uses, with more knowledge.
      'no-undef': 'off',
      '@typescript-eslint/no-unused-vars': 'off',
      '@typescript-eslint/require-await': 'off',
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
      '@typescript-eslint/no-import-type-side-effects': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': ['error', { checksVoidReturn: { attributes: false } }],
      '@typescript-eslint/return-await': ['error', 'in-try-catch'],
      '@typescript-eslint/no-non-null-assertion': 'off',
      // Interfaces here are records of functions; none of them uses `this`.
      '@typescript-eslint/unbound-method': 'off',
      '@typescript-eslint/restrict-template-expressions': [
        'error',
        { allowNumber: true, allowBoolean: true, allowNullish: false },
      ],
    },
  },
  {
    files: ['src-renderer/**/*.{ts,tsx}'],
    ignores: ['src-renderer/api/client.ts', '**/*.test.{ts,tsx}'],
    plugins: { 'react-hooks': reactHooks },
    rules: {
      ...reactHooks.configs.recommended.rules,
      // About a compiler that is not used here.
      'react-hooks/incompatible-library': 'off',
      'no-restricted-syntax': ['error', noDefaultExport, noBarrel, noWindowApi],
    },
  },
  // Matchers such as expect.any are typed `any`.
  { files: ['**/*.test.{ts,tsx}'], rules: { '@typescript-eslint/no-unsafe-assignment': 'off' } },
  // Parsers and wire formats index into what they have just measured.
  { files: ['src-sandbox/**/*.ts'], rules: { '@typescript-eslint/restrict-template-expressions': 'off' } },
  // Their output is what they are for, and it goes through process.stdout and process.stderr where its place matters.
  {
    files: ['src-main/lib/log.ts', 'scripts/**', 'src-sandbox/**', 'bench/**', 'chaos/**'],
    rules: { 'no-console': 'off' },
  },
  {
    files: ['*.config.{js,ts}', 'vitest.config.ts', 'electron.vite.config.ts', 'e2e/global-*.ts'],
    rules: { 'no-restricted-syntax': 'off' },
  },
);
