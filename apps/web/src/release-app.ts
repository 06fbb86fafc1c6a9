/**
 * The read-only web application: release folders over HTTP, nothing else. It holds no rules of its own; every page
 * stands in a release already.
 * @module
 */
import { sha384 } from '@weighbridge/base';
import { Hono } from 'hono';
import type { Context } from 'hono';
import { LOG, answerLog } from './log-files.ts';
import { findReleases, readListed } from './release-folders.ts';
import type { ReleaseFolder } from './release-folders.ts';

const TYPES: Readonly<Record<string, string>> = {
  html: 'text/html; charset=utf-8',
  css: 'text/css; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  json: 'application/json; charset=utf-8',
  csv: 'text/csv; charset=utf-8; header=present',
  svg: 'image/svg+xml; charset=utf-8',
  yaml: 'text/plain; charset=utf-8',
  yml: 'text/plain; charset=utf-8',
  sig: 'text/plain; charset=utf-8',
  md: 'text/plain; charset=utf-8',
};

/** The pages need no network, no inline script and no frame; neither does anything else that is served. */
const HEADERS: Readonly<Record<string, string>> = {
  'content-security-policy': "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy': 'camera=(), geolocation=(), microphone=()',
};

/**
 * The application over a release folder, or over a folder (or store) that holds several: then `/` lists them and each
 * stands below its folder's name. Answers GET and HEAD only.
 * @param log - folder of a transparency log, to be served below `/log/`
 */
export function releaseApp(place: string, log?: string): Hono {
  const app = new Hono();
  app.use(async (c, next) => {
    await next();
    for (const [name, value] of Object.entries(HEADERS)) c.header(name, value);
    // The log is for everybody's readers, a page of another site among them.
    if (c.res.headers.has('access-control-allow-origin')) c.header('cross-origin-resource-policy', 'cross-origin');
  });
  app.get('*', async (c) => answer(c, place, log));
  app.all('*', (c) => c.text('Only GET and HEAD are answered here.\n', 405, { allow: 'GET, HEAD' }));
  app.onError((_, c) => c.text('The page could not be read.\n', 500));
  return app;
}

async function answer(c: Context, place: string, log: string | undefined): Promise<Response> {
  const parts = pathParts(new URL(c.req.url).pathname);
  if (parts === null) return c.text('There is no such page.\n', 404);
  if (log !== undefined && parts[0] === LOG && parts.length > 1) return answerLog(c, log, parts.slice(1).join('/'));
  const { single, releases } = await findReleases(place);
  if (single && releases[0] !== undefined) return file(c, releases[0], parts);
  if (parts.join('') === '') return send(c, 'html', Buffer.from(listPage(releases, log !== undefined), 'utf8'));
  const folder = releases.find((r) => `${parts.join('/')}/`.startsWith(`${r.name}/`));
  if (folder === undefined) return c.text('There is no such page.\n', 404);
  const rest = parts.slice(folder.name.split('/').length);
  return rest.length === 0 ? c.redirect(addressOf(folder), 301) : file(c, folder, rest);
}

/** The decoded segments of a path, or null when one could lead astray. */
function pathParts(pathname: string): readonly string[] | null {
  try {
    const parts = pathname.split('/').slice(1).map(decodeURIComponent);
    return parts.some((p) => p === '.' || p === '..' || /[/\\\0]/.test(p)) ? null : parts;
  } catch {
    return null;
  }
}

async function file(c: Context, folder: ReleaseFolder, parts: readonly string[]): Promise<Response> {
  const path = parts.join('/') || 'index.html';
  const bytes = await readListed(folder, path);
  if (bytes === null) return c.text('There is no such page.\n', 404);
  return send(c, path.slice(path.lastIndexOf('.') + 1).toLowerCase(), bytes);
}

/** A strong entity tag: the same bytes have the same tag on every machine. */
function send(c: Context, extension: string, bytes: Uint8Array<ArrayBuffer>): Response {
  const etag = `"${sha384(bytes).slice(0, 48)}"`;
  const headers = { etag, 'cache-control': 'no-cache' };
  const wanted = c.req.header('if-none-match');
  if (wanted !== undefined && (wanted === '*' || wanted.split(',').some((t) => t.trim().replace(/^W\//, '') === etag))) return c.body(null, 304, headers);
  return c.body(bytes, 200, { ...headers, 'content-type': TYPES[extension] ?? 'application/octet-stream', 'content-length': String(bytes.byteLength) });
}

/** `/name/`, each part encoded. */
function addressOf(folder: ReleaseFolder): string {
  return `/${folder.name.split('/').map(encodeURIComponent).join('/')}/`;
}

function listPage(releases: readonly ReleaseFolder[], hasLog: boolean): string {
  const [first] = releases;
  const style = first === undefined ? '' : `<link rel="stylesheet" href="${addressOf(first)}assets/style.css">\n`;
  const items = releases.map((r) =>
    `<li><a href="${addressOf(r)}">${escape(r.title)}</a>${r.synthetic ? ' <strong class="tag tag-synthetic">Synthetic</strong>' : ''}\n`
    + `<span class="about">Edition ${escape(r.edition)} · release <code class="hash">${escape(r.release.slice(0, 16))}</code></span></li>`).join('\n');
  return `<!DOCTYPE html>
<html lang="en-NZ">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Releases</title>
${style}</head>
<body>
<header class="header"><div class="width header-inner"><p class="header-name">Weighbridge</p></div></header>
<div class="width"><main id="main">
<h1>Releases</h1>
${releases.length === 0 ? '<p>There is no release here yet. Make one with <code>weighbridge run</code>.</p>' : `<ul class="tables">\n${items}\n</ul>`}
${hasLog ? `<h2>The transparency log</h2>\n<p>Every submission, definition and release is entered in a log that nobody can change unnoticed. Its signed head is the <a href="/${LOG}/checkpoint">checkpoint</a>; any reader of C2SP tiles can audit the files below <code>/${LOG}/</code>.</p>\n` : ''}</main></div>
</body>
</html>
`;
}

function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
