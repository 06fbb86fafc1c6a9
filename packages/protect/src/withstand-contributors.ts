/**
 * A pattern made to withstand contributors who know their own figures. Where one of them derives a cell of others, more is withheld,
 * until none does: first what opens, for all of them at once, the sum of each pair of cells of one line of which one is theirs, then
 * for each alone what opens the cell in a table in which their own cells stay as they are. Amounts that nobody needs then are printed again;
 * counts are not, for the search takes too long.
 * Source: docs/references.md#handbook-sdc, chapter 4 (singletons; the sum of two as a cell that is unsafe itself).
 * @module
 */
import { Refusal } from '@weighbridge/base';
import type { Issue } from '@weighbridge/base';
import type { Knowledge } from './audit.ts';
import type { Move } from './boxes.ts';
import type { CellSystem, Relation } from './cell-table.ts';
import { cellName } from './cell-table.ts';
import { attackByContributors, carriedUp, isAllOf, needAgainst } from './contributor-attack.ts';
import type { ContributorAttack, ContributorFinding, ContributorPart } from './contributor-attack.ts';
import { Contributors } from './contributors.ts';
import { openAtOnce, openNearby, surroundingsOf } from './open-nearby.ts';
import type { Surroundings } from './open-nearby.ts';
import { leastStep, Pattern } from './pattern.ts';
import { printAgain } from './print-again.ts';
import { SearchWithin } from './search-within.ts';
import { costOf, secrecyOf } from './secondary.ts';
import type { SecondaryOptions, Suppression } from './secondary.ts';

/** Contributors as attackers. */
export interface Insiders {
  /** What contributors gave to the finest cells, and with a percentage all that was given. */
  readonly parts: readonly ContributorPart[];
  /** As in `attackByContributors`. */
  readonly percent?: number;
}

/** A pattern that no contributor broke, and what it took. */
export interface Withstood {
  readonly pattern: Suppression;
  readonly attack: ContributorAttack;
  /** Linear programs of the attacks of all rounds. */
  readonly programs: number;
  /** Rounds in which more was withheld. */
  readonly rounds: number;
}

/** Rounds in which more is withheld around cells that a contributor derived. */
const ESCALATIONS = 4;
/** Cells of a table up to which programs go over all of them: what few cells allow can be dear. */
const AT_ONCE = 20_000;
/** Tables of more cells are no help to print a cell again: too much hangs on each. */
const SPARSE = 100;
const MOST_NAMED = 50;

/**
 * Withholds more until no contributor derives an unsafe cell that is not theirs alone. What more is withheld takes nothing from what
 * other readers do not know.
 * @param knowledgeOf - what a reader has of a pattern
 * @param kept - secondary cells that stay withheld whatever follows
 * @throws Refusal `CANNOT_PROTECT` with the addresses of cells that a contributor derives whatever is withheld; DOMException `AbortError`
 */
export async function withstandContributors(system: CellSystem, options: SecondaryOptions, first: Suppression, insiders: Insiders, knowledgeOf: (pattern: Suppression) => Knowledge, kept?: ReadonlySet<number>): Promise<Withstood> {
  const value = system.value ?? system.freq;
  const alone = new Set(insiders.parts.filter((part) => isAllOf(part, value)).map(({ contributor }) => contributor));
  const known = { ...insiders, parts: carriedUp(system.relations, insiders.percent === undefined ? insiders.parts.filter(({ contributor }) => alone.has(contributor)) : insiders.parts) };
  let [pattern, programs] = [first, 0];
  const attack = async (attacked: Suppression): Promise<ContributorAttack> => {
    const made = await attackByContributors(knowledgeOf(attacked), { ...known, required: [...options.primary.keys()], alternatives: attacked.alternatives ?? [], ...(options.signal === undefined ? {} : { signal: options.signal }) });
    programs += made.programs;
    return made;
  };
  for (let rounds = 0; ; rounds++) {
    const found = await attack(pattern);
    if (found.findings.length === 0) {
      if (rounds === 0 || known.percent !== undefined || options.whole || system.size > AT_ONCE) return { pattern, attack: found, programs, rounds };
      const less = await withoutNeedless(system, options, pattern, new Contributors(known.parts, value), kept);
      const again = await attack(less);
      return again.findings.length === 0 ? { pattern: less, attack: again, programs, rounds } : { pattern, attack: found, programs, rounds };
    }
    const more = rounds === ESCALATIONS ? pattern : await mendAgainstContributors(system, options, pattern, { ...known, findings: found.findings, together: rounds === 0 });
    if (more.secondary.size === pattern.secondary.size) throw cannotWithstand(found.findings.map(({ cell }) => cellName(system, cell)));
    pattern = more;
  }
}

/** The pattern without what can be printed again, for readers and contributors alike. */
async function withoutNeedless(system: CellSystem, options: SecondaryOptions, { secondary, unproved, alternatives = [] }: Suppression, contributors: Contributors, kept?: ReadonlySet<number>): Promise<Suppression> {
  const { primary, signal, effort } = options;
  const pattern = new Pattern(system.size, [...primary.keys(), ...secondary.keys()], secrecyOf(system, options));
  for (const move of alternatives) if (move.cells.length <= SPARSE) pattern.learn(move);
  const cost = costOf(system, options);
  const search = new SearchWithin(pattern, surroundingsOf(system, options, cost));
  const hidden: number[] = [];
  for (const cell of primary.keys()) {
    signal?.throwIfAborted();
    if (!pattern.isShown(cell) && !await search.another(cell)) hidden.push(cell);
  }
  if (hidden.length > 0) for (const move of alternatives) pattern.learn(move);
  await printAgain(pattern, { relations: system.relations, search, cost, contributors, goOn: () => signal?.throwIfAborted(), ...(kept === undefined ? {} : { kept }), ...(effort === undefined ? {} : { effort }) });
  return { secondary: new Map([...secondary].filter(([cell]) => pattern.isUnprinted(cell))), unproved, alternatives: pattern.alternatives() };
}

/** Cells that contributors derive. */
export interface Derived extends Insiders {
  /** Carried up to every cell. */
  readonly parts: readonly ContributorPart[];
  readonly findings: readonly ContributorFinding[];
  /** Try what opens sums of two cells for all findings at once before each is looked at alone. */
  readonly together: boolean;
}

/** Withholds more around cells that contributors derive. Its tables are handed on as proofs. */
export async function mendAgainstContributors(system: CellSystem, options: SecondaryOptions, pattern: Suppression, derived: Derived): Promise<Suppression> {
  const work = new Mending(system, options, pattern, derived);
  const rest = derived.together ? await work.openSums() : derived.findings;
  for (const finding of rest) await work.open(finding);
  return work.result();
}

class Mending {
  readonly #system: CellSystem;
  readonly #options: SecondaryOptions;
  readonly #derived: Derived;
  readonly #value: ArrayLike<number>;
  readonly #secondary: Map<number, string>;
  readonly #alternatives: Move[];
  readonly #around: Surroundings;
  readonly #contributors: Contributors;
  readonly #partsOf: ReadonlyMap<number, readonly ContributorPart[]>;

  constructor(system: CellSystem, options: SecondaryOptions, { secondary, alternatives = [] }: Suppression, derived: Derived) {
    this.#system = system;
    this.#options = options;
    this.#derived = derived;
    this.#value = system.value ?? system.freq;
    this.#secondary = new Map(secondary);
    this.#alternatives = [...alternatives];
    const cost = costOf(system, options);
    this.#around = surroundingsOf(system, options, (cell) => (this.#isWithheld(cell) ? 0 : cost(cell)));
    const attackers = new Set(derived.findings.map(({ contributor }) => contributor));
    const cells = new Set(derived.findings.map(({ cell }) => cell));
    this.#contributors = new Contributors(derived.parts.filter((p) => attackers.has(p.contributor)), this.#value);
    this.#partsOf = Map.groupBy(derived.parts.filter((p) => cells.has(p.cell)), (p) => p.cell);
  }

  /** One table that opens, for every finding, the sum of its cell and one of the contributor's own beside it. @returns findings that this says nothing of */
  async openSums(): Promise<readonly ContributorFinding[]> {
    const { size, relations } = this.#system;
    const { relationsOf, rangeOf, priceOf } = this.#around;
    if (size > AT_ONCE) return this.#derived.findings;
    const sums = new Map<string, { readonly pair: readonly [number, number]; readonly need: number }>();
    const rest = this.#derived.findings.filter((finding) => {
      const beside = this.#ownBeside(finding);
      if (beside === undefined) return true;
      const pair: [number, number] = finding.cell < beside ? [finding.cell, beside] : [beside, finding.cell];
      sums.set(pair.join(), { pair, need: Math.max(sums.get(pair.join())?.need ?? 0, this.#need(finding) || 1) });
      return false;
    });
    if (sums.size === 0) return rest;
    const added = [...sums.values()].map(({ pair }, i): Relation => ({ total: size + i, parts: Int32Array.from(pair) }));
    const tied = relationsOf.map((of) => [...of]);
    for (const [i, { total, parts }] of added.entries()) for (const cell of [total, ...parts]) (tied[cell] ??= []).push(relations.length + i);
    const moved = await openAtOnce(new Map([...sums.values()].map(({ need }, i) => [size + i, need])), {
      ...this.#around, relations: [...relations, ...added], relationsOf: tied,
      rangeOf: (cell) => (cell < size ? rangeOf(cell) : { lower: -Infinity, upper: Infinity }), priceOf: (cell) => (cell < size ? priceOf(cell) : 0),
    });
    if (moved === undefined || moved.cells.every((cell) => cell >= size || this.#isWithheld(cell))) return this.#derived.findings;
    const real = [...moved.cells.keys()].filter((i) => (moved.cells[i] as number) < size);
    this.#withhold({ cells: Int32Array.from(real, (i) => moved.cells[i] as number), steps: Float64Array.from(real, (i) => moved.steps[i] as number) }, 'secondary: protects cells from contributors who know another');
    return rest;
  }

  /** What opens the cell while the contributor's own cells stay as they are: as far as its rule asks, or else as far as the attack does. */
  async open(finding: ContributorFinding): Promise<void> {
    this.#options.signal?.throwIfAborted();
    const { cell } = finding;
    const least = Math.max(this.#needAgainst(finding), leastStep(0, this.#value[cell] as number, this.#options.whole));
    const most = this.#need(finding);
    const around = this.#contributors.around(finding.contributor, this.#around);
    const move = (most > least ? await this.#search(cell, most, false, around) : undefined) ?? await this.#search(cell, least, this.#needAgainst(finding) === 0, around);
    if (move !== undefined) this.#withhold(move, `secondary: protects ${cellName(this.#system, cell)}`);
  }

  result(): Suppression {
    return { secondary: this.#secondary, unproved: [], alternatives: this.#alternatives };
  }

  async #search(cell: number, need: number, down: boolean, around: Surroundings): Promise<Move | undefined> {
    if (this.#system.size > AT_ONCE) return openNearby(cell, need, down, around);
    return await openAtOnce(new Map([[cell, need]]), around) ?? (down ? openAtOnce(new Map([[cell, -need]]), around) : undefined);
  }

  #withhold(move: Move, reason: string): void {
    for (const cell of move.cells) if (!this.#isWithheld(cell)) this.#secondary.set(cell, reason);
    this.#alternatives.push(move);
  }

  #isWithheld(cell: number): boolean {
    return this.#options.primary.has(cell) || this.#secondary.has(cell);
  }

  /** A withheld cell of the contributor alone that stands in a sum with the cell. */
  #ownBeside({ contributor, cell }: ContributorFinding): number | undefined {
    const { relations, relationsOf } = this.#around;
    const line = new Set((relationsOf[cell] as readonly number[]).flatMap((r) => [(relations[r] as Relation).total, ...(relations[r] as Relation).parts]));
    return [...this.#contributors.theirs(contributor)].find((own) => own !== cell && line.has(own) && this.#isWithheld(own));
  }

  #need(finding: ContributorFinding): number {
    return Math.max(this.#options.primary.get(finding.cell)?.upper ?? 0, this.#needAgainst(finding));
  }

  #needAgainst({ contributor, cell }: ContributorFinding): number {
    return this.#derived.percent === undefined ? 0 : needAgainst(contributor, this.#partsOf.get(cell) ?? [], this.#value[cell] as number, this.#derived.percent);
  }
}

/** The refusal of a table in which a contributor derives cells whatever is withheld. */
export function cannotWithstand(cells: readonly string[]): Refusal {
  const issue = (object: string): Issue => ({
    code: 'CANNOT_PROTECT', severity: 'error', message: 'a contributor who knows their own figures can derive this cell, and nothing was found to withhold besides that prevents it', place: { object },
    repair: 'merge codes, raise the threshold, leave a total out, or round the table instead',
  });
  const [first = '', ...others] = new Set(cells);
  return new Refusal([issue(first), ...others.slice(0, MOST_NAMED - 1).map(issue)]);
}
