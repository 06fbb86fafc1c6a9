/**
 * Tables of words and numbers that are no cells of a protected table: submissions, revisions, comparisons, provenance.
 * On a narrow screen every row becomes a block with its headings beside its values; the roles keep it a table for those
 * who hear the page.
 * @module
 */
import { html } from '../html.ts';
import type { Html, HtmlPart } from '../html.ts';
import { scrollRegion } from './page.ts';

/** A column; `header` marks the one that names its row, `num` sets it to the right. */
export interface PlainColumn {
  readonly label: string;
  readonly num?: boolean;
  readonly header?: boolean;
}

export interface PlainRow {
  /** Anchor of the row. */
  readonly id?: string;
  /** One part a column. */
  readonly cells: readonly PlainCell[];
}

/** What stands in a cell; `differs` marks a difference. */
export type PlainCell = HtmlPart | { readonly content: HtmlPart; readonly differs: boolean };

export interface PlainTable {
  /** Anchor of the caption. */
  readonly id: string;
  readonly caption: string;
  readonly columns: readonly PlainColumn[];
  readonly rows: readonly PlainRow[];
  /** A class of its own besides the common ones. */
  readonly kind?: string;
}

/** The table in a region that can be focused and scrolled. */
export function plainTable(table: PlainTable): Html {
  const { id, caption, columns, rows, kind } = table;
  return scrollRegion(id, html`<table class="plain stacked${kind === undefined ? '' : ` ${kind}`}" role="table">
<caption id="${id}"><span>${caption}</span></caption>
<thead role="rowgroup"><tr role="row">${columns.map((c) => html`<th scope="col" role="columnheader"${c.num === true ? html` class="num"` : null}>${c.label}</th>`)}</tr></thead>
<tbody role="rowgroup">
${rows.map((row) => html`<tr role="row"${row.id === undefined ? null : html` id="${row.id}"`}>${columns.map((column, i) => cellOf(column, row.cells[i]))}</tr>
`)}</tbody>
</table>`);
}

function cellOf(column: PlainColumn, cell: PlainCell): Html {
  const marked = isMarked(cell);
  const given = marked ? cell.content : cell;
  const content = typeof given === 'string' ? given : html`<div>${given}</div>`;
  const classes = [column.num === true ? 'num' : '', marked && cell.differs ? 'differs' : ''].filter((c) => c !== '').join(' ');
  const looks = classes === '' ? null : html` class="${classes}"`;
  return column.header === true
    ? html`<th scope="row" role="rowheader"${looks} data-label="${column.label}">${given}</th>`
    : html`<td role="cell"${looks} data-label="${column.label}">${content}</td>`;
}

function isMarked(cell: PlainCell): cell is { readonly content: HtmlPart; readonly differs: boolean } {
  return typeof cell === 'object' && cell !== null && 'differs' in cell;
}
