/**
 * Cell suppression whole: primary rules, secondary cells by the method asked for, and the audit, without whose consent no
 * pattern is given back.
 * @module
 */
import { Refusal } from '@weighbridge/base';
import type { Issue } from '@weighbridge/base';
import { intervalsIn, inUnits, partsInUnits, unitOf } from './amount-units.ts';
import { audit } from './audit.ts';
import type { Audit, AuditOptions, Interval, Knowledge } from './audit.ts';
import type { CellSystem, CellTable } from './cell-table.ts';
import { assertCells, cellName } from './cell-table.ts';
import { choosePattern } from './choose-pattern.ts';
import type { SuppressionMethod } from './choose-pattern.ts';
import { mendPattern } from './mend-pattern.ts';
import { primaryCells } from './primary.ts';
import type { Contributions, PrimaryCell, PrimaryRules } from './primary.ts';
import { secrecyOf } from './secondary.ts';
import type { CostOf, SecondaryOptions, Suppression } from './secondary.ts';
import { toldByMarks } from './told-by-marks.ts';
import { withstandContributors } from './withstand-contributors.ts';
import type { Insiders } from './withstand-contributors.ts';

export interface SuppressTableOptions {
  readonly rules: PrimaryRules;
  readonly method?: SuppressionMethod;
  readonly contributions?: readonly (Contributions | undefined)[];
  /** Unsafe cells, where they are known already: the rules then say nothing but what is printed of zeros. */
  readonly primary?: ReadonlyMap<number, PrimaryCell>;
  readonly cost?: CostOf;
  readonly effort?: number;
  /** Seconds for the search by linear programs of the method `combined`; default: no limit, on tables where it takes little, so that the same input gives the same bytes. */
  readonly seconds?: number;
  /** Cells that are printed whatever follows. */
  readonly forced?: ReadonlySet<number>;
  /** Cells that are withheld in any case; only of the method `optimisation`. */
  readonly start?: Iterable<number>;
  /** The release tells unsafe cells from the others that are withheld: see {@link toldByMarks}. */
  readonly marksTold?: boolean;
  /** False: whatever proves a cell open is enough, and no intervals are worked out. Default true. */
  readonly intervals?: boolean;
  /** Say of each end of an interval by which combination of printed cells it follows. */
  readonly combinations?: boolean;
  /** Contributors who know their own figures: none of them may derive an unsafe cell of others either. */
  readonly insiders?: Insiders;
  readonly onProgress?: (stage: string, done: number, of: number) => void;
  readonly signal?: AbortSignal;
}

/** A pattern that the audit found safe. */
export interface SuppressedTable {
  readonly primary: ReadonlyMap<number, PrimaryCell>;
  /** Secondary cell → what it protects. */
  readonly secondary: ReadonlyMap<number, string>;
  /** For each primary cell what a reader can derive; without `intervals`, only for those that no alternative table proves open. */
  readonly intervals: readonly Interval[];
  /** Linear programs that the audit solved. */
  readonly programs: number;
  /** Rounds in which more was withheld because the attacker broke what the method had chosen. */
  readonly mended: number;
  /** Contributors who attacked with what they know, and in vain; only where there are `insiders`. */
  readonly contributors?: number;
}

/** Rounds in which more is withheld around cells that the audit broke. */
const ESCALATIONS = 3;

/**
 * Withholds cells so that no unsafe cell can be derived: neither exactly, nor more closely than its rule allows, by a reader
 * who has every printed cell, knows the sums, that counts are whole and not negative and, where zeros are printed, that
 * nothing else is zero; with `insiders` neither by a contributor who knows, besides, what is theirs.
 * @throws Refusal `TOO_MANY_CELLS`; `CANNOT_PROTECT` with the addresses of cells for which nothing was found that keeps them from being derived
 */
export async function suppressTable(table: CellSystem | CellTable, options: SuppressTableOptions): Promise<SuppressedTable> {
  assertCells(table.size);
  const { rules, contributions, insiders } = options;
  const primary = options.primary ?? primaryCells(table, rules, contributions);
  const unit = unitOf(table.value ?? table.freq, table.value === undefined);
  if (table.value === undefined || unit === 1) return suppressUnits(table, primary, options);
  const inUnit = {
    table: { ...table, value: inUnits(table.value, unit) }, primary: new Map([...primary].map(([cell, why]) => [cell, { ...why, upper: why.upper / unit }])),
    options: { ...options, ...(insiders === undefined ? {} : { insiders: { ...insiders, parts: partsInUnits(insiders.parts, unit) } }) },
  };
  const made = await suppressUnits(inUnit.table, inUnit.primary, inUnit.options);
  return { ...made, primary, intervals: intervalsIn(made.intervals, unit) };
}

async function suppressUnits(table: CellSystem | CellTable, primary: ReadonlyMap<number, PrimaryCell>, options: SuppressTableOptions): Promise<SuppressedTable> {
  const { rules, method = 'combined', contributions, onProgress, signal } = options;
  const secondaryOptions: SecondaryOptions = {
    primary, zerosPrinted: rules.minFrequency?.zeros !== 'protected', whole: table.value === undefined,
    ...(options.marksTold === true && table.value === undefined ? toldByMarks(rules, contributions?.some((own) => own?.contributors !== undefined) === true) : {}),
    ...(options.cost === undefined ? {} : { cost: options.cost }), ...(options.effort === undefined ? {} : { effort: options.effort }),
    ...(options.forced === undefined ? {} : { forced: options.forced }), ...(signal === undefined ? {} : { signal }),
    ...(onProgress === undefined ? {} : { onProgress: (done: number, of: number) => { onProgress('choice', done, of); } }),
  };
  if (primary.size === 0) return { primary, secondary: new Map(), intervals: [], programs: 0, mended: 0, ...(options.insiders === undefined ? {} : { contributors: 0 }) };
  const examine = (suppression: Suppression, intervals: boolean): Promise<Audit> => auditSuppression(table, secondaryOptions, suppression, {
    combinations: options.combinations ?? false, intervals, alternatives: suppression.alternatives ?? [],
    ...(onProgress === undefined ? {} : { onProgress: (done: number, of: number) => { onProgress('audit', done, of); } }), ...(signal === undefined ? {} : { signal }),
  });
  let [programs, mended] = [0, 0];
  const proved = async (pattern: Suppression, intervals: boolean): Promise<Suppression & { readonly intervals: readonly Interval[] }> => {
    for (let chosen = pattern, round = 0; ; round++) {
      const verdict = await examine(chosen, intervals);
      programs += verdict.programs;
      if (verdict.breaches.length === 0) return { ...chosen, intervals: verdict.intervals };
      if (round === ESCALATIONS) throw cannotProtect(table, verdict.breaches.map((b) => b.cell));
      chosen = await mendPattern(table, secondaryOptions, chosen, verdict.breaches.map((b) => b.cell));
      mended++;
    }
  };
  const { insiders, intervals = true } = options;
  const chosen = await proved(await choosePattern(table, secondaryOptions, method, options), intervals && insiders === undefined);
  if (insiders === undefined) return { primary, secondary: chosen.secondary, intervals: chosen.intervals, programs, mended };
  const withstood = await withstandContributors(table, secondaryOptions, chosen, insiders, (pattern) => knowledgeOf(table, secondaryOptions, pattern));
  const last = await proved(withstood.pattern, intervals);
  return { primary, secondary: last.secondary, intervals: last.intervals, programs: programs + withstood.programs, mended: mended + withstood.rounds, contributors: withstood.attack.attackers };
}

/** Asks the auditor about a pattern. */
export async function auditSuppression(table: CellSystem, secondaryOptions: SecondaryOptions, pattern: Pick<Suppression, 'secondary'>, options: Omit<AuditOptions, 'required' | 'cells'> = {}): Promise<Audit> {
  return audit(knowledgeOf(table, secondaryOptions, pattern), { required: new Map([...secondaryOptions.primary].map(([cell, { upper }]) => [cell, upper])), ...options });
}

/** What a reader of a table has. */
function knowledgeOf(table: CellSystem, options: SecondaryOptions, { secondary }: Pick<Suppression, 'secondary'>): Knowledge {
  const { value, whole, lower, upper } = secrecyOf(table, options);
  return { relations: table.relations, value, printed: (cell) => !options.primary.has(cell) && !secondary.has(cell), lower, upper, whole };
}

function cannotProtect(table: CellSystem, cells: readonly number[]): Refusal {
  const issue = (cell: number): Issue => ({
    code: 'CANNOT_PROTECT', severity: 'error', message: 'nothing was found to withhold besides that keeps this cell from being derived more closely than its rule allows', place: { object: cellName(table, cell) },
    repair: 'choose the method combined, merge codes, leave a total out, or round the table instead',
  });
  const [first = 0, ...others] = cells;
  return new Refusal([issue(first), ...others.slice(0, 49).map(issue)]);
}
