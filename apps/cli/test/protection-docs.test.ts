/** Examples of docs/protection.md, run as they stand. */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { ROOT, temporaryFolder, weighbridge } from './command-line.ts';

let folder = '';
let docs = '';
beforeAll(async () => {
  folder = await temporaryFolder();
  docs = await readFile(join(ROOT, 'docs', 'protection.md'), 'utf8');
});
const file = async (name: string, text: string | object): Promise<string> => {
  await writeFile(join(folder, name), typeof text === 'string' ? text : JSON.stringify(text));
  return join(folder, name);
};

test('linked tables: the methods that are said to refuse them do, and all others take them', async () => {
  const cells = await file('linked.csv', /```csv\n(district,kind,sex,freq\n[^`]*)```/.exec(docs)?.[1] ?? '');
  const dimensions = ['district', 'kind', 'sex'].map((column) => ({ column, total: 'Total' }));
  const codes: Record<string, unknown> = {};
  for (const method of ['combined', 'optimisation', 'boxes', 'elimination', 'elimination-singletons', 'round-base-3', 'round-base-n', 'controlled-rounding', 'small-count-rounding', 'cell-key']) {
    const spec = await file('spec.json', { dimensions, rules: { minFrequency: { threshold: 3 } }, method, ...(/round|key/.test(method) ? { seed: 'a secret of the series' } : {}) });
    const { code, events } = await weighbridge(['protect', cells, '--spec', spec, '--out', join(folder, 'out.csv')]);
    if (code !== 0) codes[method] = events.find((e) => e['severity'] === 'error')?.['code'];
  }
  expect(codes).toEqual({ elimination: 'FINEST_CELLS_MISSING', 'elimination-singletons': 'FINEST_CELLS_MISSING', 'small-count-rounding': 'INNER_CELLS' });
});

test('the same table a month later: the audit names what came since, and the request gives what may be published', async () => {
  const list = (north: number): string => `district,freq\nnorth,${north}\nsouth,48\nTotal,${north + 48}\n`;
  const spec = await file('month.json', { dimensions: [{ column: 'district', total: 'Total' }], rules: { minFrequency: { threshold: 3 } } });
  const before = join(folder, 'before');
  await mkdir(join(before, '2023-05'), { recursive: true });
  await weighbridge(['protect', await file('may.csv', list(24)), '--spec', spec, '--out', join(folder, 'may.out.csv'), '--public', join(before, '2023-05', 'table.csv')]);
  const [june, out, published] = [await file('june.csv', list(25)), join(folder, 'june.out.csv'), join(folder, 'june.public.csv')];
  await weighbridge(['protect', june, '--spec', spec, '--out', out, '--public', published]);
  const found = await weighbridge(['audit', out, '--spec', spec, '--earlier', before]);
  expect([found.code, found.events.find((e) => e['code'] === 'DERIVABLE')?.['message']]).toEqual([4, 'north: what came since 2023-05: can be derived exactly']);
  expect((await weighbridge(['audit', june, '--spec', spec, '--earlier', before, '--request', '--out', out, '--public', published])).code).toBe(0);
  expect((await weighbridge(['audit', out, '--spec', spec, '--earlier', before])).code).toBe(0);
  expect(await readFile(published, 'utf8')).toBe('district,status,published\nnorth,withheld,\nsouth,published,48\nTotal,withheld,\n');
});
