/**
 * A table released twice, for all years up to one and for one year more, put to the attack: what the checks on New Zealand's
 * tables share.
 * @module
 */
import { beforeAll, expect, test } from 'vitest';
import { auditCells, suppressByElimination } from '@weighbridge/protect';
import type { ListedCell } from '@weighbridge/protect';
import { gate } from '../../packages/protect/test/gate/gate.ts';
import type { GateOptions } from '../../packages/protect/test/gate/gate.ts';
import { DATA } from './real-data.ts';
import { YearlyReleases, asList, readFinest } from './yearly-releases.ts';
import type { Choose, Years } from './yearly-releases.ts';

/** What is released, and what must be found of it. */
export interface TwoReleases extends Years {
  readonly title: string;
  /** Offence, age, sex, ethnicity, year and their count, one row each. */
  readonly sql: string;
  readonly choose: Choose;
  /** Of the first release and of the second. */
  readonly cells: readonly [number, number];
  readonly primary: readonly [number, number];
  /** What the gate is asked of both. */
  readonly gate: GateOptions;
}

/** The fastest choice. */
export const byElimination: Choose = (table, options) => {
  const made = suppressByElimination(table, options, true);
  expect(made?.unproved).toEqual([]);
  return { secondary: made?.secondary ?? new Map() };
};

/** The tests of one pair of releases; inside a group that asks for the real data. */
export function testTwoReleases(source: TwoReleases): void {
  let [first, second]: [ListedCell[], ListedCell[]] = [[], []];
  let work: YearlyReleases;
  const judged = (lists: readonly (readonly ListedCell[])[], options: GateOptions = {}): ReturnType<typeof gate> => gate(work.asCase(lists), { checks: ['A', 'B'], ...source.gate, ...options });
  beforeAll(async () => {
    work = new YearlyReleases(source, await readFinest(DATA, source.sql));
    first = await work.withhold(work.early, source.choose);
    second = await work.withhold(work.late, source.choose, first);
  }, 600_000);

  test(`${source.title}: no small cell of the first release is derived, by our attacker or by the gate's`, async () => {
    const { certificate, broken } = await auditCells(asList(first), work.spec, [], { intervals: false });
    expect(broken).toEqual([]);
    expect(certificate.summary).toMatchObject({ cells: source.cells[0], primary: source.primary[0], breaches: 0 });
    expect(await judged([first])).toEqual([]);
  }, 600_000);

  test(`${source.title}: nor from both releases together`, async () => {
    const { certificate, broken } = await auditCells(asList(second), work.spec, [asList(first)], { intervals: false });
    expect(broken).toEqual([]);
    expect(certificate.summary).toMatchObject({ cells: source.cells[1], primary: source.primary[1], breaches: 0 });
    expect(await judged([first, second])).toEqual([]);
  }, 600_000);

  test(`${source.title}: protected each by itself, the second release gives cells of both away`, async () => {
    const alone = await work.withhold(work.late, byElimination);
    expect((await judged([first, alone], { first: true })).length).toBeGreaterThan(0);
  }, 600_000);
}
