/**
 * A protected table as the pages read it: cells by address, each with its printed text, its words and its anchor.
 * @module
 */
import { STATE_LABELS, VALUE_STATES, formatQuantity, sha384Json } from '@weighbridge/base';
import type { CellKey, Dimension, Quantity, TableMeta } from '@weighbridge/base';
import type { ProtectedTable, ReleasedCell } from '@weighbridge/protect';

/**
 * How a cell looks. `number`, `zero`: a number. `bounds`: a range, "at least". `marked`: a number with a mark in its source.
 * `state`: words of the source instead of a number. `suppressed`, `partner`: withheld by us. `none`: no such cell.
 */
export type CellLook = 'number' | 'zero' | 'bounds' | 'marked' | 'state' | 'suppressed' | 'partner' | 'none';

/** A cell ready for a page. */
export interface PrintedCell {
  readonly look: CellLook;
  /** What stands in the table. */
  readonly text: string;
  /** How the number came about or why there is none, in words; empty for a plain number as counted. */
  readonly words: string;
}

/** Anchors and codes of a table's margin. */
const MARGIN = '_T';

/** A table with its cells by address. */
export interface TableView {
  readonly table: ProtectedTable;
  readonly meta: TableMeta;
  /** The cell at an address, or undefined when the table has none. */
  cell(key: CellKey): ReleasedCell | undefined;
  /** Position of a field among the dimensions, or -1. */
  dimensionIndex(field: string): number;
}

/** Indexes a table's cells. When two cells share an address the first one stands; `buildRelease` refuses such a table. */
export function tableView(table: ProtectedTable): TableView {
  const cells = new Map<string, ReleasedCell>();
  for (const cell of table.cells) {
    const id = keyText(cell.key);
    if (!cells.has(id)) cells.set(id, cell);
  }
  return {
    table,
    meta: table.meta,
    cell: (key) => cells.get(keyText(key)),
    dimensionIndex: (field) => table.meta.dimensions.findIndex((d) => d.field === field),
  };
}

/** One text per address. */
export function keyText(key: CellKey): string {
  return JSON.stringify(key);
}

/** The key with one position replaced. */
export function keyWith(key: CellKey, index: number, code: string | null): CellKey {
  return key.map((c, i) => (i === index ? code : c));
}

/**
 * The anchor of a cell on its source page: the codes, readable where they are short, else a hash of them.
 * Two addresses of one table never share an anchor (up to the collision of a 96-bit hash).
 */
export function cellAnchor(key: CellKey): string {
  const readable = key.map((code) => (code === null ? MARGIN : anchorText(code))).join('.');
  return readable.length <= 40 ? `cell-${readable}` : `cell--${sha384Json(key).slice(0, 24)}`;
}

/** Codes of a dimension in display order, then the margin when there is one. */
export function positionsOf(dimension: Dimension): readonly (string | null)[] {
  const codes: (string | null)[] = dimension.codes.map((c) => c.code);
  return dimension.total === null ? codes : [...codes, null];
}

/** The label of a code, or of the margin for null. */
export function labelOf(dimension: Dimension, code: string | null): string {
  if (code === null) return dimension.total ?? 'Total';
  return dimension.codes.find((c) => c.code === code)?.label ?? code;
}

/** What the number at an address counts: the unit of one of its codes, or the unit of the table. */
export function unitAt(meta: TableMeta, key: CellKey): string {
  const own = meta.dimensions.flatMap((d, i) => d.codes.find((c) => c.code === key[i])?.unit ?? []);
  return own[0] ?? meta.measure.unit.many;
}

/** True when the codes of the dimension have units of their own. */
export function hasUnits(dimension: Dimension): boolean {
  return dimension.codes.some((c) => c.unit !== undefined);
}

/** Depth of each code below its topmost shown parent; 0 at the top. A loop of parents ends at the code count. */
export function depthOf(dimension: Dimension, code: string): number {
  const parents = new Map(dimension.codes.map((c) => [c.code, c.parent]));
  let depth = 0;
  for (let p = parents.get(code); p !== undefined && parents.has(p) && depth < parents.size; p = parents.get(p)) depth += 1;
  return depth;
}

/** The selection that a cell counts, in words: "Year: 2021; Lock state: Locked; Offence: all (Total)". */
export function selectionWords(meta: TableMeta, key: CellKey): string {
  return meta.dimensions
    .map((dimension, i) => {
      const code = key[i] ?? null;
      if (code === null) return `${dimension.label}: all (${labelOf(dimension, null)})`;
      const label = labelOf(dimension, code);
      return label === code ? `${dimension.label}: ${label}` : `${dimension.label}: ${label} (${code})`;
    })
    .join('; ');
}

/** A cell as it is printed. `undefined` stands for an address that the table does not hold. */
export function printCell(cell: ReleasedCell | undefined): PrintedCell {
  if (cell === undefined) return { look: 'none', text: 'no cell', words: 'the table holds no number for this combination' };
  if (cell.value === null) {
    return cell.status === 'secondary'
      ? { look: 'partner', text: 'suppressed†', words: 'withheld so that a suppressed number cannot be worked out from the others' }
      : { look: 'suppressed', text: 'suppressed', words: 'too small to be shown without risk to the people behind it' };
  }
  const rounded = cell.status === 'rounded' ? ['moved by the protection method'] : [];
  const words = [...stateWords(cell.value), ...rounded].join('; ');
  return { look: lookOf(cell.value), text: valueText(cell.value), words };
}

/** The value behind a cell when it is one exact number, else null. */
export function exactValue(cell: ReleasedCell | undefined): number | null {
  const value = cell?.value;
  return value !== null && value !== undefined && value.lo !== null && value.lo === value.hi ? value.lo : null;
}

function lookOf(q: Quantity): CellLook {
  if (q.lo === null) return 'state';
  if (q.lo !== q.hi) return 'bounds';
  if (hasStates(q)) return 'marked';
  return q.lo === 0 ? 'zero' : 'number';
}

function valueText(q: Quantity): string {
  const text = formatQuantity(q);
  return q.lo !== null && q.lo === q.hi && hasStates(q) ? `${text}*` : text;
}

function hasStates(q: Quantity): boolean {
  return VALUE_STATES.some((s) => s !== 'exact' && (q.states[s] ?? 0) > 0);
}

function stateWords(q: Quantity): readonly string[] {
  return VALUE_STATES.filter((s) => s !== 'exact' && (q.states[s] ?? 0) > 0).map((s) => {
    const n = q.states[s] ?? 0;
    return `${n} ${n === 1 ? 'value' : 'values'} ${STATE_LABELS[s]}`;
  });
}

/** A text as part of an anchor: letters, digits and hyphens stand for themselves, anything else becomes its code point between underscores. */
export function anchorText(code: string): string {
  return Array.from(code, (c) => (/[A-Za-z0-9-]/.test(c) ? c : `_${(c.codePointAt(0) ?? 0).toString(16)}_`)).join('');
}
