/**
 * Check H: what a reader of rounded tables derives, under the same attackers.
 * A rounded cell is an unprinted one whose value lies close to what is printed; the sums of the true values do the rest.
 * Source: docs/references.md#rr3 and #handbook-sdc (controlled rounding). Keys and chances of rounding are not used: only
 * what is possible counts.
 * @module
 */
import { gate } from './gate.ts';
import type { GateOptions, Verdict } from './gate.ts';
import type { GateCase, Relation } from './gate-case.ts';

/** A table with rounded or perturbed values. */
export interface RoundedTable {
  readonly relations: readonly Relation[];
  readonly value: readonly number[];
  /** What is printed; null for a cell that is not. */
  readonly shown: readonly (number | null)[];
  /** Cells that must not become known. */
  readonly primary: readonly number[];
  readonly labels?: readonly string[];
}

/** How far the truth may be from what is shown, for a reader who knows the method. */
export type Spread = (shown: number) => { readonly down: number; readonly up: number };

/** Rounding to a base, up or down to a neighbour, multiples unchanged: at most base - 1 away. */
export function baseSpread(base: number): Spread {
  return () => ({ down: base - 1, up: base - 1 });
}

/** A perturbation of at most `distance`; a zero may have been any count up to it. */
export function cellKeySpread(distance: number): Spread {
  return (shown) => ({ down: Math.min(shown, distance), up: distance });
}

/** The case of a reader of rounded values: nothing printed is exact, no true count is negative. */
export function roundedCase(table: RoundedTable, spread: Spread): GateCase {
  const near = table.shown.map((r) => (r === null ? null : { r, ...spread(r) }));
  return {
    size: table.value.length,
    relations: table.relations,
    value: table.value,
    printed: table.value.map(() => false),
    primary: table.primary,
    lower: near.map((n) => (n ? Math.max(0, n.r - n.down) : 0)),
    upper: near.map((n) => (n ? n.r + n.up : null)),
    integer: true,
    ...(table.labels ? { labels: table.labels } : {}),
  };
}

/** Judges a rounded table: which of its primary cells a reader knows, or knows within less than `options.width`. */
export function gateRounded(table: RoundedTable, spread: Spread, options: GateOptions = {}): Promise<Verdict[]> {
  return gate(roundedCase(table, spread), { checks: ['B'], ...options });
}
