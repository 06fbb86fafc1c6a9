/**
 * New Zealand's published counts released twice at the grain of their files, a year apart: offence division × age × sex × ethnicity ×
 * year with all margins. Each release is withheld, then both are attacked together by a reader who has nothing from the method that
 * chose; a breach ends the benchmark. The data are read in place. Every case has a process of its own.
 * Run with: node benchmarks/new-zealand.ts [case ...]
 * @module
 */
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { auditCells, suppressTable } from '@weighbridge/protect';
import type { ListedCell, SuppressionMethod } from '@weighbridge/protect';
import { adultsConvicted, policeProceedings } from '../test/data/nz-sources.ts';
import { YearlyReleases, asList, readFinest } from '../test/data/yearly-releases.ts';
import type { Choose, Years } from '../test/data/yearly-releases.ts';
import { machine, peakMib } from './machine.ts';

const DATA = fileURLToPath(new URL('../../shared/data', import.meta.url));

interface Case extends Years {
  readonly source: (data: string) => string;
  readonly method: SuppressionMethod;
}

interface Release {
  readonly cells: number;
  readonly unsafe: number;
  /** Withheld besides the unsafe ones; in the second release with those that the first withheld. */
  readonly secondary: number;
  readonly cpuSeconds: number;
}

interface Figures {
  readonly first: Release;
  readonly second: Release;
  /** The attack on both releases together. */
  readonly attack: { readonly breaches: number; readonly programs: number; readonly cpuSeconds: number };
  readonly wallSeconds: number;
  readonly cpuSeconds: number;
  readonly peakMib: number;
}

const years = (from: number, to: number): string[] => Array.from({ length: to - from + 1 }, (_, i) => String(from + i));
const CASES: Readonly<Record<string, Case>> = {
  'police-2015-2016': { source: policeProceedings, first: ['2015'], next: '2016', method: 'boxes' },
  'police-2015-2019': { source: policeProceedings, first: years(2015, 2018), next: '2019', method: 'boxes' },
  'justice-2001-2002': { source: adultsConvicted, first: ['2001'], next: '2002', method: 'boxes' },
  'justice-2001-2005': { source: adultsConvicted, first: years(2001, 2004), next: '2005', method: 'boxes' },
};

/** CPU seconds since a reading of the clock. */
function cpuSince(start: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(start);
  return Number(((user + system) / 1e6).toFixed(2));
}

async function measure(name: string): Promise<Figures> {
  const known = CASES[name];
  if (known === undefined) throw new Error(`no case ${name}: name some of ${Object.keys(CASES).join(', ')}`);
  const releases = new YearlyReleases(known, await readFinest(DATA, known.source(DATA)));
  // Reads before the clock starts: what is measured is the method and the attack.
  const [cpu, wall] = [process.cpuUsage(), performance.now()];
  const choose: Choose = (table, { primary, forced }) => suppressTable(table, { rules: releases.spec.rules, primary, method: known.method, intervals: false, ...(forced === undefined ? {} : { forced }) });
  const withheld = async (cells: readonly ListedCell[], before?: readonly ListedCell[]): Promise<{ readonly rows: readonly ListedCell[]; readonly release: Release }> => {
    const start = process.cpuUsage();
    const rows = await releases.withhold(cells, choose, before);
    const of = (status: ListedCell['status']): number => rows.filter((row) => row.status === status).length;
    return { rows, release: { cells: rows.length, unsafe: of('primary'), secondary: of('secondary'), cpuSeconds: cpuSince(start) } };
  };
  const first = await withheld(releases.early);
  const second = await withheld(releases.late, first.rows);
  const start = process.cpuUsage();
  const { certificate: { summary } } = await auditCells(asList(second.rows), releases.spec, [asList(first.rows)], { intervals: false });
  return {
    first: first.release, second: second.release, attack: { breaches: summary.breaches, programs: summary.programs, cpuSeconds: cpuSince(start) },
    wallSeconds: Number(((performance.now() - wall) / 1000).toFixed(2)), cpuSeconds: cpuSince(cpu), peakMib: peakMib(),
  };
}

function all(names: readonly string[]): void {
  const cases: Record<string, Figures> = {};
  for (const name of names) {
    const figures = JSON.parse(execFileSync(process.execPath, [import.meta.filename, 'one', name], { encoding: 'utf8', maxBuffer: 1 << 26 })) as Figures;
    cases[name] = figures;
    process.stderr.write(`${name.padEnd(28)} ${JSON.stringify(figures)}\n`);
  }
  process.stdout.write(`${JSON.stringify({ benchmark: 'new-zealand', cases, machine: machine() })}\n`);
  const broken = Object.entries(cases).filter(([, { attack }]) => attack.breaches > 0);
  for (const [name, { attack }] of broken) process.stderr.write(`BROKEN: ${name}: ${attack.breaches} unsafe cells can be derived from both releases\n`);
  process.exitCode = broken.length > 0 ? 1 : 0;
}

const [first, name] = process.argv.slice(2);
if (first === 'one' && name !== undefined) process.stdout.write(JSON.stringify(await measure(name)));
else if (!existsSync(DATA)) process.stderr.write('NOT RUN: new-zealand: the real data are not there (../shared/data)\n');
else all(first === undefined ? Object.keys(CASES) : process.argv.slice(2));
