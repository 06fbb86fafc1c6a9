/**
 * JSON text to values: a document read whole within its bound, or a value a line. Numbers keep the digits they are
 * written with. A name that stands twice in an object is refused: what a reader makes of it differs from program to
 * program. No message quotes the text.
 * @module
 */
import { isUtf8 } from 'node:buffer';
import { refuse } from '@weighbridge/base';
import { expectedHeaders } from './header.ts';
import { duplicateMember, longText } from './json-text.ts';
import { MAX_FIELD_BYTES, MAX_JSON_BYTES, MAX_RECORD_BYTES } from './limits.ts';
import { splitLines } from './split-lines.ts';
import type { StageContext } from './stage.ts';

type Reading = Pick<StageContext, 'source' | 'instrument'>;

/** A number whose digits a JavaScript number does not keep: 1.0, 1e3, or more than it can hold. */
export class NumberText {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

/** A document that was read: its value, and its text for finding places in it. */
export interface Document {
  readonly value: unknown;
  readonly text: string;
}

/**
 * Reads a document.
 * @throws Refusal `JSON_TOO_LARGE`, `ENCODING`, `JSON_SYNTAX`, `JSON_DUPLICATE_MEMBER`
 */
export async function readDocument(context: Reading, chunks: AsyncIterable<Buffer>): Promise<Document> {
  const { source } = context;
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of chunks) {
    bytes += chunk.length;
    if (bytes > MAX_JSON_BYTES) refuse('JSON_TOO_LARGE', `a JSON document is read whole, up to ${MAX_JSON_BYTES} bytes`, { file: source.name }, 'write one record a line (NDJSON)');
    parts.push(chunk);
  }
  const whole = Buffer.concat(parts);
  if (!isUtf8(whole)) notUtf8(source.name, firstBadLine(whole));
  const text = whole.toString('utf8');
  return { value: parse(text, context), text };
}

/**
 * The value of each line that is not blank. Holds one line at a time.
 * @throws Refusal `RECORD_TOO_LONG`, `FIELD_TOO_LONG`, `ENCODING`, `JSON_SYNTAX`, `JSON_DUPLICATE_MEMBER`
 */
export async function* readLines(context: Reading, chunks: AsyncIterable<Buffer>): AsyncGenerator<{ value: unknown; line: number }> {
  let line = 0;
  for await (const bytes of splitLines(chunks, MAX_RECORD_BYTES)) {
    line++;
    if (bytes.length > MAX_RECORD_BYTES) lineTooLong(context, bytes, line);
    if (!isUtf8(bytes)) notUtf8(context.source.name, line);
    const text = bytes.toString('utf8');
    if (/[^ \t\r]/.test(text)) yield { value: parse(text, context, line), line };
  }
}

/** What stands at a path of member names, dot separated; `missing` is the path as far as the first name that is not there. */
export function valueAt(root: unknown, path: string): { readonly value: unknown; readonly missing?: string } {
  const steps = stepsOf(path);
  let value = root;
  for (const [i, step] of steps.entries()) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, step)) return { value: undefined, missing: steps.slice(0, i + 1).join('.') };
    value = (value as Record<string, unknown>)[step];
  }
  return { value };
}

/** The names of a path. */
export function stepsOf(path: string | undefined): string[] {
  return path?.split('.') ?? [];
}

/** A line that is not held whole: says which member grew, where one did. */
function lineTooLong({ source, instrument }: Reading, bytes: Buffer, line: number): never {
  const long = longText(bytes.toString('latin1'), MAX_FIELD_BYTES);
  const place = { file: source.name, line };
  if (long === undefined) refuse('RECORD_TOO_LONG', `the record is longer than ${MAX_RECORD_BYTES} bytes; the file was read up to here`, place, 'look for a lost line end; shorten the texts');
  const known = expectedHeaders(instrument.definition).find((name) => name === long.before);
  return refuse('FIELD_TOO_LONG', `the text is longer than ${MAX_FIELD_BYTES} bytes; the file was read up to here`, { ...place, ...columnOf(known) }, 'look for a quote that is never closed; shorten the text');
}

function notUtf8(file: string, line: number): never {
  return refuse('ENCODING', 'the bytes are not UTF-8', { file, line }, 'write the file as UTF-8, which JSON asks for');
}

/** No character of UTF-8 spans a line end. */
function firstBadLine(bytes: Buffer): number {
  let line = 1;
  for (let from = 0, end = bytes.indexOf(10); end !== -1 && isUtf8(bytes.subarray(from, end)); end = bytes.indexOf(10, from)) {
    from = end + 1;
    line++;
  }
  return line;
}

function parse(text: string, { source: { name: file }, instrument }: Reading, line?: number): unknown {
  let value: unknown;
  try {
    value = parseDigits(text);
  } catch { // the parser's message quotes the text
    refuse('JSON_SYNTAX', 'the text is not JSON', { file, ...(line === undefined ? {} : { line }) }, 'export the file again; it may have been cut off');
  }
  const twice = duplicateMember(text);
  if (twice) {
    const known = expectedHeaders(instrument.definition).find((name) => name === twice.name);
    refuse('JSON_DUPLICATE_MEMBER', 'an object has two members of one name: which one counts differs from program to program', { file, line: line ?? text.slice(0, twice.at).split('\n').length, ...columnOf(known) }, 'write each member once');
  }
  return value;
}

/**
 * What follows a comma, colon, bracket or space and may be a number that is written otherwise than JavaScript writes it.
 * Texts may hold the like: then the slow way is taken for nothing.
 */
const UNUSUAL_NUMBER = /(?:^|[,:[\s])(?:-0|-?(?:\d{16}|\d+[.eE]))/;

/**
 * The value of a JSON text, with {@link NumberText} where a digit would be lost. Asking the parser for the text of every
 * number takes ten times as long as parsing, so it is asked only where a number may need it.
 * @throws SyntaxError when the text is not JSON; its message quotes the text
 */
export function parseDigits(text: string): unknown {
  if (!UNUSUAL_NUMBER.test(text)) return JSON.parse(text) as unknown;
  return (JSON.parse as (text: string, reviver: (key: string, value: unknown, context: { source?: string }) => unknown) => unknown)(
    text, (_, value, { source }) => (typeof value === 'number' && source !== undefined && String(value) !== source ? new NumberText(source) : value));
}

function columnOf(name: string | undefined): { column?: string } {
  return name === undefined ? {} : { column: name };
}
