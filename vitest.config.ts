import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['test/faults/**'],
    testTimeout: 30_000,
    hookTimeout: 60_000,
    // Two cores and a real Chromium: more files at once only starve each other.
    maxWorkers: 2,
  },
});
