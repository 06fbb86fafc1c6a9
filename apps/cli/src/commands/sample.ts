import { UsageError } from '@weighbridge/base';
import type { Command } from '../command.ts';

/** `weighbridge sample`: synthetic extracts from a collection's `sample/` settings, labelled synthetic. */
export const sample: Command = {
  name: 'sample',
  summary: 'makes synthetic extracts from a seed, labelled synthetic',
  positionals: ['COLLECTION'],
  options: {
    out: { value: 'DIR', help: 'folder to write the extracts into', required: true },
    seed: { value: 'N', help: 'the same seed gives the same bytes; default: the seed of the collection' },
    rows: { value: 'N', help: 'records of the main instrument over all agencies and rounds; default: as the collection says' },
  },
  exits: '3 the definitions were refused',
  async run(args, reporter) {
    const { loadCollection } = await import('@weighbridge/instrument');
    const { sampleCollection } = await import('@weighbridge/sample');
    const collection = await loadCollection(args.positional(0));
    const seed = args.wholeNumber('seed', 0) ?? collection.definition.sample?.seed;
    const rows = args.wholeNumber('rows', 1) ?? collection.definition.sample?.rows;
    if (seed === undefined) throw new UsageError('--seed is missing, and the collection names none');
    const files = await sampleCollection(collection, {
      out: args.required('out'), seed, ...(rows === undefined ? {} : { rows }),
      onProgress: (p) => { reporter.progress({ stage: `SYNTHETIC ${p.instrument} ${p.agency} ${p.round}`, done: p.rows, total: p.total }); },
    });
    const total = files.reduce((sum, f) => sum + f.rows, 0);
    reporter.say('sampled', `${files.length} SYNTHETIC extracts, ${total.toLocaleString('en-NZ')} records, in ${args.required('out')}`, { synthetic: true, seed, files });
    return 0;
  },
};
