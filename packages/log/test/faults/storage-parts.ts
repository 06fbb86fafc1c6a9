/**
 * Damage to what stands beside a log: receipts, evidence, policies, the writer's staged bundle and its cell.
 * Leaves out: the served files (storage.ts).
 * @module
 */
import { closeSync, openSync, readFileSync, rmSync, writeSync, ftruncateSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { equalBytes, utf8 } from '../../src/bytes.ts';
import { openCell } from '../../src/cell.ts';
import { parseCheckpoint, sameHead } from '../../src/checkpoint.ts';
import { checkEquivocation, proveEquivocation } from '../../src/equivocation.ts';
import { checkPolicy, parsePolicy } from '../../src/policy.ts';
import { openSequencer } from '../../src/sequencer.ts';
import { TileReader } from '../../src/tile-reader.ts';
import { checkTlogProof, parseTlogProof } from '../../src/tlog-proof.ts';
import { LOG_KEY, OWN_POLICY, POLICY, POLICY_TEXT, SIZES, filesOf, judgeLog, presentOf, publishAll, receiptOf } from './base-logs.ts';
import type { Published } from './base-logs.ts';
import { SAME, check, mustRefuse, refusalOf } from './harness.ts';
import type { FaultClass, Rng } from './harness.ts';
import { extend, flipBit, setByte, truncate, zeroFill } from './storage.ts';
import { bench, cutOff } from './writer-bench.ts';

const DAMAGES = [flipBit, flipBit, setByte, truncate, extend, zeroFill] as const;

export const STORAGE_PARTS: readonly FaultClass[] = [
  { name: 'receipt-damaged', seeds: 600, run: receiptDamaged },
  { name: 'receipt-of-another', seeds: 100, run: receiptOfAnother },
  { name: 'evidence-damaged', seeds: 600, run: evidenceDamaged },
  { name: 'policy-damaged', seeds: 500, run: policyDamaged },
  { name: 'staged-damaged', seeds: 80, run: stagedDamaged },
  { name: 'cell-damaged', seeds: 120, run: cellDamaged },
];

async function receiptDamaged(_: number, rng: Rng): Promise<string> {
  const log = presentOf(rng.pick(SIZES));
  const index = rng.int(log.size);
  const receipt = await receiptOf(log, index);
  const damaged = rng.pick(DAMAGES)(receipt, rng);
  const entry = log.entries[index] ?? new Uint8Array(1);
  const outcome = await refusalOf(() => checkTlogProof(POLICY, damaged, entry));
  if (outcome.refusal) return outcome.refusal.code;
  const { checkpoint } = outcome.accepted;
  check(sameHead(checkpoint, parseCheckpoint(log.checkpoint)) && outcome.accepted.index === BigInt(index), 'a damaged receipt proves something else');
  check(parseTlogProof(damaged).extra === undefined, 'bytes were added to a receipt');
  return SAME;
}

/** A whole receipt, and the entry that belongs to another. */
async function receiptOfAnother(_: number, rng: Rng): Promise<string> {
  const log = presentOf(rng.pick(SIZES.filter((size) => size > 1)));
  const index = rng.int(log.size);
  const other = (index + 1 + rng.int(log.size - 1)) % log.size;
  const entry = log.entries[other] ?? new Uint8Array();
  if (equalBytes(entry, log.entries[index] ?? new Uint8Array(1))) return SAME;
  const receipt = await receiptOf(log, index);
  return await mustRefuse(() => checkTlogProof(POLICY, receipt, entry), 'the receipt of another entry');
}

const proofs = new Map<number, Promise<Uint8Array>>();

/** Evidence of each kind, honestly made against a log that lied. */
export function evidence(which: number): Promise<Uint8Array> {
  const made = proofs.get(which) ?? makeEvidence(which);
  proofs.set(which, made);
  return made;
}

async function makeEvidence(which: number): Promise<Uint8Array> {
  const size = 5 + which;
  const truth = presentOf(size);
  const [lie] = publishAll(truth.entries.map((entry, i) => (i === 1 ? utf8(`another ${which}`) : entry)), [which % 2 === 0 ? size : size - 2]);
  const made = await proveEquivocation(truth.checkpoint, lie.checkpoint, [LOG_KEY], new TileReader(filesOf(truth.files), BigInt(truth.size)));
  return made ?? new Uint8Array();
}

async function evidenceDamaged(_: number, rng: Rng): Promise<string> {
  const file = await evidence(rng.int(8));
  const proved = checkEquivocation(file, [LOG_KEY]);
  const outcome = await refusalOf(() => checkEquivocation(rng.pick(DAMAGES)(file, rng), [LOG_KEY]));
  if (outcome.refusal) return outcome.refusal.code;
  const { first, second } = outcome.accepted;
  check([[first, proved.first], [second, proved.second]].every(([a, b]) => a !== undefined && b !== undefined && a.size === b.size && equalBytes(a.root, b.root)), 'damaged evidence proves something else');
  return SAME;
}

async function policyDamaged(_: number, rng: Rng): Promise<string> {
  const log = presentOf(rng.pick([1, 2, 3]));
  const damaged = rng.pick(DAMAGES)(utf8(POLICY_TEXT), rng);
  const outcome = await refusalOf(() => checkPolicy(parsePolicy(damaged), log.checkpoint));
  if (outcome.refusal) return outcome.refusal.code;
  check(sameHead(outcome.accepted.checkpoint, parseCheckpoint(log.checkpoint)), 'a damaged policy accepted another head');
  // A policy without any log key of ours would have accepted nobody; a head that is not signed is still refused.
  const unsigned = utf8(`${new TextDecoder().decode(log.checkpoint).split('\n').slice(0, 3).join('\n')}\n\n— ${LOG_KEY.name} AAAAAAAA\n`);
  await mustRefuse(() => checkPolicy(parsePolicy(damaged), unsigned), 'an unsigned head under a damaged policy');
  return SAME;
}

/** The writer was cut off after its head was signed for, and what it staged is damaged. */
async function stagedDamaged(_: number, rng: Rng): Promise<string> {
  const made = await cutOff(rng.pick([0, 1, 3, 255]), rng);
  const [name] = await made.staging.list('.');
  if (name === undefined) return SAME;
  const bytes = await made.staging.read(name);
  made.staging.put(name, rng.int(5) === 0 ? undefined : rng.pick(DAMAGES)(bytes ?? new Uint8Array(), rng));
  const outcome = await refusalOf(() => openSequencer(made.parts()));
  if (outcome.refusal) return outcome.refusal.code;
  const { sequencer, entries } = { sequencer: outcome.accepted, entries: made.expected() };
  await judgeLog(made.disk.files(), truthOf(sequencer.checkpoint, entries), rng, OWN_POLICY);
  return SAME;
}

export function truthOf(checkpoint: Uint8Array, entries: readonly Uint8Array[]): Published {
  const { root } = parseCheckpoint(checkpoint);
  return { size: entries.length, root, checkpoint, files: new Map(), entries };
}

/** The database file of the cell, changed in place. The log goes on rightly or not at all. */
async function cellDamaged(_: number, rng: Rng): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'weighbridge-faults-'));
  const path = join(folder, 'cell.sqlite');
  try {
    const made = await bench(rng.pick([1, 3, 256]), { cell: () => openCell(path, LOG_KEY.name) });
    made.cell.close();
    changeInPlace(path, rng.pick(DAMAGES)(readFileSync(path), rng));
    const outcome = await refusalOf(async () => {
      const cell = openCell(path, LOG_KEY.name);
      try {
        const sequencer = await openSequencer({ ...made.parts(), cell });
        await sequencer.append(utf8('after the damage'));
        return sequencer;
      } finally {
        cell.close();
      }
    });
    if (outcome.refusal) return outcome.refusal.code;
    const { code } = await judgeLog(made.disk.files(), truthOf(outcome.accepted.checkpoint, [...made.entries, utf8('after the damage')]), rng, OWN_POLICY);
    check(code === SAME, `a damaged cell made the log sign what is refused: ${code}`);
    return SAME;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Writes over the bytes of a file: it stays the same file. */
export function changeInPlace(path: string, bytes: Uint8Array): void {
  const handle = openSync(path, 'r+');
  ftruncateSync(handle, bytes.length);
  if (bytes.length > 0) writeSync(handle, bytes, 0, bytes.length, 0);
  closeSync(handle);
}

