/**
 * The full audit of a log: every entry hashed again, every tile of every level rebuilt byte for byte, both roots recomputed.
 * Source: RFC 6962 §2.1, C2SP tlog-tiles 0.1.0. Pure, one thread; runs in a browser too. audit-folder.ts does the same with worker threads.
 * Leaves out: signatures and what entries mean. The head comes from a checkpoint that the caller has verified.
 * @module
 */
import { Refusal } from '@weighbridge/base';
import type { Issue, Place } from '@weighbridge/base';
import { parseBundle } from './bundle.ts';
import { Frontier, bitsOf, foldPairs } from './frontier.ts';
import { SHA256_TREE, SHA384_TREE } from './tree-hash.ts';
import type { TreeHash } from './tree-hash.ts';
import { TILE_WIDTH, bundlePath, tilePath } from './tile-path.ts';
import { readBundle, readTile } from './tile-reader.ts';
import type { LogFiles } from './tile-reader.ts';

export interface AuditOptions {
  /** Root of the SHA-384 tree over the same entries, from the second note; compared when given. */
  readonly sha384Root?: Uint8Array;
  readonly onProgress?: (doneEntries: bigint, totalEntries: bigint) => void;
  /** Called for every entry that could be read, in order; whether it is the entry that was logged is known when the audit ends without an issue. */
  readonly onEntry?: (index: bigint, entry: Uint8Array) => void;
  /** After how many issues to stop, with an issue AUDIT_STOPPED that says how far it came; 1,000 when absent. */
  readonly maxIssues?: number;
}

export interface AuditResult {
  /**
   * Empty when the log is whole. The first names the first entry or tile that is bad:
   * TILE_MISSING, TILE_LENGTH, TILE_FALSE (does not follow from the tiles below), BUNDLE_MISSING, BUNDLE_FORM,
   * ENTRY_FALSE (does not hash to the leaf in its tile), LOG_ROOT and LOG_ROOT_384 (the log leads to another root), AUDIT_STOPPED.
   * Issues of one code in one file are one issue, with their number as its count.
   */
  readonly issues: Issue[];
  /** Root of the SHA-384 tree over the entries; undefined when not every bundle could be read, which is an issue. */
  readonly root384: Uint8Array | undefined;
}

/** After how many issues an audit stops when nothing else is said. */
export const MAX_ISSUES = 1000;

/** How many bundles are audited in one go: a power of two, so that the SHA-384 trees of such stretches join as complete subtrees. */
export const STRETCH_BUNDLES = 64n;

/** What a stretch of bundles and their level-0 tiles came to. Plain arrays of their own, so that it can pass between threads. */
export interface Stretch {
  readonly issues: readonly Issue[];
  /** For each full tile its root, then for a partial tile its hashes. */
  readonly roots: HashRow;
  readonly edge: HashRow;
  /** Complete subtrees of the SHA-384 tree, largest first; undefined when a bundle could not be read. */
  readonly subtrees384: Uint8Array | undefined;
  readonly entries: bigint;
}

/** Hashes in one array; `known` is 0 where neither the file nor anything below it could be read. */
export interface HashRow {
  readonly hashes: Uint8Array;
  readonly known: Uint8Array;
}

/**
 * The two roots over the 256 entries of a bundle; undefined when a leaf is not the one in the tile.
 * Stands in for hashing leaf by leaf where that is slow: see row-hash.ts.
 */
export type BundleHasher = (entries: readonly Uint8Array[], tile: Uint8Array) => { root256: Uint8Array; root384: Uint8Array } | undefined;

type MaybeHash = Uint8Array | undefined;

/**
 * Audits the log of the head's size below `files`. Never throws for anything in the files: see {@link AuditResult}.
 * Memory does not grow with the number of entries.
 */
export async function auditTree(files: LogFiles, head: { size: bigint; root: Uint8Array }, options: AuditOptions = {}): Promise<AuditResult> {
  const rising = new RisingAudit(files, head, options);
  for (const { from, to } of stretchesOf(head.size)) {
    await rising.add(await auditStretch(files, head.size, from, to, options));
    if (rising.stopped) break;
  }
  return await rising.finish();
}

/** The stretches of bundles that a log of that size is audited in: `from` up to but not including `to`. */
export function* stretchesOf(size: bigint): Generator<{ from: bigint; to: bigint }> {
  const bundles = (size + 255n) >> 8n;
  for (let from = 0n; from < bundles; from += STRETCH_BUNDLES) {
    yield { from, to: from + STRETCH_BUNDLES < bundles ? from + STRETCH_BUNDLES : bundles };
  }
}

/** Audits the bundles `from` up to `to` against their level-0 tiles. Depends on no other stretch. */
export async function auditStretch(
  files: LogFiles, size: bigint, from: bigint, to: bigint, options: { onEntry?: AuditOptions['onEntry']; hasher?: BundleHasher } = {},
): Promise<Stretch> {
  const issues: Issue[] = [];
  const roots: MaybeHash[] = [];
  let edge: MaybeHash[] = [];
  let tree384: Frontier | undefined = new Frontier(SHA384_TREE);
  for (let index = from; index < to; index++) {
    const rest = size - (index << 8n);
    const width = rest < 256n ? Number(rest) : TILE_WIDTH;
    const tile = await orIssues(issues, () => readTile(files, 0, index, width));
    const entries = await orIssues(issues, async () => parseBundle(await readBundle(files, index, width), width, { file: bundlePath(index, width) }));
    if (entries !== undefined && options.onEntry !== undefined) for (const [i, entry] of entries.entries()) options.onEntry((index << 8n) + BigInt(i), entry);
    const whole = entries !== undefined && tile !== undefined && width === TILE_WIDTH ? options.hasher?.(entries, tile) : undefined;
    if (whole !== undefined) {
      roots.push(whole.root256);
      tree384?.addSubtree(8, whole.root384);
      continue;
    }
    const leaves = entries?.map((entry) => SHA256_TREE.leaf(entry)) ?? Array.from<MaybeHash>({ length: width });
    const used = compareTile(leaves, tile, (first, count) => { issues.push(entryFalse(index, width, first, count)); });
    if (width === TILE_WIDTH) roots.push(rootOf(used));
    else edge = used;
    if (entries === undefined) tree384 = undefined;
    else if (tree384 !== undefined) addEntries(tree384, entries);
  }
  const end = to << 8n < size ? to << 8n : size;
  return {
    issues, roots: hashRow(roots), edge: hashRow(edge), entries: end - (from << 8n),
    subtrees384: tree384 && joined(SHA384_TREE, tree384.hashes),
  };
}

/** The levels above the entries: takes stretches in order, checks each tile as soon as what stands below it is known. */
export class RisingAudit {
  readonly #files: LogFiles;
  readonly #head: { size: bigint; root: Uint8Array };
  readonly #options: AuditOptions;
  readonly #issues: Issue[] = [];
  /** For each level from 1 the hashes of the tile that is being filled, and its number. */
  readonly #levels: { index: bigint; hashes: MaybeHash[] }[] = [];
  /** Hashes of the partial tile of level 0. */
  #edge: MaybeHash[] = [];
  #tree384: Frontier | undefined = new Frontier(SHA384_TREE);
  #done = 0n;

  constructor(files: LogFiles, head: { size: bigint; root: Uint8Array }, options: AuditOptions) {
    this.#files = files;
    this.#head = head;
    this.#options = options;
  }

  /** True when there are more issues than the caller wants. */
  get stopped(): boolean {
    return this.#issues.length >= (this.#options.maxIssues ?? MAX_ISSUES);
  }

  /** Takes the next stretch. */
  async add(stretch: Stretch): Promise<void> {
    this.#issues.push(...stretch.issues);
    for (const hash of hashesOf(stretch.roots)) await this.#rise(1, hash);
    this.#edge = hashesOf(stretch.edge);
    if (stretch.subtrees384 === undefined) this.#tree384 = undefined;
    else if (this.#tree384 !== undefined) addSubtrees(this.#tree384, stretch.entries, stretch.subtrees384);
    this.#done += stretch.entries;
    this.#options.onProgress?.(this.#done, this.#head.size);
  }

  /** Checks the right edge and both roots. Call once, after the last stretch or when it stopped. */
  async finish(): Promise<AuditResult> {
    if (this.#done < this.#head.size) {
      this.#issues.push(issue('AUDIT_STOPPED', `the audit stopped after entry ${(this.#done - 1n).toString()} of ${this.#head.size.toString()}: too much is wrong already`,
        { object: 'checkpoint' }, 'Repair what is named above from a copy of the log, and audit again.'));
      return { issues: this.#issues, root384: undefined };
    }
    const edges: MaybeHash[][] = [this.#edge];
    for (const [i, { index, hashes }] of this.#levels.entries()) {
      edges.push(hashes.length === 0 ? [] : await this.#check(i + 1, index, hashes));
    }
    this.#checkRoot(rootOfEdges(edges));
    const root384 = this.#tree384?.root();
    this.#checkRoot384(root384);
    return { issues: this.#issues, root384 };
  }

  /** Appends a hash to a level; a full tile is checked, and its root goes up. */
  async #rise(level: number, hash: MaybeHash): Promise<void> {
    const open = this.#levels[level - 1] ??= { index: 0n, hashes: [] };
    open.hashes.push(hash);
    if (open.hashes.length < TILE_WIDTH) return;
    const used = await this.#check(level, open.index, open.hashes);
    open.index++;
    open.hashes = [];
    await this.#rise(level + 1, rootOf(used));
  }

  /** Compares a tile with what follows from the tiles below it. */
  async #check(level: number, index: bigint, hashes: readonly MaybeHash[]): Promise<MaybeHash[]> {
    const width = hashes.length;
    const tile = await orIssues(this.#issues, () => readTile(this.#files, level, index, width));
    return compareTile(hashes, tile, (first, count) => {
      const below = tilePath(level - 1, (index << 8n) + BigInt(first), TILE_WIDTH);
      this.#issues.push(issue('TILE_FALSE', `hash ${first} of the tile is not the root of ${below}`, { file: tilePath(level, index, width), object: below },
        'Compare both tiles with a copy of the log: one of them was altered.', count));
    });
  }

  #checkRoot(root: MaybeHash): void {
    if (root === undefined || isSame(root, this.#head.root)) return;
    this.#issues.push(issue('LOG_ROOT', `the tiles of ${this.#head.size.toString()} entries lead to another root than the checkpoint's`, { object: 'checkpoint' },
      'Keep both, the checkpoint and the tiles: the log is not the one that was signed.'));
  }

  #checkRoot384(root: MaybeHash): void {
    const signed = this.#options.sha384Root;
    if (root === undefined || signed === undefined || isSame(root, signed)) return;
    this.#issues.push(issue('LOG_ROOT_384', 'the entries lead to another SHA-384 root than the signed one', { object: 'checkpoint-sha384' },
      'Keep both, the note and the entries: the log is not the one that was signed.'));
  }
}

/**
 * Compares stored hashes with those that follow from below. What is stored is what is used further up, so that one
 * altered place is reported once; what follows stands in for a tile that could not be read.
 */
function compareTile(follows: readonly MaybeHash[], tile: MaybeHash, onFalse: (first: number, count: number) => void): MaybeHash[] {
  if (tile === undefined) return [...follows];
  let first = -1;
  let count = 0;
  const used = follows.map((hash, i) => {
    const at = i * SHA256_TREE.bytes;
    if (hash !== undefined && isSameAt(hash, tile, at)) return hash;
    if (hash !== undefined) {
      count++;
      if (first < 0) first = i;
    }
    return tile.subarray(at, at + SHA256_TREE.bytes);
  });
  if (count > 0) onFalse(first, count);
  return used;
}

function rootOf(hashes: readonly MaybeHash[]): MaybeHash {
  return allKnown(hashes) ? foldPairs(SHA256_TREE, hashes) : undefined;
}

/** Root over the partial tiles of all levels, lowest level first. */
function rootOfEdges(edges: readonly (readonly MaybeHash[])[]): MaybeHash {
  const frontier = new Frontier(SHA256_TREE);
  for (const [level, hashes] of [...edges.entries()].reverse()) {
    if (!allKnown(hashes)) return undefined;
    for (const hash of hashes) frontier.addSubtree(8 * level, hash);
  }
  return frontier.root();
}

function addEntries(tree: Frontier, entries: readonly Uint8Array[]): void {
  const leaves = entries.map((entry) => SHA384_TREE.leaf(entry));
  if (leaves.length === TILE_WIDTH) tree.addSubtree(8, foldPairs(SHA384_TREE, leaves));
  else for (const leaf of leaves) tree.addLeaf(leaf);
}

function addSubtrees(tree: Frontier, entries: bigint, hashes: Uint8Array): void {
  const bytes = SHA384_TREE.bytes;
  for (const [i, height] of bitsOf(entries).entries()) tree.addSubtree(height, hashes.subarray(i * bytes, (i + 1) * bytes));
}

function entryFalse(index: bigint, width: number, first: number, count: number): Issue {
  const entry = ((index << 8n) + BigInt(first)).toString();
  return issue('ENTRY_FALSE', `entry ${entry} does not hash to leaf ${first} of ${tilePath(0, index, width)}`, { file: bundlePath(index, width), object: `entry ${entry}` },
    'Compare the bundle and the tile with a copy of the log: one of them was altered.', count);
}

function issue(code: string, message: string, place: Place, repair: string, count = 1): Issue {
  return { code, severity: 'error', message, place, repair, ...(count > 1 ? { count } : {}) };
}

/** What `work` gives; undefined when it was refused, with the reasons added to the issues. */
async function orIssues<T>(issues: Issue[], work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    issues.push(...error.issues);
    return undefined;
  }
}

function allKnown(hashes: readonly MaybeHash[]): hashes is readonly Uint8Array[] {
  return !hashes.includes(undefined);
}

function hashRow(hashes: readonly MaybeHash[]): HashRow {
  const row = { hashes: new Uint8Array(hashes.length * SHA256_TREE.bytes), known: new Uint8Array(hashes.length) };
  for (const [i, hash] of hashes.entries()) {
    if (hash === undefined) continue;
    row.hashes.set(hash, i * SHA256_TREE.bytes);
    row.known[i] = 1;
  }
  return row;
}

function hashesOf(row: HashRow): MaybeHash[] {
  return Array.from(row.known, (known, i) => (known === 1 ? row.hashes.subarray(i * SHA256_TREE.bytes, (i + 1) * SHA256_TREE.bytes) : undefined));
}

function joined(tree: TreeHash, hashes: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(hashes.length * tree.bytes);
  for (const [i, hash] of hashes.entries()) bytes.set(hash, i * tree.bytes);
  return bytes;
}

function isSame(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && isSameAt(a, b, 0);
}

/** A loop of its own: this runs for every hash of the log. */
function isSameAt(hash: Uint8Array, bytes: Uint8Array, at: number): boolean {
  for (let i = 0; i < hash.length; i++) if (hash[i] !== bytes[at + i]) return false;
  return true;
}
