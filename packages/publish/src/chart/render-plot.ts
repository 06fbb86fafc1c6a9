/**
 * One Observable Plot drawn to SVG text without a browser: the same options give the same text.
 * Source: Observable Plot 0.6 and linkedom. Leaves out: Plot's legends (they turn the result into a figure), its own
 * style element (the page's content security policy refuses it) and its labels for assistive technology (the whole
 * chart is one image with a title and a description).
 * @module
 */
import * as Plot from '@observablehq/plot';
import { parseHTML } from 'linkedom';
import { cleanText } from '../html.ts';

export const FONT = 'Helvetica, Arial, sans-serif';
export const TEXT_SIZE = 13;

/** Inner markup of a plot with its size; `overflow` has no effect, so keep marks inside. */
export interface Panel {
  readonly width: number;
  readonly height: number;
  readonly inner: string;
}

/** The part of the DOM that is used here; the compiler has no DOM library. */
interface PlotElement {
  innerHTML: string;
  querySelectorAll(selector: string): Iterable<{
    remove(): void; removeAttribute(name: string): void; getAttribute(name: string): string | null; setAttribute(name: string, value: string): void;
  }>;
}

/** Attributes that hold coordinates. */
const GEOMETRY = ['x', 'y', 'x1', 'x2', 'y1', 'y2', 'cx', 'cy', 'r', 'dy', 'width', 'height', 'd', 'transform'];

const NO_INSET = { marginTop: 0, marginRight: 0, marginBottom: 0, marginLeft: 0 };

/** Draws marks on a plane where x and y are given their domains and pixel ranges outright; axes are marks too. */
export function renderPlot(
  size: { readonly width: number; readonly height: number },
  x: { readonly domain: readonly [number, number]; readonly range: readonly [number, number] },
  y: { readonly domain: readonly [number, number]; readonly range: readonly [number, number] },
  marks: Plot.Markish[],
): Panel {
  // The compiler has no DOM library, so Plot's type for `document` is unknown to it.
  const { document } = parseHTML('<html lang="en"><body></body></html>') as unknown as { readonly document: never };
  const element = Plot.plot({
    ...NO_INSET, document, width: size.width, height: size.height,
    x: { type: 'linear', domain: [...x.domain], range: [...x.range], axis: null },
    y: { type: 'linear', domain: [...y.domain], range: [...y.range], axis: null },
    marks,
  }) as unknown as PlotElement;
  for (const style of element.querySelectorAll('style')) style.remove();
  for (const name of ['aria-label', 'aria-hidden', 'aria-description']) {
    for (const labelled of element.querySelectorAll(`[${name}]`)) labelled.removeAttribute(name);
  }
  for (const name of GEOMETRY) {
    for (const drawn of element.querySelectorAll(`[${name}]`)) drawn.setAttribute(name, roundNumbers(drawn.getAttribute(name) ?? ''));
  }
  return { ...size, inner: cleanText(element.innerHTML) };
}

/** Coordinates to a hundredth of a pixel: shorter, and free of the last bits of floating point. */
function roundNumbers(text: string): string {
  return text.replace(/-?\d+\.\d{3,}/g, (n) => String(Math.round(Number(n) * 100) / 100));
}

/** Ticks from 0 to at least `max`, about `count` of them, whole numbers unless the scale is below 1. */
export function niceTicks(max: number, count: number): readonly number[] {
  if (max <= 0) return [0, 1];
  const rough = max / Math.max(1, count);
  const power = 10 ** Math.floor(Math.log10(rough));
  const factor = [1, 2, 5, 10].find((f) => f * power >= rough) ?? 10;
  const step = max >= 1 ? Math.max(1, Math.round(factor * power)) : factor * power;
  const last = Math.ceil(max / step - 1e-9);
  return Array.from({ length: last + 1 }, (_, i) => Number((i * step).toPrecision(12)));
}
