/**
 * The sequencer: the one place where entries get their index. Many may append; entries that wait together are one batch.
 * Order of a batch: tiles and bundles staged in one file and synced; the head signed; the cell swapped; tiles written; witnesses
 * asked; the checkpoint published by renaming; the staged file dropped. An entry is acknowledged at the end of it.
 * Source: the order and the rules of starting are those of docs/decisions/0010. Leaves out: what entries mean.
 * @module
 */
import { Refusal, refuse } from '@weighbridge/base';
import { MAX_ENTRY_BYTES } from './bundle.ts';
import { equalBytes, utf8 } from './bytes.ts';
import type { Cell, CellState } from './cell.ts';
import { openCheckpoint, openSha384Checkpoint, parseCheckpoint } from './checkpoint.ts';
import type { Checkpoint } from './checkpoint.ts';
import { syncNames, writeDurably } from './disk.ts';
import type { Disk } from './disk.ts';
import { Edge } from './edge.ts';
import { Frontier } from './frontier.ts';
import { signHead, timeOf, withCosignatures } from './head.ts';
import type { LogSigners } from './head.ts';
import { inclusionProof } from './proofs.ts';
import type { SubtreeReader } from './proofs.ts';
import { isBy, verifySignature } from './signed-note.ts';
import { packStaged, stagedName, unpackStaged } from './staged.ts';
import { bundlePath } from './tile-path.ts';
import { TileReader } from './tile-reader.ts';
import { formatTlogProof } from './tlog-proof.ts';
import { SHA384_TREE } from './tree-hash.ts';

/** Path of the signed head below the log's folder. */
export const CHECKPOINT = 'checkpoint';
/** Path of the head of the SHA-384 tree. */
export const CHECKPOINT_384 = 'checkpoint-sha384';

/** Entries and bytes of one batch at most. */
const BATCH_ENTRIES = 4096;
const BATCH_BYTES = 16 << 20;
/** How often a batch is built again because another writer was first. */
const ATTEMPTS = 20;

/** What a log is made of. */
export interface LogParts {
  /** The folder that is served: tiles, bundles, checkpoint. */
  readonly disk: Disk;
  /** Where a batch waits between its head and its tiles; not served. */
  readonly staging: Disk;
  readonly cell: Cell;
  readonly signers: LogSigners;
  /** POSIX seconds. */
  readonly now: () => bigint;
  /**
   * Asks witnesses about a head that is signed and whose tiles are there. `before` is the size they are likely to know.
   * @returns their signature lines, checked
   * @throws Refusal `WITNESS_AHEAD` when one of them knows a larger head: the log stops
   */
  readonly cosign?: (head: Checkpoint, before: bigint) => Promise<readonly string[]>;
}

/** An entry in its place. */
export interface Appended {
  readonly index: bigint;
  /** The head that covers it, as published: with the cosignatures there were. */
  readonly checkpoint: Uint8Array;
  /** The receipt: a `c2sp.org/tlog-proof@v1` text. */
  readonly receipt: () => Promise<string>;
}

/** An open log that can be added to. Close it. */
export interface Sequencer {
  readonly origin: string;
  /** Entries that are committed. */
  readonly size: bigint;
  /** The head as published. */
  readonly checkpoint: Uint8Array;
  /**
   * Adds an entry. When it resolves, the entry is on disk under a signed head that is published.
   * After a failure the next batch begins as opening does: by what the cell holds, never by trying again.
   * @throws Refusal `ENTRY_TOO_LARGE`; `LOG_UNACKNOWLEDGED` when the write failed so late that the entry may be in the log; what opening
   *   refuses; and errors of the disk as they are where nothing was signed
   */
  append(entry: Uint8Array): Promise<Appended>;
  /** The receipt of an entry that is in the log. @throws Refusal `PROOF_INDEX` */
  receipt(index: bigint): Promise<string>;
  reader(): TileReader;
  /** Waits for what is being committed. The cell stays open: it is the caller's. */
  close(): Promise<void>;
}

/**
 * Begins a log: signs and publishes the head of size 0.
 * @throws Refusal `LOG_EXISTS` when a head was signed or published before
 */
export async function createLog(parts: LogParts): Promise<void> {
  const { disk, cell, signers, now } = parts;
  const published = await disk.read(CHECKPOINT);
  const edge = new Edge();
  const state = { ...signHead(signers, 0n, edge.tree.root(), edge.tree384.root(), now()), edge384: new Uint8Array() };
  if (published !== null || !cell.swap(null, state)) {
    refuse('LOG_EXISTS', 'there is a log already', { file: CHECKPOINT }, 'open it, or name another folder');
  }
  await publish(parts, state, 0n, state.checkpoint);
}

/**
 * Opens a log. What a batch that was cut off left undone is finished; what cannot be finished stops the log before it signs anything.
 * @throws Refusal `LOG_NOT_MADE`; `LOG_CELL_MISSING`, `LOG_CELL_COPIED`, `LOG_CELL_BEHIND`, `LOG_FORKED` (the published head is not one that
 *   the cell leads to); `LOG_CELL_DAMAGED`; `LOG_TILES_LOST`; `LOG_TILE_CONFLICT`; `WITNESS_AHEAD`
 */
export async function openSequencer(parts: LogParts): Promise<Sequencer> {
  return new BatchSequencer(parts, await load(parts));
}

/** Where the log stands. */
interface Standing {
  readonly state: CellState;
  readonly head: Checkpoint;
  readonly edge: Edge;
  /** As published. */
  readonly checkpoint: string;
}

async function load(parts: LogParts): Promise<Standing> {
  const { disk, cell, signers } = parts;
  const published = await disk.read(CHECKPOINT);
  const state = cell.read();
  if (state === null) return refuseWithoutCell(published !== null);
  const logKey = signers.log.verifierKey;
  const head = openCheckpoint(utf8(state.checkpoint), logKey, { file: 'log-cell.sqlite' });
  const tree384 = frontier384(state, head, signers);
  const shown = published === null ? null : openCheckpoint(published, logKey, { file: CHECKPOINT });
  if (shown !== null && shown.size > head.size) refuseBehind('the published checkpoint is larger than the last one in the cell');
  if (shown !== null && shown.size === head.size && !equalBytes(shown.root, head.root)) {
    refuse('LOG_FORKED', 'the published checkpoint and the cell have the same size and different roots', { file: CHECKPOINT }, 'stop writing; keep both, and have the log examined');
  }
  if (await goesBeyond(disk, head.size)) {
    // No tile is written before the cell has its head: either another writer was here just now, or the cell is not the last one.
    if (cell.read()?.checkpoint !== state.checkpoint) return load(parts);
    refuseBehind('there are entries beyond the last head in the cell');
  }
  const whole = shown !== null && shown.size === head.size;
  const edge = (whole ? await edgeOf(disk, head, tree384) : undefined) ?? await replay(parts, head, tree384);
  const standing = { state, head, edge, checkpoint: whole && published !== null ? new TextDecoder().decode(published) : state.checkpoint };
  if (!whole || await isOther(disk, CHECKPOINT_384, state.checkpoint384)) await publish(parts, state, head.size, standing.checkpoint);
  return parts.cosign ? cosigned(parts, standing, head.size) : standing;
}

function refuseBehind(why: string): never {
  refuse('LOG_CELL_BEHIND', `${why}: the cell was rolled back`, { file: CHECKPOINT }, 'stop writing; put the cell back as it was, or begin a new log and say why');
}

/** True when the folder holds entries that a log of that size has not. */
async function goesBeyond(disk: Disk, size: bigint): Promise<boolean> {
  const bundle = bundlePath(size / 256n, 256);
  const partial = await disk.list(`${bundle}.p`);
  return partial.some((name) => /^\d+$/.test(name) && BigInt(name) > size % 256n) || (await disk.read(bundle)) !== null;
}

async function isOther(disk: Disk, path: string, text: string): Promise<boolean> {
  const bytes = await disk.read(path);
  return bytes === null || !equalBytes(bytes, utf8(text));
}

function refuseWithoutCell(published: boolean): never {
  if (!published) return refuse('LOG_NOT_MADE', 'there is no log here yet', { file: CHECKPOINT }, 'make one first');
  return refuse('LOG_CELL_MISSING', 'a checkpoint was published, and the cell with the last head that was signed is not there', { file: 'log-cell.sqlite' },
    'put the cell back as it was; a restored backup must not bring an older one');
}

/** The edge, when the tiles show the head; undefined when they are not there, not whole or others. */
async function edgeOf(disk: Disk, head: Checkpoint, tree384: Frontier): Promise<Edge | undefined> {
  try {
    return await Edge.read(new TileReader(disk, head.size), head.root, tree384);
  } catch (error) {
    if (error instanceof Refusal) return undefined;
    throw error;
  }
}

/** Finishes the batch that the head in the cell stands for: its files are staged. */
async function replay({ disk, staging }: LogParts, head: Checkpoint, tree384: Frontier): Promise<Edge> {
  const bytes = await staging.read(stagedName(head.size, head.root));
  const files = bytes === null ? undefined : unpackStaged(bytes);
  if (files) await writeTiles(disk, files);
  const edge = await edgeOf(disk, head, tree384);
  return edge ?? refuse('LOG_TILES_LOST', 'the tiles or entries at the end of the log are not those of the last head that was signed', { file: 'tile' },
    'restore the log’s folder from a copy that is at least as new as the last receipt; nothing is signed until then');
}

/** The SHA-384 tree that the cell carries on. Damage to it, or to the cell's P-384 signatures, would come out under our own signature. */
function frontier384({ checkpoint384, edge384 }: CellState, head: Checkpoint, { p384 }: LogSigners): Frontier {
  const hashes = Array.from({ length: edge384.length / SHA384_TREE.bytes }, (_, i) => edge384.slice(i * SHA384_TREE.bytes, (i + 1) * SHA384_TREE.bytes));
  try {
    const line = head.note.signatures.find((signature) => isBy(signature, p384.verifierKey));
    const second = openSha384Checkpoint(utf8(checkpoint384), head.origin, p384.verifierKey);
    const tree = new Frontier(SHA384_TREE, head.size, hashes);
    if (line && verifySignature(head.note, line, p384.verifierKey) && second.size === head.size && equalBytes(second.root, tree.root())) return tree;
  } catch (error) {
    if (!(error instanceof Refusal || error instanceof RangeError)) throw error;
  }
  return refuse('LOG_CELL_DAMAGED', 'what the log’s cell holds does not fit together', { file: 'log-cell.sqlite' }, 'stop writing; the last head that a witness, a receipt or the checkpoint file shows is the one to go on from');
}

/**
 * Shows a head, and never in the place of a larger one: another writer may have been faster. What it overtook between the look and the
 * renaming is put right by opening again.
 */
async function publish(parts: LogParts, state: CellState, size: bigint, checkpoint: string): Promise<void> {
  const { disk, cell } = parts;
  if ((await shownSize(disk)) > size) return;
  await writeDurably(disk, new Map([[CHECKPOINT_384, utf8(state.checkpoint384)]]));
  await writeDurably(disk, new Map([[CHECKPOINT, utf8(checkpoint)]]));
  if (cell.read()?.checkpoint !== state.checkpoint) await load(parts);
}

/** Size of the published head; −1 when none can be read. */
async function shownSize(disk: Disk): Promise<bigint> {
  const bytes = await disk.read(CHECKPOINT);
  try {
    return bytes === null ? -1n : parseCheckpoint(bytes).size;
  } catch {
    return -1n;
  }
}

/** Writes those that are not there yet. One that is there with other bytes stops the log. All are durable when it resolves. */
async function writeTiles(disk: Disk, files: ReadonlyMap<string, Uint8Array>): Promise<void> {
  const missing = new Map<string, Uint8Array>();
  const there: string[] = [];
  for (const [path, bytes] of files) {
    const present = await disk.read(path);
    if (present === null) missing.set(path, bytes);
    else there.push(path);
    if (present !== null && !equalBytes(present, bytes)) refuse('LOG_TILE_CONFLICT', 'a tile that was to be written is there with other bytes', { file: path }, 'stop writing, and have the log examined: a tile never changes');
  }
  await writeDurably(disk, missing);
  await syncNames(disk, there);
}

async function cosigned(parts: LogParts, standing: Standing, before: bigint): Promise<Standing> {
  const lines = await parts.cosign?.(standing.head, before) ?? [];
  if (lines.length === 0) return standing;
  const checkpoint = withCosignatures(standing.checkpoint, lines);
  if (checkpoint !== standing.checkpoint) await publish(parts, standing.state, standing.head.size, checkpoint);
  return { ...standing, checkpoint };
}

interface Waiting {
  readonly entry: Uint8Array;
  readonly resolve: (appended: Appended) => void;
  readonly reject: (error: unknown) => void;
}

class BatchSequencer implements Sequencer {
  readonly #parts: LogParts;
  #standing: Standing;
  #waiting: Waiting[] = [];
  #running: Promise<void> | undefined;
  #reload = false;

  constructor(parts: LogParts, standing: Standing) {
    this.#parts = parts;
    this.#standing = standing;
  }

  get origin(): string {
    return this.#standing.head.origin;
  }

  get size(): bigint {
    return this.#standing.head.size;
  }

  get checkpoint(): Uint8Array {
    return utf8(this.#standing.checkpoint);
  }

  append(entry: Uint8Array): Promise<Appended> {
    if (entry.length > MAX_ENTRY_BYTES) {
      return Promise.reject(new Refusal([{
        code: 'ENTRY_TOO_LARGE', severity: 'error', message: `an entry has at most ${MAX_ENTRY_BYTES} bytes, this one has ${entry.length}`, place: {}, repair: 'log a commitment to the content, not the content',
      }]));
    }
    return new Promise((resolve, reject) => {
      this.#waiting.push({ entry, resolve, reject });
      this.#running ??= this.#run();
    });
  }

  reader(): TileReader {
    return new TileReader(this.#parts.disk, this.size);
  }

  async receipt(index: bigint): Promise<string> {
    const { subtree, size } = this.reader();
    return receiptFrom(subtree, index, size, this.checkpoint);
  }

  async close(): Promise<void> {
    await this.#running;
  }

  async #run(): Promise<void> {
    await Promise.resolve(); // what is appended in the same turn is one batch
    while (this.#waiting.length > 0) {
      const batch = this.#waiting.splice(0, batchLength(this.#waiting));
      try {
        const first = await this.#commit(batch.map(({ entry }) => entry));
        const reader = this.reader();
        const [{ size }, { checkpoint }, read] = [reader, this, remembering(reader.subtree)];
        for (const [i, { resolve }] of batch.entries()) {
          const index = first + BigInt(i);
          resolve({ index, checkpoint, receipt: () => receiptFrom(read, index, size, checkpoint) });
        }
      } catch (error) {
        this.#reload = true;
        for (const { reject } of batch) reject(error);
      }
    }
    this.#running = undefined; // in the same turn as the look at what waits: nothing falls between
  }

  /** Commits a batch and returns the index of its first entry. */
  async #commit(entries: readonly Uint8Array[]): Promise<bigint> {
    const { staging, cell } = this.#parts;
    for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
      if (this.#reload) this.#standing = await load(this.#parts);
      this.#reload = false;
      const batch = this.#build(entries);
      await writeDurably(staging, new Map([[batch.staged, packStaged(batch.files)]]));
      try {
        if (cell.swap(this.#standing.state, batch.state)) return await this.#finish(batch);
      } catch (cause) {
        throw unacknowledged(cause);
      }
      // Another writer was first. With the same entries: then the staged file is the one that it needs.
      const first = cell.read();
      if (first === null || stagedFor(first) !== batch.staged) await staging.remove(batch.staged);
      this.#reload = true;
    }
    return refuse('LOG_BUSY', 'other writers were first every time', {}, 'let fewer processes write to this log at once, and try again: nothing was recorded');
  }

  #build(entries: readonly Uint8Array[]): Batch {
    const { signers, now } = this.#parts;
    const edge = this.#standing.edge.copy();
    const { files, outgrown } = edge.add(entries);
    const root = edge.tree.root();
    const last = timeOf(this.#standing.head, signers);
    const time = now() > last ? now() : last;
    const state = { ...signHead(signers, edge.size, root, edge.tree384.root(), time), edge384: joined(edge.tree384) };
    return { state, edge, files, outgrown, staged: stagedName(edge.size, root) };
  }

  /** The cell holds the batch's head: everything that it stands for is written and shown. */
  async #finish({ state, edge, files, outgrown, staged }: Batch): Promise<bigint> {
    const { disk, staging } = this.#parts;
    const first = this.size;
    await writeTiles(disk, files);
    const head = parseCheckpoint(utf8(state.checkpoint));
    const checkpoint = withCosignatures(state.checkpoint, await this.#parts.cosign?.(head, first) ?? []);
    await publish(this.#parts, state, head.size, checkpoint);
    this.#standing = { state, head, edge, checkpoint };
    await staging.remove(staged);
    for (const path of outgrown) await disk.remove(path);
    return first;
  }
}

/** A batch that is built and signed for. */
interface Batch {
  readonly state: CellState;
  readonly edge: Edge;
  readonly files: ReadonlyMap<string, Uint8Array>;
  /** Folders of partial tiles that are full now. */
  readonly outgrown: readonly string[];
  /** Name of its staged file. */
  readonly staged: string;
}

function stagedFor({ checkpoint }: CellState): string {
  const { size, root } = parseCheckpoint(utf8(checkpoint));
  return stagedName(size, root);
}

function batchLength(waiting: readonly Waiting[]): number {
  let bytes = 0;
  const full = waiting.findIndex(({ entry }, i) => i > 0 && (i === BATCH_ENTRIES || (bytes += entry.length) > BATCH_BYTES));
  return full < 0 ? waiting.length : full;
}

function joined({ hashes }: Frontier): Uint8Array {
  return Buffer.concat(hashes);
}

async function receiptFrom(read: SubtreeReader, index: bigint, size: bigint, checkpoint: Uint8Array): Promise<string> {
  return formatTlogProof({ index, proof: await inclusionProof(index, size, read), checkpoint });
}

/** The proofs of one batch share most of their subtrees: each is rebuilt from its tile once. */
function remembering(read: SubtreeReader): SubtreeReader {
  const known = new Map<string, Promise<Uint8Array>>();
  return (level, index) => {
    const key = `${level}/${index}`;
    const hash = known.get(key) ?? read(level, index);
    known.set(key, hash);
    return hash;
  };
}

function unacknowledged(cause: unknown): unknown {
  if (cause instanceof Refusal) return cause;
  return new Refusal([{
    code: 'LOG_UNACKNOWLEDGED', severity: 'error', message: 'the write failed after the entry was signed for: it may be in the log', place: {},
    repair: 'mend the cause (a full disk, say) and look whether it is there before you send it again: the log finishes what it began when it is next written',
  }], { cause });
}
