/**
 * The numbers of a table as HTML: every one links to its anchor on the source page; what is no number says what it is.
 * @module
 */
import type { CellKey, DeriveMeta, Dimension } from '@weighbridge/base';
import { changeOf, printDerived, shareBase, shareOf } from '../derive.ts';
import type { Derived } from '../derive.ts';
import { html } from '../html.ts';
import type { Html } from '../html.ts';
import { keyAt } from '../layout.ts';
import type { Layout, Section } from '../layout.ts';
import { cellAnchor, depthOf, keyText, labelOf, printCell } from '../table-view.ts';
import type { CellLook, TableView } from '../table-view.ts';
import { scrollRegion } from './page.ts';
import { measureWords } from './words.ts';

/** What each look means, in the order of the legend; plain numbers need no words. */
const LEGEND: readonly (readonly [CellLook, string, string])[] = [
  ['zero', '0', 'zero: counted, and there were none'],
  ['bounds', '10 to 19, at least 10', 'a range: the source states bounds, or part of what it covers is no number'],
  ['marked', '10*', 'a number that the source prints with a mark; the source page says which'],
  ['state', 'not sought', 'words of the source in place of a number; this is not zero'],
  ['suppressed', 'suppressed', 'too small to be shown without risk to the people behind it'],
  ['partner', 'suppressed†', 'withheld so that a suppressed number cannot be worked out from the others'],
  ['none', 'no cell', 'the table holds no number for this combination'],
];

/** All sections of a table with their derived numbers. */
export function numberTables(view: TableView, layout: Layout): Html {
  const beside = layout.columns === null ? view.meta.derive : [];
  const below = layout.columns === null ? [] : view.meta.derive;
  return html`${layout.sections.map((section, i) => html`${section.heading === '' ? null : html`<h3 id="section-${i}">${section.heading}</h3>
`}${oneTable(view, layout, section, i, beside)}
${below.map((derive, j) => derivedTable(view, layout, section, `${i}-${j}`, derive))}`)}`;
}

/** The legend, with only what occurs on the page. */
export function legendFor(view: TableView, keys: readonly CellKey[]): Html | null {
  const looks = new Set(keys.map((key) => printCell(view.cell(key)).look));
  const rows = LEGEND.filter(([look]) => looks.has(look));
  const derived = view.meta.derive.length > 0;
  if (rows.length === 0 && !derived) return null;
  return html`<h3>How to read the cells</h3>
<dl class="legend">${rows.map(([look, sample, words]) => html`
<div><dt><span class="look look-${look}">${sample}</span></dt><dd>${words}</dd></div>`)}${derived ? html`
<div><dt><span class="look look-none">–</span></dt><dd>no percentage can be given: a part is withheld or is no number, the base is zero, or there is no period before</dd></div>` : null}
</dl>`;
}

/** The number of a cell as a link to where it comes from; words without a number link there too. */
export function cellLink(view: TableView, key: CellKey, text?: string): Html {
  const cell = view.cell(key);
  const printed = printCell(cell);
  if (cell === undefined) return html`<span class="look look-none">${printed.text}</span>`;
  return html`<a class="look look-${printed.look}" href="${view.meta.id}-source.html#${cellAnchor(key)}">${text ?? printed.text}</a>`;
}

function oneTable(view: TableView, layout: Layout, section: Section, n: number, beside: readonly DeriveMeta[]): Html {
  const id = `numbers-${n}`;
  const synthetic = view.meta.synthetic ? ' (SYNTHETIC)' : '';
  const heading = section.heading === '' ? '' : ` – ${section.heading}`;
  const body = section.rowPositions.map((row) => {
    const cells = (layout.columns?.positions ?? [null]).map((column) => {
      const key = keyAt(view, layout, section, row, column);
      return html`<td id="${cellAnchor(key)}" class="num${column === null && layout.columns !== null ? ' total' : ''}">${cellLink(view, key)}</td>`;
    });
    const key = keyAt(view, layout, section, row, null);
    const derived = beside.map((d) => html`<td class="num derived">${derivedContent(view, d, key)}</td>`);
    return html`<tr${rowClass(row)}>${rowHeader(layout.rows.dimension, row)}${cells}${derived}</tr>
`;
  });
  return scrollRegion(id, html`<table class="numbers">
<caption id="${id}"><span>${measureWords(view.meta)}${heading}${synthetic}</span></caption>
${head(layout, beside.map((d) => derivedHeading(view, d)), view.meta.measure.label)}
<tbody>
${body}</tbody>
</table>`);
}

function derivedTable(view: TableView, layout: Layout, section: Section, n: string, derive: DeriveMeta): Html | null {
  if (view.dimensionIndex(derive.over) < 0) return null;
  const id = `derived-${n}`;
  const synthetic = view.meta.synthetic ? ' (SYNTHETIC)' : '';
  const heading = section.heading === '' ? '' : ` – ${section.heading}`;
  const { rows, columns } = withoutMargin(layout, section, derive);
  const body = rows.map((row) => html`<tr${rowClass(row)}>${rowHeader(layout.rows.dimension, row)}${(columns?.positions ?? [null]).map((column) =>
    html`<td class="num derived">${derivedContent(view, derive, keyAt(view, layout, section, row, column))}</td>`)}</tr>
`);
  return scrollRegion(id, html`<table class="numbers">
<caption id="${id}"><span>${derivedHeading(view, derive)}${heading}${synthetic}</span></caption>
${head({ rows: layout.rows, columns }, [], '')}
<tbody>
${body}</tbody>
</table>`);
}

/** A total has no period before it: a table of changes leaves the margin of its own dimension out. */
function withoutMargin(layout: Layout, section: Section, derive: DeriveMeta): { rows: readonly (string | null)[]; columns: Layout['columns'] } {
  const drop = (field: string | undefined, positions: readonly (string | null)[]): readonly (string | null)[] =>
    (derive.kind === 'change' && field === derive.over ? positions.filter((p) => p !== null) : positions);
  const { columns } = layout;
  return {
    rows: drop(layout.rows.dimension.field, section.rowPositions),
    columns: columns === null ? null : { ...columns, positions: drop(columns.dimension.field, columns.positions) },
  };
}

/** What a derived column is, with its base named. */
function derivedHeading(view: TableView, derive: DeriveMeta): string {
  const index = view.dimensionIndex(derive.over);
  const dimension = view.meta.dimensions[index];
  if (dimension === undefined) return '';
  if (derive.kind === 'change') return `Change from the ${dimension.kind === 'time' ? 'period' : dimension.label} before, percent`;
  const base = shareBase(view, index, view.meta.dimensions.map(() => null));
  return base.key === null ? `Share, percent of the sum over ${dimension.label}` : `Share, percent of ${base.label} over ${dimension.label}`;
}

/** A derived number; it links to the cell it was derived from. At the base of a share stands the base itself. */
function derivedContent(view: TableView, derive: DeriveMeta, key: CellKey): Html {
  const index = view.dimensionIndex(derive.over);
  if (index < 0) return html`<span class="look look-none">–</span>`;
  const derived = derive.kind === 'share' ? shareOf(view, index, key) : changeOf(view, index, key);
  if (derive.kind === 'share' && derived.kind === 'exact' && shareBase(view, index, key).key !== null && keyText(shareBase(view, index, key).key ?? []) === keyText(key)) {
    return cellLink(view, key, `100% = ${printCell(view.cell(key)).text}`);
  }
  return derivedLink(view, key, derived, derive.kind);
}

function derivedLink(view: TableView, key: CellKey, derived: Derived, kind: 'share' | 'change'): Html {
  const text = printDerived(derived, kind);
  if (derived.kind === 'not-comparable') return html`<span class="look look-refused">${text}</span>`;
  if (derived.kind === 'none') return html`<span class="look look-none" title="${derived.why}">${text}<span class="hidden"> (${derived.why})</span></span>`;
  return cellLink(view, key, text);
}

function head(layout: Pick<Layout, 'rows' | 'columns'>, beside: readonly string[], measure: string): Html {
  const rowLabel = layout.rows.dimension.label;
  if (layout.columns === null) {
    return html`<thead><tr><th scope="col">${rowLabel}</th><th scope="col" class="num">${measure}</th>${beside.map((b) => html`<th scope="col" class="num">${b}</th>`)}</tr></thead>`;
  }
  const { dimension, positions } = layout.columns;
  return html`<thead>
<tr><th scope="col" rowspan="2">${rowLabel}</th><th scope="colgroup" colspan="${positions.length}" class="group">${dimension.label}</th></tr>
<tr>${positions.map((p) => html`<th scope="col" class="num">${labelOf(dimension, p)}${partTag(dimension, p)}</th>`)}</tr>
</thead>`;
}

function rowHeader(dimension: Dimension, code: string | null): Html {
  const depth = code === null || !dimension.levelsShown ? 0 : Math.min(depthOf(dimension, code), 5);
  const look = dimension.kind === 'time' ? 'time' : depth > 0 ? `depth-${depth}` : null;
  return html`<th scope="row"${look === null ? null : html` class="${look}"`}>${labelOf(dimension, code)}${partTag(dimension, code)}</th>`;
}

function partTag(dimension: Dimension, code: string | null): Html | null {
  const part = dimension.codes.find((c) => c.code === code)?.partPeriod;
  return part === undefined ? null : html` <span class="part" title="${part}">part period</span>`;
}

function rowClass(row: string | null): Html | null {
  return row === null ? html` class="total"` : null;
}
