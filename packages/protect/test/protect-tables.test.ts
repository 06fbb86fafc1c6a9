import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Dimension } from '@weighbridge/base';
import { confidential, confidentialTable } from '@weighbridge/base/confidential';
import type { ConfidentialTable } from '@weighbridge/base/confidential';
import { protectTables } from '../src/index.ts';
import type { ProtectedTable } from '../src/index.ts';
import { enumeratedRanges } from './gate/enumerate.ts';
import { gate } from './gate/gate.ts';
import { releasedCase } from './released-case.ts';
import { KEY, dimensionsOf, protectOne, tableOf } from './tables.ts';
import type { TableSettings } from './tables.ts';

const THRESHOLD = 4;
const marks = (made: ProtectedTable | undefined): string => (made?.cells ?? []).map((c) => (c.value === null ? 'x' : '.')).join('');
const values = (made: ProtectedTable | undefined): (number | null)[] => (made?.cells ?? []).map((c) => c.value?.lo ?? null);

/** A table over some of the dimensions of a cube of counts (last dimension fastest). */
function sideOf(dimensions: readonly Dimension[], cube: readonly number[], kept: readonly number[], settings: TableSettings): ConfidentialTable {
  const shape = dimensions.map((d) => d.codes.length);
  const sums = new Map<string, number>();
  for (const [i, n] of cube.entries()) {
    let rest = i;
    const at = shape.map(() => 0);
    for (let d = shape.length - 1; d >= 0; d--) {
      at[d] = rest % (shape[d] ?? 1);
      rest = Math.floor(rest / (shape[d] ?? 1));
    }
    const key = kept.map((d) => at[d]).join();
    sums.set(key, (sums.get(key) ?? 0) + n);
  }
  const own = kept.flatMap((d) => dimensions[d] ?? []);
  let keys: number[][] = [[]];
  for (const d of own) keys = keys.flatMap((key) => d.codes.map((_, i) => [...key, i]));
  return tableOf(own, keys.map((key) => sums.get(key.join()) ?? 0), { threshold: THRESHOLD, ...settings });
}

const CUBE = dimensionsOf([['x', 'y'], ['p', 'q'], ['1', '2']]);
const [a, b, c] = CUBE as [Dimension, Dimension, Dimension];
const suppressed = (dimensions: readonly Dimension[], finest: readonly number[], id: string): ConfidentialTable => tableOf(dimensions, finest, { threshold: THRESHOLD, id });

describe('linked tables', () => {
  // Each hides two of its small numbers in a row; together they print the row.
  const first = suppressed([a, b], [8, 2, 32, 30], 'first');
  const second = suppressed([a, c], [8, 2, 2, 60], 'second');

  test('two tables that are safe one by one give small numbers away together; protected together they do not', async () => {
    const apart = [await protectOne(first), await protectOne(second)];
    expect(await gate(releasedCase([first], apart.slice(0, 1), THRESHOLD))).toEqual([]);
    expect(await gate(releasedCase([second], apart.slice(1), THRESHOLD))).toEqual([]);
    expect((await gate(releasedCase([first, second], apart, THRESHOLD))).map((v) => v.label)).toContain('a=x,c=2');
    const { tables } = await protectTables([first, second], KEY);
    expect(await gate(releasedCase([first, second], tables, THRESHOLD))).toEqual([]);
  });

  test('a cell that one suppressed table withholds is withheld in all', async () => {
    const { tables } = await protectTables([first, second], KEY);
    const rows = tables.map((made) => made.cells.filter((cell) => cell.key[1] === null).map((cell) => cell.value === null));
    expect(rows[0]).toEqual(rows[1]);
    expect(rows[0]).toContain(true);
  });

  test('the same set of records is one cell under whatever name', async () => {
    const named = (id: string, field: string, group: string): ConfidentialTable => {
      const table = suppressed([{ ...a, field }], [2, 40], id);
      return confidentialTable(table.meta, table.cells.map((cell) => ({ ...cell, group: `${group} ${cell.key[0] ?? 'all'}` })), { ...table.protection, records: 'r' });
    };
    const wide = tableOf([{ ...a, field: 'z' }], [2, 40], { threshold: 2, id: 'wide' });
    const alike = confidentialTable(wide.meta, wide.cells.map((cell) => ({ ...cell, group: `same ${cell.key[0] ?? 'none'}` })), { ...wide.protection, records: 'r' });
    const { tables } = await protectTables([named('one', 'k', 'same'), alike], KEY);
    expect(tables.map(marks)).toEqual(['xx.', 'xx.']);
    const { tables: apart } = await protectTables([named('one', 'k', 'other'), alike], KEY);
    expect(apart.map(marks)).toEqual(['xx.', '...']);
  });

  test('the order of tables changes nothing but their order', async () => {
    const { tables } = await protectTables([first, second], KEY);
    const { tables: turned } = await protectTables([second, first], KEY);
    expect(turned.toReversed()).toEqual(tables);
  });

  test('LINKED_DIFFER: two tables that count the same and differ are refused with the address alone', async () => {
    const other = suppressed([a, c], [8, 2, 2, 61], 'other');
    await expect(protectTables([first, other], KEY)).rejects.toThrow(expect.objectContaining({ code: 'LINKED_DIFFER', message: expect.not.stringMatching(/6[123]/) as string }) as Error);
  });

  test('the certificate counts cells, withheld ones and linked tables, and nothing that tells how many are small', async () => {
    const { tables, certificate } = await protectTables([first, second, tableOf([a], [50, 60], { universe: 'v', id: 'third' })], KEY);
    expect(certificate.tables.map(({ id, linkedTables }) => [id, linkedTables])).toEqual([['first', 1], ['second', 1], ['third', 0]]);
    for (const [i, table] of tables.entries()) {
      expect(table.certificate).toEqual({ engine: 'weighbridge-attack/1', method: 'suppress', cells: table.cells.length, withheld: table.cells.filter((cell) => cell.value === null).length, linkedTables: certificate.tables[i]?.linkedTables, breaches: 0 });
    }
  });
});

describe('rounded tables', () => {
  // Rounded 3 3 3 / 6 3 9 / 3 9 12: the second row is at most 11, its cells at least 4 and 1, its column at most 5.
  const pinned = tableOf([a, b], [1, 2, 4, 5], { method: 'round-base-3', id: 'pinned' });

  test('a small count that margins pin is opened by withholding a number, and no more than it takes', async () => {
    const all = await protectOne(tableOf([a, b], [1, 2, 4, 5], { method: 'round-base-3', threshold: 1, id: 'all' }));
    expect(values(all)).toEqual([3, 3, 3, 6, 3, 9, 3, 9, 12]);
    const told = enumeratedRanges(releasedCase([pinned], [all], 6));
    expect(told.lo.flatMap((lo, i) => (lo === told.hi[i] ? [lo] : []))).toEqual([1, 4, 5]);
    const made = await protectOne(pinned);
    expect(values(made)).toEqual([3, 3, 3, null, 3, 9, 3, 9, 12]);
    const open = enumeratedRanges(releasedCase([pinned], [made], 6));
    expect(open.lo.every((lo, i) => lo < (open.hi[i] ?? 0))).toBe(true);
    expect(made.certificate).toMatchObject({ withheld: 1, breaches: 0 });
  });

  test('what is withheld for the attack is withheld in every table that shows it', async () => {
    const alone = tableOf([b], [4, 5], { method: 'round-base-3', id: 'alone', held: { a: '{"in":["y"]}' } });
    const { tables } = await protectTables([pinned, alone], KEY);
    expect(values(tables[1])[0]).toBeNull();
    expect(await gate(releasedCase([pinned], tables.slice(0, 1), 6))).toEqual([]);
  });

  test('exact numbers of another table are known to who attacks a rounded one', async () => {
    const line = tableOf([a, b], [2, 40, 50, 60], { method: 'round-base-3', threshold: THRESHOLD, id: 'line' });
    const exact = suppressed([a], [42, 110], 'exact');
    const { tables } = await protectTables([line, exact], KEY);
    const judged = releasedCase([line, exact], tables, THRESHOLD);
    expect(await gate(judged)).toEqual([]);
    expect(judged.printed.filter(Boolean).length).toBeGreaterThan(0);
  });
});

describe('states and sums', () => {
  const withBlanks = (blanks: readonly number[], settings: TableSettings = {}): ConfidentialTable => {
    const table = tableOf([a], [100, 100], { measure: 'sum', id: 'blanks', ...settings });
    return confidentialTable(table.meta, table.cells.map((cell, i) => ({ ...cell, value: confidential({ lo: 1000, hi: null, states: { blank: blanks[i] ?? 0 } }) })), table.protection);
  };

  test('a small number of blank values is left out, and so is the one that would give it back', async () => {
    expect((await protectOne(withBlanks([2, 30, 32]))).cells.map((cell) => cell.value?.states)).toEqual([{}, {}, { blank: 32 }]);
    expect((await protectOne(withBlanks([20, 30, 50]))).cells.map((cell) => cell.value?.states)).toEqual([{ blank: 20 }, { blank: 30 }, { blank: 50 }]);
  });

  test('a sum rests on the records that gave it a number, not on those that left it blank', async () => {
    expect(marks(await protectOne(withBlanks([98, 30, 128])))).toBe('xx.');
  });

  test('a rounded number of blank values that comes to none is left out, as where there is none', async () => {
    const made = await protectOne(withBlanks([1, 2, 3], { method: 'round-base-3' }));
    for (const cell of made.cells) expect(Object.values(cell.value?.states ?? {})).not.toContain(0);
  });
});

describe('properties', () => {
  const cube = fc.array(fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 4 }), fc.integer({ min: 5, max: 60 })), { minLength: 8, maxLength: 8 });
  const methods = fc.array(fc.constantFrom('suppress' as const, 'round-base-3' as const), { minLength: 3, maxLength: 3 });
  const sides = fc.constantFrom([[0, 1], [0, 2]], [[0, 1], [1, 2], [0, 2]], [[0, 1, 2], [0]], [[0, 1, 2]]);

  test('no small count of linked tables, suppressed or rounded, follows from all of them: the gate finds none', async () => {
    let withheld = 0;
    await fc.assert(fc.asyncProperty(cube, methods, sides, async (counts, method, kept) => {
      const secret = kept.map((side, i) => sideOf(CUBE, counts, side, { method: method[i] ?? 'suppress', id: `t${i}` }));
      const { tables } = await protectTables(secret, KEY);
      withheld += tables.some((made) => made.certificate.withheld > 0) ? 1 : 0;
      expect(await gate(releasedCase(secret, tables, THRESHOLD), { checks: ['A', 'B'], integerSeconds: 5 })).toEqual([]);
    }), { seed: 20231106, numRuns: 150 });
    expect(withheld).toBeGreaterThan(50);
  }, 120_000);
});
