import { defineConfig } from 'vitest/config';

/** The checks on real data: they read ../shared in place and are run by .ci/run after the ordinary tests. */
export default defineConfig({
  test: {
    include: ['test/data/**/*.test.ts'],
    pool: 'forks',
    testTimeout: 600_000,
    hookTimeout: 600_000,
  },
});
