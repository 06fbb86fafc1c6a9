/**
 * One field as SQL: from the raw text to the text that is judged, whether it keeps its declared grammar, its typed
 * value, and its state where marks or bounds may stand for a number.
 * Source: Frictionless Table Schema v2 for types. Nothing is ever coerced: what does not match the grammar is an issue.
 * @module
 */
import { sqlName, sqlText } from '@weighbridge/engine';
import type { FieldDefinition, Instrument } from '@weighbridge/instrument';
import { ISO_DATE, ISO_DATE_OR_TIME, ISO_MONTH, YEAR, datePattern } from './date-format.ts';
import type { FileKind } from './source.ts';

/** SQL expressions of a field. */
export interface FieldSql {
  readonly field: FieldDefinition;
  /** Over the raw stage: trimmed, blank as NULL, repaired, spelled. */
  readonly text: string;
  /** Over the raw stage: trimmed only, for counting repairs and spellings. */
  readonly trimmed: string;
  /** Given SQL of the text and of the typed value: keeps the grammar (anything for NULL). */
  readonly good: (text: string, typed: string) => string;
  /** Given SQL of the text: is written as the grammar asks, though the value may be impossible. */
  readonly pattern: ((text: string) => string) | null;
  /** Over the text. */
  readonly typed: string;
  readonly type: string;
  /** Over the text; null for fields without marks and bounds. */
  readonly state: { readonly state: string; readonly lo: string | null; readonly hi: string | null } | null;
  /** Repaired or spelled: the original is kept beside. */
  readonly keepsOriginal: boolean;
  /** Most records have a text of their own. */
  readonly spread: boolean;
}

/** White space removed around texts: ASCII controls that are space, and the no-break and zero-width kinds. */
const SPACE = ` \t\n\r\v\f\u00a0\u2007\u202f\u3000\ufeff\u200b`;

/** SQL types of the sealed columns. */
const SQL_TYPES: Readonly<Record<FieldDefinition['type'], string>> = {
  string: 'VARCHAR', integer: 'BIGINT', number: 'DECIMAL(18,6)', percent: 'DECIMAL(9,4)', boolean: 'BOOLEAN',
  date: 'DATE', yearmonth: 'VARCHAR', year: 'INTEGER',
};

/**
 * Compiles a field. `kind` matters because spreadsheets and Parquet carry dates in ISO form; `spread` says that most
 * records have a text of their own, and changes the way, never the result.
 */
export function fieldSql(field: FieldDefinition, instrument: Instrument, kind: FileKind, spread: boolean): FieldSql {
  const raw = sqlName(field.name);
  const stripped = `NULLIF(trim(${raw}, ${sqlText(SPACE)}), '')`;
  // Trimming is slow, and free only for texts in a dictionary: elsewhere look at both ends first.
  const trimmed = !field.trim ? `NULLIF(${raw}, '')`
    : spread ? `CASE WHEN ${raw} BETWEEN '!' AND '~' AND right(${raw}, 1) BETWEEN '!' AND '~' THEN ${raw} ELSE ${stripped} END` : stripped;
  const spellings = instrument.spellings.get(field.name) ?? [];
  const repaired = replaceTexts(trimmed, field.repairs.map((r) => [r.from, r.to]));
  const text = replaceTexts(repaired, spellings.map((s) => [s.spelling, s.code]));
  const t = sqlName(field.name);
  const grammar = grammarOf(field, t, kind, spread);
  const marks = Object.keys(field.marks).filter((mark) => mark !== '');
  const isMark = (text: string): string => `list_contains([${marks.map(sqlText).join(', ')}], ${text})`;
  const bounds = boundsOf(field, t);
  const good = (x: string, v: string): string => {
    const ways = [grammar.good(x, v), ...(marks.length === 0 ? [] : [isMark(x)]), ...Object.values(boundsOf(field, x).patterns)];
    return `(${ways.join(' OR ')})`;
  };
  const plainTyped = field.bounds.includes('starred') ? `CASE WHEN ends_with(${t}, '*') THEN ${bounds.starredTyped} ELSE ${grammar.typed} END` : grammar.typed;
  const typed = marks.length === 0 ? plainTyped : `CASE WHEN ${isMark(t)} THEN NULL ELSE ${plainTyped} END`;
  const hasStates = Object.keys(field.marks).length > 0 || field.bounds.length > 0;
  return {
    field, text, trimmed, good, pattern: grammar.pattern, typed, type: SQL_TYPES[field.type],
    state: hasStates ? stateOf(field, t, typed, bounds) : null,
    keepsOriginal: field.repairs.length > 0 || spellings.length > 0, spread,
  };
}

/** The text a repair or spelling turns `from` into, NULL for the empty text; others pass. */
function replaceTexts(sql: string, pairs: readonly (readonly [string, string])[]): string {
  if (pairs.length === 0) return sql;
  const cases = pairs.map(([from, to]) => `WHEN ${sqlText(from)} THEN ${to === '' ? 'NULL' : sqlText(to)}`).join(' ');
  return `CASE ${sql} ${cases} ELSE ${sql} END`;
}

interface Grammar {
  readonly good: FieldSql['good'];
  readonly pattern: FieldSql['pattern'];
  readonly typed: string;
}

function grammarOf(field: FieldDefinition, t: string, kind: FileKind, spread: boolean): Grammar {
  const type = SQL_TYPES[field.type];
  switch (field.type) {
    case 'string':
      return { good: () => 'TRUE', pattern: null, typed: t };
    case 'integer':
    case 'number':
    case 'percent': {
      const pattern = numberPattern(field);
      const typed = `TRY_CAST(${digits(field, t)} AS ${type})`;
      return { ...matching(pattern), typed };
    }
    case 'boolean': {
      const lower = `lower(${t})`;
      return { good: (x) => `list_contains(['true', 'false', 'yes', 'no', '1', '0'], lower(${x}))`, pattern: null, typed: `list_contains(['true', 'yes', '1'], ${lower})` };
    }
    case 'date':
    case 'yearmonth':
    case 'year':
      return dateGrammar(field, t, kind, spread);
  }
}

/** Keeps the pattern and converts: both are needed, since the engine's conversion is lenient. */
function matching(pattern: string): Pick<Grammar, 'good' | 'pattern'> {
  const matches = (text: string): string => `regexp_full_match(${text}, ${sqlText(pattern)})`;
  return { good: (text, typed) => `(${matches(text)} AND ${typed} IS NOT NULL)`, pattern: matches };
}

/** RE2 pattern of a number as the field declares it, without marks and bounds. */
function numberPattern(field: FieldDefinition): string {
  const whole = field.thousands === undefined ? '[0-9]+' : `([0-9]{1,3}(${escapeRe(field.thousands)}[0-9]{3})+|[0-9]+)`;
  if (field.type === 'integer') return `[+-]?${whole}`;
  const decimal = `[+-]?(${whole}(\\.[0-9]*)?|\\.[0-9]+)([eE][+-]?[0-9]{1,2})?`;
  return field.type === 'percent' ? `${decimal} ?%?` : decimal;
}

/** SQL of a number's text as the engine converts it: without thousands separators and percent sign. */
export function digits(field: FieldDefinition, t: string): string {
  const bare = field.type === 'percent' ? `rtrim(${t}, ' %')` : t;
  return field.thousands === undefined ? bare : `replace(${bare}, ${sqlText(field.thousands)}, '')`;
}

function escapeRe(text: string): string {
  return text.replaceAll(/[\\^$.|?*+()[\]{}]/g, '\\$&');
}

/**
 * A failed conversion by operator costs the engine ten times a good one, and is repeated for each row; a function is
 * asked once for each dictionary entry. Both give the same dates for texts of the pattern.
 */
function isoDate(t: string, spread: boolean): string {
  return spread ? `CASE WHEN regexp_full_match(${t}, ${sqlText(ISO_DATE)}) THEN TRY_CAST(${t} AS DATE) END` : `CAST(try_strptime(${t}, '%Y-%m-%d') AS DATE)`;
}

function dateGrammar(field: FieldDefinition, t: string, kind: FileKind, spread: boolean): Grammar {
  const formats = typeof field.format === 'string' ? [field.format] : (field.format ?? []);
  const ways: { pattern: string; typed: string }[] = formats.map((format) => {
    const parsed = `try_strptime(${t}, ${sqlText(format)})`;
    const typed = field.type === 'date' ? `CAST(${parsed} AS DATE)` : field.type === 'year' ? `CAST(year(${parsed}) AS INTEGER)` : `strftime(${parsed}, '%Y-%m')`;
    return { pattern: datePattern(format, field.name), typed };
  });
  const structured = kind === 'xlsx' || kind === 'parquet';
  if (field.type === 'date') {
    if (formats.length === 0) ways.push({ pattern: ISO_DATE, typed: isoDate(t, spread) });
    if (structured) ways.push({ pattern: ISO_DATE_OR_TIME, typed: `TRY_CAST(left(${t}, 10) AS DATE)` });
  } else if (field.type === 'yearmonth') {
    if (formats.length === 0) ways.push({ pattern: ISO_MONTH, typed: t });
    if (structured) ways.push({ pattern: ISO_DATE_OR_TIME, typed: `left(${t}, 7)` });
  } else {
    if (formats.length === 0) ways.push({ pattern: YEAR, typed: `TRY_CAST(${t} AS INTEGER)` });
    if (structured) ways.push({ pattern: ISO_DATE_OR_TIME, typed: `TRY_CAST(left(${t}, 4) AS INTEGER)` });
  }
  const [only, ...more] = ways;
  if (only !== undefined && more.length === 0) return { ...matching(only.pattern), typed: only.typed };
  const typed = `CASE ${ways.map((w) => `WHEN regexp_full_match(${t}, ${sqlText(w.pattern)}) THEN ${w.typed}`).join(' ')} END`;
  return { ...matching(ways.map((w) => `(${w.pattern})`).join('|')), typed };
}

interface Bounds {
  readonly starredTyped: string;
  readonly patterns: Readonly<Partial<Record<FieldDefinition['bounds'][number], string>>>;
}

/** Printed bounds: "0-249", "<10", "10+" or ">=10" or ">10", "1*". */
function boundsOf(field: FieldDefinition, t: string): Bounds {
  const number = numberPattern({ ...field, bounds: [] }).replace('[+-]?', '');
  const all = {
    band: `${number} ?[-–] ?${number}`, 'less-than': `< ?${number}`, 'at-least': `${number}\\+|(>=|≥|>) ?${number}`, starred: `${number}\\*+`,
  };
  const patterns: Partial<Record<keyof typeof all, string>> = Object.fromEntries(field.bounds.map((b) => [b, `regexp_full_match(${t}, ${sqlText(all[b])})`]));
  return { patterns, starredTyped: cast(field, `rtrim(${t}, '*')`) };
}

function cast(field: FieldDefinition, sql: string): string {
  return `TRY_CAST(${digits(field, sql)} AS ${SQL_TYPES[field.type]})`;
}

function stateOf(field: FieldDefinition, t: string, typed: string, { patterns }: Bounds): NonNullable<FieldSql['state']> {
  const blank = field.marks[''] ?? 'blank';
  const marks = Object.entries(field.marks).filter(([mark]) => mark !== '').map(([mark, state]) => `WHEN ${t} = ${sqlText(mark)} THEN ${sqlText(state)}`);
  const bounds = field.bounds.map((b) => `WHEN ${patterns[b] ?? 'FALSE'} THEN ${sqlText(b)}`);
  const state = `CASE WHEN ${t} IS NULL THEN ${sqlText(blank)} ${[...marks, ...bounds].join(' ')} ELSE 'exact' END`;
  if (!['integer', 'number', 'percent'].includes(field.type)) return { state, lo: null, hi: null };
  const second = cast(field, `regexp_extract(${t}, '[-–] ?([^-–]+)$', 1)`);
  const after = cast(field, `ltrim(${t}, '<>=≥ ')`);
  const below = field.type === 'integer' ? `${after} - 1` : after;
  const above = field.type === 'integer' ? `${after} + 1` : after;
  const zero = `CAST(0 AS ${SQL_TYPES[field.type]})`;
  const when = (bound: FieldDefinition['bounds'][number], sql: string): string => (patterns[bound] === undefined ? '' : `WHEN ${patterns[bound]} THEN ${sql}`);
  const firstNumber = cast(field, `regexp_extract(${t}, '^[^-–+]+')`);
  const plus = cast(field, `rtrim(${t}, '+')`);
  const least = `CASE WHEN ends_with(${t}, '+') THEN ${plus} WHEN starts_with(${t}, '>') AND NOT starts_with(${t}, '>=') THEN ${above} ELSE ${after} END`;
  const chosen = (...cases: string[]): string => (cases.every((c) => c === '') ? typed : `CASE ${cases.join(' ')} ELSE ${typed} END`);
  return {
    state,
    lo: chosen(when('band', firstNumber), when('less-than', zero), when('at-least', least)),
    hi: chosen(when('band', second), when('less-than', below), when('at-least', 'NULL')),
  };
}
