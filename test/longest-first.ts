/**
 * The order in which test files are run: those that take longest first, so that two workers end together.
 * Vitest itself goes by the times of the last run, which a fresh clone does not have, and otherwise by the size of a file.
 * @module
 */
import { BaseSequencer } from 'vitest/node';
import type { TestSpecification } from 'vitest/node';

/** Long ones that are small files, from 80 to 20 seconds of CPU. */
const LONGEST: readonly string[] = [
  'test/data/nz-police-release', 'test/data/sdc-suppression', 'test/data/nz-police-proceedings', 'test/data/nz-release',
  'packages/intake/test/kill', 'packages/log/test/faults-real', 'packages/log/test/faults', 'packages/log/test/faults-writing',
  'apps/cli/test/commands', 'apps/cli/test/log', 'apps/cli/test/release-series', 'packages/lab/test/attackers', 'packages/lab/test/attackers-safety',
].map((path) => `/${path}.test.ts`);

/** The files of `LONGEST`, then the others in Vitest's own order. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const first = LONGEST.flatMap((end) => sorted.filter(({ moduleId }) => moduleId.endsWith(end)));
    return [...new Set([...first, ...sorted])];
  }
}
