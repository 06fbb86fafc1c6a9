/**
 * The audit: for every unprinted cell the interval that an informed reader can derive, with the table that shows each end.
 * Written apart from the methods that choose what is unprinted: it takes nothing from them but the pattern.
 * Source: docs/references.md#handbook-sdc (audit), docs/references.md#fischetti-salazar (the attacker's problem).
 * @module
 */
import { intervalsIn, knowledgeInUnits, movesInUnits, unitOf } from './amount-units.ts';
import { Component, ReducedComponent, componentsOf } from './attacker.ts';
import type { Attacker, Combination } from './attacker.ts';
import { letOthersRun } from './pause.ts';
import { provedOpen } from './alternatives.ts';
import type { Move } from './boxes.ts';
import type { Relation } from './cell-table.ts';
import { Narrowing } from './narrowing.ts';
import { openTogether } from './open-together.ts';
import type { Range } from './move-program.ts';
import { ReducedProgram } from './reduced-program.ts';
import { tightened } from './tighten.ts';
import type { Bounds } from './tighten.ts';

/** Everything that a reader has. Linked tables, earlier releases and rounding are further relations and bounds. */
export interface Knowledge {
  readonly relations: readonly Relation[];
  readonly value: ArrayLike<number>;
  readonly printed: (cell: number) => boolean;
  /** What is known of an unprinted cell beforehand. */
  readonly lower: ArrayLike<number>;
  readonly upper: ArrayLike<number>;
  /** Counts: values between are known to be whole. */
  readonly whole: boolean;
}

export interface Interval {
  readonly cell: number;
  readonly lower: number;
  /** Infinity: nothing bounds it. */
  readonly upper: number;
  /** How each end follows; only where it was asked for. */
  readonly lowerFrom?: Combination;
  readonly upperFrom?: Combination;
}

/** A cell that is not as open as it must be. */
export interface Breach {
  readonly cell: number;
  readonly why: 'exact' | 'too-narrow';
}

export interface AuditOptions {
  /** Cells that must stay open: how far above the truth a reader must reckon; 0: another value is enough. */
  readonly required: ReadonlyMap<number, number>;
  /** Only these cells' intervals are made; default: those required. */
  readonly cells?: readonly number[];
  /** Tables that show cells to be open, from whoever has some: they are checked, and believed as far as they hold. */
  readonly alternatives?: Iterable<Move>;
  /** False: required cells that an alternative proves open get no interval. Default true. */
  readonly intervals?: boolean;
  /** Say of each end by which combination of printed cells and known bounds it follows. */
  readonly combinations?: boolean;
  readonly onProgress?: (done: number, of: number) => void;
  readonly signal?: AbortSignal;
}

export interface Audit {
  readonly intervals: readonly Interval[];
  readonly breaches: readonly Breach[];
  /** Linear programs solved. */
  readonly programs: number;
}

const CLOSE = 1e-6;
/** Cells after which signals and timers get their turn. */
const PAUSE_EVERY = 32;
/** Cells of a component from which tables are sought that open many. */
const FEW = 8;

/**
 * Computes intervals. An end that another cell's program met on its way is not computed again: it is met exactly where a
 * bound known beforehand is reached.
 * @throws DOMException `AbortError` when the signal says so
 */
export async function audit(knowledge: Knowledge, options: AuditOptions): Promise<Audit> {
  const unit = unitOf(knowledge.value, knowledge.whole);
  if (unit === 1) return auditUnits(knowledge, options);
  const required = new Map([...options.required].map(([cell, need]) => [cell, need / unit]));
  const found = await auditUnits(knowledgeInUnits(knowledge, unit), { ...options, required, alternatives: movesInUnits(options.alternatives ?? [], unit) });
  return { ...found, intervals: intervalsIn(found.intervals, unit) };
}

async function auditUnits(knowledge: Knowledge, options: AuditOptions): Promise<Audit> {
  const { cells = [...options.required.keys()], combinations = false, intervals: all = true, alternatives = [], onProgress, signal } = options;
  const { value, relations, printed } = knowledge;
  const proved = all ? new Set<number>() : provedOpen(knowledge, options.required, alternatives);
  const own = all ? undefined : await openedByOwn(knowledge, new Map([...options.required].filter(([cell]) => !proved.has(cell))), signal);
  for (const cell of own?.opened ?? []) proved.add(cell);
  const required = new Map([...options.required].filter(([cell]) => !proved.has(cell)));
  const wanted = new Set(cells.filter((cell) => !printed(cell) && !proved.has(cell)));
  const low = new Map<number, number>();
  const high = new Map<number, number>();
  const from = new Map<number, { lowerFrom?: Combination; upperFrom?: Combination }>();
  const of = wanted.size;
  let programs = own?.programs ?? 0;
  let done = 0;
  const unprinted = unprintedCells(knowledge);
  // A combination adds up what was known beforehand, so it is not made from bounds that follow from other bounds.
  const { lower, upper } = combinations ? knowledge : tightened(relations, value, knownBounds(knowledge));
  for (const component of componentsOf(unprinted, relations)) {
    const mine = component.cells.filter((cell) => wanted.has(cell));
    if (mine.length === 0) continue;
    // The solver gets bounds as they were known: those that follow from sums say nothing new, and hold up its steps.
    const solver: Attacker = await (combinations ? Component : ReducedComponent).open(component.cells, component.relations, knowledge);
    try {
      const seen = new Map<number, [number, number]>(component.cells.map((cell) => [cell, [0, 0]]));
      for (const [i, cell] of mine.entries()) {
        if (i % PAUSE_EVERY === 0) await letOthersRun();
        signal?.throwIfAborted();
        const isShown = (): boolean => !all && required.has(cell) && isOpen(seen.get(cell) as [number, number], required.get(cell) as number, value[cell] as number, knowledge.whole);
        for (const direction of [1, -1] as const) {
          if (isShown()) break;
          const at = direction > 0 ? 1 : 0;
          const room = direction > 0 ? Math.min((upper[cell] as number) - (value[cell] as number), solver.far) : (value[cell] as number) - (lower[cell] as number);
          const met = Math.abs((seen.get(cell) as [number, number])[at]);
          let step = met;
          let combination: Combination = { printed: [], bounds: [{ cell, times: 1 }] };
          if (met < room - CLOSE) {
            const { step: found, move, combination: made } = solver.extreme(cell, direction);
            step = Math.abs(found);
            if (made !== undefined) combination = made();
            for (const [i, other] of move.cells.entries()) {
              const ends = seen.get(other) as [number, number];
              const s = move.steps[i] as number;
              if (s < ends[0]) ends[0] = s;
              else if (s > ends[1]) ends[1] = s;
            }
          }
          if (combinations && step < solver.far - 1) from.set(cell, { ...from.get(cell), ...(direction > 0 ? { upperFrom: combination } : { lowerFrom: combination }) });
          if (direction > 0) high.set(cell, step >= solver.far - 1 ? Infinity : (value[cell] as number) + step);
          else low.set(cell, (value[cell] as number) - step);
        }
        if (isShown()) {
          required.delete(cell);
          wanted.delete(cell);
        }
        onProgress?.(++done, of);
      }
      programs += solver.solved;
    } finally {
      solver.dispose();
    }
  }
  const intervals = [...wanted].map((cell): Interval => ({ cell, ...rounded(low.get(cell) as number, high.get(cell) as number, knowledge.whole), ...from.get(cell) }));
  const breaches = [...required].flatMap(([cell, need]) => judge(cell, need, knowledge, low, high));
  return { intervals, breaches, programs };
}

/** The cells that tables of the auditor's own prove open, many with each: for counts, of which no more is asked than another number or so much. */
async function openedByOwn(knowledge: Knowledge, required: ReadonlyMap<number, number>, signal?: AbortSignal): Promise<{ readonly opened: ReadonlySet<number>; readonly programs: number }> {
  const { value, lower, upper, relations, whole } = knowledge;
  const opened = new Set<number>();
  let programs = 0;
  if (!whole) return { opened, programs };
  const need = (cell: number): number => required.get(cell) || 1;
  const rangeOf = (cell: number): Range => ({ lower: (lower[cell] as number) - (value[cell] as number), upper: (upper[cell] as number) - (value[cell] as number) });
  const capped = (cell: number): Range => {
    const range = rangeOf(cell);
    return required.has(cell) ? { lower: Math.max(range.lower, -need(cell)), upper: Math.min(range.upper, need(cell)) } : range;
  };
  for (const component of componentsOf(unprintedCells(knowledge), relations)) {
    const mine = component.cells.filter((cell) => required.has(cell));
    if (mine.length < FEW) continue;
    const program = await ReducedProgram.open({ cells: component.cells, relations: component.relations, rangeOf: capped });
    try {
      await openTogether(program, new Narrowing(component.cells, component.relations, capped), {
        asked: () => mine.filter((cell) => !opened.has(cell) && !program.isFixed(cell)), need, rangeOf: (cell) => (required.get(cell) === 0 ? rangeOf(cell) : { ...rangeOf(cell), lower: 0 }),
        learn: async (moved) => {
          await letOthersRun();
          signal?.throwIfAborted();
          const table = { cells: Int32Array.from(moved?.keys() ?? []), steps: Float64Array.from(moved?.values() ?? []) };
          for (const cell of provedOpen(knowledge, required, [table])) opened.add(cell);
        },
      });
      programs += program.solved;
    } finally {
      program.dispose();
    }
  }
  return { opened, programs };
}

/** Whether the steps that were met show a cell to be as open as it must be. */
function isOpen([down, up]: readonly [number, number], need: number, truth: number, whole: boolean): boolean {
  if (need > 0) return up >= need - CLOSE * Math.max(1, need);
  return Math.max(up, -down) >= (whole ? 1 - CLOSE : CLOSE * Math.max(1, Math.abs(truth)));
}

function judge(cell: number, need: number, { value, printed, whole }: Knowledge, low: ReadonlyMap<number, number>, high: ReadonlyMap<number, number>): Breach[] {
  if (printed(cell)) return [{ cell, why: 'exact' }];
  const truth = value[cell] as number;
  const [lower, upper] = [low.get(cell) ?? truth, high.get(cell) ?? truth];
  const apart = whole ? 1 - CLOSE : CLOSE * Math.max(1, Math.abs(truth));
  if (upper - truth < apart && truth - lower < apart) return [{ cell, why: 'exact' }];
  return upper - truth < need - CLOSE * Math.max(1, need) ? [{ cell, why: 'too-narrow' }] : [];
}

function rounded(lower: number, upper: number, whole: boolean): { lower: number; upper: number } {
  return whole ? { lower: Math.ceil(lower - CLOSE) + 0, upper: upper === Infinity ? Infinity : Math.floor(upper + CLOSE) } : { lower, upper };
}

/** What is known of each cell before sums are looked at. */
export function knownBounds({ value, printed, lower, upper }: Knowledge): Bounds {
  const end = (bound: ArrayLike<number>): Float64Array => Float64Array.from({ length: value.length }, (_, cell) => (printed(cell) ? value : bound)[cell] as number);
  return { lower: end(lower), upper: end(upper) };
}

/** Unprinted cells, in order. */
export function unprintedCells({ relations, printed, value }: Knowledge): number[] {
  const cells = new Set<number>();
  for (let cell = 0; cell < value.length; cell++) if (!printed(cell)) cells.add(cell);
  for (const { total, parts } of relations) for (const cell of [total, ...parts]) if (!printed(cell)) cells.add(cell);
  return [...cells].sort((a, b) => a - b);
}
