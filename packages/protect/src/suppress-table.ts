/**
 * Cell suppression whole: primary rules, secondary cells by the method asked for, and the audit, without whose consent no
 * pattern is given back.
 * @module
 */
import { Refusal } from '@weighbridge/base';
import type { Issue } from '@weighbridge/base';
import { audit } from './audit.ts';
import type { Audit, AuditOptions, Interval } from './audit.ts';
import type { CellSystem, CellTable } from './cell-table.ts';
import { assertCells, cellName } from './cell-table.ts';
import { primaryCells } from './primary.ts';
import type { Contributions, PrimaryCell, PrimaryRules } from './primary.ts';
import { OutOfTime, suppressByProgram } from './optimise.ts';
import { suppressByBoxes, suppressByElimination } from './secondary.ts';
import type { CostOf, SecondaryOptions, Suppression } from './secondary.ts';

export type SuppressionMethod = 'elimination' | 'elimination-singletons' | 'boxes' | 'optimisation' | 'combined';

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
  /** The release tells unsafe cells from the others that are withheld: a reader then knows that each is below the threshold. */
  readonly marksTold?: boolean;
  /** False: whatever proves a cell open is enough, and no intervals are worked out. Default true. */
  readonly intervals?: boolean;
  /** Say of each end of an interval by which combination of printed cells it follows. */
  readonly combinations?: boolean;
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
}

/** Unsafe cells up to which `combined` tries elimination: its work grows faster than with their square. */
const MOST_ELIMINATED = 20_000;
/** Unsafe counts up to which it searches by linear programs when it is given no time: some 20 seconds. */
const MOST_SEARCHED = 2_000;
/** Rounds in which whole lines are withheld around cells that the audit broke. */
const ESCALATIONS = 3;

/**
 * Withholds cells so that no unsafe cell can be derived: neither exactly, nor more closely than its rule allows, by a reader
 * who has every printed cell, knows the sums, that counts are whole and not negative and, where zeros are printed, that
 * nothing else is zero.
 * @throws Refusal `TOO_MANY_CELLS`; `CANNOT_PROTECT` with the addresses of cells that stay derivable whatever is withheld
 */
export async function suppressTable(table: CellSystem | CellTable, options: SuppressTableOptions): Promise<SuppressedTable> {
  const { rules, method = 'combined', contributions, onProgress, signal } = options;
  assertCells(table.size);
  const primary = options.primary ?? primaryCells(table, rules, contributions);
  const secondaryOptions: SecondaryOptions = {
    primary, zerosPrinted: rules.minFrequency?.zeros !== 'protected', whole: table.value === undefined,
    ...(options.marksTold === true && rules.minFrequency && table.value === undefined ? { atMost: belowThreshold(table, rules.minFrequency.threshold) } : {}),
    ...(options.cost === undefined ? {} : { cost: options.cost }), ...(options.effort === undefined ? {} : { effort: options.effort }),
    ...(options.forced === undefined ? {} : { forced: options.forced }), ...(signal === undefined ? {} : { signal }),
    ...(onProgress === undefined ? {} : { onProgress: (done: number, of: number) => { onProgress('choice', done, of); } }),
  };
  if (primary.size === 0) return { primary, secondary: new Map(), intervals: [], programs: 0, mended: 0 };
  const examine = (suppression: Suppression): Promise<Audit> => auditSuppression(table, secondaryOptions, suppression, {
    combinations: options.combinations ?? false, intervals: options.intervals ?? true, alternatives: suppression.alternatives ?? [],
    ...(onProgress === undefined ? {} : { onProgress: (done: number, of: number) => { onProgress('audit', done, of); } }), ...(signal === undefined ? {} : { signal }),
  });
  let programs = 0;
  let chosen = await choose(table, secondaryOptions, method, options);
  for (let round = 0; ; round++) {
    const verdict = await examine(chosen);
    programs += verdict.programs;
    if (verdict.breaches.length === 0) return { primary, secondary: chosen.secondary, intervals: verdict.intervals, programs, mended: round };
    if (round === ESCALATIONS) throw cannotProtect(table, verdict.breaches.map((b) => b.cell));
    chosen = withholdLines(table, secondaryOptions, chosen, verdict.breaches.map((b) => b.cell));
  }
}

/** What a mark tells of a count: that it is below the threshold, unless another rule may have marked it. */
function belowThreshold({ freq }: CellSystem, threshold: number): (cell: number) => number {
  return (cell) => ((freq[cell] as number) < threshold ? threshold - 1 : Infinity);
}

/** Asks the auditor about a pattern. */
export async function auditSuppression(table: CellSystem, { primary, zerosPrinted, whole, atMost }: SecondaryOptions, { secondary }: Pick<Suppression, 'secondary'>, options: Omit<AuditOptions, 'required' | 'cells'> = {}): Promise<Audit> {
  return audit({
    relations: table.relations, value: table.value ?? table.freq, printed: (cell) => !primary.has(cell) && !secondary.has(cell),
    lower: new Float64Array(table.size).fill(whole && zerosPrinted ? 1 : 0),
    upper: Float64Array.from({ length: table.size }, (_, cell) => (atMost !== undefined && primary.has(cell) ? atMost(cell) : Infinity)), whole,
  }, { required: new Map([...primary].map(([cell, { upper }]) => [cell, upper])), ...options });
}

async function choose(table: CellSystem | CellTable, options: SecondaryOptions, method: SuppressionMethod, { seconds, start: withheld }: Pick<SuppressTableOptions, 'seconds' | 'start'>): Promise<Suppression> {
  if (method === 'optimisation' || !('hierarchies' in table)) return suppressByProgram(table, { ...options, ...(withheld === undefined ? {} : { start: withheld }) });
  if (method === 'boxes') return suppressByBoxes(table, options);
  if (method !== 'combined') {
    const found = suppressByElimination(table, options, method === 'elimination-singletons');
    if (found === undefined) throw new Refusal([{ code: 'FINEST_CELLS_MISSING', severity: 'error', message: 'elimination needs the finest cells of the table, and some of its totals rest on none', place: {}, repair: 'give the finest cells too, or choose the method boxes or combined' }]);
    return found;
  }
  const boxes = await suppressByBoxes(table, options);
  const few = boxes.unproved.length === 0 && boxes.secondary.size <= options.primary.size / 4;
  if (options.whole && few) return boxes;
  const start = options.primary.size <= MOST_ELIMINATED ? suppressByElimination(table, options, options.whole) : undefined;
  const first = start === undefined || (boxes.unproved.length === 0 && priceOf(table, boxes) <= priceOf(table, start)) ? boxes : start;
  if (options.whole && seconds === undefined && options.primary.size > MOST_SEARCHED) return first;
  try {
    const programs = await suppressByProgram(table, { ...options, ...(seconds === undefined ? {} : { seconds }), ...(options.whole ? {} : { start: start?.secondary.keys() ?? [] }) });
    return programs.unproved.length < first.unproved.length || (programs.unproved.length === first.unproved.length && priceOf(table, programs) < priceOf(table, first)) ? programs : first;
  } catch (error) {
    if (error instanceof OutOfTime) return first;
    throw error;
  }
}

function priceOf(table: CellSystem, { secondary }: Suppression): number {
  const value = table.value ?? table.freq;
  let price = 0;
  for (const cell of secondary.keys()) price += Math.log2(2 + (value[cell] as number));
  return price;
}

/** Withholds every line that a broken cell stands in. */
function withholdLines(table: CellSystem, { primary, zerosPrinted, forced }: SecondaryOptions, { secondary, ...rest }: Suppression, broken: readonly number[]): Suppression {
  const all = new Map(secondary);
  const wanted = new Set(broken);
  for (const { total, parts } of table.relations) {
    const cells = [total, ...parts];
    const cause = cells.find((cell) => wanted.has(cell));
    if (cause === undefined) continue;
    for (const cell of cells) {
      if (primary.has(cell) || all.has(cell) || forced?.has(cell) === true || (zerosPrinted && table.freq[cell] === 0)) continue;
      all.set(cell, `secondary: protects ${cellName(table, cause)}`);
    }
  }
  return { ...rest, secondary: all };
}

function cannotProtect(table: CellSystem, cells: readonly number[]): Refusal {
  const issue = (cell: number): Issue => ({
    code: 'CANNOT_PROTECT', severity: 'error', message: 'whatever else is withheld, this cell can be derived more closely than its rule allows', place: { object: cellName(table, cell) },
    repair: 'merge codes, leave a total out, or round the table instead',
  });
  const [first = 0, ...others] = cells;
  return new Refusal([issue(first), ...others.slice(0, 49).map(issue)]);
}
