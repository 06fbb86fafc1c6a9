/**
 * What follows from several releases of the same tables, by going through tables of whole numbers one by one: the judge of what is
 * withheld because of earlier releases. It takes nothing from the code that protects but the tables themselves.
 * Its readers know that no cell fell where records were only added; one of them knows besides which cells stayed as they were.
 * @module
 */
import type { ConfidentialTable } from '@weighbridge/base/confidential';
import type { ProtectedTable } from '../src/index.ts';
import { eachTable } from './gate/enumerate.ts';
import type { GateCase, Relation } from './gate/gate-case.ts';

/** Tables of one release, as counted and as released. */
export interface OneRelease {
  readonly counted: readonly ConfidentialTable[];
  readonly released: readonly ProtectedTable[];
  /** Records were only added since the release before. */
  readonly addedOnly: boolean;
}

/** How far from the truth other tables are looked for: first near, then further. */
const REACH = [3, 8] as const;

/**
 * Small counts, and small differences between releases, that can be only what they are: addresses as `a=x,b=p (0)`, with the place of
 * the release, and `(0 to 1)` for a difference. What who knows what stayed would have though the latest release printed nothing but zeros is
 * left aside, unless the other reader has it.
 * @param releases - oldest first
 */
export function followingFrom(releases: readonly OneRelease[], threshold: number): string[] {
  const anyway = new Set(releases.flatMap((release, at) => followingWith([...releases.slice(0, at), { ...release, printsZerosAlone: true }], threshold, true)));
  return [...followingWith(releases, threshold, false), ...followingWith(releases, threshold, true).filter((address) => !anyway.has(address)).map((address) => `${address}, knowing what stayed`)];
}

function followingWith(releases: readonly (OneRelease & { readonly printsZerosAlone?: boolean })[], threshold: number, stayed: boolean): string[] {
  const cells = new Cells();
  for (const [at, release] of releases.entries()) cells.add(String(at), release, release.printsZerosAlone === true);
  for (const to of releases.keys()) {
    for (let from = 0; from < to; from++) cells.compare(String(from), String(to), { stayed, addedOnly: releases.slice(from + 1, to + 1).every(({ addedOnly }) => addedOnly) });
  }
  const small = [...cells.labels.keys()].filter((c) => Math.abs(cells.value[c] ?? 0) > 0 && Math.abs(cells.value[c] ?? 0) < threshold);
  return small.filter((c) => !REACH.some((reach) => canDiffer(cells.asCase(reach), c))).map((c) => cells.labels[c] ?? '');
}

/** Whether some table within reach shows another number in the cell. */
function canDiffer(near: GateCase, cell: number): boolean {
  const truth = near.value[cell] ?? 0;
  const [lower, upper] = [near.lower[cell] ?? 0, near.upper[cell] ?? 0];
  return [[lower, truth - 1], [truth + 1, upper]].some(([from = 0, to = 0]) => {
    if (from > to) return false;
    const other: GateCase = { ...near, printed: near.printed.with(cell, false), lower: near.lower.with(cell, from), upper: near.upper.with(cell, to) };
    try {
      eachTable(other, () => { throw new Found(); });
      return false;
    } catch (error) {
      if (error instanceof Found) return true;
      throw error;
    }
  });
}

class Found extends Error {}

class Cells {
  readonly labels: string[] = [];
  readonly value: number[] = [];
  readonly #lower: number[] = [];
  readonly #upper: number[] = [];
  readonly #relations: Relation[] = [];
  readonly #numbers = new Map<string, number>();

  add(release: string, { counted, released }: OneRelease, zerosAlone: boolean): void {
    for (const [t, { meta, cells }] of counted.entries()) {
      const fields = meta.dimensions.map((d) => d.field);
      for (const [i, cell] of cells.entries()) {
        const c = this.#numberOf(release, fields, cell.key);
        const shown = released[t]?.cells[i];
        const n = zerosAlone && cell.records > 0 ? null : shown?.value?.lo ?? null;
        const [lo, hi] = n === null ? [1, Infinity] : shown?.status === 'rounded' ? [Math.max(0, n - 2), n + 2] : [n, n];
        this.value[c] = cell.records;
        this.#know(c, lo, hi);
        for (const [d, { codes }] of meta.dimensions.entries()) {
          if (cell.key[d] === null) this.#relations.push({ total: c, parts: codes.map(({ code }) => this.#numberOf(release, fields, cell.key.map((k, e) => (e === d ? code : k)))) });
        }
      }
    }
  }

  /** What came or went of every cell that both releases have. */
  compare(from: string, to: string, { stayed, addedOnly }: { readonly stayed: boolean; readonly addedOnly: boolean }): void {
    for (const [name, after] of [...this.#numbers]) {
      const before = name.startsWith(`${to} `) ? this.#numbers.get(name.replace(`${to} `, `${from} `)) : undefined;
      if (before === undefined || before === after) continue;
      const difference = (this.value[after] ?? 0) - (this.value[before] ?? 0);
      const c = this.#numberOf(`${from} to ${to}`, [], [], name.slice(name.indexOf(' ') + 1));
      this.value[c] = difference;
      this.#know(c, addedOnly || (stayed && difference === 0) ? 0 : -Infinity, stayed && difference === 0 ? 0 : Infinity);
      this.#relations.push({ total: after, parts: [before, c] });
    }
  }

  /** The cells with numbers not further than `reach` from the truth. */
  asCase(reach: number): GateCase {
    const lower = this.value.map((n, c) => Math.max(this.#lower[c] ?? 0, n - reach));
    const upper = this.value.map((n, c) => Math.min(this.#upper[c] ?? Infinity, n + reach));
    return { size: this.value.length, relations: this.#relations, value: this.value, integer: true, lower, upper, labels: this.labels, printed: lower.map((lo, c) => lo === upper[c]), primary: [] };
  }

  #know(c: number, lo: number, hi: number): void {
    this.#lower[c] = Math.max(this.#lower[c] ?? -Infinity, lo);
    this.#upper[c] = Math.min(this.#upper[c] ?? Infinity, hi);
  }

  #numberOf(release: string, fields: readonly string[], key: readonly (string | null)[], named?: string): number {
    const address = named ?? fields.flatMap((field, d) => (key[d] == null ? [] : [`${field}=${key[d]}`])).sort().join();
    const name = `${release} ${address}`;
    const known = this.#numbers.get(name) ?? this.labels.push(`${address} (${release})`) - 1;
    this.#numbers.set(name, known);
    return known;
  }
}
