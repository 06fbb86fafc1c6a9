/**
 * `npm run bench`: runs every benchmark, one after the other, and appends what each measured (one JSON object a run, with
 * machine, commit and date) to `results/<name>.ndjson`. Names after it choose: `npm run bench -- check xlsx`.
 * @module
 */
import { spawnSync } from 'node:child_process';
import { appendFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';

const ALL = ['check', 'intake', 'lab', 'log', 'new-zealand', 'protect', 'tabulate', 'xlsx'];
const named = process.argv.slice(2);
const unknown = named.filter((n) => !ALL.includes(n));
if (unknown.length > 0) {
  process.stderr.write(`no benchmark ${unknown.join(', ')}: name some of ${ALL.join(', ')}\n`);
  process.exit(2);
}
const results = join(import.meta.dirname, 'results');
mkdirSync(results, { recursive: true });
for (const name of named.length > 0 ? named : ALL) {
  process.stderr.write(`── ${name}\n`);
  const { status, stdout } = spawnSync(process.execPath, [join(import.meta.dirname, `${name}.ts`)], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'], maxBuffer: 1 << 26 });
  process.stdout.write(stdout);
  if (status !== 0) process.exit(status ?? 1);
  const lines = stdout.split('\n').filter((line) => line.startsWith('{'));
  appendFileSync(join(results, `${name}.ndjson`), lines.map((line) => `${line}\n`).join(''));
}
