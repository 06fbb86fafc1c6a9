/** Tests clean up after themselves: a file that makes a temporary folder removes one too. */
import { readFileSync, readdirSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { expect, test } from 'vitest';

const ROOT = resolve(import.meta.dirname, '..');
const FOLDERS = ['test', ...['packages', 'apps'].flatMap((d) => readdirSync(join(ROOT, d)).map((name) => join(d, name, 'test')))];

function testFiles(): string[] {
  return FOLDERS.flatMap((folder) => readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts')).map((name) => join(ROOT, folder, name)));
}

test('every test file that makes a temporary folder removes it', () => {
  const making = testFiles().filter((file) => /\bmkdtemp(Sync)?\(/.test(readFileSync(file, 'utf8')));
  expect(making.length).toBeGreaterThan(10);
  expect(making.filter((file) => !/\brm(Sync)?\(/.test(readFileSync(file, 'utf8'))).map((file) => relative(ROOT, file))).toEqual([]);
});
