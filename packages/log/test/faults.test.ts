import { expect, test } from 'vitest';
import { ALL, GROWTH, ON_DISK, READING, WRITING, faultsIn } from './faults/classes.ts';
import { replay } from './faults/harness.ts';
import { STEPS } from './faults/growth.ts';
import { ONE, runGroup } from './faults/run-group.ts';

test.runIf(ONE !== undefined)(`the one fault ${ONE ?? ''} is caught`, async () => {
  process.stdout.write(`${ONE ?? ''} ${await replay(ALL, ONE ?? '')}\n`);
}, 120_000);

test.skipIf(ONE !== undefined)('there are at least 10,000 faults in at least 25 classes, each with its own name, and 1,000 honest growths', async () => {
  const faults = [...READING, ...WRITING, ...ON_DISK];
  expect(new Set(ALL.map(({ name }) => name)).size).toBe(ALL.length);
  expect(faults.length).toBeGreaterThanOrEqual(25);
  expect(await faultsIn(faults)).toBeGreaterThanOrEqual(10_000);
  expect((await faultsIn([GROWTH])) * STEPS).toBeGreaterThanOrEqual(1000);
});

test.skipIf(ONE !== undefined)('no fault in what is read is accepted', async () => {
  await runGroup(READING);
}, 900_000);
