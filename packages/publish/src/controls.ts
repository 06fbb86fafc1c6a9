/**
 * Published totals that a table must meet. Only published numbers are compared, and only published numbers are named.
 * @module
 */
import { formatNumber, refuse } from '@weighbridge/base';
import type { CellKey, Issue, Quantity } from '@weighbridge/base';
import type { Control } from './input.ts';
import { printCell, selectionWords } from './table-view.ts';
import type { TableView } from './table-view.ts';

/** Largest distance that rounding to base 3 moves a number. */
const ROUNDING = 2;

/** `met`; `within-rounding`: as near as protection allows; `within-bounds`: the table states a range that holds it. */
export type ControlOutcome = 'met' | 'within-rounding' | 'within-bounds' | 'missed' | 'not-testable';

/** What became of a control. */
export interface ControlResult extends Control {
  readonly key: CellKey;
  readonly selection: string;
  readonly outcome: ControlOutcome;
  /** The published number as printed. */
  readonly found: string;
  /** Found less expected; null unless both are single numbers. */
  readonly difference: number | null;
}

/**
 * Tests every control, in the order given.
 * @throws Refusal CONTROL_TABLE, CONTROL_FIELD, CONTROL_CODE or CONTROL_NO_MARGIN when a control does not name one cell.
 */
export function testControls(controls: readonly Control[], views: ReadonlyMap<string, TableView>): readonly ControlResult[] {
  return controls.map((control) => {
    const view = viewNamed(views, control.table, `controls.${control.id}.table`, 'CONTROL');
    const key = keyNamed(view, control.at, `controls.${control.id}.at`, 'CONTROL');
    const cell = view.cell(key);
    const { outcome, difference } = judge(cell?.value ?? null, control.equals, cell?.status === 'rounded');
    return {
      id: control.id, table: control.table, at: control.at, equals: control.equals, source: control.source, otherwise: control.otherwise,
      key, selection: selectionWords(view.meta, key), outcome, found: printCell(cell).text, difference,
    };
  });
}

/** One error for every `refuse` control that is missed or cannot be tested. */
export function controlIssues(results: readonly ControlResult[]): readonly Issue[] {
  return results
    .filter((r) => r.otherwise === 'refuse' && (r.outcome === 'missed' || r.outcome === 'not-testable'))
    .map((r) => ({
      code: r.outcome === 'missed' ? 'CONTROL_MISSED' : 'CONTROL_NOT_TESTABLE',
      severity: 'error',
      message: `table ${r.table}, ${r.selection}: expected ${formatNumber(r.equals)} (${r.source}), found ${r.found}`
        + (r.difference === null ? '' : `, difference ${signed(r.difference)}`),
      place: { object: r.table, key: `controls.${r.id}` },
      repair: r.outcome === 'missed'
        ? 'correct the input, the table or the control, or set `otherwise: show` to publish both figures with their difference'
        : 'point the control at a cell that is published as a number, or set `otherwise: show`',
    }));
}

/** A difference as printed: `+3`, `−3`, `0`. */
export function signed(n: number): string {
  return n > 0 ? `+${formatNumber(n)}` : n < 0 ? `−${formatNumber(-n)}` : '0';
}

/** The table that a control or comparison names. @throws Refusal <prefix>_TABLE */
export function viewNamed(views: ReadonlyMap<string, TableView>, id: string, key: string, prefix: string): TableView {
  return views.get(id) ?? refuse(`${prefix}_TABLE`, `no table "${id}" in this release`, { key }, 'name a table of the collection');
}

/**
 * The cell that `at` names, fields left out at their margin.
 * @throws Refusal <prefix>_FIELD, <prefix>_CODE or <prefix>_NO_MARGIN
 */
export function keyNamed(view: TableView, at: Readonly<Record<string, string>>, key: string, prefix: string, except?: string): CellKey {
  for (const field of Object.keys(at)) {
    if (view.dimensionIndex(field) < 0) {
      refuse(`${prefix}_FIELD`, `table ${view.meta.id} has no dimension "${field}"`, { key: `${key}.${field}` },
        `use one of ${view.meta.dimensions.map((d) => d.field).join(', ')}`);
    }
  }
  return view.meta.dimensions.map((dimension) => {
    const code = at[dimension.field];
    if (dimension.field === except) return null;
    if (code === undefined) {
      if (dimension.total !== null) return null;
      return refuse(`${prefix}_NO_MARGIN`, `table ${view.meta.id} has no total over "${dimension.field}"`, { key }, `name a code of ${dimension.field}`);
    }
    if (dimension.codes.some((c) => c.code === code)) return code;
    return refuse(`${prefix}_CODE`, `dimension "${dimension.field}" of table ${view.meta.id} has no code "${code}"`,
      { key: `${key}.${dimension.field}` }, 'use a code that the table shows');
  });
}

function judge(value: Quantity | null, expected: number, rounded: boolean): { outcome: ControlOutcome; difference: number | null } {
  if (value === null || value.lo === null) return { outcome: 'not-testable', difference: null };
  if (value.lo === value.hi) {
    const difference = value.lo - expected;
    if (difference === 0) return { outcome: 'met', difference };
    return { outcome: rounded && Math.abs(difference) <= ROUNDING ? 'within-rounding' : 'missed', difference };
  }
  const inside = value.lo <= expected && (value.hi === null || expected <= value.hi);
  return { outcome: inside ? 'within-bounds' : 'missed', difference: null };
}
