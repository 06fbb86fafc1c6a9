import type { Command } from '../command.ts';

/** `weighbridge run`: samples or reads the inputs that the collection names, submits them all, and releases. */
export const run: Command = {
  name: 'run',
  summary: 'does all of it, from the inputs that the collection names to the release and its site',
  positionals: ['COLLECTION'],
  options: {
    store: { value: 'DIR', help: 'the store; made when missing', required: true },
    out: { value: 'DIR', help: 'folder to write the release into', required: true },
    inputs: { value: 'DIR', help: 'folder that inputs are below; default: as the collection says' },
    rows: { value: 'N', help: 'synthetic records of the main instrument; default: as the collection says' },
  },
  exits: '3 an input was refused',
  async run(args, reporter) {
    const { runCollection } = await import('../run-collection.ts');
    await runCollection({
      collection: args.positional(0), store: args.required('store'), out: args.required('out'),
      inputs: args.text('inputs'), rows: args.wholeNumber('rows', 1), reporter,
    });
    return 0;
  },
};
