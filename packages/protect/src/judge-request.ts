/**
 * One more table, asked for by somebody, judged against all that was released: granted with its own protection, granted with
 * more withheld, or refused. What is judged is the harm that it adds: what readers can derive already they can derive without it.
 * Source: docs/references.md#handbook-sdc (differencing, releases on request).
 * @module
 */
import { Refusal } from '@weighbridge/base';
import { attackReader } from './audit-cells.ts';
import { readerKnowledge } from './knowledge.ts';
import type { ReaderKnowledge, ReaderOptions } from './knowledge.ts';
import { suppressByProgram } from './optimise.ts';
import { isPerturbation } from './perturb-table.ts';
import { harmOf } from './request-harm.ts';
import type { Derived } from './request-harm.ts';
import { protectCells } from './protect-cells.ts';
import type { CellRow, ProtectCellsOptions, ProtectedCell } from './cell-rows.ts';
import type { ProtectionSpec } from './protection-spec.ts';
import type { ListedCell, ReleasedList } from './released-lists.ts';

export interface TableRequest {
  /** Default: the columns of the specification. */
  readonly columns?: readonly string[];
  readonly rows: readonly CellRow[];
}

export interface JudgeRequestOptions extends ProtectCellsOptions, ReaderOptions {}

export type RequestDecision = 'granted' | 'granted-with-more' | 'refused';

/** Confidential, but for `public`. */
export interface RequestJudgement {
  readonly decision: RequestDecision;
  /** Addresses to withhold besides the cells that are unsafe in themselves. */
  readonly withhold: readonly string[];
  /** The table as it may be released, in the order of the rows; none when it is refused. */
  readonly cells: readonly ProtectedCell[];
  /** For the analyst: addresses, and never a value. */
  readonly reason: string;
  /** For the one who asked, and everybody else: tells nothing of why. */
  readonly public: string;
}

/** Rounds in which whole lines are withheld around cells that are still derived. */
const ESCALATIONS = 3;
const NAMED = 10;
const SAID: Readonly<Record<RequestDecision, string>> = {
  granted: 'The table is released; cells that may not be shown are withheld.', 'granted-with-more': 'The table is released; cells that may not be shown are withheld.',
  refused: 'The table cannot be released.',
};

/**
 * Judges a request.
 * @param released - everything released so far, with the truth beside it as `protect` wrote it; lists with an `edition` count other
 *   records
 * @throws Refusal for lists that are no tables, as {@link readerKnowledge} and `protectCells`; never `CANNOT_PROTECT`
 */
export async function judgeRequest(request: TableRequest, spec: ProtectionSpec, released: readonly ReleasedList[], options: JudgeRequestOptions = {}): Promise<RequestJudgement> {
  const columns = request.columns ?? spec.dimensions.map((d) => d.column);
  const own = await ownProtection(request.rows, { ...spec, dimensions: columns.map((column) => spec.dimensions.find((d) => d.column === column) ?? { column }) }, options);
  if (own === undefined || own.every((cell) => cell.published === null)) return refused('the table cannot be protected by itself with anything of it left to show');
  const judge = new Judge({ columns, rows: request.rows }, spec, released, options);
  const before = await judge.before();
  let cells = own;
  let harm = harmOf(await judge.attack(cells), before);
  if (harm.size === 0) return granted('granted', cells, before.attack.broken.size === 0 ? 'with what was released nothing more can be derived' : `${before.attack.broken.size} unsafe cells can be derived from what was released already, and no more with this table`);
  const first = [...harm.values()];
  if (!isPerturbation(spec.method)) {
    const least = await judge.leastTold();
    const unavoidable = harmOf(least, before);
    if (unavoidable.size > 0) return refused(withheldAll([...unavoidable.values()]));
    cells = await judge.withMore(own, least);
    for (let round = 0; ; round++) {
      if (cells.every((cell, row) => cell.published === null || judge.wasPrinted(row))) break;
      harm = harmOf(await judge.attack(cells), before);
      if (harm.size === 0) return granted('granted-with-more', cells, `with what was released ${told(first)}; more is withheld`);
      if (round === ESCALATIONS) break;
      cells = judge.withLines(cells, [...harm.keys()]);
    }
  }
  return refused(withheldAll(first));
}

async function ownProtection(rows: readonly CellRow[], spec: ProtectionSpec, options: JudgeRequestOptions): Promise<readonly ProtectedCell[] | undefined> {
  try {
    return (await protectCells(rows, spec, { ...options, intervals: false, partial: true })).cells;
  } catch (error) {
    if (error instanceof Refusal && error.issues.every(({ code }) => code === 'CANNOT_PROTECT')) return undefined;
    throw error;
  }
}

function granted(decision: 'granted' | 'granted-with-more', cells: readonly ProtectedCell[], reason: string): RequestJudgement {
  return { decision, cells, withhold: cells.filter((cell) => cell.status === 'secondary').map((cell) => cell.key.join(' | ')), reason, public: SAID[decision] };
}

function refused(reason: string): RequestJudgement {
  return { decision: 'refused', cells: [], withhold: [], reason, public: SAID.refused };
}

function withheldAll(broken: readonly string[]): string {
  return `with what was released ${told(broken)}, whatever else of this table is withheld`;
}

function told(broken: readonly string[]): string {
  return `${broken.length} unsafe ${broken.length === 1 ? 'cell' : 'cells'} could be derived (${broken.slice(0, NAMED).join('; ')}${broken.length > NAMED ? '; …' : ''})`;
}

class Judge {
  readonly #list: ReleasedList;
  readonly #rows: readonly CellRow[];
  readonly #spec: ProtectionSpec;
  readonly #released: readonly ReleasedList[];
  readonly #options: JudgeRequestOptions;
  /** What a reader has when everything of the request is withheld that can be. */
  #reader: ReaderKnowledge | undefined;
  /** Rows of the request that an earlier list of the same records printed. */
  #printed: ReadonlySet<number> = new Set();

  constructor(list: { readonly columns: readonly string[]; readonly rows: readonly CellRow[] }, spec: ProtectionSpec, released: readonly ReleasedList[], options: JudgeRequestOptions) {
    this.#rows = list.rows;
    this.#list = { columns: list.columns, rows: [] };
    this.#spec = spec;
    this.#released = released;
    this.#options = options;
  }

  /** What readers derive of everything from the lists released so far, of which the request is none. */
  async before(): Promise<Derived> {
    const reader = await readerKnowledge([{ ...this.#list, rows: this.#listed(this.#withheld()) }, ...this.#released], this.#spec, { ...this.#options, asked: true });
    this.#printed = new Set(this.#rows.keys().filter((row) => reader.knowledge.printed(reader.cellOf(0, row))));
    return { reader, attack: await attackReader(reader, this.#spec, this.#options) };
  }

  /** What they derive when the request is released with nothing to see but its addresses, and zeros where they are printed. */
  async leastTold(): Promise<Derived> {
    const found = await this.attack(this.#withheld());
    this.#reader = found.reader;
    return found;
  }

  /** What they derive when the request is released so. */
  async attack(cells: readonly ProtectedCell[]): Promise<Derived> {
    const reader = await readerKnowledge([{ ...this.#list, rows: this.#listed(cells) }, ...this.#released], this.#spec, this.#options);
    return { reader, attack: await attackReader(reader, this.#spec, this.#options) };
  }

  #listed(cells: readonly ProtectedCell[]): ListedCell[] {
    return this.#rows.map((row, r): ListedCell => ({ ...row, status: (cells[r] as ProtectedCell).status, published: (cells[r] as ProtectedCell).published }));
  }

  /** Everything withheld but zeros: a list that withheld one would print the others for more than they are. */
  #withheld(): ProtectedCell[] {
    const zerosPrinted = this.#spec.rules.minFrequency?.zeros !== 'protected';
    return this.#rows.map(({ key, freq }) => (zerosPrinted && freq === 0 ? { key, status: 'published', published: 0, reason: '' } : { key, status: 'secondary', published: null, reason: '' }));
  }

  wasPrinted(row: number): boolean {
    return this.#printed.has(row);
  }

  /** The request protected as a part of all that was released: what was printed stays printed, what was withheld stays withheld. */
  async withMore(own: readonly ProtectedCell[], { reader, attack: { unsafe, broken } }: Derived): Promise<readonly ProtectedCell[]> {
    const { knowledge, size, nameOf } = reader;
    const zerosPrinted = this.#spec.rules.minFrequency?.zeros !== 'protected';
    const rowOf = new Map(this.#rows.map((_, row) => [reader.cellOf(0, row), row]));
    const primary = new Map([...unsafe].filter(([cell]) => !knowledge.printed(cell) && !broken.has(cell) && this.#canBeOpen(cell)).map(([cell, upper]) => [cell, { reason: 'unsafe', upper }]));
    const released = new Set(this.#released.flatMap((list, l) => list.rows.map((_, row) => reader.cellOf(l + 1, row))));
    const fixed = Array.from({ length: size }, (_, cell) => cell).filter((cell) => !primary.has(cell) && (knowledge.printed(cell) || !rowOf.has(cell) || released.has(cell)));
    const start = fixed.filter((cell) => !knowledge.printed(cell) && this.#canBeOpen(cell));
    const freq = Float64Array.from({ length: size }, (_, cell) => knowledge.value[cell] as number);
    const { secondary } = await suppressByProgram({ size, relations: knowledge.relations, freq, ...(knowledge.whole ? {} : { value: freq }), nameOf }, {
      primary, zerosPrinted, whole: knowledge.whole, forced: new Set(fixed), start, ...(this.#spec.cost === undefined ? {} : { cost: this.#spec.cost }),
      ...(this.#options.signal === undefined ? {} : { signal: this.#options.signal }),
    });
    return own.map((cell, row): ProtectedCell => {
      if (cell.status === 'primary') return cell;
      const why = secondary.get(reader.cellOf(0, row));
      return why === undefined ? this.#shown(row) : { key: cell.key, status: 'secondary', published: null, reason: why };
    });
  }

  /** Withholds what shares a sum with cells that are still derived. */
  withLines(cells: readonly ProtectedCell[], broken: readonly number[]): readonly ProtectedCell[] {
    const reader = this.#reader as ReaderKnowledge;
    const wanted = new Set(broken);
    const lines = new Set<number>();
    for (const { total, parts } of reader.knowledge.relations) {
      const line = [total, ...parts];
      if (line.some((cell) => wanted.has(cell))) for (const cell of line) lines.add(cell);
    }
    return cells.map((cell, row): ProtectedCell => {
      const at = reader.cellOf(0, row);
      const zero = this.#spec.rules.minFrequency?.zeros !== 'protected' && this.#rows[row]?.freq === 0;
      return cell.published !== null && lines.has(at) && !zero && !this.wasPrinted(row) ? { key: cell.key, status: 'secondary', published: null, reason: 'secondary: protects what was released' } : cell;
    });
  }

  /** A cell that the search may count as open: where zeros are printed it takes every open cell to be 1 at least. */
  #canBeOpen(cell: number): boolean {
    const { knowledge } = this.#reader as ReaderKnowledge;
    return !knowledge.whole || this.#spec.rules.minFrequency?.zeros === 'protected' || (knowledge.value[cell] as number) >= 1;
  }

  #shown(row: number): ProtectedCell {
    const { key, freq, value } = this.#rows[row] as CellRow;
    return { key, status: 'published', published: value ?? freq, reason: '' };
  }
}
