/**
 * Can a pattern be used by JavaScript and by RE2 alike, and does it mean the same? Judged by reading the pattern.
 * Source: RE2 syntax, https://github.com/google/re2/wiki/Syntax. Leaves out: differences in what counts as white space.
 * @module
 */

/** RE2 allows no count above this, nor a product of nested counts. */
const MOST_REPEATS = 1000;

/** Well below the number of instructions that RE2's memory allows one pattern. */
const MOST_INSTRUCTIONS = 30_000;

const CATEGORIES = /^(C[cfos]?|L[lmotu]?|M[cen]?|N[dlo]?|P[cdefios]?|S[ckmo]?|Z[lps]?)$/;

/** Why the pattern cannot be used, or null when it can. */
export function patternProblem(pattern: string): string | null {
  try {
    new RegExp(pattern, 'u');
  } catch {
    return 'the pattern is not a regular expression';
  }
  try {
    const { repeats, instructions } = new PatternReader(pattern).alternatives();
    if (repeats > MOST_REPEATS) return `the pattern repeats more than ${MOST_REPEATS} times, nested counts multiplied`;
    return instructions > MOST_INSTRUCTIONS ? 'the pattern is too large' : null;
  } catch (error) {
    if (error instanceof NotShared) return error.message;
    throw error;
  }
}

/** A part of the language that RE2 lacks. */
class NotShared extends Error {}

/** The largest product of nested counts, and about how many instructions RE2 needs. */
interface Cost {
  readonly repeats: number;
  readonly instructions: number;
}

/** Reads a pattern that JavaScript accepts with the flag u. */
class PatternReader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  /** Up to the end of the group or of the pattern. */
  alternatives(): Cost {
    let total: Cost = { repeats: 1, instructions: 1 };
    while (this.#at < this.#text.length && this.#text[this.#at] !== ')') {
      const cost = this.#text[this.#at] === '|' ? this.#step({ repeats: 1, instructions: 1 }) : this.#quantified(this.#atom());
      total = { repeats: Math.max(total.repeats, cost.repeats), instructions: total.instructions + cost.instructions };
    }
    return total;
  }

  #step(cost: Cost): Cost {
    this.#at += 1;
    return cost;
  }

  #take(expression: RegExp): string | undefined {
    const found = new RegExp(expression.source, 'uy');
    found.lastIndex = this.#at;
    const text = found.exec(this.#text)?.[0];
    this.#at += text?.length ?? 0;
    return text;
  }

  #quantified(atom: Cost): Cost {
    const quantifier = this.#take(/(?:[*+?]|\{\d+(?:,\d*)?\})\??/);
    const counts = quantifier?.match(/\d+/g)?.map(Number);
    if (!counts) return { repeats: atom.repeats, instructions: atom.instructions + (quantifier === undefined ? 0 : 1) };
    const most = Math.max(1, ...counts);
    return { repeats: atom.repeats * most, instructions: (atom.instructions + 1) * most };
  }

  #atom(): Cost {
    const simple = (instructions: number): Cost => ({ repeats: 1, instructions });
    if (this.#take(/\((?=\?<?[=!])/) !== undefined) throw new NotShared('the pattern looks ahead or behind');
    if (this.#take(/\((?=\?<)/) !== undefined) throw new NotShared('the pattern names a group');
    if (this.#take(/\((?:\?[a-z-]*:)?/) !== undefined) return this.#step(this.alternatives());
    if (this.#take(/\[/) !== undefined) return simple(this.#characterClass());
    if (this.#text[this.#at] === '\\') return simple(this.#escape(false));
    if (this.#take(/\./) !== undefined) return simple(16);
    const character = this.#take(/[^]/) ?? '';
    if (character === '\0' || /^\p{Cs}$/u.test(character)) throw new NotShared('the pattern holds a character that is no text');
    return simple(Buffer.byteLength(character) + 1);
  }

  /** After the opening bracket. */
  #characterClass(): number {
    const negated = this.#take(/\^/) !== undefined;
    let instructions = negated ? 16 : 2;
    if (this.#text[this.#at] === ']') throw new NotShared('the pattern has an empty set of characters');
    while (this.#take(/\]/) === undefined) {
      if (this.#take(/\[:/) !== undefined) throw new NotShared('the pattern has "[:" within a set of characters');
      instructions += this.#text[this.#at] === '\\' ? this.#escape(true) : Buffer.byteLength(this.#take(/[^]/) ?? '') * 3;
    }
    return instructions;
  }

  #escape(inClass: boolean): number {
    const escape = this.#take(/\\(?:[pP]\{[^}]*\}|u\{[^}]*\}|[^])/) ?? '';
    const kind = escape[1] ?? '';
    if (kind === 'u' || kind === 'c') throw new NotShared(`the pattern has the escape \\${kind}: write the character itself`);
    if (kind === 'k' || /[1-9]/.test(kind)) throw new NotShared('the pattern refers back to a group');
    if (kind === '0') throw new NotShared('the pattern holds a character that is no text');
    if (inClass && kind === 'b') throw new NotShared('the pattern has \\b within a set of characters');
    if (kind === 'x') this.#take(/[0-9a-fA-F]{2}/);
    if (kind !== 'p' && kind !== 'P') return /[DWS]/.test(kind) ? 16 : 3;
    if (!CATEGORIES.test(escape.slice(3, -1))) throw new NotShared(`the pattern has ${escape}: only general categories such as \\p{L} or \\p{Lu} are common`);
    return 1000;
  }
}
