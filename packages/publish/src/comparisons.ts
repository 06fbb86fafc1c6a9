/**
 * Two or more statements of the same thing, side by side with every difference. Neither overwrites the other.
 * @module
 */
import { refuse } from '@weighbridge/base';
import type { CellKey } from '@weighbridge/base';
import type { Comparison } from './input.ts';
import { keyNamed, viewNamed } from './controls.ts';
import { exactValue, keyWith, labelOf, printCell, selectionWords } from './table-view.ts';
import type { TableView } from './table-view.ts';

/** One side of one row. */
export interface ComparedCell {
  readonly key: CellKey | null;
  /** As printed; "not in this table" where the side does not hold the period. */
  readonly text: string;
  /** Less the first side; null for the first side and where either is no single number. */
  readonly difference: number | null;
}

/** One period (or the only row): every side, in the order of the comparison. */
export interface ComparedRow {
  readonly code: string | null;
  readonly label: string;
  /** Part periods and breaks that make the row hard to compare. */
  readonly remarks: readonly string[];
  readonly cells: readonly ComparedCell[];
}

export interface ComparisonResult extends Comparison {
  readonly rows: readonly ComparedRow[];
  /** Rows in which some side differs from the first. */
  readonly differing: number;
  /** Rows in which every side is a single number. */
  readonly testable: number;
}

/**
 * Sets the sides beside each other. Along a field, rows are all codes that any side shows, in the first side's order,
 * then those that only others show.
 * @throws Refusal COMPARISON_TABLE, COMPARISON_FIELD, COMPARISON_CODE or COMPARISON_NO_MARGIN.
 */
export function compareSides(comparisons: readonly Comparison[], views: ReadonlyMap<string, TableView>): readonly ComparisonResult[] {
  return comparisons.map((comparison) => {
    const place = `comparisons.${comparison.id}`;
    const { along } = comparison;
    const sides = comparison.sides.map((side, i) => {
      const view = viewNamed(views, side.table, `${place}.sides[${i}].table`, 'COMPARISON');
      const index = along === undefined ? -1 : view.dimensionIndex(along);
      if (along !== undefined && index < 0) {
        refuse('COMPARISON_FIELD', `table ${side.table} has no dimension "${along}"`, { key: `${place}.along` }, 'compare along a field that every side shows');
      }
      return { view, index, key: keyNamed(view, side.at, `${place}.sides[${i}].at`, 'COMPARISON', along) };
    });
    const codes = along === undefined ? [null] : codesOf(sides);
    const rows = codes.map((code) => compareRow(sides, code));
    return {
      id: comparison.id, title: comparison.title, note: comparison.note, sides: comparison.sides,
      ...(along === undefined ? {} : { along }),
      rows,
      differing: rows.filter((r) => r.cells.some((c) => c.difference !== null && c.difference !== 0)).length,
      testable: rows.filter((r) => r.cells.slice(1).every((c) => c.difference !== null)).length,
    };
  });
}

interface Side { readonly view: TableView; readonly index: number; readonly key: CellKey }

function codesOf(sides: readonly Side[]): readonly string[] {
  return [...new Set(sides.flatMap((s) => (s.view.meta.dimensions[s.index]?.codes ?? []).map((c) => c.code)))];
}

function compareRow(sides: readonly Side[], code: string | null): ComparedRow {
  const remarks: string[] = [];
  let label = '';
  let first: number | null = null;
  const cells = sides.map((side, i): ComparedCell => {
    const dimension = side.view.meta.dimensions[side.index];
    if (code !== null && dimension !== undefined) {
      const known = dimension.codes.find((c) => c.code === code);
      if (known === undefined) return { key: null, text: 'not in this table', difference: null };
      label ||= labelOf(dimension, code);
      if (known.partPeriod !== undefined) remarks.push(`part period: ${known.partPeriod}`);
      for (const b of side.view.meta.basis.breaks) if (b.field === dimension.field && b.at === code) remarks.push(`break: ${b.why}`);
    } else {
      label ||= selectionWords(side.view.meta, side.key);
    }
    const key = code === null ? side.key : keyWith(side.key, side.index, code);
    const cell = side.view.cell(key);
    const value = exactValue(cell);
    if (i === 0) first = value;
    const difference = i === 0 || value === null || first === null ? null : value - first;
    return { key: cell === undefined ? null : key, text: printCell(cell).text, difference };
  });
  return { code, label: label || (code ?? ''), remarks: [...new Set(remarks)], cells };
}
