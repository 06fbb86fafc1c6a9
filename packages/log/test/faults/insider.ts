/**
 * The insider: whoever holds the log's keys writes another history and signs it, with the help of none to all of the witnesses.
 * Below the quorum nobody accepts it; above it everybody who kept a head or a receipt of the first history holds proof.
 * Leaves out: a history that was shown to nobody else, which no check can tell from the only one.
 * @module
 */
import { formatAddCheckpoint } from '../../src/add-checkpoint.ts';
import { equalBytes, fromUtf8, utf8 } from '../../src/bytes.ts';
import { parseCheckpoint } from '../../src/checkpoint.ts';
import { checkEquivocation, evidenceOf, proveEquivocation } from '../../src/equivocation.ts';
import { withCosignatures } from '../../src/head.ts';
import { consistencyProof, inclusionProof } from '../../src/proofs.ts';
import { TileReader } from '../../src/tile-reader.ts';
import { checkTlogProof } from '../../src/tlog-proof.ts';
import { SHA256_TREE } from '../../src/tree-hash.ts';
import { verifyLog } from '../../src/verify-log.ts';
import { Witness } from '../../src/witness.ts';
import { LOG_KEY, POLICY, SIGNERS, SIZES, TIME, WITNESSES, filesOf, historyOf, presentOf, publishAll, receiptOf, recordOf, withFile } from './base-logs.ts';
import type { Published } from './base-logs.ts';
import { check, mustRefuse, refusalOf } from './harness.ts';
import type { FaultClass, Rng } from './harness.ts';
import { memoryState } from './memory-witness.ts';
import { remembered } from './storage.ts';

type Rewrite = (entries: readonly Uint8Array[], at: number, rng: Rng) => Uint8Array[];

export const INSIDER: readonly FaultClass[] = [
  rewritten('insider-entry-altered', (entries, at, rng) => entries.with(at, rng.bytes(20))),
  rewritten('insider-entry-deleted', (entries, at) => entries.toSpliced(at, 1)),
  rewritten('insider-entry-inserted', (entries, at, rng) => entries.toSpliced(at, 0, rng.bytes(20))),
  rewritten('insider-reordered', (entries, at, rng) => {
    const other = (at + 1 + rng.int(entries.length - 1)) % entries.length;
    return entries.with(at, entries[other] ?? new Uint8Array()).with(other, entries[at] ?? new Uint8Array());
  }),
  rewritten('insider-back-dated', (entries, at, rng) => entries.toSpliced(at, 0, recordOf(1_000_000 + rng.int(1000), TIME - BigInt(rng.int(1_000_000))))),
  rewritten('insider-fork-equal-size', (entries, at, rng) => [...entries.slice(0, at), ...entries.slice(at).map(() => rng.bytes(12))]),
  rewritten('insider-fork-other-size', (entries, at, rng) => [...entries.slice(0, at), ...Array.from({ length: 1 + rng.int(entries.length + 3) }, () => rng.bytes(12))]),
  { name: 'insider-rollback', seeds: 80, run: rollback },
  { name: 'insider-pasted-cosignatures', seeds: 80, run: pasted },
];

function rewritten(name: string, rewrite: Rewrite): FaultClass {
  return {
    name, seeds: 50,
    run: async (_, rng) => {
      const truth = presentOf(rng.pick(SIZES.filter((size) => size > 1)));
      const at = rng.int(truth.size - 1);
      const colluders = rng.int(WITNESSES.length + 1);
      const entries = rewrite(truth.entries, at, rng);
      const [lie] = publishAll(entries, [entries.length], WITNESSES.slice(0, colluders), SIGNERS);
      if (lie.entries.every((entry, i) => equalBytes(entry, truth.entries[i] ?? new Uint8Array(1)))) return await remembered(truth, lie);
      await honestWitnessRefuses(truth, lie);
      if (colluders < 2) return await mustRefuse(() => verifyLog(filesOf(lie.files), { policy: POLICY }), `another history with ${colluders} colluding witnesses`);
      const { refusal } = await refusalOf(() => verifyLog(filesOf(lie.files), { policy: POLICY }));
      check(refusal === undefined || refusal.code === 'ENTRY_BACKDATED', 'a quorum of colluders did not bring the other history past verification');
      await proof(truth, lie, colluders);
      await proofFromReceipt(truth, lie);
      return 'evidence';
    },
  };
}

/** A witness that saw the first history does not cosign the other, whatever is sent as a proof. */
async function honestWitnessRefuses(truth: Published, lie: Published): Promise<void> {
  const witness = new Witness({ state: memoryState(), signers: WITNESSES.slice(2), logs: [LOG_KEY], now: () => TIME });
  const bare = (checkpoint: Uint8Array): Uint8Array => utf8(`${(fromUtf8(checkpoint) ?? '').split('\n').slice(0, 5).join('\n')}\n`);
  await witness.addCheckpoint(formatAddCheckpoint({ old: 0n, proof: [], checkpoint: bare(truth.checkpoint) }));
  const old = BigInt(truth.size);
  const reader = new TileReader(filesOf(lie.files), BigInt(lie.size));
  const material = lie.size >= truth.size ? await consistencyProof(old, reader.size, reader.subtree) : [];
  const answer = await witness.addCheckpoint(formatAddCheckpoint({ old, proof: material, checkpoint: bare(lie.checkpoint) }));
  check(answer.status !== 200, 'a witness cosigned two histories');
  if (lie.size === truth.size) check(witness.equivocations().length === 1, 'a witness that was shown two heads of one size kept no proof');
  for (const { evidence } of witness.equivocations()) checkEquivocation(evidence, [LOG_KEY]);
}

/** Whoever kept the first head, and can read the larger log, has portable evidence; it names the witnesses that signed both. */
async function proof(truth: Published, lie: Published, colluders: number): Promise<void> {
  const larger = truth.size > lie.size ? truth : lie;
  const evidence = await proveEquivocation(truth.checkpoint, lie.checkpoint, [LOG_KEY], new TileReader(filesOf(larger.files), BigInt(larger.size)));
  check(evidence !== null, 'two histories gave no evidence');
  const proved = checkEquivocation(evidence ?? new Uint8Array(), [LOG_KEY], WITNESSES.map(({ verifierKey }) => verifierKey));
  check(proved.witnesses.length === colluders, `${proved.witnesses.length} colluding witnesses were named instead of ${colluders}`);
}

/** Whoever kept only a receipt: it is not of the other history, and where that one holds another entry there the two prove the lie. */
async function proofFromReceipt(truth: Published, lie: Published): Promise<void> {
  const index = truth.entries.findIndex((entry, i) => !equalBytes(entry, lie.entries[i] ?? new Uint8Array(1)) && i < lie.size);
  if (index < 0) return;
  const receipt = await receiptOf(truth, index);
  const entry = truth.entries[index] ?? new Uint8Array();
  checkTlogProof(POLICY, receipt, entry);
  await mustRefuse(async () => checkTlogProof(POLICY, await receiptOf(lie, index), entry), 'an entry in a history that does not have it');
  const leaf = async (log: Published): Promise<{ leafHash: Uint8Array; proof: Uint8Array[] }> => {
    const reader = new TileReader(filesOf(log.files), BigInt(log.size));
    return { leafHash: SHA256_TREE.leaf(log.entries[index] ?? new Uint8Array()), proof: await inclusionProof(BigInt(index), reader.size, reader.subtree) };
  };
  const contradiction = { kind: 'entry', index: BigInt(index), first: await leaf(truth), second: await leaf(lie) } as const;
  checkEquivocation(evidenceOf(parseCheckpoint(truth.checkpoint), parseCheckpoint(lie.checkpoint), [LOG_KEY], contradiction), [LOG_KEY]);
}

/** Back to an earlier head that everybody had cosigned: true once, so no proof of a lie; refused by whoever remembers. */
async function rollback(_: number, rng: Rng): Promise<string> {
  const truth = presentOf(rng.pick(SIZES));
  const then = rng.pick(historyOf(truth.size).slice(0, -1));
  const outcome = await refusalOf(() => proveEquivocation(truth.checkpoint, then.checkpoint, [LOG_KEY], new TileReader(filesOf(truth.files), BigInt(truth.size))));
  check(outcome.refusal === undefined && outcome.accepted === null, 'an earlier honest head was taken for a lie');
  return await remembered(truth, then);
}

/** The cosignatures of the true head under the other one. */
async function pasted(_: number, rng: Rng): Promise<string> {
  const truth = presentOf(rng.pick(SIZES));
  const entries = truth.entries.with(rng.int(truth.size), rng.bytes(33));
  const [lie] = publishAll(entries, [entries.length], WITNESSES.slice(0, rng.int(2)), SIGNERS);
  const lines = (fromUtf8(truth.checkpoint) ?? '').split('\n').filter((line) => /^— w\d/.test(line)).slice(rng.int(2));
  const checkpoint = utf8(withCosignatures(fromUtf8(lie.checkpoint) ?? '', lines));
  return await mustRefuse(() => verifyLog(filesOf(withFile(lie.files, 'checkpoint', checkpoint)), { policy: POLICY }), 'cosignatures of another head');
}
