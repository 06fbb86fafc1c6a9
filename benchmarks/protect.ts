/**
 * Disclosure control: suppression and attack on the published cases beside the peers' figures for the same files, growth with
 * the number of cells on generated tables, and a million records of five dimensions from records to a rounded table.
 * The cases are read in place; where they are absent, the rest runs. Every case has a process of its own.
 * Run with: node benchmarks/protect.ts [case ...]
 * @module
 */
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { auditSuppression, makeCellTable, makeHierarchy, protectCells, suppressByBoxes, suppressByElimination, suppressByProgram, suppressTable, tabulateRecords } from '@weighbridge/protect';
import type { CellTable, PrimaryCell, ProtectionSpec, RecordRow, SecondaryOptions, Suppression } from '@weighbridge/protect';
import { haveCases, readS1, readS4, readWays } from '../packages/protect/test/gate/case-files.ts';
import type { PatternList } from '../packages/protect/test/gate/case-files.ts';
import { ADDRESSES, geography } from './geography.ts';
import { growthChart } from './growth-chart.ts';
import { machine, peakMib } from './machine.ts';

interface Figures {
  readonly cells: number;
  readonly primary?: number;
  readonly secondary?: number;
  readonly value?: number;
  readonly valueShare?: number;
  readonly secondaryShare?: number;
  readonly breaches?: number;
  readonly programs?: number;
}

interface Case {
  /** What the peer's own reference says of the same file, on another machine of the same class. */
  readonly peer: string;
  readonly run: () => Promise<Figures>;
}

const tableOf = (list: PatternList, magnitudes: boolean): CellTable => {
  const hierarchies = list.dimensions.map((d) => makeHierarchy({ name: d.name, sums: d.sums }));
  const keys = Int32Array.from(list.keys.flatMap((key) => key.map((code, d) => hierarchies[d]?.index.get(code) ?? -1)));
  return makeCellTable(hierarchies, keys, Float64Array.from(list.value), magnitudes ? Float64Array.from(list.value) : undefined);
};

function optionsOf(list: PatternList, magnitudes: boolean): SecondaryOptions {
  const need = new Map((list.required ?? []).map(({ cell, up }) => [cell, up]));
  const primary = new Map(list.keys.flatMap((_, cell): [number, PrimaryCell][] => (list.primary[cell] === true ? [[cell, { reason: 'unsafe', upper: need.get(cell) ?? 0 }]] : [])));
  return { primary, zerosPrinted: true, whole: !magnitudes, ...(magnitudes ? { cost: 'values' as const } : {}) };
}

/** Reads before the clock starts: what is measured is the method alone. */
const started = { cpu: process.cpuUsage(), wall: performance.now() };
function start(): void {
  started.cpu = process.cpuUsage();
  started.wall = performance.now();
}

const suppression = (read: () => PatternList, magnitudes: boolean, method: (table: CellTable, options: SecondaryOptions) => Promise<Pick<Suppression, 'secondary'> | undefined> | Suppression | undefined) => async (): Promise<Figures> => {
  const list = read();
  const table = tableOf(list, magnitudes);
  const options = optionsOf(list, magnitudes);
  start();
  const secondary = [...(await method(table, options))?.secondary.keys() ?? []];
  const value = secondary.reduce((sum, cell) => sum + (list.value[cell] ?? 0), 0);
  const total = list.value.reduce((most, each) => Math.max(most, each), 0);
  return { cells: table.size, primary: options.primary.size, secondary: secondary.length, value, valueShare: Number((value / total).toFixed(4)) };
};

const attack = (read: () => PatternList, magnitudes: boolean, column: string, intervals = true) => async (): Promise<Figures> => {
  const list = read();
  const table = tableOf(list, magnitudes);
  const options = optionsOf(list, magnitudes);
  const pattern = list.pattern(column);
  const secondary = new Map(list.keys.flatMap((_, cell): [number, string][] => (pattern[cell] === true && list.primary[cell] !== true ? [[cell, '']] : [])));
  start();
  const { breaches, programs } = await auditSuppression(table, options, { secondary }, { intervals });
  return { cells: table.size, primary: options.primary.size, secondary: secondary.size, breaches: breaches.length, programs };
};

const programs = (table: CellTable, options: SecondaryOptions): Promise<Suppression> => suppressByProgram(table, { ...options, ...(options.whole ? {} : { suggestion: suppressByElimination(table, options, false)?.secondary.keys() ?? [] }) });

/** The whole way from unsafe amounts to the proof of each; against contributors too where they are given. */
const proved = (file: Parameters<typeof readS4>[0], insiders: boolean) => async (): Promise<Figures> => {
  const list = readS4(file);
  const numbers = new Map<string, number>();
  const parts = (list.contributions ?? []).map(({ cell, contributor, amount }) => ({ cell, amount, contributor: numbers.get(contributor) ?? numbers.set(contributor, numbers.size).size - 1 }));
  return suppression(() => list, true, (table, { primary }) => suppressTable(table, { rules: {}, primary, method: 'combined', cost: 'values', intervals: false, ...(insiders ? { insiders: { parts } } : {}) }))();
};

/** Counts with a long tail over regions × kinds × reasons: the same for the same size. */
function grownTable(cells: number): CellTable {
  const regions = Math.max(3, Math.round(cells / (13 * 9)) - 1);
  const groups = Math.max(1, Math.round(Math.sqrt(regions)));
  const names = (letter: string, count: number): string[] => Array.from({ length: count }, (_, i) => `${letter}${i}`);
  const region = makeHierarchy({ name: 'region', sums: [...[...Map.groupBy(names('r', regions), (_, i) => i % groups)].map(([g, parts]) => ({ total: `g${g}`, parts })), { total: 'Total', parts: names('g', groups) }] });
  const kind = makeHierarchy({ name: 'kind', sums: [{ total: 'Total', parts: names('k', 12) }] });
  const reason = makeHierarchy({ name: 'reason', sums: [{ total: 'Total', parts: names('c', 8) }] });
  const hierarchies = [region, kind, reason];
  const strides = [kind.codes.length * reason.codes.length, reason.codes.length, 1];
  const size = hierarchies.reduce((product, h) => product * h.codes.length, 1);
  const freq = new Float64Array(size);
  let state = 20_231_106;
  const draw = (): number => (state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0) / 2 ** 32;
  const address = (key: readonly number[]): number => key.reduce((sum, code, d) => sum + code * (strides[d] ?? 0), 0);
  for (const r of region.leaves) for (const k of kind.leaves) for (const c of reason.leaves) {
    const n = draw() < 0.02 ? 1 + Math.floor(2 * draw()) : 3 + Math.floor(Math.exp(6 * draw()));
    for (const a of region.above[r] ?? []) for (const b of kind.above[k] ?? []) for (const d of reason.above[c] ?? []) {
      const at = address([a, b, d]);
      freq[at] = (freq[at] ?? 0) + n;
    }
  }
  const keys = Int32Array.from({ length: size * 3 }, (_, i) => Math.floor(Math.floor(i / 3) / (strides[i % 3] ?? 1)) % (hierarchies[i % 3]?.codes.length ?? 1));
  return makeCellTable(hierarchies, keys, freq);
}

const growth = (cells: number) => async (): Promise<Figures> => {
  const table = grownTable(cells);
  const primary = new Map([...table.freq.keys()].filter((cell) => (table.freq[cell] ?? 0) > 0 && (table.freq[cell] ?? 0) < 3).map((cell): [number, PrimaryCell] => [cell, { reason: 'small', upper: 0 }]));
  start();
  const { secondary, unproved } = await suppressByBoxes(table, { primary, zerosPrinted: true, whole: true });
  return { cells: table.size, primary: primary.size, secondary: secondary.size, breaches: unproved.length };
};

const DIMENSIONS = [['district', 16], ['year', 5], ['agency', 12], ['kind', 8], ['reason', 10]] as const;

async function millionRecords(): Promise<Figures> {
  const spec: ProtectionSpec = { dimensions: DIMENSIONS.map(([column]) => ({ column, total: 'Total' })), rules: {}, method: 'round-base-3', marksTold: false, seed: 'a secret of the benchmark' };
  const codes = DIMENSIONS.map(([column, size]) => Array.from({ length: size }, (_, i) => `${column}${i}`));
  let state = 20_231_106;
  const draw = (): number => (state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0) / 2 ** 32;
  function* records(): Generator<RecordRow> {
    for (let i = 0; i < 1_000_000; i++) yield { key: codes.map((list) => list[Math.floor(list.length * draw() ** 1.6)] ?? '') };
  }
  start();
  const { certificate } = await protectCells(await tabulateRecords(records(), spec), spec);
  return { cells: certificate.summary.cells };
}

/** The whole way: unsafe cells, others withheld for them, and proof of each. */
async function largest(): Promise<Figures> {
  const { rows, spec } = await geography();
  start();
  const { cells, certificate } = await protectCells(rows, spec, { intervals: false });
  const secondary = cells.filter((cell) => cell.status === 'secondary').length;
  return { cells: cells.length, primary: certificate.summary.primary, secondary, secondaryShare: Number((secondary / ADDRESSES).toFixed(4)), breaches: certificate.summary.breaches, programs: certificate.summary.programs };
}

const SIZES = [1_000, 10_000, 100_000, 1_000_000];
const CASES: Readonly<Record<string, Case>> = {
  ...(haveCases() ? {
    's1-elimination': { peer: 'GaussSuppression, no singletons: 240 secondary, 5.8 CPU s', run: suppression(() => readS1('maxN2'), false, (t, o) => suppressByElimination(t, o, false)) },
    's1-optimisation': { peer: 'GaussSuppression, anySum: 679 secondary, value 2,807, 6.5 CPU s', run: suppression(() => readS1('maxN2'), false, programs) },
    's2-three-way-boxes': { peer: 'GaussSuppression, anySum: 4,714 secondary, value 44,536, 697 CPU s', run: suppression(() => readWays('S2', 3), false, suppressByBoxes) },
    's3-two-way-boxes': { peer: 'GaussSuppression, anySum: 188 secondary, value 1,402, 2.0 CPU s', run: suppression(() => readWays('S3', 2), false, suppressByBoxes) },
    's3-three-way-boxes': { peer: 'GaussSuppression, anySum: 4,818 secondary, value 66,744, 65 CPU s', run: suppression(() => readWays('S3', 3), false, suppressByBoxes) },
    's3-three-way-optimisation': { peer: 'GaussSuppression, anySum: 4,818 secondary, value 66,744, 65 CPU s', run: suppression(() => readWays('S3', 3), false, programs) },
    's4-area-combined': { peer: 'GaussSuppression, numttHTT: 183 secondary, 1.18 % of the value, 6.5 CPU s, 13 cells below their level', run: proved('area_zone_region_x_size.p10.numttHTT', false) },
    's4-area-contributors': { peer: 'the same, whose rule for singletons leaves none known to a contributor', run: proved('area_zone_region_x_size.p10.numttHTT', true) },
    's4-district-combined': { peer: 'GaussSuppression, numttHTT: 849 secondary, 3.57 % of the value, 194 CPU s, 115 cells below their level', run: proved('district_x_size.p10.numttHTT', false) },
    's4-district-contributors': { peer: 'the same completed to all levels: 994 secondary, 4.29 %', run: proved('district_x_size.p10.numttHTT', true) },
    's4-area-optimisation': { peer: 'GaussSuppression, numttHTT: 183 secondary, 1.18 % of the value, 6.5 CPU s, 13 cells below their level', run: suppression(() => readS4('area_zone_region_x_size.p10.numttHTT'), true, programs) },
    's4-district-optimisation': { peer: 'GaussSuppression, numttHTT: 849 secondary, 3.57 % of the value, 194 CPU s, 115 cells below their level', run: suppression(() => readS4('district_x_size.p10.numttHTT'), true, programs) },
    'geography-148140': { peer: 'tau-ARGUS modular on a table of the same size: 10.63 % secondary, about 11 h; 2.6 % left unsafe', run: largest },
    's1-attack-plain': { peer: 'ComputeIntervals with HiGHS: some 350 to 400 CPU s', run: attack(() => readS1('maxN2'), false, 'gauss_none') },
    's1-attack-verdict': { peer: 'ComputeIntervals with HiGHS, which gives intervals too: some 350 to 400 CPU s', run: attack(() => readS1('maxN2'), false, 'gauss_anySum', false) },
    's1-attack': { peer: 'ComputeIntervals with HiGHS: some 350 to 400 CPU s', run: attack(() => readS1('maxN2'), false, 'gauss_anySum') },
  } satisfies Record<string, Case> : {}),
  ...Object.fromEntries(SIZES.map((cells): [string, Case] => [`growth-${cells}`, { peer: 'GaussSuppression grows about with the square of the cells', run: growth(cells) }])),
  'million-records': { peer: 'tabulation alone, in R: 2 to 9 s', run: millionRecords },
};

async function measure(name: string): Promise<void> {
  const known = CASES[name];
  if (known === undefined) throw new Error(`no case ${name}`);
  const figures = await known.run();
  const cpu = process.cpuUsage(started.cpu);
  process.stdout.write(JSON.stringify({ ...figures, wallSeconds: Number(((performance.now() - started.wall) / 1000).toFixed(2)), cpuSeconds: Number(((cpu.user + cpu.system) / 1e6).toFixed(2)), peakMib: peakMib() }));
}

type Result = Figures & { readonly wallSeconds: number; readonly cpuSeconds: number; readonly peakMib: number };

function all(names: readonly string[]): void {
  if (!haveCases()) process.stderr.write('NOT RUN: the published cases are not there (../shared/cases/sdc)\n');
  const results: Record<string, Result & { peer: string }> = {};
  for (const name of names) {
    const result = JSON.parse(execFileSync(process.execPath, [import.meta.filename, 'one', name], { encoding: 'utf8', maxBuffer: 1 << 26 })) as Result;
    const peer = CASES[name]?.peer ?? '';
    results[name] = { ...result, peer };
    process.stderr.write(`${name.padEnd(28)} ${JSON.stringify(result)}\n${' '.repeat(28)} peer: ${peer}\n`);
  }
  const points = SIZES.flatMap((cells) => { const r = results[`growth-${cells}`]; return r === undefined ? [] : [{ cells: r.cells, seconds: r.cpuSeconds }]; });
  const fitted = points.length < 2 ? undefined : growthChart(points);
  if (fitted !== undefined) writeFileSync(join(import.meta.dirname, 'results', 'protect-growth.svg'), fitted.svg);
  process.stdout.write(`${JSON.stringify({ benchmark: 'protect', cases: results, ...(fitted === undefined ? {} : { growthExponent: fitted.exponent }), machine: machine() })}\n`);
}

const [first, name] = process.argv.slice(2);
if (first === 'one' && name !== undefined) await measure(name);
else all(first === undefined ? Object.keys(CASES) : process.argv.slice(2));
