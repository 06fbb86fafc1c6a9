/**
 * A list of cells protected by a specification: what stands behind the command `weighbridge protect`, and what others call
 * who have cells and no collection.
 * @module
 */
import { refuse } from '@weighbridge/base';
import type { Interval } from './audit.ts';
import type { CellTable } from './cell-table.ts';
import { assertCells, makeCellTable } from './cell-table.ts';
import { derivedInterval } from './certificate.ts';
import type { Certificate } from './certificate.ts';
import { makeHierarchy } from './hierarchy.ts';
import type { Hierarchy } from './hierarchy.ts';
import { isPerturbation, perturbTable } from './perturb-table.ts';
import type { PerturbationMethod } from './perturb-table.ts';
import type { Contributions } from './primary.ts';
import { suppressTable } from './suppress-table.ts';
import type { ProtectionSpec } from './protection-spec.ts';

/** One cell as it is given. */
export interface CellRow {
  /** A code for each dimension of the specification, in its order. */
  readonly key: readonly string[];
  readonly freq: number;
  readonly value?: number;
  /** The largest contributions, largest first. */
  readonly largest?: readonly number[];
}

export type ListedStatus = 'published' | 'primary' | 'secondary' | 'rounded';

/** One cell as it is released, in the order in which it was given. */
export interface ProtectedCell {
  readonly key: readonly string[];
  readonly status: ListedStatus;
  /** Null: withheld. */
  readonly published: number | null;
  /** For the secretariat alone: a reason may narrow what a withheld number can be. */
  readonly reason: string;
}

export interface ProtectedCells {
  readonly cells: readonly ProtectedCell[];
  readonly certificate: Certificate;
}

export interface ProtectCellsOptions {
  /** False: the certificate holds no intervals but those that the attack had to work out. Default true. */
  readonly intervals?: boolean;
  /** The certificate says of each end by which combination of printed cells it follows. */
  readonly combinations?: boolean;
  readonly onProgress?: (stage: string, done: number, of: number) => void;
  readonly signal?: AbortSignal;
}

/**
 * Protects cells.
 * @throws Refusal `NO_CELLS`, `TOO_MANY_CELLS`, `CODE_UNKNOWN`, `CELL_TWICE`, `FREQUENCY`, `TOTALS_DO_NOT_ADD`, `VALUE_MISSING`,
 *   `CANNOT_PROTECT`, each with a cell's address and never with its value
 */
export async function protectCells(rows: readonly CellRow[], spec: ProtectionSpec, options: ProtectCellsOptions = {}): Promise<ProtectedCells> {
  const table = cellTableOf(rows, spec);
  if (isPerturbation(spec.method)) return perturbRows(rows, table, spec, spec.method, options);
  const contributions = rows.map((row): Contributions | undefined => (row.largest === undefined ? undefined : { largest: row.largest }));
  const suppressed = await suppressTable(table, {
    rules: spec.rules, method: spec.method, contributions, marksTold: spec.marksTold, ...(spec.cost === undefined ? {} : { cost: spec.cost }),
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
  return { cells, certificate: certificateOf(table, suppressed.intervals, { primary: suppressed.primary.size, withheld: suppressed.primary.size + suppressed.secondary.size, programs: suppressed.programs, breaches: 0 }) };
}

/** The cells as a table, its hierarchies made from the specification and completed by the codes that occur. */
export function cellTableOf(rows: readonly CellRow[], spec: ProtectionSpec): CellTable {
  if (rows.length === 0) refuse('NO_CELLS', 'there are no cells', {}, 'give a row for each cell of the table');
  assertCells(rows.length);
  const hierarchies = spec.dimensions.map(({ column, total, sums }, d): Hierarchy => {
    if (sums !== undefined) return makeHierarchy({ name: column, sums, codes: [] });
    const codes = [...new Set(rows.map((row) => row.key[d] ?? ''))];
    const parts = codes.filter((code) => code !== total);
    return makeHierarchy({ name: column, sums: total === undefined || parts.length === 0 ? [] : [{ total, parts }], codes });
  });
  const keys = new Int32Array(rows.length * hierarchies.length);
  for (const [i, row] of rows.entries()) {
    for (const [d, hierarchy] of hierarchies.entries()) {
      const code = hierarchy.index.get(row.key[d] ?? '');
      if (code === undefined) refuse('CODE_UNKNOWN', `a code is not in the hierarchy of “${hierarchy.name}”`, { row: i + 1, column: hierarchy.name }, 'add the code to the hierarchy, or correct the cell');
      keys[i * hierarchies.length + d] = code;
    }
  }
  const magnitudes = rows.some((row) => row.value !== undefined);
  const lacking = magnitudes ? rows.findIndex((row) => row.value === undefined || !Number.isFinite(row.value)) : -1;
  if (lacking !== -1) refuse('VALUE_MISSING', 'a cell has no value, though others have', { row: lacking + 1, column: 'value' }, 'give every cell its value; 0 where there is nothing');
  return makeCellTable(hierarchies, keys, Float64Array.from(rows, (row) => row.freq), magnitudes ? Float64Array.from(rows, (row) => row.value ?? 0) : undefined);
}

/** Every count changed, none withheld. */
async function perturbRows(rows: readonly CellRow[], table: CellTable, spec: ProtectionSpec, method: PerturbationMethod, { onProgress, signal }: ProtectCellsOptions): Promise<ProtectedCells> {
  const { published, reason } = await perturbTable(table, method, {
    seed: spec.seed, ...(spec.base === undefined ? {} : { base: spec.base }), ...(spec.ptable === undefined ? {} : { ptable: spec.ptable }),
    ...(onProgress === undefined ? {} : { onProgress }), ...(signal === undefined ? {} : { signal }),
  });
  const cells = rows.map((row, cell): ProtectedCell => ({ key: row.key, status: 'rounded', published: published[cell] as number, reason }));
  return { cells, certificate: certificateOf(table, [], { primary: 0, withheld: 0, programs: 0, breaches: 0 }) };
}

function certificateOf(table: CellTable, intervals: readonly Interval[], counts: Omit<Certificate['summary'], 'cells'>): Certificate {
  return {
    summary: { cells: table.size, ...counts },
    intervals: intervals.map((interval) => derivedInterval(interval, table.nameOf)),
  };
}
