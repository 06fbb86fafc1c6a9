/** The tour of the README, executed: each ```sh tour block runs as written, in order, and must end with the exit code it names. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';

const ROOT = resolve(import.meta.dirname, '..');
const README = readFileSync(join(ROOT, 'README.md'), 'utf8');

interface Block {
  readonly exit: number;
  readonly script: string;
}

const BLOCKS: readonly Block[] = [...README.matchAll(/^```sh tour(?: exit=(\d+))?\n([\s\S]*?)^```$/gm)].map((m) => ({ exit: Number(m[1] ?? 0), script: m[2] ?? '' }));

test('the tour has at least eight steps', () => {
  expect(BLOCKS.length).toBeGreaterThanOrEqual(8);
});

test('every command of the tour works as written', { timeout: 240_000 }, () => {
  const home = mkdtempSync(join(tmpdir(), 'weighbridge-tour-'));
  onTestFinished(() => { rmSync(home, { recursive: true, force: true }); });
  for (const name of ['collections', 'node_modules', 'apps', 'packages']) symlinkSync(join(ROOT, name), join(home, name));
  for (const { script, exit } of BLOCKS) {
    // npx would look for a package.json; the linked command is the same file.
    const commands = script.replaceAll('npx weighbridge', './node_modules/.bin/weighbridge');
    const { status, stdout, stderr } = spawnSync('bash', ['-euc', commands], {
      cwd: home, encoding: 'utf8', env: { ...process.env, PATH: `${join(ROOT, 'node_modules', '.bin')}:${process.env['PATH'] ?? ''}` },
    });
    expect(status, `${script}\n${stdout.slice(-2000)}\n${stderr}`).toBe(exit);
  }
  expect(existsSync(join(home, 'tour', 'my-release', 'index.html'))).toBe(true);
});

test('every relative link of the README leads somewhere', () => {
  const links = [...README.matchAll(/\]\((?!https?:)([^)#]+)\)/g)].map((m) => m[1] ?? '');
  expect(links.length).toBeGreaterThan(5);
  for (const link of links) expect(existsSync(join(ROOT, link)), link).toBe(true);
});
