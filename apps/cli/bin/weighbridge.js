#!/usr/bin/env node
// Starts the command: from its TypeScript source in the repository, from the compiled files where it was installed.
import { existsSync } from 'node:fs';

const major = Number(process.versions.node.split('.')[0]);
if (major < 24) {
  process.stderr.write(`weighbridge needs Node 24 or later, this is Node ${process.versions.node}. In the repository, npm scripts and npx use the pinned Node by themselves.\n`);
  process.exit(2);
}
const source = new URL('../src/main.ts', import.meta.url);
const { main } = await import(existsSync(source) ? source.href : new URL('../dist/main.js', import.meta.url).href);
process.exitCode = await main(process.argv.slice(2));
