import { defineConfig } from 'vitest/config';

/** What a test waits for comes in milliseconds, and later on a busy machine. */
const patience = { poll: { timeout: 15_000 } };

/** Unit tests run anywhere at once; sandbox and chaos tests start real servers, so few of them run side by side. */
export default defineConfig({
  test: {
    poolOptions: { forks: { maxForks: 2 } },
    projects: [
      {
        test: {
          name: 'unit',
          expect: patience,
          include: ['src-*/**/*.test.{ts,tsx}', 'scripts/**/*.test.mjs'],
          exclude: ['**/*.sandbox.test.ts', 'node_modules/**'],
          testTimeout: 20_000,
        },
      },
      {
        test: {
          name: 'sandbox',
          expect: patience,
          include: ['src-*/**/*.sandbox.test.ts'],
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
      {
        test: {
          name: 'chaos',
          expect: patience,
          include: ['chaos/**/*.chaos.test.ts'],
          testTimeout: 300_000,
          hookTimeout: 180_000,
        },
      },
    ],
  },
});
