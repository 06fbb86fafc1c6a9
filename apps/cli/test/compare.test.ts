/** `compare`, and records in the place of cells: real files, real processes. */
import { readFile, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { beforeAll, describe, expect, test } from 'vitest';
import { CELLS } from './cells.ts';
import { temporaryFolder, weighbridge } from './command-line.ts';

/** The same, one row a record; quotes, a byte order mark and the line ends of other machines included. */
const RECORDS = `\uFEFFdistrict,kind\r\n${[['north', 'phone', 1], ['north', 'tablet', 23], ['"south"', 'phone', 17], ['south', 'tablet', 31]].map(([d, k, n]) => `${String(d)},${String(k)}\r\n`.repeat(Number(n))).join('\r\n')}`;
const DIMENSIONS = [{ column: 'district', total: 'Total' }, { column: 'kind', total: 'Total' }];
const SPEC = { dimensions: DIMENSIONS, rules: { minFrequency: { threshold: 3, zeros: 'published' } } };
/** At least these. */
const METHODS = ['combined', 'boxes', 'elimination', 'elimination-singletons', 'round-base-3', 'round-base-n', 'controlled-rounding', 'small-count-rounding', 'cell-key'];

let folder = '';
const at = (name: string): string => join(folder, name);
beforeAll(async () => {
  folder = await temporaryFolder();
  await writeFile(at('cells.csv'), CELLS);
  await writeFile(at('records.csv'), RECORDS);
  await writeFile(at('spec.json'), JSON.stringify(SPEC));
});

describe('compare', () => {
  test('all methods: events, a table and a chart, each of which says that it is confidential', async () => {
    const made = await weighbridge(['compare', at('cells.csv'), '--spec', at('spec.json'), '--out', at('out')]);
    expect(made.code).toBe(0);
    expect(made.events.filter((e) => e['event'] === 'method').map((e) => e['method'])).toEqual(expect.arrayContaining(METHODS));
    expect(made.events.find((e) => e['event'] === 'comparison')).toMatchObject({ handling: expect.stringMatching(/^confidential/) as string, attacked: { cells: 1, drawn: false } });
    expect((await readdir(at('out'))).sort()).toEqual(['compare.csv', 'compare.json', 'compare.svg']);
    const table: Record<string, string>[] = parse(await readFile(join(at('out'), 'compare.csv'), 'utf8'), { columns: true });
    expect(table.map((row) => row['method'])).toEqual(expect.arrayContaining(METHODS));
    expect(table.every((row) => row['handling']?.startsWith('confidential') === true)).toBe(true);
    expect(table[0]).toMatchObject({ exact_cells: '0', withheld_cells: '4', withheld_value_percent: '25', cell_error_mean: '0', shares_lost_percent: '66.6667', additive: 'yes', seed: 'trial' });
    expect(JSON.parse(await readFile(join(at('out'), 'compare.json'), 'utf8'))).toMatchObject({ handling: expect.stringMatching(/^confidential/) as string, methods: expect.arrayContaining(METHODS.map((method) => expect.objectContaining({ method, ran: true }) as object)) as object[] });
    const svg = await readFile(join(at('out'), 'compare.svg'), 'utf8');
    expect(svg).toContain('CONFIDENTIAL');
    const words = /<desc[^>]*>(.*?)<\/desc>/.exec(svg)?.[1] ?? '';
    for (const method of METHODS) expect(words).toContain(`${method} (`);
  });

  test('a second run, and one from records, write the same bytes', async () => {
    const runs = [['cells.csv'], ['cells.csv'], ['records.csv', '--microdata']];
    const files = await Promise.all(runs.map(async ([file = '', ...flags], i) => {
      const out = at(`run${i}`);
      const made = await weighbridge(['compare', at(file), '--spec', at('spec.json'), '--out', out, '--methods', 'boxes,round-base-3,cell-key', ...flags]);
      expect(made.code).toBe(0);
      return Promise.all(['compare.csv', 'compare.json', 'compare.svg'].map((name) => readFile(join(out, name), 'utf8')));
    }));
    expect(files[1]).toEqual(files[0]);
    expect(files[2]).toEqual(files[0]);
  });

  test('margins without their grand total: as many cells withheld as protect withholds', async () => {
    await writeFile(at('margins.csv'), 'district,kind,freq\nnorth,Total,1\nsouth,Total,48\nTotal,phone,18\nTotal,tablet,31\n');
    const made = await weighbridge(['protect', at('margins.csv'), '--spec', at('spec.json'), '--out', at('margins-protected.csv')]);
    expect(made.events.find((e) => e['event'] === 'protected')).toMatchObject({ withheld: 2, mended: 1 });
    const compared = await weighbridge(['compare', at('margins.csv'), '--spec', at('spec.json'), '--methods', 'combined']);
    expect(compared.events.find((e) => e['event'] === 'method')).toMatchObject({ mended: true, risk: { exact: 0 }, use: { withheld: 2 } });
  });

  test('a cell that nobody lists and that is known all the same is in the table and in the chart', async () => {
    await writeFile(at('regions.csv'), 'region,freq\ncounty,49\ngroup,50\n');
    await writeFile(at('regions.json'), JSON.stringify({ dimensions: [{ column: 'region', sums: [{ total: 'county', parts: ['a', 'b'] }, { total: 'group', parts: ['a', 'b', 'c'] }], roots: 'several' }], rules: SPEC.rules }));
    expect((await weighbridge(['compare', at('regions.csv'), '--spec', at('regions.json'), '--methods', 'boxes,small-count-rounding', '--out', at('regions')])).code).toBe(0);
    const table: Record<string, string>[] = parse(await readFile(join(at('regions'), 'compare.csv'), 'utf8'), { columns: true });
    expect(table.map((row) => [row['exact_cells'], row['unlisted_cells']])).toEqual([['0', '0'], ['0', '1']]);
    const svg = await readFile(join(at('regions'), 'compare.svg'), 'utf8');
    expect(svg).toContain('besides, 1 not listed');
    expect(svg).toContain('besides 1 that nobody lists');
  });

  test('a method that does not apply is listed with its reason', async () => {
    await writeFile(at('amounts.csv'), 'district,freq,value,largest1,largest2\nnorth,3,50,40,6\nsouth,4,70,20,20\nTotal,7,120,40,20\n');
    await writeFile(at('amounts.json'), JSON.stringify({ dimensions: [DIMENSIONS[0]], rules: { pPercent: { p: 10 } } }));
    const made = await weighbridge(['compare', at('amounts.csv'), '--spec', at('amounts.json'), '--methods', 'round-base-3', '--out', at('amounts')]);
    expect(made.events.find((e) => e['event'] === 'method')).toMatchObject({ ran: false, code: 'COUNTS_ONLY' });
    expect(await readFile(join(at('amounts'), 'compare.svg'), 'utf8')).toContain('does not apply');
  });

  test('a method that nobody knows is wrong usage', async () => {
    const made = await weighbridge(['compare', at('cells.csv'), '--spec', at('spec.json'), '--methods', 'boxes,magic']);
    expect([made.code, made.stderr]).toEqual([2, expect.stringContaining('--methods knows no "magic"')]);
  });

  test('the help says that it is confidential', async () => {
    expect((await weighbridge(['compare', '--help'])).stdout).toMatch(/confidential: true errors/);
  });
});

describe('protect --microdata', () => {
  test('records give the cells that were counted from them by hand', async () => {
    const made = await weighbridge(['protect', at('records.csv'), '--microdata', '--spec', at('spec.json'), '--out', at('protected.csv')]);
    expect(made.code).toBe(0);
    const out: string[][] = parse(await readFile(at('protected.csv'), 'utf8'));
    const byHand: string[][] = parse(CELLS);
    expect(out[0]).toEqual(['district', 'kind', 'freq', 'status', 'published', 'reason']);
    expect(out.slice(1).map((row) => row.slice(0, 3).join()).sort()).toEqual(byHand.slice(1).map((row) => row.join()).sort());
    expect((await weighbridge(['audit', at('protected.csv'), '--spec', at('spec.json')])).code).toBe(0);
  });

  test('records of one holding are added up before they are ranked', async () => {
    await writeFile(at('holdings.csv'), 'branch,value,contributor\nmills,40,A\nmills,50,B\nmills,30,A\nmills,5,C\nmines,9,D\nmines,8,E\nmines,8.5,F\n');
    await writeFile(at('holdings.json'), JSON.stringify({ dimensions: [{ column: 'branch', total: 'Total' }], rules: { pPercent: { p: 10 } }, method: 'boxes' }));
    expect((await weighbridge(['protect', at('holdings.csv'), '--microdata', '--spec', at('holdings.json'), '--out', at('held.csv')])).code).toBe(0);
    const [header, ...rows]: string[][] = parse(await readFile(at('held.csv'), 'utf8'));
    expect(header).toEqual(['branch', 'freq', 'contributors', 'value', 'largest1', 'largest2', 'largest3', 'largest4', 'largest5', 'status', 'published', 'reason']);
    expect(rows.find(([branch]) => branch === 'mills')?.slice(0, 10)).toEqual(['mills', '4', '3', '125', '70', '50', '5', '', '', 'primary']);
  });

  test.each(['round-base-n', 'controlled-rounding', 'small-count-rounding', 'cell-key'])('%s gives every cell the status rounded', async (method) => {
    await writeFile(at(`${method}.json`), JSON.stringify({ dimensions: DIMENSIONS, method, seed: 'a secret of the series', ...(method === 'cell-key' ? {} : { base: 5 }) }));
    expect((await weighbridge(['protect', at('records.csv'), '--microdata', '--spec', at(`${method}.json`), '--out', at(`${method}.csv`)])).code).toBe(0);
    const rows: Record<string, string>[] = parse(await readFile(at(`${method}.csv`), 'utf8'), { columns: true });
    expect(rows.map((row) => row['status'])).toEqual(Array.from({ length: 9 }, () => 'rounded'));
    const published = new Map(rows.map((row) => [`${row['district'] ?? ''} ${row['kind'] ?? ''}`, Number(row['published'])]));
    if (method.startsWith('round') || method.startsWith('controlled')) expect([...published.values()].every((n) => n % 5 === 0)).toBe(true);
    if (method.startsWith('controlled') || method.startsWith('small')) expect((published.get('north Total') ?? 0) + (published.get('south Total') ?? 0)).toBe(published.get('Total Total'));
  });

  test.each([
    ['a column that is not there', 'district\nnorth\n', 'COLUMN_MISSING', { line: 1, column: 'kind' }],
    ['a blank', 'district,kind\nnorth,phone\nnorth,\n', 'CODE_MISSING', { file: expect.stringContaining('bad.csv') as string, row: 2, column: 'kind' }],
    ['a total in place of a record', 'district,kind\nTotal,phone\n', 'CODE_NOT_FINEST', { row: 1, column: 'district' }],
    ['an amount that is no number', 'district,kind,value\nnorth,phone,12\nnorth,phone,hidden\n', 'NOT_A_NUMBER', { row: 2, column: 'value' }],
    ['a ragged row', 'district,kind\nnorth,phone\nhidden\n', 'CSV', { row: 2 }],
    ['a quote that stays open', 'district,kind\nnorth,"hidden\n', 'CSV', {}],
    ['only a header', 'district,kind\n', 'NO_RECORDS', {}],
  ])('%s is refused with its place and without its content', async (_, text, code, place) => {
    await writeFile(at('bad.csv'), text);
    const refused = await weighbridge(['protect', at('bad.csv'), '--microdata', '--spec', at('spec.json'), '--out', at('never.csv')]);
    expect(refused.code).toBe(3);
    expect(refused.events.find((e) => e['event'] === 'issue')).toMatchObject({ code, place });
    expect(refused.stdout + refused.stderr).not.toContain('hidden');
  });

  test('a file that is not there is refused by name', async () => {
    const refused = await weighbridge(['compare', at('nowhere.csv'), '--microdata', '--spec', at('spec.json')]);
    expect([refused.code, refused.events[0]]).toMatchObject([3, { code: 'FILE_MISSING' }]);
  });

  test.each([
    ['base', { method: 'round-base-n', base: 1 }, 'base'], ['ptable.variance', { method: 'cell-key', ptable: { maxNoise: 5 } }, 'ptable.variance'],
    ['ptable.noise', { method: 'cell-key', ptable: { noise: 5, maxNoise: 5, variance: 2 } }, 'ptable.noise'], ['ptable.maxNoise', { method: 'cell-key', ptable: { maxNoise: 0, variance: 2 } }, 'ptable.maxNoise'],
  ])('the specification names its key %s when that is wrong', async (_, wrong, key) => {
    await writeFile(at('wrong.json'), JSON.stringify({ dimensions: DIMENSIONS, seed: 'a secret of the series', ...wrong }));
    const refused = await weighbridge(['protect', at('cells.csv'), '--spec', at('wrong.json'), '--out', at('never.csv')]);
    expect([refused.code, refused.events[0]]).toMatchObject([3, { code: 'SPEC', place: { key } }]);
  });
});
