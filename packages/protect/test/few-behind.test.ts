/** What regions that overlap and editions enclose: few firms behind an amount that no list shows. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { auditCells, judgeRequest, protectCells } from '../src/index.ts';
import type { CellRow, ListedCell, ProtectionSpec, ReleasedList } from '../src/index.ts';
import { knownInFractions } from './gate/rational-span.ts';

const RULES: Pick<ProtectionSpec, 'rules' | 'marksTold'> = { rules: { minFrequency: { threshold: 3, zeros: 'published' } }, marksTold: false };
const REGIONS: ProtectionSpec = { ...RULES, method: 'combined', dimensions: [{ column: 'region', roots: 'several', sums: [{ total: 'coast', parts: ['bay', 'cape'] }, { total: 'coast and island', parts: ['bay', 'cape', 'island'] }] }] };
const shown = (rows: readonly CellRow[]): ListedCell[] => rows.map((row) => ({ ...row, status: 'published' }));
const brokenIn = async (rows: readonly CellRow[], spec = REGIONS, earlier: readonly ReleasedList[] = []): Promise<string[]> => [...(await auditCells({ columns: spec.dimensions.map((d) => d.column), rows: shown(rows) }, spec, earlier)).broken].sort();
const pair = (coast: Omit<CellRow, 'key'>, both: Omit<CellRow, 'key'>): CellRow[] => [{ key: ['coast'], ...coast }, { key: ['coast and island'], ...both }];

describe('two regions around an island', () => {
  const island = ['island: can be derived exactly'];

  test('give the amount of its one firm away: the audit finds it, and protect withholds one of them', async () => {
    const rows = pair({ freq: 8, value: 740 }, { freq: 9, value: 815 });
    expect(await brokenIn(rows)).toEqual(island);
    const made = await protectCells(rows, REGIONS);
    expect(made.cells.filter(({ status }) => status === 'secondary')).toHaveLength(1);
    expect((await auditCells(rows.map((row, r) => ({ ...row, status: made.cells[r]?.status ?? 'published' })), REGIONS)).broken).toEqual([]);
  });

  test('with as many firms there as the rule asks for nothing is withheld', async () => {
    const rows = pair({ freq: 8, value: 740 }, { freq: 11, value: 815 });
    expect(await brokenIn(rows)).toEqual([]);
    expect((await protectCells(rows, REGIONS)).certificate.summary.withheld).toBe(0);
  });

  test.each([['amounts', { value: 740 }, { value: 815 }], ['counts', {}, {}]])('of %s: firms count where lists count them, not their records', async (_, coast, both) => {
    expect(await brokenIn(pair({ freq: 40, contributors: 8, ...coast }, { freq: 55, contributors: 10, ...both }))).toEqual(island);
    expect(await brokenIn(pair({ freq: 40, contributors: 8, ...coast }, { freq: 55, contributors: 11, ...both }))).toEqual([]);
    expect(await brokenIn(pair({ freq: 40, contributors: 8, ...coast }, { freq: 55, contributors: 8, ...both }))).toEqual([]);
  });
});

describe('two editions', () => {
  const spec: ProtectionSpec = { ...RULES, method: 'combined', dimensions: [{ column: 'branch', total: 'Total' }] };
  const rows = (firms: number, value: number): CellRow[] => [{ key: ['mills'], freq: firms, value }, { key: ['mines'], freq: 12, value: 460 }, { key: ['Total'], freq: firms + 12, value: value + 460 }];
  const earlier: ReleasedList = { columns: ['branch'], edition: '2023', rows: shown(rows(6, 210)) };

  test('give the amount of the one firm away that came between: the audit finds it, and a request withholds more', async () => {
    expect(await brokenIn(rows(7, 260), spec, [earlier])).toEqual(['Total: what came since 2023: can be derived exactly', 'mills: what came since 2023: can be derived exactly']);
    const judged = await judgeRequest({ rows: rows(7, 260) }, spec, [earlier]);
    expect([judged.decision, judged.cells.map(({ published }) => published)]).toEqual(['granted-with-more', [null, 460, null]]);
  });

  test('of many firms nothing, nor of corrections that change no number of firms', async () => {
    expect(await brokenIn(rows(9, 260), spec, [earlier])).toEqual([]);
    expect(await brokenIn(rows(6, 211), spec, [earlier])).toEqual([]);
  });
});

test('of any regions over five places, what protect prints determines no place with one or two firms', async () => {
  const places = ['a', 'b', 'c', 'd', 'e'];
  let [made, enclosed] = [0, 0];
  await fc.assert(fc.asyncProperty(
    fc.uniqueArray(fc.subarray(places, { minLength: 2 }), { minLength: 2, maxLength: 4, selector: (parts) => parts.join() }), fc.array(fc.nat(6), { minLength: 5, maxLength: 5 }), fc.array(fc.integer({ min: 1, max: 90 }), { minLength: 5, maxLength: 5 }),
    async (regions, firms, amounts) => {
      const over = (parts: readonly string[], numbers: readonly number[]): number => parts.reduce((sum, part) => sum + (numbers[places.indexOf(part)] ?? 0), 0);
      const value = amounts.map((amount, i) => amount * (firms[i] ?? 0));
      const rows = regions.map((parts, i): CellRow => ({ key: [`region ${i}`], freq: over(parts, firms), value: over(parts, value) }));
      const spec: ProtectionSpec = { ...REGIONS, dimensions: [{ column: 'region', roots: 'several', sums: regions.map((parts, i) => ({ total: `region ${i}`, parts })) }] };
      const known = (printed: readonly boolean[]): string[] => [...knownInFractions({
        size: rows.length + 5, value: [...rows.map((row) => row.value ?? 0), ...value], relations: regions.map((parts, total) => ({ total, parts: parts.map((part) => rows.length + places.indexOf(part)) })),
        printed: [...printed, ...places.map(() => false)], primary: [], lower: [], upper: [], integer: false,
      })].filter((cell) => cell >= rows.length).map((cell) => places[cell - rows.length] ?? '').filter((place) => [1, 2].includes(over([place], firms)));
      if (known(rows.map(() => true)).length > 0) enclosed += 1;
      const answer = await protectCells(rows, spec).catch(() => undefined);
      if (answer === undefined) return;
      made += 1;
      expect(known(answer.cells.map(({ published }) => published !== null))).toEqual([]);
    },
  ), { seed: 20_262, numRuns: 80, endOnFailure: true });
  expect(made).toBeGreaterThan(40);
  expect(enclosed).toBeGreaterThan(5);
});
