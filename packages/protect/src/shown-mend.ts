/**
 * Withholding more where the attack found small counts: the cheapest printed numbers that have to go so that another table
 * becomes possible. Source: docs/references.md#fischetti-salazar; the sum of absolute values stands for the number of cells.
 * Leaves out: that several cells could be opened together for less.
 * @module
 */
import { Refusal } from '@weighbridge/base';
import type { Issue } from '@weighbridge/base';
import { componentsOf } from './attacker.ts';
import type { Relation } from './cell-table.ts';
import { Solver } from './linear-program.ts';
import { attackShown, rowsOf } from './shown-attack.ts';
import type { ShownCells } from './shown-cells.ts';

/** Rounds of attack and mending. */
const ROUNDS = 12;
const NEARLY = 1e-6;

export interface MendOptions {
  readonly onProgress?: (round: number) => void;
  readonly signal?: AbortSignal;
}

/**
 * Attacks, and withholds until the attack finds no small count. Changes `cells`.
 * @returns programs solved
 * @throws Refusal `CANNOT_PROTECT` with the addresses of counts that follow whatever is withheld
 */
export async function withholdUntilOpen(cells: ShownCells, small: readonly number[], { onProgress, signal }: MendOptions = {}): Promise<number> {
  let programs = 0;
  for (let round = 0; ; round++) {
    onProgress?.(round);
    const attack = await attackShown(cells, small, signal);
    programs += attack.programs;
    if (attack.exact.length === 0) return programs;
    if (round === ROUNDS) throw cannotProtect(cells, attack.exact);
    const broken = new Set(attack.exact);
    const all = Array.from({ length: cells.system.size }, (_, cell) => cell);
    for (const component of componentsOf(all, cells.system.relations)) {
      for (const cell of component.cells.filter((c) => broken.has(c))) {
        signal?.throwIfAborted();
        const opening = await cheapestOpening(cells, component, cell);
        programs += 2;
        if (opening === undefined) throw cannotProtect(cells, [cell]);
        for (const other of opening) cells.withhold(other);
      }
    }
  }
}

/** Cells to withhold so that the cell can be one more or one less; undefined when nothing helps. */
async function cheapestOpening(cells: ShownCells, { cells: own, relations }: { readonly cells: readonly number[]; readonly relations: readonly Relation[] }, cell: number): Promise<number[] | undefined> {
  const freq = (c: number): number => cells.system.freq[c] as number;
  const within = new Map(own.map((c, i) => [c, i]));
  // Zeros are never withheld; what is withheld everywhere already costs nothing; what was printed before stays printed.
  const candidates = own.filter((c) => freq(c) > 0 && !cells.isGone(c) && cells.isPrintable(c));
  const beyond = new Map(candidates.map((c, i) => [c, own.length + i]));
  const { lower, upper, cost } = { lower: new Float64Array(own.length + 2 * candidates.length), upper: new Float64Array(own.length + 2 * candidates.length), cost: new Float64Array(own.length + 2 * candidates.length) };
  for (const [i, c] of own.entries()) [lower[i], upper[i]] = [cells.lower(c) - freq(c), cells.upper(c) - freq(c)];
  for (const [i, c] of candidates.entries()) {
    for (const [side, room] of [[own.length + i, cells.upper(c) === Infinity ? 0 : cells.mostWithheld(c) - cells.upper(c)], [own.length + candidates.length + i, Math.max(0, cells.lower(c) - cells.leastWithheld(c))]] as const) {
      upper[side] = room;
      cost[side] = Math.log2(2 + freq(c));
    }
  }
  const rows = withExcess(relations, within, beyond, candidates.length, cell);
  const right = new Float64Array(rows.starts.length - 1);
  let best: { readonly price: number; readonly columns: Float64Array } | undefined;
  for (const direction of [1, -1] as const) {
    right[right.length - 1] = direction;
    const solver = await Solver.open({ lower, upper, cost, ...rows, right }, { primal: false, presolve: true });
    const solved = solver.solve();
    solver.dispose();
    if (solved !== undefined && (best === undefined || solved.objective < best.price - NEARLY)) best = { price: solved.objective, columns: solved.columns };
  }
  return best && candidates.filter((_, i) => (best.columns[own.length + i] as number) > NEARLY || (best.columns[own.length + candidates.length + i] as number) > NEARLY);
}

/** The sums, with each candidate's excess up and down beside it; the last row is the cell that must move. */
function withExcess(relations: readonly Relation[], within: ReadonlyMap<number, number>, beyond: ReadonlyMap<number, number>, candidates: number, cell: number): Pick<ReturnType<typeof rowsOf>, 'starts' | 'indices' | 'values'> {
  const plain = rowsOf(relations, within);
  const own = [...within.keys()];
  const indices: number[] = [];
  const values: number[] = [];
  const starts = [0];
  const add = (column: number, sign: number): void => {
    indices.push(column);
    values.push(sign);
    const up = beyond.get(own[column] as number);
    if (up === undefined) return;
    indices.push(up, up + candidates);
    values.push(sign, -sign);
  };
  for (let row = 0; row + 1 < plain.starts.length; row++) {
    for (let k = plain.starts[row] as number; k < (plain.starts[row + 1] as number); k++) add(plain.indices[k] as number, plain.values[k] as number);
    starts.push(indices.length);
  }
  add(within.get(cell) as number, 1);
  starts.push(indices.length);
  return { starts: Int32Array.from(starts), indices: Int32Array.from(indices), values: Float64Array.from(values) };
}

function cannotProtect(cells: ShownCells, broken: readonly number[]): Refusal {
  const issue = (cell: number): Issue => ({
    code: 'CANNOT_PROTECT', severity: 'error', message: 'whatever else is withheld, this small count follows from the other numbers', place: { object: cells.system.nameOf(cell) },
    repair: 'merge codes, leave a total out, or show the table at a higher level',
  });
  const [first = 0, ...others] = broken;
  return new Refusal([issue(first), ...others.slice(0, 49).map(issue)]);
}
