/** Methods compared: risk against enumeration of every table that a reader must allow for, use against sums by hand. */
import type { Refusal } from '@weighbridge/base';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { COMPARABLE_METHODS, auditCells, compareMethods, isPerturbation, protectCells } from '../src/index.ts';
import type { CellRow, ComparableMethod, ComparedMethod, ProtectedCells, ProtectionSpec } from '../src/index.ts';

const SPEC: ProtectionSpec = {
  dimensions: [{ column: 'district', total: 'Total' }, { column: 'kind', total: 'Total' }],
  rules: { minFrequency: { threshold: 3, zeros: 'published' } }, method: 'combined', marksTold: false, seed: 'a secret of the series',
};
/** District north | south by kind phone | tablet, as docs/protection.md has it. */
const ROWS = tableOf([[1, 23], [17, 31]]);

describe('risk left', () => {
  // Two rows and two columns with margins: a reader's tables are few enough to go through them all.
  const inner = fc.array(fc.array(fc.integer({ min: 0, max: 7 }), { minLength: 2, maxLength: 2 }), { minLength: 2, maxLength: 2 });
  const methods = ['round-base-3', 'round-base-n', 'controlled-rounding', 'small-count-rounding'] as const;
  test.each(methods)('%s: as many cells known exactly and to within one as enumeration finds', async (method) => {
    await fc.assert(fc.asyncProperty(inner, fc.integer({ min: 0, max: 1e6 }), async (counts, salt) => {
      const spec: ProtectionSpec = { ...SPEC, method, seed: `a secret of the series ${salt}` };
      const rows = tableOf(counts);
      const { cells } = await protectCells(rows, spec);
      const [compared] = (await compareMethods(rows, spec, [method])).methods;
      expect(ran(compared).risk).toMatchObject(enumerated(rows, cells.map(({ published }) => published as number), method));
    }), { seed: 20231106, numRuns: 60 });
  });

  test('some of these tables leave a cell known', async () => {
    // 1 and 1 round up to 3, their total 2 down to 0: whoever reads 3 + 3 = 0 knows both.
    let known = 0;
    for (let salt = 0; salt < 40; salt++) {
      const { methods: [compared] } = await compareMethods(tableOf([[1, 1], [1, 1]]), { ...SPEC, seed: `a secret of the series ${salt}` }, ['round-base-3']);
      known += ran(compared).risk.exact;
    }
    expect(known).toBeGreaterThan(0);
  });

  test('suppression leaves no cell known, and says how many were attacked', async () => {
    const made = await compareMethods(ROWS, SPEC, ['combined', 'boxes', 'elimination', 'elimination-singletons']);
    expect(made).toMatchObject({ table: { cells: 9, totals: 5, unsafe: 1, of: 'counts' }, attacked: { cells: 1, drawn: false } });
    for (const method of made.methods) expect(ran(method).risk).toEqual({ exact: 0, exactPercent: 0, close: 0, closePercent: 0, unlisted: 0 });
  });

  test('unsafe cells above the limit are drawn by address: the same ones in any order of rows', async () => {
    const rows = tableOf([[1, 2, 1], [2, 1, 2], [1, 1, 2]]);
    const [there, back] = [await compareMethods(rows, SPEC, ['round-base-3'], { auditCells: 4 }), await compareMethods(rows.toReversed(), SPEC, ['round-base-3'], { auditCells: 4 })];
    expect(there.attacked).toEqual({ cells: 4, drawn: true });
    expect(ran(back.methods[0]).risk).toEqual(ran(there.methods[0]).risk);
  });
});

describe('the same as protect', () => {
  const SUPPRESSIONS = COMPARABLE_METHODS.filter((method) => !isPerturbation(method));
  const CHANGES = COMPARABLE_METHODS.filter(isPerturbation);
  /** Every sum of three by three, whichever of them is listed. */
  const sums: ProtectionSpec = { ...SPEC, dimensions: [{ column: 'district', sums: [{ total: 'Total', parts: ['d0', 'd1', 'd2'] }] }, { column: 'kind', sums: [{ total: 'Total', parts: ['phone', 'tablet', 'laptop'] }] }] };
  /** Inner cells, the grand total and margins of each kind are listed or not. */
  const lists = fc.tuple(fc.array(fc.array(fc.constantFrom(0, 0, 1, 2, 9), { minLength: 3, maxLength: 3 }), { minLength: 3, maxLength: 3 }), fc.array(fc.boolean(), { minLength: 4, maxLength: 4 })).map(([counts, listed]) => tableOf(counts).filter(({ key }) => listed[(key[0] === 'Total' ? 1 : 0) + (key[1] === 'Total' ? 2 : 0)] === true)).filter((rows) => rows.length > 0);
  const outcomeOf = async (rows: readonly CellRow[], spec: ProtectionSpec): Promise<ProtectedCells | string> => protectCells(rows, spec).catch((error: unknown) => (error as Refusal).issues[0]?.code ?? '');

  test('margins without their grand total: north is 18 + 31 - 48 unless more than north is withheld', async () => {
    const rows: CellRow[] = [{ key: ['north', 'Total'], freq: 1 }, { key: ['south', 'Total'], freq: 48 }, { key: ['Total', 'phone'], freq: 18 }, { key: ['Total', 'tablet'], freq: 31 }];
    const { methods } = await compareMethods(rows, SPEC, ['combined', 'boxes', 'small-count-rounding']);
    const withheld = { mended: true, use: { withheld: 2 }, risk: { exact: 0, close: 0, unlisted: 0 } };
    // Rounding of small counts would leave 48, 18 and 31 as they are.
    expect(methods).toMatchObject([withheld, withheld, { ran: false, code: 'INNER_CELLS' }]);
  });

  test.each(SUPPRESSIONS)('%s: of any list, with its totals or not, as many cells and as much value withheld, or the same refusal', async (method) => {
    let withheldInAll = 0;
    await fc.assert(fc.asyncProperty(lists, async (rows) => {
      const made = await outcomeOf(rows, { ...sums, method });
      const [compared] = (await compareMethods(rows, sums, [method])).methods;
      if (typeof made === 'string') {
        expect(compared).toMatchObject({ ran: false, code: made });
        return;
      }
      const withheld = made.cells.flatMap(({ published }, i) => (published === null ? [rows[i]?.freq ?? 0] : []));
      expect(compared).toMatchObject({ ran: true, mended: (made.certificate.summary.mended ?? 0) > 0, risk: { exact: 0, unlisted: 0 }, use: { withheld: withheld.length, valueWithheld: withheld.reduce((a, b) => a + b, 0) } });
      withheldInAll += withheld.length;
    }), { seed: 20231106, numRuns: 40 });
    expect(withheldInAll).toBeGreaterThan(0);
  });

  test('regions that overlap: the one person in the difference is listed nowhere, and counts as known all the same', async () => {
    const spec: ProtectionSpec = { ...SPEC, dimensions: [{ column: 'region', sums: [{ total: 'county', parts: ['a', 'b'] }, { total: 'group', parts: ['a', 'b', 'c'] }], roots: 'several' }] };
    const { table, methods } = await compareMethods([{ key: ['county'], freq: 49 }, { key: ['group'], freq: 50 }], spec, ['small-count-rounding', 'combined']);
    expect(table.unsafe).toBe(0);
    expect(methods).toMatchObject([{ risk: { exact: 0, unlisted: 1 } }, { mended: true, risk: { exact: 0, unlisted: 0 }, use: { withheld: 1 } }]);
  });

  test.each(CHANGES)('%s: of any list, with its totals or not, as many cells derived, listed or not', async (method) => {
    await fc.assert(fc.asyncProperty(lists, fc.integer({ min: 0, max: 1e6 }), async (rows, salt) => {
      const spec: ProtectionSpec = { ...sums, method, seed: `a secret of the series ${salt}` };
      const made = await outcomeOf(rows, spec);
      const [compared] = (await compareMethods(rows, spec, [method])).methods;
      if (typeof made === 'string') {
        expect(compared).toMatchObject({ ran: false, code: made });
        return;
      }
      const { risk } = ran(compared);
      expect(risk.exact + risk.unlisted).toBe(made.broken.length);
    }), { seed: 20231106, numRuns: 40 });
  });

  test('a mark tells that a count is 2 at most where the threshold of 3 counts records, and not where it counts contributors', async () => {
    const marked: ProtectionSpec = { ...SPEC, marksTold: true };
    const records = tableOf([[2, 23], [17, 31]]);
    for (const [rows, close] of [[records, 1], [records.map((row): CellRow => ({ ...row, contributors: row.freq })), 0]] as const) {
      const { cells, certificate } = await protectCells(rows, marked);
      const audited = await auditCells(rows.map((row, i) => ({ ...row, status: cells[i]?.status ?? 'published', published: cells[i]?.published ?? null })), marked);
      expect(certificate.intervals).toEqual(audited.certificate.intervals);
      expect(ran((await compareMethods(rows, marked, ['combined'])).methods[0]).risk).toMatchObject({ exact: 0, close });
    }
  });
});

describe('use lost', () => {
  test('suppression: 4 of 9 cells, 72 of 288, and the shares that hang on them', async () => {
    const { use } = ran((await compareMethods(ROWS, SPEC, ['boxes'])).methods[0]);
    // Sums: 2 rows, 2 columns, 2 margins, of 2 parts each: 12 shares, of which the 8 of inner cells are lost.
    expect(use).toMatchObject({ withheld: 4, valueWithheld: 72, valueWithheldPercent: 25, totalsWithheld: 0, additive: true, cellError: { mean: 0, largest: 0 } });
    expect(use.withheldPercent).toBeCloseTo(44.44, 2);
    expect(use.sharesLostPercent).toBeCloseTo(66.67, 2);
  });

  test('perturbation: errors are those of the table that protect writes', async () => {
    for (const method of ['round-base-3', 'round-base-n', 'controlled-rounding', 'small-count-rounding', 'cell-key'] as const) {
      const { cells } = await protectCells(ROWS, { ...SPEC, method });
      const errors = cells.map(({ published }, i) => Math.abs((published as number) - (ROWS[i] as CellRow).freq));
      const totals = errors.filter((_, i) => (ROWS[i] as CellRow).key.includes('Total'));
      const { use } = ran((await compareMethods(ROWS, SPEC, [method])).methods[0]);
      expect(use.cellError).toEqual({ mean: expect.closeTo(mean(errors), 9) as number, largest: Math.max(...errors) });
      expect(use.totalError).toEqual({ mean: expect.closeTo(mean(totals), 9) as number, largest: Math.max(...totals) });
      expect(use.valueMovedPercent).toBeCloseTo((100 * errors.reduce((a, b) => a + b, 0)) / 288, 9);
      expect(use).toMatchObject({ withheld: 0, valueWithheld: 0, sharesLostPercent: 0 });
      if (method === 'controlled-rounding' || method === 'small-count-rounding') expect(use.additive).toBe(true);
    }
  });

  test('2 of 4 shown as 3 of 3: 50 percentage points off, and the sum does not hold', async () => {
    // 2 rounds up to 3 with two draws in three, 4 down to 3 with as many; the other part, 2, may do as it likes.
    const rows: CellRow[] = [{ key: ['north', 'phone'], freq: 2 }, { key: ['south', 'phone'], freq: 2 }, { key: ['Total', 'phone'], freq: 4 }];
    const one: ProtectionSpec = { ...SPEC, dimensions: [{ column: 'district', total: 'Total' }, { column: 'kind' }] };
    for (let salt = 0; ; salt++) {
      const spec: ProtectionSpec = { ...one, method: 'round-base-3', seed: `a secret of the series ${salt}` };
      if ((await protectCells(rows, spec)).cells.map(({ published }) => published).join() !== '3,3,3') continue;
      expect(ran((await compareMethods(rows, spec, ['round-base-3'])).methods[0]).use).toMatchObject({ shareError: { mean: 50, largest: 50 }, totalError: { mean: 1, largest: 1 }, additive: false });
      return;
    }
  });
});

describe('the comparison', () => {
  test('runs every method that there is, in a fixed order, and a second time with the same result', async () => {
    const first = await compareMethods(ROWS, SPEC);
    expect(first.methods.map(({ method }) => method)).toEqual(COMPARABLE_METHODS);
    expect(COMPARABLE_METHODS).toEqual(expect.arrayContaining(['combined', 'boxes', 'elimination', 'elimination-singletons', 'round-base-3', 'round-base-n', 'controlled-rounding', 'small-count-rounding', 'cell-key']));
    expect(first.methods.every((each) => each.ran)).toBe(true);
    expect(first.handling).toMatch(/^confidential/);
    expect(JSON.stringify(await compareMethods(ROWS, SPEC))).toBe(JSON.stringify(first));
  });

  test('amounts: methods for counts say that they are, the others run', async () => {
    const rows = ROWS.map((row): CellRow => ({ ...row, value: row.freq * 10, largest: row.freq === 1 ? [10] : [12, 11] }));
    const made = await compareMethods(rows, { ...SPEC, rules: { pPercent: { p: 10 } } });
    expect(made.table.of).toBe('amounts');
    expect(Object.fromEntries(made.methods.map((each) => [each.method, each.ran ? 'ran' : each.code]))).toMatchObject({
      combined: 'ran', boxes: 'ran', elimination: 'ran', 'elimination-singletons': 'ran',
      'round-base-3': 'COUNTS_ONLY', 'round-base-n': 'COUNTS_ONLY', 'controlled-rounding': 'COUNTS_ONLY', 'small-count-rounding': 'COUNTS_ONLY', 'cell-key': 'COUNTS_ONLY',
    });
  });

  test('a method that cannot take this table says why, and the others run', async () => {
    // Two margins whose crossing is not there.
    const { methods } = await compareMethods(ROWS.filter(({ key }) => key.includes('Total')), { ...SPEC, rules: { minFrequency: { threshold: 25, zeros: 'published' } } }, ['boxes', 'elimination', 'round-base-3', 'small-count-rounding']);
    expect(methods.map((each) => (each.ran ? 'ran' : each.code))).toEqual(['ran', 'FINEST_CELLS_MISSING', 'ran', 'INNER_CELLS']);
  });

  test('parameters of the specification are the ones used, and are told', async () => {
    const made = await compareMethods(ROWS, { ...SPEC, base: 10, ptable: { maxNoise: 3, variance: 1 } }, ['round-base-n', 'cell-key']);
    expect(made.methods.map((each) => ran(each).settings)).toEqual(['base 10', 'change up to 3, variance 1']);
  });

  test('without a seed a trial seed serves, and the result says so', async () => {
    const { seed, ...without } = SPEC;
    expect([seed, (await compareMethods(ROWS, without, ['round-base-3'])).seed, (await compareMethods(ROWS, SPEC, ['round-base-3'])).seed]).toEqual(['a secret of the series', 'trial', 'specification']);
  });

  test('without rules there is nothing to compare by', async () => {
    const error = await compareMethods(ROWS, { ...SPEC, rules: {} }).catch((e: unknown) => e) as Refusal;
    expect(error.issues).toMatchObject([{ code: 'RULES_MISSING' }]);
  });

  test('tells how far it is, and stops when told to', async () => {
    const stop = new AbortController();
    const stages: string[] = [];
    const onProgress = (stage: string): void => {
      stages.push(stage);
      if (stage === 'round-base-n') stop.abort();
    };
    await expect(compareMethods(ROWS, SPEC, ['round-base-3', 'round-base-n', 'cell-key'], { signal: stop.signal, onProgress })).rejects.toMatchObject({ name: 'AbortError' });
    expect(stages).toContain('round-base-3: attack');
    expect(stages.at(-1)).toBe('round-base-n');
  });
});

/** A table of two dimensions with its margins. */
function tableOf(counts: readonly (readonly number[])[]): CellRow[] {
  const kinds = ['phone', 'tablet', 'laptop'].slice(0, counts[0]?.length);
  const sum = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0);
  const rows = counts.flatMap((row, i) => [...row.map((freq, k): CellRow => ({ key: [`d${i}`, kinds[k] as string], freq })), { key: [`d${i}`, 'Total'], freq: sum(row) }]);
  const columns = kinds.map((_, k) => sum(counts.map((row) => row[k] as number)));
  return [...rows, ...columns.map((freq, k): CellRow => ({ key: ['Total', kinds[k] as string], freq })), { key: ['Total', 'Total'], freq: sum(columns) }];
}

/**
 * Every table of two by two that could have been published so, gone through one by one; rows in the order of {@link tableOf}:
 * inner cells 0, 1, 3, 4, margins 2, 5, 6, 7, total 8.
 */
function enumerated(rows: readonly CellRow[], published: readonly number[], method: ComparableMethod): { exact: number; close: number } {
  const at = (cell: number): number => published[cell] as number;
  const reach = method === 'round-base-n' ? 4 : 2;
  const within = (cell: number, value: number): boolean => Math.abs(value - at(cell)) <= reach;
  const inner = [0, 1, 3, 4];
  const choices = inner.map((cell): number[] => {
    const all = Array.from({ length: 40 }, (_, value) => value);
    if (method !== 'small-count-rounding') return all.filter((value) => within(cell, value));
    return at(cell) === 0 ? [0, 1, 2] : at(cell) === 3 ? [1, 2, 3] : [at(cell)];
  });
  const seen = rows.map(() => [Infinity, -Infinity] as [number, number]);
  for (const a of choices[0] ?? []) for (const b of choices[1] ?? []) for (const c of choices[2] ?? []) for (const d of choices[3] ?? []) {
    const table = [a, b, a + b, c, d, c + d, a + c, b + d, a + b + c + d];
    const allowed = method === 'small-count-rounding' ? Math.abs((table[8] as number) - at(8)) <= 1 : table.every((value, cell) => within(cell, value));
    if (!allowed) continue;
    for (const [cell, value] of table.entries()) {
      const ends = seen[cell] as [number, number];
      [ends[0], ends[1]] = [Math.min(ends[0], value), Math.max(ends[1], value)];
    }
  }
  const widths = rows.flatMap(({ freq }, cell) => (freq === 1 || freq === 2 ? [(seen[cell] as [number, number])[1] - (seen[cell] as [number, number])[0]] : []));
  return { exact: widths.filter((w) => w === 0).length, close: widths.filter((w) => w < 2).length };
}

function ran(compared: ComparedMethod | undefined): Extract<ComparedMethod, { ran: true }> {
  if (compared?.ran !== true) throw new Error(`expected a method that ran, got ${JSON.stringify(compared)}`);
  return compared;
}

function mean(numbers: readonly number[]): number {
  return numbers.reduce((a, b) => a + b, 0) / numbers.length;
}
