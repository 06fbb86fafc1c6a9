/**
 * Dimensions: which codes a table shows, in what order, with what labels, and how records' codes are rolled up to them.
 * @module
 */
import { STATE_LABELS, VALUE_STATES } from '@weighbridge/base';
import type { DimensionCode, ValueState } from '@weighbridge/base';
import type { ByDefinition, Codelist, Collection, FieldDefinition, Instrument } from '@weighbridge/instrument';
import { fillPeriods, monthOf, periodCode, periodLabel } from './calendar.ts';
import type { Grain } from './calendar.ts';
import { codeTree } from './code-tree.ts';
import type { CodeTree } from './code-tree.ts';
import { MISSING, NOT_KNOWN, bandCodes, blankState, caseValues, derivedOf, fieldOf, hasStates, isWhole, stateCode } from './fields.ts';
import { compareTexts } from './sources.ts';
import type { SealedSource } from './sources.ts';

/** A dimension as planned from the definitions alone. */
export interface DimensionPlan {
  readonly by: ByDefinition;
  readonly field: string;
  readonly label: string;
  readonly kind: 'category' | 'time';
  /** Length of its periods when its codes are periods. */
  readonly grain: Grain | null;
  /** The field of the return behind it, if it is one. */
  readonly own: FieldDefinition | undefined;
  readonly tree: CodeTree | undefined;
  /** Separator when a record may stand under several codes. */
  readonly split: string | undefined;
  /** Codes known beforehand, in display order. */
  readonly known: readonly string[];
  /** Show known codes that no record has, but for those in `rare`. */
  readonly showAll: boolean;
  readonly rare: ReadonlySet<string>;
  /**
   * Codes shown whatever the records hold. Over confidential records all that there can be: a code that stood only
   * where a record has it would tell, printed as 0, that somebody is there.
   */
  readonly always: readonly string[];
  /** Code of a record → code shown; codes that are not in it stand for themselves. */
  readonly rollUp: ReadonlyMap<string, string>;
  /** Codes of records that the table leaves out: they stand at another level than the one it fixes. */
  readonly drop: ReadonlySet<string>;
  /** Only these codes are kept, or all when null. */
  readonly keep: readonly string[] | null;
  readonly labels: ReadonlyMap<string, string>;
}

/** What a dimension is planned from besides its definition. */
export interface DimensionContext {
  readonly collection: Collection;
  readonly instrument: Instrument;
  readonly sources: readonly SealedSource[];
  /** The table's period, as ISO dates. */
  readonly period: { readonly from: string; readonly to: string };
}

/** Plans a dimension. References must resolve. */
export function planDimension(context: DimensionContext, by: ByDefinition): DimensionPlan {
  const { definition, codelists } = context.instrument;
  const own = fieldOf(definition, by.field);
  const derived = derivedOf(definition, by.field);
  const codelist = codelists.get(own?.codelist ?? '');
  const tree = codelist && codeTree(codelist);
  const grain = derived?.part?.grain ?? (own?.type === 'yearmonth' ? 'month' : own?.type === 'year' ? 'year' : null);
  const levels = levelPlan(own, tree, by);
  const known = codelist ? validCodes(codelist, levels.shown, context.period) : knownCodes(context, by.field);
  const always = definition.sensitivity.level === 'public' ? [] : [...known, ...knownLess(own, codelist, by, context), ...periodsOf(context, grain), ...valueless(context.instrument, by.field)];
  return {
    by, field: by.field, label: by.label ?? own?.title ?? derived?.title ?? RESERVED_LABELS[by.field] ?? by.field,
    kind: by.time || grain !== null || own?.type === 'date' ? 'time' : 'category',
    grain, own, tree, split: own?.split, known,
    showAll: by.allCodes ?? (codelist ? own?.open !== true : known.length > 0), rare: rareCodes(context.instrument, by.field, known), always,
    rollUp: levels.rollUp, drop: levels.drop, keep: by.codes ?? null,
    labels: labelsOf(context.collection, by.field, own, tree),
  };
}

const RESERVED_LABELS: Readonly<Record<string, string>> = { agency: 'Agency', round: 'Round' };

/**
 * The codes to show, in display order: those of `by.codes` as listed; else list order, numbers and periods ascending,
 * other texts by code unit; states and missing values last. A code that a record has is never left out.
 * A code list with an attribute `unit` says what the numbers under each of its codes count.
 */
export function shownCodes(plan: DimensionPlan, present: ReadonlySet<string>, fill: boolean): DimensionCode[] {
  const codes = plan.keep ?? orderedCodes(plan, new Set([...plan.always, ...present]), fill);
  const shown = new Set(codes);
  return codes.map((code): DimensionCode => {
    const entry = plan.tree?.entries.get(code);
    const level = entry?.level ?? null;
    const unit = entry?.attributes['unit'] ?? '';
    const parent = plan.by.levels ? plan.tree?.ancestors(code).find((a) => shown.has(a.code))?.code : undefined;
    return { code, label: labelOf(plan, code), ...(parent === undefined ? {} : { parent }), ...(level === null ? {} : { level }), ...(unit === '' ? {} : { unit }) };
  });
}

/** Codes of the data that the code list does not have, states and missing values left out. */
export function unlistedCodes(plan: DimensionPlan, codes: readonly DimensionCode[]): string[] {
  const { tree } = plan;
  return tree ? codes.map((c) => c.code).filter((c) => !tree.entries.has(c) && !isSpecial(plan, c)) : [];
}

function orderedCodes(plan: DimensionPlan, present: ReadonlySet<string>, fill: boolean): string[] {
  const known = new Set(plan.known);
  const listed = plan.known.filter((c) => present.has(c) || (plan.showAll && !plan.rare.has(c)));
  const others = [...present].filter((c) => !known.has(c));
  const free = others.filter((c) => !isSpecial(plan, c));
  const filled = fill && plan.grain !== null ? fillPeriods(plan.grain, free) : [];
  const isNumber = plan.own?.type === 'integer' || plan.own?.type === 'number' || plan.own?.type === 'percent';
  const ordered = [...new Set([...filled, ...free])].sort(isNumber ? (a, b) => Number(a) - Number(b) || compareTexts(a, b) : compareTexts);
  const special = others.filter((c) => isSpecial(plan, c)).sort((a, b) => Number(a === MISSING) - Number(b === MISSING) || compareTexts(a, b));
  return [...listed, ...ordered, ...special];
}

/** A code that stands for no value of its own. */
function isSpecial(plan: DimensionPlan, code: string): boolean {
  return code === MISSING || (plan.own !== undefined && hasStates(plan.own) && VALUE_STATES.some((s) => code === stateCode(s)));
}

/**
 * What levels do to codes. Data of mixed levels are fixed at one level by leaving the other rows out, since their
 * parents hold their children already; a branch that ends above the level stands for itself. Other data are rolled up.
 */
function levelPlan(own: FieldDefinition | undefined, tree: CodeTree | undefined, by: ByDefinition): { rollUp: Map<string, string>; drop: Set<string>; shown: Set<string> | null } {
  const none = { rollUp: new Map<string, string>(), drop: new Set<string>(), shown: null };
  if (!tree) return none;
  const entries = [...tree.entries.values()];
  if (by.level === undefined && !by.levels) {
    // Data that hold one level have no code of another: 0 beside its children would be false.
    const held = own?.holds === undefined || own.holds === 'mixed' ? null : new Set(entries.filter((e) => e.level === own.holds).map((e) => e.code));
    return { ...none, shown: held };
  }
  const { levels, level } = by;
  const rank = tree.levels.indexOf(level ?? '');
  const endsAbove = (e: (typeof entries)[number]): boolean => tree.levels.indexOf(e.level ?? '') < rank && !tree.hasChildren(e.code);
  const stands = (e: (typeof entries)[number]): boolean => (levels ? e.level !== null && levels.includes(e.level) : e.level === level || endsAbove(e));
  const shown = new Set(entries.filter(stands).map((e) => e.code));
  if (levels || own?.holds === 'mixed') return { ...none, drop: new Set(entries.map((e) => e.code).filter((c) => !shown.has(c))), shown };
  const rollUp = new Map<string, string>();
  for (const e of entries) {
    const ancestor = e.level === level ? undefined : tree.ancestors(e.code).find((a) => a.level === level);
    if (ancestor) rollUp.set(e.code, ancestor.code);
  }
  return { ...none, rollUp, shown };
}

/** A code that was valid at no day of the period is no zero: it did not exist. */
function validCodes(codelist: Codelist, shown: ReadonlySet<string> | null, period: { readonly from: string; readonly to: string }): string[] {
  const valid = codelist.entries.filter((e) => (e.validFrom ?? '') <= period.to && (e.validTo ?? '9999-12-31') >= period.from);
  return [...new Set(valid.map((e) => e.code))].filter((code) => shown?.has(code) ?? true);
}

/** Codes above the level shown under which records of no stated level may stand: known less exactly. */
function knownLess(own: FieldDefinition | undefined, codelist: Codelist | undefined, by: ByDefinition, context: DimensionContext): string[] {
  if (!codelist || by.level === undefined || own?.holds !== undefined) return [];
  const tree = codeTree(codelist);
  const rank = tree.levels.indexOf(by.level);
  const above = [...tree.entries.values()].filter((e) => tree.hasChildren(e.code) && tree.levels.indexOf(e.level ?? '') < rank);
  return validCodes(codelist, new Set(above.map((e) => e.code)), context.period);
}

/** The first and the last period of each round submitted, and those between. */
function periodsOf({ collection, sources }: DimensionContext, grain: Grain | null): string[] {
  if (grain === null) return [];
  const rounds = collection.definition.rounds.filter((r) => sources.some((s) => s.source.round === r.id));
  return rounds.flatMap((r) => fillPeriods(grain, [r.from, r.to].map(monthOf).filter((m) => m !== null).map((m) => periodCode(grain, m))));
}

/** Codes of values that are missing, where the definition lets them be. */
function valueless(instrument: Instrument, name: string): string[] {
  const own = fieldOf(instrument.definition, derivedOf(instrument.definition, name)?.part?.of ?? name);
  if (!own) return [];
  const states = Object.entries(own.marks).filter(([mark]) => mark !== '').map(([, state]) => state);
  const isPart = own.name !== name;
  const missing = !own.required || '' in own.marks || (isPart ? states.length > 0 : states.some((s) => s === blankState(own)));
  const others = isPart ? [] : states.filter((s) => s !== blankState(own)).map(stateCode);
  return [...new Set(others), ...(missing ? [MISSING] : [])];
}

function knownCodes({ collection, instrument, sources }: DimensionContext, field: string): string[] {
  // An agency or round without a submission is no zero either.
  if (field === 'agency') return collection.definition.agencies.map((a) => a.id).filter((id) => sources.some((s) => s.source.agency === id));
  if (field === 'round') return collection.definition.rounds.map((r) => r.id).filter((id) => sources.some((s) => s.source.round === id));
  const own = fieldOf(instrument.definition, field);
  const derived = derivedOf(instrument.definition, field);
  if (own?.type === 'boolean') return ['true', 'false'];
  if (own?.constraints.enum) return own.constraints.enum;
  if (derived?.cases) return caseValues(derived.cases);
  if (derived?.daysBetween) return [...bandCodes(derived.daysBetween.bands, true), NOT_KNOWN];
  if (derived?.bands) return [...bandCodes(derived.bands.bounds, isWhole(fieldOf(instrument.definition, derived.bands.of))), NOT_KNOWN];
  if (derived?.lookup) {
    const { attribute, missing } = derived.lookup;
    const values = instrument.codelists.get(derived.lookup.codelist)?.entries.map((e) => e.attributes[attribute] ?? '') ?? [];
    return [...new Set(values.filter((v) => v !== '' && v !== missing)), missing];
  }
  return [];
}

/** Known codes that are shown only where a record has them: below the lowest band, not known, not found. */
function rareCodes(instrument: Instrument, field: string, known: readonly string[]): Set<string> {
  const derived = derivedOf(instrument.definition, field);
  const below = known[0];
  if (derived?.lookup) return new Set([derived.lookup.missing]);
  return new Set(derived?.bands || derived?.daysBetween ? [NOT_KNOWN, ...(below === undefined ? [] : [below])] : []);
}

function labelsOf(collection: Collection, field: string, own: FieldDefinition | undefined, tree: CodeTree | undefined): Map<string, string> {
  const labels = new Map<string, string>([[MISSING, 'Not recorded']]);
  if (field === 'agency') for (const a of collection.definition.agencies) labels.set(a.id, a.title);
  if (field === 'round') for (const r of collection.definition.rounds) labels.set(r.id, r.title ?? r.id);
  if (own?.type === 'boolean') labels.set('true', 'Yes').set('false', 'No');
  if (own && hasStates(own)) {
    for (const state of VALUE_STATES) labels.set(stateCode(state), stateLabel(state));
    labels.set(MISSING, stateLabel(blankState(own)));
  }
  for (const entry of tree?.entries.values() ?? []) labels.set(entry.code, entry.label);
  return labels;
}

function labelOf(plan: DimensionPlan, code: string): string {
  const named = plan.labels.get(code);
  if (named === undefined) return plan.grain === null ? code : periodLabel(plan.grain, code);
  const stopsShort = plan.by.level !== undefined && plan.tree?.hasChildren(code) === true && plan.tree.entries.get(code)?.level !== plan.by.level && !plan.rollUp.has(code);
  return stopsShort ? `${named}, not further defined` : named;
}

function stateLabel(state: ValueState): string {
  const label = STATE_LABELS[state];
  return label.charAt(0).toUpperCase() + label.slice(1);
}
