/**
 * Builds the verifier for people without a command line: one HTML file with its style and script inside, which may connect to nothing.
 * The same sources give the same bytes: no clock, no chance, no path of the machine.
 * @module
 */
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { rolldown } from 'rolldown';
import type { Plugin } from 'rolldown';

const ROOT = resolve(import.meta.dirname, '..');
const VERIFIER = join(ROOT, 'apps', 'verifier');
const ICON = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="5" fill="#12436d"/><path d="M16 6v20M9 26h14M6 10h20M6 10l-3 8h6zM26 10l-3 8h6z" fill="none" stroke="#ffffff" stroke-width="2" stroke-linejoin="round"/></svg>';

/** The page's text. */
export async function buildVerifier(): Promise<string> {
  const script = await bundleForBrowser(join(VERIFIER, 'src', 'main.ts'));
  const style = readFileSync(join(VERIFIER, 'src', 'style.css'), 'utf8').replaceAll(/\n\s*/g, '\n').trim();
  const { version } = JSON.parse(readFileSync(join(VERIFIER, 'package.json'), 'utf8')) as { version: string };
  return pageWith({ script, style, version });
}

/** Writes `dist/verifier.html` and returns its size in bytes. */
export async function writeVerifier(): Promise<number> {
  const bytes = Buffer.from(await buildVerifier());
  mkdirSync(join(ROOT, 'dist'), { recursive: true });
  writeFileSync(VERIFIER_FILE, bytes);
  return bytes.length;
}

export const VERIFIER_FILE = join(ROOT, 'dist', 'verifier.html');

/** A script for a browser with everything in it, safe to stand inside a page. Fails when anything of Node is left. */
export async function bundleForBrowser(entry: string): Promise<string> {
  const bundle = await rolldown({
    input: entry, cwd: ROOT, platform: 'browser', tsconfig: false, plugins: [withoutNode()],
    onLog: (level, log) => { if (level !== 'debug' && level !== 'info') throw new Error(log.message); },
  });
  const { output } = await bundle.generate({ format: 'iife', minify: true, sourcemap: false, comments: false });
  await bundle.close();
  const [chunk, ...others] = output;
  if (others.length > 0) throw new Error('the verifier is not one script');
  const { code } = chunk;
  // What would end the element, or begin a comment in it (HTML §4.12.1.3).
  if (/<\/script|<script|<!--/i.test(code)) throw new Error('the script cannot stand inside a page');
  if (code.includes(ROOT)) throw new Error('the script holds a path of this machine');
  return code.trim();
}

/** Puts the browser's modules in the place of Node's. Whatever else of Node is imported ends the build. */
function withoutNode(): Plugin {
  return {
    name: 'without-node',
    resolveId: {
      order: 'pre',
      handler(source, importer) {
        if (source === './crypto.ts' && importer?.startsWith(join(ROOT, 'packages', 'log', 'src')) === true) return join(ROOT, 'packages', 'log', 'src', 'crypto-browser.ts');
        if (source === 'node:crypto' && importer === join(ROOT, 'packages', 'base', 'src', 'hash.ts')) return join(VERIFIER, 'src', 'node-crypto.ts');
        if (source.startsWith('node:')) throw new Error(`${importer ?? source} imports ${source}: no browser has it`);
        return null;
      },
    },
  };
}

function pageWith({ script, style, version }: { readonly script: string; readonly style: string; readonly version: string }): string {
  // Nothing but this style, this script and the worker made of it; no connection of any kind.
  const policy = `default-src 'none'; script-src '${hashOf(script)}'; style-src '${hashOf(style)}'; worker-src blob:; img-src data:; connect-src 'none'; base-uri 'none'; form-action 'none'`;
  const parts: Readonly<Record<string, string>> = { policy, style, script, version, icon: `data:image/svg+xml,${encodeURIComponent(ICON)}`, licences: licences() };
  const template = readFileSync(join(VERIFIER, 'index.html'), 'utf8');
  return template.replaceAll(/\{\{(\w+)\}\}/g, (_, name: string) => {
    const part = parts[name];
    if (part === undefined) throw new Error(`the template asks for ${name}`);
    return part;
  });
}

function hashOf(text: string): string {
  return `sha256-${createHash('sha256').update(text).digest('base64')}`;
}

/** The licences of what is inside, which ask to go with it. */
function licences(): string {
  return ['@noble/curves', '@noble/hashes'].map((name) => {
    const text = readFileSync(join(ROOT, 'node_modules', name, 'LICENSE'), 'utf8').trim();
    if (text.includes('--')) throw new Error(`the licence of ${name} cannot stand in a comment`);
    return `${name}:\n${text}`;
  }).join('\n\n');
}

if (import.meta.main) process.stderr.write(`built dist/verifier.html: ${await writeVerifier()} bytes\n`);
