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
    const { index, source, sameBytes, releases } = await deleteSubmission(await openStore(args.positional(0), { existing: true }), submission, args.required('grounds'));
    for (const same of sameBytes) {
      reporter.issue({
        code: 'SAME_BYTES_STAY', severity: 'warning', message: `the same bytes were submitted as ${same.agency}, ${same.instrument}, ${same.round}, edition ${same.edition}, and stay`,
        place: { object: same.manifest }, repair: 'delete that submission too, if the law asks for the content to be gone',
      });
    }
    if (releases > 0) {
      reporter.issue({
        code: 'RELEASES_REST_ON_IT', severity: 'warning', message: `${releases} releases in the log rest on it: they stand as published, cannot be counted again, and no later release of the collection can be held against them`,
        place: { object: submission }, repair: 'release what comes after from a new store',
      });
    }
    reporter.say('deleted', `deleted: ${source.agency}, ${source.instrument}, ${source.round}, edition ${source.edition}; entry ${index} of the log says so. Copies elsewhere, backups among them, are yours to destroy`, { index, submission });
    return 0;
  },
};
