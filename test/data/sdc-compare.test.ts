/**
 * Methods compared on a region of a published case, before a judge that shares no line with ours. All ten run: the whole case S1
 * (5,408 cells, 1,655 unsafe) takes ten minutes of CPU, more than half of it for the attack on what is rounded, so one of its
 * regions stands here.
 * Files are read in place; when they are absent every check is skipped and said so.
 */
import { beforeAll, expect, test } from 'vitest';
import { COMPARABLE_METHODS, compareMethods, protectCells } from '@weighbridge/protect';
import type { CellRow, ComparableMethod, ComparedMethod, Comparison, ProtectionSpec } from '@weighbridge/protect';
import { caseOf } from '../../packages/protect/test/gate/cell-list.ts';
import type { CellList } from '../../packages/protect/test/gate/cell-list.ts';
import { readS1 } from '../../packages/protect/test/gate/case-files.ts';
import { gate } from '../../packages/protect/test/gate/gate.ts';
import type { GateCase } from '../../packages/protect/test/gate/gate-case.ts';
import { baseSpread, cellKeySpread, roundedCase } from '../../packages/protect/test/gate/rounding-attack.ts';
import { describeCases } from './real-data.ts';

const ROUNDED = { 'round-base-3': baseSpread(3), 'round-base-n': baseSpread(5), 'controlled-rounding': baseSpread(3), 'cell-key': cellKeySpread(5) } as const;
const SUPPRESSED = ['combined', 'optimisation', 'boxes', 'elimination', 'elimination-singletons'] as const;

describeCases('Methods compared on a region of S1', () => {
  let [list, rows]: [CellList, CellRow[]] = [{ dimensions: [], keys: [], value: [], primary: [] }, []];
  let spec: ProtectionSpec;
  let made: Comparison;
  beforeAll(async () => {
    list = regionOfS1('r001');
    rows = list.keys.map((key, i): CellRow => ({ key, freq: list.value[i] ?? 0 }));
    spec = {
      dimensions: list.dimensions.map(({ name, sums }) => ({ column: name, sums })), rules: { minFrequency: { threshold: 3, zeros: 'published' } }, method: 'combined', marksTold: false,
      seed: 'a secret of the series',
    };
    made = await compareMethods(rows, spec);
  });

  test('every method runs', () => {
    expect(made.table).toEqual({ cells: 1040, totals: 320, unsafe: 211, of: 'counts' });
    expect(made.attacked).toEqual({ cells: made.table.unsafe, drawn: false });
    expect(made.methods.map((each) => [each.method, each.ran])).toEqual(COMPARABLE_METHODS.map((method) => [method, true]));
  });

  test('elimination without singletons is broken by the attacker, and says that more was withheld; no other method is', () => {
    expect(made.methods.flatMap((each) => (each.ran && each.mended ? [each.method] : []))).toEqual(['elimination']);
  });

  test.each(SUPPRESSED)('%s: as many cells known to within one as the gate finds, none exactly; as many withheld as protect withholds', async (method) => {
    const { cells } = await protectCells(rows, { ...spec, method });
    const { risk, use } = entryOf(made, method);
    expect({ exact: risk.exact, close: risk.close }).toEqual(await judged(caseOf(list, cells.map(({ published }) => published === null), { lower: 1, integer: true })));
    expect(risk.exact).toBe(0);
    expect(use.withheld).toBe(cells.filter(({ published }) => published === null).length);
  });

  test.each(Object.keys(ROUNDED) as (keyof typeof ROUNDED)[])('%s: as many cells known exactly and to within one as the gate finds', async (method) => {
    const { cells } = await protectCells(rows, { ...spec, method });
    const { risk } = entryOf(made, method);
    const { relations, value, primary } = caseOf(list, rows.map(() => false), { lower: 0, integer: true });
    expect({ exact: risk.exact, close: risk.close }).toEqual(await judged(roundedCase({ relations, value, primary, shown: cells.map(({ published }) => published) }, ROUNDED[method])));
  });
});

/** A region's districts and their sum, by kind and agency. */
function regionOfS1(region: string): CellList {
  const { dimensions: [districts, ...others], keys, value, primary } = readS1('maxN2');
  const sum = districts?.sums.find(({ total }) => total === region);
  if (districts === undefined || sum === undefined) throw new Error(`S1 has no region ${region}`);
  const codes = new Set([region, ...sum.parts]);
  const cells = keys.flatMap((key, i) => (codes.has(key[0] ?? '') ? [i] : []));
  return {
    dimensions: [{ ...districts, sums: [sum] }, ...others], keys: cells.map((i) => keys[i] ?? []), value: cells.map((i) => value[i] ?? 0), primary: cells.map((i) => primary[i] === true),
  };
}

function entryOf({ methods }: Comparison, method: ComparableMethod): Extract<ComparedMethod, { ran: true }> {
  const found = methods.find((each) => each.method === method);
  if (found?.ran !== true) throw new Error(`${method} did not run`);
  return found;
}

async function judged(gateCase: GateCase): Promise<{ exact: number; close: number }> {
  const verdicts = await gate(gateCase, { checks: ['B'], width: 2, integerSeconds: 0 });
  return { exact: new Set(verdicts.flatMap(({ cell, why }) => (why === 'no other value fits' ? [cell] : []))).size, close: new Set(verdicts.map(({ cell }) => cell)).size };
}
