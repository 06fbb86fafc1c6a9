import { writeFileDurably } from '@weighbridge/base/node';
import { prettyJson } from '@weighbridge/base';
import type { Issue } from '@weighbridge/base';
import type { SubmissionManifest } from '@weighbridge/intake';
import type { Command } from '../command.ts';
import { unwitnessed } from '../unwitnessed.ts';
import { intakeProgress, sayReport } from '../intake-report.ts';

/** `weighbridge submit`: checks, seals, logs; the receipt goes to standard output or a file. */
export const submit: Command = {
  name: 'submit',
  summary: 'checks and seals an extract, logs it and writes the receipt',
  positionals: ['FILE'],
  options: {
    collection: { value: 'DIR', help: 'the collection', required: true },
    store: { value: 'DIR', help: 'the store; made when missing', required: true },
    agency: { value: 'A', help: 'the agency that submits', required: true },
    round: { value: 'R', help: 'the round that the extract is for', required: true },
    instrument: { value: 'I', help: 'the instrument that the extract answers', required: true },
    edition: { value: 'LABEL', help: "the publisher's name for the edition, for published series" },
    'nothing-to-report': { help: 'the file has a header and no records, and that is right: the receipt is for that statement' },
    receipt: { value: 'OUT.json', help: 'write the receipt here too' },
  },
  exits: '3 the file was refused',
  async run(args, reporter) {
    const { loadCollection } = await import('@weighbridge/instrument');
    const { openStore, submitFile } = await import('@weighbridge/intake');
    const collection = await loadCollection(args.required('collection'));
    const store = await openStore(args.required('store'));
    const editionLabel = args.text('edition');
    const { receipt, report, manifest, already } = await submitFile({
      file: args.positional(0), collection, store, agency: args.required('agency'), round: args.required('round'),
      instrument: args.required('instrument'), ...(editionLabel === undefined ? {} : { editionLabel }),
      nothingToReport: args.flag('nothing-to-report'), onProgress: intakeProgress(reporter),
    });
    sayReport(report, reporter);
    const out = args.text('receipt');
    if (!already && manifest.edition > 1 && editionLabel === undefined) reporter.issue(newEdition(manifest.edition, manifest.rows));
    if (out !== undefined) await writeFileDurably(out, prettyJson({ about: aboutOf(manifest), receipt }), 0o600);
    const where = out === undefined ? 'write its receipt with --receipt OUT.json' : `receipt in ${out}; keep it to yourself, it tells what was submitted`;
    reporter.say('receipt', `${already ? 'was submitted before' : 'sealed'}: entry ${receipt.index} of the log, commitment ${receipt.commitment}\n${where}`, { already, receipt });
    const missing = await unwitnessed(store);
    if (missing) reporter.issue(missing);
    return 0;
  },
};

/** What a receipt is for, in words: the entry that is signed commits to all of it through the manifest's hash. */
function aboutOf(manifest: SubmissionManifest): Readonly<Record<string, unknown>> {
  const { collection, instrument, agency, round, edition, original, rows, synthetic, nothingToReport } = manifest;
  return { collection, instrument, agency, round, edition, file: original.file, original: original.sha384, rows, synthetic, ...(nothingToReport ? { nothingToReport } : {}) };
}

function newEdition(edition: number, rows: number): Issue {
  return {
    code: 'NEW_EDITION', severity: 'warning', message: `this return was submitted before with other bytes: the file is edition ${edition}, with ${rows.toLocaleString('en-NZ')} records, and counts from now on; the earlier edition is kept`,
    place: {}, repair: 'if it is not a correction of the same return, check agency, round and instrument, and submit the right file as the next edition',
  };
}
