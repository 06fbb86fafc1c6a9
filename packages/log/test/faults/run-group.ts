/**
 * Runs a group of classes as one test: prints seeds and table, fails with the seeds that escaped.
 * @module
 */
import { expect } from 'vitest';
import { faultsIn } from './classes.ts';
import { runClasses, tableOf } from './harness.ts';
import type { ClassResult, FaultClass } from './harness.ts';

/** `<class>:<seed>`: run this one fault and nothing else. */
export const ONE = process.env['WEIGHBRIDGE_FAULT'];

export async function runGroup(classes: readonly FaultClass[]): Promise<ClassResult[]> {
  const results = await runClasses(classes);
  process.stdout.write(`${tableOf(results)}\n`);
  const escapes = results.flatMap((result) => result.escapes);
  const replayed = escapes.slice(0, 50).map((escape) => `${escape}\n  WEIGHBRIDGE_FAULT=${escape.split(' ')[0] ?? ''} npx vitest run packages/log/test/faults.test.ts`);
  expect(replayed, `${escapes.length} escapes`).toEqual([]);
  expect(results.reduce((sum, { caught }) => sum + [...caught.values()].reduce((a, b) => a + b, 0), 0)).toBe(await faultsIn(classes));
  return results;
}
