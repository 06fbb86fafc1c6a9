import { describe, expect, test } from 'vitest';
import type { Quantity, SeriesBreak } from '@weighbridge/base';
import { changeOf, printDerived, shareBase, shareOf } from '../src/derive.ts';
import { tableView } from '../src/table-view.ts';
import type { TableView } from '../src/table-view.ts';
import { codes, dimension, fixtureTable } from './fixtures.ts';
import type { FixtureCell } from './fixtures.ts';

const years = [...codes('2020', '2021', '2022'), { code: '2023', label: '2023', partPeriod: 'to June' }];

function series(values: Readonly<Record<string, FixtureCell>>, breaks: readonly SeriesBreak[] = [], total: string | null = null): TableView {
  return tableView(fixtureTable({
    id: 't', title: 'T', dimensions: [dimension('year', 'Year', years, { kind: 'time', total })], breaks, value: ([y]) => values[y ?? '_T'] ?? null,
  }));
}

const q = (lo: number | null, hi: number | null, states: Quantity['states'] = {}): FixtureCell => ({ value: { lo, hi, states } });

describe('change from the period before', () => {
  test.each([
    [10, 15, '+50.0%'], [10, 5, '−50.0%'], [10, 10, '0.0%'], [3, 4, '+33.3%'], [1, 21, '+2,000.0%'], [200, 199, '−0.5%'],
  ])('from %i to %i is %s', (before, now, want) => {
    const view = series({ 2020: { value: before }, 2021: { value: now } });
    expect(printDerived(changeOf(view, 0, ['2021']), 'change')).toBe(want);
  });

  test('a change across a break is refused with the reason', () => {
    const view = series({ 2020: { value: 10 }, 2021: { value: 20 } }, [{ field: 'year', at: '2021', why: 'reports are bundled' }]);
    expect(printDerived(changeOf(view, 0, ['2021']), 'change')).toBe('not comparable: reports are bundled');
  });

  test('a break at a period that the table does not show is between its neighbours', () => {
    const view = series({ 2021: { value: 10 }, 2022: { value: 20 } }, [{ field: 'year', at: '2021-07', why: 'new method' }]);
    expect(changeOf(view, 0, ['2022'])).toEqual({ kind: 'not-comparable', why: 'new method', cause: 'break', field: 'year', at: '2021-07' });
  });

  test('a change to a part period is refused with its part', () => {
    const view = series({ 2022: { value: 10 }, 2023: { value: 20 } });
    expect(changeOf(view, 0, ['2023'])).toEqual({ kind: 'not-comparable', why: '2023 is a part period (to June)', cause: 'part', field: 'year', at: '2023' });
  });

  test('a range gives a range, a suppressed number and a zero before give none', () => {
    expect(printDerived(changeOf(series({ 2020: q(10, 20), 2021: { value: 20 } }), 0, ['2021']), 'change')).toBe('0.0% to +100.0%');
    expect(printDerived(changeOf(series({ 2020: { value: null }, 2021: { value: 20 } }), 0, ['2021']), 'change')).toBe('–');
    expect(printDerived(changeOf(series({ 2020: { value: 0 }, 2021: { value: 20 } }), 0, ['2021']), 'change')).toBe('–');
    expect(printDerived(changeOf(series({ 2020: q(10, null, { blank: 1 }), 2021: { value: 20 } }), 0, ['2021']), 'change')).toBe('–');
  });

  test('the first period and the total have none', () => {
    const view = series({ 2020: { value: 1 }, _T: { value: 1 } }, [], 'Total');
    expect(changeOf(view, 0, ['2020'])).toEqual({ kind: 'none', why: 'first period shown' });
    expect(changeOf(view, 0, [null]).kind).toBe('none');
  });
});

describe('share within a dimension', () => {
  const kinds = codes('a', 'b');
  function parts(values: Readonly<Record<string, FixtureCell>>, more: Parameters<typeof dimension>[3] = {}): TableView {
    return tableView(fixtureTable({ id: 't', title: 'T', dimensions: [dimension('kind', 'Kind', kinds, more)], value: ([k]) => values[k ?? '_T'] ?? null }));
  }

  test('the base is the published total, not the sum of the parts', () => {
    const view = parts({ a: { value: 30 }, b: { value: 60 }, _T: { value: 100 } });
    expect(printDerived(shareOf(view, 0, ['a']), 'share')).toBe('30.0%');
    expect(shareBase(view, 0, ['a']).label).toBe('Total');
  });

  test('without a total the base is the sum of the parts, and says so', () => {
    const view = parts({ a: { value: 30 }, b: { value: 60 } }, { total: null });
    expect(printDerived(shareOf(view, 0, ['a']), 'share')).toBe('33.3%');
    expect(shareBase(view, 0, ['a']).label).toBe('sum of Kind');
  });

  test('no base is made of codes that must not be added', () => {
    for (const more of [{ total: null, levelsShown: true }, { total: null, notAdditive: 'a record counts under each of its values' }]) {
      expect(shareOf(parts({ a: { value: 30 }, b: { value: 60 } }, more), 0, ['a']).kind).toBe('none');
    }
  });

  test('a suppressed part has no share and hides the base that would be summed from it', () => {
    expect(printDerived(shareOf(parts({ a: { value: null }, b: { value: 60 }, _T: { value: 100 } }), 0, ['a']), 'share')).toBe('–');
    expect(shareOf(parts({ a: { value: null }, b: { value: 60 } }, { total: null }), 0, ['b']).kind).toBe('none');
  });

  test('a bounded part gives a range within 0 and 100', () => {
    expect(printDerived(shareOf(parts({ a: q(10, 20), b: { value: 60 }, _T: { value: 80 } }), 0, ['a']), 'share')).toBe('12.5% to 25.0%');
    expect(printDerived(shareOf(parts({ a: q(10, null, { blank: 1 }), b: { value: 60 }, _T: { value: 80 } }), 0, ['a']), 'share')).toBe('12.5% to 100.0%');
  });

  test('a base of zero gives no share', () => {
    expect(shareOf(parts({ a: { value: 0 }, b: { value: 0 }, _T: { value: 0 } }), 0, ['a'])).toEqual({ kind: 'none', why: 'the base is zero' });
  });
});
