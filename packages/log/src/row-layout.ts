/**
 * Where rows of hashes stand in one file that is written in one go: each full row where it became full, after the row below that filled it;
 * behind all full rows the partial ones, lowest level first. Row r of level L holds the roots of rows 256r to 256r + 255 of level L − 1.
 * Ours; the levels are those of C2SP tlog-tiles. Pure. Counts in hashes, not bytes.
 * @module
 */

/** Hashes of a full row. */
export const ROW = 256;

/** Hashes that stand before row `row` of a level, in the file over `count` leaves. */
export function rowOffset(count: bigint, level: number, row: bigint): bigint {
  if (rowWidth(count, level, row) === ROW) return BigInt(ROW) * fullRowsBefore(level, row);
  let offset = BigInt(ROW) * fullRows(count);
  for (let below = 0; below < level; below++) offset += (count >> BigInt(8 * below)) & 0xffn;
  return offset;
}

/** Hashes of a row: 256, or fewer where the leaves end. */
export function rowWidth(count: bigint, level: number, row: bigint): number {
  const rest = (count >> BigInt(8 * level)) - (row << 8n);
  return rest < BigInt(ROW) ? Number(rest) : ROW;
}

/** Hashes in the whole file. */
export function rowsLength(count: bigint): bigint {
  let length = BigInt(ROW) * fullRows(count);
  for (let rest = count; rest > 0n; rest >>= 8n) length += rest & 0xffn;
  return length;
}

/** Full rows that were written before a full row: all of its own level and below up to its last leaf but itself, and those above up to its first. */
function fullRowsBefore(level: number, row: bigint): bigint {
  let rows = -1n;
  for (let below = 0; below <= level; below++) rows += (row + 1n) << BigInt(8 * (level - below));
  for (let above = row >> 8n; above > 0n; above >>= 8n) rows += above;
  return rows;
}

/** Full rows of all levels. */
function fullRows(count: bigint): bigint {
  let rows = 0n;
  for (let rest = count >> 8n; rest > 0n; rest >>= 8n) rows += rest;
  return rows;
}
