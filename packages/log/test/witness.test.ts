import { spawn } from 'node:child_process';
import { copyFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import { Refusal } from '@weighbridge/base';
import { formatAddCheckpoint, parseAddCheckpoint, parseCosignatures } from '../src/add-checkpoint.ts';
import { concatBytes, toBase64, toHex, utf8 } from '../src/bytes.ts';
import { checkpointText, openCheckpoint, parseCheckpoint } from '../src/checkpoint.ts';
import { verifyCosignature } from '../src/cosignature.ts';
import { sha256 } from '../src/crypto.ts';
import { checkEquivocation } from '../src/equivocation.ts';
import { formatNote, signNote } from '../src/signed-note.ts';
import { Witness } from '../src/witness.ts';
import type { WitnessAnswer } from '../src/witness.ts';
import { openWitnessFolder } from '../src/witness-folder.ts';
import type { OpenedWitness } from '../src/witness-folder.ts';
import { openWitnessState } from '../src/witness-state.ts';
import { TestLog } from './test-log.ts';
import { codeOf, testSigner } from './test-signers.ts';

const NOW = 1_700_000_000n;
const signer = testSigner('ed25519', 'log.test/a');
const vkey = signer.verifierKey;
const log = TestLog.of(signer, 40);

const folders: string[] = [];
const open: { readonly close: () => void }[] = [];
afterAll(async () => {
  for (const one of open) one.close();
  for (const folder of folders) await rm(folder, { recursive: true, force: true });
});

async function folderOf(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'weighbridge-witness-'));
  folders.push(folder);
  return folder;
}

async function start(folder: string, options: Partial<Parameters<typeof openWitnessFolder>[0]> = {}): Promise<OpenedWitness> {
  const opened = await openWitnessFolder({ folder, name: 'witness.test/w', logs: [vkey], now: () => NOW, ...options });
  open.push({ close: () => { try { opened.close(); } catch { /* closed by the test */ } } });
  return opened;
}

const witnessOf = async (options: Parameters<typeof start>[1] = {}): Promise<Witness> => (await start(await folderOf(), options)).witness;

/** A request as an honest client makes it. */
async function ask(witness: Witness, from: TestLog, old: number, size: number): Promise<WitnessAnswer> {
  return await witness.addCheckpoint(formatAddCheckpoint({ old: BigInt(old), proof: await from.consistency(old, size), checkpoint: from.head(size) }));
}

async function asyncCodeOf(call: () => Promise<unknown>): Promise<string> {
  return await call().then(() => 'accepted', (error: unknown) => (error instanceof Refusal ? error.code : String(error)));
}

test('a request reads back as it was written, whatever its proof', () => {
  const hash = fc.uint8Array({ minLength: 32, maxLength: 32 });
  fc.assert(fc.property(fc.bigInt(0n, (1n << 63n) - 1n), fc.array(hash, { maxLength: 63 }), fc.uint8Array({ minLength: 1, maxLength: 200 }), (old, proof, checkpoint) => {
    expect(parseAddCheckpoint(formatAddCheckpoint({ old, proof, checkpoint }))).toEqual({ old, proof, checkpoint });
  }), { seed: 20231106 });
});

const HASH = `${toBase64(new Uint8Array(32))}\n`;
test.each([
  ['', 'REQUEST_EMPTY'], ['x'.repeat((1 << 18) + 1), 'REQUEST_TOO_LONG'],
  ['old 01\n\nc', 'REQUEST_OLD'], ['old -1\n\nc', 'REQUEST_OLD'], ['old 9223372036854775808\n\nc', 'REQUEST_OLD'], ['old 1', 'REQUEST_OLD'], ['old  1\n\nc', 'REQUEST_OLD'],
  ['old 1\r\n\nc', 'REQUEST_OLD'], ['\ufeffold 1\n\nc', 'REQUEST_OLD'], ['Old 1\n\nc', 'REQUEST_OLD'], ['old 1\n', 'REQUEST_PROOF'],
  [`old 1\n${HASH}`, 'REQUEST_PROOF'], ['old 1\nAAAA\n\nc', 'REQUEST_PROOF'], [`old 1\n ${HASH}\nc`, 'REQUEST_PROOF'], [`old 1\n${HASH.replace('A=', 'B=')}\nc`, 'REQUEST_PROOF'],
  [`old 1\n${HASH.repeat(64)}\nc`, 'REQUEST_PROOF_LONG'], ['old 1\n\n', 'REQUEST_NO_CHECKPOINT'],
])('request %j is refused as %s', (body, code) => {
  expect(codeOf(() => parseAddCheckpoint(utf8(body)))).toBe(code);
});

test('the answer is signature lines and nothing else', () => {
  const { note } = parseCheckpoint(log.head(3, [testSigner('ed25519-cosigner', 'witness.test/w')]));
  const line = `${note.signatures[1]?.line ?? ''}\n`;
  expect(parseCosignatures(note.text, utf8(line)).map(({ name }) => name)).toEqual(['witness.test/w']);
  for (const body of ['', '\n', `${line}\n${line}`, `x\n\n${line}`, line.slice(0, -1), `${line}junk\n`, line + line]) {
    expect(codeOf(() => parseCosignatures(note.text, utf8(body)))).toBe('RESPONSE_FORM');
  }
});

test('growth is cosigned with every key, and served to monitors as a note that the log and the witness signed', async () => {
  const witness = await witnessOf({ p384: true });
  for (const [old, size] of [[0, 0], [0, 1], [1, 2], [2, 7], [7, 7], [7, 8], [8, 40]] as const) {
    const { status, body, type } = await ask(witness, log, old, size);
    expect([status, type]).toEqual([200, 'text/plain; charset=utf-8']);
    const { note } = parseCheckpoint(log.head(size));
    expect(parseCosignatures(note.text, utf8(body)).map((line, i) => verifyCosignature(note, line, witness.verifierKeys[i] ?? vkey))).toEqual([{ time: NOW }, { time: NOW }]);
  }
  const served = openCheckpoint(utf8(witness.checkpoint(toHex(sha256(utf8('log.test/a')))) ?? ''), vkey);
  expect([served.size, served.note.signatures.map(({ name }) => name)]).toEqual([40n, ['log.test/a', 'witness.test/w', 'witness.test/w/p384']]);
  expect(witness.checkpoint(toHex(sha256(utf8('log.test/b'))))).toBeNull();
  expect(witness.equivocations()).toEqual([]);
});

/** Signed as checkpoints are, saying what no checkpoint says. */
function signedText(text: string, by = signer): Uint8Array {
  return utf8(formatNote(text, [signNote(text, by)]));
}

test('each reason to refuse has its status and code, in the order of the protocol', async () => {
  const witness = await witnessOf();
  await ask(witness, log, 0, 7);
  const other = testSigner('ed25519', 'log.test/b');
  const stranger = testSigner('ed25519', 'log.test/a', 'another key');
  const body = (old: bigint, proof: readonly Uint8Array[], checkpoint: Uint8Array): Uint8Array => formatAddCheckpoint({ old, proof, checkpoint });
  const proof = await log.consistency(7, 9);
  const zero = `log.test/a\n0\n${toBase64(new Uint8Array(32).fill(1))}\n`;
  const forged = Buffer.from(log.head(9)).toString().replace('\n9\n', '\n10\n');
  const cases: readonly (readonly [Uint8Array, number, string])[] = [
    [utf8('nonsense'), 400, 'REQUEST_OLD'],
    [body(7n, proof, utf8('nonsense')), 400, 'NOTE_UNSIGNED'],
    [body(7n, proof, signedText('log.test/a\n09\nAA==\n')), 400, 'CHECKPOINT_SIZE'],
    [body(7n, proof, signedText(`${checkpointText('log.test/a', 9n, log.root(0, 9))}more\n`)), 400, 'CHECKPOINT_EXTENSION'],
    [body(7n, proof, concatBytes(log.head(9), utf8('\r\n'))), 400, 'NOTE_CRLF'],
    [body(99n, proof, new TestLog(other, log.entries).head(9)), 404, 'LOG_UNKNOWN'],
    [body(99n, proof, utf8(forged)), 403, 'SIGNATURE_FALSE'],
    [body(99n, proof, new TestLog(stranger, log.entries).head(9)), 403, 'SIGNATURE_FALSE'],
    [body(10n, [], log.head(9)), 400, 'OLD_ABOVE_SIZE'],
    [body(0n, proof, log.head(9)), 409, 'OLD_NOT_STORED'],
    [body(8n, [], log.head(9)), 409, 'OLD_NOT_STORED'],
    [body(7n, [], log.head(9)), 422, 'PROOF_FALSE'],
    [body(7n, [...proof, new Uint8Array(32)], log.head(9)), 422, 'PROOF_FALSE'],
    [body(7n, proof.toReversed(), log.head(9)), 422, 'PROOF_FALSE'],
    [body(7n, proof, log.head(7)), 422, 'PROOF_FALSE'],
    [body(0n, [], signedText(zero)), 422, 'EMPTY_TREE_ROOT'],
    [body(0n, [], signedText(zero, stranger)), 403, 'SIGNATURE_FALSE'],
    [body(0n, [], signedText(zero.replace('/a', '/b'), other)), 404, 'LOG_UNKNOWN'],
  ];
  for (const [request, status, code] of cases) {
    const answer = await witness.addCheckpoint(request);
    expect([answer.status, answer.code]).toEqual([status, code]);
    expect([answer.type, answer.body]).toEqual(status === 409 ? ['text/x.tlog.size', '7\n'] : ['text/plain; charset=utf-8', `${code}\n`]);
  }
  expect([witness.head('log.test/a')?.size, witness.equivocations()]).toEqual([7n, []]);
  const fresh = await witnessOf();
  expect((await fresh.addCheckpoint(body(0n, proof, log.head(9)))).code).toBe('PROOF_FROM_ZERO');
  expect((await fresh.addCheckpoint(body(3n, proof, log.head(9)))).body).toBe('0\n');
});

test('two signed heads that exclude each other are refused and kept as evidence that stands on its own', async () => {
  const fork = TestLog.of(signer, 40, 5);
  const cases = [
    // [asked from the true log before, old, size, status]
    [[7], 7, 7, 422], // same size, other root
    [[7], 3, 7, 409], // likewise, though the old size does not fit
    [[7, 9], 7, 9, 409], // a head of now, and the one before that it excludes, too
    [[7, 12], 7, 7, 409], // a size that was cosigned earlier
    [[7], 7, 20, 422], // a larger head whose proof shows another beginning
    [[7, 12], 7, 20, 409], // likewise, from a size cosigned earlier
  ] as const;
  for (const [sizes, old, size, status] of cases) {
    const witness = await witnessOf();
    let before = 0;
    for (const next of sizes) {
      expect((await ask(witness, log, before, next)).status).toBe(200);
      before = next;
    }
    const answer = await ask(witness, fork, old, size);
    expect(answer.status).toBe(status);
    const [kept, ...more] = witness.equivocations();
    expect([kept?.id, more]).toEqual([answer.equivocation, []]);
    expect(checkEquivocation(kept?.evidence ?? new Uint8Array(), [vkey])).toMatchObject({ proved: true, origin: 'log.test/a' });
    await ask(witness, fork, old, size);
    expect(witness.equivocations().length).toBe(1);
    expect(witness.head('log.test/a')?.size).toBe(BigInt(before));
  }
});

test('honest requests that come late or twice are no evidence, whatever size they start from', async () => {
  const witness = await witnessOf();
  const sizes = [0, 3, 7, 9, 12, 16, 21];
  for (const [i, size] of sizes.slice(1).entries()) expect((await ask(witness, log, sizes[i] ?? 0, size)).status).toBe(200);
  let asked = 0;
  for (const old of sizes) {
    for (const size of [...sizes, 30].filter((one) => one >= old)) {
      if (old === 21) continue;
      expect(await ask(witness, log, old, size)).toMatchObject({ status: 409, body: '21\n' });
      asked += 1;
    }
  }
  expect([asked, witness.equivocations()]).toEqual([33, []]);
});

test('what proves nothing is not kept: a fork under another key, a fork from a power of two, a smaller head, a proof that was tampered with', async () => {
  const witness = await witnessOf();
  await ask(witness, log, 0, 7);
  const proof = await log.consistency(7, 8);
  for (const at of proof.keys()) {
    const tampered = proof.with(at, new Uint8Array(32).fill(at));
    expect((await witness.addCheckpoint(formatAddCheckpoint({ old: 7n, proof: tampered, checkpoint: log.head(8) }))).code).toBe('PROOF_FALSE');
  }
  await ask(witness, log, 7, 8);
  await ask(witness, new TestLog(testSigner('ed25519', 'log.test/a', 'another key'), log.entries), 8, 9);
  expect((await ask(witness, TestLog.of(signer, 40, 5), 8, 20)).status).toBe(422);
  expect((await ask(witness, TestLog.of(signer, 40, 5), 3, 6)).status).toBe(409);
  expect(witness.equivocations()).toEqual([]);
});

test('no more than 64 proofs against one log are kept', async () => {
  const witness = await witnessOf();
  await ask(witness, log, 0, 7);
  for (let i = 0; i < 70; i += 1) await ask(witness, TestLog.of(signer, 7, 5, `branch ${i}`), 7, 7);
  expect(witness.equivocations().length).toBe(64);
});

test('a clock that goes back gives no earlier time than the last', async () => {
  const clock = [NOW, NOW - 1000n, NOW - 2000n, NOW + 1n];
  const witness = await witnessOf({ now: () => clock.shift() ?? 1n });
  const times: (bigint | undefined)[] = [];
  for (const [old, size] of [[0, 3], [3, 5], [5, 5], [5, 8], [8, 9]] as const) {
    await ask(witness, log, old, size);
    times.push(witness.head('log.test/a')?.time);
  }
  expect(times).toEqual([NOW, NOW, NOW, NOW + 1n, NOW + 1n]);
});

test('logs do not disturb each other, and a log with two keys may sign with either', async () => {
  const [b, newKey] = [testSigner('ed25519', 'log.test/b'), testSigner('ed25519', 'log.test/a', 'next key')];
  const witness = await witnessOf({ logs: [vkey, b.verifierKey, newKey.verifierKey] });
  const renewed = new TestLog(newKey, log.entries);
  expect((await ask(witness, log, 0, 7)).status).toBe(200);
  expect((await ask(witness, TestLog.of(b, 9, 0), 0, 9)).status).toBe(200);
  expect((await ask(witness, renewed, 7, 9)).status).toBe(200);
  expect([witness.head('log.test/a')?.size, witness.head('log.test/b')?.size]).toEqual([9n, 9n]);
  const fork = await ask(witness, TestLog.of(signer, 9, 2), 9, 9);
  expect([fork.status, witness.equivocations().length]).toEqual([422, 1]);
  const evidence = witness.equivocations()[0]?.evidence ?? new Uint8Array();
  expect(checkEquivocation(evidence, [vkey, newKey.verifierKey]).proved).toBe(true);
  expect(codeOf(() => checkEquivocation(evidence, [vkey]))).toBe('EVIDENCE_KEY_UNKNOWN');
});

test('what was cosigned is there after the process is gone, and two processes take turns', async () => {
  const folder = await folderOf();
  const first = await start(folder);
  await ask(first.witness, log, 0, 7);
  const second = await start(folder); // the first was never closed
  expect(second.witness.head('log.test/a')?.size).toBe(7n);
  expect((await ask(second.witness, log, 7, 9)).status).toBe(200);
  expect((await ask(first.witness, log, 7, 8)).body).toBe('9\n');
  expect(second.witness.verifierKeys).toEqual(first.witness.verifierKeys);
});

test('of two requests at once from one size exactly one is cosigned', async () => {
  const witness = await witnessOf();
  await ask(witness, log, 0, 5);
  const answers = await Promise.all([6, 9, 12, 7].map((size) => ask(witness, log, 5, size)));
  expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 409, 409, 409]);
});

test('killed at any moment, the witness forgets nothing that it answered', { timeout: 120_000 }, async () => {
  const folder = await folderOf();
  const script = fileURLToPath(new URL('witness-child.ts', import.meta.url));
  for (let round = 0; round < 6; round += 1) {
    const child = spawn(process.execPath, [script, folder], { stdio: ['ignore', 'pipe', 'inherit'] });
    let said = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      said += text;
      if (said.split('\n').length > 3 + 5 * round) child.kill('SIGKILL');
    });
    await new Promise((done) => { child.on('close', done); });
    const answered = Math.max(...said.split('\n').slice(0, -1).map(Number));
    expect(answered).toBeGreaterThan(0);
    const { witness, close } = await start(folder, { name: 'witness.test/child' });
    expect(Number(witness.head('log.test/a')?.size)).toBeGreaterThanOrEqual(answered);
    close();
  }
});

test('a state that is gone, copied, of another witness or none at all is refused; a moved one is taken when that is said', async () => {
  const folder = await folderOf();
  const first = await start(folder);
  await ask(first.witness, log, 0, 7);
  first.close();
  expect(first.made).toBe(true);
  expect(await asyncCodeOf(() => start(folder, { name: 'witness.test/other' }))).toBe('WITNESS_KEY_OTHER');
  const state = join(folder, 'witness.sqlite');
  await copyFile(state, join(folder, 'backup'));
  await rm(state);
  expect(await asyncCodeOf(() => start(folder))).toBe('WITNESS_STATE_MISSING');
  await copyFile(join(folder, 'backup'), state);
  expect(await asyncCodeOf(() => start(folder))).toBe('WITNESS_STATE_COPIED');
  const moved = await start(folder, { adopt: true });
  expect([moved.made, moved.witness.head('log.test/a')?.size, moved.witness.verifierKeys]).toEqual([false, 7n, first.witness.verifierKeys]);
  moved.close();
  const key = await readFile(join(folder, 'ed25519.pem'));
  await rm(join(folder, 'ed25519.pem'));
  expect(await asyncCodeOf(() => start(folder))).toBe('WITNESS_KEY_LOST');
  await writeFile(join(folder, 'ed25519.pem'), 'no key');
  expect(await asyncCodeOf(() => start(folder))).toBe('SIGNING_KEY_FORM');
  await writeFile(join(folder, 'ed25519.pem'), key);
  expect((await start(folder, { p384: true })).witness.verifierKeys.map(({ kind }) => kind)).toEqual(['ed25519-cosigner', 'p384-cosigner']);
  expect((await start(folder)).witness.verifierKeys.length).toBe(2);
  const rubbish = join(await folderOf(), 'witness.sqlite');
  await writeFile(rubbish, 'no database, but long enough to have been one'.repeat(100));
  expect(codeOf(() => openWitnessState(rubbish, { create: false }))).toBe('WITNESS_STATE_FORM');
});

test('its own cosignature on what it does not remember stops a witness whose state was rolled back', async () => {
  const folder = await folderOf();
  const first = await start(folder);
  await ask(first.witness, log, 0, 7);
  first.close();
  await copyFile(join(folder, 'witness.sqlite'), join(folder, 'backup'));
  const again = await start(folder);
  const nine = await ask(again.witness, log, 7, 9);
  again.close();
  await copyFile(join(folder, 'backup'), join(folder, 'witness.sqlite'));
  const { witness } = await start(folder, { adopt: true });
  const request = formatAddCheckpoint({ old: 7n, proof: await log.consistency(7, 9), checkpoint: concatBytes(log.head(9), utf8(nine.body)) });
  expect(await asyncCodeOf(() => witness.addCheckpoint(request))).toBe('WITNESS_STATE_STALE');
  expect(witness.head('log.test/a')?.size).toBe(7n);
});

test.each([
  ['WITNESS_KEY_MISSING', [], [vkey]], ['WITNESS_KEY_KIND', [signer], [vkey]],
  ['WITNESS_LOG_MISSING', [testSigner('ed25519-cosigner', 'w.test')], []], ['WITNESS_LOG_KEY', [testSigner('ed25519-cosigner', 'w.test')], [testSigner('p384-cosigner', 'log.test/a').verifierKey]],
] as const)('a witness without the right keys does not start: %s', async (code, signers, logs) => {
  const state = openWitnessState(join(await folderOf(), 'witness.sqlite'), { create: true });
  open.push(state);
  expect(codeOf(() => new Witness({ state, signers, logs, now: () => NOW }))).toBe(code);
});

test('a thousand honest growths in any steps raise no alarm', { timeout: 120_000 }, async () => {
  let growths = 0;
  await fc.assert(fc.asyncProperty(fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 25, maxLength: 25 }), async (steps) => {
    const witness = await witnessOf();
    const grown = TestLog.of(signer, steps.reduce((sum, step) => sum + step, 0));
    let size = 0;
    for (const step of steps) {
      expect((await ask(witness, grown, size, size + step)).status).toBe(200);
      size += step;
      growths += 1;
    }
    expect(witness.equivocations()).toEqual([]);
  }), { seed: 20231106, numRuns: 40 });
  expect(growths).toBe(1000);
});
