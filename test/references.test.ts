/** Every source that the code names stands in docs/references.md. */
import { readFileSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';

const ROOT = resolve(import.meta.dirname, '..');

test('every anchor of docs/references.md that the code names exists', () => {
  const anchors = new Set([...readFileSync(join(ROOT, 'docs', 'references.md'), 'utf8').matchAll(/^### ([a-z0-9-]+)$/gm)].map((m) => m[1]));
  const files = ['packages', 'apps'].flatMap((d) => readdirSync(join(ROOT, d), { recursive: true, encoding: 'utf8' })
    .filter((f) => f.endsWith('.ts') && f.includes('/src/') && !f.includes('node_modules')).map((f) => join(ROOT, d, f)));
  const named = files.flatMap((f) => [...readFileSync(f, 'utf8').matchAll(/docs\/references\.md#([a-z0-9-]+)/g)].map((m) => m[1]));
  expect(named.length).toBeGreaterThan(3);
  expect(named.filter((n) => !anchors.has(n))).toEqual([]);
});
