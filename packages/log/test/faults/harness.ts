/**
 * Fault injection: classes of faults, each a function of a seed, and the run that counts what caught them.
 * A fault is caught when something refuses with a code, or when what is accepted is the same head with the same entries. Everything
 * else is an escape. Source: the fault classes of the log's integrity rules. Leaves out: the faults themselves (one file per family).
 * @module
 */
import { createHash } from 'node:crypto';
import { ProvenFalse, Refusal } from '@weighbridge/base';

/** One class of faults. */
export interface FaultClass {
  readonly name: string;
  /** Seeds to run: so many from 1 on, or those that a list of places and outcomes comes to. */
  readonly seeds: number | (() => Promise<number>);
  /**
   * Puts one fault and looks who notices.
   * @returns by what it was caught: a code, or {@link SAME}
   * @throws Escape when nothing did
   */
  readonly run: (seed: number, rng: Rng) => Promise<string>;
}

/** Accepted, and nothing is other than it was. */
export const SAME = 'same head';

/** A fault that nothing caught, or an honest log that was refused. */
export class Escape extends Error {
  override readonly name = 'Escape';
}

/** Chance from a seed: the same on every machine. */
export interface Rng {
  /** A whole number from 0 up to but not including `below`. */
  int(below: number): number;
  pick<T>(from: readonly T[]): T;
  bytes(length: number): Uint8Array;
}

export function rngOf(name: string, seed: number): Rng {
  let state = createHash('sha256').update(`${name}:${seed}`).digest().readUInt32LE(0);
  // mulberry32
  const next = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return (t ^ (t >>> 14)) >>> 0;
  };
  const int = (below: number): number => Math.floor((next() / 2 ** 32) * below);
  return {
    int,
    pick: <T>(from: readonly T[]): T => {
      if (from.length === 0) throw new RangeError('pick: expected something to pick from');
      return from[int(from.length)] as T;
    },
    bytes: (length) => Uint8Array.from({ length }, () => int(256)),
  };
}

/** What became of one class. */
export interface ClassResult {
  readonly name: string;
  readonly faults: number;
  /** Code → how often. */
  readonly caught: ReadonlyMap<string, number>;
  readonly escapes: readonly string[];
  readonly ms: number;
}

/** Runs every fault of the classes. An error that is no refusal is an escape too: nobody could tell what it means. */
export async function runClasses(classes: readonly FaultClass[]): Promise<ClassResult[]> {
  const results: ClassResult[] = [];
  for (const fault of classes) {
    const seeds = typeof fault.seeds === 'number' ? fault.seeds : await fault.seeds();
    const caught = new Map<string, number>();
    const escapes: string[] = [];
    const start = performance.now();
    for (let seed = 1; seed <= seeds; seed++) {
      try {
        const code = await fault.run(seed, rngOf(fault.name, seed));
        caught.set(code, (caught.get(code) ?? 0) + 1);
      } catch (error) {
        escapes.push(`${fault.name}:${seed} ${error instanceof Error ? `${error.name}: ${error.message}` : 'threw no error'}`);
      }
    }
    results.push({ name: fault.name, faults: seeds, caught, escapes, ms: performance.now() - start });
  }
  return results;
}

/** Runs the one fault of `<class>:<seed>`. */
export async function replay(classes: readonly FaultClass[], which: string): Promise<string> {
  const [name, seed] = which.split(':');
  const fault = classes.find((candidate) => candidate.name === name);
  if (fault === undefined || !/^[1-9]\d*$/.test(seed ?? '')) throw new Error(`expected <class>:<seed> with one of the classes ${classes.map((c) => c.name).join(', ')}`);
  if (typeof fault.seeds !== 'number') await fault.seeds();
  return await fault.run(Number(seed), rngOf(fault.name, Number(seed)));
}

/** The table: class, faults, seeds, what caught them. */
export function tableOf(results: readonly ClassResult[]): string {
  const width = Math.max(...results.map(({ name }) => name.length));
  const lines = results.map(({ name, faults, caught, escapes, ms }) => {
    const codes = [...caught].sort(([, a], [, b]) => b - a).map(([code, n]) => `${code} ${n}`).join(', ');
    return `${name.padEnd(width)}  ${String(faults).padStart(5)}  seeds 1..${faults}  escapes ${escapes.length}  ${(ms / 1000).toFixed(1)} s  ${codes}`;
  });
  const faults = results.reduce((sum, result) => sum + result.faults, 0);
  const escapes = results.reduce((sum, result) => sum + result.escapes.length, 0);
  return [...lines, `${results.length} classes, ${faults} faults, ${escapes} escapes`].join('\n');
}

/**
 * The code that the work is refused with; undefined when it is accepted, and then `accepted` holds what it gave.
 * @throws Escape for proof of misbehaviour, which no damage may give; any other error as it is
 */
export async function refusalOf<T>(work: () => Promise<T> | T): Promise<{ readonly refusal: Refusal } | { readonly refusal: undefined; readonly accepted: T }> {
  try {
    return { refusal: undefined, accepted: await work() };
  } catch (error) {
    if (error instanceof ProvenFalse) throw new Escape('damage was taken for proof of misbehaviour');
    if (error instanceof Refusal) return { refusal: error };
    throw error;
  }
}

/** The code of a refusal that must come. */
export async function mustRefuse(work: () => unknown, what: string): Promise<string> {
  const outcome = await refusalOf(work);
  if (outcome.refusal === undefined) throw new Escape(`accepted: ${what}`);
  return outcome.refusal.code;
}

export function check(holds: boolean, otherwise: string): void {
  if (!holds) throw new Escape(otherwise);
}
