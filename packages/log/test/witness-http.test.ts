import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { RequestListener, Server } from 'node:http';
import { connect } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { Refusal } from '@weighbridge/base';
import { formatAddCheckpoint } from '../src/add-checkpoint.ts';
import { toHex, utf8 } from '../src/bytes.ts';
import { openCheckpoint, parseCheckpoint } from '../src/checkpoint.ts';
import { cosigners } from '../src/cosigners.ts';
import { sha256 } from '../src/crypto.ts';
import { withCosignatures } from '../src/head.ts';
import { checkPolicy, parsePolicy } from '../src/policy.ts';
import { cosign } from '../src/signed-note.ts';
import { collectCosignatures } from '../src/witness-client.ts';
import type { WitnessEndpoint, WitnessOutcome } from '../src/witness-client.ts';
import { openWitnessFolder } from '../src/witness-folder.ts';
import type { OpenedWitness } from '../src/witness-folder.ts';
import { serveWitness } from '../src/witness-server.ts';
import type { WitnessServerOptions } from '../src/witness-server.ts';
import { TestLog } from './test-log.ts';
import { testSigner } from './test-signers.ts';

const NOW = 1_700_000_000n;
const signer = testSigner('ed25519', 'log.test/a');
const vkey = signer.verifierKey;
const log = TestLog.of(signer, 40);
const cleanUp: (() => Promise<void> | void)[] = [];
afterAll(async () => {
  for (const step of cleanUp.toReversed()) await step();
});

interface Served {
  readonly witness: OpenedWitness['witness'];
  readonly url: string;
  readonly errors: unknown[];
  /** Closes the state under the server. */
  readonly breakState: () => void;
  readonly close: () => Promise<void>;
}

async function serve(options: Partial<WitnessServerOptions> = {}, name = 'witness.test/w', p384 = false): Promise<Served> {
  const folder = await mkdtemp(join(tmpdir(), 'weighbridge-witness-'));
  cleanUp.push(() => rm(folder, { recursive: true, force: true }));
  const opened = await openWitnessFolder({ folder, name, logs: [vkey], p384, now: () => NOW });
  const errors: unknown[] = [];
  const server = await serveWitness({ witness: opened.witness, onError: (error) => { errors.push(error); }, ...options });
  let state: OpenedWitness | undefined = opened;
  const breakState = (): void => {
    state?.close();
    state = undefined;
  };
  let running = true;
  const close = async (): Promise<void> => {
    if (running) await server.close();
    running = false;
    breakState();
  };
  cleanUp.push(close);
  return { witness: opened.witness, url: server.url, errors, breakState, close };
}

const bodyOf = async (from: TestLog, old: number, size: number): Promise<Uint8Array> => formatAddCheckpoint({ old: BigInt(old), proof: await from.consistency(old, size), checkpoint: from.head(size) });
const post = async (url: string, body: Uint8Array): Promise<Response> => await fetch(`${url}/add-checkpoint`, { method: 'POST', body: new Uint8Array(body) });

/** Sends bytes as they are and gives what comes back until the other side ends. */
async function raw(url: string, text: string, thenClose = false): Promise<string> {
  const { hostname, port } = new URL(url);
  return await new Promise((done) => {
    let answer = '';
    const socket = connect(Number(port), hostname, () => { socket.write(text, () => { if (thenClose) socket.destroy(); }); });
    socket.setEncoding('utf8').on('data', (part: string) => { answer += part; }).on('close', () => { done(answer); }).on('error', () => undefined);
  });
}

test('POST cosigns, GET gives monitors what was cosigned, everything else is told so', async () => {
  const { url, close } = await serve({ prefix: '/v1' });
  expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/v1$/);
  const monitor = `${url}/${toHex(sha256(utf8('log.test/a')))}/checkpoint`;
  expect((await fetch(monitor)).status).toBe(404);
  const answer = await post(url, await bodyOf(log, 0, 7));
  expect([answer.status, answer.headers.get('content-type'), await answer.text()]).toEqual([200, 'text/plain; charset=utf-8', expect.stringMatching(/^— witness\.test\/w [A-Za-z0-9+/=]{104}\n$/)]);
  const conflict = await post(url, await bodyOf(log, 0, 9));
  expect([conflict.status, conflict.headers.get('content-type'), await conflict.text()]).toEqual([409, 'text/x.tlog.size', '7\n']);
  expect(openCheckpoint(new Uint8Array(await (await fetch(monitor)).arrayBuffer()), vkey).size).toBe(7n);
  expect((await fetch(monitor, { method: 'HEAD' })).headers.get('content-length')).not.toBe('0');
  const statuses = await Promise.all([
    fetch(`${url}/add-checkpoint`), fetch(monitor, { method: 'DELETE' }), fetch(`${url}/`), fetch(url.replace('/v1', '/add-checkpoint'), { method: 'POST' }),
    fetch(monitor.replace(/[0-9a-f]{4}\/checkpoint/, 'XXXX/checkpoint')), fetch(`${url}/../witness.sqlite`),
  ]);
  expect(statuses.map(({ status }) => status)).toEqual([405, 405, 404, 404, 404, 404]);
  await close();
});

test('two requests at once from one size: one is cosigned, the other told the new size', async () => {
  const { url, witness } = await serve();
  await post(url, await bodyOf(log, 0, 5));
  const [a, b] = await Promise.all([post(url, await bodyOf(log, 5, 9)), post(url, await bodyOf(log, 5, 12))]);
  expect([a.status, b.status].toSorted()).toEqual([200, 409]);
  const won = a.status === 200 ? 9n : 12n;
  expect([witness.head('log.test/a')?.size, await (a.status === 409 ? a : b).text()]).toEqual([won, `${won}\n`]);
});

test('a torn, slow or overlong body changes nothing, and the witness goes on', async () => {
  const { url, witness } = await serve({ requestMs: 300 });
  const body = Buffer.from(await bodyOf(log, 0, 7)).toString();
  const head = `POST /add-checkpoint HTTP/1.1\r\nHost: w\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n`;
  for (const cut of [0, 1, 20, 100, body.length - 1]) expect(await raw(url, head + body.slice(0, cut), true)).toBe('');
  expect(await raw(url, head + body.slice(0, 50))).toMatch(/^HTTP\/1\.1 408 /);
  expect(await raw(url, 'POST /add-checkpoint HTTP/1.1\r\nHost: w\r\nContent-Length: 900000\r\n\r\nold 0\n')).toMatch(/^HTTP\/1\.1 413 /);
  const chunk = `8000\r\n${'x'.repeat(0x8000)}\r\n`;
  expect(await raw(url, `POST /add-checkpoint HTTP/1.1\r\nHost: w\r\nTransfer-Encoding: chunked\r\n\r\n${chunk.repeat(9)}`)).toMatch(/^HTTP\/1\.1 413 /);
  expect(await raw(url, `POST /add-checkpoint HTTP/1.1\r\nHost: w\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nold 0\r\nZZ\r\n`)).toMatch(/^HTTP\/1\.1 400 /);
  expect(witness.head('log.test/a')).toBeNull();
  expect((await post(url, utf8(body))).status).toBe(200);
});

test('a witness that cannot store answers 503, tells its operator, and has cosigned nothing', async () => {
  const { errors, url, breakState } = await serve();
  breakState();
  const answer = await post(url, await bodyOf(log, 0, 7));
  expect([answer.status, await answer.text(), errors.length]).toEqual([503, 'WITNESS_FAULT\n', 1]);
});

/** A server that speaks something else. */
async function impostor(listener: RequestListener): Promise<string> {
  const server: Server = createServer(listener);
  await new Promise<void>((done) => { server.listen(0, '127.0.0.1', done); });
  cleanUp.push(() => { server.closeAllConnections(); server.close(); });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const collect = (witnesses: readonly WitnessEndpoint[], size: number, timeoutMs = 2_000): Promise<WitnessOutcome[]> => collectCosignatures({
  witnesses, checkpoint: log.head(size), proofFrom: (old) => log.consistency(Number(old), size), allowLoopback: true, timeoutMs,
});
const brief = (outcomes: readonly WitnessOutcome[]): unknown[] => outcomes.map((outcome) => {
  switch (outcome.kind) {
    case 'cosigned': return ['cosigned', outcome.time];
    case 'ahead': return ['ahead', outcome.size];
    case 'refused': return ['refused', outcome.status];
    case 'nonsense': return ['nonsense', outcome.code];
    case 'unreachable': return ['unreachable', outcome.why];
    case 'forged': return ['forged'];
  }
});

test('two keys of one witness are asked for once; a conflict is answered with the right proof; a larger size is told as ahead', async () => {
  const asked: number[] = [];
  const { url, witness } = await serve({ onAnswer: ({ status }) => { asked.push(status); } }, 'witness.test/w', true);
  const endpoints = witness.verifierKeys.map((key) => ({ key, url }));
  expect(brief(await collect(endpoints, 7))).toEqual([['cosigned', NOW], ['cosigned', NOW]]);
  expect(asked).toEqual([200]);
  expect(brief(await collect(endpoints, 12))).toEqual([['cosigned', NOW], ['cosigned', NOW]]);
  expect(brief(await collect(endpoints, 12))).toEqual([['cosigned', NOW], ['cosigned', NOW]]);
  expect(asked).toEqual([200, 409, 200, 409, 200]);
  expect(brief(await collect(endpoints, 9))).toEqual([['ahead', 12n], ['ahead', 12n]]);
});

test('whatever a false witness answers is an outcome of its own, and no line of it is believed', { timeout: 60_000 }, async () => {
  const own = testSigner('ed25519-cosigner', 'witness.test/w');
  const { note } = parseCheckpoint(log.head(7));
  const good = `${cosign(note.text, own, NOW)}\n`;
  const otherText = `${cosign(parseCheckpoint(log.head(8)).note.text, own, NOW)}\n`;
  const stranger = `${cosign(note.text, testSigner('ed25519-cosigner', 'witness.test/x'), NOW)}\n`;
  const answers: readonly (readonly [number, string, unknown])[] = [
    [200, good, ['cosigned', NOW]], [200, stranger + good, ['cosigned', NOW]],
    [200, otherText, ['forged']], [200, stranger, ['nonsense', 'RESPONSE_KEY_UNKNOWN']], [200, '', ['nonsense', 'RESPONSE_FORM']], [200, good + good, ['nonsense', 'RESPONSE_FORM']],
    [200, `\n${good}`, ['nonsense', 'RESPONSE_FORM']], [200, 'x'.repeat(70_000), ['nonsense', 'RESPONSE_TOO_LONG']],
    [409, '8\n', ['ahead', 8n]], [409, '18446744073709551615\n', ['ahead', 18_446_744_073_709_551_615n]], [409, '0\n', ['refused', 409]], [409, '08\n', ['refused', 409]], [409, '8', ['refused', 409]], [409, '', ['refused', 409]],
    [403, '', ['refused', 403]], [404, '', ['refused', 404]], [422, '', ['refused', 422]], [503, '', ['refused', 503]],
  ];
  for (const [status, body, outcome] of answers) {
    const url = await impostor((_request, response) => { response.writeHead(status, { 'content-type': 'text/plain' }).end(body); });
    expect([status, body.slice(0, 20), ...brief(await collect([{ key: own.verifierKey, url }], 7))]).toEqual([status, body.slice(0, 20), outcome]);
  }
  let size = 0;
  const restless = await impostor((_request, response) => { size = 1 + (size % 6); response.writeHead(409).end(`${size}\n`); });
  const cosigning = await impostor((_request, response) => { response.end(good); });
  const redirecting = await impostor((_request, response) => { response.writeHead(307, { location: cosigning }).end(); });
  const silent = await impostor(() => undefined);
  const dripping = await impostor((_request, response) => { response.writeHead(200).write('—'); });
  const hangingUp = await impostor((request) => { request.socket.destroy(); });
  const key = own.verifierKey;
  const began = performance.now();
  expect(brief(await collect([restless, redirecting, silent, dripping, hangingUp, 'http://127.0.0.1:1'].map((url) => ({ key, url })), 7, 400))).toEqual([
    ['refused', 409], ['unreachable', 'connection'], ['unreachable', 'timeout'], ['unreachable', 'timeout'], ['unreachable', 'connection'], ['unreachable', 'connection'],
  ]);
  expect(performance.now() - began).toBeLessThan(2_000);
});

test.each(['http://witness.test', 'http://127.0.0.1:80', 'ftp://127.0.0.1', 'witness', 'https://u:p@witness.test', 'https://witness.test/?q', 'https://witness.test/#f'])('the address %s is refused before anything is sent', async (url) => {
  const options = { witnesses: [{ key: vkey, url }], checkpoint: log.head(7), proofFrom: () => Promise.resolve([]) };
  await expect(collectCosignatures({ ...options, allowLoopback: url.includes('ftp') })).rejects.toMatchObject({ code: 'WITNESS_URL' });
});

test('a sequencer gets the lines of those witnesses that answer, and a policy believes the head; one that is ahead stops it', async () => {
  const [a, b] = [await serve({}, 'witness.test/a'), await serve({}, 'witness.test/b', true)];
  const witnesses = [a, b].flatMap(({ url, witness }) => witness.verifierKeys.map((key) => ({ key, url })));
  const absent = testSigner('ed25519-cosigner', 'witness.test/absent').verifierKey;
  const policy = parsePolicy(`log ${vkey.text}\n${[...witnesses.map(({ key }) => key), absent].map((key, i) => `witness W${i} ${key.text}\n`).join('')}group G 3 W0 W1 W2 W3\nquorum G\n`);
  const tiles = new Map([...log.tiles(7), ...log.tiles(40)]);
  const outcomes: string[] = [];
  const ask = cosigners({ witnesses: [...witnesses, { key: absent, url: 'http://127.0.0.1:1' }], files: { read: (path) => Promise.resolve(tiles.get(path) ?? null) }, allowLoopback: true, timeoutMs: 2_000, onOutcome: ({ kind }) => { outcomes.push(kind); } });
  for (const [before, size] of [[0n, 7], [7n, 40]] as const) {
    const lines = await ask(parseCheckpoint(log.head(size)), before);
    const checkpoint = utf8(withCosignatures(Buffer.from(log.head(size)).toString(), lines));
    expect(checkPolicy(policy, checkpoint).cosigned.map(({ name }) => name)).toEqual(['W0', 'W1', 'W2']);
  }
  expect(outcomes).toEqual(['cosigned', 'cosigned', 'cosigned', 'unreachable', 'cosigned', 'cosigned', 'cosigned', 'unreachable']);
  await expect(ask(parseCheckpoint(log.head(7)), 0n)).rejects.toMatchObject({ code: 'WITNESS_AHEAD' });
  await expect(ask(parseCheckpoint(log.head(7)), 0n)).rejects.toBeInstanceOf(Refusal);
});
