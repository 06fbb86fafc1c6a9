/**
 * Checks and findings of the whole release: published totals, sources side by side, gaps, breaks.
 * @module
 */
import { formatNumber } from '@weighbridge/base';
import type { ComparedCell, ComparisonResult } from '../comparisons.ts';
import { signed } from '../controls.ts';
import type { ControlResult } from '../controls.ts';
import { OUTCOME_WORDS } from '../findings.ts';
import type { ReleaseFinding } from '../findings.ts';
import { html } from '../html.ts';
import type { Html } from '../html.ts';
import { cellAnchor } from '../table-view.ts';
import { findingList } from './finding-list.ts';
import { renderPage, scrollRegion, tag } from './page.ts';
import type { SiteContext } from './page.ts';

/** `findings.html`. */
export function findingsPage(context: SiteContext): string {
  const { controls, comparisons, findings } = context.content;
  const warnings = findings.filter((f) => f.severity === 'warning');
  const { shared, own } = sharedFindings(warnings);
  const withFindings = context.views.filter((v) => own.some((f) => f.table === v.meta.id));
  const main = html`<h1>Checks and findings</h1>
<p class="lead">What was tested before publication, and what a reader of these tables has to know. Everything here was computed from the published numbers.</p>
<h2 id="controls">Published totals</h2>
${controls.length === 0 ? html`<p>No total published elsewhere was named for these tables.</p>` : controlTable(context, controls)}
<h2 id="comparisons">Sources side by side</h2>
${comparisons.length === 0 ? html`<p>No second source was named for these tables.</p>` : comparisons.map((c, i) => comparisonTable(context, c, i))}
<h2 id="tables">By table</h2>
${shared.size === 0 ? null : html`<ul class="findings">${[...shared].map(([message, ids]) => html`<li>${tag('Note well', 'warning')} ${message} <span class="finding-cells">Tables: ${ids.map((id, i) => html`${i > 0 ? ', ' : ''}<a href="tables/${id}.html#findings">${titleOf(context, id)}</a>`)}.</span></li>
`)}</ul>`}
${warnings.length === 0 ? html`<p>No table has a finding that a reader has to know.</p>` : withFindings.map((v) => html`<h3><a href="tables/${v.meta.id}.html#findings">${v.meta.title}</a></h3>
${findingList(own.filter((f) => f.table === v.meta.id), null)}
`)}`;
  return renderPage(context, { title: 'Checks and findings', root: '', main, breadcrumbs: [{ text: 'Tables', href: 'index.html' }] });
}

/** How many tables make a sentence a common one, said once with the tables it is about. */
const COMMON = 3;

function sharedFindings(warnings: readonly ReleaseFinding[]): { shared: ReadonlyMap<string, readonly string[]>; own: readonly ReleaseFinding[] } {
  const tables = Map.groupBy(warnings.filter((f) => f.table !== null), (f) => f.message);
  const shared = new Map([...tables].filter(([, of]) => of.length >= COMMON).map(([message, of]) => [message, of.map((f) => String(f.table))]));
  return { shared, own: warnings.filter((f) => !shared.has(f.message)) };
}

function controlTable(context: SiteContext, controls: readonly ControlResult[]): Html {
  return scrollRegion('controls-caption', html`<table class="plain">
<caption id="controls-caption"><span>Totals published elsewhere beside the same number of this release</span></caption>
<thead><tr><th scope="col">Source</th><th scope="col">Table and selection</th><th scope="col" class="num">Published there</th><th scope="col" class="num">In this release</th><th scope="col" class="num">Difference</th><th scope="col">Outcome</th></tr></thead>
<tbody>
${controls.map((c) => html`<tr><th scope="row">${c.source}</th><td>${titleOf(context, c.table)}: ${c.selection}</td><td class="num">${formatNumber(c.equals)}</td><td class="num">${cellRef(c.table, { key: c.key, text: c.found, difference: null })}</td><td class="num">${c.difference === null ? '–' : signed(c.difference)}</td><td>${tag(OUTCOME_WORDS[c.outcome], c.outcome === 'missed' || c.outcome === 'not-testable' ? 'warning' : 'good')}</td></tr>
`)}</tbody>
</table>`);
}

function comparisonTable(context: SiteContext, comparison: ComparisonResult, n: number): Html {
  const id = `comparison-${n}`;
  const [first, ...others] = comparison.sides;
  const head = [html`<th scope="col" class="num">${first?.label}</th>`, ...others.map((s) => html`<th scope="col" class="num">${s.label}</th><th scope="col" class="num">Difference</th>`)];
  const remarked = comparison.rows.some((r) => r.remarks.length > 0);
  const rows = comparison.rows.map((row) => html`<tr><th scope="row">${row.label}</th>${row.cells.map((cell, i) =>
    html`<td class="num">${cellRef(comparison.sides[i]?.table ?? '', cell)}</td>${i === 0 ? null : html`<td class="num${cell.difference !== null && cell.difference !== 0 ? ' differs' : ''}">${cell.difference === null ? '–' : signed(cell.difference)}</td>`}`)}${remarked ? html`<td>${row.remarks.join('; ')}</td>` : null}</tr>
`);
  return html`<h3 id="${comparison.id}">${comparison.title}</h3>
<p>${comparison.note}</p>
<ul>${comparison.sides.map((s) => html`<li>${s.label}: <a href="tables/${s.table}.html">${titleOf(context, s.table)}</a></li>`)}</ul>
${scrollRegion(id, html`<table class="plain">
<caption id="${id}"><span>${comparison.title}: each side, and its difference from ${first?.label}</span></caption>
<thead><tr><th scope="col">${comparison.along === undefined ? 'Selection' : 'Period'}</th>${head}${remarked ? html`<th scope="col">Remarks</th>` : null}</tr></thead>
<tbody>
${rows}</tbody>
</table>`)}
`;
}

function cellRef(table: string, cell: ComparedCell): Html {
  return cell.key === null ? html`<span class="look look-none">${cell.text}</span>` : html`<a class="look" href="tables/${table}-source.html#${cellAnchor(cell.key)}">${cell.text}</a>`;
}

function titleOf(context: SiteContext, table: string): string {
  return context.views.find((v) => v.meta.id === table)?.meta.title ?? table;
}
