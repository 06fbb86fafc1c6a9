/**
 * All classes of faults, in the groups that are run side by side, and how many there must be.
 * @module
 */
import { CRASHES } from './crashes.ts';
import { growOne } from './growth.ts';
import { SAME } from './harness.ts';
import type { FaultClass } from './harness.ts';
import { INSIDER } from './insider.ts';
import { KEYS_AND_QUORUM } from './keys-and-quorum.ts';
import { PARSING } from './parsing.ts';
import { PROOFS } from './proofs-faults.ts';
import { REAL } from './real.ts';
import { STORAGE } from './storage.ts';
import { STORAGE_PARTS } from './storage-parts.ts';
import { WRITERS } from './writers.ts';

/** Faults in what is read. */
export const READING: readonly FaultClass[] = [...STORAGE, ...INSIDER, ...KEYS_AND_QUORUM, ...PROOFS, ...PARSING];
/** Faults around a writer. */
export const WRITING: readonly FaultClass[] = [...STORAGE_PARTS, ...CRASHES, ...WRITERS];
/** Faults on real disks, which mostly wait. */
export const ON_DISK: readonly FaultClass[] = REAL;
/** No fault: each seed is one log that grows {@link STEPS} times. */
export const GROWTH: FaultClass = { name: 'honest-growth', seeds: 130, run: async (_, rng) => { await growOne(rng); return SAME; } };
export const ALL: readonly FaultClass[] = [...READING, ...WRITING, ...ON_DISK, GROWTH];

/** Every seed is a fault; the groups assert that they ran all of theirs. */
export async function faultsIn(classes: readonly FaultClass[]): Promise<number> {
  let faults = 0;
  for (const { seeds } of classes) faults += typeof seeds === 'number' ? seeds : await seeds();
  return faults;
}
