/** The file to publish: what a reader may have, and nothing of the truth. */
import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { CELLS } from './cells.ts';
import { temporaryFolder, weighbridge } from './command-line.ts';

const DIMENSIONS = ['district', 'kind'].map((column) => ({ column, total: 'Total' }));
const SPEC = { dimensions: DIMENSIONS, rules: { minFrequency: { threshold: 3 } } };

let folder = '';
const at = (name: string): string => join(folder, name);
const file = async (name: string, text: string | object): Promise<string> => {
  await writeFile(at(name), typeof text === 'string' ? text : JSON.stringify(text));
  return at(name);
};
beforeAll(async () => {
  folder = await temporaryFolder();
  await file('cells.csv', CELLS);
  await file('spec.json', SPEC);
});
const lines = async (name: string): Promise<string[]> => (await readFile(at(name), 'utf8')).trim().split('\n');

test('dimensions, status and published alone, in the order of the cells, with one mark for all that is withheld', async () => {
  expect((await weighbridge(['protect', at('cells.csv'), '--spec', at('spec.json'), '--out', at('out.csv'), '--public', at('public.csv')])).code).toBe(0);
  const [header, ...cells] = await lines('public.csv');
  expect(header).toBe('district,kind,status,published');
  expect(cells).toEqual((await lines('out.csv')).slice(1).map((line) => line.split(',')).map(([d, k, , status, published]) => `${d ?? ''},${k ?? ''},${status === 'published' ? `published,${published ?? ''}` : 'withheld,'}`));
  expect(cells.filter((line) => line.endsWith(',withheld,'))).toHaveLength(4);
  expect((await stat(at('public.csv'))).mode & 0o044).not.toBe(0);
});

test('marks are told where the specification says so, and counts that were changed keep theirs', async () => {
  await weighbridge(['protect', at('cells.csv'), '--spec', await file('told.json', { ...SPEC, marksTold: true }), '--out', at('out.csv'), '--public', at('told.csv')]);
  expect((await lines('told.csv')).filter((line) => /,(?:primary|secondary),$/.test(line))).toHaveLength(4);
  await weighbridge(['protect', at('cells.csv'), '--spec', await file('round.json', { dimensions: DIMENSIONS, method: 'round-base-3', seed: 'a secret of the series' }), '--out', at('out.csv'), '--public', at('round.csv')]);
  expect((await lines('round.csv')).slice(1).every((line) => /,rounded,\d+$/.test(line))).toBe(true);
});

test('audit takes it as the list and as one released before; what can be derived of it is found without the truth', async () => {
  await weighbridge(['protect', at('cells.csv'), '--spec', at('spec.json'), '--out', at('out.csv'), '--public', at('public.csv')]);
  const safe = await weighbridge(['audit', at('public.csv'), '--spec', at('spec.json')]);
  expect([safe.code, safe.events.at(-1)]).toMatchObject([0, { event: 'audited', withheld: 4 }]);
  const naive = await file('naive.csv', `district,kind,status,published\n${CELLS.trim().split('\n').slice(1).map((line) => line.replace(/,(\d+)$/, (_, n: string) => (n === '1' ? ',withheld,' : `,published,${n}`))).join('\n')}\n`);
  const found = await weighbridge(['audit', naive, '--spec', at('spec.json')]);
  expect([found.code, found.events.find((e) => e['code'] === 'DERIVABLE')?.['message']]).toEqual([4, 'north | phone: can be derived exactly']);
  const earlier = await temporaryFolder();
  await writeFile(join(earlier, 'public.csv'), await readFile(at('public.csv')));
  expect((await weighbridge(['audit', at('out.csv'), '--spec', at('spec.json'), '--earlier', earlier])).code).toBe(0);
});

test('with the truth beside it the mark is taken too', async () => {
  await weighbridge(['protect', at('cells.csv'), '--spec', at('spec.json'), '--out', at('out.csv')]);
  const list = await file('marked.csv', (await readFile(at('out.csv'), 'utf8')).replaceAll(/,(?:primary|secondary),,[^\n]*/g, ',withheld,,'));
  const found = await weighbridge(['audit', list, '--spec', at('spec.json')]);
  expect([found.code, found.events.at(-1)]).toMatchObject([0, { withheld: 4, primary: 1 }]);
});

test('a request that is granted has one too, and only a request', async () => {
  const request = await file('request.csv', 'district,kind,freq\nnorth,phone,1\nnorth,tablet,23\n');
  const asked = ['audit', request, '--spec', at('spec.json'), '--public', at('granted.csv')];
  expect((await weighbridge([...asked, '--request'])).code).toBe(0);
  expect(await readFile(at('granted.csv'), 'utf8')).toBe('district,kind,status,published\nnorth,phone,withheld,\nnorth,tablet,published,23\n');
  expect((await weighbridge(asked)).code).toBe(2);
});

test('nothing is written for readers who could derive too much of it', async () => {
  const far = 2 ** 32 - 1;
  const twos = await file('twos.csv', `district,freq,draw\n${['a', 'b', 'c', 'd', 'e'].map((area) => `${area},2,${far}`).join('\n')}\nTotal,10,${far}\n`);
  const made = await weighbridge(['protect', twos, '--spec', await file('twos.json', { dimensions: DIMENSIONS.slice(0, 1), method: 'round-base-3', seed: 'a secret of the series 0' }), '--out', at('out.csv'), '--public', at('never.csv')]);
  expect([made.code, made.events.some((e) => e['code'] === 'PUBLIC_NOT_WRITTEN')]).toEqual([4, true]);
  await expect(stat(at('never.csv'))).rejects.toThrow(/ENOENT/);
});
