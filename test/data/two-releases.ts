/**
 * A table released twice, for all years up to one and for one year more, put to the attack: what the checks on New Zealand's
 * tables share. The second release is withheld in the union of both, with the cells of the first as they were.
 * @module
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { openEngine } from '@weighbridge/engine';
import { auditCells, makeCellTable, makeHierarchy, primaryCells, suppressByElimination } from '@weighbridge/protect';
import type { CellTable, ListedCell, PrimaryCell, ProtectionSpec, ReleasedList } from '@weighbridge/protect';
import { caseOf } from '../../packages/protect/test/gate/cell-list.ts';
import { gate } from '../../packages/protect/test/gate/gate.ts';
import type { GateOptions } from '../../packages/protect/test/gate/gate.ts';
import { DATA } from './real-data.ts';

const RULES: ProtectionSpec['rules'] = { minFrequency: { threshold: 6, zeros: 'published' } };
/** Unsafe cells for which the gate looks for another table of whole numbers: a program each, and on a busy machine many seconds. */
const WHOLE = 10;
const COLUMNS = ['offence', 'age', 'sex', 'ethnicity', 'year'] as const;

/** One finest cell: codes in the order of the columns. */
interface Finest {
  readonly codes: readonly string[];
  readonly freq: number;
}

/** What is released, and what must be found of it. */
export interface TwoReleases {
  readonly title: string;
  /** Offence, age, sex, ethnicity, year and their count, one row each. */
  readonly sql: string;
  readonly first: readonly string[];
  readonly next: string;
  /** Of the first release and of the second. */
  readonly cells: readonly [number, number];
  readonly primary: readonly [number, number];
}

/** The tests of one pair of releases; inside a group that asks for the real data. */
export function testTwoReleases(source: TwoReleases): void {
  let [first, second]: [ListedCell[], ListedCell[]] = [[], []];
  let work: Releases;
  beforeAll(async () => {
    work = new Releases(source, await readFinest(source));
    first = work.withhold(work.early);
    second = work.withhold(work.late, first);
  }, 600_000);

  const asList = (rows: readonly ListedCell[]): ReleasedList => ({ columns: COLUMNS, rows });

  test(`${source.title}: no small cell of the first release is derived, by our attacker or by the gate's`, async () => {
    const { certificate, broken } = await auditCells(asList(first), work.spec);
    expect(broken).toEqual([]);
    expect(certificate.summary).toMatchObject({ cells: source.cells[0], primary: source.primary[0], breaches: 0 });
    expect(await work.judged([first])).toEqual([]);
  }, 600_000);

  test(`${source.title}: nor from both releases together`, async () => {
    const { certificate, broken } = await auditCells(asList(second), work.spec, [asList(first)]);
    expect(broken).toEqual([]);
    expect(certificate.summary).toMatchObject({ cells: source.cells[1], primary: source.primary[1], breaches: 0 });
    expect(await work.judged([first, second])).toEqual([]);
  }, 600_000);

  test(`${source.title}: protected each by itself, the second release gives cells of both away`, async () => {
    const alone = work.withhold(second.map((row) => ({ ...row, status: 'published' })));
    expect((await work.judged([first, alone], { first: true })).length).toBeGreaterThan(0);
  }, 600_000);
}

/** Both releases, and what a reader of both has. */
class Releases {
  readonly spec: ProtectionSpec;
  readonly early: readonly ListedCell[];
  readonly late: readonly ListedCell[];
  readonly #keys: readonly (readonly string[])[];
  readonly #union: CellTable;

  constructor({ first, next }: TwoReleases, finest: readonly Finest[]) {
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
  withhold(cells: readonly ListedCell[], before?: readonly ListedCell[]): ListedCell[] {
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
    const made = suppressByElimination(table, { primary, zerosPrinted: true, whole: true, forced }, true);
    expect(made?.unproved).toEqual([]);
    const status = new Map(of.map((key, cell): [string, ListedCell['status']] => [key.join('\t'), isSmall(table.freq[cell]) ? 'primary' : primary.has(cell) || made?.secondary.has(cell) === true ? 'secondary' : 'published']));
    return cells.map((row) => ({ ...row, status: status.get(addressOf(row)) ?? 'published' }));
  }

  /** What the gate says of lists read together: sums alone, then all that a reader knows, and whole numbers of a part. */
  judged(lists: readonly (readonly ListedCell[])[], options: GateOptions = {}): ReturnType<typeof gate> {
    const withheld = new Map(lists.flatMap((list) => list.map((row): [string, boolean] => [addressOf(row), row.status !== 'published'])));
    for (const list of lists) for (const row of list) if (row.status === 'published') withheld.set(addressOf(row), false);
    const keys = this.#keys;
    const shown = keys.flatMap((key, cell) => (withheld.has(key.join('\t')) ? [cell] : []));
    const freq = shown.map((cell) => this.#union.freq[cell] ?? 0);
    return gate(caseOf({
      dimensions: this.spec.dimensions.map((d, i) => ({ name: d.column, sums: d.sums ?? [{ total: 'Total', parts: [...new Set(keys.map((key) => key[i] ?? ''))].filter((code) => code !== 'Total') }] })),
      keys: shown.map((cell) => keys[cell] ?? []), value: freq, primary: freq.map(isSmall),
    }, shown.map((cell) => withheld.get((keys[cell] ?? []).join('\t')) === true), { lower: 1, integer: true }), { checks: ['A', 'B'], sample: WHOLE, integerSeconds: 240, ...options });
  }
}

async function readFinest({ sql }: TwoReleases): Promise<Finest[]> {
  const folder = await mkdtemp(join(tmpdir(), 'weighbridge-nz-'));
  const engine = await openEngine({ scratch: folder, allow: [DATA] });
  try {
    return (await engine.rows(sql, 'finest cells')).map((row) => {
      const values = Object.values(row);
      return { codes: values.slice(0, -1).map(String), freq: Number(values.at(-1)) };
    });
  } finally {
    engine.close();
    await rm(folder, { recursive: true, force: true });
  }
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
