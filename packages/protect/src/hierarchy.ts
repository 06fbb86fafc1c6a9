/**
 * The codes of one dimension and the sums between them: a tree, several trees over the same leaves, or none at all.
 * @module
 */
import { refuse } from '@weighbridge/base';

/** One sum between codes of a dimension: `total` counts what `parts` count, each once. */
export interface CodeSum {
  readonly total: string;
  readonly parts: readonly string[];
}

/** Sums above one another in a dimension. */
export const MOST_LEVELS = 200;

/** What a hierarchy is made of. */
export interface HierarchySpec {
  /** The column. */
  readonly name: string;
  /** Every sum between codes. Several sums may have one total: those are several hierarchies over one dimension. */
  readonly sums: readonly CodeSum[];
  /** Codes that stand in no sum. */
  readonly codes?: readonly string[];
  /** `one`: totals that are part of nothing must all cover the same finest codes, as several hierarchies over one dimension do. Default `several`. */
  readonly roots?: 'one' | 'several';
}

/** A checked hierarchy. Codes are numbered; a leaf is a code that is no total. */
export interface Hierarchy {
  readonly name: string;
  readonly codes: readonly string[];
  readonly index: ReadonlyMap<string, number>;
  /** Sums by number: total, then parts. */
  readonly sums: readonly { readonly total: number; readonly parts: readonly number[] }[];
  readonly leaves: readonly number[];
  /** Leaf or total → the leaves under it (itself, for a leaf), ascending. */
  readonly leavesOf: readonly (readonly number[])[];
  /** Leaf → itself and every total above it, ascending. */
  readonly above: readonly (readonly number[])[];
}

/**
 * Checks and numbers a hierarchy.
 * @throws Refusal `HIERARCHY_LOOP` when a code is above itself; `HIERARCHY_TWICE` when a code is counted twice in a total;
 *   `HIERARCHY_EMPTY` when a sum has no parts, or the dimension no code; `HIERARCHY_TWO_SUMS` when two sums of one total differ;
 *   `HIERARCHY_TWO_ROOTS` when one root is asked for and two totals that are part of nothing do not cover the same finest codes;
 *   `HIERARCHY_DEEP` when more than {@link MOST_LEVELS} sums stand above one another; as {@link assertCodes}
 */
export function makeHierarchy({ name, sums, codes: loose = [], roots = 'several' }: HierarchySpec): Hierarchy {
  const codes: string[] = [];
  const index = new Map<string, number>();
  const numberOf = (code: string): number => {
    const known = index.get(code);
    if (known !== undefined) return known;
    index.set(code, codes.length);
    return codes.push(code) - 1;
  };
  const numbered = sums.map(({ total, parts }) => ({ total: numberOf(total), parts: parts.map(numberOf) }));
  for (const code of loose) numberOf(code);
  assertCodes(name, codes);
  if (codes.length === 0) refuse('HIERARCHY_EMPTY', 'the dimension has no codes', { key: name }, 'list its codes');
  const byTotal = Map.groupBy(numbered, (s) => s.total);
  const leavesOf: number[][] = [];
  const state = new Uint8Array(codes.length); // 1: being visited, 2: done
  const height = new Uint32Array(codes.length);
  const assertDepth = (levels: number): void => { if (levels > MOST_LEVELS) refuse('HIERARCHY_DEEP', `more than ${MOST_LEVELS} sums stand above one another`, { key: name }, 'leave out levels that have one part, or are not shown'); };
  const visit = (code: number, depth: number): number[] => {
    assertDepth(depth);
    if (state[code] === 1) refuse('HIERARCHY_LOOP', `the code “${codes[code] ?? ''}” stands above itself`, { key: name }, 'take the code out of what it is a total of');
    if (state[code] === 2) return leavesOf[code] as number[];
    state[code] = 1;
    const own = (byTotal.get(code) ?? []).map(({ parts }) => {
      if (parts.length === 0) refuse('HIERARCHY_EMPTY', `the total “${codes[code] ?? ''}” has no parts`, { key: name }, 'list its parts, or leave the sum out');
      const leaves = parts.flatMap((part) => visit(part, depth + 1)).sort((a, b) => a - b);
      if (leaves.some((leaf, i) => leaf === leaves[i + 1])) refuse('HIERARCHY_TWICE', `a code is counted twice in the total “${codes[code] ?? ''}”`, { key: name }, 'list each part once, and no part together with its own total');
      return leaves;
    });
    const [first, ...others] = own;
    if (first !== undefined && others.some((o) => o.length !== first.length || o.some((leaf, i) => leaf !== first[i]))) {
      refuse('HIERARCHY_TWO_SUMS', `two sums of the total “${codes[code] ?? ''}” do not cover the same codes`, { key: name }, 'let every sum of a total reach the same finest codes');
    }
    state[code] = 2;
    height[code] = own.length === 0 ? 0 : 1 + (byTotal.get(code) ?? []).reduce((most, { parts }) => parts.reduce((m, part) => Math.max(m, height[part] as number), most), 0);
    assertDepth(height[code]);
    return (leavesOf[code] = first ?? [code]);
  };
  for (let code = 0; code < codes.length; code++) visit(code, 0);
  const leaves = codes.map((_, i) => i).filter((i) => !byTotal.has(i));
  const above: number[][] = codes.map(() => []);
  for (let code = 0; code < codes.length; code++) for (const leaf of leavesOf[code] as number[]) (above[leaf] as number[]).push(code);
  if (roots === 'one') assertOneRoot(name, codes, numbered, leavesOf);
  return { name, codes, index, sums: numbered, leaves, leavesOf, above };
}

/** Text that cannot stand in a code: the code joins codes by it. */
const CONTROL = /[\p{Cc}--[\u0080-\u009F]]/v;

/**
 * Checks that codes are text that can be printed.
 * @throws Refusal `CODE_CONTROL_CHARACTER` with the column
 */
export function assertCodes(column: string, codes: readonly string[]): void {
  if (codes.some((code) => CONTROL.test(code))) refuse('CODE_CONTROL_CHARACTER', 'a code holds a control character', { column }, 'write codes without line breaks, tabs and other characters that cannot be printed');
}

function assertOneRoot(name: string, codes: readonly string[], sums: Hierarchy['sums'], leavesOf: Hierarchy['leavesOf']): void {
  const parts = new Set(sums.flatMap((s) => s.parts));
  const [first, ...others] = new Set(sums.map(({ total }) => total).filter((total) => !parts.has(total)));
  const same = (a: number, b: number): boolean => leavesOf[a]?.join() === leavesOf[b]?.join();
  const other = others.find((root) => !same(first as number, root));
  if (other === undefined) return;
  refuse('HIERARCHY_TWO_ROOTS', `the totals “${codes[first as number] ?? ''}” and “${codes[other] ?? ''}” are part of nothing, and do not cover the same codes`, { key: name },
    'add the sum that holds both, or say "roots": "several" where there is none, as with overlapping regions');
}
