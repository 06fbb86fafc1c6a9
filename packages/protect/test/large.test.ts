/** Tables of ten million cells, at their real size: refused by number, before a cell is looked at. And tables of one cell, and of none. */
import { describe, expect, test } from 'vitest';
import { compareMethods, judgeRequest, makeCellTable, makeHierarchy, protectCells, suppressTable, tabulateRecords } from '../src/index.ts';
import type { CellRow, ProtectionSpec, RecordRow } from '../src/index.ts';

const MANY = 10_000_000;
const SPEC: ProtectionSpec = {
  dimensions: [{ column: 'district', total: 'Total' }, { column: 'kind', total: 'Total' }],
  rules: { minFrequency: { threshold: 3, zeros: 'published' } }, method: 'combined', marksTold: false, seed: 'a secret of the series',
};
const TOO_MANY = { name: 'Refusal', issues: [{ code: 'TOO_MANY_CELLS', message: expect.stringContaining('2,000,000') as string, place: {} }] };

describe('ten million cells', () => {
  /** Rows that say when they are read: all of them one and the same, so that the list is all that they take. */
  const unread = new Array<CellRow>(MANY).fill({
    get key(): readonly string[] { throw new TypeError('a cell was read'); },
    get freq(): number { throw new TypeError('a cell was read'); },
  });

  test.each(['combined', 'round-base-3'] as const)('protectCells, %s: refused before one is read', async (method) => {
    await expect(protectCells(unread, { ...SPEC, method })).rejects.toMatchObject(TOO_MANY);
  });

  test('compareMethods and judgeRequest: refused before one is read', async () => {
    await expect(compareMethods(unread, SPEC)).rejects.toMatchObject(TOO_MANY);
    await expect(judgeRequest({ rows: unread }, SPEC, [])).rejects.toMatchObject(TOO_MANY);
  });

  test('makeCellTable: a table in typed arrays is refused before it is made', async () => {
    const side = makeHierarchy({ name: 'side', sums: [], codes: Array.from({ length: 3200 }, (_, i) => `c${i}`) });
    const never = (array: Int32Array | Float64Array): never => new Proxy(array, { get: (target, name) => (name === 'length' ? target.length : expect.fail('a cell was read')) }) as never;
    const [keys, freq] = [never(new Int32Array(2 * MANY)), never(new Float64Array(MANY))];
    await expect((async () => Promise.resolve(makeCellTable([side, side], keys, freq)))()).rejects.toMatchObject(TOO_MANY);
  });

  test('suppressTable: a system of cells from elsewhere is refused before its first rule', async () => {
    const system = { size: MANY, freq: new Float64Array(MANY).fill(1), relations: [], nameOf: (): string => expect.fail('a cell was named') };
    await expect(suppressTable(system, { rules: SPEC.rules })).rejects.toMatchObject(TOO_MANY);
  });

  test('tabulateRecords: the record that makes one finest cell too many is the last that is read', async () => {
    let read = 0;
    function* records(): Generator<RecordRow> {
      for (; read < MANY; read++) yield { key: [`d${read % 4000}`, `k${Math.floor(read / 4000)}`] };
    }
    await expect(tabulateRecords(records(), SPEC)).rejects.toMatchObject(TOO_MANY);
    expect(read).toBe(2_000_000);
  });
});

describe('hardly a table', () => {
  /** One cell has no total. */
  const ALONE: ProtectionSpec = { ...SPEC, dimensions: SPEC.dimensions.map(({ column }) => ({ column })) };
  const methods = ['combined', 'optimisation', 'boxes', 'elimination', 'elimination-singletons', 'round-base-3', 'controlled-rounding', 'small-count-rounding', 'cell-key'] as const;

  test.each(methods)('%s: no cells are refused, and one safe cell alone is released', async (method) => {
    await expect(protectCells([], { ...SPEC, method })).rejects.toMatchObject({ issues: [{ code: 'NO_CELLS' }] });
    const { cells } = await protectCells([{ key: ['north', 'phone'], freq: 9 }], { ...ALONE, method });
    expect(cells).toHaveLength(1);
    expect(cells[0]?.published).not.toBeNull();
  });

  test.each(methods.slice(0, 5))('%s: one unsafe cell alone is withheld, and nothing bounds it', async (method) => {
    const { cells, certificate } = await protectCells([{ key: ['north', 'phone'], freq: 2 }], { ...ALONE, method });
    expect(cells).toMatchObject([{ status: 'primary', published: null }]);
    expect(certificate).toMatchObject({ summary: { cells: 1, withheld: 1, breaches: 0 }, intervals: [{ lower: 1, upper: null }] });
  });
});
