/**
 * Public vectors of Merkle proofs and tiles, read in place from ../shared/vectors (origins and licences stand in its README).
 * Not run: the 204 + 118 files of `subtreeinclusion` and `subtreeconsistency`. They concern sub-tree cosignatures (ML-DSA-44), which the log does not use.
 */
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { auditTree } from '../../packages/log/src/audit.ts';
import { encodeBundle, parseBundle } from '../../packages/log/src/bundle.ts';
import { fromBase64, toBase64 } from '../../packages/log/src/bytes.ts';
import { Frontier } from '../../packages/log/src/frontier.ts';
import { consistencyProof, inclusionProof, verifyConsistency, verifyInclusion } from '../../packages/log/src/proofs.ts';
import { TileReader } from '../../packages/log/src/tile-reader.ts';
import type { LogFiles } from '../../packages/log/src/tile-reader.ts';
import { SHA256_TREE } from '../../packages/log/src/tree-hash.ts';

const VECTORS = fileURLToPath(new URL('../../../shared/vectors', import.meta.url));
const present = existsSync(VECTORS);
if (!present) process.stderr.write('NOT CHECKED: Merkle vectors: they are not there (expected in ../shared/vectors)\n');
const describeVectors = present ? describe : describe.skip;

/** A verifier that insists on hashes of 32 bytes refuses it: its roots are stand-ins of 12 bytes. */
const PERMITTED_DIFFERENCE = 'consistency/additional/sizes-are-equal-one-and-proof-is-empty.json';

interface Vector {
  readonly leafIdx?: string;
  readonly treeSize?: string;
  readonly size1?: string;
  readonly size2?: string;
  readonly root?: string;
  readonly root1?: string;
  readonly root2?: string;
  readonly leafHash?: string;
  readonly proof: readonly string[] | null;
  readonly wantErr: boolean;
}

describeVectors('merkle-proofs', () => {
  const folder = join(VECTORS, 'merkle-proofs');

  test('98 proofs of inclusion: refused exactly where the vector says so', () => {
    const { count, differing } = run('inclusion', (v) => verifyInclusion(SHA256_TREE, {
      index: BigInt(v.leafIdx ?? ''), size: BigInt(v.treeSize ?? ''), root: bytes(v.root), leafHash: bytes(v.leafHash), proof: (v.proof ?? []).map(bytes),
    }));
    expect([count, differing]).toEqual([98, []]);
  });

  test('98 proofs of consistency: refused exactly where the vector says so, and in the one permitted difference', () => {
    const { count, differing } = run('consistency', (v) => verifyConsistency(SHA256_TREE, {
      size1: BigInt(v.size1 ?? ''), size2: BigInt(v.size2 ?? ''), root1: bytes(v.root1), root2: bytes(v.root2), proof: (v.proof ?? []).map(bytes),
    }));
    expect([count, differing]).toEqual([98, [PERMITTED_DIFFERENCE]]);
  });

  test('the two numbers above 2^53 in these folders come through whole', () => {
    const numbers = [...vectorFiles('inclusion'), ...vectorFiles('consistency')].flatMap((path) => {
      const vector = readVector(join(folder, path));
      return [vector.leafIdx, vector.treeSize, vector.size1, vector.size2].filter((number) => number !== undefined && BigInt(number) > 1n << 53n);
    });
    expect(numbers).toEqual(['18446744073709551615', '18446744073709551615']);
  });

  test('the sub-tree vectors are there, and are not run', () => {
    expect([vectorFiles('subtreeinclusion').length, vectorFiles('subtreeconsistency').length]).toEqual([204, 118]);
  });

  function run(kind: string, accepts: (vector: Vector) => boolean): { count: number; differing: string[] } {
    const paths = vectorFiles(kind);
    return { count: paths.length, differing: paths.filter((path) => {
      const vector = readVector(join(folder, path));
      return accepts(vector) === vector.wantErr;
    }) };
  }

  function vectorFiles(kind: string): string[] {
    return readdirSync(join(folder, kind), { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
      .map((entry) => relative(folder, join(entry.parentPath, entry.name))).sort();
  }
});

describeVectors('tlog-small-log', () => {
  const folder = join(VECTORS, 'tlog-small-log');
  const files = folderFiles(folder);
  const heads = present ? Array.from({ length: 16 }, (_, size) => head(join(folder, `checkpoint.${size}`))) : [];
  const words = ['one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eit', 'nain', 'ten', 'ileven', 'twelf', 'threeten', 'fourten', 'fivten'];
  const entries = words.map((word) => new TextEncoder().encode(word));

  test('each of the 15 bundles holds the words so far, and is written again byte for byte', () => {
    for (let size = 1; size <= 15; size++) {
      const bundle = readFileSync(join(folder, `tile/entries/000.p/${size}`));
      expect(parseBundle(bundle, size, {}).map((entry) => Buffer.from(entry).toString())).toEqual(words.slice(0, size));
      expect(Buffer.from(encodeBundle(entries.slice(0, size))).equals(bundle)).toBe(true);
    }
  });

  test('each of the 15 tiles and the 16 roots follows from the entries byte for byte', () => {
    expect(heads.map(({ size }) => size)).toEqual(Array.from({ length: 16 }, (_, size) => BigInt(size)));
    const frontier = new Frontier(SHA256_TREE);
    for (let size = 0; size <= 15; size++) {
      expect(toBase64(frontier.root())).toBe(toBase64(heads[size]?.root ?? new Uint8Array()));
      if (size > 0) expect(Buffer.concat(entries.slice(0, size).map((entry) => SHA256_TREE.leaf(entry))).equals(readFileSync(join(folder, `tile/0/000.p/${size}`)))).toBe(true);
      const next = entries[size];
      if (next) frontier.addLeaf(SHA256_TREE.leaf(next));
    }
  });

  test('a full audit of each of the 16 sizes raises nothing', async () => {
    for (const each of heads) expect((await auditTree(files, each)).issues).toEqual([]);
  });

  test('inclusion of every index in every size, and consistency of every pair of sizes', async () => {
    let proved = 0;
    for (const { size, root } of heads) {
      const reader = new TileReader(files, size);
      expect(toBase64(await reader.root())).toBe(toBase64(root));
      for (let index = 0n; index < size; index++, proved++) {
        const leafHash = SHA256_TREE.leaf(await reader.entry(index));
        expect(verifyInclusion(SHA256_TREE, { index, size, root, leafHash, proof: await inclusionProof(index, size, reader.subtree) })).toBe(true);
      }
      for (const small of heads.filter((each) => each.size <= size)) {
        const proof = await consistencyProof(small.size, size, reader.subtree);
        expect(verifyConsistency(SHA256_TREE, { size1: small.size, root1: small.root, size2: size, root2: root, proof })).toBe(true);
        proved++;
      }
    }
    expect(proved).toBe(120 + 136);
  });
});

describeVectors('cosignatures-sunlight', () => {
  const folder = join(VECTORS, 'cosignatures-sunlight/witness/mirror/000de184301123b9278c086a7d9f68c9577e83872224c197058fd90784ea9706');
  const entries = Array.from({ length: 300 }, (_, i) => new TextEncoder().encode(`record ${i}`));
  const mirror = present ? head(join(folder, 'checkpoint')) : { size: 0n, root: new Uint8Array() };

  test('the tiles of 300 entries of another implementation lead to its root and follow from its entries', async () => {
    expect(mirror.size).toBe(300n);
    const reader = new TileReader(folderFiles(folder), 300n);
    expect(toBase64(await reader.root())).toBe(toBase64(mirror.root));
    for (const [i, entry] of entries.entries()) {
      const index = BigInt(i);
      expect(verifyInclusion(SHA256_TREE, { index, size: 300n, root: mirror.root, leafHash: SHA256_TREE.leaf(entry), proof: await inclusionProof(index, 300n, reader.subtree) }), `record ${i}`).toBe(true);
    }
  });

  test('with bundles made from the entries, a full audit compares every tile and raises nothing', async () => {
    const made = new Map([['tile/entries/000', encodeBundle(entries.slice(0, 256))], ['tile/entries/001.p/44', encodeBundle(entries.slice(256))]]);
    const files = folderFiles(folder);
    const result = await auditTree({ read: async (path) => made.get(path) ?? await files.read(path) }, mirror);
    expect(result.issues).toEqual([]);
  });
});

/** Numbers as texts: JSON.parse would round the sizes above 2^53. */
function readVector(path: string): Vector {
  return JSON.parse(readFileSync(path, 'utf8').replaceAll(/"(leafIdx|treeSize|size1|size2)":\s*(\d+)/g, '"$1": "$2"')) as Vector;
}

function bytes(base64: string | undefined | null): Uint8Array {
  const decoded = fromBase64(base64 ?? '');
  if (decoded === undefined) throw new Error('a vector holds base64');
  return decoded;
}

/** Size and root of a checkpoint; its signatures are checked with the notes. */
function head(path: string): { size: bigint; root: Uint8Array } {
  const [, size, root] = readFileSync(path, 'utf8').split('\n');
  return { size: BigInt(size ?? ''), root: bytes(root) };
}

function folderFiles(folder: string): LogFiles {
  return { read: (path) => Promise.resolve(existsSync(join(folder, path)) ? readFileSync(join(folder, path)) : null) };
}
