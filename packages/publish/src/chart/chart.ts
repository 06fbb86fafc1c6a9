/**
 * A table's chart as one SVG image: heading, key, panels, remarks and, for generated records, the word SYNTHETIC.
 * The image carries a title and a description; its numbers stand in the table beside it.
 * @module
 */
import { formatNumber } from '@weighbridge/base';
import { escapeText } from '../html.ts';
import { periodWords } from '../site/words.ts';
import type { TableView } from '../table-view.ts';
import { chartData } from './chart-data.ts';
import type { ChartData, ChartPoint } from './chart-data.ts';
import { rowsPanel } from './panel-rows.ts';
import { timePanel } from './panel-time.ts';
import { INK, QUIET, fillOf, patternDefs, seriesStyle } from './palette.ts';
import { FONT, TEXT_SIZE } from './render-plot.ts';
import type { Panel } from './render-plot.ts';
import { textWidth, wrapText } from './text-width.ts';

const LINE = 18;
/** Most lines in one panel; with more, every series gets its own. */
const MOST_LINES = 7;
const WARNING_RED = '#942514';

/** A drawn chart. */
export interface Chart {
  readonly svg: string;
  readonly description: string;
  /** In pixels, at the width asked for. */
  readonly height: number;
}

/** How to draw: `width` in pixels, `prefix` for ids, `standalone` for an SVG file that has to explain itself. */
export interface ChartOptions {
  readonly width: number;
  readonly prefix: string;
  readonly standalone: boolean;
}

interface Block { readonly height: number; readonly markup: string }

/** Draws the chart that the table asks for; null when it asks for none or none can be drawn truthfully. */
export function drawChart(view: TableView, options: ChartOptions): Chart | null {
  const data = chartData(view);
  if (data === null) return null;
  const { width, prefix } = options;
  const description = describe(view, data);
  const manyLines = data.time && data.kind !== 'bar' && data.kind !== 'stacked-bar' && data.series.length > MOST_LINES && data.facets.length === 1;
  const panels = manyLines ? seriesPanels(data) : facetPanels(data);
  const direct = !manyLines && isLine(data) && data.series.length > 1 && width >= 560 && panels.length === 1;
  const blocks = [
    heading(view, data, options),
    ...(data.series.length > 1 && !direct && !manyLines ? [legend(data, width, prefix)] : []),
    grid(panels, data, width, prefix, direct),
    remarks(view, data, options),
  ];
  const height = blocks.reduce((sum, b) => sum + b.height, 0);
  let y = 0;
  const placed = blocks.map((b) => {
    const markup = `<g transform="translate(0,${y})">${b.markup}</g>`;
    y += b.height;
    return markup;
  });
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-labelledby="${prefix}-title" aria-describedby="${prefix}-desc"`
    + ` font-family="${FONT}" font-size="${TEXT_SIZE}" fill="${INK}"><title id="${prefix}-title">${escapeText(view.meta.title)}</title><desc id="${prefix}-desc">${escapeText(description)}</desc>`
    + `<rect width="${width}" height="${height}" fill="#ffffff"/>${patternDefs(Math.max(data.series.length, 1), prefix)}`
    + (view.meta.synthetic ? watermark(width, height) : '') + placed.join('') + '</svg>';
  return { svg, description, height };
}

interface PanelPlan { readonly title: string; readonly points: readonly ChartPoint[]; readonly facet: number; readonly data: ChartData }

function facetPanels(data: ChartData): readonly PanelPlan[] {
  return data.facets.map((title, facet) => ({ title, facet, data, points: data.points.filter((p) => p.facet === facet) }));
}

/** One panel a series: the line keeps the first colour, its name is the panel's title. */
function seriesPanels(data: ChartData): readonly PanelPlan[] {
  return data.series.map((title, s) => ({
    title, facet: 0, data: { ...data, series: [''] }, points: data.points.filter((p) => p.series === s).map((p) => ({ ...p, series: 0 })),
  }));
}

function grid(panels: readonly PanelPlan[], data: ChartData, width: number, prefix: string, direct: boolean): Block {
  const vertical = isLine(data) || isColumns(data);
  const across = !vertical || panels.length === 1 || width < 560 ? 1 : panels.length > 4 && width >= 800 ? 3 : 2;
  const gutter = 24;
  const each = Math.floor((width - gutter * (across - 1)) / across);
  const max = scaleEnd(data);
  let y = 0;
  let markup = '';
  for (let i = 0; i < panels.length; i += across) {
    const row = panels.slice(i, i + across).map((plan, j) => {
      const title = plan.title === '' ? [] : wrapText(plan.title, TEXT_SIZE, each - 8);
      const panel = vertical
        ? timePanel(plan.data, plan.points, plan.facet, each, max, prefix, direct, panels.length > 2)
        : rowsPanel(plan.data, plan.points, plan.facet, each, max, prefix);
      return { x: j * (each + gutter), title, panel };
    });
    const titleHeight = Math.max(...row.map((r) => r.title.length)) * LINE + (row.some((r) => r.title.length > 0) ? 8 : 0);
    for (const { x, title, panel } of row) markup += textLines(title, x, y + 14, 'font-weight="bold"') + nest(panel, x, y + titleHeight);
    y += titleHeight + Math.max(...row.map((r) => r.panel.height)) + 12;
  }
  return { height: y, markup };
}

function nest(panel: Panel, x: number, y: number): string {
  return `<svg x="${x}" y="${y}" width="${panel.width}" height="${panel.height}" viewBox="0 0 ${panel.width} ${panel.height}" text-anchor="middle">${panel.inner}</svg>`;
}

function isLine(data: ChartData): boolean {
  return data.kind === 'line' || (data.kind === 'dot' && data.time);
}

/** Columns over time for one series or a stack; grouped bars are drawn as rows, where there is room for their numbers. */
function isColumns(data: ChartData): boolean {
  return data.time && (data.kind === 'stacked-bar' || (data.kind === 'bar' && data.series.length === 1));
}

function scaleEnd(data: ChartData): number {
  if (data.kind !== 'stacked-bar') return Math.max(0, ...data.points.map((p) => p.hi ?? p.lo ?? 0));
  const sums = Map.groupBy(data.points, (p) => `${p.x},${p.facet}`).values().map((ps) => ps.reduce((s, p) => s + (p.lo ?? 0), 0));
  // Shares of rounded numbers may add to more than 100: the scale then goes on, so that no stack is cut.
  return Math.max(data.percent ? 100 : 0, ...sums);
}

function heading(view: TableView, data: ChartData, options: ChartOptions): Block {
  const { measure } = view.meta;
  const what = data.percent ? `Percent of ${measure.unit.many}` : measure.label;
  const held = data.held === '' ? '' : ` · ${data.held}`;
  const room = options.width - (view.meta.synthetic ? textWidth('SYNTHETIC DATA', TEXT_SIZE) + 28 : 0);
  const title = options.standalone ? wrapText(view.meta.title, 17, (room * 17) / 18) : [];
  const lines = wrapText(`${what}${held}`, TEXT_SIZE, room);
  const titleHeight = title.length * 22;
  const label = view.meta.synthetic
    ? `<text x="${options.width - 2}" y="14" text-anchor="end" font-weight="bold" fill="${WARNING_RED}">SYNTHETIC DATA</text>` : '';
  return {
    height: titleHeight + lines.length * LINE + 10,
    markup: label + textLines(title, 0, 16, 'font-size="17" font-weight="bold"', 22) + textLines(lines, 0, titleHeight + 14, `fill="${QUIET}"`),
  };
}

function legend(data: ChartData, width: number, prefix: string): Block {
  let x = 0;
  let y = 0;
  let markup = '';
  data.series.forEach((name, s) => {
    const lines = wrapText(name, TEXT_SIZE, width - 28);
    const room = Math.ceil(26 + textWidth(lines.join('\n'), TEXT_SIZE) + 18);
    if (x > 0 && x + room > width + 18) {
      x = 0;
      y += LINE + 4;
    }
    markup += sample(data, s, x, y, prefix) + textLines(lines, x + 24, y + 14, '');
    x += room;
    if (lines.length > 1) {
      x = 0;
      y += lines.length * LINE + 4;
    }
  });
  return { height: y + LINE + 14, markup };
}

function sample(data: ChartData, s: number, x: number, y: number, prefix: string): string {
  const { colour } = seriesStyle(s);
  if (!isLine(data) && data.kind !== 'dot') return `<rect x="${x}" y="${y + 2}" width="16" height="14" fill="${fillOf(s, prefix)}"/>`;
  const line = isLine(data) ? `<path d="M${x},${y + 9}h18" stroke="${colour}" stroke-width="2.5"/>` : '';
  return `${line}<path transform="translate(${x + 9},${y + 9})" d="${SYMBOL_PATHS[seriesStyle(s).symbol]}" fill="${colour}" stroke="#ffffff"/>`;
}

/** Symbols of the key, about 9 pixels wide. */
const SYMBOL_PATHS = {
  circle: 'M4.5,0A4.5,4.5,0,1,1,-4.5,0A4.5,4.5,0,1,1,4.5,0',
  square: 'M-4,-4H4V4H-4Z',
  triangle: 'M0,-5.5L4.8,3.2H-4.8Z',
  diamond: 'M0,-6L3.6,0L0,6L-3.6,0Z',
  star: 'M0,-6L1.4,-1.9H5.7L2.2,.7L3.5,4.9L0,2.3L-3.5,4.9L-2.2,.7L-5.7,-1.9H-1.4Z',
  wye: 'M1.6,.9V5H-1.6V.9L-5.1,-1.1L-3.5,-3.9L0,-1.9L3.5,-3.9L5.1,-1.1Z',
} as const;

function remarks(view: TableView, data: ChartData, options: ChartOptions): Block {
  const hollow = data.xs.some((x) => x.partPeriod !== null) && (isLine(data) || isColumns(data)) ? ['Part periods are drawn hollow or dashed'] : [];
  const cross = (isLine(data) || isColumns(data)) && data.points.some((p) => p.look === 'suppressed' || p.look === 'partner') ? ['× on the base line: suppressed'] : [];
  const dash = (isLine(data) || isColumns(data)) && data.points.some((p) => p.look === 'state') ? ['– on the base line: no number reported'] : [];
  const stacked = data.kind === 'stacked-bar' && data.points.some((p) => p.look === 'bounds') ? ['Stacks use the lower bound of every range'] : [];
  const bounds = data.kind !== 'stacked-bar' && data.points.some((p) => p.look === 'bounds') ? ['Dashed or pale ends show what is uncertain: up to the upper bound, or open where there is none'] : [];
  const source = options.standalone ? [`Source: ${view.meta.basis.coverage}. ${periodWords(view.meta.basis.period)}. Edition ${view.meta.basis.edition}`] : [];
  const lines = [...data.remarks, ...hollow, ...cross, ...dash, ...stacked, ...bounds, ...source].flatMap((r) => wrapText(`${r}.`.replace(/[.!?]\.$/, '.'), TEXT_SIZE - 1, options.width - 4));
  return { height: lines.length === 0 ? 4 : lines.length * (LINE - 2) + 8, markup: textLines(lines, 0, 12, `font-size="${TEXT_SIZE - 1}" fill="${QUIET}"`, LINE - 2) };
}

function watermark(width: number, height: number): string {
  const size = Math.round(Math.min(width / 7, height / 3));
  return `<text x="${width / 2}" y="${height / 2}" font-size="${size}" font-weight="bold" fill="#eceeef" text-anchor="middle" transform="rotate(-16 ${width / 2} ${height / 2})">SYNTHETIC</text>`;
}

function textLines(lines: readonly string[], x: number, y: number, attributes: string, lineHeight = LINE): string {
  return lines.map((line, i) => `<text x="${x}" y="${y + i * lineHeight}" ${attributes}>${escapeText(line)}</text>`).join('');
}

/** What the chart shows, for those who cannot see it. */
function describe(view: TableView, data: ChartData): string {
  const kind = { bar: 'Bar chart', 'stacked-bar': 'Stacked bar chart', line: 'Line chart', dot: 'Dot plot' }[data.kind];
  const by = [data.xLabel, data.seriesLabel, data.facetLabel].filter((l) => l !== null).join(', ');
  const synthetic = view.meta.synthetic ? 'SYNTHETIC data. ' : '';
  const numbered = data.points.filter((p) => p.lo !== null);
  const name = (p: ChartPoint): string => [data.xs[p.x]?.label, data.series[p.series], data.facets[p.facet]].filter((t) => t !== undefined && t !== '').join(', ');
  const largest = numbered.reduce<ChartPoint | null>((a, p) => (a === null || (p.lo ?? 0) > (a.lo ?? 0) ? p : a), null);
  const smallest = numbered.reduce<ChartPoint | null>((a, p) => (a === null || (p.lo ?? 0) < (a.lo ?? 0) ? p : a), null);
  const ends = largest === null || smallest === null ? 'No number can be shown.'
    : `Largest: ${name(largest)}, ${largest.text}. Smallest: ${name(smallest)}, ${smallest.text}.`;
  const held = data.held === '' ? '' : ` Held: ${data.held}.`;
  return `${synthetic}${kind} of ${view.meta.measure.label} by ${by}, ${formatNumber(data.points.length)} values.${held} ${ends} ${data.remarks.map((r) => `${r}.`).join(' ')} All numbers are in the table.`.replace(/\s+/g, ' ').replaceAll('..', '.');
}
