/**
 * The page that answers "where does this number come from?": release, definition, code lists, submissions, protection,
 * and for every number on the table's page what it counts.
 * @module
 */
import { formatNumber } from '@weighbridge/base';
import { html } from '../html.ts';
import type { Html } from '../html.ts';
import type { Layout } from '../layout.ts';
import type { TableView } from '../table-view.ts';
import { cellTable } from './cell-rows.ts';
import { renderPage, summaryList } from './page.ts';
import type { SiteContext } from './page.ts';
import { plainTable } from './plain-table.ts';
import { linkedSubmissionTable } from './submission-list.ts';

/** `tables/<id>-source.html`. */
export function sourcePage(context: SiteContext, view: TableView, layout: Layout): string {
  const { meta, table } = view;
  const main = html`<h1><span class="overline">Where these numbers come from</span> ${meta.title}</h1>
<p class="screen"><a class="back" href="${meta.id}.html">Back to the table</a></p>
<h2 id="release">Release</h2>
${summaryList([
    ['Release', html`<code class="hash">${context.release}</code>`],
    ['Collection', context.content.collection.title],
    ['Edition', context.content.collection.edition],
    ['Purpose', context.content.collection.purpose],
    ['Legal basis', context.content.collection.legalBasis],
    ['Protection', table.protection.statement],
    ['Manifest', html`<a href="../manifest.json">manifest.json</a> lists every file of this release with its SHA-384`],
  ])}
<h2 id="submissions">Sealed submissions</h2>
${submissions(context, view)}
<h2 id="code-lists">Code lists</h2>
${codelists(view)}
<h2 id="definition">Definition of the table</h2>
<p>File <code>${meta.provenance.specFile}</code>, SHA-384 <code class="hash">${meta.provenance.specSha384}</code></p>
<div class="scroll" role="region" aria-label="Definition of the table" tabindex="0"><pre class="spec"><code>${meta.provenance.specText}</code></pre></div>
<h2 id="cells">What each number counts</h2>
${layout.shown < layout.all ? html`<p class="inset">The ${formatNumber(layout.shown)} numbers on the table’s page are listed here; the table’s other numbers, with their codes, are in its <a href="${meta.id}.csv">CSV file</a>.</p>` : null}
${cellTable(context, view, layout)}`;
  return renderPage(context, {
    title: `Where the numbers come from: ${meta.title}`, root: '../', main, synthetic: meta.synthetic ? 'all' : 'none',
    breadcrumbs: [{ text: 'Tables', href: '../index.html' }, { text: meta.title, href: `${meta.id}.html` }],
  });
}

function submissions(context: SiteContext, view: TableView): Html {
  const own = view.meta.provenance.submissions;
  if (own.length === 0) return html`<p>No submission was needed for this table.</p>`;
  return html`<p>The bytes that agencies sent, by the hash of the original file. Each leads to <a href="../submissions.html">the page of all submissions</a>, which names every table that was made from it.</p>
${linkedSubmissionTable(context, own, { id: 'submissions-caption', caption: `Submissions of the return “${view.meta.instrument}”` })}`;
}

function codelists(view: TableView): Html {
  const lists = view.meta.provenance.codelists;
  if (lists.length === 0) return html`<p>The table uses no code list.</p>`;
  return plainTable({
    id: 'codelists-caption',
    caption: 'Editions of the code lists that were used',
    columns: [{ label: 'Code list', header: true }, { label: 'Edition' }, { label: 'SHA-384' }],
    rows: lists.map((c) => ({ cells: [`${c.title} (${c.id})`, c.edition, html`<code class="hash">${c.sha384}</code>`] })),
  });
}
