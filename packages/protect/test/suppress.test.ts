import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Dimension } from '@weighbridge/base';
import { protectTable } from '../src/index.ts';
import { linesOf, suppressedCells } from '../src/suppress.ts';
import { KEY, addresses, dimensionsOf, tableOf } from './tables.ts';

const THRESHOLD = 6;
const marks = (dimensions: readonly Dimension[], finest: readonly number[]): string => protectTable(tableOf(dimensions, finest, { threshold: THRESHOLD }), KEY).cells.map((c) => (c.value === null ? 'x' : '.')).join('');

describe('known tables', () => {
  const square = dimensionsOf([['x', 'y'], ['p', 'q']]);
  // Each row of the picture is p, q, margin.
  test.each([
    ['nothing small', [10, 20, 30, 40], '... ... ...'],
    ['one small cell takes three partners', [2, 20, 30, 40], 'xx. xx. ...'],
    ['a small margin takes a partner of its own', [2, 3, 30, 40], 'xxx xxx ...'],
    ['zeros are shown', [0, 20, 30, 40], '... ... ...'],
    ['a small cell alone in its row and column leaves margins that need partners', [2, 0, 0, 40], 'x.x .xx xx.'],
  ])('%s', (_, finest, want) => {
    expect(marks(square, finest)).toBe(want.replaceAll(' ', ''));
  });
});

/**
 * The oracle: an attacker who reads one line at a time. He knows the shown cells and that each line's first cell is the
 * sum of the others, works out every cell that is the only one withheld in a line, and goes on with what he learned.
 */
function attacked(dimensions: readonly Dimension[], withheld: ReadonlySet<string>): string[] {
  const open = new Set(withheld);
  const learned: string[] = [];
  for (let before = -1; before !== learned.length;) {
    before = learned.length;
    for (const [d, dimension] of dimensions.entries()) {
      for (const key of addresses(dimensions).filter((k) => k[d] === null)) {
        const line = [null, ...dimension.codes.map((c) => c.code)].map((code) => JSON.stringify(key.map((c, i) => (i === d ? code : c))));
        const unknown = line.filter((k) => open.has(k));
        if (unknown.length === 1 && unknown[0] !== undefined) {
          open.delete(unknown[0]);
          learned.push(unknown[0]);
        }
      }
    }
  }
  return learned;
}

describe('properties', () => {
  const shapes = [[['x', 'y'], ['p', 'q', 'r']], [['x', 'y', 'z'], ['p', 'q', 'r'], ['1', '2']], [['x', 'y', 'z', 'w']]];
  const smallTable = fc.constantFrom(...shapes.map(dimensionsOf)).chain((dimensions) => {
    const size = dimensions.reduce((n, d) => n * d.codes.length, 1);
    return fc.tuple(fc.constant(dimensions), fc.array(fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 8 }), fc.integer({ min: 9, max: 500 })), { minLength: size, maxLength: size }));
  });

  test('no withheld cell can be worked out line by line, small cells are withheld, zeros are shown', () => {
    let withSuppression = 0;
    fc.assert(fc.property(smallTable, ([dimensions, finest]) => {
      const made = protectTable(tableOf(dimensions, finest, { threshold: THRESHOLD }), KEY);
      const truth = tableOf(dimensions, finest);
      const withheld = new Set(made.cells.filter((c) => c.value === null).map((c) => JSON.stringify(c.key)));
      withSuppression += withheld.size > 0 ? 1 : 0;
      expect(attacked(dimensions, withheld)).toEqual([]);
      for (const [i, cell] of truth.cells.entries()) {
        const shown = made.cells[i]?.value;
        if (cell.records > 0 && cell.records < THRESHOLD) expect(shown).toBeNull();
        if (cell.records === 0) expect(shown?.lo).toBe(0);
        if (shown) expect(shown.lo).toBe(cell.records);
      }
    }), { seed: 20231106, numRuns: 400 });
    expect(withSuppression).toBeGreaterThan(100);
  });
});

describe('lines', () => {
  test('a table of two by three has a line for each row and column, margins included', () => {
    const dimensions = dimensionsOf([['x', 'y'], ['p', 'q', 'r']]);
    const lines = linesOf(dimensions, addresses(dimensions).map((key) => ({ key, records: 1 })));
    expect(lines.map((l) => l.length).sort()).toEqual([3, 3, 3, 3, 4, 4, 4]);
  });

  test('without a margin a dimension has no lines', () => {
    const [a, b] = dimensionsOf([['x', 'y'], ['p', 'q']]);
    if (!a || !b) throw new Error('two dimensions');
    const dimensions = [{ ...a, total: null }, b];
    expect(linesOf(dimensions, addresses(dimensions).map((key) => ({ key, records: 1 })))).toHaveLength(2);
  });

  test('parents beside their children are lines too', () => {
    const levels: Dimension = { field: 'a', label: 'A', kind: 'category', total: null, levelsShown: true, codes: [{ code: '2', label: '2' }, { code: '21', label: '21', parent: '2' }, { code: '22', label: '22', parent: '2' }, { code: '3', label: '3' }] };
    const cells = [[['2'], 40], [['21'], 38], [['22'], 2], [['3'], 4]] as const;
    expect([...suppressedCells([levels], cells.map(([key, records]) => ({ key, records })), THRESHOLD)].sort()).toEqual([1, 2, 3]);
  });

  test('distinct counts are judged by the units, not the records', () => {
    const made = protectTable(tableOf(dimensionsOf([['x', 'y']]), [100, 100], { measure: 'distinct', value: (n) => ({ lo: n / 25, hi: n / 25, states: {} }) }), KEY);
    expect(made.cells.map((c) => c.value?.lo ?? null)).toEqual([null, null, 8]);
  });

  test('small counts of states are left out of what is shown', () => {
    const made = protectTable(tableOf(dimensionsOf([['x', 'y']]), [100, 100], { measure: 'sum', value: (n) => ({ lo: n, hi: null, states: { blank: 2, 'not-published': 9 } }) }), KEY);
    expect(made.cells[0]?.value).toEqual({ lo: 100, hi: null, states: { 'not-published': 9 } });
  });
});
