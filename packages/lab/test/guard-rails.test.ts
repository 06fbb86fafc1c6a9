import { spawnSync } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import ts from 'typescript';
import { expect, test } from 'vitest';
import { runCell } from '../src/run-cell.ts';
import { cellsOf, planRun } from '../src/plan.ts';
import { SeededRandom } from '../src/random.ts';

const SRC = resolve(import.meta.dirname, '../src');
const files = readdirSync(SRC, { recursive: true, encoding: 'utf8' }).filter((f) => f.endsWith('.ts'));

/** Modules by which a program talks to others. */
const TALKING = ['net', 'http', 'http2', 'https', 'tls', 'dgram', 'dns', 'cluster', 'child_process', 'inspector', 'undici', 'ws'];

test('no file of the lab imports a module that talks to others, but the one that shuts them', () => {
  const wrong = files.flatMap((file) => ts.preProcessFile(readFileSync(join(SRC, file), 'utf8'), true, true).importedFiles
    .map((i) => i.fileName.replace(/^node:/, '').split('/')[0] ?? '').filter((name) => TALKING.includes(name)).map((name) => `${file} → ${name}`));
  expect(wrong.toSorted()).toEqual(['doors.ts → dgram', 'doors.ts → dns', 'doors.ts → net']);
});

test('threads are started by the run alone, and shut their doors', () => {
  const naming = files.filter((file) => readFileSync(join(SRC, file), 'utf8').includes('node:worker_threads'));
  expect(naming.toSorted()).toEqual(['run-worker.ts', 'run.ts']);
  expect(readFileSync(join(SRC, 'run-worker.ts'), 'utf8')).toMatch(/^shutDoors\(\);$/m);
});

test('no file of the lab takes its chance or its results from the clock, the machine or elsewhere than the seed', () => {
  const wrong = files.filter((file) => /Math\.random|randomBytes\(|randomUUID|getRandomValues|Date\.now|new Date/.test(readFileSync(join(SRC, file), 'utf8').replaceAll(/rng: \{ randomBytes: .*/g, '')));
  expect(wrong, 'the day of a run stands beside its times').toEqual(['run.ts']);
});

test.each([
  ['a connection', "const net = await import('node:net'); net.connect(9, '127.0.0.1');"],
  ['a server', "const net = await import('node:net'); net.createServer().listen(0, '127.0.0.1');"],
  ['a web server', "const http = await import('node:http'); http.createServer().listen(0, '127.0.0.1');"],
  ['a web request', "const http = await import('node:http'); http.get('http://127.0.0.1:9/').on('error', () => process.exit(0)); await new Promise((r) => setTimeout(r, 500));"],
  ['a fetch', "await fetch('http://127.0.0.1:9/');"],
  ['a datagram', "const dgram = await import('node:dgram'); dgram.createSocket('udp4').send('x', 9, '127.0.0.1');"],
  ['a connection of datagrams', "const dgram = await import('node:dgram'); dgram.createSocket('udp4').connect(9, '127.0.0.1');"],
  ['a group of receivers', "const dgram = await import('node:dgram'); dgram.createSocket('udp4').addMembership('224.0.0.1');"],
  ['a secure connection', "const tls = await import('node:tls'); tls.connect(9, '127.0.0.1');"],
  ['a connection of many streams', "const http2 = await import('node:http2'); http2.connect('http://127.0.0.1:9');"],
  ['a name look-up by promise', "const dns = (await import('node:dns')).default; await dns.promises.lookup('localhost');"],
  ['a name look-up by its own import', "const { lookup } = await import('node:dns'); lookup('localhost', () => undefined);"],
  ['a question to a name server', "const dns = (await import('node:dns')).default; dns.resolve4('localhost', () => undefined);"],
  ['a question to a name server of its choice', "const dns = (await import('node:dns')).default; const r = new dns.Resolver(); r.resolve4('localhost', () => undefined);"],
  ['a signal to another process', 'process.kill(process.ppid, 0);'],
  ['a name look-up', "const dns = (await import('node:dns')).default; dns.lookup('localhost', () => undefined);"],
])('with its doors shut a process cannot open %s', (_name, code) => {
  const run = spawnSync(process.execPath, ['--input-type=module', '-e', `import { shutDoors } from ${JSON.stringify(join(SRC, 'doors.ts'))}; shutDoors(); ${code}`], { encoding: 'utf8', timeout: 20_000 });
  expect(run.stderr).toContain('LAB_NO_NETWORK');
  expect(run.status).not.toBe(0);
});

test('the lab’s program may write to the folder named and to nothing else, and start no other program', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'lab-guard-'));
  try {
    const run = (code: string): string => spawnSync(process.execPath, ['--permission', '--no-warnings', '--allow-worker', '--allow-fs-read=*', `--allow-fs-write=${folder}`, '--input-type=module', '-e', code], { encoding: 'utf8', timeout: 20_000 }).stderr;
    expect(run(`import { writeFileSync } from 'node:fs'; writeFileSync(${JSON.stringify(join(folder, 'a'))}, 'x');`)).toBe('');
    expect(run(`import { writeFileSync } from 'node:fs'; writeFileSync(${JSON.stringify(`${folder}-beside`)}, 'x');`)).toContain('ERR_ACCESS_DENIED');
    expect(run(`import { spawnSync } from 'node:child_process'; const r = spawnSync('true'); if (r.error) throw r.error;`)).toContain('ERR_ACCESS_DENIED');
  } finally {
    await rm(folder, { recursive: true });
  }
});

test.each(['epoch-escrow', 'message-escrow', 'threshold-custodians', 'user-reports', 'source-tracking'])('nothing that a cell of %s draws as key material stands in what it reports', async (id) => {
  const drawn: Buffer[] = [];
  const bytes = Object.getOwnPropertyDescriptor(SeededRandom.prototype, 'bytes')?.value as (this: SeededRandom, length: number) => Uint8Array<ArrayBuffer>;
  SeededRandom.prototype.bytes = function recorded(length) {
    const out = bytes.call(this, length);
    if (length >= 16) drawn.push(Buffer.from(out));
    return out;
  };
  try {
    const cell = cellsOf(planRun({ proposals: [id], sizes: [2], seed: 5 })).at(-1);
    if (cell === undefined) throw new Error('a cell expected');
    const text = JSON.stringify(await runCell(cell));
    expect(drawn.length).toBeGreaterThan(20);
    for (const secret of drawn) for (const form of ['hex', 'base64', 'base64url'] as const) expect(text.includes(secret.toString(form))).toBe(false);
  } finally {
    SeededRandom.prototype.bytes = bytes;
  }
});

test('there is no picture and no list of hashes in the lab’s folder', () => {
  const all = readdirSync(resolve(SRC, '..'), { recursive: true, encoding: 'utf8' }).filter((f) => !f.startsWith('node_modules'));
  expect(all.filter((f) => /\.(jpe?g|png|gif|webp|bmp|tiff?|heic|csv|db|sqlite)$/i.test(f))).toEqual([]);
});
