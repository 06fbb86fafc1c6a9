/**
 * The page of one table: chart, numbers, how to read them, what they rest on, what was found, downloads, revisions.
 * @module
 */
import { formatNumber } from '@weighbridge/base';
import type { Dimension } from '@weighbridge/base';
import { chartRefusal } from '../chart/chart-data.ts';
import { drawChart } from '../chart/chart.ts';
import { html, trustedMarkup } from '../html.ts';
import type { Html } from '../html.ts';
import type { Layout } from '../layout.ts';
import { anchorText, hasUnits } from '../table-view.ts';
import type { TableView } from '../table-view.ts';
import { findingList } from './finding-list.ts';
import { cellLink, legendFor, numberTables } from './number-table.ts';
import { renderPage, summaryList, tag } from './page.ts';
import type { SiteContext } from './page.ts';
import { isOfTable, revisionTable } from './revisions-page.ts';
import { attackWords, inSentence, measureWords, noteAnchor, periodWords, sentence } from './words.ts';

export const CHART_WIDTH = 860;
const PHONE_CHART_WIDTH = 330;
/** A higher chart is printed on a sheet of its own, or its words would be too small. */
const TALL = 1600;
/** Most revisions on a table's page; all of them are on the revisions page. */
const REVISIONS_HERE = 20;

/** `tables/<id>.html`. */
export function tablePage(context: SiteContext, view: TableView, layout: Layout): string {
  const { meta } = view;
  const main = html`<h1>${meta.title}</h1>
<p class="lead">${measureWords(meta)}, ${periodWords(meta.basis.period)}${meta.synthetic ? html` ${tag('Synthetic', 'synthetic')}` : null}</p>
${answersOf(context, view)}
${chartFigure(view)}
<h2 id="numbers">Numbers</h2>
<p class="screen">Every number links to <a href="${meta.id}-source.html">where it comes from</a>: the records it counts, the table’s definition and the sealed submissions.</p>
${warnings(view)}${incomplete(view, layout)}${numberTables(view, layout)}
${legendFor(view, layout)}
<h2 id="basis">What the numbers rest on</h2>
<div class="box">${basisList(view)}</div>
${notes(view)}
<h2 id="findings">Checks and findings</h2>
${findingList(context.content.findings.filter((f) => f.table === meta.id), (key) => cellLink(view, key))}
${revisions(context, view)}
<h2 id="downloads">Downloads</h2>
<ul class="downloads">
<li><a href="${meta.id}.csv">This table as CSV</a>: one row a number, with its bounds, status, unit and whether it is synthetic</li>
<li><a href="${meta.id}.json">This table as JSON</a>: numbers with their basis and provenance</li>
${meta.chart !== null && chartRefusal(view) === null ? html`<li><a href="${meta.id}.svg">The chart as SVG</a></li>
` : null}<li><a href="../datapackage.json">Data Package</a>: all tables of this release, described</li>
</ul>
<p class="downloads"><a href="${meta.id}-source.html">Where these numbers come from</a></p>`;
  return renderPage(context, {
    title: meta.title, root: '../', main, synthetic: meta.synthetic ? 'all' : 'none',
    breadcrumbs: [{ text: 'Tables', href: '../index.html' }],
  });
}

function answersOf(context: SiteContext, view: TableView): Html | null {
  const { answers } = view.meta;
  if (answers.length === 0) return null;
  return html`<p class="answers">Answers: ${answers.map((id, i) => {
    const question = context.content.collection.questions.find((q) => q.id === id);
    return html`${i > 0 ? '; ' : ''}<a href="../index.html#question-${anchorText(id)}">${question?.text ?? id}</a>${question === undefined ? null : ` (${question.source})`}`;
  })}</p>`;
}

function chartFigure(view: TableView): Html | null {
  const wide = drawChart(view, { width: CHART_WIDTH, prefix: 'wide', standalone: false });
  const phone = drawChart(view, { width: PHONE_CHART_WIDTH, prefix: 'phone', standalone: false });
  if (wide === null || phone === null) return null;
  return html`<figure class="chart${wide.height > TALL ? ' tall' : ''}">
<div class="chart-wide">${trustedMarkup(wide.svg)}</div>
<div class="chart-phone">${trustedMarkup(phone.svg)}</div>
<figcaption>${view.meta.synthetic ? 'SYNTHETIC. ' : ''}All numbers of the chart stand in <a href="#numbers">the table below</a>.</figcaption>
</figure>`;
}

/** Why codes must not be added, said once for all dimensions that share a reason. */
function warnings(view: TableView): Html {
  const reasons = view.meta.dimensions.flatMap((d) => additivity(d).map((reason) => ({ label: d.label, reason })));
  const lines = [...Map.groupBy(reasons, (r) => r.reason)].map(([reason, of]) => `${of.map((r, i) => (i === 0 ? r.label : inSentence(r.label))).join(' and ')}: ${reason}`);
  return html`${lines.map((line) => html`<p class="inset">${line}</p>
`)}`;
}

function additivity({ notAdditive, levelsShown }: Dimension): readonly string[] {
  if (notAdditive === undefined) return levelsShown ? ['several levels stand side by side as reported. Do not add a parent to its parts.'] : [];
  const says = /\b(?:must|do|does) not (?:be added|add)\b/i.test(notAdditive);
  return [says ? sentence(inSentence(notAdditive)) : `these numbers must not be added. ${sentence(notAdditive)}`];
}

function incomplete(view: TableView, layout: Layout): Html | null {
  if (layout.shown >= layout.all) return null;
  return html`<p class="inset"><strong>This page shows ${formatNumber(layout.shown)} of the table’s ${formatNumber(layout.all)} numbers.</strong> All of them are in the <a href="${view.meta.id}.csv">CSV</a> and <a href="${view.meta.id}.json">JSON</a> files.</p>
`;
}

function basisList(view: TableView): Html {
  const { basis, synthetic } = view.meta;
  return summaryList([
    ['Unit counted', view.meta.dimensions.some(hasUnits) ? `${basis.unit}, shown beside its number` : basis.unit],
    ['Coverage', basis.coverage],
    ['Period', periodWords(basis.period)],
    ['Edition', basis.edition],
    ['Protection', view.table.protection.statement],
    ['Tested', attackWords(view.table.certificate)],
    ['Records', synthetic ? html`${tag('Synthetic', 'synthetic')} generated by a program; none is real` : 'as submitted by the agencies named on the source page'],
  ]);
}

function notes(view: TableView): Html | null {
  const { basis, dimensions } = view.meta;
  const parts = dimensions.flatMap(({ field, label, codes }) => codes.flatMap((c) => (c.partPeriod === undefined ? []
    : [html`<li id="${noteAnchor({ cause: 'part', field, at: c.code })}">${label} ${c.label} is a part period: ${sentence(c.partPeriod)} No change is computed from or to it.</li>`])));
  const breaks = basis.breaks.map((b) => html`<li id="${noteAnchor({ cause: 'break', ...b })}"><strong>The series breaks at ${b.at}:</strong> ${sentence(b.why)} No change is computed across it.</li>`);
  const plain = basis.notes.map((n) => html`<li>${n}</li>`);
  if (parts.length + breaks.length + plain.length === 0) return null;
  return html`<h3>Notes</h3>
<ul>
${[...breaks, ...parts, ...plain].map((n) => html`${n}
`)}</ul>`;
}

/** The revisions of values that stand in this table; those of the whole series are on a page of their own. */
function revisions(context: SiteContext, view: TableView): Html | null {
  const series = context.revisions.filter((r) => r.instrument === view.meta.instrument);
  if (series.length === 0) return null;
  const own = series.filter((r) => isOfTable(view.meta, r));
  const all = html`<a href="../revisions.html">All revisions of the series</a> (${formatNumber(series.length)})`;
  if (own.length === 0) {
    return html`<h2 id="revisions">Revisions</h2>
<p>Later editions of this series changed other values, none that stands under its own name in this table. ${all}.</p>`;
  }
  const shown = own.length > REVISIONS_HERE ? `The first ${formatNumber(REVISIONS_HERE)} of ${formatNumber(own.length)} are shown. ` : '';
  return html`<h2 id="revisions">Revisions</h2>
<p>Later editions of this series changed these values of this table. Every edition is kept. ${shown}${all}.</p>
${revisionTable(context, own.slice(0, REVISIONS_HERE), { id: 'revisions-caption', caption: 'Values in the earlier and in the later edition' })}`;
}
