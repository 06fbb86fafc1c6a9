import { writeFileDurably } from '@weighbridge/base/node';
import { prettyJson } from '@weighbridge/base';
import type { Command } from '../command.ts';
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
    receipt: { value: 'OUT.json', help: 'write the receipt here too' },
  },
  exits: '3 the file was refused',
  async run(args, reporter) {
    const { loadCollection } = await import('@weighbridge/instrument');
    const { openStore, submitFile } = await import('@weighbridge/intake');
    const collection = await loadCollection(args.required('collection'));
    const store = await openStore(args.required('store'));
    const editionLabel = args.text('edition');
    const { receipt, report, already } = await submitFile({
      file: args.positional(0), collection, store, agency: args.required('agency'), round: args.required('round'),
      instrument: args.required('instrument'), ...(editionLabel === undefined ? {} : { editionLabel }), onProgress: intakeProgress(reporter),
    });
    sayReport(report, reporter);
    const out = args.text('receipt');
    if (out !== undefined) await writeFileDurably(out, prettyJson(receipt));
    reporter.say('receipt', `${already ? 'was submitted before; its receipt' : 'sealed; receipt'}: ${JSON.stringify(receipt)}`, { already, receipt });
    return 0;
  },
};
