/** One more table judged against what was released; all tables of whole numbers, one by one, say whether the judgement holds. */
import { describe, expect, test } from 'vitest';
import { judgeRequest, protectCells, readerKnowledge } from '../src/index.ts';
import type { CellRow, ListedCell, ProtectedCell, ProtectionSpec, ReleasedList, TableRequest } from '../src/index.ts';
import { enumeratedRanges } from './gate/enumerate.ts';

const AREAS = ['north', 'south', 'west', 'east'];
const KINDS = ['phone', 'tablet', 'watch'];
const COUNTS: Readonly<Record<string, readonly number[]>> = { north: [1, 6, 9], south: [7, 8, 5], west: [6, 9, 4], east: [9, 7, 6] };
const SPEC: ProtectionSpec = {
  dimensions: [{ column: 'area', sums: [{ total: 'Total', parts: AREAS }, { total: 'north or south', parts: ['north', 'south'] }] }, { column: 'kind', total: 'Total' }],
  rules: { minFrequency: { threshold: 3, zeros: 'published' } }, method: 'combined', marksTold: false,
};

/** The cells of some areas, with their totals. */
function rowsOf(areas: readonly string[], kinds: readonly string[] = [...KINDS, 'Total']): CellRow[] {
  const parts = (area: string): readonly string[] => (area === 'Total' ? AREAS : area === 'north or south' ? ['north', 'south'] : [area]);
  const count = (area: string, kind: string): number => parts(area).reduce((sum, a) => sum + KINDS.reduce((s, k, i) => s + (kind === 'Total' || kind === k ? COUNTS[a]?.[i] ?? 0 : 0), 0), 0);
  return areas.flatMap((area) => kinds.map((kind) => ({ key: [area, kind], freq: count(area, kind) })));
}

const COLUMNS = ['area', 'kind'];
const listOf = (rows: readonly CellRow[], shown: (key: string, row: number) => boolean): ReleasedList => ({ columns: COLUMNS, rows: rows.map((row, i): ListedCell => ({ ...row, status: shown(row.key.join(' '), i) ? 'published' : row.freq < 3 ? 'primary' : 'secondary' })) });
const asJudged = (request: TableRequest, cells: readonly ProtectedCell[]): ReleasedList => listOf(request.rows, (_, row) => cells[row]?.status === 'published');

/** Safe by itself: north's 1 phone is hidden behind the west. */
const BEFORE = listOf(rowsOf([...AREAS, 'Total']), (key) => !['north phone', 'north tablet', 'west phone', 'west tablet'].includes(key));

/** Cells of 1 or 2 that have one value only in all tables that fit these lists. */
async function fallen(...lists: readonly ReleasedList[]): Promise<string[]> {
  const { knowledge, size, nameOf } = await readerKnowledge(lists, SPEC);
  const cells = Array.from({ length: size }, (_, cell) => cell);
  const value = cells.map((c) => knowledge.value[c] ?? 0);
  const { lo, hi } = enumeratedRanges({
    size, value, relations: knowledge.relations.map(({ total, parts }) => ({ total, parts: [...parts] })), printed: cells.map((c) => knowledge.printed(c)), primary: [], lower: cells.map((c) => knowledge.lower[c] ?? 0),
    upper: cells.map(() => null), integer: true,
  });
  return cells.filter((c) => (value[c] === 1 || value[c] === 2) && lo[c] === hi[c]).map(nameOf);
}

describe('a request', () => {
  test('that tells nothing of what is withheld is granted with its own protection alone', async () => {
    expect(await fallen(BEFORE)).toEqual([]);
    const request: TableRequest = { rows: rowsOf(['north or south'], ['Total']) };
    const judged = await judgeRequest(request, SPEC, [BEFORE]);
    expect(judged).toMatchObject({ decision: 'granted', withhold: [], cells: [{ status: 'published', published: 36 }] });
    expect(await fallen(asJudged(request, judged.cells), BEFORE)).toEqual([]);
  });

  test('that would give a withheld 1 by subtraction is granted with more withheld, and prints the rest', async () => {
    const request: TableRequest = { rows: rowsOf(['north or south']) };
    const { cells: own } = await protectCells(request.rows, SPEC);
    expect(own.map((c) => c.status)).toEqual(own.map(() => 'published'));
    expect(await fallen(asJudged(request, own), BEFORE)).toEqual(['north | phone']);
    const judged = await judgeRequest(request, SPEC, [BEFORE]);
    expect(judged.decision).toBe('granted-with-more');
    expect(judged.withhold).toEqual(['north or south | phone', 'north or south | tablet']);
    expect(judged.cells.filter((c) => c.published !== null).map((c) => c.key.join(' '))).toEqual(['north or south watch', 'north or south Total']);
    expect(await fallen(asJudged(request, judged.cells), BEFORE)).toEqual([]);
  });

  test('of which nothing new could be printed is refused', async () => {
    const request: TableRequest = { rows: rowsOf(['north or south'], ['phone']) };
    const judged = await judgeRequest(request, SPEC, [BEFORE]);
    expect(judged).toMatchObject({ decision: 'refused', cells: [], withhold: [] });
    expect(judged.reason).toBe('with what was released 1 unsafe cell could be derived (north | phone: can be derived exactly), whatever else of this table is withheld');
  });

  test('that is unsafe by itself whatever is withheld is refused', async () => {
    for (const kinds of [['phone'], ['phone', 'Total']]) expect((await judgeRequest({ columns: ['kind'], rows: kinds.map((kind) => ({ key: [kind], freq: 2 })) }, SPEC, [])).decision).toBe('refused');
  });

  test('is told nothing in public but whether it is released', async () => {
    const judged = await Promise.all([['Total'], [...KINDS, 'Total'], ['phone']].map((kinds) => judgeRequest({ rows: rowsOf(['north or south'], kinds) }, SPEC, [BEFORE])));
    expect(judged.map((j) => j.decision)).toEqual(['granted', 'granted-with-more', 'refused']);
    expect(new Set(judged.slice(0, 2).map((j) => j.public)).size).toBe(1);
    for (const { public: said, reason } of judged) {
      expect(said).not.toMatch(/north|south|phone|\d|derive|unsafe/);
      expect(reason).not.toMatch(/\b(6|7|8|9|14)\b/);
    }
  });

  test('is not blamed for what was derivable before, and the analyst is told', async () => {
    const naive = listOf(rowsOf([...AREAS, 'Total']), (key) => key !== 'north phone');
    const judged = await judgeRequest({ rows: rowsOf(['north or south']) }, SPEC, [naive]);
    expect(judged).toMatchObject({ decision: 'granted', reason: '1 unsafe cells can be derived from what was released already, and no more with this table' });
  });

  test('gets what was withheld before withheld again: the same cell has the same answer', async () => {
    const request: TableRequest = { rows: rowsOf(['north', 'south', 'west', 'east', 'Total']) };
    const judged = await judgeRequest(request, { ...SPEC, cost: 'cells' }, [BEFORE]);
    expect(judged.decision).not.toBe('granted-with-more');
  });
});
