/**
 * The sealed Parquet that a table is made from: which submissions count, and their records as SQL.
 * Leaves out: making and checking the Parquet, which is intake's work.
 * @module
 */
import { refuse, sha384Json } from '@weighbridge/base';
import type { SubmissionSource } from '@weighbridge/base';
import { sqlName, sqlText } from '@weighbridge/engine';

/** A submission with the place of its sealed records. */
export interface SealedSource {
  readonly source: SubmissionSource;
  readonly parquetPath: string;
  /** Keys that stand more than once, when the instrument flags them. */
  readonly repeatedKeys?: number;
}

/** The submissions of an instrument that count. */
export interface CurrentSources {
  /** The latest edition for each agency and round, in code-unit order of agency and round. Never empty. */
  readonly current: readonly [SealedSource, ...SealedSource[]];
  /** How many earlier editions were given and left aside. */
  readonly superseded: number;
}

/**
 * The latest edition of each agency and round.
 * @throws Refusal `NO_SUBMISSIONS`; `SYNTHETIC_MIXED`; `SUBMISSION_REPEATED` when one edition is given twice
 */
export function currentSources(instrument: string, submissions: readonly SealedSource[]): CurrentSources {
  const own = submissions.filter((s) => s.source.instrument === instrument);
  const latest = new Map<string, SealedSource>();
  for (const s of own) {
    const place = JSON.stringify([s.source.agency, s.source.round]);
    const other = latest.get(place);
    if (other?.source.edition === s.source.edition) {
      refuse('SUBMISSION_REPEATED', `edition ${s.source.edition} of ${s.source.agency}, ${s.source.round} is given twice`, { object: instrument }, 'give each edition once');
    }
    if (!other || other.source.edition < s.source.edition) latest.set(place, s);
  }
  const [first, ...rest] = [...latest.values()].sort((a, b) => compareTexts(a.source.agency, b.source.agency) || compareTexts(a.source.round, b.source.round));
  if (!first) refuse('NO_SUBMISSIONS', 'no submission of the instrument was given', { object: instrument }, 'submit an extract for it first');
  if (rest.some((s) => s.source.synthetic !== first.source.synthetic)) {
    refuse('SYNTHETIC_MIXED', 'synthetic and real submissions of one instrument stand side by side', { object: instrument }, 'keep generated extracts in a store of their own');
  }
  return { current: [first, ...rest], superseded: own.length - latest.size };
}

/** All editions of an instrument by agency and round, each run in order of edition. */
export function editionRuns(instrument: string, submissions: readonly SealedSource[]): SealedSource[][] {
  const own = submissions.filter((s) => s.source.instrument === instrument);
  const runs = Map.groupBy(own, (s) => JSON.stringify([s.source.agency, s.source.round]));
  return [...runs].sort(([a], [b]) => compareTexts(a, b)).map(([, run]) => run.sort((a, b) => a.source.edition - b.source.edition));
}

/** The records of the sources with the columns named, and the submission's agency and round as columns. */
export function recordsSql(sources: readonly SealedSource[], columns: readonly string[]): string {
  const own = columns.filter((c) => c !== 'agency' && c !== 'round' && c !== UNIT_COLUMN).map(sqlName);
  return sources.map(({ source, parquetPath }) => {
    const reserved = [`${sqlText(source.agency)} AS "agency"`, `${sqlText(source.round)} AS "round"`];
    const units = columns.includes(UNIT_COLUMN);
    // The place in the sealed file, which is counted while reading and costs less than a column of numbers.
    if (units) reserved.push(`(file_row_number + 1) * ${unitWeight(source)} AS ${sqlName(UNIT_COLUMN)}`);
    return `SELECT ${[...reserved, ...own].join(', ')} FROM ${parquetSql(parquetPath, units)}`;
  }).join('\nUNION ALL\n');
}

/** A number for each record, whose sum over a cell's records stands for that set of records whatever the cell is called. */
export const UNIT_COLUMN = '_unit';
/** 2^31: products with a record number stay within 64 bits up to 4 billion records, and a sum of them is 128 bits wide. */
const UNIT_WEIGHTS = 2 ** 31;

/** The same for every edition of a return, so that records that stay keep their number. */
function unitWeight(source: SubmissionSource): number {
  return 1 + (Number.parseInt(sha384Json([source.instrument, source.agency, source.round]).slice(0, 12), 16) % (UNIT_WEIGHTS - 1));
}

/** A Parquet file as a table, with `file_row_number` where that is wanted: the one place where engines differ in how they name it. */
export function parquetSql(path: string, rowNumbers = false): string {
  return `read_parquet(${sqlText(path)}${rowNumbers ? ', file_row_number = true' : ''})`;
}

/** Order by UTF-16 code units: the same on every machine. */
export function compareTexts(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
