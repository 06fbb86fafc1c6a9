/**
 * Check B, second half, and check D: the interval that a reader derives for an unprinted cell, by two linear programs.
 * Source: docs/references.md#handbook-sdc, chapter 4 (audit). Every table found widens what is known of all its cells, so
 * most cells need no program of their own. Fractions count as tables.
 * @module
 */
import { componentsOf, TOLERANCE } from './gate-case.ts';
import type { Component, GateCase } from './gate-case.ts';
import { generator } from './modular-elimination.ts';
import { ComponentModel, loadSolver } from './solver.ts';
import type { Solver, Terms } from './solver.ts';

/** The least and the greatest value that fit; `Infinity` when nothing bounds it. */
export interface Interval {
  readonly lo: number;
  readonly hi: number;
}

/** An attack on a case that keeps what it learns; `dispose` gives its memory back. */
export class IntervalAttack {
  readonly #gateCase: GateCase;
  readonly #solver: Solver;
  readonly #models = new Map<number, ComponentModel>();
  readonly #componentOf: Int32Array;
  readonly #components: readonly Component[];
  readonly #down: Float64Array;
  readonly #up: Float64Array;
  readonly #cap: number;

  private constructor(solver: Solver, gateCase: GateCase) {
    this.#gateCase = gateCase;
    this.#solver = solver;
    this.#components = componentsOf(gateCase);
    this.#componentOf = new Int32Array(gateCase.size).fill(-1);
    for (const [k, { cells }] of this.#components.entries()) for (const c of cells) this.#componentOf[c] = k;
    this.#down = new Float64Array(gateCase.size);
    this.#up = new Float64Array(gateCase.size);
    const needs = (gateCase.required ?? []).flatMap((r) => [r.up, r.down ?? 0]);
    this.#cap = 1000 + 4 * gateCase.value.reduce((m, v) => Math.max(m, Math.abs(v)), 0) + 2 * needs.reduce((m, v) => Math.max(m, v), 0);
  }

  static async on(gateCase: GateCase): Promise<IntervalAttack> {
    return new IntervalAttack(await loadSolver(), gateCase);
  }

  /** How far the tables found so far take a cell from the truth. */
  seen(cell: number): { down: number; up: number } {
    return { down: this.#down[cell] ?? 0, up: this.#up[cell] ?? 0 };
  }

  /** The greatest distance from the truth that fits, in one direction; at once when tables seen already go as far as `enough`. */
  reach(cell: number, direction: 'up' | 'down', enough = Infinity): number {
    const seen = this.seen(cell)[direction];
    if (seen >= enough || this.#gateCase.printed[cell]) return seen;
    const model = this.#modelOf(cell);
    const sign = direction === 'up' ? 1 : -1;
    const capped = this.#learn(model, [[cell, sign]]);
    if (!capped || this.seen(cell)[direction] >= enough) return this.seen(cell)[direction];
    // A step at the cap may hide a longer one: ask again without caps.
    const free = new ComponentModel(this.#solver, this.#gateCase, this.#componentAt(cell));
    try {
      const { status, step } = free.maximise([[cell, sign]]);
      return status === 'unbounded' || !step ? Infinity : Math.abs(step[free.positions.get(cell) ?? 0] ?? 0);
    } finally {
      free.dispose();
    }
  }

  /** The interval of a cell. */
  interval(cell: number): Interval {
    const v = this.#gateCase.value[cell] ?? 0;
    return { lo: v - this.reach(cell, 'down'), hi: v + this.reach(cell, 'up') };
  }

  /** Widens what is known of many cells at once, with tables at random corners, as long as that helps; returns those that are still narrower. */
  sweep(cells: readonly number[], width: number, rounds = 12): number[] {
    const next = generator(20_231_106);
    const narrow = (c: number): boolean => this.seen(c).up + this.seen(c).down < width - TOLERANCE;
    for (const [k, list] of Map.groupBy(cells.filter(narrow), (c) => this.#componentOf[c] ?? -1)) {
      if (k < 0) continue;
      let open = list;
      for (let round = 0; round < rounds && open.length > 1; round++) {
        this.#learn(this.#modelOf(open[0] ?? 0), open.map((c) => [c, this.#leaning(c, next)] as const));
        const left = open.filter(narrow);
        if (left.length === open.length) break;
        open = left;
      }
    }
    return cells.filter(narrow);
  }

  dispose(): void {
    for (const model of this.#models.values()) model.dispose();
    this.#models.clear();
  }

  /** Upwards where the truth stands at the lower bound, else either way. */
  #leaning(cell: number, next: () => number): number {
    if ((this.#gateCase.value[cell] ?? 0) <= (this.#gateCase.lower[cell] ?? 0)) return 1;
    return next() % 2 === 0 ? 1 : -1;
  }

  #componentAt(cell: number): Component {
    return this.#components[this.#componentOf[cell] ?? -1] ?? { cells: [], equations: [] };
  }

  #modelOf(cell: number): ComponentModel {
    const k = this.#componentOf[cell] ?? -1;
    const model = this.#models.get(k) ?? new ComponentModel(this.#solver, this.#gateCase, this.#componentAt(cell), { cap: this.#cap });
    this.#models.set(k, model);
    return model;
  }

  /** Solves and takes over what the table shows; true when a step stopped at the cap. */
  #learn(model: ComponentModel, terms: Terms): boolean {
    const { status, step } = model.maximise(terms);
    if (!step) throw new Error(`the solver stopped: ${status}`);
    let capped = false;
    for (const [i, c] of model.cells.entries()) {
      const d = step[i] ?? 0;
      if (d > (this.#up[c] ?? 0)) this.#up[c] = d;
      if (-d > (this.#down[c] ?? 0)) this.#down[c] = -d;
      capped ||= Math.abs(d) >= this.#cap * 0.999;
    }
    return capped;
  }
}
