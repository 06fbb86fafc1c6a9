/**
 * Cell suppression: small cells are withheld, then partners, so that no line of the table gives a withheld cell back by
 * subtraction. Source: docs/references.md#handbook-sdc (primary and secondary suppression).
 * Leaves out: protection intervals, several lines used together, contributors who know their own cell, dominance, and
 * links between tables. A line that only nearly adds (several values per record) is treated as if it added.
 * @module
 */
import type { CellKey, Dimension } from '@weighbridge/base';

/** What the method has to know of a cell. */
export interface SuppressionCell {
  readonly key: CellKey;
  /** Records behind it (confidential). */
  readonly records: number;
}

/** A line: positions of cells of which one is the sum of the others. */
export type Line = readonly number[];

/**
 * Positions of all cells to withhold: those of 1 to threshold - 1 records, then partners to the fixed point.
 * Zeros are shown. Deterministic: lines are taken in order, and the partner is the smallest other cell that is not
 * zero, ties by address.
 */
export function suppressedCells(dimensions: readonly Dimension[], cells: readonly SuppressionCell[], threshold: number): ReadonlySet<number> {
  const suppressed = new Set<number>();
  for (const [i, cell] of cells.entries()) if (cell.records > 0 && cell.records < threshold) suppressed.add(i);
  const lines = linesOf(dimensions, cells);
  const linesOfCell = new Map<number, number[]>();
  for (const [l, line] of lines.entries()) {
    for (const i of line) linesOfCell.set(i, [...(linesOfCell.get(i) ?? []), l]);
  }
  const queue = lines.map((_, l) => l);
  for (let next = 0; next < queue.length; next++) {
    const line = lines[queue[next] ?? 0] ?? [];
    if (line.filter((i) => suppressed.has(i)).length !== 1) continue;
    const partner = choosePartner(line, cells, suppressed);
    if (partner === null) continue;
    suppressed.add(partner);
    queue.push(...(linesOfCell.get(partner) ?? []));
  }
  return suppressed;
}

/**
 * The lines of a table: along each dimension its codes and their margin, and, where parents stand beside their
 * children, each parent with its children. A line without a cell that sums the others tells nothing and is left out.
 */
export function linesOf(dimensions: readonly Dimension[], cells: readonly SuppressionCell[]): Line[] {
  const at = new Map(cells.map((cell, i) => [JSON.stringify(cell.key), i]));
  const lines: Line[] = [];
  for (const [d, dimension] of dimensions.entries()) {
    const groups = groupsOf(dimension);
    for (const cell of cells) {
      // Each line is visited once: from the cell that stands at the first position of its group.
      for (const group of groups) {
        if (cell.key[d] !== group[0]) continue;
        const line = group.map((code) => at.get(JSON.stringify(cell.key.map((c, i) => (i === d ? code : c))))).filter((i) => i !== undefined);
        if (line.length > 1) lines.push(line);
      }
    }
  }
  return lines;
}

/** Groups of codes of which the first (null: the margin) sums the others. */
function groupsOf(dimension: Dimension): (string | null)[][] {
  const children = Map.groupBy(dimension.codes, (c) => c.parent);
  const families = [...children].filter(([parent]) => parent !== undefined)
    .map(([parent, codes]): (string | null)[] => [parent ?? null, ...codes.map((c) => c.code)]);
  const tops = dimension.levelsShown ? (children.get(undefined) ?? []) : dimension.codes;
  return [...(dimension.total === null ? [] : [[null, ...tops.map((c) => c.code)]]), ...families];
}

function choosePartner(line: Line, cells: readonly SuppressionCell[], suppressed: ReadonlySet<number>): number | null {
  let best: number | null = null;
  for (const i of line) {
    if (suppressed.has(i) || recordsAt(cells, i) === 0) continue;
    if (best === null || comesBefore(cells, i, best)) best = i;
  }
  return best;
}

function comesBefore(cells: readonly SuppressionCell[], a: number, b: number): boolean {
  const difference = recordsAt(cells, a) - recordsAt(cells, b);
  if (difference !== 0) return difference < 0;
  return JSON.stringify(cells[a]?.key) < JSON.stringify(cells[b]?.key);
}

function recordsAt(cells: readonly SuppressionCell[], i: number): number {
  return cells[i]?.records ?? 0;
}
