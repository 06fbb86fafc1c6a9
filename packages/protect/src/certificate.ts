/**
 * The certificate of an attack on a list of cells: what could be derived of each unsafe cell, and by what combination of
 * printed cells.
 * @module
 */
import type { Combination, Term } from './attacker.ts';
import type { Interval } from './audit.ts';

/** The part without intervals. */
export interface CertificateSummary {
  readonly cells: number;
  readonly withheld: number;
  /** Cells that are unsafe in themselves. */
  readonly primary: number;
  /** Linear programs solved. */
  readonly programs: number;
  /** Cells that can be derived more closely than the rules allow. */
  readonly breaches: number;
  /** Unsafe cells of which the attack found nothing out, either way. */
  readonly undecided?: number;
  /** Contributors attacked too, each knowing their own figures; only where that was asked for. */
  readonly insiders?: true;
  /** Rounds in which more was withheld because the attack broke what the method had chosen; only of a protection. */
  readonly mended?: number;
  /** Where counts were changed: whose keys the draws are made of. Without records' keys the same people are changed alike only in tables of the same finest cells. */
  readonly drawsOf?: 'records' | 'finest cells' | 'cells';
}

/** What the attacker found. It holds derived intervals: confidential, except for its summary. */
export interface Certificate {
  readonly summary: CertificateSummary;
  /** How many contributors attacked: as confidential as the intervals, for it counts cells of one contributor. */
  readonly contributors?: number;
  readonly intervals: readonly DerivedInterval[];
}

/** An interval with its cell's address. Null: nothing bounds it from above. */
export interface DerivedInterval {
  readonly cell: string;
  readonly lower: number;
  readonly upper: number | null;
  /** How each end follows, where that was asked for. */
  readonly lowerFrom?: NamedCombination;
  readonly upperFrom?: NamedCombination;
}

/**
 * The end is the sum of `times` each printed cell's value and `times` what each unprinted cell is known to be at least
 * (lower end: positive, upper end: negative) or at most; for counts it is then rounded inwards.
 */
export interface NamedCombination {
  readonly printed: readonly NamedTerm[];
  readonly known: readonly NamedTerm[];
}

export interface NamedTerm {
  readonly cell: string;
  readonly times: number;
}

/** What a certificate says of contributors who attacked. */
export function attackedBy(contributors: number | undefined): { readonly summary: Pick<CertificateSummary, 'insiders'>; readonly whole: Pick<Certificate, 'contributors'> } {
  return contributors === undefined ? { summary: {}, whole: {} } : { summary: { insiders: true }, whole: { contributors } };
}

/** An interval for people. */
export function derivedInterval({ cell, lower, upper, lowerFrom, upperFrom }: Interval, nameOf: (cell: number) => string): DerivedInterval {
  const terms = (list: readonly Term[]): NamedTerm[] => list.map((term) => ({ cell: nameOf(term.cell), times: term.times }));
  const named = ({ printed, bounds }: Combination): NamedCombination => ({ printed: terms(printed), known: terms(bounds) });
  return {
    cell: nameOf(cell), lower, upper: upper === Infinity ? null : upper,
    ...(lowerFrom === undefined ? {} : { lowerFrom: named(lowerFrom) }), ...(upperFrom === undefined ? {} : { upperFrom: named(upperFrom) }),
  };
}
