/**
 * A store's transparency log as static files, for other people's readers and witnesses. Source: C2SP tlog-tiles, "HTTP".
 * Serves the layout's own paths and nothing else that may lie in the folder.
 * @module
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Context } from 'hono';

/** Segment below which a store's log stands. */
export const LOG = 'log';

/** `tile/<L>/<N>[.p/<W>]`, `tile/entries/<N>[.p/<W>]`; N in groups of three digits. */
const TILE = /^tile\/(?:entries|[0-9]|[1-5][0-9]|6[0-3])\/(?:x\d{3}\/)*\d{3}(?:\.p\/[1-9]\d{0,2})?$/;
const CHECKPOINTS: ReadonlySet<string> = new Set(['checkpoint', 'checkpoint-sha384']);

/** Answers for a path below the log; 404 for everything that a log does not have. Tiles never change, the head does within seconds. */
export async function answerLog(c: Context, folder: string, path: string): Promise<Response> {
  const head = CHECKPOINTS.has(path);
  const bytes = head || TILE.test(path) ? await readFile(join(folder, path)).catch(() => null) : null;
  if (bytes === null) return c.text('The log has no such file.\n', 404);
  return c.body(new Uint8Array(bytes), 200, {
    'content-type': head ? 'text/plain; charset=utf-8' : 'application/octet-stream',
    'cache-control': head ? 'public, max-age=5' : 'public, max-age=604800, immutable',
    'access-control-allow-origin': '*',
    'content-length': String(bytes.byteLength),
  });
}
