/**
 * Withheld cells that unsafe counts can do without, found before anything is proved: with a cell printed, does one set of
 * differences still move every count off its bound? Sums one at a time refute most cells; a program answers for the rest, and starts
 * from the differences that were there before.
 * Source: docs/references.md#fischetti-salazar, docs/references.md#schrijver (implicit equalities), docs/references.md#savelsbergh.
 * Leaves out: proofs. Bounds of other cells than unsafe ones are looked at one sum at a time only.
 * @module
 */
import type { Relation } from './cell-table.ts';
import { Solver } from './linear-program.ts';
import type { Range } from './move-program.ts';
import { Narrowing } from './narrowing.ts';
import { reduceProgram } from './reduced-program.ts';
import type { Reduction } from './reduced-program.ts';

/** Withheld cells that sums tie to each other. */
export interface PrunedComponent {
  readonly cells: readonly number[];
  readonly relations: readonly Relation[];
}

export interface PruneTerms {
  /** Cells that may be printed, in the order in which they are tried. */
  readonly candidates: readonly number[];
  /** Counts that must stay open. */
  readonly unsafe: ReadonlySet<number>;
  /** How a cell can differ from the truth for all that a reader knows. */
  readonly rangeOf: (cell: number) => Range;
  /** Unsafe counts that stand at a bound, and where they must be able to lie instead. */
  readonly off: ReadonlyMap<number, Range>;
  /** Rows times columns of all programs that may still be solved: the work grows with them, and the answer does not depend on the clock. */
  readonly effort: { left: number };
  /** Called for each cell: throws to cancel. */
  readonly goOn: () => Promise<void>;
}

/** Unsafe cells are looked at by single sums that are among so many cells around the printed one. */
const NEIGHBOURS = 100;
/** Candidates keep a column of their own because they have bounds, which are never reached. */
const FAR = 1e6;
const ZERO = 1e-9;
/** A search is begun where so many programs at least may be solved. */
const PROGRAMS = 10;

/** Candidates that can be printed all together; none where the component is too large for the effort that is left. @throws what `goOn` throws */
export async function needlessCounts(component: PrunedComponent, terms: PruneTerms): Promise<number[]> {
  const table = await OpenTable.open(component, terms);
  if (table === undefined) return [];
  const sums = new SingleSums(component, terms);
  const printed: number[] = [];
  try {
    for (const cell of terms.candidates) {
      if (terms.effort.left <= 0) break;
      if (sums.refute(cell)) continue;
      await terms.goOn();
      if (!table.print(cell)) continue;
      sums.print(cell);
      printed.push(cell);
    }
  } finally {
    table.dispose();
  }
  return printed;
}

/** What single sums say against printing a cell. */
class SingleSums {
  readonly #component: PrunedComponent;
  readonly #terms: PruneTerms;
  readonly #rowsOf = new Map<number, number[]>();
  readonly #inside: ReadonlySet<number>;
  readonly #printed = new Set<number>();
  #narrowing: Narrowing;
  /** Unsafe cells that single sums leave open as long as nothing more is printed. */
  readonly #open: ReadonlySet<number>;

  constructor(component: PrunedComponent, terms: PruneTerms) {
    this.#component = component;
    this.#terms = terms;
    this.#inside = new Set(component.cells);
    for (const [r, { total, parts }] of component.relations.entries()) {
      for (const cell of [total, ...parts]) {
        if (!this.#inside.has(cell)) continue;
        const rows = this.#rowsOf.get(cell);
        if (rows) rows.push(r);
        else this.#rowsOf.set(cell, [r]);
      }
    }
    this.#narrowing = this.#narrowed();
    this.#open = new Set(component.cells.filter((cell) => terms.unsafe.has(cell) && this.#canLieOff(cell)));
  }

  /** True when an unsafe cell around would lie at the truth, or less than one from it. */
  refute(cell: number): boolean {
    const nearby = this.#nearest(cell).filter((other) => this.#open.has(other));
    return nearby.some((other) => !this.#canLieOff(other, cell));
  }

  print(cell: number): void {
    this.#printed.add(cell);
    this.#narrowing = this.#narrowed();
  }

  #narrowed(): Narrowing {
    const { cells, relations } = this.#component;
    return new Narrowing(cells, relations, (cell) => (this.#printed.has(cell) ? { lower: 0, upper: 0 } : this.#terms.rangeOf(cell)));
  }

  #canLieOff(cell: number, printed?: number): boolean {
    return [{ lower: 1, upper: Infinity }, { lower: -Infinity, upper: -1 }].some((off) => {
      this.#narrowing.forget();
      return (printed === undefined || this.#narrowing.assume(printed, { lower: 0, upper: 0 })) && this.#narrowing.assume(cell, off);
    });
  }

  /** Withheld cells around one, along sums. */
  #nearest(cell: number): number[] {
    const cells = [cell];
    const seen = new Set(cells);
    const looked = new Set<number>();
    for (let i = 0; i < cells.length && cells.length < NEIGHBOURS; i++) {
      for (const r of this.#rowsOf.get(cells[i] as number) ?? []) {
        if (looked.has(r)) continue;
        looked.add(r);
        const { total, parts } = this.#component.relations[r] as Relation;
        for (const other of [total, ...parts]) {
          if (seen.has(other) || !this.#inside.has(other) || this.#printed.has(other)) continue;
          seen.add(other);
          cells.push(other);
        }
      }
    }
    return cells;
  }
}

/** One set of differences in which no unsafe count stands at its bound, however far the others have to go for it. */
class OpenTable {
  readonly #reduction: Reduction;
  readonly #solver: Solver;
  readonly #at: ReadonlyMap<number, number>;
  readonly #effort: { left: number };
  #found: Float64Array | undefined;

  private constructor(at: ReadonlyMap<number, number>, reduction: Reduction, solver: Solver, effort: { left: number }) {
    this.#at = at;
    this.#reduction = reduction;
    this.#solver = solver;
    this.#effort = effort;
    this.#effort.left -= workOf(reduction);
    this.#found = solver.solve()?.columns;
  }

  static async open({ cells, relations }: PrunedComponent, { candidates, off, effort, rangeOf }: PruneTerms): Promise<OpenTable | undefined> {
    const bounded = new Set(candidates);
    const away = (cell: number, far: number): Range => {
      const { lower, upper } = rangeOf(cell);
      return { lower: lower < 0 ? -far : 0, upper: upper > 0 ? far : 0 };
    };
    const reduction = reduceProgram({ cells, relations, rangeOf: (cell) => off.get(cell) ?? away(cell, bounded.has(cell) ? FAR : Infinity) });
    if (effort.left < PROGRAMS * workOf(reduction)) return undefined;
    return new OpenTable(new Map(cells.map((cell, i) => [cell, i])), reduction, await Solver.open(reduction.program, { primal: false, presolve: false }), effort);
  }

  /** Prints the cell where there is still such a table. @returns whether there is */
  print(cell: number): boolean {
    const { columns, program } = this.#reduction;
    const [column, ...more] = columns[this.#at.get(cell) as number] as Int32Array;
    if (this.#found === undefined || more.length > 0) return false;
    if (column === undefined) return true;
    this.#solver.setBounds(column, 0, 0);
    if (Math.abs(this.#found[column] as number) < ZERO) return true;
    this.#effort.left -= workOf(this.#reduction);
    const solved = this.#solver.solve();
    if (solved === undefined) this.#solver.setBounds(column, program.lower[column] as number, program.upper[column] as number);
    else this.#found = solved.columns;
    return solved !== undefined;
  }

  dispose(): void {
    this.#solver.dispose();
  }
}

function workOf({ program }: Reduction): number {
  return program.lower.length * program.right.length;
}
