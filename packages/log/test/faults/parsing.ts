/**
 * Other spellings of what is true: each has one spelling, and the others are refused wherever they arrive.
 * @module
 */
import { formatAddCheckpoint } from '../../src/add-checkpoint.ts';
import { concatBytes, fromUtf8, toBase64, utf8 } from '../../src/bytes.ts';
import { checkpointText } from '../../src/checkpoint.ts';
import { signHead, withCosignatures } from '../../src/head.ts';
import { checkPolicy } from '../../src/policy.ts';
import { cosign, signNote } from '../../src/signed-note.ts';
import { checkTlogProof, parseTlogProof } from '../../src/tlog-proof.ts';
import { verifyLog } from '../../src/verify-log.ts';
import { Witness } from '../../src/witness.ts';
import { testSigner } from '../test-signers.ts';
import { LOG_KEY, POLICY, STEADY_SIGNERS as SIGNERS, TIME, WITNESSES, filesOf, presentOf, receiptOf, withFile } from './base-logs.ts';
import { check, mustRefuse } from './harness.ts';
import type { FaultClass, Rng } from './harness.ts';
import { memoryState } from './memory-witness.ts';

type Spelling = (bytes: Uint8Array, rng: Rng) => Uint8Array;

export const PARSING: readonly FaultClass[] = [
  spelt('crlf', 250, (bytes, rng) => (rng.int(2) === 0 ? asText(bytes, (text) => text.replaceAll('\n', '\r\n')) : insertAt(bytes, lineEnd(bytes, rng), Uint8Array.of(13)))),
  spelt('byte-order-mark', 200, (bytes, rng) => concatBytes(rng.pick([Uint8Array.of(0xef, 0xbb, 0xbf), Uint8Array.of(0xff, 0xfe)]), bytes)),
  spelt('invalid-utf8', 250, (bytes, rng) => insertAt(bytes, rng.int(bytes.length), rng.pick([Uint8Array.of(0xff), Uint8Array.of(0xc0, 0xaf), Uint8Array.of(0xed, 0xa0, 0x80), Uint8Array.of(0x80)]))),
  spelt('lenient-base64', 400, lenient),
  spelt('leading-zeros', 200, (bytes, rng) => asText(bytes, (text) => text.replace(/^((?:index |old )?)(\d+)$/m, rng.pick(['$10$2', '$1+$2', '$1 $2', '$1$2 ', '$10x$2', '$1$2.0'])))),
  spelt('blank-lines', 250, (bytes, rng) => insertAt(bytes, lineEnd(bytes, rng) + 1, Uint8Array.of(10))),
  { name: 'signed-extension-line', seeds: 60, run: extension },
  { name: 'signed-leading-zero', seeds: 40, run: signedZero },
  { name: 'wrong-origin', seeds: 60, run: wrongOrigin },
  { name: 'nothing-at-all', seeds: 40, run: nothing },
];

function asText(bytes: Uint8Array, change: (text: string) => string): Uint8Array {
  return utf8(change(fromUtf8(bytes) ?? ''));
}

function insertAt(bytes: Uint8Array, at: number, more: Uint8Array): Uint8Array {
  return concatBytes(bytes.subarray(0, at), more, bytes.subarray(at));
}

function lineEnd(bytes: Uint8Array, rng: Rng): number {
  return rng.pick([...bytes.entries()].filter(([, byte]) => byte === 10).map(([at]) => at));
}

/** One base64 in another spelling that loose readers take for the same. */
function lenient(bytes: Uint8Array, rng: Rng): Uint8Array {
  const text = fromUtf8(bytes) ?? '';
  const all = [...text.matchAll(/[A-Za-z0-9+/]{40,}={0,2}$/gm)];
  const { 0: base64, index } = rng.pick(all);
  const stripped = base64.replace(/=+$/, '');
  const last = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'.indexOf(stripped.at(-1) ?? 'A');
  const options = [`${base64}=`, `${base64} `, ` ${base64}`, `${base64.slice(0, 8)} ${base64.slice(8)}`, `${base64}!`];
  if (base64 !== stripped) {
    // Bits behind the end that are not 0.
    options.push(stripped, `${stripped.slice(0, -1)}${'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'[last ^ 1] ?? 'B'}${base64.slice(stripped.length)}`);
  }
  if (/[+/]/.test(base64)) options.push(base64.replaceAll('+', '-').replaceAll('/', '_'));
  return utf8(text.slice(0, index) + rng.pick(options) + text.slice(index + base64.length));
}

/** A checkpoint, a receipt, or a request to a witness in that spelling. */
function spelt(name: string, seeds: number, spelling: Spelling): FaultClass {
  return {
    name, seeds,
    run: async (_, rng) => {
      const log = presentOf(rng.pick([2, 3, 5]));
      const index = rng.int(log.size);
      switch (rng.int(3)) {
        case 0: return await mustRefuse(() => verifyLog(filesOf(withFile(log.files, 'checkpoint', spelling(log.checkpoint, rng))), { policy: POLICY }), `a checkpoint with ${name}`);
        case 1: {
          const receipt = spelling(await receiptOf(log, index), rng);
          return await mustRefuse(() => checkTlogProof(POLICY, receipt, log.entries[index] ?? new Uint8Array()), `a receipt with ${name}`);
        }
        default: return await witnessRefuses(spelling(formatAddCheckpoint({ old: 0n, proof: [], checkpoint: log.checkpoint }), rng), name);
      }
    },
  };
}

async function witnessRefuses(request: Uint8Array, name: string): Promise<string> {
  const witness = new Witness({ state: memoryState(), signers: [testSigner('ed25519-cosigner', 'another.example.test')], logs: [LOG_KEY], now: () => TIME });
  const answer = await witness.addCheckpoint(request);
  check(answer.status !== 200, `a witness cosigned a request with ${name}`);
  return `${answer.status} ${answer.code}`;
}

/** Truly signed by everybody, with a line that nobody can audit. */
async function extension(_: number, rng: Rng): Promise<string> {
  const log = presentOf(rng.pick([1, 2, 3]));
  const text = `${checkpointText(LOG_KEY.name, BigInt(log.size), log.root)}${rng.pick(['extension\n', 'a b c\n', `${toBase64(rng.bytes(32))}\n`, ' \n', '\n'])}`;
  return await signedByAll(text, log.files, 'an extension line');
}

async function signedZero(_: number, rng: Rng): Promise<string> {
  const log = presentOf(rng.pick([1, 2, 3]));
  const size = rng.pick([`0${log.size}`, `+${log.size}`, ` ${log.size}`, `${log.size}.0`, `-${log.size}`, `0x${log.size}`, '18446744073709551616', '9223372036854775808', '٣']);
  return await signedByAll(`${LOG_KEY.name}\n${size}\n${toBase64(log.root)}\n`, log.files, 'another spelling of a size');
}

async function signedByAll(text: string, files: ReadonlyMap<string, Uint8Array>, what: string): Promise<string> {
  const lines = [signNote(text, SIGNERS.log), cosign(text, SIGNERS.p384, TIME), ...WITNESSES.map((signer) => cosign(text, signer, TIME))];
  const checkpoint = utf8(`${text}\n${lines.join('\n')}\n`);
  return await mustRefuse(() => verifyLog(filesOf(withFile(files, 'checkpoint', checkpoint)), { policy: POLICY }), what);
}

/** The head of another log, signed by that log or by ours under another name, in the place of ours. */
async function wrongOrigin(_: number, rng: Rng): Promise<string> {
  const log = presentOf(rng.pick([1, 2, 3]));
  const name = rng.pick(['log.example.test/other', `${LOG_KEY.name}/`, LOG_KEY.name.toUpperCase(), `${LOG_KEY.name}x`]);
  const other = testSigner('ed25519', name, rng.pick(['its own', `ed25519 ${LOG_KEY.name}`]));
  const head = signHead({ log: other, p384: SIGNERS.p384 }, BigInt(log.size), log.root, new Uint8Array(48), TIME);
  const text = checkpointText(name, BigInt(log.size), log.root);
  const checkpoint = utf8(withCosignatures(head.checkpoint, WITNESSES.map((signer) => cosign(text, signer, TIME))));
  return await mustRefuse(() => checkPolicy(POLICY, checkpoint), 'the head of another log');
}

async function nothing(_: number, rng: Rng): Promise<string> {
  const empty = rng.pick([new Uint8Array(), Uint8Array.of(10), utf8('\n\n'), utf8('null'), utf8('{}'), new Uint8Array(100)]);
  const log = presentOf(3);
  const receipt = await receiptOf(log, 0);
  check(parseTlogProof(receipt).index === 0n, 'expected a receipt');
  return await mustRefuse(() => (rng.int(2) === 0 ? checkPolicy(POLICY, empty) : checkTlogProof(POLICY, empty, log.entries[0] ?? new Uint8Array())), 'nothing');
}
