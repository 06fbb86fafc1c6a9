/**
 * The specification of a protection, `SPEC.json`: dimensions with their sums, rules, method.
 * @module
 */
import { refuse } from '@weighbridge/base';
import { makeHierarchy } from './hierarchy.ts';
import type { CodeSum } from './hierarchy.ts';
import { isPerturbation, PERTURBATIONS } from './perturb-table.ts';
import type { PerturbationMethod } from './perturb-table.ts';
import { makePtable } from './perturb/index.ts';
import type { PtableSettings } from './perturb/index.ts';
import { assertRules } from './primary.ts';
import type { PrimaryRules } from './primary.ts';
import type { CostOf } from './secondary.ts';
import type { SuppressionMethod } from './choose-pattern.ts';

export interface SpecDimension {
  /** Column of the cells file. */
  readonly column: string;
  /** Code of the total, where every other code of the column adds to it. */
  readonly total?: string;
  /** Codes do not add to any of them, though they may seem to: `"total": null` in `SPEC.json`. */
  readonly noTotal?: true;
  /** Every sum between codes, where there are levels or several hierarchies. */
  readonly sums?: readonly CodeSum[];
  /** `several`: the sums have more than one top that are not the same, as with regions that overlap. Default `one`: then that is refused. */
  readonly roots?: 'one' | 'several';
}

export interface ProtectionSpec {
  readonly dimensions: readonly SpecDimension[];
  readonly rules: PrimaryRules;
  readonly method: SuppressionMethod | PerturbationMethod;
  /** Withheld cells tell which of them are unsafe; default: one mark for all. */
  readonly marksTold: boolean;
  /** Contributors alone in a finest cell know their own figures, and must not derive an unsafe cell of others either. */
  readonly insiders?: boolean;
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
const KEYS = ['dimensions', 'rules', 'method', 'marksTold', 'insiders', 'cost', 'effort', 'seconds', 'seed', 'base', 'ptable'];
const RULES = ['minFrequency', 'dominance', 'pPercent', 'pq', 'request', 'groupDisclosure'];

/**
 * Reads a specification from its JSON text.
 * @throws Refusal `SPEC` naming the key that is wrong, missing or unknown; `GROUP_DISCLOSURE_ZEROS`; as {@link makeHierarchy} for sums
 */
export function readProtectionSpec(text: string): ProtectionSpec {
  let spec: unknown;
  try {
    spec = JSON.parse(text);
  } catch {
    return wrong('', 'the specification is not JSON');
  }
  if (!isObject(spec)) return wrong('', 'expected an object');
  const { dimensions, rules, method = 'combined', marksTold = false, insiders, cost, effort, seconds, seed, base, ptable } = onlyKeys(spec, '', KEYS);
  if (!Array.isArray(dimensions) || dimensions.length === 0) return wrong('dimensions', 'expected a list of at least one dimension');
  const chosen = METHODS.find((m) => m === method) ?? wrong('method', `expected one of ${METHODS.join(', ')}`);
  if (typeof marksTold !== 'boolean') return wrong('marksTold', 'expected true or false');
  if (insiders !== undefined && typeof insiders !== 'boolean') return wrong('insiders', 'expected true or false');
  if (cost !== undefined && !COSTS.some((c) => c === cost)) return wrong('cost', `expected one of ${COSTS.join(', ')}`);
  if (seconds !== undefined && !(typeof seconds === 'number' && seconds >= 0)) return wrong('seconds', 'expected a number from 0');
  if (effort !== undefined && !(Number.isSafeInteger(effort) && (effort as number) >= 0)) return wrong('effort', 'expected a whole number from 0');
  if (seed !== undefined && typeof seed !== 'string') return wrong('seed', 'expected a text');
  if (base !== undefined && !(Number.isSafeInteger(base) && (base as number) >= 2 && (base as number) <= LARGEST_BASE)) return wrong('base', `expected a whole number from 2 to ${LARGEST_BASE}`);
  return {
    dimensions: dimensions.map(readDimension), rules: isPerturbation(chosen) && rules === undefined ? {} : readRules(rules), method: chosen, marksTold, ...(insiders === undefined ? {} : { insiders }),
    ...(cost === undefined ? {} : { cost: cost as CostOf }), ...(effort === undefined ? {} : { effort: effort as number }), ...(seconds === undefined ? {} : { seconds }), ...(seed === undefined ? {} : { seed }),
    ...(base === undefined ? {} : { base: base as number }), ...(ptable === undefined ? {} : { ptable: readPtable(ptable) }),
  };
}

/** Settings that one method has and another ignores. `base` also says to which base lists were rounded that were released before. */
const SETTINGS: readonly { readonly key: keyof ProtectionSpec; readonly isUsed: (method: ProtectionSpec['method']) => boolean; readonly of: string }[] = [
  { key: 'seconds', isUsed: (method) => method === 'combined' || method === 'optimisation', of: 'combined and optimisation' },
  { key: 'insiders', isUsed: (method) => !isPerturbation(method), of: 'methods that withhold cells' },
  { key: 'cost', isUsed: (method) => !isPerturbation(method), of: 'methods that withhold cells' },
  { key: 'effort', isUsed: (method) => !isPerturbation(method), of: 'methods that withhold cells' },
  { key: 'base', isUsed: (method) => method !== 'cell-key' && method !== 'round-base-3', of: 'round-base-n, controlled-rounding and small-count-rounding' },
  { key: 'ptable', isUsed: (method) => method === 'cell-key', of: 'cell-key' },
];

/**
 * What the type says, for callers whose specification was not read by {@link readProtectionSpec}.
 * @throws Refusal `SPEC` naming the key that is missing
 */
export function assertSpecification(spec: ProtectionSpec): void {
  const { dimensions, rules, method }: Partial<ProtectionSpec> = spec;
  if (!Array.isArray(dimensions) || dimensions.length === 0) wrong('dimensions', 'expected a list of at least one dimension');
  if (!isObject(rules)) wrong('rules', 'expected the rules that say which cells are unsafe; {} for a method that changes counts');
  if (!METHODS.some((each) => each === method)) wrong('method', `expected one of ${METHODS.join(', ')}`);
}

/**
 * Refuses settings that the method would ignore. Not for `compareMethods`, whose specification may hold the settings of all methods.
 * @throws Refusal `SETTING_UNUSED` naming the key; as {@link assertSpecification}
 */
export function assertSettings(spec: ProtectionSpec): void {
  assertSpecification(spec);
  const said = (key: string, of: string): never => refuse('SETTING_UNUSED', `the method ${spec.method} does not use this setting, which is one of ${of}`, { key }, 'leave the setting out, or choose a method that uses it');
  for (const { key, isUsed, of } of SETTINGS) if (spec[key] !== undefined && !isUsed(spec.method)) said(key, of);
  if (spec.marksTold && isPerturbation(spec.method)) said('marksTold', 'methods that withhold cells');
}

/** The specification for another method, without the settings that it would ignore. */
export function withMethod(spec: ProtectionSpec, method: ProtectionSpec['method']): ProtectionSpec {
  const kept = Object.entries(spec).filter(([key]) => SETTINGS.every((setting) => setting.key !== key || setting.isUsed(method)));
  return { ...Object.fromEntries(kept) as unknown as ProtectionSpec, method, marksTold: spec.marksTold && !isPerturbation(method) };
}

function readDimension(value: unknown, i: number): SpecDimension {
  const at = `dimensions[${i}]`;
  if (!isObject(value) || typeof value['column'] !== 'string') return wrong(at, 'expected an object with a column');
  const { column, total, sums, roots } = onlyKeys(value, at, ['column', 'total', 'sums', 'roots']);
  if (total !== undefined && total !== null && typeof total !== 'string') return wrong(`${at}.total`, 'expected the code of the total, or null where codes do not add');
  if (total !== undefined && sums !== undefined) return wrong(`${at}.sums`, 'give either a total or the sums, not both');
  if (roots !== undefined && (sums === undefined || (roots !== 'one' && roots !== 'several'))) return wrong(`${at}.roots`, 'expected one or several, beside sums');
  if (sums === undefined) return { column: value['column'], ...(total === undefined ? {} : total === null ? { noTotal: true } : { total }) };
  if (!Array.isArray(sums)) return wrong(`${at}.sums`, 'expected a list of sums');
  const read: SpecDimension = { column: value['column'], sums: sums.map((sum: unknown, k): CodeSum => {
    if (!isObject(sum) || typeof sum['total'] !== 'string' || !Array.isArray(sum['parts']) || !sum['parts'].every((p) => typeof p === 'string')) return wrong(`${at}.sums[${k}]`, 'expected a total and its parts, as texts');
    onlyKeys(sum, `${at}.sums[${k}]`, ['total', 'parts']);
    return { total: sum['total'], parts: sum['parts'] };
  }), ...(roots === undefined ? {} : { roots }) };
  makeHierarchy({ name: String(column), sums: read.sums ?? [], roots: read.roots ?? 'one' });
  return read;
}

/** @throws Refusal `SPEC`; `PTABLE_VARIANCE`, `PTABLE_MONOTONE` for settings of the right kind that no table of changes meets */
function readPtable(value: unknown): PtableSettings {
  if (!isObject(value)) return wrong('ptable', 'expected an object with maxNoise and variance');
  const { maxNoise, variance, blockedUpTo, stay, monotone } = onlyKeys(value, 'ptable', ['maxNoise', 'variance', 'blockedUpTo', 'stay', 'monotone']);
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
  const { minFrequency, dominance, pPercent, pq, request, groupDisclosure } = value;
  if (pPercent !== undefined && pq !== undefined) wrong('rules.pq', 'give either pPercent or pq, not both');
  if (groupDisclosure !== undefined && typeof groupDisclosure !== 'boolean') wrong('rules.groupDisclosure', 'expected true or false');
  if (Array.isArray(dominance) && dominance.length === 0) wrong('rules.dominance', 'expected at least one rule');
  const rules: PrimaryRules = {
    ...(minFrequency === undefined ? {} : { minFrequency: readFrequency(minFrequency) }),
    ...(dominance === undefined ? {} : { dominance: Array.isArray(dominance) ? dominance.map((rule: unknown, i) => readDominance(rule, `rules.dominance[${i}]`)) : [readDominance(dominance, 'rules.dominance')] }),
    ...(pPercent === undefined ? {} : { pPercent: { p: numberAt(ruleAt(pPercent, 'rules.pPercent', ['p', 'atLeast']), 'rules.pPercent', 'p', { above: 0 }), ...atLeastOf(pPercent, 'rules.pPercent') } }),
    ...(pq === undefined ? {} : { pq: readPq(pq) }),
    ...(request === undefined ? {} : { request: readRequest(request) }),
    ...(groupDisclosure === undefined ? {} : { groupDisclosure }),
  };
  assertRules(rules);
  return rules;
}

function readFrequency(value: unknown): NonNullable<PrimaryRules['minFrequency']> {
  const rule = ruleAt(value, 'rules.minFrequency', ['threshold', 'zeros']);
  const { zeros = 'published' } = rule;
  if (zeros !== 'published' && zeros !== 'protected') return wrong('rules.minFrequency.zeros', 'expected published or protected');
  return { threshold: numberAt(rule, 'rules.minFrequency', 'threshold', { least: 1, whole: true }), zeros };
}

function readDominance(value: unknown, at: string): NonNullable<PrimaryRules['dominance']>[number] {
  const rule = ruleAt(value, at, ['n', 'k', 'atLeast']);
  const { k } = rule;
  if (typeof k === 'number' && k > 0 && k < 1) refuse('SPEC', 'k is a percentage, from 1 to 100, and nearly every cell exceeds a fraction of one per cent', { key: `${at}.k` }, 'write 80 for 80 %');
  return { n: numberAt(rule, at, 'n', { least: 1, whole: true }), k: numberAt(rule, at, 'k', { above: 0, most: 100 }), ...atLeastOf(rule, at) };
}

function readPq(value: unknown): NonNullable<PrimaryRules['pq']> {
  const rule = ruleAt(value, 'rules.pq', ['p', 'q', 'atLeast']);
  const p = numberAt(rule, 'rules.pq', 'p', { above: 0 });
  return { p, q: numberAt(rule, 'rules.pq', 'q', { above: p }), ...atLeastOf(rule, 'rules.pq') };
}

function readRequest(value: unknown): NonNullable<PrimaryRules['request']> {
  const rule = ruleAt(value, 'rules.request', ['k', 'p']);
  return {
    ...(rule['k'] === undefined ? {} : { k: numberAt(rule, 'rules.request', 'k', { least: 0, most: 100 }) }), ...(rule['p'] === undefined ? {} : { p: numberAt(rule, 'rules.request', 'p', { above: 0 }) }),
  };
}

function atLeastOf(rule: unknown, at: string): { readonly atLeast?: boolean } {
  const atLeast = isObject(rule) ? rule['atLeast'] : undefined;
  if (atLeast === undefined) return {};
  return { atLeast: typeof atLeast === 'boolean' ? atLeast : wrong(`${at}.atLeast`, 'expected true or false') };
}

function ruleAt(value: unknown, at: string, known: readonly string[]): Record<string, unknown> {
  return isObject(value) ? onlyKeys(value, at, known) : wrong(at, `expected an object with ${known.join(', ')}`);
}

function numberAt(rule: Record<string, unknown>, at: string, key: string, { least = -Infinity, above = -Infinity, most = Infinity, whole = false }: { readonly least?: number; readonly above?: number; readonly most?: number; readonly whole?: boolean }): number {
  const number = rule[key];
  const from = above === -Infinity ? `from ${least}` : `above ${above}`;
  if (typeof number !== 'number' || number < least || number <= above || number > most || (whole && !Number.isSafeInteger(number))) return wrong(`${at}.${key}`, `expected a ${whole ? 'whole ' : ''}number ${from}${most === Infinity ? '' : ` to ${most}`}`);
  return number;
}

/** The object itself. @throws Refusal `SPEC` naming a key that is not known */
function onlyKeys(value: Record<string, unknown>, at: string, known: readonly string[]): Record<string, unknown> {
  for (const key of Object.keys(value)) if (!known.includes(key)) wrong(at === '' ? key : `${at}.${key}`, `there is no such key; known are ${known.join(', ')}`);
  return value;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function wrong(key: string, message: string): never {
  return refuse('SPEC', message, { key }, 'correct the specification');
}
