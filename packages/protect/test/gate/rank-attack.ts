/**
 * Check A, the rank attacker: which unprinted cells are a linear combination of what is printed.
 * Source: docs/references.md#langsrud-2024 (a cell is disclosed by linear relations when it lies in the span of the printed
 * cells). Modulo two primes, over all relations at once. It knows no bounds: what needs those is found by the others.
 * @module
 */
import { componentsOf } from './gate-case.ts';
import type { GateCase } from './gate-case.ts';
import { inverse, nullVectors, PRIMES } from './modular-elimination.ts';

/** What equations alone say of a cell: null when it is known, else a mark that cells have in common when each gives the other away. */
export type Signature = string | null;

/**
 * Signatures of all unprinted cells; printed ones have null.
 * Two cells with one signature move together in every table that fits: to print one is to tell the other.
 */
export function signaturesOf(gateCase: GateCase): Signature[] {
  const signatures = new Array<Signature>(gateCase.size).fill(null);
  for (const [k, { cells, equations }] of componentsOf(gateCase).entries()) {
    const vectors = PRIMES.map((prime) => ({ prime, z: nullVectors(gateCase.size, cells, equations, prime) }));
    for (const c of cells) {
      const known = vectors.some(({ z }) => z.every((v) => v[c] === 0));
      signatures[c] = known ? null : `${k}:${vectors.map(({ prime, z }) => direction(z[0]?.[c] ?? 0, z[1]?.[c] ?? 0, prime)).join(':')}`;
    }
  }
  return signatures;
}

/** Unprinted cells that the printed ones determine by sums alone. */
export function knownByRank(gateCase: GateCase): Set<number> {
  const known = new Set<number>();
  for (const [c, signature] of signaturesOf(gateCase).entries()) if (signature === null && !gateCase.printed[c]) known.add(c);
  return known;
}

/** The point of the projective line through a pair of residues. */
function direction(x: number, y: number, prime: number): string {
  return x === 0 ? 'vertical' : String((y * inverse(x, prime)) % prime);
}
