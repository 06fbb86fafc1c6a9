import type { Command } from '../command.ts';

/** `weighbridge release`: tabulates, protects and publishes what the store holds. */
export const release: Command = {
  name: 'release',
  summary: 'tabulates, protects and publishes what the store holds',
  positionals: ['COLLECTION'],
  options: {
    store: { value: 'DIR', help: 'the store', required: true },
    out: { value: 'DIR', help: 'folder to write the release into', required: true },
    inputs: { value: 'DIR', help: 'folder that code lists of the publishers are below; default: as the collection says' },
  },
  exits: '3 the definitions or the data were refused',
  async run(args, reporter) {
    const { loadCollection } = await import('@weighbridge/instrument');
    const { openStore } = await import('@weighbridge/intake');
    const { makeRelease, sayRelease } = await import('../make-release.ts');
    const inputs = args.text('inputs');
    const collection = await loadCollection(args.positional(0), inputs === undefined ? {} : { inputRoot: inputs });
    const made = await makeRelease({ collection, store: await openStore(args.required('store')), out: args.required('out'), reporter });
    sayRelease(made, args.required('out'), reporter);
    return 0;
  },
};
