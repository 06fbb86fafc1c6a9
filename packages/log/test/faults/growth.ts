/**
 * Honest growth: logs that grow in batches of any size, with restarts, several writers and three witnesses that follow with proofs.
 * Nobody may refuse anything. Each published head counts as one growth, and is verified whole.
 * @module
 */
import { formatAddCheckpoint } from '../../src/add-checkpoint.ts';
import { utf8 } from '../../src/bytes.ts';
import { parseCheckpoint } from '../../src/checkpoint.ts';
import type { Checkpoint } from '../../src/checkpoint.ts';
import { proveEquivocation } from '../../src/equivocation.ts';
import { consistencyProof, verifyConsistency } from '../../src/proofs.ts';
import { openSequencer } from '../../src/sequencer.ts';
import type { Sequencer } from '../../src/sequencer.ts';
import type { LogParts } from '../../src/standing.ts';
import { TileReader } from '../../src/tile-reader.ts';
import { checkTlogProof } from '../../src/tlog-proof.ts';
import { SHA256_TREE } from '../../src/tree-hash.ts';
import { verifyLog } from '../../src/verify-log.ts';
import { Witness } from '../../src/witness.ts';
import { LOG_KEY, POLICY, TIME, WITNESSES, filesOf, syntheticEntry } from './base-logs.ts';
import { Escape, check } from './harness.ts';
import type { Rng } from './harness.ts';
import { memoryState } from './memory-witness.ts';
import { bench } from './writer-bench.ts';
import type { Bench } from './writer-bench.ts';

/** How often one log grows. */
export const STEPS = 8;

/** Grows one log; every refusal is a false alarm. */
export async function growOne(rng: Rng): Promise<void> {
  const made = await bench(rng.pick([0, 0, 0, 1, 1, 2, 3, 3, 250, 254, 255, 256, 511]));
  const witnesses = WITNESSES.map((signer) => new Witness({ state: memoryState(), signers: [signer], logs: [LOG_KEY], now: () => TIME + BigInt(rng.int(1000)) }));
  const parts = made.parts({ cosign: (head, before) => follow(made, witnesses, head, before), now: () => TIME + BigInt(rng.int(100)) });
  let writers: Sequencer[] = [];
  const kept: { receipt: string; entry: Uint8Array; head: Checkpoint }[] = [];
  for (let step = 0; step < STEPS; step++) {
    if (writers.length === 0 || rng.int(3) === 0) writers = await open(parts, rng);
    const appended = await Promise.all(writers.map(async (writer) => {
      const batch = Array.from({ length: rng.pick([1, 1, 1, 2, 2, 3, 5, 20]) }, (_, i) => syntheticEntry(rng, i));
      const done = await Promise.all(batch.map((entry) => writer.append(entry)));
      return done.map((one, i) => ({ one, entry: batch[i] ?? new Uint8Array() }));
    }));
    const { one, entry } = rng.pick(appended.flat());
    const head = await verifyNow(made);
    const reader = new TileReader(filesOf(made.disk.files()), head.size);
    kept.push({ receipt: await one.receipt(), entry, head });
    const earlier = rng.pick(kept);
    checkTlogProof(POLICY, utf8(earlier.receipt), earlier.entry);
    const proof = await consistencyProof(earlier.head.size, head.size, reader.subtree);
    check(verifyConsistency(SHA256_TREE, { size1: earlier.head.size, root1: earlier.head.root, size2: head.size, root2: head.root, proof }), 'an earlier head does not lead to the present one');
    check(await proveEquivocation(earlier.head.note.bytes, head.note.bytes, [LOG_KEY], reader) === null, 'honest heads gave evidence');
  }
  check(witnesses.every((witness) => witness.equivocations().length === 0), 'a witness holds evidence against an honest log');
}

async function open(parts: LogParts, rng: Rng): Promise<Sequencer[]> {
  const writers: Sequencer[] = [];
  for (let i = rng.pick([1, 1, 2]); i > 0; i--) writers.push(await openSequencer(parts));
  return writers;
}

async function verifyNow(made: Bench): Promise<Checkpoint> {
  const files = filesOf(made.disk.files());
  const { head, proved } = await verifyLog(files, { policy: POLICY });
  check(proved.some((words) => words.includes('SHA-384')), 'the SHA-384 root was not proved');
  made.look();
  return head;
}

/** Each witness is asked as the protocol has it: with the size that it was last seen at, again when it says another. */
async function follow(made: Bench, witnesses: readonly Witness[], head: Checkpoint, before: bigint): Promise<string[]> {
  const reader = new TileReader(made.disk, head.size);
  const lines: string[] = [];
  for (const witness of witnesses) {
    let old = before;
    for (let attempt = 0; attempt < 3; attempt++) {
      const proof = await consistencyProof(old, head.size, reader.subtree);
      const answer = await witness.addCheckpoint(formatAddCheckpoint({ old, proof, checkpoint: head.note.bytes }));
      if (answer.status === 200) lines.push(...answer.body.trimEnd().split('\n'));
      if (answer.status !== 409) {
        if (answer.status !== 200) throw new Escape(`a witness refused an honest head: ${answer.status} ${answer.code}`);
        break;
      }
      old = BigInt(answer.body.trim());
      // Another writer of this log was faster; this head is an old one by now.
      if (old > head.size) break;
    }
  }
  check(lines.every((line) => parseCheckpoint(utf8(`${head.note.text}\n${line}\n`)).size === head.size), 'expected lines of signatures');
  return lines;
}
