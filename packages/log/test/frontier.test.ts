/** The right edge of a tree: same roots as the definition, from as many hashes as the size has bits. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Frontier, bitsOf, foldPairs } from '../src/frontier.ts';
import { SHA256_TREE, SHA384_TREE } from '../src/tree-hash.ts';
import type { TreeHash } from '../src/tree-hash.ts';
import { syntheticEntries } from './log-in-memory.ts';
import { naiveRoot } from './naive-merkle.ts';

const SEED = { seed: 20231106 };
const ENTRIES = syntheticEntries(513);

function grown(tree: TreeHash, count: number): Frontier {
  const frontier = new Frontier(tree);
  for (const entry of ENTRIES.slice(0, count)) frontier.addLeaf(tree.leaf(entry));
  return frontier;
}

test.each([SHA256_TREE, SHA384_TREE])('the root of every size from 0 to 300, 511, 512 and 513 is that of RFC 6962 with $name', (tree) => {
  const frontier = new Frontier(tree);
  for (let size = 0; size <= 513; size++) {
    if (size <= 300 || size >= 511) expect(frontier.root(), `size ${size}`).toEqual(Buffer.from(naiveRoot(ENTRIES.slice(0, size), tree.name)));
    expect(frontier.hashes.length).toBe(size.toString(2).replaceAll('0', '').length);
    expect(frontier.size).toBe(BigInt(size));
    const next = ENTRIES[size];
    if (next) frontier.addLeaf(tree.leaf(next));
  }
});

test('a frontier taken up again from its hashes grows to the same root', () => {
  fc.assert(fc.property(fc.nat(400), fc.nat(112), (from, more) => {
    const first = grown(SHA256_TREE, from);
    const again = new Frontier(SHA256_TREE, first.size, first.hashes);
    for (const entry of ENTRIES.slice(from, from + more)) again.addLeaf(SHA256_TREE.leaf(entry));
    expect(again.root()).toEqual(grown(SHA256_TREE, from + more).root());
    expect(again.hashes).toEqual(grown(SHA256_TREE, from + more).hashes);
  }), SEED);
});

test('a copy grows on its own', () => {
  const first = grown(SHA256_TREE, 5);
  const before = first.root();
  const copy = first.copy();
  copy.addLeaf(SHA256_TREE.leaf(new Uint8Array(3)));
  expect(first.root()).toEqual(before);
  expect(copy.size).toBe(6n);
});

test('complete subtrees stand in for their leaves', () => {
  const leaves = ENTRIES.slice(0, 300).map((entry) => SHA256_TREE.leaf(entry));
  const frontier = new Frontier(SHA256_TREE);
  frontier.addSubtree(8, foldPairs(SHA256_TREE, leaves.slice(0, 256)));
  frontier.addSubtree(5, foldPairs(SHA256_TREE, leaves.slice(256, 288)));
  for (const leaf of leaves.slice(288)) frontier.addLeaf(leaf);
  expect(frontier.root()).toEqual(grown(SHA256_TREE, 300).root());
});

test('a subtree that cannot stand at that size is refused', () => {
  expect(() => { grown(SHA256_TREE, 3).addSubtree(1, SHA256_TREE.empty); }).toThrow(RangeError);
  expect(() => { grown(SHA256_TREE, 4).addSubtree(3, SHA256_TREE.empty); }).toThrow(RangeError);
});

test('a frontier with too few, too many or short hashes is refused', () => {
  const { hashes } = grown(SHA256_TREE, 6);
  expect(hashes.length).toBe(2);
  expect(() => new Frontier(SHA256_TREE, 6n, hashes.slice(1))).toThrow(RangeError);
  expect(() => new Frontier(SHA256_TREE, 4n, hashes)).toThrow(RangeError);
  expect(() => new Frontier(SHA256_TREE, 6n, hashes.map((hash) => hash.subarray(1)))).toThrow(RangeError);
  expect(() => new Frontier(SHA256_TREE, -1n)).toThrow(RangeError);
  expect(() => { grown(SHA256_TREE, 2).addLeaf(new Uint8Array(31)); }).toThrow(RangeError);
});

test('bits of a size are the heights of its subtrees, also above 2^53', () => {
  expect(bitsOf(0n)).toEqual([]);
  expect(bitsOf(70_000n)).toEqual([16, 12, 8, 6, 5, 4]);
  expect(bitsOf((1n << 62n) + 1n)).toEqual([62, 0]);
});
