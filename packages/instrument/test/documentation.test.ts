import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { expect, test } from 'vitest';
import { codelistSchema, collectionSchema, instrumentSchema, tableSchema } from '../src/schema.ts';

/** Every property name that a JSON Schema knows, at any depth. */
function propertyNames(schema: unknown, names = new Set<string>()): Set<string> {
  if (Array.isArray(schema)) for (const item of schema) propertyNames(item, names);
  else if (typeof schema === 'object' && schema !== null) {
    for (const [key, value] of Object.entries(schema)) {
      if (key === 'properties') for (const name of Object.keys(value as object)) names.add(name);
      propertyNames(value, names);
    }
  }
  return names;
}

test('every key of the definition language is in docs/definitions.md', async () => {
  const text = await readFile(join(import.meta.dirname, '..', '..', '..', 'docs', 'definitions.md'), 'utf8');
  const names = new Set([collectionSchema, instrumentSchema, tableSchema, codelistSchema].flatMap((s) => [...propertyNames(z.toJSONSchema(s, { io: 'input' }))]));
  expect(names.size).toBeGreaterThan(80);
  expect([...names].filter((name) => !new RegExp(`\\b${name}\\b`).test(text))).toEqual([]);
});
