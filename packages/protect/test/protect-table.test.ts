import { beforeAll, describe, expect, expectTypeOf, test } from 'vitest';
import { confidentialRevisions } from '@weighbridge/base/confidential';
import type { ConfidentialTable } from '@weighbridge/base/confidential';
import { cellDraw, cellIdentity } from '../src/cell-draw.ts';
import { isProtectedTable, readProtectedTable, releaseRevisions } from '../src/index.ts';
import type { ProtectedTable } from '../src/index.ts';
import { DRAW_RANGE } from '../src/units.ts';
import { KEY, dimensionsOf, protectOne, tableOf } from './tables.ts';

const values = (made: ProtectedTable): (number | null)[] => made.cells.map((c) => c.value?.lo ?? null);
const SQUARE = dimensionsOf([['x', 'y'], ['p', 'q']]);

describe('types', () => {
  test('neither kind of table passes for the other', async () => {
    expectTypeOf<ConfidentialTable>().not.toExtend<ProtectedTable>();
    expectTypeOf<ProtectedTable>().not.toExtend<ConfidentialTable>();
    const secret = tableOf(SQUARE, [1, 2, 3, 4]);
    // @ts-expect-error -- a confidential table must not reach publish
    const leaked: ProtectedTable = secret;
    // @ts-expect-error -- a released table is no source for protection
    const back: ConfidentialTable = await protectOne(secret);
    expect([leaked, back]).toHaveLength(2);
  });

  test('only tables made here carry the brand', async () => {
    const secret = tableOf(SQUARE, [1, 2, 3, 4]);
    const made = await protectOne(secret);
    expect([made, { ...made }, secret, null, 'x'].map(isProtectedTable)).toEqual([true, false, false, false, false]);
  });
});

describe('round-base-3', () => {
  const rounded = (finest: readonly number[], settings: Parameters<typeof tableOf>[2] = {}): Promise<ProtectedTable> => protectOne(tableOf(SQUARE, finest, { method: 'round-base-3', ...settings }));

  test('every value is a multiple of 3 within 2 of the true one, and multiples stay', async () => {
    const truth = tableOf(SQUARE, [3, 1, 8, 300]);
    const made = await rounded([3, 1, 8, 300]);
    for (const [i, cell] of made.cells.entries()) {
      const [n, r] = [truth.cells[i]?.records ?? -1, cell.value?.lo ?? -1];
      expect(r % 3).toBe(0);
      expect(Math.abs(r - n)).toBeLessThan(3);
      if (n % 3 === 0) expect(r).toBe(n);
      expect(cell.status).toBe('rounded');
    }
  });

  test('the published roundings of key 7 never change', async () => {
    expect(values(await rounded([10, 20, 40, 50]))).toEqual([12, 21, 30, 42, 48, 90, 48, 72, 120]);
  });

  test('the same cell rounds alike in a table of fewer dimensions, in another order, and under a filter', async () => {
    const [a, b] = SQUARE;
    if (!a || !b) throw new Error('two dimensions');
    const both = await rounded([40, 70, 100, 130]);
    const alone = await protectOne(tableOf([a], [110, 230], { method: 'round-base-3' }));
    expect(values(alone)).toEqual([values(both)[2], values(both)[5], values(both)[8]]);
    const turned = await protectOne(tableOf([b, a], [40, 100, 70, 130], { method: 'round-base-3' }));
    expect(values(turned)).toEqual([0, 3, 6, 1, 4, 7, 2, 5, 8].map((i) => values(both)[i] ?? null));
    const filtered = await protectOne(tableOf([b], [40, 70], { method: 'round-base-3', held: { a: '{"in":["x"]}' } }));
    expect(values(filtered)).toEqual(values(both).slice(0, 3));
  });

  test('another key, another measure or another cell draws anew', () => {
    const request = { method: 'round-base-3', threshold: 6, universe: 'u' } as const;
    const identity = cellIdentity(request, ['a'], ['x']);
    const draws = [cellDraw(KEY, identity, 'value'), cellDraw(KEY.with(0, 8), identity, 'value'), cellDraw(KEY, cellIdentity({ ...request, universe: 'v' }, ['a'], ['x']), 'value'), cellDraw(KEY, cellIdentity(request, ['a'], ['y']), 'value'), cellDraw(KEY, cellIdentity(request, ['a'], [null]), 'value')];
    expect(new Set(draws).size).toBe(draws.length);
  });

  test('draws of 30,000 cells fall into the thirds of the range evenly', () => {
    const thirds = [0, 0, 0];
    for (let i = 0; i < 30_000; i++) {
      const third = Math.floor((3 * cellDraw(KEY, String(i), 'value')) / DRAW_RANGE);
      thirds[third] = (thirds[third] ?? 0) + 1;
    }
    // Chi-square with two degrees of freedom: 13.8 is passed once in a thousand; key and cells are fixed.
    expect(thirds.reduce((x, n) => x + (n - 10_000) ** 2 / 10_000, 0)).toBeLessThan(13.8);
  });

  test('bounds round together and never cross; counts of states are rounded too', async () => {
    const made = await rounded([40, 41, 42, 43], { measure: 'sum', value: (n) => ({ lo: n, hi: n + 1, states: { blank: 4 } }) });
    for (const { value } of made.cells) {
      expect(value?.lo).toBeLessThanOrEqual(value?.hi ?? -1);
      expect((value?.states.blank ?? 1) % 3).toBe(0);
    }
  });

  test('a sum that rests on few records is withheld with a partner, since rounding would show its contributor', async () => {
    const made = await rounded([2, 40, 50, 60], { measure: 'sum', value: (n) => ({ lo: n * 1000, hi: n * 1000, states: {} }) });
    expect(made.cells.map((c) => c.status)).toEqual(['suppressed', 'suppressed', 'rounded', 'suppressed', 'suppressed', 'rounded', 'rounded', 'rounded', 'rounded']);
  });

  test('MAGNITUDE_NOT_INTEGER: sums that are no integers are refused, without their value', async () => {
    await expect(rounded([40, 41, 42, 43], { measure: 'sum', value: (n) => ({ lo: n + 0.5, hi: n + 0.5, states: {} }) })).rejects.toThrow(expect.objectContaining({ code: 'MAGNITUDE_NOT_INTEGER', message: expect.not.stringContaining('40') as string }) as Error);
  });

  test('a short key is a programmer\'s error', async () => {
    await expect(protectOne(tableOf(SQUARE, [1, 2, 3, 4]), new Uint8Array(15))).rejects.toThrow(RangeError);
  });
});

describe('public', () => {
  test('shown as counted, with the reason', async () => {
    const made = await protectOne(tableOf(SQUARE, [1, 2, 3, 4], { method: 'public', reason: 'the source printed it' }));
    expect(values(made)).toEqual([1, 2, 3, 3, 4, 7, 4, 6, 10]);
    expect(made.protection.statement).toContain('the source printed it');
  });

  test('PROTECTION_REASON: public without a reason is refused', async () => {
    await expect(protectOne(tableOf(SQUARE, [1, 2, 3, 4], { method: 'public' }))).rejects.toThrow(expect.objectContaining({ code: 'PROTECTION_REASON' }) as Error);
  });

  test('revisions of a public series are released, of another refused', () => {
    const revisions = [{ key: { country: 'NZ' }, fromEdition: 'a', toEdition: 'b', change: 'changed', before: '1', after: '2' }] as const;
    expect(releaseRevisions(confidentialRevisions('s', 'published', revisions))).toEqual([{ instrument: 's', ...revisions[0] }]);
    expect(() => releaseRevisions(confidentialRevisions('s', null, revisions))).toThrow(expect.objectContaining({ code: 'REVISIONS_NOT_PUBLIC' }) as Error);
  });
});

describe('readProtectedTable', () => {
  let made: ProtectedTable;
  beforeAll(async () => {
    made = await protectOne(tableOf(SQUARE, [1, 20, 30, 40]));
  });
  const json = (): Record<string, unknown> => JSON.parse(JSON.stringify(made)) as Record<string, unknown>;

  test('a released table is read back with its brand', () => {
    const back = readProtectedTable(json());
    expect(isProtectedTable(back)).toBe(true);
    expect(back).toEqual(made);
  });

  const at = (path: string): [Record<string, unknown>, string, Record<string, unknown>] => {
    const root = json();
    const parts = path.split('.');
    let owner = root;
    for (const part of parts.slice(0, -1)) owner = owner[part] as Record<string, unknown>;
    return [owner, parts.at(-1) ?? '', root];
  };

  test.each([
    ['meta', 'meta'], ['cells', 'cells'], ['protection.method', 'protection.method'], ['meta.basis.coverage', 'meta.basis.coverage'],
    ['meta.dimensions.0.codes.1.code', 'meta.dimensions[0].codes[1].code'], ['cells.0.key', 'cells[0].key'], ['cells.0.status', 'cells[0].status'],
    ['cells.2.value', 'cells[2].value'], ['certificate', 'certificate'], ['certificate.engine', 'certificate.engine'], ['certificate.breaches', 'certificate.breaches'], ['cells.2.value.lo', 'cells[2].value.lo'], ['meta.provenance.submissions', 'meta.provenance.submissions'],
  ])('RELEASED_TABLE_MALFORMED: %s taken away points to %s', (path, key) => {
    const [owner, name, root] = at(path);
    owner[name] = undefined;
    expect(() => readProtectedTable(root)).toThrow(expect.objectContaining({ code: 'RELEASED_TABLE_MALFORMED', issues: [expect.objectContaining({ place: { key } }) as unknown] }) as Error);
  });

  test.each([['null', null], ['a list', []], ['a text', 'x'], ['nothing', {}]])('RELEASED_TABLE_MALFORMED: %s', (_, bad) => {
    expect(() => readProtectedTable(bad)).toThrow(expect.objectContaining({ code: 'RELEASED_TABLE_MALFORMED' }) as Error);
  });

  test.each([['method', 'public'], ['cells', 8], ['withheld', 3], ['breaches', -1], ['linkedTables', 0.5], ['programs', 4]])('RELEASED_TABLE_MALFORMED: a certificate whose %s is not the table\'s', (name, value) => {
    const root = json();
    (root['certificate'] as Record<string, unknown>)[name] = value;
    expect(() => readProtectedTable(root)).toThrow(expect.objectContaining({ code: 'RELEASED_TABLE_MALFORMED', issues: [expect.objectContaining({ place: { key: `certificate.${name}` } }) as unknown] }) as Error);
  });

  test('RELEASED_TABLE_MALFORMED: a withheld cell that carries a value, or an address twice', () => {
    const [cell, , root] = at('cells.0.value');
    cell['value'] = { lo: 1, hi: 1, states: {} };
    expect(() => readProtectedTable(root)).toThrow(/withheld/);
    const [cells, , other] = at('cells.1');
    cells['1'] = cells['0'];
    expect(() => readProtectedTable(other)).toThrow(/no other cell/);
  });
});
