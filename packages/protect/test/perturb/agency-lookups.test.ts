import { count } from '@weighbridge/base/confidential';
import { expect, test } from 'vitest';
import { onsCellValue, perturbByOnsTable, superstarColumn } from '../../src/perturb/index.ts';

test.each([[0, 0], [750, 750], [751, 501], [1000, 750], [1001, 501], [1250, 750], [502, 502]])('onsCellValue(%i) === %i', (n, want) => {
  expect(onsCellValue(count(n))).toBe(want);
});

test('cell values of counts above 750 run through 501 to 750 and no others', () => {
  const seen = new Set<number>();
  for (let n = 751; n < 5000; n++) seen.add(onsCellValue(count(n)));
  expect([Math.min(...seen), Math.max(...seen), seen.size]).toEqual([501, 750, 250]);
});

test('an ONS table moves a count by the change at its cell value and the sum of keys modulo their number', () => {
  const changes = new Int8Array(751 * 256);
  changes[501 * 256 + 4] = -3;
  expect(perturbByOnsTable(count(751), [200, 60], { keys: 256, changes })).toBe(748);
  expect(perturbByOnsTable(count(750), [200, 60], { keys: 256, changes })).toBe(750);
  expect(() => perturbByOnsTable(count(1), [256], { keys: 256, changes })).toThrow('record key: expected');
  expect(() => perturbByOnsTable(count(1), [0], { keys: 255, changes })).toThrow('table: expected');
});

test.each([[1, 1], [20, 20], [21, 22], [25, 26], [30, 21], [31, 22], [1_000_000, 21]])('superstarColumn(%i, 30, 10) === %i', (n, want) => {
  expect(superstarColumn(count(n), 30, 10)).toBe(want);
});

test('large counts use the last columns and no others', () => {
  const seen = new Set<number>();
  for (let n = 21; n < 500; n++) seen.add(superstarColumn(count(n), 30, 10));
  expect([...seen].sort((a, b) => a - b)).toEqual([21, 22, 23, 24, 25, 26, 27, 28, 29, 30]);
  expect(() => superstarColumn(count(1), 5, 6)).toThrow('tableSize');
});
