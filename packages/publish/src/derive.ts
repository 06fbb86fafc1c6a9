/**
 * Shares within a dimension and changes from one period to the next, from protected values only.
 * A number that is a range gives a range; one that is withheld gives none; a change across a break, or from or to a part
 * period, is refused with its reason.
 * @module
 */
import type { CellKey, DeriveMeta, Dimension, Quantity, SeriesBreak } from '@weighbridge/base';
import { keyText, keyWith } from './table-view.ts';
import type { TableView } from './table-view.ts';

/** A derived number in percent, or why there is none. */
export type Derived =
  | { readonly kind: 'exact'; readonly value: number }
  | { readonly kind: 'range'; readonly lo: number; readonly hi: number }
  | { readonly kind: 'none'; readonly why: string }
  /** `cause` and `at` say what forbids it: a break of the field, or a part period, at this code. */
  | { readonly kind: 'not-comparable'; readonly why: string; readonly cause: 'break' | 'part'; readonly field: string; readonly at: string };

interface Interval { readonly lo: number; readonly hi: number | null }

/** What a share is a share of: the dimension's margin, or the sum of its codes where they may be added. */
export interface ShareBase {
  readonly label: string;
  /** The margin's address when the base is a cell. */
  readonly key: CellKey | null;
  readonly interval: Interval | null;
  readonly why: string;
}

/** The base of a share over the dimension at `index`, everything else held as in `key`. */
export function shareBase(view: TableView, index: number, key: CellKey): ShareBase {
  const dimension = dimensionAt(view, index);
  if (dimension.total !== null) {
    const margin = keyWith(key, index, null);
    const interval = intervalAt(view, margin);
    return { label: dimension.total, key: margin, interval, why: interval === null ? 'the base is not a published number' : '' };
  }
  const label = `sum of ${dimension.label}`;
  const refusal = dimension.notAdditive ?? (dimension.levelsShown ? 'several levels stand side by side' : undefined);
  if (refusal !== undefined) return { label, key: null, interval: null, why: `no base: ${refusal}` };
  let sum: Interval | null = { lo: 0, hi: 0 };
  for (const { code } of dimension.codes) {
    const part = intervalAt(view, keyWith(key, index, code));
    sum = part === null || sum === null ? null : { lo: sum.lo + part.lo, hi: sum.hi === null || part.hi === null ? null : sum.hi + part.hi };
  }
  return { label, key: null, interval: sum, why: sum === null ? 'a part of the base is not a published number' : '' };
}

/** The share, in percent, of the cell in its base over the dimension at `index`. Between 0 and 100 when it is a range. */
export function shareOf(view: TableView, index: number, key: CellKey): Derived {
  const part = intervalAt(view, key);
  if (part === null) return { kind: 'none', why: 'the part is not a published number' };
  const base = shareBase(view, index, key);
  if (base.interval === null) return { kind: 'none', why: base.why };
  if (base.interval.hi === 0) return { kind: 'none', why: 'the base is zero' };
  const exact = part.lo === part.hi && base.interval.lo === base.interval.hi;
  if (exact) return { kind: 'exact', value: (100 * part.lo) / base.interval.lo };
  const lo = base.interval.hi === null ? 0 : (100 * part.lo) / base.interval.hi;
  const hi = part.hi === null || base.interval.lo === 0 ? 100 : Math.min(100, (100 * part.hi) / base.interval.lo);
  return lo <= 0 && hi >= 100 ? { kind: 'none', why: 'the numbers are too uncertain for a share' } : { kind: 'range', lo, hi };
}

/**
 * The change, in percent, from the period before. Refused across a break and for part periods.
 * The first period and the margin have none.
 */
export function changeOf(view: TableView, index: number, key: CellKey): Derived {
  const dimension = dimensionAt(view, index);
  const code = key[index] ?? null;
  const at = dimension.codes.findIndex((c) => c.code === code);
  const now = dimension.codes[at];
  const before = dimension.codes[at - 1];
  if (now === undefined) return { kind: 'none', why: 'a total has no period before it' };
  if (before === undefined) return { kind: 'none', why: 'first period shown' };
  const { field } = dimension;
  const broken = breakBetween(view, field, before.code, now.code);
  if (broken !== null) return { kind: 'not-comparable', why: broken.why, cause: 'break', field, at: broken.at };
  const part = [now, before].find((c) => c.partPeriod !== undefined);
  if (part !== undefined) return { kind: 'not-comparable', why: `${part.label} is a part period (${part.partPeriod ?? ''})`, cause: 'part', field, at: part.code };
  return relativeChange(intervalAt(view, keyWith(key, index, before.code)), intervalAt(view, key));
}

/** What a derived column says at an address, or null when the table has not the dimension it goes over. */
export function derivedAt(view: TableView, derive: DeriveMeta, key: CellKey): Derived | null {
  const index = view.dimensionIndex(derive.over);
  if (index < 0) return null;
  return derive.kind === 'share' ? shareOf(view, index, key) : changeOf(view, index, key);
}

/** True when the address is the base that its own share is drawn from. */
export function isShareBase(view: TableView, derive: DeriveMeta, key: CellKey): boolean {
  const base = derive.kind === 'share' ? shareBase(view, view.dimensionIndex(derive.over), key).key : null;
  return base !== null && keyText(base) === keyText(key);
}

/** A derived number as printed: `12.3%`, `10.0% to 12.5%`, `+4.2%`, `–`, or the reason why it is not comparable. */
export function printDerived(derived: Derived, kind: 'share' | 'change'): string {
  switch (derived.kind) {
    case 'exact':
      return percent(derived.value, kind);
    case 'range':
      return `${percent(derived.lo, kind)} to ${percent(derived.hi, kind)}`;
    case 'none':
      return '–';
    case 'not-comparable':
      return `not comparable: ${derived.why}`;
  }
}

/** The break of the field between two neighbouring codes (the second included), or null. */
export function breakBetween(view: TableView, field: string, before: string, now: string): SeriesBreak | null {
  return view.meta.basis.breaks.find((b) => b.field === field && (b.at === now || (before < b.at && b.at <= now))) ?? null;
}

/** A published value as an interval, or null when it is no number. */
export function intervalAt(view: TableView, key: CellKey): Interval | null {
  return intervalOf(view.cell(key)?.value ?? null);
}

function intervalOf(value: Quantity | null): Interval | null {
  return value === null || value.lo === null ? null : { lo: value.lo, hi: value.hi };
}

function relativeChange(before: Interval | null, now: Interval | null): Derived {
  if (before === null) return { kind: 'none', why: 'the period before has no published number' };
  if (now === null) return { kind: 'none', why: 'no published number' };
  if (before.lo === 0) return { kind: 'none', why: 'no percentage can be drawn from zero' };
  if (before.lo === before.hi && now.lo === now.hi) return { kind: 'exact', value: (100 * (now.lo - before.lo)) / before.lo };
  if (before.hi === null || now.hi === null) return { kind: 'none', why: 'a number has no upper bound' };
  return { kind: 'range', lo: 100 * (now.lo / before.hi - 1), hi: 100 * (now.hi / before.lo - 1) };
}

/** One decimal, rounded half away from zero on the decimal text; a true minus sign. */
function percent(value: number, kind: 'share' | 'change'): string {
  const tenths = Math.round(Math.abs(value) * 10 + 1e-9);
  const text = `${Math.floor(tenths / 10)}.${tenths % 10}%`.replace(/\B(?=(\d{3})+(?=\.))/g, ',');
  if (kind === 'share' || tenths === 0) return text;
  return value < 0 ? `−${text}` : `+${text}`;
}

function dimensionAt(view: TableView, index: number): Dimension {
  const dimension = view.meta.dimensions[index];
  if (dimension === undefined) throw new RangeError(`expected a dimension position below ${view.meta.dimensions.length}, got ${index}`);
  return dimension;
}
