/**
 * Methods of protection side by side on one table: the risk that each leaves, by the attacker's own measure, and the use that
 * each costs. Every table is the one that `protectCells` gives, and its attacker has what a reader of it has.
 * Source of the two sides: docs/references.md#handbook-sdc (disclosure risk and information loss).
 * Leaves out: contributors who know their own part, and tables released before.
 * @module
 */
import { Refusal, refuse } from '@weighbridge/base';
import { attackCells, readerOfCells, restsOnMethod } from './attack-own.ts';
import { audit } from './audit.ts';
import type { Knowledge } from './audit.ts';
import type { CellTable } from './cell-table.ts';
import { useLost } from './compare-use.ts';
import type { UseLost } from './compare-use.ts';
import { isPerturbation } from './perturb-table.ts';
import type { PerturbationMethod } from './perturb-table.ts';
import { recordKeys } from './perturb/index.ts';
import { primaryCells } from './primary.ts';
import type { PrimaryCell } from './primary.ts';
import { cellTableOf } from './cell-rows.ts';
import { changeRows, protectCells } from './protect-cells.ts';
import type { CellRow, ProtectCellsOptions } from './cell-rows.ts';
import type { ReaderKnowledge } from './knowledge.ts';
import { METHODS, withMethod } from './protection-spec.ts';
import { letOthersRun } from './pause.ts';
import type { ProtectionSpec } from './protection-spec.ts';
import type { SuppressionMethod } from './choose-pattern.ts';

/** A method of the specification. */
export type ComparableMethod = ProtectionSpec['method'];

export interface CompareOptions {
  /** Most unsafe cells that are attacked; with more, as many are drawn. Default 2,000. */
  readonly auditCells?: number;
  readonly onProgress?: (stage: string, done: number, of: number) => void;
  readonly signal?: AbortSignal;
}

/** What a reader who knows the method and everything shown can derive of the unsafe cells that were attacked. */
export interface RiskLeft {
  /** Cells known exactly. */
  readonly exact: number;
  readonly exactPercent: number;
  /** Cells known too closely, exact ones among them: counts to within one, amounts more closely than their rule allows. */
  readonly close: number;
  readonly closePercent: number;
  /** Unsafe cells that nobody lists, and that can be derived all the same; in no percentage. */
  readonly unlisted: number;
}

/** One method: what it did, or why it could not. */
export type ComparedMethod =
  | {
    readonly method: ComparableMethod; readonly settings: string; readonly ran: true;
    /** The attacker broke what the method had chosen, and more was withheld besides. */
    readonly mended: boolean;
    readonly risk: RiskLeft; readonly use: UseLost;
  }
  | { readonly method: ComparableMethod; readonly ran: false; readonly code: string; readonly reason: string };

/** Confidential: true errors and what can be derived are in it. For the analyst. */
export interface Comparison {
  readonly handling: string;
  readonly table: { readonly cells: number; readonly totals: number; readonly unsafe: number; readonly of: 'counts' | 'amounts' };
  /** `drawn`: there were more unsafe cells than were attacked, and these were drawn by a hash of their addresses. */
  readonly attacked: { readonly cells: number; readonly drawn: boolean };
  /** `trial`: the specification has no seed, and errors are those of a seed that everyone knows. */
  readonly seed: 'specification' | 'trial';
  readonly methods: readonly ComparedMethod[];
}

/** All methods that can be compared. */
export const COMPARABLE_METHODS: readonly ComparableMethod[] = METHODS;

const HANDLING = 'confidential: true errors of a confidential table, for the analyst alone';
/** Never for release: whoever reads this file knows it. */
const TRIAL_SEED = 'weighbridge compare: a trial seed, known to all';
const SAMPLE_SEED = 'weighbridge compare: sample of unsafe cells 1';
const MOST_ATTACKED = 2000;

/**
 * Runs methods on a table of cells. Same input, same result: no clock, no chance.
 * @param methods - default: all
 * @returns one entry for each method, in the order asked for; a method that cannot protect this table says why
 * @throws Refusal as `protectCells` does for cells that are no table; `RULES_MISSING` when no rule says what is unsafe
 * @throws DOMException `AbortError` when the signal says so
 */
export async function compareMethods(rows: readonly CellRow[], spec: ProtectionSpec, methods: readonly ComparableMethod[] = COMPARABLE_METHODS, options: CompareOptions = {}): Promise<Comparison> {
  if (Object.keys(spec.rules).length === 0) refuse('RULES_MISSING', 'nothing says which cells are unsafe', { key: 'rules' }, 'add rules to the specification');
  const table = cellTableOf(rows, spec);
  const unsafe = primaryCells(table, spec.rules, rows);
  const attacked = drawCells(table, [...unsafe.keys()], options.auditCells ?? MOST_ATTACKED);
  const compared: ComparedMethod[] = [];
  for (const [i, method] of methods.entries()) {
    options.signal?.throwIfAborted();
    options.onProgress?.(method, i, methods.length);
    await letOthersRun();
    options.signal?.throwIfAborted();
    compared.push(await compareOne({ rows, table, unsafe, attacked, spec, options }, method));
  }
  options.onProgress?.('compare', methods.length, methods.length);
  return {
    handling: HANDLING,
    table: { cells: table.size, totals: new Set(table.relations.map(({ total }) => total)).size, unsafe: unsafe.size, of: table.value === undefined ? 'counts' : 'amounts' },
    attacked: { cells: attacked.length, drawn: attacked.length < unsafe.size }, seed: spec.seed === undefined ? 'trial' : 'specification', methods: compared,
  };
}

interface Trial {
  readonly rows: readonly CellRow[];
  readonly table: CellTable;
  readonly unsafe: ReadonlyMap<number, PrimaryCell>;
  readonly attacked: readonly number[];
  readonly spec: ProtectionSpec;
  readonly options: CompareOptions;
}

/** A table as a method leaves it, and what a reader of it has. */
interface Outcome {
  readonly published: readonly (number | null)[];
  readonly settings: string;
  readonly mended: boolean;
  readonly knowledge: Knowledge;
  /** The cell of a row in what the reader knows. */
  readonly cellOf: (row: number) => number;
  readonly unlisted: number;
}

async function compareOne(trial: Trial, method: ComparableMethod): Promise<ComparedMethod> {
  try {
    const outcome = isPerturbation(method) ? await perturb(trial, method) : await suppress(trial, method);
    return { method, settings: outcome.settings, ran: true, mended: outcome.mended, risk: await riskLeft(trial, method, outcome), use: useLost(trial.table, outcome.published) };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    const [issue] = error.issues;
    const where = issue?.place.object === undefined ? '' : ` (${issue.place.object})`;
    return { method, ran: false, code: issue?.code ?? '', reason: `${issue?.message ?? ''}${where}` };
  }
}

async function perturb({ rows, table, spec, options }: Trial, method: PerturbationMethod): Promise<Outcome> {
  const own = withMethod({ ...spec, seed: spec.seed ?? TRIAL_SEED }, method);
  const { changed, published, settings, knowledge } = await changeRows(rows, table, own, method, stagesOf(options, method));
  const outcome = { published, settings, mended: false };
  if (restsOnMethod(table)) return { ...outcome, knowledge, cellOf: (row) => row, unlisted: 0 };
  const { reader, found } = await attackCells(rows, changed, own, { ...stagesOf(options, method), intervals: false });
  return { ...outcome, ...readBy(reader), unlisted: [...found.broken.keys()].filter((cell) => reader.originOf(cell) !== 'listed').length };
}

/** What is withheld leaves no unsafe cell derivable, listed or not, or there is a refusal. */
async function suppress({ rows, spec, options }: Trial, method: SuppressionMethod): Promise<Outcome> {
  const own = withMethod(spec, method);
  const { cells, certificate } = await protectCells(rows, own, { ...stagesOf(options, method), intervals: false });
  const reader = await readerOfCells(rows, cells, own);
  return {
    published: cells.map(({ published }) => published), settings: spec.marksTold ? 'unsafe cells marked' : 'one mark for all',
    mended: (certificate.summary.mended ?? 0) > 0, ...readBy(reader), unlisted: 0,
  };
}

function readBy({ knowledge, cellOf }: ReaderKnowledge): Pick<Outcome, 'knowledge' | 'cellOf'> {
  return { knowledge, cellOf: (row) => cellOf(0, row) };
}

async function riskLeft({ unsafe, attacked, options: { onProgress, signal } }: Trial, method: ComparableMethod, { knowledge, cellOf, unlisted }: Outcome): Promise<RiskLeft> {
  const { intervals, breaches } = await audit(knowledge, {
    required: new Map(attacked.map((row) => [cellOf(row), unsafe.get(row)?.upper ?? 0])),
    ...(onProgress === undefined ? {} : { onProgress: (done: number, of: number) => { onProgress(`${method}: attack`, done, of); } }), ...(signal === undefined ? {} : { signal }),
  });
  const exact = new Set(breaches.filter(({ why }) => why === 'exact').map(({ cell }) => cell));
  const close = new Set(breaches.map(({ cell }) => cell));
  if (knowledge.whole) for (const { cell, lower, upper } of intervals) if (upper - lower < 2) close.add(cell);
  return { exact: exact.size, exactPercent: percent(exact.size, attacked.length), close: close.size, closePercent: percent(close.size, attacked.length), unlisted };
}

/** All cells, or as many of them with the least hash of their address: the same for ever, whatever the order of the rows. */
function drawCells(table: CellTable, cells: readonly number[], most: number): readonly number[] {
  if (cells.length <= most) return cells;
  const hashOf = recordKeys(new TextEncoder().encode(SAMPLE_SEED));
  const width = table.hierarchies.length;
  const hashes = new Map(cells.map((cell) => [cell, hashOf(JSON.stringify(table.hierarchies.map((h, d) => h.codes[table.keys[cell * width + d] as number])))]));
  const drawn = cells.toSorted((a, b) => (hashes.get(a) as number) - (hashes.get(b) as number) || a - b).slice(0, most);
  return drawn.sort((a, b) => a - b);
}

/** What is done for one method: its choice, then the attack. */
function stagesOf({ onProgress, signal }: CompareOptions, method: ComparableMethod): Pick<ProtectCellsOptions, 'onProgress' | 'signal'> {
  return {
    ...(onProgress === undefined ? {} : { onProgress: (stage: string, done: number, of: number) => { onProgress(`${method}: ${stage === 'audit' ? 'attack' : 'choice'}`, done, of); } }),
    ...(signal === undefined ? {} : { signal }),
  };
}

function percent(part: number, whole: number): number {
  return whole === 0 ? 0 : Number(((100 * part) / whole).toPrecision(12));
}
