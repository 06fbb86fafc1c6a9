/** The file of rows: every row stands where a writer that goes leaf by leaf puts it. */
import { describe, expect, test } from 'vitest';
import { rowOffset, rowWidth, rowsLength } from '../src/row-layout.ts';

/** Plays the writer: the rows in the order in which they are written, with their widths. */
function written(count: number): { level: number; row: number; width: number }[] {
  const rows: { level: number; row: number; width: number }[] = [];
  const full: number[] = [];
  const close = (level: number): void => {
    const row = full[level] ?? 0;
    rows.push({ level, row, width: 256 });
    full[level] = row + 1;
    if ((row + 1) % 256 === 0) close(level + 1);
  };
  for (let leaves = 256; leaves <= count; leaves += 256) close(0);
  for (let level = 0, rest = count; rest > 0; level++, rest = Math.floor(rest / 256)) {
    if (rest % 256 > 0) rows.push({ level, row: Math.floor(rest / 256), width: rest % 256 });
  }
  return rows;
}

describe.each([0, 1, 255, 256, 257, 65_535, 65_536, 65_537, 70_000, 1_000_000, 256 ** 3 - 1, 256 ** 3, 256 ** 3 + 65_536 * 3 + 256 * 5 + 7])('%i leaves', (count) => {
  test('each row has the place and the width that the writer gave it', () => {
    let offset = 0;
    const wrong: string[] = [];
    for (const { level, row, width } of written(count)) {
      const got = [rowOffset(BigInt(count), level, BigInt(row)), rowWidth(BigInt(count), level, BigInt(row))];
      if (got[0] !== BigInt(offset) || got[1] !== width) wrong.push(`row ${row} of level ${level}`);
      offset += width;
    }
    expect(wrong).toEqual([]);
    expect(rowsLength(BigInt(count))).toBe(BigInt(offset));
  });
});
