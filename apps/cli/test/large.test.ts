/** Files of ten million cells, of one and of none, as people give them to the command. */
import { createWriteStream } from 'node:fs';
import { access, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { temporaryFolder, weighbridge } from './command-line.ts';
import type { Finished } from './command-line.ts';

const SPEC = { dimensions: [{ column: 'district', total: 'Total' }, { column: 'kind', total: 'Total' }], rules: { minFrequency: { threshold: 3, zeros: 'published' } } };
const MANY = 10_000_000;
/** Megabytes: the file alone is some 150. */
const HEAP = 128;

let folder = '';
let paths = { many: '', spec: '', out: '' };
const flags = process.env['NODE_OPTIONS'];
beforeAll(async () => {
  folder = await temporaryFolder();
  paths = { many: join(folder, 'many.csv'), spec: join(folder, 'spec.json'), out: join(folder, 'out.csv') };
  await writeFile(paths.spec, JSON.stringify(SPEC));
  await pipeline(Readable.from(manyRows()), createWriteStream(paths.many));
  process.env['NODE_OPTIONS'] = `--max-old-space-size=${HEAP}`;
});
afterAll(() => {
  if (flags === undefined) delete process.env['NODE_OPTIONS'];
  else process.env['NODE_OPTIONS'] = flags;
});

function* manyRows(): Generator<string> {
  yield 'district,kind,freq,status\n';
  for (let d = 0; d < MANY / 2500; d++) yield Array.from({ length: 2500 }, (_, k) => `d${d},k${k},7,published\n`).join('');
}

/** What a run says when it refuses: one line for people, and its issues. */
function refusal({ code, stderr, events }: Finished): unknown {
  return { code, lines: stderr.split('\n').length - 1, issues: events.filter(({ event }) => event === 'issue').map((issue) => [issue['code'], issue['place']]) };
}

describe('ten million cells', () => {
  test.each(['protect', 'audit'])('%s refuses the file by its number of rows, before it keeps any', async (command) => {
    const run = await weighbridge([command, paths.many, '--spec', paths.spec, ...(command === 'protect' ? ['--out', paths.out] : [])]);
    expect(refusal(run)).toEqual({ code: 3, lines: 1, issues: [['TOO_MANY_CELLS', { file: paths.many }]] });
    expect(run.stdout).not.toMatch(/d0|k0|\b7\b/);
    await expect(access(paths.out)).rejects.toThrow();
  });
});

describe('hardly a table', () => {
  const protect = async (text: string, ...more: readonly string[]): Promise<Finished> => {
    const file = join(folder, 'few.csv');
    await writeFile(file, text);
    return weighbridge(['protect', file, '--spec', paths.spec, '--out', paths.out, ...more]);
  };

  test.each([
    ['no rows, blank lines alone', 'district,kind,freq\r\n\r\n\r\n', [], 'NO_CELLS'],
    ['no header', '', [], 'COLUMN_MISSING'],
    ['no records', 'district,kind\n', ['--microdata'], 'NO_RECORDS'],
  ] as const)('%s: refused', async (_, text, more, code) => {
    expect(refusal(await protect(text, ...more))).toMatchObject({ code: 3, lines: 1, issues: [[code, {}]] });
  });

  test('one row is released, and one unsafe row is withheld', async () => {
    expect((await protect('district,kind,freq\nnorth,phone,9\n')).code).toBe(0);
    expect(await readFile(paths.out, 'utf8')).toBe('district,kind,freq,status,published,reason\nnorth,phone,9,published,9,\n');
    expect((await protect('district,kind,freq\nnorth,phone,2\n')).code).toBe(0);
    expect(await readFile(paths.out, 'utf8')).toBe('district,kind,freq,status,published,reason\nnorth,phone,2,primary,,primary: 2 contributors\n');
  });

  test('one record is a table of one cell and its margins, all withheld', async () => {
    expect((await protect('district,kind\nnorth,phone\n', '--microdata')).code).toBe(0);
    expect((await readFile(paths.out, 'utf8')).trim().split('\n').slice(1).map((line) => line.split(',').slice(3, 5).join())).toEqual(['primary,', 'primary,', 'primary,', 'primary,']);
  });
});
