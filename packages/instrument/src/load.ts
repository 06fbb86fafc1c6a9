/**
 * Reads a collection's folder into checked definitions: every reference resolves, every table keeps the laws.
 * @module
 */
import { readFile, readdir, stat } from 'node:fs/promises';
import { basename, dirname, join, relative, resolve, sep } from 'node:path';
import { Refusal, refuse, sha384 } from '@weighbridge/base';
import type { Issue } from '@weighbridge/base';
import { parse as parseCsv } from 'csv-parse/sync';
import { checkReferences } from './check-references.ts';
import { readCodelist } from './codelist.ts';
import type { Codelist, Collection, DefinitionFile, Instrument, Spelling, TableSpec } from './collection.ts';
import { checkLaws } from './laws.ts';
import { parseYaml } from './parse-yaml.ts';
import type { Parsed } from './parse-yaml.ts';
import { codelistSchema, collectionSchema, instrumentSchema, tableSchema } from './schema.ts';
import type { CodelistDefinition, InstrumentDefinition, RoundDefinition, TableDefinition } from './schema.ts';

/** A parsed definition with its file. */
export interface Loaded<T> extends Parsed<T> {
  readonly file: DefinitionFile;
}

/**
 * Loads and checks a collection.
 * @param inputRoot - folder that inputs are below; overrides the collection's own
 * @throws Refusal with every mistake found at the first stage that has any: YAML and schema (`YAML_SYNTAX`,
 *   `DEFINITION`), then code lists, then references (`REFERENCE`), then the laws of adding (`LEVELS_MIXED`,
 *   `OVERLAPPING_AGGREGATE`, `MEASURE_DOES_NOT_ADD`, `STOCK_OVER_TIME`, `FIELD_NOT_RELEASABLE`)
 */
export async function loadCollection(folder: string, options: { readonly inputRoot?: string } = {}): Promise<Collection> {
  const root = resolve(folder);
  const collection = await loadOne(root, 'collection.yaml', collectionSchema, 'COLLECTION_MISSING', 'name a folder that holds collection.yaml, or make one with `weighbridge init`');
  const inputRoot = resolve(options.inputRoot ?? join(root, collection.value.inputRoot));
  const codelistFiles = await loadFolder(root, 'codelists', codelistSchema);
  const instrumentFiles = await loadFolder(root, 'instruments', instrumentSchema);
  const tableFiles = await loadFolder(root, 'tables', tableSchema);
  const codelists = await readCodelists(codelistFiles, root, inputRoot);
  const instruments = new Map<string, Instrument>();
  for (const loaded of instrumentFiles) instruments.set(loaded.value.id, await completeInstrument(loaded, codelists, root));
  throwErrors([
    ...repeatedIds(codelistFiles), ...repeatedIds(instrumentFiles), ...repeatedIds(tableFiles),
    ...checkReferences({ collection, instruments: instrumentFiles, tables: tableFiles, codelists }),
  ]);
  throwErrors(tableFiles.flatMap((table) => {
    const instrument = instruments.get(table.value.instrument);
    return instrument ? checkLaws(table.value, instrument).map((issue) => ({ ...issue, place: { ...table.place(issue.path), object: table.value.id } })) : [];
  }));
  return {
    folder: root, inputRoot, definition: collection.value, instruments, codelists,
    tables: new Map(tableFiles.map((t): [string, TableSpec] => [t.value.id, { definition: t.value, file: t.file }])),
    files: await definitionFiles(root, [
      ...[collection, ...codelistFiles, ...instrumentFiles, ...tableFiles].map((l) => l.file),
      ...[...codelists.values()].map((c) => c.input).filter((f) => f !== null),
    ]),
  };
}

/**
 * Loads one instrument by its file, with the code lists of the collection that it stands in
 * (`../codelists` seen from the instrument): what an air-gapped steward has.
 */
export async function loadInstrument(file: string): Promise<Instrument> {
  const path = resolve(file);
  const folder = dirname(path);
  const root = dirname(folder);
  const loaded = await loadOne(root, relative(root, path), instrumentSchema, 'INSTRUMENT_MISSING', 'name an instrument file, such as instruments/devices.yaml');
  const inputRoot = await loadOne(root, 'collection.yaml', collectionSchema, 'COLLECTION_MISSING', '').then((c) => resolve(join(root, c.value.inputRoot)), () => root);
  const used = new Set(usedCodelists(loaded.value));
  const files = (await loadFolder(root, 'codelists', codelistSchema)).filter((c) => used.has(c.value.id));
  const codelists = await readCodelists(files, root, inputRoot);
  throwErrors(checkReferences({ instruments: [loaded], tables: [], codelists }));
  return completeInstrument(loaded, codelists, root);
}

/**
 * A round of the collection that an instrument's file stands in, by its identifier.
 * @throws Refusal `COLLECTION_MISSING`, the mistakes of `collection.yaml`, `ROUND_UNKNOWN`
 */
export async function loadRound(instrumentFile: string, id: string): Promise<RoundDefinition> {
  const root = dirname(dirname(resolve(instrumentFile)));
  const { value, place } = await loadOne(root, 'collection.yaml', collectionSchema, 'COLLECTION_MISSING', 'name an instrument that stands in a collection, or leave the round out');
  const round = value.rounds.find((r) => r.id === id);
  return round ?? refuse('ROUND_UNKNOWN', `the collection has no round “${id}”`, place(['rounds']), `use one of ${value.rounds.map((r) => r.id).join(', ')}`);
}

/**
 * The other instruments in the folder of an instrument's file: to say which of them a file looks like. Those that
 * cannot be read are left out: nobody asked about them.
 */
export async function loadNeighbours(instrumentFile: string): Promise<InstrumentDefinition[]> {
  const path = resolve(instrumentFile);
  const names = (await readdir(dirname(path)).catch(() => [])).filter((name) => name.endsWith('.yaml') && name !== basename(path)).sort();
  const read = names.map((name) => loadOne(dirname(path), name, instrumentSchema, 'INSTRUMENT_MISSING', '').then((loaded) => {
    const mistakes = checkReferences({ instruments: [loaded], tables: [], codelists: new Map() });
    return mistakes.some((issue) => issue.code === 'VALUE') ? [] : [loaded.value];
  }, () => []));
  return (await Promise.all(read)).flat();
}

async function loadOne<T extends Parameters<typeof parseYaml>[0]>(
  root: string, path: string, schema: T, missingCode: string, repair: string,
): Promise<Loaded<ReturnType<typeof parseYaml<T>>['value']>> {
  const text = await readFile(join(root, path), 'utf8').catch((cause: unknown) => {
    throw new Refusal([{ code: missingCode, severity: 'error', message: `${path} could not be read`, place: { file: path }, repair }], { cause });
  });
  const file: DefinitionFile = { path: path.split(sep).join('/'), text, sha384: sha384(text) };
  return { ...parseYaml(schema, text, file.path), file };
}

async function loadFolder<T extends Parameters<typeof parseYaml>[0]>(
  root: string, folder: string, schema: T,
): Promise<Loaded<ReturnType<typeof parseYaml<T>>['value']>[]> {
  const names = await readdir(join(root, folder)).catch(() => []);
  const loaded: Loaded<ReturnType<typeof parseYaml<T>>['value']>[] = [];
  const issues: Issue[] = [];
  for (const name of names.filter((n) => n.endsWith('.yaml')).sort()) {
    try {
      loaded.push(await loadOne(root, join(folder, name), schema, 'DEFINITION', 'mend the file'));
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      issues.push(...error.issues);
    }
  }
  throwErrors(issues);
  return loaded;
}

async function readCodelists(files: readonly Loaded<CodelistDefinition>[], root: string, inputRoot: string): Promise<Map<string, Codelist>> {
  const codelists = new Map<string, Codelist>();
  for (const { value, file } of files) {
    codelists.set(value.id, await readCodelist(value, { file: file.path, folder: join(root, 'codelists'), inputRoot }));
  }
  return codelists;
}

async function completeInstrument(loaded: Loaded<InstrumentDefinition>, all: ReadonlyMap<string, Codelist>, root: string): Promise<Instrument> {
  const codelists = new Map<string, Codelist>();
  for (const id of usedCodelists(loaded.value)) {
    const codelist = all.get(id);
    if (codelist) codelists.set(id, codelist);
  }
  const spellings = new Map<string, readonly Spelling[]>();
  for (const field of loaded.value.fields) {
    if (field.spellings !== undefined) spellings.set(field.name, await readSpellings(join(root, 'codelists'), field.spellings));
  }
  return { definition: loaded.value, codelists, spellings, file: loaded.file };
}

function usedCodelists(definition: InstrumentDefinition): string[] {
  return [...definition.fields.map((f) => f.codelist), ...definition.derived.map((d) => d.lookup?.codelist)].filter((id) => id !== undefined);
}

async function readSpellings(folder: string, path: string): Promise<Spelling[]> {
  const bytes = await readFile(join(folder, path)).catch((cause: unknown) => {
    throw new Refusal([{ code: 'REFERENCE', severity: 'error', message: `spellings file ${path} could not be read`, place: { file: path }, repair: 'write the file beside the code lists' }], { cause });
  });
  const rows: Record<string, string>[] = parseCsv(bytes, { bom: true, columns: true, skipEmptyLines: true });
  return rows.map((row) => ({ spelling: row['spelling'] ?? '', code: row['code'] ?? '', approvedBy: row['approved_by'] ?? '', on: row['on'] ?? '' }));
}

/** Every file of the definition folders, also CSV code lists and sample settings: what a release carries. */
async function definitionFiles(root: string, parsed: readonly DefinitionFile[]): Promise<DefinitionFile[]> {
  const files = new Map(parsed.map((f) => [f.path, f]));
  for (const folder of ['codelists', 'sample']) {
    for (const name of await readdir(join(root, folder)).catch(() => [])) {
      const path = `${folder}/${name}`;
      if (files.has(path) || !/\.(csv|yaml)$/.test(name) || !(await stat(join(root, path))).isFile()) continue;
      const text = await readFile(join(root, path), 'utf8');
      files.set(path, { path, text, sha384: sha384(text) });
    }
  }
  return [...files.values()].sort((a, b) => (a.path < b.path ? -1 : 1));
}

function repeatedIds(loaded: readonly Loaded<InstrumentDefinition | TableDefinition | CodelistDefinition>[]): Issue[] {
  return loaded.flatMap(({ value, file, place }): Issue[] => {
    const expected = basename(file.path, '.yaml');
    return value.id === expected ? [] : [{
      code: 'REFERENCE', severity: 'error', message: `id "${value.id}" differs from the file's name "${expected}"`,
      place: place(['id']), repair: 'give the file and the id the same name, so that each id stands once',
    }];
  });
}

function throwErrors(issues: readonly Issue[]): void {
  const [first, ...rest] = issues;
  if (first) throw new Refusal([first, ...rest]);
}
