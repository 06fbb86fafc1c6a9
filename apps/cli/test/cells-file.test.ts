/** Files of cells: every column that says who is behind a cell is read, written again, and refused where it has gaps. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Refusal } from '@weighbridge/base';
import { protectCells } from '@weighbridge/protect';
import type { CellRow, ProtectionSpec } from '@weighbridge/protect';
import { beforeAll, describe, expect, test } from 'vitest';
import { protectedCsv, readCells, readReleasedList } from '../src/cells-file.ts';
import { temporaryFolder } from './command-line.ts';

const SPEC: ProtectionSpec = { dimensions: [{ column: 'g', total: 'T' }], rules: { dominance: [{ n: 6, k: 80 }], pPercent: { p: 10 }, request: { k: 15 } }, method: 'boxes', marksTold: false };
const FULL = [
  'g,freq,contributors,value,largest1,largest2,largest3,largest4,largest5,largest6,requested,waived1,waived2',
  'a,8,8,100,14,14,14,14,14,14,no,,', 'b,90,90,900,10,10,10,10,10,10,,yes,no', 'c,3,2,90,80,10,,,,,yes,no,no', 'T,101,100,1090,80,14,14,14,14,14,no,no,', '',
].join('\n');

let folder = '';
beforeAll(async () => { folder = await temporaryFolder(); });
const fileOf = async (text: string): Promise<string> => {
  const path = join(folder, 'cells.csv');
  await writeFile(path, text);
  return path;
};

describe('who is behind a cell', () => {
  test('as many contributions are read as there are columns, with requests, waivers and contributors', async () => {
    const [a, b, c] = await readCells(await fileOf(FULL), SPEC);
    expect(a).toEqual({ key: ['a'], freq: 8, contributors: 8, value: 100, largest: [14, 14, 14, 14, 14, 14], requested: false, waived: [false, false] });
    expect(b).toMatchObject({ waived: [true, false], requested: false });
    expect(c).toMatchObject({ contributors: 2, largest: [80, 10], requested: true });
  });

  test('six contributions dominate, and who asked is protected', async () => {
    const { cells } = await protectCells(await readCells(await fileOf(FULL), SPEC), SPEC);
    expect(cells[0]?.reason).toBe('primary: the 6 largest contributors dominate');
    const asked: ProtectionSpec = { ...SPEC, rules: { request: { k: 15 } } };
    const rows = (await readCells(await fileOf(FULL), asked)).map((row): CellRow => ({ key: row.key, freq: row.freq, value: row.value ?? 0, largest: row.largest ?? [], requested: row.requested === true }));
    expect((await protectCells(rows, asked)).cells.map(({ status }) => status === 'primary')).toEqual([false, false, true, false]);
  });

  test('what is written says all of it, and is read again as it was', async () => {
    const rows = await readCells(await fileOf(FULL), SPEC);
    const written = protectedCsv(rows, await protectCells(rows, SPEC), SPEC);
    const again = await readReleasedList(await fileOf(written));
    expect(again.columns).toEqual(['g']);
    expect(again.rows).toMatchObject(rows);
  });
});

describe('is refused with file, row and column where', () => {
  test.each([
    ['a contribution is blank before another', FULL.replace('a,8,8,100,14,', 'a,8,8,100,,'), { code: 'CONTRIBUTION_BLANK', place: { row: 1, column: 'largest1' } }],
    ['a column of contributions is left out', FULL.replace('largest2', 'second'), { code: 'COLUMN_MISSING', place: { line: 1, column: 'largest2' } }],
    ['a request is neither yes nor no', FULL.replace(',yes,no,no', ',perhaps,no,no'), { code: 'NOT_YES_OR_NO', place: { row: 3, column: 'requested' } }],
    ['a number of contributors is blank', FULL.replace('a,8,8,', 'a,8,,'), { code: 'NOT_A_NUMBER', place: { row: 1, column: 'contributors' } }],
    ['two columns have one name', FULL.replace('contributors', 'freq'), { code: 'COLUMN_TWICE', place: { line: 1, column: 'freq' } }],
  ])('%s', async (_, text, issue) => {
    const refused = await readCells(await fileOf(text), SPEC).then(() => [], (error: unknown) => (error as Refusal).issues);
    expect(refused).toMatchObject([{ ...issue, repair: expect.any(String) as string }]);
    expect(JSON.stringify(refused)).not.toContain('perhaps');
  });
});
