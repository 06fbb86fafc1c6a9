import { describe, expect, test } from 'vitest';
import { fillPeriods, intersectMonths, monthOf, monthsWithin, partPeriod, periodCode, periodLabel, periodMonths } from '../src/calendar.ts';
import type { Grain } from '../src/calendar.ts';

const GRAINS: readonly Grain[] = ['year', 'year-june', 'half', 'quarter', 'month'];
const months = (from: string, to: string): { first: number; last: number } => ({ first: monthOf(from) ?? -1, last: monthOf(to) ?? -1 });

test.each([
  ['year', '2014-07', '2014', '2014'], ['year-june', '2014-06', '2014', 'Year ended June 2014'], ['year-june', '2014-07', '2015', 'Year ended June 2015'],
  ['half', '2014-06', '2014-H1', 'January to June 2014'], ['quarter', '2014-12', '2014-Q4', 'October to December 2014'], ['month', '2014-07', '2014-07', 'July 2014'],
] as const)('the %s of %s is %s, "%s"', (grain, month, code, label) => {
  expect(periodCode(grain, monthOf(month) ?? -1)).toBe(code);
  expect(periodLabel(grain, code)).toBe(label);
});

test('every month stands in the period of its code, for a hundred years', () => {
  for (const grain of GRAINS) {
    for (let m = 1950 * 12; m < 2050 * 12; m++) {
      const span = periodMonths(grain, periodCode(grain, m));
      expect(span && span.first <= m && m <= span.last).toBe(true);
    }
  }
});

test('a text that is no code of the grain is no period', () => {
  for (const [grain, text] of [['year', '2014-07'], ['month', '2014'], ['quarter', '2014-Q5'], ['month', '2014-13'], ['year', 'Oct-14'], ['year', '']] as const) {
    expect(periodMonths(grain, text)).toBeNull();
    expect(periodLabel(grain, text)).toBe(text);
  }
});

test('periods between the first and the last are filled in', () => {
  expect(fillPeriods('quarter', ['2014-Q3', '', '2015-Q2'])).toEqual(['2014-Q3', '2014-Q4', '2015-Q1', '2015-Q2']);
  expect(fillPeriods('year', [])).toEqual([]);
});

describe('part periods', () => {
  test.each([
    ['year', '2014', [months('2014-07', '2023-07')], '6 of 12 months, July to December 2014'],
    ['year', '2023', [months('2014-07', '2023-07')], '7 of 12 months, January to July 2023'],
    ['year', '2015', [months('2014-07', '2023-07')], undefined],
    ['year-june', '2015', [months('2014-07', '2023-07')], undefined],
    ['year-june', '2014', [months('2013-10', '2014-06')], '9 of 12 months, October 2013 to June 2014'],
    ['quarter', '2014-Q3', [months('2014-09', '2014-12')], '1 of 3 months, September 2014'],
    ['year', '2014', [months('2014-01', '2014-03'), months('2014-10', '2014-12')], '6 of 12 months, January to March 2014 and October to December 2014'],
    ['year', '2012', [months('2014-01', '2014-03')], 'no month of it is covered: late records only'],
    ['year', 'Oct-14', [months('2014-01', '2014-03')], undefined],
  ] as const)('%s %s', (grain, code, covered, want) => {
    expect(partPeriod(grain, code, covered)).toBe(want);
  });

  test('rounds that meet are one span; a month counts when all its days are in', () => {
    expect(monthsWithin([{ from: '2014-07-01', to: '2014-09-30' }, { from: '2014-10-01', to: '2014-12-31' }])).toEqual([months('2014-07', '2014-12')]);
    expect(monthsWithin([{ from: '2014-07-02', to: '2014-09-29' }])).toEqual([months('2014-08', '2014-08')]);
    expect(monthsWithin([{ from: '2014-07-02', to: '2014-07-30' }])).toEqual([]);
    expect(intersectMonths([months('2014-01', '2014-06')], [months('2014-04', '2014-12')])).toEqual([months('2014-04', '2014-06')]);
  });
});
