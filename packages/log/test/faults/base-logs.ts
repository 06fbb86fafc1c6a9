/**
 * Logs to damage: built once for each size by the writer's own parts, in memory, with every head they published on the way.
 * Their policy asks for the log's key, its P-384 line and two of three witnesses. Entries are synthetic.
 * @module
 */
import { createHash } from 'node:crypto';
import { p384 } from '@noble/curves/nist.js';
import { equalBytes, utf8 } from '../../src/bytes.ts';
import { parseCheckpoint, sameHead } from '../../src/checkpoint.ts';
import type { Checkpoint } from '../../src/checkpoint.ts';
import { Edge } from '../../src/edge.ts';
import { encodeEntry } from '../../src/entry.ts';
import { signHead, withCosignatures } from '../../src/head.ts';
import type { LogSigners } from '../../src/head.ts';
import { parsePolicy } from '../../src/policy.ts';
import { inclusionProof } from '../../src/proofs.ts';
import { cosign } from '../../src/signed-note.ts';
import type { NoteSigner } from '../../src/signed-note.ts';
import { TileReader } from '../../src/tile-reader.ts';
import type { LogFiles } from '../../src/tile-reader.ts';
import { formatTlogProof } from '../../src/tlog-proof.ts';
import { auditStretch, auditTree, RisingAudit, stretchesOf } from '../../src/audit.ts';
import { bundleHasher } from '../../src/row-hash.ts';
import { SHA256_TREE, SHA384_TREE } from '../../src/tree-hash.ts';
import { verifyLog } from '../../src/verify-log.ts';
import type { Audit } from '../../src/verify-log.ts';
import { testSigner } from '../test-signers.ts';
import { Escape, SAME, check, refusalOf, rngOf } from './harness.ts';
import type { Rng } from './harness.ts';

export const ORIGIN = 'log.example.test/faults';
export const SIGNERS: LogSigners = { log: testSigner('ed25519', ORIGIN), p384: testSigner('p384-cosigner', `${ORIGIN}/p384`) };
/** The same keys, but the same signature for the same text: what a fault with a seed is put into must be the same on every run. Slow. */
export const STEADY_SIGNERS: LogSigners = { log: SIGNERS.log, p384: steady(SIGNERS.p384, `p384-cosigner ${ORIGIN}/p384`) };
export const WITNESSES: readonly NoteSigner[] = ['w1', 'w2', 'w3'].map((name) => testSigner('ed25519-cosigner', `${name}.example.test`));
export const LOG_KEY = SIGNERS.log.verifierKey;
export const POLICY_TEXT = [
  `log ${LOG_KEY.text}`, `witness p384 ${SIGNERS.p384.verifierKey.text}`, ...WITNESSES.map(({ verifierKey }, i) => `witness w${i + 1} ${verifierKey.text}`),
  'group witnesses 2 w1 w2 w3', 'group everyone all p384 witnesses', 'quorum everyone', '',
].join('\n');
export const POLICY = parsePolicy(POLICY_TEXT);
/** For logs that have no witnesses: the P-384 line alone. */
export const OWN_POLICY = parsePolicy(`log ${LOG_KEY.text}\nwitness p384 ${SIGNERS.p384.verifierKey.text}\nquorum p384\n`);
export const TIME = 1_700_000_000n;

export type Files = ReadonlyMap<string, Uint8Array>;

/** A log as it was served at one moment. */
export interface Published {
  readonly size: number;
  readonly root: Uint8Array;
  readonly checkpoint: Uint8Array;
  /** Everything, the checkpoints too. */
  readonly files: Files;
  readonly entries: readonly Uint8Array[];
}

/** A log and its past: the last is the present. */
export type History = readonly [Published, ...Published[]];

/** Sizes at which tiles begin and end. */
export const LARGE: readonly number[] = [255, 256, 257, 257, 511, 512, 513, 700, 1000];
/** Sizes that logs are damaged at; small ones stand often because they cost little. */
export const SIZES: readonly number[] = [...Array.from({ length: 9 }, () => [1, 2, 3, 3, 5, 9]).flat(), ...LARGE];
const cache = new Map<number, History>();

/** The log of a size, the same on every run. */
export function historyOf(size: number): History {
  const known = cache.get(size);
  if (known) return known;
  const rng = rngOf('base', size);
  const entries = Array.from({ length: size }, (_, i) => syntheticEntry(rng, i));
  const steps = [0, Math.floor(size / 3), size >> 1, size - 1, size].filter((at, i, all) => at >= 0 && all.indexOf(at) === i).sort((a, b) => a - b);
  const history = publishAll(entries, steps);
  cache.set(size, history);
  return history;
}

export function presentOf(size: number): Published {
  return historyOf(size).at(-1) ?? historyOf(size)[0];
}

/** Records of the product, other bytes of many lengths, rarely an empty or a very long entry. */
export function syntheticEntry(rng: Rng, i: number): Uint8Array {
  const dice = rng.int(600);
  if (dice === 0) return i % 3 > 0 ? new Uint8Array() : new Uint8Array(65_535).fill(i);
  if (dice % 2 === 0) return recordOf(i, TIME + BigInt(i));
  return rng.bytes(8 + rng.int(64));
}

/** An entry of the product's own form with its moment. */
export function recordOf(i: number, time: bigint): Uint8Array {
  return encodeEntry({ kind: 'access', purpose: 'other', submissions: [i], commitment: i.toString(16).padStart(96, '0') as never }, time);
}

/** A log whose heads were published at these sizes, signed by its keys and all witnesses. */
export function publishAll(entries: readonly Uint8Array[], sizes: readonly number[], cosigners: readonly NoteSigner[] = WITNESSES, signers: LogSigners = STEADY_SIGNERS): History {
  const edge = new Edge();
  const files = new Map<string, Uint8Array>();
  const history: Published[] = [];
  let at = 0;
  for (const size of sizes) {
    const added = edge.add(entries.slice(at, size));
    for (const [path, bytes] of added.files) files.set(path, bytes);
    at = size;
    const head = signHead(signers, edge.size, edge.tree.root(), edge.tree384.root(), TIME + edge.size);
    const checkpoint = utf8(cosigned(head.checkpoint, cosigners, TIME + edge.size));
    files.set('checkpoint', checkpoint);
    files.set('checkpoint-sha384', utf8(head.checkpoint384));
    history.push({ size, root: edge.tree.root(), checkpoint, files: new Map(files), entries: entries.slice(0, size) });
  }
  const [first, ...rest] = history;
  if (first === undefined) throw new RangeError('publishAll: expected a size');
  return [first, ...rest];
}

/** ECDSA after RFC 6979 with the secret of a label of test-signers.ts; every text is signed once. */
export function steady({ verifierKey }: NoteSigner, label: string): NoteSigner {
  const secret = createHash('sha384').update(label).digest();
  const made = new Map<string, Uint8Array>();
  const sign = (message: Uint8Array): Uint8Array => {
    const key = Buffer.from(message).toString('latin1');
    const signature = made.get(key) ?? p384.sign(message, secret, { format: 'der', lowS: false });
    made.set(key, signature);
    return signature;
  };
  return { verifierKey, sign };
}

export function cosigned(checkpoint: string, cosigners: readonly NoteSigner[], time: bigint): string {
  const text = checkpoint.slice(0, checkpoint.lastIndexOf('\n\n') + 1);
  return withCosignatures(checkpoint, cosigners.map((signer) => cosign(text, signer, time)));
}

export function filesOf(files: Files): LogFiles {
  return { read: (path) => Promise.resolve(files.get(path) ?? null) };
}

/** The receipt of an entry under the present head. */
export async function receiptOf(log: Published, index: number): Promise<Uint8Array> {
  const reader = new TileReader(filesOf(log.files), BigInt(log.size));
  return utf8(formatTlogProof({ index: BigInt(index), proof: await inclusionProof(BigInt(index), reader.size, reader.subtree), checkpoint: log.checkpoint }));
}

const hasher = bundleHasher(SHA256_TREE, SHA384_TREE);

/** The audit as the worker threads do it, in this thread. */
function auditWithRows(files: LogFiles): Audit {
  return async (head, options) => {
    const rising = new RisingAudit(files, head, options);
    for (const { from, to } of stretchesOf(head.size)) await rising.add(await auditStretch(files, head.size, from, to, { hasher }));
    return await rising.finish();
  };
}

/**
 * Verifies a log that may be damaged against what is true.
 * @returns the code and place that it is refused with, or SAME
 * @throws Escape when it is accepted and is another log
 */
export async function judgeLog(files: Files, truth: Published, rng: Rng, policy = POLICY): Promise<{ readonly code: string; readonly at: string }> {
  const port = filesOf(files);
  const audit: Audit = rng.int(2) === 0 ? auditWithRows(port) : (head, options) => auditTree(port, head, options);
  const outcome = await refusalOf(() => verifyLog(port, { policy, audit }));
  if (outcome.refusal) {
    const [first] = outcome.refusal.issues;
    return { code: first?.code ?? outcome.refusal.code, at: `${first?.place.file ?? ''} ${first?.place.object ?? ''}` };
  }
  const { head } = outcome.accepted;
  check(isHeadOf(head, truth), `accepted another head: size ${head.size} instead of ${truth.size}`);
  let index = 0;
  for await (const entry of new TileReader(port, head.size).entries()) {
    check(equalBytes(entry, truth.entries[index] ?? new Uint8Array(1)), `accepted another entry ${index}`);
    index++;
  }
  check(index === truth.size, 'accepted another number of entries');
  return { code: SAME, at: '' };
}

export function isHeadOf(head: Checkpoint, truth: Published): boolean {
  return sameHead(head, parseCheckpoint(truth.checkpoint));
}

/** The files with one changed or, where undefined, gone. */
export function withFile(files: Files, path: string, bytes: Uint8Array | undefined): Map<string, Uint8Array> {
  const changed = new Map(files);
  if (bytes === undefined) changed.delete(path);
  else changed.set(path, bytes);
  return changed;
}

export function fileOf(files: Files, path: string): Uint8Array {
  return files.get(path) ?? (() => { throw new Escape(`no file ${path}`); })();
}
