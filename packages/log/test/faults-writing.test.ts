import { test } from 'vitest';
import { WRITING } from './faults/classes.ts';
import { ONE, runGroup } from './faults/run-group.ts';

test.skipIf(ONE !== undefined)('no fault around a writer makes it sign two heads, lose what it acknowledged, or stop for good', async () => {
  await runGroup(WRITING);
}, 900_000);
