import { expect, test } from 'vitest';
import { GROWTH, ON_DISK } from './faults/classes.ts';
import { STEPS } from './faults/growth.ts';
import { CAN_MOUNT, KILLS_EACH } from './faults/real.ts';
import { ONE, runGroup } from './faults/run-group.ts';

test.skipIf(ONE !== undefined)('after 40 kills and on full disks everything that was acknowledged is there, and the log verifies and goes on', async () => {
  const results = await runGroup(ON_DISK);
  expect((results.find(({ name }) => name === 'killed')?.faults ?? 0) * KILLS_EACH).toBe(40);
}, 900_000);

test.skipIf(CAN_MOUNT)('a really full disk: not supported here, it needs the right to mount one', () => {
  expect(CAN_MOUNT).toBe(false);
});

test.skipIf(ONE !== undefined)('1,000 honest growths raise no alarm', async () => {
  const [result] = await runGroup([GROWTH]);
  expect((result?.caught.get('same head') ?? 0) * STEPS).toBeGreaterThanOrEqual(1000);
}, 900_000);
