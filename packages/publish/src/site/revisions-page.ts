/**
 * What later editions of published series changed: old and new value side by side.
 * @module
 */
import { formatNumber } from '@weighbridge/base';
import type { TableMeta } from '@weighbridge/base';
import type { SeriesRevision } from '@weighbridge/protect';
import { html } from '../html.ts';
import type { Html } from '../html.ts';
import { labelOf } from '../table-view.ts';
import { renderPage } from './page.ts';
import type { SiteContext } from './page.ts';
import { plainTable } from './plain-table.ts';

/** Most revisions on the page; the CSV has all. */
const PAGE_REVISIONS = 3000;

/** `revisions.html`. */
export function revisionsPage(context: SiteContext): string {
  const { revisions } = context;
  const count = (change: SeriesRevision['change']): number => revisions.filter((r) => r.change === change).length;
  const shown = revisions.slice(0, PAGE_REVISIONS);
  const main = html`<h1>Revisions</h1>
<p class="lead">Later editions of published series changed ${values(count('changed'))}, dropped ${formatNumber(count('dropped'))} and added ${formatNumber(count('added'))}. No edition is overwritten.</p>
<p class="downloads">Downloads: <a href="revisions.csv">Revisions as CSV</a>, <a href="revisions.json">Revisions as JSON</a></p>
${shown.length < revisions.length ? html`<p class="inset">This page shows ${formatNumber(shown.length)} of ${formatNumber(revisions.length)} revisions; the files have all of them.</p>` : null}
${[...Map.groupBy(shown, (r) => r.instrument)].map(([instrument, own], i) => html`<h2 id="series-${i}">Return “${instrument}”</h2>
${tablesOf(context, instrument)}
${revisionTable(context, own, { id: `revisions-${i}`, caption: `Return “${instrument}”: values in the earlier and in the later edition` })}
`)}`;
  return renderPage(context, { title: 'Revisions', root: '', main, breadcrumbs: [{ text: 'Tables', href: 'index.html' }] });
}

/** Revisions as a table; keys are told by the labels of the tables that show them. */
export function revisionTable(context: SiteContext, revisions: readonly SeriesRevision[], names: { readonly id: string; readonly caption: string }): Html {
  const fields = fieldNames(context);
  return plainTable({
    ...names,
    columns: [
      { label: 'Value of', header: true }, { label: 'Earlier edition' }, { label: 'Earlier value', num: true }, { label: 'Later edition' },
      { label: 'Later value', num: true }, { label: 'Change' },
    ],
    rows: revisions.map((r) => ({ cells: [keyWords(fields, r), r.fromEdition, valueOf(r.before), r.toEdition, valueOf(r.after), r.change] })),
  });
}

/** True when the table shows the value: every key field that is a dimension of the table has the revision's code, and one is. */
export function isOfTable(meta: TableMeta, revision: SeriesRevision): boolean {
  const own = meta.dimensions.filter((d) => d.field in revision.key);
  return own.length > 0 && own.every((d) => d.codes.some((c) => c.code === revision.key[d.field]));
}

function tablesOf(context: SiteContext, instrument: string): Html {
  const views = context.views.filter((v) => v.meta.instrument === instrument);
  return html`<p>Tables: ${views.map((v, i) => html`${i > 0 ? ', ' : ''}<a href="tables/${v.meta.id}.html">${v.meta.title}</a>`)}.</p>`;
}

type FieldNames = ReadonlyMap<string, { readonly label: string; readonly codes: ReadonlyMap<string, string> }>;

/** Labels by instrument and field, from the dimensions of all tables. */
function fieldNames(context: SiteContext): FieldNames {
  const found = new Map<string, { label: string; codes: Map<string, string> }>();
  for (const { meta } of context.views) {
    for (const dimension of meta.dimensions) {
      const id = `${meta.instrument} ${dimension.field}`;
      const field = found.get(id) ?? { label: dimension.label, codes: new Map<string, string>() };
      for (const { code, unit } of dimension.codes) field.codes.set(code, `${labelOf(dimension, code)}${unit === undefined ? '' : ` (${unit})`}`);
      found.set(id, field);
    }
  }
  return found;
}

/** "Year: 2019; Provider: Facebook"; one field needs no name. */
function keyWords(names: FieldNames, { instrument, key }: SeriesRevision): string {
  const fields = Object.keys(key).sort();
  return fields.map((field) => {
    const known = names.get(`${instrument} ${field}`);
    const value = key[field] ?? '';
    const words = known?.codes.get(value) ?? value;
    return fields.length === 1 && known !== undefined ? words : `${known?.label ?? field}: ${words}`;
  }).join('; ');
}

/** A value as printed in its edition, digits in groups of three. */
function valueOf(value: string | null): Html {
  if (value === null) return html`<span class="look look-none">not in this edition</span>`;
  if (value === '') return html`<span class="look look-state">blank</span>`;
  const [, whole = '', rest = ''] = /^(-?\d{4,})(\.\d*)?$/.exec(value) ?? [];
  return whole === '' ? html`${value}` : html`${whole.replace(/\B(?=(\d{3})+$)/g, ',')}${rest}`;
}

function values(n: number): string {
  return `${formatNumber(n)} ${n === 1 ? 'value' : 'values'}`;
}
