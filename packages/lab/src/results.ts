/**
 * A run's folder: what was planned, and a file for every cell that is done. A cell's file is whole or absent; times stand
 * in files of their own, because they alone differ when a run is repeated.
 *
 *     run.json            the plan
 *     cells/<cell>.json   rows, findings and lines of one cell: the same bytes for the same plan and code
 *     times/<cell>.json   times of the same cell, the machine, the day, and the digest of the cell's file
 * @module
 */
import { existsSync } from 'node:fs';
import { mkdir, readFile, readdir } from 'node:fs/promises';
import { cpus, totalmem } from 'node:os';
import { join } from 'node:path';
import { prettyJson, refuse, sha384 } from '@weighbridge/base';
import { writeFileDurably } from '@weighbridge/base/node';
import { RUN_FORMAT, cellsOf, optionsOf, planRun } from './plan.ts';
import type { Cell, Plan } from './plan.ts';
import type { AttackRow, Row, TimeRow } from './record.ts';

/** What a cell gave. */
export interface CellResult {
  readonly cell: Cell;
  readonly rows: readonly Row[];
  /** Results of attackers that no metric stands for. */
  readonly attacks: readonly AttackRow[];
  readonly findings: readonly string[];
}

/** How long it took, when and where. */
export interface CellTimes {
  readonly cell: string;
  /** SHA-384 of the cell's file: what was changed after the run is seen. */
  readonly sha384: string;
  /** Day of the run (UTC), YYYY-MM-DD. */
  readonly on: string;
  readonly machine: Machine;
  readonly seconds: number;
  readonly rows: readonly TimeRow[];
}

export interface Machine {
  readonly processor: string;
  readonly cores: number;
  readonly memoryGiB: number;
  readonly node: string;
  readonly platform: string;
}

/** A run that is whole. */
export interface Run {
  readonly plan: Plan;
  readonly results: readonly CellResult[];
  readonly times: ReadonlyMap<string, CellTimes>;
}

export function thisMachine(): Machine {
  const processors = cpus();
  return { processor: processors[0]?.model ?? 'unknown', cores: processors.length, memoryGiB: Math.round(totalmem() / 2 ** 30), node: process.versions.node, platform: `${process.platform} ${process.arch}` };
}

/**
 * Opens a folder for a plan: new, or one in which the same plan was begun with the same code. Resolves with the cells that
 * are done. @throws Refusal LAB_OUT_NOT_A_RUN, LAB_PLAN_DIFFERS, LAB_CODE_CHANGED.
 */
export async function openRun(folder: string, plan: Plan): Promise<ReadonlySet<string>> {
  await mkdir(folder, { recursive: true });
  const begun = await readPlan(folder);
  if (begun === undefined) {
    if ((await readdir(folder)).length > 0) refuse('LAB_OUT_NOT_A_RUN', 'the folder holds something, and no run of the lab', { file: folder }, 'name a folder that is empty or new');
    await writeFileDurably(join(folder, 'run.json'), prettyJson(plan));
    return new Set();
  }
  if (begun.code !== plan.code || begun.library !== plan.library) refuse('LAB_CODE_CHANGED', 'the run in this folder was begun with other code or another library, and results of two are never mixed', { file: join(folder, 'run.json') }, 'name another folder');
  if (prettyJson(begun) !== prettyJson(plan)) refuse('LAB_PLAN_DIFFERS', 'the run in this folder has another seed, other sizes or other proposals', { file: join(folder, 'run.json') }, `go on with it by: weighbridge lab run --out ${folder} ${optionsOf(begun)}; or name another folder`);
  const done = new Set<string>();
  for (const cell of cellsOf(plan)) if (await readCell(folder, cell) !== undefined) done.add(cell.id);
  return done;
}

/** Writes what a cell gave: times first, so that a cell that has results has times. */
export async function writeCell(folder: string, result: CellResult, times: Omit<CellTimes, 'cell' | 'sha384'>): Promise<void> {
  const [name, text] = [`${result.cell.id}.json`, prettyJson(result)];
  await writeFileDurably(join(folder, 'times', name), prettyJson({ cell: result.cell.id, sha384: sha384(text), ...times }));
  await writeFileDurably(join(folder, 'cells', name), text);
}

/**
 * Reads a run that is whole. @throws Refusal LAB_NOT_A_RUN; LAB_RUN_INCOMPLETE with what is missing: nothing is shown of
 * a run that is not whole; LAB_CELL_DAMAGED.
 */
export async function readRun(folder: string): Promise<Run> {
  const plan = await readPlan(folder);
  if (plan === undefined) refuse('LAB_NOT_A_RUN', 'there is no run of the lab in this folder', { file: folder }, 'name the folder given to: weighbridge lab run --out');
  const { code, library } = planRun({});
  if (plan.code !== code || plan.library !== library) refuse('LAB_CODE_CHANGED', 'the run was made by other code or another library, whose words and numbers this one would not show as they were', { file: join(folder, 'run.json') }, 'run again into another folder, or report with the code that ran');
  const results: CellResult[] = [];
  const times = new Map<string, CellTimes>();
  const missing: string[] = [];
  for (const cell of cellsOf(plan)) {
    const done = await readCell(folder, cell);
    if (done === undefined) {
      missing.push(cell.id);
      continue;
    }
    results.push(done.result);
    times.set(cell.id, done.times);
  }
  const [first] = missing;
  if (first !== undefined) refuse('LAB_RUN_INCOMPLETE', `the run is not whole: ${missing.length} of ${cellsOf(plan).length} cells are missing, the first is ${first}`, { file: folder }, 'repeat the same weighbridge lab run: it goes on where it stopped');
  return { plan, results, times };
}

/**
 * Leaves alone a folder that holds something else than a report. @throws Refusal LAB_OUT_NOT_A_REPORT
 */
export async function checkReportFolder(out: string): Promise<void> {
  const names = existsSync(out) ? await readdir(out) : [];
  if (names.length > 0 && !names.includes('datapackage.json')) refuse('LAB_OUT_NOT_A_REPORT', 'the folder holds something, and no report of the lab', { file: out }, 'name a folder that is empty or new');
}

async function readPlan(folder: string): Promise<Plan | undefined> {
  const file = join(folder, 'run.json');
  const text = await readText(file);
  if (text === undefined) return undefined;
  const plan: Partial<Plan> = json(text) ?? {};
  const { format, code, library } = plan;
  if (format !== RUN_FORMAT || typeof code !== 'string' || typeof library !== 'string') refuse('LAB_NOT_A_RUN', `a run of the format ${RUN_FORMAT} expected`, { file }, 'name another folder');
  if (code === planRun({}).code && !isPlanned({ ...plan, library })) refuse('LAB_NOT_A_RUN', 'the plan of the run was changed', { file }, 'name another folder');
  return plan as Plan;
}

/** Whether the plan is what its own options make. */
function isPlanned({ proposals = [], sizes = [], seed = -1, ...rest }: Partial<Plan>): boolean {
  try {
    return proposals.length > 0 && prettyJson({ ...planRun({ proposals, sizes, seed }), library: rest.library }) === prettyJson({ ...rest, proposals, sizes, seed });
  } catch {
    return false;
  }
}

/** What a cell gave and its times; undefined when one of the two files is missing: the cell is run again. @throws Refusal LAB_CELL_DAMAGED */
async function readCell(folder: string, cell: Cell): Promise<{ readonly result: CellResult; readonly times: CellTimes } | undefined> {
  const name = `${cell.id}.json`;
  const [text, timesText] = await Promise.all(['cells', 'times'].map((kind) => readText(join(folder, kind, name))));
  if (text === undefined || timesText === undefined) return undefined;
  const damaged = (kind: string, what: string): never => refuse('LAB_CELL_DAMAGED', what, { file: join(kind, name) }, 'delete the file and repeat the run: this cell alone is run again');
  const times: Partial<CellTimes> | undefined = json(timesText);
  if (times === undefined || times.cell !== cell.id || !Array.isArray(times.rows) || times.machine === undefined) damaged('times', 'a file of times cannot be read');
  if (times?.sha384 !== sha384(text)) damaged('cells', 'a cell’s file is not the one that the run wrote');
  const result: Partial<CellResult> | undefined = json(text);
  if (result === undefined || ![result.rows, result.attacks, result.findings].every(Array.isArray) || prettyJson(result.cell) !== prettyJson(cell)) damaged('cells', 'a cell’s file does not hold the cell that its name says');
  return { result: result as CellResult, times: times as CellTimes };
}

async function readText(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}

function json(text: string): object | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}
