/**
 * Horizontal charts: bars, grouped bars, stacked bars and dots, one row a category, with the number beside each bar.
 * Long names wrap in the margin; on a narrow page they stand above their bars.
 * @module
 */
import * as Plot from '@observablehq/plot';
import { formatNumber } from '@weighbridge/base';
import type { ChartData, ChartPoint } from './chart-data.ts';
import { GRID, INK, QUIET, fillOf, seriesStyle } from './palette.ts';
import type { SeriesStyle } from './palette.ts';
import { TEXT_SIZE, niceTicks, renderPlot } from './render-plot.ts';
import type { Panel } from './render-plot.ts';
import { textWidth, wrapText } from './text-width.ts';

const LINE = 16;
const BAR = 20;
const GROUPED_BAR = 17;
const GAP = 12;
const AXIS = 26;
const INDENT = 14;

interface Row {
  readonly lines: readonly string[];
  readonly indent: number;
  /** Top of the label and of the bars, and the end of the row. */
  readonly top: number;
  readonly barsTop: number;
  readonly bottom: number;
}

interface Frame {
  readonly width: number;
  readonly height: number;
  readonly left: number;
  readonly right: number;
  readonly max: number;
  readonly above: boolean;
  readonly rows: readonly Row[];
  readonly barHeight: number;
  readonly axis: boolean;
  readonly prefix: string;
}

/** One panel of rows; `max` is the common end of the scale of all panels. */
export function rowsPanel(data: ChartData, points: readonly ChartPoint[], facet: number, width: number, max: number, prefix: string): Panel {
  const frame = frameOf(data, points, facet, width, max, prefix);
  const marks = [
    ...(frame.axis ? axisMarks(frame, data.percent) : []),
    ...(data.kind === 'stacked-bar' ? stackMarks(data, points, facet, frame) : data.kind === 'dot' ? dotMarks(data, points, frame) : barMarks(points, frame)),
    ...baseLine(frame),
    ...labelMarks(frame),
  ];
  return renderPlot({ width, height: frame.height }, { domain: [0, frame.max], range: [frame.left, width - frame.right] },
    { domain: [0, frame.height], range: [0, frame.height] }, marks);
}

function frameOf(data: ChartData, points: readonly ChartPoint[], facet: number, width: number, max: number, prefix: string): Frame {
  const widest = Math.max(0, ...data.xs.map((x) => textWidth(x.label, TEXT_SIZE) + x.depth * INDENT));
  const above = width < 480 && widest > 90;
  const room = above ? width - 8 : Math.min(widest, Math.max(110, width * 0.36));
  const axis = data.kind === 'stacked-bar' || (data.kind === 'dot' && data.series.length > 1);
  const left = above ? (axis ? 12 : 2) : Math.ceil(room) + 12;
  const texts = data.kind === 'stacked-bar' ? data.xs.map((_, x) => stackWords(data.totals.find((t) => t.x === x && t.facet === facet)?.text ?? '', points.filter((p) => p.x === x)))
    : axis ? [] : points.map((p) => p.text);
  const right = Math.min(width * 0.4, (points.some((p) => p.lo !== null && p.hi === null) ? OPEN_END : 0) + 14 + Math.max(data.percent && axis ? 16 : 0, ...texts.map((t) => textWidth(t, TEXT_SIZE))));
  const perRow = data.kind === 'bar' ? data.series.length : 1;
  const barHeight = perRow > 1 ? GROUPED_BAR : BAR;
  let y = 2;
  const rows = data.xs.map((x) => {
    const part = x.partPeriod === null ? '' : ' (part period)';
    const lines = wrapText(x.label + part, TEXT_SIZE, room - x.depth * INDENT);
    const label = lines.length * LINE;
    const bars = perRow * barHeight;
    const height = above ? label + 2 + bars : Math.max(label, bars);
    const barsTop = above ? y + label + 2 : y + (height - bars) / 2;
    const row = { lines, indent: x.depth * INDENT, top: above ? y : y + (height - label) / 2, barsTop, bottom: y + height };
    y += height + (perRow > 1 ? GAP + 4 : GAP);
    return row;
  });
  return { width, height: Math.ceil(y - GAP / 2 + (axis ? AXIS : 0)), left, right, max: max > 0 ? max : 1, above, rows, barHeight, axis, prefix };
}

function labelMarks(frame: Frame): Plot.Markish[] {
  const data = frame.rows.map((r) => ({ y: r.top + LINE / 2, text: r.lines.join('\n'), dx: r.indent }));
  const base = { x: 0, y: 'y', text: 'text', fill: INK, lineHeight: LINE / TEXT_SIZE, fontSize: TEXT_SIZE } as const;
  return [...Map.groupBy(data, (d) => d.dx)].map(([dx, group]) =>
    frame.above
      ? Plot.text(group, { ...base, textAnchor: 'start', lineAnchor: 'top', dx: dx + 1 - frame.left, dy: -LINE / 2 })
      : Plot.text(group.map((g) => ({ ...g, y: g.y - LINE / 2 })), { ...base, textAnchor: dx === 0 && !hasIndent(frame) ? 'end' : 'start', lineAnchor: 'top', dx: dx === 0 && !hasIndent(frame) ? -10 : dx - frame.left + 2, dy: 1 }));
}

/** One line down all rows, or one a row where names stand between the bars. */
function baseLine(frame: Frame): Plot.Markish[] {
  if (!frame.above) return [Plot.ruleX([0], { y1: 0, y2: frame.height - (frame.axis ? AXIS : 0), stroke: INK, strokeWidth: 1 })];
  return frame.rows.map((row) => Plot.link([0], { x1: 0, x2: 0, y1: row.barsTop - 1, y2: row.bottom + 1, stroke: INK, strokeWidth: 1 }));
}

/** With levels, names are set from the left so that the indent can be seen. */
function hasIndent(frame: Frame): boolean {
  return frame.rows.some((r) => r.indent > 0);
}

function barMarks(points: readonly ChartPoint[], frame: Frame): Plot.Markish[] {
  return points.flatMap((p) => {
    const row = frame.rows[p.x];
    if (row === undefined) return [];
    const y1 = row.barsTop + p.series * frame.barHeight + 1;
    const y2 = y1 + frame.barHeight - 2;
    return [...rangeBar(p, y1, y2, frame), numberBeside(p, (y1 + y2) / 2, frame)];
  });
}

/** Pixels by which an open end is drawn beyond its lower bound. */
const OPEN_END = 16;

/** Where the drawing of a number ends: at its upper bound, or a little beyond the lower one when it has none. */
function endOf(p: ChartPoint, frame: Frame): number {
  return p.hi ?? (p.lo ?? 0) + (OPEN_END * frame.max) / (frame.width - frame.left - frame.right);
}

/** The certain part solid, the uncertain part outlined. */
function rangeBar(p: ChartPoint, y1: number, y2: number, frame: Frame): Plot.Markish[] {
  if (p.lo === null) return [];
  const fill = fillOf(p.series, frame.prefix);
  const solid = Plot.rect([0], { x1: 0, x2: p.lo, y1, y2, fill });
  const end = endOf(p, frame);
  if (end <= p.lo) return [solid];
  return [solid, Plot.rect([0], { x1: p.lo, x2: end, y1, y2, fill: '#ffffff', stroke: seriesStyle(p.series).colour, strokeDasharray: '4 3', strokeWidth: 1.5 })];
}

function numberBeside(p: ChartPoint, y: number, frame: Frame): Plot.Markish {
  const quiet = p.lo === null;
  return Plot.text([p.text], {
    x: p.lo === null ? 0 : endOf(p, frame), y, text: (d: string) => d, textAnchor: 'start', dx: 6, dy: 1, fontSize: TEXT_SIZE,
    fill: quiet ? QUIET : INK, ...(quiet ? { fontStyle: 'italic' } : {}),
  });
}

function stackMarks(data: ChartData, points: readonly ChartPoint[], facet: number, frame: Frame): Plot.Markish[] {
  const scale = (frame.width - frame.left - frame.right) / frame.max;
  return data.xs.flatMap((_, x) => {
    const row = frame.rows[x];
    if (row === undefined) return [];
    const [y1, y2] = [row.barsTop, row.barsTop + frame.barHeight];
    let sum = 0;
    const segments = points.filter((p) => p.x === x && p.lo !== null && p.lo > 0).flatMap((p) => {
      const from = sum;
      sum += p.lo ?? 0;
      const fits = textWidth(p.text, TEXT_SIZE - 1) + 8 <= (sum - from) * scale;
      const style = seriesStyle(p.series);
      return [
        Plot.rect([0], { x1: from, x2: sum, y1, y2, fill: fillOf(p.series, frame.prefix), stroke: '#ffffff', strokeWidth: 1 }),
        ...(fits ? segmentNumber(p.text, (from + sum) / 2, y1, y2, scale, style) : []),
      ];
    });
    const total = stackWords(data.totals.find((t) => t.x === x && t.facet === facet)?.text ?? '', points.filter((p) => p.x === x));
    return total === '' ? segments : [...segments, Plot.text([total], {
      x: sum, y: (y1 + y2) / 2, text: (d: string) => d, textAnchor: 'start', dx: 6, dy: 1, fontSize: TEXT_SIZE, fill: INK,
    })];
  });
}

/** A number on a plain ground in the segment's colour, so that no pattern runs through it. */
function segmentNumber(text: string, x: number, y1: number, y2: number, scale: number, style: SeriesStyle): Plot.Markish[] {
  const half = (textWidth(text, TEXT_SIZE - 1) / 2 + 2) / scale;
  return [
    ...(style.pattern === 'solid' ? [] : [Plot.rect([0], { x1: x - half, x2: x + half, y1: y1 + 2, y2: y2 - 2, fill: style.colour })]),
    Plot.text([text], { x, y: (y1 + y2) / 2, text: (d: string) => d, dy: 1, fontSize: TEXT_SIZE - 1, fill: style.textOn }),
  ];
}

/** What stands at the end of a stack: its total, and what could not be drawn in it. */
function stackWords(total: string, points: readonly ChartPoint[]): string {
  const gone = points.filter((p) => p.lo === null);
  const [first] = gone;
  if (first === undefined) return total;
  if (gone.length === points.length) return total === '' ? first.text : total;
  const withheld = gone.every((p) => p.look === 'suppressed' || p.look === 'partner');
  const words = `${gone.length} ${withheld ? 'suppressed' : 'not shown'}`;
  return total === '' ? words : `${total} (${words})`;
}

function dotMarks(data: ChartData, points: readonly ChartPoint[], frame: Frame): Plot.Markish[] {
  const single = data.series.length === 1;
  const guides = frame.rows.map((row) => {
    const y = row.barsTop + frame.barHeight / 2;
    return Plot.link([0], { x1: 0, x2: frame.max, y1: y, y2: y, stroke: GRID });
  });
  return [...guides, ...points.flatMap((p) => {
    const row = frame.rows[p.x];
    if (row === undefined) return [];
    const y = row.barsTop + frame.barHeight / 2;
    const { colour, symbol } = seriesStyle(p.series);
    const number = single ? [numberBeside(p, y, frame)] : [];
    if (p.lo === null) return number;
    const range = p.hi === p.lo ? [] : [Plot.link([0], { x1: p.lo, x2: endOf(p, frame), y1: y, y2: y, stroke: colour, strokeWidth: 4, strokeOpacity: 0.5 })];
    const dots = [...new Set([p.lo, p.hi ?? p.lo])];
    return [...range, Plot.dot(dots, { x: (d: number) => d, y: () => y, r: 6, symbol, fill: colour, stroke: '#ffffff', strokeWidth: 1 }), ...number];
  })];
}

function axisMarks(frame: Frame, percent: boolean): Plot.Markish[] {
  const end = frame.height - AXIS;
  const ticks = axisTicks(frame, percent);
  return [
    ...ticks.map((t) => Plot.ruleX([t], { y1: 0, y2: end, stroke: GRID })),
    Plot.text([...ticks], { x: (d: number) => d, y: end + 14, text: (d: number) => formatNumber(d) + (percent ? '%' : ''), fill: QUIET, fontSize: TEXT_SIZE - 1 }),
  ];
}

function axisTicks(frame: Frame, percent: boolean): readonly number[] {
  const room = frame.width - frame.left - frame.right;
  if (percent && frame.max >= 100) return room > 240 ? [0, 20, 40, 60, 80, 100] : [0, 50, 100];
  return niceTicks(frame.max, Math.max(1, Math.floor(room / (textWidth(formatNumber(frame.max), TEXT_SIZE) + 36)))).filter((t) => t <= frame.max);
}
