/**
 * What a release tells its readers about its own numbers: gaps, controls, comparisons, part periods, breaks and what
 * was found while the tables were made. Everything is computed from protected tables.
 * @module
 */
import { formatNumber } from '@weighbridge/base';
import type { CellKey } from '@weighbridge/base';
import type { ClosureResult, Gap } from './closure.ts';
import type { ComparisonResult } from './comparisons.ts';
import type { ControlOutcome, ControlResult } from './controls.ts';
import { signed } from './controls.ts';
import type { TableView } from './table-view.ts';
import { chartRefusal } from './chart/chart-data.ts';

/** One finding about a table or about several. */
export interface ReleaseFinding {
  readonly code: string;
  readonly severity: 'info' | 'warning';
  /** Table id, or null for the whole release. */
  readonly table: string | null;
  readonly message: string;
  /** Cells that the finding is about, when they are few. */
  readonly cells: readonly { readonly table: string; readonly key: CellKey }[];
}

/** How an outcome of a control is called on a page. */
export const OUTCOME_WORDS: Readonly<Record<ControlOutcome, string>> = {
  met: 'met',
  'within-rounding': 'met within rounding',
  'within-bounds': 'within the published bounds',
  missed: 'missed',
  'not-testable': 'cannot be tested',
};

/** All findings, tables in the order given, then comparisons. */
export function gatherFindings(
  views: readonly TableView[],
  closures: ReadonlyMap<string, ClosureResult>,
  controls: readonly ControlResult[],
  comparisons: readonly ComparisonResult[],
): readonly ReleaseFinding[] {
  return [
    ...views.flatMap((view) => [
      ...madeWith(view), ...periods(view), ...closureFindings(view, closures.get(view.meta.id)), ...undrawn(view),
      ...controls.filter((c) => c.table === view.meta.id).map(controlFinding),
    ]),
    ...comparisons.map(comparisonFinding),
  ];
}

function madeWith(view: TableView): readonly ReleaseFinding[] {
  return view.meta.findings.map(({ code, severity, message }) => ({ code, severity, table: view.meta.id, message, cells: [] }));
}

function periods(view: TableView): readonly ReleaseFinding[] {
  const parts = view.meta.dimensions.flatMap((d) => d.codes.flatMap((c) => (c.partPeriod === undefined ? [] : [{ d, c, part: c.partPeriod }])));
  return [
    ...parts.map(({ d, c, part }): ReleaseFinding => ({
      code: 'PART_PERIOD', severity: 'warning', table: view.meta.id, message: `${d.label} ${c.label} is a part period: ${part}`, cells: [],
    })),
    ...view.meta.basis.breaks.map((b): ReleaseFinding => ({
      code: 'SERIES_BREAK', severity: 'warning', table: view.meta.id, message: `Series breaks at ${b.at}: ${b.why}`, cells: [],
    })),
  ];
}

function closureFindings(view: TableView, closure: ClosureResult | undefined): readonly ReleaseFinding[] {
  if (closure === undefined || closure.tested + closure.untestable === 0) return [];
  const byParent = Map.groupBy(closure.gaps, (g) => JSON.stringify([g.field, g.parent]));
  const found = [...byParent.values()].map((gaps) => parentFinding(view, gaps));
  const closed = closure.tested - closure.gaps.length;
  const rest = closure.untestable === 0 ? '' : `; ${formatNumber(closure.untestable)} could not be tested because a number is missing`;
  return [
    ...found,
    {
      code: 'LEVELS_TESTED', severity: 'info', table: view.meta.id, cells: [],
      message: `Levels were tested: in ${formatNumber(closed)} of ${formatNumber(closure.tested)} places a parent is the sum of the parts shown${rest}`,
    },
  ];
}

function parentFinding(view: TableView, gaps: readonly Gap[]): ReleaseFinding {
  const largest = gaps.reduce((a, b) => (Math.abs(b.gap) > Math.abs(a.gap) ? b : a));
  const where = largest.where === '' ? '' : ` (${largest.where})`;
  const places = gaps.length === 1 ? 'one place' : `${formatNumber(gaps.length)} places`;
  return {
    code: 'PARENT_NOT_SUM', severity: 'warning', table: view.meta.id,
    message: `“${largest.parentLabel}” is not the sum of the parts shown below it, in ${places}. The largest gap is ${signed(largest.gap)}${where}: `
      + `reported ${formatNumber(largest.reported)}, parts ${formatNumber(largest.children)}. Both stand as reported; nothing was derived`,
    cells: gaps.map((g) => ({ table: view.meta.id, key: g.key })),
  };
}

function undrawn(view: TableView): readonly ReleaseFinding[] {
  const why = chartRefusal(view);
  return why === null ? [] : [{ code: 'CHART_NOT_DRAWN', severity: 'warning', table: view.meta.id, message: `The chart is not drawn: ${why}`, cells: [] }];
}

function controlFinding(control: ControlResult): ReleaseFinding {
  const bad = control.outcome === 'missed' || control.outcome === 'not-testable';
  const difference = control.difference === null || control.difference === 0 ? '' : `, difference ${signed(control.difference)}`;
  return {
    code: bad ? 'CONTROL_DIFFERS' : 'CONTROL_MET', severity: bad ? 'warning' : 'info', table: control.table,
    message: `Published total ${OUTCOME_WORDS[control.outcome]}: ${control.source} states ${formatNumber(control.equals)}, this table ${control.found}${difference} (${control.selection})`,
    cells: [{ table: control.table, key: control.key }],
  };
}

function comparisonFinding(comparison: ComparisonResult): ReleaseFinding {
  const agree = comparison.differing === 0;
  return {
    code: agree ? 'SOURCES_AGREE' : 'SOURCES_DISAGREE', severity: agree ? 'info' : 'warning', table: null, cells: [],
    message: `${comparison.title}: the sides ${agree ? 'agree' : 'differ'} in ${agree ? '' : `${formatNumber(comparison.differing)} of `}${formatNumber(comparison.rows.length)} ${comparison.rows.length === 1 ? 'place' : 'places'}`
      + (comparison.testable < comparison.rows.length ? ` (${formatNumber(comparison.testable)} could be compared)` : ''),
  };
}
