/**
 * Can a file be read as the format says? Names under `format: json` are checked against each other and against the
 * fields: a definition that would refuse every file, or that reads a column otherwise than it was meant, is refused.
 * Names that only a document holds are not known here.
 * @module
 */
import type { ValueProblem } from './check-values.ts';
import type { InstrumentDefinition, JsonFormat } from './schema.ts';

/** What does not fit in an instrument's `format: json`. */
export function jsonProblems(instrument: InstrumentDefinition): ValueProblem[] {
  const { json } = instrument.format;
  if (!json) return [];
  const columns = Array.isArray(json.columns) ? json.columns : undefined;
  return [...listProblems(instrument, json), ...bandProblems(instrument, json, columns), ...(columns ? columnProblems(instrument, json, columns) : [])];
}

/** A list for a column that nothing reads is a misspelt name: the column meant would be read as bare places. */
function listProblems(instrument: InstrumentDefinition, json: JsonFormat): ValueProblem[] {
  const read = new Set([...instrument.fields.map(sourceOf), ...boundsOf(json)]);
  return Object.keys(json.lists).flatMap((name) => (read.has(name) ? [] : problem(['lists', name], `no field is read from a column "${name}"`, `name the column of a field: ${some([...read])}`)));
}

function bandProblems(instrument: InstrumentDefinition, json: JsonFormat, columns: readonly string[] | undefined): ValueProblem[] {
  return Object.entries(json.bands).flatMap(([name, { low, high }]) => {
    const field = instrument.fields.find((f) => sourceOf(f) === name);
    return [
      ...(field === undefined ? problem(['bands', name], `no field is read from a column "${name}"`, 'give a field this name, or this source') : []),
      ...(field === undefined || field.bounds.includes('band') ? [] : problem(['bands', name], `field "${field.name}" takes no bands`, 'give the field bounds: [band]')),
      ...(low === high ? problem(['bands', name, 'high'], `the bounds of "${name}" stand in one column`, 'name the column of each bound') : []),
      ...(boundsOf(json).includes(name) || columns?.includes(name) === true ? problem(['bands', name], `"${name}" is the name of a column already`, 'give the number made of the two bounds a name of its own') : []),
    ];
  });
}

/** The names of all columns are known: each is used once, and there is one for each field. */
function columnProblems(instrument: InstrumentDefinition, json: JsonFormat, columns: readonly string[]): ValueProblem[] {
  const expect = (name: string, path: readonly PropertyKey[]): ValueProblem[] => (columns.includes(name) ? [] : problem(path, `"${name}" is no column of the records`, `use one of: ${some(columns)}`));
  const repeated = columns.flatMap((name, i) => (columns.indexOf(name) === i ? [] : problem(['columns', i], `the column "${name}" is named twice`, 'give each column its own name')));
  const unknown = [
    ...Object.keys(json.lists).flatMap((name) => expect(name, ['lists', name])),
    ...Object.entries(json.bands).flatMap(([name, { low, high }]) => [...expect(low, ['bands', name, 'low']), ...expect(high, ['bands', name, 'high'])]),
  ];
  return [...repeated, ...unknown, ...(instrument.format.unpivot ? [] : fieldProblems(instrument, json, columns))];
}

/** Not asked with wide columns, which are matched by a pattern and stand for themselves. */
function fieldProblems(instrument: InstrumentDefinition, json: JsonFormat, columns: readonly string[]): ValueProblem[] {
  const known = new Set([...columns, ...Object.keys(json.bands)]);
  const read = new Set([...instrument.fields.map(sourceOf), ...boundsOf(json)]);
  const missing = instrument.fields.flatMap((f, i): ValueProblem[] => (known.has(sourceOf(f)) ? [] : [{
    path: ['fields', i], message: `"${sourceOf(f)}" is no column of the records as format.json.columns names them`, repair: 'name the column there, or take the field out',
  }]));
  const extra = instrument.extraColumns === 'ignore' ? [] : columns.flatMap((name, i) => (read.has(name) ? [] : problem(['columns', i], `the column "${name}" is no field, so that extraColumns refuses every file`, 'declare a field for it, or set extraColumns: ignore')));
  return [...missing, ...extra];
}

function sourceOf(field: InstrumentDefinition['fields'][number]): string {
  return field.source ?? field.name;
}

function boundsOf(json: JsonFormat): string[] {
  return Object.values(json.bands).flatMap(({ low, high }) => [low, high]);
}

function some(names: readonly string[]): string {
  return `${names.slice(0, 12).join(', ')}${names.length > 12 ? ', …' : ''}`;
}

function problem(path: readonly PropertyKey[], message: string, repair: string): ValueProblem[] {
  return [{ path: ['format', 'json', ...path], message, repair }];
}
