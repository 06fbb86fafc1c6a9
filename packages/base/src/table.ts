/**
 * What everybody may know about a table: its dimensions, measure, basis and sources. No counts stand here.
 * @module
 */
import type { Sha384 } from './hash.ts';

/** One code of a dimension, in display order. */
export interface DimensionCode {
  readonly code: string;
  readonly label: string;
  /** Code of the parent within the same dimension, when both are shown. */
  readonly parent?: string;
  /** Name of the hierarchy level, when the code list has levels. */
  readonly level?: string;
  /** A period that the source covers in part only; the text says which part. */
  readonly partPeriod?: string;
  /** What the numbers under this code count, where the codes of one dimension have different units. */
  readonly unit?: string;
}

/** One dimension. `total` is the label of its margin, or null when no margin may or shall be shown. */
export interface Dimension {
  readonly field: string;
  readonly label: string;
  readonly kind: 'category' | 'time';
  readonly codes: readonly DimensionCode[];
  readonly total: string | null;
  /** True when parents stand beside their children as reported: the codes must not be added. */
  readonly levelsShown: boolean;
  /** Why the codes of this dimension must not be added, when they must not. */
  readonly notAdditive?: string;
}

/** The thing that is counted. */
export interface Unit {
  readonly id: string;
  readonly one: string;
  readonly many: string;
}

/** What the numbers of a table measure. */
export interface MeasureMeta {
  readonly id: string;
  readonly label: string;
  readonly unit: Unit;
  readonly kind: 'count' | 'sum' | 'distinct';
}

/** A point where a series breaks: no change may be computed across it. */
export interface SeriesBreak {
  readonly field: string;
  /** First code (period) of the new kind. */
  readonly at: string;
  readonly why: string;
}

/** What a number rests on. A table without a complete basis cannot be built. */
export interface Basis {
  /** Unit counted, as a phrase: "exhibit devices". */
  readonly unit: string;
  /** Who and what is covered. */
  readonly coverage: string;
  readonly period: { readonly from: string; readonly to: string };
  /** Edition of the release or of the source: never a clock time of the run. */
  readonly edition: string;
  readonly notes: readonly string[];
  readonly breaks: readonly SeriesBreak[];
}

/** A sealed submission that a table was made from. */
export interface SubmissionSource {
  readonly instrument: string;
  readonly agency: string;
  readonly round: string;
  readonly edition: number;
  /** Hash of the original bytes. Left out of releases of confidential returns: who guesses a small file could confirm it. */
  readonly original?: Sha384;
  /** Commitment to the submission's manifest, salted: what its entry in the log holds. */
  readonly manifest: Sha384;
  /** Records sealed. Left out of releases of confidential returns: an exact total would undo the rounding of the same total. */
  readonly rows?: number;
  /** What was done between the bytes and the numbers: approved column repairs, with the records they changed (left out likewise). */
  readonly repairs: readonly { readonly text: string; readonly records?: number }[];
  readonly synthetic: boolean;
  /** How the publisher names this edition, for figures published by others. */
  readonly editionLabel?: string;
}

/** A code list edition that a table used. */
export interface CodelistSource {
  readonly id: string;
  readonly title: string;
  readonly edition: string;
  readonly sha384: Sha384;
}

/** Everything a number can be traced to. */
export interface Provenance {
  readonly specSha384: Sha384;
  /** The table spec as its author wrote it. */
  readonly specText: string;
  readonly specFile: string;
  readonly submissions: readonly SubmissionSource[];
  readonly codelists: readonly CodelistSource[];
}

export type ChartKind = 'bar' | 'stacked-bar' | 'line' | 'dot';

/** How a table is drawn; the fields are dimension fields. */
export interface ChartMeta {
  readonly kind: ChartKind;
  readonly x: string;
  readonly series?: string;
  readonly facet?: string;
  /** Fix other dimensions at one code each (null: the total). Those not named are at their total. */
  readonly at: Readonly<Record<string, string | null>>;
  readonly value: 'value' | 'share';
}

/** A derived column: a share within a dimension, or a change from one period to the next. */
export interface DeriveMeta {
  readonly kind: 'share' | 'change';
  readonly over: string;
}

/** Something worth telling the reader about the data behind a table: nothing here is a confidential value. */
export interface Finding {
  readonly code: string;
  readonly severity: 'info' | 'warning';
  readonly message: string;
}

/** A table without its numbers. */
export interface TableMeta {
  readonly id: string;
  readonly title: string;
  readonly collection: string;
  readonly instrument: string;
  /** Paragraphs and figures of the report that the table answers. */
  readonly answers: readonly string[];
  readonly measure: MeasureMeta;
  readonly dimensions: readonly Dimension[];
  readonly basis: Basis;
  readonly synthetic: boolean;
  readonly chart: ChartMeta | null;
  readonly derive: readonly DeriveMeta[];
  readonly provenance: Provenance;
  readonly findings: readonly Finding[];
}

/** A cell's address: one code per dimension in order, null for the margin. */
export type CellKey = readonly (string | null)[];
