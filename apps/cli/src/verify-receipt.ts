/**
 * Receipts as files named on the command line: of a submission, of a single record, and bare proofs.
 * What they prove and in which words is decided in `@weighbridge/log`, for the page in a browser says the same.
 * @module
 */
import { basename } from 'node:path';
import type { HeldFileKind, Policy, ProvedFile } from '@weighbridge/log';
import type { Reporter } from './reporter.ts';
import { readBytes } from './verify-log-folder.ts';

/** What kind of file it is by how it begins; undefined for anything else. */
export async function kindOfFile(bytes: Uint8Array): Promise<HeldFileKind | undefined> {
  return (await import('@weighbridge/log')).kindOfFile(bytes);
}

/** Verifies an agency's receipt. @throws Refusal RECEIPT_FORM, PROOF_*, NOTE_*, QUORUM_SHORT, OPENING_FALSE */
export async function verifySubmissionReceipt(path: string, policy: Policy, reporter: Reporter): Promise<Uint8Array> {
  const log = await import('@weighbridge/log');
  return tell(log.verifySubmissionReceipt(await readBytes(path), policy, { file: basename(path) }), reporter);
}

/**
 * Verifies the receipt of one record. The log's proof lies beside it, under the same name ending in `.proof`.
 * @throws Refusal RECEIPT_*, PROOF_*, NOTE_*, QUORUM_SHORT
 */
export async function verifyRecordReceipt(path: string, policy: Policy, reporter: Reporter): Promise<Uint8Array> {
  const log = await import('@weighbridge/log');
  const proof = `${path}.proof`;
  return tell(log.verifyRecordReceipt(await readBytes(path), await readBytes(proof), policy, { file: basename(path) }, { file: basename(proof) }), reporter);
}

/** Verifies a bare proof that carries its entry. @throws Refusal PROOF_*, NOTE_*, QUORUM_SHORT */
export async function verifyProof(path: string, policy: Policy, reporter: Reporter): Promise<Uint8Array> {
  const log = await import('@weighbridge/log');
  return tell(log.verifyProof(await readBytes(path), policy, { file: basename(path) }), reporter);
}

/** Says what is proved. Returns the head that the receipt was given under. */
function tell({ proved, holds, index, commitment, checkpoint }: ProvedFile, reporter: Reporter): Uint8Array {
  for (const line of proved) reporter.say('proved', `proved      ${line}`, { what: line });
  reporter.say('holds', `holds: ${holds}`, { ...(commitment === undefined ? {} : { commitment }), index });
  return checkpoint;
}
