/** Work that takes long tells how far it is, and stops when it is told to: an abort at the first report leaves hardly a further one. */
import { expect, test } from 'vitest';
import { audit, auditCells, compareMethods, judgeRequest, protectCells, protectTables, suppressTable, tabulateRecords } from '../src/index.ts';
import type { CellRow, Knowledge, ProtectionSpec, RecordRow, ReleasedRow } from '../src/index.ts';
import { cellTableOf } from '../src/cell-rows.ts';
import { KEY, dimensionsOf, tableOf } from './tables.ts';

const SPEC: ProtectionSpec = {
  dimensions: [{ column: 'district', total: 'Total' }, { column: 'kind', total: 'Total' }],
  rules: { minFrequency: { threshold: 3, zeros: 'published' } }, method: 'combined', marksTold: false, seed: 'a secret of the series',
};
const SIDE = 9;
/** Nine by nine counts with their margins, every third one unsafe. */
const COUNTS = Array.from({ length: SIDE }, (_, i) => Array.from({ length: SIDE }, (__, k) => ((i * 5 + k * 7) % 3 === 0 ? 1 + ((i + k) % 2) : 4 + ((i * 13 + k * 29) % 17))));
const ROWS = rowsOf(COUNTS);
const TABLE = cellTableOf(ROWS, SPEC);
const LISTED = ROWS.map((row): ReleasedRow => ({ ...row, status: row.freq < 3 ? 'primary' : row.key.includes('Total') ? 'published' : 'secondary' }));

interface Watched {
  readonly signal: AbortSignal;
  readonly onProgress: (stage: string, done: number, of: number) => void;
}

/** Each can say how far it is, and be stopped. Progress that has no end to compare with is told as 0 of 0. */
const WORK: readonly (readonly [title: string, run: (watched: Watched) => Promise<unknown>])[] = [
  ...(['combined', 'optimisation', 'boxes', 'elimination', 'elimination-singletons'] as const).map((method) => [`suppressTable, ${method}`, ({ signal, onProgress }: Watched) => suppressTable(TABLE, { rules: SPEC.rules, method, signal, onProgress })] as const),
  ['audit', ({ signal, onProgress }) => audit(knowledge(), { required: new Map(LISTED.flatMap(({ status }, cell) => (status === 'primary' ? [[cell, 0]] : []))), signal, onProgress: (done, of) => { onProgress('', done, of); } })],
  ['auditCells', (watched) => auditCells(LISTED, SPEC, [], watched)],
  ['protectCells, combined', (watched) => protectCells(ROWS, SPEC, watched)],
  ['protectCells, against contributors', (watched) => protectCells(ROWS, { ...SPEC, insiders: true }, watched)],
  ...(['round-base-3', 'controlled-rounding', 'small-count-rounding', 'cell-key'] as const).map((method) => [`protectCells, ${method}`, (watched: Watched) => protectCells(ROWS, { ...SPEC, method }, watched)] as const),
  ['protectTables', (watched) => protectTables([1, 2].map((n) => tableOf(dimensionsOf([codes('x'), codes('y')]), COUNTS.flat(), { id: `t${n}`, threshold: 3, universe: `u${n}` })), KEY, watched)],
  ['compareMethods', (watched) => compareMethods(ROWS, SPEC, undefined, watched)],
  ['judgeRequest', (watched) => judgeRequest({ rows: ROWS }, SPEC, [{ columns: ['district', 'kind'], rows: LISTED }], watched)],
  ['tabulateRecords', ({ signal, onProgress }) => tabulateRecords(records(), SPEC, { signal, onProgress: () => { onProgress('records', 0, 0); } })],
];

test.each(WORK)('%s tells how far it is, and never beyond the end', async (_, run) => {
  const reports: [string, number, number][] = [];
  await run({ signal: new AbortController().signal, onProgress: (...report) => { reports.push(report); } });
  expect(reports.length).toBeGreaterThan(0);
  expect(reports.filter(([, done, of]) => !(done >= 0 && done <= of))).toEqual([]);
});

test.each(WORK)('%s stops at the first report: AbortError, and no report more', async (_, run) => {
  const stop = new AbortController();
  let after = -1;
  await expect(run({ signal: stop.signal, onProgress: () => {
    after++;
    stop.abort();
  } })).rejects.toMatchObject({ name: 'AbortError' });
  expect(after).toBe(0);
});

test.each(WORK)('%s does not begin when it was stopped before', async (_, run) => {
  let reports = 0;
  await expect(run({ signal: AbortSignal.abort(), onProgress: () => { reports++; } })).rejects.toMatchObject({ name: 'AbortError' });
  // A stage may be named before the signal is looked at.
  expect(reports).toBeLessThanOrEqual(1);
});

test.each(WORK)('%s gives the reason that the signal has', async (_, run) => {
  const [stop, reason] = [new AbortController(), new Error('the page was closed')];
  await expect(run({ signal: stop.signal, onProgress: () => { stop.abort(reason); } })).rejects.toBe(reason);
});

/** Ten by ten by ten counts with their margins: more of them than one report tells of. */
const CUBE = cubeOf(10);
const CUBE_SPEC: ProtectionSpec = { ...SPEC, dimensions: ['district', 'kind', 'year'].map((column) => ({ column, total: 'Total' })) };

test.each([
  ['boxes', 'choice', 2], ['elimination', 'choice', 1], ['elimination-singletons', 'choice', 1], ['combined', 'choice', 2], ['controlled-rounding', 'controlled-rounding', 3],
  ['elimination', 'audit', 2], ['boxes', 'audit', 2],
] as const)('%s stops in the middle of its %s, at report %i: no report more, in this stage or another', async (method, stage, report) => {
  const stop = new AbortController();
  const stages: string[] = [];
  await expect(protectCells(CUBE, { ...CUBE_SPEC, method }, { signal: stop.signal, onProgress: (at) => {
    stages.push(at);
    if (stages.filter((each) => each === stage).length === report) stop.abort();
  } })).rejects.toMatchObject({ name: 'AbortError' });
  expect(stages.at(-1)).toBe(stage);
  expect(stages.filter((each) => each === stage)).toHaveLength(report);
});

test('compareMethods hears a signal from outside, such as a timer’s or a request’s, before the next method', async () => {
  const stop = new AbortController();
  const methods: string[] = [];
  await expect(compareMethods(ROWS, SPEC, ['boxes', 'round-base-3', 'cell-key'], { signal: stop.signal, onProgress: (stage) => {
    if (methods.at(-1) !== stage) methods.push(stage);
    if (stage === 'boxes') setTimeout(() => { stop.abort(); });
  } })).rejects.toMatchObject({ name: 'AbortError' });
  expect(methods).toEqual(['boxes']);
});

function codes(letter: string): string[] {
  return Array.from({ length: SIDE }, (_, i) => `${letter}${i}`);
}

function rowsOf(counts: readonly (readonly number[])[]): CellRow[] {
  const sum = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0);
  const rows = counts.flatMap((row, i) => [...row.map((freq, k): CellRow => ({ key: [`d${i}`, `k${k}`], freq })), { key: [`d${i}`, 'Total'], freq: sum(row) }]);
  const columns = counts.map((_, k) => sum(counts.map((row) => row[k] ?? 0)));
  return [...rows, ...columns.map((freq, k): CellRow => ({ key: ['Total', `k${k}`], freq })), { key: ['Total', 'Total'], freq: sum(columns) }];
}

function cubeOf(side: number): CellRow[] {
  const sums = new Map<string, number>();
  for (let i = 0; i < side; i++) for (let k = 0; k < side; k++) for (let y = 0; y < side; y++) {
    const freq = (i * 5 + k * 7 + y * 11) % 3 === 0 ? 1 + ((i + k + y) % 2) : 4 + ((i * 13 + k * 29 + y * 17) % 19);
    for (const d of [`d${i}`, 'Total']) for (const e of [`k${k}`, 'Total']) for (const f of [`y${y}`, 'Total']) sums.set(`${d} ${e} ${f}`, (sums.get(`${d} ${e} ${f}`) ?? 0) + freq);
  }
  return [...sums].map(([key, freq]): CellRow => ({ key: key.split(' '), freq }));
}

function knowledge(): Knowledge {
  return {
    relations: TABLE.relations, value: TABLE.freq, printed: (cell) => LISTED[cell]?.status === 'published', whole: true,
    lower: new Float64Array(TABLE.size).fill(1), upper: new Float64Array(TABLE.size).fill(Infinity),
  };
}

function* records(): Generator<RecordRow> {
  for (let i = 0; i < 25_000; i++) yield { key: [`d${i % 5}`, `k${i % 7}`] };
}
