import { UsageError, isSha384, refuse } from '@weighbridge/base';
import { writeFileDurably } from '@weighbridge/base/node';
import type { Command } from '../command.ts';

/** `weighbridge receipt`: shows one record of a submission to somebody else, and no other. */
export const receipt: Command = {
  name: 'receipt',
  summary: 'proves one record of a submission, showing no other; that it was opened is entered in the log',
  positionals: ['STORE'],
  options: {
    submission: { value: 'COMMITMENT', help: 'the submission, by the commitment in its receipt or on the release’s page', required: true },
    record: { value: 'N', help: 'the record, counting from 1 in the order of the file', required: true },
    why: { value: 'TEXT', help: 'what it is for; kept in the store, committed to in the log', required: true },
    out: { value: 'FILE', help: 'write the receipt here, and the log’s proof to FILE.proof', required: true },
  },
  exits: '3 there is no such submission or record',
  async run(args, reporter) {
    const { openStore, recordReceipt } = await import('@weighbridge/intake');
    const [submission, out] = [args.required('submission'), args.required('out')];
    const record = args.wholeNumber('record', 1);
    if (record === undefined) throw new UsageError('--record N is missing');
    if (!isSha384(submission)) refuse('SUBMISSION_UNKNOWN', 'a commitment is 96 hexadecimal digits', { key: 'submission' }, 'copy it from the submission’s receipt');
    const made = await recordReceipt(await openStore(args.positional(0), { existing: true }), submission, record, args.required('why'));
    await writeFileDurably(out, made.receipt, 0o600);
    await writeFileDurably(`${out}.proof`, made.proof);
    reporter.say('receipt', `receipt of record ${record} written to ${out}, the log’s proof to ${out}.proof; the receipt shows the record: give it only to whom it concerns`, { record, file: out, bytes: made.receipt.length });
    return 0;
  },
};
