/** Proofs: the same hashes as RFC 6962 writes down, accepted for what they prove and refused for anything else. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { equalBytes } from '../src/bytes.ts';
import { consistencyProof, inclusionProof, rootFromInclusion, rootsFromConsistency, verifyConsistency, verifyInclusion } from '../src/proofs.ts';
import type { ConsistencyClaim, InclusionClaim, SubtreeReader } from '../src/proofs.ts';
import { SHA256_TREE, SHA384_TREE } from '../src/tree-hash.ts';
import { naiveLeaf, syntheticEntries } from './log-in-memory.ts';
import { naiveConsistency, naivePath, naiveRoot } from './naive-merkle.ts';

const SEED = { seed: 20231106 };
const ENTRIES = syntheticEntries(513);
const ROOTS = Array.from({ length: 514 }, (_, size) => naiveRoot(ENTRIES.slice(0, size)));
const LEAVES = ENTRIES.map((entry) => naiveLeaf(entry));

/** Reads complete subtrees from the entries by the definition; remembers each. */
const subtrees = new Map<string, Uint8Array>();
const read: SubtreeReader = (level, index) => {
  const key = `${level}/${index.toString()}`;
  const from = Number(index) * 2 ** level;
  const root = subtrees.get(key) ?? naiveRoot(ENTRIES, 'sha256', from, from + 2 ** level);
  subtrees.set(key, root);
  return Promise.resolve(root);
};

function leafAt(index: number): Uint8Array {
  return LEAVES[index] ?? new Uint8Array();
}

function rootAt(size: number): Uint8Array {
  return ROOTS[size] ?? new Uint8Array();
}

async function inclusion(index: number, size: number): Promise<InclusionClaim> {
  return { index: BigInt(index), size: BigInt(size), root: rootAt(size), leafHash: leafAt(index), proof: await inclusionProof(BigInt(index), BigInt(size), read) };
}

async function consistency(size1: number, size2: number): Promise<ConsistencyClaim> {
  return { size1: BigInt(size1), root1: rootAt(size1), size2: BigInt(size2), root2: rootAt(size2), proof: await consistencyProof(BigInt(size1), BigInt(size2), read) };
}

/** Hashes as one text: much faster to compare than arrays of arrays. */
function text(hashes: readonly Uint8Array[]): string {
  return hashes.map((hash) => Buffer.from(hash).toString('hex')).join(' ');
}

describe('every size from 0 to 300', () => {
  test('every index: the proof of inclusion is accepted, and is the path of RFC 6962 up to size 70 and at 255 to 257 and 300', async () => {
    for (let size = 1; size <= 300; size++) {
      for (let index = 0; index < size; index++) {
        const claim = await inclusion(index, size);
        if (!verifyInclusion(SHA256_TREE, claim)) expect.unreachable(`index ${index} of ${size}`);
        if (size <= 70 || (index % 7 === 0 && [255, 256, 257, 300].includes(size))) expect(text(claim.proof), `index ${index} of ${size}`).toBe(text(naivePath(index, ENTRIES.slice(0, size))));
      }
    }
  });

  test('every pair: the proof of consistency is accepted, and is the proof of RFC 6962 up to size 70', async () => {
    for (let size2 = 0; size2 <= 300; size2++) {
      for (let size1 = 0; size1 <= size2; size1++) {
        const claim = await consistency(size1, size2);
        if (!verifyConsistency(SHA256_TREE, claim)) expect.unreachable(`${size1} to ${size2}`);
        if (size1 > 0 && size2 <= 70) expect(text(claim.proof), `${size1} to ${size2}`).toBe(text(naiveConsistency(size1, ENTRIES.slice(0, size2))));
      }
    }
  });

  test('no root of another size passes for that of the size proved', async () => {
    for (let size = 2; size <= 300; size += 7) {
      const claim = await inclusion(size - 1, size);
      const accepted = ROOTS.slice(0, 301).filter((root) => verifyInclusion(SHA256_TREE, { ...claim, root }));
      expect(text(accepted)).toBe(text([claim.root]));
    }
  });
});

test.each([511, 512, 513])('size %i: inclusion of every index and consistency from every size', async (size) => {
  for (let i = 0; i < size; i++) {
    if (!verifyInclusion(SHA256_TREE, await inclusion(i, size))) expect.unreachable(`index ${i} of ${size}`);
    if (!verifyConsistency(SHA256_TREE, await consistency(i, size))) expect.unreachable(`${i} to ${size}`);
  }
});

/** Ways to spoil a proof. Each gives another list of hashes. */
function spoiled(proof: readonly Uint8Array[], at: number, bit: number): (readonly [string, readonly Uint8Array[]])[] {
  const i = proof.length === 0 ? 0 : at % proof.length;
  const here = proof[i] ?? new Uint8Array(32);
  const flipped = Uint8Array.from(here, (byte, b) => (b === bit >> 3 ? byte ^ (1 << (bit & 7)) : byte));
  const added = [...proof.slice(0, i), here, ...proof.slice(i)];
  return [
    ['a hash dropped', proof.filter((_, k) => k !== i)],
    ['a hash twice', added],
    ['a hash added before', [flipped, ...proof]],
    ['a hash added after', [...proof, flipped]],
    ['an empty hash added', [...proof, new Uint8Array()]],
    ['reversed', [...proof].reverse()],
    ['rotated', [...proof.slice(1), ...proof.slice(0, 1)]],
    ['a bit flipped', proof.map((hash, k) => (k === i ? flipped : hash))],
    ['a hash one byte short', proof.map((hash, k) => (k === i ? hash.subarray(1) : hash))],
    ['a hash one byte long', proof.map((hash, k) => (k === i ? Uint8Array.of(...hash, 0) : hash))],
    ['emptied', []],
  ];
}

const PLACE = fc.record({ size: fc.integer({ min: 1, max: 513 }), at: fc.nat(1_000_000), bit: fc.nat(255), other: fc.nat(600) });

test('a spoiled proof of inclusion is refused unless it is the same proof', async () => {
  let refused = 0;
  await fc.assert(fc.asyncProperty(PLACE, async ({ size, at, bit }) => {
    const claim = await inclusion(at % size, size);
    expect(verifyInclusion(SHA256_TREE, claim)).toBe(true);
    for (const [how, proof] of spoiled(claim.proof, at, bit)) {
      if (text(proof) === text(claim.proof)) continue;
      expect(verifyInclusion(SHA256_TREE, { ...claim, proof }), how).toBe(false);
      refused++;
    }
  }), { ...SEED, numRuns: 500 });
  expect(refused).toBeGreaterThan(4000);
});

test('a spoiled proof of consistency is refused unless it is the same proof', async () => {
  let refused = 0;
  await fc.assert(fc.asyncProperty(PLACE, async ({ size, at, bit }) => {
    const claim = await consistency(at % (size + 1), size);
    expect(verifyConsistency(SHA256_TREE, claim)).toBe(true);
    for (const [how, proof] of spoiled(claim.proof, at, bit)) {
      if (text(proof) === text(claim.proof)) continue;
      expect(verifyConsistency(SHA256_TREE, { ...claim, proof }), how).toBe(false);
      refused++;
    }
  }), { ...SEED, numRuns: 500 });
  expect(refused).toBeGreaterThan(4000);
});

test('a proof of inclusion is refused for another leaf, another root and another index', async () => {
  await fc.assert(fc.asyncProperty(PLACE, async ({ size, at, bit, other }) => {
    const claim = await inclusion(at % size, size);
    const flip = (hash: Uint8Array): Uint8Array => Uint8Array.from(hash, (byte, b) => (b === bit >> 3 ? byte ^ (1 << (bit & 7)) : byte));
    expect(verifyInclusion(SHA256_TREE, { ...claim, leafHash: flip(claim.leafHash) })).toBe(false);
    expect(verifyInclusion(SHA256_TREE, { ...claim, root: flip(claim.root) })).toBe(false);
    expect(verifyInclusion(SHA256_TREE, { ...claim, leafHash: claim.leafHash.subarray(1) })).toBe(false);
    expect(verifyInclusion(SHA256_TREE, { ...claim, root: claim.root.subarray(1) })).toBe(false);
    if (other !== at % size) expect(verifyInclusion(SHA256_TREE, { ...claim, index: BigInt(other) })).toBe(false);
  }), { ...SEED, numRuns: 500 });
});

test('a proof of inclusion for another size passes only where it leads to the same root by the same path', async () => {
  // The root does not fix the size: a path that goes left at the same heights is the same computation. What signs the root signs the size.
  for (let size = 1; size <= 20; size++) {
    for (let index = 0; index < size; index++) {
      const claim = await inclusion(index, size);
      for (let other = index + 1; other <= 33; other++) {
        if (other === size || !verifyInclusion(SHA256_TREE, { ...claim, size: BigInt(other) })) continue;
        expect(claim.proof.length, `index ${index} of ${size} as of ${other}`).toBe(naivePath(index, ENTRIES.slice(0, other)).length);
        expect(text(claim.proof)).not.toBe(text(naivePath(index, ENTRIES.slice(0, other))));
      }
    }
  }
});

test('a proof of consistency is refused for another root, and the two sizes changed about', async () => {
  await fc.assert(fc.asyncProperty(PLACE, async ({ size, at, bit }) => {
    const claim = await consistency(1 + (at % size), size);
    const flip = (hash: Uint8Array): Uint8Array => Uint8Array.from(hash, (byte, b) => (b === bit >> 3 ? byte ^ (1 << (bit & 7)) : byte));
    expect(verifyConsistency(SHA256_TREE, { ...claim, root1: flip(claim.root1) })).toBe(false);
    expect(verifyConsistency(SHA256_TREE, { ...claim, root2: flip(claim.root2) })).toBe(false);
    expect(verifyConsistency(SHA256_TREE, { ...claim, root1: flip(claim.root1), root2: flip(claim.root2) })).toBe(claim.size1 === claim.size2);
    if (claim.size1 !== claim.size2) expect(verifyConsistency(SHA256_TREE, { ...claim, size1: claim.size2, root1: claim.root2, size2: claim.size1, root2: claim.root1 })).toBe(false);
    expect(verifyConsistency(SHA256_TREE, { ...claim, size1: -claim.size1 })).toBe(false);
  }), { ...SEED, numRuns: 500 });
});

test('a tree with one entry changed has no proof of consistency with the tree before, from any proof of either', () => {
  const entries = ENTRIES.slice(0, 20);
  for (let altered = 0; altered < 12; altered++) {
    const changed = entries.map((entry, i) => (i === altered ? new TextEncoder().encode('another') : entry));
    for (let size1 = altered + 1; size1 < 20; size1++) {
      const honest = { size1: BigInt(size1), root1: rootAt(size1), size2: 20n };
      for (const proof of [naiveConsistency(size1, entries), naiveConsistency(size1, changed)]) {
        expect(verifyConsistency(SHA256_TREE, { ...honest, root2: naiveRoot(changed), proof })).toBe(false);
      }
      const roots = rootsFromConsistency(SHA256_TREE, BigInt(size1), rootAt(size1), 20n, naiveConsistency(size1, changed));
      // A power of two takes the old root as given; elsewhere the proof shows what the new tree begins with.
      if ((size1 & (size1 - 1)) !== 0) expect(roots && equalBytes(roots.root2, naiveRoot(changed)) && !equalBytes(roots.root1, rootAt(size1))).toBe(true);
    }
  }
});

test('what there is no proof of is refused by name', async () => {
  await expect(inclusionProof(5n, 5n, read)).rejects.toMatchObject({ code: 'PROOF_INDEX' });
  await expect(inclusionProof(0n, 0n, read)).rejects.toMatchObject({ code: 'PROOF_INDEX' });
  await expect(inclusionProof(-1n, 5n, read)).rejects.toMatchObject({ code: 'PROOF_INDEX' });
  await expect(consistencyProof(6n, 5n, read)).rejects.toMatchObject({ code: 'PROOF_SIZES' });
  await expect(consistencyProof(-1n, 5n, read)).rejects.toMatchObject({ code: 'PROOF_SIZES' });
});

test('from the empty tree: only the empty proof and the empty root', () => {
  const claim = { size1: 0n, root1: SHA256_TREE.empty, size2: 3n, root2: rootAt(3), proof: [] };
  expect(verifyConsistency(SHA256_TREE, claim)).toBe(true);
  expect(verifyConsistency(SHA256_TREE, { ...claim, root1: rootAt(1) })).toBe(false);
  expect(verifyConsistency(SHA256_TREE, { ...claim, proof: [leafAt(0)] })).toBe(false);
  expect(verifyConsistency(SHA256_TREE, { ...claim, size2: 0n, root2: rootAt(1), root1: rootAt(1) })).toBe(false);
});

test('sizes up to 2^64 are exact: an index one too high above 2^53 is refused', async () => {
  // A tree in which every leaf is the same: its subtrees are known without storing it.
  const levels = [leafAt(0)];
  for (let h = 0; h < 63; h++) levels.push(SHA256_TREE.node(levels[h] ?? leafAt(0), levels[h] ?? leafAt(0)));
  const same: SubtreeReader = (level) => Promise.resolve(levels[level] ?? leafAt(0));
  for (const size of [(1n << 53n) + 1n, (1n << 53n) + 3n, (1n << 63n) - 1n]) {
    const index = size - 2n;
    const proof = await inclusionProof(index, size, same);
    const root = rootFromInclusion(SHA256_TREE, index, size, leafAt(0), proof);
    if (root === undefined) expect.unreachable('a proof leads to a root');
    const last = await inclusionProof(size - 1n, size, same);
    expect(verifyInclusion(SHA256_TREE, { index: size - 1n, size, root, leafHash: leafAt(0), proof: last })).toBe(true);
    expect(verifyInclusion(SHA256_TREE, { index: size, size, root, leafHash: leafAt(0), proof: last })).toBe(false);
    const grown = await consistencyProof(size, size + 2n, same);
    const roots = rootsFromConsistency(SHA256_TREE, size, root, size + 2n, grown);
    expect(roots && equalBytes(roots.root1, root)).toBe(true);
  }
});

test('a proof of one hash algorithm is refused by the other', async () => {
  const claim = await inclusion(3, 9);
  expect(verifyInclusion(SHA384_TREE, claim)).toBe(false);
  expect(rootFromInclusion(SHA384_TREE, claim.index, claim.size, claim.leafHash, claim.proof)).toBeUndefined();
});
