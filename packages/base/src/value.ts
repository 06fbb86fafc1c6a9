/**
 * A reported value as it stands in its source: a number, bounds, or a mark that is not a number.
 * Zero, blank, "<1%", "-", "1*", a band and "not attempted" are different states and stay different to the last page.
 * @module
 */

/**
 * How a value was stated. `exact`: a number. `band`: between two printed bounds. `less-than`, `at-least`: one printed bound.
 * `starred`: a number with a printed mark whose meaning the instrument declares. The rest are not numbers.
 */
export type ValueState =
  | 'exact'
  | 'band'
  | 'less-than'
  | 'at-least'
  | 'starred'
  | 'blank'
  | 'not-applicable'
  | 'not-published'
  | 'not-recorded'
  | 'not-sought'
  | 'not-attempted'
  | 'suppressed'
  | 'earlier-period';

/** Every state, in the order in which they are listed to people. */
export const VALUE_STATES = [
  'exact', 'band', 'less-than', 'at-least', 'starred', 'blank', 'not-applicable', 'not-published',
  'not-recorded', 'not-sought', 'not-attempted', 'suppressed', 'earlier-period',
] as const satisfies readonly ValueState[];

/** What a state is called on a page. */
export const STATE_LABELS: Readonly<Record<ValueState, string>> = {
  exact: 'exact',
  band: 'published as a band',
  'less-than': 'published as less than a bound',
  'at-least': 'published as at least a bound',
  starred: 'published with a mark',
  blank: 'blank in the source',
  'not-applicable': 'not applicable',
  'not-published': 'not published',
  'not-recorded': 'not recorded',
  'not-sought': 'not sought',
  'not-attempted': 'not attempted',
  suppressed: 'suppressed by the source',
  'earlier-period': 'belongs to an earlier period',
};

/**
 * A sum over reported values. `lo` and `hi` bound it; equal when every value was exact.
 * `lo` is null when no value was a number; `hi` is null when the sum has no upper bound ("at least lo").
 * `states` says how many values were in each state other than `exact`.
 */
export interface Quantity {
  readonly lo: number | null;
  readonly hi: number | null;
  readonly states: Readonly<Partial<Record<ValueState, number>>>;
}

/** An exact number as a quantity. */
export function exactly(n: number): Quantity {
  return { lo: n, hi: n, states: {} };
}

const grouped = new Intl.NumberFormat('en-NZ', { maximumFractionDigits: 6 });

/** A number as printed on pages: thousands separated by commas. */
export function formatNumber(n: number): string {
  return grouped.format(n);
}

/**
 * The quantity as printed: `1,234`, `249 to 498`, `at least 12`, or the label of the only state when there is no number.
 * A sum that met values which are no numbers is "at least", never a bare number.
 */
export function formatQuantity(q: Quantity): string {
  const states = Object.keys(q.states) as ValueState[];
  if (q.lo === null) {
    const [only, ...others] = states;
    return only !== undefined && others.length === 0 ? STATE_LABELS[only] : 'no number reported';
  }
  if (q.hi === null) return `at least ${formatNumber(q.lo)}`;
  return q.lo === q.hi ? formatNumber(q.lo) : `${formatNumber(q.lo)} to ${formatNumber(q.hi)}`;
}
