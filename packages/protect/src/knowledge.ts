/**
 * Everything that a reader has of the records: this list, lists released before of whatever shape, editions of them, rounded
 * numbers. All of it becomes cells and sums of one system, which {@link audit} attacks.
 * Sources: docs/references.md#langsrud-2024 (linked tables are more relations over the same unknowns),
 * docs/references.md#handbook-sdc (what an intruder knows beforehand).
 * Leaves out: what chance says of a rounding, and coalitions of contributors.
 * @module
 */
import { refuse } from '@weighbridge/base';
import type { Knowledge } from './audit.ts';
import type { Relation } from './cell-table.ts';
import { completeTruth } from './complete-truth.ts';
import { inEditionOrder } from './edition-order.ts';
import { nothingFell, differencesBetween } from './editions.ts';
import { MOST_HIDDEN, hiddenCells, isGrounded } from './hidden-cells.ts';
import type { ProtectionSpec } from './protection-spec.ts';
import { ALL, placeLists } from './released-lists.ts';
import type { Address, PlacedList, ReleasedList, SharedColumn } from './released-lists.ts';
import { roundingBounds } from './rounding-bounds.ts';
import { toldByMarks } from './told-by-marks.ts';

export interface ReaderOptions {
  /** Editions, oldest first; default: by name, numbers as numbers, the one that is judged (without a name) last. */
  readonly editions?: readonly string[];
  /** Between editions records are only added, and readers know it. */
  readonly addedOnly?: boolean;
  /** All cells that no list shows, up to this many, are unknowns where lists differ in shape or do not rest on finest cells; else only those that tie others together. Default 2,000. */
  readonly mostHidden?: number;
}

export interface KnowledgeOptions extends ReaderOptions {
  /** The first list is asked for and not released: readers have nothing of it. Its cells are unknowns, 0 or more, and what it leaves out is not known to be empty. Default: it is released. */
  readonly asked?: boolean;
}

/** Why a cell is in the system. */
export type CellOrigin = 'listed' | 'empty' | 'hidden' | 'difference';

/** What a reader has. Confidential: it holds the truth to judge by. */
export interface ReaderKnowledge {
  readonly knowledge: Knowledge;
  readonly size: number;
  /** The cell of a row of a list. */
  readonly cellOf: (list: number, row: number) => number;
  readonly originOf: (cell: number) => CellOrigin;
  /** False: the value is one that fits, and nobody gave the true one. */
  readonly isTrue: (cell: number) => boolean;
  /** The same text for the same cell of whatever is known of the records: its edition and address, or what it is the difference to. */
  readonly identityOf: (cell: number) => string;
  /** A cell's address for people, with its edition where there are several. */
  readonly nameOf: (cell: number) => string;
  /** Lists in one form, in the order given. */
  readonly lists: readonly PlacedList[];
}

/**
 * Puts lists together. The first list is the one that is judged; its measure (counts or amounts) is that of the system, and lists
 * of the other measure are left out.
 * @throws Refusal as {@link placeLists}; `LISTS_DIFFER` when two lists of one edition give one cell two numbers, with its address;
 *   `EDITION_FALLS` where records are said to be added only, and a cell is less in a later edition; `LISTS_CONTRADICT` when no records can have given them all; `ROUNDING_UNKNOWN`
 */
export async function readerKnowledge(lists: readonly ReleasedList[], spec: ProtectionSpec, options: KnowledgeOptions = {}): Promise<ReaderKnowledge> {
  const whole = !lists[0]?.rows.some((row) => row.value !== undefined);
  const { columns, lists: placed } = placeLists(lists, spec, options);
  for (const absentIsEmpty of [true, false]) {
    const known = await putTogether(columns, placed, spec, { ...options, whole, absentIsEmpty });
    if (known !== undefined) return known;
  }
  return refuse('LISTS_CONTRADICT', 'no records can have given all these lists', {}, 'leave out lists of other records, and give lists of earlier editions as such');
}

/** All lists as one system; undefined where no records can have given it. */
async function putTogether(columns: readonly SharedColumn[], placed: readonly PlacedList[], spec: ProtectionSpec, options: KnowledgeOptions & { readonly whole: boolean; readonly absentIsEmpty: boolean }): Promise<ReaderKnowledge | undefined> {
  const { whole, absentIsEmpty, mostHidden = MOST_HIDDEN } = options;
  const linked = placed.filter((p) => !p.hasTruth || whole !== p.list.rows.some((row) => row.value !== undefined));
  const space = new Space(columns);
  const asked = options.asked === true ? linked.find((p) => p === placed[0]) : undefined;
  const released = linked.filter((p) => p !== asked);
  const numbers = placed.map((p) => (released.includes(p) ? p.list.rows.map((_, row) => space.add(p.edition, p.addressOf(row), 'listed')) : []));
  const empty = linkAcross(space, released, { mostHidden, absentIsEmpty, asked: asked && askedCells(asked, whole, mostHidden) });
  for (const p of released) space.sumsOf(p, numbers[placed.indexOf(p)] as number[]);
  const facts = new Facts(space.size);
  for (const [l, p] of placed.entries()) if (released.includes(p)) learn(facts, p, numbers[l] as number[], spec, whole, (cell) => space.nameOf(cell));
  if (asked !== undefined) {
    numbers[0] = asked.list.rows.map((_, row) => space.find(asked.edition, asked.addressOf(row)));
    for (const { address, truth } of askedCells(asked, whole, mostHidden)) facts.hold(space.find(asked.edition, address), truth);
  }
  for (const cell of empty) {
    if ((facts.truth[cell] || 0) !== 0) listsDiffer(space.nameOf(cell));
    facts.print(cell, 0);
  }
  capByTotals(facts, space);
  const editions = options.editions ?? inEditionOrder(new Set(placed.map((p) => p.edition)));
  if (options.addedOnly === true && !nothingFell(space, facts, editions, absentIsEmpty)) return undefined;
  const { relations, lower, upper, value, printed } = differencesBetween(space, facts, editions, options.addedOnly === true);
  const known = await completeTruth({ relations, value, lower, upper });
  return known && {
    knowledge: { relations, value, lower, upper, whole, printed: (cell) => printed[cell] === 1 }, size: value.length,
    cellOf: (list, row) => (numbers[list] as number[])[row] ?? -1, originOf: (cell) => space.originOf(cell), isTrue: (cell) => known[cell] === 1,
    identityOf: (cell) => space.identityOf(cell), nameOf: (cell) => space.nameOf(cell), lists: placed,
  };
}

/** Addresses of every edition as numbered cells, and the sums between them. */
export class Space {
  readonly columns: readonly SharedColumn[];
  readonly relations: Relation[] = [];
  readonly #numbers = new Map<string, number>();
  readonly #cells: { readonly edition: string; readonly address: Address; readonly origin: CellOrigin; readonly name?: string; readonly identity: string }[] = [];
  readonly #seen = new Set<string>();

  constructor(columns: readonly SharedColumn[]) {
    this.columns = columns;
  }

  get size(): number {
    return this.#cells.length;
  }

  add(edition: string, address: Address, origin: CellOrigin): number {
    const identity = identityOf(edition, address);
    const known = this.#numbers.get(identity);
    if (known !== undefined) return known;
    this.#numbers.set(identity, this.#cells.length);
    return this.#cells.push({ edition, address, origin, identity }) - 1;
  }

  /** A cell that is no address: what a cell is more than another. */
  addDifference(before: number, after: number): number {
    const earlier = this.editionOf(before);
    const name = `${this.nameOf(after)}: what came since ${earlier === '' ? 'the edition before' : earlier}`;
    return this.#cells.push({ edition: '', address: [], origin: 'difference', name, identity: `${this.identityOf(before)}\u0001\u0001${this.identityOf(after)}` }) - 1;
  }

  identityOf(cell: number): string {
    return this.#cells[cell]?.identity ?? '';
  }

  find(edition: string, address: Address): number {
    return this.#numbers.get(identityOf(edition, address)) ?? -1;
  }

  editionOf(cell: number): string {
    return this.#cells[cell]?.edition ?? '';
  }

  addressOf(cell: number): Address {
    return this.#cells[cell]?.address ?? [];
  }

  originOf(cell: number): CellOrigin {
    return this.#cells[cell]?.origin ?? 'hidden';
  }

  relate(total: number, parts: readonly number[]): void {
    if (parts.length === 1 && parts[0] === total) return;
    const relation: Relation = { total, parts: Int32Array.from(parts).sort() };
    const name = `${total}=${relation.parts.join()}`;
    if (this.#seen.has(name)) return;
    this.#seen.add(name);
    this.relations.push(relation);
  }

  /** The sums of a list. */
  sumsOf({ table }: PlacedList, numbers: readonly number[]): void {
    for (const { total, parts } of table.relations) this.relate(numbers[total] as number, Array.from(parts, (part) => numbers[part] as number));
  }

  nameOf(cell: number): string {
    const known = this.#cells[cell];
    if (known === undefined) return '';
    if (known.name !== undefined) return known.name;
    const shown = this.columns.map((c, d) => (known.address[d] === ALL ? c.total ?? '' : known.address[d] ?? '')).filter((code) => code !== '').join(' | ');
    return known.edition === '' ? shown : `${shown} (${known.edition})`;
  }
}

/** What is known of each cell before any sum. */
export class Facts {
  readonly truth: Float64Array;
  readonly lower: Float64Array;
  readonly upper: Float64Array;
  readonly printed: Uint8Array;

  constructor(size: number) {
    this.truth = new Float64Array(size).fill(NaN);
    this.lower = new Float64Array(size);
    this.upper = new Float64Array(size).fill(Infinity);
    this.printed = new Uint8Array(size);
  }

  print(cell: number, value: number): void {
    this.printed[cell] = 1;
    this.truth[cell] = value;
  }

  /** The truth of a cell of which nobody tells it. */
  hold(cell: number, value: number): void {
    if (Number.isNaN(this.truth[cell])) this.truth[cell] = value;
  }

  bound(cell: number, lower: number, upper: number): void {
    this.lower[cell] = Math.max(this.lower[cell] as number, lower);
    this.upper[cell] = Math.min(this.upper[cell] as number, upper);
  }
}

/** What one list tells. */
function learn(facts: Facts, { list, table, hasTruth }: PlacedList, numbers: readonly number[], spec: ProtectionSpec, whole: boolean, nameOf: (cell: number) => string): void {
  const totals = new Set(table.relations.map(({ total }) => total));
  const truthOf = list.rows.map((row) => (hasTruth ? (whole ? row.freq : row.value) : undefined) ?? (row.status === 'published' ? row.published ?? undefined : undefined));
  const rounded = list.rows.flatMap((row, r) => (row.status === 'rounded' ? [{ row: r, published: row.published ?? NaN, finest: !totals.has(r), ...(truthOf[r] === undefined ? {} : { truth: truthOf[r] }) }] : []));
  const bounds = new Map(roundingBounds(rounded, spec).map((b, i) => [(rounded[i] as { row: number }).row, b]));
  // A list that withholds a zero does not print zeros whatever they are.
  const least = whole && spec.rules.minFrequency?.zeros !== 'protected' && !list.rows.some((row, r) => isWithheld(row.status) && truthOf[r] === 0) ? 1 : 0;
  const { atMost = Infinity, atLeast = 0 } = spec.marksTold && whole ? toldByMarks(spec.rules, list.rows.some((row) => row.contributors !== undefined)) : {};
  for (const [r, row] of list.rows.entries()) {
    const cell = numbers[r] as number;
    const truth = truthOf[r];
    if (truth !== undefined) {
      const other = facts.truth[cell] as number;
      if (!Number.isNaN(other) && Math.abs(other - truth) > 1e-9 * Math.max(1, Math.abs(truth))) listsDiffer(nameOf(cell));
      facts.truth[cell] = truth;
    }
    const near = bounds.get(r);
    if (near) facts.bound(cell, near.lo, near.hi);
    else if (row.status === 'published' && truth !== undefined) facts.print(cell, truth);
    else if (row.status === 'published') refuse('PUBLISHED_MISSING', 'a cell is published, and the list does not say as what', { object: nameOf(cell), row: r + 1, column: 'published' }, 'give the file that protect wrote, or the columns as released');
    else if (row.status === 'primary') facts.bound(cell, least, (truth ?? 0) <= atMost ? atMost : Infinity);
    else facts.bound(cell, (truth ?? Infinity) >= atLeast ? Math.max(least, atLeast) : least, Infinity);
  }
}

/** No part of an edition is more than all of it, where that is printed: sums say the same, and the solver is spared large numbers. */
function capByTotals(facts: Facts, space: Space): void {
  const all = space.columns.map(() => ALL);
  const most = new Map<string, number>();
  for (let cell = 0; cell < facts.printed.length; cell++) {
    const edition = space.editionOf(cell);
    const total = most.get(edition) ?? ((at: number): number => (at !== -1 && facts.printed[at] === 1 ? facts.truth[at] as number : Infinity))(space.find(edition, all));
    most.set(edition, total);
    if (facts.printed[cell] === 0) facts.bound(cell, -Infinity, total);
  }
}

function listsDiffer(cell: string): never {
  return refuse('LISTS_DIFFER', 'two lists count the same and give different numbers', { object: cell }, 'give lists of the same records; a list made before records were added or corrected is an earlier edition');
}

function isWithheld(status: string): boolean {
  return status === 'primary' || status === 'secondary';
}

/** What may be hidden. */
interface HiddenOptions {
  readonly mostHidden: number;
  readonly absentIsEmpty: boolean;
  /** Cells that are asked for, and those that the request leaves out; undefined where nothing is. */
  readonly asked: readonly AskedCell[] | undefined;
}

/** A cell of which a request would tell. */
interface AskedCell {
  readonly edition: string;
  readonly address: Address;
  readonly truth: number;
}

/** The cells of a request, and no more than so many that it leaves out beside others. */
function askedCells({ list, edition, addressOf, unlisted }: PlacedList, whole: boolean, mostHidden: number): AskedCell[] {
  const cells = list.rows.map((row, r): AskedCell => ({ edition, address: addressOf(r), truth: (whole ? row.freq : row.value) ?? NaN }));
  const left = new Map<string, AskedCell>();
  for (const address of unlisted()) {
    left.set(identityOf(edition, address), { edition, address, truth: 0 });
    if (left.size > mostHidden) return cells;
  }
  return [...cells, ...left.values()];
}

/**
 * What lists tell together: cells that one shows and another leaves out as empty, cells that none shows and that hold the shown ones
 * together, and the sums that hold across lists.
 * @returns cells that are known to be empty
 */
function linkAcross(space: Space, lists: readonly PlacedList[], options: HiddenOptions): number[] {
  const { asked = [] } = options;
  const editions = [...new Set([...lists, ...asked].map((p) => p.edition))];
  const crossing = space.columns.reduce((product, c) => product * c.codes.length, editions.length);
  const grounded = lists.every((p) => isGrounded(p.table, p.hasTruth));
  const incomplete = !grounded || lists.some((p) => !showsEveryCode(p, space.columns));
  if (lists.length === 1 && !incomplete && asked.length === 0) return [];
  const all = incomplete && crossing - space.size <= options.mostHidden;
  const listed = space.size;
  const wanted = new Map(asked.map(({ edition, address, truth }): [number, number] => [space.add(edition, address, 'hidden'), truth]).filter(([cell]) => cell >= listed));
  const none = new Set<number>();
  const empty = new Set<string>();
  for (const p of lists) {
    for (const address of p.unlisted()) {
      const cell = space.find(p.edition, address);
      const shown = editions.some((edition) => { const at = space.find(edition, address); return at !== -1 && at < listed; });
      if (cell !== -1 || all || shown) none.add(cell === -1 ? space.add(p.edition, address, 'empty') : cell);
      else empty.add(identityOf(p.edition, address));
    }
  }
  if (incomplete && (lists.length > 1 || asked.length > 0 || !grounded)) for (const edition of editions) for (const cell of addHidden(space, edition, { listed, empty, wanted }, options)) none.add(cell);
  if (all) for (const edition of editions) for (const address of crossed(space.columns)) space.add(edition, address, 'hidden');
  relateAll(space, empty);
  return [...none];
}

interface Listed {
  /** Cells below this are in a list. */
  readonly listed: number;
  /** Identities of cells that are known to be empty. */
  readonly empty: ReadonlySet<string>;
  /** Cells that are only asked for → their truth. */
  readonly wanted: ReadonlyMap<number, number>;
}

/** Adds what holds an edition's cells together though nobody lists it. @returns cells that are empty because they are not listed */
function addHidden(space: Space, edition: string, { listed, empty, wanted }: Listed, { mostHidden, absentIsEmpty }: HiddenOptions): number[] {
  const cells = Array.from({ length: listed }, (_, cell) => cell).filter((cell) => space.editionOf(cell) === edition);
  const isShown = (address: Address): boolean => { const at = space.find(edition, address); return at !== -1 && !wanted.has(at); };
  const hidden = hiddenCells({ columns: space.columns, addresses: cells.map((cell) => space.addressOf(cell)), isShown, isEmpty: (address) => empty.has(identityOf(edition, address)), absentIsEmpty }, mostHidden);
  // Codes that only a request has are not empty because no list shows them.
  const none = hidden.empty.map((address) => space.add(edition, address, 'empty')).filter((cell) => (wanted.get(cell) ?? 0) === 0);
  for (const address of hidden.cells) space.add(edition, address, 'hidden');
  return none;
}

/** Every sum whose parts are all there, or known to be empty. */
function relateAll(space: Space, empty: ReadonlySet<string>): void {
  for (let cell = 0, size = space.size; cell < size; cell++) {
    const [edition, address] = [space.editionOf(cell), space.addressOf(cell)];
    for (const [d, column] of space.columns.entries()) {
      for (const { parts } of column.sums.get(address[d] as string) ?? []) {
        const at = parts.map((code) => address.with(d, code));
        const found = at.map((part) => space.find(edition, part));
        const complete = found.every((part, i) => part !== -1 || empty.has(identityOf(edition, at[i] as Address)));
        if (complete && found.some((part) => part !== -1)) space.relate(cell, found.filter((part) => part !== -1));
      }
    }
  }
}

/** True when the list has a cell for every code of every column, so that no cell of its crossing is unheard of. */
function showsEveryCode({ list, table }: PlacedList, columns: readonly SharedColumn[]): boolean {
  const width = list.columns.length;
  return columns.every((column) => {
    const d = list.columns.indexOf(column.name);
    if (d === -1) return column.codes.length === 1;
    const shown = new Set<number>();
    for (let cell = 0; cell < table.size; cell++) shown.add(table.keys[cell * width + d] as number);
    return shown.size === column.codes.length;
  });
}

function identityOf(edition: string, address: Address): string {
  return `${edition}\u0001${address.join('\u0001')}`;
}

function* crossed(columns: readonly SharedColumn[], from = 0): Generator<Address> {
  if (from === columns.length) {
    yield [];
    return;
  }
  for (const code of (columns[from] as SharedColumn).codes) for (const rest of crossed(columns, from + 1)) yield [code, ...rest];
}
