/**
 * What a reader has beside the list itself: lists of other shapes, editions, rounded numbers, and a contributor's own figures.
 * Each attack succeeds against a release that looks safe alone; all tables of whole numbers, one by one, are the judge.
 */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { attackByContributors, audit, auditCells, carriedUp, readerKnowledge } from '../src/index.ts';
import type { ListedCell, ProtectionSpec, ReaderKnowledge, ReaderOptions, ReleasedList } from '../src/index.ts';
import { enumeratedRanges } from './gate/enumerate.ts';
import type { GateCase } from './gate/gate-case.ts';
import { insiderKnown } from './gate/insider-attack.ts';

const SEED = 20231106;
const RULES: ProtectionSpec['rules'] = { minFrequency: { threshold: 3, zeros: 'published' } };
const COLUMNS = ['area', 'kind', 'sex'];
const SPEC: ProtectionSpec = { dimensions: COLUMNS.map((column) => ({ column, total: 'Total' })), rules: RULES, method: 'combined', marksTold: false };

/** Counts of the finest cells, by their codes: `north phone f`. */
type Counts = Readonly<Record<string, number>>;

/** The list of all margins of some columns; cells named are withheld. */
function listOf(counts: Counts, columns: readonly string[], withheld: readonly string[] = [], more: Partial<ReleasedList> = {}): ReleasedList {
  const sums = new Map<string, number>();
  for (const [codes, n] of Object.entries(counts)) {
    const key = codes.split(' ').filter((_, i) => columns.includes(COLUMNS[i] ?? ''));
    let keys: string[][] = [[]];
    for (const code of key) keys = keys.flatMap((k) => [[...k, code], [...k, 'Total']]);
    for (const k of keys) sums.set(k.join(' '), (sums.get(k.join(' ')) ?? 0) + n);
  }
  const absent = withheld.filter((w) => !sums.has(w));
  if (absent.length > 0) throw new RangeError(`no cell ${absent.join()}`);
  const rows = [...sums].map(([codes, freq]): ListedCell => ({ key: codes.split(' '), freq, status: !withheld.includes(codes) ? 'published' : freq < 3 ? 'primary' : 'secondary' }));
  return { columns, rows, ...more };
}

/** As a file holds it that was published: no truth. */
const asPublished = (list: ReleasedList): ReleasedList => ({ ...list, rows: list.rows.map(({ key, status, freq }) => ({ key, status, published: status === 'published' ? freq ?? null : null })) });

const caseOf = ({ knowledge, size, nameOf }: ReaderKnowledge): GateCase => {
  const cells = Array.from({ length: size }, (_, cell) => cell);
  return {
    size, relations: knowledge.relations.map(({ total, parts }) => ({ total, parts: [...parts] })), value: cells.map((c) => knowledge.value[c] ?? 0), printed: cells.map((c) => knowledge.printed(c)), primary: [],
    lower: cells.map((c) => knowledge.lower[c] ?? 0), upper: cells.map((c) => (knowledge.upper[c] === Infinity ? null : knowledge.upper[c] ?? null)), integer: true, labels: cells.map(nameOf),
  };
};

/** Every interval that the attacker derives, and the ranges over all tables. */
async function bothRanges(reader: ReaderKnowledge): Promise<{ derived: [string, number, number][]; counted: [string, number, number][] }> {
  const open = Array.from({ length: reader.size }, (_, cell) => cell).filter((cell) => !reader.knowledge.printed(cell));
  const { intervals } = await audit(reader.knowledge, { required: new Map(), cells: open });
  const { lo, hi } = enumeratedRanges(caseOf(reader));
  return {
    // Never -0.
    derived: intervals.map(({ cell, lower, upper }): [string, number, number] => [reader.nameOf(cell), lower + 0, upper + 0]).sort(),
    counted: open.map((cell): [string, number, number] => [reader.nameOf(cell), lo[cell] ?? 0, hi[cell] ?? 0]).sort(),
  };
}

const brokenIn = async (lists: readonly ReleasedList[], options: ReaderOptions & { contributors?: boolean } = {}, spec: ProtectionSpec = SPEC): Promise<string[]> => {
  const [first, ...earlier] = lists;
  return [...(await auditCells(first as ReleasedList, spec, earlier, options)).broken].sort();
};

describe('lists of other shapes', () => {
  const counts: Counts = { 'north phone f': 1, 'north phone m': 4, 'north tablet f': 5, 'north tablet m': 6, 'south phone f': 7, 'south phone m': 8, 'south tablet f': 3, 'south tablet m': 9 };
  const box = ['north phone', 'north tablet', 'south phone', 'south tablet'].flatMap((at) => [`${at} f`, `${at} Total`]);
  const wide = listOf(counts, COLUMNS, box);
  const narrow = listOf(counts, ['area', 'kind']);

  test('a list with fewer columns prints a total that the judged list withholds, and a 1 falls', async () => {
    expect(await brokenIn([wide])).toEqual([]);
    expect(await brokenIn([wide, narrow])).toEqual(['north | phone | f: can be derived exactly']);
    expect(await brokenIn([wide, asPublished(narrow)])).toEqual(['north | phone | f: can be derived exactly']);
    expect(enumeratedRanges(caseOf(await readerKnowledge([wide], SPEC))).tables).toBeGreaterThan(1);
    expect(enumeratedRanges(caseOf(await readerKnowledge([wide, narrow], SPEC))).tables).toBe(1);
  });

  test('without intervals the verdict is the same, and only cells that are derived get one', async () => {
    const open = await auditCells(wide, SPEC, [], { intervals: false });
    expect(open.broken).toEqual([]);
    expect(open.certificate.intervals).toEqual([]);
    const known = await auditCells(wide, SPEC, [narrow], { intervals: false });
    expect(known.broken).toEqual((await auditCells(wide, SPEC, [narrow])).broken);
    expect(known.certificate.intervals).toMatchObject([{ cell: 'north | phone | f', lower: 1, upper: 1 }]);
  });

  test('the order of columns, of lists and of rows tells nothing', async () => {
    const turned: ReleasedList = { columns: ['kind', 'area'], rows: narrow.rows.map((row) => ({ ...row, key: row.key.toReversed() })).toReversed() };
    const other = listOf(counts, ['area', 'sex']);
    const ranges = async (...lists: ReleasedList[]): Promise<string[]> => (await bothRanges(await readerKnowledge(lists, SPEC))).derived.map(([name, lower, upper]) => `${name.split(' | ').sort().join(' ')} ${lower} ${upper}`).sort();
    expect(await ranges(other, wide, turned)).toEqual(await ranges(other, narrow, wide));
  });

  test('cells that no list shows hold margins together: the derived interval contains every table, and the margins alone say less', async () => {
    const margins = [['area', 'kind'], ['area', 'sex'], ['kind', 'sex']].map((columns, i) => listOf(counts, columns, i === 0 ? ['north phone', 'north tablet', 'south phone', 'south tablet'] : []));
    const [loose, tight] = [await readerKnowledge(margins, SPEC, { mostHidden: 0 }), await readerKnowledge(margins, SPEC)];
    expect(tight.size).toBeGreaterThan(loose.size);
    const { derived, counted } = await bothRanges(tight);
    for (const [i, [name, lower, upper]] of derived.entries()) {
      expect(name).toBe(counted[i]?.[0]);
      expect(lower).toBeLessThanOrEqual(counted[i]?.[1] ?? -1);
      expect(upper).toBeGreaterThanOrEqual(counted[i]?.[2] ?? Infinity);
    }
  });

  test('other codes of the same column: five-year ages beside ten-year ages give the age that neither list shows', async () => {
    const spec: ProtectionSpec = { ...SPEC, dimensions: [{ column: 'age', sums: [{ total: 'Total', parts: ['0-9', '10-19'] }, { total: '0-9', parts: ['0-4', '5-9'] }, { total: '10-19', parts: ['10-14', '15-19'] }] }] };
    const cell = (key: string, freq: number, status: ListedCell['status'] = 'published'): ListedCell => ({ key: [key], freq, status });
    const tens: ReleasedList = { columns: ['age'], rows: [cell('Total', 30), cell('0-9', 11), cell('10-19', 19)] };
    const fives: ReleasedList = { columns: ['age'], rows: [cell('Total', 30), cell('0-4', 2, 'primary'), cell('5-9', 9), cell('10-14', 12, 'secondary'), cell('15-19', 7)] };
    expect(await brokenIn([fives], {}, spec)).toEqual(expect.not.arrayContaining(['Total: can be derived exactly']));
    expect(await brokenIn([fives, asPublished(tens)], {}, spec)).toEqual(['0-4: can be derived exactly']);
    expect(enumeratedRanges(caseOf(await readerKnowledge([fives, asPublished(tens)], spec))).tables).toBe(1);
  });

  test('what a list leaves out is empty in every other', async () => {
    const withZero: Counts = { 'north phone f': 0, 'north tablet f': 4, 'south phone f': 5, 'south tablet f': 6 };
    const spec: ProtectionSpec = { ...SPEC, rules: { minFrequency: { threshold: 3, zeros: 'protected' } } };
    const inner = ['north phone', 'north tablet', 'south phone', 'south tablet'];
    const list = listOf(withZero, ['area', 'kind'], inner);
    expect(await brokenIn([list], {}, spec)).toEqual([]);
    const sparse: ReleasedList = { ...list, rows: list.rows.filter((row) => row.freq !== 0).map((row) => (row.key.join(' ') === 'south tablet' ? { ...row, status: 'secondary' } : row)) };
    expect(await brokenIn([list, sparse], {}, spec)).toEqual(['north | phone: can be derived exactly']);
  });

  test('lists that differ on a cell are refused with its address and no number', async () => {
    const now = listOf({ 'north phone f': 41, 'south phone f': 52 }, ['area']);
    const other = listOf({ 'north phone f': 40, 'south phone f': 53 }, ['area']);
    const refused = await auditCells(now, SPEC, [other]).then(() => '', (error: unknown) => String(error));
    expect(refused).toMatch(/LISTS_DIFFER/);
    expect(refused).not.toMatch(/4[01]|5[23]/);
  });

  test('a column that nobody explains is refused', async () => {
    const now = listOf({ 'north phone f': 41, 'south phone f': 52 }, ['area']);
    const strange: ReleasedList = { columns: ['court'], rows: [{ key: ['one'], freq: 93, status: 'published' }] };
    await expect(auditCells(now, SPEC, [strange])).rejects.toThrow(/COLUMN_UNKNOWN/);
  });
});

describe('rounded lists', () => {
  const counts: Counts = { 'north phone f': 1, 'north tablet f': 5, 'south phone f': 4, 'south tablet f': 8 };
  const rounded = (list: ReleasedList, shown: Readonly<Record<string, number>>): ReleasedList => ({ ...list, rows: list.rows.map(({ key, freq }) => ({ key, ...(freq === undefined ? {} : { freq }), status: 'rounded', published: shown[key.join(' ')] ?? -1 })) });
  const shown = { 'north phone': 0, 'north tablet': 6, 'south phone': 3, 'south tablet': 9, 'north Total': 6, 'south Total': 12, 'Total phone': 6, 'Total tablet': 12, 'Total Total': 18 };
  const spec: ProtectionSpec = { ...SPEC, method: 'round-base-3' };

  test('a rounded number r of base 3 says r - 2 to r + 2, never below 0, and sums do the rest', async () => {
    const list = rounded(listOf(counts, ['area', 'kind']), shown);
    const reader = await readerKnowledge([list], spec);
    const { derived, counted } = await bothRanges(reader);
    expect(derived).toEqual(counted);
    expect(await brokenIn([list], {}, spec)).toEqual([]);
  });

  test('five twos rounded down under a total rounded up are known', async () => {
    const twos: Counts = Object.fromEntries(['north', 'south', 'west', 'east', 'mid'].map((area) => [`${area} phone f`, 2]));
    const list = rounded(listOf(twos, ['area']), { north: 0, south: 0, west: 0, east: 0, mid: 0, Total: 12 });
    const { derived, counted } = await bothRanges(await readerKnowledge([list], spec));
    expect(derived).toEqual(counted);
    expect(await brokenIn([list], {}, spec)).toEqual(['east', 'mid', 'north', 'south', 'west'].map((area) => `${area}: can be derived exactly`));
    const lucky = rounded(listOf(twos, ['area']), { north: 0, south: 3, west: 3, east: 0, mid: 3, Total: 9 });
    expect(await brokenIn([lucky], {}, spec)).toEqual([]);
  });

  test('an earlier rounded list bounds what the judged list withholds; its base must be said', async () => {
    const list = listOf(counts, ['area', 'kind'], ['north phone', 'north tablet', 'south phone', 'south tablet']);
    const earlier = rounded(listOf(counts, ['area', 'kind']), { ...shown, 'north tablet': 6 });
    await expect(auditCells(list, SPEC, [earlier])).rejects.toThrow(/ROUNDING_UNKNOWN/);
    const based: ProtectionSpec = { ...SPEC, base: 3 };
    const alone = (await bothRanges(await readerKnowledge([list], based))).derived;
    const { derived, counted } = await bothRanges(await readerKnowledge([list, earlier], based));
    expect(derived).toEqual(counted);
    expect(derived.find(([name]) => name === 'north | phone')).toEqual(['north | phone', 1, 2]);
    expect(alone.find(([name]) => name === 'north | phone')).toEqual(['north | phone', 1, 4]);
  });
});

describe('editions', () => {
  const before: Counts = { 'north phone f': 5, 'north tablet f': 6, 'south phone f': 7, 'south tablet f': 8 };
  const after: Counts = { ...before, 'north phone f': 6, 'south tablet f': 20 };
  const old = (withheld: readonly string[] = []): ReleasedList => listOf(before, ['area', 'kind'], withheld, { edition: '2023' });
  const inner = ['north phone', 'north tablet', 'south phone', 'south tablet'];

  test('both editions printed give one person who came in between exactly', async () => {
    expect(await brokenIn([listOf(after, ['area', 'kind'])])).toEqual([]);
    expect(await brokenIn([listOf(after, ['area', 'kind']), old()])).toEqual(['north | Total: what came since 2023: can be derived exactly', 'Total | phone: what came since 2023: can be derived exactly', 'north | phone: what came since 2023: can be derived exactly'].sort());
  });

  test('where records are only added a difference is bounded by those of its margins, as all tables say', async () => {
    const lists = [listOf(after, ['area', 'kind'], inner), old(inner)];
    const { derived, counted } = await bothRanges(await readerKnowledge(lists, SPEC, { addedOnly: true }));
    expect(derived).toEqual(counted);
    // Of 1 that came to the north, 0 or 1 are phones.
    expect(derived.find(([name]) => name.startsWith('north | phone: what came'))).toEqual(['north | phone: what came since 2023', 0, 1]);
    const corrected = (await bothRanges(await readerKnowledge(lists, SPEC))).derived;
    expect(corrected.find(([name]) => name.startsWith('north | phone: what came'))?.[2]).toBeGreaterThan(1);
  });

  test('where nothing was added a cell printed in one edition is printed in both: two patterns safe alone are not safe together', async () => {
    const then: Counts = { 'north phone f': 1, 'north tablet f': 6, 'north watch f': 5, 'south phone f': 7, 'south tablet f': 8, 'south watch f': 9 };
    const now: Counts = { ...then, 'south phone f': 17, 'south tablet f': 28, 'south watch f': 39 };
    const first = listOf(then, ['area', 'kind'], inner, { edition: '2023' });
    const second = listOf(now, ['area', 'kind'], ['north phone', 'north watch', 'south phone', 'south watch']);
    for (const alone of [first, second]) expect(await brokenIn([alone])).toEqual([]);
    expect(await brokenIn([second, first], { addedOnly: true })).toEqual(['north | phone (2023): can be derived exactly', 'north | phone: can be derived exactly']);
    const reader = await readerKnowledge([second, first], SPEC, { addedOnly: true });
    const { derived, counted } = await bothRanges(reader);
    expect(derived).toEqual(counted);
    expect(await brokenIn([second, first])).toEqual([]);
  });

  test('an empty cell of the edition before counts as zero', async () => {
    const none: Counts = { 'north phone f': 5, 'north tablet f': 6, 'south phone f': 7 };
    const one: Counts = { ...none, 'south tablet f': 1 };
    const withheld = ['north phone', 'north tablet', 'south phone', 'south tablet'];
    const then = listOf(none, ['area', 'kind'], [], { edition: '2023' });
    expect(await brokenIn([listOf(one, ['area', 'kind'], withheld)])).toEqual([]);
    expect(await brokenIn([listOf(one, ['area', 'kind'], withheld), then], { addedOnly: true })).toContain('south | tablet: can be derived exactly');
  });
});

describe('regions that overlap', () => {
  const dimension = { column: 'region', sums: [{ total: 'Total', parts: ['A', 'B', 'C'] }, { total: 'A or B', parts: ['A', 'B'] }, { total: 'B or C', parts: ['B', 'C'] }] };
  const spec: ProtectionSpec = { ...SPEC, dimensions: [dimension, { column: 'kind', total: 'Total' }] };
  /** phone, tablet for A, B, C. */
  const parts = { A: [7, 9], B: [1, 12], C: [8, 10] };
  const of = (...regions: (keyof typeof parts)[]): number[] => [0, 1].map((k) => regions.reduce((sum, r) => sum + (parts[r][k] ?? 0), 0));
  const list = (regions: Readonly<Record<string, number[]>>): ReleasedList => ({
    columns: ['region', 'kind'],
    rows: Object.entries(regions).flatMap(([region, [phone = 0, tablet = 0]]) => [['phone', phone], ['tablet', tablet], ['Total', phone + tablet]].map(([kind, freq]): ListedCell => ({ key: [region, String(kind)], freq: Number(freq), status: 'published' }))),
  });
  const all = list({ Total: of('A', 'B', 'C') });

  test('A or B beside B or C and the total gives B, which no list shows', async () => {
    const [left, right] = [list({ 'A or B': of('A', 'B') }), list({ 'B or C': of('B', 'C') })];
    expect(await brokenIn([left], {}, spec)).toEqual([]);
    expect(await brokenIn([right, left], {}, spec)).toEqual([]);
    expect(await brokenIn([right, left, all], {}, spec)).toEqual(['B | phone: can be derived exactly']);
    expect(await brokenIn([right, asPublished(left), asPublished(all)], {}, spec)).toEqual(['B | phone: can be derived exactly']);
    const reader = await readerKnowledge([right, asPublished(left), asPublished(all)], spec);
    const { derived, counted } = await bothRanges(reader);
    expect(derived).toEqual(counted);
  });

  test('a subset beside the whole gives its complement', async () => {
    const subset = list({ A: of('A'), C: of('C') });
    expect(await brokenIn([subset], {}, spec)).toEqual([]);
    expect(await brokenIn([subset, all], {}, spec)).toEqual(['B | phone: can be derived exactly']);
  });
});

describe('a contributor who knows their own figures', () => {
  const counts: Counts = { 'north phone f': 1, 'north tablet f': 1, 'south phone f': 8, 'south tablet f': 9, 'west phone f': 7, 'west tablet f': 6 };
  const withheld = ['north phone', 'north tablet', 'south phone', 'south tablet'];

  test('the only phone in the north knows the only tablet there: named by number, and only as an insider', async () => {
    const list = listOf({ ...counts, 'north phone f': 1, 'north tablet f': 1 }, ['area', 'kind'], [...withheld, 'north Total', 'south Total']);
    expect(await brokenIn([list])).toEqual([]);
    const found = await brokenIn([list], { contributors: true });
    expect(found).toEqual(await insidersBy(list));
  });

  test('of random tables with random patterns the same contributors break the same cells as in the judge of the gate', async () => {
    let broken = 0;
    await fc.assert(fc.asyncProperty(fc.array(fc.nat(3), { minLength: 9, maxLength: 9 }), fc.array(fc.boolean(), { minLength: 16, maxLength: 16 }), async (numbers, hide) => {
      const finest = ['north', 'south', 'west'].flatMap((area) => ['phone', 'tablet', 'watch'].map((kind) => `${area} ${kind} f`));
      const table: Counts = Object.fromEntries(finest.map((at, i) => [at, numbers[i] ?? 0]));
      const open = listOf(table, ['area', 'kind']);
      const pattern = open.rows.flatMap((row, i) => (row.freq !== 0 && ((row.freq ?? 0) < 3 || hide[i] === true) ? [row.key.join(' ')] : []));
      const list = listOf(table, ['area', 'kind'], pattern);
      const outside = await brokenIn([list]);
      const inside = await brokenIn([list], { contributors: true });
      const gate = await insidersBy(list);
      expect(inside.filter((b) => b.includes('contributor'))).toEqual(gate.filter((b) => !outside.some((o) => o.split(':')[0] === b.split(':')[0])));
      broken += gate.length;
    }), { seed: SEED, numRuns: 60 });
    expect(broken).toBeGreaterThan(20);
  });

  test('amounts: the second largest must not estimate the largest within the percentage', async () => {
    // One withheld pair: 100 of contributor 0 and 60 of contributor 1 in the first cell, 50 of contributor 2 in the second; the sum is printed.
    const value = Float64Array.of(160, 50, 210);
    const knowledge = { relations: [{ total: 2, parts: Int32Array.of(0, 1) }], value, printed: (cell: number): boolean => cell === 2, lower: new Float64Array(3), upper: new Float64Array(3).fill(Infinity), whole: false };
    const parts = carriedUp(knowledge.relations, [{ contributor: 0, cell: 0, amount: 100 }, { contributor: 1, cell: 0, amount: 60 }, { contributor: 2, cell: 1, amount: 50 }]);
    const { findings } = await attackByContributors(knowledge, { parts, required: [0, 1], percent: 10 });
    expect(findings).toEqual([{ contributor: 2, cell: 0, how: 'exact' }]);
    // The largest knows 100 of at most 165: the other has at most 65, which is within 10 % of 60.
    const close = await attackByContributors({ ...knowledge, upper: Float64Array.of(165, 300, 300) }, { parts, required: [0, 1], percent: 10 });
    expect(close.findings).toEqual([{ contributor: 0, cell: 0, how: 'estimate' }, { contributor: 2, cell: 0, how: 'exact' }]);
  });
});

/** Tables of 3 × 3, what of them is withheld, and one cell that an earlier list prints. */
const drawn = fc.record({ numbers: fc.array(fc.nat(4), { minLength: 9, maxLength: 9 }), hide: fc.array(fc.boolean(), { minLength: 16, maxLength: 16 }), more: fc.nat(15) }).map(({ numbers, hide, more }) => {
  const finest = ['north', 'south', 'west'].flatMap((area) => ['phone', 'tablet', 'watch'].map((kind) => `${area} ${kind} f`));
  const counts: Counts = Object.fromEntries(finest.map((at, i) => [at, numbers[i] ?? 0]));
  const open = listOf(counts, ['area', 'kind']);
  const withheld = open.rows.filter((row, i) => row.freq !== 0 && row.key.join(' ') !== 'Total Total' && hide[i] === true).map((row) => row.key.join(' '));
  return { counts, list: listOf(counts, ['area', 'kind'], withheld), one: open.rows[more] as ListedCell };
});

describe('of any table and pattern', () => {
  test('the derived intervals are those of all tables, one by one', async () => {
    await fc.assert(fc.asyncProperty(drawn, async ({ list }) => {
      const { derived, counted } = await bothRanges(await readerKnowledge([list], SPEC));
      expect(derived).toEqual(counted);
    }), { seed: SEED, numRuns: 40 });
  });

  test('a number that an earlier list printed never widens an interval', async () => {
    await fc.assert(fc.asyncProperty(drawn, async ({ list, one }) => {
      const earlier: ReleasedList = { columns: ['kind', 'area'], rows: [{ key: one.key.toReversed(), status: 'published', published: one.freq ?? 0 }] };
      const [less, more] = [await bothRanges(await readerKnowledge([list], SPEC)), await bothRanges(await readerKnowledge([list, earlier], SPEC))];
      expect(more.derived).toEqual(more.counted);
      const before = new Map(less.derived.map(([name, lower, upper]) => [name, { lower, upper }]));
      for (const [name, lower, upper] of more.derived) {
        expect(lower).toBeGreaterThanOrEqual(before.get(name)?.lower ?? Infinity);
        expect(upper).toBeLessThanOrEqual(before.get(name)?.upper ?? -Infinity);
      }
    }), { seed: SEED, numRuns: 40 });
  });

  test('other names of codes, another order of rows and columns, and a level that stands twice change nothing', async () => {
    const ranges = async (list: ReleasedList, spec = SPEC): Promise<string[]> => (await bothRanges(await readerKnowledge([list], spec))).derived.map(([name, lower, upper]) => `${name.split(' | ').sort().join(' ')} ${lower} ${upper}`).sort();
    await fc.assert(fc.asyncProperty(drawn, async ({ list }) => {
      const as = (code: string): string => (code === 'Total' ? code : `x${code}`);
      const renamed: ReleasedList = { columns: ['kind', 'area'], rows: list.rows.map((row) => ({ ...row, key: row.key.map(as).toReversed() })).toReversed() };
      const before = await ranges(list);
      expect((await ranges(renamed)).map((line) => line.replaceAll(/\bx/g, ''))).toEqual(before);
      // Each kind is a group of one as well.
      const twice: ReleasedList = { ...list, rows: list.rows.flatMap((row) => [row, ...(row.key[1] === 'watch' ? [{ ...row, key: [row.key[0] ?? '', 'wearable'] }] : [])]) };
      const kinds = { column: 'kind', sums: [{ total: 'Total', parts: ['phone', 'tablet', 'wearable'] }, { total: 'wearable', parts: ['watch'] }] };
      const levels = await ranges(twice, { ...SPEC, dimensions: [{ column: 'area', total: 'Total' }, kinds] });
      expect(levels.filter((line) => !line.includes('wearable'))).toEqual(before);
    }), { seed: SEED, numRuns: 30 });
  });
});

/** What the gate's insiders find, in the words of the audit: first finder of each cell. */
async function insidersBy(list: ReleasedList): Promise<string[]> {
  const reader = await readerKnowledge([list], SPEC);
  const gateCase = caseOf(reader);
  const totals = new Set(gateCase.relations.map((r) => r.total));
  const singles = list.rows.flatMap((row, r) => (row.freq === 1 && !totals.has(reader.cellOf(0, r)) ? [reader.cellOf(0, r)] : []));
  const name = (i: number): string => String(i).padStart(3, '0');
  const contributions = gateCase.value.flatMap((v, cell) => {
    if (totals.has(cell) || v === 0) return [];
    const own = singles.indexOf(cell);
    return own === -1 ? [{ cell, contributor: `others ${cell} 1`, amount: 1 }, { cell, contributor: `others ${cell} 2`, amount: v - 1 }] : [{ cell, contributor: name(own), amount: 1 }];
  });
  const primary = list.rows.flatMap((row, r) => (row.freq !== undefined && row.freq > 0 && row.freq < 3 && !reader.knowledge.printed(reader.cellOf(0, r)) ? [reader.cellOf(0, r)] : []));
  const findings = await insiderKnown({ ...gateCase, primary, contributions }, { contributors: singles.map((_, i) => name(i)) });
  const first = new Map(findings.toReversed().map((f) => [f.cell, f.contributor]));
  return [...first].map(([cell, who]) => `${reader.nameOf(cell)}: can be derived by contributor ${Number(who)}`).sort();
}
