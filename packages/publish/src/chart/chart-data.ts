/**
 * What a chart draws: the cells that its definition selects, as points with bounds, words and remarks.
 * @module
 */
import type { CellKey, ChartMeta, Dimension, DimensionCode } from '@weighbridge/base';
import { breakBetween, printDerived, shareOf } from '../derive.ts';
import { depthOf, labelOf, printCell } from '../table-view.ts';
import type { CellLook, TableView } from '../table-view.ts';
import { MOST_SERIES } from './palette.ts';

/** Most categories that are drawn; the largest are kept, and the chart says so. */
export const MOST_CATEGORIES = 40;

/** A position on the axis of x. */
export interface XPosition {
  readonly code: string;
  readonly label: string;
  readonly depth: number;
  readonly partPeriod: string | null;
  /** Why the series breaks before this position, when it does. */
  readonly breakBefore: string | null;
}

/** One thing to draw. `lo` is null when there is no number. */
export interface ChartPoint {
  /** Positions among `xs`, `series` and `facets`. */
  readonly x: number;
  readonly series: number;
  readonly facet: number;
  readonly lo: number | null;
  readonly hi: number | null;
  readonly text: string;
  readonly look: CellLook;
}

export interface ChartData {
  readonly kind: ChartMeta['kind'];
  /** True when x is time. */
  readonly time: boolean;
  readonly percent: boolean;
  readonly xLabel: string;
  readonly seriesLabel: string | null;
  readonly facetLabel: string | null;
  readonly xs: readonly XPosition[];
  /** One entry without a label when there is no series. */
  readonly series: readonly string[];
  readonly facets: readonly string[];
  readonly points: readonly ChartPoint[];
  /** The number of the whole bar of a stack, by `x` and `facet`, as printed; empty when the table has none. */
  readonly totals: readonly { readonly x: number; readonly facet: number; readonly text: string }[];
  /** What is held fixed, in words; empty when nothing is. */
  readonly held: string;
  /** What the reader must know to read the drawing. */
  readonly remarks: readonly string[];
}

/** Why a table's chart cannot be drawn truthfully, or null when it can (or when none is asked for). */
export function chartRefusal(view: TableView): string | null {
  const { chart } = view.meta;
  if (chart === null) return null;
  for (const field of [chart.x, chart.series, chart.facet]) {
    if (field !== undefined && view.dimensionIndex(field) < 0) return `the table has no dimension “${field}”`;
  }
  const units = new Set(view.meta.dimensions.flatMap((d) => d.codes.map((c) => c.unit)).filter((u) => u !== undefined));
  if (units.size > 1) return 'its numbers have different units';
  const series = dimensionOf(view, chart.series);
  if (series !== null && series.codes.length > MOST_SERIES && chart.kind !== 'line') {
    return `${series.codes.length} series cannot be told apart (at most ${MOST_SERIES})`;
  }
  for (const dimension of view.meta.dimensions) {
    if ([chart.x, chart.series, chart.facet].includes(dimension.field)) continue;
    const at = chart.at[dimension.field] ?? null;
    if (at === null && dimension.total === null) return `“${dimension.label}” has no total and the chart does not say at which code it is held`;
    if (at !== null && !dimension.codes.some((c) => c.code === at)) return `“${dimension.label}” has no code “${at}”`;
  }
  return null;
}

/** Why the series of a chart must not be stacked, or null. Such a chart is drawn side by side. */
export function stackRefusal(view: TableView): string | null {
  const { chart } = view.meta;
  const series = dimensionOf(view, chart?.series);
  if (chart?.kind !== 'stacked-bar' || series === null) return null;
  return series.notAdditive ?? (series.levelsShown ? 'several levels stand side by side' : null);
}

/** The data of a table's chart, or null when there is none to draw. */
export function chartData(view: TableView): ChartData | null {
  const { chart } = view.meta;
  if (chart === null || chartRefusal(view) !== null) return null;
  const x = dimensionOf(view, chart.x);
  if (x === null) return null;
  const series = dimensionOf(view, chart.series);
  const facet = dimensionOf(view, chart.facet);
  const unstacked = stackRefusal(view);
  const kind = unstacked === null ? chart.kind : 'bar';
  const time = x.kind === 'time' || kind === 'line';
  const chosen = time ? { codes: x.codes, remark: null } : largest(view, chart, x);
  const xs = chosen.codes.map((code, i) => xPosition(view, x, code, chosen.codes[i - 1]));
  const seriesCodes: readonly (string | null)[] = series?.codes.map((c) => c.code) ?? [null];
  const facetCodes: readonly (string | null)[] = facet?.codes.map((c) => c.code) ?? [null];
  const points: ChartPoint[] = [];
  const totals: { x: number; facet: number; text: string }[] = [];
  facetCodes.forEach((f, facetAt) => {
    xs.forEach((position, xAt) => {
      seriesCodes.forEach((s, seriesAt) => {
        const key = addressOf(view, chart, { [chart.x]: position.code, ...(chart.series === undefined ? {} : { [chart.series]: s }), ...(chart.facet === undefined ? {} : { [chart.facet]: f }) });
        points.push({ x: xAt, series: seriesAt, facet: facetAt, ...measured(view, chart, key) });
      });
      const total = kind === 'stacked-bar' ? stackTotal(view, chart, position.code, f) : null;
      if (total !== null) totals.push({ x: xAt, facet: facetAt, text: total });
    });
  });
  return {
    kind, time, percent: chart.value === 'share', xLabel: x.label, seriesLabel: series?.label ?? null, facetLabel: facet?.label ?? null,
    xs, series: series?.codes.map((c) => c.label) ?? [''], facets: facet?.codes.map((c) => c.label) ?? [''], points, totals,
    held: heldWords(view, chart), remarks: remarksOf(view, x, xs, points, [chosen.remark, unstacked === null ? null : `Drawn side by side, not stacked: ${unstacked}`]),
  };
}

function xPosition(view: TableView, x: Dimension, code: DimensionCode, before: DimensionCode | undefined): XPosition {
  return {
    code: code.code,
    label: code.label,
    depth: x.levelsShown ? depthOf(x, code.code) : 0,
    partPeriod: code.partPeriod ?? null,
    breakBefore: before === undefined ? null : (breakBetween(view, x.field, before.code, code.code)?.why ?? null),
  };
}

function measured(view: TableView, chart: ChartMeta, key: CellKey): Pick<ChartPoint, 'lo' | 'hi' | 'text' | 'look'> {
  const cell = view.cell(key);
  const printed = printCell(cell);
  const lo = cell?.value?.lo ?? null;
  if (chart.value === 'value' || lo === null) return { lo, hi: cell?.value?.hi ?? null, text: printed.text, look: printed.look };
  const share = shareOf(view, view.dimensionIndex(chart.series ?? chart.x), key);
  const text = printDerived(share, 'share');
  if (share.kind === 'exact') return { lo: share.value, hi: share.value, text, look: printed.look };
  if (share.kind === 'range') return { lo: share.lo, hi: share.hi, text, look: 'bounds' };
  return { lo: null, hi: null, text, look: 'none' };
}

/** The margin over the series of a stack of numbers, when the table has it. */
function stackTotal(view: TableView, chart: ChartMeta, x: string, facet: string | null): string | null {
  const series = dimensionOf(view, chart.series);
  if (chart.value === 'share' || series === null || series.total === null) return null;
  const key = addressOf(view, chart, { [chart.x]: x, ...(chart.facet === undefined ? {} : { [chart.facet]: facet }) });
  const cell = view.cell(key);
  return cell === undefined ? null : printCell(cell).text;
}

/** The codes of x, or the largest of them in their order when there are too many to draw. */
function largest(view: TableView, chart: ChartMeta, x: Dimension): { codes: readonly DimensionCode[]; remark: string | null } {
  if (x.codes.length <= MOST_CATEGORIES) return { codes: x.codes, remark: null };
  const hasMargin = (field: string | undefined): boolean => field === undefined || dimensionOf(view, field)?.total !== null;
  const sized = x.codes.map((code, i) => {
    const key = addressOf(view, chart, { [chart.x]: code.code });
    return { i, size: hasMargin(chart.series) && hasMargin(chart.facet) ? (view.cell(key)?.value?.lo ?? -1) : -i };
  });
  const kept = sized.sort((a, b) => b.size - a.size || a.i - b.i).slice(0, MOST_CATEGORIES).map((s) => s.i);
  return {
    codes: kept.flatMap((i) => x.codes[i] ?? []),
    remark: `The ${MOST_CATEGORIES} largest of ${x.codes.length} are drawn, in order of size; the table has all of them`,
  };
}

function addressOf(view: TableView, chart: ChartMeta, drawn: Readonly<Record<string, string | null>>): CellKey {
  return view.meta.dimensions.map((d) => drawn[d.field] ?? chart.at[d.field] ?? null);
}

function heldWords(view: TableView, chart: ChartMeta): string {
  return view.meta.dimensions
    .filter((d) => ![chart.x, chart.series, chart.facet].includes(d.field))
    .map((d) => `${d.label}: ${labelOf(d, chart.at[d.field] ?? null)}`)
    .join('; ');
}

function remarksOf(view: TableView, x: Dimension, xs: readonly XPosition[], points: readonly ChartPoint[], first: readonly (string | null)[]): readonly string[] {
  const parts = xs.filter((p) => p.partPeriod !== null).map((p) => `${p.label} (${p.partPeriod ?? ''})`);
  const withheld = points.filter((p) => p.look === 'suppressed' || p.look === 'partner').length;
  return [
    ...first.filter((r) => r !== null),
    ...xs.flatMap((p) => (p.breakBefore === null ? [] : [`Break at ${p.label}: ${p.breakBefore}`])),
    ...(parts.length === 0 ? [] : [`Part periods: ${parts.join('; ')}`]),
    ...(withheld === 0 ? [] : [`${withheld} ${withheld === 1 ? 'number is' : 'numbers are'} suppressed`]),
    ...(x.levelsShown ? ['Several levels stand side by side as reported: do not add them'] : []),
    ...(view.meta.chart?.value === 'share' && points.some((p) => p.text === '–') ? ['–: no percentage can be given'] : []),
    ...(view.table.protection.method === 'round-base-3' ? [roundingWords(view.meta.chart?.value === 'share')] : []),
  ];
}

function dimensionOf(view: TableView, field: string | undefined): Dimension | null {
  return (field === undefined ? undefined : view.meta.dimensions.find((d) => d.field === field)) ?? null;
}

function roundingWords(shares: boolean): string {
  return shares ? 'Percentages are computed from randomly rounded numbers and need not add to 100%' : 'Numbers are randomly rounded to base 3';
}
