/**
 * Check B, first half: which unprinted cells have one value only in all tables that fit, bounds included.
 *
 * The truth is one of the tables that fit, so a cell is fixed when it cannot move from the truth even a little. What can
 * move a little is the cone of directions at the truth: sums stay, and a cell that stands at a bound moves only inwards.
 * One linear program per component finds the cells that stand at a bound for ever (Freund, Roundy and Todd, Sloan working paper 1674-85, 1985: each such
 * cell moves by a `t` of at most 1, and the sum of all `t` is made as large as it goes: every `t` ends at 0 or 1). With
 * those printed, what else is fixed follows from sums alone, and the rank attacker finds it.
 * Fractions count as tables here: what only whole numbers tell is `integer-attack.ts`.
 * @module
 */
import { componentsOf } from './gate-case.ts';
import type { Component, GateCase } from './gate-case.ts';
import { knownByRank } from './rank-attack.ts';
import { loadSolver, matrixOf, roomOf } from './solver.ts';
import type { Solver } from './solver.ts';

/** Unprinted cells that a reader knows exactly, primary or not. */
export async function exactlyKnown(gateCase: GateCase): Promise<Set<number>> {
  const solver = await loadSolver();
  const stuck = new Set<number>();
  for (const component of componentsOf(gateCase)) for (const c of stuckAtBound(solver, gateCase, component)) stuck.add(c);
  if (stuck.size === 0) return knownByRank(gateCase);
  const known = knownByRank({ ...gateCase, primary: [], printed: gateCase.printed.map((p, c) => p || stuck.has(c)) });
  return known.union(stuck);
}

/** Cells of a component that stand at a bound in every table that fits. */
function stuckAtBound(solver: Solver, gateCase: GateCase, component: Component): number[] {
  const rooms = component.cells.map((c) => roomOf(gateCase, c));
  const nailed = component.cells.filter((_, i) => rooms[i]?.down === 0 && rooms[i].up === 0);
  // Inward direction of the cells that the truth puts at a bound.
  const inward = rooms.map((r) => (r.down === 0 && r.up > 0 ? 1 : r.up === 0 && r.down > 0 ? -1 : 0));
  const leaning = component.cells.filter((_, i) => inward[i] !== 0);
  if (leaning.length === 0) return nailed;

  const { positions, starts, indices, values } = matrixOf(component);
  const n = component.cells.length;
  const extra = new Map(leaning.map((c, k) => [positions.get(c) ?? 0, n + k]));
  const rows: { indices: number[]; values: number[] }[] = component.equations.map((_, r) => {
    const row = { indices: indices.slice(starts[r], starts[r + 1]), values: values.slice(starts[r], starts[r + 1]) };
    for (const [k, i] of [...row.indices.entries()]) {
      const t = extra.get(i);
      if (t === undefined) continue;
      row.indices.push(t);
      row.values.push((row.values[k] ?? 0) * (inward[i] ?? 0));
    }
    return row;
  });
  const isNailed = rooms.map((r) => r.down === 0 && r.up === 0);
  const model = solver.createModel({
    numCols: n + extra.size, numRows: rows.length, sense: solver.constants.objectiveSense.maximize,
    colCost: [...new Array<number>(n).fill(0), ...leaning.map(() => 1)],
    colLower: [...inward.map((s, i) => (isNailed[i] || s === 1 ? 0 : -Infinity)), ...leaning.map(() => 0)],
    colUpper: [...inward.map((s, i) => (isNailed[i] || s === -1 ? 0 : Infinity)), ...leaning.map(() => 1)],
    rowLower: new Float64Array(rows.length), rowUpper: new Float64Array(rows.length),
    matrix: {
      format: 'csr', numRows: rows.length, numCols: n + extra.size,
      starts: Int32Array.from([0, ...rows.map(((sum) => (row) => (sum += row.indices.length))(0))]),
      indices: Int32Array.from(rows.flatMap((row) => row.indices)), values: Float64Array.from(rows.flatMap((row) => row.values)),
    },
  });
  try {
    model.options.set({ output_flag: false, random_seed: 1 });
    model.run();
    if (model.getModelStatus() !== solver.constants.modelStatus.optimal) throw new Error(`the solver stopped with status ${model.getModelStatus()}`);
    const solution = model.getSolution().colValue;
    return [...nailed, ...leaning.filter((_, k) => (solution[n + k] ?? 0) < 0.5)];
  } finally {
    model.dispose();
  }
}
