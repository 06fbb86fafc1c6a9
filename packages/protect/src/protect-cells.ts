/**
 * A list of cells protected by a specification: what stands behind the command `weighbridge protect`, and what others call
 * who have cells and no collection.
 * @module
 */
import { attackChanged, withholdUntilSafe } from './attack-own.ts';
import type { Interval } from './audit.ts';
import { cellTableOf } from './cell-rows.ts';
import type { CellRow, ProtectCellsOptions, ProtectedCell } from './cell-rows.ts';
import type { CellTable } from './cell-table.ts';
import { derivedInterval } from './certificate.ts';
import type { Certificate } from './certificate.ts';
import { restsOnItself } from './hidden-cells.ts';
import { isPerturbation, perturbTable } from './perturb-table.ts';
import type { PerturbationMethod } from './perturb-table.ts';
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
 *   cell's address and never with its value; `SETTING_UNUSED`
 */
export async function protectCells(rows: readonly CellRow[], spec: ProtectionSpec, options: ProtectCellsOptions = {}): Promise<ProtectedCells> {
  assertSettings(spec);
  const table = cellTableOf(rows, spec, options);
  if (isPerturbation(spec.method)) return perturbRows(rows, table, spec, spec.method, options);
  const suppressed = await suppressTable(table, {
    rules: spec.rules, method: spec.method, contributions: rows, marksTold: spec.marksTold, ...(spec.cost === undefined ? {} : { cost: spec.cost }),
    ...(spec.effort === undefined ? {} : { effort: spec.effort }), ...(spec.seconds === undefined ? {} : { seconds: spec.seconds }), ...options,
  });
  const value = table.value ?? table.freq;
  const cells = rows.map((row, cell): ProtectedCell => {
    const primary = suppressed.primary.get(cell);
    const secondary = suppressed.secondary.get(cell);
    if (primary) return { key: row.key, status: 'primary', published: null, reason: primary.reason };
    if (secondary !== undefined) return { key: row.key, status: 'secondary', published: null, reason: secondary };
    return { key: row.key, status: 'published', published: value[cell] as number, reason: '' };
  });
  const counts = { primary: suppressed.primary.size, breaches: 0 };
  if (restsOnItself(table)) {
    return { cells, broken: [], certificate: certificateOf(table, suppressed.intervals, { ...counts, withheld: suppressed.primary.size + suppressed.secondary.size, programs: suppressed.programs, mended: suppressed.mended }) };
  }
  const own = await withholdUntilSafe(rows, cells, spec, options);
  const rowOf = new Map(rows.map((_, row) => [own.reader.cellOf(0, row), row]));
  return {
    cells: own.cells, broken: [],
    certificate: {
      summary: { cells: table.size, ...counts, withheld: own.cells.filter((cell) => cell.published === null).length, programs: suppressed.programs + own.programs, mended: suppressed.mended + own.rounds },
      intervals: own.found.intervals.filter(({ cell }) => suppressed.primary.has(rowOf.get(cell) ?? -1)).map((interval) => derivedInterval(interval, own.reader.nameOf)),
    },
  };
}

/** Every count changed, none withheld; then attacked. */
async function perturbRows(rows: readonly CellRow[], table: CellTable, spec: ProtectionSpec, method: PerturbationMethod, options: ProtectCellsOptions): Promise<ProtectedCells> {
  const { onProgress, signal } = options;
  const { published, reason, knowledge, drawsOf } = await perturbTable(table, method, {
    seed: spec.seed, ...(spec.base === undefined ? {} : { base: spec.base }), ...(spec.ptable === undefined ? {} : { ptable: spec.ptable }), ...drawsIn(rows),
    ...(onProgress === undefined ? {} : { onProgress }), ...(signal === undefined ? {} : { signal }),
  });
  const changed = rows.map((row, cell): ProtectedCell => ({ key: row.key, status: 'rounded', published: published[cell] as number, reason }));
  const { broken, how, intervals, primary, programs, undecided } = await attackChanged(rows, changed, { table, knowledge, spec, options });
  const cells = changed.map((cell, row): ProtectedCell => { const found = how.get(row); return found === undefined ? cell : { ...cell, reason: `${reason}; ${found}` }; });
  return {
    cells, broken,
    certificate: { summary: { cells: table.size, primary, withheld: 0, programs, breaches: broken.length, mended: 0, ...(undecided === 0 ? {} : { undecided }), drawsOf }, intervals },
  };
}

/** The draws of cells, where rows have them. */
export function drawsIn(rows: readonly CellRow[]): { readonly draws?: readonly number[] } {
  return rows.some((row) => row.draw !== undefined) ? { draws: rows.map((row) => row.draw ?? NaN) } : {};
}

function certificateOf(table: CellTable, intervals: readonly Interval[], counts: Omit<Certificate['summary'], 'cells'>): Certificate {
  return {
    summary: { cells: table.size, ...counts },
    intervals: intervals.map((interval) => derivedInterval(interval, table.nameOf)),
  };
}
