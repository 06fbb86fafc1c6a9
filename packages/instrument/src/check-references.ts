/**
 * Does every name in a definition mean something? Fields, code lists, levels, agencies, rounds, tables and measures.
 * With `check-values.ts`: does every value fit?
 * @module
 */
import type { Issue, Place } from '@weighbridge/base';
import { atProblems, instrumentValueProblems, tableValueProblems } from './check-values.ts';
import type { ValueProblem } from './check-values.ts';
import type { Codelist } from './collection.ts';
import { conditionFields } from './condition-sql.ts';
import type { Parsed } from './parse-yaml.ts';
import type { CollectionDefinition, Condition, InstrumentDefinition, TableDefinition } from './schema.ts';

/** What is checked against each other. Without a collection only the instruments are checked. */
export interface Definitions {
  readonly collection?: Parsed<CollectionDefinition>;
  readonly instruments: readonly Parsed<InstrumentDefinition>[];
  readonly tables: readonly Parsed<TableDefinition>[];
  readonly codelists: ReadonlyMap<string, Codelist>;
}

/** Fields that every record has from its submission. */
export const RESERVED_FIELDS: readonly string[] = ['agency', 'round'];

/** All mistakes of reference (`REFERENCE`) and of value (`VALUE`), each with its place; empty when every name resolves. */
export function checkReferences(definitions: Definitions): Issue[] {
  return [
    ...definitions.instruments.flatMap((i) => checkInstrument(i, definitions)),
    ...definitions.tables.flatMap((t) => checkTable(t, definitions)),
    ...(definitions.collection ? checkCollection(definitions.collection, definitions) : []),
  ];
}

/** Reports names that are not known. */
class Names {
  readonly issues: Issue[] = [];
  readonly #place: (path: readonly PropertyKey[]) => Place;

  constructor(place: (path: readonly PropertyKey[]) => Place) {
    this.#place = place;
  }

  expect(known: ReadonlySet<string> | ReadonlyMap<string, unknown>, name: string | undefined, what: string, path: readonly PropertyKey[]): void {
    if (name === undefined || known.has(name)) return;
    const near = [...known.keys()].slice(0, 12).join(', ');
    this.issues.push({
      code: 'REFERENCE', severity: 'error', message: `${what} "${name}" is not defined`, place: this.#place(path),
      repair: near === '' ? `define the ${what}` : `use one that is defined: ${near}${known.size > 12 ? ', …' : ''}`,
    });
  }

  condition(fields: ReadonlySet<string>, condition: Condition, path: readonly PropertyKey[]): void {
    for (const field of conditionFields(condition)) this.expect(fields, field, 'field', [...path, field]);
  }

  refuse(message: string, repair: string, path: readonly PropertyKey[]): void {
    this.issues.push({ code: 'REFERENCE', severity: 'error', message, place: this.#place(path), repair });
  }
}

function fieldNames(instrument: InstrumentDefinition): Set<string> {
  return new Set([...instrument.fields.map((f) => f.name), ...instrument.derived.map((d) => d.name), ...RESERVED_FIELDS]);
}

function valueIssues(problems: readonly ValueProblem[], place: (path: readonly PropertyKey[]) => Place): Issue[] {
  return problems.map(({ path, message, repair }) => ({ code: 'VALUE', severity: 'error', message, place: place(path), repair }));
}

function checkInstrument({ value, place }: Parsed<InstrumentDefinition>, { codelists, collection }: Definitions): Issue[] {
  const names = new Names(place);
  const own = new Set(value.fields.map((f) => f.name));
  const all = fieldNames(value);
  checkFields(value, codelists, own, names);
  for (const [i, d] of value.derived.entries()) {
    const path = ['derived', i];
    if (RESERVED_FIELDS.includes(d.name)) names.refuse(`"${d.name}" is reserved: it comes from the submission`, 'give the field another name', [...path, 'name']);
    if (own.has(d.name)) names.refuse(`derived field "${d.name}" has the name of a field`, 'give it another name', [...path, 'name']);
    for (const f of [d.part?.of, d.lookup?.key, d.lookup?.at, d.daysBetween?.from, d.daysBetween?.to, d.bands?.of, d.fold?.of]) names.expect(all, f, 'field', path);
    if (d.lookup) {
      names.expect(codelists, d.lookup.codelist, 'code list', [...path, 'lookup', 'codelist']);
      const attributes = codelists.get(d.lookup.codelist)?.definition.attributes;
      if (attributes) names.expect(new Set(attributes), d.lookup.attribute, 'attribute', [...path, 'lookup', 'attribute']);
    }
    for (const [j, c] of (d.cases?.of ?? []).entries()) names.condition(all, c.when, [...path, 'cases', 'of', j, 'when']);
  }
  for (const [i, r] of value.rules.entries()) {
    names.condition(own, r.when, ['rules', i, 'when']);
    names.condition(own, r.then, ['rules', i, 'then']);
  }
  for (const [i, m] of value.measures.entries()) {
    names.expect(own, m.sum, 'field', ['measures', i, 'sum']);
    names.expect(all, m.distinct, 'field', ['measures', i, 'distinct']);
    for (const [j, n] of m.notOver.entries()) names.expect(all, n.field, 'field', ['measures', i, 'notOver', j, 'field']);
    const sum = value.fields.find((f) => f.name === m.sum);
    const adding = m.adds ? ['integer', 'number'] : ['integer', 'number', 'percent'];
    if (sum && !adding.includes(sum.type)) names.refuse(`measure "${m.id}" sums "${sum.name}", which is ${sum.type}: only integer and number fields add`, 'sum a number; a percentage is shown as reported by a measure with adds: false', ['measures', i, 'sum']);
  }
  for (const [i, k] of value.primaryKey.entries()) names.expect(own, k, 'field', ['primaryKey', i]);
  names.expect(all, value.referencePeriod, 'field', ['referencePeriod']);
  for (const [i, b] of value.breaks.entries()) names.expect(all, b.field, 'field', ['breaks', i, 'field']);
  for (const [i, k] of (value.series?.key ?? []).entries()) names.expect(own, k, 'field', ['series', 'key', i]);
  names.expect(own, value.series?.value, 'field', ['series', 'value']);
  for (const key of ['name', 'value'] as const) names.expect(own, value.format.unpivot?.[key], 'field', ['format', 'unpivot', key]);
  return [...names.issues, ...valueIssues(instrumentValueProblems({ instrument: value, codelists, collection: collection?.value }), place)];
}

function checkFields(value: InstrumentDefinition, codelists: ReadonlyMap<string, Codelist>, own: ReadonlySet<string>, names: Names): void {
  const seen = new Set<string>();
  for (const [i, f] of value.fields.entries()) {
    const path = ['fields', i];
    if (seen.has(f.name)) names.refuse(`field "${f.name}" is defined twice`, 'remove one', [...path, 'name']);
    if (RESERVED_FIELDS.includes(f.name)) names.refuse(`"${f.name}" is reserved: it comes from the submission`, 'give the field another name', [...path, 'name']);
    seen.add(f.name);
    names.expect(codelists, f.codelist, 'code list', [...path, 'codelist']);
    names.expect(own, f.validAt, 'field', [...path, 'validAt']);
    const levels = f.codelist === undefined ? undefined : codelists.get(f.codelist)?.definition.levels;
    if (f.holds !== undefined && f.holds !== 'mixed') names.expect(new Set(levels ?? []), f.holds, 'level', [...path, 'holds']);
    if (f.bounds.length > 0 && !['integer', 'number', 'percent'].includes(f.type)) names.refuse(`field "${f.name}" is ${f.type}: only numbers have printed bounds`, 'remove bounds', [...path, 'bounds']);
  }
}

function checkTable({ value, place }: Parsed<TableDefinition>, definitions: Definitions): Issue[] {
  const names = new Names(place);
  const instruments = new Map(definitions.instruments.map((i) => [i.value.id, i.value]));
  names.expect(instruments, value.instrument, 'instrument', ['instrument']);
  const instrument = instruments.get(value.instrument);
  if (!instrument) return names.issues;
  const fields = fieldNames(instrument);
  names.expect(new Set(instrument.measures.map((m) => m.id)), value.measure, 'measure', ['measure']);
  names.condition(fields, value.where, ['where']);
  const dimensions = new Set(value.by.map((b) => b.field));
  if (dimensions.size !== value.by.length) names.refuse('a field stands twice under "by"', 'remove one', ['by']);
  for (const [i, b] of value.by.entries()) {
    names.expect(fields, b.field, 'field', ['by', i, 'field']);
    const listId = instrument.fields.find((f) => f.name === b.field)?.codelist;
    const levels = new Set(listId === undefined ? [] : (definitions.codelists.get(listId)?.definition.levels ?? []));
    for (const level of [b.level, ...(b.levels ?? [])]) names.expect(levels, level, 'level', ['by', i, b.level === undefined ? 'levels' : 'level']);
  }
  if (value.chart) {
    for (const key of ['x', 'series', 'facet'] as const) names.expect(dimensions, value.chart[key], 'dimension', ['chart', key]);
    for (const field of Object.keys(value.chart.at)) names.expect(dimensions, field, 'dimension', ['chart', 'at', field]);
  }
  for (const [i, d] of value.derive.entries()) names.expect(dimensions, d.over, 'dimension', ['derive', i, 'over']);
  const context = { instrument, codelists: definitions.codelists, collection: definitions.collection?.value };
  return [...names.issues, ...valueIssues(tableValueProblems(value, context), place)];
}

function checkCollection({ value, place }: Parsed<CollectionDefinition>, definitions: Definitions): Issue[] {
  const names = new Names(place);
  const instruments = new Map(definitions.instruments.map((i) => [i.value.id, i]));
  const tables = new Map(definitions.tables.map((t) => [t.value.id, t.value]));
  const agencies = new Set(value.agencies.map((a) => a.id));
  const rounds = new Set(value.rounds.map((r) => r.id));
  for (const [i, input] of value.inputs.entries()) {
    names.expect(instruments, input.instrument, 'instrument', ['inputs', i, 'instrument']);
    names.expect(agencies, input.agency, 'agency', ['inputs', i, 'agency']);
    names.expect(rounds, input.round, 'round', ['inputs', i, 'round']);
  }
  for (const [i, r] of value.rounds.entries()) if (r.from > r.to) names.refuse(`round "${r.id}" ends before it starts`, 'mend the dates', ['rounds', i, 'to']);
  const values: ValueProblem[] = [];
  const cell = (id: string, at: Record<string, string>, path: PropertyKey[], along?: string): void => {
    names.expect(tables, id, 'table', [...path, 'table']);
    const table = tables.get(id);
    const instrument = instruments.get(table?.instrument ?? '')?.value;
    const dimensions = new Set(table?.by.map((b) => b.field) ?? []);
    for (const field of Object.keys(at)) names.expect(dimensions, field, 'dimension', [...path, 'at', field]);
    if (table) names.expect(dimensions, along, 'dimension', [...path.slice(0, 2), 'along']);
    if (table && instrument) values.push(...atProblems(table, at, { instrument, codelists: definitions.codelists, collection: value }, [...path, 'at'], [along]));
  };
  for (const [i, c] of value.controls.entries()) cell(c.table, c.at, ['controls', i]);
  for (const [i, c] of value.comparisons.entries()) {
    for (const [j, s] of c.sides.entries()) cell(s.table, s.at, ['comparisons', i, 'sides', j], c.along);
  }
  return [...names.issues, ...valueIssues(values, place)];
}
