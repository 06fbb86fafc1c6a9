/** Tiles and bundles: paths and geometry of C2SP tlog-tiles, strict parsing, and reading a log back from its files. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { encodeBundle, parseBundle } from '../src/bundle.ts';
import { consistencyProof, inclusionProof, verifyConsistency, verifyInclusion } from '../src/proofs.ts';
import { bundlePath, bundlesBetween, bundlesOf, tilePath, tilesBetween, tilesOf } from '../src/tile-path.ts';
import { TileReader } from '../src/tile-reader.ts';
import { SHA256_TREE } from '../src/tree-hash.ts';
import { hex, mapFiles, naiveBundle, naiveLeaf, naiveLog, syntheticEntries, withChanges } from './log-in-memory.ts';
import { naiveRoot } from './naive-merkle.ts';

const SEED = { seed: 20231106 };
const FILE = { file: 'bundle' };

describe('paths', () => {
  test.each([
    [0, 0n, 256, 'tile/0/000'], [0, 1000n, 256, 'tile/0/x001/000'], [0, 1_234_067n, 256, 'tile/0/x001/x234/067'],
    [1, 0n, 1, 'tile/1/000.p/1'], [0, 1234n, 5, 'tile/0/x001/234.p/5'], [63, 999n, 255, 'tile/63/999.p/255'],
    [2, (1n << 53n) + 1n, 256, 'tile/2/x009/x007/x199/x254/x740/993'],
  ])('tilePath(%i, %s, %i) is %s', (level, index, width, path) => {
    expect(tilePath(level, index, width)).toBe(path);
  });

  test('a bundle has the number and the width of its level-0 tile', () => {
    expect(bundlePath(1_234_067n, 256)).toBe('tile/entries/x001/x234/067');
    expect(bundlePath(0n, 7)).toBe('tile/entries/000.p/7');
  });

  test.each([[64, 0n, 1], [-1, 0n, 1], [0.5, 0n, 1], [0, -1n, 1], [0, 0n, 0], [0, 0n, 257], [0, 0n, 1.5]])('tilePath(%s, %s, %s) is refused', (level, index, width) => {
    expect(() => tilePath(level, index, width)).toThrow(RangeError);
  });

  test('two tiles never share a path', () => {
    fc.assert(fc.property(fc.bigInt({ min: 0n, max: 1n << 56n }), fc.bigInt({ min: 0n, max: 1n << 56n }), fc.integer({ min: 1, max: 256 }), fc.integer({ min: 1, max: 256 }), (a, b, v, w) => {
      expect(tilePath(0, a, v) === tilePath(0, b, w)).toBe(a === b && v === w);
    }), { ...SEED, numRuns: 500 });
  });
});

describe('the geometry of a size', () => {
  function counts(size: bigint): { tiles: number; bundles: number; levels: Record<number, string> } {
    const tiles = [...tilesOf(size)];
    const levels: Record<number, string> = {};
    for (const level of new Set(tiles.map((tile) => tile.level))) {
      const here = tiles.filter((tile) => tile.level === level);
      const partial = here.filter((tile) => tile.width < 256).map((tile) => tile.width);
      levels[level] = [here.length - partial.length, ...partial].join('+');
    }
    return { tiles: tiles.length, bundles: [...bundlesOf(size)].length, levels };
  }

  test.each([
    [0n, { tiles: 0, bundles: 0, levels: {} }],
    [1n, { tiles: 1, bundles: 1, levels: { 0: '0+1' } }],
    [255n, { tiles: 1, bundles: 1, levels: { 0: '0+255' } }],
    [256n, { tiles: 2, bundles: 1, levels: { 0: '1', 1: '0+1' } }],
    [257n, { tiles: 3, bundles: 2, levels: { 0: '1+1', 1: '0+1' } }],
    [65_535n, { tiles: 257, bundles: 256, levels: { 0: '255+255', 1: '0+255' } }],
    [65_536n, { tiles: 258, bundles: 256, levels: { 0: '256', 1: '1', 2: '0+1' } }],
    [65_537n, { tiles: 259, bundles: 257, levels: { 0: '256+1', 1: '1', 2: '0+1' } }],
    [70_000n, { tiles: 277, bundles: 274, levels: { 0: '273+112', 1: '1+17', 2: '0+1' } }],
    [1_000_000n, { tiles: 3924, bundles: 3907, levels: { 0: '3906+64', 1: '15+66', 2: '0+15' } }],
  ])('size %s', (size, want) => {
    expect(counts(size)).toEqual(want);
  });

  test('what is new between two sizes, laid over what was there, is what the larger size has', () => {
    const sizes = fc.oneof(fc.integer({ min: 0, max: 1000 }), fc.integer({ min: 65_000, max: 67_000 }));
    fc.assert(fc.property(sizes, fc.nat(2000), (from, more) => {
      const [small, large] = [BigInt(from), BigInt(from + more)];
      const paths = (refs: Iterable<{ path: string }>): string[] => Array.from(refs, (ref) => ref.path);
      const fresh = paths(tilesBetween(small, large));
      const before = new Set(paths(tilesOf(small)));
      const after = paths(tilesOf(large));
      expect(after.filter((path) => !before.has(path))).toEqual(fresh);
      const bundlesBefore = new Set(paths(bundlesOf(small)));
      expect(paths(bundlesOf(large)).filter((path) => !bundlesBefore.has(path))).toEqual(paths(bundlesBetween(small, large)));
    }), SEED);
  });
});

describe('bundles', () => {
  test('entries come back as they went in, and the bytes are those of the format', () => {
    fc.assert(fc.property(fc.array(fc.uint8Array({ maxLength: 300 }), { minLength: 1, maxLength: 256 }), (entries) => {
      const bytes = encodeBundle(entries);
      expect(Buffer.from(bytes).equals(naiveBundle(entries))).toBe(true);
      expect(parseBundle(bytes, entries.length, FILE).map(hex)).toEqual(entries.map(hex));
    }), { ...SEED, numRuns: 100 });
  });

  test('entries of 0 and of 65,535 bytes are held, one of 65,536 is refused', () => {
    const entries = [new Uint8Array(), new Uint8Array(65_535).fill(7), new Uint8Array()];
    expect(parseBundle(encodeBundle(entries), 3, FILE).map((entry) => entry.length)).toEqual([0, 65_535, 0]);
    expect(() => encodeBundle([new Uint8Array(65_536)])).toThrow(expect.objectContaining({ code: 'ENTRY_TOO_LARGE' }));
  });

  test('a bundle cut anywhere, with anything behind it, or of another number of entries is refused', () => {
    const entries = syntheticEntries(9);
    const bytes = encodeBundle(entries);
    const refused = expect.objectContaining({ code: 'BUNDLE_FORM', issues: [expect.objectContaining({ place: FILE })] }) as Error;
    for (let length = 0; length < bytes.length; length++) expect(() => parseBundle(bytes.subarray(0, length), 9, FILE), `cut at ${length}`).toThrow(refused);
    for (let more = 1; more < 4; more++) expect(() => parseBundle(Uint8Array.of(...bytes, ...new Uint8Array(more)), 9, FILE)).toThrow(refused);
    expect(() => parseBundle(bytes, 8, FILE)).toThrow(refused);
    expect(() => parseBundle(bytes, 10, FILE)).toThrow(refused);
    expect(() => parseBundle(new Uint8Array(), 1, FILE)).toThrow(refused);
  });
});

const ENTRIES = syntheticEntries(70_000);
const LOG = naiveLog(ENTRIES);

/** The files of a smaller size of the same log. */
function logOf(size: number): Map<string, Uint8Array> {
  return size === 70_000 ? LOG : naiveLog(ENTRIES.slice(0, size));
}

describe('reading a log', () => {
  test('70,000 entries have 277 tiles and 274 bundles, and the reader asks for no other', async () => {
    expect([...LOG.keys()].filter((path) => !path.includes('entries')).sort()).toEqual(Array.from(tilesOf(70_000n), (tile) => tile.path).sort());
    expect([...LOG.keys()].filter((path) => path.includes('entries')).length).toBe(274);
    const files = mapFiles(LOG);
    expect(hex(await new TileReader(files, 70_000n).root())).toBe(hex(naiveRoot(ENTRIES)));
    expect(files.reads.filter((path) => !LOG.has(path))).toEqual([]);
  });

  test.each([0, 1, 2, 3, 255, 256, 257, 511, 512, 513, 65_535, 65_536, 65_537])('size %i: root, frontier, first and last entry', async (size) => {
    const reader = new TileReader(mapFiles(logOf(size)), BigInt(size));
    expect(hex(await reader.root())).toBe(hex(naiveRoot(ENTRIES.slice(0, size))));
    expect((await reader.frontier()).size).toBe(BigInt(size));
    if (size > 0) expect([hex(await reader.entry(0n)), hex(await reader.entry(BigInt(size - 1)))]).toEqual([hex(ENTRIES[0]), hex(ENTRIES[size - 1])]);
    await expect(reader.entry(BigInt(size))).rejects.toMatchObject({ code: 'ENTRY_INDEX' });
  });

  test('every size from 0 to 300: root, and inclusion of every entry, from tiles alone', async () => {
    for (let size = 0; size <= 300; size += size % 64 > 60 || size % 64 < 3 ? 1 : 3) {
      const reader = new TileReader(mapFiles(logOf(size)), BigInt(size), { cache: 8 });
      const root = naiveRoot(ENTRIES.slice(0, size));
      expect(hex(await reader.root())).toBe(hex(root));
      for (let index = 0; index < size; index++) {
        const proof = await inclusionProof(BigInt(index), BigInt(size), reader.subtree);
        const holds = verifyInclusion(SHA256_TREE, { index: BigInt(index), size: BigInt(size), root, leafHash: naiveLeaf(ENTRIES[index] ?? root), proof });
        if (!holds) expect.unreachable(`index ${index} of ${size}`);
      }
    }
  });

  test('70,000 entries: proofs from tiles for indexes and sizes all over', async () => {
    const reader = new TileReader(mapFiles(LOG), 70_000n);
    const root = naiveRoot(ENTRIES);
    for (const index of [0, 255, 256, 65_535, 65_536, 69_887, 69_888, 69_999]) {
      const proof = await inclusionProof(BigInt(index), 70_000n, reader.subtree);
      expect(verifyInclusion(SHA256_TREE, { index: BigInt(index), size: 70_000n, root, leafHash: naiveLeaf(ENTRIES[index] ?? root), proof })).toBe(true);
    }
    for (const size1 of [1, 255, 256, 257, 4096, 65_535, 65_536, 65_537, 69_999]) {
      const proof = await consistencyProof(BigInt(size1), 70_000n, reader.subtree);
      expect(verifyConsistency(SHA256_TREE, { size1: BigInt(size1), root1: naiveRoot(ENTRIES.slice(0, size1)), size2: 70_000n, root2: root, proof }), `from ${size1}`).toBe(true);
    }
  });

  test('entries come in order from any index to any other, and reading on reads each bundle once', async () => {
    const files = mapFiles(logOf(700));
    const reader = new TileReader(files, 700n);
    expect((await collected(reader.entries())).map(hex)).toEqual(ENTRIES.slice(0, 700).map(hex));
    expect(files.reads.length).toBe(3);
    for (const [from, to] of [[0n, 0n], [5n, 6n], [250n, 520n], [256n, 512n], [690n, 9999n]] as const) {
      expect((await collected(reader.entries(from, to))).map(hex), `${from.toString()} to ${to.toString()}`).toEqual(ENTRIES.slice(Number(from), Math.min(700, Number(to))).map(hex));
    }
  });

  test('where a partial tile or bundle is gone, the full one stands in for it', async () => {
    const small = logOf(300);
    const large = logOf(700);
    const files = new Map([...small].filter(([path]) => path !== 'tile/0/001.p/44' && path !== 'tile/entries/001.p/44'));
    for (const path of ['tile/0/001', 'tile/entries/001']) files.set(path, large.get(path) ?? new Uint8Array());
    const reader = new TileReader(mapFiles(files), 300n);
    expect(hex(await reader.root())).toBe(hex(naiveRoot(ENTRIES.slice(0, 300))));
    expect((await collected(reader.entries())).map(hex)).toEqual(ENTRIES.slice(0, 300).map(hex));
  });

  test('a tile one byte short or long, or missing, and a bundle missing or malformed are each refused by name', async () => {
    const path = 'tile/0/001.p/44';
    const whole = logOf(300);
    const tile = whole.get(path) ?? new Uint8Array();
    const bundle = whole.get('tile/entries/001.p/44') ?? new Uint8Array();
    const root = (changes: Record<string, Uint8Array | undefined>): Promise<Uint8Array> => new TileReader(mapFiles(withChanges(whole, changes)), 300n).root();
    const last = (changes: Record<string, Uint8Array | undefined>): Promise<Uint8Array> => new TileReader(mapFiles(withChanges(whole, changes)), 300n).entry(299n);
    await expect(root({ [path]: tile.subarray(1) })).rejects.toMatchObject({ code: 'TILE_LENGTH', issues: [{ place: { file: path } }] });
    await expect(root({ [path]: Uint8Array.of(...tile, 0) })).rejects.toMatchObject({ code: 'TILE_LENGTH' });
    await expect(root({ [path]: new Uint8Array() })).rejects.toMatchObject({ code: 'TILE_LENGTH' });
    await expect(root({ [path]: undefined })).rejects.toMatchObject({ code: 'TILE_MISSING', issues: [{ place: { file: path } }] });
    await expect(last({ 'tile/entries/001.p/44': undefined })).rejects.toMatchObject({ code: 'BUNDLE_MISSING' });
    await expect(last({ 'tile/entries/001.p/44': bundle.subarray(1) })).rejects.toMatchObject({ code: 'BUNDLE_FORM' });
    await expect(last({ 'tile/entries/001.p/44': undefined, 'tile/entries/001': bundle })).rejects.toMatchObject({ code: 'BUNDLE_FORM', issues: [{ place: { file: 'tile/entries/001' } }] });
  });

  test('a file that could not be read is asked for again', async () => {
    const whole = logOf(5);
    let calls = 0;
    const reader = new TileReader({ read: (path) => Promise.resolve(++calls === 1 ? null : calls === 2 ? null : whole.get(path) ?? null) }, 5n);
    await expect(reader.root()).rejects.toMatchObject({ code: 'TILE_MISSING' });
    expect(hex(await reader.root())).toBe(hex(naiveRoot(ENTRIES.slice(0, 5))));
  });

  test('the cache holds no more than it was told to', async () => {
    const files = mapFiles(logOf(700));
    const reader = new TileReader(files, 700n, { cache: 1 });
    for (const index of [0n, 300n, 0n]) await reader.entry(index);
    expect(files.reads).toEqual(['tile/entries/000', 'tile/entries/001', 'tile/entries/000']);
  });
});

async function collected(entries: AsyncIterable<Uint8Array>): Promise<Uint8Array[]> {
  const all: Uint8Array[] = [];
  for await (const entry of entries) all.push(entry);
  return all;
}
