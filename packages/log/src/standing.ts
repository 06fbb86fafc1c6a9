/**
 * Where a log stands when it is opened: what the cell, the published head and the tiles say, and what is finished or refused where they differ.
 * Source: the rules of starting are those of docs/decisions/0010. Leaves out: adding entries (sequencer.ts).
 * @module
 */
import { Refusal, refuse } from '@weighbridge/base';
import { equalBytes, utf8 } from './bytes.ts';
import type { Cell, CellState } from './cell.ts';
import { openCheckpoint, openSha384Checkpoint, parseCheckpoint } from './checkpoint.ts';
import type { Checkpoint } from './checkpoint.ts';
import { syncNames, writeDurably } from './disk.ts';
import type { Disk } from './disk.ts';
import { Edge } from './edge.ts';
import { Frontier } from './frontier.ts';
import { withCosignatures } from './head.ts';
import type { LogSigners } from './head.ts';
import { isBy, verifySignature } from './signed-note.ts';
import { stagedName, unpackStaged } from './staged.ts';
import { bundlePath } from './tile-path.ts';
import { TileReader } from './tile-reader.ts';
import { SHA384_TREE } from './tree-hash.ts';

/** Path of the signed head below the log's folder. */
export const CHECKPOINT = 'checkpoint';
/** Path of the head of the SHA-384 tree. */
export const CHECKPOINT_384 = 'checkpoint-sha384';

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

/** Where the log stands. */
export interface Standing {
  readonly state: CellState;
  readonly head: Checkpoint;
  readonly edge: Edge;
  /** As published. */
  readonly checkpoint: string;
}

/** Reads where the log stands, finishing what a batch that was cut off left undone. Refuses as {@link openSequencer} says. */
export async function load(parts: LogParts): Promise<Standing> {
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
export async function publish(parts: LogParts, state: CellState, size: bigint, checkpoint: string): Promise<void> {
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
export async function writeTiles(disk: Disk, files: ReadonlyMap<string, Uint8Array>): Promise<void> {
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
