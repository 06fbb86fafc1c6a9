/**
 * Reads a collection's generator settings and checks them against its instruments: every column is drawn, once, after
 * what it looks at; every code is in the field's list; every distribution has its reason; every record is labelled.
 * @module
 */
import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Refusal } from '@weighbridge/base';
import type { Issue, Place } from '@weighbridge/base';
import { parseYaml } from '@weighbridge/instrument';
import type { Collection, FieldDefinition, Instrument, Parsed } from '@weighbridge/instrument';
import { filePart } from './generators.ts';
import { kindOf, sampleSchema } from './settings.ts';
import type { CaseSettings, FieldSettings, SampleSettings } from './settings.ts';

/** Settings with their instrument. */
export interface Sampled {
  readonly settings: SampleSettings;
  readonly instrument: Instrument;
}

/** The field that labels each generated record. */
export const LABEL_FIELD = 'synthetic';

/**
 * Settings of every instrument that has any, in the order of the file names.
 * @throws Refusal `SAMPLE_MISSING` (no settings at all), `YAML_SYNTAX`, `DEFINITION`, or `SAMPLE_SETTINGS`, one issue per
 *   mistake with file, line and key
 */
export async function loadSettings(collection: Collection): Promise<Sampled[]> {
  const folder = join(collection.folder, 'sample');
  const names = (await readdir(folder).catch(() => [])).filter((n) => n.endsWith('.yaml')).sort();
  if (names.length === 0) {
    throw new Refusal([{
      code: 'SAMPLE_MISSING', severity: 'error', message: 'the collection has no generator settings', place: { file: 'sample' },
      repair: 'write sample/<instrument>.yaml for the instruments that synthetic extracts shall be made for',
    }]);
  }
  const issues: Issue[] = [];
  const sampled: Sampled[] = [];
  for (const name of names) {
    const file = `sample/${name}`;
    try {
      const parsed = parseYaml(sampleSchema, await readFile(join(folder, name), 'utf8'), file);
      const instrument = collection.instruments.get(parsed.value.instrument);
      issues.push(...new Checker(parsed, instrument, collection).issues);
      if (instrument) sampled.push({ settings: parsed.value, instrument });
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      issues.push(...error.issues);
    }
  }
  const [first, ...rest] = issues;
  if (first) throw new Refusal([first, ...rest]);
  return sampled;
}

class Checker {
  readonly issues: Issue[] = [];
  readonly #settings: SampleSettings;
  readonly #place: (path: readonly PropertyKey[]) => Place;
  readonly #collection: Collection;
  readonly #drawn = new Map<string, FieldSettings>();

  constructor(parsed: Parsed<SampleSettings>, instrument: Instrument | undefined, collection: Collection) {
    this.#settings = parsed.value;
    this.#place = parsed.place;
    this.#collection = collection;
    this.#checkShares();
    if (!instrument) {
      this.#refuse(['instrument'], `instrument "${parsed.value.instrument}" is not defined`, `use one of: ${[...collection.instruments.keys()].join(', ')}`);
      return;
    }
    const fields = new Map(instrument.definition.fields.map((f) => [f.name, f]));
    for (const [i, field] of this.#settings.fields.entries()) this.#checkField(field, i, fields, instrument);
    for (const name of fields.keys()) {
      if (!this.#drawn.has(name)) this.#refuse(['fields'], `column "${name}" of the instrument is not drawn`, 'add it under "fields"; `value: ""` leaves it blank');
    }
    this.#checkLabel(fields.get(LABEL_FIELD));
  }

  #checkShares(): void {
    const known = { agencies: this.#collection.definition.agencies, rounds: this.#collection.definition.rounds };
    for (const key of ['agencies', 'rounds'] as const) {
      const share = this.#settings[key];
      const ids = known[key].map((k) => k.id);
      for (const id of Object.keys(share.weights)) {
        if (!ids.includes(id)) this.#refuse([key, 'weights', id], `"${id}" is not one of the collection's ${key}`, `use: ${ids.join(', ')}`);
      }
      if (Object.keys(share.weights).length > 1) this.#checkReason(share, undefined, [key]);
    }
    const parts = Object.keys(this.#settings.agencies.weights).flatMap((agency) => Object.keys(this.#settings.rounds.weights)
      .map((round) => filePart({ instrument: this.#settings.instrument, agency, round }, '')));
    if (new Set(parts).size !== parts.length) this.#refuse(['agencies'], 'two files would have the same pseudonyms', 'rename an agency or a round');
  }

  #checkField(field: FieldSettings, i: number, fields: ReadonlyMap<string, FieldDefinition>, instrument: Instrument): void {
    const path = ['fields', i];
    const definition = fields.get(field.field);
    if (!definition && !this.#settings.hidden.includes(field.field)) this.#refuse([...path, 'field'], `"${field.field}" is neither a column of the instrument nor hidden`, 'check the spelling, or list it under "hidden"');
    if (this.#drawn.has(field.field)) this.#refuse([...path, 'field'], `"${field.field}" is drawn twice`, 'remove one, or make it a case of the other');
    if (field.heldBy !== undefined && this.#drawn.get(field.heldBy)?.group === undefined) this.#refuse([...path, 'heldBy'], `"${field.heldBy}" is not a group drawn before`, 'draw a field with "group" first');
    this.#checkNode(field, path, field, definition, instrument);
    for (const [j, one] of field.cases.entries()) {
      const at = [...path, 'cases', j];
      for (const [name, codes] of Object.entries(one.when)) this.#checkCondition(name, codes, [...at, 'when', name]);
      this.#checkNode(one, at, field, definition, instrument);
    }
    this.#drawn.set(field.field, field);
  }

  #checkCondition(name: string, codes: string | readonly string[], path: readonly PropertyKey[]): void {
    const list = typeof codes === 'string' ? [codes] : codes;
    const share = name === 'agency' ? this.#settings.agencies : name === 'round' ? this.#settings.rounds : undefined;
    const known = share ? Object.keys(share.weights) : possibleValues(this.#drawn.get(name));
    if (known === 'undrawn') this.#refuse(path, `"${name}" is not drawn before this field`, 'move it up, or look at a field that stands above');
    else if (known !== 'open') {
      for (const code of list) if (!known.includes(code)) this.#refuse(path, `"${name}" is never "${code}"`, `use: ${known.join(', ')}`);
    }
  }

  #checkNode(node: FieldSettings | CaseSettings, path: readonly PropertyKey[], field: FieldSettings, definition: FieldDefinition | undefined, instrument: Instrument): void {
    const kind = kindOf(node);
    if (isDistribution(node)) this.#checkReason(node, field, path);
    if (node.sizeOf !== undefined && this.#drawn.get(node.sizeOf)?.group === undefined) this.#refuse([...path, 'sizeOf'], `"${node.sizeOf}" is not a group drawn before`, 'draw a field with "group" first');
    if (node.date?.from !== undefined && !isDate(this.#drawn.get(node.date.from))) this.#refuse([...path, 'date', 'from'], `"${node.date.from}" is not a date drawn before`, 'draw the date that the lag counts from first');
    if (kind === 'group' || field.group !== undefined) this.#checkGroup(node, field, path);
    if (node.distinctWithin !== undefined) this.#checkDistinct(node, path);
    if (definition) for (const code of codesOf(node)) this.#checkCode(code, definition, instrument, path);
  }

  /** A run's length is settled at its first record, so its cases may look at the agency and the round only. */
  #checkGroup(node: FieldSettings | CaseSettings, field: FieldSettings, path: readonly PropertyKey[]): void {
    if (node.group === undefined || field.group === undefined) this.#refuse(path, `"${field.field}" is a group in one case and not in another`, 'make every case a group');
    if ('when' in node && Object.keys(node.when).some((n) => n !== 'agency' && n !== 'round')) this.#refuse([...path, 'when'], 'the cases of a group may look at agency and round only', 'remove the other conditions');
    if (sizesOf(node).some((n) => !Number.isSafeInteger(n) || n < 1 || n > 999_999)) this.#refuse([...path, 'group', 'size'], 'sizes are whole numbers from 1 to 999999', 'write sizes such as {"1": 60, "2": 40}');
  }

  #checkDistinct(node: FieldSettings | CaseSettings, path: readonly PropertyKey[]): void {
    const group = this.#drawn.get(node.distinctWithin ?? '');
    const codes = Object.values(node.choose ?? {}).filter((w) => w > 0).length;
    if (group?.group === undefined) this.#refuse([...path, 'distinctWithin'], `"${node.distinctWithin ?? ''}" is not a group drawn before`, 'draw a field with "group" first');
    else if (Math.max(...[group, ...group.cases].flatMap(sizesOf)) > codes) this.#refuse([...path, 'distinctWithin'], 'a run can be longer than there are codes', 'shorten the runs or add codes');
  }

  #checkCode(code: string, definition: FieldDefinition, instrument: Instrument, path: readonly PropertyKey[]): void {
    if (/[",\r\n]/.test(code)) this.#refuse(path, 'values may hold no comma, quote or line break', 'use a code');
    if (code === '') {
      if (definition.required) this.#refuse(path, `"${definition.name}" is required and would be blank`, 'give it a value');
      return;
    }
    const list = definition.codelist === undefined ? undefined : instrument.codelists.get(definition.codelist);
    if (list && !definition.open && !(code in definition.marks) && !list.entries.some((e) => e.code === code)) this.#refuse(path, `"${code}" is not in code list "${list.definition.id}"`, 'use a code of the list');
  }

  #checkReason(node: { source?: string | undefined; assumption?: string | undefined }, field: FieldSettings | undefined, path: readonly PropertyKey[]): void {
    const has = [node, field].some((n) => n?.source !== undefined || n?.assumption !== undefined);
    if (!has) this.#refuse(path, 'a distribution needs its reason', 'add "source: <anchor in docs/references.md>" or "assumption: <why>"');
  }

  #checkLabel(definition: FieldDefinition | undefined): void {
    const label = this.#drawn.get(LABEL_FIELD);
    if (definition?.type !== 'boolean' || label?.value !== 'true' || label.cases.length > 0) {
      this.#refuse(['fields'], 'every generated record must say that it is synthetic', `give the instrument a boolean field "${LABEL_FIELD}" and draw it with value: "true"`);
    }
  }

  #refuse(path: readonly PropertyKey[], message: string, repair: string): void {
    this.issues.push({ code: 'SAMPLE_SETTINGS', severity: 'error', message, place: this.#place(path), repair });
  }
}

/** Whether a node draws by chance in a way that somebody chose; a date anywhere in the round is not chosen. */
function isDistribution(node: FieldSettings | CaseSettings): boolean {
  const bands = node.integer?.bands ?? node.date?.days ?? [];
  return bands.length > 1 || bands.some((b) => b.from !== b.to) || node.group !== undefined || node.id?.shared !== undefined
    || Object.keys(node.choose ?? {}).length > 1;
}

function sizesOf(node: FieldSettings | CaseSettings): number[] {
  return Object.keys(node.group?.size ?? {}).map(Number);
}

function codesOf(node: FieldSettings | CaseSettings): string[] {
  return [...(node.value === undefined ? [] : [node.value]), ...Object.keys(node.choose ?? {})];
}

function isDate(field: FieldSettings | undefined): boolean {
  return field !== undefined && [field, ...field.cases].every((node) => node.date !== undefined);
}

/** What a field can hold, where that can be listed. */
function possibleValues(field: FieldSettings | undefined): readonly string[] | 'open' | 'undrawn' {
  if (!field) return 'undrawn';
  const nodes = [field, ...field.cases];
  const run = nodes.some((n) => ['integer', 'date', 'id', 'group', 'sizeOf'].includes(kindOf(n)));
  return run ? 'open' : [...new Set(nodes.flatMap(codesOf))];
}
