import fc from 'fast-check';
import { expect, test } from 'vitest';
import { cellKey, makePtable, perturbCells, recordKey, recordKeys, roundCells, roundFixedToBase3 } from '../../src/perturb/index.ts';
import type { CountCell } from '../../src/perturb/index.ts';
import { count } from '@weighbridge/base/confidential';
import { DRAW_RANGE } from '../../src/units.ts';
import { KEY } from '../tables.ts';
import { chiSquare, critical } from './chi-square.ts';

const SEED = { seed: 20231106 };
const KEY_OF = recordKeys(KEY);
const keys = fc.array(fc.integer({ min: 0, max: DRAW_RANGE - 1 }), { maxLength: 40 });

test('a cell key is the fraction of the sum, in any order and through any subtotals', () => {
  fc.assert(fc.property(keys, fc.integer({ min: 0, max: 40 }), (all, cut) => {
    const exact = Number(all.reduce((s, k) => s + BigInt(k), 0n) % BigInt(DRAW_RANGE));
    expect(cellKey(all)).toBe(exact);
    expect(cellKey(all.toReversed())).toBe(exact);
    expect(cellKey([cellKey(all.slice(0, cut)), cellKey(all.slice(cut))])).toBe(exact);
  }), SEED);
});

test('no records have key 0, and a key outside 0 to 2^32 - 1 is refused', () => {
  expect(cellKey([])).toBe(0);
  for (const bad of [-1, 0.5, DRAW_RANGE, NaN]) expect(() => cellKey([bad])).toThrow('record key: expected a whole number');
});

test('a record key depends on the secret and on the identifier, and on nothing else', () => {
  expect(recordKey(KEY, 'a')).toBe(recordKey(new Uint8Array(KEY), 'a'));
  expect(new Set([recordKey(KEY, 'a'), recordKey(KEY, 'b'), recordKey(new Uint8Array(32).fill(8), 'a')]).size).toBe(3);
  for (const id of ['', 'a', 'Ā', 'x'.repeat(500)]) expect(KEY_OF(id)).toBe(recordKey(KEY, id));
  expect(() => recordKey(new Uint8Array(15), 'a')).toThrow('expected at least 16 bytes');
});

test('record keys and sums of them are uniform over sixteen classes', () => {
  for (const size of [1, 2, 7]) {
    const classes = Array.from({ length: 16 }, () => 0);
    for (let g = 0; g < 4000; g++) {
      const c = Math.floor(cellKey(Array.from({ length: size }, (_, u) => KEY_OF(`${size}/${g}/${u}`))) / 2 ** 28);
      classes[c] = (classes[c] ?? 0) + 1;
    }
    expect(chiSquare(classes, classes.map(() => 1 / 16))).toBeLessThan(critical(15));
  }
});

interface Person { readonly id: string; readonly place: number; readonly kind: number }

/** Cells of a table by some attributes, with the sum of record keys as their draw. */
function tabulate(people: readonly Person[], by: (p: Person) => string): Map<string, CountCell & { readonly ids: string }> {
  return new Map([...Map.groupBy(people, by)].map(([address, group]) => [address, {
    address, n: group.length, draw: cellKey(group.map((p) => KEY_OF(p.id))), ids: JSON.stringify(group.map((p) => p.id).sort()),
  }]));
}

test('over 1,000 random tables, cells of the same people show the same number under every method', () => {
  const ptable = makePtable({ maxNoise: 3, variance: 1 });
  const people = fc.uniqueArray(fc.record({ id: fc.string({ maxLength: 4 }), place: fc.nat(3), kind: fc.nat(2) }), { selector: (p) => p.id, maxLength: 12 });
  const seen = new Map<string, string>();
  let shared = 0;
  fc.assert(fc.property(people, (all) => {
    const tables = [tabulate(all, () => 'all'), tabulate(all, (p) => `place ${p.place}`), tabulate(all.toReversed(), (p) => `${p.kind}|${p.place}`)];
    for (const cells of tables.map((t) => [...t.values()])) {
      const [rounded, moved] = [roundCells(cells, { base: 3 }), perturbCells(cells, ptable)];
      for (const [i, cell] of cells.entries()) {
        const shown = [rounded[i]?.value, moved[i]?.value, roundFixedToBase3(count(cell.n), cell.draw)].join();
        if (seen.has(cell.ids)) shared++;
        expect(seen.get(cell.ids) ?? shown).toBe(shown);
        seen.set(cell.ids, shown);
      }
    }
  }), { ...SEED, numRuns: 350 });
  expect(shared).toBeGreaterThan(500);
});
