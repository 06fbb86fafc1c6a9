/**
 * A code list indexed for tabulation: one entry for each code, its ancestors, and codes that must not be added.
 * @module
 */
import type { CodeEntry, Codelist } from '@weighbridge/instrument';

/** A code list by code. Where a code has several entries, the one that is valid last speaks for it. */
export class CodeTree {
  readonly levels: readonly string[];
  /** In file order. */
  readonly entries: ReadonlyMap<string, CodeEntry>;
  readonly #parents: ReadonlySet<string>;

  constructor(codelist: Codelist) {
    this.levels = codelist.definition.levels;
    const entries = new Map<string, CodeEntry>();
    for (const e of codelist.entries) {
      const known = entries.get(e.code);
      if (!known || (e.validTo ?? OPEN) >= (known.validTo ?? OPEN)) entries.set(e.code, e);
    }
    this.entries = entries;
    this.#parents = new Set([...entries.values()].map((e) => e.parent).filter((p) => p !== null));
  }

  hasChildren(code: string): boolean {
    return this.#parents.has(code);
  }

  /** Ancestors of a code, nearest first, the code itself left out. */
  ancestors(code: string): CodeEntry[] {
    const line: CodeEntry[] = [];
    const seen = new Set([code]);
    for (let parent = this.entries.get(code)?.parent ?? null; parent !== null && !seen.has(parent); parent = this.entries.get(parent)?.parent ?? null) {
      seen.add(parent);
      const entry = this.entries.get(parent);
      if (entry) line.push(entry);
    }
    return line;
  }

  /** A code and an ancestor of it that are both among the codes, the first in list order; null when there are none. */
  mixedPair(codes: ReadonlySet<string>): readonly [CodeEntry, CodeEntry] | null {
    for (const [code, entry] of this.entries) {
      const ancestor = codes.has(code) ? this.ancestors(code).find((a) => codes.has(a.code)) : undefined;
      if (ancestor) return [ancestor, entry];
    }
    return null;
  }

  /**
   * A code and one that it is declared to overlap, or that stands below one, both among the codes; null when none.
   * A code that overlaps all others overlaps those too that the list does not hold.
   */
  overlappingPair(codes: ReadonlySet<string>): readonly [string, string] | null {
    for (const [code, entry] of this.entries) {
      if (!codes.has(code) || entry.overlaps.length === 0) continue;
      for (const other of codes) {
        const line = [other, ...this.ancestors(other).map((a) => a.code)];
        if (line.includes(code)) continue;
        if (entry.overlaps.includes('*') || line.some((c) => entry.overlaps.includes(c))) return [code, other];
      }
    }
    return null;
  }
}

const OPEN = '9999-12-31';
const trees = new WeakMap<Codelist, CodeTree>();

/** The tree of a code list, built once. */
export function codeTree(codelist: Codelist): CodeTree {
  const known = trees.get(codelist);
  if (known) return known;
  const tree = new CodeTree(codelist);
  trees.set(codelist, tree);
  return tree;
}
