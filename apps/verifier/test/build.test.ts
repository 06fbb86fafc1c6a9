import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { buildVerifier, bundleForBrowser } from '../../../scripts/build-verifier.ts';

const ROOT = resolve(import.meta.dirname, '..', '..', '..');
const html = await buildVerifier();

/** Every match, so that a failure shows it and not the whole page. */
const matches = (pattern: RegExp): readonly string[] => html.match(pattern) ?? [];

test('the same sources give the same bytes', async () => {
  expect((await buildVerifier()) === html).toBe(true);
});

test('is one file below 400 KB that names nothing to load and no path of the machine', () => {
  expect(Buffer.byteLength(html)).toBeLessThan(400_000);
  expect(html.includes(ROOT)).toBe(false);
  expect(matches(/<(script|link|img|iframe|object|embed)\b[^>]*(src|href)="(?!data:|#)[^"]*"/g)).toEqual([]);
  expect(matches(/@import|url\(/g)).toEqual([]);
  expect(matches(/\b(fetch\(|XMLHttpRequest|WebSocket|EventSource|sendBeacon|importScripts|localStorage|sessionStorage|indexedDB|eval\()/g)).toEqual([]);
});

test('its policy names the one script and the one style by their hashes, a worker made of the page, and no connection', () => {
  const policy = /Content-Security-Policy" content="([^"]*)"/.exec(html)?.[1] ?? '';
  const hashOf = (tag: string): string => createHash('sha256').update(new RegExp(`<${tag}>([^]*?)</${tag}>`).exec(html)?.[1] ?? '').digest('base64');
  expect(policy.split('; ')).toEqual([
    "default-src 'none'", `script-src 'sha256-${hashOf('script')}'`, `style-src 'sha256-${hashOf('style')}'`, 'worker-src blob:', 'img-src data:', "connect-src 'none'", "base-uri 'none'", "form-action 'none'",
  ]);
  expect(matches(/<script\b/g)).toHaveLength(1);
  expect(matches(/ (style|on\w+)="/g)).toEqual([]);
});

test('nothing of Node and nothing of the renderer is in it, and a build that would need Node ends', async () => {
  expect(matches(/["'`]node:|createRequire|require\(|linkedom|\bBuffer\./g)).toEqual([]);
  const folder = await mkdtemp(join(tmpdir(), 'verifier-build-'));
  try {
    await writeFile(join(folder, 'entry.ts'), `import { readFileSync } from 'node:fs';\nconsole.log(readFileSync);\n`);
    await expect(bundleForBrowser(join(folder, 'entry.ts'))).rejects.toThrow('no browser has it');
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});

test('carries the licences of what is in it', () => {
  expect(matches(/Permission is hereby granted, free of charge/g)).toHaveLength(2);
});
