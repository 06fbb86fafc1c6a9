/** `protect` and `audit` as people run them: real files, real processes. */
import { mkdir, readFile, rename, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { CELLS } from './cells.ts';
import { temporaryFolder, weighbridge } from './command-line.ts';

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
    expect((await weighbridge(['audit', out, '--spec', spec])).events.at(-1)).toMatchObject({ event: 'audited', withheld: 0 });
  });
});

describe('audit', () => {
  test('its help names what it refuses', async () => {
    expect((await weighbridge(['audit', '--help'])).stdout).toMatch(/Exit codes:.* 3 .* refused, 4 /);
  });

  test('a cell that a subtraction gives is proven derivable: exit 4, its address, no value', async () => {
    const naive = join(folder, 'naive.csv');
    await writeFile(naive, CELLS.trim().split('\n').map((l, i) => `${l},${i === 0 ? 'status' : l === 'north,phone,1' ? 'primary' : 'published'}`).join('\n'));
    const found = await weighbridge(['audit', naive, '--spec', paths.spec]);
    expect(found.code).toBe(4);
    expect(found.events.find((e) => e['code'] === 'DERIVABLE')).toMatchObject({ message: 'north | phone: can be derived exactly' });
  });
});

describe('audit of a list whose numbers are not what its marks say', () => {
  test.each([
    ['a withheld cell with a number', ['north,phone,1,primary,', 'north,phone,1,primary,1'], 'WITHHELD_PRINTED', 1],
    ['a cell withheld for its sake with a number', ['south,tablet,31,secondary,', 'south,tablet,31,secondary,31'], 'WITHHELD_PRINTED', 4],
    ['a published number that is not the truth beside it', ['south,Total,48,published,48', 'south,Total,48,published,77'], 'PUBLISHED_DIFFERS', 8],
  ] as const)('%s is refused with file, row and column, as is an earlier list', async (_, [right, wrong], code, row) => {
    const [list, earlier] = [join(folder, 'marked.csv'), await temporaryFolder()];
    await weighbridge(['protect', paths.cells, '--spec', paths.spec, '--out', list]);
    const text = await readFile(list, 'utf8');
    expect(text).toContain(right);
    await writeFile(join(earlier, 'before.csv'), text.replace(right, wrong));
    for (const [asked, file] of [[[join(earlier, 'before.csv')], join(earlier, 'before.csv')], [[list, '--earlier', earlier], join(earlier, 'before.csv')]] as const) {
      const refused = await weighbridge(['audit', ...asked, '--spec', paths.spec]);
      expect([refused.code, refused.events.find((e) => e['event'] === 'issue')]).toMatchObject([3, { code, place: { file, row, column: 'published' } }]);
      expect(refused.stdout).not.toContain('77');
    }
  });
});

describe('audit with what was released before', () => {
  const published = (rows: string): string => `${rows.trim()}\n`;

  test('a list of other columns, as it was published, gives a cell away: exit 4', async () => {
    const earlier = await temporaryFolder();
    const wide = join(folder, 'wide.csv');
    // One north phone, hidden with its three partners in the plane f and in their totals.
    const counts: Readonly<Record<string, number>> = { 'north,phone,f': 1, 'north,phone,m': 4, 'north,tablet,f': 5, 'north,tablet,m': 6, 'south,phone,f': 7, 'south,phone,m': 8, 'south,tablet,f': 3, 'south,tablet,m': 9 };
    const rows: string[] = [];
    const narrow: string[] = [];
    for (const d of ['north', 'south', 'Total']) for (const k of ['phone', 'tablet', 'Total']) for (const s of ['f', 'm', 'Total']) {
      const n = Object.entries(counts).reduce((sum, [key, c]) => sum + (key.split(',').every((code, i) => [code, 'Total'].includes([d, k, s][i] ?? '')) ? c : 0), 0);
      const hidden = d !== 'Total' && k !== 'Total' && s !== 'm';
      rows.push(`${d},${k},${s},${n},${hidden ? (n < 3 ? 'primary' : 'secondary') : 'published'}`);
      if (s === 'Total') narrow.push(`${k},${d},published,${n}`);
    }
    const spec = join(folder, 'wide.json');
    await writeFile(spec, JSON.stringify({ ...SPEC, dimensions: [...SPEC.dimensions, { column: 'sex', total: 'Total' }] }));
    await writeFile(wide, published(['district,kind,sex,freq,status', ...rows].join('\n')));
    expect((await weighbridge(['audit', wide, '--spec', spec])).code).toBe(0);
    await writeFile(join(earlier, 'narrow.csv'), published(['kind,district,status,published', ...narrow].join('\n')));
    const found = await weighbridge(['audit', wide, '--spec', spec, '--earlier', earlier]);
    expect(found.code).toBe(4);
    expect(found.events.filter((e) => e['code'] === 'DERIVABLE').map((e) => e['message'])).toEqual(['north | phone | f: can be derived exactly']);
  });

  test('an earlier edition in a folder of its own: one record more is found', async () => {
    const earlier = await temporaryFolder();
    await mkdir(join(earlier, '2023'));
    const spec = join(folder, 'one.json');
    await writeFile(spec, JSON.stringify({ ...SPEC, dimensions: SPEC.dimensions.slice(0, 1) }));
    const now = join(folder, 'now.csv');
    await writeFile(now, 'district,freq,status\nnorth,25,published\nsouth,48,published\nTotal,73,published\n');
    await writeFile(join(earlier, '2023', 'list.csv'), 'district,status,published\nnorth,published,24\nsouth,published,48\nTotal,published,72\n');
    const found = await weighbridge(['audit', now, '--spec', spec, '--earlier', earlier]);
    expect(found.code).toBe(4);
    expect(found.events.filter((e) => e['code'] === 'DERIVABLE').map((e) => e['message'])).toEqual(['north: what came since 2023: can be derived exactly', 'Total: what came since 2023: can be derived exactly']);
    expect(found.events.find((e) => e['code'] === 'DERIVABLE')?.['repair']).toContain('--request');
  });

  test('editions in folders 9 and 10 come in that order; in the other one a cell that falls is refused where records were only added', async () => {
    const earlier = await temporaryFolder();
    const [spec, now] = [join(folder, 'order.json'), join(folder, 'order.csv')];
    await writeFile(spec, JSON.stringify({ ...SPEC, dimensions: SPEC.dimensions.slice(0, 1) }));
    await writeFile(now, 'district,freq,status\nnorth,41,published\nsouth,48,published\nTotal,89,published\n');
    for (const [name, north] of [['9', 24], ['10', 34]] as const) {
      await mkdir(join(earlier, name));
      await writeFile(join(earlier, name, 'list.csv'), `district,status,published\nnorth,published,${north}\nsouth,published,48\nTotal,published,${north + 48}\n`);
    }
    expect((await weighbridge(['audit', now, '--spec', spec, '--earlier', earlier, '--added-only'])).code).toBe(0);
    await rename(join(earlier, '9'), join(earlier, '11'));
    const refused = await weighbridge(['audit', now, '--spec', spec, '--earlier', earlier, '--added-only']);
    expect([refused.code, refused.events[0]]).toEqual([3, expect.objectContaining({ code: 'EDITION_FALLS', place: { object: 'north (10), then north (11)' } })]);
  });

  test('whoever is alone in a cell is an attacker too, where asked for', async () => {
    const [list, spec] = [join(folder, 'pair.csv'), join(folder, 'pair.json')];
    await writeFile(spec, JSON.stringify({ ...SPEC, dimensions: SPEC.dimensions.slice(0, 1) }));
    await writeFile(list, 'district,freq,status\nnorth,1,primary\nsouth,2,primary\nwest,9,published\nTotal,12,published\n');
    expect((await weighbridge(['audit', list, '--spec', spec])).code).toBe(0);
    const found = await weighbridge(['audit', list, '--spec', spec, '--contributors']);
    expect([found.code, found.events.filter((e) => e['code'] === 'DERIVABLE').map((e) => e['message'])]).toEqual([4, ['south: can be derived by contributor 0']]);
    expect(found.events.find((e) => e['code'] === 'DERIVABLE')?.['repair']).toContain('"insiders": true');
  });
});

describe('files that are written', () => {
  const issueOf = async (...args: string[]): Promise<unknown> => {
    const { code, events } = await weighbridge(args);
    return [code, events[0]?.['code'], events[0]?.['place']];
  };

  test('an output that is an input is refused before anything is read, by whatever name; two outputs in one file too', async () => {
    const own = await temporaryFolder();
    const [cells, link, spec] = [join(own, 'compare.csv'), join(own, 'link.csv'), join(own, 'nowhere.json')];
    await writeFile(cells, 'not a table');
    await symlink(cells, link);
    for (const out of [cells, link, join(own, '.', 'compare.csv')]) {
      expect(await issueOf('protect', cells, '--spec', spec, '--out', out)).toEqual([3, 'OUT_IS_INPUT', { file: out }]);
      expect(await issueOf('audit', cells, '--spec', spec, '--certificate', out)).toEqual([3, 'OUT_IS_INPUT', { file: out }]);
      expect(await issueOf('audit', join(own, 'list.csv'), '--spec', spec, '--earlier', own, '--request', '--out', out)).toEqual([3, 'OUT_IS_INPUT', { file: out }]);
    }
    expect(await issueOf('protect', cells, '--spec', paths.spec, '--out', paths.spec)).toEqual([3, 'OUT_IS_INPUT', { file: paths.spec }]);
    expect(await issueOf('compare', cells, '--spec', spec, '--out', own)).toEqual([3, 'OUT_IS_INPUT', { file: cells }]);
    expect(await issueOf('protect', cells, '--spec', spec, '--out', join(own, 'one'), '--certificate', join(own, 'one'))).toEqual([3, 'OUT_TWICE', { file: join(own, 'one') }]);
    expect(await readFile(cells, 'utf8')).toBe('not a table');
  });

  test('confidential ones are for their owner alone', async () => {
    const own = await temporaryFolder();
    const files = ['out.csv', 'certificate.json', 'compare.csv', 'compare.json', 'compare.svg', 'audit.json', 'granted.csv'].map((name) => join(own, name)) as [string, string, ...string[]];
    await weighbridge(['protect', paths.cells, '--spec', paths.spec, '--out', files[0], '--certificate', files[1]]);
    await weighbridge(['compare', paths.cells, '--spec', paths.spec, '--out', own, '--methods', 'boxes']);
    await weighbridge(['audit', files[0], '--spec', paths.spec, '--certificate', join(own, 'audit.json')]);
    await weighbridge(['audit', paths.cells, '--spec', paths.spec, '--request', '--out', join(own, 'granted.csv')]);
    for (const file of files) expect([file, (await stat(file)).mode & 0o777]).toEqual([file, 0o600]);
  });
});

describe('the folder of lists released before', () => {
  const NARROW = 'district,status,published\nnorth,published,24\nsouth,published,48\nTotal,published,72\n';

  test('says how many lists and editions were read, takes .CSV, and tells what it passed over', async () => {
    const [earlier, list, certificate] = [await temporaryFolder(), join(folder, 'counted.csv'), join(folder, 'counted.json')];
    await weighbridge(['protect', paths.cells, '--spec', paths.spec, '--out', list]);
    for (const name of ['2022', '2023', 'empty']) await mkdir(join(earlier, name));
    for (const name of ['narrow.CSV', join('2022', 'a.csv'), join('2023', 'a.csv'), join('2023', 'b.csv'), 'notes.txt', join('2022', 'list.xlsx')]) await writeFile(join(earlier, name), name.endsWith('b.csv') ? 'kind,status,published\nTotal,published,72\n' : NARROW);
    const found = await weighbridge(['audit', list, '--spec', paths.spec, '--earlier', earlier, '--certificate', certificate]);
    expect(found.events.filter((e) => e['code'] === 'FILE_UNUSED').map((e) => (e['place'] as { file: string }).file).sort()).toEqual(['2022/list.xlsx', 'empty', 'notes.txt'].map((name) => join(earlier, name)));
    expect(found.events.at(-1)).toMatchObject({ event: 'audited', lists: 4, editions: 2 });
    expect((JSON.parse(await readFile(certificate, 'utf8')) as { summary: object }).summary).toMatchObject({ lists: 4, editions: 2 });
    const alone = await weighbridge(['audit', list, '--spec', paths.spec]);
    expect(Object.keys(alone.events.at(-1) ?? {})).not.toContain('lists');
  });

  test('is refused where it gives no list', async () => {
    const earlier = await temporaryFolder();
    await writeFile(join(earlier, 'notes.txt'), NARROW);
    const refused = await weighbridge(['audit', paths.out, '--spec', paths.spec, '--earlier', earlier]);
    expect([refused.code, refused.events.at(-1)]).toMatchObject([3, { code: 'NO_LISTS', place: { file: earlier } }]);
  });
});

describe('audit --whole-numbers', () => {
  test('attacks again in whole numbers and says that it decided every cell; seconds that are none are refused', async () => {
    const [list, spec, certificate] = [join(folder, 'whole.csv'), join(folder, 'whole.json'), join(folder, 'whole-certificate.json')];
    await writeFile(spec, JSON.stringify({ ...SPEC, dimensions: SPEC.dimensions.slice(0, 1) }));
    await writeFile(list, 'district,freq,status\nnorth,1,primary\nsouth,2,primary\nwest,9,published\nTotal,12,published\n');
    const summary = async (...more: string[]): Promise<Record<string, unknown>> => {
      expect((await weighbridge(['audit', list, '--spec', spec, '--certificate', certificate, ...more])).code).toBe(0);
      return (JSON.parse(await readFile(certificate, 'utf8')) as { summary: Record<string, unknown> }).summary;
    };
    const [fractions, whole] = [await summary(), await summary('--whole-numbers', '20')];
    expect([fractions['undecided'], whole['undecided'], whole['breaches']]).toEqual([undefined, 0, 0]);
    expect(whole['programs']).toBeGreaterThan(Number(fractions['programs']));
    expect((await weighbridge(['audit', list, '--spec', spec, '--whole-numbers', 'soon'])).code).toBe(2);
  });
});

describe('audit --request', () => {
  test('grants what tells nothing new, and refuses what gives a withheld cell, with the reason to the analyst', async () => {
    const earlier = await temporaryFolder();
    await weighbridge(['protect', paths.cells, '--spec', paths.spec, '--out', join(earlier, 'first.csv')]);
    const request = join(folder, 'request.csv');
    await writeFile(request, 'district,freq\nnorth,24\nsouth,48\nTotal,72\n');
    const out = join(folder, 'granted.csv');
    const granted = await weighbridge(['audit', request, '--spec', paths.spec, '--earlier', earlier, '--request', '--out', out]);
    expect([granted.code, granted.events.at(-1)]).toEqual([0, expect.objectContaining({ event: 'judged', decision: 'granted', withhold: 0 })]);
    expect((await readFile(out, 'utf8')).split('\n')[1]).toBe('north,24,published,24,');
    await writeFile(request, 'district,kind,freq\nsouth,phone,17\n');
    const refused = await weighbridge(['audit', request, '--spec', paths.spec, '--earlier', earlier, '--request']);
    expect([refused.code, refused.events.at(-1)]).toEqual([4, expect.objectContaining({ decision: 'refused', public: 'The table cannot be released.', reason: expect.stringContaining('north | phone') as unknown })]);
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
