import { Refusal } from '@weighbridge/base';
import { expect, test } from 'vitest';
import { charge, costIn, epsilonAt, formatRational, openLedger, parseRational, remainingOf, spentOf } from '../../src/perturb/index.ts';
import type { LedgerEntry, PrivacyLedger } from '../../src/perturb/index.ts';

const entry = (id: string, cost: string): LedgerEntry => ({ id, query: `query ${id}`, data: 'edition 1', mechanism: 'discrete Laplace', contributions: { cellsPerUnit: 1, perCell: 1 }, cost });

function codeOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (error instanceof Refusal) return error.code;
    throw error;
  }
  return 'nothing was refused';
}

test('ten queries of 0.1 spend a budget of 1 to the last drop, and the eleventh is refused', () => {
  let ledger = openLedger('cases', 'epsilon', '1');
  for (let i = 0; i < 10; i++) ledger = charge(ledger, entry(String(i), '0.1'));
  expect([formatRational(spentOf(ledger)), formatRational(remainingOf(ledger))]).toEqual(['1', '0']);
  expect(codeOf(() => charge(ledger, entry('more', '1/1000000000')))).toBe('PRIVACY_BUDGET_SPENT');
  expect(charge(ledger, entry('free', '0')).entries).toHaveLength(11);
});

test('a repetition is free, also when nothing is left, and charging leaves the old ledger as it was', () => {
  const open = openLedger('cases', 'rho', '0.5');
  const once = charge(open, entry('a', '1/2'));
  expect(charge(once, entry('a', '1/2'))).toBe(once);
  expect(open.entries).toEqual([]);
});

test('the refusal names the query, the cost and what is left', () => {
  const ledger = charge(openLedger('cases', 'epsilon', '1'), entry('a', '2/3'));
  try {
    charge(ledger, entry('b', '1/2'));
    expect.unreachable();
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    expect(error.issues[0]).toMatchObject({ place: { object: 'query b' }, message: 'the query costs 1/2 epsilon and 1/3 is left' });
  }
});

test('a ledger is JSON: written and read again it spends on', () => {
  const ledger = charge(openLedger('cases', 'rho', '1'), entry('a', '0.75'));
  const read = JSON.parse(JSON.stringify(ledger)) as PrivacyLedger;
  expect(read).toEqual(ledger);
  expect(codeOf(() => charge(read, entry('b', '0.26')))).toBe('PRIVACY_BUDGET_SPENT');
});

test('Laplace noise of epsilon costs epsilon² / 2 in a ledger of rho, and Gaussian noise is refused in one of epsilon', () => {
  const [epsilon, rho] = [openLedger('e', 'epsilon', '1'), openLedger('r', 'rho', '1')];
  expect(formatRational(costIn(epsilon, 'discrete Laplace', parseRational('0.5')))).toBe('1/2');
  expect(formatRational(costIn(rho, 'discrete Laplace', parseRational('0.5')))).toBe('1/8');
  expect(formatRational(costIn(rho, 'discrete Gaussian', parseRational('0.5')))).toBe('1/2');
  expect(codeOf(() => costIn(epsilon, 'discrete Gaussian', parseRational('0.5')))).toBe('PRIVACY_MEASURE');
});

test('rho 1/2 at delta 1e-6 is epsilon 5.76, and pure privacy needs no delta', () => {
  expect(epsilonAt(charge(openLedger('r', 'rho', '1'), entry('a', '1/2')), 1e-6)).toBeCloseTo(0.5 + 2 * Math.sqrt(0.5 * Math.log(1e6)), 12);
  expect(epsilonAt(charge(openLedger('e', 'epsilon', '1'), entry('a', '1/2')), 1e-6)).toBe(0.5);
  expect(() => epsilonAt(openLedger('e', 'epsilon', '1'), 0)).toThrow('delta');
});

test('budgets and costs that are no fractions are refused, and no entry can give budget back', () => {
  for (const bad of ['0', '-1', 'much', '', '1e9']) expect(codeOf(() => openLedger('cases', 'epsilon', bad))).toBe('PRIVACY_BUDGET');
  const ledger = openLedger('cases', 'epsilon', '1');
  expect(codeOf(() => charge(ledger, entry('a', '-1')))).toBe('PRIVACY_BUDGET');
  expect(codeOf(() => spentOf({ ...ledger, entries: [entry('a', 'x')] }))).toBe('PRIVACY_BUDGET');
});
