/**
 * The perturbing methods over a table of cells: every count changed, none withheld, and what a reader who knows the method
 * can say of the true counts.
 * Sources: those of each method in `perturb/`; docs/references.md#handbook-sdc for the bounds that a reader has.
 * For counts alone. Draws are sums of records' keys where the caller has them; otherwise they are made of the addresses of finest
 * cells, and the same people are changed alike only in tables of the same finest cells.
 * @module
 */
import { Refusal, refuse } from '@weighbridge/base';
import { count } from '@weighbridge/base/confidential';
import type { Knowledge } from './audit.ts';
import type { CellTable } from './cell-table.ts';
import { cellName } from './cell-table.ts';
import { inAddressOrder } from './perturb/address-order.ts';
import { DRAW_RANGE, baseRoundingBounds, cellKey, cellKeyBounds, controlledRoundingBounds, makePtable, perturbCount, recordKeys, roundControlled, roundFixedToBase3, roundSmallCounts, roundToBase } from './perturb/index.ts';
import type { AdditiveTable, PtableSettings, RoundedCount, UnitDraw } from './perturb/index.ts';
import { tiedTable } from './perturb/unlisted-sums.ts';
import { columnsOf } from './secondary.ts';

export const PERTURBATIONS = ['round-base-3', 'round-base-n', 'controlled-rounding', 'small-count-rounding', 'cell-key'] as const;

export type PerturbationMethod = (typeof PERTURBATIONS)[number];

export interface PerturbTableOptions {
  /** Secret, at least 16 characters; not needed beside `draws`. */
  readonly seed: string | undefined;
  /** Default: 5 for `round-base-n`, 3 otherwise. `round-base-3` and `cell-key` have none. */
  readonly base?: number;
  /** Default: {@link DEFAULT_PTABLE}. */
  readonly ptable?: PtableSettings;
  /** For each cell the sum of its records' keys, as {@link cellKey} makes it: then the same people are changed alike in every table. */
  readonly draws?: readonly number[];
  readonly onProgress?: (stage: string, done: number, of: number) => void;
  readonly signal?: AbortSignal;
}

export type DrawsOf = 'records' | 'finest cells' | 'cells';

/** A table of which every count may leave. */
export interface PerturbedTable {
  /** One for each cell. */
  readonly published: readonly RoundedCount[];
  /** The same for every cell: it tells nothing about any. */
  readonly reason: string;
  /** Parameters in words, for the analyst. */
  readonly settings: string;
  /** What stands behind the draws: records; finest cells by their addresses; or, in tables without finest cells, each cell by its own. */
  readonly drawsOf: DrawsOf;
  /** What a reader has who knows the method and its parameters, though not the seed. Confidential: it holds the truth. */
  readonly knowledge: Knowledge;
}

/** The largest change 5, the variance 2, and no count of 1 or 2 shown. */
export const DEFAULT_PTABLE: PtableSettings = { maxNoise: 5, variance: 2, blockedUpTo: 2 };

type Perturbed = Omit<PerturbedTable, 'drawsOf'>;

const SHORTEST_SEED = 16;
/** Searches of controlled rounding for something nearer: their number ends it, never the clock. */
const ROUNDS = 60;
const NO_CLOCK_MS = 1e9;
/** Multiples beyond its neighbours that a cell may go when nearer ones do not add. */
const MOST_STEPS = 3;

export function isPerturbation(method: string): method is PerturbationMethod {
  return PERTURBATIONS.some((m) => m === method);
}

/**
 * Perturbs a table of counts. The order of its cells leaves no trace.
 * @throws Refusal `COUNTS_ONLY`; `SEED_MISSING`, `SEED_SHORT`, `DRAW`; `INNER_CELLS` and `CONTROLLED_ROUNDING_INFEASIBLE` for tables that the additive
 *   methods cannot round so that all adds that a reader can add up; `PTABLE_VARIANCE`, `PTABLE_MONOTONE` for parameters that no table meets
 * @throws DOMException `AbortError` when the signal says so
 */
export async function perturbTable(table: CellTable, method: PerturbationMethod, options: PerturbTableOptions): Promise<PerturbedTable> {
  options.signal?.throwIfAborted();
  if (table.value !== undefined) refuse('COUNTS_ONLY', `the method ${method} is for counts, and the cells hold amounts`, { column: 'value' }, 'withhold cells instead, or leave the column of values out');
  options.onProgress?.(method, 0, 1);
  options.signal?.throwIfAborted();
  const { draws, of } = drawsOf(table, options);
  return { ...await perturbBy(table, method, draws, options), drawsOf: of };
}

async function perturbBy(table: CellTable, method: PerturbationMethod, draws: readonly UnitDraw[], options: PerturbTableOptions): Promise<Perturbed> {
  const base = options.base ?? (method === 'round-base-n' ? 5 : 3);
  switch (method) {
    case 'round-base-3': return alone(table, 'rounded at random to a multiple of 3', 'base 3', (n, cell) => roundFixedToBase3(count(n), draws[cell] as UnitDraw), (p) => baseRoundingBounds(p, 3));
    case 'round-base-n': return alone(table, `rounded at random to a multiple of ${base}`, `base ${base}`, (n, cell) => roundToBase(count(n), base, draws[cell] as UnitDraw), (p) => baseRoundingBounds(p, base));
    case 'cell-key': {
      const settings = options.ptable ?? DEFAULT_PTABLE;
      const ptable = makePtable(settings);
      return alone(table, 'moved at random by the cell-key method', ptableWords(settings), (n, cell) => perturbCount(count(n), draws[cell] as UnitDraw, ptable), (p) => cellKeyBounds(p, ptable));
    }
    case 'controlled-rounding': return controlled(table, base, draws, options);
    case 'small-count-rounding': return smallCounts(table, base, draws);
  }
}

/**
 * A draw for each cell: the sum of its records' keys, or of its finest cells' draws, so that the same finest cells are changed alike
 * wherever they are added up; where a table has no finest cells, it is that of the cell's address.
 * @throws Refusal `SEED_MISSING`, `SEED_SHORT`, `DRAW` with the address of a cell whose draw is missing or no key
 */
function drawsOf(table: CellTable, { seed, draws }: PerturbTableOptions): { readonly draws: readonly UnitDraw[]; readonly of: DrawsOf } {
  if (draws !== undefined) {
    const wrong = Array.from({ length: table.size }, (_, cell) => draws[cell] ?? NaN).findIndex((draw) => !(Number.isInteger(draw) && draw >= 0 && draw < DRAW_RANGE));
    if (wrong !== -1) refuse('DRAW', 'a cell has no draw though others have, or one that is no whole number from 0 to 2^32 - 1', { object: cellName(table, wrong), column: 'draw' }, 'give every cell the sum of its records’ keys modulo 2^32, or leave the column out');
    return { draws: draws as readonly UnitDraw[], of: 'records' };
  }
  if (seed === undefined) refuse('SEED_MISSING', 'rounding needs a secret seed', { key: 'seed' }, 'add "seed": at least 16 characters that nobody can guess');
  const secret = new TextEncoder().encode(seed);
  if (secret.length < SHORTEST_SEED) refuse('SEED_SHORT', 'the seed has fewer than 16 characters', { key: 'seed' }, 'choose a longer one and keep it secret');
  const keyFor = recordKeys(secret);
  const width = table.hierarchies.length;
  const drawOf = (cell: number): UnitDraw => keyFor(JSON.stringify(table.hierarchies.map((h, d) => h.codes[table.keys[cell * width + d] as number])));
  const inner = columnsOf(table, true);
  const finest = (inner?.rowCells ?? []).map(drawOf);
  return {
    draws: Array.from({ length: table.size }, (_, cell) => (inner ? cellKey(Array.from(inner.columns[cell] as Int32Array, (r) => finest[r] as UnitDraw)) : drawOf(cell))),
    of: inner ? 'finest cells' : 'cells',
  };
}

/** Methods that change each cell by itself. */
function alone(table: CellTable, reason: string, settings: string, publish: (n: number, cell: number) => RoundedCount, boundsOf: (published: number) => { readonly lo: number; readonly hi: number }): Perturbed {
  const published = Array.from(table.freq, publish);
  return { published, reason, settings, knowledge: knowledgeOf(table, published, boundsOf) };
}

async function controlled(table: CellTable, base: number, draws: readonly UnitDraw[], { onProgress, signal }: PerturbTableOptions): Promise<Perturbed> {
  const { additive, inOrder, back, sums } = await additiveTable(table);
  for (let steps = 0; ; steps++) {
    try {
      const made = await roundControlled(additive, {
        base, steps, draws: inOrder(draws), rounds: ROUNDS, timeBudgetMs: NO_CLOCK_MS, cancelled: () => signal?.aborted === true,
        onProgress: ({ round }) => onProgress?.('controlled-rounding', round, ROUNDS),
      });
      signal?.throwIfAborted();
      const values = back(made.values);
      return {
        published: values, reason: `rounded to a multiple of ${base} so that totals add`, settings: `base ${base}${steps === 0 ? '' : `, ${steps} more either way`}`,
        knowledge: { ...knowledgeOf(table, values, (p) => controlledRoundingBounds(p, base, steps), sums.value.length), ...sums },
      };
    } catch (error) {
      signal?.throwIfAborted();
      if (steps === MOST_STEPS || !(error instanceof Refusal && error.issues.some(({ code }) => code === 'CONTROLLED_ROUNDING_INFEASIBLE'))) throw error;
    }
  }
}

/** A table as the additive methods take it: with sums over what it does not list, and in an order that its rows do not give. */
interface Additive {
  readonly additive: AdditiveTable;
  /** Listed totals of which nothing is listed but parts further down. */
  readonly distant: readonly number[];
  /** What is known of each cell, in the order of the additive table. */
  readonly inOrder: <T>(ofCells: readonly T[]) => readonly T[];
  /** What the method made, in the order of the table given. */
  readonly back: (values: readonly RoundedCount[]) => readonly RoundedCount[];
  /** All sums over the cells as they are numbered in the table given, and the values of these and of hidden totals. */
  readonly sums: Pick<Knowledge, 'relations' | 'value'>;
}

/** Choices of the additive methods depend on the whole table, so that the order of the rows must not reach them. */
async function additiveTable(given: CellTable): Promise<Additive> {
  const { table, cellAt } = inAddressOrder(given);
  const { values, relations, nameOf, distant } = await tiedTable(table);
  const numberOf = (cell: number): number => cellAt[cell] ?? cell;
  return {
    additive: { values, relations, address: nameOf, hidden: (cell) => cell >= given.size }, distant: distant.map(numberOf),
    inOrder: (ofCells) => Array.from(cellAt, (cell) => ofCells[cell] as (typeof ofCells)[number]),
    back: (made) => {
      const published = new Array<RoundedCount>(given.size);
      for (const [i, cell] of cellAt.entries()) published[cell] = made[i] as RoundedCount;
      return published;
    },
    sums: { relations: relations.map(({ total, parts }) => ({ total: numberOf(total), parts: parts.map(numberOf) })), value: Float64Array.from([...given.freq, ...values.subarray(given.size)]) },
  };
}

/**
 * A reader of rounded small counts knows every finest count above the base, what the others can have been, and that all of
 * them together changed by half the base at most: a further cell, the sum of all finest ones, says so.
 */
async function smallCounts(table: CellTable, base: number, draws: readonly UnitDraw[]): Promise<Perturbed> {
  const { additive, distant: [distant], inOrder, back, sums } = await additiveTable(table);
  if (distant !== undefined) refuse('INNER_CELLS', 'a total is the sum of cells further down, and none of those in between is listed', { object: cellName(table, distant) }, 'list the totals in between, or leave this one out');
  const values = back(roundSmallCounts(additive, { base, draws: inOrder(draws), published: (cell) => cell < table.size }).values);
  const totals = new Set(sums.relations.map(({ total }) => total));
  const inner = Int32Array.from(Array.from(table.freq.keys()).filter((cell) => !totals.has(cell)));
  const sumOf = (numbers: ArrayLike<number>): number => inner.reduce((sum, cell) => sum + (numbers[cell] as number), 0);
  const all = sums.value.length;
  const lower = new Float64Array(all + 1);
  const upper = new Float64Array(all + 1).fill(Infinity);
  for (const cell of inner) {
    lower[cell] = values[cell] === 0 ? 0 : 1;
    upper[cell] = values[cell] === 0 ? base - 1 : base;
  }
  const reach = Math.floor(base / 2);
  [lower[all], upper[all]] = [Math.max(0, sumOf(values) - reach), sumOf(values) + reach];
  return {
    published: values, reason: `counts below ${base} rounded to 0 or ${base} so that totals add`, settings: `base ${base}`,
    knowledge: {
      relations: [...sums.relations, { total: all, parts: inner }], value: Float64Array.from({ length: all + 1 }, (_, cell) => sums.value[cell] ?? sumOf(table.freq)),
      printed: (cell) => cell < table.size && !totals.has(cell) && (values[cell] as number) > base, lower, upper, whole: true,
    },
  };
}

/** Nothing is printed as it is; every count lies within its bounds, and every sum holds. Of cells beyond those of the table nothing is known. */
function knowledgeOf(table: CellTable, published: readonly number[], boundsOf: (published: number) => { readonly lo: number; readonly hi: number }, size: number = table.size): Knowledge {
  const bounds = new Map([...new Set(published)].map((p) => [p, boundsOf(p)]));
  return {
    relations: table.relations, value: table.freq, printed: () => false, whole: true,
    lower: Float64Array.from({ length: size }, (_, cell) => bounds.get(published[cell] ?? -1)?.lo ?? 0), upper: Float64Array.from({ length: size }, (_, cell) => bounds.get(published[cell] ?? -1)?.hi ?? Infinity),
  };
}

function ptableWords({ maxNoise, variance, blockedUpTo = 0 }: PtableSettings): string {
  return `change up to ${maxNoise}, variance ${variance}${blockedUpTo === 0 ? '' : `, nothing from 1 to ${blockedUpTo} shown`}`;
}
