/**
 * Does every value in a definition fit its field? Limits, conditions, codes shown, bands and names of columns.
 * A code that no record can have is refused here: a table over it would publish zeros.
 * @module
 */
import { isCalendarDate, isCalendarMonth } from './calendar-date.ts';
import { jsonProblems } from './check-format.ts';
import { patternProblem } from './check-pattern.ts';
import { ancestorAt } from './codelist.ts';
import type { Codelist } from './collection.ts';
import type { ByDefinition, CollectionDefinition, Condition, DerivedDefinition, FieldDefinition, FieldTest, InstrumentDefinition, TableDefinition } from './schema.ts';

/** A value that does not fit, with its key path in the definition's file. */
export interface ValueProblem {
  readonly message: string;
  readonly repair: string;
  readonly path: readonly PropertyKey[];
}

/** What values are checked against. Agencies and rounds are known only where a collection is given. */
export interface ValueContext {
  readonly instrument: InstrumentDefinition;
  readonly codelists: ReadonlyMap<string, Codelist>;
  readonly collection: CollectionDefinition | undefined;
}

type Kind = 'text' | 'number' | 'date' | 'yearmonth' | 'boolean';

const KINDS: Readonly<Record<FieldDefinition['type'], Kind>> = {
  string: 'text', integer: 'number', number: 'number', percent: 'number', year: 'number', date: 'date', yearmonth: 'yearmonth', boolean: 'boolean',
};

const WRITTEN: Readonly<Record<Kind, string>> = {
  text: 'text', number: 'a number', date: 'a date that exists, YYYY-MM-DD', yearmonth: 'a month that exists, YYYY-MM', boolean: '"true" or "false"',
};

/** Names and endings of the columns that the sealed data have beside the fields. */
const INTERNAL_NAME = /^(_row|_line|file_row_number)$|__(t|lo|hi|state|text|original|raw|group)$/;

/** Every value of an instrument that does not fit; its references may be broken, those are not looked at. */
export function instrumentValueProblems(context: ValueContext): ValueProblem[] {
  const { instrument } = context;
  return [
    ...instrument.fields.flatMap((f, i) => fieldProblems(f, context, ['fields', i])),
    ...unpivotProblems(instrument),
    ...jsonProblems(instrument),
    ...instrument.derived.flatMap((d, i) => derivedProblems(d, context, ['derived', i])),
    ...repeatedNames(instrument),
    ...instrument.rules.flatMap((r, i) => [...conditionProblems(r.when, context, ['rules', i, 'when']), ...conditionProblems(r.then, context, ['rules', i, 'then'])]),
  ];
}

/** Every value of a table that does not fit its instrument. */
export function tableValueProblems(table: TableDefinition, context: ValueContext): ValueProblem[] {
  return [
    ...conditionProblems(table.where, context, ['where']),
    ...table.by.flatMap((by, i) => (by.codes ?? []).flatMap((code, j) => shownProblems(code, { ...by, codes: undefined }, context, ['by', i, 'codes', j]))),
    ...(table.chart ? atProblems(table, table.chart.at, context, ['chart', 'at'], [table.chart.x, table.chart.series, table.chart.facet]) : []),
  ];
}

/**
 * Every code under `at` that no cell of the table can stand at, and every field left out that has no total to stand at.
 * @param drawn - dimensions that need no code: those of a chart's axes, or the field that sides are compared along
 */
export function atProblems(table: TableDefinition, at: Readonly<Record<string, string | null>>, context: ValueContext, path: readonly PropertyKey[], drawn: readonly (string | undefined)[] = []): ValueProblem[] {
  return table.by.flatMap((by): ValueProblem[] => {
    const code = at[by.field] ?? null;
    if (drawn.includes(by.field)) return [];
    if (code !== null) return shownProblems(code, by, context, [...path, by.field]);
    return by.total === false ? problem(by.field in at ? [...path, by.field] : path, `"${by.field}" has no total in table "${table.id}", and no code is named`, `name a code of "${by.field}"`) : [];
  });
}

/** A code that the dimension does not show, whatever the records hold. */
function shownProblems(code: string, by: ByDefinition, context: ValueContext, path: readonly PropertyKey[]): ValueProblem[] {
  const domain = domainOf(by.field, context);
  if (!domain) return [];
  if (by.codes) return by.codes.includes(code) ? [] : problem(path, `"${code}" is not among the codes that the table shows of "${by.field}"`, `use one of: ${listed(by.codes)}`);
  if (domain.special.has(code)) return [];
  if (domain.places !== undefined && isWritten(code, domain) && code.split('.')[1]?.length !== domain.places) {
    return problem(path, `"${code}" is not written as a table shows it`, `write it with ${domain.places} decimals: "${Number(code).toFixed(domain.places)}"`);
  }
  const problems = codeProblems(code, domain, path);
  return problems.length > 0 ? problems : levelProblems(code, by, domain, path);
}

/** Codes below the level shown are counted under their ancestor; of mixed data other levels are left out. */
function levelProblems(code: string, by: ByDefinition, { codelist, holds }: Domain, path: readonly PropertyKey[]): ValueProblem[] {
  const entry = codelist?.entries.find((e) => e.code === code);
  if (!codelist || !entry) return [];
  const above = by.level === undefined ? null : ancestorAt(codelist, code, by.level);
  if (above !== null && above !== code) return problem(path, `"${code}" stands below the level "${by.level ?? ''}" that the table shows`, `use "${above}", under which it is counted`);
  const levels = by.levels ?? (by.level === undefined && holds !== undefined && holds !== 'mixed' ? [holds] : undefined);
  if (!levels || (entry.level !== null && levels.includes(entry.level))) return [];
  return problem(path, `"${code}" does not stand at a level that the table shows`, `use a code of the level ${levels.join(' or ')}`);
}

function listed(codes: readonly string[]): string {
  return `${codes.slice(0, 12).join(', ')}${codes.length > 12 ? ', …' : ''}`;
}

function problem(path: readonly PropertyKey[], message: string, repair: string): ValueProblem[] {
  return [{ path, message, repair }];
}

/** What values a field can have. */
interface Domain {
  readonly name: string;
  readonly kind: Kind;
  readonly whole: boolean;
  /** Decimals that are kept, for numbers that are not whole. */
  readonly places: number | undefined;
  /** How a calendar part is written. */
  readonly period: Period | undefined;
  /** The level that the data hold. */
  readonly holds: string | undefined;
  /** Sets of codes, each of which a value must be in; none for a free text. */
  readonly closed: readonly { readonly what: string; readonly codes: ReadonlySet<string> }[];
  readonly codelist: Codelist | undefined;
  /** Codes that a table may show besides: no value, or a state that stands for one. */
  readonly special: ReadonlySet<string>;
  /** Texts of which one can be said to come before another. */
  readonly ordered: boolean;
}

function domainOf(name: string, context: ValueContext): Domain | undefined {
  const field = context.instrument.fields.find((f) => f.name === name);
  if (field) return fieldDomain(field, context.codelists);
  const plain = { name, kind: 'text', whole: false, places: undefined, period: undefined, holds: undefined, codelist: undefined, special: new Set<string>(['']), ordered: false } as const;
  const known = { agency: context.collection?.agencies, round: context.collection?.rounds }[name];
  if (known) return { ...plain, closed: [{ what: `a known ${name}`, codes: new Set(known.map((k) => k.id)) }] };
  if (name === 'agency' || name === 'round') return { ...plain, closed: [] };
  const derived = context.instrument.derived.find((d) => d.name === name);
  const codes = derived && derivedCodes(derived, context);
  return derived && { ...plain, period: derived.part && PERIODS[derived.part.grain], ordered: !codes, closed: codes ? [{ what: `a value of "${name}"`, codes: new Set(codes) }] : [] };
}

interface Period {
  readonly pattern: RegExp;
  readonly example: string;
}

const YEAR: Period = { pattern: /^\d{4}$/, example: '2020' };

const PERIODS: Readonly<Record<NonNullable<DerivedDefinition['part']>['grain'], Period>> = {
  year: YEAR, 'year-june': YEAR, half: { pattern: /^\d{4}-H[12]$/, example: '2020-H1' },
  quarter: { pattern: /^\d{4}-Q[1-4]$/, example: '2020-Q1' }, month: { pattern: /^\d{4}-(0[1-9]|1[0-2])$/, example: '2020-01' },
};

function fieldDomain(field: FieldDefinition, codelists: ReadonlyMap<string, Codelist>): Domain {
  const codelist = field.codelist === undefined ? undefined : codelists.get(field.codelist);
  const { enum: values } = field.constraints;
  return {
    name: field.name, kind: KINDS[field.type], whole: field.type === 'integer' || field.type === 'year', codelist, ordered: true,
    places: field.type === 'number' ? 6 : field.type === 'percent' ? 4 : undefined, period: undefined, holds: field.holds,
    closed: [
      ...(codelist && !field.open ? [{ what: `in the code list "${codelist.definition.id}"`, codes: new Set(codelist.entries.map((e) => e.code)) }] : []),
      ...(values ? [{ what: `among the values permitted in "${field.name}"`, codes: new Set(values) }] : []),
    ],
    special: new Set(['', ...Object.values(field.marks).map((state) => `(${state})`), ...field.bounds.map((bound) => `(${bound})`)]),
  };
}

/** The values of a derived field that has a fixed set of them. */
function derivedCodes(derived: DerivedDefinition, { instrument, codelists }: ValueContext): string[] | undefined {
  const { lookup } = derived;
  const list = lookup && codelists.get(lookup.codelist);
  if (lookup && list) return [...new Set(list.entries.map((e) => e.attributes[lookup.attribute] ?? '').filter((v) => v !== '')), lookup.missing];
  if (derived.cases) return [...derived.cases.of.map((c) => c.value), derived.cases.otherwise];
  if (derived.daysBetween) return bandNames(derived.daysBetween.bands, true);
  const { bands } = derived;
  const type = instrument.fields.find((f) => f.name === bands?.of)?.type;
  return bands && bandNames(bands.bounds, type === 'integer' || type === 'year');
}

/** Bands are named as tables show them. */
function bandNames(bounds: readonly number[], whole: boolean): string[] {
  return [`less than ${bounds[0] ?? 0}`, ...bounds.map((from, i) => {
    const next = bounds[i + 1];
    if (next === undefined) return `${from} and more`;
    return whole ? (next - 1 === from ? String(from) : `${from} to ${next - 1}`) : `${from} to less than ${next}`;
  }), 'not known'];
}

function codeProblems(code: string, domain: Domain, path: readonly PropertyKey[]): ValueProblem[] {
  if (!isWritten(code, domain)) return problem(path, `"${code}" is no value of "${domain.name}"`, `write ${writtenAs(domain)}`);
  const missed = domain.closed.find(({ codes }) => !codes.has(code));
  if (!missed) return [];
  return problem(path, `"${code}" is not ${missed.what}`, `use one of: ${listed([...missed.codes])}`);
}

function writtenAs({ kind, whole, places, period }: Domain): string {
  if (whole) return 'a whole number';
  if (period) return `a period such as ${period.example}`;
  return places === undefined ? WRITTEN[kind] : `a number with up to ${places} decimals`;
}

function isWritten(code: string, { kind, whole, places, period }: Domain): boolean {
  switch (kind) {
    case 'text': return code === '' || (period?.pattern.test(code) ?? true);
    case 'number': return whole ? /^(0|-?[1-9]\d*)$/.test(code) : isDecimal(code, places ?? 0);
    case 'date': return isCalendarDate(code);
    case 'yearmonth': return isCalendarMonth(code);
    case 'boolean': return code === 'true' || code === 'false';
  }
}

/** A number that the column can hold: 12 digits and 6 decimals, or for percentages 5 and 4. */
function isDecimal(text: string, places: number): boolean {
  const [, whole = '', decimals = ''] = /^-?(\d+)(?:\.(\d+))?$/.exec(text) ?? [];
  return whole !== '' && whole.length <= (places === 4 ? 5 : 12) && decimals.length <= places;
}

function conditionProblems(condition: Condition, context: ValueContext, path: readonly PropertyKey[]): ValueProblem[] {
  return Object.entries(condition).flatMap(([name, given]): ValueProblem[] => {
    const at = [...path, name];
    const test: FieldTest = typeof given === 'string' ? { in: [given] } : Array.isArray(given) ? { in: given } : given;
    if (name === 'anyField') {
      const only = Object.entries(test).every(([key, value]) => key === 'contains' || value === undefined);
      return only && test.contains !== undefined ? [] : problem(at, 'anyField is tested with something else than "contains"', 'write anyField: { contains: … }, or name a field');
    }
    const domain = domainOf(name, context);
    if (!domain) return [];
    const listPath = (key: 'in' | 'notIn', index: number): PropertyKey[] => (typeof given === 'string' ? at : Array.isArray(given) ? [...at, index] : [...at, key, index]);
    return [
      ...(test.in ?? []).flatMap((code, i) => codeProblems(code, domain, listPath('in', i))),
      ...(test.notIn ?? []).flatMap((code, i) => codeProblems(code, domain, listPath('notIn', i))),
      ...hierarchyProblems(test, domain, at),
      ...(['min', 'max'] as const).flatMap((key) => limitProblems(test[key], domain, [...at, key])),
      ...(['notBefore', 'notAfter'] as const).flatMap((key) => comparisonProblems(test[key], domain, context, [...at, key])),
    ];
  });
}

function hierarchyProblems(test: FieldTest, domain: Domain, path: readonly PropertyKey[]): ValueProblem[] {
  const { codelist } = domain;
  if (!codelist) {
    const key = test.level === undefined ? 'under' : 'level';
    return test[key] === undefined ? [] : problem([...path, key], `"${domain.name}" has no code list, so nothing stands at a level or under a code`, 'name a field with a code list');
  }
  const { levels } = codelist.definition;
  return [
    ...(test.level === undefined || levels.includes(test.level) ? [] : problem([...path, 'level'], `"${test.level}" is no level of the code list "${codelist.definition.id}"`, levels.length === 0 ? 'declare the levels of the code list' : `use one of: ${levels.join(', ')}`)),
    ...(test.under ?? []).flatMap((code, i) => codeProblems(code, domain, [...path, 'under', i])),
  ];
}

/** Texts in order of their characters may have limits (periods such as 2020-H1), texts of a fixed set may not. */
function limitProblems(limit: number | string | undefined, domain: Domain, path: readonly PropertyKey[]): ValueProblem[] {
  if (limit === undefined) return [];
  if (domain.kind === 'boolean' || !domain.ordered) return problem(path, `"${domain.name}" has no order, so it has no limits`, 'list the values under "in"');
  const fits = domain.kind === 'number' ? typeof limit === 'number' : typeof limit === 'string' && isWritten(limit, { ...domain, period: undefined });
  return fits ? [] : problem(path, `"${limit}" is no limit of "${domain.name}"`, `write ${WRITTEN[domain.kind]}${domain.kind === 'number' ? ', without quotes' : domain.kind === 'text' ? ' in quotes' : ''}`);
}

function comparisonProblems(other: string | undefined, domain: Domain, context: ValueContext, path: readonly PropertyKey[]): ValueProblem[] {
  const than = other === undefined ? undefined : domainOf(other, context);
  if (!than || (than.kind === domain.kind && than.kind !== 'boolean')) return [];
  return problem(path, `"${domain.name}" and "${than.name}" are not of one type, so neither comes before the other`, 'compare dates with dates, months with months and numbers with numbers');
}

function fieldProblems(field: FieldDefinition, context: ValueContext, path: readonly PropertyKey[]): ValueProblem[] {
  const { minimum, maximum, minLength, maxLength, pattern } = field.constraints;
  const domain = fieldDomain(field, context.codelists);
  const at = [...path, 'constraints'];
  const limits = (['minimum', 'maximum'] as const).flatMap((key) => (field.type === 'string' && field.constraints[key] !== undefined
    ? problem([...at, key], `field "${field.name}" is ${field.type}: it has no ${key}`, 'use minLength, maxLength, pattern or enum')
    : limitProblems(field.constraints[key], domain, [...at, key])));
  const crossed = limits.length === 0 && minimum !== undefined && maximum !== undefined && minimum > maximum;
  const unlike = pattern === undefined ? null : patternProblem(pattern);
  const dated = field.validAt === undefined ? undefined : context.instrument.fields.find((f) => f.name === field.validAt)?.type;
  return [
    ...internalName(field.name, [...path, 'name']), ...limits,
    ...(crossed ? problem([...at, 'maximum'], `field "${field.name}" has a maximum below its minimum`, 'mend one of them') : []),
    ...(minLength !== undefined && maxLength !== undefined && minLength > maxLength ? problem([...at, 'maxLength'], `field "${field.name}" has a maxLength below its minLength`, 'mend one of them') : []),
    ...(unlike === null ? [] : problem([...at, 'pattern'], unlike, 'write the pattern with what JavaScript and RE2 have in common')),
    ...(dated === undefined || ['date', 'yearmonth', 'year'].includes(dated) ? [] : problem([...path, 'validAt'], `"${field.validAt ?? ''}" is ${dated}: it says no date at which a code is valid`, 'name a date, yearmonth or year field')),
    ...(field.thousands === '.' && (field.type === 'number' || field.type === 'percent') ? problem([...path, 'thousands'], `field "${field.name}" is ${field.type}: "." is its decimal point`, 'use another separator') : []),
  ];
}

function unpivotProblems({ format: { unpivot } }: InstrumentDefinition): ValueProblem[] {
  if (!unpivot) return [];
  try {
    new RegExp(unpivot.columns, 'u');
    return [];
  } catch {
    return problem(['format', 'unpivot', 'columns'], 'the pattern of the columns is not a regular expression', 'mend the pattern');
  }
}

function derivedProblems(derived: DerivedDefinition, context: ValueContext, path: readonly PropertyKey[]): ValueProblem[] {
  const { part, daysBetween, bands, cases } = derived;
  const typed = (name: string | undefined, types: readonly FieldDefinition['type'][], at: readonly PropertyKey[]): ValueProblem[] => {
    const field = context.instrument.fields.find((f) => f.name === name);
    const known = field !== undefined || name === undefined || domainOf(name, context) === undefined;
    if (known && (!field || types.includes(field.type))) return [];
    return problem([...path, ...at], `"${name ?? ''}" is ${field?.type ?? 'text'}: expected a field of type ${types.join(', ')}`, 'name a field of such a type');
  };
  const textual = (name: string | undefined, at: readonly PropertyKey[]): ValueProblem[] => {
    const type = context.instrument.fields.find((f) => f.name === name)?.type ?? 'string';
    return type === 'string' || type === 'yearmonth' ? [] : problem([...path, ...at], `"${name ?? ''}" is ${type}: expected a text`, 'name a field of type string or yearmonth, or a derived field');
  };
  const rising = (bounds: readonly number[] | undefined, at: readonly PropertyKey[]): ValueProblem[] => (bounds?.some((b, i) => b <= (bounds[i - 1] ?? -Infinity))
    ? problem([...path, ...at], 'the bands do not rise from each bound to the next', 'write the bounds in ascending order, each once') : []);
  return [
    ...internalName(derived.name, [...path, 'name']),
    ...typed(part?.of, ['date', 'yearmonth', 'year'], ['part', 'of']),
    ...typed(daysBetween?.from, ['date'], ['daysBetween', 'from']), ...typed(daysBetween?.to, ['date'], ['daysBetween', 'to']),
    ...rising(daysBetween?.bands, ['daysBetween', 'bands']),
    ...typed(bands?.of, ['integer', 'number', 'percent', 'year'], ['bands', 'of']), ...rising(bands?.bounds, ['bands', 'bounds']),
    ...typed(derived.lookup?.at, ['date', 'yearmonth', 'year'], ['lookup', 'at']),
    ...textual(derived.lookup?.key, ['lookup', 'key']), ...textual(derived.fold?.of, ['fold', 'of']),
    ...(cases?.of ?? []).flatMap((c, i) => conditionProblems(c.when, context, [...path, 'cases', 'of', i, 'when'])),
  ];
}

function repeatedNames({ derived }: InstrumentDefinition): ValueProblem[] {
  return derived.flatMap((d, i) => (derived.findIndex((other) => other.name === d.name) === i ? []
    : problem(['derived', i, 'name'], `derived field "${d.name}" is defined twice`, 'remove one, or give it another name')));
}

function internalName(name: string, path: readonly PropertyKey[]): ValueProblem[] {
  return INTERNAL_NAME.test(name) ? problem(path, `"${name}" is reserved: a column beside the fields may have this name`, 'give the field another name') : [];
}
