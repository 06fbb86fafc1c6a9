import { mkdir, mkdtemp, rm, symlink, unlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Refusal, UsageError } from '@weighbridge/base';
import { buildRelease, writeRelease } from '@weighbridge/publish';
import type { ReleaseInput } from '@weighbridge/publish';
import { releaseApp, serveFolder } from '../src/index.ts';

let root: string;
let single: string;
let store: string;

function input(title: string): ReleaseInput {
  return {
    collection: {
      id: 'demo', title, summary: 'S', purpose: 'P', legalBasis: 'L', residency: 'R', publisher: 'P', licence: 'CC0-1.0', edition: '1', synthetic: true,
      questions: [], agencies: [], rounds: [],
    },
    definitions: [{ path: 'collection.yaml', text: 'id: demo\n' }], tables: [], revisions: [], controls: [], comparisons: [],
  };
}

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'web-'));
  single = join(root, 'single');
  store = join(root, 'store');
  await writeRelease(buildRelease(input('One <collection>')), single);
  await writeRelease(buildRelease(input('First & oldest')), join(store, 'state', 'releases', 'demo', 'aaa'));
  await writeRelease(buildRelease(input('Second')), join(store, 'state', 'releases', 'other'));
  await mkdir(join(store, 'state', 'releases', 'not-a-release'));
  await writeFile(join(root, 'secret.txt'), 'secret');
  await writeFile(join(single, 'unlisted.txt'), 'secret');
});
afterAll(() => rm(root, { recursive: true, force: true }));

describe('the log of a store', () => {
  const files = { 'checkpoint': 'head', 'tile/0/000': 'tile', 'tile/entries/x001/067.p/5': 'bundle', 'entries.txt': 'secret', 'tile/0/notes': 'secret' };
  const app = (): ReturnType<typeof releaseApp> => releaseApp(store, join(store, 'log'));
  beforeAll(async () => {
    for (const [path, text] of Object.entries(files)) {
      await mkdir(join(store, 'log', path, '..'), { recursive: true });
      await writeFile(join(store, 'log', path), text);
    }
    await writeFile(join(store, 'log-cell.sqlite'), 'secret');
  });

  test.each([
    ['/log/checkpoint', 'text/plain; charset=utf-8', 'public, max-age=5'], ['/log/tile/0/000', 'application/octet-stream', 'public, max-age=604800, immutable'],
    ['/log/tile/entries/x001/067.p/5', 'application/octet-stream', 'public, max-age=604800, immutable'],
  ])('%s is served to any reader', async (path, type, caching) => {
    const { status, headers } = await app().request(path);
    expect([status, headers.get('content-type'), headers.get('cache-control'), headers.get('access-control-allow-origin'), headers.get('cross-origin-resource-policy')]).toEqual([200, type, caching, '*', 'cross-origin']);
  });

  test.each(['/log/entries.txt', '/log/tile/0/notes', '/log/%2e%2e/log-cell.sqlite', '/log/..%2flog-cell.sqlite', '/log/tile/64/000', '/log/tile/0/0', '/log'])('%s is not', async (path) => {
    expect((await app().request(path)).status).toBe(404);
  });

  test('the list of releases names it; a release served alone has none', async () => {
    expect(await (await app().request('/')).text()).toContain('href="/log/checkpoint"');
    expect((await releaseApp(single).request('/log/checkpoint')).status).toBe(404);
  });
});

describe('one release', () => {
  test.each([
    ['/', 'text/html; charset=utf-8'], ['/index.html', 'text/html; charset=utf-8'], ['/assets/style.css', 'text/css; charset=utf-8'],
    ['/assets/search.js', 'text/javascript; charset=utf-8'], ['/manifest.json', 'application/json; charset=utf-8'],
    ['/assets/icon.svg', 'image/svg+xml; charset=utf-8'], ['/revisions.csv', 'text/csv; charset=utf-8; header=present'],
    ['/definitions/collection.yaml', 'text/plain; charset=utf-8'],
  ])('%s is served as %s', async (path, type) => {
    const response = await releaseApp(single).request(path);
    expect([response.status, response.headers.get('content-type')]).toEqual([200, type]);
    expect((await response.text()).length).toBeGreaterThan(0);
  });

  test('every answer has the security headers, also when the page is missing', async () => {
    for (const path of ['/', '/nowhere']) {
      const { headers } = await releaseApp(single).request(path);
      expect(headers.get('content-security-policy')).toContain("default-src 'none'");
      expect(headers.get('content-security-policy')).toContain("frame-ancestors 'none'");
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('referrer-policy')).toBe('no-referrer');
    }
  });

  test('the same bytes have the same tag, and are not sent again', async () => {
    const app = releaseApp(single);
    const etag = (await app.request('/index.html')).headers.get('etag') ?? '';
    expect(etag).toMatch(/^"[0-9a-f]{48}"$/);
    for (const wanted of [etag, `W/${etag}`, `"x", ${etag}`, '*']) {
      const again = await app.request('/index.html', { headers: { 'if-none-match': wanted } });
      expect([again.status, await again.text()]).toEqual([304, '']);
    }
    expect((await app.request('/index.html', { headers: { 'if-none-match': '"x"' } })).status).toBe(200);
  });

  test('HEAD gives the headers without the page', async () => {
    const response = await releaseApp(single).request('/index.html', { method: 'HEAD' });
    expect([response.status, Number(response.headers.get('content-length')) > 0, await response.text()]).toEqual([200, true, '']);
  });

  test.each(['POST', 'PUT', 'DELETE', 'PATCH'])('%s is not allowed', async (method) => {
    const response = await releaseApp(single).request('/index.html', { method });
    expect([response.status, response.headers.get('allow')]).toEqual([405, 'GET, HEAD']);
  });

  test.each([
    '/../secret.txt', '/%2e%2e/secret.txt', '/..%2fsecret.txt', '/assets/..%2f..%2fsecret.txt', '/assets/%2e%2e/%2e%2e/secret.txt', '/..%5csecret.txt', '/%00', '/%', '/etc/passwd',
    '//etc/passwd', '/unlisted.txt', '/tables', '/assets/', '/.git/config',
  ])('%s gives nothing', async (path) => {
    const response = await releaseApp(single).request(new Request(`http://localhost${path}`));
    expect(response.status).toBe(404);
    expect(await response.text()).not.toContain('secret');
  });

  test('a listed file that was replaced by a link out of the folder is not served', async () => {
    const dir = join(root, 'linked');
    await writeRelease(buildRelease(input('Linked')), dir);
    await unlink(join(dir, 'revisions.json'));
    await symlink(join(root, 'secret.txt'), join(dir, 'revisions.json'));
    expect((await releaseApp(dir).request('/revisions.json')).status).toBe(404);
  });
});

describe('several releases', () => {
  test('are listed, escaped, each with its edition and a SYNTHETIC tag', async () => {
    const page = await (await releaseApp(store).request('/')).text();
    expect(page).toContain('<a href="/demo/aaa/">First &amp; oldest</a> <strong class="tag tag-synthetic">Synthetic</strong>');
    expect(page).toContain('<a href="/other/">Second</a>');
    expect(page).not.toContain('not-a-release');
  });

  test('are served below their names, with the slash that relative links need', async () => {
    const app = releaseApp(store);
    const bare = await app.request('/demo/aaa');
    expect([bare.status, bare.headers.get('location')]).toEqual([301, '/demo/aaa/']);
    expect(await (await app.request('/demo/aaa/')).text()).toContain('First &amp; oldest');
    expect((await app.request('/demo/aaa/assets/style.css')).status).toBe(200);
    expect((await app.request('/other/search.html')).status).toBe(200);
    expect((await app.request('/demo/bbb/')).status).toBe(404);
  });

  test('a release made while the server runs is served', async () => {
    const app = releaseApp(store);
    expect((await app.request('/late/')).status).toBe(404);
    await writeRelease(buildRelease(input('Late')), join(store, 'state', 'releases', 'late'));
    expect((await app.request('/late/')).status).toBe(200);
  });

  test('a folder without releases says so', async () => {
    const empty = join(root, 'empty');
    await mkdir(empty);
    expect(await (await releaseApp(empty).request('/')).text()).toContain('There is no release here yet');
  });
});

describe('serving', () => {
  test('answers on a free port of this machine until it is closed', async () => {
    const serving = await serveFolder({ folder: single, port: 0 });
    expect(serving.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/$/);
    expect((await fetch(serving.url)).status).toBe(200);
    await serving.close();
    await expect(fetch(serving.url)).rejects.toThrow();
  });

  test('PORT_TAKEN: a port in use is a refusal', async () => {
    const serving = await serveFolder({ folder: single, port: 0 });
    const port = Number(new URL(serving.url).port);
    const error: unknown = await serveFolder({ store, port }).catch((e: unknown) => e);
    expect(error instanceof Refusal ? error.code : error).toBe('PORT_TAKEN');
    await serving.close();
  });

  test('NO_RELEASE and USAGE: a place that is not there, and none at all', async () => {
    const missing: unknown = await serveFolder({ folder: join(root, 'nowhere'), port: 0 }).catch((e: unknown) => e);
    expect(missing instanceof Refusal ? missing.code : missing).toBe('NO_RELEASE');
    await expect(serveFolder({ port: 0 })).rejects.toThrow(UsageError);
  });
});
