import { exactly, formatQuantity } from '@weighbridge/base';
import type { Quantity } from '@weighbridge/base';
import { expect, test } from 'vitest';

test.each<[Quantity, string]>([
  [exactly(0), '0'],
  [exactly(1234567), '1,234,567'],
  [{ lo: 0, hi: 249, states: { band: 1 } }, '0 to 249'],
  [{ lo: 12, hi: null, states: { blank: 2 } }, 'at least 12'],
  [{ lo: null, hi: null, states: { blank: 1 } }, 'blank in the source'],
  [{ lo: null, hi: null, states: { 'not-sought': 1 } }, 'not sought'],
  [{ lo: null, hi: null, states: { blank: 1, 'not-sought': 1 } }, 'no number reported'],
])('%j reads %s', (quantity, text) => {
  expect(formatQuantity(quantity)).toBe(text);
});
