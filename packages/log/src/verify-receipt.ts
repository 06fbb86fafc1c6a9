/**
 * Files that somebody holds: receipts of submissions and of single records, bare proofs, evidence against a log. Decides what each
 * proves under a policy, and says it in plain words, the same for the command line and for the page in a browser.
 * Pure over bytes. Leaves out: the log itself; a receipt is checked under the head that it carries.
 * @module
 */
import { formatNumber, refuse } from '@weighbridge/base';
import type { Issue, Place, Sha384 } from '@weighbridge/base';
import { fromUtf8, toHex, utf8 } from './bytes.ts';
import { open } from './commitment.ts';
import { parseEntry } from './entry.ts';
import { checkEquivocation } from './equivocation.ts';
import type { Policy } from './policy.ts';
import { parseRecordReceipt, rootOfRecordReceipt } from './record-receipt.ts';
import { recordsCommitment } from './records-commitment.ts';
import { parseSubmissionReceipt, refuseReceipt } from './submission-receipt.ts';
import { checkTlogProof, parseTlogProof } from './tlog-proof.ts';

export type HeldFileKind = 'submission' | 'record' | 'proof' | 'evidence';

/** What a file proves. There is no result that means "not proved": that is a refusal. */
export interface ProvedFile {
  /** In plain words, each a sentence. */
  readonly proved: readonly string[];
  /** What holds, in a few words: `submission 93ab…`. */
  readonly holds: string;
  /** Index of the entry that it rests on. */
  readonly index: number;
  readonly commitment?: Sha384;
  /** The signed head that the receipt was given under. */
  readonly checkpoint: Uint8Array;
}

/** What kind of file it is by how it begins; undefined for anything else. */
export function kindOfFile(bytes: Uint8Array): HeldFileKind | undefined {
  const text = fromUtf8(bytes) ?? '';
  if (text.startsWith('weighbridge-equivocation/')) return 'evidence';
  // A record's content follows the lines of its receipt and need not be text.
  if (startsWith(bytes, 'weighbridge-record-receipt/')) return 'record';
  if (startsWith(bytes, 'c2sp.org/tlog-proof@')) return 'proof';
  return text.includes('"weighbridge-receipt/') ? 'submission' : undefined;
}

/**
 * Verifies an agency's receipt: the entry is in a log that the policy believes, and commits to the manifest that the receipt holds.
 * @throws Refusal RECEIPT_FORM, PROOF_*, NOTE_*, CHECKPOINT_*, QUORUM_SHORT, ENTRY_*, OPENING_FALSE, OPENING_TYPE
 */
export function verifySubmissionReceipt(bytes: Uint8Array, policy: Policy, place: Place = {}): ProvedFile {
  const receipt = parseSubmissionReceipt(bytes, place);
  const { entry, index, says, checkpoint } = provedEntry(utf8(receipt.proof), policy, place);
  const logged = parseEntry(entry, place);
  if (logged.kind !== 'submission') return refuseReceipt(place);
  const manifest = open('weighbridge-submission/1', { commitment: logged.commitment, opening: receipt.opening });
  const original = originalOf(manifest, place);
  if (receipt.index !== index || receipt.commitment !== logged.commitment || !agrees(receipt.about, manifest)) {
    return refuse('RECEIPT_FALSE', 'what the receipt says beside its proof is not what the proof shows', place, 'give the file that `weighbridge submit --receipt` wrote, as it was written');
  }
  return {
    proved: [
      says,
      `Entry ${index} commits to the return of ${logged.agency} for ${logged.instrument}, ${logged.round}, edition ${logged.edition}.`,
      `What was submitted is a file of ${formatNumber(original.bytes)} bytes with the SHA-384 ${original.sha384}.`,
    ],
    holds: `submission ${logged.commitment}`, index, commitment: logged.commitment, checkpoint,
  };
}

/**
 * Verifies the receipt of one record with the log's proof, which is a file of its own: the record is part of a submission that is in a log
 * that the policy believes.
 * @throws Refusal RECEIPT_*, PROOF_*, NOTE_*, CHECKPOINT_*, QUORUM_SHORT, ENTRY_*
 */
export function verifyRecordReceipt(bytes: Uint8Array, proof: Uint8Array, policy: Policy, place: Place = {}, proofPlace: Place = {}): ProvedFile {
  const receipt = parseRecordReceipt(bytes, place);
  const { entry, index, says, checkpoint } = provedEntry(proof, policy, proofPlace);
  const logged = parseEntry(entry, proofPlace);
  const root = rootOfRecordReceipt(receipt);
  if (logged.kind !== 'submission' || root === undefined || receipt.submission !== logged.commitment || recordsCommitment(toHex(root) as Sha384, receipt.count) !== logged.records) {
    return refuse('RECEIPT_FALSE', 'the record is not part of the submission that the log commits to', place, 'ask the store’s owner for both files again, and keep their bytes as they are');
  }
  return {
    proved: [says, `The record is number ${(receipt.index + 1n).toString()} of the return of ${logged.agency} for ${logged.instrument}, ${logged.round}, edition ${logged.edition} (entry ${index}).`],
    holds: 'the record is part of the submission; of other records the receipt shows nothing but their number', index, commitment: logged.commitment, checkpoint,
  };
}

/** Verifies a bare proof that carries its entry. @throws Refusal PROOF_*, NOTE_*, CHECKPOINT_*, QUORUM_SHORT */
export function verifyProof(bytes: Uint8Array, policy: Policy, place: Place = {}): ProvedFile {
  const { index, says, checkpoint } = provedEntry(bytes, policy, place);
  return { proved: [says], holds: `entry ${index}`, index, checkpoint };
}

/**
 * Verifies evidence that a log showed two heads that cannot both be true. Only keys of the policy count.
 * @returns what is proved, and misbehaviour as an issue: EQUIVOCATION_PROVED
 * @throws Refusal EVIDENCE_* and those of `parseCheckpoint` when it proves nothing
 */
export function verifyEvidence(bytes: Uint8Array, policy: Policy, place: Place = {}): { readonly proved: readonly string[]; readonly issue: Issue } {
  const { says, origin } = checkEquivocation(bytes, policy.logs.map(({ key }) => key), [...policy.witnesses.values()].map(({ key }) => key), place);
  return {
    proved: says,
    issue: {
      code: 'EQUIVOCATION_PROVED', severity: 'error', place: { ...place, object: origin },
      message: 'the log’s key signed two heads that cannot both be true: it showed different logs to different people',
      repair: 'keep the evidence and give it to whoever oversees the log; anybody with its key can check it; rely on nothing that only this log shows',
    },
  };
}

/** The entry that a proof carries and proves. */
function provedEntry(proof: Uint8Array, policy: Policy, place: Place): { entry: Uint8Array; index: number; says: string; checkpoint: Uint8Array } {
  const { extra } = parseTlogProof(proof, place);
  if (extra === undefined) return refuse('PROOF_EXTRA', 'the proof does not carry the entry that it proves', place, 'ask the log’s operator for a receipt with the entry in it');
  const { checkpoint, index, cosigned } = checkTlogProof(policy, proof, extra, place);
  const who = cosigned.length === 0 ? '' : `, cosigned by ${cosigned.map(({ name }) => name).join(', ')}`;
  return {
    entry: extra, index: Number(index), checkpoint: checkpoint.note.bytes,
    says: `The entry is number ${index.toString()} of ${checkpoint.size.toString()} in the log ${checkpoint.origin}, under a head signed by its key${who}.`,
  };
}

/** True when what a receipt says in words is what the manifest says: people read those. */
function agrees(about: Readonly<Record<string, unknown>>, manifest: string): boolean {
  const { original, ...said } = JSON.parse(manifest) as Readonly<Record<string, unknown>> & { readonly original: { readonly file: unknown; readonly sha384: unknown } };
  const expected: Readonly<Record<string, unknown>> = { ...said, file: original.file, original: original.sha384 };
  return Object.entries(about).every(([name, value]) => expected[name] === value);
}

/** What the manifest says of the file that was sent. */
function originalOf(manifest: string, place: Place): { readonly bytes: number; readonly sha384: string } {
  let value: unknown;
  try {
    value = JSON.parse(manifest);
  } catch {
    return refuseReceipt(place); // the parser's message quotes the text
  }
  const { bytes, sha384 } = ((value as { original?: unknown } | null)?.original ?? {}) as { readonly bytes?: unknown; readonly sha384?: unknown };
  return typeof bytes === 'number' && typeof sha384 === 'string' ? { bytes, sha384 } : refuseReceipt(place);
}

function startsWith(bytes: Uint8Array, text: string): boolean {
  return utf8(text).every((byte, i) => bytes[i] === byte);
}
