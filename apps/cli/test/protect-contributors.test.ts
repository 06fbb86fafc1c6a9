/** `protect` against contributors who know their own figures, as people ask for it. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { temporaryFolder, weighbridge } from './command-line.ts';

let folder = '';
beforeAll(async () => { folder = await temporaryFolder(); });
const file = async (name: string, text: string | object): Promise<string> => {
  await writeFile(join(folder, name), typeof text === 'string' ? text : JSON.stringify(text));
  return join(folder, name);
};
const DIMENSIONS = [{ column: 'district', total: 'Total' }];
const RULES = { minFrequency: { threshold: 3 } };
const COUNTS = 'district,freq\nnorth,1\nsouth,2\nwest,9\neast,14\nTotal,26\n';

test('two cells that protect each other are known to whoever is alone in one: "insiders" withholds a third, and the audit with contributors agrees', async () => {
  const cells = await file('pair.csv', COUNTS);
  const [plain, safe] = [await file('plain.json', { dimensions: DIMENSIONS, rules: RULES }), await file('safe.json', { dimensions: DIMENSIONS, rules: RULES, insiders: true })];
  const [one, other, certificate] = ['plain.csv', 'safe.csv', 'certificate.json'].map((name) => join(folder, name)) as [string, string, string];
  expect((await weighbridge(['protect', cells, '--spec', plain, '--out', one])).events.at(-1)).toMatchObject({ event: 'protected', withheld: 2 });
  expect((await weighbridge(['audit', one, '--spec', plain])).code).toBe(0);
  const broken = ['south: can be derived by contributor 0'];
  for (const asked of [['audit', one, '--spec', plain, '--contributors'], ['audit', one, '--spec', safe]]) {
    const found = await weighbridge(asked);
    expect([found.code, found.events.filter((e) => e['code'] === 'DERIVABLE').map((e) => e['message'])]).toEqual([4, broken]);
  }
  const made = await weighbridge(['protect', cells, '--spec', safe, '--out', other, '--certificate', certificate]);
  expect([made.code, made.events.at(-1)]).toEqual([0, expect.objectContaining({ event: 'protected', withheld: 3, mended: 1, breaches: 0, insiders: true })]);
  expect(await readFile(other, 'utf8')).toContain('west,9,secondary,,secondary: protects');
  const { summary, contributors } = JSON.parse(await readFile(certificate, 'utf8')) as { summary: object; contributors: number };
  expect(contributors).toBe(1);
  // How many cells have one contributor is for nobody outside.
  expect(Object.keys(summary)).not.toContain('contributors');
  expect((await weighbridge(['audit', other, '--spec', safe])).code).toBe(0);
});

test('records of two firms: the one that is alone with several records is known to be alone', async () => {
  const firms = ['mills,10,A', 'mills,20,A', 'mines,30,B', 'mines,5,C', 'ports,70,D', 'ports,60,E', 'ports,50,F', 'shops,44,G', 'shops,45,H', 'shops,46,I'];
  const records = await file('firms.csv', `branch,value,contributor\n${firms.join('\n')}\n`);
  const spec = (more: object): object => ({ dimensions: [{ column: 'branch', total: 'Total' }], rules: RULES, cost: 'values', ...more });
  const withheld = async (name: string, more: object): Promise<unknown> => (await weighbridge(['protect', records, '--microdata', '--spec', await file(name, spec(more)), '--out', join(folder, 'firms.out.csv')])).events.at(-1)?.['withheld'];
  expect([await withheld('firms.json', {}), await withheld('insiders.json', { insiders: true })]).toEqual([2, 3]);
});

test('records of a holding alone in two cells: the printed total less both is the third cell, and a fourth goes too', async () => {
  const others = ['d,400,H', 'd,300,I', 'd,200,J', 'e,500,K', 'e,600,L', 'e,700,M'];
  const spec = await file('holding.json', { dimensions: [{ column: 'branch', total: 'Total' }], rules: RULES, cost: 'values', insiders: true });
  const withheld = async (name: string, own: readonly string[]): Promise<readonly string[]> => {
    const out = join(folder, `${name}.out.csv`);
    const made = await weighbridge(['protect', await file(`${name}.csv`, `branch,value,contributor\n${[...own, ...others].join('\n')}\n`), '--microdata', '--spec', spec, '--out', out]);
    expect([made.code, made.stdout.includes('firm')]).toEqual([0, false]);
    const text = await readFile(out, 'utf8');
    expect(text).not.toContain('firm');
    return text.split('\n').filter((line) => /,(primary|secondary),/.test(line)).map((line) => line.slice(0, 1));
  };
  // 2,760 less d, e and what the holding has is what the other firm has: d must not be printed.
  expect(await withheld('holding', ['a,10,firm F', 'b,20,firm F', 'c,30,firm G'])).toEqual(['a', 'b', 'c', 'd']);
  // Three firms: two of them always stay open to the third.
  expect(await withheld('firms of three', ['a,10,firm F', 'b,20,firm E', 'c,30,firm G'])).toEqual(['a', 'b', 'c']);
});

test('what cannot be done is said: amounts of nobody, a single line, methods that change counts', async () => {
  const amounts = await file('amounts.csv', 'district,freq,value\nnorth,1,5\nsouth,2,7\nTotal,3,12\n');
  const refused = async (cells: string, spec: object): Promise<unknown> => {
    const { code, events } = await weighbridge(['protect', cells, '--spec', await file('refused.json', { dimensions: DIMENSIONS, rules: RULES, insiders: true, ...spec }), '--out', join(folder, 'refused.csv')]);
    return [code, events.find((e) => e['code'] !== undefined)?.['code']];
  };
  expect(await refused(amounts, {})).toEqual([3, 'CONTRIBUTIONS_MISSING']);
  expect(await refused(await file('counts.csv', COUNTS), { method: 'round-base-3', seed: 'a secret of the series' })).toEqual([3, 'SETTING_UNUSED']);
  expect(await refused(await file('counts.csv', COUNTS), { insiders: 'all' })).toEqual([3, 'SPEC']);
});
