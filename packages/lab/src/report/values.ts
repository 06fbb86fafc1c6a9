/**
 * How the lab prints values: with unit, interval and raw counts; and the small bars that stand beside them.
 * @module
 */
import { html } from '@weighbridge/publish/markup';
import type { Html } from '@weighbridge/publish/markup';
import type { Row, TimeRow } from '../record.ts';

/** A value with its unit: shares in per cent. */
export function valueText(value: number, unit: string): string {
  switch (unit) {
    case 'share': return `${number(value * 100, 1)} %`;
    case 'ratio': return `${number(value, 2)}×`;
    case 'bytes': return `${number(value, 0)} B`;
    case 'ms': return `${number(value, value < 10 ? 2 : 0)} ms`;
    case 'dollars': return `$${number(value, value < 10 ? 2 : 0)}`;
    case 'per million': return `${number(value, 1)} per million`;
    default: return `${number(value, 2)} ${value === 1 ? ONE[unit] ?? unit : unit}`;
  }
}

/** The interval of a value in its unit, or nothing. */
export function intervalText(row: Pick<Row, 'low' | 'high' | 'unit'> | TimeRow): string {
  return row.low === undefined || row.high === undefined ? '' : `${valueText(row.low, row.unit)} to ${valueText(row.high, row.unit)}`;
}

/** Raw counts of a share, or nothing. */
export function countsText(row: Row): string {
  return row.count === undefined || row.of === undefined ? '' : `${number(row.count, 0)} of ${number(row.of, 0)}`;
}

/** One small bar for each size, side by side: the share of the height that is filled. `full` is the greatest value drawn. */
export function bars(values: readonly { readonly label: string; readonly value: number | undefined }[], full: number): Html {
  const [width, height, gap] = [14, 20, 4];
  const rects = values.map(({ label, value }, i) => {
    const x = i * (width + gap);
    const filled = value === undefined || full <= 0 ? 0 : Math.max(value > 0 ? 1 : 0, Math.round(Math.min(1, value / full) * height));
    return html`<g><title>${label}</title><rect x="${x}" y="0" width="${width}" height="${height}" fill="${value === undefined ? 'none' : '#e3e6e8'}" stroke="${value === undefined ? '#b1b4b6' : 'none'}" stroke-dasharray="2 2"/><rect x="${x}" y="${height - filled}" width="${width}" height="${filled}" fill="#12436d"/></g>`;
  });
  const total = values.length * (width + gap) - gap;
  return html`<svg class="bars" width="${total}" height="${height}" viewBox="0 0 ${total} ${height}" role="img" aria-label="${values.map((v) => v.label).join('; ')}">${rects}</svg>`;
}


const ONE: Readonly<Record<string, string>> = { messages: 'message', epochs: 'epoch', trials: 'trial', hashes: 'hash', people: 'person', parties: 'party', acts: 'act', keys: 'key', lines: 'line', bits: 'bit', hours: 'hour', 'core-seconds': 'core-second' };

function number(value: number, digits: number): string {
  if (value !== 0 && Math.abs(value) < 0.01 && digits > 0) return value.toPrecision(2);
  return value.toLocaleString('en-NZ', { maximumFractionDigits: digits });
}
