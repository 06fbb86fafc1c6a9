/**
 * Synthetic pictures for experiments: four families, each picture drawn from a seed. They show nothing and nobody.
 * They stand in for photographs only where a result does not depend on what photographs have in common; false positives on real pictures
 * cannot be had from them. Summing octaves of noise: docs/references.md#perlin-1985.
 * @module
 */
import { refuse } from '@weighbridge/base';
import type { SeededRandom } from '../random.ts';
import { blankImage, toEightBits } from './luminance-image.ts';
import type { LuminanceImage } from './luminance-image.ts';

/**
 * `landscape`: summed octaves of value noise, some with a horizon. `shapes`: discs and blocks on a gradient.
 * `text`: lines of strokes on a page. `mosaic`: cells around random points, each with stripes of its own.
 */
export const IMAGE_FAMILIES = ['landscape', 'shapes', 'text', 'mosaic'] as const;
export type ImageFamily = (typeof IMAGE_FAMILIES)[number];

/**
 * One synthetic 8-bit picture. The same stream, family and size give the same picture for ever.
 * @param random - a stream of its own for this picture: it is drawn from
 * @throws Refusal LAB_IMAGE_SIZE when a side is not a whole number from 32 to 2048
 */
export function generateImage(random: SeededRandom, family: ImageFamily, width: number, height: number): LuminanceImage {
  for (const side of [width, height]) {
    if (!Number.isInteger(side) || side < 32 || side > 2048) refuse('LAB_IMAGE_SIZE', `a side is a whole number from 32 to 2048, got ${side}`, {}, 'ask for a synthetic picture of another size');
  }
  const image = blankImage(width, height);
  PAINTERS[family](image, random);
  return toEightBits(image);
}

/** Paints into an image that is black at first. */
type Painter = (image: LuminanceImage, random: SeededRandom) => void;

const PAINTERS: Readonly<Record<ImageFamily, Painter>> = { landscape: paintLandscape, shapes: paintShapes, text: paintText, mosaic: paintMosaic };

const between = (random: SeededRandom, low: number, high: number): number => low + (high - low) * random.uniform();

function paintLandscape(image: LuminanceImage, random: SeededRandom): void {
  const { values, width, height } = image;
  const octaves = 4 + random.below(4);
  const persistence = between(random, 0.45, 0.7);
  let cells = 2 + random.below(3);
  let amplitude = 1;
  for (let octave = 0; octave < octaves; octave += 1) {
    addValueNoise(image, random, cells, amplitude);
    cells *= 2;
    amplitude *= persistence;
  }
  if (random.uniform() < 0.5) {
    const horizon = between(random, 0.3, 0.7) * height;
    const slope = between(random, -0.2, 0.2);
    const lift = between(random, 0.5, 1.2) * (random.below(2) === 0 ? 1 : -1);
    each(image, (at, x, y) => {
      if (y > horizon + slope * (x - width / 2)) values[at] = (values[at] as number) + lift;
    });
  }
  stretch(image);
}

/** Adds smooth noise with `cells` lattice cells along the longer side, values between −amplitude and amplitude. */
function addValueNoise(image: LuminanceImage, random: SeededRandom, cells: number, amplitude: number): void {
  const { width, height, values } = image;
  const size = Math.max(width, height) / cells;
  const columns = Math.ceil(width / size) + 2;
  const rows = Math.ceil(height / size) + 2;
  const lattice = Float64Array.from(random.bytes(columns * rows), (byte) => (byte / 127.5 - 1) * amplitude);
  const smooth = (t: number): number => t * t * (3 - 2 * t);
  for (let y = 0; y < height; y += 1) {
    const row = Math.floor(y / size);
    const v = smooth(y / size - row);
    for (let x = 0; x < width; x += 1) {
      const column = Math.floor(x / size);
      const u = smooth(x / size - column);
      const at = row * columns + column;
      const top = (lattice[at] as number) * (1 - u) + (lattice[at + 1] as number) * u;
      const bottom = (lattice[at + columns] as number) * (1 - u) + (lattice[at + columns + 1] as number) * u;
      values[y * width + x] = (values[y * width + x] as number) + top * (1 - v) + bottom * v;
    }
  }
}

function paintShapes(image: LuminanceImage, random: SeededRandom): void {
  const { width, height, values } = image;
  const angle = between(random, 0, 2 * Math.PI);
  const low = between(random, 20, 120);
  const high = between(random, 130, 240);
  each(image, (at, x, y) => {
    const along = ((x / width - 0.5) * Math.cos(angle) + (y / height - 0.5) * Math.sin(angle)) / Math.SQRT2 + 0.5;
    values[at] = low + (high - low) * along;
  });
  const count = 12 + random.below(30);
  for (let i = 0; i < count; i += 1) paintShape(image, random);
}

/** A turned disc or block, filled with one grey that fades along its length. */
function paintShape(image: LuminanceImage, random: SeededRandom): void {
  const { width, height, values } = image;
  const side = Math.min(width, height);
  const cx = between(random, 0, width);
  const cy = between(random, 0, height);
  const a = between(random, 0.03, 0.25) * side;
  const b = between(random, 0.03, 0.25) * side;
  const turn = between(random, 0, Math.PI);
  const disc = random.below(2) === 0;
  const grey = between(random, 0, 255);
  const fade = between(random, -60, 60);
  const reach = Math.ceil(Math.hypot(a, b));
  const [cos, sin] = [Math.cos(turn), Math.sin(turn)];
  eachWithin(image, cx - reach, cy - reach, cx + reach, cy + reach, (at, x, y) => {
    const u = ((x - cx) * cos + (y - cy) * sin) / a;
    const v = ((y - cy) * cos - (x - cx) * sin) / b;
    if (disc ? u * u + v * v <= 1 : Math.abs(u) <= 1 && Math.abs(v) <= 1) values[at] = grey + fade * u;
  });
}

/** Lines of words, words of glyphs, glyphs of strokes; one or two columns, headings larger than the text. */
function paintText(image: LuminanceImage, random: SeededRandom): void {
  const { width, height, values } = image;
  const dark = random.uniform() < 0.25;
  const paper = dark ? between(random, 10, 60) : between(random, 190, 250);
  const ink = dark ? between(random, 180, 250) : between(random, 0, 60);
  values.fill(paper);
  const columns = 1 + random.below(2);
  const margin = between(random, 0.03, 0.12) * width;
  const base = between(random, 0.035, 0.09) * height;
  for (let column = 0; column < columns; column += 1) {
    const left = margin + (column * (width - margin)) / columns;
    const right = margin + ((column + 1) * (width - margin)) / columns - margin;
    let y = between(random, 0.02, 0.15) * height;
    while (y < height) {
      const size = random.uniform() < 0.15 ? base * between(random, 1.4, 2.4) : base;
      const end = random.uniform() < 0.25 ? left + (right - left) * between(random, 0.2, 0.9) : right;
      if (random.uniform() > 0.12) paintLine(image, random, left, end, y, size, ink);
      y += size * between(random, 1.25, 1.6);
    }
  }
}

function paintLine(image: LuminanceImage, random: SeededRandom, left: number, end: number, y: number, size: number, ink: number): void {
  let x = left;
  let glyphs = 2 + random.below(8);
  while (x + size * 0.5 < end) {
    const wide = size * between(random, 0.35, 0.65);
    const strokes = 2 + random.below(3);
    for (let s = 0; s < strokes; s += 1) {
      const thick = Math.max(1, size * 0.16);
      if (random.below(2) === 0) paintBlock(image, x + random.uniform() * (wide - thick), y, thick, size * between(random, 0.6, 1), ink);
      else paintBlock(image, x, y + random.uniform() * (size - thick), wide, thick, ink);
    }
    glyphs -= 1;
    x += wide * 1.25;
    if (glyphs === 0) {
      x += size * 0.5;
      glyphs = 2 + random.below(8);
    }
  }
}

function paintBlock(image: LuminanceImage, left: number, top: number, width: number, height: number, grey: number): void {
  // Whole elements, at least one each way: a stroke thinner than an element is still drawn.
  const x = Math.round(left);
  const y = Math.round(top);
  eachWithin(image, x, y, x + Math.max(1, Math.round(width)) - 1, y + Math.max(1, Math.round(height)) - 1, (at) => {
    image.values[at] = grey;
  });
}

function paintMosaic(image: LuminanceImage, random: SeededRandom): void {
  const { width, height, values } = image;
  const cells = Array.from({ length: 10 + random.below(40) }, () => ({
    x: between(random, 0, width), y: between(random, 0, height), grey: between(random, 20, 235), depth: between(random, 0, 60),
    // Up to 20 stripes across the picture.
    fx: between(random, -20, 20) / width, fy: between(random, -20, 20) / height,
  }));
  each(image, (at, x, y) => {
    let nearest = cells[0];
    let least = Infinity;
    for (const cell of cells) {
      const distance = (cell.x - x) ** 2 + (cell.y - y) ** 2;
      if (distance < least) [least, nearest] = [distance, cell];
    }
    if (nearest) values[at] = nearest.grey + nearest.depth * Math.sin(2 * Math.PI * (nearest.fx * x + nearest.fy * y));
  });
}

/** Brings the values to the whole range, 0 to 255. */
function stretch(image: LuminanceImage): void {
  const { values } = image;
  let low = Infinity;
  let high = -Infinity;
  for (const value of values) {
    if (value < low) low = value;
    if (value > high) high = value;
  }
  const scale = high > low ? 255 / (high - low) : 0;
  for (let i = 0; i < values.length; i += 1) values[i] = ((values[i] as number) - low) * scale;
}

function each(image: LuminanceImage, visit: (at: number, x: number, y: number) => void): void {
  eachWithin(image, 0, 0, image.width - 1, image.height - 1, visit);
}

/** Visits the elements of a rectangle, ends included, as far as it lies in the image. */
function eachWithin(image: LuminanceImage, left: number, top: number, right: number, bottom: number, visit: (at: number, x: number, y: number) => void): void {
  const x1 = Math.min(image.width - 1, Math.floor(right));
  const y1 = Math.min(image.height - 1, Math.floor(bottom));
  for (let y = Math.max(0, Math.ceil(top)); y <= y1; y += 1) {
    for (let x = Math.max(0, Math.ceil(left)); x <= x1; x += 1) visit(y * image.width + x, x, y);
  }
}
