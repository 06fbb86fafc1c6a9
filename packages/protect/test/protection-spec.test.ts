/** What a specification may say, and what is refused because it would be ignored or read as something else. */
import type { Refusal } from '@weighbridge/base';
import { describe, expect, test } from 'vitest';
import { auditCells, compareMethods, makeHierarchy, protectCells, readProtectionSpec } from '../src/index.ts';
import type { CellRow, ProtectionSpec, ReleasedRow } from '../src/index.ts';

const RULES = { minFrequency: { threshold: 3 } };
const issueOf = (run: () => unknown): unknown => {
  try {
    run();
    return undefined;
  } catch (error) {
    return (error as Refusal).issues[0];
  }
};
const read = (more: object): unknown => issueOf(() => readProtectionSpec(JSON.stringify({ dimensions: [{ column: 'a', total: 'T' }], rules: RULES, ...more })));

describe('keys and numbers', () => {
  test.each([
    ['rules.minFrequency.zeroes', { rules: { minFrequency: { threshold: 3, zeroes: 'protected' } } }],
    ['rules.minFrequency.threshold', { rules: { minFrequency: { threshold: 2.5 } } }],
    ['rules.dominance.atleast', { rules: { dominance: { n: 1, k: 80, atleast: true } } }],
    ['rules.dominance[1].n', { rules: { dominance: [{ n: 1, k: 80 }, { n: 1.5, k: 90 }] } }],
    ['rules.dominance.k', { rules: { dominance: { n: 1, k: 0 } } }],
    ['rules.dominance.k', { rules: { dominance: { n: 1, k: 101 } } }],
    ['rules.dominance.k', { rules: { dominance: { n: 1, k: 0.8 } } }],
    ['rules.dominance', { rules: { dominance: [] } }],
    ['rules.dominance.atLeast', { rules: { dominance: { n: 1, k: 80, atLeast: 'yes' } } }],
    ['rules.pPercent.q', { rules: { pPercent: { p: 10, q: 50 } } }],
    ['rules.pPercent.p', { rules: { pPercent: { p: 0 } } }],
    ['rules.pPercent', { rules: { pPercent: 10 } }],
    ['rules.pq.q', { rules: { pq: { p: 50, q: 5 } } }],
    ['rules.pq', { rules: { pPercent: { p: 10 }, pq: { p: 5, q: 50 } } }],
    ['rules.request.share', { rules: { request: { share: 70 } } }],
    ['rules.groupDisclosure', { rules: { groupDisclosure: 'yes' } }],
    ['dimensions[0].sums[0].part', { dimensions: [{ column: 'a', sums: [{ total: 'T', parts: ['x'], part: [] }] }] }],
    ['dimensions[0].roots', { dimensions: [{ column: 'a', total: 'T', roots: 'several' }] }],
    ['dimensions[0].roots', { dimensions: [{ column: 'a', sums: [{ total: 'T', parts: ['x'] }], roots: 'two' }] }],
    ['insiders', { insiders: 'contributors' }],
    ['ptable.noise', { method: 'cell-key', ptable: { maxNoise: 5, variance: 2, noise: 1 } }],
  ])('%s is named', (key, more) => {
    expect(read(more)).toMatchObject({ code: 'SPEC', place: { key }, repair: expect.any(String) as string });
  });

  test('80 % written as 0.8 is refused with what to write, and half a per cent of p is taken', () => {
    expect(read({ rules: { dominance: { n: 1, k: 0.8 } } })).toMatchObject({ repair: 'write 80 for 80 %' });
    expect(read({ rules: { pPercent: { p: 0.5 }, dominance: { n: 1, k: 1 } } })).toBeUndefined();
  });

  test('every rule that the documentation names is read as it stands', () => {
    const rules = { minFrequency: { threshold: 3, zeros: 'protected' }, dominance: [{ n: 2, k: 85, atLeast: true }], pPercent: { p: 10, atLeast: false }, request: { k: 70, p: 15 }, groupDisclosure: true };
    expect(readProtectionSpec(JSON.stringify({ dimensions: [{ column: 'a', total: 'T' }], rules })).rules).toEqual(rules);
  });
});

describe('roots of a hierarchy', () => {
  const dimension = (sums: readonly { total: string; parts: readonly string[] }[], more: object = {}): object => ({ dimensions: [{ column: 'district', sums, ...more }] });
  const TWO = [{ total: 'Total', parts: ['north'] }, { total: 'Total2', parts: ['south'] }];

  test('two totals that are part of nothing and cover different codes are refused', () => {
    expect(read(dimension(TWO))).toMatchObject({ code: 'HIERARCHY_TWO_ROOTS', place: { key: 'district' }, message: expect.stringContaining('Total2') as string });
    expect(read(dimension([{ total: 'county', parts: ['a', 'b'] }, { total: 'group', parts: ['a', 'b', 'c'] }]))).toMatchObject({ code: 'HIERARCHY_TWO_ROOTS' });
  });

  test('regions that overlap are taken when the specification says so', () => {
    expect(read(dimension(TWO, { roots: 'several' }))).toBeUndefined();
  });

  test.each([
    ['two hierarchies under one total', [{ total: 'T', parts: ['r', 's'] }, { total: 'r', parts: ['a', 'b'] }, { total: 's', parts: ['c'] }, { total: 'T', parts: ['x', 'y'] }, { total: 'x', parts: ['a', 'c'] }, { total: 'y', parts: ['b'] }]],
    ['two tops over the same codes', [{ total: 'by region', parts: ['a', 'b', 'c'] }, { total: 'by size', parts: ['large', 'c'] }, { total: 'large', parts: ['a', 'b'] }]],
    ['no sum at all', []],
  ])('%s: fine', (_, sums) => {
    expect(sums.length === 0 ? read({ dimensions: [{ column: 'district' }] }) : read(dimension(sums))).toBeUndefined();
  });

  test('loops are refused when the specification is read, and the hierarchies of collections may have several roots', () => {
    expect(read(dimension([{ total: 'x', parts: ['y'] }, { total: 'y', parts: ['x'] }]))).toMatchObject({ code: 'HIERARCHY_LOOP' });
    expect(makeHierarchy({ name: 'district', sums: TWO }).leaves).toHaveLength(2);
  });
});

describe('what the data and the method make of it', () => {
  const ROWS: readonly CellRow[] = [['north', 1], ['south', 48], ['west', 7], ['Total', 56]].map(([code, freq]) => ({ key: [code as string], freq: freq as number }));
  const spec = (more: Partial<ProtectionSpec> = {}): ProtectionSpec => ({ dimensions: [{ column: 'district', total: 'Total' }], rules: { minFrequency: { threshold: 3, zeros: 'published' } }, method: 'boxes', marksTold: false, ...more });
  const issue = async (more: Partial<ProtectionSpec>): Promise<unknown> => protectCells(ROWS, spec(more)).then(() => undefined, (error: unknown) => (error as Refusal).issues[0]);

  test('a total that no cell has is refused, by protect and by compare', async () => {
    const dimensions = [{ column: 'district', total: 'total' }];
    expect(await issue({ dimensions })).toMatchObject({ code: 'TOTAL_MISSING', place: { key: 'dimensions[0].total', column: 'district' } });
    await expect(auditCells(ROWS.map((row) => ({ ...row, status: 'published' as const })), spec({ dimensions }))).rejects.toMatchObject({ issues: [{ code: 'TOTAL_MISSING' }] });
    await expect(compareMethods(ROWS, spec({ dimensions }), ['boxes'])).rejects.toMatchObject({ issues: [{ code: 'TOTAL_MISSING' }] });
    expect(await issue({})).toBeUndefined();
  });

  const unsaid = (cells: readonly (readonly [...string[], number])[], dimension: object = {}): Promise<unknown> => {
    const rows = cells.map((cell): CellRow => ({ key: cell.slice(0, -1) as string[], freq: cell.at(-1) as number }));
    const dimensions = ['district', 'kind'].slice(0, rows[0]?.key.length).map((column, d) => ({ column, ...(d === 0 ? dimension : { noTotal: true as const }) }));
    return protectCells(rows, spec({ dimensions })).then(() => undefined, (error: unknown) => (error as Refusal).issues[0]);
  };
  const LINES = [['north', 'phone', 1], ['south', 'phone', 48], ['all', 'phone', 49], ['south', 'tablet', 7], ['all', 'tablet', 7], ['none', 'paper', 0]] as const;

  test('a code that is the sum of all others on every line and not named as the total is refused, by audit too', async () => {
    const place = { key: 'dimensions[0].total', column: 'district' };
    expect(await unsaid(LINES)).toMatchObject({ code: 'TOTAL_UNSAID', place, message: expect.stringContaining('“all”') as string });
    expect(await unsaid([['north', 1], ['south', 48], ['west', 49]])).toMatchObject({ code: 'TOTAL_UNSAID', place, message: expect.stringContaining('“west”') as string });
    await expect(auditCells(ROWS.map((row) => ({ ...row, status: 'published' as const })), spec({ dimensions: [{ column: 'district' }] }))).rejects.toMatchObject({ issues: [{ code: 'TOTAL_UNSAID' }] });
  });

  test('codes of which none is such a sum are taken: said to have no total, only two, off on one line, or without anything in them', async () => {
    expect(await unsaid(LINES, { noTotal: true })).toBeUndefined();
    expect(await unsaid([['north', 48], ['south', 48]])).toBeUndefined();
    expect(await unsaid([...LINES, ['north', 'other', 3]])).toBeUndefined();
    expect(await unsaid([['north', 0], ['south', 0], ['west', 0]])).toBeUndefined();
    expect(readProtectionSpec(JSON.stringify({ dimensions: [{ column: 'a', total: null }], rules: RULES })).dimensions).toEqual([{ column: 'a', noTotal: true }]);
  });

  test('of amounts, numbers of records that happen to add are no total', async () => {
    const amounts = (last: number): Promise<unknown> => protectCells([['a', 3, 10], ['b', 4, 20], ['c', 7, last]].map(([code, freq, value]) => ({ key: [code as string], freq: freq as number, value: value as number })), spec({ dimensions: [{ column: 'district' }] })).then(() => undefined, (error: unknown) => (error as Refusal).code);
    expect([await amounts(30), await amounts(31)]).toEqual(['TOTAL_UNSAID', undefined]);
  });

  test('callers without types: keys of another length and specifications without rules, dimensions or method are refused by protect and audit', async () => {
    const both = async (rows: readonly object[], given: object): Promise<unknown> => Promise.all([
      protectCells(rows as CellRow[], given as ProtectionSpec), auditCells(rows.map((row) => ({ ...row, status: 'published' as const })) as ReleasedRow[], given as ProtectionSpec),
    ].map((run) => run.then(() => undefined, (error: unknown) => [(error as Refusal).code, (error as Refusal).issues[0]?.place])));
    const twice = <T>(each: T): T[] => [each, each];
    for (const key of [[], ['north', 'phone'], undefined]) expect(await both([ROWS[0] as CellRow, { key, freq: 3 }], spec())).toEqual(twice(['KEY_LENGTH', { row: 2 }]));
    for (const key of ['rules', 'dimensions', 'method']) expect(await both(ROWS, { ...spec(), [key]: undefined })).toEqual(twice(['SPEC', { key }]));
  });

  test('one code alone needs no total', async () => {
    expect((await protectCells(ROWS.slice(1, 2), spec())).cells).toMatchObject([{ status: 'published' }]);
  });

  test('a part of a table, as in a request, need not have it', async () => {
    const { cells } = await protectCells(ROWS.slice(1, 3), spec(), { partial: true });
    expect(cells.map(({ status }) => status)).toEqual(['published', 'published']);
  });

  test.each([
    ['seconds', { seconds: 1 }], ['ptable', { ptable: { maxNoise: 3, variance: 1 } }], ['cost', { method: 'round-base-3', cost: 'cells' }], ['effort', { method: 'round-base-3', effort: 5 }],
    ['base', { method: 'round-base-3', base: 5 }], ['base', { method: 'cell-key', base: 5 }], ['marksTold', { method: 'round-base-3', marksTold: true }], ['insiders', { method: 'round-base-3', insiders: true }], ['seconds', { method: 'cell-key', seconds: 1 }],
  ] as const)('%s is refused where the method ignores it: %j', async (key, more) => {
    expect(await issue({ seed: 'a secret of the series', ...more })).toMatchObject({ code: 'SETTING_UNUSED', place: { key } });
  });

  test('settings of several methods are what compare is for', async () => {
    const { methods } = await compareMethods(ROWS, spec({ base: 10, ptable: { maxNoise: 3, variance: 1 }, seconds: 1 }), ['boxes', 'round-base-n']);
    expect(methods.every(({ ran }) => ran)).toBe(true);
  });
});
