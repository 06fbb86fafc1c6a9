/**
 * Makes synthetic extracts for a collection: seeded, calibrated where a published rate exists, labelled everywhere.
 * Source: docs/references.md for every calibrated rate; the settings name the anchor beside the distribution.
 * Leaves out: anything about real people. Pseudonyms begin with SYN and agencies are those of the collection.
 * @module
 */
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Refusal, UsageError } from '@weighbridge/base';
import type { Collection } from '@weighbridge/instrument';
import { allocate } from './allocate.ts';
import type { Share } from './allocate.ts';
import { compileRecord } from './generators.ts';
import type { Draft } from './generators.ts';
import { LABEL_FIELD, loadSettings } from './load-settings.ts';
import type { Sampled } from './load-settings.ts';
import { Prng } from './prng.ts';
import { writeExtract } from './write-file.ts';

/** Raised when the bytes that a seed gives change: a promise broken, so never without a note in the change log. */
const GENERATOR = 'weighbridge-sample/1';

const MAX_ROWS = 100_000_000;

/** One synthetic extract. `file` is its path: `<out>/<instrument>--<agency>--<round>.csv`. */
export interface SampleFile {
  readonly file: string;
  readonly instrument: string;
  readonly agency: string;
  readonly round: string;
  readonly rows: number;
}

/** `rows` of `total` are written, over all files; the rest says what is being written. */
export interface SampleProgress {
  readonly instrument: string;
  readonly agency: string;
  readonly round: string;
  readonly rows: number;
  readonly total: number;
}

export interface SampleOptions {
  /** Folder to write into; created when missing. Files of the same name are replaced. */
  readonly out: string;
  readonly seed: number;
  /** Records of an instrument with `rowsPerThousand: 1000`, over its agencies and rounds. Default: the collection's own. */
  readonly rows?: number;
  readonly onProgress?: (progress: SampleProgress) => void;
}

/**
 * Writes one CSV per instrument × agency × round and a file `SYNTHETIC.txt` that says what they are.
 *
 * Deterministic: the same definitions, seed and rows give the same bytes on every machine. Each file has its own stream of
 * draws, named by seed, instrument, agency and round. Memory does not grow with the rows.
 * @returns the files in the order written
 * @throws UsageError when seed or rows are no whole numbers in range
 * @throws Refusal as {@link loadSettings} does, or `SAMPLE_WRITE` when a file could not be written
 */
export async function sampleCollection(collection: Collection, options: SampleOptions): Promise<SampleFile[]> {
  const { out, seed, rows = collection.definition.sample?.rows ?? 1000 } = options;
  if (!Number.isSafeInteger(seed) || seed < 0) throw new UsageError('seed: expected a whole number from 0');
  if (!Number.isSafeInteger(rows) || rows < 1 || rows > MAX_ROWS) throw new UsageError(`rows: expected a whole number from 1 to ${MAX_ROWS}`);
  const sampled = await loadSettings(collection);
  const plan = sampled.flatMap((one) => planOf(one, rows));
  const total = plan.reduce((sum, p) => sum + p.share.rows, 0);
  let done = 0;
  const files: SampleFile[] = [];
  try {
    await mkdir(out, { recursive: true });
    await writeFile(join(out, 'SYNTHETIC.txt'), notice(collection, seed, rows));
    for (const one of plan) {
      const { agency, round } = one.share;
      const instrument = one.sampled.instrument.definition.id;
      const file = join(out, `${instrument}--${agency}--${round}.csv`);
      await writeOne(collection, one, seed, file, (n) => options.onProgress?.({ instrument, agency, round, rows: done + n, total }));
      done += one.share.rows;
      files.push({ file, instrument, agency, round, rows: one.share.rows });
    }
  } catch (error) {
    for (const { file } of files) await rm(file, { force: true });
    throw writeRefusal(error);
  }
  return files;
}

interface Planned {
  readonly sampled: Sampled;
  readonly share: Share;
  readonly instrumentRows: number;
}

function planOf(sampled: Sampled, rows: number): Planned[] {
  const { settings } = sampled;
  const instrumentRows = Math.max(1, Math.round((rows * settings.rowsPerThousand) / 1000));
  return allocate(instrumentRows, settings.agencies.weights, settings.rounds.weights).map((share) => ({ sampled, share, instrumentRows }));
}

async function writeOne(collection: Collection, planned: Planned, seed: number, path: string, onRows: (rows: number) => void): Promise<void> {
  const { sampled: { settings, instrument }, share, instrumentRows } = planned;
  const { id, fields } = instrument.definition;
  const round = collection.definition.rounds.find((r) => r.id === share.round);
  if (!round) throw new TypeError('sampleCollection: the settings were checked against the rounds');
  const slots = [...fields.map((f) => f.name), ...settings.hidden];
  const chance = Prng.named(`${GENERATOR}|${seed}|${id}|${share.agency}|${share.round}`);
  const context = { instrument: id, agency: share.agency, round: share.round, from: round.from, to: round.to, rows: share.rows, instrumentRows };
  const draft: Draft = { values: slots.map(() => ''), days: new Float64Array(slots.length).fill(Number.NaN), index: 0 };
  await writeExtract({
    path, rows: share.rows, draft, onRows,
    header: fields.map((f) => f.source ?? f.name), columns: fields.map((_, i) => i),
    fill: compileRecord(settings, slots, context, chance),
  });
}

function notice(collection: Collection, seed: number, rows: number): string {
  return [
    'SYNTHETIC DATA',
    '',
    'Every record in the CSV files of this folder was generated. None describes a person, a device, a case or an agency.',
    `Each record says so itself in its column "${LABEL_FIELD}".`,
    `Collection: ${collection.definition.id}. Generator: ${GENERATOR}. Seed: ${seed}. Rows asked for: ${rows}.`,
    'The settings in the folder "sample" of the collection name the published rate or the assumption behind each distribution.',
    '',
  ].join('\n');
}

function writeRefusal(error: unknown): unknown {
  if (!(error instanceof Error) || !('code' in error) || error instanceof Refusal) return error;
  const full = error.code === 'ENOSPC' || error.code === 'EDQUOT';
  return new Refusal([{
    code: 'SAMPLE_WRITE', severity: 'error', place: {},
    message: full ? 'the disk is full: no synthetic extract was kept' : `the synthetic extracts could not be written (${String(error.code)})`,
    repair: full ? 'free some space or ask for fewer rows' : 'name a folder that can be written to',
  }], { cause: error });
}
