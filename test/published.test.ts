/**
 * What users install: the compiled packages, placed under an empty folder's node_modules, run the command.
 * Third-party packages are the ones of this repository; ours are the built copies.
 */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';

const ROOT = resolve(import.meta.dirname, '..');
let folder: string;

function node(args: readonly string[]): { status: number | null; text: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd: folder, encoding: 'utf8' });
  return { status, text: stdout + stderr };
}

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'weighbridge-published-'));
  const built = spawnSync(process.execPath, [join(ROOT, 'scripts', 'build.ts')], { cwd: ROOT, encoding: 'utf8' });
  expect(built.status, built.stdout + built.stderr).toBe(0);
  const modules = join(folder, 'node_modules');
  mkdirSync(join(modules, '@weighbridge'), { recursive: true });
  for (const name of readdirSync(join(ROOT, 'dist', 'npm'))) {
    cpSync(join(ROOT, 'dist', 'npm', name), name === 'weighbridge' ? join(modules, name) : join(modules, '@weighbridge', name), { recursive: true });
  }
  for (const name of readdirSync(join(ROOT, 'node_modules'))) {
    if (!['weighbridge', '@weighbridge', '.bin'].includes(name)) symlinkSync(join(ROOT, 'node_modules', name), join(modules, name));
  }
});

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

test('the installed command makes a collection, runs it and verifies the release', () => {
  const command = join('node_modules', 'weighbridge', 'bin', 'weighbridge.js');
  for (const args of [['init', 'trial'], ['run', 'trial', '--store', 'store', '--out', 'release'], ['verify', 'release', '--store', 'store']]) {
    const { status, text } = node([command, ...args]);
    expect(status, text).toBe(0);
  }
});

test('no package ships TypeScript source, and every export exists', () => {
  const names = readdirSync(join(ROOT, 'dist', 'npm'));
  expect(names.length).toBe(11);
  for (const name of names) {
    const root = join(ROOT, 'dist', 'npm', name);
    const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { exports: Record<string, { types: string; default: string }> };
    for (const target of Object.values(manifest.exports)) for (const file of Object.values(target)) expect(readFileSync(join(root, file), 'utf8').length).toBeGreaterThan(0);
    expect(readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((f) => f.endsWith('.ts') && !f.endsWith('.d.ts'))).toEqual([]);
  }
});
