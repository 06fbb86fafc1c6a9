import { isSha384, refuse } from '@weighbridge/base';
import type { Command } from '../command.ts';

/** `weighbridge delete`: honours a lawful deletion; the log still verifies. */
export const deletion: Command = {
  name: 'delete',
  summary: 'destroys the bytes, records and salts of a submission where a law asks for it, and says so in the log',
  positionals: ['STORE'],
  options: {
    submission: { value: 'COMMITMENT', help: 'the submission, by the commitment in its receipt', required: true },
    grounds: { value: 'TEXT', help: 'the law and the decision; kept in the store, committed to in the log', required: true },
    yes: { help: 'say that it cannot be undone', required: true },
  },
  exits: '3 there is no such submission',
  async run(args, reporter) {
    const { deleteSubmission, openStore } = await import('@weighbridge/intake');
    const submission = args.required('submission');
    if (!isSha384(submission)) refuse('SUBMISSION_UNKNOWN', 'a commitment is 96 hexadecimal digits', { key: 'submission' }, 'copy it from the submission’s receipt');
    const { index } = await deleteSubmission(await openStore(args.positional(0)), submission, args.required('grounds'));
    reporter.say('deleted', `deleted; entry ${index} of the log says so. Copies elsewhere, backups among them, are yours to destroy`, { index, submission });
    return 0;
  },
};
