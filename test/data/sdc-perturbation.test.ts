/**
 * The perturbing methods against the known answers and the peers' outputs in `../shared/cases/sdc`: read in place, nothing kept.
 * When they are absent every check is skipped and named aloud.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { count } from '@weighbridge/base/confidential';
import { expect, test } from 'vitest';
import {
  DRAW_RANGE, baseRoundingBounds, cellKey, controlledRoundingBounds, graduatedBase, makePtable, onsCellValue, perturbCount, perturbMagnitude, ptableFromBounds, roundControlled,
  roundFixedToBase3, roundSmallCounts, roundToBase3, superstarColumn, unitDraw,
} from '../../packages/protect/src/perturb/index.ts';
import type { AdditiveRelation, AdditiveTable, PtableSettings, RoundedCount, UnitDraw } from '../../packages/protect/src/perturb/index.ts';
import { describeCases } from './real-data.ts';

const CASES = fileURLToPath(new URL('../../../shared/cases/sdc', import.meta.url));

interface KnownAnswers {
  readonly rounding: {
    readonly rr3: Readonly<Record<string, Readonly<Record<string, string | number>>>>;
    readonly rr3_posterior_of_published_6_under_flat_prior: Readonly<Record<string, string>>;
    readonly controlled_interval_zero_restricted: { readonly b: number; readonly a: number; readonly z: readonly [number, number] };
    readonly controlled_interval_K_steps: { readonly b: number; readonly K: number; readonly a: number; readonly z: readonly [number, number] };
    readonly controlled_values_of_7_base_5: { readonly K0: readonly number[]; readonly K1: readonly number[] };
    readonly graduated_bases: readonly { readonly below?: number; readonly from?: number; readonly base: number }[];
  };
  readonly cell_key: {
    readonly handbook_ptable: readonly (readonly [number, number, number])[];
    readonly count: { readonly n: number; readonly recordKeys: readonly number[]; readonly cellKey: number; readonly published: number };
    readonly magnitude: readonly { readonly x: number; readonly xmax: number; readonly delta: number; readonly cellKey: number; readonly published: number }[];
    readonly ons_pcv: Readonly<Record<string, number>>;
    readonly superstar_column: readonly { readonly PTableSize: number; readonly SmallN: number; readonly count: number; readonly column: number }[];
  };
}

/** Files are read inside the tests: a group that is skipped must not need them. */
function readCsv(path: string): string[][] {
  const bytes = readFileSync(join(CASES, path));
  const [, ...rows] = (path.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8').trim().split('\n');
  return rows.map((row) => row.split(','));
}

function known(): KnownAnswers {
  return JSON.parse(readFileSync(join(CASES, 'kat/known-answers.json'), 'utf8')) as KnownAnswers;
}

/** Share of all draws for which a rounding has a result: it is constant between the thirds of 2^32. */
function shareOf(round: (draw: UnitDraw) => RoundedCount, result: number): number {
  const edges = [0, Math.floor(DRAW_RANGE / 3), Math.floor((2 * DRAW_RANGE) / 3), DRAW_RANGE];
  return edges.slice(1).reduce((sum, end, i) => sum + (round((end - 1) as UnitDraw) === result && round((edges[i] ?? 0) as UnitDraw) === result ? end - (edges[i] ?? 0) : 0), 0) / DRAW_RANGE;
}

function fraction(text: string | number): number {
  const [num = '', den = '1'] = String(text).split('/');
  return Number(num) / Number(den);
}

describeCases('known answers of rounding', () => {
  test.each([['drawn', roundToBase3], ['fixed', roundFixedToBase3]] as const)('%s rounding to base 3 goes where it should as often as it should', (_, round) => {
    const answers = Object.entries(known().rounding.rr3);
    expect(answers.length).toBeGreaterThan(5);
    for (const [n, shares] of answers) for (const [to, share] of Object.entries(shares)) expect(shareOf((d) => round(count(Number(n)), d), Number(to))).toBeCloseTo(fraction(share), 9);
  });

  test('a published 6 leaves 4 to 8, with the posterior of a flat prior', () => {
    const { lo, hi } = baseRoundingBounds(6, 3);
    const likelihoods = Array.from({ length: hi - lo + 1 }, (_, i) => shareOf((d) => roundToBase3(count(lo + i), d), 6));
    const total = likelihoods.reduce((a, b) => a + b, 0);
    const posterior = Object.entries(known().rounding.rr3_posterior_of_published_6_under_flat_prior);
    expect(posterior.map(([n]) => Number(n))).toEqual([4, 5, 6, 7, 8]);
    for (const [i, [, share]] of posterior.entries()) expect((likelihoods[i] ?? 0) / total).toBeCloseTo(fraction(share), 9);
  });

  test('intervals of controlled rounding and the values that 7 can take to base 5', () => {
    const { controlled_interval_zero_restricted: zero, controlled_interval_K_steps: steps, controlled_values_of_7_base_5: of7 } = known().rounding;
    expect(controlledRoundingBounds(zero.a, zero.b)).toEqual({ lo: zero.z[0], hi: zero.z[1] });
    expect(controlledRoundingBounds(steps.a, steps.b, steps.K)).toEqual({ lo: steps.z[0], hi: steps.z[1] });
    const reach = (k: number): number[] => [0, 5, 10, 15, 20, 25].filter((z) => controlledRoundingBounds(z, 5, k).lo <= 7 && controlledRoundingBounds(z, 5, k).hi >= 7);
    expect([reach(0), reach(1)]).toEqual([of7.K0, of7.K1]);
  });

  test('bases of graduated rounding', () => {
    for (const { below, from, base } of known().rounding.graduated_bases) expect(graduatedBase(count(below === undefined ? (from ?? 0) : below - 1))).toBe(base);
  });
});

describeCases('known answers of the cell-key method', () => {
  const handbook = () => ptableFromBounds([...Map.groupBy(known().cell_key.handbook_ptable, ([i]) => i).values()].map((row) => row.map(([, v, upper]) => [v, upper] as const)));

  test('the count of the handbook', () => {
    const { n, recordKeys, cellKey: key, published } = known().cell_key.count;
    const sum = cellKey(recordKeys.map(unitDraw));
    expect(sum / DRAW_RANGE).toBeCloseTo(key, 8);
    expect(perturbCount(count(n), sum, handbook())).toBe(published);
  });

  test('the magnitudes of the handbook: 400, and 360 between two rows', () => {
    const magnitudes = known().cell_key.magnitude;
    expect(magnitudes).toHaveLength(2);
    for (const { x, xmax, delta, cellKey: key, published } of magnitudes) expect(perturbMagnitude({ x, largest: xmax }, delta, unitDraw(key), handbook())).toBe(published);
  });

  test('cell values of ONS and columns of SuperSTAR', () => {
    const { ons_pcv: values, superstar_column: columns } = known().cell_key;
    for (const [n, pcv] of Object.entries(values)) expect(onsCellValue(count(Number(n)))).toBe(pcv);
    for (const c of columns) expect(superstarColumn(count(c.count), c.PTableSize, c.SmallN)).toBe(c.column);
  });

  test.each<[string, PtableSettings]>([
    ['ptable_D2_V105_js1_example.csv', { maxNoise: 2, variance: 1.05, blockedUpTo: 1, monotone: [true, true, false, true] }],
    ['ptable_D3_V1_js0.csv', { maxNoise: 3, variance: 1 }], ['ptable_D4_V1_pstay05.csv', { maxNoise: 4, variance: 1, stay: 0.5 }], ['ptable_D5_V3_js2.csv', { maxNoise: 5, variance: 3, blockedUpTo: 2 }],
  ])('%s: every probability and bound to 1e-7, without a solver', (file, settings) => {
    const want = readCsv(`kat/${file}`).map((row) => ({ row: Number(row[0]), change: Number(row[3]), probability: Number(row[2]), upper: Number(row[5]) }));
    const got = makePtable(settings).rows.flatMap((r, row) => r.entries.map((e) => ({ row, ...e })));
    expect(got.map((e) => [e.row, e.change])).toEqual(want.map((e) => [e.row, e.change]));
    expect(Math.max(...want.map((e, i) => Math.max(Math.abs(e.probability - (got[i]?.probability ?? NaN)), Math.abs(e.upper - (got[i]?.upper ?? NaN)))))).toBeLessThan(1e-7);
  });
});

/** Case S1, the full crossing with its two levels of geography, and what the peer made of it. */
function s1(): AdditiveTable & { readonly peer: readonly number[] } {
  const regionOf = new Map(readCsv('synthetic/S1.records.csv').map((row) => [row[0] ?? '', row[1] ?? '']));
  const rows = readCsv('synthetic/S1.full.pls_base3.csv.gz');
  const at = new Map(rows.map((row, cell) => [row.slice(0, 3).join('|'), cell]));
  const parents: Map<string, { total: number; parts: number[] }> = new Map();
  for (const [cell, row] of rows.entries()) {
    for (let d = 0; d < 3; d++) {
      if (row[d] === 'Total') continue;
      const above = row.slice(0, 3).map((code, i) => (i === d ? ((d === 0 ? regionOf.get(code) : undefined) ?? 'Total') : code)).join('|');
      const relation = parents.get(`${d}|${above}`) ?? { total: at.get(above) ?? -1, parts: [] };
      relation.parts.push(cell);
      parents.set(`${d}|${above}`, relation);
    }
  }
  return { values: rows.map((row) => Number(row[3])), relations: [...parents.values()] satisfies AdditiveRelation[], peer: rows.map((row) => Number(row[4])), address: (cell) => rows[cell]?.slice(0, 3).join(' | ') ?? '' };
}

/** Case S2 or S3: inner cells of five dimensions that are not shown, and every margin of up to three, which is. */
function margins(name: string): AdditiveTable & { readonly inner: number } {
  const rows = readCsv(`synthetic/${name}.records.csv.gz`);
  const values = rows.map((row) => Number(row[6]));
  const parts = new Map<string, number[]>();
  for (const [cell, [district = '', region = '', ...codes]] of rows.entries()) {
    for (let mask = 0; mask < 16; mask++) {
      const shown = codes.slice(0, 4).map((code, i) => (mask & (1 << i) ? code : 'Total'));
      const dimensions = shown.filter((code) => code !== 'Total').length;
      for (const place of dimensions <= 2 ? ['Total', region, district] : dimensions === 3 ? ['Total'] : []) {
        const key = [place, ...shown].join('|');
        const list = parts.get(key);
        if (list === undefined) parts.set(key, [cell]);
        else list.push(cell);
      }
    }
  }
  const relations = [...parts.values()].map((list, i) => ({ total: rows.length + i, parts: list }));
  return { values: [...values, ...relations.map((r) => r.parts.reduce((sum, cell) => sum + (values[cell] ?? 0), 0))], relations, inner: rows.length };
}

function addsUp({ relations }: AdditiveTable, values: readonly number[]): boolean {
  return relations.every(({ total, parts }) => Array.from(parts).reduce((s, p) => s + (values[p] ?? NaN), 0) === values[total]);
}

describeCases('case S1, 5,408 cells of three dimensions', () => {
  test('small-count rounding to base 3 changes less than the peer does: at most 5, on average at most 0.703', () => {
    const table = s1();
    const changes = table.peer.map((v, i) => Math.abs(v - (table.values[i] ?? 0)));
    const [largest, mean] = [Math.max(...changes), changes.reduce((a, b) => a + b, 0) / changes.length];
    expect([largest, Math.round(mean * 100) / 100]).toEqual([5, 0.7]);
    const made = roundSmallCounts(table, { base: 3 });
    expect(made.largest).toBeLessThanOrEqual(largest);
    expect(made.mean).toBeLessThanOrEqual(mean);
    expect(made.values.some((v) => v === 1 || v === 2)).toBe(false);
    expect(addsUp(table, made.values)).toBe(true);
    process.stderr.write(`S1 small-count rounding: largest change ${made.largest} (peer ${largest}), mean ${made.mean.toFixed(3)} (peer ${mean.toFixed(3)})\n`);
  });

  test('controlled rounding to base 3 in 30 seconds: additive, every cell within 2, the distance close to its bound', async () => {
    const table = s1();
    const made = await roundControlled(table, { base: 3, timeBudgetMs: 30_000 });
    expect(addsUp(table, made.values)).toBe(true);
    expect(Math.max(...made.values.map((v, i) => Math.abs(v - (table.values[i] ?? 0))))).toBeLessThanOrEqual(2);
    expect(made.distance).toBeGreaterThanOrEqual(made.bound);
    expect(made.distance).toBeLessThan(1.3 * made.bound);
    process.stderr.write(`S1 controlled rounding: distance ${made.distance}, bound ${made.bound}, ended by ${made.stoppedBy}\n`);
  });
});

describeCases('cases S2 and S3, margins of up to three of five dimensions', () => {
  test.each([['S2', 20_839, 8, 0.29], ['S3', 17_345, 9, 1.14]])('%s: over %i published cells small-count rounding changes no more than the peer: at most %i, on average %d', (name, cells, largest, mean) => {
    const table = margins(name);
    expect(table.relations).toHaveLength(cells);
    const made = roundSmallCounts(table, { base: 3, published: (cell) => cell >= table.inner });
    expect(made.values.slice(table.inner).some((v) => v === 1 || v === 2)).toBe(false);
    expect(addsUp(table, made.values)).toBe(true);
    process.stderr.write(`${name} small-count rounding: largest change ${made.largest} (peer ${largest}), mean ${made.mean.toFixed(3)} (peer ${mean})\n`);
    expect(made.largest).toBeLessThanOrEqual(largest);
    expect(made.mean).toBeLessThanOrEqual(mean);
  });
});
