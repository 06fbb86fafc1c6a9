/** Answers are attacked by what a reader of them has before they are given back: sums that nobody lists, and ranges of changed counts. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { attackReader, auditCells, protectCells, readerKnowledge, tabulateRecords } from '../src/index.ts';
import type { CellRow, ProtectedCells, ProtectionSpec } from '../src/index.ts';

const SEED = 20231106;
const total = (column: string): ProtectionSpec['dimensions'][number] => ({ column, total: 'Total' });
const SPEC: ProtectionSpec = { dimensions: [total('area'), total('kind')], rules: { minFrequency: { threshold: 3, zeros: 'published' } }, method: 'combined', marksTold: false };
const row = (key: string, freq: number): CellRow => ({ key: key.split(' '), freq });
const withheld = ({ cells }: ProtectedCells): string[] => cells.filter((cell) => cell.published === null).map((cell) => cell.key.join(' '));
const brokenIn = async (rows: readonly CellRow[], { cells }: Pick<ProtectedCells, 'cells'>, spec = SPEC): Promise<readonly string[]> => (await auditCells(rows.map((each, i) => ({ ...each, status: cells[i]?.status ?? 'published', published: cells[i]?.published ?? null })), spec)).broken;

describe('sums that nobody lists', () => {
  const regions = (sums: readonly string[], more: object = {}): ProtectionSpec => ({ ...SPEC, dimensions: [{ column: 'region', sums: sums.map((line) => { const [of = '', ...parts] = line.split(' '); return { total: of, parts }; }), ...more }] });
  test.each<[string, CellRow[], ProtectionSpec]>([
    ['margins without the grand total', [row('north Total', 1), row('south Total', 48), row('Total phone', 18), row('Total tablet', 31)], SPEC],
    ['two hierarchies without total and leaves', [row('c1', 1), row('c2', 48), row('g1', 20), row('g2', 29)], regions(['T c1 c2', 'T g1 g2', 'c1 a b', 'c2 c d', 'g1 a c', 'g2 b d'])],
    ['finest cells and the grand total', [row('north phone', 1), row('north tablet', 7), row('south phone', 8), row('south tablet', 9), row('Total Total', 25)], SPEC],
    ['finest cells without those that are empty, and the grand total', [row('north phone', 1), row('north tablet', 7), row('south tablet', 9), row('Total Total', 17)], SPEC],
    ['overlapping regions of which one has one person more', [row('county', 49), row('group', 50)], regions(['county a b', 'group a b c'], { roots: 'several' })],
  ])('%s: one subtraction gives a 1, so more is withheld, and the audit finds nothing', async (_, rows, spec) => {
    const naive = rows.map((each): ProtectedCells['cells'][number] => ({ key: each.key, status: each.freq < 3 ? 'primary' : 'published', published: each.freq < 3 ? null : each.freq, reason: '' }));
    expect(await brokenIn(rows, { cells: naive }, spec)).not.toEqual([]);
    const made = await protectCells(rows, spec);
    expect(withheld(made).length).toBeGreaterThan(naive.filter((cell) => cell.published === null).length);
    expect(withheld(made).length).toBeLessThan(rows.length);
    expect(made.certificate.summary).toMatchObject({ breaches: 0, mended: 1 });
    expect(await brokenIn(rows, made, spec)).toEqual([]);
  });

  test('a crossing too large to be laid out whole: the 1 is found through the totals above it, and no other cell is added', async () => {
    const kinds = Array.from({ length: 60 }, (_, i) => `k${i}`);
    const areas = Array.from({ length: 60 }, (_, i) => `a${i}`);
    const rows = [...areas.map((area, i) => row(`${area} Total`, i === 0 ? 1 : 59)), ...kinds.map((kind, i) => row(`Total ${kind}`, i === 0 ? 60 : 58))];
    const reader = await readerKnowledge([{ columns: ['area', 'kind'], rows: rows.map((each) => ({ ...each, status: each.freq < 3 ? 'primary' : 'published' })) }], SPEC);
    expect([reader.size, reader.knowledge.relations.length]).toEqual([rows.length + 1, 2]);
    expect([...(await attackReader(reader, SPEC)).broken]).toEqual([[0, 'can be derived exactly']]);
    expect(withheld(await protectCells(rows, SPEC))).toHaveLength(2);
  });

  test('where every implied total is listed nothing is added', async () => {
    const rows = ['north', 'south', 'Total'].flatMap((area, i) => ['phone', 'tablet', 'Total'].map((kind, k) => row(`${area} ${kind}`, (i === 2 ? 2 : 1) * (k === 2 ? 20 : 10))));
    const reader = await readerKnowledge([{ columns: ['area', 'kind'], rows: rows.map((each) => ({ ...each, status: 'published' })) }], SPEC);
    expect(reader.size).toBe(rows.length);
  });

  test('of any list without some of its totals, protect and audit agree', async () => {
    await fc.assert(fc.asyncProperty(fc.array(fc.nat(9), { minLength: 9, maxLength: 9 }), fc.tuple(fc.boolean(), fc.boolean(), fc.boolean()), async (numbers, [grand, areas, kinds]) => {
      const at = (area: string, kind: string): number => numbers.reduce((sum, n, i) => sum + ((area === 'Total' || area === `a${Math.floor(i / 3)}`) && (kind === 'Total' || kind === `k${i % 3}`) ? n : 0), 0);
      const margins = [...(grand ? ['Total Total'] : []), ...[0, 1, 2].flatMap((i) => [...(areas ? [`a${i} Total`] : []), ...(kinds ? [`Total k${i}`] : [])])];
      const keys = [...[0, 1, 2].flatMap((a) => [0, 1, 2].map((k) => `a${a} k${k}`)), ...margins];
      const rows = keys.map((key) => row(key, at(key.split(' ')[0] ?? '', key.split(' ')[1] ?? '')));
      const spec: ProtectionSpec = { ...SPEC, dimensions: SPEC.dimensions.map(({ column }) => ({ column, sums: [{ total: 'Total', parts: [0, 1, 2].map((i) => `${column === 'area' ? 'a' : 'k'}${i}`) }] })) };
      const made = await protectCells(rows, spec).catch((error: unknown) => String(error));
      if (typeof made === 'string') expect(made).toMatch(/CANNOT_PROTECT/);
      else expect(await brokenIn(rows, made, spec)).toEqual([]);
    }), { seed: SEED, numRuns: 40 });
  });
});

describe('changed counts', () => {
  const spec: ProtectionSpec = { dimensions: ['x', 'y', 'z'].map(total), rules: {}, method: 'round-base-3', marksTold: false, seed: 'a secret of series 4' };
  const cube = (numbers: readonly number[]): CellRow[] => {
    const codes = [0, 1, 2, 3].map((i) => (i === 3 ? 'Total' : `c${i}`));
    return codes.flatMap((x, i) => codes.flatMap((y, j) => codes.map((z, k): CellRow => ({ key: [x, y, z], freq: numbers.reduce((sum, n, at) => sum + ([[i, Math.floor(at / 9)], [j, Math.floor(at / 3) % 3], [k, at % 3]].every(([code, own]) => code === 3 || code === own) ? n : 0), 0) }))));
  };

  test('are attacked as the audit attacks them: the same cells are derived, counted and named, in the reasons too', async () => {
    let broken = 0;
    await fc.assert(fc.asyncProperty(fc.array(fc.nat(4), { minLength: 27, maxLength: 27 }), async (numbers) => {
      const rows = cube(numbers);
      const made = await protectCells(rows, spec, { intervals: false });
      expect([...made.broken].sort()).toEqual([...await brokenIn(rows, made, spec)].sort());
      expect(made.certificate.summary.breaches).toBe(made.broken.length);
      expect(made.cells.filter((cell) => cell.reason.endsWith('can be derived exactly')).map((cell) => cell.key.join(' | '))).toEqual(made.broken.map((line) => line.split(':')[0]));
      broken += made.broken.length;
    }), { seed: SEED, numRuns: 30 });
    expect(broken).toBeGreaterThan(0);
  });

  test('in a table too large for programs over all of it every unsafe count is decided by single sums and boxes', async () => {
    const side = 18;
    const codes = [...Array.from({ length: side }, (_, i) => `c${i}`), 'Total'];
    const count = (i: number, j: number, k: number): number => (i * 7 + j * 5 + k * 3 + i * j * k) % 6;
    const sum = (at: readonly number[]): number => {
      const of = (d: number): number[] => (at[d] === side ? [...Array(side).keys()] : [at[d] ?? 0]);
      return of(0).reduce((all, i) => all + of(1).reduce((s, j) => s + of(2).reduce((t, k) => t + count(i, j, k), 0), 0), 0);
    };
    const rows = codes.flatMap((x, i) => codes.flatMap((y, j) => codes.map((z, k): CellRow => ({ key: [x, y, z], freq: sum([i, j, k]) }))));
    const { certificate } = await protectCells(rows, spec);
    expect(certificate.summary).toMatchObject({ cells: rows.length, programs: 0 });
    expect(certificate.summary.primary).toBeGreaterThan(1000);
    expect(certificate.summary.undecided ?? 0).toBe(0);
  });

  test('the same people are changed alike in tables of other columns, where records name their contributors', async () => {
    const people = Array.from({ length: 400 }, (_, i) => ({ id: `person ${i}`, district: `d${i % 7}`, kind: `k${i % 3}`, agency: `g${i % 4}` }));
    const table = async (column: 'kind' | 'agency', contributors: boolean): Promise<ProtectedCells & { rows: CellRow[] }> => {
      const own: ProtectionSpec = { ...spec, dimensions: [total('district'), total(column)] };
      const rows = await tabulateRecords(people.map((p) => ({ key: [p.district, p[column]], ...(contributors ? { contributor: p.id } : {}) })), own);
      return { ...await protectCells(rows, own), rows };
    };
    const margins = ({ cells }: ProtectedCells): string[] => cells.filter((cell) => cell.key[1] === 'Total').map((cell) => `${cell.key[0] ?? ''} ${cell.published ?? ''}`);
    const [kind, agency] = [await table('kind', true), await table('agency', true)];
    expect(margins(kind)).toEqual(margins(agency));
    expect([kind.certificate.summary.drawsOf, agency.certificate.summary.drawsOf]).toEqual(['records', 'records']);
    const [byKind, byAgency] = [await table('kind', false), await table('agency', false)];
    expect(margins(byKind)).not.toEqual(margins(byAgency));
    expect(byKind.certificate.summary.drawsOf).toBe('finest cells');
  });

  test('draws that are missing or no keys are refused by address', async () => {
    const rows = [row('north phone', 9), row('south phone', 7)];
    for (const draws of [[1, undefined], [1, -1], [1, 2 ** 32], [0.5, 1]]) {
      const given = rows.map((each, i) => ({ ...each, ...(draws[i] === undefined ? {} : { draw: draws[i] }) }));
      await expect(protectCells(given, { ...spec, dimensions: [{ column: 'area' }, { column: 'kind' }] })).rejects.toThrow(/DRAW/);
    }
  });
});
