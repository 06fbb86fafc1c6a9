/**
 * Two senders who work against the hash, for the experiments of this folder: away from a listed hash, or towards one.
 * The methods are the simplest published ones (docs/references.md#jain-2022, #dolhansky-2020), so what they reach is a lower bound of what a
 * skilled sender reaches. They work on synthetic pictures and give back figures only: the changed picture does not leave this module.
 * @module
 */
import type { SeededRandom } from '../random.ts';
import { blankImage, psnr, roundLevels } from './luminance-image.ts';
import type { LuminanceImage } from './luminance-image.ts';
import { HASH_BITS, MATCH_DISTANCE, pdqCoefficients } from './pdq-hash.ts';

/**
 * What the sender learns from one evaluation. `distance`: the Hamming distance alone; each try adds random cosine patterns and is kept
 * when the distance improves. `coefficients`: everything, because the method is public; each try moves as many coefficients over the median
 * as bits are still needed, those that are nearest to it, half of them from each side.
 */
export type Knowledge = 'distance' | 'coefficients';

export interface ClimbOutcome {
  /** The distance at the end: above 31 evades, 31 or less collides. */
  readonly distance: number;
  readonly reached: boolean;
  /** Hashes computed, the first one included. */
  readonly evaluations: number;
  /** What is left of the sender's own picture, in dB; Infinity when nothing was changed. */
  readonly psnr: number;
}

export interface Climb {
  readonly random: SeededRandom;
  readonly knowledge: Knowledge;
  /** Hashes that may be computed, at least 1. */
  readonly budget: number;
}

/** Changes the picture until its hash is no longer within 31 bits of `listed`, or the budget is spent. */
export function climbAway(image: LuminanceImage, listed: Uint8Array, climb: Climb): ClimbOutcome {
  return run(image, listed, climb, 1);
}

/** Changes the picture until its hash is within 31 bits of `listed`, the hash of another picture, or the budget is spent. */
export function climbTowards(image: LuminanceImage, listed: Uint8Array, climb: Climb): ClimbOutcome {
  return run(image, listed, climb, -1);
}

const FREQUENCIES = 16;
/** Amplitude 1 of a cosine pattern moves its own coefficient by this much: (√(2/64) · 32)². */
const COEFFICIENT_PER_LEVEL = 32;
/** How far beyond the median a coefficient is put, in its own unit: an eighth of a grey level. */
const BEYOND = 4;
/** A random try: amplitudes in grey levels from `least` to `most`, of fewer than 2 ** `doublings` patterns at once. */
const TRIES = { away: { least: 0.1, most: 2, doublings: 8 }, towards: { least: 0.5, most: 40, doublings: 2 } } as const;

/** Amplitudes of the 256 cosine patterns to be added, indexed as the bits are. */
type Step = Float64Array;

/** The sender's working copy: unrounded values, and the distance and margins that its 8-bit form shows. */
interface State {
  readonly values: Float32Array;
  readonly distance: number;
  /** For each bit, how far its coefficient lies on the side that `listed` says; negative where the bit differs. */
  readonly margins: Float64Array;
}

function run(image: LuminanceImage, listed: Uint8Array, { random, knowledge, budget }: Climb, direction: 1 | -1): ClimbOutcome {
  const patterns = { across: cosines(image.width), down: cosines(image.height) };
  const rounded = blankImage(image.width, image.height);
  const reached = ({ distance }: State): boolean => (direction === 1 ? distance > MATCH_DISTANCE : distance <= MATCH_DISTANCE);
  let state = look(image.values, listed, rounded);
  let evaluations = 1;
  while (evaluations < budget && !reached(state)) {
    const step = knowledge === 'coefficients' ? informedStep(state, listed, direction) : randomStep(random, direction);
    const next = look(stepped(state.values, image.width, patterns, step), listed, rounded);
    evaluations += 1;
    // Who sees all steps on through a step that gains nothing: the next one starts from what it showed.
    if (knowledge === 'coefficients' || (next.distance - state.distance) * direction > 0) state = next;
  }
  roundLevels(state.values, rounded.values);
  return { distance: state.distance, reached: reached(state), evaluations, psnr: psnr(image, rounded) };
}

/** One evaluation of the hash, of the picture as 8 bits hold it; `rounded` is written over. */
function look(values: Float32Array, listed: Uint8Array, rounded: LuminanceImage): State {
  roundLevels(values, rounded.values);
  const { coefficients, median } = pdqCoefficients(rounded);
  const margins = new Float64Array(HASH_BITS);
  let distance = 0;
  for (let bit = 0; bit < HASH_BITS; bit += 1) {
    const over = (coefficients[bit] as number) - median;
    const side = sideOf(listed, bit);
    if (over > 0 !== side > 0) distance += 1;
    margins[bit] = over * side;
  }
  return { values, distance, margins };
}

/** 1 where the listed bit is set, −1 where it is not. */
function sideOf(listed: Uint8Array, bit: number): 1 | -1 {
  return (((listed[listed.length - 1 - (bit >> 3)] as number) >> (bit & 7)) & 1) === 1 ? 1 : -1;
}

/** Away: of the bits that agree, the nearest to the median on either side; towards: of those that differ. */
function informedStep({ margins, distance }: State, listed: Uint8Array, direction: 1 | -1): Step {
  const bits = [...margins.keys()];
  const step = new Float64Array(HASH_BITS);
  const half = Math.ceil((direction === 1 ? MATCH_DISTANCE + 1 - distance : distance - MATCH_DISTANCE) / 2);
  for (const side of [1, -1] as const) {
    const over = (bit: number): number => (margins[bit] as number) * direction;
    // A value at the median is an unset bit: it agrees where `listed` has none, though its margin is 0.
    const open = bits.filter((bit) => sideOf(listed, bit) === side && (over(bit) > 0 || (over(bit) === 0 && (side === -1) === (direction === 1))));
    for (const bit of open.sort((a, b) => over(a) - over(b)).slice(0, half)) {
      step[bit] = (-side * direction * (over(bit) + BEYOND)) / COEFFICIENT_PER_LEVEL;
    }
  }
  return step;
}

/** Random frequencies with random signs and one amplitude, evenly spread on a logarithmic scale. */
function randomStep(random: SeededRandom, direction: 1 | -1): Step {
  const { least, most, doublings } = direction === 1 ? TRIES.away : TRIES.towards;
  const amplitude = least * (most / least) ** random.uniform();
  const step = new Float64Array(HASH_BITS);
  for (let left = 2 ** random.below(doublings); left > 0; left -= 1) step[random.below(HASH_BITS)] = random.below(2) === 0 ? amplitude : -amplitude;
  return step;
}

function cosines(side: number): Float64Array {
  return Float64Array.from({ length: FREQUENCIES * side }, (_, at) => Math.cos((Math.PI * (Math.floor(at / side) + 1) * ((at % side) + 0.5)) / side));
}

/** The values with the patterns of the step added: a new array. */
function stepped(values: Float32Array, width: number, patterns: { readonly across: Float64Array; readonly down: Float64Array }, step: Step): Float32Array {
  const height = values.length / width;
  const out = values.slice();
  const across = new Float64Array(width);
  for (let k = 0; k < FREQUENCIES; k += 1) {
    across.fill(0);
    let used = false;
    for (let l = 0; l < FREQUENCIES; l += 1) {
      const amplitude = step[k * FREQUENCIES + l] as number;
      if (amplitude === 0) continue;
      used = true;
      for (let x = 0; x < width; x += 1) across[x] = (across[x] as number) + amplitude * (patterns.across[l * width + x] as number);
    }
    if (!used) continue;
    for (let y = 0; y < height; y += 1) {
      const weight = patterns.down[k * height + y] as number;
      for (let x = 0; x < width; x += 1) out[y * width + x] = (out[y * width + x] as number) + weight * (across[x] as number);
    }
  }
  return out;
}
