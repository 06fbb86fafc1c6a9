/**
 * Builds what is published: compiles every workspace with tsc into `dist/npm/<name>`, with a package.json whose
 * exports point to the compiled files. In the repository itself nothing is compiled: Node strips the types.
 * The verifier for a browser is made too, as `dist/verifier.html`, and goes with the command line.
 * @module
 */
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { VERIFIER_FILE, writeVerifier } from './build-verifier.ts';

const ROOT = resolve(import.meta.dirname, '..');
const OUT = join(ROOT, 'dist', 'npm');

/** Workspaces in the order in which each one's dependencies come first. */
const ROOMS = ['packages/base', 'packages/engine', 'packages/log', 'packages/instrument', 'packages/protect', 'packages/sample', 'packages/intake', 'packages/tabulate', 'packages/publish', 'apps/web', 'apps/cli'];

interface Manifest {
  name: string;
  exports: Record<string, string>;
  files?: string[];
  [key: string]: unknown;
}

async function build(): Promise<number> {
  rmSync(join(ROOT, 'dist'), { recursive: true, force: true });
  const compiled = join(ROOT, 'dist', 'compiled');
  const status = compile(compiled);
  if (status !== 0) return status;
  for (const room of ROOMS) packRoom(room, compiled);
  rmSync(compiled, { recursive: true });
  const bytes = await writeVerifier();
  cpSync(VERIFIER_FILE, join(OUT, 'weighbridge', 'dist', 'verifier.html'));
  process.stderr.write(`built ${ROOMS.length} packages, and dist/verifier.html of ${bytes} bytes\n`);
  return 0;
}

function compile(outDir: string): number {
  mkdirSync(outDir, { recursive: true });
  const config = join(ROOT, 'dist', 'tsconfig.json');
  writeFileSync(config, JSON.stringify({
    extends: '../tsconfig.base.json',
    compilerOptions: { rootDir: '..', outDir: './compiled', declaration: true, noEmit: false, types: ['node'], typeRoots: ['../node_modules/@types'] },
    include: ROOMS.map((room) => `../${room}/src`),
  }));
  const tsc = join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc');
  return spawnSync(process.execPath, [tsc, '-p', config], { stdio: 'inherit' }).status ?? 1;
}

function packRoom(room: string, compiled: string): void {
  const manifest = JSON.parse(readFileSync(join(ROOT, room, 'package.json'), 'utf8')) as Manifest;
  const target = join(OUT, manifest.name.replace('@weighbridge/', ''));
  cpSync(join(compiled, room, 'src'), join(target, 'dist'), { recursive: true });
  copyAssets(join(ROOT, room, 'src'), join(target, 'dist'));
  for (const extra of ['bin', 'template']) if (existsSync(join(ROOT, room, extra))) cpSync(join(ROOT, room, extra), join(target, extra), { recursive: true });
  cpSync(join(ROOT, 'LICENSE'), join(target, 'LICENSE'));
  const exports = Object.fromEntries(Object.entries(manifest.exports).map(([key, source]) => {
    const file = source.replace('./src/', './dist/').replace(/\.ts$/, '');
    return [key, { types: `${file}.d.ts`, default: `${file}.js` }];
  }));
  writeFileSync(join(target, 'package.json'), `${JSON.stringify({ ...manifest, exports, files: ['dist', 'bin', 'template'] }, null, 2)}\n`);
}

/** Files that are not TypeScript (style sheets and the like) go along as they are. */
function copyAssets(from: string, to: string): void {
  for (const entry of readdirSync(from, { withFileTypes: true, recursive: true })) {
    if (!entry.isFile() || entry.name.endsWith('.ts')) continue;
    const path = join(entry.parentPath, entry.name);
    cpSync(path, join(to, path.slice(from.length)));
  }
}

process.exitCode = await build();
