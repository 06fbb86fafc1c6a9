/**
 * What each number of a table counts: its selection, how it came about, the shares and changes made from it, and the
 * submissions that its records stand in. One row a number; its id is what the number on the table's page links to.
 * @module
 */
import { formatNumber } from '@weighbridge/base';
import type { CellKey, DeriveMeta } from '@weighbridge/base';
import { derivedAt, isShareBase, printDerived, shareBase } from '../derive.ts';
import { html } from '../html.ts';
import type { Html } from '../html.ts';
import { keysShown } from '../layout.ts';
import type { Layout } from '../layout.ts';
import { cellAnchor, hasUnits, keyText, keyWith, labelOf, printCell, unitAt } from '../table-view.ts';
import type { TableView } from '../table-view.ts';
import { plainTable } from './plain-table.ts';
import type { PlainRow } from './plain-table.ts';
import type { SiteContext } from './page.ts';
import { submissionAnchor, submissionWords, submissionsOf } from './submission-list.ts';

/** Most submissions that a row names one by one, where a cell rests on some of them only. */
const NAMED = 4;

/** The rows of every number that stands on the table's page. */
export function cellTable(context: SiteContext, view: TableView, layout: Layout): Html {
  const { meta } = view;
  const keys = new Map(keysShown(view, layout).filter((key) => view.cell(key) !== undefined).map((key) => [keyText(key), key]));
  const ownUnits = meta.dimensions.some(hasUnits);
  const derives = meta.derive.filter((d) => view.dimensionIndex(d.over) >= 0);
  const derived = derives.length > 0;
  return plainTable({
    id: 'cells-caption',
    caption: `${meta.measure.label}: the records behind each number are those that fit its row`,
    kind: 'cells',
    columns: [
      { label: 'Number', header: true, num: true }, ...(ownUnits ? [{ label: 'Unit' }] : []), ...meta.dimensions.map((d) => ({ label: d.label })),
      { label: 'How it came about' }, ...(derived ? [{ label: 'Made from it' }] : []), { label: 'Records in' },
    ],
    rows: [...keys.values()].map((key): PlainRow => {
      const printed = printCell(view.cell(key));
      const anchor = cellAnchor(key);
      return {
        id: anchor,
        cells: [
          html`<a class="look look-${printed.look}" href="${meta.id}.html#${anchor}">${printed.text}</a>`, ...(ownUnits ? [unitAt(meta, key)] : []),
          ...meta.dimensions.map((d, i) => codeWords(labelOf(d, key[i] ?? null), key[i] ?? null)),
          printed.words === '' ? 'as counted' : printed.words,
          ...(derived ? [derivedList(view, derives, key, keys)] : []),
          recordsIn(context, view, key),
        ],
      };
    }),
  });
}

function codeWords(label: string, code: string | null): Html {
  if (code === null) return html`all (${label})`;
  return label === code ? html`${label}` : html`${label} <span class="code">${code}</span>`;
}

/** Shares and changes with the other number that each was made from. */
function derivedList(view: TableView, derives: readonly DeriveMeta[], key: CellKey, shown: ReadonlyMap<string, CellKey>): Html {
  const lines = derives.flatMap((derive) => {
    const line = isShareBase(view, derive, key) ? null : derivedLine(view, derive, key, shown);
    return line === null ? [] : [line];
  });
  return lines.length === 0 ? html`–` : html`${lines.map((line, i) => html`${i > 0 ? html`<br>` : null}${line}`)}`;
}

function derivedLine(view: TableView, derive: DeriveMeta, key: CellKey, shown: ReadonlyMap<string, CellKey>): Html | null {
  const derived = derivedAt(view, derive, key);
  if (derived === null || derived.kind === 'none' || derived.kind === 'not-comparable') return null;
  const index = view.dimensionIndex(derive.over);
  const dimension = view.meta.dimensions[index];
  if (dimension === undefined) return null;
  const text = printDerived(derived, derive.kind);
  if (derive.kind === 'share') {
    const base = shareBase(view, index, key);
    return html`${text} of ${base.key === null ? base.label : otherNumber(view, base.key, shown)}`;
  }
  const before = dimension.codes[dimension.codes.findIndex((c) => c.code === key[index]) - 1];
  return before === undefined ? null : html`${text} from ${otherNumber(view, keyWith(key, index, before.code), shown)} in ${before.label}`;
}

function otherNumber(view: TableView, key: CellKey, shown: ReadonlyMap<string, CellKey>): Html {
  const { text } = printCell(view.cell(key));
  return shown.has(keyText(key)) ? html`<a href="#${cellAnchor(key)}">${text}</a>` : html`${text}`;
}

/** The submissions of a cell: all of the table's, or those of its agency and round. */
function recordsIn(context: SiteContext, view: TableView, key: CellKey): Html {
  const all = view.meta.provenance.submissions;
  if (all.length === 0) return html`no submission`;
  const own = submissionsOf(view.meta, key);
  if (own.length === all.length) return html`<a href="#submissions">${all.length === 1 ? 'the submission' : `all ${formatNumber(all.length)} submissions`}</a>`;
  if (own.length === 0) return html`no submission`;
  if (own.length > NAMED) return html`<a href="#submissions">${formatNumber(own.length)} of ${formatNumber(all.length)} submissions</a>`;
  return html`${own.map((s, i) => html`${i > 0 ? '; ' : ''}<a href="../submissions.html#${submissionAnchor(s)}">${submissionWords(context, s)}</a>`)}`;
}
