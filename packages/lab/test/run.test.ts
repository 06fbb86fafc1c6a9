import { cp, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Refusal } from '@weighbridge/base';
import { cellsOf, planRun } from '../src/plan.ts';
import type { Plan } from '../src/plan.ts';
import { PROPOSALS } from '../src/proposals/index.ts';
import { openRun, readRun } from '../src/results.ts';
import { runPlan } from '../src/run.ts';
import { replaceWhole } from '../src/report/whole-folder.ts';
import { writeReport } from '../src/report/write-report.ts';

const plan = planRun({ proposals: ['epoch-escrow'], sizes: [2], seed: 20261122 });
const quiet = (): void => undefined;
let root: string;
let whole: string;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'lab-run-'));
  whole = join(root, 'whole');
  await runPlan(whole, plan, quiet);
});
afterAll(() => rm(root, { recursive: true, force: true }));

/** A copy of the whole run, to damage. */
async function copyOfRun(name: string): Promise<string> {
  await cp(whole, join(root, name), { recursive: true });
  return join(root, name);
}

async function codeOf(work: Promise<unknown>): Promise<string> {
  return work.then(() => 'done', (error: unknown) => (error instanceof Refusal ? error.code : 'other'));
}

test('every cell of every proposal has a name of its own, and what does not depend on size or padding is run once', () => {
  const all = cellsOf(planRun({ sizes: [2, 10, 100] }));
  expect(new Set(all.map((c) => c.id)).size).toBe(all.length);
  for (const proposal of PROPOSALS) {
    const times = (proposal.depends.size ? 3 : 1) * (proposal.depends.padding ? 2 : 1);
    expect([proposal.id, all.filter((c) => c.proposal === proposal.id).length]).toEqual([proposal.id, times * proposal.variants.length]);
  }
});

test.each([
  [{ proposals: ['no-such'] }, 'LAB_PROPOSAL_UNKNOWN'], [{ sizes: [1] }, 'LAB_SIZE'], [{ sizes: [1001] }, 'LAB_SIZE'], [{ sizes: [2.5] }, 'LAB_SIZE'],
  [{ sizes: [] }, 'LAB_SIZE'], [{ sizes: [2, 2] }, 'LAB_SIZE'], [{ seed: -1 }, 'LAB_SEED'], [{ seed: 2 ** 60 }, 'LAB_SEED'],
])('the choice %o is refused as %s, with a repair', (choice, code) => {
  let refusal: Refusal | undefined;
  try {
    planRun(choice);
  } catch (error) {
    if (error instanceof Refusal) refusal = error;
  }
  expect(refusal?.code).toBe(code);
  expect(refusal?.issues[0]?.repair).not.toBe('');
});

test('a run that lost a cell runs that cell alone again, and the same bytes come out', async () => {
  const folder = await copyOfRun('resumed');
  const [first, second] = cellsOf(plan);
  const before = await readFile(join(whole, 'cells', `${first?.id ?? ''}.json`), 'utf8');
  await rm(join(folder, 'cells', `${first?.id ?? ''}.json`));
  const told: string[] = [];
  const outcome = await runPlan(folder, plan, (_done, _total, cell) => { told.push(cell); });
  expect(outcome).toEqual({ cells: 2, kept: 1, failed: [] });
  expect(told).toEqual(['', first?.id]);
  expect(told).not.toContain(second?.id);
  expect(await readFile(join(folder, 'cells', `${first?.id ?? ''}.json`), 'utf8')).toBe(before);
});

test('the documentation names every proposal that can be asked for', async () => {
  const text = await readFile(join(import.meta.dirname, '../../../docs/lab/README.md'), 'utf8');
  expect(PROPOSALS.map((p) => p.id).filter((id) => !text.includes(`\`${id}\``))).toEqual([]);
});

test('another seed gives other messages, and is not mixed into the folder of a run', async () => {
  expect(await codeOf(openRun(whole, { ...plan, seed: plan.seed + 1 }))).toBe('LAB_PLAN_DIFFERS');
  expect(await codeOf(openRun(whole, { ...plan, sizes: [2, 10] }))).toBe('LAB_PLAN_DIFFERS');
  await expect(openRun(whole, { ...plan, sizes: [2, 10] })).rejects.toMatchObject({ issues: [{ repair: expect.stringContaining('--seed 20261122 --size 2 --proposal epoch-escrow') as string }] });
  expect(await codeOf(openRun(whole, { ...plan, code: 'f'.repeat(96) }))).toBe('LAB_CODE_CHANGED');
  expect(await codeOf(openRun(whole, { ...plan, library: 'ts-mls 0.0.0' }))).toBe('LAB_CODE_CHANGED');
});

test('a folder that holds something else is left as it is', async () => {
  const folder = await mkdtemp(join(root, 'else-'));
  await writeFile(join(folder, 'letter.txt'), 'x');
  expect(await codeOf(openRun(folder, plan))).toBe('LAB_OUT_NOT_A_RUN');
  expect(await readdir(folder)).toEqual(['letter.txt']);
});

test('nothing is shown of a run that is not whole, is damaged or is none', async () => {
  const [first] = cellsOf(plan);
  const file = join('cells', `${first?.id ?? ''}.json`);
  const gone = await copyOfRun('gone');
  await rm(join(gone, file));
  expect(await codeOf(writeReport(gone, join(gone, 'report')))).toBe('LAB_RUN_INCOMPLETE');
  expect(await readdir(gone)).not.toContain('report');
  const cut = await copyOfRun('cut');
  await writeFile(join(cut, file), (await readFile(join(cut, file), 'utf8')).slice(0, 100));
  expect(await codeOf(writeReport(cut, join(cut, 'report')))).toBe('LAB_CELL_DAMAGED');
  const swapped = await copyOfRun('swapped');
  await cp(join(swapped, 'cells', `${cellsOf(plan)[1]?.id ?? ''}.json`), join(swapped, file));
  expect(await codeOf(writeReport(swapped, join(swapped, 'report')))).toBe('LAB_CELL_DAMAGED');
  const changed = await copyOfRun('changed');
  await writeFile(join(changed, file), (await readFile(join(changed, file), 'utf8')).replace('"value": ', '"value": 1'));
  expect(await codeOf(writeReport(changed, join(changed, 'report')))).toBe('LAB_CELL_DAMAGED');
  const untimed = await copyOfRun('untimed');
  await rm(join(untimed, file.replace('cells', 'times')));
  expect(await codeOf(writeReport(untimed, join(untimed, 'report')))).toBe('LAB_RUN_INCOMPLETE');
  const foreign = await copyOfRun('foreign');
  await writeFile(join(foreign, 'run.json'), JSON.stringify({ ...plan, format: 'other/1' } satisfies Omit<Plan, 'format'> & { format: string }));
  expect(await codeOf(readRun(foreign))).toBe('LAB_NOT_A_RUN');
  for (const [change, code] of [[{ proposals: [] }, 'LAB_NOT_A_RUN'], [{ sizes: [2, 'x'] }, 'LAB_NOT_A_RUN'], [{ epochs: 6 }, 'LAB_NOT_A_RUN'], [{ code: null }, 'LAB_NOT_A_RUN'], [{ code: 'f'.repeat(96) }, 'LAB_CODE_CHANGED'], [{ library: 'ts-mls 0.0.0' }, 'LAB_CODE_CHANGED']] as const) {
    await writeFile(join(foreign, 'run.json'), JSON.stringify({ ...plan, ...change }));
    expect([change, await codeOf(readRun(foreign))]).toEqual([change, code]);
  }
  expect(await codeOf(readRun(join(root, 'nowhere')))).toBe('LAB_NOT_A_RUN');
});

test('a report that cannot be written to its end leaves the one before as it was', async () => {
  const folder = join(root, 'pages');
  await replaceWhole(folder, (empty) => writeFile(join(empty, 'index.html'), 'first'));
  await expect(replaceWhole(folder, async (empty) => {
    await writeFile(join(empty, 'index.html'), 'second');
    throw new Error('disk full');
  })).rejects.toThrow('disk full');
  expect([await readdir(folder), await readFile(join(folder, 'index.html'), 'utf8')]).toEqual([['index.html'], 'first']);
  await replaceWhole(folder, (empty) => writeFile(join(empty, 'other.html'), 'third'));
  expect(await readdir(folder)).toEqual(['other.html']);
});

test('results hold no times and no machine: these stand apart', async () => {
  for (const name of await readdir(join(whole, 'cells'))) {
    const text = await readFile(join(whole, 'cells', name), 'utf8');
    expect(text).not.toMatch(/"(seconds|machine|p50|node)"/);
    expect(await readFile(join(whole, 'times', name), 'utf8')).toMatch(/"p50"/);
  }
});
