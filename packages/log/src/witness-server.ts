/**
 * A witness over HTTP: POST <prefix>/add-checkpoint and GET <prefix>/<hex SHA-256 of an origin>/checkpoint.
 * Source: C2SP tlog-witness 1.0.0. It answers and never calls anybody.
 * Leaves out: TLS and limits by client, which belong to the proxy before it.
 * @module
 */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Refusal } from '@weighbridge/base';
import { MOST_REQUEST_BYTES } from './add-checkpoint.ts';
import type { Witness, WitnessAnswer } from './witness.ts';

export interface WitnessServerOptions {
  readonly witness: Witness;
  /** 127.0.0.1 when absent. */
  readonly host?: string;
  /** Any free one when 0 or absent. */
  readonly port?: number;
  /** Path before `/add-checkpoint`, such as `/witness`; empty when absent. */
  readonly prefix?: string;
  /** How long a request may take to arrive whole; 10 seconds when absent. */
  readonly requestMs?: number;
  /** Told of every answer to add-checkpoint, and of every request that could not be answered. */
  readonly onAnswer?: (answer: WitnessAnswer) => void;
  readonly onError?: (error: unknown) => void;
}

export interface WitnessServer {
  /** `http://host:port` and the prefix. */
  readonly url: string;
  /** Finishes what is being answered, then stops. */
  readonly close: () => Promise<void>;
}

const REQUEST_MS = 10_000;
const MOST_CONNECTIONS = 256;

/** Starts serving. Rejects when the port cannot be had. */
export async function serveWitness(options: WitnessServerOptions): Promise<WitnessServer> {
  const { host = '127.0.0.1', port = 0, prefix = '', requestMs = REQUEST_MS } = options;
  const server = createServer({
    requestTimeout: requestMs, headersTimeout: requestMs, keepAliveTimeout: 15_000,
    connectionsCheckingInterval: Math.min(1_000, requestMs), maxHeaderSize: 8_192,
  });
  server.maxConnections = MOST_CONNECTIONS;
  server.on('request', (request, response) => {
    handle(request, response, prefix, options).catch((error: unknown) => { fail(response, error, options); });
  });
  server.listen(port, host);
  await once(server, 'listening');
  const { port: bound } = server.address() as AddressInfo;
  return { url: `http://${host.includes(':') ? `[${host}]` : host}:${bound}${prefix}`, close: () => close(server) };
}

async function handle(request: IncomingMessage, response: ServerResponse, prefix: string, options: WitnessServerOptions): Promise<void> {
  const path = (request.url ?? '').split('?', 1)[0] ?? '';
  const route = path.startsWith(`${prefix}/`) ? path.slice(prefix.length) : '';
  const [, originHash] = /^\/([0-9a-f]{64})\/checkpoint$/.exec(route) ?? [];
  if (route === '/add-checkpoint') {
    if (request.method !== 'POST') { send(response, 405, 'METHOD\n', { allow: 'POST' }); return; }
    const body = await readBody(request);
    if (body === undefined) { send(response, 413, 'REQUEST_TOO_LONG\n', { connection: 'close' }); return; }
    const answer = await options.witness.addCheckpoint(body);
    options.onAnswer?.(answer);
    send(response, answer.status, answer.body, { 'content-type': answer.type });
  } else if (originHash !== undefined) {
    if (request.method !== 'GET' && request.method !== 'HEAD') { send(response, 405, 'METHOD\n', { allow: 'GET, HEAD' }); return; }
    const checkpoint = options.witness.checkpoint(originHash);
    send(response, checkpoint === null ? 404 : 200, checkpoint ?? 'CHECKPOINT_MISSING\n');
  } else {
    send(response, 404, 'NO_SUCH_PAGE\n');
  }
}

/** The whole body; undefined when it is too long. A torn one rejects (the stream ends in an error): then nothing is decided. */
async function readBody(request: IncomingMessage): Promise<Uint8Array | undefined> {
  if (Number(request.headers['content-length'] ?? 0) > MOST_REQUEST_BYTES) return undefined;
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of request as AsyncIterable<Uint8Array>) {
    length += chunk.length;
    if (length > MOST_REQUEST_BYTES) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function send(response: ServerResponse, status: number, body: string, headers: Readonly<Record<string, string>> = {}): void {
  const bytes = Buffer.from(body);
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8', 'content-length': bytes.length, 'cache-control': 'no-store', 'x-content-type-options': 'nosniff', ...headers });
  response.end(bytes);
}

/** What keeps the witness from answering is the operator's to know; the client learns that it was not cosigned. */
function fail(response: ServerResponse, error: unknown, options: WitnessServerOptions): void {
  if (response.destroyed || response.socket?.destroyed !== false) return;
  options.onError?.(error);
  if (response.headersSent) { response.destroy(); return; }
  send(response, 503, `${error instanceof Refusal ? error.code : 'WITNESS_FAULT'}\n`, { connection: 'close' });
}

async function close(server: Server): Promise<void> {
  const closed = once(server, 'close');
  server.close();
  server.closeIdleConnections();
  await closed;
}
