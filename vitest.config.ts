import { defineConfig } from 'vitest/config';

/** These say how long a page may take: Chromium yields to whatever else this machine does, and would yield to other tests. */
const timed = ['test/e2e/readiness.test.ts'];

export default defineConfig({
  test: {
    testTimeout: 30_000,
    hookTimeout: 60_000,
    // Two cores and a real Chromium: more files at once only starve each other.
    maxWorkers: 2,
    projects: [
      {
        extends: true,
        test: {
          name: 'tests',
          include: ['test/**/*.test.ts'],
          exclude: ['test/faults/**', ...timed],
          sequence: { groupOrder: 0 },
        },
      },
      { extends: true, test: { name: 'timed', include: timed, sequence: { groupOrder: 1 } } },
    ],
  },
});
