/**
 * The whole line for one collection: sample or read the inputs it names, submit them all, release.
 * @module
 */
import { join } from 'node:path';
import { refuse } from '@weighbridge/base';
import { loadCollection } from '@weighbridge/instrument';
import type { Collection, InputDefinition } from '@weighbridge/instrument';
import { openStore, submitFile } from '@weighbridge/intake';
import type { Store } from '@weighbridge/intake';
import { sampleCollection } from '@weighbridge/sample';
import { intakeProgress } from './intake-report.ts';
import { makeRelease, sayRelease } from './make-release.ts';
import type { Reporter } from './reporter.ts';

/** What to run, and where to. */
export interface RunRequest {
  readonly collection: string;
  readonly store: string;
  readonly out: string;
  /** Folder that inputs are below, instead of the collection's own. */
  readonly inputs: string | undefined;
  /** Synthetic records of the main instrument, instead of the collection's own number. */
  readonly rows: number | undefined;
  readonly reporter: Reporter;
}

/** Runs a collection. @throws Refusal of the first input or table that is refused; what was sealed before stays sealed. */
export async function runCollection({ collection: folder, store: storeFolder, out, inputs, rows, reporter }: RunRequest): Promise<void> {
  const collection = await loadCollection(folder, inputs === undefined ? {} : { inputRoot: inputs });
  const store = await openStore(storeFolder);
  const files = [...(await sampled(collection, storeFolder, rows, reporter)), ...named(collection)];
  if (files.length === 0) refuse('NO_INPUT', 'the collection names no inputs and no sample', { file: 'collection.yaml', key: 'inputs' }, 'list its inputs, or a sample with seed and rows');
  for (const [i, input] of files.entries()) await submitInput(collection, store, input, `${i + 1} of ${files.length}`, reporter);
  sayRelease(await makeRelease({ collection, store, out, reporter }), out, reporter);
}

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
