/**
 * Periods: codes, labels, the months they hold, and which of them a source covers in part only.
 * Months count from year 0 (12 × year + month - 1). Leaves out: periods shorter than a month.
 * @module
 */

/** Length of a period. `year-june` ends on 30 June and carries the year of its end. */
export type Grain = 'year' | 'year-june' | 'half' | 'quarter' | 'month';

/** Months from first to last, both included. */
export interface MonthSpan {
  readonly first: number;
  readonly last: number;
}

const LENGTH: Readonly<Record<Grain, number>> = { year: 12, 'year-june': 12, half: 6, quarter: 3, month: 1 };

const MONTHS = ['January', 'February', 'March', 'April', 'May', 'June', 'July', 'August', 'September', 'October', 'November', 'December'];

/** Month of a text that begins YYYY-MM, or the first month of a text YYYY; null when it is neither. */
export function monthOf(text: string): number | null {
  const found = /^(\d{4})(?:-(\d{2}))?(?:-\d{2})?$/.exec(text);
  if (!found) return null;
  const month = Number(found[2] ?? '01');
  return month >= 1 && month <= 12 ? Number(found[1]) * 12 + month - 1 : null;
}

/** Code of the period that holds a month: 2014, 2014-H2, 2014-Q3 or 2014-07; a year to June has the year of its end. */
export function periodCode(grain: Grain, month: number): string {
  const shifted = grain === 'year-june' ? month + 6 : month;
  const year = String(Math.floor(shifted / 12)).padStart(4, '0');
  switch (grain) {
    case 'year':
    case 'year-june':
      return year;
    case 'half':
      return `${year}-H${month % 12 < 6 ? 1 : 2}`;
    case 'quarter':
      return `${year}-Q${Math.floor((month % 12) / 3) + 1}`;
    case 'month':
      return `${year}-${String((month % 12) + 1).padStart(2, '0')}`;
  }
}

/** The months of a period, or null when the text is no code of this grain. */
export function periodMonths(grain: Grain, code: string): MonthSpan | null {
  const found = /^(\d{4})(?:-H([12])|-Q([1-4])|-(\d{2}))?$/.exec(code);
  if (!found) return null;
  const [, year, half, quarter, month] = found;
  const start = Number(year) * 12 + (half ? 6 * (Number(half) - 1) : quarter ? 3 * (Number(quarter) - 1) : month ? Number(month) - 1 : 0);
  const first = grain === 'year-june' ? start - 6 : start;
  return periodCode(grain, first) === code ? { first, last: first + LENGTH[grain] - 1 } : null;
}

/** What a period is called on a page; a text that is no code of the grain stays as it is. */
export function periodLabel(grain: Grain, code: string): string {
  const months = periodMonths(grain, code);
  if (!months) return code;
  switch (grain) {
    case 'year':
      return code;
    case 'year-june':
      return `Year ended June ${code}`;
    case 'half':
    case 'quarter':
      return spanLabel(months);
    case 'month':
      return monthLabel(months.first);
  }
}

/** Every code from the earliest to the latest of those given. Texts that are no codes of the grain are left out. */
export function fillPeriods(grain: Grain, codes: readonly string[]): string[] {
  const months = codes.map((c) => periodMonths(grain, c)).filter((m) => m !== null);
  if (months.length === 0) return [];
  const last = Math.max(...months.map((m) => m.first));
  const filled: string[] = [];
  for (let m = Math.min(...months.map((s) => s.first)); m <= last; m += LENGTH[grain]) filled.push(periodCode(grain, m));
  return filled;
}

/**
 * Which part of a period is covered, in words: "6 of 12 months, July to December 2014"; undefined when all of it is.
 * @param covered - the months that the source covers, spans in order and apart
 */
export function partPeriod(grain: Grain, code: string, covered: readonly MonthSpan[]): string | undefined {
  const period = periodMonths(grain, code);
  if (!period) return undefined;
  const parts = covered
    .map((c) => ({ first: Math.max(c.first, period.first), last: Math.min(c.last, period.last) }))
    .filter((c) => c.first <= c.last);
  const months = parts.reduce((sum, c) => sum + c.last - c.first + 1, 0);
  if (months === LENGTH[grain]) return undefined;
  return months === 0
    ? 'no month of it is covered: late records only'
    : `${months} of ${LENGTH[grain]} months, ${parts.map(spanLabel).join(' and ')}`;
}

/** Months that lie wholly within the union of date spans (ISO dates, both ends included). */
export function monthsWithin(spans: readonly { readonly from: string; readonly to: string }[]): MonthSpan[] {
  const days = spans.map((s) => ({ from: dayNumber(s.from), to: dayNumber(s.to) })).sort((a, b) => a.from - b.from || a.to - b.to);
  const unions: { from: number; to: number }[] = [];
  for (const day of days) {
    const open = unions.at(-1);
    if (open && day.from <= open.to + 1) open.to = Math.max(open.to, day.to);
    else unions.push({ ...day });
  }
  return unions
    .map((u) => ({ first: Math.ceil(monthPosition(u.from)), last: Math.floor(monthPosition(u.to + 1)) - 1 }))
    .filter((m) => m.first <= m.last);
}

/** The months in both. Spans of each list are in order and apart. */
export function intersectMonths(a: readonly MonthSpan[], b: readonly MonthSpan[]): MonthSpan[] {
  return a
    .flatMap((x) => b.map((y) => ({ first: Math.max(x.first, y.first), last: Math.min(x.last, y.last) })))
    .filter((m) => m.first <= m.last);
}

function spanLabel(span: MonthSpan): string {
  if (span.first === span.last) return monthLabel(span.first);
  const sameYear = Math.floor(span.first / 12) === Math.floor(span.last / 12);
  return `${sameYear ? (MONTHS[span.first % 12] ?? '') : monthLabel(span.first)} to ${monthLabel(span.last)}`;
}

function monthLabel(month: number): string {
  return `${MONTHS[month % 12] ?? ''} ${Math.floor(month / 12)}`;
}

const DAY = 86_400_000;

function dayNumber(iso: string): number {
  return Math.round(Date.parse(`${iso}T00:00:00Z`) / DAY);
}

/** Months since year 0 at the start of a day, a whole number on the first of a month. */
function monthPosition(day: number): number {
  const date = new Date(day * DAY);
  const month = date.getUTCFullYear() * 12 + date.getUTCMonth();
  return date.getUTCDate() === 1 ? month : month + 0.5;
}
