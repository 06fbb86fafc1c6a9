import { cp, mkdir, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { sha384, sha384Json } from '@weighbridge/base';
import { temporaryFolder, weighbridge } from './command-line.ts';

let home: string;
let extract: string;

beforeAll(async () => {
  home = await temporaryFolder();
  expect((await weighbridge(['init', join(home, 'trial')])).code).toBe(0);
  expect((await weighbridge(['sample', 'trial', '--out', 'extracts', '--seed', '5', '--rows', '600'], home)).code).toBe(0);
  const names = (await readdir(join(home, 'extracts'))).filter((n) => n.endsWith('.csv'));
  expect(names.length).toBe(2);
  extract = join('extracts', names.find((n) => n.includes('harbour')) ?? '');
});

async function tree(folder: string): Promise<Record<string, string>> {
  const entries = (await readdir(folder, { recursive: true, withFileTypes: true })).filter((e) => e.isFile());
  const pairs = await Promise.all(entries.map(async (e): Promise<[string, string]> => {
    const path = join(e.parentPath, e.name);
    return [path.slice(folder.length + 1), await readFile(path, 'base64')];
  }));
  return Object.fromEntries(pairs.toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

/** Whether the attack is said to be proved or not proved. */
function attackLines(events: readonly Record<string, unknown>[]): unknown[] {
  return events.filter((e) => typeof e['what'] === 'string' && e['what'].includes('attack')).map((e) => e['event']);
}

describe('usage', () => {
  test('--help lists every command of the design and exits 0', async () => {
    const { code, stdout } = await weighbridge(['--help']);
    expect(code).toBe(0);
    for (const name of ['init', 'sample', 'check', 'submit', 'release', 'run', 'verify', 'serve']) expect(stdout).toMatch(new RegExp(`^ {2}${name} `, 'm'));
  });

  test.each(['init', 'sample', 'check', 'submit', 'release', 'run', 'verify', 'serve'])('%s --help says usage, options and exit codes', async (name) => {
    const { code, stdout } = await weighbridge([name, '--help']);
    expect(code).toBe(0);
    expect(stdout).toContain(`Usage: weighbridge ${name}`);
    expect(stdout).toContain('Exit codes: 0');
  });

  test.each([
    [['conjure'], 'no command "conjure"'],
    [['check'], 'FILE is missing'],
    [['check', 'x.csv'], '--instrument I.yaml is missing'],
    [['check', 'x.csv', 'y.csv', '--instrument', 'i.yaml'], 'one argument too many'],
    [['check', 'x.csv', '--instrumnet', 'i.yaml'], 'instrumnet'],
    [['sample', 'trial', '--out', 'x', '--rows', 'many'], '--rows expects a whole number'],
    [['serve'], 'either --store or --release'],
  ])('%j exits 2 and says what is wrong', async (args, said) => {
    const { code, stderr } = await weighbridge(args, home);
    expect(code).toBe(2);
    expect(stderr).toContain(said);
  });
});

describe('check', () => {
  test('accepts a good extract with exit 0', async () => {
    const { code, events } = await weighbridge(['check', extract, '--instrument', 'trial/instruments/cases.yaml'], home);
    expect(code).toBe(0);
    expect(events.at(-1)).toMatchObject({ event: 'accepted', synthetic: true });
  });

  test('refuses a bad one with exit 3, every issue with row, column, code and repair, and no value', async () => {
    const lines = (await readFile(join(home, extract), 'utf8')).split('\n');
    const header = lines[0]?.split(',') ?? [];
    const spoil = (line: string, column: string, text: string): string => line.split(',').map((cell, i) => (header[i] === column ? text : cell)).join(',');
    lines[1] = spoil(lines[1] ?? '', 'kind', 'SECRET-KIND');
    lines[3] = spoil(lines[3] ?? '', 'closed', '2023-02-30');
    await writeFile(join(home, 'bad.csv'), lines.join('\n'));
    const { code, stdout, stderr } = await weighbridge(['check', 'bad.csv', '--instrument', 'trial/instruments/cases.yaml', '--issues', 'issues.ndjson', '--annotate', 'bad.xlsx'], home);
    expect(code).toBe(3);
    const issues = (await readFile(join(home, 'issues.ndjson'), 'utf8')).trim().split('\n').map((l) => JSON.parse(l) as Record<string, unknown>);
    expect(issues.length).toBe(2);
    for (const issue of issues) expect(JSON.stringify(issue)).toMatch(/"code".*"repair"|"repair".*"code"/);
    expect(stdout + stderr + JSON.stringify(issues)).not.toContain('SECRET-KIND');
    expect((await readFile(join(home, 'bad.xlsx'))).subarray(0, 2).toString()).toBe('PK');
  });

  test('a missing file is refused with exit 3, without a stack trace', async () => {
    const { code, events, stderr } = await weighbridge(['check', 'nothing.csv', '--instrument', 'trial/instruments/cases.yaml'], home);
    expect(code).toBe(3);
    expect(events.map((e) => e['code'])).toEqual(['FILE_MISSING']);
    expect(stderr).not.toMatch(/^\s+at /m);
  });

  test('a definition with a mistake is refused with file, line and key', async () => {
    await cp(join(home, 'trial'), join(home, 'broken'), { recursive: true });
    const path = join(home, 'broken', 'instruments', 'cases.yaml');
    await writeFile(path, (await readFile(path, 'utf8')).replace('coverage:', 'covarage:'));
    const { code, events } = await weighbridge(['check', extract, '--instrument', 'broken/instruments/cases.yaml'], home);
    expect(code).toBe(3);
    expect(events.map((e) => e['place'])).toContainEqual({ file: 'instruments/cases.yaml', line: expect.any(Number) as number, key: 'covarage' });
  });

  test('in a pipe every issue is told once, as an event; people get one line beside it', async () => {
    const refusals = [['check', 'nothing.csv', '--instrument', 'trial/instruments/cases.yaml'], ['check', 'bad.csv', '--instrument', 'trial/instruments/cases.yaml'], ['verify', 'trial']];
    for (const args of refusals) {
      const { code, events, stderr } = await weighbridge(args, home);
      expect(code).toBe(3);
      const issues = events.filter((e) => e['event'] === 'issue' && e['severity'] === 'error');
      expect(issues.length).toBeGreaterThan(0);
      expect(stderr).toBe(`weighbridge ${args[0] ?? ''}: refused (${issues.map((i) => String(i['code'])).join(', ')}); standard output says where and what to do, one JSON object a line\n`);
      for (const issue of issues) expect(stderr).not.toContain(issue['repair']);
    }
  });

  test('with --round it tells records of other periods, as submission does', async () => {
    const check = (...more: string[]): ReturnType<typeof weighbridge> => weighbridge(['check', extract, '--instrument', 'trial/instruments/cases.yaml', ...more], home);
    const codes = async (...more: string[]): Promise<unknown[]> => (await check(...more)).events.filter((e) => e['event'] === 'issue').map((e) => e['code']);
    expect(await codes()).toEqual([]);
    expect(await codes('--round', '2023-24')).toEqual([]);
    await writeFile(join(home, 'late.csv'), (await readFile(join(home, extract), 'utf8')).replace(/\d{4}-\d{2}-\d{2}/, '2019-01-01'));
    const late = await weighbridge(['check', 'late.csv', '--instrument', 'trial/instruments/cases.yaml', '--round', '2023-24'], home);
    expect([late.code, late.events.filter((e) => e['event'] === 'issue').map((e) => e['code'])]).toEqual([0, ['LATE_RECORD']]);
    const unknown = await check('--round', '1999');
    expect([unknown.code, unknown.events[0]]).toMatchObject([3, { code: 'ROUND_UNKNOWN', place: { file: 'collection.yaml' } }]);
  });

  test('says which instrument of the collection a file seems to be of', async () => {
    const other = (await readFile(join(home, 'trial/instruments/cases.yaml'), 'utf8')).replace('id: cases', 'id: visits').replaceAll('case_id', 'visit').replaceAll('closed', 'began').replaceAll('name: kind', 'name: reason').replaceAll('name: outcome', 'name: result');
    await writeFile(join(home, 'trial/instruments/visits.yaml'), other);
    const { code, events } = await weighbridge(['check', extract, '--instrument', 'trial/instruments/visits.yaml'], home);
    await rm(join(home, 'trial/instruments/visits.yaml'));
    expect(code).toBe(3);
    expect(events.filter((e) => e['event'] === 'issue')).toEqual([expect.objectContaining({ code: 'WRONG_INSTRUMENT', message: expect.stringContaining('this looks like an extract of “cases”: all 5 of its columns are there') as string })]);
  });
});

describe('submit, release, verify', () => {
  const submit = (file: string, store: string): ReturnType<typeof weighbridge> =>
    weighbridge(['submit', file, '--collection', 'trial', '--store', store, '--agency', 'harbour', '--round', '2023-24', '--instrument', 'cases', '--receipt', `${store}.receipt.json`], home);

  test('the same bytes twice give the same receipt; other bytes a new edition beside the old', async () => {
    const first = await submit(extract, 'store-a');
    expect(first.code).toBe(0);
    const receipt = await readFile(join(home, 'store-a.receipt.json'), 'utf8');
    expect((await submit(extract, 'store-a')).events.at(-1)).toMatchObject({ event: 'receipt', already: true });
    expect(await readFile(join(home, 'store-a.receipt.json'), 'utf8')).toBe(receipt);
    const text = await readFile(join(home, extract), 'utf8');
    await writeFile(join(home, 'corrected.csv'), `${text.trimEnd().split('\n').slice(0, -1).join('\n')}\n`);
    const corrected = await submit('corrected.csv', 'store-a');
    expect(corrected.code).toBe(0);
    expect(corrected.events).toContainEqual(expect.objectContaining({ code: 'NEW_EDITION', severity: 'warning' }));
    expect((await weighbridge(['release', 'trial', '--store', 'store-a', '--out', 'release-a'], home)).code).toBe(0);
    const manifest = await readFile(join(home, 'release-a', 'manifest.json'), 'utf8');
    expect(manifest).toContain('"edition": 2');
  });

  test('nothing to report is a return: a header alone is accepted, receipted and released', async () => {
    const header = (await readFile(join(home, extract), 'utf8')).split('\n')[0] ?? '';
    await writeFile(join(home, 'empty.csv'), `${header}\n`);
    const args = (agency: string, ...more: string[]): string[] => ['submit', 'empty.csv', '--collection', 'trial', '--store', 'store-empty-return', '--agency', agency, '--round', '2023-24', '--instrument', 'cases', ...more];
    const said = await weighbridge(args('harbour', '--nothing-to-report', '--receipt', 'empty.receipt.json'), home);
    expect([said.code, said.events.filter((e) => e['event'] === 'issue').map((e) => [e['code'], e['severity']])]).toEqual([0, [['NOTHING_TO_REPORT', 'info']]]);
    expect(JSON.parse(await readFile(join(home, 'empty.receipt.json'), 'utf8'))).toMatchObject({ about: { rows: 0, synthetic: true, nothingToReport: true } });
    const unsaid = await weighbridge(args('mountain'), home);
    expect([unsaid.code, unsaid.events.filter((e) => e['event'] === 'issue').map((e) => [e['code'], e['severity']])]).toEqual([0, [['NO_RECORDS', 'warning']]]);
    expect((await weighbridge(['release', 'trial', '--store', 'store-empty-return', '--out', 'release-empty'], home)).code).toBe(0);
    expect((await weighbridge(['verify', 'release-empty', '--store', 'store-empty-return'], home)).code).toBe(0);
  });

  test('run makes a release that verify holds, and recomputes byte for byte from the store', async () => {
    const made = await weighbridge(['run', 'trial', '--store', 'store-b', '--out', 'release-b'], home);
    expect(made.code).toBe(0);
    expect(made.events.at(-1)).toMatchObject({ event: 'released', tables: 2 });
    const held = await weighbridge(['verify', 'release-b', '--store', 'store-b', '--log', join('store-b', 'log')], home);
    expect(held.stderr).toBe('');
    expect(held.code).toBe(0);
    expect(held.events.filter((e) => e['event'] === 'proved').length).toBeGreaterThan(2);
    expect(attackLines(held.events)).toEqual(['proved']);
    expect(made.events.some((e) => e['event'] === 'progress' && String(e['stage']).startsWith('attacking'))).toBe(true);
    expect(attackLines((await weighbridge(['verify', 'release-b'], home)).events)).toEqual(['not-proved']);
  });

  test('a withheld number printed by hand, with every hash mended, is proven false against the store', async () => {
    await cp(join(home, 'trial'), join(home, 'guarded'), { recursive: true });
    const spec = join(home, 'guarded', 'tables', 'cases-by-kind.yaml');
    await writeFile(spec, `${await readFile(spec, 'utf8')}protection: { method: suppress, threshold: 40 }\n`);
    expect((await weighbridge(['run', 'guarded', '--store', 'store-g', '--out', 'release-g', '--rows', '600'], home)).code).toBe(0);
    expect((await weighbridge(['verify', 'release-g', '--store', 'store-g'], home)).code).toBe(0);
    const path = join(home, 'release-g', 'tables', 'cases-by-kind.json');
    const withheld = '"status":"suppressed","value":null';
    const text = await readFile(path, 'utf8');
    expect(text.split(withheld).length).toBeGreaterThan(3);
    const printed = text.replace(withheld, '"status":"published","value":{"hi":7,"lo":7,"states":{}}').replace(/"withheld": (\d+)/, (_, n: string) => `"withheld": ${Number(n) - 1}`);
    await writeFile(path, printed);
    const manifest = JSON.parse(await readFile(join(home, 'release-g', 'manifest.json'), 'utf8')) as { release: string; signer: null; content: { data: { path: string; sha384: string }[] }; files: { path: string; sha384: string }[] };
    for (const f of [...manifest.files, ...manifest.content.data]) if (f.path === 'tables/cases-by-kind.json') f.sha384 = sha384(printed);
    manifest.release = sha384Json(manifest.content);
    manifest.signer = null;
    await writeFile(join(home, 'release-g', 'manifest.json'), JSON.stringify(manifest, null, 2));
    await rm(join(home, 'release-g', 'manifest.sig'));
    const { code, stdout, events } = await weighbridge(['verify', 'release-g', '--store', 'store-g'], home);
    expect(code).toBe(4);
    expect(stdout).toContain('RECOMPUTE_DIFFERS');
    expect(attackLines(events)).toEqual([]);
  });

  test('a release of confidential returns names its submissions by salted commitment and tells neither their number of records nor the hash of a file', async () => {
    const manifest = JSON.parse(await readFile(join(home, 'release-b', 'manifest.json'), 'utf8')) as { content: { submissions: Record<string, unknown>[] } };
    expect(manifest.content.submissions.length).toBe(2);
    for (const submission of manifest.content.submissions) {
      expect(submission['manifest']).toMatch(/^[0-9a-f]{96}$/);
      expect(submission).not.toHaveProperty('original');
      expect(submission).not.toHaveProperty('rows');
    }
  });

  test('the same sealed submissions, definitions and keys give the same bytes, in another folder too', async () => {
    await cp(join(home, 'store-b'), join(home, 'store-c'), { recursive: true });
    const copied = await weighbridge(['run', 'trial', '--store', 'store-c', '--out', 'release-c'], home);
    expect([copied.code, copied.stderr.includes('LOG_CELL_COPIED')]).toEqual([3, true]);
    expect((await weighbridge(['log', 'adopt', 'store-c'], home)).code).toBe(0);
    expect((await weighbridge(['run', 'trial', '--store', 'store-c', '--out', 'release-c'], home)).code).toBe(0);
    expect(await tree(join(home, 'release-c'))).toEqual(await tree(join(home, 'release-b')));
  });

  test('the same extracts and rounding key give the same numbers in a store of their own; only the commitments to the submissions differ', async () => {
    await mkdir(join(home, 'store-n', 'keys'), { recursive: true });
    await cp(join(home, 'store-b', 'keys', 'rounding.key'), join(home, 'store-n', 'keys', 'rounding.key'));
    expect((await weighbridge(['run', 'trial', '--store', 'store-n', '--out', 'release-n'], home)).code).toBe(0);
    const numbers = async (folder: string): Promise<unknown[]> => Promise.all((await readdir(join(home, folder, 'tables'))).filter((name) => name.endsWith('.csv')).toSorted().map((name) => readFile(join(home, folder, 'tables', name), 'utf8')));
    expect((await numbers('release-n')).length).toBe(2);
    expect(await numbers('release-n')).toEqual(await numbers('release-b'));
  });

  test('a changed byte is proven false with exit 4, naming the file', async () => {
    await cp(join(home, 'release-b'), join(home, 'release-d'), { recursive: true });
    const path = join(home, 'release-d', 'tables', 'cases-by-kind.csv');
    await writeFile(path, (await readFile(path, 'utf8')).replace(/\d(?=\n)/, '9'));
    await writeFile(path, `${await readFile(path, 'utf8')} `);
    const { code, stdout } = await weighbridge(['verify', 'release-d'], home);
    expect(code).toBe(4);
    expect(stdout).toContain('cases-by-kind.csv');
  });

  test('a release verified against a store without its submissions is refused, not passed', async () => {
    const { code } = await weighbridge(['verify', 'release-b', '--store', 'store-empty'], home);
    expect(code).toBe(3);
  });

  test('an original or sealed object that is not what the log commits to is proven false; a missing one is refused', async () => {
    const objects = await readdir(join(home, 'store-b', 'objects'));
    const sealed = (await Promise.all(objects.map(async (name) => [name, (await readFile(join(home, 'store-b', 'objects', name))).subarray(0, 4).toString()] as const))).find(([, magic]) => magic === 'PAR1')?.[0] ?? '';
    const original = (await Promise.all(objects.map(async (name) => [name, (await readFile(join(home, 'store-b', 'objects', name))).subarray(0, 8).toString()] as const))).find(([, start]) => start === 'case_id,')?.[0] ?? '';
    for (const object of [original, sealed]) {
      await cp(join(home, 'store-b'), join(home, 'store-e'), { recursive: true });
      const path = join(home, 'store-e', 'objects', object);
      const bytes = await readFile(path);
      bytes[60] = (bytes[60] ?? 0) ^ 1;
      await writeFile(path, bytes);
      const changed = await weighbridge(['verify', 'release-b', '--store', 'store-e'], home);
      expect([changed.code, changed.stderr.includes('OBJECT_DAMAGED')]).toEqual([4, true]);
      await rm(path);
      const missing = await weighbridge(['verify', 'release-b', '--store', 'store-e'], home);
      expect([missing.code, missing.stderr.includes('OBJECT_MISSING')]).toEqual([3, true]);
      await rm(join(home, 'store-e'), { recursive: true });
    }
  });

  test('a release that names another renderer is left undecided with exit 3, never called good', async () => {
    await cp(join(home, 'release-b'), join(home, 'release-f'), { recursive: true });
    const path = join(home, 'release-f', 'manifest.json');
    await writeFile(path, (await readFile(path, 'utf8')).replace(/"renderer": "[^"]*"/, '"renderer": "0"').replace(/"signer": "[^"]*"/, '"signer": null'));
    await rm(join(home, 'release-f', 'manifest.sig'));
    const { code, stdout } = await weighbridge(['verify', 'release-f'], home);
    expect(code).toBe(3);
    expect(stdout).not.toContain('"event":"holds"');
  });

  test('a folder that is no release is refused with exit 3', async () => {
    expect((await weighbridge(['verify', 'trial'], home)).code).toBe(3);
  });

  test('init never overwrites', async () => {
    expect((await weighbridge(['init', 'trial'], home)).code).toBe(3);
  });

  test('release over a folder that is no release is refused, and nothing in it is lost', async () => {
    await mkdir(join(home, 'mine'), { recursive: true });
    await writeFile(join(home, 'mine', 'thesis.txt'), 'years of work');
    expect((await weighbridge(['release', 'trial', '--store', 'store-b', '--out', 'mine'], home)).code).toBe(3);
    expect(await readFile(join(home, 'mine', 'thesis.txt'), 'utf8')).toBe('years of work');
    await rm(join(home, 'mine'), { recursive: true });
  });
});
