/**
 * A comparison of methods in words and as CSV: for the analyst, never for release.
 * @module
 */
import type { ComparedMethod, Comparison } from '@weighbridge/protect';

/** The columns of `compare.csv`; `handling` stands in every row, so that no part of the file goes without it. */
const COLUMNS = [
  'handling', 'method', 'settings', 'ran', 'why_not', 'unsafe_cells', 'attacked_cells', 'exact_cells', 'exact_percent', 'close_cells', 'close_percent', 'unlisted_cells', 'withheld_cells', 'withheld_percent',
  'withheld_value', 'withheld_value_percent', 'moved_value_percent', 'cell_error_mean', 'cell_error_largest', 'total_error_mean', 'total_error_largest', 'totals_withheld',
  'share_error_mean_points', 'share_error_largest_points', 'shares_lost_percent', 'additive', 'mended', 'seed',
] as const;

/** One row a method. */
export function comparisonCsv(comparison: Comparison): string {
  const rows = comparison.methods.map((each): Readonly<Record<string, string | number>> => {
    const always = { handling: comparison.handling, method: each.method, unsafe_cells: comparison.table.unsafe, attacked_cells: comparison.attacked.cells, seed: comparison.seed };
    if (!each.ran) return { ...always, ran: 'no', why_not: each.reason };
    const { risk, use } = each;
    return {
      ...always, settings: each.settings, ran: 'yes', exact_cells: risk.exact, exact_percent: shortened(risk.exactPercent), close_cells: risk.close, close_percent: shortened(risk.closePercent), unlisted_cells: risk.unlisted,
      withheld_cells: use.withheld, withheld_percent: shortened(use.withheldPercent), withheld_value: use.valueWithheld, withheld_value_percent: shortened(use.valueWithheldPercent),
      moved_value_percent: shortened(use.valueMovedPercent), cell_error_mean: shortened(use.cellError.mean), cell_error_largest: shortened(use.cellError.largest),
      total_error_mean: shortened(use.totalError.mean), total_error_largest: shortened(use.totalError.largest), totals_withheld: use.totalsWithheld, share_error_mean_points: shortened(use.shareError.mean),
      share_error_largest_points: shortened(use.shareError.largest), shares_lost_percent: shortened(use.sharesLostPercent), additive: use.additive ? 'yes' : 'no', mended: each.mended ? 'yes' : 'no',
    };
  });
  return `${[COLUMNS.join(','), ...rows.map((row) => COLUMNS.map((column) => quoted(String(row[column] ?? ''))).join(','))].join('\n')}\n`;
}

/** The table as lines of text: a heading, one line a method, and what has to be known to read it. */
export function comparisonLines(comparison: Comparison): { readonly heading: readonly string[]; readonly lines: readonly (readonly [ComparedMethod, string])[]; readonly notes: readonly string[] } {
  const { table, attacked, seed } = comparison;
  const mended = comparison.methods.flatMap((each) => (each.ran && each.mended ? [each.method] : []));
  const unlisted = comparison.methods.flatMap((each) => (each.ran && each.risk.unlisted > 0 ? [`${each.method} ${grouped(each.risk.unlisted)}`] : []));
  const heading = ['method', 'exact', 'within one', 'withheld', 'value withheld', 'value moved', 'cell error', 'total error', 'share error', 'adds up'];
  if (table.of === 'amounts') heading[2] = 'too close';
  const cells = comparison.methods.map((each) => (each.ran ? [
    each.method, String(each.risk.exact), String(each.risk.close), percentText(each.use.withheldPercent), percentText(each.use.valueWithheldPercent), percentText(each.use.valueMovedPercent),
    numberText(each.use.cellError.mean), numberText(each.use.totalError.mean), numberText(each.use.shareError.mean), each.use.additive ? 'yes' : 'no',
  ] : [each.method]));
  const widths = heading.map((title, c) => Math.max(title.length, ...cells.map((row) => row[c]?.length ?? 0)));
  const lineOf = (row: readonly string[]): string => row.map((text, c) => (c === 0 ? text.padEnd(widths[c] ?? 0) : text.padStart(widths[c] ?? 0))).join('  ').trimEnd();
  return {
    heading: ['RISK LEFT: unsafe cells that an attacker derives. USE LOST: of all cells; errors are means over what is shown, shares in percentage points.', lineOf(heading)],
    lines: comparison.methods.map((each, i) => [each, each.ran ? lineOf(cells[i] ?? []) : `${each.method.padEnd(widths[0] ?? 0)}  does not apply: ${each.reason}`] as const),
    notes: [
      `${grouped(table.unsafe)} of ${grouped(table.cells)} cells are unsafe; ${attacked.drawn ? `${grouped(attacked.cells)} of them, drawn by a hash of their addresses, were attacked` : 'all of them were attacked'}.`,
      ...(unlisted.length === 0 ? [] : [`Unsafe cells that nobody lists can be derived besides: ${unlisted.join(', ')}.`]),
      ...(mended.length === 0 ? [] : [`${mended.join(', ')}: the attacker broke what the method had chosen, and more was withheld besides.`]),
      ...(seed === 'trial' ? ['The specification has no seed: errors are those of a trial seed that everyone knows.'] : []),
      'Confidential: true errors are in it.',
    ],
  };
}

/** To six significant digits. */
export function shortened(number: number | null): string | number {
  return number === null ? '' : Number(number.toPrecision(6));
}

/** For people: two decimals below 10, one from there. */
export function numberText(number: number | null): string {
  if (number === null) return '–';
  return number === 0 ? '0' : number.toFixed(number < 10 ? 2 : 1);
}

/** Whole numbers for people: 1,655. */
export function grouped(number: number): string {
  return number.toLocaleString('en');
}

export function percentText(percent: number): string {
  return `${percent > 0 && percent < 0.05 ? '< 0.1' : percent.toFixed(1)} %`;
}

function quoted(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
