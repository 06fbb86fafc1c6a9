/**
 * Numbers for tuples of whole numbers, in typed arrays: an index of millions of cells in a few dozen bytes each.
 * Open addressing with linear probing and a multiplicative hash.
 * @module
 */

const FIRST_SLOTS = 1024;

/** Tuples of one width, numbered from 0 in the order in which they come. */
export class TupleIndex {
  readonly #width: number;
  #slots = new Int32Array(FIRST_SLOTS).fill(-1);
  #tuples: Int32Array;
  #size = 0;

  constructor(width: number) {
    this.#width = width;
    this.#tuples = new Int32Array(FIRST_SLOTS * width);
  }

  get size(): number {
    return this.#size;
  }

  /** Component `d` of the tuple with this number. */
  at(number: number, d: number): number {
    return this.#tuples[number * this.#width + d] as number;
  }

  /** The number of a tuple; a new one is taken in. */
  add(tuple: ArrayLike<number>): number {
    const mask = this.#slots.length - 1;
    let slot = hash(tuple, 0, this.#width) & mask;
    for (;;) {
      const known = this.#slots[slot] as number;
      if (known === -1) break;
      if (this.#equals(known, tuple)) return known;
      slot = (slot + 1) & mask;
    }
    if ((this.#size + 1) * this.#width > this.#tuples.length) this.#tuples = longer(this.#tuples);
    for (let d = 0; d < this.#width; d++) this.#tuples[this.#size * this.#width + d] = tuple[d] as number;
    this.#slots[slot] = this.#size++;
    if (this.#size * 2 > this.#slots.length) this.#rehash();
    return this.#size - 1;
  }

  #equals(number: number, tuple: ArrayLike<number>): boolean {
    for (let d = 0, i = number * this.#width; d < this.#width; d++, i++) if (this.#tuples[i] !== tuple[d]) return false;
    return true;
  }

  #rehash(): void {
    this.#slots = new Int32Array(this.#slots.length * 2).fill(-1);
    const mask = this.#slots.length - 1;
    for (let number = 0; number < this.#size; number++) {
      let slot = hash(this.#tuples, number * this.#width, this.#width) & mask;
      while (this.#slots[slot] !== -1) slot = (slot + 1) & mask;
      this.#slots[slot] = number;
    }
  }
}

/** The array with room for twice as much. */
export function longer<T extends Int32Array | Float64Array>(array: T): T {
  const grown = new (array.constructor as new (length: number) => T)(Math.max(1, array.length * 2));
  grown.set(array);
  return grown;
}

function hash(tuple: ArrayLike<number>, from: number, width: number): number {
  let h = 0;
  for (let d = 0; d < width; d++) {
    h = Math.imul(h ^ (tuple[from + d] as number), 0x9e3779b1);
    h ^= h >>> 15;
  }
  return h >>> 0;
}
