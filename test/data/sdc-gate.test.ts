/**
 * The gate on the case files of `../shared/cases/sdc`, read in place: the patterns of other systems give exactly the attack
 * counts that the files' README states, known answers come out, and what public threads call unsafe is broken.
 * `WEIGHBRIDGE_LONG=1` adds the checks that take minutes.
 */
import { readdirSync } from 'node:fs';
import { expect, test } from 'vitest';
import { CASES, readS1, readS4, readWays } from '../../packages/protect/test/gate/case-files.ts';
import type { PatternList } from '../../packages/protect/test/gate/case-files.ts';
import { caseOf, relationsOf } from '../../packages/protect/test/gate/cell-list.ts';
import type { Knowledge } from '../../packages/protect/test/gate/cell-list.ts';
import { personsOf } from '../../packages/protect/test/gate/contributors.ts';
import { exactlyKnown } from '../../packages/protect/test/gate/exact-attack.ts';
import { drawn, gate } from '../../packages/protect/test/gate/gate.ts';
import type { GateCase } from '../../packages/protect/test/gate/gate-case.ts';
import { integerKnown } from '../../packages/protect/test/gate/integer-attack.ts';
import { IntervalAttack } from '../../packages/protect/test/gate/interval-attack.ts';
import { EXAMPLES, readExample, readKnownAudits, readTestProblem, readThread } from '../../packages/protect/test/gate/known-cases.ts';
import { printing, protectedBy, secondariesOf } from '../../packages/protect/test/gate/minimality.ts';
import { generator } from '../../packages/protect/test/gate/modular-elimination.ts';
import { knownByRank } from '../../packages/protect/test/gate/rank-attack.ts';
import { baseSpread, roundedCase } from '../../packages/protect/test/gate/rounding-attack.ts';
import { describeCases } from './real-data.ts';

const LONG = process.env['WEIGHBRIDGE_LONG'] === '1';

/** A list read once for all its tests, when the first of them runs. */
function once<T>(read: () => T): () => T {
  let kept: { value: T } | undefined;
  return () => (kept ??= { value: read() }).value;
}

const ZEROS_PRINTED: Knowledge = { lower: 1, integer: true };
const MARKS_KNOWN: Knowledge = { ...ZEROS_PRINTED, upperOfPrimary: 2 };

function attacked(list: PatternList, column: string, knowledge: Knowledge = ZEROS_PRINTED): GateCase {
  return caseOf(list, list.pattern(column), knowledge);
}

/** Number of primary cells among those known. */
function count(gateCase: GateCase, known: ReadonlySet<number>): number {
  return gateCase.primary.filter((c) => known.has(c)).length;
}

describeCases('S1: full crossing of 5,408 cells', () => {
  const s1 = once(readS1);

  test.each([
    ['gauss_none', 240, 962], ['gauss_anySum', 679, 0], ['sdcTable_SIMPLEHEURISTIC_OLD', 261, 967], ['sdcTable_SHOLD_detectSingletons', 469, 474],
    ['sdcTable_SIMPLEHEURISTIC', 258, 944], ['sdcTable_GAUSS', 673, 0], ['sdcTable_HYPERCUBE', 1548, 19], ['lp_pruned', 466, 0],
  ])('%s: %i secondaries, none known by sums, %i of 1,655 known at x ≥ 1', async (column, secondaries, exact) => {
    const c = attacked(s1(), column);
    expect([c.size, c.primary.length, secondariesOf(c).length]).toEqual([5408, 1655, secondaries]);
    const verdicts = await gate(c, { integerSeconds: 0 });
    expect(verdicts.filter((v) => v.check === 'A')).toEqual([]);
    expect(verdicts.filter((v) => v.why === 'no other value fits')).toHaveLength(exact);
    expect(verdicts).toHaveLength(exact);
  });

  test.each([['gauss_anySum', 404], ['lp_pruned', 1309]])('%s: %i of 1,655 known when primary and secondary cells have different marks', async (column, exact) => {
    const c = attacked(s1(), column, MARKS_KNOWN);
    expect(count(c, await exactlyKnown(c))).toBe(exact);
  });

  test.each([['maxN5', 'gauss_none', 103], ['maxN5', 'gauss_anySum', 144]])('%s %s: %i secondaries, none known by sums', (list, column, secondaries) => {
    const c = attacked(readS1(list), column);
    expect(secondariesOf(c)).toHaveLength(secondaries);
    expect(knownByRank(c).size).toBe(0);
  });

  test('zeros protected: 184 secondaries, and none of 2,694 known at x ≥ 0', async () => {
    const c = attacked(readS1('maxN2.zerosProtected'), 'gauss_anySum_zerosProtected', { lower: 0, integer: true });
    expect([c.primary.length, secondariesOf(c).length]).toEqual([2694, 184]);
    expect((await exactlyKnown(c)).size).toBe(0);
  });

  test('E: every secondary of the plain elimination protects a primary against sums', async () => {
    const c = attacked(s1(), 'gauss_none');
    const answer = await protectedBy(c, { against: 'rank' });
    expect(answer.size).toBe(240);
    expect([...answer.values()].filter((p) => p === null)).toEqual([]);
  });

  test('E and I: a drawn part of the pruned pattern is minimal, and losing any one of it fails the gate', async () => {
    const c = attacked(s1(), 'lp_pruned');
    const some = drawn(secondariesOf(c), LONG ? undefined : 12);
    expect([...(await protectedBy(c, { cells: some })).values()].filter((p) => p === null)).toEqual([]);
    for (const s of some.slice(0, 3)) expect((await gate(printing(c, s), { first: true, integerSeconds: 0 })).length).toBeGreaterThan(0);
  }, 1_200_000);

  test('B: intervals of a drawn part, and what is exact has width 0', async () => {
    const c = attacked(s1(), 'gauss_none');
    const exact = await exactlyKnown(c);
    const attack = await IntervalAttack.on(c);
    const some = drawn(c.primary, LONG ? undefined : 40);
    for (const cell of some) {
      const { lo, hi } = attack.interval(cell);
      expect(hi - lo < 1e-6).toBe(exact.has(cell));
    }
    attack.dispose();
  }, 1_200_000);

  test('H: random rounding to base 3 leaves few ones and twos known, and not none', async () => {
    const next = generator(7);
    const list = s1();
    // 1: down with two thirds; 2: up with two thirds; multiples stay.
    const shown = list.value.map((v) => v - (v % 3) + (v % 3 === 0 || next() / 2 ** 32 >= (v % 3) / 3 ? 0 : 3));
    const c = roundedCase({ relations: relationsOf(list.dimensions, list.keys), value: list.value, shown, primary: list.value.flatMap((v, i) => (v === 1 || v === 2 ? [i] : [])) }, baseSpread(3));
    const known = count(c, await exactlyKnown(c));
    expect(c.primary).toHaveLength(1655);
    expect(known).toBeGreaterThan(0);
    expect(known).toBeLessThan(25);
  });

  test.runIf(LONG)('whole numbers: three more cells of the plain elimination; of a drawn part of the safe patterns none', async () => {
    const plain = attacked(s1(), 'gauss_none');
    expect(await integerKnown(plain, plain.primary, 300).then(({ known, undecided }) => [known.length, undecided.length])).toEqual([965, 0]);
    for (const column of ['gauss_anySum', 'lp_pruned']) {
      const c = attacked(s1(), column);
      expect((await integerKnown(c, drawn(c.primary, 200), 400)).known).toEqual([]);
    }
  }, 1_200_000);
});

describeCases('S2 and S3: margins of 100,000 and 1,000,000 records', () => {
  const s2 = once(() => readWays('S2', 3));
  const s3two = once(() => readWays('S3', 2));
  const s3three = once(() => readWays('S3', 3));

  test.each([['gauss_none', 527, 103], ['gauss_anySum', 4714, 0], ['lp_pruned', 524, 0], ['lp_pruned_ub2', 627, 0]])('S2 three-way %s: %i secondaries, %i of 220 known', async (column, secondaries, exact) => {
    const c = attacked(s2(), column);
    expect([c.size, c.primary.length, secondariesOf(c).length]).toEqual([20_839, 220, secondaries]);
    expect(count(c, knownByRank(c))).toBe(0);
    expect(count(c, await exactlyKnown(c))).toBe(exact);
  });

  test('S2 three-way lp_pruned_ub2: no interval narrower than 1 even with the marks, and each secondary needed for that', async () => {
    const c = attacked(s2(), 'lp_pruned_ub2', MARKS_KNOWN);
    expect(await gate(c, { checks: ['A', 'B', 'E'], width: 1 })).toEqual([]);
  });

  test('S2 three-way: whole numbers give away five more cells of the plain elimination, none of the pruned pattern', async () => {
    const plain = attacked(s2(), 'gauss_none');
    expect((await integerKnown(plain, plain.primary)).known).toHaveLength(108);
    const pruned = attacked(s2(), 'lp_pruned');
    expect(await gate(pruned)).toEqual([]);
  });

  test.each([['gauss_none', 28, 19], ['gauss_anySum', 188, 0], ['lp_pruned', 33, 0]])('S3 two-way %s: %i secondaries, %i of 75 known', async (column, secondaries, exact) => {
    const c = attacked(s3two(), column);
    expect([c.size, c.primary.length, secondariesOf(c).length]).toEqual([2181, 75, secondaries]);
    expect((await gate(c)).filter((v) => v.why !== 'no other whole number fits')).toHaveLength(exact);
  });

  test.each([['gauss_anySum', 0, 0], ['lp_pruned', 9, 20]])('S3 two-way %s: %i persons counted alone know one or more of altogether %i primary cells', async (column, persons, cells) => {
    const c = attacked(s3two(), column);
    const verdicts = await gate({ ...c, contributions: personsOf(c) }, { checks: ['C'] });
    expect([new Set(verdicts.map((v) => v.contributor)).size, new Set(verdicts.map((v) => v.cell)).size]).toEqual([persons, cells]);
  });

  test.each([['gauss_none', 1454, 2379], ['gauss_anySum', 4818, 0]])('S3 three-way %s: %i secondaries, %i of 2,651 known', async (column, secondaries, exact) => {
    const c = attacked(s3three(), column);
    expect([c.size, c.primary.length, secondariesOf(c).length]).toEqual([17_345, 2651, secondaries]);
    expect(count(c, knownByRank(c))).toBe(0);
    expect(count(c, await exactlyKnown(c))).toBe(exact);
  });
});

describeCases('S4: magnitudes, p percent rule of 10', () => {
  test.each([['area_zone_region_x_size.p10.numttHTT', 251, 183, 13, 0], ['area_zone_region_x_size.p10.none', 251, 170, 16, 14], ['district_x_size.p10.numttHTT', 5050, 849, 115, 0]] as const)(
    '%s: of %i primaries and %i secondaries %i stay below their upper protection level, %i are known to a single contributor', async (file, primaries, secondaries, below, insiders) => {
      const list = readS4(file);
      const c = caseOf(list, list.pattern('suppressed'), { lower: 0, integer: false });
      expect([c.primary.length, secondariesOf(c).length]).toEqual([primaries, secondaries]);
      const verdicts = await gate(c);
      expect(verdicts.filter((v) => v.check === 'A' || v.check === 'B')).toEqual([]);
      expect(verdicts.filter((v) => v.check === 'D')).toHaveLength(below);
      expect(new Set(verdicts.filter((v) => v.check === 'C').map((v) => v.cell)).size).toBe(insiders);
    });
});

describeCases('the examples of other systems', () => {
  test.each(Object.keys(EXAMPLES))('%s: nothing is known, by sums or by bounds, cells behind the margins included', async (name) => {
    const c = readExample(name);
    expect(await gate(c, { checks: ['A', 'B', 'D'], integerSeconds: c.size > 2000 ? 0 : 60 })).toEqual([]);
  });

  test('the folder has no example that is not read', () => {
    const outputs = readdirSync(`${CASES}/bundled`).filter((f) => f.includes('.out.csv')).map((f) => f.replace(/\.out\.csv(\.gz)?$/, ''));
    expect(outputs.sort()).toEqual(Object.keys(EXAMPLES).sort());
  });
});

describeCases('known answers', () => {
  test('the audit intervals of Geurts', async () => {
    const known = readKnownAudits().find((a) => a.id === 'geurts-3x2')?.intervals ?? {};
    expect(Object.keys(known)).toHaveLength(4);
    const cells = ['x11', 'x12', 'x21', 'x22'];
    // Any table with the printed sums is the truth here: 5 + 2 = 7, 1 + 2 = 3, columns 9 - 3 and 7 - 3.
    const c: GateCase = {
      size: 8, relations: [{ total: 4, parts: [0, 1] }, { total: 5, parts: [2, 3] }, { total: 6, parts: [0, 2] }, { total: 7, parts: [1, 3] }],
      value: [5, 2, 1, 2, 7, 3, 6, 4], printed: [false, false, false, false, true, true, true, true], primary: [0], lower: new Array<number>(8).fill(0), upper: new Array<null>(8).fill(null), integer: true,
    };
    const attack = await IntervalAttack.on(c);
    const found = Object.fromEntries(cells.map((name, i) => [name, Object.values(attack.interval(i))]));
    attack.dispose();
    expect(found).toEqual(known);
  });

  test('the intervals of problemdata before secondary suppression: w|b is known, the others are those of the peer\'s attack', async () => {
    const known = readKnownAudits().find((a) => a.id === 'sdcTable-problemdata')?.attack_before ?? {};
    expect(Object.keys(known)).toHaveLength(9);
    const c = readTestProblem('problemdata', 'OPT', true);
    const attack = await IntervalAttack.on(c);
    const found = Object.fromEntries(c.primary.map((cell) => [c.labels?.[cell] ?? '', Object.values(attack.interval(cell)).map((x) => Math.round(1e6 * x) / 1e6)]));
    attack.dispose();
    expect(found).toEqual(known);
  });

  test.each(['OPT', 'HITAS', 'HYPERCUBE', 'SIMPLEHEURISTIC', 'GAUSS'])('problemdata %s: one more suppression is enough, and needed', async (method) => {
    const c = readTestProblem('problemdata', method);
    expect(secondariesOf(c)).toHaveLength(1);
    expect(await gate(c, { checks: ['A', 'B', 'E'] })).toEqual([]);
  });

  test('problemdata SIMPLEHEURISTIC_OLD leaves w|b known although every line has two suppressions', async () => {
    const verdicts = await gate(readTestProblem('problemdata', 'SIMPLEHEURISTIC_OLD'));
    expect(verdicts.map((v) => [v.check, v.label])).toEqual([['A', 'w|b'], ['B', 'w|b']]);
  });

  test.each([['OPT', 3], ['HITAS', 3], ['HYPERCUBE', 3], ['SIMPLEHEURISTIC', 3], ['GAUSS', 3], ['SIMPLEHEURISTIC_OLD', 5]])('testproblem %s: safe with %i secondaries', async (method, secondaries) => {
    const c = readTestProblem('testproblem', method);
    expect(secondariesOf(c)).toHaveLength(secondaries);
    expect(await gate(c)).toEqual([]);
  });
});

describeCases('public threads', () => {
  test('issue135: three ones that add to a printed three are known without singletons, safe with anySum', async () => {
    const unsafe = await gate(readThread('issue135', 'issue135.gauss.none'), { integerSeconds: 0 });
    for (const cell of ['1|A', '1|B', '1|M']) expect(unsafe.map((v) => v.label)).toContain(cell);
    expect(await gate(readThread('issue135', 'issue135.gauss.anySum'))).toEqual([]);
  });

  test('issue136: two hierarchies over one set of regions are safe as one system, and K falls when N is printed', async () => {
    for (const output of ['issue136.gauss.none', 'issue136.gauss.anySum', 'issue136.maxN3.gauss.none', 'issue136.maxN3.gauss.anySum']) {
      expect(await gate(readThread('issue136', output))).toEqual([]);
    }
    const c = readThread('issue136', 'issue136.maxN3.gauss.none');
    const n = c.labels?.indexOf('N') ?? -1;
    expect(secondariesOf(c)).toEqual([n]);
    const verdicts = await gate(printing(c, n), { checks: ['A'] });
    expect(verdicts.map((v) => v.label)).toEqual(['K']);
  });

  test('the example of the peer\'s help page: three ones are known beside hidden zeros and beside printed ones, anySum protects them', async () => {
    for (const pattern of ['supp_orderAsIs', 'supp_zerosFirst']) {
      const c = readThread('gaussdoc', 'gaussdoc', pattern);
      expect(secondariesOf(c)).toHaveLength(3);
      expect((await gate(c, { integerSeconds: 0 })).map((v) => v.label)).toEqual(['1|A', '1|B', '1|C']);
    }
    expect(await gate(readThread('gaussdoc', 'gaussdoc', 'supp_zerosFirst_anySum'))).toEqual([]);
  });
});
