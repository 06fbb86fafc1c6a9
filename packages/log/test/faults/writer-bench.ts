/**
 * A writer on the bench: a log that the real sequencer made, on disks in memory whose every operation can be made to fail,
 * and the look afterwards that says whether all promises were kept.
 * @module
 */
import { equalBytes, utf8 } from '../../src/bytes.ts';
import type { Cell, CellState } from '../../src/cell.ts';
import { parseCheckpoint } from '../../src/checkpoint.ts';
import type { Checkpoint } from '../../src/checkpoint.ts';
import { consistencyProof, verifyConsistency } from '../../src/proofs.ts';
import { createLog, openSequencer } from '../../src/sequencer.ts';
import type { Appended } from '../../src/sequencer.ts';
import type { LogParts } from '../../src/standing.ts';
import { TileReader } from '../../src/tile-reader.ts';
import { checkTlogProof } from '../../src/tlog-proof.ts';
import { SHA256_TREE } from '../../src/tree-hash.ts';
import { verifyLog } from '../../src/verify-log.ts';
import { OWN_POLICY, SIGNERS, STEADY_SIGNERS, TIME, filesOf, syntheticEntry } from './base-logs.ts';
import { Escape, check, refusalOf, rngOf } from './harness.ts';
import type { Rng } from './harness.ts';
import { Injector, MemoryCell, Volume } from './volume.ts';

/** What somebody was promised. */
interface Promised {
  readonly index: bigint;
  readonly entry: Uint8Array;
  readonly receipt: string;
}

/** A log under test. */
export class Bench {
  readonly injector = new Injector();
  readonly disk: Volume;
  readonly staging: Volume;
  readonly cell: Cell;
  /** The same, where it is one in memory. */
  readonly memory: MemoryCell;
  /** What the cell held in the beginning. */
  readonly state: CellState;
  /** Entries that must be there. */
  readonly entries: Uint8Array[];
  readonly promised: Promised[] = [];
  /** Heads that left the writer, by size: shown in the folder, kept in the cell or promised. */
  readonly #heads = new Map<bigint, Checkpoint>();
  #cut: readonly Uint8Array[] = [];

  constructor(from: Snapshot, cell?: Cell) {
    this.disk = from.disk.copy(this.injector);
    this.staging = new Volume(this.injector, 'staging');
    this.memory = new MemoryCell(this.injector, cell ? null : from.state);
    this.cell = cell ?? this.memory;
    this.state = from.state;
    this.entries = [...from.entries];
    this.see(utf8(from.state.checkpoint));
  }

  parts(more: Partial<LogParts> = {}): LogParts {
    return { disk: this.disk, staging: this.staging, cell: this.cell, signers: SIGNERS, now: () => TIME, ...more };
  }

  /** Entries of a log that was cut off after its head was kept. */
  expected(): readonly Uint8Array[] {
    return [...this.entries, ...this.#cut];
  }

  cut(entries: readonly Uint8Array[]): void {
    this.#cut = entries;
  }

  /** Notes a head; two that differ at one size are an escape. */
  see(checkpoint: Uint8Array): void {
    const head = parseCheckpoint(checkpoint);
    const before = this.#heads.get(head.size);
    check(before === undefined || equalBytes(before.root, head.root), `two heads of size ${head.size}`);
    this.#heads.set(head.size, head);
  }

  /** What the folder and the cell show now. */
  look(): void {
    const shown = this.disk.files().get('checkpoint');
    if (shown) this.see(shown);
    for (const { checkpoint } of this.memory.held) this.see(utf8(checkpoint));
  }

  /** Keeps a promise to check later. */
  async promise(appended: Appended, entry: Uint8Array): Promise<void> {
    this.see(appended.checkpoint);
    this.promised.push({ index: appended.index, entry, receipt: await appended.receipt() });
  }

  /**
   * The log as it is now keeps everything: it verifies, all that was promised is in it, every head that left the writer leads to it.
   * @param optional - entries that may or may not be there, beyond those promised and the first ones
   */
  async examine(optional: readonly Uint8Array[] = []): Promise<Uint8Array[]> {
    this.look();
    const files = filesOf(this.disk.files());
    const outcome = await refusalOf(() => verifyLog(files, { policy: OWN_POLICY }));
    if (outcome.refusal) throw new Escape(`the log does not verify: ${outcome.refusal.message}`);
    const { head } = outcome.accepted;
    const reader = new TileReader(files, head.size);
    const entries: Uint8Array[] = [];
    for await (const entry of reader.entries()) entries.push(entry);
    check(this.entries.every((entry, i) => Buffer.compare(entry, entries[i] ?? new Uint8Array(1)) === 0), 'an entry of the log is gone');
    for (const { index, entry, receipt } of this.promised) {
      check(equalBytes(entries[Number(index)] ?? new Uint8Array(1), entry), `the acknowledged entry ${index} is gone`);
      const { checkpoint } = checkTlogProof(OWN_POLICY, utf8(receipt), entry);
      await this.#leadsTo(checkpoint, head, reader);
    }
    for (const seen of this.#heads.values()) await this.#leadsTo(seen, head, reader);
    const allowed = new Set([...this.entries, ...this.promised.map(({ entry }) => entry), ...optional].map(keyOf));
    check(entries.every((entry) => allowed.has(keyOf(entry))), 'an entry that was refused is in the log');
    return entries;
  }

  async #leadsTo(seen: Checkpoint, head: Checkpoint, reader: TileReader): Promise<void> {
    check(seen.size <= head.size, `a head of ${seen.size} entries was seen, and the log has ${head.size}`);
    const proof = await consistencyProof(seen.size, head.size, reader.subtree);
    check(verifyConsistency(SHA256_TREE, { size1: seen.size, root1: seen.root, size2: head.size, root2: head.root, proof }), `the head of ${seen.size} entries does not lead to that of ${head.size}`);
  }
}

function keyOf(entry: Uint8Array): string {
  return Buffer.from(entry).toString('latin1');
}

interface Snapshot {
  readonly disk: Volume;
  readonly state: CellState;
  readonly entries: readonly Uint8Array[];
}

const snapshots = new Map<number, Promise<Snapshot>>();

/** A log of a size that the sequencer wrote; the writing is done once for each size. */
export async function bench(size: number, options: { readonly cell?: () => Cell } = {}): Promise<Bench> {
  const known = snapshots.get(size) ?? write(size);
  snapshots.set(size, known);
  const snapshot = await known;
  const cell = options.cell?.();
  if (cell) check(cell.swap(null, snapshot.state), 'the cell was not empty');
  return new Bench(snapshot, cell);
}

async function write(size: number): Promise<Snapshot> {
  const injector = new Injector();
  const disk = new Volume(injector, 'log');
  const cell = new MemoryCell(injector);
  const parts: LogParts = { disk, staging: new Volume(injector, 'staging'), cell, signers: STEADY_SIGNERS, now: () => TIME };
  await createLog(parts);
  const rng = rngOf('bench', size);
  const entries = Array.from({ length: size }, (_, i) => syntheticEntry(rng, i));
  const sequencer = await openSequencer(parts);
  await Promise.all(entries.map((entry) => sequencer.append(entry)));
  const { state } = cell;
  if (state === null) throw new Error('expected a state');
  return { disk, state, entries };
}

/** A log whose writer died after the cell took the head of a batch, before any of its tiles was written. */
export async function cutOff(size: number, rng: Rng): Promise<Bench> {
  const made = await bench(size);
  const batch = batchOf(rng, rng.pick([1, 2, 3]), 'cut');
  const sequencer = await openSequencer(made.parts());
  made.injector.plan('swap cell', 'persisted', true);
  await Promise.allSettled(batch.map((entry) => sequencer.append(entry)));
  made.injector.heal();
  made.cut(batch);
  return made;
}

/** Entries that no log has yet. */
export function batchOf(rng: Rng, count: number, label: string): Uint8Array[] {
  return Array.from({ length: count }, (_, i) => utf8(`${label} ${i} ${rng.int(2 ** 31)}`));
}
