/**
 * Small cases for the gate's own tests: crossings of flat dimensions, and random ones for comparison with enumeration.
 * @module
 */
import fc from 'fast-check';
import { caseOf, flatDimension } from './cell-list.ts';
import type { Knowledge } from './cell-list.ts';
import type { GateCase } from './gate-case.ts';
import { crossing } from './table-description.ts';
import type { TableDescription } from './table-description.ts';

/** The full crossing of flat dimensions of the sizes given, from counts of the finest cells (last dimension fastest); codes are `a1`, `b2`, … */
export function flatTable(shape: readonly number[], counts: readonly number[]): TableDescription {
  const names = shape.map((size, d) => Array.from({ length: size }, (_, i) => `${String.fromCharCode(97 + d)}${i + 1}`));
  let keys: string[][] = [[]];
  for (const codes of names) keys = keys.flatMap((key) => codes.map((code) => [...key, code]));
  return {
    dimensions: names.map((codes, d) => flatDimension(String.fromCharCode(97 + d), codes)),
    records: keys.map((codes, i) => ({ codes, freq: counts[i] ?? 0 })),
  };
}

/** A case over the full crossing: `primary` and `secondary` by the key's text, like `a1|b2` and `Total|b1`. */
export function crossedCase(table: TableDescription, primary: readonly string[], secondary: readonly string[], knowledge: Partial<Knowledge> = {}): GateCase {
  const cells = crossing(table);
  const names = cells.map((c) => c.key.join('|'));
  const missing = [...primary, ...secondary].filter((name) => !names.includes(name));
  if (missing.length > 0) throw new RangeError(`no cell ${missing.join(', ')}`);
  const list = { dimensions: table.dimensions, keys: cells.map((c) => c.key), value: cells.map((c) => c.freq), primary: names.map((n) => primary.includes(n)) };
  return caseOf(list, names.map((n) => primary.includes(n) || secondary.includes(n)), { lower: 0, integer: true, ...knowledge });
}

/** The cell of a case by its name. */
export function cellOf(gateCase: GateCase, name: string): number {
  const at = gateCase.labels?.indexOf(name) ?? -1;
  if (at < 0) throw new RangeError(`no cell ${name}`);
  return at;
}

/**
 * Random small cases of the shapes given, counts up to `most`: unprinted are either cells drawn freely (never the total of
 * all) or the whole inside with all margins printed; bounds as an attacker has them.
 */
export function randomCases(shapes: readonly (readonly number[])[], most = 4): fc.Arbitrary<GateCase> {
  return fc.constantFrom(...shapes).chain((shape) => {
    const inner = shape.reduce((n, size) => n * size, 1);
    const all = shape.reduce((n, size) => n * (size + 1), 1);
    return fc.record({
      counts: fc.array(fc.nat(most), { minLength: inner, maxLength: inner }),
      open: fc.array(fc.integer({ min: 0, max: 3 }), { minLength: all, maxLength: all }),
      inside: fc.boolean(),
      zerosPrinted: fc.boolean(),
      marksKnown: fc.boolean(),
    }).map(({ counts, open, inside, zerosPrinted, marksKnown }) => {
      const table = flatTable(shape, counts);
      const cells = crossing(table);
      const drawn = (key: readonly string[], i: number): boolean => (inside ? !key.includes('Total') : open[i] !== 0 && key.some((code) => code !== 'Total'));
      const hide = cells.map((c, i) => drawn(c.key, i) && !(zerosPrinted && c.freq === 0));
      const list = { dimensions: table.dimensions, keys: cells.map((c) => c.key), value: cells.map((c) => c.freq), primary: cells.map((c, i) => hide[i] === true && c.freq <= 2) };
      return caseOf(list, hide, { lower: zerosPrinted ? 1 : 0, integer: true, ...(marksKnown ? { upperOfPrimary: 2 } : {}) });
    });
  });
}
