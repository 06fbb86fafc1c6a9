import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readFile, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { expect, test } from 'vitest';
import { BIN, temporaryFolder, weighbridge } from './command-line.ts';

test('a run that is stopped half-way is not shown, goes on where it stopped, and gives the report that the same seed gives at once', async () => {
  const folder = await temporaryFolder();
  const options = ['--proposal', 'epoch-escrow', '--size', '2,4', '--seed', '3'];
  const stopped = join(folder, 'stopped');
  const child = spawn(process.execPath, [BIN, 'lab', 'run', ...options, '--out', stopped], { stdio: ['ignore', 'pipe', 'inherit'], detached: true });
  await once(child.stdout, 'data');
  for (let waited = 0; waited < 300 && (await readdir(join(stopped, 'cells')).catch(() => [])).length === 0; waited += 1) await new Promise((done) => setTimeout(done, 100));
  process.kill(-(child.pid ?? 0), 'SIGKILL');
  await once(child, 'close');
  const early = await weighbridge(['lab', 'report', '--run', stopped]);
  expect([early.code, early.events.at(-1)?.['code']]).toEqual([3, 'LAB_RUN_INCOMPLETE']);
  const resumed = await weighbridge(['lab', 'run', ...options, '--out', stopped]);
  expect([resumed.code, resumed.events.at(-1)?.['event'], resumed.events.at(-1)?.['cells']]).toEqual([0, 'lab-run', 4]);
  expect(Number(resumed.events.at(-1)?.['kept'])).toBeGreaterThan(0);

  const whole = join(folder, 'whole');
  expect((await weighbridge(['lab', 'run', ...options, '--out', whole])).code).toBe(0);
  const report = await weighbridge(['lab', 'report', '--run', whole, '--out', join(folder, 'pages')]);
  expect([report.code, report.events.at(-1)?.['event'], report.events.at(-1)?.['pages']]).toEqual([0, 'lab-report', 5]);
  expect((await weighbridge(['lab', 'report', '--run', stopped])).code).toBe(0);
  const [one, other] = await Promise.all([join(folder, 'pages'), join(stopped, 'report')].map((pages) => readFile(join(pages, 'series.csv'), 'utf8')));
  expect(one).toBe(other);
  expect(one?.split('\n').length).toBeGreaterThan(60);

  const release = join(folder, 'release');
  const made = await weighbridge(['run', join(folder, 'pages', 'collection'), '--store', join(folder, 'store'), '--out', release]);
  expect([made.code, made.events.at(-1)?.['event']]).toEqual([0, 'released']);
  expect((await weighbridge(['verify', release])).code).toBe(0);
  const released = (await Promise.all((await readdir(join(release, 'tables'))).filter((name) => name.endsWith('.csv')).map(async (name) => records(await readFile(join(release, 'tables', name), 'utf8')).map((r) => [name.slice(0, -4), r['subject'], r['circumstances'], r['value'], r['unit'], r['synthetic']].join(' '))))).flat();
  const series = records(one ?? '').map((r) => [r['metric']?.replaceAll('.', '-'), r['subject'], r['circumstances'], String(Number(Number(r['value']).toFixed(6))), r['unit'], 'true'].join(' '));
  expect(released.toSorted(), 'every value of the series is in the release, and no other').toEqual(series.toSorted());
}, 240_000);

function records(csv: string): Record<string, string>[] {
  return parse<Record<string, string>>(csv, { columns: true });
}

test.each([
  [['run', '--out', 'OUT', '--proposal', 'no-such'], 3, 'LAB_PROPOSAL_UNKNOWN'],
  [['run', '--out', 'OUT', '--size', '1'], 3, 'LAB_SIZE'],
  [['report', '--run', 'OUT'], 3, 'LAB_NOT_A_RUN'],
])('%j is refused with a code', async (args, code, issue) => {
  const folder = await temporaryFolder();
  const result = await weighbridge(['lab', ...args.map((a) => (a === 'OUT' ? join(folder, 'out') : a))]);
  expect([result.code, result.events.at(-1)?.['code']]).toEqual([code, issue]);
});

test('what is refused leaves nothing behind, and what is there is left as it is', async () => {
  const folder = await temporaryFolder();
  const [file, foreign] = [join(folder, 'file'), join(folder, 'foreign')];
  await writeFile(file, 'x');
  await mkdir(foreign);
  await writeFile(join(foreign, 'index.html'), 'mine');
  for (const [args, code] of [[['run', '--out', file], 'LAB_OUT_NOT_A_FOLDER'], [['report', '--run', folder, '--out', file], 'LAB_OUT_NOT_A_FOLDER'], [['report', '--run', folder, '--out', foreign], 'LAB_OUT_NOT_A_REPORT'], [['report', '--run', folder, '--out', join(folder, 'new')], 'LAB_NOT_A_RUN']] as const) {
    const result = await weighbridge(['lab', ...args]);
    expect([args, result.code, result.events.at(-1)?.['code']]).toEqual([args, 3, code]);
  }
  expect((await readdir(folder)).toSorted()).toEqual(['file', 'foreign']);
  expect(await readFile(join(foreign, 'index.html'), 'utf8')).toBe('mine');
});

test('a run that is interrupted says that it goes on', async () => {
  const out = join(await temporaryFolder(), 'run');
  const child = spawn(process.execPath, [BIN, 'lab', 'run', '--proposal', 'epoch-escrow', '--size', '2,4', '--out', out], { stdio: ['ignore', 'pipe', 'inherit'] });
  let said = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => { said += text; });
  await once(child.stdout, 'data');
  child.kill('SIGINT');
  const [code] = await once(child, 'close') as [number];
  expect([code, (JSON.parse(said.trim().split('\n').at(-1) ?? '{}') as { event: string }).event]).toEqual([130, 'lab-stopped']);
});

test.each([[['run']], [['frobnicate']], [['run', '--out', 'x', '--size', 'ten']], [['report']]])('%j is wrong usage', async (args) => {
  expect((await weighbridge(['lab', ...args])).code).toBe(2);
});
