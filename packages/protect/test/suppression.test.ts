/** The engine before the gate, which shares no line with it: small tables of every kind, and what bad input is told. */
import { Refusal } from '@weighbridge/base';
import type { Issue } from '@weighbridge/base';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { auditCells, eliminate, makeCellTable, makeHierarchy, primaryCells, protectCells, readProtectionSpec, suppressTable } from '../src/index.ts';
import { cellTableOf } from '../src/cell-rows.ts';
import type { CellRow, ProtectionSpec, ReleasedRow } from '../src/index.ts';
import { caseOf } from './gate/cell-list.ts';
import { gate } from './gate/gate.ts';
import { protectedBy } from './gate/minimality.ts';
import { flatTable } from './gate/small-tables.ts';
import { crossing } from './gate/table-description.ts';
import type { TableDescription } from './gate/table-description.ts';

const SEED = { seed: 20231106, numRuns: 40 };
const RULES: ProtectionSpec['rules'] = { minFrequency: { threshold: 3, zeros: 'published' } };

const rowsOf = (table: TableDescription): CellRow[] => crossing(table).map((c) => ({ key: c.key, freq: c.freq }));
const specOf = (table: TableDescription, more: Partial<ProtectionSpec> = {}): ProtectionSpec => ({
  dimensions: table.dimensions.map((d) => ({ column: d.name, sums: d.sums })), rules: RULES, method: 'combined', marksTold: false, ...more,
});

/** Small tables of two and three dimensions; some lie under a level of regions. */
const tables = fc.constantFrom([3, 4], [4, 4], [2, 3, 3], [3, 3, 3]).chain((shape) => {
  const cells = shape.reduce((n, size) => n * size, 1);
  return fc.record({ counts: fc.array(fc.nat(9), { minLength: cells, maxLength: cells }), levels: fc.boolean() }).map(({ counts, levels }): TableDescription => {
    const flat = flatTable(shape, counts);
    const [first, ...others] = flat.dimensions;
    const parts = first?.sums[0]?.parts ?? [];
    if (!levels || first === undefined || parts.length < 3) return flat;
    return { ...flat, dimensions: [{ name: first.name, sums: [{ total: 'Total', parts: ['north', parts[0] ?? ''] }, { total: 'north', parts: parts.slice(1) }] }, ...others] };
  });
});

async function protectedOrRefused(table: TableDescription, spec: ProtectionSpec): Promise<ReleasedRow[] | undefined> {
  const rows = rowsOf(table);
  try {
    const { cells } = await protectCells(rows, spec);
    return rows.map((row, i) => ({ ...row, status: cells[i]?.status ?? 'published' }));
  } catch (error) {
    if (error instanceof Refusal && error.issues.every((i) => i.code === 'CANNOT_PROTECT')) return undefined;
    throw error;
  }
}

const judge = (table: TableDescription, released: readonly ReleasedRow[]): ReturnType<typeof gate> => gate(caseOf({
  dimensions: table.dimensions, keys: released.map((r) => r.key), value: released.map((r) => r.freq), primary: released.map((r) => r.freq > 0 && r.freq < 3),
}, released.map((r) => r.status !== 'published'), { lower: 1, integer: true }));

describe('suppression', () => {
  test('every small table that comes out passes the gate, in fractions and in whole numbers', async () => {
    let made = 0;
    await fc.assert(fc.asyncProperty(tables, async (table) => {
      const released = await protectedOrRefused(table, specOf(table));
      if (released === undefined) return;
      made++;
      const verdicts = await judge(table, released);
      expect(verdicts).toEqual([]);
    }), SEED);
    expect(made).toBeGreaterThan(20);
  });

  test.each(['boxes', 'elimination', 'elimination-singletons', 'optimisation', 'combined'] as const)('%s: the order of rows and the names of codes change nothing', async (method) => {
    const spec: ProtectionSpec = { dimensions: [{ column: 'a', total: 'Total' }, { column: 'b', total: 'Total' }], rules: RULES, method, marksTold: false };
    const withheld = async (list: readonly CellRow[]): Promise<string[] | 'refused'> => {
      try {
        return (await protectCells(list, spec)).cells.filter((c) => c.published === null).map((c) => c.key.join('|').replaceAll('x', '')).sort();
      } catch (error) {
        if (error instanceof Refusal) return 'refused';
        throw error;
      }
    };
    await fc.assert(fc.asyncProperty(fc.array(fc.nat(9), { minLength: 12, maxLength: 12 }), fc.nat(), async (counts, turn) => {
      const rows = rowsOf(flatTable([3, 4], counts));
      const turned = rows.map((_, i) => rows[(i * 7 + turn) % rows.length]).filter((row) => row !== undefined);
      expect(turned).toHaveLength(rows.length);
      const first = await withheld(rows);
      expect(await withheld(turned)).toEqual(first);
      expect(await withheld(rows.map((row) => ({ ...row, key: row.key.map((code) => (code === 'Total' ? code : `x${code}`)) })))).toEqual(first);
    }), { ...SEED, numRuns: 15 });
  });

  test('marks that are told: neither with what they say of the unsafe cells nor of the others that are withheld', async () => {
    const told = specOf(flatTable([3], []), { marksTold: true });
    const line = [['k0', 1], ['k1', 3], ['k2', 30], ['Total', 34]].map(([code, freq]): CellRow => ({ key: [String(code)], freq: Number(freq) }));
    const { cells } = await protectCells(line, { ...told, dimensions: [{ column: 'k', total: 'Total' }] });
    expect(cells.map(({ status }) => status)).toEqual(['primary', 'published', 'secondary', 'published']);
    let [made, more] = [0, 0];
    await fc.assert(fc.asyncProperty(tables, fc.constantFrom('combined', 'optimisation', 'boxes', 'elimination-singletons'), async (table, method) => {
      const released = await protectedOrRefused(table, specOf(table, { marksTold: true, method }));
      const judged = (list: readonly ReleasedRow[], all: boolean): ReturnType<typeof gate> => {
        const pattern = caseOf({ dimensions: table.dimensions, keys: list.map((r) => r.key), value: list.map((r) => r.freq), primary: list.map((r) => r.freq > 0 && r.freq < 3) }, list.map((r) => r.status !== 'published'), { lower: 1, integer: true, upperOfPrimary: 2 });
        return gate({ ...pattern, lower: list.map((r) => (r.freq < 3 || !all ? 1 : 3)) }, {});
      };
      if (released === undefined) return;
      made++;
      expect(await judged(released, true)).toEqual([]);
      const audited = await auditCells(released, specOf(table, { marksTold: true }));
      expect(audited.broken).toEqual([]);
      const unmarked = await protectedOrRefused(table, specOf(table, { method }));
      if (unmarked === undefined || (await judged(unmarked, true)).length === 0) return;
      more += (await judged(unmarked, false)).length === 0 ? 1 : 0;
      expect((await auditCells(unmarked, specOf(table, { marksTold: true }))).broken).not.toEqual([]);
    }), { ...SEED, numRuns: 60 });
    expect(made).toBeGreaterThan(20);
    expect(more).toBeGreaterThan(0);
  });

  test('the reason of each withheld cell names its rule or what it protects', async () => {
    const { cells } = await protectCells(rowsOf(flatTable([2, 3], [1, 5, 8, 6, 7, 4])), specOf(flatTable([2, 3], [])));
    expect(cells.filter((c) => c.status === 'primary').map((c) => c.reason)).toEqual(['primary: 1 contributor']);
    expect(cells.filter((c) => c.status === 'secondary').every((c) => c.reason.startsWith('secondary: protects'))).toBe(true);
  });
});

describe('elimination', () => {
  test('is minimal: each secondary cell protects an unsafe one', async () => {
    let compared = 0;
    await fc.assert(fc.asyncProperty(fc.array(fc.nat(9), { minLength: 12, maxLength: 12 }), async (counts) => {
      const table = flatTable([3, 4], counts);
      const spec = specOf(table, { method: 'elimination', rules: { minFrequency: { threshold: 3, zeros: 'protected' } } });
      const released = await protectedOrRefused(table, spec);
      // What the audit had withheld besides protects against more than sums, and is none of elimination's.
      if (released === undefined || (await suppressTable(cellTableOf(rowsOf(table), spec), { rules: spec.rules, method: 'elimination' })).mended > 0) return;
      compared++;
      const pattern = caseOf({ dimensions: table.dimensions, keys: released.map((r) => r.key), value: released.map((r) => r.freq), primary: released.map((r) => r.freq < 3) }, released.map((r) => r.status !== 'published'), { lower: 0, integer: true });
      const statuses = released.map((r) => r.status);
      if (!statuses.includes('secondary') || statuses.filter((s) => s === 'secondary').length > 6) return;
      expect([...(await protectedBy(pattern, { against: 'rank' })).values()]).not.toContain(null);
    }), { ...SEED, numRuns: 25 });
    expect(compared).toBeGreaterThan(5);
  });

  test('a primary cell that forced cells give away is told, not hidden', () => {
    const columns = [Int32Array.of(0), Int32Array.of(1), Int32Array.of(0, 1)];
    expect(eliminate({ rows: 2, columns, primary: [0], order: [], forced: [1, 2] })).toMatchObject({ exposed: [0], secondary: [] });
  });
});

describe('audit', () => {
  const table = flatTable([2, 2], [1, 5, 6, 7]);
  const released = (...hidden: string[]): ReleasedRow[] => rowsOf(table).map((row) => ({ ...row, status: hidden.includes(row.key.join('|')) ? 'primary' : 'published' }));

  test('finds a cell that a subtraction gives', async () => {
    const { broken } = await auditCells(released('a1|b1'), specOf(table));
    expect(broken).toEqual(['a1 | b1: can be derived exactly']);
  });

  test('what an earlier list printed is known', async () => {
    const now = released('a1|b1', 'a1|b2', 'a2|b1', 'a2|b2');
    expect((await auditCells(now, specOf(table))).broken).toEqual([]);
    expect((await auditCells(now, specOf(table), [released('a1|b1', 'a1|b2', 'a2|b1')])).broken).toEqual(['a1 | b1: can be derived exactly']);
  });

  test('no message holds a value', async () => {
    const secret = flatTable([2, 2], [1, 7919, 7907, 7901]);
    const rows = rowsOf(secret).map((row): ReleasedRow => ({ ...row, status: row.freq === 1 ? 'primary' : 'published' }));
    expect(JSON.stringify((await auditCells(rows, specOf(secret))).broken)).not.toMatch(/79\d\d/);
  });
});

describe('primary rules', () => {
  const one = (total: number): ReturnType<typeof makeCellTable> => makeCellTable([makeHierarchy({ name: 'a', sums: [], codes: ['x'] })], Int32Array.of(0), Float64Array.of(3), Float64Array.of(total));

  test.each([
    ['(1,90) holds at half of the total', { dominance: [{ n: 1, k: 90 }] }, 100_000, [50_000, 49_000], undefined],
    ['p% with p = 10: the rest is less than a tenth of the largest', { pPercent: { p: 10 } }, 100_000, [50_000, 49_000], 4_000],
    ['(1,85): the bound asked for is 352.94', { dominance: [{ n: 1, k: 85 }] }, 330, [300, 20, 10], 22.941176],
    ['pq with p/q = 1/10 is p% with 10', { pq: { p: 5, q: 50 } }, 100_000, [50_000, 49_000], 4_000],
  ] as const)('%s', (_, rules, total, largest, upper) => {
    const found = primaryCells(one(total), rules, [{ largest }]).get(0)?.upper;
    if (upper === undefined) expect(found).toBeUndefined();
    else expect(found).toBeCloseTo(upper, 5);
  });

  test('n contributors with exactly k % are unsafe only where the rule says so', () => {
    expect(primaryCells(one(100), { dominance: [{ n: 1, k: 80 }] }, [{ largest: [80, 20] }]).size).toBe(0);
    expect(primaryCells(one(100), { dominance: [{ n: 1, k: 80, atLeast: true }] }, [{ largest: [80, 20] }]).size).toBe(1);
  });

  test('a contributor who agreed to be published is passed over', () => {
    expect(primaryCells(one(100), { pPercent: { p: 10 } }, [{ largest: [60, 37, 3], waived: [true, false, false] }]).size).toBe(1);
    expect(primaryCells(one(130), { pPercent: { p: 10 } }, [{ largest: [60, 37, 33], waived: [true, false, false] }]).size).toBe(0);
  });

  test('a line in which all fall in one cell is unsafe', () => {
    const table = flatTable([2, 2], [9, 0, 4, 5]);
    const rows = rowsOf(table);
    const made = protectCells(rows, specOf(table, { rules: { groupDisclosure: true, minFrequency: { threshold: 1, zeros: 'protected' } } }));
    return expect(made.then(({ cells }) => cells.filter((c) => c.status === 'primary').map((c) => c.key.join('|')))).resolves.toEqual(['a1|b1', 'a1|b2', 'a2|b2']);
  });
});

describe('bad input', () => {
  const refused = async (rows: readonly CellRow[], spec: ProtectionSpec): Promise<unknown> => protectCells(rows, spec).then(() => 'accepted', (error: unknown) => (error as Refusal).issues.map((i) => `${i.code} ${i.place.object ?? i.place.column ?? i.place.key ?? ''}`.trim()));
  const table = flatTable([2, 2], [3, 4, 5, 6]);
  const spec = specOf(table);
  const rows = rowsOf(table);

  test.each([
    ['no cells', [], ['NO_CELLS']],
    ['a total that is not the sum of its parts', rows.map((r) => (r.key.join() === 'a1,Total' ? { ...r, freq: r.freq + 1 } : r)), ['TOTALS_DO_NOT_ADD Total | Total', 'TOTALS_DO_NOT_ADD a1 | Total']],
    ['a negative frequency', rows.map((r) => (r.key.join() === 'a1,b1' ? { ...r, freq: -1 } : r)), ['FREQUENCY a1 | b1']],
    ['a fraction', rows.map((r) => (r.key.join() === 'a1,b1' ? { ...r, freq: 1.5 } : r)), ['FREQUENCY a1 | b1']],
    ['a cell twice', [...rows, ...rows.slice(0, 1)], [`CELL_TWICE ${rows[0]?.key.join(' | ') ?? ''}`]],
    ['a code that no hierarchy has', [...rows, { key: ['a9', 'b1'], freq: 1 }], ['CODE_UNKNOWN a']],
  ] as const)('%s', async (_, given, told) => {
    const found = await refused(given, spec);
    expect(found).toEqual(told);
  });

  test('every total that does not add is named, with the dimension and what is off, fifty at most', async () => {
    const issuesOf = async (given: readonly CellRow[], of: ProtectionSpec): Promise<readonly Issue[]> => protectCells(given, of).then(() => [], (error: unknown) => (error as Refusal).issues);
    const amounts = rows.map((row): CellRow => ({ ...row, value: row.freq + (row.key.join() === 'a1,b1' ? 0.25 : 0) }));
    expect((await issuesOf(amounts, spec)).map(({ message, place }) => [/“(.*)”/.exec(message)?.[1], place.object, place.column])).toEqual([[spec.dimensions[0]?.column, 'Total | b1', 'value'], [spec.dimensions[1]?.column, 'a1 | Total', 'value']]);
    const many = Array.from({ length: 60 }, (_, i): readonly (readonly [string, number])[] => [[`x${i}`, 1], [`y${i}`, 1], [`t${i}`, 3]]);
    const wide: ProtectionSpec = { ...spec, dimensions: [{ column: 'code', sums: many.map((_, i) => ({ total: `t${i}`, parts: [`x${i}`, `y${i}`] })), roots: 'several' }] };
    const told = await issuesOf(many.flat().map(([code, freq]): CellRow => ({ key: [code], freq })), wide);
    expect([told.length, told.at(-1)]).toMatchObject([51, { code: 'TOTALS_DO_NOT_ADD', count: 10 }]);
    // Amounts that were added up in another order differ in their last bits.
    expect(await issuesOf([['x0', 0.1], ['y0', 0.2], ['t0', 0.3]].map(([code, value]): CellRow => ({ key: [code as string], freq: 9, value: value as number })).map((row) => (row.key[0] === 't0' ? { ...row, freq: 18 } : row)), wide)).toEqual([]);
  });

  test('one row is a table without secrets of others', async () => {
    expect(await refused([{ key: ['Total', 'Total'], freq: 9 }], spec)).toBe('accepted');
  });

  test.each([
    ['HIERARCHY_LOOP', [{ total: 'x', parts: ['y'] }, { total: 'y', parts: ['x'] }]],
    ['HIERARCHY_TWICE', [{ total: 'x', parts: ['y', 'z'] }, { total: 'z', parts: ['y'] }]],
    ['HIERARCHY_TWO_SUMS', [{ total: 'x', parts: ['y'] }, { total: 'x', parts: ['z'] }]],
  ])('%s', (code, sums) => {
    expect(() => makeHierarchy({ name: 'place', sums })).toThrow(expect.objectContaining({ issues: [expect.objectContaining({ code })] }) as Error);
  });

  test('two hierarchies over one dimension share their leaves', () => {
    const h = makeHierarchy({ name: 'region', sums: [{ total: 'all', parts: ['county-1', 'county-2'] }, { total: 'county-1', parts: ['a', 'b'] }, { total: 'county-2', parts: ['c', 'd'] }, { total: 'small', parts: ['a', 'c'] }] });
    expect(h.leavesOf[h.index.get('small') ?? -1]?.map((l) => h.codes[l])).toEqual(['a', 'c']);
  });

  test.each(['', '[]', '{"dimensions":[]}', '{"dimensions":[{"column":"a"}],"rules":{}}', '{"dimensions":[{"column":"a"}],"rules":{"minFrequency":{"threshold":"3"}}}', '{"dimensions":[{"column":"a"}],"rules":{"minFrequency":{"threshold":3}},"metod":"x"}'])('the specification %j is refused', (text) => {
    expect(() => readProtectionSpec(text)).toThrow(expect.objectContaining({ issues: [expect.objectContaining({ code: 'SPEC' })] }) as Error);
  });
});
