/**
 * The numbers of a table as HTML: every one links to its anchor on the source page; what is no number says what it is.
 * @module
 */
import type { CellKey, DeriveMeta, Dimension } from '@weighbridge/base';
import { derivedAt, isShareBase, printDerived, shareBase } from '../derive.ts';
import { html } from '../html.ts';
import type { Html } from '../html.ts';
import { keyAt, keysShown } from '../layout.ts';
import type { Axis, Layout, Section } from '../layout.ts';
import { cellAnchor, depthOf, hasUnits, labelOf, printCell, unitAt } from '../table-view.ts';
import type { CellLook, TableView } from '../table-view.ts';
import { scrollRegion } from './page.ts';
import { inSentence, measureWords, noteAnchor } from './words.ts';

/** What each look means, in the order of the legend; plain numbers need no words. */
const LEGEND: readonly (readonly [CellLook, string])[] = [
  ['zero', 'zero: counted, and there were none'],
  ['bounds', 'a range: the source states bounds, or part of what it covers is no number'],
  ['marked', 'a number that the source prints with a mark; the source page says which'],
  ['state', 'words in place of a number, where the source has none; this is not zero'],
  ['suppressed', 'too small to be shown without risk to the people behind it'],
  ['partner', 'withheld so that a suppressed number cannot be worked out from the others'],
  ['none', 'the table holds no number for this combination'],
];

/** All sections of a table with their derived numbers. */
export function numberTables(view: TableView, layout: Layout): Html {
  const beside = layout.columns === null ? view.meta.derive : [];
  const below = layout.columns === null ? [] : view.meta.derive;
  return html`${layout.sections.map((section, i) => html`${section.heading === '' ? null : html`<h3 id="section-${i}">${section.heading}</h3>
`}${oneTable(view, layout, section, i, beside)}
${below.map((derive, j) => derivedTable(view, layout, section, `${i}-${j}`, derive))}`)}`;
}

/** The legend, with only what occurs on the page; every look is shown by the first cell that has it. */
export function legendFor(view: TableView, layout: Layout): Html | null {
  const keys = keysShown(view, layout);
  const samples = new Map<CellLook, string>();
  for (const key of keys) {
    const { look, text } = printCell(view.cell(key));
    if (!samples.has(look)) samples.set(look, text);
  }
  const derived = view.meta.derive.flatMap((d) => keys.filter((key) => layout.columns === null || !isOutside(view, d, key)).map((key) => derivedAt(view, d, key)?.kind));
  const rows = [
    ...LEGEND.filter(([look]) => samples.has(look)).map(([look, words]) => [look, samples.get(look) ?? '', words] as const),
    ...(derived.includes('none') ? [['none', '–', 'no percentage can be given: a part is withheld or is no number, the base is zero, or there is no period before'] as const] : []),
    ...(derived.includes('not-comparable') ? [['refused', NOT_COMPARABLE, 'the two periods must not be compared; the link leads to the reason'] as const] : []),
  ];
  if (rows.length === 0) return null;
  return html`<h3>How to read the cells</h3>
<dl class="legend">${rows.map(([look, sample, words]) => html`
<div><dt><span class="look look-${look}">${sample}</span></dt><dd>${words}</dd></div>`)}
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
  if (layout.columns === null) return listTable(view, layout, section, id, beside);
  const { positions } = layout.columns;
  const ownUnits = hasUnits(layout.rows.dimension);
  const body = section.rowPositions.map((row) => {
    const cells = positions.map((column) => {
      const key = keyAt(view, layout, section, row, column);
      return html`<td id="${cellAnchor(key)}" class="num${column === null ? ' total' : ''}">${cellLink(view, key)}</td>`;
    });
    const unit = ownUnits ? html`<td class="unit">${unitAt(view.meta, keyAt(view, layout, section, row, null))}</td>` : null;
    return html`<tr${rowClass(row)}>${rowHeader(layout.rows.dimension, row)}${cells}${unit}</tr>
`;
  });
  return scrollRegion(id, html`<table class="numbers">
<caption id="${id}"><span>${captionOf(view, section, measureWords(view.meta))}</span></caption>
${head(layout.rows.dimension, layout.columns, ownUnits)}
<tbody>
${body}</tbody>
</table>`, { rows: section.rowPositions.length, columns: positions.length });
}

/**
 * A table of one dimension: the number, its unit where it has one of its own, and what is derived from it. With more than
 * the number, every row becomes a block on a narrow screen; the roles keep it a table for those who hear the page.
 */
function listTable(view: TableView, layout: Layout, section: Section, id: string, beside: readonly DeriveMeta[]): Html {
  const { dimension } = layout.rows;
  const ownUnits = hasUnits(dimension);
  const labels = [view.meta.measure.label, ...(ownUnits ? ['Unit'] : []), ...beside.map((d) => derivedHeading(view, d))];
  const looks = ['num', ...(ownUnits ? ['unit'] : []), ...beside.map(() => 'num derived')];
  const body = section.rowPositions.map((row) => {
    const key = keyAt(view, layout, section, row, null);
    const contents = [cellLink(view, key), ...(ownUnits ? [html`${unitAt(view.meta, key)}`] : []), ...beside.map((d) => derivedContent(view, d, key))];
    const cells = contents.map((content, i) => html`<td role="cell"${i === 0 ? html` id="${cellAnchor(key)}"` : null} class="${looks[i]}" data-label="${labels[i]}">${content}</td>`);
    return html`<tr role="row"${rowClass(row)}>${rowHeader(dimension, row, true)}${cells}</tr>
`;
  });
  return scrollRegion(id, html`<table role="table" class="numbers narrow${labels.length > 1 ? ' stacked' : ''}">
<caption id="${id}"><span>${captionOf(view, section, measureWords(view.meta))}</span></caption>
<thead role="rowgroup"><tr role="row"><th scope="col" role="columnheader">${dimension.label}</th>${labels.map((label, i) => html`<th scope="col" role="columnheader" class="${looks[i]?.replace(' derived', '')}">${label}</th>`)}</tr></thead>
<tbody role="rowgroup">
${body}</tbody>
</table>`, { rows: section.rowPositions.length, columns: labels.length });
}

function captionOf(view: TableView, section: Section, what: string): string {
  return `${what}${section.heading === '' ? '' : ` – ${section.heading}`}${view.meta.synthetic ? ' (SYNTHETIC)' : ''}`;
}

function derivedTable(view: TableView, layout: Layout, section: Section, n: string, derive: DeriveMeta): Html | null {
  const { rows, columns } = withoutMargin(layout, section, derive);
  if (columns === null || view.dimensionIndex(derive.over) < 0) return null;
  const id = `derived-${n}`;
  const body = rows.map((row) => html`<tr${rowClass(row)}>${rowHeader(layout.rows.dimension, row)}${columns.positions.map((column) =>
    html`<td class="num derived">${derivedContent(view, derive, keyAt(view, layout, section, row, column))}</td>`)}</tr>
`);
  return scrollRegion(id, html`<table class="numbers">
<caption id="${id}"><span>${captionOf(view, section, derivedHeading(view, derive))}</span></caption>
${head(layout.rows.dimension, columns, false)}
<tbody>
${body}</tbody>
</table>`, { rows: rows.length, columns: columns.positions.length });
}

/** A total has no period before it: a table of changes leaves the margin of its own dimension out. */
function isOutside(view: TableView, derive: DeriveMeta, key: CellKey): boolean {
  return derive.kind === 'change' && key[view.dimensionIndex(derive.over)] === null;
}

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
  const by = inSentence(dimension.label);
  return base.key === null ? `Percent of the sum over ${by}` : `Percent of ${inSentence(base.label)}, by ${by}`;
}

/** A derived number; it links to the row of the cell it was derived from. At the base of a share stands the base itself. */
function derivedContent(view: TableView, derive: DeriveMeta, key: CellKey): Html {
  const derived = derivedAt(view, derive, key);
  if (derived === null) return html`<span class="look look-none">–</span>`;
  if (derived.kind === 'exact' && isShareBase(view, derive, key)) return html`<span class="base">${cellLink(view, key, `100%\u00a0= ${printCell(view.cell(key)).text}`)}</span>`;
  if (derived.kind === 'not-comparable') {
    return html`<a class="look look-refused" href="#${noteAnchor(derived)}">${NOT_COMPARABLE}<span class="hidden">: ${derived.why}</span></a>`;
  }
  const text = printDerived(derived, derive.kind);
  if (derived.kind === 'none') return html`<span class="look look-none" title="${derived.why}">${text}<span class="hidden"> (${derived.why})</span></span>`;
  return cellLink(view, key, text);
}

const NOT_COMPARABLE = 'not comparable';

function head(rows: Dimension, columns: Axis, ownUnits: boolean): Html {
  const { dimension, positions } = columns;
  return html`<thead>
<tr><th scope="col" rowspan="2">${rows.label}</th><th scope="colgroup" colspan="${positions.length}" class="group">${dimension.label}</th>${ownUnits ? html`<th scope="col" rowspan="2">Unit</th>` : null}</tr>
<tr>${positions.map((p) => html`<th scope="col" class="num">${labelOf(dimension, p)}${ownUnit(dimension, p)}${partTag(dimension, p)}</th>`)}</tr>
</thead>`;
}

function rowHeader(dimension: Dimension, code: string | null, withRole = false): Html {
  const depth = code === null || !dimension.levelsShown ? 0 : Math.min(depthOf(dimension, code), 5);
  const look = dimension.kind === 'time' ? 'time' : depth > 0 ? `depth-${depth}` : null;
  return html`<th scope="row"${withRole ? html` role="rowheader"` : null}${look === null ? null : html` class="${look}"`}>${labelOf(dimension, code)}${partTag(dimension, code)}</th>`;
}

/** The unit of a column whose numbers have one of their own. */
function ownUnit(dimension: Dimension, code: string | null): string {
  const unit = dimension.codes.find((c) => c.code === code)?.unit;
  return unit === undefined ? '' : ` (${unit})`;
}

function partTag(dimension: Dimension, code: string | null): Html | null {
  const part = dimension.codes.find((c) => c.code === code)?.partPeriod;
  return part === undefined ? null : html` <span class="part" title="${part}">part period</span>`;
}

function rowClass(row: string | null): Html | null {
  return row === null ? html` class="total"` : null;
}
