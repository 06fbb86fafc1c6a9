/**
 * What a sender can do to a picture before sending it: thirty-odd changes of one picture, each with a fixed strength and a name.
 * None of them looks at a hash. The block quantiser is like JPEG (its transform, its luminance table and the usual scaling by quality,
 * docs/references.md#itu-t81); it is not a JPEG file and leaves out colour and entropy coding, which do not change luminance.
 * @module
 */
import type { SeededRandom } from '../random.ts';
import { blankImage, toEightBits } from './luminance-image.ts';
import type { LuminanceImage } from './luminance-image.ts';
import { cut, remap, resize } from './resample.ts';

/** One change, with what people read about it and the change itself: a new 8-bit image, the given one stays as it is. */
export interface Transformation {
  readonly id: string;
  readonly label: string;
  readonly apply: (image: LuminanceImage, random: SeededRandom) => LuminanceImage;
}

/** Every change that is measured, in the order in which it is shown. Only noise draws from the stream. */
export const TRANSFORMATIONS: readonly Transformation[] = [
  ...[50, 25, 200].map((percent) => change(`rescale-${percent}`, `rescaled to ${percent} %`, (i) => resize(i, part(i.width, percent), part(i.height, percent)))),
  ...[2, 5, 10, 20].map((percent) => change(`crop-${percent}`, `cropped by ${percent} % of width and height, about the middle`, (i) => crop(i, percent))),
  ...[2, 5, 10].map((percent) => change(`border-${percent}`, `black border of ${percent} % of the side on every side`, (i) => border(i, percent, 0))),
  ...[-40, 40].map((levels) => change(`brightness${levels > 0 ? '+' : ''}${levels}`, `brightness ${levels > 0 ? 'raised' : 'lowered'} by ${Math.abs(levels)} levels`, (i) => mapLevels(i, (v) => v + levels))),
  ...[50, 150].map((percent) => change(`contrast-${percent}`, `contrast ${percent} % about mid grey`, (i) => mapLevels(i, (v) => 127.5 + ((v - 127.5) * percent) / 100))),
  ...[0.5, 2].map((gamma) => change(`gamma-${gamma}`, `gamma ${gamma}`, (i) => mapLevels(i, (v) => 255 * (Math.max(0, v) / 255) ** gamma))),
  ...[1, 3].map((sigma) => change(`blur-${sigma}`, `Gaussian blur, standard deviation ${sigma}`, (i) => blur(i, sigma))),
  ...[5, 15, 30, 60].map((sigma) => change(`noise-${sigma}`, `Gaussian noise, standard deviation ${sigma} levels`, (i, random) => addNoise(i, sigma, random))),
  ...[75, 30, 10].map((quality) => change(`blocks-${quality}`, `JPEG-like block quantisation, quality ${quality}`, (i) => quantiseBlocks(i, quality))),
  ...[10, 20].map((percent) => change(`band-${percent}`, `light band with text-like marks over the lowest ${percent} %`, (i) => textBand(i, percent))),
  ...[1, 3, 10].map((degrees) => change(`tilt-${degrees}`, `turned by ${degrees}° about the middle, edges continued`, (i) => tilt(i, degrees))),
  change('rotate-90', 'turned by 90°, counter-clockwise', rotate90),
  change('rotate-180', 'turned by 180°', (i) => rotate90(rotate90(i))),
  change('rotate-270', 'turned by 270°, counter-clockwise', (i) => rotate90(rotate90(rotate90(i)))),
  change('flip-x', 'mirrored top to bottom', flipX),
  change('flip-y', 'mirrored left to right', (i) => rotate90(rotate90(flipX(i)))),
  change('flip-plus-1', 'mirrored at the falling diagonal', (i) => rotate90(rotate90(rotate90(flipX(i))))),
  change('flip-minus-1', 'mirrored at the rising diagonal', (i) => rotate90(flipX(i))),
  change('invert', 'negative', (i) => mapLevels(i, (v) => 255 - v)),
];

/** Removes `percent` % of the width and of the height, half of it on each side. */
export function crop(image: LuminanceImage, percent: number): LuminanceImage {
  const width = part(image.width, 100 - percent);
  const height = part(image.height, 100 - percent);
  return cut(image, Math.floor((image.width - width) / 2), Math.floor((image.height - height) / 2), width, height);
}

/** Adds Gaussian noise of standard deviation `sigma` grey levels to every element, before rounding to 8 bits. */
export function addNoise(image: LuminanceImage, sigma: number, random: SeededRandom): LuminanceImage {
  return addField(image, sigma, gaussianField(random, image.values.length));
}

/** Adds `sigma` times a field of noise that was drawn before, so that one field serves several strengths. */
export function addField(image: LuminanceImage, sigma: number, field: Float32Array): LuminanceImage {
  const out = blankImage(image.width, image.height);
  for (let i = 0; i < out.values.length; i += 1) out.values[i] = (image.values[i] as number) + sigma * (field[i] as number);
  return toEightBits(out);
}

/** `count` standard normal numbers (Box and Muller). Two 16-bit draws make two of them: many times faster than one by one. */
export function gaussianField(random: SeededRandom, count: number): Float32Array {
  const bytes = random.bytes(2 * (count + (count % 2)));
  const draw = (i: number): number => ((bytes[2 * i] as number) * 256 + (bytes[2 * i + 1] as number) + 0.5) / 65_536;
  const out = new Float32Array(count);
  for (let i = 0; i < count; i += 2) {
    const radius = Math.sqrt(-2 * Math.log(draw(i)));
    const angle = 2 * Math.PI * draw(i + 1);
    out[i] = radius * Math.cos(angle);
    if (i + 1 < count) out[i + 1] = radius * Math.sin(angle);
  }
  return out;
}

function change(id: string, label: string, apply: Transformation['apply']): Transformation {
  return { id, label, apply: (image, random) => toEightBits(apply(image, random)) };
}

function part(side: number, percent: number): number {
  return Math.max(1, Math.round((side * percent) / 100));
}

function mapLevels(image: LuminanceImage, level: (value: number) => number): LuminanceImage {
  const out = blankImage(image.width, image.height);
  for (let i = 0; i < out.values.length; i += 1) out.values[i] = level(image.values[i] as number);
  return out;
}

function border(image: LuminanceImage, percent: number, grey: number): LuminanceImage {
  const across = Math.max(1, Math.round((image.width * percent) / 100));
  const down = Math.max(1, Math.round((image.height * percent) / 100));
  const out = blankImage(image.width + 2 * across, image.height + 2 * down);
  out.values.fill(grey);
  for (let y = 0; y < image.height; y += 1) {
    out.values.set(image.values.subarray(y * image.width, (y + 1) * image.width), (y + down) * out.width + across);
  }
  return out;
}

function blur(image: LuminanceImage, sigma: number): LuminanceImage {
  const reach = Math.ceil(3 * sigma);
  const weights = Array.from({ length: 2 * reach + 1 }, (_, i) => Math.exp(-((i - reach) ** 2) / (2 * sigma * sigma)));
  const sum = weights.reduce((a, b) => a + b, 0);
  const { width, height } = image;
  let from = image.values;
  for (const [dx, dy] of [[1, 0], [0, 1]] as const) {
    const to = new Float32Array(from.length);
    for (let y = 0; y < height; y += 1) {
      for (let x = 0; x < width; x += 1) {
        let value = 0;
        for (let k = -reach; k <= reach; k += 1) {
          const sx = Math.min(width - 1, Math.max(0, x + k * dx));
          const sy = Math.min(height - 1, Math.max(0, y + k * dy));
          value += (weights[k + reach] as number) * (from[sy * width + sx] as number);
        }
        to[y * width + x] = value / sum;
      }
    }
    from = to;
  }
  return { width, height, values: from };
}

function textBand(image: LuminanceImage, percent: number): LuminanceImage {
  const tall = Math.max(3, Math.round((image.height * percent) / 100));
  const top = image.height - tall;
  const pitch = tall * 0.5;
  const out = { ...image, values: image.values.slice() };
  for (let y = top; y < image.height; y += 1) {
    for (let x = 0; x < image.width; x += 1) {
      const inLine = y - top > tall * 0.3 && y - top < tall * 0.7;
      // Marks of half a pitch, every sixth left out as a space between words.
      const glyph = Math.floor(x / pitch);
      const marked = inLine && glyph % 6 !== 5 && x / pitch - glyph < 0.5;
      out.values[y * image.width + x] = marked ? 20 : 235;
    }
  }
  return out;
}

function tilt(image: LuminanceImage, degrees: number): LuminanceImage {
  const angle = (degrees * Math.PI) / 180;
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  const cx = (image.width - 1) / 2;
  const cy = (image.height - 1) / 2;
  return remap(image, (x, y) => [cx + (x - cx) * cos - (y - cy) * sin, cy + (x - cx) * sin + (y - cy) * cos]);
}

/** Counter-clockwise: the right column becomes the top row. */
function rotate90(image: LuminanceImage): LuminanceImage {
  const out = blankImage(image.height, image.width);
  for (let y = 0; y < out.height; y += 1) {
    for (let x = 0; x < out.width; x += 1) out.values[y * out.width + x] = image.values[x * image.width + (image.width - 1 - y)] as number;
  }
  return out;
}

function flipX(image: LuminanceImage): LuminanceImage {
  const { width, height, values } = image;
  const out = blankImage(width, height);
  for (let y = 0; y < height; y += 1) out.values.set(values.subarray((height - 1 - y) * width, (height - y) * width), y * width);
  return out;
}

/** The luminance quantisation table of ITU-T T.81, Annex K.1, row after row. */
const LUMINANCE_TABLE = [
  16, 11, 10, 16, 24, 40, 51, 61, 12, 12, 14, 19, 26, 58, 60, 55, 14, 13, 16, 24, 40, 57, 69, 56, 14, 17, 22, 29, 51, 87, 80, 62,
  18, 22, 37, 56, 68, 109, 103, 77, 24, 35, 55, 64, 81, 104, 113, 92, 49, 64, 78, 87, 103, 121, 120, 101, 72, 92, 95, 98, 112, 100, 103, 99,
];

/** Cosines of the 8-point transform: frequency k at place j, orthonormal. */
const BLOCK_COSINES = Array.from({ length: 64 }, (_, at) => {
  const k = at >> 3;
  return Math.sqrt((k === 0 ? 1 : 2) / 8) * Math.cos((Math.PI / 16) * k * (2 * (at & 7) + 1));
});

/** Transforms 8 × 8 blocks, rounds each coefficient to a multiple of its step and transforms back; edge blocks continue the edge. */
function quantiseBlocks(image: LuminanceImage, quality: number): LuminanceImage {
  const scale = quality < 50 ? 5000 / quality : 200 - 2 * quality;
  const steps = LUMINANCE_TABLE.map((step) => Math.min(255, Math.max(1, Math.floor((step * scale + 50) / 100))));
  const out = blankImage(image.width, image.height);
  const block = new Float64Array(64);
  for (let top = 0; top < image.height; top += 8) {
    for (let left = 0; left < image.width; left += 8) {
      for (let i = 0; i < 64; i += 1) {
        const y = Math.min(image.height - 1, top + (i >> 3));
        const x = Math.min(image.width - 1, left + (i & 7));
        block[i] = (image.values[y * image.width + x] as number) - 128;
      }
      const spectrum = transformBlock(block, false).map((value, i) => Math.round(value / (steps[i] as number)) * (steps[i] as number));
      const back = transformBlock(spectrum, true);
      for (let i = 0; i < 64; i += 1) {
        const y = top + (i >> 3);
        const x = left + (i & 7);
        if (y < image.height && x < image.width) out.values[y * image.width + x] = (back[i] as number) + 128;
      }
    }
  }
  return out;
}

function transformBlock(block: Float64Array, inverse: boolean): Float64Array {
  const cosine = (to: number, from: number): number => BLOCK_COSINES[inverse ? from * 8 + to : to * 8 + from] as number;
  const half = new Float64Array(64);
  const out = new Float64Array(64);
  for (let row = 0; row < 8; row += 1) {
    for (let to = 0; to < 8; to += 1) {
      let sum = 0;
      for (let from = 0; from < 8; from += 1) sum += cosine(to, from) * (block[row * 8 + from] as number);
      half[row * 8 + to] = sum;
    }
  }
  for (let column = 0; column < 8; column += 1) {
    for (let to = 0; to < 8; to += 1) {
      let sum = 0;
      for (let from = 0; from < 8; from += 1) sum += cosine(to, from) * (half[from * 8 + column] as number);
      out[to * 8 + column] = sum;
    }
  }
  return out;
}
