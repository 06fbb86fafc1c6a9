/** Contributors who are alone in several cells: what records say of them, and what they must not add up. */
import { Refusal } from '@weighbridge/base';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { protectCells, tabulateRecords } from '../src/index.ts';
import type { CellRow, ProtectedCell, ProtectionSpec, RecordRow } from '../src/index.ts';

const SPEC: ProtectionSpec = { dimensions: [{ column: 'branch', total: 'Total' }], rules: { minFrequency: { threshold: 3, zeros: 'published' } }, method: 'combined', cost: 'values', marksTold: false, insiders: true };
const records = (lines: readonly string[]): RecordRow[] => lines.map((line) => line.split(' ')).map(([branch = '', value, contributor = '']) => ({ key: [branch], value: Number(value), contributor }));
const OTHERS = ['d 400 H', 'd 300 I', 'd 200 J', 'e 500 K', 'e 600 L', 'e 700 M'];
const HOLDING = ['a 10 F', 'b 20 F', 'c 30 G', 'd 5 F', ...OTHERS];

const withheldOf = (cells: readonly ProtectedCell[]): string[] => cells.filter(({ published }) => published === null).map(({ key }) => key[0] ?? '').sort();

test('finest cells say what those gave who are alone in one, by numbers; nobody else, no total, and nothing unless it is asked for', async () => {
  const rows = await tabulateRecords(records(HOLDING), SPEC);
  expect(rows.map(({ key: [branch], parts }) => [branch, parts])).toEqual([
    ['Total', undefined], ['a', [{ contributor: 0, amount: 10 }]], ['b', [{ contributor: 0, amount: 20 }]], ['c', [{ contributor: 1, amount: 30 }]], ['d', [{ contributor: 0, amount: 5 }]], ['e', undefined],
  ]);
  expect((await tabulateRecords(records(HOLDING), { ...SPEC, insiders: false })).every(({ parts }) => parts === undefined)).toBe(true);
});

test('the order of the records leaves no trace in the numbers', async () => {
  const some = fc.array(fc.tuple(fc.constantFrom('a', 'b', 'c', 'd'), fc.nat(9), fc.constantFrom('P', 'Q', 'R', 'S')).map((fields) => fields.join(' ')), { minLength: 1, maxLength: 12 });
  await fc.assert(fc.asyncProperty(some.chain((lines) => fc.tuple(fc.constant(lines), fc.shuffledSubarray(lines, { minLength: lines.length }))), async ([lines, again]) => {
    expect(await tabulateRecords(records(again), SPEC)).toEqual(await tabulateRecords(records(lines), SPEC));
  }), { seed: 20231106, numRuns: 100 });
});

test('a holding alone in two cells takes them off the total: a fourth cell is withheld, and without parts it is not', async () => {
  const rows = await tabulateRecords(records(HOLDING), SPEC);
  // The total is 2,765; less 10, 20 and the printed 905 and 1,800 it is the 30 of the other firm.
  expect(withheldOf((await protectCells(rows, SPEC)).cells)).toEqual(['a', 'b', 'c', 'd']);
  const unknown = rows.map(({ key, freq, contributors, value, largest }): CellRow => ({ key, freq, ...(contributors === undefined ? {} : { contributors }), ...(value === undefined ? {} : { value }), ...(largest === undefined ? {} : { largest }) }));
  expect(withheldOf((await protectCells(unknown, SPEC)).cells)).toEqual(['a', 'b', 'c']);
});

test('counts too: records of one person in two cells and of another in a third', async () => {
  const counts = ['a F', 'a F', 'b F', 'b F', 'c G', 'c G', ...['d', 'd', 'd', 'e', 'e', 'e', 'e'].map((branch, i) => `${branch} H${i}`)].map((line) => line.split(' ')).map(([branch = '', contributor = '']): RecordRow => ({ key: [branch], contributor }));
  const rows = await tabulateRecords(counts, SPEC);
  expect(withheldOf((await protectCells(rows, SPEC)).cells)).toHaveLength(4);
  expect(withheldOf((await protectCells(rows.map(({ key, freq, contributors = 0 }): CellRow => ({ key, freq, contributors })), SPEC)).cells)).toHaveLength(3);
});

test('no holding is left with one unsafe cell of others alone, in tables of one line', async () => {
  let [guarded, more] = [0, 0];
  const some = fc.array(fc.tuple(fc.constantFrom('a', 'b', 'c', 'f'), fc.integer({ min: 1, max: 60 }), fc.constantFrom('F', 'F', 'G', 'N', 'O')).map((fields) => fields.join(' ')), { minLength: 2, maxLength: 7 });
  await fc.assert(fc.asyncProperty(some, async (lines) => {
    const all = records([...lines, ...OTHERS]);
    const made = await protectCells(await tabulateRecords(all, SPEC), SPEC).catch((error: unknown) => {
      if (error instanceof Refusal && error.code === 'CANNOT_PROTECT') return undefined;
      throw error;
    });
    if (made === undefined) return;
    const withheld = withheldOf(made.cells);
    const behind = new Map(withheld.map((branch) => [branch, new Set(all.filter(({ key }) => key[0] === branch).map(({ contributor }) => contributor))]));
    for (const firm of ['F', 'G', 'N', 'O']) {
      const own = withheld.filter((branch) => behind.get(branch)?.size === 1 && behind.get(branch)?.has(firm));
      if (own.length === 0 || withheld.includes('Total')) continue;
      const [left, ...rest] = withheld.filter((branch) => !own.includes(branch));
      if (left !== undefined && rest.length === 0) expect(behind.get(left)?.size).toBeGreaterThanOrEqual(3);
      guarded++;
      if (own.length > 1) more++;
    }
  }), { seed: 20231106, numRuns: 80 });
  expect([guarded > 40, more > 5]).toEqual([true, true]);
});
