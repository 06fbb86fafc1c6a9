/**
 * Proofs that are not those of what they are sent for: inclusion as in receipts, consistency as witnesses are sent it.
 * @module
 */
import { formatAddCheckpoint } from '../../src/add-checkpoint.ts';
import { equalBytes, fromUtf8, toBase64, utf8 } from '../../src/bytes.ts';
import { consistencyProof } from '../../src/proofs.ts';
import { TileReader } from '../../src/tile-reader.ts';
import { checkTlogProof, parseTlogProof } from '../../src/tlog-proof.ts';
import { Witness } from '../../src/witness.ts';
import { LOG_KEY, POLICY, SIZES, TIME, WITNESSES, filesOf, historyOf, presentOf, receiptOf } from './base-logs.ts';
import { SAME, check, mustRefuse, refusalOf } from './harness.ts';
import type { FaultClass, Rng } from './harness.ts';
import { memoryState } from './memory-witness.ts';

type Change = (proof: readonly Uint8Array[], rng: Rng) => readonly Uint8Array[];

const CHANGES: readonly (readonly [string, Change])[] = [
  ['hash-dropped', (proof, rng) => proof.toSpliced(rng.int(Math.max(1, proof.length)), 1)],
  ['hash-added', (proof, rng) => proof.toSpliced(rng.int(proof.length + 1), 0, rng.int(2) === 0 ? rng.bytes(32) : proof[0] ?? new Uint8Array(32))],
  ['hash-reordered', (proof, rng) => {
    const [a, b] = [rng.int(Math.max(1, proof.length)), rng.int(Math.max(1, proof.length))];
    return proof.map((hash, i) => (i === a ? proof[b] ?? hash : i === b ? proof[a] ?? hash : hash));
  }],
  ['hash-altered', (proof, rng) => proof.map((hash, i) => (i === proof.length - 1 ? rng.bytes(32) : hash))],
  ['hash-of-wrong-length', (proof, rng) => (proof.length === 0 ? [rng.bytes(31)] : proof.with(rng.int(proof.length), rng.bytes(rng.pick([0, 1, 31, 33, 48, 64]))))],
];

export const PROOFS: readonly FaultClass[] = [
  ...CHANGES.map(([name, change]): FaultClass => ({ name: `inclusion-${name}`, seeds: 150, run: (_, rng) => inclusion(change, rng) })),
  ...CHANGES.map(([name, change]): FaultClass => ({ name: `consistency-${name}`, seeds: 300, run: (_, rng) => consistency(change, rng) })),
  { name: 'inclusion-wrong-index', seeds: 200, run: wrongIndex },
  { name: 'inclusion-wrong-size', seeds: 120, run: wrongSize },
  { name: 'inclusion-wrong-entry', seeds: 120, run: wrongEntry },
  { name: 'consistency-wrong-size', seeds: 300, run: wrongOld },
];

async function inclusion(change: Change, rng: Rng): Promise<string> {
  const log = presentOf(rng.pick(SIZES));
  const index = rng.int(log.size);
  const parsed = parseTlogProof(await receiptOf(log, index));
  const proof = change(parsed.proof, rng);
  const receipt = receiptText(BigInt(index), proof, parsed.checkpoint);
  const outcome = await refusalOf(() => checkTlogProof(POLICY, receipt, log.entries[index] ?? new Uint8Array()));
  if (outcome.refusal) return outcome.refusal.code;
  check(same(proof, parsed.proof), 'another proof of inclusion was accepted');
  return SAME;
}

function receiptText(index: bigint, proof: readonly Uint8Array[], checkpoint: Uint8Array): Uint8Array {
  return utf8(`c2sp.org/tlog-proof@v1\nindex ${index}\n${proof.map((hash) => `${toBase64(hash)}\n`).join('')}\n${fromUtf8(checkpoint) ?? ''}`);
}

function same(a: readonly Uint8Array[], b: readonly Uint8Array[]): boolean {
  return a.length === b.length && a.every((hash, i) => equalBytes(hash, b[i] ?? new Uint8Array()));
}

/** A witness at an earlier size of the log. */
async function witnessAt(size: number, at: number): Promise<Witness> {
  const witness = new Witness({ state: memoryState(), signers: WITNESSES.slice(0, 1), logs: [LOG_KEY], now: () => TIME });
  const then = historyOf(size).find((published) => published.size === at);
  await witness.addCheckpoint(formatAddCheckpoint({ old: 0n, proof: [], checkpoint: bare(then?.checkpoint ?? new Uint8Array()) }));
  return witness;
}

function bare(checkpoint: Uint8Array): Uint8Array {
  return utf8(`${(fromUtf8(checkpoint) ?? '').split('\n').slice(0, 5).join('\n')}\n`);
}

async function consistency(change: Change, rng: Rng): Promise<string> {
  const log = presentOf(rng.pick(SIZES));
  const old = rng.pick(historyOf(log.size).slice(0, -1)).size;
  const witness = await witnessAt(log.size, old);
  const reader = new TileReader(filesOf(log.files), BigInt(log.size));
  const proof = await consistencyProof(BigInt(old), reader.size, reader.subtree);
  const changed = change(proof, rng);
  const answer = await witness.addCheckpoint(formatAddCheckpoint({ old: BigInt(old), proof: changed, checkpoint: bare(log.checkpoint) }));
  check(answer.status !== 200 || same(changed, proof), 'another proof of consistency was cosigned');
  check(witness.equivocations().length === 0, 'a false proof was taken for equivocation');
  return answer.status === 200 ? SAME : `${answer.status} ${answer.code}`;
}

async function wrongIndex(_: number, rng: Rng): Promise<string> {
  const log = presentOf(rng.pick(SIZES));
  const index = rng.int(log.size);
  const { proof, checkpoint } = parseTlogProof(await receiptOf(log, index));
  const other = rng.pick([BigInt(rng.int(log.size)), BigInt(log.size), BigInt(index) + 1n, BigInt(index) ^ 1n, (1n << 63n) - 2n, (1n << 64n) - 1n, BigInt(index) + (1n << 32n), BigInt(index) + (1n << 53n)]);
  if (other === BigInt(index)) return SAME;
  return await mustRefuse(() => checkTlogProof(POLICY, receiptText(other, proof, checkpoint), log.entries[index] ?? new Uint8Array()), 'a proof for another index');
}

/** The proof of one head under another head of the same log. */
async function wrongSize(_: number, rng: Rng): Promise<string> {
  const log = presentOf(rng.pick(SIZES.filter((size) => size > 2)));
  const then = rng.pick(historyOf(log.size).slice(0, -1).filter(({ size }) => size > 0));
  const index = rng.int(then.size);
  const { proof } = parseTlogProof(await receiptOf(log, index));
  const own = parseTlogProof(await receiptOf(then, index));
  if (same(proof, own.proof)) return SAME;
  return await mustRefuse(() => checkTlogProof(POLICY, receiptText(BigInt(index), proof, then.checkpoint), log.entries[index] ?? new Uint8Array()), 'a proof of another size');
}

async function wrongEntry(_: number, rng: Rng): Promise<string> {
  const log = presentOf(rng.pick(SIZES));
  const index = rng.int(log.size);
  const entry = log.entries[index] ?? new Uint8Array();
  const other = rng.pick([rng.bytes(20), Uint8Array.from([...entry, 0]), Uint8Array.of(0, ...entry), new Uint8Array(65_536)]);
  const receipt = await receiptOf(log, index);
  return await mustRefuse(() => checkTlogProof(POLICY, receipt, other), 'a receipt with another entry');
}

async function wrongOld(_: number, rng: Rng): Promise<string> {
  const log = presentOf(rng.pick(SIZES));
  const old = rng.pick(historyOf(log.size)).size;
  const witness = await witnessAt(log.size, old);
  const claimed = rng.pick([old + 1, Math.max(0, old - 1), log.size + 1, rng.int(log.size + 1), 2 ** 53]);
  if (claimed === old) return SAME;
  const reader = new TileReader(filesOf(log.files), BigInt(log.size));
  const proof = claimed <= log.size ? await consistencyProof(BigInt(claimed), reader.size, reader.subtree) : [];
  const answer = await witness.addCheckpoint(formatAddCheckpoint({ old: BigInt(claimed), proof, checkpoint: bare(log.checkpoint) }));
  check(answer.status !== 200, 'a proof from another size was cosigned');
  return `${answer.status} ${answer.code}`;
}
