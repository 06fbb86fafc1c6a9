/**
 * Counts by year released twice with all margins, for all years up to one and a year later for one year more: what the checks and the
 * benchmark on New Zealand's tables share. The second release is withheld in the union of both, with the cells of the first as they were.
 * @module
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openEngine } from '@weighbridge/engine';
import { makeCellTable, makeHierarchy, primaryCells } from '@weighbridge/protect';
import type { CellTable, ListedCell, PrimaryCell, ProtectionSpec, ReleasedList, SecondaryOptions, Suppression } from '@weighbridge/protect';
import { caseOf } from '../../packages/protect/test/gate/cell-list.ts';
import type { GateCase } from '../../packages/protect/test/gate/gate-case.ts';

const RULES: ProtectionSpec['rules'] = { minFrequency: { threshold: 6, zeros: 'published' } };
const COLUMNS = ['offence', 'age', 'sex', 'ethnicity', 'year'] as const;

/** Years of the first release, and the one that the second adds. */
export interface Years {
  readonly first: readonly string[];
  readonly next: string;
}

/** One finest cell: codes in the order offence, age, sex, ethnicity, year. */
export interface Finest {
  readonly codes: readonly string[];
  readonly freq: number;
}

/** Chooses the cells to withhold besides the unsafe ones. */
export type Choose = (table: CellTable, options: SecondaryOptions) => Promise<Pick<Suppression, 'secondary'>> | Pick<Suppression, 'secondary'>;

/** Finest cells of a query on the files of a folder: offence, age, sex, ethnicity, year and their count, one row each. */
export async function readFinest(folder: string, sql: string): Promise<Finest[]> {
  const scratch = await mkdtemp(join(tmpdir(), 'weighbridge-nz-'));
  const engine = await openEngine({ scratch, allow: [folder] });
  try {
    return (await engine.rows(sql, 'finest cells')).map((row) => {
      const values = Object.values(row);
      return { codes: values.slice(0, -1).map(String), freq: Number(values.at(-1)) };
    });
  } finally {
    engine.close();
    await rm(scratch, { recursive: true, force: true });
  }
}

/** Both releases, and what a reader of both has. */
export class YearlyReleases {
  readonly spec: ProtectionSpec;
  /** All cells of each release, none withheld. */
  readonly early: readonly ListedCell[];
  readonly late: readonly ListedCell[];
  readonly #keys: readonly (readonly string[])[];
  readonly #union: CellTable;

  constructor({ first, next }: Years, finest: readonly Finest[]) {
    const years = [...first, next];
    const upTo = [`to ${first.at(-1) ?? ''}`, `to ${next}`] as const;
    const sums = [...(first.length === 1 ? [] : [{ total: upTo[0], parts: first }]), { total: upTo[1], parts: years }];
    this.spec = { dimensions: COLUMNS.map((column) => (column === 'year' ? { column, sums } : { column, total: 'Total' })), rules: RULES, method: 'elimination-singletons', marksTold: false };
    [this.early, this.late] = [listOf(finest, first, upTo[0]), listOf(finest, years, upTo[1])];
    const all = new Map([...this.early, ...this.late].map((row) => [addressOf(row), row]));
    this.#keys = [...all.values()].map((row) => row.key);
    this.#union = tableOf(this.spec, [...all.values()]);
  }

  /** Withholds in the union of both releases; cells of the first, where it is given, stay as they were. */
  async withhold(cells: readonly ListedCell[], choose: Choose, before?: readonly ListedCell[]): Promise<ListedCell[]> {
    const known = new Map((before ?? []).map((row) => [addressOf(row), row]));
    const table = before === undefined ? tableOf(this.spec, cells) : this.#union;
    const of = before === undefined ? cells.map((row) => row.key) : this.#keys;
    const primary = new Map<number, PrimaryCell>(primaryCells(table, RULES));
    const forced = new Set<number>();
    for (const [cell, key] of of.entries()) {
      const row = known.get(key.join('\t'));
      if (row?.status === 'published') forced.add(cell);
      else if (row !== undefined && !primary.has(cell)) primary.set(cell, { reason: 'withheld before', upper: 0 });
    }
    const { secondary } = await choose(table, { primary, zerosPrinted: true, whole: true, forced });
    const status = new Map(of.map((key, cell): [string, ListedCell['status']] => [key.join('\t'), isSmall(table.freq[cell]) ? 'primary' : primary.has(cell) || secondary.has(cell) ? 'secondary' : 'published']));
    return cells.map((row) => ({ ...row, status: status.get(addressOf(row)) ?? 'published' }));
  }

  /** The lists read together as the gate judges them: a cell that one of them prints is printed. */
  asCase(lists: readonly (readonly ListedCell[])[]): GateCase {
    const withheld = new Map(lists.flatMap((list) => list.map((row): [string, boolean] => [addressOf(row), row.status !== 'published'])));
    for (const list of lists) for (const row of list) if (row.status === 'published') withheld.set(addressOf(row), false);
    const keys = this.#keys;
    const shown = keys.flatMap((key, cell) => (withheld.has(key.join('\t')) ? [cell] : []));
    const freq = shown.map((cell) => this.#union.freq[cell] ?? 0);
    return caseOf({
      dimensions: this.spec.dimensions.map((d, i) => ({ name: d.column, sums: d.sums ?? [{ total: 'Total', parts: [...new Set(keys.map((key) => key[i] ?? ''))].filter((code) => code !== 'Total') }] })),
      keys: shown.map((cell) => keys[cell] ?? []), value: freq, primary: freq.map(isSmall),
    }, shown.map((cell) => withheld.get((keys[cell] ?? []).join('\t')) === true), { lower: 1, integer: true });
  }
}

/** Cells as a list that an attack reads. */
export function asList(rows: readonly ListedCell[]): ReleasedList {
  return { columns: COLUMNS, rows };
}

/** All margins of some years; `all` is the code of those years together, where there are several. */
function listOf(finest: readonly Finest[], years: readonly string[], all: string): ListedCell[] {
  const sums = new Map<string, number>();
  for (const { codes, freq } of finest) {
    if (!years.includes(codes[4] ?? '')) continue;
    let keys: string[][] = [[]];
    for (const [d, code] of codes.entries()) keys = keys.flatMap((key) => [[...key, code], ...(d === 4 && years.length === 1 ? [] : [[...key, d === 4 ? all : 'Total']])]);
    for (const key of keys) sums.set(key.join('\t'), (sums.get(key.join('\t')) ?? 0) + freq);
  }
  return [...sums].map(([key, freq]): ListedCell => ({ key: key.split('\t'), freq, status: 'published' }));
}

function tableOf({ dimensions }: ProtectionSpec, rows: readonly ListedCell[]): CellTable {
  const hierarchies = dimensions.map(({ column, sums }, d) => {
    const codes = [...new Set(rows.map((row) => row.key[d] ?? ''))].sort();
    return makeHierarchy({ name: column, sums: (sums ?? [{ total: 'Total', parts: codes.filter((code) => code !== 'Total') }]).filter((s) => codes.includes(s.total)), codes });
  });
  const keys = Int32Array.from(rows.flatMap((row) => row.key.map((code, d) => hierarchies[d]?.index.get(code) ?? -1)));
  return makeCellTable(hierarchies, keys, Float64Array.from(rows, (row) => row.freq ?? 0));
}

function addressOf(row: ListedCell): string {
  return row.key.join('\t');
}

function isSmall(freq: number | undefined): boolean {
  return freq !== undefined && freq > 0 && freq < 6;
}
