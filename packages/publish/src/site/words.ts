/**
 * Small phrases of the pages.
 * @module
 */
import { formatNumber } from '@weighbridge/base';
import type { TableMeta } from '@weighbridge/base';
import type { TableCertificate } from '@weighbridge/protect';
import { anchorText, hasUnits } from '../table-view.ts';

const MONTHS = ['January', 'February', 'March', 'April', 'May', 'June', 'July', 'August', 'September', 'October', 'November', 'December'];

/** An ISO date as people write it: `2024-06-30` gives "30 June 2024". Anything else stays as it is. */
export function dateWords(text: string): string {
  const [, year, month, day] = /^(\d{4})-(\d{2})-(\d{2})$/.exec(text) ?? [];
  const name = MONTHS[Number(month) - 1];
  return year === undefined || name === undefined ? text : `${Number(day)} ${name} ${year}`;
}

/** "1 January 2018 to 30 June 2024". */
export function periodWords(period: { readonly from: string; readonly to: string }): string {
  return period.from === period.to ? dateWords(period.from) : `${dateWords(period.from)} to ${dateWords(period.to)}`;
}

/** What a table measures, with the unit unless the label names it already or every row has its own. */
export function measureWords(meta: TableMeta): string {
  const { label } = meta.measure;
  if (meta.dimensions.some(hasUnits)) return `${label}, each in its own unit`;
  const unit = meta.basis.unit;
  return label.toLowerCase().includes(unit.toLowerCase()) ? label : `${label} (${unit})`;
}

/** A label inside a sentence: "Year to June" gives "year to June", "SMS or MMS" stays. */
export function inSentence(label: string): string {
  return /^\p{Lu}(?:\p{Ll}|$|\s)/u.test(label) ? label.charAt(0).toLowerCase() + label.slice(1) : label;
}

/** Ends a phrase with a full stop. */
export function sentence(text: string): string {
  return /[.!?]$/.test(text) ? text : `${text}.`;
}

/** The anchor of the note that tells why periods must not be compared: a break, or a part period. */
export function noteAnchor(of: { readonly cause: 'break' | 'part'; readonly field: string; readonly at: string }): string {
  return `note-${of.cause}-${anchorText(of.field)}-${anchorText(of.at)}`;
}

/** That an attack was run and what it knew; null where everything is public already. */
export function attackWords({ method, linkedTables, earlierReleases = 0 }: TableCertificate): string | null {
  if (method === 'public') return null;
  const others = linkedTables === 0 ? '' : ` together with ${linkedTables === 1 ? 'one other that counts' : `${formatNumber(linkedTables)} others that count`} some of the same`;
  const before = earlierReleases === 0 ? '' : `${others === '' ? ' together with' : ' and with'} ${earlierReleases === 1 ? 'the release' : `the ${formatNumber(earlierReleases)} releases`} made before`;
  return `An attack was run on this table${others}${before}, by a reader who has every printed number, the sums between them and the method: no small number followed.`;
}
