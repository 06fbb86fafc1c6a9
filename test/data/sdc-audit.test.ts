/**
 * Our own attacker on the case files of `../shared/cases/sdc`, read in place: every pattern that public threads, help pages and
 * the peers' own figures call unsafe is broken, what they call safe is not, and known intervals come out.
 * The gate's attackers, which share no line with ours, are held to the same figures in `sdc-gate.test.ts`.
 */
import { expect, test } from 'vitest';
import { attackByContributors, attackWhole, audit, auditCells, carriedUp } from '@weighbridge/protect';
import type { Audit, Knowledge, ListedCell, ProtectionSpec, ReleasedList } from '@weighbridge/protect';
import { readColumns, readS1, readS4, readWays } from '../../packages/protect/test/gate/case-files.ts';
import { caseOf } from '../../packages/protect/test/gate/cell-list.ts';
import { EXAMPLES, readExample, readKnownAudits, readTestProblem, readThread } from '../../packages/protect/test/gate/known-cases.ts';
import type { GateCase } from '../../packages/protect/test/gate/gate-case.ts';
import { printing } from '../../packages/protect/test/gate/minimality.ts';
import { describeCases } from './real-data.ts';

/** What the reader of a case has. */
function knowledgeOf(gateCase: GateCase): Knowledge {
  return {
    relations: gateCase.relations.map(({ total, parts }) => ({ total, parts: Int32Array.from(parts) })), value: Float64Array.from(gateCase.value), printed: (cell) => gateCase.printed[cell] === true,
    lower: Float64Array.from(gateCase.lower), upper: Float64Array.from(gateCase.upper, (u) => u ?? Infinity), whole: gateCase.integer,
  };
}

function attacked(gateCase: GateCase): Promise<Audit> {
  const needs = new Map(gateCase.required?.map((r) => [r.cell, r.up]));
  return audit(knowledgeOf(gateCase), { required: new Map(gateCase.primary.map((cell) => [cell, needs.get(cell) ?? 0])) });
}

async function brokenIn(gateCase: GateCase): Promise<string[]> {
  return (await attacked(gateCase)).breaches.map(({ cell }) => gateCase.labels?.[cell] ?? String(cell));
}

describeCases('our attacker on public threads', () => {
  test('issue135: three ones that add to a printed three are broken, and with anySum nothing is', async () => {
    const broken = await brokenIn(readThread('issue135', 'issue135.gauss.none'));
    for (const cell of ['1|A', '1|B', '1|M']) expect(broken).toContain(cell);
    expect(await brokenIn(readThread('issue135', 'issue135.gauss.anySum'))).toEqual([]);
  });

  test('issue136: two hierarchies over one set of regions hold as one system, and printing N breaks K', async () => {
    for (const output of ['issue136.gauss.none', 'issue136.gauss.anySum', 'issue136.maxN3.gauss.none', 'issue136.maxN3.gauss.anySum']) expect(await brokenIn(readThread('issue136', output))).toEqual([]);
    const c = readThread('issue136', 'issue136.maxN3.gauss.none');
    expect(await brokenIn(printing(c, c.labels?.indexOf('N') ?? -1))).toEqual(['K']);
  });

  test('issue136: two lists, one by county and one by group, each safe by itself: K falls when both are read', async () => {
    const records = readColumns('kat/issue136.in.csv');
    const [region, n] = [records.text('region'), records.number('n')];
    const [county, group] = [records.text('county'), records.text('group')];
    const sums = (by: readonly string[]): { total: string; parts: string[] }[] => {
      const parts = Map.groupBy(region.keys(), (i) => by[i] ?? '');
      return [...[...parts].map(([total, rows]) => ({ total, parts: rows.map((i) => region[i] ?? '') })), { total: 'Total', parts: [...parts.keys()] }];
    };
    const spec: ProtectionSpec = { dimensions: [{ column: 'region', sums: [...sums(county), ...sums(group)] }], rules: { minFrequency: { threshold: 4, zeros: 'published' } }, method: 'combined', marksTold: false };
    const list = (by: readonly string[], withheld: readonly string[]): ReleasedList => {
      const counts = new Map(region.map((code, i) => [code, n[i] ?? 0]));
      for (const [i, code] of region.entries()) counts.set(by[i] ?? '', (counts.get(by[i] ?? '') ?? 0) + (counts.get(code) ?? 0));
      counts.set('Total', n.reduce((sum, x) => sum + x, 0));
      return { columns: ['region'], rows: [...counts].map(([code, freq]): ListedCell => ({ key: [code], freq, status: !withheld.includes(code) ? 'published' : freq <= 3 ? 'primary' : 'secondary' })) };
    };
    const small = region.filter((_, i) => (n[i] ?? 0) <= 3);
    const [byCounty, byGroup] = [list(county, small), list(group, small)];
    const alone = [await auditCells(byCounty, spec, []), await auditCells(byGroup, spec, [])].map(({ broken }) => broken.filter((b) => b.startsWith('K:')));
    expect(alone.filter((b) => b.length === 0).length).toBeGreaterThan(0);
    expect((await auditCells(byCounty, spec, [byGroup])).broken).toContain('K: can be derived exactly');
  });

  test('the example of the peer\'s help page: three ones fall beside hidden zeros and beside printed ones, anySum protects them', async () => {
    for (const pattern of ['supp_orderAsIs', 'supp_zerosFirst']) expect(await brokenIn(readThread('gaussdoc', 'gaussdoc', pattern))).toEqual(['1|A', '1|B', '1|C']);
    expect(await brokenIn(readThread('gaussdoc', 'gaussdoc', 'supp_zerosFirst_anySum'))).toEqual([]);
  });

  test('problemdata: w|b falls after SIMPLEHEURISTIC_OLD although every line has two suppressions, and after no other method', async () => {
    expect(await brokenIn(readTestProblem('problemdata', 'SIMPLEHEURISTIC_OLD'))).toEqual(['w|b']);
    for (const method of ['OPT', 'HITAS', 'HYPERCUBE', 'SIMPLEHEURISTIC', 'GAUSS']) expect(await brokenIn(readTestProblem('problemdata', method))).toEqual([]);
    for (const method of ['OPT', 'HITAS', 'HYPERCUBE', 'SIMPLEHEURISTIC', 'GAUSS', 'SIMPLEHEURISTIC_OLD']) expect(await brokenIn(readTestProblem('testproblem', method))).toEqual([]);
  });
});

describeCases('our attacker and known intervals', () => {
  test('problemdata before secondary suppression', async () => {
    const known = readKnownAudits().find((a) => a.id === 'sdcTable-problemdata')?.attack_before ?? {};
    expect(Object.keys(known)).toHaveLength(9);
    const c = readTestProblem('problemdata', 'OPT', true);
    const { intervals } = await attacked(c);
    expect(Object.fromEntries(intervals.map(({ cell, lower, upper }) => [c.labels?.[cell] ?? '', [lower + 0, upper + 0]]))).toEqual(known);
  });

  test('the audit intervals of Geurts', async () => {
    const known = readKnownAudits().find((a) => a.id === 'geurts-3x2')?.intervals ?? {};
    const cells = ['x11', 'x12', 'x21', 'x22'];
    const { intervals } = await audit({
      relations: [[4, 0, 1], [5, 2, 3], [6, 0, 2], [7, 1, 3]].map(([total = 0, ...parts]) => ({ total, parts: Int32Array.from(parts) })), value: Float64Array.of(5, 2, 1, 2, 7, 3, 6, 4), printed: (cell) => cell > 3,
      lower: new Float64Array(8), upper: new Float64Array(8).fill(Infinity), whole: true,
    }, { required: new Map(), cells: [0, 1, 2, 3] });
    expect(Object.fromEntries(intervals.map(({ cell, lower, upper }) => [cells[cell], [lower + 0, upper + 0]]))).toEqual(known);
  });

  test.each(Object.keys(EXAMPLES).filter((name) => !name.startsWith('d4')))('%s: nothing is broken', async (name) => {
    expect(await brokenIn(readExample(name))).toEqual([]);
  });
});

describeCases('our attacker on the peers\' patterns', () => {
  test.each([['gauss_none', 19], ['gauss_anySum', 0], ['lp_pruned', 0]])('S3 two-way %s: %i of 75 exactly known', async (column, exact) => {
    const list = readWays('S3', 2);
    expect((await attacked(caseOf(list, list.pattern(column), { lower: 1, integer: true }))).breaches).toHaveLength(exact);
  });

  // 103 have one value only, and four more no other whole number between their ends.
  test.each([['gauss_none', 107], ['lp_pruned', 0]])('S2 three-way %s: %i of 220 known', async (column, exact) => {
    const list = readWays('S2', 3);
    expect((await attacked(caseOf(list, list.pattern(column), { lower: 1, integer: true }))).breaches).toHaveLength(exact);
  });

  test('S2 three-way gauss_none: one more falls to whole tables, as it does to the gate, and none of the pruned pattern', async () => {
    const list = readWays('S2', 3);
    const broken = async (column: string): Promise<number> => {
      const c = caseOf(list, list.pattern(column), { lower: 1, integer: true });
      const { breaches, undecided } = await attackWhole(knowledgeOf(c), { required: new Map(c.primary.map((cell) => [cell, 0])), seconds: 300 });
      expect(undecided).toEqual([]);
      return breaches.length;
    };
    expect([await broken('gauss_none'), await broken('lp_pruned')]).toEqual([108, 0]);
  }, 600_000);

  test.each([['gauss_none', 962], ['sdcTable_SIMPLEHEURISTIC_OLD', 967]])('S1 %s: at least %i of 1,655 known', async (column, exact) => {
    const list = readS1();
    expect((await attacked(caseOf(list, list.pattern(column), { lower: 1, integer: true }))).breaches.length).toBeGreaterThanOrEqual(exact);
  }, 600_000);

  test.each([['area_zone_region_x_size.p10.numttHTT', 13, 0], ['area_zone_region_x_size.p10.none', 16, 14]] as const)('S4 %s: %i of 251 below their upper protection level, %i known to a single contributor', async (file, below, insiders) => {
    const list = readS4(file);
    const c = caseOf(list, list.pattern('suppressed'), { lower: 0, integer: false });
    expect((await attacked(c)).breaches).toHaveLength(below);
    const numbers = new Map<string, number>();
    const contributions = (c.contributions ?? []).map(({ cell, contributor, amount }) => ({ cell, amount, contributor: numbers.get(contributor) ?? numbers.set(contributor, numbers.size).size - 1 }));
    const knowledge = knowledgeOf(c);
    const { findings } = await attackByContributors(knowledge, { parts: carriedUp(knowledge.relations, contributions), required: c.primary });
    expect(new Set(findings.map((f) => f.cell)).size).toBe(insiders);
  }, 300_000);
});
