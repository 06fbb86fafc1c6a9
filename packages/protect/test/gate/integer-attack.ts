/**
 * Check B for whole numbers: whether a second table of whole numbers fits in which the cell differs.
 *
 * First the shortest step from the truth that moves the cell by one (a linear program that makes the sum of all steps
 * small): if none fits, no table of whole numbers differs either; if it is whole, it is the second table, for every cell it
 * moves. Where the shortest step has fractions, branch and bound decides (HiGHS), within the time that is left; a cell that
 * it cannot decide is reported as such and never as safe.
 * @module
 */
import { componentsOf } from './gate-case.ts';
import type { Component, GateCase } from './gate-case.ts';
import { generator } from './modular-elimination.ts';
import { ComponentModel, loadSolver } from './solver.ts';
import type { Solver } from './solver.ts';

const ATTEMPTS = 4;
/** Most seconds for one direction of one cell. */
const BRANCH_SECONDS = 10;

/** What is left when the second tables are found. */
export interface IntegerFindings {
  /** One whole number only fits. */
  readonly known: readonly number[];
  /** The time did not suffice. */
  readonly undecided: readonly number[];
}

/**
 * Looks for a second table of whole numbers for each of the cells.
 * @param seconds - time for all programs together; what needs more is undecided
 * @param exact - cells that are known anyhow: they are in `known` without a program
 */
export async function integerKnown(gateCase: GateCase, cells: readonly number[], seconds = 60, exact: ReadonlySet<number> = new Set()): Promise<IntegerFindings> {
  const solver = await loadSolver();
  const until = performance.now() + 1000 * seconds;
  const known = cells.filter((c) => exact.has(c));
  const undecided: number[] = [];
  const asked = new Set(cells.filter((c) => !exact.has(c)));
  for (const component of componentsOf(gateCase)) {
    const own = component.cells.filter((c) => asked.has(c));
    if (own.length === 0) continue;
    const moved = new Set<number>();
    const hard = shortestSteps(solver, gateCase, component, own, moved, known, until);
    for (const c of hard) {
      if (moved.has(c)) continue;
      const left = (until - performance.now()) / 1000;
      const answer = left > 0 ? branch(solver, gateCase, component, c, moved, left) : 'undecided';
      if (answer === 'known') known.push(c);
      else if (answer === 'undecided') undecided.push(c);
    }
  }
  return { known: known.sort((a, b) => a - b), undecided };
}

/** Tries the shortest steps for each cell; adds what moves to `moved` and what cannot to `known`, returns what has fractions. */
function shortestSteps(solver: Solver, gateCase: GateCase, component: Component, cells: readonly number[], moved: Set<number>, known: number[], until: number): number[] {
  const doubled = twoWays(gateCase, component);
  const next = generator(20_231_106);
  const model = new ComponentModel(solver, doubled.gateCase, doubled.component, { weights: new Float64Array(doubled.component.cells.length).fill(-1) });
  let open = cells;
  try {
    // The first length counts every step alike; the next ones, drawn, end at other corners of the same tables.
    for (let attempt = 0; attempt < ATTEMPTS && open.length > 0; attempt++) {
      if (attempt > 0) model.weigh(Float64Array.from(doubled.component.cells, () => -1 - (next() % 4096) / 2048));
      const fractions: number[] = [];
      for (const c of open) {
        if (moved.has(c)) continue;
        const answer = performance.now() > until ? 'fractions' : shortestStep(model, gateCase.size, component, c, moved);
        if (answer === 'fractions') fractions.push(c);
        if (answer === 'none') known.push(c);
      }
      open = fractions.filter((c) => !moved.has(c));
    }
  } finally {
    model.dispose();
  }
  return [...open];
}

/** The shortest steps that move a cell by one, up and down: a whole one, none at all, or only such with fractions. */
function shortestStep(model: ComponentModel, size: number, component: Component, cell: number, moved: Set<number>): 'whole' | 'none' | 'fractions' {
  let answer: 'none' | 'fractions' = 'none';
  for (const [forced, other] of [[cell, cell + size], [cell + size, cell]] as const) {
    const possible = model.limit(other, 0, 0) && model.limit(forced, 1, Infinity);
    const step = possible ? model.maximise([]).step : null;
    model.release(other);
    model.release(forced);
    if (!step) continue;
    const steps = component.cells.map((_, i) => (step[i] ?? 0) - (step[i + component.cells.length] ?? 0));
    if (steps.every(isWhole)) {
      for (const [i, c] of component.cells.entries()) if (Math.abs(steps[i] ?? 0) > 0.5) moved.add(c);
      return 'whole';
    }
    answer = 'fractions';
  }
  return answer;
}

/** Every cell twice, as a step up and a step down, so that the length of a step is a linear function. */
function twoWays(gateCase: GateCase, component: Component): { gateCase: GateCase; component: Component } {
  const n = gateCase.size;
  const room = { up: new Array<number | null>(2 * n).fill(0) };
  for (const c of component.cells) {
    const v = gateCase.value[c] ?? 0;
    const upper = gateCase.upper[c] ?? null;
    room.up[c] = upper === null ? null : upper - v;
    const down = v - (gateCase.lower[c] ?? 0);
    room.up[c + n] = Number.isFinite(down) ? down : null;
  }
  const zeros = new Array<number>(2 * n).fill(0);
  return {
    gateCase: { ...gateCase, size: 2 * n, value: zeros, lower: zeros, upper: room.up },
    component: {
      cells: [...component.cells, ...component.cells.map((c) => c + n)],
      equations: component.equations.map(({ cells, signs }) => ({ cells: [...cells, ...cells.map((c) => c + n)], signs: [...signs, ...signs.map((s) => -s)] })),
    },
  };
}

/** Branch and bound for one cell: up by one or more, then down. */
function branch(solver: Solver, gateCase: GateCase, component: Component, cell: number, moved: Set<number>, seconds: number): 'moves' | 'known' | 'undecided' {
  let answer: 'known' | 'undecided' = 'known';
  for (const [down, up] of [[1, Infinity], [-Infinity, -1]] as const) {
    const model = new ComponentModel(solver, gateCase, component, { integerSeconds: Math.min(BRANCH_SECONDS, seconds / 2) });
    try {
      if (!model.limit(cell, down, up)) continue;
      const { status, step } = model.maximise([]);
      if (step) {
        for (const [i, c] of component.cells.entries()) if (Math.abs(step[i] ?? 0) > 0.5) moved.add(c);
        return 'moves';
      }
      if (status !== 'infeasible') answer = 'undecided';
    } finally {
      model.dispose();
    }
  }
  return answer;
}

function isWhole(x: number): boolean {
  return Math.abs(x - Math.round(x)) < 1e-6;
}
