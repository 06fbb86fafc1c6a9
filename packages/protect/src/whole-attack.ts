/**
 * The attack in whole numbers: a count that fractions leave open may be the only whole number that fits.
 * Linear programs push many cells at once; where their tables are whole numbers, the cells they move are open. Each cell that is
 * left gets integer programs of its own: a table in which it differs, or the proof that there is none. Where one runs out of its share
 * of the time, it is tried again with what others left, until the time is over.
 * Source: docs/references.md#fischetti-salazar (the attacker's problem), docs/references.md#highs.
 * @module
 */
import { componentsOf } from './attacker.ts';
import { knownBounds, unprintedCells } from './audit.ts';
import type { AuditOptions, Breach, Knowledge } from './audit.ts';
import { Solver } from './linear-program.ts';
import type { LinearProgram } from './linear-program.ts';
import { rowsOf } from './shown-attack.ts';
import { tightened } from './tighten.ts';

/** As for the audit; only `required` cells are attacked. */
export interface WholeAttackOptions extends Pick<AuditOptions, 'required' | 'onProgress' | 'signal'> {
  /** Seconds for all integer programs together. */
  readonly seconds: number;
}

export interface WholeAttack {
  readonly breaches: readonly Breach[];
  /** Cells for which no answer was found in the time given. */
  readonly undecided: readonly number[];
  /** Programs solved. */
  readonly programs: number;
}

/** Programs in a row that open nothing new before cells are asked for one by one. */
const IDLE = 3;
/** Least time for one integer program. */
const LEAST_SECONDS = 0.2;
/** A program that ends without an answer before this part of its time has another reason than the time. */
const RAN_OUT = 0.9;
/** No cell is moved further than this from the truth: an integer program needs an end. */
const FAR = 1e5;
const NEARLY = 1e-6;

/** Attacks counts. @throws RangeError for amounts; DOMException `AbortError` when the signal says so */
export async function attackWhole(knowledge: Knowledge, options: WholeAttackOptions): Promise<WholeAttack> {
  if (!knowledge.whole) throw new RangeError('attackWhole: only counts are whole numbers');
  const until = performance.now() + 1000 * options.seconds;
  const { value, relations, printed } = knowledge;
  const { lower, upper } = tightened(relations, value, knownBounds(knowledge));
  const breaches: Breach[] = [...options.required.keys()].filter((cell) => printed(cell)).map((cell) => ({ cell, why: 'exact' }));
  const asked = [...options.required.keys()].filter((cell) => !printed(cell)).length;
  const attacks: ComponentInWholeNumbers[] = [];
  const left = (): number => attacks.reduce((sum, attack) => sum + attack.left, 0);
  for (const component of componentsOf(unprintedCells(knowledge), relations)) {
    const mine = component.cells.filter((cell) => options.required.has(cell));
    if (mine.length === 0) continue;
    const index = new Map(component.cells.map((cell, i) => [cell, i]));
    const program: LinearProgram = {
      lower: Float64Array.from(component.cells, (cell) => Math.max(-FAR, (lower[cell] as number) - (value[cell] as number))),
      upper: Float64Array.from(component.cells, (cell) => Math.min(FAR, (upper[cell] as number) - (value[cell] as number))),
      cost: new Float64Array(component.cells.length), ...rowsOf(component.relations, index),
    };
    attacks.push(new ComponentInWholeNumbers(program, mine.map((cell) => ({ cell, column: index.get(cell) as number, need: options.required.get(cell) as number })), options.signal));
  }
  for (const attack of attacks) await attack.together();
  const onProgress = (): void => { options.onProgress?.(asked - left(), asked); };
  onProgress();
  while (left() > 0 && performance.now() < until) {
    for (const attack of attacks) {
      await attack.oneByOne(() => ({ seconds: (until - performance.now()) / 1000, cells: left() }), onProgress);
      breaches.push(...attack.takeBreaches());
    }
    if (attacks.every((attack) => attack.isHopeless)) break;
  }
  return { breaches, undecided: attacks.flatMap((attack) => attack.undecided), programs: attacks.reduce((sum, attack) => sum + attack.programs, 0) };
}

interface Asked {
  readonly cell: number;
  readonly column: number;
  readonly need: number;
  /** Directions in which the cell is proved not to go so far. */
  readonly shut: Set<1 | -1>;
  /** Directions in which the solver ended before its time without an answer: more time gives none. */
  readonly lost: Set<1 | -1>;
}

/** Where the cell may go: up, where a reader must reckon with more than the truth. */
function directionsOf({ need }: Asked): readonly (1 | -1)[] {
  return need > 0 ? [1] : [1, -1];
}

function isSettled({ shut, lost }: Asked, direction: 1 | -1): boolean {
  return shut.has(direction) || lost.has(direction);
}

/** What is left, of seconds and of cells without an answer. */
type Left = () => { readonly seconds: number; readonly cells: number };

class ComponentInWholeNumbers {
  readonly #program: LinearProgram;
  readonly #left: Set<Asked>;
  readonly #signal: AbortSignal | undefined;
  #breaches: Breach[] = [];
  programs = 0;

  constructor(program: LinearProgram, asked: readonly Pick<Asked, 'cell' | 'column' | 'need'>[], signal: AbortSignal | undefined) {
    this.#program = program;
    this.#left = new Set(asked.map((each): Asked => ({ ...each, shut: new Set(), lost: new Set() })));
    this.#signal = signal;
  }

  /** Cells without an answer. */
  get left(): number {
    return this.#left.size;
  }

  get undecided(): readonly number[] {
    return Array.from(this.#left, ({ cell }) => cell);
  }

  /** No cell is left, or none that more time would help. */
  get isHopeless(): boolean {
    return [...this.#left].every((asked) => directionsOf(asked).every((direction) => isSettled(asked, direction)));
  }

  /** What was found since the last call. */
  takeBreaches(): readonly Breach[] {
    const found = this.#breaches;
    this.#breaches = [];
    return found;
  }

  /** Pushes all cells at once as far as they must go, those that need not go up now up, now down. */
  async together(): Promise<void> {
    const { lower, upper } = this.#program;
    const asked = [...this.#left];
    const capped = { lower: lower.slice(), upper: upper.slice() };
    for (const { column, need } of asked) {
      capped.lower[column] = Math.max(lower[column] as number, -Math.max(1, need));
      capped.upper[column] = Math.min(upper[column] as number, Math.max(1, need));
    }
    const solver = await Solver.open({ ...this.#program, ...capped });
    try {
      for (let round = 0, idle = 0; this.#left.size > 0 && idle < IDLE; round++) {
        this.#signal?.throwIfAborted();
        const before = this.#left.size;
        for (const each of asked) solver.setCost(each.column, this.#left.has(each) ? -this.#direction(each, round) / Math.max(1, each.need) : 0);
        this.#strike(solver.solve()?.columns);
        idle = this.#left.size === before ? idle + 1 : 0;
      }
    } finally {
      this.programs += solver.solved;
      solver.dispose();
    }
  }

  /** Asks for each cell that is left by itself, once: what runs out of its share of the time stays. */
  async oneByOne(left: Left, onProgress: () => void): Promise<void> {
    for (const asked of [...this.#left]) {
      if (!this.#left.has(asked)) continue;
      this.#signal?.throwIfAborted();
      for (const direction of directionsOf(asked)) if (this.#left.has(asked) && !isSettled(asked, direction)) await this.#ask(asked, direction, left);
      if (this.#left.has(asked) && directionsOf(asked).every((direction) => asked.shut.has(direction))) {
        this.#left.delete(asked);
        this.#breaches.push({ cell: asked.cell, why: asked.need > 0 ? 'too-narrow' : 'exact' });
      }
      onProgress();
    }
  }

  /** Asks for a table in which the cell goes as far as it must; what is found may open other cells too. */
  async #ask(asked: Asked, direction: 1 | -1, left: Left): Promise<void> {
    const { column, need, shut, lost } = asked;
    const { lower, upper } = this.#program;
    const far = Math.max(1, need) * direction;
    if (far > (upper[column] as number) || far < (lower[column] as number)) {
      shut.add(direction);
      return;
    }
    const { seconds, cells } = left();
    if (seconds <= 0) return;
    const share = Math.max(LEAST_SECONDS, seconds / cells / directionsOf(asked).filter((each) => !isSettled(asked, each)).length);
    const bounds = direction > 0 ? { lower: lower.with(column, far), upper } : { lower, upper: upper.with(column, far) };
    const solver = await Solver.open({ ...this.#program, ...bounds, integer: true }, { timeLimitSeconds: share });
    try {
      const began = performance.now();
      const before = this.#left.size;
      this.#strike(solver.solve()?.columns);
      if (solver.impossible) shut.add(direction);
      else if (this.#left.size === before && performance.now() - began < RAN_OUT * 1000 * share) lost.add(direction);
    } finally {
      this.programs += solver.solved;
      solver.dispose();
    }
  }

  /** Takes out the cells that a table of whole numbers opens; whatever the solver says, it has to add up. */
  #strike(columns: Float64Array | undefined): void {
    if (columns === undefined) return;
    const { lower, upper, starts, indices, values } = this.#program;
    const steps = columns.map(Math.round);
    if (!steps.every((step, i) => Math.abs(step - (columns[i] as number)) < NEARLY && step >= (lower[i] as number) && step <= (upper[i] as number))) return;
    for (let row = 0; row + 1 < starts.length; row++) {
      let sum = 0;
      for (let k = starts[row] as number; k < (starts[row + 1] as number); k++) sum += (values[k] as number) * (steps[indices[k] as number] as number);
      if (sum !== 0) return;
    }
    for (const asked of this.#left) {
      const step = steps[asked.column] as number;
      if (asked.need > 0 ? step >= asked.need : step !== 0) this.#left.delete(asked);
    }
  }

  #direction({ column, need }: Asked, round: number): 1 | -1 {
    const { lower, upper } = this.#program;
    if (need > 0 || (lower[column] as number) > -1) return 1;
    if ((upper[column] as number) < 1) return -1;
    return ((Math.imul(column + 1, 2654435761) ^ Math.imul(round, 40503)) >>> 9) % 2 === 0 ? 1 : -1;
  }
}
