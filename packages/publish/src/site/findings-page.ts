/**
 * Checks and findings of the whole release: published totals, sources side by side, gaps, breaks.
 * @module
 */
import { formatNumber } from '@weighbridge/base';
import type { CellKey } from '@weighbridge/base';
import type { ComparedCell, ComparisonResult } from '../comparisons.ts';
import { signed } from '../controls.ts';
import type { ControlResult } from '../controls.ts';
import { OUTCOME_WORDS } from '../findings.ts';
import type { ReleaseFinding } from '../findings.ts';
import { html } from '../html.ts';
import type { Html } from '../html.ts';
import { cellAnchor, hasUnits, labelOf, unitAt } from '../table-view.ts';
import { findingList } from './finding-list.ts';
import { renderPage, tag } from './page.ts';
import type { SiteContext } from './page.ts';
import { plainTable } from './plain-table.ts';
import type { PlainCell, PlainColumn } from './plain-table.ts';
import { sentence } from './words.ts';

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
${comparisons.length === 0 ? html`<p>No second source was named for these tables.</p>` : comparisons.map((c, i) => comparison(context, c, i))}
<h2 id="tables">By table</h2>
${[...shared].map(([message, ids]) => html`<p>${tag('Note well', 'warning')} ${sentence(message)} <span class="about">${formatNumber(ids.length)} tables:</span></p>
<ul class="columns">${ids.map((id) => html`<li><a href="tables/${id}.html#findings">${titleOf(context, id)}</a></li>
`)}</ul>
`)}
${shared.size + withFindings.length === 0 ? html`<p>No table has a finding that a reader has to know.</p>` : withFindings.map((v) => html`<h3><a href="tables/${v.meta.id}.html#findings">${v.meta.title}</a></h3>
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
  return plainTable({
    id: 'controls-caption',
    caption: 'Totals published elsewhere beside the same number of this release',
    columns: [
      { label: 'Source', header: true }, { label: 'Table and selection' }, { label: 'Published there', num: true }, { label: 'In this release', num: true },
      { label: 'Difference', num: true }, { label: 'Outcome' },
    ],
    rows: controls.map((c) => ({
      cells: [
        c.source, `${titleOf(context, c.table)}: ${c.selection}`, formatNumber(c.equals), cellRef(c.table, { key: c.key, text: c.found, difference: null }),
        c.difference === null ? '–' : signed(c.difference), tag(OUTCOME_WORDS[c.outcome], c.outcome === 'missed' || c.outcome === 'not-testable' ? 'warning' : 'good'),
      ],
    })),
  });
}

function comparison(context: SiteContext, result: ComparisonResult, n: number): Html {
  return html`<h3 id="${result.id}">${result.title}</h3>
<p>${result.note}</p>
${result.along === undefined ? sideBySide(context, result, n) : alongField(context, result, n)}
`;
}

/** One number a side: a row for each. */
function sideBySide(context: SiteContext, { title, sides, rows }: ComparisonResult, n: number): Html {
  const [row] = rows;
  const remarks = row?.remarks ?? [];
  return html`${plainTable({
    id: `comparison-${n}`,
    caption: `${title}: each number, and its difference from the first`,
    columns: [{ label: 'Stated by', header: true }, { label: 'What' }, { label: 'Number', num: true }, { label: 'Difference', num: true }],
    rows: sides.map((side, i) => {
      const cell = row?.cells[i] ?? { key: null, text: '', difference: null };
      return { cells: [html`<a href="tables/${side.table}.html">${side.label}</a>`, selectionOf(context, side.table, cell.key), cellRef(side.table, cell), i === 0 ? '–' : difference(cell)] };
    }),
  })}${remarks.length === 0 ? null : html`
<p>${remarks.join('; ')}</p>`}`;
}

/** A row for each period or code, a column for each side. */
function alongField(context: SiteContext, { title, along, sides, rows }: ComparisonResult, n: number): Html {
  const remarked = rows.some((r) => r.remarks.length > 0);
  const [first] = sides;
  const dimensions = context.views.find((v) => v.meta.id === first?.table)?.meta.dimensions ?? [];
  return html`<ul>${sides.map((s) => html`<li>${s.label}: <a href="tables/${s.table}.html">${titleOf(context, s.table)}</a></li>`)}</ul>
${plainTable({
    id: `comparison-${n}`,
    caption: `${title}: each side, and its difference from “${first?.label ?? ''}”`,
    columns: [
      { label: dimensions.find((d) => d.field === along)?.label ?? 'Period', header: true },
      ...sides.flatMap((s, i): PlainColumn[] => [{ label: s.label, num: true }, ...(i === 0 ? [] : [{ label: sides.length === 2 ? 'Difference' : `Difference of ${s.label}`, num: true }])]),
      ...(remarked ? [{ label: 'Remarks' }] : []),
    ],
    rows: rows.map((row) => ({
      cells: [
        row.label, ...row.cells.flatMap((cell, i): PlainCell[] => [cellRef(sides[i]?.table ?? '', cell), ...(i === 0 ? [] : [difference(cell)])]),
        ...(remarked ? [row.remarks.join('; ')] : []),
      ],
    })),
  })}`;
}

function difference(cell: ComparedCell): PlainCell {
  return { content: cell.difference === null ? '–' : signed(cell.difference), differs: cell.difference !== null && cell.difference !== 0 };
}

function cellRef(table: string, cell: ComparedCell): Html {
  return cell.key === null ? html`<span class="look look-none">${cell.text}</span>` : html`<a class="look" href="tables/${table}-source.html#${cellAnchor(cell.key)}">${cell.text}</a>`;
}

/** What a cell counts, with its unit where it has one of its own. */
function selectionOf(context: SiteContext, table: string, key: CellKey | null): string {
  const meta = context.views.find((v) => v.meta.id === table)?.meta;
  if (meta === undefined || key === null) return '';
  const words = meta.dimensions.map((d, i) => (meta.dimensions.length === 1 ? labelOf(d, key[i] ?? null) : `${d.label}: ${labelOf(d, key[i] ?? null)}`)).join('; ');
  return meta.dimensions.some(hasUnits) ? `${words} (${unitAt(meta, key)})` : words;
}

function titleOf(context: SiteContext, table: string): string {
  return context.views.find((v) => v.meta.id === table)?.meta.title ?? table;
}
