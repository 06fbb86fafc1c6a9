/**
 * The page that answers "where does this number come from?": release, definition, code lists, submissions, protection,
 * and for every number on the table's page what it counts.
 * @module
 */
import { formatNumber } from '@weighbridge/base';
import type { SubmissionSource } from '@weighbridge/base';
import { html } from '../html.ts';
import type { Html } from '../html.ts';
import { keysShown } from '../layout.ts';
import type { Layout } from '../layout.ts';
import { cellAnchor, keyText, labelOf, printCell } from '../table-view.ts';
import type { TableView } from '../table-view.ts';
import { renderPage, scrollRegion, summaryList, tag } from './page.ts';
import type { SiteContext } from './page.ts';

/** `tables/<id>-source.html`. */
export function sourcePage(context: SiteContext, view: TableView, layout: Layout): string {
  const { meta, table } = view;
  const main = html`<h1><span class="overline">Where these numbers come from</span> ${meta.title}</h1>
<p><a class="back" href="${meta.id}.html">Back to the table</a></p>
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
${submissionTable(meta.provenance.submissions)}
<h2 id="code-lists">Code lists</h2>
${codelists(view)}
<h2 id="definition">Definition of the table</h2>
<p>File <code>${meta.provenance.specFile}</code>, SHA-384 <code class="hash">${meta.provenance.specSha384}</code></p>
<div class="scroll" role="region" aria-label="Definition of the table" tabindex="0"><pre class="spec"><code>${meta.provenance.specText}</code></pre></div>
<h2 id="cells">What each number counts</h2>
${layout.shown < layout.all ? html`<p class="inset">The ${formatNumber(layout.shown)} numbers on the table’s page are listed here; the table’s other numbers, with their codes, are in the <a href="${meta.id}.csv">CSV</a> file.</p>` : null}
${cellTable(view, layout)}`;
  return renderPage(context, {
    title: `Where the numbers come from: ${meta.title}`, root: '../', main, synthetic: meta.synthetic ? 'all' : 'none',
    breadcrumbs: [{ text: 'Tables', href: '../index.html' }, { text: meta.title, href: `${meta.id}.html` }],
  });
}

function submissionTable(submissions: readonly SubmissionSource[]): Html {
  if (submissions.length === 0) return html`<p>No submission was needed for this table.</p>`;
  return scrollRegion('submissions-caption', html`<table class="plain">
<caption id="submissions-caption"><span>The bytes that agencies sent, by the hash of the original file</span></caption>
<thead><tr><th scope="col">Instrument</th><th scope="col">Agency</th><th scope="col">Round</th><th scope="col">Edition</th><th scope="col" class="num">Rows</th><th scope="col">SHA-384</th><th scope="col">Done before counting</th></tr></thead>
<tbody>
${submissions.map((s) => html`<tr><th scope="row">${s.instrument}${s.synthetic ? html` ${tag('Synthetic', 'synthetic')}` : null}</th><td>${s.agency}</td><td>${s.round}</td><td>${s.edition}${s.editionLabel === undefined ? null : html` (${s.editionLabel})`}</td><td class="num">${s.rows === undefined ? 'not shown' : formatNumber(s.rows)}</td><td>original <code class="hash">${s.original}</code><br>manifest <code class="hash">${s.manifest}</code></td><td>${s.repairs.length === 0 ? 'nothing' : html`<ul>${s.repairs.map((r) => html`<li>${r.text}${r.records === undefined ? null : ` in ${formatNumber(r.records)} records`}</li>`)}</ul>`}</td></tr>
`)}</tbody>
</table>`);
}

function codelists(view: TableView): Html {
  const lists = view.meta.provenance.codelists;
  if (lists.length === 0) return html`<p>The table uses no code list.</p>`;
  return scrollRegion('codelists-caption', html`<table class="plain">
<caption id="codelists-caption"><span>Editions of the code lists that were used</span></caption>
<thead><tr><th scope="col">Code list</th><th scope="col">Edition</th><th scope="col">SHA-384</th></tr></thead>
<tbody>
${lists.map((c) => html`<tr><th scope="row">${c.title} (${c.id})</th><td>${c.edition}</td><td><code class="hash">${c.sha384}</code></td></tr>
`)}</tbody>
</table>`);
}

/** One row a number. Its id is what the number on the table's page links to. */
function cellTable(view: TableView, layout: Layout): Html {
  const { meta } = view;
  const seen = new Set<string>();
  const rows = keysShown(view, layout).flatMap((key) => {
    const cell = view.cell(key);
    if (cell === undefined || seen.has(keyText(key))) return [];
    seen.add(keyText(key));
    const printed = printCell(cell);
    const anchor = cellAnchor(key);
    const selection = meta.dimensions.map((d, i) => html`<td>${codeWords(labelOf(d, key[i] ?? null), key[i] ?? null)}</td>`);
    return [html`<tr id="${anchor}"><th scope="row" class="num"><a class="look look-${printed.look}" href="${meta.id}.html#${anchor}">${printed.text}</a></th>${selection}<td>${printed.words === '' ? 'as counted' : printed.words}</td></tr>
`];
  });
  return scrollRegion('cells-caption', html`<table class="plain cells">
<caption id="cells-caption"><span>${meta.measure.label}: the records behind each number are those that fit its row</span></caption>
<thead><tr><th scope="col" class="num">Number</th>${meta.dimensions.map((d) => html`<th scope="col">${d.label}</th>`)}<th scope="col">How it came about</th></tr></thead>
<tbody>
${rows}</tbody>
</table>`);
}

function codeWords(label: string, code: string | null): Html {
  if (code === null) return html`all (${label})`;
  return label === code ? html`${label}` : html`${label} <span class="code">${code}</span>`;
}
