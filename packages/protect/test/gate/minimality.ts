/**
 * Checks E and I: every secondary cell has a primary that falls when it is printed.
 * A pattern without that hides more than it must. First by sums alone (cells with one signature), then, with the cell
 * printed, by the exact attack and the protection levels inside its component.
 * @module
 */
import { exactlyKnown } from './exact-attack.ts';
import { componentsOf, partOf, TOLERANCE } from './gate-case.ts';
import type { Component, GateCase } from './gate-case.ts';
import { IntervalAttack } from './interval-attack.ts';
import { signaturesOf } from './rank-attack.ts';

/** Cells that are neither printed nor primary. */
export function secondariesOf(gateCase: GateCase): number[] {
  const primary = new Set(gateCase.primary);
  return gateCase.printed.flatMap((p, c) => (p || primary.has(c) || gateCase.hidden?.[c] === true ? [] : [c]));
}

/** The case with one more cell printed. */
export function printing(gateCase: GateCase, cell: number): GateCase {
  return { ...gateCase, printed: gateCase.printed.with(cell, true) };
}

/** Against which attacker a pattern is to be minimal. */
export type Against = 'rank' | 'bounds';

/** What a secondary is judged by. */
export interface MinimalityOptions {
  /** Default `bounds`: the exact attack and the protection levels. */
  readonly against?: Against;
  /** Secondaries to judge; default: all. */
  readonly cells?: readonly number[];
  /** A primary falls also when its interval gets narrower than this. */
  readonly width?: number;
}

/** The primary that each secondary protects; null where none falls. */
export async function protectedBy(gateCase: GateCase, { against = 'bounds', cells = secondariesOf(gateCase), width = 0 }: MinimalityOptions = {}): Promise<Map<number, number | null>> {
  const signatures = signaturesOf(gateCase);
  const primaryOf = new Map(gateCase.primary.map((c) => [signatures[c] ?? '', c]));
  const componentOf = new Map(componentsOf(gateCase).flatMap((component) => component.cells.map((c) => [c, component] as const)));
  const answer = new Map<number, number | null>();
  for (const c of cells) {
    const mark = signatures[c] ?? null;
    const bySums = mark === null ? undefined : primaryOf.get(mark);
    const component = componentOf.get(c);
    if (bySums !== undefined) answer.set(c, bySums);
    else answer.set(c, against === 'rank' || !component ? null : await fallen(gateCase, component, c, width));
  }
  return answer;
}

/** The first primary of the component that falls when a cell is printed. */
async function fallen(gateCase: GateCase, component: Component, cell: number, width: number): Promise<number | null> {
  const part = partOf(gateCase, component);
  const shown = printing(part, component.cells.indexOf(cell));
  const known = await exactlyKnown(shown);
  const exact = shown.primary.find((i) => known.has(i));
  if (exact !== undefined) return component.cells[exact] ?? null;
  const attack = await IntervalAttack.on(shown);
  try {
    const short = (shown.required ?? []).find(({ cell: i, up, down = 0 }) => attack.reach(i, 'up', up) < up - TOLERANCE || attack.reach(i, 'down', down) < down - TOLERANCE);
    if (short !== undefined) return component.cells[short.cell] ?? null;
    for (const i of attack.sweep(shown.primary, width)) {
      const { lo, hi } = attack.interval(i);
      if (hi - lo < width - TOLERANCE) return component.cells[i] ?? null;
    }
    return null;
  } finally {
    attack.dispose();
  }
}
