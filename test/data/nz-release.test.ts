/**
 * New Zealand tables released twice: offence division × age × sex × ethnicity × year with all margins, for all years up to one,
 * and a year later for one year more. No cell of 1 to 5 can be derived from the first, nor from both together: by our attacker,
 * and by the gate's, which shares no line with it.
 * The file has all five dimensions; adults convicted are counted once for each
 * ethnicity, so their totals are adult-ethnicity counts. Of the adults convicted two years are taken, 2,171 cells and then 6,528,
 * of which 541 and 1,456 are unsafe: two minutes of CPU, nearly all of it our attacker's 1,946 programs over both.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openEngine } from '@weighbridge/engine';
import { auditCells, makeCellTable, makeHierarchy, primaryCells, suppressByElimination } from '@weighbridge/protect';
import type { CellTable, ListedCell, PrimaryCell, ProtectionSpec, ReleasedList } from '@weighbridge/protect';
import { caseOf } from '../../packages/protect/test/gate/cell-list.ts';
import { gate } from '../../packages/protect/test/gate/gate.ts';
import { DATA, describeReal } from './real-data.ts';

const RULES: ProtectionSpec['rules'] = { minFrequency: { threshold: 6, zeros: 'published' } };
const COLUMNS = ['offence', 'age', 'sex', 'ethnicity', 'year'] as const;

/** One finest cell: codes in the order of the columns. */
interface Finest {
  readonly codes: readonly string[];
  readonly freq: number;
}

interface Source {
  readonly title: string;
  readonly sql: string;
  readonly first: readonly string[];
  readonly next: string;
  /** Of the first release and of the second. */
  readonly cells: readonly [number, number];
  readonly primary: readonly [number, number];
}

const justice = ['2001-2009', '2010-2014'].map((years) => `'${join(DATA, 'nz-justice', `justice-coded-${years}.csv.gz`)}'`).join();
const SOURCES: readonly Source[] = [
  {
    // Division rows and the main sentences: what adds up without counting twice.
    title: 'adults convicted, 2001, then 2002 too', first: ['2001'], next: '2002', cells: [2171, 6528], primary: [541, 1456],
    sql: `SELECT MAIN_OFFENCE, AGE_GROUP, GENDER, ETHNICITY, "YEAR", SUM(CAST("Value" AS BIGINT)) AS n FROM read_csv([${justice}], all_varchar = true, header = true)
      WHERE length(MAIN_OFFENCE) = 2 AND SENTENCE IN ('100', '200', '16', '23', '29') GROUP BY ALL ORDER BY ALL`,
  },
];

const scratch: string[] = [];
afterAll(async () => {
  for (const folder of scratch) await rm(folder, { recursive: true, force: true });
});

async function read({ sql }: Source): Promise<Finest[]> {
  const folder = await mkdtemp(join(tmpdir(), 'weighbridge-nz-'));
  scratch.push(folder);
  const engine = await openEngine({ scratch: folder, allow: [DATA] });
  try {
    return (await engine.rows(sql, 'finest cells')).map((row) => {
      const values = Object.values(row);
      return { codes: values.slice(0, -1).map(String), freq: Number(values.at(-1)) };
    });
  } finally {
    engine.close();
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

describeReal('New Zealand tables, released twice', () => {
  for (const source of SOURCES) {
    const upTo = [`to ${source.first.at(-1) ?? ''}`, `to ${source.next}`] as const;
    let spec: ProtectionSpec;
    let union: CellTable;
    let [first, second]: [ListedCell[], ListedCell[]] = [[], []];
    let keys: readonly (readonly string[])[] = [];

    /** Withholds in the union of both releases; cells of the first stay as they were. */
    function withhold(cells: readonly ListedCell[], before?: readonly ListedCell[]): ListedCell[] {
      const known = new Map((before ?? []).map((row) => [row.key.join('\t'), row]));
      const mine = new Set(cells.map((row) => row.key.join('\t')));
      const table = before === undefined ? tableOf(spec, cells) : union;
      const of = before === undefined ? cells.map((row) => row.key) : keys;
      const primary = new Map<number, PrimaryCell>(primaryCells(table, RULES));
      const forced = new Set<number>();
      for (const [cell, key] of of.entries()) {
        const row = known.get(key.join('\t'));
        if (row?.status === 'published') forced.add(cell);
        else if (row !== undefined && !primary.has(cell)) primary.set(cell, { reason: 'withheld before', upper: 0 });
      }
      const made = suppressByElimination(table, { primary, zerosPrinted: true, whole: true, forced }, true);
      expect(made?.unproved).toEqual([]);
      const status = new Map(of.map((key, cell): [string, ListedCell['status']] => [key.join('\t'), (table.freq[cell] as number) > 0 && (table.freq[cell] as number) < 6 ? 'primary' : primary.has(cell) || made?.secondary.has(cell) === true ? 'secondary' : 'published']));
      return cells.filter((row) => mine.has(row.key.join('\t'))).map((row) => ({ ...row, status: status.get(row.key.join('\t')) ?? 'published' }));
    }

    /** What the gate says of lists read together: sums alone, then all that a reader knows, and whole numbers of a part. */
    function judged(...lists: readonly (readonly ListedCell[])[]): ReturnType<typeof gate> {
      const withheld = new Map(lists.flatMap((list) => list.map((row): [string, boolean] => [row.key.join('\t'), row.status !== 'published'])));
      for (const list of lists) for (const row of list) if (row.status === 'published') withheld.set(row.key.join('\t'), false);
      const shown = keys.flatMap((key, cell) => (withheld.has(key.join('\t')) ? [cell] : []));
      return gate(caseOf({
        dimensions: spec.dimensions.map((d, i) => ({ name: d.column, sums: d.sums ?? [{ total: 'Total', parts: [...new Set(keys.map((key) => key[i] ?? ''))].filter((code) => code !== 'Total') }] })),
        keys: shown.map((cell) => keys[cell] ?? []), value: shown.map((cell) => union.freq[cell] ?? 0), primary: shown.map((cell) => (union.freq[cell] ?? 0) > 0 && (union.freq[cell] ?? 0) < 6),
      }, shown.map((cell) => withheld.get((keys[cell] ?? []).join('\t')) === true), { lower: 1, integer: true }), { checks: ['A', 'B'], sample: 20, integerSeconds: 60 });
    }

    beforeAll(async () => {
      const finest = await read(source);
      const years = [...source.first, source.next];
      const sums = [...(source.first.length === 1 ? [] : [{ total: upTo[0], parts: [...source.first] }]), { total: upTo[1], parts: years }];
      spec = { dimensions: COLUMNS.map((column) => (column === 'year' ? { column, sums } : { column, total: 'Total' })), rules: RULES, method: 'elimination-singletons', marksTold: false };
      const [early, late] = [listOf(finest, source.first, upTo[0]), listOf(finest, years, upTo[1])];
      const all = new Map([...early, ...late].map((row) => [row.key.join('\t'), row]));
      keys = [...all.values()].map((row) => row.key);
      union = tableOf(spec, [...all.values()]);
      first = withhold(early);
      second = withhold(late, first);
    }, 600_000);

    const asList = (rows: readonly ListedCell[]): ReleasedList => ({ columns: COLUMNS, rows });

    test(`${source.title}: no small cell of the first release is derived, by our attacker or by the gate's`, async () => {
      const { certificate, broken } = await auditCells(asList(first), spec);
      expect(broken).toEqual([]);
      expect(certificate.summary).toMatchObject({ cells: source.cells[0], primary: source.primary[0], breaches: 0 });
      expect(await judged(first)).toEqual([]);
    }, 600_000);

    test(`${source.title}: nor from both releases together`, async () => {
      const { certificate, broken } = await auditCells(asList(second), spec, [asList(first)]);
      expect(broken).toEqual([]);
      expect(certificate.summary).toMatchObject({ cells: source.cells[1], primary: source.primary[1], breaches: 0 });
      expect(await judged(first, second)).toEqual([]);
    }, 600_000);

    test(`${source.title}: protected each by itself, the second release gives cells of both away`, async () => {
      const alone = withhold(second.map((row) => ({ ...row, status: 'published' })));
      expect((await judged(first, alone)).length).toBeGreaterThan(0);
    }, 600_000);
  }
});

function tableOf({ dimensions }: ProtectionSpec, rows: readonly ListedCell[]): CellTable {
  const hierarchies = dimensions.map(({ column, sums }, d) => {
    const codes = [...new Set(rows.map((row) => row.key[d] ?? ''))].sort();
    return makeHierarchy({ name: column, sums: (sums ?? [{ total: 'Total', parts: codes.filter((code) => code !== 'Total') }]).filter((s) => codes.includes(s.total)), codes });
  });
  const keys = Int32Array.from(rows.flatMap((row) => row.key.map((code, d) => hierarchies[d]?.index.get(code) ?? -1)));
  return makeCellTable(hierarchies, keys, Float64Array.from(rows, (row) => row.freq ?? 0));
}
