/**
 * Experiments on matching pictures by PDQ, each a pure function of a seed and counts: false positives, changes of a picture, and senders
 * who work against the hash. All pictures are synthetic, so the figures are about the hash on such pictures; rates on photographs and on
 * real lists cannot be had here. Below a side of 129 the hash samples without filtering, which makes it more sensitive than on larger pictures.
 * @module
 */
import { refuse } from '@weighbridge/base';
import { clopperPearson } from '../intervals.ts';
import type { Interval } from '../intervals.ts';
import { SeededRandom } from '../random.ts';
import { climbAway, climbTowards } from './climb-hash.ts';
import type { ClimbOutcome, Knowledge } from './climb-hash.ts';
import { IMAGE_FAMILIES, generateImage } from './generate-image.ts';
import type { ImageFamily } from './generate-image.ts';
import { psnr } from './luminance-image.ts';
import type { LuminanceImage } from './luminance-image.ts';
import { HASH_BITS, MATCH_DISTANCE, QUALITY_LEAST, hammingDistance, pdqDihedral, pdqHash } from './pdq-hash.ts';
import { TRANSFORMATIONS, addField, crop, gaussianField } from './transform-image.ts';
import type { Transformation } from './transform-image.ts';

export type { Knowledge } from './climb-hash.ts';

/** What every experiment takes. `images` are square pictures of `side` elements, their families in turn. */
export interface PictureCounts {
  readonly seed: number;
  /** 2 to 5,000. */
  readonly images: number;
  /** 64 to 1,024. */
  readonly side: number;
}

/**
 * A side at which the hash samples symmetrically: cells of five elements, a window of three. The hash of a turned picture is then the turned
 * hash. At sides of 129 to 256 (a window of two) the samples lie aside by a part of a cell, and the two differ by many bits.
 */
export const PICTURE_SIDE = 320;

/** A count with its exact 95 % interval. */
export interface CountOf {
  readonly count: number;
  readonly of: number;
  readonly interval: Interval;
}

/** The middle and the ends of a list of numbers; null where the list is empty. */
export interface Spread {
  readonly least: number | null;
  readonly median: number | null;
  readonly most: number | null;
}

export interface FalsePositives {
  readonly images: number;
  /** Generated, but of a quality below 50 and so not compared. */
  readonly discarded: number;
  readonly pairs: CountOf;
  /** Matching pairs per million; the interval treats pairs as independent, which pairs that share a picture are not. */
  readonly perMillion: { readonly value: number; readonly low: number; readonly high: number };
  /** The same over pairs that share no picture: a wider interval, and a sound one. */
  readonly disjointPairs: CountOf;
  readonly sameFamilyPairs: CountOf;
  readonly distance: { readonly least: number; readonly mean: number };
}

/**
 * Compares every pair of `images` different pictures: a match is a false positive, because no two come from one another.
 * @throws Refusal LAB_PDQ_COUNT when a count is outside its range, or fewer than two pictures are good enough
 */
export function measureFalsePositives(counts: PictureCounts): FalsePositives {
  check(counts);
  const hashed: { readonly family: ImageFamily; readonly hash: Uint8Array }[] = [];
  for (let i = 0; i < counts.images; i += 1) {
    const { family, image } = picture(counts, i);
    const { hash, quality } = pdqHash(image);
    if (quality >= QUALITY_LEAST) hashed.push({ family, hash });
  }
  if (hashed.length < 2) refuse('LAB_PDQ_COUNT', `two pictures of quality ${QUALITY_LEAST} or more expected, got ${hashed.length}`, {}, 'ask for more pictures');
  const distances = new Uint32Array(HASH_BITS + 1);
  const same = { count: 0, of: 0 };
  for (const [i, a] of hashed.entries()) {
    for (let j = i + 1; j < hashed.length; j += 1) {
      const b = hashed[j] as (typeof hashed)[number];
      const distance = hammingDistance(a.hash, b.hash);
      distances[distance] = (distances[distance] as number) + 1;
      if (a.family !== b.family) continue;
      same.of += 1;
      if (distance <= MATCH_DISTANCE) same.count += 1;
    }
  }
  const pairs = countOf(distances.subarray(0, MATCH_DISTANCE + 1).reduce((a, b) => a + b, 0), (hashed.length * (hashed.length - 1)) / 2);
  const million = 1e6;
  return {
    images: hashed.length,
    discarded: counts.images - hashed.length,
    pairs,
    perMillion: { value: (pairs.count / pairs.of) * million, low: pairs.interval.low * million, high: pairs.interval.high * million },
    disjointPairs: disjoint(hashed.map((h) => h.hash), SeededRandom.of(counts.seed, 'pdq/disjoint')),
    sameFamilyPairs: countOf(same.count, Math.max(1, same.of)),
    distance: { least: distances.findIndex((n) => n > 0), mean: distances.reduce((sum, n, distance) => sum + n * distance, 0) / pairs.of },
  };
}

export interface TransformationResult {
  readonly id: string;
  readonly label: string;
  /** Changed pictures that no longer match. */
  readonly evaded: CountOf;
  /** Those that do not match even when the receiver compares all eight dihedral hashes. */
  readonly evadedEight: CountOf;
  readonly distance: Spread;
}

/**
 * Applies each change to each picture and asks whether the picture still matches its own hash.
 * @throws Refusal LAB_PDQ_COUNT when a count is outside its range
 */
export function measureTransformations(counts: PictureCounts, transformations: readonly Transformation[] = TRANSFORMATIONS): readonly TransformationResult[] {
  const originals = pictures(counts);
  return transformations.map(({ id, label, apply }) => {
    const outcomes = originals.map(({ image, hash }, i) => {
      const { hashes } = pdqDihedral(apply(image, SeededRandom.of(counts.seed, `pdq/change/${id}/${i}`)));
      return { own: hammingDistance(hashes.original, hash), best: Math.min(...Object.values(hashes).map((h) => hammingDistance(h, hash))) };
    });
    const over = (key: 'own' | 'best'): CountOf => countOf(outcomes.filter((o) => o[key] > MATCH_DISTANCE).length, outcomes.length);
    return { id, label, evaded: over('own'), evadedEight: over('best'), distance: spread(outcomes.map((o) => o.own)) };
  });
}

export interface LeastStrength {
  readonly kind: 'noise' | 'crop';
  /** Standard deviation in grey levels, or per cent of width and height removed. */
  readonly unit: 'levels' | '%';
  /** Pictures whose match was lost somewhere on the scale. */
  readonly lost: CountOf;
  readonly strength: Spread;
  /** Noise: PSNR at that strength, in dB. Crop: share of the picture's area that is left. */
  readonly left: Spread;
}

const SCALES = {
  noise: [5, 10, 15, 20, 25, 30, 40, 50, 60, 80, 100, 130, 160, 200],
  crop: [1, 2, 3, 4, 5, 6, 8, 10, 12, 15, 20, 25, 30, 40],
} as const;

/**
 * Raises noise, or the share cut off, step by step until the match of each picture is lost for the first time.
 * @throws Refusal LAB_PDQ_COUNT when a count is outside its range
 */
export function measureLeastStrength(counts: PictureCounts, kind: 'noise' | 'crop'): LeastStrength {
  const found: { readonly strength: number; readonly left: number }[] = [];
  const originals = pictures(counts);
  for (const [i, { image, hash }] of originals.entries()) {
    const field = kind === 'noise' ? gaussianField(SeededRandom.of(counts.seed, `pdq/noise/${i}`), image.values.length) : undefined;
    for (const strength of SCALES[kind]) {
      const changed = field ? addField(image, strength, field) : crop(image, strength);
      if (hammingDistance(pdqHash(changed).hash, hash) <= MATCH_DISTANCE) continue;
      found.push({ strength, left: kind === 'crop' ? changed.values.length / image.values.length : psnr(image, changed) });
      break;
    }
  }
  return {
    kind, unit: kind === 'crop' ? '%' : 'levels', lost: countOf(found.length, originals.length),
    strength: spread(found.map((f) => f.strength)), left: spread(found.map((f) => f.left)),
  };
}

export interface ClimbCounts extends PictureCounts {
  readonly knowledge: Knowledge;
  /** Hashes that may be computed for one picture, 1 to 20,000. */
  readonly budget: number;
}

export interface ClimbResult {
  /** Pictures for which the sender got where it wanted within the budget. */
  readonly reached: CountOf;
  /** Distance at the end, over all pictures. */
  readonly distance: Spread;
  /** Hashes computed, over the pictures that got there. */
  readonly evaluations: Spread;
  /** What is left of the sender's own picture, in dB, over the pictures that got there. */
  readonly psnr: Spread;
}

/**
 * A sender whose picture is on the list changes it until it no longer matches.
 * @throws Refusal LAB_PDQ_COUNT when a count is outside its range
 */
export function measureEvasionByClimbing(counts: ClimbCounts): ClimbResult {
  checkBudget(counts);
  return climbResult(pictures(counts).map(({ image, hash }, i) => climbAway(image, hash, { ...counts, random: SeededRandom.of(counts.seed, `pdq/away/${i}`) })));
}

/**
 * A sender changes an innocent picture until it matches the hash of another: a false alarm made on purpose, or a way to plant one.
 * Each picture is sent towards the hash of the next one.
 * @throws Refusal LAB_PDQ_COUNT when a count is outside its range
 */
export function measureCollisionByClimbing(counts: ClimbCounts): ClimbResult {
  checkBudget(counts);
  const all = pictures(counts);
  return climbResult(all.map(({ image }, i) => {
    const listed = all[(i + 1) % all.length]?.hash ?? new Uint8Array(HASH_BITS / 8);
    return climbTowards(image, listed, { ...counts, random: SeededRandom.of(counts.seed, `pdq/towards/${i}`) });
  }));
}

function climbResult(outcomes: readonly ClimbOutcome[]): ClimbResult {
  const there = outcomes.filter((o) => o.reached);
  return {
    reached: countOf(there.length, outcomes.length),
    distance: spread(outcomes.map((o) => o.distance)),
    evaluations: spread(there.map((o) => o.evaluations)),
    psnr: spread(there.map((o) => o.psnr)),
  };
}

function picture({ seed, side }: PictureCounts, i: number): { readonly family: ImageFamily; readonly image: LuminanceImage } {
  const family = IMAGE_FAMILIES[i % IMAGE_FAMILIES.length] as ImageFamily;
  return { family, image: generateImage(SeededRandom.of(seed, `pdq/picture/${i}`), family, side, side) };
}

/** The first `images` pictures of the seed that are good enough to be hashed, with their hashes. */
function pictures(counts: PictureCounts): readonly { readonly image: LuminanceImage; readonly hash: Uint8Array }[] {
  check(counts);
  const found: { readonly image: LuminanceImage; readonly hash: Uint8Array }[] = [];
  for (let i = 0; found.length < counts.images && i < 2 * counts.images + IMAGE_FAMILIES.length; i += 1) {
    const { image } = picture(counts, i);
    const { hash, quality } = pdqHash(image);
    if (quality >= QUALITY_LEAST) found.push({ image, hash });
  }
  if (found.length < counts.images) refuse('LAB_PDQ_COUNT', `${counts.images} pictures of quality ${QUALITY_LEAST} or more expected, got ${found.length}`, {}, 'ask for larger pictures or another seed');
  return found;
}

/** Pairs that share no picture, drawn by lot. */
function disjoint(hashes: readonly Uint8Array[], random: SeededRandom): CountOf {
  const shuffled = random.shuffle(hashes);
  let count = 0;
  const of = Math.floor(shuffled.length / 2);
  for (let i = 0; i < of; i += 1) {
    if (hammingDistance(shuffled[2 * i] as Uint8Array, shuffled[2 * i + 1] as Uint8Array) <= MATCH_DISTANCE) count += 1;
  }
  return countOf(count, of);
}

function countOf(count: number, of: number): CountOf {
  return { count, of, interval: clopperPearson(count, of) };
}

/** The median is the lower one of two in the middle, so that it is a value that occurred. */
function spread(values: readonly number[]): Spread {
  const sorted = values.toSorted((a, b) => a - b);
  return { least: sorted[0] ?? null, median: sorted[Math.floor((sorted.length - 1) / 2)] ?? null, most: sorted.at(-1) ?? null };
}

function check({ images, side }: PictureCounts): void {
  inRange('images', images, 2, 5000);
  inRange('side', side, 64, 1024);
}

function checkBudget(counts: ClimbCounts): void {
  inRange('budget', counts.budget, 1, 20_000);
}

function inRange(name: string, value: number, low: number, high: number): void {
  if (Number.isInteger(value) && value >= low && value <= high) return;
  refuse('LAB_PDQ_COUNT', `${name}: a whole number from ${low} to ${high} expected, got ${value}`, { key: name }, 'choose a count in this range');
}
