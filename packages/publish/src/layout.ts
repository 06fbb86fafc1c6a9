/**
 * How a table of any number of dimensions is laid out on a page: rows by columns, further dimensions as sections.
 * Nothing is dropped in silence: `shown` and `all` say how many cells stand on the page and how many there are.
 * @module
 */
import type { CellKey, Dimension } from '@weighbridge/base';
import { keyText, labelOf, positionsOf } from './table-view.ts';
import type { TableView } from './table-view.ts';

/** Most cells that are printed on a page. */
export const PAGE_CELLS = 6000;
/** Most columns that a table has before its two first dimensions change places. */
const WIDE_COLUMNS = 12;

/** A dimension laid along one side. */
export interface Axis {
  readonly index: number;
  readonly dimension: Dimension;
  readonly positions: readonly (string | null)[];
}

/** One table of a page: the further dimensions fixed at one position each. */
export interface Section {
  /** "Sex: Female; Ethnicity: Total", or the empty text when there are no further dimensions. */
  readonly heading: string;
  readonly fixed: ReadonlyMap<number, string | null>;
  readonly rowPositions: readonly (string | null)[];
}

export interface Layout {
  readonly rows: Axis;
  /** Null when the table has one dimension. */
  readonly columns: Axis | null;
  readonly sections: readonly Section[];
  /** Cells of the table that stand on the page. */
  readonly shown: number;
  /** Cells of the table. */
  readonly all: number;
}

/** Lays out a table; at most about `limit` cells are shown, sections with every further dimension at its total first. */
export function layOut(view: TableView, limit: number = PAGE_CELLS): Layout {
  const axes = view.meta.dimensions.map((dimension, index) => ({ index, dimension, positions: positionsOf(dimension) }));
  const [first, second] = axes;
  if (first === undefined) throw new TypeError('layOut: expected a table with at least one dimension');
  const swap = second !== undefined && second.positions.length > WIDE_COLUMNS && first.positions.length < second.positions.length;
  const rows = swap ? second : first;
  const columns = swap ? first : (second ?? null);
  const perRow = columns?.positions.length ?? 1;
  const sections: Section[] = [];
  let room = limit;
  for (const fixed of combinations(axes.slice(2))) {
    const fits = Math.floor(room / perRow);
    if (fits < 1 || (fits < rows.positions.length && sections.length > 0)) break;
    const rowPositions = rows.positions.slice(0, fits);
    sections.push({ heading: headingOf(axes, fixed), fixed, rowPositions });
    room -= rowPositions.length * perRow;
  }
  const layout = { rows, columns, sections };
  return { ...layout, shown: countShown(view, layout), all: view.table.cells.length };
}

/** The address of a place in a section. */
export function keyAt(view: TableView, layout: Pick<Layout, 'rows' | 'columns'>, section: Section, row: string | null, column: string | null): CellKey {
  return view.meta.dimensions.map((_, i) => {
    if (i === layout.rows.index) return row;
    if (i === layout.columns?.index) return column;
    return section.fixed.get(i) ?? null;
  });
}

/** Every address on the page, in reading order. */
export function keysShown(view: TableView, layout: Pick<Layout, 'rows' | 'columns' | 'sections'>): readonly CellKey[] {
  return layout.sections.flatMap((section) =>
    section.rowPositions.flatMap((row) =>
      (layout.columns?.positions ?? [null]).map((column) => keyAt(view, layout, section, row, column))));
}

function countShown(view: TableView, layout: Pick<Layout, 'rows' | 'columns' | 'sections'>): number {
  return new Set(keysShown(view, layout).filter((key) => view.cell(key) !== undefined).map(keyText)).size;
}

function headingOf(axes: readonly Axis[], fixed: ReadonlyMap<number, string | null>): string {
  return [...fixed].map(([i, code]) => {
    const dimension = axes[i]?.dimension;
    return dimension === undefined ? '' : `${dimension.label}: ${labelOf(dimension, code)}`;
  }).join('; ');
}

/** All positions of the further dimensions, margins first, the last dimension moving fastest. */
function combinations(axes: readonly Axis[]): readonly ReadonlyMap<number, string | null>[] {
  let all: ReadonlyMap<number, string | null>[] = [new Map()];
  for (const axis of axes) {
    const marginFirst = [...axis.positions.filter((p) => p === null), ...axis.positions.filter((p) => p !== null)];
    all = all.flatMap((fixed) => marginFirst.map((p) => new Map([...fixed, [axis.index, p]])));
  }
  return all;
}
