/**
 * Check C: the attack of a contributor who knows their own figures.
 *
 * They know the cells that are theirs alone, and that a cell is not less than what they gave. So the attack is the one of
 * `exact-attack.ts` and `interval-attack.ts` with these cells fixed, once for each contributor who is alone in an unprinted
 * cell, inside the components that they have a cell in.
 * Source: docs/references.md#handbook-sdc, chapter 4 (singletons and holdings). Coalitions are not attempted.
 * @module
 */
import { sharesOf } from './contributors.ts';
import type { Shares } from './contributors.ts';
import { exactlyKnown } from './exact-attack.ts';
import { componentsOf, partOf, TOLERANCE } from './gate-case.ts';
import type { Component, GateCase } from './gate-case.ts';
import { IntervalAttack } from './interval-attack.ts';

/** A cell that falls to a contributor. */
export interface InsiderFinding {
  readonly cell: number;
  readonly contributor: string;
  /** `exact`: known; `estimate`: the largest other contributor is known within the percentage. */
  readonly how: 'exact' | 'estimate';
}

/** Limits of the attack. */
export interface InsiderOptions {
  /** Only these contributors; default: everyone who is alone in an unprinted cell. */
  readonly contributors?: readonly string[];
  /** With a percentage, an insider must also not estimate the largest other contributor of a primary cell more closely. */
  readonly percent?: number;
  /** Stop at the first finding. */
  readonly first?: boolean;
}

/** The contributors who are alone in an unprinted cell, in order. */
export function singletons(gateCase: GateCase, shares: Shares = sharesOf(gateCase)): string[] {
  const alone = new Set<string>();
  for (const [c, who] of shares.entries()) if (who.size === 1 && !gateCase.printed[c]) for (const name of who.keys()) alone.add(name);
  return [...alone].sort();
}

/** Primary cells that some contributor can uncover. A cell that is theirs alone is no finding for them. */
export async function insiderKnown(gateCase: GateCase, options: InsiderOptions = {}): Promise<InsiderFinding[]> {
  const shares = sharesOf(gateCase);
  const components = componentsOf(gateCase);
  const componentOf = new Map(components.flatMap((component) => component.cells.map((c) => [c, component] as const)));
  const cellsOf = new Map<string, number[]>();
  for (const [c, who] of shares.entries()) {
    if (gateCase.printed[c]) continue;
    for (const name of who.keys()) cellsOf.set(name, [...cellsOf.get(name) ?? [], c]);
  }
  const primary = new Set(gateCase.primary);
  const parts = new Map<Component, GateCase>();
  const findings: InsiderFinding[] = [];
  for (const contributor of options.contributors ?? singletons(gateCase, shares)) {
    for (const component of new Set((cellsOf.get(contributor) ?? []).map((c) => componentOf.get(c)))) {
      if (!component?.cells.some((c) => primary.has(c))) continue;
      const part = parts.get(component) ?? partOf(gateCase, component);
      parts.set(component, part);
      const given = component.cells.map((c) => ({ own: shares[c]?.get(contributor) ?? 0, alone: shares[c]?.size === 1 && shares[c].has(contributor) }));
      const seen: GateCase = {
        ...part,
        printed: part.printed.map((p, i) => p || given[i]?.alone === true),
        lower: part.lower.map((l, i) => Math.max(l, Math.min(given[i]?.own ?? -Infinity, part.value[i] ?? 0))),
        primary: part.primary.filter((i) => given[i]?.alone !== true),
      };
      const known = await exactlyKnown(seen);
      for (const i of seen.primary) if (known.has(i)) findings.push({ cell: component.cells[i] ?? -1, contributor, how: 'exact' });
      if (options.percent !== undefined) findings.push(...await estimates(seen, component, shares, contributor, options.percent, known));
      if (options.first === true && findings.length > 0) return findings;
    }
  }
  return findings;
}

/** Cells in which the insider gets closer to the largest other contributor than the percentage allows. */
async function estimates(seen: GateCase, component: Component, shares: Shares, contributor: string, percent: number, known: ReadonlySet<number>): Promise<InsiderFinding[]> {
  const attack = await IntervalAttack.on(seen);
  try {
    return seen.primary.filter((i) => {
      if (known.has(i)) return false;
      const who = shares[component.cells[i] ?? -1] ?? new Map<string, number>();
      const largest = Math.max(0, ...[...who].filter(([name]) => name !== contributor).map(([, amount]) => amount));
      const need = (1 + percent / 100) * largest + (who.get(contributor) ?? 0) - (seen.value[i] ?? 0);
      return need > TOLERANCE && attack.reach(i, 'up', need) < need - TOLERANCE;
    }).map((i) => ({ cell: component.cells[i] ?? -1, contributor, how: 'estimate' as const }));
  } finally {
    attack.dispose();
  }
}
