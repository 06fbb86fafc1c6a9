/**
 * Tables that withstand contributors who know their own figures: judged by the gate's insider, who shares nothing with the engine.
 */
import { Refusal } from '@weighbridge/base';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { auditCells, makeCellTable, makeHierarchy, protectCells, suppressTable } from '../src/index.ts';
import type { CellRow, ProtectedCells, ProtectionSpec, SuppressionMethod } from '../src/index.ts';
import { aloneIn } from '../src/contributor-attack.ts';
import type { Insiders } from '../src/withstand-contributors.ts';
import { caseOf, flatDimension } from './gate/cell-list.ts';
import type { ListDimension } from './gate/cell-list.ts';
import { personsOf, upperLevel } from './gate/contributors.ts';
import { gate } from './gate/gate.ts';
import type { Verdict } from './gate/gate.ts';
import type { Contribution, GateCase } from './gate/gate-case.ts';
import { crossing } from './gate/table-description.ts';
import type { TableDescription } from './gate/table-description.ts';

const SEED = 20231106;
const METHODS = ['combined', 'optimisation', 'boxes', 'elimination', 'elimination-singletons'] as const;
const PERCENT = 10;
const AREAS: ListDimension = { name: 'area', sums: [{ total: 'Total', parts: ['north', 'south'] }, { total: 'north', parts: ['n1', 'n2'] }, { total: 'south', parts: ['s1', 's2'] }] };
const SHAPES: readonly (readonly [ListDimension, readonly string[], ListDimension, readonly string[]])[] = [
  [flatDimension('area', ['a', 'b', 'c']), ['a', 'b', 'c'], flatDimension('kind', ['x', 'y', 'z']), ['x', 'y', 'z']],
  [AREAS, ['n1', 'n2', 's1', 's2'], flatDimension('kind', ['x', 'y', 'z']), ['x', 'y', 'z']],
];

/** A table of which each finest cell has the contributions given, each of a contributor of its own. */
interface Drawn {
  readonly table: TableDescription;
  readonly rows: readonly CellRow[];
  readonly spec: ProtectionSpec;
  readonly contributions: readonly Contribution[] | undefined;
  readonly required: GateCase['required'];
  /** Totals that the list leaves out. */
  readonly dropped: readonly boolean[];
}

const drawn = (amounts: boolean): fc.Arbitrary<Drawn> => fc.record({
  shape: fc.constantFrom(...SHAPES), method: fc.constantFrom(...METHODS), drop: fc.constantFrom(['Total,Total'], ['north,', 'south,'], ['Total,Total', 'north,', 'south,']),
  parts: fc.array(fc.array(fc.integer({ min: 1, max: amounts ? 60 : 1 }), { maxLength: amounts ? 3 : 5 }), { minLength: 12, maxLength: 12 }),
}).map(({ shape: [areas, a, kinds, k], method, drop, parts }) => {
  const finest = a.flatMap((area) => k.map((kind) => [area, kind]));
  const records = finest.flatMap((codes, i) => (parts[i] ?? []).map((value, n) => ({ codes, freq: 1, value, contributor: `${i} ${n}` })));
  const table: TableDescription = { dimensions: [areas, kinds], records };
  const cells = crossing(table);
  const totals = cells.map(({ key }) => !finest.some((codes) => codes.join() === key.join()));
  return {
    table, dropped: cells.map(({ key }) => drop.some((start) => key.join().startsWith(start))),
    rows: cells.map(({ key, freq, value, shares }): CellRow => (amounts ? { key, freq, value, largest: [...shares.values()].sort((x, y) => y - x) } : { key, freq })),
    spec: {
      dimensions: [areas, kinds].map(({ name, sums }) => ({ column: name, sums })), method, marksTold: false, insiders: true,
      rules: { minFrequency: { threshold: 3, zeros: 'published' }, ...(amounts ? { pPercent: { p: PERCENT } } : {}) },
    },
    contributions: amounts ? cells.flatMap(({ shares }, cell) => (totals[cell] === true ? [] : [...shares].map(([contributor, amount]) => ({ cell, contributor, amount })))) : undefined,
    required: amounts ? cells.map(({ shares }, cell) => ({ cell, up: upperLevel(shares, PERCENT) })).filter(({ up }) => up > 0) : [],
  };
});

/** What the gate says of a pattern over all cells of the table; cells that are left out are hidden. */
async function judged({ table, rows, spec, contributions, required }: Drawn, withheld: readonly boolean[], hidden?: readonly boolean[], insiderPercent?: number): Promise<Verdict[]> {
  const amounts = rows.some((row) => row.value !== undefined);
  const unsafe = rows.map((row, i) => withheld[i] === true && row.freq > 0 && row.freq < (spec.rules.minFrequency?.threshold ?? 0));
  const primary = unsafe.map((yes, i) => hidden?.[i] !== true && (yes || (withheld[i] === true && (required ?? []).some(({ cell }) => cell === i))));
  const list = { dimensions: table.dimensions, keys: rows.map((row) => row.key), value: rows.map((row) => row.value ?? row.freq), primary, ...(hidden === undefined ? {} : { hidden }) };
  const found = caseOf(list, withheld, { lower: amounts ? 0 : 1, integer: !amounts });
  return gate({ ...found, contributions: contributions ?? personsOf(found), required: (required ?? []).filter(({ cell }) => primary[cell]) }, { integerSeconds: 0, ...(insiderPercent === undefined ? {} : { insiderPercent }) });
}

/** Protected; undefined: refused, or a list that the method does not take. */
async function protectedOr(rows: readonly CellRow[], spec: ProtectionSpec): Promise<ProtectedCells | undefined> {
  try {
    return await protectCells(rows, spec, { intervals: false });
  } catch (error) {
    if (error instanceof Refusal && error.issues.every(({ code }) => code === 'CANNOT_PROTECT' || code === 'FINEST_CELLS_MISSING')) return undefined;
    throw error;
  }
}

describe.each([['counts', false], ['amounts', true]] as const)('random tables of %s, by every method', (_, amounts) => {
  test('no contributor alone in a cell derives another, nobody else does, and a table is refused only where withholding everything is no help', async () => {
    const broken = { without: 0, refused: 0 };
    await fc.assert(fc.asyncProperty(drawn(amounts), async (each) => {
      const made = await protectedOr(each.rows, each.spec);
      const withheld = made?.cells.map((cell) => cell.published === null) ?? each.rows.map((row) => row.freq > 0);
      const verdicts = await judged(each, withheld);
      if (made === undefined) {
        broken.refused++;
        expect(verdicts).not.toEqual([]);
        return;
      }
      expect(verdicts).toEqual([]);
      expect(made.certificate.summary).toMatchObject({ breaches: 0, insiders: true });
      const plain = await protectedOr(each.rows, { ...each.spec, insiders: false });
      if (plain !== undefined && (await judged(each, plain.cells.map((cell) => cell.published === null))).some(({ check }) => check === 'C')) broken.without++;
    }), { seed: SEED, numRuns: 80 });
    expect(broken.without).toBeGreaterThan(10);
    expect(broken.refused).toBeLessThan(10);
  });

  test('where totals are left out, neither by sums that nobody lists; and the audit agrees', async () => {
    let more = 0;
    await fc.assert(fc.asyncProperty(drawn(amounts), async (each) => {
      const rows = each.rows.filter((__, i) => each.dropped[i] !== true);
      fc.pre(rows.length < each.rows.length);
      const made = await protectedOr(rows, each.spec);
      if (made === undefined) return;
      const at = new Map(made.cells.map((cell) => [cell.key.join(), cell.published === null]));
      const withheld = each.rows.map((row) => at.get(row.key.join()) ?? true);
      expect(await judged(each, withheld, each.dropped)).toEqual([]);
      expect((await auditCells(rows.map((row, i) => ({ ...row, status: made.cells[i]?.status ?? 'published' })), each.spec)).broken).toEqual([]);
      more += (made.certificate.summary.mended ?? 0) > 0 ? 1 : 0;
    }), { seed: SEED, numRuns: 80 });
    expect(more).toBeGreaterThan(5);
  });
});

test.each([['readers', false], ['readers and contributors', true]] as const)('amounts: no cell that is withheld could be printed, for %s', async (_, insiders) => {
  let [withheldCells, needless] = [0, 0];
  await fc.assert(fc.asyncProperty(drawn(true), fc.constantFrom('combined', 'optimisation', 'boxes'), async (each, method) => {
    const made = await protectedOr(each.rows, { ...each.spec, method, insiders });
    if (made === undefined || (!insiders && (made.certificate.summary.mended ?? 0) > 0)) return;
    const withheld = made.cells.map((cell) => cell.published === null);
    for (const [cell, { status }] of made.cells.entries()) {
      if (status !== 'secondary') continue;
      withheldCells++;
      const verdicts = await judged(each, withheld.with(cell, false));
      needless += (insiders ? verdicts : verdicts.filter(({ check }) => check !== 'C')).length === 0 ? 1 : 0;
    }
  }), { seed: SEED, numRuns: 40 });
  expect(withheldCells).toBeGreaterThan(100);
  expect(needless).toBe(0);
});

test('amounts: with a percentage nobody alone in a cell estimates the largest of others more closely', async () => {
  let before = 0;
  await fc.assert(fc.asyncProperty(drawn(true), async (each) => {
    const { rows, spec: { rules, dimensions, method }, contributions = [] } = each;
    const hierarchies = dimensions.map(({ column, sums = [] }) => makeHierarchy({ name: column, sums }));
    const table = makeCellTable(hierarchies, Int32Array.from(rows.flatMap(({ key }) => key.map((code, d) => hierarchies[d]?.index.get(code) ?? -1))), Float64Array.from(rows, (row) => row.freq), Float64Array.from(rows, (row) => row.value ?? 0));
    const names = [...new Set(contributions.map(({ contributor }) => contributor))];
    const parts = contributions.map((part) => ({ ...part, contributor: names.indexOf(part.contributor) }));
    const options = { rules, contributions: rows, method: method as SuppressionMethod, intervals: false };
    const verdictsOf = async (insiders?: Insiders): Promise<Verdict[]> => {
      const { primary, secondary } = await suppressTable(table, { ...options, ...(insiders === undefined ? {} : { insiders }) });
      return judged(each, rows.map((_, i) => primary.has(i) || secondary.has(i)), undefined, PERCENT);
    };
    expect(await verdictsOf({ parts, percent: PERCENT })).toEqual([]);
    before += (await verdictsOf()).filter(({ why }) => why === 'a contributor estimates the largest other contributor').length;
  }), { seed: SEED, numRuns: 60 });
  expect(before).toBeGreaterThan(0);
});

describe('whoever is alone', () => {
  const sums = [{ total: 3, parts: Int32Array.of(0, 1, 2) }];

  test('is the only contributor or record of a finest cell, or has all of it', () => {
    expect(aloneIn([{ freq: 1 }, { freq: 4, contributors: 1 }, { freq: 9 }, { freq: 14 }], sums)).toEqual([{ contributor: 0, cell: 0, amount: 1 }, { contributor: 1, cell: 1, amount: 4 }]);
    expect(aloneIn([{ freq: 3, value: 50, largest: [50] }, { freq: 2, value: 50, largest: [49, 1] }, { freq: 0, value: 0, largest: [] }, { freq: 5, value: 100, largest: [50, 49] }], sums)).toEqual([{ contributor: 0, cell: 0, amount: 50 }]);
  });

  test('in two parts of a total with one contributor is one contributor, and knows both', () => {
    const cells = [{ freq: 2, contributors: 1 }, { freq: 3, contributors: 1 }, { freq: 0, contributors: 0 }, { freq: 5, contributors: 1 }, { freq: 8, contributors: 2 }];
    expect(aloneIn(cells, sums).map(({ contributor }) => contributor)).toEqual([0, 0]);
    expect(aloneIn(cells.map((cell) => ({ ...cell, contributors: Math.min(cell.freq, 2) })), sums)).toEqual([]);
  });
});
