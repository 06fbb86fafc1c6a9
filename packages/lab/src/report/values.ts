/**
 * How the lab prints values: with unit, interval and raw counts; and the small bars that stand beside them. Values above
 * 10,000 have three significant figures, unless they are asked for exactly; raw counts are always exact.
 * @module
 */
import { html } from '@weighbridge/publish/markup';
import type { Html } from '@weighbridge/publish/markup';
import type { Row, TimeRow } from '../record.ts';

/** A value with its unit, short units on the same line: shares in per cent. `exact` leaves what is above 10,000 as it is. */
export function valueText(value: number, unit: string, { exact = false }: { readonly exact?: boolean } = {}): string {
  const print = (of: number, digits: number): string => number(of, digits, exact);
  switch (unit) {
    case 'share': return `${print(value * 100, 1)}\u00a0%`;
    case 'ratio': return `${print(value, 2)}×`;
    case 'bytes': return `${print(value, 0)}\u00a0B`;
    case 'ms': return `${print(value, value < 10 ? 2 : 0)}\u00a0ms`;
    case 'dollars': return `$${print(value, value < 10 ? 2 : 0)}`;
    case 'per million': return `${print(value, value < 100 ? 1 : 0)} per million`;
    default: return `${print(value, value < 100 ? 2 : 1)} ${value === 1 ? ONE[unit] ?? unit : unit}`;
  }
}

/** A range in its unit, which is printed once: "250 to 350 B". */
export function rangeText(low: number, high: number, unit: string, { exact = false }: { readonly exact?: boolean } = {}): string {
  return `${valueText(low, unit, { exact }).split(/[ \u00a0]/)[0]} to ${valueText(high, unit, { exact })}`;
}

/** The interval of a value in its unit, or nothing. */
export function intervalText(row: Pick<Row, 'low' | 'high' | 'unit'> | TimeRow, { exact = false }: { readonly exact?: boolean } = {}): string {
  return row.low === undefined || row.high === undefined ? '' : rangeText(row.low, row.high, row.unit, { exact });
}

/** Raw counts of a share, or nothing. */
export function countsText(row: Pick<Row, 'count' | 'of'>): string {
  return row.count === undefined || row.of === undefined ? '' : `${number(row.count, 0, true)} of ${number(row.of, 0, true)}`;
}

/**
 * A value where it stands alone, as in a table: a rate as what was found of what was looked at, with its interval; counts
 * beside a sampled share of nothing or of all, which says little by itself; a star where there is an interval to look up.
 */
export function rowText(row: Row, lookedAt?: string): string {
  const [counts, value] = [countsText(row), valueText(row.value, row.unit)];
  if (row.metric === 'coalition.least' && row.value === 0) return `${value}: anybody who pays`;
  if (row.unit === 'per million' && counts !== '') return `${counts}${lookedAt === undefined ? '' : ` ${lookedAt}`} (${rateText(row)})`;
  if (row.low === undefined || row.high === undefined) return value;
  return counts !== '' && (row.value === 0 || row.value === 1) ? `${value}* (${counts})` : `${value}*`;
}

/** A value with its interval, for running text. */
export function fullText(row: Row): string {
  const interval = intervalText(row);
  return interval === '' || row.unit === 'per million' ? rowText(row) : `${valueText(row.value, row.unit)} (95\u00a0% interval ${interval})`;
}

/** The interval of a time's ratio: the ends of its median over the baseline's median. The baseline's own spread is not in it. */
export function ratioInterval({ low, high, baseline }: TimeRow): { readonly low: number; readonly high: number } | undefined {
  return low === undefined || high === undefined || baseline === undefined || baseline <= 0 ? undefined : { low: low / baseline, high: high / baseline };
}

/** A time against its baseline: "about 1×" where the interval of the ratio covers 1, a star where it does not. Undefined where there is no baseline. */
export function ratioText(row: TimeRow): string | undefined {
  if (row.ratio === undefined) return undefined;
  const interval = ratioInterval(row);
  if (interval === undefined) return valueText(row.ratio, 'ratio');
  return coversOne(interval) ? 'about 1×' : `${valueText(row.ratio, 'ratio')}*`;
}

/** Whether an interval of a ratio leaves open on which side of 1 it is. */
export function coversOne({ low, high }: { readonly low: number; readonly high: number }): boolean {
  return low <= 1 && high >= 1;
}

/** A number of things in words: one of them, or many. */
export function countOf(count: number, one: string, many: string): string {
  return `${number(count, 0, true)} ${count === 1 ? one : many}`;
}

/** One small bar for each size, side by side: the share of the height that is filled. `full` is the greatest value drawn. */
export function bars(values: readonly { readonly label: string; readonly value: number | undefined }[], full: number): Html {
  const [width, height, gap] = [11, 18, 3];
  const rects = values.map(({ label, value }, i) => {
    const x = i * (width + gap);
    const filled = value === undefined || full <= 0 ? 0 : Math.max(value > 0 ? 1 : 0, Math.round(Math.min(1, value / full) * height));
    return html`<g><title>${label}</title><rect x="${x}" y="0" width="${width}" height="${height}" fill="${value === undefined ? 'none' : '#e3e6e8'}" stroke="${value === undefined ? '#b1b4b6' : 'none'}" stroke-dasharray="2 2"/><rect x="${x}" y="${height - filled}" width="${width}" height="${filled}" fill="${BAR}"/></g>`;
  });
  const total = values.length * (width + gap) - gap;
  return html`<svg class="bars" width="${total}" height="${height}" viewBox="0 0 ${total} ${height}" role="img" aria-label="${values.map((v) => v.label).join('; ')}">${rects}</svg>`;
}

/** One colour for every bar: a long bar is no praise and no blame. */
const BAR = '#6b7479';

const ONE: Readonly<Record<string, string>> = { messages: 'message', epochs: 'epoch', trials: 'trial', hashes: 'hash', people: 'person', parties: 'party', acts: 'act', keys: 'key', lines: 'line', bits: 'bit', hours: 'hour', 'core-seconds': 'core-second' };

function rateText({ value, low, high, unit }: Row): string {
  if (low === undefined || high === undefined) return valueText(value, unit);
  return low === 0 ? `up to ${valueText(high, unit)}` : rangeText(low, high, unit);
}

function number(value: number, digits: number, exact: boolean): string {
  if (value !== 0 && Math.abs(value) < 0.01 && digits > 0) return value.toLocaleString('en-NZ', { maximumSignificantDigits: 2 });
  const rounded = !exact && Math.abs(value) >= 10_000 ? Number(value.toPrecision(3)) : value;
  return rounded.toLocaleString('en-NZ', { maximumFractionDigits: digits });
}
