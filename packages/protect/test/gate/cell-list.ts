/**
 * From lists of cells to cases: dimensions with their sums, keys, values, and the sums among the cells that follow.
 * A dimension is a set of sums over codes, so a tree, two hierarchies over the same codes and a group of chosen codes are
 * all said in one way. It says nothing about how a pattern was found.
 * @module
 */
import type { Contribution, GateCase, Relation, Requirement } from './gate-case.ts';

/** One sum over codes of a dimension. */
export interface CodeSum {
  readonly total: string;
  readonly parts: readonly string[];
}

/** A dimension: codes that are a total of others, in as many hierarchies as there are sums. */
export interface ListDimension {
  readonly name: string;
  readonly sums: readonly CodeSum[];
}

/** Cells with their true values. */
export interface CellList {
  readonly dimensions: readonly ListDimension[];
  readonly keys: readonly (readonly string[])[];
  readonly value: readonly number[];
  readonly primary: readonly boolean[];
  /** Cells that are published in no table; they hold the others together. */
  readonly hidden?: readonly boolean[];
  readonly required?: readonly Requirement[];
  readonly contributions?: readonly Contribution[];
}

/** What a reader knows of an unprinted cell beside the sums. */
export interface Knowledge {
  /** Least value; 1 when zeros are printed. Cells that no list shows keep 0. */
  readonly lower: number;
  /** Greatest value of a primary cell, when primary and secondary cells carry different marks. */
  readonly upperOfPrimary?: number;
  readonly integer: boolean;
}

/** A code of a cell's key, joined to one text. */
export function keyText(key: readonly string[]): string {
  return key.join('|');
}

/**
 * The sums among listed cells: along one dimension a cell is the sum of its parts. A part that is not listed is empty;
 * where no part is listed, nothing was published about them and there is no sum.
 */
export function relationsOf(dimensions: readonly ListDimension[], keys: readonly (readonly string[])[]): Relation[] {
  const at = new Map(keys.map((key, i) => [keyText(key), i]));
  const sumsOf = dimensions.map((d) => Map.groupBy(d.sums, (s) => s.total));
  const relations: Relation[] = [];
  for (const [total, key] of keys.entries()) {
    for (const [d, sums] of sumsOf.entries()) {
      for (const { parts } of sums.get(key[d] ?? '') ?? []) {
        const listed = parts.map((code) => at.get(keyText(key.with(d, code)))).filter((i) => i !== undefined);
        if (listed.length > 0) relations.push({ total, parts: listed });
      }
    }
  }
  return relations;
}

/** A flat dimension: one total of all codes. */
export function flatDimension(name: string, codes: Iterable<string>, total = 'Total'): ListDimension {
  return { name, sums: [{ total, parts: [...new Set(codes)].filter((c) => c !== total) }] };
}

/** The case that a reader of the list meets when the cells of `suppressed` are not printed. */
export function caseOf(list: CellList, suppressed: readonly boolean[], knowledge: Knowledge, relations = relationsOf(list.dimensions, list.keys)): GateCase {
  const primary = list.keys.map((_, i) => i).filter((i) => list.primary[i]);
  return {
    size: list.keys.length,
    relations,
    value: list.value,
    printed: suppressed.map((s, i) => !s && list.hidden?.[i] !== true),
    primary,
    lower: list.keys.map((_, i) => (list.hidden?.[i] === true ? 0 : knowledge.lower)),
    upper: list.primary.map((p) => (p ? knowledge.upperOfPrimary ?? null : null)),
    integer: knowledge.integer,
    labels: list.keys.map(keyText),
    ...(list.hidden ? { hidden: list.hidden } : {}),
    ...(list.required ? { required: list.required } : {}),
    ...(list.contributions ? { contributions: list.contributions } : {}),
  };
}
