/**
 * What a table may stand over: no identifier and no free text, however it is computed, and over confidential records
 * only dimensions whose codes come from definitions. Leaves out: measures, whose numbers protection takes care of.
 * @module
 */
import type { Instrument } from './collection.ts';
import { conditionFields } from './condition-sql.ts';
import type { Condition, FieldDefinition, TableDefinition } from './schema.ts';

/** Why a table may not be released, with the key path in its file. */
export interface ReleaseObstacle {
  readonly why: string;
  readonly repair: string;
  readonly path: readonly PropertyKey[];
}

/** Everything that keeps a table from being released; empty when nothing does. References must resolve. */
export function releaseObstacles(table: TableDefinition, instrument: Instrument): ReleaseObstacle[] {
  const obstacles: ReleaseObstacle[] = [];
  for (const [i, by] of table.by.entries()) {
    const held = heldBack(baseFields(instrument, [by.field]));
    const path = ['by', i, 'field'];
    if (held) obstacles.push({ why: `${phrase(by.field, held)} and can be no dimension of a table`, repair: 'remove it from "by"', path });
    else obstacles.push(...fromRecords(instrument, by.field, path));
  }
  if (instrument.definition.sensitivity.level === 'public') return obstacles;
  for (const [key, test] of Object.entries(table.where)) {
    const held = heldBack(baseFields(instrument, fieldsTested(instrument, { [key]: test })));
    if (held) obstacles.push({ why: `${phrase(key, held)} and cannot choose the records of a table`, repair: 'remove it from "where"', path: ['where', key] });
  }
  return obstacles;
}

/** Fields of the return behind the fields named: derived fields are followed down, those in the conditions of cases too. */
export function baseFields(instrument: Instrument, names: readonly string[]): FieldDefinition[] {
  const seen = new Set<string>();
  const visit = (name: string): FieldDefinition[] => {
    if (seen.has(name)) return [];
    seen.add(name);
    const own = instrument.definition.fields.find((f) => f.name === name);
    const derived = instrument.definition.derived.find((d) => d.name === name);
    if (own || !derived) return own ? [own] : [];
    const { part, lookup, daysBetween, bands, cases, fold } = derived;
    const named = [part?.of, lookup?.key, lookup?.at, daysBetween?.from, daysBetween?.to, bands?.of, fold?.of].filter((n) => n !== undefined);
    return [...named, ...(cases?.of ?? []).flatMap((c) => fieldsTested(instrument, c.when))].flatMap(visit);
  };
  return names.flatMap(visit);
}

/** `anyField` looks into every text field. */
function fieldsTested(instrument: Instrument, condition: Condition): string[] {
  const texts = 'anyField' in condition ? instrument.definition.fields.filter((f) => f.type === 'string').map((f) => f.name) : [];
  return [...conditionFields(condition), ...texts];
}

function heldBack(fields: readonly FieldDefinition[]): FieldDefinition | undefined {
  return fields.find((f) => f.sensitivity === 'identifier' || f.sensitivity === 'free-text');
}

function phrase(name: string, held: FieldDefinition): string {
  const kind = held.sensitivity === 'identifier' ? 'an identifier' : 'free text';
  return name === held.name ? `"${name}" is ${kind}` : `"${name}" reads "${held.name}", which is ${kind},`;
}

/** The texts of confidential records are confidential: as codes of a table they would be printed. */
function fromRecords(instrument: Instrument, name: string, path: readonly PropertyKey[]): ReleaseObstacle[] {
  const { definition } = instrument;
  const folded = definition.derived.find((d) => d.name === name)?.fold;
  const own = definition.fields.find((f) => f.name === (folded?.of ?? name));
  if (definition.sensitivity.level === 'public' || !own || own.sensitivity === 'public') return [];
  if (!folded && hasKnownCodes(own)) return [];
  return [{
    why: `"${name}" can be no dimension of a table of confidential records: its codes come from the records themselves`,
    repair: own.type === 'date'
      ? 'show a calendar part of it, such as its quarter'
      : 'give the field a closed code list or an enum, or put it into bands or cases; if its values are public, give it sensitivity: public',
    path,
  }];
}

function hasKnownCodes(field: FieldDefinition): boolean {
  if (field.codelist !== undefined) return !field.open;
  return field.constraints.enum !== undefined || field.type === 'boolean' || field.type === 'yearmonth' || field.type === 'year';
}
