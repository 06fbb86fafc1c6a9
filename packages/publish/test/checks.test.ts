import { describe, expect, test } from 'vitest';
import { Refusal } from '@weighbridge/base';
import { buildRelease } from '../src/index.ts';
import { testClosure } from '../src/closure.ts';
import { compareSides } from '../src/comparisons.ts';
import { controlIssues, testControls } from '../src/controls.ts';
import type { Control } from '../src/index.ts';
import { tableView } from '../src/table-view.ts';
import type { TableView } from '../src/table-view.ts';
import { codes, dimension, fixtureInput, fixtureTable } from './fixtures.ts';
import type { FixtureCell } from './fixtures.ts';

function one(id: string, values: Readonly<Record<string, FixtureCell>>, method: 'public' | 'round-base-3' | 'suppress' = 'public', total: string | null = 'Total'): TableView {
  return tableView(fixtureTable({ id, title: id, method, dimensions: [dimension('kind', 'Kind', codes('a', 'b'), { total })], value: ([k]) => values[k ?? '_T'] ?? null }));
}

const control = (more: Partial<Control>): Control => ({ id: 'c', table: 't', at: {}, equals: 90, source: 'S', otherwise: 'refuse', ...more });
const judged = (view: TableView, more: Partial<Control>): string => testControls([control(more)], new Map([['t', view]]))[0]?.outcome ?? '';

function refusalOf(run: () => unknown): Refusal {
  try {
    run();
  } catch (error) {
    if (error instanceof Refusal) return error;
    throw error;
  }
  throw new Error('expected a refusal');
}

describe('controls', () => {
  test.each([
    ['a number that is met', { _T: { value: 90 } }, 'public', 'met'],
    ['a number that is missed', { _T: { value: 91 } }, 'public', 'missed'],
    ['a rounded number 2 away', { _T: { value: 92 } }, 'round-base-3', 'within-rounding'],
    ['a rounded number 3 away', { _T: { value: 93 } }, 'round-base-3', 'missed'],
    ['a range around it', { _T: { value: { lo: 80, hi: 95, states: { band: 1 } } } }, 'public', 'within-bounds'],
    ['a range beside it', { _T: { value: { lo: 91, hi: null, states: { blank: 1 } } } }, 'public', 'missed'],
    ['a suppressed number', { _T: { value: null } }, 'suppress', 'not-testable'],
    ['no such cell', {}, 'public', 'not-testable'],
  ] as const)('%s: %s', (_, values, method, want) => {
    expect(judged(one('t', values, method), {})).toBe(want);
  });

  test('a missed control that refuses stops the release and names table, cell, expected, found and difference', () => {
    const input = fixtureInput();
    const refusal = refusalOf(() => buildRelease({ ...input, controls: [control({ table: 'requests', at: { provider: 'apple' }, equals: 1200 })] }));
    expect(refusal.code).toBe('CONTROL_MISSED');
    expect(refusal.issues[0]?.message).toBe('table requests, Provider: Apple (apple): expected 1,200 (S), found 1,234, difference +34');
  });

  test('every missed control is reported, not the first one only', () => {
    const results = testControls([control({ id: 'x' }), control({ id: 'y', at: { kind: 'a' } })], new Map([['t', one('t', { _T: { value: 1 }, a: { value: null } })]]));
    expect(controlIssues(results).map((i) => i.code)).toEqual(['CONTROL_MISSED', 'CONTROL_NOT_TESTABLE']);
  });

  test('a control that only shows never stops a release', () => {
    expect(controlIssues(testControls([control({ otherwise: 'show' })], new Map([['t', one('t', { _T: { value: 1 } })]])))).toEqual([]);
  });

  test.each([
    ['CONTROL_TABLE', { table: 'nowhere' }], ['CONTROL_FIELD', { at: { colour: 'a' } }], ['CONTROL_CODE', { at: { kind: 'z' } }],
  ])('%s: a control that names no cell is refused', (code, more) => {
    expect(refusalOf(() => judged(one('t', {}), more)).code).toBe(code);
  });

  test('CONTROL_NO_MARGIN: a dimension without a total must be named', () => {
    expect(refusalOf(() => judged(one('t', {}, 'public', null), {})).code).toBe('CONTROL_NO_MARGIN');
  });
});

describe('comparisons', () => {
  const years = (id: string, list: readonly string[], values: readonly (number | null)[]): TableView => tableView(fixtureTable({
    id, title: id, method: 'suppress', dimensions: [dimension('year', 'Year', codes(...list), { kind: 'time', total: null })], value: ([y]) => ({ value: values[list.indexOf(y ?? '')] ?? null }),
  }));

  test('every period of every side is a row, with each difference from the first side', () => {
    const views = new Map([['x', years('x', ['2020', '2021', '2022'], [10, 20, null])], ['y', years('y', ['2021', '2022', '2023'], [23, 5, 6])]]);
    const [result] = compareSides([{ id: 'c', title: 'C', note: 'n', along: 'year', sides: [{ label: 'X', table: 'x', at: {} }, { label: 'Y', table: 'y', at: {} }] }], views);
    expect(result?.rows.map((r) => [r.code, ...r.cells.map((c) => c.text), r.cells[1]?.difference])).toEqual([
      ['2020', '10', 'not in this table', null], ['2021', '20', '23', 3], ['2022', 'suppressed', '5', null], ['2023', 'not in this table', '6', null],
    ]);
    expect([result?.differing, result?.testable]).toEqual([1, 1]);
  });

  test('COMPARISON_FIELD: a side without the field is refused', () => {
    const views = new Map([['x', years('x', ['2020'], [1])], ['t', one('t', {})]]);
    const run = (): unknown => compareSides([{ id: 'c', title: 'C', note: 'n', along: 'year', sides: [{ label: 'X', table: 'x', at: {} }, { label: 'T', table: 't', at: {} }] }], views);
    expect(refusalOf(run).code).toBe('COMPARISON_FIELD');
  });
});

describe('closure of shown levels', () => {
  const list = [{ code: 'p', label: 'Parent' }, { code: 'a', label: 'A', parent: 'p' }, { code: 'b', label: 'B', parent: 'p' }];
  const levels = (p: number | null, a: number | null, b: number | null, method: 'public' | 'round-base-3'): TableView => tableView(fixtureTable({
    id: 't', title: 't', method, dimensions: [dimension('kind', 'Kind', list, { levelsShown: true, total: null })],
    value: ([k]) => ({ value: k === 'p' ? p : k === 'a' ? a : b }),
  }));

  test('a parent that is not the sum of its children is a gap; the parent stands', () => {
    expect(testClosure(levels(10, 4, 5, 'public')).gaps).toMatchObject([{ parent: 'p', reported: 10, children: 9, gap: 1 }]);
  });

  test('a parent that closes has no gap, and one with a withheld child cannot be tested', () => {
    expect(testClosure(levels(9, 4, 5, 'public'))).toMatchObject({ tested: 1, untestable: 0, gaps: [] });
    expect(testClosure(levels(9, null, 5, 'public'))).toMatchObject({ tested: 0, untestable: 1, gaps: [] });
  });

  test('protected tables are not tested: rounding opens gaps of its own', () => {
    expect(testClosure(levels(9, 3, 3, 'round-base-3'))).toMatchObject({ tested: 0, gaps: [] });
  });
});
