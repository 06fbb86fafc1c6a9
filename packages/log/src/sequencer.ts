/**
 * The sequencer: the one place where entries get their index. Many may append; entries that wait together are one batch.
 * Order of a batch: tiles and bundles staged in one file and synced; the head signed; the cell swapped; tiles written; witnesses
 * asked; the checkpoint published by renaming; the staged file dropped. An entry is acknowledged at the end of it.
 * Source: the order and the rules of starting are those of docs/decisions/0010. Leaves out: what entries mean.
 * @module
 */
import { Refusal, refuse } from '@weighbridge/base';
import { MAX_ENTRY_BYTES } from './bundle.ts';
import { utf8 } from './bytes.ts';
import type { CellState } from './cell.ts';
import { parseCheckpoint } from './checkpoint.ts';
import { writeDurably } from './disk.ts';
import { Edge } from './edge.ts';
import type { Frontier } from './frontier.ts';
import { signHead, timeOf, withCosignatures } from './head.ts';
import { inclusionProof } from './proofs.ts';
import type { SubtreeReader } from './proofs.ts';
import { packStaged, stagedName } from './staged.ts';
import { CHECKPOINT, load, publish, writeTiles } from './standing.ts';
import type { LogParts, Standing } from './standing.ts';
import { TileReader } from './tile-reader.ts';
import { formatTlogProof } from './tlog-proof.ts';

/** Entries and bytes of one batch at most. */
const BATCH_ENTRIES = 4096;
const BATCH_BYTES = 16 << 20;
/** How often a batch is built again because another writer was first. */
const ATTEMPTS = 20;

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
  async #finish({ state, edge, files, outgrown }: Batch): Promise<bigint> {
    const { disk, staging } = this.#parts;
    const first = this.size;
    await writeTiles(disk, files);
    const head = parseCheckpoint(utf8(state.checkpoint));
    const checkpoint = withCosignatures(state.checkpoint, await this.#parts.cosign?.(head, first) ?? []);
    await publish(this.#parts, state, head.size, checkpoint);
    this.#standing = { state, head, edge, checkpoint };
    for (const name of await staging.list('.')) if (isOver(name, head.size)) await staging.remove(name);
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

/** True for the staged file of a batch that is finished, or that lost to another: its head can never be swapped in. */
function isOver(name: string, size: bigint): boolean {
  const staged = /^staged-(\d+)-[0-9a-f]+$/.exec(name)?.[1];
  return staged !== undefined && BigInt(staged) <= size;
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
