/** `protect` and `audit` as people run them: real files, real processes. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { temporaryFolder, weighbridge } from './command-line.ts';

const CELLS = `district,kind,freq
north,phone,1
north,tablet,23
south,phone,17
south,tablet,31
Total,phone,18
Total,tablet,54
north,Total,24
south,Total,48
Total,Total,72
`;
const SPEC = { dimensions: [{ column: 'district', total: 'Total' }, { column: 'kind', total: 'Total' }], rules: { minFrequency: { threshold: 3, zeros: 'published' } } };

let folder = '';
let paths = { cells: '', spec: '', out: '', certificate: '' };
beforeAll(async () => {
  folder = await temporaryFolder();
  paths = { cells: join(folder, 'cells.csv'), spec: join(folder, 'spec.json'), out: join(folder, 'out.csv'), certificate: join(folder, 'certificate.json') };
  await writeFile(paths.cells, CELLS);
  await writeFile(paths.spec, JSON.stringify(SPEC));
});

describe('protect', () => {
  test('withholds a small count with three partners, in the order of the rows, and audits clean', async () => {
    const made = await weighbridge(['protect', paths.cells, '--spec', paths.spec, '--out', paths.out, '--certificate', paths.certificate]);
    expect(made.code).toBe(0);
    const lines = (await readFile(paths.out, 'utf8')).trim().split('\n');
    expect(lines[0]).toBe('district,kind,freq,status,published,reason');
    expect(lines[1]).toBe('north,phone,1,primary,,primary: 1 contributor');
    expect(lines.filter((l) => l.includes(',secondary,'))).toHaveLength(3);
    expect(made.events.at(-1)).toMatchObject({ event: 'protected', cells: 9, withheld: 4, primary: 1, breaches: 0 });
    expect(JSON.parse(await readFile(paths.certificate, 'utf8'))).toMatchObject({ intervals: [{ cell: 'north | phone', lower: 1 }] });
    expect((await weighbridge(['audit', paths.out, '--spec', paths.spec])).code).toBe(0);
  });

  test('a second run writes the same bytes', async () => {
    const [first, second] = [join(folder, 'first.csv'), join(folder, 'second.csv')];
    for (const out of [first, second]) await weighbridge(['protect', paths.cells, '--spec', paths.spec, '--out', out]);
    expect(await readFile(second, 'utf8')).toBe(await readFile(first, 'utf8'));
  });

  test('fixed random rounding needs a seed, and rounds to multiples of 3', async () => {
    const spec = join(folder, 'round.json');
    await writeFile(spec, JSON.stringify({ dimensions: SPEC.dimensions, method: 'round-base-3' }));
    const without = await weighbridge(['protect', paths.cells, '--spec', spec, '--out', paths.out]);
    expect([without.code, without.stdout]).toEqual([3, expect.stringContaining('SEED_MISSING')]);
    await writeFile(spec, JSON.stringify({ dimensions: SPEC.dimensions, method: 'round-base-3', seed: 'a secret of the series' }));
    const out = join(folder, 'rounded.csv');
    expect((await weighbridge(['protect', paths.cells, '--spec', spec, '--out', out])).code).toBe(0);
    const published = (await readFile(out, 'utf8')).trim().split('\n').slice(1).map((l) => Number(l.split(',')[4]));
    expect(published.every((n) => n % 3 === 0)).toBe(true);
  });
});

describe('audit', () => {
  test('a cell that a subtraction gives is proven derivable: exit 4, its address, no value', async () => {
    const naive = join(folder, 'naive.csv');
    await writeFile(naive, CELLS.trim().split('\n').map((l, i) => `${l},${i === 0 ? 'status' : l === 'north,phone,1' ? 'primary' : 'published'}`).join('\n'));
    const found = await weighbridge(['audit', naive, '--spec', paths.spec]);
    expect(found.code).toBe(4);
    expect(found.events.find((e) => e['code'] === 'DERIVABLE')).toMatchObject({ message: 'north | phone: can be derived exactly' });
  });
});

describe('bad input', () => {
  test.each([
    ['a column that is not there', 'district,freq\nnorth,1\n', 'COLUMN_MISSING'],
    ['a frequency that is no number', CELLS.replace('north,phone,1', 'north,phone,x'), 'NOT_A_NUMBER'],
    ['a total that is not the sum of its parts', CELLS.replace('Total,phone,18', 'Total,phone,19'), 'TOTALS_DO_NOT_ADD'],
    ['a ragged row', `${CELLS}north\n`, 'CSV'],
    ['only a header', 'district,kind,freq\n', 'NO_CELLS'],
  ])('%s', async (_, text, code) => {
    const file = join(folder, 'bad.csv');
    await writeFile(file, text);
    const refused = await weighbridge(['protect', file, '--spec', paths.spec, '--out', join(folder, 'never.csv')]);
    expect(refused.code).toBe(3);
    expect(refused.events.map((e) => e['code'])).toContain(code);
  });
});
