/**
 * A witness that follows a log by its folder, without any network: checks its head against what it cosigned before, by the tiles,
 * cosigns it, and puts its lines below the published checkpoint.
 * Source: C2SP tlog-witness 1.0.0 for the rules, tlog-tiles 0.1.0 for the folder. Leaves out: what entries say; a full audit is audit.ts.
 * @module
 */
import { randomUUID } from 'node:crypto';
import { readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { Refusal, refuse } from '@weighbridge/base';
import { syncFolder, writeFileDurably } from '@weighbridge/base/node';
import { formatAddCheckpoint } from './add-checkpoint.ts';
import { equalBytes, fromUtf8 } from './bytes.ts';
import { openCheckpoint, parseCheckpoint, sameHead } from './checkpoint.ts';
import type { Checkpoint } from './checkpoint.ts';
import { folderFiles } from './disk.ts';
import { equivocationId, proveEquivocation } from './equivocation.ts';
import { withCosignatures } from './head.ts';
import { consistencyProof } from './proofs.ts';
import { isBy } from './signed-note.ts';
import { TileReader } from './tile-reader.ts';
import type { StoredHead, Witness } from './witness.ts';

/** What came of looking at a log's folder. */
export type Followed =
  /** `lines` stand below the folder's checkpoint, unless it shows another head by now. */
  | { readonly kind: 'cosigned'; readonly head: Checkpoint; readonly lines: readonly string[]; readonly published: boolean }
  /** The folder shows a smaller head than was cosigned: an old copy, and no proof of anything. `checked` says that it is the beginning of ours. */
  | { readonly kind: 'behind'; readonly head: Checkpoint; readonly stored: bigint; readonly checked: boolean }
  /** The log signed two heads that exclude each other. The evidence is kept in the state, too; nothing was cosigned. */
  | { readonly kind: 'equivocation'; readonly head: Checkpoint; readonly id: string; readonly evidence: Uint8Array };

/** Another process of the same witness may cosign between our look at the state and our request. */
const MOST_ATTEMPTS = 4;

/**
 * Looks once. What it cosigned is on disk, in the state and then in the folder, when it returns.
 * @throws Refusal FOLLOW_CHECKPOINT_MISSING, FOLLOW_LOG_UNKNOWN, FOLLOW_TILES (they do not lead to the signed root), EVIDENCE_TILES (likewise, on
 * the way from the stored head), FOLLOW_BUSY; WITNESS_STATE_STALE; those of `openCheckpoint` and `TileReader`
 */
export async function followFolder(witness: Witness, folder: string): Promise<Followed> {
  const files = folderFiles(folder);
  for (let attempt = 0; attempt < MOST_ATTEMPTS; attempt += 1) {
    const bytes = await files.read('checkpoint') ?? refuse('FOLLOW_CHECKPOINT_MISSING', 'the folder has no checkpoint', { file: 'checkpoint' }, 'name the folder of a log');
    const head = openSigned(witness, bytes);
    const stored = witness.head(head.origin);
    const evidence = await contradictionIn(folder, head, stored, witness);
    if (evidence instanceof Uint8Array) return keep(witness, head, stored, evidence);
    if (stored !== null && head.size < stored.size) return { kind: 'behind', head, stored: stored.size, checked: evidence === 'consistent' };
    const old = stored?.size ?? 0n;
    const proof = await consistencyProof(old, head.size, new TileReader(files, head.size).subtree);
    const answer = await witness.addCheckpoint(formatAddCheckpoint({ old, proof, checkpoint: bytes }));
    if (answer.status === 200) {
      const lines = answer.body.split('\n').slice(0, -1);
      return { kind: 'cosigned', head, lines, published: await addLines(folder, head, lines) };
    }
    if (answer.status !== 409) refuse('FOLLOW_REFUSED', `the head was not cosigned: ${answer.code}`, { file: 'checkpoint' }, 'audit the folder: its tiles and its checkpoint do not fit');
  }
  return refuse('FOLLOW_BUSY', 'another process of this witness cosigns the same log', {}, 'run one');
}

function openSigned(witness: Witness, bytes: Uint8Array): Checkpoint {
  const place = { file: 'checkpoint' };
  const { origin, note } = parseCheckpoint(bytes, place);
  const keys = witness.logKeys(origin);
  const [first] = keys;
  if (first === undefined) return refuse('FOLLOW_LOG_UNKNOWN', 'the log of the folder is none that the witness follows', { ...place, object: origin }, 'give its verifier key, from a source other than the folder');
  const signed = keys.filter((key) => note.signatures.some((s) => isBy(s, key)));
  let head = openCheckpoint(bytes, signed[0] ?? first, place);
  for (const key of signed.slice(1)) head = openCheckpoint(bytes, key, place);
  return head;
}

/** Evidence, or whether the two heads were found consistent; `unknown` when the folder shows too little. */
async function contradictionIn(folder: string, head: Checkpoint, stored: StoredHead | null, witness: Witness): Promise<Uint8Array | 'consistent' | 'unknown'> {
  const files = folderFiles(folder);
  const keys = witness.logKeys(head.origin);
  if (stored === null || stored.size === 0n) {
    if (equalBytes(await new TileReader(files, head.size).root(), head.root)) return 'consistent';
    return refuse('FOLLOW_TILES', 'the tiles do not lead to the signed root', { file: 'checkpoint' }, 'audit the folder');
  }
  const larger = new TileReader(files, stored.size > head.size ? stored.size : head.size);
  if (stored.size <= head.size) return await proveEquivocation(stored.checkpoint, head.note.bytes, keys, larger) ?? 'consistent';
  try {
    // A log that went back often leaves the tiles of the larger head lying where they were.
    return await proveEquivocation(stored.checkpoint, head.note.bytes, keys, larger) ?? 'consistent';
  } catch (error) {
    if (error instanceof Refusal) return 'unknown';
    throw error;
  }
}

function keep(witness: Witness, head: Checkpoint, stored: StoredHead | null, evidence: Uint8Array): Followed {
  const other = parseCheckpoint(stored?.checkpoint ?? head.note.bytes);
  witness.keep(other, head, evidence);
  return { kind: 'equivocation', head, id: equivocationId(other, head), evidence };
}

/**
 * Puts the lines below the folder's checkpoint by rename, and keeps all others. False when the folder shows another head by now.
 * Between the last look and the rename lie microseconds: a head that the log published in them stands again with the next one, and
 * lines that another witness added in them are missing until it looks again, as we do here.
 */
async function addLines(folder: string, head: Checkpoint, lines: readonly string[]): Promise<boolean> {
  const path = join(folder, 'checkpoint');
  for (let attempt = 0; attempt < MOST_ATTEMPTS; attempt += 1) {
    const before = readFileSync(path);
    if (!sameHead(parseCheckpoint(before), head)) return false;
    if (lines.every((line) => hasLine(before, line))) return true;
    const temporary = join(folder, `.checkpoint.${randomUUID()}.tmp`);
    await writeFileDurably(temporary, withCosignatures(fromUtf8(before) ?? '', lines));
    if (equalBytes(readFileSync(path), before)) {
      renameSync(temporary, path);
      await syncFolder(folder);
    } else {
      rmSync(temporary, { force: true });
    }
  }
  return lines.every((line) => hasLine(readFileSync(path), line));
}

function hasLine(note: Uint8Array, line: string): boolean {
  return fromUtf8(note)?.includes(`\n${line}\n`) === true;
}
