import { defineConfig } from 'vitest/config';

/** Two projects: unit tests run anywhere at once; sandbox tests start real servers, so few of them run side by side. */
export default defineConfig({
  test: {
    poolOptions: { forks: { maxForks: 2 } },
    projects: [
      {
        test: {
          name: 'unit',
          include: ['src-*/**/*.test.{ts,tsx}', 'scripts/**/*.test.mjs'],
          exclude: ['**/*.sandbox.test.ts', 'node_modules/**'],
          testTimeout: 20_000,
        },
      },
      {
        test: {
          name: 'sandbox',
          include: ['src-*/**/*.sandbox.test.ts'],
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
});
