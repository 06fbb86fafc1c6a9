/**
 * True values that no list holds: those that sums give, and for the others values that fit, since an attack starts from some
 * table that fits.
 * @module
 */
import { differenceOf } from './cell-table.ts';
import type { Relation } from './cell-table.ts';
import { Solver } from './linear-program.ts';

export interface PartlyKnown {
  readonly relations: readonly Relation[];
  /** NaN where unknown; filled in. */
  readonly value: Float64Array;
  readonly lower: ArrayLike<number>;
  readonly upper: ArrayLike<number>;
}

/**
 * Fills in what is unknown.
 * @returns for each cell whether its value is the truth; undefined when nothing fits, or a sum does not add
 */
export async function completeTruth(system: PartlyKnown): Promise<Uint8Array | undefined> {
  const { relations, value } = system;
  fillBySums(relations, value);
  if (!relations.every((relation) => adds(relation, value))) return undefined;
  const known = Uint8Array.from(value, (v) => (Number.isNaN(v) ? 0 : 1));
  const unknown = [...known.keys()].filter((cell) => known[cell] === 0);
  if (unknown.length > 0 && !(await fill(system, unknown))) return undefined;
  return known;
}

/** Fills in each number that is the only unknown one of a sum, again and again. */
export function fillBySums(relations: readonly Relation[], value: Float64Array): void {
  const open = relations.map(({ total, parts }) => [total, ...parts].filter((cell) => Number.isNaN(value[cell])).length);
  const at = new Map<number, number[]>();
  for (const [r, { total, parts }] of relations.entries()) {
    if (open[r] === 0) continue;
    for (const cell of [total, ...parts]) if (Number.isNaN(value[cell])) at.set(cell, [...at.get(cell) ?? [], r]);
  }
  const next = [...open.keys()].filter((r) => open[r] === 1);
  for (let r = next.pop(); r !== undefined; r = next.pop()) {
    const { total, parts } = relations[r] as Relation;
    const cell = [total, ...parts].find((c) => Number.isNaN(value[c]));
    if (cell === undefined) continue;
    let sum = 0;
    for (const part of parts) if (part !== cell) sum += value[part] as number;
    value[cell] = cell === total ? sum : (value[total] as number) - sum;
    for (const other of at.get(cell) ?? []) {
      open[other] = (open[other] as number) - 1;
      if (open[other] === 1) next.push(other);
    }
  }
}

function adds(relation: Relation, value: Float64Array): boolean {
  const { off, size } = differenceOf(relation, value);
  return Number.isNaN(off) || off <= 1e-9 * (1 + size);
}

async function fill({ relations, value, lower, upper }: PartlyKnown, unknown: readonly number[]): Promise<boolean> {
  const column = new Map(unknown.map((cell, i) => [cell, i]));
  const [starts, indices, values, right]: [number[], number[], number[], number[]] = [[0], [], [], []];
  for (const { total, parts } of relations) {
    const before = indices.length;
    let known = 0;
    const term = (cell: number, sign: number): void => {
      const i = column.get(cell);
      if (i === undefined) known -= sign * (value[cell] as number);
      else {
        indices.push(i);
        values.push(sign);
      }
    };
    term(total, -1);
    for (const part of parts) term(part, 1);
    if (indices.length === before) continue;
    starts.push(indices.length);
    right.push(known);
  }
  const solver = await Solver.open({
    lower: Float64Array.from(unknown, (cell) => lower[cell] as number), upper: Float64Array.from(unknown, (cell) => upper[cell] as number), cost: new Float64Array(unknown.length),
    starts: Int32Array.from(starts), indices: Int32Array.from(indices), values: Float64Array.from(values), right: Float64Array.from(right),
  }, { presolve: true });
  try {
    const solved = solver.solve();
    for (const [i, cell] of unknown.entries()) value[cell] = solved?.columns[i] ?? NaN;
    return solved !== undefined;
  } finally {
    solver.dispose();
  }
}
