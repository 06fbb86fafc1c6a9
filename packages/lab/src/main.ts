/**
 * The lab's own program, which `weighbridge lab` starts as a process of its own: it may write to the folder named and to
 * nothing else, and reports over the channel to whoever started it.
 * @module
 */
import { Refusal } from '@weighbridge/base';
import type { Issue } from '@weighbridge/base';
import { shutDoors } from './doors.ts';
import { planRun } from './plan.ts';
import type { Choice } from './plan.ts';
import { checkReportFolder } from './results.ts';
import { runPlan } from './run.ts';

/** What the program is asked to do: the one argument, as JSON. */
export type LabTask =
  | { readonly action: 'run'; readonly out: string; readonly choice: Choice }
  | { readonly action: 'report'; readonly run: string; readonly out: string };

/** What it says while it works; the last word is the exit code. */
export type LabWord =
  | { readonly progress: { readonly stage: string; readonly done: number; readonly total: number } }
  | { readonly issue: Issue }
  | { readonly fault: LabFault }
  | { readonly say: { readonly event: string; readonly line: string; readonly fields: Readonly<Record<string, unknown>> } };

/** What went wrong that is no refusal, as far as it can be told to another process. */
export interface LabFault {
  readonly name: string;
  readonly message: string;
  readonly stack?: string;
  /** Of what the machine says, such as ENOSPC, and the file concerned. */
  readonly code?: string;
  readonly path?: string;
}

shutDoors();
// Whoever started it is gone: nobody waits for the result, and what is done is kept.
process.once('disconnect', () => process.exit());
process.exitCode = await main(JSON.parse(process.argv[2] ?? '{}') as LabTask);
process.disconnect();

async function main(task: LabTask): Promise<number> {
  try {
    return task.action === 'run' ? await run(task) : await report(task);
  } catch (error) {
    if (error instanceof Refusal) {
      for (const issue of error.issues) tell({ issue });
      return 3;
    }
    tell({ fault: faultOf(error) });
    return 1;
  }
}

async function run({ out, choice }: Extract<LabTask, { action: 'run' }>): Promise<number> {
  const { assertLibrary } = await import('./mls/version.ts');
  assertLibrary();
  const plan = planRun(choice);
  const outcome = await runPlan(out, plan, (done, total, cell) => { tell({ progress: { stage: cell === '' ? 'cells' : cell, done, total } }); });
  for (const { id, fault } of outcome.failed) {
    tell({ issue: { code: 'LAB_CELL_FAILED', severity: 'error', message: `a cell could not be run (${fault})`, place: { object: id }, repair: 'report it; the other cells are kept, and the same command runs this one again' } });
  }
  if (outcome.failed.length > 0) return 1;
  tell({ say: { event: 'lab-run', line: `${outcome.cells} cells in ${out}${outcome.kept > 0 ? `, ${outcome.kept} of them from before` : ''}; next: weighbridge lab report --run ${out}`, fields: { ...outcome, out, peakMib: Math.round(process.resourceUsage().maxRSS / 1024) } } });
  return 0;
}

async function report({ run: folder, out }: Extract<LabTask, { action: 'report' }>): Promise<number> {
  const [{ writeReport }, { replaceWhole }] = await Promise.all([import('./report/write-report.ts'), import('./report/whole-folder.ts')]);
  await checkReportFolder(out);
  const written = await replaceWhole(out, (empty) => writeReport(folder, empty));
  tell({ say: { event: 'lab-report', line: `${written.pages} pages in ${out}: open index.html`, fields: { ...written, out } } });
  return 0;
}

function faultOf(error: unknown): LabFault {
  if (!(error instanceof Error)) return { name: 'Error', message: 'unknown' };
  const text = (key: 'code' | 'path'): string | undefined => (key in error ? String((error as Error & Record<typeof key, unknown>)[key]) : undefined);
  const [code, path] = [text('code'), text('path')];
  return { name: error.name, message: error.message, ...(error.stack === undefined ? {} : { stack: error.stack }), ...(code === undefined ? {} : { code }), ...(path === undefined ? {} : { path }) };
}

function tell(word: LabWord): void {
  if (process.connected) process.send?.(word);
}
