/**
 * YAML read against a schema, with every mistake pointed to by file, line and key.
 * Source: YAML 1.2 core schema. Leaves out: custom tags, merge keys and multiple documents.
 * @module
 */
import { Refusal } from '@weighbridge/base';
import type { Issue, Place } from '@weighbridge/base';
import { LineCounter, isMap, isNode, isPair, isScalar, isSeq, parseDocument } from 'yaml';
import type { Document } from 'yaml';
import type { z } from 'zod';

/** A definition that met its schema, with a way to say where each key stands. */
export interface Parsed<T> {
  readonly value: T;
  /** The place of a key path; the nearest enclosing key when the path itself is absent. */
  readonly place: (path: readonly PropertyKey[]) => Place;
}

/**
 * Reads one YAML text.
 * @param file - name to show in issues
 * @throws Refusal `YAML_SYNTAX` or `DEFINITION`, one issue per mistake, each with file, line and key
 */
export function parseYaml<T extends z.ZodType>(schema: T, text: string, file: string): Parsed<z.output<T>> {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, version: '1.2', uniqueKeys: true, strict: true });
  const syntax = document.errors.map((error): Issue => ({
    code: 'YAML_SYNTAX', severity: 'error',
    message: `not valid YAML: ${error.message.split('\n', 1)[0] ?? ''}`,
    place: { file, line: lines.linePos(error.pos[0]).line },
    repair: 'mend the YAML at this line (indentation, quotes, repeated keys)',
  }));
  refuseIfAny(syntax);
  const place = (path: readonly PropertyKey[]): Place => ({ file, line: lineOf(document, lines, path), key: keyPath(path) });
  const result = schema.safeParse(toJs(document, file));
  if (!result.success) refuseIfAny(result.error.issues.flatMap((issue) => definitionIssues(issue, place)));
  return { value: result.data as z.output<T>, place };
}

/** `['fields', 2, 'type']` as `fields[2].type`. */
export function keyPath(path: readonly PropertyKey[]): string {
  return path.map((part, i) => (typeof part === 'number' ? `[${part}]` : `${i > 0 ? '.' : ''}${String(part)}`)).join('');
}

function refuseIfAny(issues: readonly Issue[]): void {
  const [first, ...rest] = issues;
  if (first) throw new Refusal([first, ...rest]);
}

function toJs(document: Document.Parsed, file: string): unknown {
  try {
    return document.toJS({ maxAliasCount: 20 });
  } catch (error) {
    throw new Refusal([{
      code: 'YAML_SYNTAX', severity: 'error', message: 'aliases could not be resolved', place: { file },
      repair: 'write the values out instead of using aliases',
    }], { cause: error });
  }
}

function definitionIssues(issue: z.core.$ZodIssue, place: Parsed<unknown>['place']): Issue[] {
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({
      code: 'DEFINITION', severity: 'error', message: `unknown key "${key}"`, place: place([...issue.path, key]),
      repair: 'check the spelling of the key, or remove it',
    }));
  }
  const quoted = issue.code === 'invalid_type' && issue.expected === 'string';
  return [{
    code: 'DEFINITION', severity: 'error', message: issue.message, place: place(issue.path),
    repair: quoted ? 'write the value as text, in quotes if it looks like a number or a date' : 'change the value to what is expected',
  }];
}

function lineOf(document: Document.Parsed, lines: LineCounter, path: readonly PropertyKey[]): number {
  let node: unknown = document.contents;
  let offset = isNode(node) ? (node.range?.[0] ?? 0) : 0;
  for (const part of path) {
    if (isMap(node)) {
      const pair = node.items.find((item) => isPair(item) && isScalar(item.key) && String(item.key.value) === String(part));
      if (!pair) break;
      if (isNode(pair.key)) offset = pair.key.range?.[0] ?? offset;
      node = pair.value;
    } else if (isSeq(node)) {
      node = node.items[Number(part)];
      if (!isNode(node)) break;
      offset = node.range?.[0] ?? offset;
    } else break;
  }
  return lines.linePos(offset).line;
}
