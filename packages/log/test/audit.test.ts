/** The audit: a whole log raises nothing, one altered byte anywhere is found and named, in one thread and in several. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { auditTree } from '../src/audit.ts';
import type { AuditResult } from '../src/audit.ts';
import { auditFolder } from '../src/audit-folder.ts';
import { bundleHasher } from '../src/row-hash.ts';
import { SHA256_TREE, SHA384_TREE } from '../src/tree-hash.ts';
import { hex, mapFiles, naiveBundle, naiveLog, syntheticEntries, withChanges } from './log-in-memory.ts';
import { naiveRoot } from './naive-merkle.ts';

const SEED = { seed: 20231106 };
const ENTRIES = syntheticEntries(70_000);
const LOG = naiveLog(ENTRIES);
const SMALL = naiveLog(ENTRIES.slice(0, 600));
const SMALL_HEAD = { size: 600n, root: naiveRoot(ENTRIES.slice(0, 600)) };
const SMALL_ROOT_384 = naiveRoot(ENTRIES.slice(0, 600), 'sha384');

function codes(result: AuditResult): string[] {
  return result.issues.map((issue) => issue.code);
}

test.each([0, 1, 2, 3, 255, 256, 257, 511, 512, 513, 16_384, 16_385, 65_535, 65_536, 65_537, 70_000])('a whole log of %i entries raises nothing, and the SHA-384 root is that of the entries', async (size) => {
  const entries = ENTRIES.slice(0, size);
  const files = mapFiles(size === 70_000 ? LOG : naiveLog(entries));
  const head = { size: BigInt(size), root: naiveRoot(entries) };
  const root384 = naiveRoot(entries, 'sha384');
  const result = await auditTree(files, head, { sha384Root: root384 });
  expect(result.issues).toEqual([]);
  expect(hex(result.root384)).toBe(hex(root384));
  // It reads everything that the size has, each file once.
  expect(files.reads.length).toBe(new Set(files.reads).size);
});

test('every file of the log is read', async () => {
  const files = mapFiles(LOG);
  await auditTree(files, { size: 70_000n, root: naiveRoot(ENTRIES) });
  expect(files.reads.toSorted()).toEqual([...LOG.keys()].toSorted());
});

test('a byte altered in any file is found; the first issue names it or the file that it is compared with', async () => {
  const paths = [...SMALL.keys()];
  await fc.assert(fc.asyncProperty(fc.nat(paths.length - 1), fc.nat(100_000), fc.integer({ min: 1, max: 255 }), async (which, where, mask) => {
    const path = paths[which] ?? '';
    const bytes = Uint8Array.from(SMALL.get(path) ?? []);
    const at = where % bytes.length;
    bytes[at] = (bytes[at] ?? 0) ^ mask;
    const { issues } = await auditTree(mapFiles(withChanges(SMALL, { [path]: bytes })), SMALL_HEAD, { sha384Root: SMALL_ROOT_384 });
    expect(issues.length, path).toBeGreaterThan(0);
    // A tile of hashes and the file that it is compared with: the audit cannot know which of the two was altered, and names the number that both have.
    const named = JSON.stringify(issues[0]);
    const number = path.replace('entries', '0').replace(/^tile\/\d+\//, '').replace(/\.p.*/, '');
    expect(named.includes(number) || named.includes(path), `${path} in ${named}`).toBe(true);
  }), { ...SEED, numRuns: 400 });
});

describe('each kind of damage has its code', () => {
  const audit = (changes: Record<string, Uint8Array | undefined>, root384 = true): Promise<AuditResult> =>
    auditTree(mapFiles(withChanges(SMALL, changes)), SMALL_HEAD, root384 ? { sha384Root: SMALL_ROOT_384 } : {});
  const at = (path: string): Uint8Array => SMALL.get(path) ?? expect.unreachable(path);
  const bundleWith = (index: number, change: (entries: Uint8Array[]) => Uint8Array[]): Uint8Array => naiveBundle(change(ENTRIES.slice(index * 256, Math.min(600, index * 256 + 256))));

  test('an altered entry: ENTRY_FALSE with its index, and another SHA-384 root', async () => {
    const result = await audit({ 'tile/entries/001': bundleWith(1, (entries) => entries.with(3, new Uint8Array(9))) });
    expect(codes(result)).toEqual(['ENTRY_FALSE', 'LOG_ROOT_384']);
    expect(result.issues[0]).toMatchObject({ place: { file: 'tile/entries/001', object: 'entry 259' } });
    expect(result.issues[0]?.count).toBeUndefined();
  });

  test('an entry dropped and another put in its place: every shifted entry is counted, the first named', async () => {
    const result = await audit({ 'tile/entries/001': bundleWith(1, (entries) => [...entries.slice(0, 3), ...entries.slice(4), new Uint8Array(1)]) });
    expect(result.issues[0]).toMatchObject({ code: 'ENTRY_FALSE', place: { object: 'entry 259' }, count: 253 });
  });

  test('an entry and its leaf altered together: TILE_FALSE one level up', async () => {
    const entries = ENTRIES.slice(0, 600).with(259, new Uint8Array(9));
    const forged = naiveLog(entries);
    const result = await audit({ 'tile/entries/001': forged.get('tile/entries/001'), 'tile/0/001': forged.get('tile/0/001') });
    expect(codes(result)).toEqual(['TILE_FALSE', 'LOG_ROOT_384']);
    expect(result.issues[0]).toMatchObject({ place: { file: 'tile/1/000.p/2', object: 'tile/0/001' } });
  });

  test('the whole log rewritten from one entry on: LOG_ROOT', async () => {
    const forged = naiveLog(ENTRIES.slice(0, 600).with(259, new Uint8Array(9)));
    const result = await auditTree(mapFiles(forged), SMALL_HEAD, { sha384Root: SMALL_ROOT_384 });
    expect(codes(result)).toEqual(['LOG_ROOT', 'LOG_ROOT_384']);
    expect(codes(await auditTree(mapFiles(forged), SMALL_HEAD))).toEqual(['LOG_ROOT']);
  });

  test('tiles missing, short, long and swapped', async () => {
    expect(codes(await audit({ 'tile/0/001': undefined }))).toEqual(['TILE_MISSING']);
    expect(codes(await audit({ 'tile/1/000.p/2': undefined }))).toEqual(['TILE_MISSING']);
    expect(codes(await audit({ 'tile/0/000': at('tile/0/000').subarray(1) }))).toEqual(['TILE_LENGTH']);
    expect(codes(await audit({ 'tile/1/000.p/2': Uint8Array.of(...at('tile/1/000.p/2'), 0) }))).toEqual(['TILE_LENGTH']);
    expect(codes(await audit({ 'tile/0/000': at('tile/0/001'), 'tile/0/001': at('tile/0/000') }))).toEqual(['ENTRY_FALSE', 'ENTRY_FALSE', 'TILE_FALSE']);
  });

  test('bundles missing, short and swapped: there is no SHA-384 root to compare', async () => {
    const missing = await audit({ 'tile/entries/001': undefined });
    expect(codes(missing)).toEqual(['BUNDLE_MISSING']);
    expect(missing.root384).toBeUndefined();
    expect(codes(await audit({ 'tile/entries/002.p/88': at('tile/entries/002.p/88').subarray(1) }))).toEqual(['BUNDLE_FORM']);
    expect(codes(await audit({ 'tile/entries/000': at('tile/entries/001'), 'tile/entries/001': at('tile/entries/000') }))).toEqual(['ENTRY_FALSE', 'ENTRY_FALSE', 'LOG_ROOT_384']);
  });

  test('a bundle and its tile both gone: both are named, nothing above them is blamed', async () => {
    expect(codes(await audit({ 'tile/entries/001': undefined, 'tile/0/001': undefined }))).toEqual(['TILE_MISSING', 'BUNDLE_MISSING']);
    expect(codes(await audit({ 'tile/entries/002.p/88': undefined, 'tile/0/002.p/88': undefined }))).toEqual(['TILE_MISSING', 'BUNDLE_MISSING']);
  });

  test('an empty folder is never whole', async () => {
    const result = await auditTree(mapFiles(new Map()), SMALL_HEAD);
    expect(codes(result)).toEqual(['TILE_MISSING', 'BUNDLE_MISSING', 'TILE_MISSING', 'BUNDLE_MISSING', 'TILE_MISSING', 'BUNDLE_MISSING', 'TILE_MISSING']);
  });

  test('another root, a root of another length, and the empty log with a root that is not the empty one', async () => {
    expect(codes(await auditTree(mapFiles(SMALL), { ...SMALL_HEAD, root: SHA256_TREE.empty }))).toEqual(['LOG_ROOT']);
    expect(codes(await auditTree(mapFiles(SMALL), { ...SMALL_HEAD, root: SMALL_HEAD.root.subarray(1) }))).toEqual(['LOG_ROOT']);
    expect(codes(await auditTree(mapFiles(new Map()), { size: 0n, root: SMALL_HEAD.root }))).toEqual(['LOG_ROOT']);
    expect(codes(await auditTree(mapFiles(SMALL), SMALL_HEAD, { sha384Root: SHA384_TREE.empty }))).toEqual(['LOG_ROOT_384']);
  });
});

test('a head of 2^62 entries over an empty folder ends, and says where it stopped', async () => {
  const result = await auditTree(mapFiles(new Map()), { size: 1n << 62n, root: SHA256_TREE.empty }, { maxIssues: 10 });
  expect(result.issues.at(-1)).toMatchObject({ code: 'AUDIT_STOPPED', message: expect.stringContaining('16383') as string });
});

test('entries are handed out in order, with their index, and progress ends at the size', async () => {
  const seen: [bigint, string][] = [];
  const progress: bigint[] = [];
  await auditTree(mapFiles(SMALL), SMALL_HEAD, { onEntry: (index, entry) => seen.push([index, hex(entry)]), onProgress: (done) => progress.push(done) });
  expect(seen).toEqual(ENTRIES.slice(0, 600).map((entry, i) => [BigInt(i), hex(entry)]));
  expect(progress.at(-1)).toBe(600n);
});

test('a row hashed in place has the roots of the definition, and says when a leaf is another', () => {
  const hasher = bundleHasher(SHA256_TREE, SHA384_TREE);
  const tile = (index: number): Uint8Array => LOG.get(`tile/0/00${index}`) ?? expect.unreachable('a tile');
  for (const index of [0, 1]) {
    const entries = ENTRIES.slice(256 * index, 256 * index + 256);
    const roots = hasher(entries, tile(index));
    expect([hex(roots?.root256), hex(roots?.root384)]).toEqual([hex(naiveRoot(entries)), hex(naiveRoot(entries, 'sha384'))]);
    expect(hasher(entries, tile(1 - index))).toBeUndefined();
  }
});

describe('a folder, with worker threads', () => {
  let folder: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'weighbridge-audit-'));
    for (const [path, bytes] of LOG) {
      await mkdir(dirname(join(folder, path)), { recursive: true });
      await writeFile(join(folder, path), bytes);
    }
  });
  afterAll(async () => { await rm(folder, { recursive: true }); });

  const HEAD = { size: 70_000n, root: naiveRoot(ENTRIES) };

  test.each([0, 1, 2, 3])('%i threads: the same result as in memory', async (workers) => {
    const progress: bigint[] = [];
    const result = await auditFolder(folder, HEAD, { workers, sha384Root: naiveRoot(ENTRIES, 'sha384'), onProgress: (done) => progress.push(done) });
    expect(result.issues).toEqual([]);
    expect(hex(result.root384)).toBe(hex(naiveRoot(ENTRIES, 'sha384')));
    expect(progress).toEqual([16_384n, 32_768n, 49_152n, 65_536n, 70_000n]);
  });

  test('damage in several stretches: the same issues in the same order, however many threads', async () => {
    const places = ['tile/entries/005', 'tile/0/100', 'tile/1/000', 'tile/entries/200', 'tile/0/273.p/112'];
    expect(places.every((path) => LOG.has(path))).toBe(true);
    const changes = Object.fromEntries(places.map((path) => [path, Uint8Array.from(LOG.get(path) ?? [], (byte, i) => (i === 40 ? byte ^ 1 : byte))]));
    for (const [path, bytes] of Object.entries(changes)) await writeFile(join(folder, path), bytes);
    const want = await auditTree(mapFiles(withChanges(LOG, changes)), HEAD);
    expect(codes(want)).toEqual(['ENTRY_FALSE', 'ENTRY_FALSE', 'ENTRY_FALSE', 'TILE_FALSE', 'ENTRY_FALSE', 'TILE_FALSE', 'LOG_ROOT']);
    for (const workers of [0, 2]) expect(await auditFolder(folder, HEAD, { workers })).toEqual(want);
    for (const path of places) await writeFile(join(folder, path), LOG.get(path) ?? '');
  });

  test('tiles and bundles of smaller sizes must be the beginning of those that stand there now', async () => {
    const smaller = [...naiveLog(ENTRIES.slice(0, 69_900))].filter(([path]) => path.includes('.p/'));
    expect(smaller.map(([path]) => path)).toEqual(['tile/0/273.p/12', 'tile/1/001.p/17', 'tile/2/000.p/1', 'tile/entries/273.p/12']);
    const extra: Record<string, Uint8Array> = { 'tile/0/273.p/12': smaller[0]?.[1] ?? HEAD.root, 'tile/entries/273.p/12': smaller[3]?.[1] ?? HEAD.root, 'tile/0/005.p/3': (LOG.get('tile/0/005') ?? HEAD.root).subarray(0, 96) };
    const write = async (files: Record<string, Uint8Array>): Promise<void> => {
      for (const [path, bytes] of Object.entries(files)) {
        await mkdir(dirname(join(folder, path)), { recursive: true });
        await writeFile(join(folder, path), bytes);
      }
    };
    await write(extra);
    // Of a size above the head's: no head covers it.
    await write({ 'tile/0/273.p/113': new Uint8Array(3) });
    expect((await auditFolder(folder, HEAD)).issues).toEqual([]);
    await write(Object.fromEntries(Object.entries(extra).map(([path, bytes]) => [path, bytes.map((byte, i) => (i === 5 ? byte ^ 1 : byte))])));
    const { issues } = await auditFolder(folder, HEAD);
    expect(issues.map(({ code, place }) => [code, place.file])).toEqual([['TILE_STALE', 'tile/0/005.p/3'], ['TILE_STALE', 'tile/0/273.p/12'], ['BUNDLE_STALE', 'tile/entries/273.p/12']]);
    expect((await auditFolder(folder, HEAD, { older: false })).issues).toEqual([]);
    expect((await auditFolder(folder, HEAD, { maxIssues: 2 })).issues.map(({ code }) => code)).toEqual(['TILE_STALE', 'TILE_STALE', 'AUDIT_STOPPED']);
    await write(Object.fromEntries(Object.entries(extra).map(([path, bytes]) => [path, bytes.subarray(1)])));
    expect((await auditFolder(folder, HEAD)).issues.length).toBe(3);
    for (const path of [...Object.keys(extra), 'tile/0/273.p/113']) await rm(join(folder, path));
  });

  test('an audit that stops early ends its threads', async () => {
    const result = await auditFolder(join(folder, 'nothing'), HEAD, { maxIssues: 5 });
    expect(result.issues.at(-1)?.code).toBe('AUDIT_STOPPED');
  });

  test('a folder in the place of a file is our failure, not a finding: it is thrown', async () => {
    const path = join(folder, 'tile/entries/273.p/112');
    await rm(path);
    await mkdir(path);
    await expect(auditFolder(folder, HEAD, { workers: 2 })).rejects.toThrow();
    await rm(path, { recursive: true });
    await writeFile(path, LOG.get('tile/entries/273.p/112') ?? '');
    expect((await auditFolder(folder, HEAD)).issues).toEqual([]);
  });
});
