/** What a request gives away is held against it: by the sheet, by the audit of what was granted, and by who derives it. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { auditCells, judgeRequest, protectCells } from '../src/index.ts';
import type { CellRow, ProtectionSpec, ReleasedList } from '../src/index.ts';
import { harmOf } from '../src/request-harm.ts';
import type { Findings } from '../src/request-harm.ts';

const RULES: Pick<ProtectionSpec, 'rules' | 'marksTold'> = { rules: { minFrequency: { threshold: 3, zeros: 'published' } }, marksTold: false };
const CODES: Readonly<Record<string, readonly string[]>> = { area: ['north', 'south'], kind: ['phone', 'tablet', 'watch'], year: ['old', 'new'] };
const COLUMNS = Object.keys(CODES);
const dimensionOf = (column: string): ProtectionSpec['dimensions'][number] => ({ column, sums: [{ total: 'Total', parts: CODES[column] ?? [] }] });
const specOf = (columns: readonly string[], method: ProtectionSpec['method'] = 'combined'): ProtectionSpec => ({ ...RULES, dimensions: columns.map(dimensionOf), method });

/** Every margin of some columns, counted from the finest counts of all. */
function listOf(columns: readonly string[], finest: readonly number[]): CellRow[] {
  const leaves = crossed(COLUMNS.map((column) => CODES[column] ?? []));
  return crossed(columns.map((column) => ['Total', ...CODES[column] ?? []])).map((key) => ({
    key, freq: leaves.reduce((sum, leaf, i) => sum + (key.every((code, d) => code === 'Total' || code === leaf[COLUMNS.indexOf(columns[d] ?? '')]) ? finest[i] ?? 0 : 0), 0),
  }));
}

function crossed([codes, ...others]: readonly (readonly string[])[]): string[][] {
  return codes === undefined ? [[]] : codes.flatMap((code) => crossed(others).map((rest) => [code, ...rest]));
}

async function released(columns: readonly string[], rows: readonly CellRow[], spec = specOf(columns)): Promise<ReleasedList> {
  const { cells } = await protectCells(rows, spec);
  return { columns, rows: rows.map((row, r) => ({ ...row, status: cells[r]?.status ?? 'published', published: cells[r]?.published ?? null })) };
}

describe('what a request tells by its addresses alone', () => {
  test('that each of three cells of a printed 3 has somebody in it is held against it', async () => {
    const finest = [1, 0, 1, 0, 1, 0, 4, 0, 5, 0, 6, 0];
    const earlier = await released(['area'], listOf(['area'], finest));
    expect(earlier.rows.map((row) => row.published)).not.toContain(null);
    const judged = await judgeRequest({ columns: ['area', 'kind'], rows: listOf(['area', 'kind'], finest) }, specOf(['area', 'kind']), [earlier]);
    expect(judged.decision).toBe('refused');
    expect(judged.reason).toContain('north | phone: can be derived exactly');
  });

  test('so is what it tells of a cell that an earlier list withheld', async () => {
    const regions = { total: 'Total', parts: ['east', 'west', 'centre'] };
    const dimension = { column: 'region', sums: [regions] };
    const [alone, both]: ProtectionSpec[] = [{ ...RULES, dimensions: [dimension], method: 'combined' }, { ...RULES, dimensions: [dimension, { column: 'year', sums: [{ total: 'Total', parts: ['old', 'new'] }] }], method: 'combined' }];
    const count: Readonly<Record<string, number>> = { east: 1, west: 1, centre: 9 };
    const by = (code: string): number => (code === 'Total' ? regions.parts : [code]).reduce((sum, region) => sum + (count[region] ?? 0), 0);
    const codes = [...regions.parts, 'Total'];
    const earlier = await released(['region'], codes.map((code) => ({ key: [code], freq: 2 * by(code) })), alone);
    expect(earlier.rows.map(({ status }) => status)).toEqual(['primary', 'primary', 'published', 'published']);
    const rows = codes.flatMap((code) => ['old', 'new', 'Total'].map((year) => ({ key: [code, year], freq: (year === 'Total' ? 2 : 1) * by(code) })));
    const judged = await judgeRequest({ columns: ['region', 'year'], rows }, both as ProtectionSpec, [earlier]);
    expect(judged.decision).toBe('refused');
  });
});

/** The audit of what was granted, beside the audit of what was released before. */
async function expectNothingNew(judged: Awaited<ReturnType<typeof judgeRequest>>, request: { readonly columns: readonly string[]; readonly rows: readonly CellRow[] }, spec: ProtectionSpec, earlier: ReleasedList): Promise<void> {
  const granted: ReleasedList = { columns: request.columns, rows: request.rows.map((row, r) => ({ ...row, status: judged.cells[r]?.status ?? 'published', published: judged.cells[r]?.published ?? null })) };
  const [before, after] = [await auditCells(earlier, spec), await auditCells(granted, spec, [earlier])];
  expect(after.broken.filter((cell) => !before.broken.includes(cell))).toEqual([]);
}

test('of small tables no granted request breaks what was not broken before, by the audit of what was granted', async () => {
  const shapes = [[['area', 'kind'], ['area', 'year']], [['area'], ['area', 'kind']], [['area', 'kind'], COLUMNS], [['kind'], ['kind', 'year']]] as const;
  let granted = 0;
  await fc.assert(fc.asyncProperty(
    fc.constantFrom(...shapes), fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 12, maxLength: 12 }), fc.constantFrom('combined', 'boxes', 'optimisation'), fc.boolean(),
    async ([first, second], finest, method, omits) => {
      const earlier = await released(first, listOf(first, finest), specOf(first, method)).catch(() => undefined);
      const rows = listOf(second, finest).filter(({ freq }) => !omits || freq > 0);
      if (earlier === undefined || rows.length === 0) return;
      const spec = specOf(COLUMNS, method);
      const judged = await judgeRequest({ columns: second, rows }, spec, [earlier]);
      if (judged.decision === 'refused') return;
      granted += 1;
      await expectNothingNew(judged, { columns: second, rows }, spec, earlier);
    },
  ), { seed: 20_261, numRuns: 60, endOnFailure: true });
  expect(granted).toBeGreaterThan(20);
});

describe('harm', () => {
  const found = (broken: readonly [number, string][], findings: readonly [contributor: number, cell: number][] = []): Findings => ({
    reader: { identityOf: (cell) => `cell ${cell}`, nameOf: (cell) => `cell ${cell}` },
    attack: { broken: new Map(broken), insiders: { findings: findings.map(([contributor, cell]) => ({ contributor, cell, how: 'exact' as const })) } },
  });

  test('is a second contributor who derives a cell that a first one could', () => {
    const before = found([[7, 'can be derived by contributor 1']], [[1, 7]]);
    expect([...harmOf(found([[7, 'can be derived by contributor 1']], [[1, 7], [2, 7]]), before)]).toEqual([[7, 'cell 7: can be derived by contributor 2']]);
    expect(harmOf(before, before).size).toBe(0);
  });

  test('is everyone who derives what a contributor could, and the other way round is none', () => {
    const [one, all] = [found([[7, 'can be derived by contributor 1']], [[1, 7]]), found([[7, 'can be derived exactly']])];
    expect(harmOf(all, one).size).toBe(1);
    expect(harmOf(one, all).size).toBe(0);
  });

  test('is an exact value where there was a close one', () => {
    const [close, exact] = [found([[7, 'can be derived too closely']]), found([[7, 'can be derived exactly']])];
    expect(harmOf(exact, close).size).toBe(1);
    expect(harmOf(close, exact).size).toBe(0);
  });
});
