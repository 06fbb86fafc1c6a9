/**
 * Code lists: codes with labels, parents, levels, validity dates and overlaps, read from YAML or CSV.
 * @module
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Refusal, sha384, sha384Json } from '@weighbridge/base';
import type { Issue } from '@weighbridge/base';
import { parse as parseCsv } from 'csv-parse/sync';
import { isCalendarDate } from './calendar-date.ts';
import type { CodeEntry, Codelist, DefinitionFile } from './collection.ts';
import type { CodelistDefinition } from './schema.ts';

/** Where a code list's own file stands, and what its CSV path is relative to. */
export interface CodelistPlace {
  readonly file: string;
  readonly folder: string;
  readonly inputRoot: string;
}

const COLUMNS = { code: 'code', label: 'label', parent: 'parent', level: 'level', validFrom: 'valid_from', validTo: 'valid_to', overlaps: 'overlaps' } as const;

/**
 * Reads a code list's entries and checks its tree.
 * @throws Refusal `CODELIST_FILE`, `CODELIST_COLUMN`, `CODELIST_PARENT`, `CODELIST_LEVEL`, `CODELIST_REPEATED`, `CODELIST_DATE`
 */
export async function readCodelist(definition: CodelistDefinition, place: CodelistPlace): Promise<Codelist> {
  const [entries, source, bytes] = definition.file
    ? await readEntriesFile(definition, definition.file, place)
    : [inlineEntries(definition), place.file, null];
  const bytesHash = bytes ? sha384(bytes) : '';
  const input: DefinitionFile | null = bytes && definition.file?.root === 'inputs'
    ? { path: `inputs/${definition.file.path}`, text: bytes.toString('utf8'), sha384: sha384(bytes) } : null;
  const withLevels = addLevels(definition, entries);
  const issues = checkEntries(definition, withLevels, source);
  const [first, ...rest] = issues;
  if (first) throw new Refusal([first, ...rest]);
  return { definition, entries: withLevels, sha384: sha384Json({ definition, file: bytesHash }), input };
}

/** The code and everything below it, itself first, each code once. */
export function codesUnder(codelist: Codelist, code: string): string[] {
  const found = new Set([code]);
  for (let size = 0; size !== found.size;) {
    size = found.size;
    for (const entry of codelist.entries) if (entry.parent !== null && found.has(entry.parent)) found.add(entry.code);
  }
  return [...found];
}

/** The distinct codes at a level, in list order. */
export function codesAtLevel(codelist: Codelist, level: string): string[] {
  return [...new Set(codelist.entries.filter((e) => e.level === level).map((e) => e.code))];
}

/** The ancestor of a code at a level (the code itself when it stands there), or null. */
export function ancestorAt(codelist: Codelist, code: string, level: string): string | null {
  let current: string | null = code;
  for (let steps = 0; current !== null && steps <= codelist.entries.length; steps++) {
    const entry: CodeEntry | undefined = codelist.entries.find((e) => e.code === current);
    if (!entry) return null;
    if (entry.level === level) return entry.code;
    current = entry.parent;
  }
  return null;
}

function inlineEntries(definition: CodelistDefinition): CodeEntry[] {
  return (definition.codes ?? []).map((c) => ({
    code: c.code, label: c.label, parent: c.parent ?? null, level: c.level ?? null,
    validFrom: c.validFrom ?? null, validTo: c.validTo ?? null, overlaps: c.overlaps ?? [], attributes: {},
  }));
}

async function readEntriesFile(
  definition: CodelistDefinition, file: NonNullable<CodelistDefinition['file']>, place: CodelistPlace,
): Promise<[CodeEntry[], string, Buffer]> {
  const path = join(file.root === 'inputs' ? place.inputRoot : place.folder, file.path);
  const bytes = await readFile(path).catch((cause: unknown) => {
    throw new Refusal([{
      code: 'CODELIST_FILE', severity: 'error', message: `the code list's file ${file.path} could not be read`,
      place: { file: place.file, key: 'file.path' }, repair: file.root === 'inputs' ? 'put the input files in place or name their folder with --inputs' : 'write the file or mend the path',
    }], { cause });
  });
  const rows: string[][] = parseCsv(bytes, { bom: true, relaxColumnCount: true, skipEmptyLines: true });
  const header = rows[0] ?? [];
  const column = (name: keyof typeof COLUMNS): number => header.indexOf(file.columns?.[name] ?? COLUMNS[name]);
  const at = { code: column('code'), label: column('label'), parent: column('parent'), level: column('level'), from: column('validFrom'), to: column('validTo'), overlaps: column('overlaps') };
  const attributes = definition.attributes.map((name) => [name, header.indexOf(name)] as const);
  const missing = [['code', at.code] as const, ['label', at.label] as const, ...attributes].filter(([, i]) => i < 0);
  if (missing[0]) {
    throw new Refusal([{
      code: 'CODELIST_COLUMN', severity: 'error', message: `column for "${missing[0][0]}" not found in the header`,
      place: { file: file.path, line: 1, column: missing[0][0] }, repair: 'add the column, or name it under file.columns',
    }]);
  }
  const cell = (row: readonly string[], i: number): string | null => (i < 0 ? null : (row[i]?.trim() ?? '') || null);
  const entries = rows.slice(1).map((row): CodeEntry => ({
    code: row[at.code] ?? '', label: row[at.label]?.trim() ?? '', parent: cell(row, at.parent), level: cell(row, at.level),
    validFrom: cell(row, at.from), validTo: cell(row, at.to), overlaps: cell(row, at.overlaps)?.split('|') ?? [],
    attributes: Object.fromEntries(attributes.map(([name, i]) => [name, row[i]?.trim() ?? ''])),
  }));
  return [entries, file.path, bytes];
}

/** A level not stated is named after the depth in the tree. */
function addLevels(definition: CodelistDefinition, entries: readonly CodeEntry[]): CodeEntry[] {
  const parents = new Map(entries.map((e) => [e.code, e.parent]));
  const depth = (code: string): number => {
    let steps = 0;
    for (let p = parents.get(code) ?? null; p !== null && steps <= entries.length; p = parents.get(p) ?? null) steps++;
    return steps;
  };
  return entries.map((e) => (e.level !== null || definition.levels.length === 0 ? e : { ...e, level: definition.levels[depth(e.code)] ?? null }));
}

function checkEntries(definition: CodelistDefinition, entries: readonly CodeEntry[], file: string): Issue[] {
  const codes = new Set(entries.map((e) => e.code));
  const issues: Issue[] = [];
  const add = (code: string, index: number, message: string, repair: string): void => {
    issues.push({ code, severity: 'error', message, place: { file, line: index + 2 }, repair });
  };
  const seen = new Map<string, CodeEntry[]>();
  for (const [i, e] of entries.entries()) {
    if (e.parent !== null && !codes.has(e.parent)) add('CODELIST_PARENT', i, `parent "${e.parent}" of code "${e.code}" is not in the list`, 'add the parent or mend its code');
    if (e.parent !== null && hasCycle(entries, e.code)) add('CODELIST_PARENT', i, `code "${e.code}" is its own ancestor`, 'mend the parent column');
    if (definition.levels.length > 0 && (e.level === null || !definition.levels.includes(e.level))) add('CODELIST_LEVEL', i, `code "${e.code}" stands at no declared level`, `use one of: ${definition.levels.join(', ')}`);
    for (const o of e.overlaps) if (o !== '*' && !codes.has(o)) add('CODELIST_PARENT', i, `code "${e.code}" overlaps "${o}", which is not in the list`, 'add the code or mend it');
    for (const date of [e.validFrom, e.validTo]) if (date !== null && !isCalendarDate(date)) add('CODELIST_DATE', i, `validity of code "${e.code}" is not a date`, 'write dates that exist, as YYYY-MM-DD');
    if (e.validFrom !== null && e.validTo !== null && e.validFrom > e.validTo) add('CODELIST_DATE', i, `validity of code "${e.code}" ends before it starts`, 'mend one of the dates');
    const earlier = seen.get(e.code) ?? [];
    if (earlier.some((other) => spansMeet(other, e))) add('CODELIST_REPEATED', i, `code "${e.code}" stands twice for the same dates`, 'remove one, or give the two separate validity dates');
    seen.set(e.code, [...earlier, e]);
  }
  return issues;
}

function hasCycle(entries: readonly CodeEntry[], code: string): boolean {
  const parents = new Map(entries.map((e) => [e.code, e.parent]));
  let current = parents.get(code) ?? null;
  for (let steps = 0; current !== null; steps++) {
    if (current === code || steps > entries.length) return true;
    current = parents.get(current) ?? null;
  }
  return false;
}

function spansMeet(a: CodeEntry, b: CodeEntry): boolean {
  return (a.validFrom ?? '') <= (b.validTo ?? '9999-12-31') && (b.validFrom ?? '') <= (a.validTo ?? '9999-12-31');
}
