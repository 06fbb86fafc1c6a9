/**
 * The receipt that an agency keeps: the proof that its submission is in the log, and the salt and manifest that show which one it is.
 * Whoever has the receipt and the file can show what was submitted; the log's proof alone shows nothing of it.
 * @module
 */
import { refuse } from '@weighbridge/base';
import type { Place, Sha384 } from '@weighbridge/base';
import { fromBase64, fromUtf8, toBase64 } from './bytes.ts';
import type { Commitment } from './commitment.ts';

export interface SubmissionReceipt {
  readonly receipt: 'weighbridge-receipt/2';
  /** Index of the entry in the log. */
  readonly index: number;
  readonly commitment: Sha384;
  /** Base64 of salt and manifest: their SHA-384 is the commitment. Keep it to yourself: it tells what was submitted. */
  readonly opening: string;
  /** A `c2sp.org/tlog-proof@v1` text whose extra data are the entry. */
  readonly proof: string;
}

const VERSION = 'weighbridge-receipt/2';
const REPAIR = 'give the file that `weighbridge submit --receipt` wrote, as it was written';

export function submissionReceipt(index: number, { commitment, opening }: Commitment, proof: string): SubmissionReceipt {
  return { receipt: VERSION, index, commitment, opening: toBase64(opening), proof };
}

/**
 * Reads a receipt, or the event of `weighbridge submit` that holds one. Says nothing about its truth.
 * @throws Refusal RECEIPT_FORM
 */
export function parseSubmissionReceipt(bytes: Uint8Array, place: Place = {}): { readonly opening: Uint8Array; readonly proof: string; readonly index: unknown; readonly commitment: unknown; readonly about: Readonly<Record<string, unknown>> } {
  const value = orUndefined(() => JSON.parse(fromUtf8(bytes) ?? '') as unknown);
  const outer = isRecord(value) ? value : undefined;
  const receipt = isRecord(outer?.['receipt']) ? outer['receipt'] : outer;
  const opening = typeof receipt?.['opening'] === 'string' ? fromBase64(receipt['opening']) : undefined;
  const proof = receipt?.['proof'];
  if (receipt?.['receipt'] !== VERSION || opening === undefined || typeof proof !== 'string') return refuseReceipt(place);
  return { opening, proof, index: receipt['index'], commitment: receipt['commitment'], about: isRecord(outer?.['about']) ? outer['about'] : {} };
}

/** Refuses a file as no whole receipt of a submission. */
export function refuseReceipt(place: Place): never {
  return refuse('RECEIPT_FORM', 'the file is not a whole receipt of a submission', place, REPAIR);
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The parser's message quotes the text; that the file is no receipt is enough. */
function orUndefined<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
