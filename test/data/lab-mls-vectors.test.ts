/**
 * No vector of the MLS working group is left out, and where the library departs from RFC 9420 beside the vectors it is named.
 * The vectors themselves run in lab-mls-primitives, lab-mls-passive and lab-mls-treekem.
 */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { determineLength } from '../../packages/lab/src/mls/internals.ts';
import { GROUPS, describeVectors } from './lab-mls/checks.ts';
import { refusedWholeTrees } from './lab-mls/tree.ts';
import { hex, readVectors, vectorFiles } from './lab-mls/vectors.ts';

const CHECKS = Object.values(GROUPS).flat();

describeVectors('MLS vectors, coverage', () => {
  test('each of the 16 files has one check, and each group of checks a test file', () => {
    expect(CHECKS.map(({ file }) => file).sort()).toEqual(vectorFiles());
    expect(CHECKS).toHaveLength(16);
    const missing = Object.keys(GROUPS).filter((group) => !existsSync(fileURLToPath(new URL(`lab-mls-${group}.test.ts`, import.meta.url))));
    expect(missing).toEqual([]);
  });

  test('the checks claim all 785 vectors that the files hold, of all seven suites', () => {
    expect(CHECKS.map(({ file, vectors }) => [file, vectors])).toEqual(CHECKS.map(({ file }) => [file, readVectors(file).length]));
    expect(CHECKS.reduce((sum, { vectors }) => sum + vectors, 0)).toBe(785);
    const suites = new Set(CHECKS.flatMap(({ file }) => (readVectors(file) as readonly { cipher_suite?: number }[]).map((v) => v.cipher_suite)));
    suites.delete(undefined);
    expect([...suites].sort()).toEqual([1, 2, 3, 4, 5, 6, 7]);
  });
});

describeVectors('MLS library, beside the vectors', () => {
  test('cannot: validation of a whole tree refuses a valid tree where unmerged leaves of nodes on one path differ (1 of the 14 trees of suite 1)', async () => {
    expect(await refusedWholeTrees(1)).toEqual(['12: non-blank intermediate node must list leaf node in its unmerged_leaves']);
  });

  test('cannot: a length header longer than needed is read, which a decoder must refuse (RFC 9420 §2.1.2)', () => {
    expect(determineLength(hex('4001'))).toEqual({ length: 1, lengthFieldSize: 2 });
    expect(determineLength(hex('80000001'))).toEqual({ length: 1, lengthFieldSize: 4 });
    expect(() => determineLength(hex('c000000000000001'))).toThrow();
  });
});
