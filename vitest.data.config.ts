import { defineConfig } from 'vitest/config';
import { LongestFirst } from './test/longest-first.ts';
import { COMPILED } from './vitest.config.ts';

/** The checks on real data: they read ../shared in place and are run by .ci/run after the ordinary tests. */
export default defineConfig({
  test: {
    include: ['test/data/**/*.test.ts'],
    pool: 'forks',
    // Vitest's own choice is a core less than there are: one on a machine of two.
    maxWorkers: 2,
    sequence: { sequencer: LongestFirst },
    env: { NODE_COMPILE_CACHE: COMPILED },
    testTimeout: 600_000,
    hookTimeout: 600_000,
  },
});
