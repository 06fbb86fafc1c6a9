/**
 * The attack of a contributor who knows their own figures: cells that are theirs alone are printed for them, and no cell is less
 * than what they gave to it. Once for each contributor, inside the component of unprinted cells that they have a part in.
 * Tables found for one contributor are tried for the next, so that most need no program.
 * Source: docs/references.md#handbook-sdc, chapter 4 (singletons and holdings). Coalitions are not attempted.
 * @module
 */
import { knowledgeInUnits, movesInUnits, partsInUnits, unitOf } from './amount-units.ts';
import { tablesAmong } from './alternatives.ts';
import { Component, componentsOf } from './attacker.ts';
import type { Knowledge } from './audit.ts';
import type { Move } from './boxes.ts';
import type { Relation } from './cell-table.ts';
import { letOthersRun } from './pause.ts';
import type { Contributions } from './primary.ts';

/** What a contributor gave to a cell. Contributors have numbers here, never names. */
export interface ContributorPart {
  readonly contributor: number;
  readonly cell: number;
  readonly amount: number;
}

export interface ContributorAttackOptions {
  /** Of every unprinted cell that the contributors have a part in: see {@link carriedUp}. */
  readonly parts: readonly ContributorPart[];
  /** Cells that must stay unknown to others. */
  readonly required: readonly number[];
  /** With a percentage, nobody may estimate the largest other contribution to a required cell more closely. Needs all parts. */
  readonly percent?: number;
  /** Tables that show cells to be open, from whoever has some: they are checked, and spare programs. */
  readonly alternatives?: Iterable<Move>;
  readonly signal?: AbortSignal;
}

export interface ContributorFinding {
  readonly contributor: number;
  readonly cell: number;
  readonly how: 'exact' | 'estimate';
}

export interface ContributorAttack {
  readonly findings: readonly ContributorFinding[];
  /** Contributors who attacked. */
  readonly attackers: number;
  readonly programs: number;
}

const CLOSE = 1e-6;
/** Steps below this share of a table's largest may be what the solver or a sum is off. */
const OFF = 1e-4;
/** Contributors after which signals and timers get their turn. */
const PAUSE_EVERY = 32;

/** Parts of finest cells carried up to every total above them, each finest cell once. */
export function carriedUp(relations: readonly Relation[], parts: readonly ContributorPart[]): ContributorPart[] {
  const above = new Map<number, number[]>();
  for (const { total, parts: under } of relations) for (const part of under) above.set(part, [...above.get(part) ?? [], total]);
  const sums = new Map<string, ContributorPart>();
  for (const { contributor, cell, amount } of parts) {
    const reached = new Set([cell]);
    for (const at of reached) for (const up of above.get(at) ?? []) reached.add(up);
    for (const at of reached) {
      const name = `${contributor} ${at}`;
      sums.set(name, { contributor, cell: at, amount: amount + (sums.get(name)?.amount ?? 0) });
    }
  }
  return [...sums.values()];
}

/** What a list says of a cell, and of who is behind it. */
export interface BehindCell extends Pick<Contributions, 'contributors' | 'largest'> {
  readonly freq: number;
  readonly value?: number;
}

/**
 * Whoever is alone in a finest cell of a list, or has all of it, by number in the order of the cells. Where a total has one contributor, whoever is alone
 * in its parts is that one; otherwise a list does not say who is the same in two cells.
 * @param relations - sums between the cells, which are numbered as in the list
 */
export function aloneIn(cells: readonly BehindCell[], relations: readonly Relation[]): ContributorPart[] {
  const totals = new Set(relations.map(({ total }) => total));
  const hasOne = ({ freq, value = freq, contributors = freq, largest = [] }: BehindCell): boolean => contributors === 1 || (value > 0 && (largest[0] ?? 0) >= value * (1 - CLOSE));
  const finest = cells.flatMap((own, cell) => (hasOne(own) && !totals.has(cell) ? [{ cell, amount: own.value ?? own.freq }] : []));
  const parts = finest.map((part, contributor): ContributorPart => ({ ...part, contributor }));
  const same = parts.map(({ contributor }) => contributor);
  const who = (contributor: number): number => (same[contributor] === contributor ? contributor : who(same[contributor] as number));
  for (const [cell, within] of Map.groupBy(carriedUp(relations, parts), (part) => part.cell)) {
    if (!totals.has(cell) || cells[cell]?.contributors !== 1) continue;
    const first = Math.min(...within.map(({ contributor }) => who(contributor)));
    for (const { contributor } of within) same[who(contributor)] = first;
  }
  return parts.map((part) => ({ ...part, contributor: who(part.contributor) }));
}

/** The cell is all theirs, so that they know it. */
export function isAllOf({ cell, amount }: ContributorPart, value: ArrayLike<number>): boolean {
  return amount >= (value[cell] as number) - CLOSE * Math.max(1, amount);
}

/**
 * How far above the truth a cell must be possible for a contributor, so that they cannot estimate the largest other contribution to
 * within the percentage.
 * @param parts - all that is in the cell
 */
export function needAgainst(contributor: number, parts: readonly ContributorPart[], value: number, percent: number): number {
  const own = parts.find((p) => p.contributor === contributor)?.amount ?? 0;
  const largest = parts.reduce((most, p) => (p.contributor === contributor ? most : Math.max(most, p.amount)), 0);
  return Math.max(0, (1 + percent / 100) * largest + own - value);
}

/**
 * Attacks as each contributor who is alone in an unprinted cell and, with a percentage, as each who has the largest part of one.
 * A cell that is theirs alone is no finding for them.
 * @throws DOMException `AbortError` when the signal says so
 */
export async function attackByContributors(knowledge: Knowledge, options: ContributorAttackOptions): Promise<ContributorAttack> {
  const unit = unitOf(knowledge.value, knowledge.whole);
  if (unit === 1) return attackUnits(knowledge, options);
  return attackUnits(knowledgeInUnits(knowledge, unit), { ...options, parts: partsInUnits(options.parts, unit), alternatives: movesInUnits(options.alternatives ?? [], unit) });
}

async function attackUnits(knowledge: Knowledge, options: ContributorAttackOptions): Promise<ContributorAttack> {
  const { relations, printed, value } = knowledge;
  const unprinted = Array.from({ length: value.length }, (_, cell) => cell).filter((cell) => !printed(cell));
  const byCell = Map.groupBy(options.parts.filter(({ cell }) => !printed(cell)), ({ cell }) => cell);
  const required = new Set(options.required.filter((cell) => !printed(cell)));
  const tables = [...tablesAmong(knowledge, options.alternatives ?? [])];
  const findings: ContributorFinding[] = [];
  const attackers = new Set<number>();
  let programs = 0;
  for (const component of componentsOf(unprinted, relations)) {
    const targets = component.cells.filter((cell) => required.has(cell));
    const parts = component.cells.flatMap((cell) => byCell.get(cell) ?? []);
    if (targets.length === 0 || parts.length === 0) continue;
    const lower = Float64Array.from(knowledge.lower);
    const solver = await Component.open(component.cells, component.relations, { value, lower, upper: knowledge.upper });
    try {
      const attack = new InsiderAttack(knowledge, lower, solver, byCell, options.percent);
      const within = new Set(component.cells);
      for (const table of tables) if (within.has(table.cells[0] ?? -1)) attack.learn(table);
      for (const [i, [contributor, own]] of [...Map.groupBy(parts, (p) => p.contributor)].sort(([a], [b]) => a - b).entries()) {
        if (i % PAUSE_EVERY === 0) await letOthersRun();
        options.signal?.throwIfAborted();
        const found = attack.as(contributor, own, targets);
        if (found === undefined) continue;
        attackers.add(contributor);
        findings.push(...found);
      }
      programs += solver.solved;
    } finally {
      solver.dispose();
    }
  }
  return { findings: findings.sort((a, b) => a.contributor - b.contributor || a.cell - b.cell), attackers: attackers.size, programs };
}

class InsiderAttack {
  readonly #knowledge: Knowledge;
  readonly #lower: Float64Array;
  readonly #component: Component;
  readonly #byCell: ReadonlyMap<number, readonly ContributorPart[]>;
  readonly #percent: number | undefined;
  /** Tables that were found, each with all its differences. */
  readonly #tables: ReadonlyMap<number, number>[] = [];
  /** Cell → numbers of the tables in which it differs enough to be unknown. */
  readonly #opening = new Map<number, number[]>();
  /** Of each table whether the contributor of the moment can believe it; looked at when it is needed. */
  #believed: (boolean | undefined)[] = [];

  constructor(knowledge: Knowledge, lower: Float64Array, component: Component, byCell: ReadonlyMap<number, readonly ContributorPart[]>, percent: number | undefined) {
    this.#knowledge = knowledge;
    this.#lower = lower;
    this.#component = component;
    this.#byCell = byCell;
    this.#percent = percent;
  }

  /** What the contributor derives; undefined: they are alone in no cell, and with a percentage lead none. */
  as(contributor: number, own: readonly ContributorPart[], targets: readonly number[]): ContributorFinding[] | undefined {
    const theirs = new Set(own.filter((part) => isAllOf(part, this.#knowledge.value)).map(({ cell }) => cell));
    const leads = this.#percent !== undefined && own.some(({ cell, amount }) => (this.#byCell.get(cell) ?? []).every((p) => p.amount <= amount));
    if (theirs.size === 0 && !leads) return undefined;
    const raised = own.filter(({ cell, amount }) => !theirs.has(cell) && amount > (this.#lower[cell] as number));
    const before = raised.map(({ cell }) => this.#lower[cell] as number);
    this.#believed = [];
    for (const cell of theirs) this.#component.fix(cell);
    for (const { cell, amount } of raised) {
      this.#lower[cell] = amount;
      this.#component.free(cell);
    }
    const findings = targets.filter((cell) => !theirs.has(cell)).flatMap((cell): ContributorFinding[] => {
      const how = this.#finding(cell, theirs, raised, contributor);
      return how === undefined ? [] : [{ contributor, cell, how }];
    });
    for (const [i, { cell }] of raised.entries()) {
      this.#lower[cell] = before[i] as number;
      this.#component.free(cell);
    }
    for (const cell of theirs) this.#component.free(cell);
    return findings;
  }

  #finding(cell: number, theirs: ReadonlySet<number>, raised: readonly ContributorPart[], contributor: number): ContributorFinding['how'] | undefined {
    const believes = (table: ReadonlyMap<number, number>): boolean => {
      for (const at of theirs) if (table.has(at)) return false;
      return raised.every(({ cell: at, amount }) => (this.#knowledge.value[at] as number) + (table.get(at) ?? 0) >= amount - CLOSE);
    };
    const apart = this.#apart(cell);
    const need = this.#need(cell, contributor);
    for (const number of this.#opening.get(cell) ?? []) {
      const table = this.#tables[number] as ReadonlyMap<number, number>;
      if ((need === 0 || (table.get(cell) as number) >= need * (1 - CLOSE)) && (this.#believed[number] ??= believes(table))) return undefined;
    }
    let furthest = 0;
    for (const direction of [1, -1] as const) {
      const { step, move } = this.#component.extreme(cell, direction);
      this.learn(move);
      furthest = Math.max(furthest, Math.abs(step));
      if (need > 0 ? step >= need * (1 - CLOSE) : furthest >= apart) return undefined;
    }
    return furthest < apart ? 'exact' : need > 0 ? 'estimate' : undefined;
  }

  /** How far above the truth the cell must be possible, so that the largest other contribution cannot be estimated too closely. */
  #need(cell: number, contributor: number): number {
    return this.#percent === undefined ? 0 : needAgainst(contributor, this.#byCell.get(cell) ?? [], this.#knowledge.value[cell] as number, this.#percent);
  }

  /** How far from the truth a value is another one. */
  #apart(cell: number): number {
    return this.#knowledge.whole ? 1 - CLOSE : CLOSE * Math.max(1, Math.abs(this.#knowledge.value[cell] as number));
  }

  /** Remembers a table for the cells that differ in it by more than it may be off. */
  learn({ cells, steps }: Move): void {
    if (cells.length === 0) return;
    const number = this.#tables.push(new Map(Array.from(cells, (cell, i): [number, number] => [cell, steps[i] as number]))) - 1;
    const off = OFF * steps.reduce((most, step) => Math.max(most, Math.abs(step)), 0);
    for (const [i, cell] of cells.entries()) {
      if (Math.abs(steps[i] as number) < Math.max(off, this.#apart(cell))) continue;
      const known = this.#opening.get(cell);
      if (known) known.push(number);
      else this.#opening.set(cell, [number]);
    }
  }
}
