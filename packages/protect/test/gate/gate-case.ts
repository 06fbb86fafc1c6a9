/**
 * A pattern of suppression as its attacker sees it: cells, sums among them, what is printed and what else is known.
 * Source: docs/references.md#handbook-sdc, chapter 4 (the audit of a table). It knows nothing of dimensions, codes or
 * methods: hierarchies, margins, linked tables and earlier releases are all just more sums, so any pattern can be judged.
 * @module
 */

/** One printed or unprinted sum: the value of `total` is the sum of the values of `parts`. */
export interface Relation {
  readonly total: number;
  readonly parts: readonly number[];
}

/** A width that a magnitude must keep: the largest value an attacker can think possible is at least `value + up`. */
export interface Requirement {
  readonly cell: number;
  readonly up: number;
  /** The smallest is at most `value - down`. */
  readonly down?: number;
}

/** What one contributor gives to one cell; to the finest cells, sums are carried up. */
export interface Contribution {
  readonly cell: number;
  readonly contributor: string;
  readonly amount: number;
}

/** A pattern to be judged. */
export interface GateCase {
  /** Number of cells. */
  readonly size: number;
  readonly relations: readonly Relation[];
  /** The truth. */
  readonly value: readonly number[];
  readonly printed: readonly boolean[];
  /** Cells that must not become known. */
  readonly primary: readonly number[];
  /** Least value that an attacker thinks possible of an unprinted cell before any sum: 1 when zeros are printed. */
  readonly lower: readonly number[];
  /** Greatest value; null when nothing is known. */
  readonly upper: readonly (number | null)[];
  /** Whether every value is a whole number and the attacker knows it. */
  readonly integer: boolean;
  readonly required?: readonly Requirement[];
  readonly contributions?: readonly Contribution[];
  /** Cells that are in no published table but hold published ones together: never printed, and no secondaries. */
  readonly hidden?: readonly boolean[];
  /** Names of the cells, for people. */
  readonly labels?: readonly string[];
}

/** A difference below this is rounding of the computer, not of a table. */
export const TOLERANCE = 1e-6;

/** A description that is no case: sums that do not add, or knowledge that the truth contradicts. */
export class GateCaseError extends Error {
  override readonly name = 'GateCaseError';
}

/**
 * Proves that the description is sound: without it, a verdict on it means nothing.
 * @throws GateCaseError when lengths differ, a sum does not add, a bound excludes the truth, or a primary cell is printed.
 */
export function assertCase(gateCase: GateCase): void {
  const { size, relations, value, printed, primary, lower, upper, integer } = gateCase;
  for (const [name, list] of Object.entries({ value, printed, lower, upper })) {
    if (list.length !== size) throw new GateCaseError(`${name}: expected ${size} entries, got ${list.length}`);
  }
  for (const [i, { total, parts }] of relations.entries()) {
    if (parts.length === 0 || [total, ...parts].some((c) => !(c >= 0 && c < size))) throw new GateCaseError(`relation ${i} names a cell that does not exist`);
    if (new Set([total, ...parts]).size !== parts.length + 1) throw new GateCaseError(`relation ${i} names a cell twice`);
    const sum = parts.reduce((s, c) => s + (value[c] ?? NaN), 0);
    if (!(Math.abs(sum - (value[total] ?? NaN)) <= TOLERANCE * Math.max(1, Math.abs(sum)))) throw new GateCaseError(`relation ${i}: the parts of ${labelOf(gateCase, total)} do not add to it`);
  }
  for (let c = 0; c < size; c++) {
    const v = value[c] ?? NaN;
    if (!Number.isFinite(v) || (integer && !Number.isInteger(v))) throw new GateCaseError(`${labelOf(gateCase, c)} is no ${integer ? 'whole ' : ''}number`);
    if (!printed[c] && ((lower[c] ?? NaN) > v || (upper[c] ?? Infinity) < v)) throw new GateCaseError(`the bounds of ${labelOf(gateCase, c)} exclude the truth`);
  }
  const open = primary.filter((c) => printed[c] !== false);
  if (open.length > 0) throw new GateCaseError(`primary and printed: ${open.slice(0, 5).map((c) => labelOf(gateCase, c)).join(', ')}`);
}

/** The name of a cell for people. */
export function labelOf(gateCase: GateCase, cell: number): string {
  return gateCase.labels?.[cell] ?? `cell ${cell}`;
}

/** A sum over unprinted cells only: signs are 1 for the total and -1 for a part; printed cells are gone to the other side. */
export interface Equation {
  readonly cells: readonly number[];
  readonly signs: readonly number[];
}

/** Unprinted cells that sums hold together, directly or through others: no other cell can say anything about them. */
export interface Component {
  readonly cells: readonly number[];
  readonly equations: readonly Equation[];
}

/** The equations that an attacker has on unprinted cells, equal ones once. */
export function equationsOf(gateCase: GateCase): Equation[] {
  const seen = new Set<string>();
  const equations: Equation[] = [];
  for (const { total, parts } of gateCase.relations) {
    const cells = [total, ...parts].filter((c) => !gateCase.printed[c]).sort((a, b) => a - b);
    if (cells.length === 0) continue;
    const lead = cells[0] === total ? 1 : -1;
    const signs = cells.map((c) => (c === total ? lead : -lead));
    const key = `${cells.join()};${signs.join()}`;
    if (seen.has(key)) continue;
    seen.add(key);
    equations.push({ cells, signs });
  }
  return equations;
}

/** Parts of the attack that have nothing to do with each other, in order of their first cell. */
export function componentsOf(gateCase: GateCase): Component[] {
  const equations = equationsOf(gateCase);
  const parent = Int32Array.from({ length: gateCase.size }, (_, i) => i);
  const root = (c: number): number => {
    let at = c;
    while (parent[at] !== at) {
      parent[at] = parent[parent[at] ?? at] ?? at;
      at = parent[at] ?? at;
    }
    return at;
  };
  for (const { cells } of equations) for (const c of cells) parent[root(c)] = root(cells[0] ?? c);
  const groups = new Map<number, { cells: number[]; equations: Equation[] }>();
  for (let c = 0; c < gateCase.size; c++) {
    if (gateCase.printed[c]) continue;
    const at = root(c);
    const group = groups.get(at) ?? { cells: [], equations: [] };
    groups.set(at, group);
    group.cells.push(c);
  }
  for (const equation of equations) groups.get(root(equation.cells[0] ?? 0))?.equations.push(equation);
  return [...groups.values()];
}

/**
 * A component as a case of its own, for questions that concern nothing else: its cells first, in their order; behind them
 * one printed cell for each equation, with what the printed cells of the sum contribute.
 */
export function partOf(gateCase: GateCase, component: Component): GateCase {
  const at = new Map(component.cells.map((c, i) => [c, i]));
  const n = component.cells.length;
  const primary = new Set(gateCase.primary);
  const value = component.cells.map((c) => gateCase.value[c] ?? 0);
  const relations = component.equations.map(({ cells, signs }, k): Relation => {
    const sides = [1, -1].map((sign) => cells.filter((_, i) => signs[i] === sign).map((c) => at.get(c) ?? 0)).sort((a, b) => a.length - b.length);
    const [single = [], others = []] = sides;
    const rest = sum(single.map((i) => value[i] ?? 0)) - sum(others.map((i) => value[i] ?? 0));
    value.push(single.length === 0 ? -rest : rest);
    const [total = n + k] = single;
    return { total, parts: single.length === 0 ? others : [...others, n + k] };
  });
  const padded = <T>(list: readonly T[], otherwise: T): T[] => [...component.cells.map((c) => list[c] ?? otherwise), ...relations.map(() => otherwise)];
  return {
    size: value.length, relations, value, integer: gateCase.integer,
    printed: value.map((_, i) => i >= n),
    primary: component.cells.flatMap((c, i) => (primary.has(c) ? [i] : [])),
    lower: padded(gateCase.lower, 0),
    upper: padded(gateCase.upper, null),
    required: (gateCase.required ?? []).flatMap((r) => (at.has(r.cell) ? [{ ...r, cell: at.get(r.cell) ?? 0 }] : [])),
    labels: [...component.cells.map((c) => labelOf(gateCase, c)), ...relations.map((_, k) => `rest of sum ${k}`)],
  };
}

function sum(values: readonly number[]): number {
  return values.reduce((s, v) => s + v, 0);
}
