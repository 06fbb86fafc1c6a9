/**
 * The small cases of `../shared/cases/sdc`: examples of other systems with their patterns, and tables from public threads.
 * Read in place; layouts in the README beside them.
 * @module
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CASES, dimensionsOf, patternList, readColumns, tableOf, withHidden, withLevels } from './case-files.ts';
import type { PatternList } from './case-files.ts';
import { caseOf } from './cell-list.ts';
import type { GateCase } from './gate-case.ts';

/** How the output of an example is read. */
interface Example {
  /** Column of the output that names a dimension's codes → columns of the input with its levels, finest first. */
  readonly dimensions: Readonly<Record<string, readonly string[]>>;
  readonly input: string;
  readonly measure: string;
  /** Zeros are printed, so an unprinted cell is at least 1. */
  readonly zerosPrinted: boolean;
  /** A p percent rule; counts have none. */
  readonly percent?: number;
}

const D2 = ['region', 'county', 'k_group'];
const SECTOR = ['sector4', 'sector2'];
const GEO = ['geo', 'eu'];
const D3 = { input: 'd3', measure: 'freq', dimensions: { region: D2, main_income: ['main_income'], months: ['months', 'months2'] } };
const MUN = { input: 'mun_accidents', measure: 'freq', dimensions: { mun: ['mun'], inj: ['inj'] } };
const FIRMS = { input: 'magnitude1', measure: 'value', dimensions: { sector4: SECTOR, geo: GEO }, zerosPrinted: false };

/** The examples of the folder `bundled`. */
export const EXAMPLES: Readonly<Record<string, Example>> = {
  'mun_accidents.maxN3': { ...MUN, zerosPrinted: false },
  'mun_accidents.maxN3.zerosPublished': { ...MUN, zerosPrinted: true },
  'd2.region_county_kgroup.maxN2': { input: 'd2', measure: 'f', dimensions: { region: D2 }, zerosPrinted: false },
  'd2.formula.maxN3': { input: 'd2', measure: 'f', dimensions: { main_income: ['main_income'], region: D2 }, zerosPrinted: false },
  'd2.all4.maxN3': { input: 'd2', measure: 'freq', dimensions: { region: D2, main_income: ['main_income'] }, zerosPrinted: false },
  'd3.all.maxN5': { ...D3, zerosPrinted: false },
  'd3.all.maxN5.zerosPublished': { ...D3, zerosPrinted: true },
  'd4.months.maxN3.zerosPublished': { input: 'd4', measure: 'freq', dimensions: { region: D2, main_income: ['main_income'], months: ['months'] }, zerosPrinted: true },
  'magnitude1.n12k8099': FIRMS,
  'magnitude1.p10': { ...FIRMS, percent: 10 },
  'magnitude1.p10.hier': { ...FIRMS, percent: 10 },
};

/** The case of an example's pattern; cells of the crossing that the example does not show are hidden ones. */
export function readExample(name: string): GateCase {
  const example = EXAMPLES[name];
  if (!example) throw new RangeError(`no example ${name}`);
  const records = readColumns(`bundled/${example.input}.in.csv`);
  const dimensions = dimensionsOf(records, example.dimensions);
  const magnitude = example.input === 'magnitude1';
  const table = tableOf(records, dimensions, magnitude ? { value: 'value', contributor: 'company' } : { freq: example.measure });
  const columns = readColumns(`bundled/${name}.out.csv${example.input === 'd4' ? '.gz' : ''}`);
  const list = withHidden(patternList(columns, dimensions, example.measure), table, magnitude ? 'value' : 'freq');
  const known = magnitude ? withLevels(list, table, example.percent ?? 0) : list;
  return caseOf({ ...known, ...(example.percent === undefined ? { required: [] } : {}) }, known.pattern('suppressed'), { lower: example.zerosPrinted ? 1 : 0, integer: !magnitude });
}

/** A table from the threads and help pages of other systems (folder `kat`). */
export function readThread(name: 'issue135' | 'issue136' | 'gaussdoc', output: string, pattern = 'suppressed'): GateCase {
  const records = readColumns(`kat/${name}.in.csv`);
  const levels: Readonly<Record<string, readonly string[]>> = name === 'issue136' ? { region: ['region', 'county', 'group'] } : { var1: ['var1'], var2: ['var2'] };
  const dimensions = dimensionsOf(records, levels);
  const list: PatternList = patternList(readColumns(`kat/${output}.out.csv`), dimensions, name === 'issue136' ? 'n' : 'values');
  const suppressed = list.pattern(pattern);
  // A pattern that hides a zero tells that zeros are not printed for certain.
  return caseOf(list, suppressed, { lower: list.value.some((v, i) => v === 0 && suppressed[i]) ? 0 : 1, integer: true });
}

/** A test problem of a system under a licence that does not allow copies: status u, x and s in the output, or primary cells only. */
export function readTestProblem(problem: 'testproblem' | 'problemdata', method: string, primaryOnly = false): GateCase {
  const columns = readColumns(`gpl-test-input-only/sdcTable_${problem}.${method}.out.csv`);
  const [names, total] = problem === 'testproblem' ? [['region', 'gender'], 'total'] : [['v1', 'v2'], 'tot'];
  const levels = names.map((n) => columns.text(n));
  const dimensions = names.map((name, d) => ({ name, sums: [{ total, parts: [...new Set(levels[d])].filter((c) => c !== total) }] }));
  const list = patternList(columns, dimensions, 'Freq');
  const status = columns.text('sdcStatus');
  const primary = status.map((s) => s === 'u');
  return caseOf({ ...list, primary }, status.map((s) => s === 'u' || (!primaryOnly && s === 'x')), { lower: 0, integer: true });
}

/** An audited table of the file of known answers. */
export interface KnownAudit {
  readonly id: string;
  readonly intervals?: Readonly<Record<string, readonly [number, number]>>;
  readonly attack_before?: Readonly<Record<string, readonly [number, number]>>;
}

/** The audits whose intervals are known. */
export function readKnownAudits(): readonly KnownAudit[] {
  return (JSON.parse(readFileSync(join(CASES, 'kat/known-answers.json'), 'utf8')) as { audit: KnownAudit[] }).audit;
}
