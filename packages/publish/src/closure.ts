/**
 * Closure of shown levels: a parent beside the sum of its children, as a gap; nothing is ever derived from it.
 * Only for tables whose method is `public`: rounding opens gaps of its own, and suppression hides them.
 * @module
 */
import type { CellKey, Dimension } from '@weighbridge/base';
import { cellAnchor, exactValue, keyText, keyWith, labelOf, positionsOf } from './table-view.ts';
import type { TableView } from './table-view.ts';

/** A place where a parent is not the sum of its children. */
export interface Gap {
  readonly field: string;
  readonly parent: string;
  readonly parentLabel: string;
  /** What else is held, in words: "Year: 2014". */
  readonly where: string;
  readonly key: CellKey;
  readonly anchor: string;
  readonly reported: number;
  readonly children: number;
  /** Reported less the children's sum. */
  readonly gap: number;
}

/** Everything found about one table's levels. */
export interface ClosureResult {
  /** Parent cells that could be tested: the parent and all its shown children are single numbers. */
  readonly tested: number;
  /** Parent cells that could not. */
  readonly untestable: number;
  readonly gaps: readonly Gap[];
}

/** Tests every parent of every dimension that shows levels, everywhere in the table. */
export function testClosure(view: TableView): ClosureResult {
  const result = { tested: 0, untestable: 0, gaps: [] as Gap[] };
  if (view.table.protection.method !== 'public') return result;
  view.meta.dimensions.forEach((dimension, index) => {
    if (!dimension.levelsShown) return;
    for (const [parent, children] of families(dimension)) {
      for (const key of otherPlaces(view, index, parent)) testParent(view, dimension, index, parent, children, key, result);
    }
  });
  return result;
}

function testParent(
  view: TableView, dimension: Dimension, index: number, parent: string, children: readonly string[], key: CellKey,
  result: { tested: number; untestable: number; gaps: Gap[] },
): void {
  const cell = view.cell(key);
  if (cell === undefined) return;
  const reported = exactValue(cell);
  const parts = children.map((child) => exactValue(view.cell(keyWith(key, index, child))));
  if (reported === null || parts.includes(null)) {
    result.untestable += 1;
    return;
  }
  result.tested += 1;
  const sum = parts.reduce<number>((s, n) => s + (n ?? 0), 0);
  if (sum === reported) return;
  result.gaps.push({
    field: dimension.field, parent, parentLabel: labelOf(dimension, parent), where: whereWords(view, index, key), key,
    anchor: cellAnchor(key), reported, children: sum, gap: reported - sum,
  });
}

/** Parents with their shown children, in display order. */
function families(dimension: Dimension): ReadonlyMap<string, readonly string[]> {
  const shown = new Set(dimension.codes.map((c) => c.code));
  const found = new Map<string, string[]>();
  for (const { code, parent } of dimension.codes) {
    if (parent === undefined || !shown.has(parent)) continue;
    const children = found.get(parent);
    if (children === undefined) found.set(parent, [code]);
    else children.push(code);
  }
  return new Map(dimension.codes.flatMap(({ code }) => {
    const children = found.get(code);
    return children === undefined ? [] : [[code, children] as const];
  }));
}

/** Every address with the parent at `index`, in the order of the codes. */
function otherPlaces(view: TableView, index: number, parent: string): readonly CellKey[] {
  const wanted = new Set<string>();
  let keys: CellKey[] = [[]];
  view.meta.dimensions.forEach((dimension, i) => {
    const positions = i === index ? [parent] : positionsOf(dimension);
    keys = keys.flatMap((key) => positions.map((p) => [...key, p]));
  });
  return keys.filter((key) => {
    const text = keyText(key);
    if (wanted.has(text)) return false;
    wanted.add(text);
    return true;
  });
}

function whereWords(view: TableView, index: number, key: CellKey): string {
  return view.meta.dimensions
    .flatMap((d, i) => (i === index ? [] : [`${d.label}: ${labelOf(d, key[i] ?? null)}`]))
    .join('; ');
}
