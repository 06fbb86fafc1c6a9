import { join } from 'node:path';
import { refuse } from '@weighbridge/base';
import { loadCollection } from '@weighbridge/instrument';
import type { Collection, InputDefinition } from '@weighbridge/instrument';
import { openStore, submitFile } from '@weighbridge/intake';
import type { Store } from '@weighbridge/intake';
import { sampleCollection } from '@weighbridge/sample';
import type { Command } from '../command.ts';
import { intakeProgress } from '../intake-report.ts';
import { makeRelease, sayRelease } from '../make-release.ts';
import type { Reporter } from '../reporter.ts';

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
    const inputs = args.text('inputs');
    const collection = await loadCollection(args.positional(0), inputs === undefined ? {} : { inputRoot: inputs });
    const store = await openStore(args.required('store'));
    const files = [...(await sampled(collection, args.required('store'), args.wholeNumber('rows', 1), reporter)), ...named(collection)];
    if (files.length === 0) refuse('NO_INPUT', 'the collection names no inputs and no sample', { file: 'collection.yaml', key: 'inputs' }, 'list its inputs, or a sample with seed and rows');
    for (const [i, input] of files.entries()) await submitInput(collection, store, input, `${i + 1} of ${files.length}`, reporter);
    const made = await makeRelease({ collection, store, out: args.required('out'), reporter });
    sayRelease(made, args.required('out'), reporter);
    return 0;
  },
};

/** An input with the path it is read from. */
type ReadyInput = InputDefinition & { readonly path: string };

async function sampled(collection: Collection, store: string, rows: number | undefined, reporter: Reporter): Promise<ReadyInput[]> {
  const { sample } = collection.definition;
  if (!sample) return [];
  const files = await sampleCollection(collection, {
    out: join(store, 'state', 'synthetic-extracts'), seed: sample.seed, rows: rows ?? sample.rows,
    onProgress: (p) => { reporter.progress({ stage: `SYNTHETIC ${p.instrument} ${p.agency} ${p.round}`, done: p.rows, total: p.total }); },
  });
  return files.map((f) => ({ file: f.file, path: f.file, instrument: f.instrument, agency: f.agency, round: f.round }));
}

function named(collection: Collection): ReadyInput[] {
  return collection.definition.inputs.map((input) => ({ ...input, path: join(collection.inputRoot, input.file) }));
}

async function submitInput(collection: Collection, store: Store, input: ReadyInput, position: string, reporter: Reporter): Promise<void> {
  const pass = intakeProgress(reporter);
  const { report, receipt, already } = await submitFile({
    file: input.path, collection, store, agency: input.agency, round: input.round, instrument: input.instrument,
    ...(input.edition === undefined ? {} : { editionLabel: input.edition }), ...(input.published === undefined ? {} : { published: input.published }),
    onProgress: (p) => { pass({ ...p, stage: `${position} ${input.instrument} ${input.agency} ${input.round}: ${p.stage}` }); },
  });
  for (const issue of report.summary) if (issue.severity !== 'info') reporter.issue(issue);
  reporter.say('submitted', `${position}  ${already ? 'known' : 'sealed'}  ${report.file}: ${report.rows.toLocaleString('en-NZ')} records${report.synthetic ? ', SYNTHETIC' : ''}`, {
    file: report.file, instrument: input.instrument, agency: input.agency, round: input.round, rows: report.rows, already, synthetic: report.synthetic, receipt,
  });
}
