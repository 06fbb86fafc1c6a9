/**
 * Submits a file: checks it, seals it, keeps original, sealed records and manifest, and enters it in the log.
 * Killed at any moment it leaves either the whole submission or the store as it was.
 * @module
 */
import { constants } from 'node:fs';
import { copyFile, readFile, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { Refusal, refuse, refuseOnErrors } from '@weighbridge/base';
import type { Sha384 } from '@weighbridge/base';
import { sha384File } from '@weighbridge/base/node';
import type { Collection, Instrument, InstrumentDefinition, RoundDefinition } from '@weighbridge/instrument';
import { submissionReceipt } from '@weighbridge/log';
import type { LogEntry, SubmissionReceipt } from '@weighbridge/log';
import { examine } from './check.ts';
import type { CheckReport } from './check-report.ts';
import { orDiskFull } from './disk-full.ts';
import { commitManifest } from './manifest.ts';
import type { SubmissionManifest } from './manifest.ts';
import { newDefinitions, submissionEvent } from './log-events.ts';
import { commitRecords } from './record-commitments.ts';
import type { CommittedRecords } from './record-commitments.ts';
import { seal } from './seal.ts';
import { lookAt } from './source.ts';
import type { Progress } from './stage.ts';
import type { SealedSubmission, Store, StoreTransaction } from './store.ts';

export interface SubmitInput {
  readonly file: string;
  readonly collection: Collection;
  readonly store: Store;
  /** Identifiers, as the collection names them. */
  readonly agency: string;
  readonly round: string;
  readonly instrument: string;
  readonly editionLabel?: string;
  readonly published?: string;
  /** Says that the records are generated, for files without a `synthetic` column. */
  readonly synthetic?: boolean;
  /** Says that there is nothing to report: the file has a header and no records. */
  readonly nothingToReport?: boolean;
  readonly onProgress?: (progress: Progress) => void;
}

export interface Submitted {
  readonly receipt: SubmissionReceipt;
  readonly report: CheckReport;
  readonly manifest: SubmissionManifest;
  /** These bytes were the latest edition already: the receipt is the earlier one and nothing was added. */
  readonly already: boolean;
}

/**
 * Submits a file. The receipt is given only once everything it speaks of is on disk.
 * @throws Refusal with every error of the check; `AGENCY_UNKNOWN`, `ROUND_UNKNOWN`, `INSTRUMENT_UNKNOWN`;
 *   `SYNTHETIC_WITH_REAL`, `SYNTHETIC_NOT_MARKED`; `STORE_BUSY`; `DISK_FULL`. The store is as it was then.
 */
export async function submitFile(input: SubmitInput): Promise<Submitted> {
  const { instrument, round } = resolveNames(input);
  return orDiskFull(async () => {
    const name = basename(input.file);
    await lookAt(input.file, name);
    const workspace = await input.store.workspace();
    try {
      const copy = join(workspace.folder, 'original');
      input.onProgress?.({ stage: 'copy' });
      await copyFile(input.file, copy, constants.COPYFILE_FICLONE);
      return await submitCopy(input, { instrument, round, name, copy, folder: workspace.folder });
    } finally {
      await workspace.dispose();
    }
  });
}

interface Copy {
  readonly instrument: Instrument;
  readonly round: RoundDefinition;
  readonly name: string;
  readonly copy: string;
  readonly folder: string;
}

async function submitCopy(input: SubmitInput, { instrument, round, name, copy, folder }: Copy): Promise<Submitted> {
  const others = (): Promise<InstrumentDefinition[]> => Promise.resolve([...input.collection.instruments.values()].map((i) => i.definition));
  const options = { round, others, nothingToReport: input.nothingToReport === true, ...(input.onProgress ? { onProgress: input.onProgress } : {}) };
  const { report, engine, staged } = await examine({ file: copy, name, instrument, scratch: folder, options });
  const parquet = join(folder, 'sealed.parquet');
  let records: CommittedRecords | null;
  let sealedHash: Sha384;
  try {
    refuseOnErrors(report.summary);
    input.onProgress?.({ stage: 'seal', rows: report.rows });
    await seal({ engine, instrument, staged, target: parquet });
    const hashing = sha384File(parquet);
    hashing.catch(() => undefined); // heard below, unless the records fail first
    records = report.rows === 0 ? null : await commitRecords(engine, parquet, folder);
    sealedHash = await hashing;
  } finally {
    engine.close();
  }
  const synthetic = report.synthetic || input.synthetic === true;
  if (report.rows > 0) checkMarked(input, instrument, synthetic, name);
  const sealed = { sha384: sealedHash, bytes: (await stat(parquet)).size };
  input.onProgress?.({ stage: 'commit', rows: report.rows });
  return input.store.transact((transaction) => commit({ input, instrument, report, sealed, records, synthetic, copy, parquet }, transaction));
}

interface Ready {
  readonly input: SubmitInput;
  readonly instrument: Instrument;
  readonly report: CheckReport;
  readonly sealed: { readonly sha384: Sha384; readonly bytes: number };
  readonly records: CommittedRecords | null;
  readonly synthetic: boolean;
  readonly copy: string;
  readonly parquet: string;
}

async function commit({ input, instrument, report, sealed, records, synthetic: marked, copy, parquet }: Ready, transaction: StoreTransaction): Promise<Submitted> {
  const synthetic = marked || (report.rows === 0 && emptyIsSynthetic(input, instrument, transaction.submissions));
  checkMixture(input, transaction.submissions, synthetic, report.file);
  const latest = transaction.submissions.findLast(({ source }) => isReturn(source, input));
  const before = transaction.entries.findLastIndex((entry) => entry.kind === 'submission' && isReturn(entry, input));
  const draft: Omit<SubmissionManifest, 'edition'> = {
    weighbridge: 1, kind: 'submission', collection: input.collection.definition.id,
    instrument: input.instrument, instrumentSha384: instrument.file.sha384, agency: input.agency, round: input.round,
    ...(input.editionLabel === undefined ? {} : { editionLabel: input.editionLabel }),
    ...(input.published === undefined ? {} : { published: input.published }),
    ...(input.nothingToReport === true ? { nothingToReport: true } : {}),
    original: { file: report.file, bytes: report.bytes, sha384: report.original }, sealed,
    codelists: Object.fromEntries([...instrument.codelists].map(([id, list]) => [id, list.sha384])),
    rows: report.rows, format: report.format, repairs: report.repairs,
    findings: report.summary.filter((issue) => issue.severity !== 'error'), synthetic, records: records?.tree ?? null,
  };
  if (latest && isSame(latest.manifest, draft)) {
    const opening = await readFile(input.store.objectPath(latest.source.manifest));
    const receipt = submissionReceipt(latest.index, { commitment: latest.source.manifest, opening }, await transaction.receipt(latest.index));
    return { receipt, report, manifest: latest.manifest, already: true };
  }
  const manifest: SubmissionManifest = { ...draft, edition: editionOf(transaction.entries[before]) + 1 };
  await transaction.keepFile(copy, report.original);
  await transaction.keepFile(parquet, sealed.sha384);
  for (const kept of records?.files ?? []) await transaction.keepFile(kept.path, kept.sha384);
  const committed = commitManifest(manifest);
  await transaction.keepOpening(committed);
  const logged = await transaction.record([...newDefinitions(input, instrument, transaction.entries), submissionEvent(manifest, committed.commitment, before < 0 ? undefined : before)]);
  const { index, receipt } = logged.at(-1) ?? refuse('LOG_UNACKNOWLEDGED', 'the log gave no receipt', {}, 'submit again: what was recorded is found');
  return { receipt: submissionReceipt(index, committed, receipt), report, manifest, already: false };
}

/** The same return: its editions count up, deleted ones too. */
function isReturn(a: { readonly instrument: string; readonly agency: string; readonly round: string }, b: SubmitInput): boolean {
  return a.instrument === b.instrument && a.agency === b.agency && a.round === b.round;
}

function editionOf(entry: LogEntry | undefined): number {
  return entry?.kind === 'submission' ? entry.edition : 0;
}

/** The same bytes under the same definition and label: submitting them again changes nothing. */
function isSame(latest: SubmissionManifest, draft: Omit<SubmissionManifest, 'edition'>): boolean {
  return latest.original.sha384 === draft.original.sha384 && latest.sealed.sha384 === draft.sealed.sha384
    && latest.instrumentSha384 === draft.instrumentSha384 && latest.editionLabel === draft.editionLabel && latest.synthetic === draft.synthetic
    && latest.nothingToReport === draft.nothingToReport;
}

/** A return without records marks nothing: it counts as what it stands among. */
function emptyIsSynthetic({ collection }: SubmitInput, { definition }: Instrument, submissions: readonly SealedSubmission[]): boolean {
  const among = submissions.find(({ source }) => source.instrument === definition.id);
  return among?.source.synthetic ?? (collection.definition.synthetic && definition.series === undefined);
}

/** In a collection of generated records only figures published by others may be real. */
function checkMarked({ collection }: SubmitInput, instrument: Instrument, synthetic: boolean, file: string): void {
  if (synthetic || !collection.definition.synthetic || instrument.definition.series !== undefined) return;
  refuse('SYNTHETIC_NOT_MARKED', 'the collection is for generated records and this file does not say that its records are generated', { file, object: instrument.definition.id }, 'put real records into a collection of their own; generated ones carry a column `synthetic` that is true in every record');
}

/** Real and generated records never meet in one instrument. */
function checkMixture({ instrument }: SubmitInput, submissions: readonly SealedSubmission[], synthetic: boolean, file: string): void {
  const other = submissions.find(({ source }) => source.instrument === instrument && source.synthetic !== synthetic);
  if (!other) return;
  refuse('SYNTHETIC_WITH_REAL', synthetic ? 'the instrument holds real records already, and these are generated' : 'the instrument holds generated records, and these are real', { file, object: instrument }, 'use another store');
}

function resolveNames({ collection, instrument, agency, round }: SubmitInput): { instrument: Instrument; round: RoundDefinition } {
  const { definition } = collection;
  const found = collection.instruments.get(instrument);
  const period = definition.rounds.find((r) => r.id === round);
  const list = (ids: Iterable<string>): string => `use one of ${[...ids].join(', ')}`;
  if (!found) throw unknownName('INSTRUMENT_UNKNOWN', `the collection has no instrument “${instrument}”`, list(collection.instruments.keys()));
  if (!period) throw unknownName('ROUND_UNKNOWN', `the collection has no round “${round}”`, list(definition.rounds.map((r) => r.id)));
  if (!definition.agencies.some((a) => a.id === agency)) throw unknownName('AGENCY_UNKNOWN', `the collection has no agency “${agency}”`, list(definition.agencies.map((a) => a.id)));
  return { instrument: found, round: period };
}

function unknownName(code: string, message: string, repair: string): Refusal {
  return new Refusal([{ code, severity: 'error', message, place: {}, repair }]);
}
