/**
 * A list of cells protected by a specification: what stands behind the command `weighbridge protect`, and what others call
 * who have cells and no collection.
 * @module
 */
import { refuse } from '@weighbridge/base';
import { attackChanged, withholdUntilSafe } from './attack-own.ts';
import { cellTableOf } from './cell-rows.ts';
import type { CellRow, ProtectCellsOptions, ProtectedCell } from './cell-rows.ts';
import type { CellTable } from './cell-table.ts';
import { attackedBy, derivedInterval } from './certificate.ts';
import type { Certificate } from './certificate.ts';
import { aloneIn } from './contributor-attack.ts';
import type { ContributorPart } from './contributor-attack.ts';
import { restsOnItself } from './hidden-cells.ts';
import { isPerturbation, perturbTable } from './perturb-table.ts';
import type { PerturbationMethod, PerturbedTable } from './perturb-table.ts';
import { suppressTable } from './suppress-table.ts';
import { assertSettings } from './protection-spec.ts';
import type { ProtectionSpec } from './protection-spec.ts';

export interface ProtectedCells {
  readonly cells: readonly ProtectedCell[];
  readonly certificate: Certificate;
  /** Cells that can be derived all the same, with how: only of methods that change counts, which leave none out. No value. */
  readonly broken: readonly string[];
}

/**
 * Protects cells, and attacks the answer by what a reader of it has, sums that nobody lists among them. Where cells are withheld,
 * the attack breaks nothing, or there is no answer. Methods that change counts have one answer for a seed, which is given with
 * what the attack broke: `broken`, and in the reasons of those cells.
 * @throws Refusal `NO_CELLS`, `TOO_MANY_CELLS`, `TOTAL_MISSING`, `CODE_UNKNOWN`, `CELL_TWICE`, `FREQUENCY`, `TOTALS_DO_NOT_ADD`,
 *   `VALUE_MISSING`, `VALUE_NEGATIVE`, `VALUE_WITHOUT_RECORDS`, those of `primaryCells` about contributions, `CANNOT_PROTECT`, each with a
 *   cell's address and never with its value; `SETTING_UNUSED`; with `insiders`, `CONTRIBUTIONS_MISSING` for amounts of whose contributors nothing is said
 */
export async function protectCells(rows: readonly CellRow[], spec: ProtectionSpec, options: ProtectCellsOptions = {}): Promise<ProtectedCells> {
  assertSettings(spec);
  const table = cellTableOf(rows, spec, options);
  if (isPerturbation(spec.method)) return perturbRows(rows, table, spec, spec.method, options);
  const suppressed = await suppressTable(table, {
    rules: spec.rules, method: spec.method, contributions: rows, marksTold: spec.marksTold, ...(spec.cost === undefined ? {} : { cost: spec.cost }),
    ...(spec.effort === undefined ? {} : { effort: spec.effort }), ...(spec.seconds === undefined ? {} : { seconds: spec.seconds }),
    ...(spec.insiders === true ? { insiders: { parts: insidersOf(rows, table) } } : {}), ...options,
  });
  const value = table.value ?? table.freq;
  const cells = rows.map((row, cell): ProtectedCell => {
    const primary = suppressed.primary.get(cell);
    const secondary = suppressed.secondary.get(cell);
    if (primary) return { key: row.key, status: 'primary', published: null, reason: primary.reason };
    if (secondary !== undefined) return { key: row.key, status: 'secondary', published: null, reason: secondary };
    return { key: row.key, status: 'published', published: value[cell] as number, reason: '' };
  });
  const counts = { cells: table.size, primary: suppressed.primary.size, breaches: 0 };
  if (restsOnItself(table)) {
    const insiders = attackedBy(suppressed.contributors);
    return {
      cells, broken: [],
      certificate: {
        summary: { ...counts, withheld: suppressed.primary.size + suppressed.secondary.size, programs: suppressed.programs, mended: suppressed.mended, ...insiders.summary }, ...insiders.whole,
        intervals: suppressed.intervals.map((interval) => derivedInterval(interval, table.nameOf)),
      },
    };
  }
  const own = await withholdUntilSafe(rows, cells, spec, options);
  const rowOf = new Map(rows.map((_, row) => [own.reader.cellOf(0, row), row]));
  const insiders = attackedBy(own.found.insiders?.attackers);
  return {
    cells: own.cells, broken: [],
    certificate: {
      summary: { ...counts, withheld: own.cells.filter((cell) => cell.published === null).length, programs: suppressed.programs + own.programs, mended: suppressed.mended + own.rounds, ...insiders.summary }, ...insiders.whole,
      intervals: own.found.intervals.filter(({ cell }) => suppressed.primary.has(rowOf.get(cell) ?? -1)).map((interval) => derivedInterval(interval, own.reader.nameOf)),
    },
  };
}

/**
 * Who is alone in a finest cell, with all that they gave where the rows say so: a holding knows several cells together. Rows that do
 * not say it are taken by {@link aloneIn}.
 * @throws Refusal `CONTRIBUTIONS_MISSING` where records need not be contributors, and nothing says who is alone in a cell
 */
function insidersOf(rows: readonly CellRow[], table: CellTable): ContributorPart[] {
  if (table.value !== undefined && rows.every((row) => row.contributors === undefined && row.largest === undefined)) {
    refuse('CONTRIBUTIONS_MISSING', 'contributors are taken to know their own amounts, and nothing says who is alone in a cell', { column: 'contributors' }, 'add the column contributors, or largest1, largest2 …; or give the records');
  }
  if (rows.every((row) => row.parts === undefined)) return aloneIn(rows, table.relations);
  return rows.flatMap(({ parts = [] }, cell) => parts.map(({ contributor, amount }): ContributorPart => ({ contributor, cell, amount })));
}

/** Every count changed, none withheld; then attacked. */
async function perturbRows(rows: readonly CellRow[], table: CellTable, spec: ProtectionSpec, method: PerturbationMethod, options: ProtectCellsOptions): Promise<ProtectedCells> {
  const { changed, reason, knowledge, drawsOf } = await changeRows(rows, table, spec, method, options);
  const { broken, how, intervals, primary, programs, undecided } = await attackChanged(rows, changed, { table, knowledge, spec, options });
  const cells = changed.map((cell, row): ProtectedCell => { const found = how.get(row); return found === undefined ? cell : { ...cell, reason: `${reason}; ${found}` }; });
  return {
    cells, broken,
    certificate: { summary: { cells: table.size, primary, withheld: 0, programs, breaches: broken.length, mended: 0, ...(undecided === 0 ? {} : { undecided }), drawsOf }, intervals },
  };
}

/** Every count changed, none withheld; not attacked yet. */
export async function changeRows(rows: readonly CellRow[], table: CellTable, spec: ProtectionSpec, method: PerturbationMethod, { onProgress, signal }: ProtectCellsOptions): Promise<PerturbedTable & { readonly changed: readonly ProtectedCell[] }> {
  const made = await perturbTable(table, method, {
    seed: spec.seed, ...(spec.base === undefined ? {} : { base: spec.base }), ...(spec.ptable === undefined ? {} : { ptable: spec.ptable }), ...drawsIn(rows),
    ...(onProgress === undefined ? {} : { onProgress }), ...(signal === undefined ? {} : { signal }),
  });
  return { ...made, changed: rows.map((row, cell): ProtectedCell => ({ key: row.key, status: 'rounded', published: made.published[cell] as number, reason: made.reason })) };
}

/** The draws of cells, where rows have them. */
function drawsIn(rows: readonly CellRow[]): { readonly draws?: readonly number[] } {
  return rows.some((row) => row.draw !== undefined) ? { draws: rows.map((row) => row.draw ?? NaN) } : {};
}
