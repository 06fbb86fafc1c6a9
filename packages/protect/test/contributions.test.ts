/** Who is behind a cell: what the rules make of it, and what they refuse because it does not say enough. */
import { Refusal } from '@weighbridge/base';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compareMethods, protectCells, readProtectionSpec, tabulateRecords } from '../src/index.ts';
import type { CellRow, PrimaryRules, ProtectedCells, ProtectionSpec } from '../src/index.ts';

const P10: PrimaryRules = { pPercent: { p: 10 } };
const specOf = (rules: PrimaryRules, more: Partial<ProtectionSpec> = {}): ProtectionSpec => ({ dimensions: [{ column: 'g', total: 'T' }], rules, method: 'boxes', marksTold: false, ...more });

/** One cell beside two safe ones and their total; what the total lists is not looked at closely. */
function rowsWith(cell: Omit<CellRow, 'key'>): CellRow[] {
  const value = cell.value ?? 0;
  const more = { ...(cell.contributors === undefined ? {} : { contributors: 90 }), ...(cell.requested === undefined ? {} : { requested: false }) };
  return [
    { key: ['a'], ...cell },
    ...['b', 'c'].map((g): CellRow => ({ key: [g], freq: 90, value: 900, largest: Array.from({ length: 8 }, () => 10), ...more })),
    { key: ['T'], freq: cell.freq + 180, value: value + 1800, largest: Array.from({ length: 8 }, () => 10), ...more },
  ];
}

async function outcome(cell: Omit<CellRow, 'key'>, rules: PrimaryRules): Promise<string> {
  try {
    const { cells } = await protectCells(rowsWith(cell), specOf(rules));
    return cells[0]?.status === 'primary' ? cells[0].reason : 'safe';
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return error.issues.map(({ code, place }) => `${code} ${place.object ?? place.column ?? place.key ?? ''}`).join();
  }
}

describe('contributions that do not say what a rule needs are refused with the address and no amount', () => {
  test.each([
    ['blank', { freq: 3, value: 7919, largest: [] }, P10, 'CONTRIBUTIONS_MISSING a'],
    ['none at all', { freq: 3, value: 7919 }, P10, 'CONTRIBUTIONS_MISSING a'],
    ['only the largest', { freq: 3, value: 7919, largest: [5000] }, P10, 'CONTRIBUTIONS_MISSING a'],
    ['five of six', { freq: 8, value: 7919, largest: [1100, 1100, 1100, 1100, 1100] }, { dominance: [{ n: 6, k: 80 }] }, 'CONTRIBUTIONS_MISSING a'],
    ['a second that is larger than the first', { freq: 8, value: 7919, largest: [40, 4500] }, { dominance: [{ n: 1, k: 42 }] }, 'CONTRIBUTIONS_UNSORTED a'],
    ['more than the cell', { freq: 8, value: 7919, largest: [7000, 6000] }, P10, 'CONTRIBUTIONS_EXCEED a'],
    ['one record that is less than its cell', { freq: 1, value: 7919, largest: [4000] }, P10, 'CONTRIBUTIONS_DO_NOT_ADD a'],
    ['a negative one', { freq: 3, value: 7919, largest: [7000, -1] }, P10, 'CONTRIBUTION_NEGATIVE a'],
    ['waived ones alone', { freq: 3, value: 7919, largest: [4000, 1000], waived: [true, true] }, P10, 'CONTRIBUTIONS_MISSING a'],
    ['a waiver that no rule reads', { freq: 3, value: 7919, largest: [4000, 1000], waived: [true, false] }, { dominance: [{ n: 1, k: 80 }] }, 'WAIVER_WITHOUT_RULE a'],
    ['a request that no rule reads', { freq: 3, value: 7919, largest: [4000, 1000], requested: true }, P10, 'REQUEST_WITHOUT_RULE a'],
    ['a rule of requests and nobody asked', { freq: 3, value: 7919, largest: [4000, 1000] }, { request: {} }, 'REQUESTS_MISSING requested'],
    ['more contributors than records', { freq: 3, contributors: 4, value: 7919, largest: [4000, 1000] }, P10, 'CONTRIBUTORS a'],
    ['no contributor of three records', { freq: 3, contributors: 0, value: 7919, largest: [] }, P10, 'CONTRIBUTORS a'],
    ['a negative amount', { freq: 8, value: -100, largest: [60, 50] }, P10, 'VALUE_NEGATIVE a'],
    ['an amount of no record', { freq: 0, value: 7919, largest: [] }, P10, 'VALUE_WITHOUT_RECORDS a'],
  ] as const)('%s', async (_, cell, rules, told) => {
    const found = await outcome(cell, rules);
    expect(found).toBe(told);
    expect(found).not.toContain('7919');
  });

  test('two records of one holding are one contribution that is all of the cell', async () => {
    expect(await outcome({ freq: 2, value: 100, largest: [100] }, P10)).toMatch(/estimate/);
    expect(await outcome({ freq: 2, contributors: 1, value: 100, largest: [100] }, P10)).toMatch(/estimate/);
  });

  test('any list of contributions that is kept in part is judged as the whole list is, or refused', async () => {
    await fc.assert(fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 500 }), { minLength: 1, maxLength: 9 }), fc.nat(9), fc.boolean(), async (drawn, kept, many) => {
      const rules: PrimaryRules = many ? { dominance: [{ n: 3, k: 70 }] } : P10;
      const all = drawn.toSorted((a, b) => b - a);
      const cell = { freq: all.length, value: all.reduce((a, b) => a + b, 0) };
      const whole = await outcome({ ...cell, largest: all }, rules);
      const part = await outcome({ ...cell, largest: all.slice(0, kept) }, rules);
      expect(part === whole || part === 'CONTRIBUTIONS_MISSING a').toBe(true);
      expect(part === whole).toBe(kept >= Math.min(all.length, many ? 3 : 2));
    }), { seed: 20231106, numRuns: 100 });
  });
});

describe('rules', () => {
  test('a rest of exactly p % is unsafe where the rule says so', async () => {
    expect(await outcome({ freq: 3, value: 220, largest: [110, 100, 10] }, P10)).toMatch(/estimate/);
    const exactly = { freq: 3, value: 210, largest: [100, 100, 10] };
    expect(await outcome(exactly, P10)).toBe('safe');
    expect(await outcome(exactly, { pPercent: { p: 10, atLeast: true } })).toMatch(/estimate/);
    expect(await outcome(exactly, { pq: { p: 5, q: 50 } })).toBe('safe');
    expect(await outcome(exactly, { pq: { p: 5, q: 50, atLeast: true } })).toMatch(/estimate/);
  });

  test('who asked is protected from the share that the rule names, and nobody else', async () => {
    const cell = { freq: 9, value: 100, largest: [40, 20] };
    expect(await outcome({ ...cell, requested: true }, { request: {} })).toBe('primary: a contributor asked for protection');
    expect(await outcome({ ...cell, requested: false }, { request: {} })).toBe('safe');
    expect(await outcome({ ...cell, requested: true }, { request: { k: 39 } })).toBe('primary: a contributor asked for protection');
    expect(await outcome({ ...cell, requested: true }, { request: { k: 40 } })).toBe('safe');
  });

  test('who asked stays open to p % of the contribution', async () => {
    for (const p of [10, 50]) {
      const { certificate } = await protectCells(rowsWith({ freq: 9, value: 100, largest: [40, 20], requested: true }), specOf({ request: { p } }));
      expect(certificate.intervals[0]?.upper ?? Infinity).toBeGreaterThanOrEqual(100 + (p / 100) * 40);
    }
  });

  test('a waiver of the largest protects the next', async () => {
    // 60 and 37 with 3 left over: 60 may be told, 37 is known to within 3.
    expect(await outcome({ freq: 9, value: 100, largest: [60, 37], waived: [true, false] }, P10)).toMatch(/estimate/);
    expect(await outcome({ freq: 9, value: 66.5, largest: [60, 2], waived: [true, false] }, P10)).toBe('safe');
    expect(await outcome({ freq: 9, value: 66.5, largest: [60, 2], waived: [false, false] }, P10)).toMatch(/estimate/);
  });

  test('the largest of compared methods sees the same unsafe cells', async () => {
    const rows = rowsWith({ freq: 9, value: 100, largest: [40, 20], requested: true });
    expect((await compareMethods(rows, specOf({ request: {} }), ['boxes'])).table.unsafe).toBe(1);
  });
});

describe('contributors', () => {
  const rules: PrimaryRules = { minFrequency: { threshold: 3, zeros: 'published' } };
  const released = async (records: readonly { key: string[]; contributor?: string }[]): Promise<ProtectedCells> => protectCells(await tabulateRecords(records, specOf(rules)), specOf(rules));
  const many = (g: string): { key: string[]; contributor: string }[] => Array.from({ length: 9 }, (_, i) => ({ key: [g], contributor: `${g}${i}` }));
  const reasonOf = ({ cells }: ProtectedCells, key: string): string | undefined => cells.find((cell) => cell.key[0] === key)?.reason;

  test('five records of one person are one contributor, and fall under the minimum', async () => {
    const made = await released([...Array.from({ length: 5 }, () => ({ key: ['a'], contributor: 'A' })), ...many('b'), ...many('c')]);
    expect(reasonOf(made, 'a')).toBe('primary: 1 contributor');
  });

  test('without names of contributors each record counts as one', async () => {
    const made = await released([...Array.from({ length: 5 }, () => ({ key: ['a'] })), ...many('b').map(({ key }) => ({ key }))]);
    expect(made.cells.every(({ status }) => status === 'published')).toBe(true);
  });
});

describe('zeros', () => {
  test('group disclosure with printed zeros is refused, with what to write instead', async () => {
    for (const rules of [{ groupDisclosure: true }, { groupDisclosure: true, minFrequency: { threshold: 3, zeros: 'published' } }] as const) {
      const refused = await protectCells(rowsWith({ freq: 4, value: 40 }), specOf(rules)).catch((error: unknown) => (error as Refusal).issues);
      expect(refused).toMatchObject([{ code: 'GROUP_DISCLOSURE_ZEROS', place: { key: 'rules.groupDisclosure' }, repair: expect.stringContaining('"zeros": "protected"') as string }]);
      expect(() => readProtectionSpec(JSON.stringify({ dimensions: [{ column: 'g', total: 'T' }], rules }))).toThrow(expect.objectContaining({ issues: [expect.objectContaining({ code: 'GROUP_DISCLOSURE_ZEROS' })] }) as Error);
    }
  });

  test('where zeros are protected, the line that falls in one cell is not printed', async () => {
    const counts: readonly [string, string, number][] = [['n', 'yes', 9], ['n', 'no', 0], ['s', 'yes', 4], ['s', 'no', 5], ['T', 'yes', 13], ['T', 'no', 5], ['n', 'T', 9], ['s', 'T', 9], ['T', 'T', 18]];
    const spec = specOf({ groupDisclosure: true, minFrequency: { threshold: 1, zeros: 'protected' } }, { dimensions: [{ column: 'd', total: 'T' }, { column: 'k', total: 'T' }] });
    const { cells } = await protectCells(counts.map(([d, k, freq]) => ({ key: [d, k], freq })), spec);
    expect(cells.filter(({ status }) => status === 'primary').map(({ key }) => key.join(' '))).toEqual(expect.arrayContaining(['n yes', 'n no']));
  });

  test('zeros to be protected are listed however large the crossing is', async () => {
    const records = Array.from({ length: 460 }, (_, i) => ({ key: [`i${i}`, `j${i}`] }));
    const dimensions = [{ column: 'i', total: 'T' }, { column: 'j', total: 'T' }];
    expect(await tabulateRecords(records, { dimensions, rules: { minFrequency: { threshold: 3, zeros: 'protected' } } })).toHaveLength(461 * 461);
  });
});
