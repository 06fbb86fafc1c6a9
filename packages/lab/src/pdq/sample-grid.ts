/**
 * The first half of PDQ: two passes of a box filter along both axes, then one sample for each cell of a 64 × 64 grid.
 * Source: docs/references.md#pdq-2019 ("Jarosz filter"; the window is a 128th of the side, rounded up).
 * The filter is linear and its axes are separable. So only the 64 × 64 values that are kept are computed, each as one weighted sum whose
 * weights are two boxes one after the other. The result equals filtering the whole image, up to the rounding of the last digit.
 * @module
 */
import type { LuminanceImage } from './luminance-image.ts';

/** Side of the grid of samples. */
export const GRID = 64;

/** For each of the 64 samples along an axis: the first element that counts and the weights from there on, one sample after the other. */
interface AxisWeights {
  readonly first: Int32Array;
  readonly offset: Int32Array;
  readonly weights: Float64Array;
}

/** The 64 × 64 samples, row after row. */
export function sampleGrid(image: LuminanceImage): Float64Array {
  return sampleColumns(sampleRows(image), image.height);
}

/** Every row brought to 64 samples. The arrays are held by names of the loop's own: it is the hot one of the whole hash. */
function sampleRows({ width, height, values }: LuminanceImage): Float64Array {
  const { first, offset, weights } = axisWeights(width);
  const rows = new Float64Array(height * GRID);
  for (let y = 0, out = 0, line = 0; y < height; y += 1, line += width) {
    for (let s = 0; s < GRID; s += 1, out += 1) {
      const end = offset[s + 1] as number;
      let at = line + (first[s] as number);
      let sum = 0;
      for (let w = offset[s] as number; w < end; w += 1, at += 1) sum += (weights[w] as number) * (values[at] as number);
      rows[out] = sum;
    }
  }
  return rows;
}

function sampleColumns(rows: Float64Array, height: number): Float64Array {
  const { first, offset, weights } = axisWeights(height);
  const grid = new Float64Array(GRID * GRID);
  for (let s = 0; s < GRID; s += 1) {
    const end = offset[s + 1] as number;
    let from = (first[s] as number) * GRID;
    for (let w = offset[s] as number; w < end; w += 1, from += GRID) {
      const weight = weights[w] as number;
      const to = s * GRID;
      for (let i = 0; i < GRID; i += 1) grid[to + i] = (grid[to + i] as number) + weight * (rows[from + i] as number);
    }
  }
  return grid;
}

/** Weights depend on the length of the side alone; the few lengths of a run are kept. */
const KEPT = new Map<number, AxisWeights>();
const KEPT_MOST = 64;

function axisWeights(side: number): AxisWeights {
  const kept = KEPT.get(side);
  if (kept) return kept;
  const window = Math.ceil(side / (2 * GRID));
  // A window of even width reaches one element further ahead than back.
  const ahead = Math.floor(window / 2);
  const back = window - 1 - ahead;
  const first = new Int32Array(GRID);
  const offset = new Int32Array(GRID + 1);
  const weights: number[] = [];
  for (let s = 0; s < GRID; s += 1) {
    const own = twoBoxes(Math.floor(((s + 0.5) * side) / GRID), side, back, ahead);
    first[s] = own.first;
    weights.push(...own.weights);
    offset[s + 1] = weights.length;
  }
  const made = { first, offset, weights: Float64Array.from(weights) };
  if (KEPT.size >= KEPT_MOST) KEPT.clear();
  KEPT.set(side, made);
  return made;
}

/** The mean of the means around a place; a window that reaches over the edge is cut there and divided by what is left of it. */
function twoBoxes(place: number, side: number, back: number, ahead: number): { readonly first: number; readonly weights: readonly number[] } {
  const from = (at: number): number => Math.max(0, at - back);
  const to = (at: number): number => Math.min(side - 1, at + ahead);
  const first = from(from(place));
  const weights = new Array<number>(to(to(place)) - first + 1).fill(0);
  const outer = to(place) - from(place) + 1;
  for (let p = from(place); p <= to(place); p += 1) {
    const inner = to(p) - from(p) + 1;
    for (let q = from(p); q <= to(p); q += 1) weights[q - first] = (weights[q - first] as number) + 1 / (outer * inner);
  }
  return { first, weights };
}
