/**
 * The one source of chance in synthetic extracts: xoshiro128** 1.1 over a state taken from a SHA-384 of a name.
 * Source: docs/references.md#xoshiro. Seed and output are a promise: the same name gives the same draws for ever,
 * on every machine. Not for secrets: the state can be worked out from the output.
 * @module
 */
import { sha384 } from '@weighbridge/base';

const TWO_32 = 4_294_967_296;

/** A stream of draws. Mutable: hand it to one consumer only. */
export class Prng {
  #a: number;
  #b: number;
  #c: number;
  #d: number;

  /** @param state - four 32-bit words, not all zero */
  constructor(state: readonly [number, number, number, number]) {
    if (state.every((word) => word === 0)) throw new RangeError('Prng: expected a state that is not all zero');
    [this.#a, this.#b, this.#c, this.#d] = state;
  }

  /** The stream of a name, e.g. of seed, instrument, agency and round: equal names give equal streams. */
  static named(name: string): Prng {
    const hex = sha384(name);
    const word = (i: number): number => Number.parseInt(hex.slice(8 * i, 8 * i + 8), 16) | 0;
    return new Prng([word(0), word(1), word(2), word(3)]);
  }

  /** Uniform on the integers from 0 to 2^32 - 1. */
  next(): number {
    const b = this.#b;
    const scrambled = Math.imul(rotateLeft(Math.imul(b, 5), 7), 9) >>> 0;
    this.#c ^= this.#a;
    this.#d ^= b;
    this.#b = b ^ this.#c;
    this.#a ^= this.#d;
    this.#c ^= b << 9;
    this.#d = rotateLeft(this.#d, 11);
    return scrambled;
  }

  /**
   * Uniform on the integers from 0 to n - 1, for 1 ≤ n ≤ 2^21. The product of 32 and 21 bits is exact in a double,
   * so the result is the same everywhere; its bias is below n / 2^32.
   */
  below(n: number): number {
    return Math.floor((this.next() * n) / TWO_32);
  }
}

function rotateLeft(x: number, k: number): number {
  return (x << k) | (x >>> (32 - k));
}
