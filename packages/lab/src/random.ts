/**
 * Seeded chance for the lab: one stream of bytes for each label, the same on every machine and in every order of use.
 * SHA-256 in counter mode over (seed, label). It is for experiments that must be repeated, never for keys of real people.
 * @module
 */
import { hash } from 'node:crypto';

const BLOCK = 32;

/** A stream of chance. Streams with different labels are independent; drawing from one never moves another. */
export class SeededRandom {
  readonly #key: string;
  #counter = 0;
  #block = new Uint8Array(0);
  #used = 0;

  private constructor(key: string) {
    this.#key = key;
  }

  /** The stream of a seed and a label. The same pair gives the same stream for ever. */
  static of(seed: number, label: string): SeededRandom {
    return new SeededRandom(`weighbridge-lab/${seed}/${label}`);
  }

  /** A stream of its own for one purpose, whatever was drawn from this one. */
  fork(label: string): SeededRandom {
    return new SeededRandom(`${this.#key}/${label}`);
  }

  /** The next `length` bytes, in an array of their own. */
  bytes(length: number): Uint8Array<ArrayBuffer> {
    const out = new Uint8Array(length);
    let at = 0;
    while (at < length) {
      if (this.#used === this.#block.length) this.#refill();
      const take = Math.min(length - at, this.#block.length - this.#used);
      out.set(this.#block.subarray(this.#used, this.#used + take), at);
      this.#used += take;
      at += take;
    }
    return out;
  }

  /** A number in [0, 1) with 48 bits. */
  uniform(): number {
    const b = this.bytes(6);
    return Buffer.from(b.buffer).readUIntBE(0, 6) / 2 ** 48;
  }

  /** A whole number from 0 to n − 1, each equally likely to within 2⁻⁴⁸·n. */
  below(n: number): number {
    return Math.floor(this.uniform() * n);
  }

  /** A number of the standard normal distribution (Box and Muller 1958). */
  normal(): number {
    return Math.sqrt(-2 * Math.log(1 - this.uniform())) * Math.cos(2 * Math.PI * this.uniform());
  }

  /** One of a list that is not empty. */
  pick<T>(list: readonly T[]): T {
    const chosen = list[this.below(list.length)];
    if (chosen === undefined) throw new RangeError('a list to pick from expected, got an empty one');
    return chosen;
  }

  /** The list in a random order (Fisher and Yates), as a list of its own. */
  shuffle<T>(list: readonly T[]): T[] {
    const out = [...list];
    for (let i = out.length - 1; i > 0; i -= 1) {
      const j = this.below(i + 1);
      [out[i], out[j]] = [out[j] as T, out[i] as T];
    }
    return out;
  }

  #refill(): void {
    this.#block = new Uint8Array(hash('sha256', `${this.#key}#${this.#counter}`, 'buffer'));
    this.#counter += 1;
    this.#used = 0;
    if (this.#block.length !== BLOCK) throw new RangeError(`a block of ${BLOCK} bytes expected`);
  }
}
