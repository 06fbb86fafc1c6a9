/**
 * Checks one file against an instrument, offline: every issue, no cap. The same examination stands behind a submission.
 * @module
 */
import { constants, createReadStream, createWriteStream } from 'node:fs';
import { access, copyFile, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { UsageError } from '@weighbridge/base';
import { openEngine } from '@weighbridge/engine';
import type { Engine } from '@weighbridge/engine';
import type { Instrument, RoundDefinition } from '@weighbridge/instrument';
import { annotate } from './annotate.ts';
import { orDiskFull } from './disk-full.ts';
import type { CheckReport } from './check-report.ts';
import { Findings } from './findings.ts';
import type { OtherInstruments } from './header-clues.ts';
import { lookAt } from './source.ts';
import { stageFile } from './stage-file.ts';
import type { Progress, Staged } from './stage.ts';
import { validate } from './validate.ts';

export interface CheckOptions {
  /** With a round, records of other periods are told. */
  readonly round?: RoundDefinition;
  /** NDJSON file that gets a line for every issue, without a cap. */
  readonly issuesFile?: string;
  /** XLSX file that gets the issues as a sheet, and the records with comments on the cells where they are few enough. */
  readonly annotate?: string;
  /** Folder for temporary files; default: the system's. It must hold about as much as the file. */
  readonly scratch?: string;
  readonly onProgress?: (progress: Progress) => void;
  /** Gives the other instruments of the collection, to say which one a file seems to be of. Asked only where a header is amiss. */
  readonly others?: OtherInstruments;
  /** The sender says that there is nothing to report: no records are as it should be, and a file with records is refused. */
  readonly nothingToReport?: boolean;
}

/**
 * Checks a file. Bad input never throws once the file could be looked at: it is in the report.
 * @throws Refusal when there is no file, it is empty, of a kind that holds no table, or the disk is full
 * @throws UsageError when a file of issues is asked for in a folder that is not there or may not be written
 */
export async function checkFile(file: string, instrument: Instrument, options: CheckOptions = {}): Promise<CheckReport> {
  for (const output of [options.issuesFile, options.annotate]) if (output !== undefined) await expectFolderOf(output);
  const scratch = await orDiskFull(() => mkdtemp(join(options.scratch ?? tmpdir(), 'weighbridge-')));
  return orDiskFull(async () => {
    const examination = await examine({ file, instrument, scratch, options });
    try {
      return examination.report;
    } finally {
      examination.engine.close();
    }
  }).finally(() => rm(scratch, { recursive: true, force: true }));
}

/** Found out before the work, not after it. */
async function expectFolderOf(output: string): Promise<void> {
  await access(dirname(output), constants.W_OK).catch(() => {
    throw new UsageError(`${output}: expected a folder that is there and may be written`);
  });
}

/** What a submission goes on with. Close the engine. */
export interface Examination {
  readonly report: CheckReport;
  readonly engine: Engine;
  readonly staged: Staged;
}

export interface ExamineInput {
  readonly file: string;
  /** Name shown to people, when the file is a copy. */
  readonly name?: string;
  readonly instrument: Instrument;
  readonly scratch: string;
  readonly options: CheckOptions;
}

/** Stages and judges a file. On failure the engine is closed. */
export async function examine({ file, name, instrument, scratch, options }: ExamineInput): Promise<Examination> {
  const onProgress = options.onProgress ?? ((): void => undefined);
  const source = await lookAt(file, name);
  const findings = new Findings(source.name, join(scratch, 'issues-1-form.ndjson'));
  const engine = await openEngine({ scratch, allow: [file] });
  try {
    const staged = await stageFile({ source, instrument, engine, scratch, findings, onProgress, others: options.others });
    const wanted = options.issuesFile !== undefined || options.annotate !== undefined;
    const judgement = staged.readable
      ? await validate({ engine, instrument, staged, findings, round: options.round, issuesPath: wanted ? join(scratch, 'issues-2-values.ndjson') : undefined })
      : { repairs: [], synthetic: false, rows: 0 };
    noteEmptiness(findings, staged, options.nothingToReport === true);
    findings.close();
    onProgress({ stage: 'checked', rows: staged.records });
    const report: CheckReport = {
      accepted: !findings.refused, file: source.name, bytes: source.bytes, original: staged.original, rows: staged.records,
      format: staged.format, summary: findings.summary(), repairs: judgement.repairs, synthetic: judgement.synthetic,
    };
    const issues = wanted ? await issueFiles(scratch) : [];
    if (options.annotate !== undefined) await annotate({ report, issues, source, staged, engine, instrument, target: options.annotate });
    if (options.issuesFile !== undefined) await concatenate(issues, options.issuesFile);
    return { report, engine, staged };
  } catch (error) {
    engine.close();
    throw error;
  } finally {
    findings.close();
  }
}

/** A return without records may be right or cut off: whoever sends it can say which. */
function noteEmptiness(findings: Findings, { readable, records }: Staged, said: boolean): void {
  if (!readable) return;
  if (records > 0 && said) {
    findings.add({ code: 'NOT_EMPTY', severity: 'error', message: `the sender says that there is nothing to report, and the file has ${records} records`, repair: 'send the file without that statement, or the header alone' }, {});
  } else if (records === 0 && said) {
    findings.summarise({ code: 'NOTHING_TO_REPORT', severity: 'info', message: 'the sender says that there is nothing to report; the file has no records', repair: 'nothing' }, 1, {});
  } else if (records === 0 && !findings.refused) {
    findings.summarise({ code: 'NO_RECORDS', severity: 'warning', message: 'the file has a header and no records', repair: 'say so if there is nothing to report (--nothing-to-report); else export the file again' }, 1, {});
  }
}

async function issueFiles(scratch: string): Promise<string[]> {
  return (await readdir(scratch)).filter((name) => name.startsWith('issues-')).sort().map((name) => join(scratch, name));
}

async function concatenate(parts: readonly string[], target: string): Promise<void> {
  const [only, ...more] = parts;
  if (only !== undefined && more.length === 0) {
    await rename(only, target).catch(() => copyFile(only, target)); // another disk: copy
    return;
  }
  const out = createWriteStream(target);
  for (const part of parts) await pipeline(createReadStream(part), out, { end: false });
  await new Promise<void>((resolve, reject) => {
    out.on('error', reject);
    out.end(resolve);
  });
}
