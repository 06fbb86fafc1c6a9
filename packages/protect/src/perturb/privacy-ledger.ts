/**
 * A budget of privacy loss and what was spent of it: what is not in the ledger was not answered.
 * Source: docs/references.md#differential-privacy (pure loss, epsilon, adds up over queries), docs/references.md#bun-steinke
 * (concentrated loss, rho, adds up too; a pure loss of epsilon is at most epsilon² / 2 of it).
 * Neighbouring data differ by one unit, added or removed; whoever replaces a unit removes one and adds one, at twice the loss.
 * Amounts are exact fractions. A ledger is a value: charging gives a new one, and whoever keeps it must not lose it, for an old
 * ledger spends the same budget again. Leaves out: locks between processes that charge at the same time.
 * @module
 */
import { refuse } from '@weighbridge/base';
import { add, compare, divide, formatRational, multiply, parseRational, rational, subtract, toNumber, ZERO } from './rational.ts';
import type { Rational } from './rational.ts';

/** `epsilon`: pure differential privacy. `rho`: zero-concentrated differential privacy. */
export type PrivacyMeasure = 'epsilon' | 'rho';

/** How much of the data one unit can be. */
export interface Contributions {
  /** Cells of one query that a unit can be part of. */
  readonly cellsPerUnit: number;
  /** What a unit can add to or take from one cell, at most. */
  readonly perCell: number;
}

/** One answered query. */
export interface LedgerEntry {
  /** Stands for the query, the data and the mechanism: a repetition has the same. */
  readonly id: string;
  readonly query: string;
  readonly data: string;
  readonly mechanism: 'discrete Laplace' | 'discrete Gaussian';
  readonly contributions: Contributions;
  /** Spent of the ledger's measure, as an exact fraction. */
  readonly cost: string;
}

/** A budget with its entries, in JSON as it is. */
export interface PrivacyLedger {
  /** What the budget is for: a population of units, in all tables and editions. */
  readonly name: string;
  readonly measure: PrivacyMeasure;
  /** As an exact fraction: `2`, `0.25` or `1/3`. */
  readonly budget: string;
  readonly entries: readonly LedgerEntry[];
}

/** @throws Refusal `PRIVACY_BUDGET` unless the budget is a fraction above 0 */
export function openLedger(name: string, measure: PrivacyMeasure, budget: string): PrivacyLedger {
  if (compare(amount(budget, name), ZERO) <= 0) refuse('PRIVACY_BUDGET', 'a privacy budget is a fraction above 0', { object: name }, 'write it as 1, 0.5 or 1/3');
  return { name, measure, budget, entries: [] };
}

/** What is spent, exactly. @throws Refusal `PRIVACY_BUDGET` when an amount in the ledger cannot be read or is negative */
export function spentOf(ledger: PrivacyLedger): Rational {
  return ledger.entries.reduce((sum, entry) => add(sum, amount(entry.cost, ledger.name)), ZERO);
}

/** What is left, exactly. */
export function remainingOf(ledger: PrivacyLedger): Rational {
  return subtract(amount(ledger.budget, ledger.name), spentOf(ledger));
}

/**
 * The ledger with one more entry, or the same ledger when the entry stands in it already: a repetition is free.
 * @throws Refusal `PRIVACY_BUDGET_SPENT` when the entry costs more than is left; nothing may be answered then
 */
export function charge(ledger: PrivacyLedger, entry: LedgerEntry): PrivacyLedger {
  if (ledger.entries.some((e) => e.id === entry.id)) return ledger;
  const left = remainingOf(ledger);
  if (compare(amount(entry.cost, entry.query), left) > 0) {
    refuse('PRIVACY_BUDGET_SPENT', `the query costs ${entry.cost} ${ledger.measure} and ${formatRational(left)} is left`, { object: entry.query }, 'ask for less accuracy, or for a query that was answered before');
  }
  return { ...ledger, entries: [...ledger.entries, entry] };
}

/**
 * What a mechanism costs in the measure of a ledger.
 * @param loss - epsilon for the Laplace, rho for the Gaussian mechanism
 * @throws Refusal `PRIVACY_MEASURE` for a Gaussian query in a ledger of pure privacy, which it cannot give at any price
 */
export function costIn(ledger: PrivacyLedger, mechanism: LedgerEntry['mechanism'], loss: Rational): Rational {
  if (mechanism === 'discrete Laplace') return ledger.measure === 'epsilon' ? loss : divide(multiply(loss, loss), rational(2n));
  if (ledger.measure === 'epsilon') refuse('PRIVACY_MEASURE', 'Gaussian noise gives no pure differential privacy', { object: ledger.name }, 'keep the ledger in rho, or ask for Laplace noise');
  return loss;
}

/**
 * The loss spent as (epsilon, delta), for people to read: epsilon = rho + 2 sqrt(rho ln(1 / delta)) for rho
 * (docs/references.md#bun-steinke, proposition 1.3), and epsilon itself, with delta 0, for pure privacy.
 */
export function epsilonAt(ledger: PrivacyLedger, delta: number): number {
  if (!(delta > 0 && delta < 1)) throw new RangeError('delta: expected a number between 0 and 1');
  const spent = toNumber(spentOf(ledger));
  return ledger.measure === 'epsilon' ? spent : spent + 2 * Math.sqrt(spent * Math.log(1 / delta));
}

/** @throws Refusal `PRIVACY_BUDGET` unless the text is a fraction from 0 */
function amount(text: string, object: string): Rational {
  try {
    const value = parseRational(text);
    if (value.num >= 0n) return value;
  } catch {
    // Said below, with the place.
  }
  return refuse('PRIVACY_BUDGET', 'an amount of privacy is a fraction from 0', { object }, 'write it as 1, 0.5 or 1/3');
}
