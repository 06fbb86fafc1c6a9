/**
 * The records of one instrument as SQL: the sealed columns, and derived fields in layers above them.
 * What is asked of the whole data more than once (months covered, codes present, folded spellings) is asked once.
 * @module
 */
import { foldText, refuse } from '@weighbridge/base';
import { sqlName, sqlText } from '@weighbridge/engine';
import type { Engine, SqlRow } from '@weighbridge/engine';
import { conditionFields, conditionSql } from '@weighbridge/instrument';
import type { Condition, ConditionContext, DerivedDefinition, Instrument } from '@weighbridge/instrument';
import {
  bandsSql, casesSql, daysBetweenSql, derivedOf, fieldColumns, fieldOf, hasStates, ownFieldSql, partSql, reservedFieldSql,
} from './fields.ts';
import type { FieldSql } from './fields.ts';
import { recordsSql } from './sources.ts';
import type { CurrentSources } from './sources.ts';

/** Records ready to be filtered and grouped: `sql` is a query whose rows stand under the alias {@link RECORD}. */
export interface Records {
  readonly sql: string;
  readonly field: (name: string) => FieldSql;
}

/** Alias of a record in all SQL that is built over {@link Records}. */
export const RECORD = 'r';

/** One instrument with its submissions and the engine that reads them. */
export class InstrumentData {
  readonly instrument: Instrument;
  readonly sources: CurrentSources;
  readonly engine: Engine;
  readonly #answers = new Map<string, Promise<unknown>>();

  constructor(instrument: Instrument, sources: CurrentSources, engine: Engine) {
    this.instrument = instrument;
    this.sources = sources;
    this.engine = engine;
  }

  /** The answer to a question about the whole data, worked out at the first call. */
  once<T>(question: string, work: () => Promise<T>): Promise<T> {
    const known = this.#answers.get(question) as Promise<T> | undefined;
    if (known) return known;
    const answer = work();
    this.#answers.set(question, answer);
    return answer;
  }

  rows(sql: string, purpose: string): Promise<SqlRow[]> {
    return this.engine.rows(sql, `${this.instrument.definition.id}: ${purpose}`);
  }

  /** A condition over a record of {@link Records}. Always two-valued. */
  condition(condition: Condition, alias: string = RECORD): string {
    return conditionSql(condition, this.#context(alias));
  }

  /** The fields that a condition reads, those behind `anyField` included. */
  conditionNeeds(condition: Condition): string[] {
    return [...conditionFields(condition), ...('anyField' in condition ? this.#textFields() : [])];
  }

  /** The day of a date, yearmonth or year field as an SQL date: a period counts from its first day. */
  daySql(field: string, alias: string = RECORD): string {
    const column = `${alias}.${sqlName(field)}`;
    const type = fieldOf(this.instrument.definition, field)?.type;
    if (type === 'yearmonth') return `CAST(CONCAT(${column}, '-01') AS DATE)`;
    return type === 'year' ? `CAST(CONCAT(CAST(${column} AS VARCHAR), '-01-01') AS DATE)` : column;
  }

  /**
   * Records with the fields named, and the sealed columns named besides.
   * @throws Refusal when a derived field cannot be worked out from what it names
   */
  async records(fields: Iterable<string>, columns: readonly string[] = []): Promise<Records> {
    const { base, layers } = this.#plan(fields);
    let sql = recordsSql(this.sources.current, [...new Set([...base, ...columns])].sort());
    for (const [depth, layer] of layers.entries()) sql = await this.#layer(sql, layer, `l${depth}`);
    return { sql, field: (name) => this.#fieldSql(name, RECORD) };
  }

  #fieldSql(name: string, alias: string): FieldSql {
    const own = fieldOf(this.instrument.definition, name);
    if (own) return ownFieldSql(own, alias);
    const derived = derivedOf(this.instrument.definition, name);
    if (!derived) return reservedFieldSql(name, alias);
    const computed = this.#computed(derived, alias);
    const text = `${alias}.${sqlName(name)}`;
    return computed ? { group: `${alias}.${sqlName(`${name}__group`)}`, text: computed.text } : { group: text, text: (g) => g };
  }

  /** Sealed columns and the layers of derived fields that the fields need, each layer above those it reads. */
  #plan(fields: Iterable<string>): { base: Set<string>; layers: DerivedDefinition[][] } {
    const base = new Set<string>();
    const depths = new Map<string, number>();
    const visit = (name: string, above: readonly string[]): number => {
      if (above.includes(name)) refuse('DERIVED_CYCLE', `derived field "${name}" is computed from itself`, { object: this.instrument.definition.id }, 'mend the derived fields');
      const own = fieldOf(this.instrument.definition, name);
      if (own) for (const column of fieldColumns(own)) base.add(column);
      const derived = derivedOf(this.instrument.definition, name);
      if (!derived) return -1;
      const depth = 1 + Math.max(-1, ...this.#needs(derived).map((n) => visit(n, [...above, name])));
      depths.set(name, depth);
      if (derived.bands) {
        const of = fieldOf(this.instrument.definition, derived.bands.of);
        if (of && hasStates(of)) base.add(`${of.name}__lo`).add(`${of.name}__hi`);
      }
      return depth;
    };
    for (const name of fields) visit(name, []);
    const layers: DerivedDefinition[][] = [];
    for (const derived of this.instrument.definition.derived) {
      const depth = depths.get(derived.name);
      if (depth !== undefined) (layers[depth] ??= []).push(derived);
    }
    return { base, layers };
  }

  #needs(d: DerivedDefinition): string[] {
    const named = [d.part?.of, d.lookup?.key, d.lookup?.at, d.daysBetween?.from, d.daysBetween?.to, d.bands?.of, d.fold?.of];
    return [...named.filter((n) => n !== undefined), ...(d.cases?.of ?? []).flatMap((c) => this.conditionNeeds(c.when))];
  }

  async #layer(below: string, layer: readonly DerivedDefinition[], alias: string): Promise<string> {
    const columns = [`${alias}.*`];
    const joins: string[] = [];
    for (const derived of layer) {
      const computed = this.#computed(derived, alias);
      if (computed) {
        columns.push(`${computed.group} AS ${sqlName(`${derived.name}__group`)}`, `${computed.text(computed.group)} AS ${sqlName(derived.name)}`);
      } else {
        const join = derived.lookup ? this.#lookup(derived, derived.lookup, alias) : await this.#fold(below, derived, alias);
        columns.push(`${join.value} AS ${sqlName(derived.name)}`);
        joins.push(...join.joins);
      }
    }
    return `SELECT ${columns.join(', ')}\nFROM (${below}) AS ${alias}${joins.map((j) => `\n${j}`).join('')}`;
  }

  /** SQL of a derived field that needs no join, or null. */
  #computed(derived: DerivedDefinition, alias: string): FieldSql | null {
    const { definition } = this.instrument;
    if (derived.part) return partSql(derived, derived.part, fieldOf(definition, derived.part.of), alias);
    if (derived.daysBetween) return daysBetweenSql(derived.daysBetween, alias);
    if (derived.bands) return bandsSql(derived.bands, fieldOf(definition, derived.bands.of), alias);
    if (derived.cases) return casesSql(derived.cases, (when) => this.condition(when, alias));
    return null;
  }

  #lookup(derived: DerivedDefinition, lookup: NonNullable<DerivedDefinition['lookup']>, alias: string): Join {
    const entries = this.instrument.codelists.get(lookup.codelist)?.entries ?? [];
    const key = `${alias}.${sqlName(lookup.key)}`;
    const name = sqlName(`lookup_${derived.name}`);
    const value = `COALESCE(${name}.value, ${sqlText(lookup.missing)})`;
    const named = entries.filter((e) => (e.attributes[lookup.attribute] ?? '') !== '');
    if (lookup.at === undefined) {
      const byCode = new Map<string, string>();
      for (const e of named) {
        const attribute = e.attributes[lookup.attribute] ?? '';
        if ((byCode.get(e.code) ?? attribute) !== attribute) {
          refuse('LOOKUP_AMBIGUOUS', `"${lookup.attribute}" of code "${e.code}" changes over time and "${derived.name}" names no date`, { object: derived.name }, 'add "at" with the date that counts');
        }
        byCode.set(e.code, attribute);
      }
      return { value, joins: byCode.size === 0 ? [emptyJoin(name)] : [`LEFT JOIN (${valuesSql([...byCode])}) AS ${name}(code, value) ON ${name}.code = ${key}`] };
    }
    const rows = named.map((e) => [e.code, e.validFrom ?? '0001-01-01', e.validTo ?? '9999-12-31', e.attributes[lookup.attribute] ?? '']);
    if (rows.length === 0) return { value, joins: [emptyJoin(name)] };
    const at = this.daySql(lookup.at, alias);
    const on = `${name}.code = ${key} AND ${at} >= CAST(${name}.valid_from AS DATE) AND ${at} <= CAST(${name}.valid_to AS DATE)`;
    return { value, joins: [`LEFT JOIN (${valuesSql(rows)}) AS ${name}(code, valid_from, valid_to, value) ON ${on}`] };
  }

  /** Engines differ in upper and lower case, so spellings are folded here and joined by their text. */
  async #fold(below: string, derived: DerivedDefinition, alias: string): Promise<Join> {
    const fold = derived.fold;
    if (!fold) return refuse('DERIVED_UNKNOWN', `derived field "${derived.name}" says nothing that can be computed`, { object: derived.name }, 'mend the derived field');
    const text = `COALESCE(${alias}.${sqlName(fold.of)}, '')`;
    if (fold.how === 'none') return { value: text, joins: [] };
    const raws = await this.once(`fold ${derived.name}`, () => this.rows(`SELECT DISTINCT ${text} AS raw FROM (${below}) AS ${alias} ORDER BY raw`, 'reading spellings'));
    const pairs = raws.map((row) => [String(row['raw']), foldText(String(row['raw']), fold.how)]);
    const name = sqlName(`fold_${derived.name}`);
    return {
      value: `COALESCE(${name}.value, '')`,
      joins: [pairs.length === 0 ? emptyJoin(name) : `LEFT JOIN (${valuesSql(pairs)}) AS ${name}(code, value) ON ${name}.code = ${text}`],
    };
  }

  #context(alias: string): ConditionContext {
    const { definition, codelists } = this.instrument;
    return {
      column: (name) => `${alias}.${sqlName(name)}`,
      type: (name) => fieldOf(definition, name)?.type ?? 'string',
      codelist: (name) => codelists.get(fieldOf(definition, name)?.codelist ?? ''),
      split: (name) => fieldOf(definition, name)?.split,
      textFields: this.#textFields(),
    };
  }

  #textFields(): string[] {
    return this.instrument.definition.fields.filter((f) => f.type === 'string').map((f) => f.name);
  }
}

interface Join {
  readonly value: string;
  readonly joins: readonly string[];
}

function emptyJoin(name: string): string {
  return `LEFT JOIN (SELECT '' AS code, '' AS value) AS ${name} ON FALSE`;
}

/** Rows of texts as a query: the one place where engines differ in how they write a small table. */
export function valuesSql(rows: readonly (readonly string[])[]): string {
  return `VALUES ${rows.map((row) => `(${row.map(sqlText).join(', ')})`).join(', ')}`;
}
