import { join } from 'node:path';
import { defineConfig } from 'vitest/config';
import { LongestFirst } from './test/longest-first.ts';

/** Where the processes that tests start keep what they compiled: half the CPU of a short command is reading its TypeScript. */
export const COMPILED = join(import.meta.dirname, 'node_modules', '.compile-cache');

/** Packages whose tests leave nothing behind in their process: one process runs many of their files. */
const SHARING = 'packages/{base,engine,lab,log,protect,publish,tabulate}/test/**/*.test.ts';

export default defineConfig({
  test: {
    pool: 'forks',
    maxWorkers: 2,
    sequence: { sequencer: LongestFirst },
    env: { NODE_COMPILE_CACHE: COMPILED },
    testTimeout: 180_000,
    hookTimeout: 240_000,
    // Those alone go first.
    projects: [
      {
        extends: true,
        test: {
          name: 'alone', include: ['packages/*/test/**/*.test.ts', 'apps/*/test/**/*.test.ts', 'test/**/*.test.ts'],
          exclude: [SHARING, 'test/data/**', '**/node_modules/**'],
        },
      },
      { extends: true, test: { name: 'sharing', include: [SHARING], isolate: false } },
    ],
  },
});
