/**
 * Charts over time: lines, columns and stacked columns. A part period is hollow, a break is a marked rule that no line
 * crosses, and a withheld number is a cross on the base line.
 * @module
 */
import * as Plot from '@observablehq/plot';
import { formatNumber } from '@weighbridge/base';
import type { ChartData, ChartPoint } from './chart-data.ts';
import { GRID, INK, QUIET, fillOf, seriesStyle } from './palette.ts';
import { TEXT_SIZE, niceTicks, renderPlot } from './render-plot.ts';
import type { Panel } from './render-plot.ts';
import { textWidth, wrapText } from './text-width.ts';

const TOP = 24;
const LINE = 16;
/** Height of the plane in a chart of one panel, and of several. */
const PLANE = 260;
const SMALL_PLANE = 150;
/** With more periods than this, points lose their markers, except those that need one. */
const MANY_PERIODS = 40;

interface Frame {
  readonly width: number;
  readonly height: number;
  readonly left: number;
  readonly right: number;
  readonly bottom: number;
  readonly max: number;
  readonly step: number;
  readonly plane: number;
  readonly prefix: string;
}

/** One panel over time. `directLabels` names the lines at their ends, when there are several. */
export function timePanel(data: ChartData, points: readonly ChartPoint[], facet: number, width: number, max: number, prefix: string, directLabels: boolean, small: boolean): Panel {
  const plane = small ? SMALL_PLANE : PLANE;
  const stackOfShares = data.percent && data.kind === 'stacked-bar';
  const ticks = niceTicks(stackOfShares ? 100 : max, small ? 3 : 5);
  const top = stackOfShares ? Math.max(100, max) : ticks.at(-1) ?? 1;
  const left = 12 + Math.max(...ticks.map((t) => textWidth(tickText(t, data.percent), TEXT_SIZE - 1)));
  const labelRoom = directLabels ? Math.min(width * 0.24, Math.max(...data.series.map((s) => textWidth(s, TEXT_SIZE)))) : 0;
  const least = directLabels ? Math.ceil(labelRoom) + 30 : 16;
  const right = Math.max(least, labelOverhang(data, width - left - least));
  const step = (width - left - right) / data.xs.length;
  const labels = periodLabels(data, step);
  const bottom = 10 + Math.max(1, ...labels.map((l) => l.lines.length)) * LINE;
  const height = TOP + plane + bottom;
  const frame: Frame = { width, height, left, right, bottom, max: top, step, plane, prefix };
  const marks = [
    ...ticks.map((t) => Plot.ruleY([t], { stroke: t === 0 ? INK : GRID, x1: 0, x2: data.xs.length })),
    Plot.text([...ticks], { x: 0, y: (d: number) => d, text: (d: number) => tickText(d, data.percent), textAnchor: 'end', dx: -8, fill: QUIET, fontSize: TEXT_SIZE - 1 }),
    Plot.text([...labels], { x: 'x', y: 0, text: 'text', lineAnchor: 'top', dy: 8, fill: INK, fontSize: TEXT_SIZE - 1, lineHeight: LINE / (TEXT_SIZE - 1) }),
    ...breakMarks(data, frame),
    ...(data.kind === 'stacked-bar' ? stackedColumns(data, points, facet, frame) : data.kind === 'bar' ? columns(data, points, frame) : lines(data, points, frame)),
    ...(directLabels ? endLabels(data, points, frame, labelRoom) : []),
    ...withheldMarks(data, points),
  ];
  return renderPlot({ width, height }, { domain: [0, data.xs.length], range: [left, width - right] },
    { domain: [0, top], range: [height - bottom, TOP] }, marks);
}

function tickText(t: number, percent: boolean): string {
  return formatNumber(t) + (percent ? '%' : '');
}

/** How far the last label would reach beyond the plane, when the plane is `room` wide. */
function labelOverhang(data: ChartData, room: number): number {
  const step = room / data.xs.length;
  const last = periodLabels(data, step).at(-1);
  return last === undefined ? 0 : Math.ceil(last.width / 2 - (data.xs.length - last.x) * step + 4);
}

/** Labels of the periods, every n-th when they would touch; a part period says so. */
function periodLabels(data: ChartData, step: number): readonly { x: number; text: string; lines: readonly string[]; width: number }[] {
  const words = data.xs.flatMap((x) => x.label.split(' ')).map((w) => textWidth(w, TEXT_SIZE - 1));
  const room = Math.max(step - 6, 40, ...words.map((w) => Math.min(w, 110)));
  const all = data.xs.map((x, i) => {
    const lines = [...wrapText(x.label, TEXT_SIZE - 1, room), ...(x.partPeriod === null ? [] : ['part'])];
    return { x: i + 0.5, lines, text: lines.join('\n'), width: textWidth(lines.join('\n'), TEXT_SIZE - 1) };
  });
  const widest = Math.max(...all.map((l) => l.width)) + 8;
  const every = Math.max(1, Math.ceil(widest / step));
  return all.filter((_, i) => i % every === 0);
}

function breakMarks(data: ChartData, frame: Frame): Plot.Markish[] {
  return data.xs.flatMap((x, i) => (x.breakBefore === null ? [] : [
    Plot.ruleX([i], { stroke: INK, strokeWidth: 1.5, strokeDasharray: '2 3', y1: 0, y2: frame.max }),
    Plot.text(['break'], { x: i, y: frame.max, text: (d: string) => d, dy: -10, fontSize: TEXT_SIZE - 1, fill: INK, fontWeight: 'bold' }),
  ]));
}

function columns(data: ChartData, points: readonly ChartPoint[], frame: Frame): Plot.Markish[] {
  const fits = points.every((p) => textWidth(p.text, TEXT_SIZE - 1) + 4 <= frame.step);
  return points.flatMap((p) => {
    if (p.lo === null) return [];
    const { colour } = seriesStyle(p.series);
    const [x1, x2] = columnEdges(p.x, frame);
    const part = isPart(data, p);
    const look = part ? { fill: '#ffffff', stroke: colour, strokeDasharray: '4 3', strokeWidth: 1.5 } : { fill: fillOf(p.series, frame.prefix) };
    const range = p.hi === p.lo ? [] : [Plot.rect([0], { x1, x2, y1: p.lo, y2: endOf(p, frame), fill: '#ffffff', stroke: colour, strokeDasharray: '4 3' })];
    const text = fits ? [Plot.text([p.text], { x: p.x + 0.5, y: endOf(p, frame), text: (d: string) => d, dy: -9, fontSize: TEXT_SIZE - 1, fill: INK, stroke: '#ffffff', strokeWidth: 4 })] : [];
    return [Plot.rect([0], { x1, x2, y1: 0, y2: p.lo, ...look }), ...range, ...text];
  });
}

function stackedColumns(data: ChartData, points: readonly ChartPoint[], facet: number, frame: Frame): Plot.Markish[] {
  return data.xs.flatMap((_, x) => {
    let sum = 0;
    const [x1, x2] = columnEdges(x, frame);
    const segments: Plot.Markish[] = points.filter((p) => p.x === x && p.lo !== null && p.lo > 0).map((p) => {
      const from = sum;
      sum += p.lo ?? 0;
      const outline = isPart(data, p) ? { stroke: INK, strokeDasharray: '4 3', fillOpacity: 0.45 } : { stroke: '#ffffff' };
      return Plot.rect([0], { x1, x2, y1: from, y2: sum, fill: fillOf(p.series, frame.prefix), strokeWidth: 1, ...outline });
    });
    const total = data.totals.find((t) => t.x === x && t.facet === facet)?.text;
    const fits = total !== undefined && textWidth(total, TEXT_SIZE - 1) + 4 <= frame.step;
    return fits ? [...segments, Plot.text([total], { x: x + 0.5, y: sum, text: (d: string) => d, dy: -9, fontSize: TEXT_SIZE - 1, fill: INK })] : segments;
  });
}

/** Where the drawing of a number ends: at its upper bound, or a little above the lower one when it has none. */
function endOf(p: ChartPoint, frame: Frame): number {
  return p.hi ?? Math.min(frame.max, (p.lo ?? 0) + (14 * frame.max) / frame.plane);
}

function columnEdges(x: number, frame: Frame): readonly [number, number] {
  const half = Math.min(0.38, 36 / frame.step);
  return [x + 0.5 - half, x + 0.5 + half];
}

function lines(data: ChartData, points: readonly ChartPoint[], frame: Frame): Plot.Markish[] {
  return data.series.flatMap((_, s) => {
    const own = points.filter((p) => p.series === s).sort((a, b) => a.x - b.x);
    const { colour, symbol } = seriesStyle(s);
    const segments = own.flatMap((p, i) => {
      const q = own[i + 1];
      if (q === undefined || !isSingle(p) || !isSingle(q) || (data.xs[q.x]?.breakBefore ?? null) !== null) return [];
      const dashed = isPart(data, p) || isPart(data, q);
      return [Plot.link([0], { x1: p.x + 0.5, x2: q.x + 0.5, y1: p.lo ?? 0, y2: q.lo ?? 0, stroke: colour, strokeWidth: 2.5, strokeLinecap: 'round', ...(dashed ? { strokeDasharray: '2 5' } : {}) })];
    });
    const ranges = own.filter((p) => p.lo !== null && !isSingle(p)).map((p) =>
      Plot.link([0], { x1: p.x + 0.5, x2: p.x + 0.5, y1: p.lo ?? 0, y2: endOf(p, frame), stroke: colour, strokeWidth: 5, strokeOpacity: 0.6 }));
    const alone = (p: ChartPoint): boolean => !isSingle(own[p.x - 1]) && !isSingle(own[p.x + 1]);
    const marked = own.filter((p) => isSingle(p) && (data.xs.length <= MANY_PERIODS || isPart(data, p) || alone(p)));
    const dots = marked.map((p) => Plot.dot([0], {
      x: p.x + 0.5, y: p.lo ?? 0, r: frame.plane === PLANE ? 4.5 : 3, symbol, stroke: isPart(data, p) ? colour : '#ffffff', strokeWidth: isPart(data, p) ? 2 : 1, fill: isPart(data, p) ? '#ffffff' : colour,
    }));
    return [...segments, ...ranges, ...dots];
  });
}

/** Names at the ends of the lines, moved apart so that none covers another. */
function endLabels(data: ChartData, points: readonly ChartPoint[], frame: Frame, room: number): Plot.Markish[] {
  const scale = frame.plane / frame.max;
  const ends = data.series.flatMap((name, s) => {
    const last = points.filter((p) => p.series === s && p.lo !== null).sort((a, b) => b.x - a.x)[0];
    const text = wrapText(name, TEXT_SIZE, room);
    return [{ s, lines: text, y: TOP + frame.plane - (last?.lo ?? 0) * scale }];
  }).sort((a, b) => a.y - b.y || a.s - b.s);
  let floor = 0;
  const placed = ends.map((e) => {
    const height = e.lines.length * LINE;
    const top = Math.max(floor, e.y - height / 2);
    floor = top + height + 2;
    return { ...e, top, height };
  });
  const spill = Math.max(0, floor - (frame.height - frame.bottom + 8));
  let ceiling = Infinity;
  const settled = placed.reverse().map((e) => {
    const top = Math.min(spill > 0 ? Math.min(e.top, frame.height - frame.bottom + 8 - e.height) : e.top, ceiling - e.height - 2);
    ceiling = top;
    return { ...e, top };
  });
  return settled.flatMap((e) => [Plot.dot([0], {
    x: data.xs.length, y: (frame.height - frame.bottom - e.top) / scale, dx: 10, dy: LINE / 2, r: 4.5, symbol: seriesStyle(e.s).symbol, fill: seriesStyle(e.s).colour,
  }), Plot.text([e.lines.join('\n')], {
    x: data.xs.length, y: (frame.height - frame.bottom - e.top) / scale, text: (d: string) => d, dx: 20, textAnchor: 'start', lineAnchor: 'top', dy: 2,
    fontSize: TEXT_SIZE, lineHeight: LINE / TEXT_SIZE, fill: textColour(seriesStyle(e.s).colour), fontWeight: 'bold',
  })]);
}

/** Colours that are too light for text on white give way to the ink. */
function textColour(colour: string): string {
  return ['#28a197', '#f46a25', '#a285d1'].includes(colour) ? INK : colour;
}

function withheldMarks(data: ChartData, points: readonly ChartPoint[]): Plot.Markish[] {
  const gone = points.filter((p) => p.look === 'suppressed' || p.look === 'partner' || p.look === 'state');
  return gone.map((p) => Plot.text([p.look === 'state' ? '–' : '×'], {
    x: p.x + 0.5 + (p.series - (data.series.length - 1) / 2) * Math.min(0.15, 0.8 / data.series.length), y: 0, text: (d: string) => d, dy: -8,
    fill: seriesStyle(p.series).colour, fontSize: TEXT_SIZE + 2, fontWeight: 'bold', stroke: '#ffffff', strokeWidth: 3,
  }));
}

function isPart(data: ChartData, p: ChartPoint): boolean {
  return (data.xs[p.x]?.partPeriod ?? null) !== null;
}

function isSingle(p: ChartPoint | undefined): boolean {
  return p !== undefined && p.lo !== null && p.lo === p.hi;
}
