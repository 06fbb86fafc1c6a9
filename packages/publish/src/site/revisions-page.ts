/**
 * What later editions of published series changed: old and new value side by side.
 * @module
 */
import { formatNumber } from '@weighbridge/base';
import type { SeriesRevision } from '@weighbridge/protect';
import { html } from '../html.ts';
import type { Html } from '../html.ts';
import { revisionKeyText } from '../revision-files.ts';
import { renderPage, scrollRegion } from './page.ts';
import type { SiteContext } from './page.ts';

/** Most revisions on the page; the CSV has all. */
const PAGE_REVISIONS = 3000;

/** `revisions.html`. */
export function revisionsPage(context: SiteContext): string {
  const { revisions } = context;
  const count = (change: SeriesRevision['change']): string => formatNumber(revisions.filter((r) => r.change === change).length);
  const main = html`<h1>Revisions</h1>
<p class="lead">Later editions of published series changed ${count('changed')} values, dropped ${count('dropped')} and added ${count('added')}. No edition is overwritten.</p>
<p>Downloads: <a href="revisions.csv">CSV</a>, <a href="revisions.json">JSON</a></p>
${revisions.length > PAGE_REVISIONS ? html`<p class="inset">This page shows ${formatNumber(PAGE_REVISIONS)} of ${formatNumber(revisions.length)} revisions; the files have all of them.</p>` : null}
${revisionTable(revisions.slice(0, PAGE_REVISIONS), 'revisions-caption')}`;
  return renderPage(context, { title: 'Revisions', root: '', main, breadcrumbs: [{ text: 'Tables', href: 'index.html' }] });
}

/** Revisions as a table. */
export function revisionTable(revisions: readonly SeriesRevision[], captionId: string): Html {
  return scrollRegion(captionId, html`<table class="plain">
<caption id="${captionId}"><span>Values as printed in the earlier and in the later edition</span></caption>
<thead><tr><th scope="col">Series</th><th scope="col">Value of</th><th scope="col">Earlier edition</th><th scope="col" class="num">Printed</th><th scope="col">Later edition</th><th scope="col" class="num">Printed</th><th scope="col">Change</th></tr></thead>
<tbody>
${revisions.map((r) => html`<tr><td>${r.instrument}</td><th scope="row">${revisionKeyText(r)}</th><td>${r.fromEdition}</td><td class="num">${printed(r.before)}</td><td>${r.toEdition}</td><td class="num">${printed(r.after)}</td><td>${r.change}</td></tr>
`)}</tbody>
</table>`);
}

function printed(value: string | null): Html {
  if (value === null) return html`<span class="look look-none">not in this edition</span>`;
  return value === '' ? html`<span class="look look-state">blank</span>` : html`${value}`;
}
