import { Refusal } from '@weighbridge/base';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { answerQuery, boundContributions, formatRational, openLedger, spentOf } from '../../src/perturb/index.ts';
import type { Contribution, PrivateQuery, QueryCell } from '../../src/perturb/index.ts';
import { KEY } from '../tables.ts';
import { chiSquare, critical, tally } from './chi-square.ts';

const SEED = { seed: 20231106 };
const QUERY: PrivateQuery = { name: 'cases by kind', data: 'edition 1', contributions: { cellsPerUnit: 1, perCell: 1 }, noise: { kind: 'laplace', epsilon: '1/2' } };
const CELLS: readonly QueryCell[] = [{ address: 'a', value: 12 }, { address: 'b', value: 0 }, { address: 'c', value: 400 }];
const ledger = openLedger('cases', 'epsilon', '1');

function refusal(run: () => unknown): Refusal {
  try {
    run();
  } catch (error) {
    if (error instanceof Refusal) return error;
    throw error;
  }
  throw new Error('nothing was refused');
}

describe('the same query', () => {
  const first = answerQuery(ledger, QUERY, CELLS, KEY);

  test('has the same answer and is charged once, in whatever order its cells stand', () => {
    const again = answerQuery(first.ledger, QUERY, CELLS.toReversed(), KEY);
    expect(again.cells.toReversed()).toEqual(first.cells);
    expect([first.repeated, again.repeated]).toEqual([false, true]);
    expect(again.ledger).toBe(first.ledger);
    expect(formatRational(spentOf(again.ledger))).toBe('1/2');
  });

  test('over changed data is charged anew, and its noise has nothing to do with the first', () => {
    const changed = answerQuery(first.ledger, QUERY, CELLS.map((c) => ({ ...c, value: c.value + 1 })), KEY);
    expect(changed.repeated).toBe(false);
    expect(formatRational(spentOf(changed.ledger))).toBe('1');
    const many = Array.from({ length: 60 }, (_, i) => ({ address: `cell ${i}`, value: i }));
    const wide = openLedger('wide', 'epsilon', '10');
    const [a, b] = [answerQuery(wide, QUERY, many, KEY), answerQuery(wide, QUERY, many.map((c, i) => (i === 0 ? { ...c, value: 1 } : c)), KEY)];
    const same = a.cells.filter((c, i) => c.value === b.cells[i]?.value).length;
    expect(same).toBeLessThan(30);
  });

  test('with another edition, secret or accuracy is another query', () => {
    const ids = [QUERY, { ...QUERY, data: 'edition 2' }, { ...QUERY, noise: { kind: 'laplace', epsilon: '1/4' } } as const].map((q) => answerQuery(ledger, q, CELLS, KEY).ledger.entries[0]?.id);
    expect(new Set([...ids, answerQuery(ledger, QUERY, CELLS, new Uint8Array(32).fill(9)).ledger.entries[0]?.id]).size).toBe(4);
  });

  test('is listed with what it asked, how and at what cost, and without a true value', () => {
    expect(first.ledger.entries).toMatchObject([{ query: 'cases by kind', data: 'edition 1', mechanism: 'discrete Laplace', contributions: { cellsPerUnit: 1, perCell: 1 }, cost: '1/2' }]);
    expect(JSON.stringify(first.ledger)).not.toContain('400');
  });
});

test('when the budget is spent nothing is answered', () => {
  const spent = answerQuery(ledger, { ...QUERY, noise: { kind: 'laplace', epsilon: '1' } }, CELLS, KEY).ledger;
  expect(refusal(() => answerQuery(spent, QUERY, CELLS, KEY)).code).toBe('PRIVACY_BUDGET_SPENT');
});

describe('noise', () => {
  const wide = Array.from({ length: 6000 }, (_, i) => ({ address: `cell ${i}`, value: 1000 }));

  test('Laplace noise has scale cellsPerUnit · perCell / epsilon', () => {
    const query: PrivateQuery = { ...QUERY, contributions: { cellsPerUnit: 3, perCell: 2 }, noise: { kind: 'laplace', epsilon: '2' } };
    const draws = answerQuery(openLedger('w', 'epsilon', '2'), query, wide, KEY).cells.map((c) => c.value - 1000);
    const values = Array.from({ length: 21 }, (_, i) => i - 10);
    const q = Math.exp(-1 / 3);
    const shares = values.map((y) => ((1 - q) / (1 + q)) * q ** Math.abs(y));
    shares[20] = 1 - shares.slice(0, -1).reduce((a, b) => a + b, 0);
    expect(chiSquare(tally(values, draws), shares)).toBeLessThan(critical(20));
  });

  test('Gaussian noise has variance cellsPerUnit · perCell² / (2 rho) and mean 0', () => {
    const query: PrivateQuery = { ...QUERY, contributions: { cellsPerUnit: 4, perCell: 3 }, noise: { kind: 'gaussian', rho: '0.5' } };
    const draws = answerQuery(openLedger('w', 'rho', '1'), query, wide, KEY).cells.map((c) => c.value - 1000);
    const mean = draws.reduce((a, b) => a + b, 0) / draws.length;
    const variance = draws.reduce((s, d) => s + d * d, 0) / draws.length;
    expect(Math.abs(mean)).toBeLessThan(4 * Math.sqrt(36 / draws.length));
    expect(Math.abs(variance - 36)).toBeLessThan(4 * 36 * Math.sqrt(2 / draws.length));
  });

  test('a unit cannot be in more cells than the query has', () => {
    const query: PrivateQuery = { ...QUERY, contributions: { cellsPerUnit: 1_000_000, perCell: 1 }, noise: { kind: 'laplace', epsilon: '1' } };
    const one = { ...query, contributions: { cellsPerUnit: 1, perCell: 1 } };
    const spread = (q: PrivateQuery): number => {
      let sum = 0;
      for (let i = 0; i < 300; i++) sum += Math.abs(answerQuery(ledger, { ...q, data: String(i) }, [{ address: 'a', value: 0 }], KEY).cells[0]?.value ?? 0);
      return sum / 300;
    };
    expect(spread(query)).toBeLessThan(2 * spread(one));
  });

  test('what lies beyond the safe integers is cut', () => {
    const query: PrivateQuery = { ...QUERY, noise: { kind: 'laplace', epsilon: `1/${10n ** 39n}` } };
    expect(Math.abs(answerQuery(ledger, query, CELLS, KEY).cells[0]?.value ?? 0)).toBe(Number.MAX_SAFE_INTEGER);
  });
});

describe('bounded contributions', () => {
  const cells = ['a', 'b', 'c', 'd'];
  const bounds = { cellsPerUnit: 2, perCell: 3 };

  test('no unit adds to more cells or more to a cell than the bounds say, whatever it contributes', () => {
    const rows = fc.array(fc.record({ unit: fc.constantFrom('u', 'v', 'w'), cell: fc.constantFrom(...cells, 'elsewhere'), amount: fc.integer({ min: -9, max: 9 }) }), { maxLength: 40 });
    fc.assert(fc.property(rows, (all: Contribution[]) => {
      const sums = (list: readonly Contribution[]): number[] => boundContributions(list, cells, bounds, KEY).map((c) => c.value);
      const whole = sums(all);
      for (const unit of ['u', 'v', 'w']) {
        const without = sums(all.filter((r) => r.unit !== unit));
        const changes = whole.map((v, i) => Math.abs(v - (without[i] ?? 0)));
        expect(changes.filter((c) => c > 0).length).toBeLessThanOrEqual(bounds.cellsPerUnit);
        for (const change of changes) expect(change).toBeLessThanOrEqual(bounds.perCell);
      }
      expect(sums(all.toReversed())).toEqual(whole);
    }), { ...SEED, numRuns: 300 });
  });

  test('within the bounds nothing is lost, and every cell of the list has a value', () => {
    const rows = [{ unit: 'u', cell: 'a', amount: 1 }, { unit: 'u', cell: 'b', amount: 2 }, { unit: 'v', cell: 'a', amount: 1 }];
    expect(boundContributions(rows, cells, bounds, KEY)).toEqual([{ address: 'a', value: 2 }, { address: 'b', value: 2 }, { address: 'c', value: 0 }, { address: 'd', value: 0 }]);
  });

  test('amounts and bounds that are no whole numbers are refused by their place', () => {
    expect(refusal(() => boundContributions([{ unit: 'u', cell: 'b', amount: 87.5 }], cells, bounds, KEY)).issues[0]).toMatchObject({ code: 'VALUE_NOT_WHOLE', place: { object: 'b' } });
    expect(refusal(() => boundContributions([], cells, { cellsPerUnit: 0, perCell: 1 }, KEY)).code).toBe('CONTRIBUTIONS');
  });
});

test.each([
  ['PRIVACY_LOSS', { ...QUERY, noise: { kind: 'laplace', epsilon: '0' } }, CELLS], ['PRIVACY_LOSS', { ...QUERY, noise: { kind: 'laplace', epsilon: 'much' } }, CELLS],
  ['CONTRIBUTIONS', { ...QUERY, contributions: { cellsPerUnit: 1, perCell: 0.5 } }, CELLS], ['QUERY_EMPTY', QUERY, []],
  ['CELL_TWICE', QUERY, [{ address: 'a', value: 1 }, { address: 'a', value: 1 }]], ['VALUE_NOT_WHOLE', QUERY, [{ address: 'a', value: 76.25 }]],
  ['PRIVACY_MEASURE', { ...QUERY, noise: { kind: 'gaussian', rho: '1' } }, CELLS],
] as const)('%s is refused, without a value', (code, query, cells) => {
  const error = refusal(() => answerQuery(ledger, query, cells, KEY));
  expect(error.code).toBe(code);
  expect(JSON.stringify(error.issues)).not.toContain('76.25');
});
