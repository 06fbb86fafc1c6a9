/** What `protect` says of its own attack, and what a refused request says, as people run them. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { CELLS } from './cells.ts';
import { temporaryFolder, weighbridge } from './command-line.ts';

let folder = '';
beforeAll(async () => { folder = await temporaryFolder(); });
const file = async (name: string, text: string | object): Promise<string> => {
  await writeFile(join(folder, name), typeof text === 'string' ? text : JSON.stringify(text));
  return join(folder, name);
};
const DIMENSIONS = ['district', 'kind'].map((column) => ({ column, total: 'Total' }));

test('margins without their grand total: protect withholds more, says in how many rounds, and the audit agrees', async () => {
  const cells = await file('margins.csv', 'district,kind,freq\nnorth,Total,1\nsouth,Total,48\nTotal,phone,18\nTotal,tablet,31\n');
  const spec = await file('margins.json', { dimensions: DIMENSIONS, rules: { minFrequency: { threshold: 3 } } });
  const made = await weighbridge(['protect', cells, '--spec', spec, '--out', join(folder, 'margins.out.csv')]);
  expect([made.code, made.events.at(-1)]).toEqual([0, expect.objectContaining({ event: 'protected', withheld: 2, mended: 1, breaches: 0 })]);
  expect((await weighbridge(['audit', join(folder, 'margins.out.csv'), '--spec', spec])).code).toBe(0);
});

test('five twos under a rounded total: what can be derived is named, marked in the file, and the command ends with 4 as the audit does', async () => {
  const spec = await file('round.json', { dimensions: DIMENSIONS.slice(0, 1), method: 'round-base-3', seed: 'a secret of the series 0' });
  const areas = ['a', 'b', 'c', 'd', 'e'];
  // Draws choose: each two down to 0, ten up to 12.
  const far = 2 ** 32 - 1;
  const cells = await file('twos.csv', `district,freq,draw\n${areas.map((area) => `${area},2,${far}`).join('\n')}\nTotal,10,${far}\n`);
  const out = join(folder, 'twos.out.csv');
  const made = await weighbridge(['protect', cells, '--spec', spec, '--out', out]);
  expect(made.code).toBe(4);
  expect(made.events.filter((e) => e['code'] === 'DERIVABLE').map((e) => e['message'])).toEqual(areas.map((area) => `${area}: can be derived exactly`));
  expect(made.events.at(-1)).toMatchObject({ event: 'protected', breaches: 5, drawsOf: 'records' });
  const written = await readFile(out, 'utf8');
  expect(written).toContain('a,2,rounded,0,rounded at random to a multiple of 3; can be derived exactly');
  expect(written).not.toMatch(/draw|4294967295/);
  expect((await weighbridge(['audit', out, '--spec', spec])).code).toBe(4);
});

test('a refused request says so with a code', async () => {
  const earlier = await temporaryFolder();
  const spec = await file('spec.json', { dimensions: DIMENSIONS, rules: { minFrequency: { threshold: 3 } } });
  await weighbridge(['protect', await file('cells.csv', CELLS), '--spec', spec, '--out', join(earlier, 'first.csv')]);
  const refused = await weighbridge(['audit', await file('request.csv', 'district,kind,freq\nsouth,phone,17\n'), '--spec', spec, '--earlier', earlier, '--request']);
  expect([refused.code, refused.events.find((e) => e['code'] === 'REQUEST_REFUSED')]).toEqual([4, expect.objectContaining({ severity: 'error' })]);
  expect(refused.stderr).toContain('REQUEST_REFUSED');
  expect(refused.stderr).not.toContain('()');
});

test('draws of addresses are warned of, those of records and of the column draw are not', async () => {
  const warned = async (cells: string, method: string, ...more: string[]): Promise<unknown> => {
    const spec = await file('draws.json', { dimensions: DIMENSIONS, method, seed: 'a secret of the series' });
    const { events } = await weighbridge(['protect', cells, '--spec', spec, '--out', join(folder, 'draws.out.csv'), ...more]);
    return [events.at(-1)?.['drawsOf'], events.find((e) => e['code'] === 'DRAWS_OF_CELLS')?.['repair']];
  };
  const cells = await file('cells.csv', CELLS);
  expect(await warned(cells, 'cell-key')).toEqual(['finest cells', expect.stringContaining('contributor')]);
  expect(await warned(cells, 'controlled-rounding')).toEqual(['finest cells', expect.stringContaining('cell-key')]);
  expect(await warned(await file('drawn.csv', CELLS.trim().split('\n').map((line, i) => `${line},${i === 0 ? 'draw' : 7}`).join('\n')), 'cell-key')).toEqual(['records', undefined]);
  expect(await warned(await file('people.csv', 'district,kind,contributor\nnorth,phone,A\nsouth,phone,B\nsouth,tablet,C\nsouth,tablet,D\n'), 'cell-key', '--microdata')).toEqual(['records', undefined]);
});
