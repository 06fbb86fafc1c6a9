/**
 * The gate is right: its attackers agree with enumeration and with exact fractions on small tables, and every check fails
 * where it must. No table here is anybody's data.
 */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { caseOf, relationsOf } from './gate/cell-list.ts';
import { personsOf, sharesOf, upperLevel } from './gate/contributors.ts';
import { enumeratedRanges, TooManyTables } from './gate/enumerate.ts';
import { exactlyKnown } from './gate/exact-attack.ts';
import { gate } from './gate/gate.ts';
import { assertCase, componentsOf, GateCaseError, partOf } from './gate/gate-case.ts';
import type { GateCase } from './gate/gate-case.ts';
import { insiderKnown } from './gate/insider-attack.ts';
import { integerKnown } from './gate/integer-attack.ts';
import { IntervalAttack } from './gate/interval-attack.ts';
import { variantsOf } from './gate/metamorphic.ts';
import { printing, protectedBy, secondariesOf } from './gate/minimality.ts';
import { knownByRank } from './gate/rank-attack.ts';
import { knownInFractions } from './gate/rational-span.ts';
import { baseSpread, cellKeySpread, gateRounded, roundedCase } from './gate/rounding-attack.ts';
import { cellOf, crossedCase, flatTable, randomCases } from './gate/small-tables.ts';
import { columnsDimension, crossing } from './gate/table-description.ts';
import type { TableDescription } from './gate/table-description.ts';

const SEED = { seed: 20_231_106 };
const open = (c: GateCase): number[] => c.printed.flatMap((p, i) => (p ? [] : [i]));
const names = (c: GateCase, cells: Iterable<number>): string[] => [...cells].map((i) => c.labels?.[i] ?? '').sort();

async function intervalOf(c: GateCase, name: string): Promise<[number, number]> {
  const attack = await IntervalAttack.on(c);
  try {
    const { lo, hi } = attack.interval(cellOf(c, name));
    return [lo, hi];
  } finally {
    attack.dispose();
  }
}

/** 3 × 3 with two cells hidden in each of two rows and columns. */
const SQUARE = flatTable([3, 3], [1, 5, 9, 4, 2, 8, 7, 6, 3]);
const RING = { primary: ['a1|b1', 'a2|b2'], secondary: ['a1|b2', 'a2|b1'] };

describe('a case', () => {
  const sound = crossedCase(SQUARE, RING.primary, RING.secondary);

  test.each<[string, Partial<GateCase>]>([
    ['parts that do not add', { value: sound.value.with(cellOf(sound, 'a3|b3'), 99) }],
    ['a bound that excludes the truth', { lower: sound.lower.map(() => 2) }],
    ['a primary cell that is printed', { printed: sound.printed.map(() => true) }],
    ['a fraction among whole numbers', { value: sound.value.map((v) => v / 2) }],
    ['a relation that names a cell twice', { relations: [...sound.relations, { total: 0, parts: [0] }] }],
    ['a cell that does not exist', { relations: [{ total: 99, parts: [0] }] }],
  ])('%s is refused', async (_, change) => {
    expect(() => { assertCase(sound); }).not.toThrow();
    await expect(gate({ ...sound, ...change })).rejects.toThrow(GateCaseError);
  });

  test('falls into components that share no sum, and a component is a case of its own with the same answers', async () => {
    const both = crossedCase(flatTable([4, 4], [1, 2, 9, 9, 2, 1, 9, 9, 9, 9, 1, 2, 9, 9, 2, 1]), ['a1|b1', 'a3|b3'], ['a1|b2', 'a2|b1', 'a2|b2', 'a3|b4', 'a4|b3', 'a4|b4'], { lower: 1 });
    const components = componentsOf(both);
    expect(components.map((c) => names(both, c.cells))).toEqual([['a1|b1', 'a1|b2', 'a2|b1', 'a2|b2'], ['a3|b3', 'a3|b4', 'a4|b3', 'a4|b4']]);
    for (const component of components) {
      const part = partOf(both, component);
      assertCase(part);
      expect(names(part, await exactlyKnown(part))).toEqual([]);
      const ranges = enumeratedRanges(part);
      const whole = enumeratedRanges(both);
      expect(component.cells.map((c) => whole.hi[c])).toEqual(component.cells.map((_, i) => ranges.hi[i]));
    }
  });
});

describe('the attackers agree with the judges', () => {
  test('rank, modulo two primes, with elimination in exact fractions', () => {
    fc.assert(fc.property(randomCases([[2, 2], [2, 3], [3, 3], [2, 2, 2], [2, 2, 3]]), (c) => {
      expect([...knownByRank(c)].sort((a, b) => a - b)).toEqual([...knownInFractions(c)].sort((a, b) => a - b));
    }), { ...SEED, numRuns: 300 });
  });

  /** Judges one random case by enumeration; the number of cells that only whole numbers give away. */
  async function judge(c: GateCase, flat: boolean): Promise<void> {
    let truth: ReturnType<typeof enumeratedRanges>;
    try {
      truth = enumeratedRanges(c, 5_000);
    } catch (error) {
      if (error instanceof TooManyTables) return;
      throw error;
    }
    const fixed = open(c).filter((i) => truth.lo[i] === truth.hi[i]);
    const exact = await exactlyKnown(c);
    for (const i of knownByRank(c)) expect(exact.has(i)).toBe(true);
    for (const i of exact) expect(fixed).toContain(i);
    expect(await integerKnown(c, open(c))).toEqual({ known: fixed, undecided: [] });
    const attack = await IntervalAttack.on(c);
    try {
      for (const i of open(c)) {
        const { lo, hi } = attack.interval(i);
        expect(hi - lo < 1e-6).toBe(exact.has(i));
        expect(lo).toBeLessThanOrEqual((truth.lo[i] ?? 0) + 1e-6);
        expect(hi).toBeGreaterThanOrEqual((truth.hi[i] ?? 0) - 1e-6);
        if (!flat) continue;
        // Two dimensions are a network: the corners of what fits are whole numbers.
        expect(lo).toBeCloseTo(truth.lo[i] ?? 0, 6);
        expect(hi).toBeCloseTo(truth.hi[i] ?? 0, 6);
      }
    } finally {
      attack.dispose();
    }
  }

  test('bounds and whole numbers with enumeration, two dimensions: intervals are those of the tables, cell for cell', async () => {
    await fc.assert(fc.asyncProperty(randomCases([[2, 2], [2, 3], [3, 3]]), (c) => judge(c, true)), { ...SEED, numRuns: 80 });
  });

  test('bounds and whole numbers with enumeration, three dimensions: whole numbers give away exactly what enumeration does', async () => {
    await fc.assert(fc.asyncProperty(randomCases([[2, 2, 2], [2, 2, 3], [2, 3, 3]], 2), (c) => judge(c, false)), { ...SEED, numRuns: 60 });
    await fc.assert(fc.asyncProperty(randomCases([[3, 3, 3]], 1), (c) => judge(c, false)), { ...SEED, numRuns: 20 });
  });

  test('the audit of Geurts (SDC handbook, chapter 4): 3..6, 1..4, 0..3, 0..3', async () => {
    const c = crossedCase(flatTable([3, 2], [5, 2, 1, 2, 3, 3]), ['a1|b1'], ['a1|b2', 'a2|b1', 'a2|b2']);
    expect(await intervalOf(c, 'a1|b1')).toEqual([3, 6]);
    expect(await intervalOf(c, 'a1|b2')).toEqual([1, 4]);
    expect(await intervalOf(c, 'a2|b1')).toEqual([0, 3]);
    expect(await intervalOf(c, 'a2|b2')).toEqual([0, 3]);
  });

  test('a cell that nothing bounds has an interval without end', async () => {
    const all = crossing(SQUARE).map((cell) => cell.key.join('|'));
    const c = crossedCase(SQUARE, ['a1|b1'], all.filter((n) => n !== 'a1|b1' && n !== 'a3|b3' && n !== 'a1|b2'));
    expect(await intervalOf(c, 'a1|b1')).toEqual([0, Infinity]);
    expect(await intervalOf(c, 'a1|Total')).toEqual([5, Infinity]);
  });
});

describe('each check fails where it must', () => {
  test('A: a single hidden cell, and one in a chain of sums', async () => {
    const single = crossedCase(SQUARE, ['a1|b1'], []);
    expect(await gate(single, { checks: ['A'] })).toEqual([{ check: 'A', cell: cellOf(single, 'a1|b1'), label: 'a1|b1', why: 'sums of printed cells give it' }]);
    const chain = crossedCase(SQUARE, ['a1|b1'], ['a1|b2', 'a2|b1', 'Total|b1', 'Total|b2', 'Total|b3']);
    expect(await gate(chain)).toEqual([]);
    expect((await gate(printing(chain, cellOf(chain, 'a2|b1')), { checks: ['A'] })).map((v) => v.check)).toEqual([]);
    expect((await gate(printing(chain, cellOf(chain, 'a1|b2')), { checks: ['A'] })).map((v) => v.label)).toEqual(['a1|b1']);
  });

  test('B: three ones that add to a printed three are safe at x ≥ 0 and known when zeros are printed', async () => {
    const table = flatTable([2, 3], [1, 1, 1, 4, 5, 6]);
    const pattern = [['a1|b1', 'a1|b2', 'a1|b3'], ['a2|b1', 'a2|b2', 'a2|b3']] as const;
    expect(await gate(crossedCase(table, ...pattern, { lower: 0 }))).toEqual([]);
    const known = await gate(crossedCase(table, ...pattern, { lower: 1 }), { checks: ['A', 'B'], integerSeconds: 0 });
    expect(known.map((v) => [v.check, v.label, v.why])).toEqual(['a1|b1', 'a1|b2', 'a1|b3'].map((n) => ['B', n, 'no other value fits']));
  });

  test('B: different marks for primary and secondary give twos away that equal marks protect', async () => {
    const table = flatTable([2, 2], [2, 7, 7, 2]);
    const pattern = [['a1|b1', 'a2|b2'], ['a1|b2', 'a2|b1']] as const;
    expect(await gate(crossedCase(table, ...pattern, { lower: 1 }))).toEqual([]);
    expect(await gate(crossedCase(table, ...pattern, { lower: 2, upperOfPrimary: 2 }), { integerSeconds: 0 })).toHaveLength(2);
  });

  test('B: whole numbers give away what fractions leave open', async () => {
    // x + y = 1, x + z = 1, y + z + w = 1: fractions leave x in [1/2, 1], whole numbers leave 1.
    const c: GateCase = {
      size: 7, relations: [{ total: 4, parts: [0, 1] }, { total: 5, parts: [0, 2] }, { total: 6, parts: [1, 2, 3] }],
      value: [1, 0, 0, 1, 1, 1, 1], printed: [false, false, false, false, true, true, true], primary: [0],
      lower: new Array<number>(7).fill(0), upper: new Array<null>(7).fill(null), integer: true,
    };
    expect((await exactlyKnown(c)).size).toBe(0);
    expect((await gate(c)).map((v) => [v.check, v.cell, v.why])).toEqual([['B', 0, 'no other whole number fits']]);
    expect(await gate({ ...c, integer: false })).toEqual([]);
    expect((await gate(c, { integerSeconds: 1e-9 })).map((v) => v.why)).toEqual(['undecided in the time given']);
  });

  test('B: whole numbers that can only move by two are found, and a fraction between them is no table', async () => {
    // x + y = 1, y + z = 1, x + z = t: t is 0 or 2, in fractions anything between.
    const even = (least: number): GateCase => ({
      size: 6, relations: [{ total: 4, parts: [0, 1] }, { total: 5, parts: [1, 2] }, { total: 3, parts: [0, 2] }],
      value: [1, 0, 1, 2, 1, 1], printed: [false, false, false, false, true, true], primary: [3],
      lower: [0, 0, 0, least, 0, 0], upper: new Array<null>(6).fill(null), integer: true,
    });
    expect(await gate(even(0))).toEqual([]);
    expect((await gate(even(1))).map((v) => [v.check, v.cell, v.why])).toEqual([['B', 3, 'no other whole number fits']]);
  });

  test('B: an interval narrower than asked', async () => {
    const c = crossedCase(flatTable([3, 2], [5, 2, 1, 2, 3, 3]), ['a1|b1'], ['a1|b2', 'a2|b1', 'a2|b2']);
    expect(await gate(c, { width: 3 })).toEqual([]);
    expect(await gate(c, { width: 4 })).toMatchObject([{ check: 'B', label: 'a1|b1', why: 'the interval is narrower than required', lo: 3, hi: 6 }]);
  });

  /** Turnover of firms: X alone in a1|b1, everybody else in company. */
  const FIRMS: TableDescription = {
    ...flatTable([2, 2], []),
    records: ([['a1', 'b1', 'X', 40], ['a1', 'b2', 'Y', 30], ['a1', 'b2', 'Z', 20], ['a2', 'b1', 'Y', 25], ['a2', 'b1', 'W', 35], ['a2', 'b2', 'Z', 15], ['a2', 'b2', 'V', 45]] as const)
      .map(([a, b, contributor, value]) => ({ codes: [a, b], freq: 1, value, contributor })),
  };
  function firms(primary: readonly string[], secondary: readonly string[], required: GateCase['required'] = []): GateCase {
    const cells = crossing(FIRMS);
    const keys = cells.map((c) => c.key);
    const is = (list: readonly string[]) => keys.map((k) => list.includes(k.join('|')));
    const contributions = cells.flatMap((c, cell) => (c.key.includes('Total') ? [] : [...c.shares].map(([contributor, amount]) => ({ cell, contributor, amount }))));
    const list = { dimensions: FIRMS.dimensions, keys, value: cells.map((c) => c.value), primary: is(primary), contributions, required };
    return caseOf(list, is([...primary, ...secondary]), { lower: 0, integer: false });
  }

  test('C: a firm alone in a cell of the ring knows the others, a reader does not', async () => {
    const c = firms(['a1|b1', 'a2|b2'], ['a1|b2', 'a2|b1']);
    expect(await gate(c, { checks: ['A', 'B', 'D'] })).toEqual([]);
    expect(await gate(c)).toMatchObject([{ check: 'C', label: 'a2|b2', contributor: 'X', why: 'a contributor knows it' }]);
    expect(await insiderKnown(c, { contributors: ['Y'] })).toEqual([]);
    // With the column's total hidden too, X is left with two unknowns.
    expect(await gate(firms(['a1|b1', 'a2|b2'], ['a1|b2', 'a2|b1', 'a1|Total', 'a2|Total', 'Total|b1', 'Total|b2']), { checks: ['C'] })).toEqual([]);
  });

  test('C: contributions are carried up the sums, a holding counts once', () => {
    const c = firms(['a1|b1'], ['Total|b2', 'Total|Total']);
    const shares = sharesOf(c);
    expect(Object.fromEntries(shares[cellOf(c, 'Total|Total')] ?? [])).toEqual({ X: 40, Y: 55, Z: 35, W: 35, V: 45 });
    expect(upperLevel(new Map([['p', 100], ['q', 30], ['r', 5]]), 10)).toBe(5);
  });

  test('C: of counts, a person counted alone knows the rest of the ring', async () => {
    const ring = crossedCase(SQUARE, RING.primary, RING.secondary);
    expect(await gate(ring)).toEqual([]);
    const verdicts = await gate({ ...ring, contributions: personsOf(ring) });
    expect(verdicts.map((v) => [v.check, v.label, v.contributor])).toEqual([['C', 'a2|b2', 'one in a1|b1']]);
  });

  test('C: with a percentage, a firm must not estimate the largest other one', async () => {
    const c = firms(['a1|b2'], ['a1|b1', 'a2|b1', 'a2|b2']);
    expect(await insiderKnown(c, { contributors: ['Z'], percent: 10 })).toEqual([]);
    // Z gave 20 of 50 and 15 of 60: the ring leaves a1|b2 at most 90, so Y at most 70.
    expect(await insiderKnown(c, { contributors: ['Z'], percent: 100 })).toEqual([]);
    expect(await insiderKnown(c, { contributors: ['Z'], percent: 150 })).toMatchObject([{ cell: cellOf(c, 'a1|b2'), contributor: 'Z', how: 'estimate' }]);
    // W gave 35 of the 60 in a2|b1, so a2|b2 is at most 85 for W, and V in it at most 85.
    const w = firms(['a2|b2'], ['a1|b1', 'a1|b2', 'a2|b1']);
    expect(await insiderKnown(w, { contributors: ['W'], percent: 88 })).toEqual([]);
    expect(await insiderKnown(w, { contributors: ['W'], percent: 90 })).toMatchObject([{ contributor: 'W', how: 'estimate' }]);
  });

  test('D: a bound that comes closer than the protection level', async () => {
    const ring = [['a1|b1'], ['a1|b2', 'a2|b1', 'a2|b2']] as const;
    const cell = cellOf(firms(...ring), 'a1|b1');
    // The ring leaves 0 to 90.
    expect(await gate(firms(...ring, [{ cell, up: 50, down: 40 }]), { checks: ['D'] })).toEqual([]);
    expect(await gate(firms(...ring, [{ cell, up: 51 }]), { checks: ['D'] })).toMatchObject([{ check: 'D', cell, why: 'the upper bound is too close', hi: 90 }]);
    expect(await gate(firms(...ring, [{ cell, up: 0, down: 41 }]), { checks: ['D'] })).toMatchObject([{ check: 'D', cell, why: 'the lower bound is too close', lo: 0 }]);
  });

  test('E: every secondary of a ring protects a named primary; one outside it protects nothing', async () => {
    const ring = crossedCase(SQUARE, RING.primary, RING.secondary);
    expect(await gate(ring, { checks: ['E'] })).toEqual([]);
    expect([...(await protectedBy(ring)).values()].every((p) => p !== null && ring.primary.includes(p))).toBe(true);
    const more = crossedCase(SQUARE, RING.primary, [...RING.secondary, 'a3|b3', 'a3|Total', 'Total|b3']);
    expect((await gate(more, { checks: ['E'] })).map((v) => v.label)).toEqual(['Total|b3', 'a3|Total', 'a3|b3']);
  });

  test('E: a secondary that only bounds need is minimal against bounds and not against sums', async () => {
    const table = flatTable([2, 3], [1, 1, 4, 4, 5, 6]);
    const c = crossedCase(table, ['a1|b1', 'a1|b2'], ['a1|b3', 'a2|b1', 'a2|b2', 'a2|b3'], { lower: 1 });
    expect(await gate(c, { checks: ['A', 'B', 'E'] })).toEqual([]);
    expect((await gate(c, { checks: ['E'], against: 'rank' })).map((v) => v.label)).toEqual(['a1|b3', 'a2|b3']);
  });

  test('E: a secondary that only a width needs is minimal with that width', async () => {
    const rows = crossedCase(flatTable([3, 3], [1, 2, 9, 4, 2, 8, 7, 6, 3]), ['a1|b1'], ['a1|b2', 'a1|b3', 'a2|b1', 'a2|b2', 'a2|b3']);
    expect((await gate(rows, { checks: ['E'] })).map((v) => v.label)).toEqual(['a1|b2', 'a1|b3', 'a2|b2', 'a2|b3']);
    // With b3 hidden the first cell lies in 0..5, without it in 0..3; b2 adds nothing to that.
    expect((await gate(rows, { checks: ['E'], width: 4 })).map((v) => v.label)).toEqual(['a1|b2', 'a2|b2']);
  });

  test('I: a minimal pattern that loses any one secondary fails the gate', async () => {
    const minimal = [crossedCase(SQUARE, RING.primary, RING.secondary), crossedCase(flatTable([2, 3], [1, 1, 4, 4, 5, 6]), ['a1|b1', 'a1|b2'], ['a1|b3', 'a2|b1', 'a2|b2', 'a2|b3'], { lower: 1 })];
    for (const c of minimal) {
      expect(await gate(c)).toEqual([]);
      expect(secondariesOf(c).length).toBeGreaterThan(0);
      for (const s of secondariesOf(c)) expect((await gate(printing(c, s), { first: true })).length).toBeGreaterThan(0);
    }
  });
});

describe('H: rounded tables under the same attackers', () => {
  const table = flatTable([2, 2], [1, 4, 7, 2]);
  const relations = relationsOf(table.dimensions, crossing(table).map((c) => c.key));
  const cells = crossing(table);
  const value = cells.map((c) => c.freq);
  const at = (name: string): number => cells.findIndex((c) => c.key.join('|') === name);
  const shownWith = (changes: Readonly<Record<string, number>>): number[] => cells.map((c) => changes[c.key.join('|')] ?? Math.round(c.freq / 3) * 3);

  test('what additivity leaves of rounded cells is what enumeration leaves', async () => {
    const shown = shownWith({});
    const c = roundedCase({ relations, value, shown, primary: [at('a1|b1')], labels: cells.map((x) => x.key.join('|')) }, baseSpread(3));
    const truth = enumeratedRanges(c);
    for (const cell of cells.keys()) expect(await intervalOf(c, cells[cell]?.key.join('|') ?? '')).toEqual([truth.lo[cell], truth.hi[cell]]);
    expect(await gateRounded({ relations, value, shown, primary: [at('a1|b1')] }, baseSpread(3), { width: 2 })).toEqual([]);
  });

  test('parts rounded down and a total rounded up give themselves away', async () => {
    const twos = flatTable([3], [2, 2, 2]);
    const keys = crossing(twos).map((c) => c.key);
    const rounded = { relations: relationsOf(twos.dimensions, keys), value: [6, 2, 2, 2], primary: [1, 2, 3] };
    // All parts at most 2, the total (6, 7 or 8 shown as 8 by some other base) at least 6.
    expect(await gateRounded({ ...rounded, shown: [8, 0, 0, 0] }, baseSpread(3), { integerSeconds: 0 })).toHaveLength(3);
    expect(await gateRounded({ ...rounded, shown: [6, 3, 3, 3] }, baseSpread(3))).toEqual([]);
  });

  test('a cell-key perturbation is judged by its greatest distance', async () => {
    const shown = value.map((v, i) => Math.max(0, v + (i % 2 === 0 ? 1 : -1)));
    expect(await gateRounded({ relations, value, shown, primary: [at('a1|b1'), at('a2|b2')] }, cellKeySpread(2), { width: 2 })).toEqual([]);
  });
});

describe('G: changes of a table that change nothing', () => {
  const base: TableDescription = {
    dimensions: [columnsDimension('place', [['p1', 'p2', 'p3', 'p4'], ['n', 'n', 's', 's']]), columnsDimension('kind', [['k1', 'k2', 'k3']])],
    records: ['p1', 'p2', 'p3', 'p4'].flatMap((p, i) => ['k1', 'k2', 'k3'].map((k, j) => ({ codes: [p, k], freq: [1, 4, 7, 5, 2, 8, 6, 9, 3, 1, 5, 2][3 * i + j] ?? 0 }))),
  };
  const cells = crossing(base);
  const value = new Map(cells.map((c) => [c.key.join('|'), c.freq]));
  // A ring that is hidden in every variant, with its images.
  const hidden = new Set(['p1|k1', 'p1|k2', 'p2|k1', 'p2|k2']);
  const all = variantsOf(base);

  test('there is a variant of every kind for every dimension', () => {
    expect(all.length).toBe(2 + 4 * base.dimensions.length);
  });

  test.each(all)('%s: every image has the value of its cell, and the verdict stays', async (_, { table, images }) => {
    const changed = new Map(crossing(table).map((c) => [c.key.join('|'), c.freq]));
    for (const { key, freq } of cells) for (const image of images(key)) expect(changed.get(image.join('|'))).toBe(freq);
    expect(value.size).toBe(cells.length);
    const image = (list: Iterable<string>): string[] => [...list].flatMap((text) => images(text.split('|')).map((k) => k.join('|')));
    const primary = image(['p1|k1']);
    const safe = crossedCase(table, primary, image(hidden).filter((n) => !primary.includes(n)), { lower: 0 });
    expect(await gate(safe)).toEqual([]);
    const bare = crossedCase(table, primary, image(['p1|k2', 'p2|k1']).filter((n) => !primary.includes(n)), { lower: 0 });
    expect((await gate(bare, { checks: ['A'] })).map((v) => v.label).sort()).toEqual(primary.toSorted());
  });
});
