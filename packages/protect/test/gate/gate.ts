/**
 * The correctness gate: judges any pattern of suppression, whoever made it.
 *
 * A: no primary cell follows from the printed ones by sums (modulo two primes). B: none follows with all that a reader knows
 * of unprinted cells, in fractions, and in whole numbers. C: none follows for a contributor who knows their own figures.
 * D: every interval is as wide as required. E, on request: every secondary cell protects a named primary.
 * It shares no line with the engine that it judges; its own judge is `enumerate.ts`.
 * @module
 */
import { exactlyKnown } from './exact-attack.ts';
import { assertCase, labelOf, TOLERANCE } from './gate-case.ts';
import type { GateCase } from './gate-case.ts';
import { insiderKnown, singletons } from './insider-attack.ts';
import { integerKnown } from './integer-attack.ts';
import { IntervalAttack } from './interval-attack.ts';
import { protectedBy, secondariesOf } from './minimality.ts';
import type { Against } from './minimality.ts';
import { generator } from './modular-elimination.ts';
import { knownByRank } from './rank-attack.ts';

/** The checks, by the letters of the reference. */
export type Check = 'A' | 'B' | 'C' | 'D' | 'E';

/** One failure: which check, on which cell, and why. No verdicts at all means that the pattern passes. */
export interface Verdict {
  readonly check: Check;
  readonly cell: number;
  readonly label: string;
  readonly why:
    | 'sums of printed cells give it'
    | 'no other value fits'
    | 'no other whole number fits'
    | 'undecided in the time given'
    | 'the interval is narrower than required'
    | 'a contributor knows it'
    | 'a contributor estimates the largest other contributor'
    | 'the upper bound is too close'
    | 'the lower bound is too close'
    | 'it protects nothing';
  /** The interval that the attacker derives, where it was asked for. */
  readonly lo?: number;
  readonly hi?: number;
  readonly contributor?: string;
}

/** What is asked of a pattern. */
export interface GateOptions {
  /** Default A, B, C and D; C and D have nothing to do without contributions and requirements. */
  readonly checks?: readonly Check[];
  /** Least width of every interval of a primary cell; default: no width, only that it is not exact. */
  readonly width?: number;
  /** Time for the attack by whole numbers; 0 leaves it out. Default 30. */
  readonly integerSeconds?: number;
  /** Percentage within which no insider may estimate the largest other contributor. */
  readonly insiderPercent?: number;
  /** Attackers that E counts; default `bounds`. */
  readonly against?: Against;
  /** Judge this many cells only, drawn from a pinned seed, in the checks that ask cell by cell: whole numbers, widths, C, D, E. */
  readonly sample?: number;
  /** Stop after the first check that fails. */
  readonly first?: boolean;
}

/**
 * Judges a pattern.
 * @returns the failures in the order of the checks; empty when it passes
 * @throws GateCaseError when the description is unsound
 */
export async function gate(gateCase: GateCase, options: GateOptions = {}): Promise<Verdict[]> {
  assertCase(gateCase);
  const verdicts: Verdict[] = [];
  for (const check of options.checks ?? ['A', 'B', 'C', 'D']) {
    verdicts.push(...await CHECKS[check](gateCase, options));
    if (options.first === true && verdicts.length > 0) break;
  }
  return verdicts;
}

/** A drawn part of a list, in its order; the whole list when it is short or no number is given. */
export function drawn<T>(list: readonly T[], count: number | undefined, seed = 20_231_106): T[] {
  if (count === undefined || list.length <= count) return [...list];
  const next = generator(seed);
  return list.map((item, i) => ({ item, i, key: next() })).sort((a, b) => a.key - b.key).slice(0, count).sort((a, b) => a.i - b.i).map(({ item }) => item);
}

const CHECKS: Readonly<Record<Check, (gateCase: GateCase, options: GateOptions) => Promise<Verdict[]>>> = {
  A: (gateCase) => {
    const known = knownByRank(gateCase);
    return Promise.resolve(gateCase.primary.filter((c) => known.has(c)).map((c) => verdict(gateCase, 'A', c, 'sums of printed cells give it')));
  },
  B: checkBounds,
  C: async (gateCase, { insiderPercent, sample, first }) => {
    if (!gateCase.contributions) return [];
    const findings = await insiderKnown(gateCase, {
      ...(insiderPercent === undefined ? {} : { percent: insiderPercent }),
      ...(sample === undefined ? {} : { contributors: drawn(singletons(gateCase), sample) }),
      ...(first === undefined ? {} : { first }),
    });
    return findings.map(({ cell, contributor, how }) => ({
      ...verdict(gateCase, 'C', cell, how === 'exact' ? 'a contributor knows it' : 'a contributor estimates the largest other contributor'), contributor,
    }));
  },
  D: checkLevels,
  E: async (gateCase, { against = 'bounds', sample, width = 0 }) => {
    const answer = await protectedBy(gateCase, { against, cells: drawn(secondariesOf(gateCase), sample), width });
    return [...answer].filter(([, primary]) => primary === null).map(([c]) => verdict(gateCase, 'E', c, 'it protects nothing'));
  },
};

async function checkBounds(gateCase: GateCase, options: GateOptions): Promise<Verdict[]> {
  const exact = await exactlyKnown(gateCase);
  const verdicts = gateCase.primary.filter((c) => exact.has(c)).map((c) => verdict(gateCase, 'B', c, 'no other value fits'));
  const open = drawn(gateCase.primary.filter((c) => !exact.has(c)), options.sample);
  if (options.width !== undefined) {
    const attack = await IntervalAttack.on(gateCase);
    try {
      for (const c of attack.sweep(open, options.width)) {
        const { lo, hi } = attack.interval(c);
        if (hi - lo < options.width - TOLERANCE) verdicts.push({ ...verdict(gateCase, 'B', c, 'the interval is narrower than required'), lo, hi });
      }
    } finally {
      attack.dispose();
    }
  }
  const seconds = options.integerSeconds ?? 30;
  if (gateCase.integer && seconds > 0 && !(options.first === true && verdicts.length > 0)) {
    const { known, undecided } = await integerKnown(gateCase, open, seconds);
    verdicts.push(...known.map((c) => verdict(gateCase, 'B', c, 'no other whole number fits')));
    verdicts.push(...undecided.map((c) => verdict(gateCase, 'B', c, 'undecided in the time given')));
  }
  return verdicts;
}

async function checkLevels(gateCase: GateCase, options: GateOptions): Promise<Verdict[]> {
  const attack = await IntervalAttack.on(gateCase);
  const verdicts: Verdict[] = [];
  try {
    for (const { cell, up, down = 0 } of drawn(gateCase.required ?? [], options.sample)) {
      const v = gateCase.value[cell] ?? 0;
      const [above, below] = [attack.reach(cell, 'up', up), attack.reach(cell, 'down', down)];
      if (above < up - TOLERANCE) verdicts.push({ ...verdict(gateCase, 'D', cell, 'the upper bound is too close'), hi: v + above });
      if (below < down - TOLERANCE) verdicts.push({ ...verdict(gateCase, 'D', cell, 'the lower bound is too close'), lo: v - below });
    }
  } finally {
    attack.dispose();
  }
  return verdicts;
}

function verdict(gateCase: GateCase, check: Check, cell: number, why: Verdict['why']): Verdict {
  return { check, cell, label: labelOf(gateCase, cell), why };
}
