/**
 * Records tabulated to the cells that protection works on: every margin that the hierarchies give, with the number of
 * records, the sum of their values and the largest contributions.
 * A contributor's records in a cell are added up before contributions are ranked, by absolute amount
 * (docs/references.md#handbook-sdc, holdings).
 * Reads records once and keeps none: only what each finest cell, and each contributor in it, comes to.
 * @module
 */
import { refuse } from '@weighbridge/base';
import { MOST_CELLS } from './cell-table.ts';
import { makeHierarchy } from './hierarchy.ts';
import type { Hierarchy } from './hierarchy.ts';
import type { CellPart, CellRow } from './cell-rows.ts';
import { isAllOf } from './contributor-attack.ts';
import { Tops, rowsOf, tidy } from './margin-rows.ts';
import type { Holdings, Kind, Margins } from './margin-rows.ts';
import { DRAW_RANGE, recordKeys } from './perturb/index.ts';
import { isPerturbation } from './perturb-table.ts';
import type { ProtectionSpec, SpecDimension } from './protection-spec.ts';
import { TupleIndex, longer } from './tuple-index.ts';

/** One record (confidential). */
export interface RecordRow {
  /** A finest code for each dimension of the specification, in its order. */
  readonly key: readonly string[];
  /** In every record, or in none. */
  readonly value?: number;
  /** Whose record it is: in every record, or in none. Default: each record has a contributor of its own. */
  readonly contributor?: string;
}

export interface TabulateRecordsOptions {
  readonly onProgress?: (records: number) => void;
  readonly signal?: AbortSignal;
}

/** With more cells than this in the crossing of all codes, cells without records are left out. */
const MOST_CROSSED = 200_000;
const MOST_RECORDS = 2 ** 31 - 1;
/** Contributions that are kept for a cell, unless a rule asks for more. */
const LARGEST = 5;
/** Bytes of the shortest secret. */
const SHORTEST_SEED = 16;
const PROGRESS_EVERY = 10_000;

/**
 * Tabulates records.
 *
 * Cells come sorted by code, in the order of the hierarchy: that of the specification where it lists sums, otherwise the total
 * first and then codes by code unit. The order of records leaves no trace. Where the crossing of all codes has at most 200,000
 * cells, or zeros are to be protected, those without records are listed as zeros. Contributions are listed where records have values
 * or contributors; without values, a contributor contributes its records. Where records have contributors, those are counted.
 * With a method that changes counts, its seed and contributors, each cell has the sum of its records' keys as `draw`: a record's key is
 * its contributor's, so that the same people are changed alike in every table. With `insiders` and contributors, finest cells have as `parts` what those
 * gave who are alone in one.
 * @throws Refusal, each with row and column and never with what stands there: `CODE_MISSING`, `CODE_UNKNOWN`, `CODE_NOT_FINEST`,
 *   `NOT_A_NUMBER`, `VALUE_MISSING`, `CONTRIBUTOR_MISSING`; also `NO_RECORDS`, `TOO_MANY_RECORDS`, `TOO_MANY_CELLS`, and those
 *   of {@link makeHierarchy}
 * @throws DOMException `AbortError` when the signal says so
 */
export async function tabulateRecords(records: Iterable<RecordRow> | AsyncIterable<RecordRow>, spec: Pick<ProtectionSpec, 'dimensions' | 'rules'> & Partial<Pick<ProtectionSpec, 'method' | 'seed' | 'insiders'>>, options: TabulateRecordsOptions = {}): Promise<CellRow[]> {
  const most = Math.max(LARGEST, ...(spec.rules.dominance ?? []).map(({ n }) => n));
  const finest = new FinestCells(spec.dimensions, most, keysOf(spec));
  let read = 0;
  for await (const record of records) {
    finest.add(record);
    if (++read % PROGRESS_EVERY === 0) {
      options.signal?.throwIfAborted();
      options.onProgress?.(read);
    }
  }
  if (read === 0) refuse('NO_RECORDS', 'there are no records', {}, 'give a row for each record');
  options.onProgress?.(read);
  const zerosProtected = spec.rules.minFrequency?.zeros === 'protected';
  const margins = finest.margins(options.signal, spec.insiders === true);
  if (zerosProtected) assertRoom(margins.hierarchies.reduce((product, h) => product * h.codes.length, 1));
  return rowsOf(margins, finest.kind, zerosProtected ? MOST_CELLS : MOST_CROSSED);
}

/** Keys of contributors, where a method needs them. A seed that is too short is for the method to refuse. */
function keysOf({ method, seed }: Partial<Pick<ProtectionSpec, 'method' | 'seed'>>): ((contributor: string) => number) | undefined {
  const secret = new TextEncoder().encode(seed ?? '');
  return method !== undefined && isPerturbation(method) && secret.length >= SHORTEST_SEED ? recordKeys(secret) : undefined;
}

/** A contributor in a finest cell, and what its records there come to. */
interface Parts {
  readonly cell: Int32Array;
  readonly contributor: Int32Array;
  readonly amount: Float64Array;
}

class FinestCells {
  readonly #dimensions: readonly Codes[];
  readonly #cells: TupleIndex;
  readonly #tuple: Int32Array;
  #freq = new Float64Array(64);
  #value = new Float64Array(64);
  readonly #most: number;
  readonly #tops: Tops;
  /** A contributor in a finest cell: cell, contributor. */
  readonly #parts = new TupleIndex(2);
  #amount = new Float64Array(64);
  readonly #contributors = new Map<string, number>();
  readonly #keyOf: ((contributor: string) => number) | undefined;
  readonly #keys: number[] = [];
  #draws = new Float64Array(64);
  #kind: Kind | undefined;
  #rows = 0;

  constructor(dimensions: readonly SpecDimension[], most: number, keyOf?: (contributor: string) => number) {
    this.#keyOf = keyOf;
    this.#dimensions = dimensions.map((dimension) => new Codes(dimension));
    this.#cells = new TupleIndex(dimensions.length);
    this.#tuple = new Int32Array(dimensions.length);
    this.#most = most;
    this.#tops = new Tops(most);
  }

  get kind(): Kind {
    return this.#kind ?? { values: false, contributors: false };
  }

  add({ key, value, contributor }: RecordRow): void {
    const row = ++this.#rows;
    if (row > MOST_RECORDS) refuse('TOO_MANY_RECORDS', `there are more than ${MOST_RECORDS.toLocaleString('en')} records`, {}, 'tabulate them in parts');
    this.#kind ??= { values: value !== undefined, contributors: contributor !== undefined };
    if (this.#kind.values !== (value !== undefined)) refuse('VALUE_MISSING', 'a record has no value, though others have', { row, column: 'value' }, 'give every record its value; 0 where there is nothing');
    if (value !== undefined && !Number.isFinite(value)) refuse('NOT_A_NUMBER', 'expected a number', { row, column: 'value' }, 'write digits, with a point before decimals');
    if (this.#kind.contributors !== (contributor !== undefined) || contributor === '') refuse('CONTRIBUTOR_MISSING', 'a record has no contributor', { row, column: 'contributor' }, 'say whose record it is, or leave the column out');
    for (const [d, codes] of this.#dimensions.entries()) this.#tuple[d] = codes.numberOf(key[d] ?? '', row);
    const cell = this.#cells.add(this.#tuple);
    assertRoom(this.#cells.size);
    if (cell === this.#freq.length) [this.#freq, this.#value, this.#draws] = [longer(this.#freq), longer(this.#value), longer(this.#draws)];
    this.#freq[cell] = (this.#freq[cell] as number) + 1;
    const amount = value ?? 1;
    this.#value[cell] = (this.#value[cell] as number) + amount;
    if (contributor === undefined) this.#tops.offer(cell, Math.abs(amount));
    else this.#contribute(cell, contributor, amount);
  }

  #contribute(cell: number, contributor: string, amount: number): void {
    let number = this.#contributors.get(contributor);
    if (number === undefined) {
      this.#contributors.set(contributor, (number = this.#contributors.size));
      if (this.#keyOf) this.#keys.push(this.#keyOf(contributor));
    }
    this.#draws[cell] = ((this.#draws[cell] as number) + (this.#keys[number] ?? 0)) % DRAW_RANGE;
    const part = this.#parts.add([cell, number]);
    if (part === this.#amount.length) this.#amount = longer(this.#amount);
    this.#amount[part] = (this.#amount[part] as number) + amount;
  }

  /**
   * Adds finest cells up. A layer is a set of codes of one dimension of which no two cover the same finest code: for each choice
   * of layers every finest cell falls in one cell at most, and a contributor's part of that cell is made there and then.
   */
  margins(signal: AbortSignal | undefined, insiders: boolean): Margins {
    const settled = this.#dimensions.map((codes) => codes.settle());
    const hierarchies = settled.map(({ hierarchy }) => hierarchy);
    const layers = hierarchies.map(layersOf);
    const cells = new TupleIndex(hierarchies.length);
    const target = new Int32Array(this.#cells.size);
    const parts = this.#partsByContributor();
    const made = { hierarchies, cells, freq: new Float64Array(64), value: new Float64Array(64), tops: new Tops(this.#most), behind: new Float64Array(64), draws: new Float64Array(64) };
    let holdings: Holdings | undefined;
    for (const [c, choice] of choices(layers).entries()) {
      signal?.throwIfAborted();
      for (let f = 0; f < this.#cells.size; f++) {
        let listed = true;
        for (const [d, layer] of choice.entries()) {
          const code = layer[settled[d]?.numbers[this.#cells.at(f, d)] as number] as number;
          this.#tuple[d] = code;
          listed &&= code !== -1;
        }
        target[f] = -1;
        if (!listed) continue;
        const cell = cells.add(this.#tuple);
        assertRoom(cells.size);
        if (cell === made.freq.length) [made.freq, made.value, made.behind, made.draws] = [longer(made.freq), longer(made.value), longer(made.behind), longer(made.draws)];
        target[f] = cell;
        made.freq[cell] = (made.freq[cell] as number) + (this.#freq[f] as number);
        made.draws[cell] = ((made.draws[cell] as number) + (this.#draws[f] as number)) % DRAW_RANGE;
        made.value[cell] = (made.value[cell] as number) + (this.#value[f] as number);
        if (!this.kind.contributors) for (let rank = 0; rank < this.#most; rank++) made.tops.offer(cell, this.#tops.at(f, rank));
      }
      if (this.kind.contributors) this.#rankContributors(parts, target, cells.size, made);
      // The first choice is that of the finest codes.
      if (c === 0 && insiders && this.kind.contributors) holdings = this.#holdings(parts, target);
    }
    return { ...made, holdings, draws: this.#keyOf !== undefined && this.kind.contributors ? made.draws : undefined };
  }

  /** Who is alone in a finest cell, or has all of it, and all that they gave. */
  #holdings({ cell, contributor, amount }: Parts, target: Int32Array): Holdings {
    const behind = new Int32Array(this.#cells.size);
    for (const each of cell) behind[each] = (behind[each] as number) + 1;
    const holder = new Map<number, number>();
    for (const [p, at] of cell.entries()) {
      const own = { contributor: contributor[p] as number, cell: at, amount: amount[p] as number };
      if (behind[at] === 1 || ((this.#value[at] as number) > 0 && isAllOf(own, this.#value))) holder.set(at, own.contributor);
    }
    const holders = new Set(holder.values());
    const parts = new Map<number, CellPart[]>();
    for (const [p, at] of cell.entries()) {
      const own: CellPart = { contributor: contributor[p] as number, amount: tidy(amount[p] as number) };
      if (!holders.has(own.contributor) || (own.amount === 0 && holder.get(at) !== own.contributor)) continue;
      const listed = target[at] as number;
      parts.set(listed, [...parts.get(listed) ?? [], own]);
    }
    return { alone: new Map([...holder].map(([at, own]) => [target[at] as number, own])), parts };
  }

  /** What contributors have in finest cells, each contributor's side by side: a counting sort. */
  #partsByContributor(): Parts {
    const size = this.#parts.size;
    const next = new Int32Array(this.#contributors.size + 1);
    for (let p = 0; p < size; p++) (next[this.#parts.at(p, 1) + 1] as number)++;
    for (let c = 1; c < next.length; c++) next[c] = (next[c] as number) + (next[c - 1] as number);
    const sorted: Parts = { cell: new Int32Array(size), contributor: new Int32Array(size), amount: new Float64Array(size) };
    for (let p = 0; p < size; p++) {
      const contributor = this.#parts.at(p, 1);
      const at = next[contributor] as number;
      next[contributor] = at + 1;
      sorted.cell[at] = this.#parts.at(p, 0);
      sorted.contributor[at] = contributor;
      sorted.amount[at] = this.#amount[p] as number;
    }
    return sorted;
  }

  /** A contributor's parts of a cell are added up before they are offered, one contributor after the other, and each is counted once. */
  #rankContributors({ cell: finest, contributor, amount }: Parts, target: Int32Array, cells: number, { tops, behind }: Pick<Margins, 'tops' | 'behind'>): void {
    const lastIn = new Int32Array(cells).fill(-1);
    const amounts = new Float64Array(cells);
    const touched: number[] = [];
    for (let p = 0; p < finest.length; p++) {
      const own = contributor[p] as number;
      const cell = target[finest[p] as number] as number;
      if (cell !== -1) {
        if (lastIn[cell] !== own) {
          lastIn[cell] = own;
          amounts[cell] = 0;
          touched.push(cell);
        }
        amounts[cell] = (amounts[cell] as number) + (amount[p] as number);
      }
      if (contributor[p + 1] === own) continue;
      for (const each of touched) {
        tops.offer(each, Math.abs(amounts[each] as number));
        behind[each] = (behind[each] as number) + 1;
      }
      touched.length = 0;
    }
  }
}

function assertRoom(cells: number): void {
  if (cells > MOST_CELLS) refuse('TOO_MANY_CELLS', `the records make more than ${MOST_CELLS.toLocaleString('en')} cells`, {}, 'leave a dimension out, or give it fewer codes');
}

/** The codes of one dimension: those of its sums, or as they come. */
class Codes {
  readonly #dimension: SpecDimension;
  readonly #given: Hierarchy | undefined;
  readonly #found = new Map<string, number>();

  constructor(dimension: SpecDimension) {
    this.#dimension = dimension;
    this.#given = dimension.sums === undefined ? undefined : makeHierarchy({ name: dimension.column, sums: dimension.sums, codes: [] });
  }

  numberOf(code: string, row: number): number {
    const place = { row, column: this.#dimension.column };
    if (code === '') refuse('CODE_MISSING', 'a record has no code', place, 'give it a code; one of its own for what is not known');
    const known = this.#given?.index.get(code) ?? this.#found.get(code);
    if (known === undefined) {
      if (this.#given !== undefined) refuse('CODE_UNKNOWN', `a code is not in the hierarchy of “${this.#dimension.column}”`, place, 'add the code to the hierarchy, or correct the record');
      if (code === this.#dimension.total) refuse('CODE_NOT_FINEST', 'a record has the code of a total', place, 'give records, not totals; or leave --microdata out');
      this.#found.set(code, this.#found.size);
      return this.#found.size - 1;
    }
    if (this.#given !== undefined && (this.#given.leavesOf[known]?.length !== 1 || this.#given.leavesOf[known][0] !== known)) refuse('CODE_NOT_FINEST', 'a record has the code of a total', place, 'give the finest code of every record, or leave --microdata out');
    return known;
  }

  /** The hierarchy, and for each number given so far its code there. */
  settle(): { readonly hierarchy: Hierarchy; readonly numbers: Int32Array } {
    if (this.#given !== undefined) return { hierarchy: this.#given, numbers: Int32Array.from(this.#given.codes.keys()) };
    const { column, total } = this.#dimension;
    const codes = [...this.#found.keys()].sort();
    const hierarchy = makeHierarchy({ name: column, sums: total === undefined ? [] : [{ total, parts: codes }], codes });
    return { hierarchy, numbers: Int32Array.from(this.#found.keys(), (code) => hierarchy.index.get(code) as number) };
  }
}

/** Layers of codes: the finest first, then totals, each in the first layer that has none of its finest codes; -1: no code. */
function layersOf({ codes, leavesOf, leaves }: Hierarchy): readonly Int32Array[] {
  const layers = [new Int32Array(codes.length).fill(-1)];
  for (const leaf of leaves) (layers[0] as Int32Array)[leaf] = leaf;
  const finest = new Set(leaves);
  for (const code of codes.keys()) {
    if (finest.has(code)) continue;
    const own = leavesOf[code] as readonly number[];
    let layer = layers.slice(1).find((each) => own.every((leaf) => each[leaf] === -1));
    if (layer === undefined) layers.push(layer = new Int32Array(codes.length).fill(-1));
    for (const leaf of own) layer[leaf] = code;
  }
  return layers;
}

/** One layer of each dimension, every way. */
function choices(layers: readonly (readonly Int32Array[])[]): readonly (readonly Int32Array[])[] {
  return layers.reduce<readonly (readonly Int32Array[])[]>((all, own) => all.flatMap((choice) => own.map((layer) => [...choice, layer])), [[]]);
}
