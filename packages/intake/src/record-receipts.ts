/**
 * The receipt of one record of a sealed submission. That the record was opened is entered in the log first.
 * @module
 */
import { Refusal, refuse } from '@weighbridge/base';
import type { Sha384 } from '@weighbridge/base';
import { formatRecordReceipt } from '@weighbridge/log';
import { proveRecord } from '@weighbridge/log/node';
import { recordContent } from './record-commitments.ts';
import type { SealedSubmission, Store } from './store.ts';

/** What shows one record to somebody else: both files go together. */
export interface RecordProof {
  /** A `weighbridge-record-receipt/1`: the record, its salt and its path. It is as confidential as the record. */
  readonly receipt: Uint8Array;
  /** The `c2sp.org/tlog-proof@v1` of the submission's entry. */
  readonly proof: string;
}

/**
 * Proves one record of a submission.
 * @param record - counts from 1, in the order of the file that was submitted
 * @param why - kept in the store behind the commitment of the access
 * @throws Refusal `SUBMISSION_UNKNOWN`, `RECORD_INDEX`, `RECORD_OTHER` (the sealed file is not the one that was committed to), `ACCESS_NOT_LOGGED`
 */
export async function recordReceipt(store: Store, commitment: Sha384, record: number, why: string): Promise<RecordProof> {
  const submission = (await store.submissions()).find(({ source }) => source.manifest === commitment)
    ?? refuse('SUBMISSION_UNKNOWN', 'the store has no such submission, or it was deleted', { object: commitment }, 'name a submission by the commitment that its receipt shows');
  const { records, rows } = submission.manifest;
  if (records === null || record > rows) return refuse('RECORD_INDEX', `the submission has ${rows} records`, { row: record }, 'records count from 1, in the order of the file');
  if (!(await store.access({ purpose: 'record-receipt', for: why }, [submission]))) {
    throw new Refusal([{ code: 'ACCESS_NOT_LOGGED', severity: 'error', message: 'the store is a copy: that a record was opened could not be entered in the log', place: {}, repair: 'work in the store itself' }]);
  }
  const receipt = await proved(store, submission, record);
  return { receipt: formatRecordReceipt(receipt), proof: await store.transact((transaction) => transaction.receipt(submission.index)) };
}

async function proved(store: Store, { manifest, source, parquetPath }: SealedSubmission, record: number): ReturnType<typeof proveRecord> {
  const { salts, hashes } = manifest.records ?? refuse('RECORD_INDEX', 'the submission has no records', { object: source.manifest }, 'name another submission');
  const workspace = await store.workspace();
  try {
    const content = await recordContent(parquetPath, record, workspace.folder);
    return await proveRecord({ salts: store.objectPath(salts), hashes: store.objectPath(hashes) }, { submission: source.manifest, index: BigInt(record - 1), content });
  } finally {
    await workspace.dispose();
  }
}
