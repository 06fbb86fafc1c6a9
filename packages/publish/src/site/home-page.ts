/**
 * The first page: what this is and what for, the tables by the question they answer, what was checked, how people are protected.
 * @module
 */
import { formatNumber } from '@weighbridge/base';
import { html } from '../html.ts';
import type { Html } from '../html.ts';
import { anchorText } from '../table-view.ts';
import type { TableView } from '../table-view.ts';
import { renderPage, summaryList, syntheticExtent, tag } from './page.ts';
import type { SiteContext } from './page.ts';
import { inSentence, periodWords } from './words.ts';

/** `index.html`. */
export function homePage(context: SiteContext): string {
  const { collection } = context.content;
  const main = html`<h1>${collection.title}</h1>
<p class="lead">${collection.summary}</p>
<h2 id="tables">Tables</h2>
${tablesByQuestion(context)}
<h2 id="checks">Checks and findings</h2>
${checks(context)}
<h2 id="protection">How people are protected</h2>
${protection(context)}
<h2 id="about">About this collection</h2>
${about(context)}
<h2 id="verify">Check it yourself</h2>
<p>This folder works without a server and without a network. It carries its definitions, its data and the hash of every file.</p>
${summaryList([
    ['Release', html`<code class="hash">${context.release}</code>`],
    ['Manifest', html`<a href="manifest.json">manifest.json</a>`],
    ['Data Package', html`<a href="datapackage.json">datapackage.json</a>`],
    ['Revisions', html`<a href="revisions.csv">revisions.csv</a>, <a href="revisions.json">revisions.json</a>`],
    ['Command', html`<code>weighbridge verify</code> and the name of this folder`],
  ])}`;
  return renderPage(context, { title: collection.title, root: '', main, breadcrumbs: [] });
}

/** Tables under every question that they answer, questions in their order; the rest at the end. */
function tablesByQuestion(context: SiteContext): Html {
  const { questions } = context.content.collection;
  if (context.views.length === 0) return html`<p>This release holds no table.</p>`;
  const tagged = syntheticExtent(context) === 'some';
  const known = questions.flatMap((q) => {
    const views = context.views.filter((v) => v.meta.answers.includes(q.id));
    return views.length === 0 ? [] : [html`<section class="question" aria-labelledby="question-${anchorText(q.id)}">
<h3 id="question-${anchorText(q.id)}">${q.text}</h3>
<p class="source">${q.source}</p>
${tableList(views, tagged)}
</section>
`];
  });
  const unknown = [...new Set(context.views.flatMap((v) => v.meta.answers.filter((id) => !questions.some((q) => q.id === id))))].sort();
  const named = unknown.map((id) => html`<section class="question" aria-labelledby="question-${anchorText(id)}">
<h3 id="question-${anchorText(id)}">${id}</h3>
${tableList(context.views.filter((v) => v.meta.answers.includes(id)), tagged)}
</section>
`);
  const rest = context.views.filter((v) => v.meta.answers.length === 0);
  const others = rest.length === 0 ? null : html`<section class="question" aria-labelledby="other-tables">
<h3 id="other-tables">${known.length + named.length > 0 ? 'Other tables' : 'All tables'}</h3>
${tableList(rest, tagged)}
</section>
`;
  const asked = questions.filter((q) => context.views.some((v) => v.meta.answers.includes(q.id)));
  const contents = asked.length < 4 ? null : html`<nav aria-label="Questions"><ul class="contents">
${asked.map((q) => html`<li><a href="#question-${anchorText(q.id)}">${q.text}</a> <span class="about">${q.source}</span></li>
`)}</ul></nav>
`;
  return html`${contents}${known}${named}${others}`;
}

/** The list; `tagged` marks the synthetic tables, where the banner does not speak of all of them. */
function tableList(views: readonly TableView[], tagged: boolean): Html {
  return html`<ul class="tables">
${views.map((v) => html`<li><a href="tables/${v.meta.id}.html">${v.meta.title}</a>${tagged && v.meta.synthetic ? html` ${tag('Synthetic', 'synthetic')}` : null}
<span class="about">${v.meta.basis.unit} · by ${v.meta.dimensions.map((d) => inSentence(d.label)).join(', ')} · ${periodWords(v.meta.basis.period)}</span></li>
`)}</ul>`;
}

function checks(context: SiteContext): Html {
  const { controls, comparisons, findings } = context.content;
  const met = controls.filter((c) => c.outcome !== 'missed' && c.outcome !== 'not-testable').length;
  const differ = comparisons.filter((c) => c.differing > 0).length;
  const warnings = findings.filter((f) => f.severity === 'warning').length;
  return html`${summaryList([
    ['Published totals', controls.length === 0 ? 'none was named' : `${formatNumber(met)} of ${formatNumber(controls.length)} met`],
    ['Sources side by side', comparisons.length === 0 ? 'none was named' : `${formatNumber(comparisons.length)} compared, ${formatNumber(differ)} with differences`],
    ['Findings to note', warnings === 0 ? 'none' : `${formatNumber(warnings)}, each told beside its table`],
    ['Revisions', context.revisions.length === 0 ? 'none' : html`<a href="revisions.html">${formatNumber(context.revisions.length)} values changed, dropped or added by later editions</a>`],
  ])}
<p><a href="findings.html">All checks and findings</a></p>`;
}

function protection(context: SiteContext): Html {
  const statements = [...Map.groupBy(context.views, (v) => v.table.protection.statement)];
  if (statements.length === 0) return html`<p>No table, no number.</p>`;
  return html`<ul class="statements">
${statements.map(([statement, views]) => html`<li>${statement} <span class="about">${views.length === context.views.length ? 'All tables.' : `${formatNumber(views.length)} of ${formatNumber(context.views.length)} tables.`}</span></li>
`)}</ul>`;
}

function about(context: SiteContext): Html {
  const { collection } = context.content;
  return summaryList([
    ['Purpose', collection.purpose],
    ['Legal basis', collection.legalBasis],
    ['Where records are kept', collection.residency],
    ['Publisher', collection.publisher],
    ['Licence', collection.licence],
    ['Edition', collection.edition],
    ['Agencies', html`<ul>${collection.agencies.map((a) => html`<li>${a.title}</li>`)}</ul>`],
    ['Rounds', html`<ul>${collection.rounds.map((r) => html`<li>${r.title ?? r.id}: ${periodWords(r)}</li>`)}</ul>`],
  ]);
}
