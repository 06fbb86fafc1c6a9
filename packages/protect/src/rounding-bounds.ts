/**
 * What a rounded number tells of the true one, for a reader who knows the method and its parameters, though not the seed.
 * Sources: those of each method in `perturb/`.
 * @module
 */
import { refuse } from '@weighbridge/base';
import { isPerturbation, DEFAULT_PTABLE } from './perturb-table.ts';
import { baseRoundingBounds, cellKeyBounds, controlledRoundingBounds, makePtable } from './perturb/index.ts';
import type { ProtectionSpec } from './protection-spec.ts';

/** A rounded number, and what is known of the truth where the secretariat asks. */
export interface RoundedNumber {
  readonly published: number;
  readonly truth?: number;
  /** Nothing listed adds to it. */
  readonly finest: boolean;
}

export interface Bounds {
  readonly lo: number;
  readonly hi: number;
}

/** Multiples beyond its neighbours that controlled rounding can have gone. */
const MOST_STEPS = 3;

/**
 * Bounds for each rounded number of one list.
 * A specification that withholds cells says by `base` to which base earlier lists were rounded.
 * @throws Refusal `ROUNDING_UNKNOWN` when it does not
 */
export function roundingBounds(numbers: readonly RoundedNumber[], spec: Pick<ProtectionSpec, 'method' | 'base' | 'ptable'>): Bounds[] {
  if (numbers.length === 0) return [];
  const { method, base } = spec;
  if (!isPerturbation(method)) {
    if (base === undefined) refuse('ROUNDING_UNKNOWN', 'a list is rounded, and the specification does not say to which base', { key: 'base' }, 'add "base" to the specification');
    return numbers.map(({ published }) => baseRoundingBounds(published, base));
  }
  switch (method) {
    case 'round-base-3': return numbers.map(({ published }) => baseRoundingBounds(published, 3));
    case 'round-base-n': return numbers.map(({ published }) => baseRoundingBounds(published, base ?? 5));
    case 'cell-key': {
      const ptable = makePtable(spec.ptable ?? DEFAULT_PTABLE);
      return numbers.map(({ published }) => cellKeyBounds(published, ptable));
    }
    case 'controlled-rounding': return controlledBounds(numbers, base ?? 3);
    case 'small-count-rounding': return numbers.map((number) => smallCountBounds(number, base ?? 3));
  }
}

/** The method says aloud how far it had to go; the truth tells us here. */
function controlledBounds(numbers: readonly RoundedNumber[], base: number): Bounds[] {
  for (let steps = 0; ; steps++) {
    const bounds = numbers.map(({ published }) => controlledRoundingBounds(published, base, steps));
    if (steps === MOST_STEPS || numbers.every(({ truth }, i) => truth === undefined || ((bounds[i] as Bounds).lo <= truth && truth <= (bounds[i] as Bounds).hi))) return bounds;
  }
}

/** Finest counts above the base are as they were; totals are bounded through them alone. */
function smallCountBounds({ published, finest }: RoundedNumber, base: number): Bounds {
  if (!finest) return { lo: 0, hi: Infinity };
  if (published > base) return { lo: published, hi: published };
  return published === 0 ? { lo: 0, hi: base - 1 } : { lo: 1, hi: base };
}
