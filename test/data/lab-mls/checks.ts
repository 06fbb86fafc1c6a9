/**
 * The checks of all sixteen files of MLS vectors, in groups that run in processes of their own, and the tests that each of them makes.
 * @module
 */
import { describe, expect, test } from 'vitest';
import { cryptoBasics, deserialization, keySchedule, pskSecret, secretTree, transcriptHashes, welcome } from './crypto.ts';
import { messageProtection, messages, passiveClientHandlingCommit, passiveClientRandom, passiveClientWelcome } from './messages.ts';
import { treeKem, treeMath, treeOperations, treeValidation } from './tree.ts';
import { ALL_SUITES, Tally, damagedCopies, readVectors, vectorFiles } from './vectors.ts';
import type { VectorCheck } from './vectors.ts';

/** Group → checks. The tests of a group stand in `test/data/lab-mls-<group>.test.ts`. */
export const GROUPS = {
  primitives: [
    cryptoBasics, deserialization, keySchedule, messageProtection, messages, pskSecret, secretTree, transcriptHashes, treeMath, treeOperations, treeValidation, welcome,
  ],
  passive: [passiveClientWelcome, passiveClientHandlingCommit, passiveClientRandom],
  treekem: [treeKem],
} satisfies Readonly<Record<string, readonly VectorCheck[]>>;

/** Tests of one group, skipped and said so on standard error when the vectors are not there. */
export function describeVectors(title: string, body: () => void): void {
  const present = vectorFiles().length > 0;
  if (!present) process.stderr.write(`NOT CHECKED: ${title}: the vectors are not there (expected in ../shared/vectors/mls)\n`);
  (present ? describe : describe.skip)(title, body);
}

/** For every file of the group: all vectors hold; a damaged one does not. */
export function testGroup(group: keyof typeof GROUPS): void {
  describeVectors(`MLS vectors, ${group}`, () => {
    for (const check of GROUPS[group]) {
      for (const part of parts(check)) {
        test(`${part.name}: ${part.vectors} vectors, ${part.comparisons} comparisons: ${check.claim}`, async () => {
          const tally = new Tally();
          const ran = await check.runAll(tally, part.select(readVectors(check.file)));
          expect([ran, tally.count]).toEqual([part.vectors, part.comparisons]);
        });
      }
      test(`${check.file}: a vector damaged in one place is refused${exceptions(check)}`, async () => {
        expect(await unseenDamage(check)).toEqual(Object.keys(check.blind ?? {}));
      });
    }
  });
}

interface Part {
  readonly name: string;
  readonly vectors: number;
  readonly comparisons: number;
  readonly select: (vectors: readonly unknown[]) => readonly unknown[];
}

function parts({ file, vectors, comparisons, bySuite }: VectorCheck): readonly Part[] {
  if (bySuite !== true) return [{ name: file, vectors, comparisons, select: (all) => all }];
  return ALL_SUITES.map((suite) => ({
    name: `${file}, suite ${suite}`, vectors: vectors / ALL_SUITES.length, comparisons: comparisons / ALL_SUITES.length,
    select: (all) => (all as readonly { readonly cipher_suite: number }[]).filter((vector) => vector.cipher_suite === suite),
  }));
}

/** Places of a vector where damage went unseen, sorted. @throws when there was nothing to damage */
async function unseenDamage(check: VectorCheck): Promise<string[]> {
  const copies = check.damaged(readVectors(check.file)).flatMap((vector) => damagedCopies(vector, check.damage));
  if (copies.length === 0) throw new Error(`${check.file}: nothing was damaged`);
  const unseen = new Set<string>();
  for (const { place, vector } of copies) {
    if (await holds(check, vector)) unseen.add(place);
  }
  return [...unseen].sort();
}

async function holds(check: VectorCheck, vector: unknown): Promise<boolean> {
  try {
    await check.runAll(new Tally(), [vector]);
    return true;
  } catch {
    return false;
  }
}

function exceptions(check: VectorCheck): string {
  const reasons = Object.entries(check.blind ?? {}).map(([place, why]) => `${place}: ${why}`);
  return reasons.length === 0 ? '' : ` (not all of ${reasons.join('; ')})`;
}
