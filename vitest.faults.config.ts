import { defineConfig } from 'vitest/config';

// Long tests and tests that break things on purpose: `npm run test:faults`. One file at a time, since they measure.
export default defineConfig({
  test: {
    include: ['test/faults/**/*.test.ts'],
    testTimeout: 120_000,
    hookTimeout: 300_000,
    fileParallelism: false,
  },
});
