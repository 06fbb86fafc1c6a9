/**
 * Counts drawn from common distributions, one number of chance for each, so that a population is the same for the same seed.
 * @module
 */
import type { SeededRandom } from '../random.ts';

/** Chance of one account, read from its stream in pieces: millions of draws make a population. */
export class Draws {
  readonly #random: SeededRandom;
  #piece = new DataView(new ArrayBuffer(0));
  #at = 0;

  constructor(random: SeededRandom) {
    this.#random = random;
  }

  /** A number in [0, 1) with 32 bits. */
  uniform(): number {
    if (this.#at === this.#piece.byteLength) {
      this.#piece = new DataView(this.#random.bytes(PIECE).buffer);
      this.#at = 0;
    }
    const drawn = this.#piece.getUint32(this.#at);
    this.#at += 4;
    return drawn / 2 ** 32;
  }

  /** A count with the Poisson distribution, by inversion. `mean` up to 500: beyond that e⁻ᵐ is too small to sum up from. */
  poisson(mean: number): number {
    if (!(mean >= 0 && mean <= 500)) throw new RangeError('a mean from 0 to 500 expected');
    return mean === 0 ? 0 : invert(this.uniform(), Math.exp(-mean), (k) => mean / k, 2000);
  }

  /** How many of `of` trials succeed, each with the chance `share` on its own, by inversion. `of` up to 1,000. */
  binomial(of: number, share: number): number {
    if (!(Number.isInteger(of) && of >= 0 && of <= 1000 && share >= 0 && share <= 1)) throw new RangeError('0 to 1,000 trials with a chance from 0 to 1 expected');
    if (of === 0 || share === 0) return 0;
    if (share > 0.5) return of - this.binomial(of, 1 - share);
    return invert(this.uniform(), (1 - share) ** of, (k) => ((of - k + 1) / k) * (share / (1 - share)), of);
  }

  /** A factor of median 1 with the log-normal distribution: how much one account differs from others of its kind. */
  factor(spread: number): number {
    return Math.exp(spread * Math.sqrt(-2 * Math.log(1 - this.uniform())) * Math.cos(2 * Math.PI * this.uniform()));
  }
}

/** Bytes of a piece: a whole number of blocks of the stream and of draws. */
const PIECE = 128;

function invert(u: number, first: number, step: (k: number) => number, most: number): number {
  let [k, term, sum] = [0, first, first];
  while (u >= sum && k < most) {
    k += 1;
    term *= step(k);
    sum += term;
  }
  return k;
}
