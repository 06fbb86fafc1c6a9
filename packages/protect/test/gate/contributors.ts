/**
 * Who contributes to which cell: given for the finest cells, carried up along the sums.
 * @module
 */
import { labelOf } from './gate-case.ts';
import type { Contribution, GateCase } from './gate-case.ts';

/** Amount by contributor, for every cell. */
export type Shares = readonly ReadonlyMap<string, number>[];

/**
 * Contributions of every unprinted cell. A cell that has some of its own keeps them; any other takes those of the parts of
 * its first sum. Contributions of one contributor to one cell are added: a holding counts once.
 */
export function sharesOf(gateCase: GateCase): Shares {
  const shares = Array.from({ length: gateCase.size }, () => new Map<string, number>());
  for (const { cell, contributor, amount } of gateCase.contributions ?? []) shares[cell]?.set(contributor, (shares[cell].get(contributor) ?? 0) + amount);
  const sums = Map.groupBy(gateCase.relations, (r) => r.total);
  const done = new Set<number>();
  const carry = (cell: number): ReadonlyMap<string, number> => {
    const own = shares[cell] ?? new Map<string, number>();
    if (done.has(cell)) return own;
    done.add(cell);
    if (own.size > 0) return own;
    for (const part of sums.get(cell)?.[0]?.parts ?? []) for (const [who, amount] of carry(part)) own.set(who, (own.get(who) ?? 0) + amount);
    return own;
  };
  for (let c = 0; c < gateCase.size; c++) if (!gateCase.printed[c]) carry(c);
  return shares;
}

/** Contributors of a cell, largest first. */
export function ranked(shares: ReadonlyMap<string, number>): [contributor: string, amount: number][] {
  return [...shares].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1));
}

/** How far above its value the upper bound of a cell must lie, so that the second contributor cannot estimate the first within p percent. */
export function upperLevel(shares: ReadonlyMap<string, number>, percent: number): number {
  const [first = 0, second = 0] = ranked(shares).map(([, amount]) => amount);
  const total = [...shares.values()].reduce((s, x) => s + x, 0);
  return Math.max(0, (percent / 100) * first - (total - first - second));
}

/** Contributions of a table of counts: in every finest cell one person, and the others together; a person counted alone knows the cell. */
export function personsOf(gateCase: GateCase): Contribution[] {
  const totals = new Set(gateCase.relations.map((r) => r.total));
  return gateCase.value.flatMap((v, cell) => {
    if (totals.has(cell) || v < 1) return [];
    const one = { cell, contributor: `one in ${labelOf(gateCase, cell)}`, amount: 1 };
    return v === 1 ? [one] : [one, { cell, contributor: `others in ${labelOf(gateCase, cell)}`, amount: v - 1 }];
  });
}
