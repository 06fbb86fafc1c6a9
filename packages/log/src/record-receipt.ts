/**
 * Receipts for single records: proof that one record is part of a submission, which shows no other record.
 * The records of a submission are the leaves of a Merkle tree with SHA-384 (RFC 6962 §2.1): leaf = H(0x00 ‖ C), C = SHA-384(salt ‖ content),
 * with 32 random bytes as the salt of each record. The submission's entry in the log commits to the root and the count.
 * Pure; runs in a browser too. Leaves out: whether the root is logged, which is proved apart (tlog-proof).
 * @module
 */
import { refuse } from '@weighbridge/base';
import type { Place } from '@weighbridge/base';
import { concatBytes, equalBytes, fromBase64, fromUtf8, parseDecimal, toBase64, utf8 } from './bytes.ts';
import { sha384 } from './crypto.ts';
import { rootFromInclusion } from './proofs.ts';
import { RECORD_HEADER, SALT_BYTES, startsAsRecord } from './record-header.ts';
import { SHA384_TREE } from './tree-hash.ts';

export { RECORD_HEADER, startsAsRecord };

/** What proves one record. Whoever holds it knows this record and nothing of any other. */
export interface RecordReceipt {
  /** Identifier of the submission: says which root to compare with. */
  readonly submission: string;
  /** Number of the record, counting from 0. */
  readonly index: bigint;
  /** Records in the submission. */
  readonly count: bigint;
  readonly salt: Uint8Array;
  /** From the sibling of the leaf to the child of the root; 48 bytes each. */
  readonly path: readonly Uint8Array[];
  /** The record in its canonical form; starts with {@link RECORD_HEADER}. */
  readonly content: Uint8Array;
}

const FIRST_LINE = 'weighbridge-record-receipt/1';
/** A receipt's lines before the content: 63 hashes of 48 bytes in base64 and the short ones. */
const MAX_HEAD_BYTES = 8192;
const MAX_PATH = 63;
const SUBMISSION = /^[!-~]{1,128}$/;

/**
 * The text of a receipt. Its lines are named; after an empty line the content follows byte for byte to the end.
 * @throws RangeError when a part has no such spelling
 */
export function formatRecordReceipt(receipt: RecordReceipt): Uint8Array {
  const { submission, index, count, salt, path, content } = receipt;
  if (!SUBMISSION.test(submission)) throw new RangeError('expected a submission identifier of 1 to 128 visible ASCII characters');
  if (index < 0n || index >= count || salt.length !== SALT_BYTES || !startsAsRecord(content)) throw new RangeError('expected a record receipt');
  if (path.length > MAX_PATH || path.some((hash) => hash.length !== SHA384_TREE.bytes)) throw new RangeError(`expected at most ${MAX_PATH} hashes of 48 bytes`);
  const lines = [FIRST_LINE, `submission ${submission}`, `index ${index.toString()}`, `count ${count.toString()}`, `salt ${toBase64(salt)}`,
    `path ${path.length === 0 ? '-' : toBase64(concatBytes(...path))}`];
  return concatBytes(utf8(`${lines.join('\n')}\n\n`), content);
}

/**
 * Reads the text of a receipt; one receipt has one spelling. Says nothing about its truth: see {@link checkRecordReceipt}.
 * @throws Refusal RECEIPT_FORM (lines), RECEIPT_SUBMISSION, RECEIPT_COUNT, RECEIPT_INDEX, RECEIPT_SALT, RECEIPT_PATH, RECEIPT_CONTENT (not a record)
 */
export function parseRecordReceipt(bytes: Uint8Array, place: Place = {}): RecordReceipt {
  const end = headEnd(bytes);
  const lines = end === undefined ? undefined : fromUtf8(bytes.subarray(0, end))?.split('\n');
  if (end === undefined || lines?.[0] !== FIRST_LINE || lines.length !== 6) {
    refuse('RECEIPT_FORM', `a receipt starts with "${FIRST_LINE}", then has a line each for submission, index, count, salt and path, then an empty line`, place, REPAIR);
  }
  const value = (line: number, name: string): string => {
    const text = lines[line] ?? '';
    if (!text.startsWith(`${name} `)) refuse('RECEIPT_FORM', `line ${line + 1} of a receipt is its ${name}`, { ...place, line: line + 1 }, REPAIR);
    return text.slice(name.length + 1);
  };
  const submission = value(1, 'submission');
  if (!SUBMISSION.test(submission)) refuse('RECEIPT_SUBMISSION', 'the submission is not named in visible ASCII characters', { ...place, line: 2 }, REPAIR);
  const index = parseDecimal(value(2, 'index'));
  const count = parseDecimal(value(3, 'count'));
  if (count === undefined || count === 0n) refuse('RECEIPT_COUNT', 'the count of records is not a decimal above 0', { ...place, line: 4 }, REPAIR);
  if (index === undefined || index >= count) refuse('RECEIPT_INDEX', 'the index of the record is not a decimal below the count', { ...place, line: 3 }, REPAIR);
  const salt = fromBase64(value(4, 'salt'));
  if (salt?.length !== SALT_BYTES) refuse('RECEIPT_SALT', `the salt is not ${SALT_BYTES} bytes in base64`, { ...place, line: 5 }, REPAIR);
  const path = parsePath(value(5, 'path'), { ...place, line: 6 });
  const content = bytes.slice(end + 2);
  if (!startsAsRecord(content)) refuse('RECEIPT_CONTENT', 'what the receipt is about does not start as a record does', { ...place, line: 8 }, REPAIR);
  return { submission, index, count, salt, path, content };
}

/**
 * Checks that the record is number `index` of the records under a root. Returns when it is.
 * @param root - what the submission's entry in the log commits to, 48 bytes; the caller proves the entry
 * @param count - from the same entry
 * @throws Refusal RECEIPT_COUNT (another count than the entry's), RECEIPT_PATH (no tree of that count has such a path), RECEIPT_FALSE (another root)
 */
export function checkRecordReceipt(receipt: RecordReceipt, root: Uint8Array, count: bigint, place: Place = {}): void {
  if (receipt.count !== count) {
    refuse('RECEIPT_COUNT', `the receipt speaks of ${receipt.count.toString()} records, the log of ${count.toString()}`, place, 'Compare it with the entry of the submission that it names.');
  }
  const follows = rootOfRecordReceipt(receipt);
  if (follows === undefined) refuse('RECEIPT_PATH', 'the path does not fit the index and the count', place, REPAIR);
  if (!equalBytes(follows, root)) {
    refuse('RECEIPT_FALSE', 'the record is not part of the submission: its salt, content and path lead to another root', place,
      'Compare the record, byte for byte, with the one that was submitted, and ask for the receipt again.');
  }
}

/** The root that a receipt leads to; undefined when no tree of its count has such a path. For who compares a commitment to root and count. */
export function rootOfRecordReceipt({ index, count, salt, content, path }: RecordReceipt): Uint8Array | undefined {
  if (!startsAsRecord(content) || salt.length !== SALT_BYTES) return undefined;
  return rootFromInclusion(SHA384_TREE, index, count, recordLeaf(salt, content), path);
}

/** The leaf of a record: H(0x00 ‖ SHA-384(salt ‖ content)). Without the salt it says nothing about the content. */
export function recordLeaf(salt: Uint8Array, content: Uint8Array): Uint8Array {
  return SHA384_TREE.leaf(sha384(concatBytes(salt, content)));
}

const REPAIR = 'Ask for the receipt again from whoever holds the submission.';

/** Where the first empty line begins; undefined when there is none where one must be. */
function headEnd(bytes: Uint8Array): number | undefined {
  for (let at = 0; at + 1 < bytes.length && at < MAX_HEAD_BYTES; at++) {
    if (bytes[at] === 0x0a && bytes[at + 1] === 0x0a) return at;
  }
  return undefined;
}

function parsePath(text: string, place: Place): Uint8Array[] {
  const bytes = text === '-' ? new Uint8Array() : fromBase64(text);
  const hashes = (bytes?.length ?? 0) / SHA384_TREE.bytes;
  if (bytes === undefined || text === '' || !Number.isInteger(hashes) || hashes > MAX_PATH) {
    refuse('RECEIPT_PATH', `the path is not "-" or at most ${MAX_PATH} hashes of ${SHA384_TREE.bytes} bytes, joined, in base64`, place, REPAIR);
  }
  return Array.from({ length: hashes }, (_, i) => bytes.slice(i * SHA384_TREE.bytes, (i + 1) * SHA384_TREE.bytes));
}
