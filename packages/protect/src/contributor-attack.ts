/**
 * The attack of a contributor who knows their own figures: cells that are theirs alone are printed for them, and no cell is less
 * than what they gave to it. Once for each contributor, inside the component of unprinted cells that they have a part in.
 * Tables found for one contributor are tried for the next, so that most need no program.
 * Source: docs/references.md#handbook-sdc, chapter 4 (singletons and holdings). Coalitions are not attempted.
 * @module
 */
import { Component, componentsOf } from './attacker.ts';
import type { Knowledge } from './audit.ts';
import type { Move } from './boxes.ts';
import type { Relation } from './cell-table.ts';

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
  readonly signal?: AbortSignal;
}

export interface ContributorFinding {
  readonly contributor: number;
  readonly cell: number;
  readonly how: 'exact' | 'estimate';
}

export interface ContributorAttack {
  readonly findings: readonly ContributorFinding[];
  readonly programs: number;
}

const CLOSE = 1e-6;

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

/**
 * Attacks as each contributor who is alone in an unprinted cell and, with a percentage, as each who has the largest part of one.
 * A cell that is theirs alone is no finding for them.
 * @throws DOMException `AbortError` when the signal says so
 */
export async function attackByContributors(knowledge: Knowledge, options: ContributorAttackOptions): Promise<ContributorAttack> {
  const { relations, printed, value } = knowledge;
  const unprinted = Array.from({ length: value.length }, (_, cell) => cell).filter((cell) => !printed(cell));
  const byCell = Map.groupBy(options.parts.filter(({ cell }) => !printed(cell)), ({ cell }) => cell);
  const required = new Set(options.required.filter((cell) => !printed(cell)));
  const findings: ContributorFinding[] = [];
  let programs = 0;
  for (const component of componentsOf(unprinted, relations)) {
    const targets = component.cells.filter((cell) => required.has(cell));
    const parts = component.cells.flatMap((cell) => byCell.get(cell) ?? []);
    if (targets.length === 0 || parts.length === 0) continue;
    const lower = Float64Array.from(knowledge.lower);
    const solver = await Component.open(component.cells, component.relations, { value, lower, upper: knowledge.upper });
    try {
      const attack = new InsiderAttack(knowledge, lower, solver, byCell, options.percent);
      for (const [contributor, own] of [...Map.groupBy(parts, (p) => p.contributor)].sort(([a], [b]) => a - b)) {
        options.signal?.throwIfAborted();
        findings.push(...attack.as(contributor, own, targets));
      }
      programs += solver.solved;
    } finally {
      solver.dispose();
    }
  }
  return { findings: findings.sort((a, b) => a.contributor - b.contributor || a.cell - b.cell), programs };
}

class InsiderAttack {
  readonly #knowledge: Knowledge;
  readonly #lower: Float64Array;
  readonly #component: Component;
  readonly #byCell: ReadonlyMap<number, readonly ContributorPart[]>;
  readonly #percent: number | undefined;
  /** Cell → tables in which it differs, each with all its differences. */
  readonly #tables = new Map<number, ReadonlyMap<number, number>[]>();

  constructor(knowledge: Knowledge, lower: Float64Array, component: Component, byCell: ReadonlyMap<number, readonly ContributorPart[]>, percent: number | undefined) {
    this.#knowledge = knowledge;
    this.#lower = lower;
    this.#component = component;
    this.#byCell = byCell;
    this.#percent = percent;
  }

  as(contributor: number, own: readonly ContributorPart[], targets: readonly number[]): ContributorFinding[] {
    const { value } = this.#knowledge;
    const theirs = new Set(own.filter(({ cell, amount }) => amount >= (value[cell] as number) - CLOSE * Math.max(1, amount)).map(({ cell }) => cell));
    const leads = this.#percent !== undefined && own.some(({ cell, amount }) => (this.#byCell.get(cell) ?? []).every((p) => p.amount <= amount));
    if (theirs.size === 0 && !leads) return [];
    const raised = own.filter(({ cell, amount }) => !theirs.has(cell) && amount > (this.#lower[cell] as number));
    const before = raised.map(({ cell }) => this.#lower[cell] as number);
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
    const fits = (table: ReadonlyMap<number, number>): boolean => {
      for (const at of theirs) if (table.has(at)) return false;
      return raised.every(({ cell: at, amount }) => (this.#knowledge.value[at] as number) + (table.get(at) ?? 0) >= amount - CLOSE);
    };
    const apart = this.#knowledge.whole ? 1 - CLOSE : CLOSE * Math.max(1, Math.abs(this.#knowledge.value[cell] as number));
    const need = this.#need(cell, contributor);
    const open = (table: ReadonlyMap<number, number>): boolean => (need > 0 ? (table.get(cell) as number) >= need * (1 - CLOSE) : Math.abs(table.get(cell) as number) >= apart);
    if ((this.#tables.get(cell) ?? []).some((table) => open(table) && fits(table))) return undefined;
    let furthest = 0;
    for (const direction of [1, -1] as const) {
      const { step, move } = this.#component.extreme(cell, direction);
      this.#learn(move);
      furthest = Math.max(furthest, Math.abs(step));
      if (need > 0 ? step >= need * (1 - CLOSE) : furthest >= apart) return undefined;
    }
    return furthest < apart ? 'exact' : need > 0 ? 'estimate' : undefined;
  }

  /** How far above the truth the cell must be possible, so that the largest other contribution cannot be estimated too closely. */
  #need(cell: number, contributor: number): number {
    if (this.#percent === undefined) return 0;
    const parts = this.#byCell.get(cell) ?? [];
    const own = parts.find((p) => p.contributor === contributor)?.amount ?? 0;
    const largest = parts.reduce((most, p) => (p.contributor === contributor ? most : Math.max(most, p.amount)), 0);
    return Math.max(0, (1 + this.#percent / 100) * largest + own - (this.#knowledge.value[cell] as number));
  }

  #learn({ cells, steps }: Move): void {
    if (cells.length === 0) return;
    const table = new Map(Array.from(cells, (cell, i): [number, number] => [cell, steps[i] as number]));
    for (const cell of table.keys()) {
      const known = this.#tables.get(cell);
      if (known) known.push(table);
      else this.#tables.set(cell, [table]);
    }
  }
}
