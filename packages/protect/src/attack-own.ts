/**
 * The attack on cells before they are given back, by what a reader of them really has: sums that nobody lists tie listed cells
 * together too. Where it breaks withheld cells more is withheld, and where that does not help the table is refused.
 * Leaves out: tables that rest on themselves, which the audit of the method has attacked whole; lists released before.
 * @module
 */
import { Refusal } from '@weighbridge/base';
import type { Issue } from '@weighbridge/base';
import { MOST_WHOLE, attackPerturbed } from './attack-perturbed.ts';
import type { Knowledge } from './audit.ts';
import { attackReader, unsafeRows } from './audit-cells.ts';
import type { AuditCellsOptions, ReaderAttack } from './audit-cells.ts';
import type { CellSystem, CellTable } from './cell-table.ts';
import { derivedInterval } from './certificate.ts';
import type { DerivedInterval } from './certificate.ts';
import { restsOnItself } from './hidden-cells.ts';
import { readerKnowledge } from './knowledge.ts';
import type { ReaderKnowledge } from './knowledge.ts';
import { mendPattern } from './mend-pattern.ts';
import type { PrimaryCell } from './primary.ts';
import type { CellRow, ProtectedCell } from './cell-rows.ts';
import type { ProtectionSpec } from './protection-spec.ts';
import { cannotWithstand, mendAgainstContributors } from './withstand-contributors.ts';
import type { SecondaryOptions } from './secondary.ts';

/** Cells as they may be released, and what the attack found of them. */
export interface OwnAttack {
  readonly cells: readonly ProtectedCell[];
  readonly reader: ReaderKnowledge;
  readonly found: ReaderAttack;
  /** Rounds in which more was withheld. */
  readonly rounds: number;
  /** Linear programs of all rounds. */
  readonly programs: number;
}

/** Rounds in which more is withheld around cells that were broken. */
const ESCALATIONS = 4;
const MOST_NAMED = 50;

/** What a reader of the cells alone has. */
export async function readerOfCells(rows: readonly CellRow[], cells: readonly ProtectedCell[], spec: ProtectionSpec): Promise<ReaderKnowledge> {
  const listed = rows.map((row, r) => ({ ...row, status: (cells[r] as ProtectedCell).status, published: (cells[r] as ProtectedCell).published }));
  return readerKnowledge([{ columns: spec.dimensions.map((d) => d.column), rows: listed }], spec);
}

/** What a reader of the cells alone derives of them. */
export async function attackCells(rows: readonly CellRow[], cells: readonly ProtectedCell[], spec: ProtectionSpec, options: AuditCellsOptions): Promise<{ readonly reader: ReaderKnowledge; readonly found: ReaderAttack }> {
  const reader = await readerOfCells(rows, cells, spec);
  return { reader, found: await attackReader(reader, spec, options) };
}

/**
 * Withholds more until the attack breaks nothing.
 * @throws Refusal `CANNOT_PROTECT` with the addresses of cells that stay derivable, listed or not
 */
export async function withholdUntilSafe(rows: readonly CellRow[], first: readonly ProtectedCell[], spec: ProtectionSpec, options: AuditCellsOptions): Promise<OwnAttack> {
  let [cells, programs] = [first, 0];
  for (let rounds = 0; ; rounds++) {
    const { reader, found } = await attackCells(rows, cells, spec, options);
    programs += found.programs;
    if (found.broken.size === 0) return { cells, reader, found, rounds, programs };
    const more = rounds === ESCALATIONS ? cells : await withholdMore(cells, reader, found, { spec, signal: options.signal, together: rounds === 0 });
    if (more.every((cell, r) => (cell.published === null) === (cells[r]?.published === null))) throw refusalOf(reader, found);
    cells = more;
  }
}

/** What the attack found of changed counts. */
export interface ChangedAttack {
  /** Addresses with how. */
  readonly broken: readonly string[];
  /** Row → how. */
  readonly how: ReadonlyMap<number, string>;
  readonly intervals: readonly DerivedInterval[];
  /** Counts that are unsafe in themselves. */
  readonly primary: number;
  readonly programs: number;
  readonly undecided: number;
}

/** What is known of changed counts, and how to attack them. */
export interface Changed {
  readonly table: CellTable;
  readonly knowledge: Knowledge;
  readonly spec: ProtectionSpec;
  readonly options: AuditCellsOptions;
}

/** Whether what the method tells of changed counts is all that is attacked: they rest on themselves, or are too many. */
export function restsOnMethod(table: CellTable): boolean {
  return restsOnItself(table) || table.size > MOST_WHOLE;
}

/** Attacks counts that were changed: with what the method knows of them where they rest on themselves, otherwise with hidden sums. */
export async function attackChanged(rows: readonly CellRow[], cells: readonly ProtectedCell[], { table, knowledge, spec, options }: Changed): Promise<ChangedAttack> {
  const unsafe = unsafeRows(cells.map((cell, row) => ({ ...rows[row] as CellRow, status: cell.status, published: cell.published })), table, spec);
  const named = (broken: ReadonlyMap<number, string>, nameOf: (cell: number) => string): string[] => [...broken].map(([cell, how]) => `${nameOf(cell)}: ${how}`);
  if (restsOnMethod(table)) {
    const found = await attackPerturbed(table, knowledge, unsafe, { ...options, intervals: options.intervals ?? true });
    return { ...found, broken: named(found.broken, table.nameOf), how: found.broken, primary: unsafe.size, intervals: found.intervals.map((interval) => derivedInterval(interval, table.nameOf)) };
  }
  const { reader, found } = await attackCells(rows, cells, spec, options);
  const rowOf = new Map(rows.map((_, row) => [reader.cellOf(0, row), row]));
  return {
    broken: named(found.broken, reader.nameOf), how: new Map([...found.broken].flatMap(([cell, how]): [number, string][] => (rowOf.has(cell) ? [[rowOf.get(cell) as number, how]] : []))),
    intervals: found.intervals.filter(({ cell }) => rowOf.has(cell)).map((interval) => derivedInterval(interval, reader.nameOf)), primary: unsafe.size, programs: found.programs, undecided: 0,
  };
}

/** Withholds what opens the broken cells. Cells that nobody lists are never printed, and free to use. */
async function withholdMore(cells: readonly ProtectedCell[], reader: ReaderKnowledge, { unsafe, broken, insiders }: ReaderAttack, { spec, signal, together }: { readonly spec: ProtectionSpec; readonly signal: AbortSignal | undefined; readonly together: boolean }): Promise<readonly ProtectedCell[]> {
  const { knowledge, size, nameOf, cellOf } = reader;
  const zerosPrinted = spec.rules.minFrequency?.zeros !== 'protected';
  const freq = Float64Array.from({ length: size }, (_, cell) => knowledge.value[cell] as number);
  const system: CellSystem = { size, relations: knowledge.relations, freq, ...(knowledge.whole ? {} : { value: freq }), nameOf };
  const listed = new Map(cells.map((_, row) => [cellOf(0, row), row]));
  // Where zeros are printed the search takes every open cell to be 1 at least.
  const canBeOpen = (cell: number): boolean => !knowledge.printed(cell) && (!knowledge.whole || !zerosPrinted || (freq[cell] as number) >= 1);
  const primary = new Map<number, PrimaryCell>();
  for (const [cell, upper] of unsafe) if (canBeOpen(cell) && (reader.isTrue(cell) || broken.has(cell))) primary.set(cell, { reason: 'unsafe', upper });
  const secondary = new Map<number, string>();
  for (let cell = 0; cell < size; cell++) if (canBeOpen(cell) && !primary.has(cell)) secondary.set(cell, '');
  const forced = new Set(Array.from({ length: size }, (_, cell) => cell).filter((cell) => !listed.has(cell) && !canBeOpen(cell)));
  const options: SecondaryOptions = { primary, zerosPrinted, whole: knowledge.whole, forced, ...(spec.cost === undefined ? {} : { cost: spec.cost }), ...(signal === undefined ? {} : { signal }) };
  const findings = insiders?.findings ?? [];
  const byContributors = new Set(findings.map(({ cell }) => cell));
  const opened = await mendPattern(system, options, { secondary, unproved: [] }, [...broken.keys()].filter((cell) => primary.has(cell) && !byContributors.has(cell)));
  const mended = insiders === undefined || findings.length === 0 ? opened : await mendAgainstContributors(system, options, opened, { findings, parts: insiders.parts, together });
  return cells.map((cell, row): ProtectedCell => {
    const why = mended.secondary.get(cellOf(0, row));
    return cell.published === null || why === undefined ? cell : { key: cell.key, status: 'secondary', published: null, reason: why };
  });
}

function refusalOf(reader: ReaderKnowledge, { broken, insiders }: ReaderAttack): Refusal {
  const byContributors = new Set(insiders?.findings.map(({ cell }) => cell));
  const others = [...broken.keys()].filter((cell) => !byContributors.has(cell));
  return others.length === 0 ? cannotWithstand([...byContributors].map(reader.nameOf)) : cannotProtect(reader, others);
}

function cannotProtect({ nameOf }: ReaderKnowledge, broken: readonly number[]): Refusal {
  const issue = (cell: number): Issue => ({
    code: 'CANNOT_PROTECT', severity: 'error', message: 'with sums that are not listed, this cell can be derived more closely than its rule allows, and nothing was found to withhold that prevents it', place: { object: nameOf(cell) },
    repair: 'merge codes, leave a total or a region that overlaps others out, or list the totals in between',
  });
  const [first = 0, ...others] = broken;
  return new Refusal([issue(first), ...others.slice(0, MOST_NAMED - 1).map(issue)]);
}
