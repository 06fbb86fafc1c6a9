/**
 * A list of cells protected by a specification: what stands behind the command `weighbridge protect`, and what others call
 * who have cells and no collection.
 * @module
 */
import { refuse } from '@weighbridge/base';
import { count } from '@weighbridge/base/confidential';
import { audit } from './audit.ts';
import type { Interval } from './audit.ts';
import type { CellTable } from './cell-table.ts';
import { cellName, makeCellTable } from './cell-table.ts';
import { makeHierarchy } from './hierarchy.ts';
import type { Hierarchy } from './hierarchy.ts';
import { cellKey, recordKey, roundFixedToBase3 } from './perturb/index.ts';
import { primaryCells } from './primary.ts';
import type { Contributions } from './primary.ts';
import { columnsOf } from './secondary.ts';
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

/** What the attacker found. It holds derived intervals: confidential, except for its summary. */
export interface Certificate {
  readonly summary: { readonly cells: number; readonly withheld: number; readonly primary: number; readonly programs: number; readonly breaches: number };
  readonly intervals: readonly { readonly cell: string; readonly lower: number; readonly upper: number | null }[];
}

export interface ProtectedCells {
  readonly cells: readonly ProtectedCell[];
  readonly certificate: Certificate;
}

export interface ProtectCellsOptions {
  readonly onProgress?: (stage: string, done: number, of: number) => void;
  readonly signal?: AbortSignal;
}

/** Cells that one call takes. */
const MOST_CELLS = 2_000_000;

/**
 * Protects cells.
 * @throws Refusal `NO_CELLS`, `TOO_MANY_CELLS`, `CODE_UNKNOWN`, `CELL_TWICE`, `FREQUENCY`, `TOTALS_DO_NOT_ADD`, `VALUE_MISSING`,
 *   `CANNOT_PROTECT`, each with a cell's address and never with its value
 */
export async function protectCells(rows: readonly CellRow[], spec: ProtectionSpec, options: ProtectCellsOptions = {}): Promise<ProtectedCells> {
  const table = cellTableOf(rows, spec);
  if (spec.method === 'round-base-3') return roundRows(rows, table, spec);
  const contributions = rows.map((row): Contributions | undefined => (row.largest === undefined ? undefined : { largest: row.largest }));
  const suppressed = await suppressTable(table, {
    rules: spec.rules, method: spec.method, contributions, marksTold: spec.marksTold, ...(spec.cost === undefined ? {} : { cost: spec.cost }),
    ...(spec.effort === undefined ? {} : { effort: spec.effort }), ...options,
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

/** What is known of each cell of a released list: null where it is withheld. */
export interface ReleasedRow extends CellRow {
  readonly status: ListedStatus;
}

/**
 * Attacks a list of cells whose statuses are given: the truth is there to judge by, and the attacker does not use it.
 * @param earlier - lists released before from the same records: what they print is known to the reader too
 * @returns the certificate; cells in `broken` can be derived more closely than the rules allow
 */
export async function auditCells(rows: readonly ReleasedRow[], spec: ProtectionSpec, earlier: readonly (readonly ReleasedRow[])[] = [], options: ProtectCellsOptions = {}): Promise<{ readonly certificate: Certificate; readonly broken: readonly string[] }> {
  const table = cellTableOf(rows, spec);
  const printedEarlier = new Set(earlier.flatMap((list) => list.filter((row) => row.status === 'published').map((row) => JSON.stringify(row.key))));
  const printed = rows.map((row) => row.status === 'published' || printedEarlier.has(JSON.stringify(row.key)));
  const primary = primaryCells(table, spec.rules, rows.map((row) => (row.largest === undefined ? undefined : { largest: row.largest })));
  const whole = table.value === undefined;
  const threshold = spec.rules.minFrequency?.threshold ?? Infinity;
  const result = await audit({
    relations: table.relations, value: table.value ?? table.freq, printed: (cell) => printed[cell] === true, whole,
    lower: new Float64Array(table.size).fill(whole && spec.rules.minFrequency?.zeros !== 'protected' ? 1 : 0),
    upper: Float64Array.from(rows, (row) => (spec.marksTold && row.status === 'primary' ? threshold - 1 : Infinity)),
  }, {
    required: new Map([...primary].map(([cell, { upper }]) => [cell, upper])),
    ...(options.signal === undefined ? {} : { signal: options.signal }),
    ...(options.onProgress === undefined ? {} : { onProgress: (done, of) => options.onProgress?.('audit', done, of) }),
  });
  const withheld = printed.filter((p) => !p).length;
  return {
    certificate: certificateOf(table, result.intervals, { primary: primary.size, withheld, programs: result.programs, breaches: result.breaches.length }),
    broken: result.breaches.map(({ cell, why }) => `${cellName(table, cell)}: ${why === 'exact' ? 'can be derived exactly' : 'can be derived too closely'}`),
  };
}

/** The cells as a table, its hierarchies made from the specification and completed by the codes that occur. */
function cellTableOf(rows: readonly CellRow[], spec: ProtectionSpec): CellTable {
  if (rows.length === 0) refuse('NO_CELLS', 'there are no cells', {}, 'give a row for each cell of the table');
  if (rows.length > MOST_CELLS) refuse('TOO_MANY_CELLS', `there are more than ${MOST_CELLS.toLocaleString('en')} cells`, {}, 'split the table by its largest dimension, or round it instead');
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

/**
 * Fixed random rounding. A cell's draw is the sum of its finest cells' draws, so that the same finest cells round alike
 * wherever they are added up; where a table has no finest cells, it is that of the cell's address.
 */
function roundRows(rows: readonly CellRow[], table: CellTable, spec: ProtectionSpec): ProtectedCells {
  if (spec.seed === undefined) refuse('SEED_MISSING', 'rounding needs a secret seed', { key: 'seed' }, 'add "seed": at least 16 characters that nobody can guess');
  const key = new TextEncoder().encode(spec.seed);
  if (key.length < 16) refuse('SEED_SHORT', 'the seed has fewer than 16 characters', { key: 'seed' }, 'choose a longer one and keep it secret');
  const inner = columnsOf(table, true);
  const draws = (inner?.rowCells ?? []).map((cell) => recordKey(key, JSON.stringify((rows[cell] as CellRow).key)));
  const cells = rows.map((row, cell): ProtectedCell => {
    const draw = inner ? cellKey(Array.from(inner.columns[cell] as Int32Array, (r) => draws[r] as (typeof draws)[number])) : recordKey(key, JSON.stringify(row.key));
    return { key: row.key, status: 'rounded', published: roundFixedToBase3(count(table.freq[cell] as number), draw), reason: 'rounded at random to a multiple of 3' };
  });
  return { cells, certificate: certificateOf(table, [], { primary: 0, withheld: 0, programs: 0, breaches: 0 }) };
}

function certificateOf(table: CellTable, intervals: readonly Interval[], counts: Omit<Certificate['summary'], 'cells'>): Certificate {
  return {
    summary: { cells: table.size, ...counts },
    intervals: intervals.map(({ cell, lower, upper }) => ({ cell: cellName(table, cell), lower, upper: upper === Infinity ? null : upper })),
  };
}
