/**
 * Keys and quorum: heads signed by others than the policy asks for, by too few, twice by one, or at impossible times.
 * @module
 */
import { concatBytes, fromUtf8, toBase64, u64, utf8 } from '../../src/bytes.ts';
import { checkPolicy } from '../../src/policy.ts';
import { cosign, signNote } from '../../src/signed-note.ts';
import type { NoteSigner } from '../../src/signed-note.ts';
import { checkTlogProof, parseTlogProof } from '../../src/tlog-proof.ts';
import { testSigner } from '../test-signers.ts';
import { LOG_KEY, ORIGIN, POLICY, STEADY_SIGNERS as SIGNERS, TIME, WITNESSES, presentOf, receiptOf, steady } from './base-logs.ts';
import { check, mustRefuse, refusalOf } from './harness.ts';
import type { FaultClass, Rng } from './harness.ts';

type Lines = (text: string, rng: Rng) => readonly string[];

const OTHERS = {
  log: testSigner('ed25519', ORIGIN, 'another log key'),
  p384: steady(testSigner('p384-cosigner', `${ORIGIN}/p384`, 'another P-384 key'), 'another P-384 key'),
  witnesses: WITNESSES.map(({ verifierKey }, i) => testSigner('ed25519-cosigner', verifierKey.name, `another key ${i}`)),
  strangers: ['x1', 'x2', 'x3', 'x4'].map((name) => testSigner('ed25519-cosigner', `${name}.example.test`)),
};

export const KEYS_AND_QUORUM: readonly FaultClass[] = [
  signed('wrong-key', 200, (text, rng) => rng.pick([
    [signNote(text, OTHERS.log), p384(text), ...witnesses(text)],
    [own(text), cosign(text, OTHERS.p384, TIME), ...witnesses(text)],
    [own(text), p384(text), ...OTHERS.witnesses.map((signer) => cosign(text, signer, TIME))],
  ])),
  signed('log-signature-missing', 120, (text, rng) => shuffled([p384(text), ...witnesses(text)], rng)),
  signed('key-id-forged', 250, (text, rng) => rng.pick([
    [disguised(signNote(text, OTHERS.log), SIGNERS.log), p384(text), ...witnesses(text)],
    [own(text), disguised(cosign(text, OTHERS.p384, TIME), SIGNERS.p384), ...witnesses(text)],
    [own(text), p384(text), ...WITNESSES.map((signer, i) => disguised(cosign(text, OTHERS.witnesses[i] ?? signer, TIME), signer))],
    [own(text), p384(text), ...witnesses(text).slice(1), disguised(own(text), WITNESSES[0] ?? SIGNERS.log)],
  ])),
  signed('quorum-short', 200, (text, rng) => rng.pick([[own(text)], [own(text), p384(text)], [own(text), ...witnesses(text)], [own(text), p384(text), rng.pick(witnesses(text))]])),
  signed('witness-twice', 200, (text, rng) => {
    const signer = rng.pick(WITNESSES);
    const line = cosign(text, signer, TIME);
    return rng.pick([
      [own(text), p384(text), line, line],
      [own(text), p384(text), line, cosign(text, signer, TIME + 1n)],
      [own(text), p384(text), line, line.replace(signer.verifierKey.name, rng.pick(WITNESSES.filter((other) => other !== signer)).verifierKey.name)],
    ]);
  }),
  signed('time-out-of-range', 200, (text, rng) => {
    const time = rng.pick([0n, 1n << 63n, (1n << 64n) - 1n, (1n << 63n) + BigInt(rng.int(1000))]);
    return rng.pick([
      [own(text), p384(text), ...WITNESSES.map((signer) => atTime(text, signer, time))],
      [own(text), atTime(text, SIGNERS.p384, time), ...witnesses(text)],
    ]);
  }),
  signed('unknown-witnesses', 100, (text) => [own(text), p384(text), ...OTHERS.strangers.map((signer) => cosign(text, signer, TIME))]),
  { name: 'cosignature-of-another-time', seeds: 150, run: otherTime },
];

function own(text: string): string { return signNote(text, SIGNERS.log); }
function p384(text: string): string { return cosign(text, SIGNERS.p384, TIME); }
function witnesses(text: string): string[] { return WITNESSES.map((signer) => cosign(text, signer, TIME)); }

function shuffled(lines: readonly string[], rng: Rng): string[] {
  return lines.map((line) => ({ line, at: rng.int(1 << 20) })).sort((a, b) => a.at - b.at).map(({ line }) => line);
}

/** The line under the name and key id of another: what a search for a collision of the four bytes would come to. */
function disguised(line: string, as: NoteSigner): string {
  const base64 = line.split(' ').at(-1) ?? '';
  const payload = Uint8Array.from(Buffer.from(base64, 'base64')).subarray(4);
  return `— ${as.verifierKey.name} ${toBase64(concatBytes(as.verifierKey.id, payload))}`;
}

/** A cosignature that states any time, truly signed: what a cosigner with other rules would write. */
function atTime(text: string, signer: NoteSigner, time: bigint): string {
  const { verifierKey } = signer;
  const header = verifierKey.kind === 'p384-cosigner' ? 'cosignature-p384/v1' : 'cosignature/v1';
  return `— ${verifierKey.name} ${toBase64(concatBytes(verifierKey.id, u64(time), signer.sign(utf8(`${header}\ntime ${time}\n${text}`))))}`;
}

function signed(name: string, seeds: number, lines: Lines): FaultClass {
  return {
    name, seeds,
    run: async (_, rng) => {
      const log = presentOf(rng.pick([0, 1, 2, 3, 3]));
      const text = (fromUtf8(log.checkpoint) ?? '').split('\n\n')[0] ?? '';
      const checkpoint = utf8(`${text}\n\n${lines(`${text}\n`, rng).join('\n')}\n`);
      if (log.size > 0 && rng.int(3) === 0) {
        const receipt = await receiptOf(log, 0);
        const forged = concatBytes(receipt.subarray(0, receipt.length - parseTlogProof(receipt).checkpoint.length), checkpoint);
        return await mustRefuse(() => checkTlogProof(POLICY, forged, log.entries[0] ?? new Uint8Array()), `a receipt with ${name}`);
      }
      return await mustRefuse(() => checkPolicy(POLICY, checkpoint), `a head with ${name}`);
    },
  };
}

/** The time in a cosignature is altered: it is signed too. */
async function otherTime(_: number, rng: Rng): Promise<string> {
  const log = presentOf(3);
  const lines = (fromUtf8(log.checkpoint) ?? '').split('\n');
  const at = lines.findIndex((line) => line.startsWith('— ') && !line.startsWith(`— ${LOG_KEY.name} `)) + rng.int(4);
  const line = lines[at] ?? '';
  const bytes = Uint8Array.from(Buffer.from(line.split(' ').at(-1) ?? '', 'base64'));
  bytes.set(u64(TIME + 1_000_000n + BigInt(rng.int(1000))), 4);
  const changed = utf8(lines.with(at, line.replace(/[^ ]+$/, toBase64(bytes))).join('\n'));
  const outcome = await refusalOf(() => checkPolicy(POLICY, changed));
  check(outcome.refusal !== undefined, 'another time was accepted');
  return outcome.refusal?.code ?? '';
}
