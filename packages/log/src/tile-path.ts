/**
 * Where the tiles and entry bundles of a log stand, and which ones a log of a given size has.
 * Source: C2SP tlog-tiles 0.1.0. Pure. Leaves out: what is in them (tile-reader.ts, bundle.ts).
 * @module
 */

/** Hashes of a full tile, and entries of a full bundle. */
export const TILE_WIDTH = 256;

/** One hash tile: `width` hashes of `level`, the first of which is number `index` · 256. */
export interface TileRef {
  readonly level: number;
  readonly index: bigint;
  readonly width: number;
  /** Below the log's folder. */
  readonly path: string;
}

/** One bundle of entries: `width` entries, the first of which is number `index` · 256. */
export interface BundleRef {
  readonly index: bigint;
  readonly width: number;
  readonly path: string;
}

/**
 * Path of a hash tile: `tile/0/x001/234` when it is full, `tile/0/x001/234.p/5` when it holds five hashes.
 * @throws RangeError for a level above 63, a negative index, or a width that is not 1 to 256
 */
export function tilePath(level: number, index: bigint, width: number): string {
  if (!Number.isInteger(level) || level < 0 || level > 63) throw new RangeError(`expected a level from 0 to 63, got ${level}`);
  return `tile/${level}/${numberPath(index, width)}`;
}

/**
 * Path of an entry bundle: as of a hash tile, below `tile/entries`.
 * @throws RangeError as {@link tilePath} does
 */
export function bundlePath(index: bigint, width: number): string {
  return `tile/entries/${numberPath(index, width)}`;
}

/** Every hash tile of a log of that size, level by level from the leaves, from left to right. */
export function tilesOf(size: bigint): Generator<TileRef> {
  return tilesBetween(0n, size);
}

/** The tiles that a log of size `to` has and one of size `from` had not, or had with fewer hashes; in the order of {@link tilesOf}. */
export function* tilesBetween(from: bigint, to: bigint): Generator<TileRef> {
  for (let level = 0; to >> BigInt(8 * level) > 0n; level++) {
    for (const { index, width } of changed(from >> BigInt(8 * level), to >> BigInt(8 * level))) {
      yield { level, index, width, path: tilePath(level, index, width) };
    }
  }
}

/** Every entry bundle of a log of that size, in order. */
export function bundlesOf(size: bigint): Generator<BundleRef> {
  return bundlesBetween(0n, size);
}

/** The bundles that a log of size `to` has and one of size `from` had not, or had with fewer entries, in order. */
export function* bundlesBetween(from: bigint, to: bigint): Generator<BundleRef> {
  for (const { index, width } of changed(from, to)) yield { index, width, path: bundlePath(index, width) };
}

/** The groups of 256 that `to` items fall into and that `from` items left empty or partial. */
function* changed(from: bigint, to: bigint): Generator<{ index: bigint; width: number }> {
  if (from >= to) return;
  for (let index = from >> 8n; index << 8n < to; index++) {
    const rest = to - (index << 8n);
    yield { index, width: rest < 256n ? Number(rest) : TILE_WIDTH };
  }
}

/** Groups of three digits, all but the last behind an `x`; then the width, when it is not full. */
function numberPath(index: bigint, width: number): string {
  if (index < 0n) throw new RangeError('expected an index of at least 0');
  if (!Number.isInteger(width) || width < 1 || width > TILE_WIDTH) throw new RangeError(`expected a width from 1 to ${TILE_WIDTH}, got ${width}`);
  const digits = index.toString();
  const groups = digits.padStart(Math.ceil(digits.length / 3) * 3, '0').match(/.../g) ?? [];
  const path = groups.map((group, i) => (i === groups.length - 1 ? group : `x${group}`)).join('/');
  return width === TILE_WIDTH ? path : `${path}.p/${width}`;
}
