/**
 * How far one cell can lie from the truth: a simplex method that starts at the truth each time. The truth is a solution
 * whatever is printed, so there is no search for a first one, and the table of coefficients serves query after query while
 * cells are printed and unprinted.
 * Source: docs/references.md#dantzig-bounded (simplex with bounded variables).
 * Leaves out: proofs. It finds alternatives; that there is none is for the audit to say, which is written apart from it.
 * @module
 */
import type { Move } from './boxes.ts';
import type { Relation } from './cell-table.ts';

const TINY = 1e-9;
/** Bounds are a little wider than they are, each by another width, so that steps seldom end where they began. */
const SLACK = 1e-3;
/** Steps without gain after which the first cell that may, and no longer the best, enters: so that no circle is run. */
const PATIENCE = 12;

export interface TableauBounds {
  /** By how much a cell's value may fall below and rise above the truth while it is unprinted. */
  readonly down: (cell: number) => number;
  readonly up: (cell: number) => number;
}

export class Tableau {
  readonly cells: readonly number[];
  readonly #at: ReadonlyMap<number, number>;
  /** Entry of basic row r and nonbasic column j at r * columns + j: basic = - sum of entry × nonbasic. */
  readonly #entries: Float64Array;
  readonly #rows: number;
  readonly #columns: number;
  /** Row → variable, column → variable, variable → row, or -1 - column. */
  readonly #basic: Int32Array;
  readonly #nonbasic: Int32Array;
  readonly #place: Int32Array;
  readonly #low: Float64Array;
  readonly #high: Float64Array;
  readonly #bounds: TableauBounds;
  readonly #x: Float64Array;
  pivots = 0;

  /** @param cells - those that may be unprinted; all start out printed */
  constructor(cells: readonly number[], relations: readonly Relation[], bounds: TableauBounds) {
    this.cells = cells;
    this.#at = new Map(cells.map((cell, i) => [cell, i]));
    this.#bounds = bounds;
    this.#low = new Float64Array(cells.length);
    this.#high = new Float64Array(cells.length);
    this.#x = new Float64Array(cells.length);
    const reduced = reduce(this.#at, relations);
    this.#rows = reduced.length;
    this.#columns = cells.length - reduced.length;
    this.#basic = Int32Array.from(reduced, ({ pivot }) => pivot);
    this.#place = new Int32Array(cells.length).fill(-1);
    for (const [row, variable] of this.#basic.entries()) this.#place[variable] = row;
    const isBasic = new Set(this.#basic);
    this.#nonbasic = Int32Array.from(cells.keys().filter((v) => !isBasic.has(v)));
    for (const [column, variable] of this.#nonbasic.entries()) this.#place[variable] = -1 - column;
    this.#entries = new Float64Array(this.#rows * this.#columns);
    for (const [row, { others }] of reduced.entries()) {
      for (const [variable, value] of others) this.#entries[row * this.#columns - 1 - (this.#place[variable] as number)] = value;
    }
  }

  has(cell: number): boolean {
    return this.#at.has(cell);
  }

  suppress(cell: number): void {
    const variable = this.#at.get(cell) as number;
    this.#low[variable] = -this.#bounds.down(cell) - slack(2 * variable);
    this.#high[variable] = this.#bounds.up(cell) + slack(2 * variable + 1);
  }

  print(cell: number): void {
    const variable = this.#at.get(cell) as number;
    this.#low[variable] = 0;
    this.#high[variable] = 0;
    const row = this.#place[variable] as number;
    if (row >= 0) this.#expel(row);
  }

  /**
   * A table in which the cell differs from the truth by `need` at least in the direction of `sign`.
   * Undefined when the search ended without one.
   */
  find(cell: number, sign: 1 | -1, need: number): Move | undefined {
    const target = this.#at.get(cell) as number;
    const x = this.#x.fill(0);
    if ((sign > 0 ? this.#high[target] as number : -(this.#low[target] as number)) < need - TINY) return undefined;
    let idle = 0;
    for (let turn = 0; turn < 100 + 2 * this.#rows; turn++) {
      if (sign * (x[target] as number) >= need - 1e-7) return this.#moveOf(x);
      const entering = this.#choose(target, sign, idle > PATIENCE);
      if (entering === undefined) return undefined;
      const gained = this.#advance(entering.column, entering.direction, target, sign, need);
      idle = gained > TINY ? 0 : idle + 1;
    }
    return undefined;
  }

  /** The nonbasic column that moves the target the most for each unit, and in which direction it goes. */
  #choose(target: number, sign: 1 | -1, first: boolean): { readonly column: number; readonly direction: 1 | -1 } | undefined {
    const row = this.#place[target] as number;
    if (row < 0) {
      const open = sign > 0 ? (this.#high[target] as number) - (this.#x[target] as number) : (this.#x[target] as number) - (this.#low[target] as number);
      return open > TINY ? { column: -1 - row, direction: sign } : undefined;
    }
    let best: { readonly column: number; readonly direction: 1 | -1 } | undefined;
    let most = 1e-7;
    const from = row * this.#columns;
    for (let column = 0; column < this.#columns; column++) {
      const entry = this.#entries[from + column] as number;
      const size = entry < 0 ? -entry : entry;
      if (size <= most) continue;
      const variable = this.#nonbasic[column] as number;
      const direction = (entry < 0) === (sign > 0) ? 1 : -1;
      const open = direction > 0 ? (this.#high[variable] as number) - (this.#x[variable] as number) : (this.#x[variable] as number) - (this.#low[variable] as number);
      if (open <= TINY) continue;
      best = { column, direction };
      if (first) return best;
      most = size;
    }
    return best;
  }

  /** Moves a nonbasic variable as far as the bounds let it, or as far as the target needs. Returns how far. */
  #advance(column: number, direction: 1 | -1, target: number, sign: 1 | -1, need: number): number {
    const { low, high, x, entries, basic } = { low: this.#low, high: this.#high, x: this.#x, entries: this.#entries, basic: this.#basic };
    const entering = this.#nonbasic[column] as number;
    let step = direction > 0 ? (high[entering] as number) - (x[entering] as number) : (x[entering] as number) - (low[entering] as number);
    let leaving = -1;
    let pivot = 0;
    const touched: number[] = [];
    for (let row = 0; row < this.#rows; row++) {
      const entry = entries[row * this.#columns + column] as number;
      if (entry === 0) continue;
      touched.push(row);
      const rate = -entry * direction;
      if (rate < 1e-9 && rate > -1e-9) continue;
      const variable = basic[row] as number;
      const room = (rate > 0 ? (high[variable] as number) - (x[variable] as number) : (low[variable] as number) - (x[variable] as number)) / rate;
      if (room < step - TINY || (room < step + TINY && Math.abs(entry) > Math.abs(pivot))) {
        step = Math.max(room, 0);
        leaving = row;
        pivot = entry;
      }
    }
    const targetRow = this.#place[target] as number;
    const rate = targetRow < 0 ? 1 : Math.abs(entries[targetRow * this.#columns + column] as number);
    const enough = (need - sign * (x[target] as number)) / rate;
    const arrives = enough <= step;
    if (arrives) step = Math.max(enough, 0);
    x[entering] = (x[entering] as number) + direction * step;
    for (const row of touched) x[basic[row] as number] = (x[basic[row] as number] as number) - (entries[row * this.#columns + column] as number) * direction * step;
    if (!arrives && leaving !== -1) this.#pivot(leaving, column);
    return step;
  }

  /** Swaps a basic and a nonbasic variable. */
  #pivot(row: number, column: number): void {
    const { columns, entries } = { columns: this.#columns, entries: this.#entries };
    this.pivots++;
    const from = row * columns;
    const scale = 1 / (entries[from + column] as number);
    const filled: number[] = [];
    for (let j = 0; j < columns; j++) {
      if (j === column || entries[from + j] === 0) continue;
      const value = (entries[from + j] as number) * scale;
      entries[from + j] = value < TINY && value > -TINY ? 0 : value;
      if (entries[from + j] !== 0) filled.push(j);
    }
    entries[from + column] = scale;
    for (let i = 0; i < this.#rows; i++) {
      const at = i * columns;
      const factor = entries[at + column] as number;
      if (i === row || factor === 0) continue;
      for (const j of filled) {
        const value = (entries[at + j] as number) - factor * (entries[from + j] as number);
        entries[at + j] = value < TINY && value > -TINY ? 0 : value;
      }
      entries[at + column] = -factor * scale;
    }
    const [out, into] = [this.#basic[row] as number, this.#nonbasic[column] as number];
    this.#basic[row] = into;
    this.#nonbasic[column] = out;
    this.#place[into] = row;
    this.#place[out] = -1 - column;
  }

  /** A printed cell leaves the basis, where it would only be in the way. */
  #expel(row: number): void {
    let best = -1;
    let most = 1e-3;
    for (let column = 0; column < this.#columns; column++) {
      const size = Math.abs(this.#entries[row * this.#columns + column] as number);
      const variable = this.#nonbasic[column] as number;
      if (size <= most || this.#low[variable] === this.#high[variable]) continue;
      best = column;
      most = size;
      if (size === 1) break;
    }
    if (best !== -1) this.#pivot(row, best);
  }

  /** The change in whole steps; undefined where it is not one, for the slack to be taken back. */
  #moveOf(x: Float64Array): Move | undefined {
    const cells: number[] = [];
    const steps: number[] = [];
    for (const [variable, value] of x.entries()) {
      const whole = Math.round(value);
      if (Math.abs(value - whole) > 0.3) return undefined;
      if (whole === 0) continue;
      cells.push(this.cells[variable] as number);
      steps.push(whole);
    }
    return { cells: Int32Array.from(cells), steps: Float64Array.from(steps) };
  }
}

/** A width that looks random and is the same for the same variable. */
function slack(variable: number): number {
  return SLACK * (0.5 + ((variable * 2654435761) % 4093) / 8186);
}

/** Solves the relations for one variable each, sparsely: pivots are taken where rows and columns are short. */
function reduce(at: ReadonlyMap<number, number>, relations: readonly Relation[]): { readonly pivot: number; readonly others: ReadonlyMap<number, number> }[] {
  const rows: Map<number, number>[] = [];
  const holders = new Map<number, Set<number>>();
  for (const { total, parts } of relations) {
    const row = new Map<number, number>();
    for (const [cell, sign] of [[total, -1] as const, ...Array.from(parts, (part) => [part, 1] as const)]) {
      const variable = at.get(cell);
      if (variable !== undefined) row.set(variable, sign);
    }
    if (row.size === 0) continue;
    for (const variable of row.keys()) {
      const own = holders.get(variable);
      if (own) own.add(rows.length);
      else holders.set(variable, new Set([rows.length]));
    }
    rows.push(row);
  }
  const done: { readonly pivot: number; readonly others: ReadonlyMap<number, number> }[] = [];
  const order = [...rows.keys()].sort((a, b) => (rows[a] as Map<number, number>).size - (rows[b] as Map<number, number>).size);
  for (const r of order) {
    const row = rows[r] as Map<number, number>;
    let pivot = -1;
    for (const [variable, value] of row) {
      if (Math.abs(value) < 1e-6) continue;
      if (pivot === -1 || (holders.get(variable) as Set<number>).size < (holders.get(pivot) as Set<number>).size) pivot = variable;
    }
    if (pivot === -1) continue;
    const scale = 1 / (row.get(pivot) as number);
    for (const [variable, value] of row) row.set(variable, value * scale);
    for (const other of [...(holders.get(pivot) as Set<number>)]) {
      if (other === r) continue;
      const target = rows[other] as Map<number, number>;
      const factor = target.get(pivot) as number;
      for (const [variable, value] of row) {
        const next = (target.get(variable) ?? 0) - factor * value;
        if (Math.abs(next) < TINY) {
          target.delete(variable);
          holders.get(variable)?.delete(other);
        } else {
          target.set(variable, next);
          holders.get(variable)?.add(other);
        }
      }
    }
    row.delete(pivot);
    done.push({ pivot, others: row });
  }
  return done;
}
