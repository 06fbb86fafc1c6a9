import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parse } from 'csv-parse/sync';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { METRICS } from '../src/metrics.ts';
import type { MetricId } from '../src/metrics.ts';
import { planRun } from '../src/plan.ts';
import { PROPOSALS } from '../src/proposals/index.ts';
import type { AttackRow, Row, TimeRow } from '../src/record.ts';
import { matrixPage, unmeasured, whySilent } from '../src/report/matrix-page.ts';
import { outcomesText } from '../src/report/predictions-page.ts';
import { judgePredictions, readPredictions } from '../src/report/predictions.ts';
import type { Outcome } from '../src/report/predictions.ts';
import { proposalPage } from '../src/report/proposal-page.ts';
import { scoreVariant } from '../src/report/score.ts';
import { citation } from '../src/report/sources.ts';
import { ratioInterval, ratioText, rowText, valueText } from '../src/report/values.ts';
import { writeReport } from '../src/report/write-report.ts';
import type { CellResult, CellTimes, Run } from '../src/results.ts';
import { runPlan } from '../src/run.ts';

function proposalOf(id: string): (typeof PROPOSALS)[number] {
  const found = PROPOSALS.find((p) => p.id === id);
  if (found === undefined) throw new RangeError(id);
  return found;
}

/** A cell that was never run, with the rows given. */
function cell(proposal: string, variant: string, rows: readonly Row[], attacks: readonly AttackRow[] = [], size = 10): CellResult {
  return { cell: { id: `${proposal}.${variant}.n${size}.padded`, proposal, variant, conditions: { size, epochs: 5, messagesPerEpoch: 20, payloadBytes: 100, padding: 'on', seed: 1 } }, rows, attacks, findings: [] };
}

function runOf(results: readonly CellResult[], times: ReadonlyMap<string, CellTimes> = new Map()): Run {
  return { plan: planRun({ sizes: [10], proposals: [...new Set(results.map((r) => r.cell.proposal))] }), results, times };
}

const row = (metric: MetricId, value: number, more: Partial<Row> = {}): Row => ({ metric, value, unit: METRICS[metric].unit, method: 'counted', ...more });
const time = (p50: number, low?: number, high?: number, baseline?: number): TimeRow => ({ metric: 'time.send', unit: 'ms', p50, rounds: 41, ...(low === undefined || high === undefined ? {} : { low, high }), ...(baseline === undefined ? {} : { baseline, ratio: p50 / baseline }) });

function timesOf(id: string, rows: readonly TimeRow[]): CellTimes {
  return { cell: id, sha384: '', on: '2026-11-22', machine: { processor: 'x', cores: 1, memoryGiB: 1, node: '24.0.0', platform: 'linux x64' }, seconds: 1, rows };
}

describe('a prediction', () => {
  const outcome = (predicted: string, ...rows: readonly Row[]): Outcome | undefined => judgePredictions(
    runOf(rows.map((r, i) => cell('baseline', 'mls', [r], [], i + 2))), readPredictions(`| baseline | mls | ${rows[0]?.metric ?? 'errors.precision'} | any | ${predicted} | x |`),
  )[0]?.outcome;
  const sampled = (value: number, low: number, high: number): Row => row('errors.precision', value, { method: 'sampled', low, high });

  test.each([
    ['0.1 to 0.7', sampled(0.55, 0.38, 0.69), 'held'], ['0.1 to 0.7', sampled(0.55, 0.38, 0.7), 'held'], ['0.1 to 0.7', sampled(0.55, 0.38, 0.72), 'not decided'],
    ['0.1 to 0.7', sampled(0.72, 0.65, 0.8), 'not decided'], ['0.1 to 0.7', sampled(0.8, 0.71, 0.9), 'failed'], ['at most 0.05', sampled(0, 0, 0.012), 'held'],
    ['0', sampled(0, 0, 0.012), 'not decided'], ['at least 0.2', sampled(0.1, 0.05, 0.19), 'failed'], ['1', row('errors.precision', 1), 'held'], ['1', row('errors.precision', 0.999), 'failed'],
  ] as const)('of %s, put to %j, is: %s', (predicted, value, expected) => {
    expect(outcome(predicted, value)).toBe(expected);
  });

  test('fails when one size fails, and is not decided when one size is not and none fails', () => {
    const [held, open, failed] = [sampled(0.5, 0.4, 0.6), sampled(0.5, 0.4, 0.8), sampled(0.9, 0.8, 0.95)];
    expect([outcome('0.1 to 0.7', held, open), outcome('0.1 to 0.7', held, open, failed), outcome('0.1 to 0.7', held, held)]).toEqual(['not decided', 'failed', 'held']);
  });

  test('of a time is put to the interval of its median', () => {
    const own = cell('baseline', 'mls', []);
    const judge = (low: number, high: number): Outcome | undefined => judgePredictions(runOf([own], new Map([[own.cell.id, timesOf(own.cell.id, [time(9, low, high)])]])), readPredictions('| baseline | mls | time.send | any | 1 to 10 | x |'))[0]?.outcome;
    expect([judge(8, 9.5), judge(8, 11), judge(11, 12)]).toEqual(['held', 'not decided', 'failed']);
  });

  test('is counted with its outcome, and one is not many', () => {
    const lines = readPredictions(['0.5', '0.6', '0'].map((p) => `| baseline | mls | errors.precision | any | ${p} | x |`).join('\n'));
    const judged = judgePredictions(runOf([cell('baseline', 'mls', [sampled(0.5, 0.4, 0.6)])]), lines);
    expect(outcomesText(judged)).toBe('Of 3 predictions 0 held, 1 failed, 2 are not decided.');
    expect(outcomesText(judged.slice(0, 1))).toBe('Of 1 prediction 0 held, 0 failed, 1 is not decided.');
  });
});

describe('a printed value', () => {
  test.each([
    [time(0.83, 0.7, 1.1, 1), 'about 1×'], [time(1.2, 1, 1.4, 1), 'about 1×'], [time(1.2, 1.1, 1.4, 1), '1.2×*'], [time(0.93, 0.9, 0.99, 1), '0.93×*'], [time(4, 3.8, 4.2, 2), '2×*'], [time(4, undefined, undefined, 2), '2×'], [time(4, 3.8, 4.2), undefined],
  ])('the ratio of the time %j is %s', (of, expected) => {
    expect(ratioText(of)).toBe(expected);
  });

  test('the interval of a ratio is that of the time over the baseline’s median', () => {
    expect([ratioInterval(time(4, 3, 5, 2)), ratioInterval(time(4, 3, 5)), ratioInterval(time(4, undefined, undefined, 2))]).toEqual([{ low: 1.5, high: 2.5 }, undefined, undefined]);
  });

  test.each([
    [533930872668.16, 'hashes', '534,000,000,000 hashes', '533,930,872,668.2 hashes'], [74434.55, 'trials', '74,400 trials', '74,434.6 trials'], [9999, 'bytes', '9,999\u00a0B', '9,999\u00a0B'], [12345, 'bytes', '12,300\u00a0B', '12,345\u00a0B'],
    [1, 'people', '1 person', '1 person'], [0.5, 'share', '50\u00a0%', '50\u00a0%'], [5.8e-7, 'dollars', '$0.00000058', '$0.00000058'],
  ])('%d %s is %s, exactly %s', (value, unit, rounded, exact) => {
    expect([valueText(value, unit), valueText(value, unit, { exact: true })]).toEqual([rounded, exact]);
  });

  test.each([
    [row('errors.false-positive', 0, { count: 0, of: 300, low: 0, high: 12220.97, method: 'sampled' }), '0 of 300 accounts (up to 12,200 per million)'],
    [row('errors.false-positive', 2013.4, { count: 40, of: 19867, low: 1438.8, high: 2740.7, method: 'sampled' }), '40 of 19,867 accounts (1,439 to 2,741 per million)'],
    [row('reach.reported', 1, { count: 60, of: 60, low: 0.94, high: 1, method: 'sampled' }), '100\u00a0%* (60 of 60)'], [row('reach.reported', 0.5, { count: 30, of: 60, low: 0.4, high: 0.6, method: 'sampled' }), '50\u00a0%*'],
    [row('reach.reported', 1, { count: 60, of: 60 }), '100\u00a0%'], [row('coalition.least', 0), '0 parties: anybody who pays'], [row('coalition.least', 1), '1 party'],
  ])('%j stands alone as %s', (of, expected) => {
    expect(rowText(of, 'accounts')).toBe(expected);
  });

  test('an address of a reference is a link, and a link into the repository is text', () => {
    expect(citation('R. Ozzie, CLEAR, <https://a.example/b>; see [x.md](lab/x.md) & more').markup).toBe('R. Ozzie, CLEAR, <a href="https://a.example/b">https://a.example/b</a>; see x.md &amp; more');
  });
});

describe('the matrix', () => {
  const cellsOf = (page: string, proposal: string): string[] => [...page.matchAll(/<tr><th scope="row"><a href="([a-z-]+)\.html">.*?<\/tr>/g)].filter((m) => m[1] === proposal).flatMap((m) => [...m[0].matchAll(/<td.*?<\/td>/g)].map((td) => td[0].replaceAll(/<svg.*<\/svg>|<[^>]+>/g, '')));
  const columns = (page: string): string[] => [...page.matchAll(/<th scope="col" title="[^"]*">(.*?)<span/g)].map((m) => m[1] ?? '');

  test('has at most seventeen columns, and the sign of what does not arise is another than that of what was not measured', () => {
    const page = matrixPage(runOf([cell('epoch-escrow', 'one-master', [row('reach.past', 1), row('exposed.below-coalition', 0)]), cell('crumple-zone', '20-bits', [row('coalition.least', 0)])]), PROPOSALS);
    const heads = columns(page);
    expect(heads.length).toBeLessThanOrEqual(17);
    const at = (proposal: string, head: string): string | undefined => cellsOf(page, proposal)[heads.indexOf(head)];
    expect([at('epoch-escrow', 'Target’s earlier messages read'), at('epoch-escrow', 'Honest clients that notice'), at('epoch-escrow', 'Abuse that reaches the desk'), at('epoch-escrow', 'Fewest parties that read without an order'), at('crumple-zone', 'Fewest parties that read without an order')])
      .toEqual(['100\u00a0%', '·', '–', 'no set', '0 parties: anybody who pays']);
  });

  test.each([
    ['message-escrow', 'reach.reported', true], ['user-reports', 'reach.past', true], ['user-reports', 'errors.false-positive', true], ['client-matching', 'errors.false-positive', false], ['epoch-escrow', 'audit.unlogged-access', true],
    ['logged-custodians', 'audit.unlogged-access', false], ['clear', 'time.send', true], ['baseline', 'time.send', true], ['epoch-escrow', 'noticed.clients', false], ['clear', 'noticed.clients', false],
  ] as const)('for %s, that %s does not arise is %s', (id, metric, silent) => {
    expect(whySilent(proposalOf(id), metric) !== undefined).toBe(silent);
  });

  test('every dot is named on the proposal’s page, with the variants that it concerns', () => {
    const [clear, crumple] = [proposalOf('clear'), proposalOf('crumple-zone')];
    const run = runOf([cell('clear', 'model', [row('reach.past', 1)]), ...crumple.variants.map((v, i) => cell('crumple-zone', v.id, i === 0 ? [row('noticed.clients', 0)] : []))]);
    const page = matrixPage(run, PROPOSALS);
    for (const proposal of [clear, crumple]) {
      const dots = cellsOf(page, proposal.id).filter((text) => text === '·').length;
      const named = unmeasured(run, proposal).reduce((sum, q) => sum + (q.variants.length === 0 ? proposal.variants.length : q.variants.length), 0);
      expect([proposal.id, dots > 0, named]).toEqual([proposal.id, true, dots]);
    }
    expect(proposalPage(run, crumple, [], () => undefined)).toContain('“Honest clients that notice” (seed of 32 bits, computed; seed of 40 bits, computed)');
  });
});

test('where nothing is accessed the questions about an access have no score; what several read together stands beside a score of one secret', () => {
  const none = [row('reach.past', 0), row('reach.future', 0), row('exposed.others-by-access', 0), row('exposed.by-standing-key', 0)];
  const all = [row('reach.past', 1), row('reach.future', 1), row('exposed.by-standing-key', 0), row('coalition.least', 3), row('exposed.by-coalition', 1)];
  const run = runOf([cell('baseline', 'mls', none), cell('threshold-custodians', '3-of-5', all)]);
  const scored = (proposal: string, variant: string, id: string): ReturnType<typeof scoreVariant>[number] | undefined => scoreVariant(run, proposal, variant).find((s) => s.criterion === id);
  for (const id of ['C3', 'C6']) expect([scored('baseline', 'mls', id)?.score, scored('baseline', 'mls', id)?.why]).toEqual([undefined, 'nothing is accessed']);
  expect([scored('threshold-custodians', '3-of-5', 'K3')?.score, scored('threshold-custodians', '3-of-5', 'K3')?.beside.map((r) => r.value)]).toEqual([2, [3, 1]]);
  expect(proposalPage(run, proposalOf('threshold-custodians'), [], () => undefined)).toContain('3 parties together: 100\u00a0% read');
});

test('an attacker’s own result is shown once when all variants agree, and by variant when not', () => {
  const proposal = { ...proposalOf('threshold-custodians'), attackers: [{ name: 'thief', holds: 'x', tries: 'y' }] };
  const page = (counts: readonly number[]): string => proposalPage(runOf(proposal.variants.map((v, i) => cell(proposal.id, v.id, [], [{ attacker: 'thief', count: counts[i] ?? 0, of: 9, what: 'messages opened' }]))), proposal, [], () => undefined);
  expect(page([0, 0])).toContain('<div>0 of 9 messages opened</div>');
  expect(page([0, 3])).toContain('three of five custodians: <strong>0 of 9 messages opened</strong></li><li>two of three custodians: <strong>3 of 9 messages opened</strong>');
});

describe('the report of a small run', () => {
  let root: string;
  let out: string;
  let written: Awaited<ReturnType<typeof writeReport>>;
  const pages = new Map<string, string>();
  beforeAll(async () => {
    root = await mkdtemp(join(tmpdir(), 'lab-report-'));
    out = join(root, 'run', 'report');
    await runPlan(join(root, 'run'), planRun({ proposals: ['epoch-escrow', 'clear', 'sender-warnings'], sizes: [2], seed: 5 }), () => undefined);
    written = await writeReport(join(root, 'run'), out);
    for (const name of (await readdir(out)).filter((f) => f.endsWith('.html'))) pages.set(name, await readFile(join(out, name), 'utf8'));
  }, 120_000);
  afterAll(() => rm(root, { recursive: true, force: true }));

  const table = async (name: string): Promise<Record<string, string>[]> => parse(await readFile(join(out, name), 'utf8'), { columns: true });
  const text = (markup: string): string => markup.replaceAll(/<[^>]+>/g, '');

  test('has a page for each proposal, and every prediction has one outcome', () => {
    expect([...pages.keys()].toSorted()).toEqual(['about', 'clear', 'epoch-escrow', 'index', 'predictions', 'scores', 'sender-warnings'].map((n) => `${n}.html`));
    expect([written.pages, written.held + written.failed + written.undecided + written.absent]).toEqual([7, written.predictions]);
    expect(text(pages.get('predictions.html') ?? '')).toContain(`Of ${written.predictions} predictions ${written.held} held, ${written.failed} failed, ${written.undecided} `);
  });

  test('no id stands twice on a page, and every link leads to a file and an anchor that exist', async () => {
    const files = new Set(await readdir(out, { recursive: true }));
    const ids = new Map([...pages].map(([name, page]) => [name, [...page.matchAll(/ id="([^"]+)"/g)].map((m) => m[1] ?? '')]));
    const wrong: string[] = [];
    for (const [name, page] of pages) {
      if (new Set(ids.get(name)).size !== ids.get(name)?.length) wrong.push(`${name}: an id stands twice`);
      for (const [, href = ''] of page.matchAll(/ href="([^"]*)"/g)) {
        if (href.startsWith('https://')) continue;
        const [file = '', anchor] = href.split('#');
        if (file !== '' && !files.has(file)) wrong.push(`${name}: ${href}`);
        if (anchor !== undefined && !(ids.get(file === '' ? name : file)?.includes(anchor) ?? false)) wrong.push(`${name}: ${href}`);
      }
    }
    expect(wrong).toEqual([]);
  });

  test('the runs on a page hold every value of the series and of the times, as they stand there', async () => {
    const series = [...await table('series.csv'), ...await table('times.csv')];
    const shown = [...pages.values()].flatMap((page) => [...page.matchAll(/<details id="([^"]+)">(.*?)<\/details>/gs)].flatMap(([, id, body = '']) => [...body.matchAll(/<data value="([^"]+)">(.*?)<\/data>/g)].map((m) => [id, m[1], m[2]])));
    const expected = series.map((s) => [s['cell'], s['value'], valueText(Number(s['value']), s['unit'] ?? '', { exact: s['unit'] !== 'ms' })]);
    expect(shown.length).toBeGreaterThan(50);
    expect(shown.toSorted()).toEqual(expected.toSorted());
  });

  test('a number of the matrix is that of the series for the cell to which it leads', async () => {
    const [series, times, page] = [await table('series.csv'), await table('times.csv'), pages.get('index.html') ?? ''];
    const metrics = [...page.matchAll(/<th scope="col" title="([^"]*)">/g)].map((m) => Object.entries(METRICS).find(([, metric]) => metric.means === m[1])?.[0]);
    expect(metrics).not.toContain(undefined);
    let compared = 0;
    for (const [line] of page.matchAll(/<tr><th scope="row">.*?<\/tr>/g)) {
      for (const [i, [td]] of [...line.matchAll(/<td.*?<\/td>/g)].entries()) {
        const found = /href="[^#]+#([^"]+)".*<data value="([^"]+)">/.exec(td);
        if (found === null) continue;
        const of = (rows: readonly Record<string, string>[]): Record<string, string> | undefined => rows.find((r) => r['cell'] === found[1] && r['metric'] === metrics[i]);
        expect([metrics[i], found[2]]).toEqual([metrics[i], of(series)?.['value'] ?? of(times)?.['ratio']]);
        compared += 1;
      }
    }
    expect(compared).toBeGreaterThan(20);
  });

  test('what was predicted stands in the unit of what came out, with the file’s exception and a copy of the file', async () => {
    const [page, file, docs] = [pages.get('predictions.html') ?? '', await readFile(join(out, 'predictions.txt'), 'utf8'), await readFile(resolve(import.meta.dirname, '../../../docs/lab/predictions.md'), 'utf8')];
    expect(file).toBe(docs);
    expect([docs, page].map((t) => t.includes('but per-epoch escrow'))).toEqual([true, true]);
    expect(page).toMatch(/data-label="Predicted"><div>100\u00a0%</);
  });

  test('the lists of questions name their sources, and the page of conditions says of what the fingerprint is', () => {
    for (const key of ['carnegie-2019', 'nasem-2018', 'keys-under-doormats-2015']) expect(pages.get('scores.html')).toContain(`(${key})</p>`);
    expect(pages.get('about.html')).toContain('SHA-384 over the lab’s sources');
  });
});
