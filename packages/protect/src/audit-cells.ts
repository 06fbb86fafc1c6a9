/**
 * The attack on a released list of cells with everything that its reader has: what stands behind `weighbridge audit`.
 * Unsafe are the cells that the rules name, in this list and in those released before, and the same numbers of people where
 * they are in no list: differences between editions, and cells that lists of other shapes enclose.
 * @module
 */
import { audit } from './audit.ts';
import type { Interval } from './audit.ts';
import { aloneIn, attackByContributors, carriedUp } from './contributor-attack.ts';
import type { BehindCell, ContributorAttack, ContributorFinding, ContributorPart } from './contributor-attack.ts';
import { readerKnowledge } from './knowledge.ts';
import type { ReaderKnowledge, ReaderOptions } from './knowledge.ts';
import { fewBehind } from './few-behind.ts';
import { isPerturbation } from './perturb-table.ts';
import type { CellTable } from './cell-table.ts';
import { primaryCells } from './primary.ts';
import type { PrimaryRules } from './primary.ts';
import { attackedBy, derivedInterval } from './certificate.ts';
import type { Certificate } from './certificate.ts';
import { assertKeys } from './cell-rows.ts';
import type { CellRow, ProtectCellsOptions } from './cell-rows.ts';
import { assertSpecification } from './protection-spec.ts';
import type { ProtectionSpec } from './protection-spec.ts';
import { assertTotalListed } from './released-lists.ts';
import type { PlacedList, ReleasedList, ReleasedStatus } from './released-lists.ts';
import { attackWhole } from './whole-attack.ts';

/** What is known of each cell of a released list: null where it is withheld. */
export interface ReleasedRow extends CellRow {
  readonly status: ReleasedStatus;
  /** As printed; default: the truth where the cell is published. */
  readonly published?: number | null;
}

export interface AuditCellsOptions extends ProtectCellsOptions, ReaderOptions {
  /** Attack as each contributor who is alone in a cell, too; without it, where the specification says so. */
  readonly contributors?: boolean;
  /** Seconds for an attack on counts in whole numbers, after the one in fractions; default: none. */
  readonly wholeNumbers?: number;
}

/** A cell that can be derived more closely than the rules allow: its address and how, never a value. */
export interface AuditFinding {
  readonly message: string;
  /** By a reader of what is released; by a contributor alone in a cell; or what came between two editions. */
  readonly of: 'reader' | 'contributor' | 'edition';
}

export interface CellsAudit {
  readonly certificate: Certificate;
  readonly findings: readonly AuditFinding[];
  /** The messages of the findings. */
  readonly broken: readonly string[];
}

/**
 * Attacks a list of cells whose statuses are given: the truth is there to judge by, and the attacker does not use it.
 * @param earlier - lists released before; rows alone have the columns of the specification. Lists with an `edition` count other
 *   records: earlier editions of the same tables
 * @throws Refusal `TOTAL_MISSING`, `SPEC`, `KEY_LENGTH`; as {@link readerKnowledge}
 */
export async function auditCells(rows: readonly ReleasedRow[] | ReleasedList, spec: ProtectionSpec, earlier: readonly (readonly ReleasedRow[] | ReleasedList)[] = [], options: AuditCellsOptions = {}): Promise<CellsAudit> {
  assertSpecification(spec);
  const columns = spec.dimensions.map((d) => d.column);
  const lists = [rows, ...earlier].map((list): ReleasedList => ('rows' in list ? list : { columns, rows: list }));
  for (const list of lists) assertKeys(list.rows, list.columns.length);
  for (const dimension of spec.dimensions) assertTotalListed(dimension, lists);
  const reader = await readerKnowledge(lists, spec, options);
  const found = await attackReader(reader, spec, options);
  const insiders = attackedBy(found.insiders?.attackers);
  const judged = (lists[0] as ReleasedList).rows;
  const own = judged.map((_, row) => reader.cellOf(0, row));
  const findings = [...found.broken].map(([cell, how]): AuditFinding => ({
    message: `${reader.nameOf(cell)}: ${how}`, of: reader.originOf(cell) === 'difference' ? 'edition' : found.byContributors.has(cell) ? 'contributor' : 'reader',
  }));
  return {
    certificate: {
      summary: {
        cells: own.length, withheld: own.filter((cell, row) => judged[row]?.status !== 'rounded' && !reader.knowledge.printed(cell)).length, primary: own.filter((cell) => found.unsafe.has(cell)).length,
        programs: found.programs, breaches: found.broken.size, ...(found.undecided === undefined ? {} : { undecided: found.undecided }), ...insiders.summary,
      }, ...insiders.whole,
      intervals: found.intervals.map((interval) => derivedInterval(interval, reader.nameOf)),
    },
    findings, broken: findings.map(({ message }) => message),
  };
}

/** What a reader derives too closely. */
export interface ReaderAttack {
  /** Unsafe cell → how far above the truth a reader must reckon. */
  readonly unsafe: ReadonlyMap<number, number>;
  readonly intervals: readonly Interval[];
  /** Cell → how it can be derived, in words without numbers of anybody. */
  readonly broken: ReadonlyMap<number, string>;
  /** Those of the broken that only a contributor derives. */
  readonly byContributors: ReadonlySet<number>;
  readonly programs: number;
  /** Cells for which the attack in whole numbers found no answer in its time; only where it was asked for. */
  readonly undecided?: number;
  /** The attack as contributors, and what they gave to each cell; only where it was asked for. */
  readonly insiders?: ContributorAttack & { readonly parts: readonly ContributorPart[] };
}

/** Attacks everything that must stay unknown. */
export async function attackReader(reader: ReaderKnowledge, spec: ProtectionSpec, { contributors = false, combinations = false, intervals = true, wholeNumbers, onProgress, signal }: AuditCellsOptions = {}): Promise<ReaderAttack> {
  const unsafe = unsafeCells(reader, spec.rules, isPerturbation(spec.method) ? smallest(spec) : 0);
  const few = await fewBehind(reader, spec.rules.minFrequency?.threshold ?? 0, signal);
  for (const cell of few) unsafe.set(cell, unsafe.get(cell) ?? 0);
  const judged = new Map([...unsafe].filter(([cell]) => reader.isTrue(cell) || few.has(cell)));
  const guessed = [...unsafe.keys()].filter((cell) => !judged.has(cell));
  const result = await audit(reader.knowledge, {
    required: judged, cells: [...judged.keys(), ...guessed], combinations, intervals,
    ...(signal === undefined ? {} : { signal }), ...(onProgress === undefined ? {} : { onProgress: (done: number, of: number) => { onProgress('audit', done, of); } }),
  });
  const broken = new Map(result.breaches.map(({ cell, why }): [number, string] => [cell, why === 'exact' ? 'can be derived exactly' : 'can be derived too closely']));
  const listed = new Set(guessed.filter((cell) => reader.originOf(cell) === 'listed'));
  const small = (value: number): boolean => Math.abs(value) > 0 && Math.abs(value) < (spec.rules.minFrequency?.threshold ?? 0);
  for (const { cell, lower, upper } of result.intervals) {
    if (!reader.isTrue(cell) && upper - lower < 1e-6 * Math.max(1, Math.abs(upper)) && (listed.has(cell) || small(upper))) broken.set(cell, 'can be derived exactly');
  }
  const whole = wholeNumbers === undefined || !reader.knowledge.whole ? undefined : await attackWhole(reader.knowledge, {
    required: new Map([...judged].filter(([cell]) => !broken.has(cell))), seconds: wholeNumbers,
    ...(signal === undefined ? {} : { signal }), ...(onProgress === undefined ? {} : { onProgress: (done: number, of: number) => { onProgress('attack in whole numbers', done, of); } }),
  });
  for (const { cell, why } of whole?.breaches ?? []) broken.set(cell, why === 'exact' ? 'can be derived exactly: no other whole number fits' : 'can be derived too closely: no other whole number fits');
  const undecided = whole === undefined ? {} : { undecided: whole.undecided.length };
  const programs = result.programs + (whole?.programs ?? 0);
  if (!contributors && spec.insiders !== true) return { unsafe, intervals: result.intervals, broken, byContributors: new Set(), programs, ...undecided };
  const parts = carriedUp(reader.knowledge.relations, alone(reader));
  const insiders = await attackByContributors(reader.knowledge, { parts, required: [...judged.keys()].filter((cell) => !broken.has(cell)), ...(signal === undefined ? {} : { signal }) });
  for (const [cell, findings] of Map.groupBy(insiders.findings, (f: ContributorFinding) => f.cell)) broken.set(cell, `can be derived by contributor ${findings[0]?.contributor ?? 0}`);
  return { unsafe, intervals: result.intervals, broken, byContributors: new Set(insiders.findings.map(({ cell }) => cell)), programs: programs + insiders.programs, insiders: { ...insiders, parts }, ...undecided };
}

/** Cells that the rules name in each list; small differences between editions and small cells that lists enclose. */
function unsafeCells(reader: ReaderKnowledge, rules: PrimaryRules, roundedBelow: number): Map<number, number> {
  const unsafe = new Map<number, number>();
  const add = (cell: number, upper: number): void => { unsafe.set(cell, Math.max(upper, unsafe.get(cell) ?? 0)); };
  for (const [l, placed] of reader.lists.entries()) {
    if (reader.cellOf(l, 0) === -1) continue;
    for (const [row, upper] of namedByRules(placed, rules, roundedBelow)) add(reader.cellOf(l, row), upper);
  }
  const threshold = rules.minFrequency?.threshold ?? 0;
  if (!reader.knowledge.whole || threshold === 0) return unsafe;
  for (let cell = 0; cell < reader.size; cell++) {
    const origin = reader.originOf(cell);
    if (origin !== 'hidden' && origin !== 'difference') continue;
    const value = Math.abs(reader.knowledge.value[cell] as number);
    if (!reader.isTrue(cell) || (value > 0 && value < threshold)) add(cell, 0);
  }
  return unsafe;
}

/** Rows that are unsafe in themselves: by the rules, or, for methods without rules, counts that they hide. Row → how far above the truth a reader must reckon. */
export function unsafeRows(rows: readonly ReleasedRow[], table: CellTable, spec: ProtectionSpec): ReadonlyMap<number, number> {
  return new Map(namedByRules({ list: { rows }, table, hasTruth: true }, spec.rules, isPerturbation(spec.method) ? smallest(spec) : 0));
}

/** Rows that are unsafe in their list; without the truth, those that are marked so, and those of which nothing tells whether they are. */
function namedByRules({ list, table, hasTruth }: Pick<PlacedList, 'table' | 'hasTruth'> & { readonly list: Pick<ReleasedList, 'rows'> }, rules: PrimaryRules, roundedBelow: number): [row: number, upper: number][] {
  if (!hasTruth) return list.rows.flatMap((row, r): [number, number][] => (row.status === 'primary' || row.status === 'withheld' ? [[r, 0]] : []));
  const found = [...primaryCells(table, rules, list.rows)].map(([row, { upper }]): [number, number] => [row, upper]);
  return Object.keys(rules).length > 0 ? found : list.rows.flatMap((row, r): [number, number][] => (row.status === 'rounded' && (row.freq ?? 0) > 0 && (row.freq ?? 0) < roundedBelow ? [[r, 0]] : []));
}

/** Counts below this are what a method without rules hides. */
function smallest({ method, base, ptable }: ProtectionSpec): number {
  return method === 'cell-key' ? (ptable?.blockedUpTo ?? 2) + 1 : base ?? (method === 'round-base-n' ? 5 : 3);
}

/** Whoever is alone in a finest cell of the judged list. */
function alone({ lists: [first], cellOf }: ReaderKnowledge): ContributorPart[] {
  if (!first?.hasTruth) return [];
  return aloneIn(first.list.rows.map((row): BehindCell => ({ ...row, freq: row.freq ?? 0 })), first.table.relations).map((part) => ({ ...part, cell: cellOf(0, part.cell) }));
}
