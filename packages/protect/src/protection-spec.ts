/**
 * The specification of a protection, `SPEC.json`: dimensions with their sums, rules, method.
 * @module
 */
import { refuse } from '@weighbridge/base';
import type { CodeSum } from './hierarchy.ts';
import { isPerturbation, PERTURBATIONS } from './perturb-table.ts';
import type { PerturbationMethod } from './perturb-table.ts';
import { makePtable } from './perturb/index.ts';
import type { PtableSettings } from './perturb/index.ts';
import type { PrimaryRules } from './primary.ts';
import type { CostOf } from './secondary.ts';
import type { SuppressionMethod } from './suppress-table.ts';

export interface SpecDimension {
  /** Column of the cells file. */
  readonly column: string;
  /** Code of the total, where every other code of the column adds to it. */
  readonly total?: string;
  /** Every sum between codes, where there are levels or several hierarchies. */
  readonly sums?: readonly CodeSum[];
}

export interface ProtectionSpec {
  readonly dimensions: readonly SpecDimension[];
  readonly rules: PrimaryRules;
  readonly method: SuppressionMethod | PerturbationMethod;
  /** Withheld cells tell which of them are unsafe; default: one mark for all. */
  readonly marksTold: boolean;
  readonly cost?: CostOf;
  readonly effort?: number;
  /** Seconds for the search by linear programs of the method `combined`: the pattern then depends on the machine, and is safe all the same. */
  readonly seconds?: number;
  /** Secret, for methods that change counts: at least 16 characters. */
  readonly seed?: string;
  /** Of `round-base-n` (default 5), `controlled-rounding` and `small-count-rounding` (default 3). */
  readonly base?: number;
  /** Of `cell-key`: what its table of changes is made of. */
  readonly ptable?: PtableSettings;
}

/** Methods of suppression, then those that change counts. */
export const METHODS = ['combined', 'optimisation', 'boxes', 'elimination', 'elimination-singletons', ...PERTURBATIONS] as const satisfies readonly ProtectionSpec['method'][];
const COSTS = ['cells', 'values', 'information'] as const;
const LARGEST_BASE = 2 ** 20;
const KEYS = ['dimensions', 'rules', 'method', 'marksTold', 'cost', 'effort', 'seconds', 'seed', 'base', 'ptable'];
const RULES = ['minFrequency', 'dominance', 'pPercent', 'pq', 'groupDisclosure'];

/**
 * Reads a specification from its JSON text.
 * @throws Refusal `SPEC` naming the key that is wrong, missing or unknown
 */
export function readProtectionSpec(text: string): ProtectionSpec {
  let spec: unknown;
  try {
    spec = JSON.parse(text);
  } catch {
    return wrong('', 'the specification is not JSON');
  }
  if (!isObject(spec)) return wrong('', 'expected an object');
  for (const key of Object.keys(spec)) if (!KEYS.includes(key)) wrong(key, `there is no such key; known are ${KEYS.join(', ')}`);
  const { dimensions, rules, method = 'combined', marksTold = false, cost, effort, seconds, seed, base, ptable } = spec;
  if (!Array.isArray(dimensions) || dimensions.length === 0) return wrong('dimensions', 'expected a list of at least one dimension');
  const chosen = METHODS.find((m) => m === method) ?? wrong('method', `expected one of ${METHODS.join(', ')}`);
  if (typeof marksTold !== 'boolean') return wrong('marksTold', 'expected true or false');
  if (cost !== undefined && !COSTS.some((c) => c === cost)) return wrong('cost', `expected one of ${COSTS.join(', ')}`);
  if (seconds !== undefined && !(typeof seconds === 'number' && seconds >= 0)) return wrong('seconds', 'expected a number from 0');
  if (effort !== undefined && !(Number.isSafeInteger(effort) && (effort as number) >= 0)) return wrong('effort', 'expected a whole number from 0');
  if (seed !== undefined && typeof seed !== 'string') return wrong('seed', 'expected a text');
  if (base !== undefined && !(Number.isSafeInteger(base) && (base as number) >= 2 && (base as number) <= LARGEST_BASE)) return wrong('base', `expected a whole number from 2 to ${LARGEST_BASE}`);
  return {
    dimensions: dimensions.map(readDimension), rules: isPerturbation(chosen) && rules === undefined ? {} : readRules(rules), method: chosen, marksTold,
    ...(cost === undefined ? {} : { cost: cost as CostOf }), ...(effort === undefined ? {} : { effort: effort as number }), ...(seconds === undefined ? {} : { seconds }), ...(seed === undefined ? {} : { seed }),
    ...(base === undefined ? {} : { base: base as number }), ...(ptable === undefined ? {} : { ptable: readPtable(ptable) }),
  };
}

function readDimension(value: unknown, i: number): SpecDimension {
  const at = `dimensions[${i}]`;
  if (!isObject(value) || typeof value['column'] !== 'string') return wrong(at, 'expected an object with a column');
  const { column, total, sums, ...others } = value;
  const [unknown] = Object.keys(others);
  if (unknown !== undefined) return wrong(`${at}.${unknown}`, 'there is no such key; known are column, total, sums');
  if (total !== undefined && typeof total !== 'string') return wrong(`${at}.total`, 'expected the code of the total');
  if (total !== undefined && sums !== undefined) return wrong(`${at}.sums`, 'give either a total or the sums, not both');
  if (sums === undefined) return { column, ...(total === undefined ? {} : { total }) };
  if (!Array.isArray(sums)) return wrong(`${at}.sums`, 'expected a list of sums');
  return { column, sums: sums.map((sum: unknown, k): CodeSum => {
    if (!isObject(sum) || typeof sum['total'] !== 'string' || !Array.isArray(sum['parts']) || !sum['parts'].every((p) => typeof p === 'string')) return wrong(`${at}.sums[${k}]`, 'expected a total and its parts, as texts');
    return { total: sum['total'], parts: sum['parts'] };
  }) };
}

/** @throws Refusal `SPEC`; `PTABLE_VARIANCE`, `PTABLE_MONOTONE` for settings of the right kind that no table of changes meets */
function readPtable(value: unknown): PtableSettings {
  if (!isObject(value)) return wrong('ptable', 'expected an object with maxNoise and variance');
  const { maxNoise, variance, blockedUpTo, stay, monotone, ...others } = value;
  const [unknown] = Object.keys(others);
  if (unknown !== undefined) return wrong(`ptable.${unknown}`, 'there is no such key; known are maxNoise, variance, blockedUpTo, stay, monotone');
  for (const [key, each] of Object.entries({ maxNoise, variance, blockedUpTo: blockedUpTo ?? 0, stay: stay ?? 0 })) if (typeof each !== 'number') wrong(`ptable.${key}`, 'expected a number');
  if (monotone !== undefined && typeof monotone !== 'boolean') return wrong('ptable.monotone', 'expected true or false');
  const settings: PtableSettings = {
    maxNoise: maxNoise as number, variance: variance as number, ...(blockedUpTo === undefined ? {} : { blockedUpTo: blockedUpTo as number }),
    ...(stay === undefined ? {} : { stay: stay as number }), ...(monotone === undefined ? {} : { monotone }),
  };
  try {
    makePtable(settings);
  } catch (error) {
    if (error instanceof RangeError) return wrong(`ptable.${error.message.split(':', 1)[0] ?? ''}`, error.message.replace(/^.*?: /, ''));
    throw error;
  }
  return settings;
}

function readRules(value: unknown): PrimaryRules {
  if (!isObject(value) || Object.keys(value).length === 0) return wrong('rules', `expected at least one rule of ${RULES.join(', ')}`);
  for (const key of Object.keys(value)) if (!RULES.includes(key)) wrong(`rules.${key}`, `there is no such rule; known are ${RULES.join(', ')}`);
  const { minFrequency, dominance, pPercent, pq, groupDisclosure } = value;
  return {
    ...(minFrequency === undefined ? {} : { minFrequency: { threshold: numberAt(minFrequency, 'rules.minFrequency', 'threshold', 1), zeros: zerosAt(minFrequency) } }),
    ...(dominance === undefined ? {} : { dominance: (Array.isArray(dominance) ? dominance : [dominance]).map((rule: unknown, i) => ({ n: numberAt(rule, `rules.dominance[${i}]`, 'n', 1), k: numberAt(rule, `rules.dominance[${i}]`, 'k', 0), atLeast: isObject(rule) && rule['atLeast'] === true })) }),
    ...(pPercent === undefined ? {} : { pPercent: { p: numberAt(pPercent, 'rules.pPercent', 'p', 0) } }),
    ...(pq === undefined ? {} : { pq: { p: numberAt(pq, 'rules.pq', 'p', 0), q: numberAt(pq, 'rules.pq', 'q', 1e-9) } }),
    ...(groupDisclosure === undefined ? {} : { groupDisclosure: groupDisclosure === true }),
  };
}

function zerosAt(value: unknown): 'published' | 'protected' {
  const zeros = isObject(value) ? (value['zeros'] ?? 'published') : 'published';
  return zeros === 'published' || zeros === 'protected' ? zeros : wrong('rules.minFrequency.zeros', 'expected published or protected');
}

function numberAt(value: unknown, at: string, key: string, least: number): number {
  const number = isObject(value) ? value[key] : undefined;
  return typeof number === 'number' && number >= least ? number : wrong(`${at}.${key}`, `expected a number from ${least}`);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function wrong(key: string, message: string): never {
  return refuse('SPEC', message, { key }, 'correct the specification');
}
