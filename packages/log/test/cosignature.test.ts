import { Refusal } from '@weighbridge/base';
import { expect, test } from 'vitest';
import { concatBytes, fromUtf8, u64, utf8 } from '../src/bytes.ts';
import { cosignatureMessage, verifyCosignature } from '../src/cosignature.ts';
import { generateKey, loadSigner } from '../src/keys.ts';
import { cosign, formatNote, parseNote, signNote } from '../src/signed-note.ts';
import type { NoteSignature, NoteSigner, SignedNote } from '../src/signed-note.ts';
import { formatVerifierKey } from '../src/verifier-key.ts';
import { codeOf, ed25519Pem, p384Pem, testSigner } from './test-signers.ts';

const TEXT = 'log.test/a\n1\niipcm3aIJ95alVLDigRMZpWcaPbS8htSYK9U0vh9uCc=\n';
const witness = testSigner('ed25519-cosigner', 'witness.test/w');
const nzism = testSigner('p384-cosigner', 'nzism.log.test');
const COSIGNERS: readonly [string, NoteSigner][] = [['Ed25519', witness], ['P-384', nzism]];
const LATEST = 2n ** 63n - 1n;

/** The note with one line, and that line. */
function noteOf(line: string): { note: SignedNote; signature: NoteSignature } {
  const note = parseNote(utf8(formatNote(TEXT, [line])));
  const [signature] = note.signatures;
  if (!signature) throw new Error('a note has a signature');
  return { note, signature };
}

test('the signed message is header, time and text', () => {
  expect(fromUtf8(cosignatureMessage('ed25519-cosigner', 1679315147n, TEXT))).toBe(`cosignature/v1\ntime 1679315147\n${TEXT}`);
  expect(fromUtf8(cosignatureMessage('p384-cosigner', 1n, TEXT))).toBe(`cosignature-p384/v1\ntime 1\n${TEXT}`);
});

test.each(COSIGNERS)('%s: the time comes back, from 1 to 2^63 − 1', (_, signer) => {
  for (const time of [1n, 1767139200n, 2n ** 53n + 1n, LATEST]) {
    const { note, signature } = noteOf(cosign(TEXT, signer, time));
    expect(verifyCosignature(note, signature, signer.verifierKey)).toEqual({ time });
  }
});

test.each(COSIGNERS)('%s: time 0 and times above 2^63 − 1 are neither signed nor believed', (_, signer) => {
  for (const time of [0n, LATEST + 1n, 2n ** 64n - 1n]) {
    expect(codeOf(() => cosign(TEXT, signer, time))).toBe('COSIGNATURE_TIME');
    // A cosigner that signs it nevertheless, with its own key.
    const message = utf8(`${signer === witness ? 'cosignature/v1' : 'cosignature-p384/v1'}\ntime ${time}\n${TEXT}`);
    const { note, signature } = noteOf(cosign(TEXT, signer, 1n));
    const forged = { ...signature, payload: concatBytes(u64(time), signer.sign(message)) };
    expect(verifyCosignature(note, forged, signer.verifierKey)).toBeUndefined();
  }
});

test.each(COSIGNERS)('%s: another text, another time, a byte more or less and every flipped bit are refused', (_, signer) => {
  const { note, signature } = noteOf(cosign(TEXT, signer, 1767139200n));
  const { payload } = signature;
  const holds = (changed: Uint8Array): boolean => verifyCosignature(note, { ...signature, payload: changed }, signer.verifierKey) !== undefined;
  expect(holds(payload)).toBe(true);
  expect(verifyCosignature({ text: `${TEXT}x\n` }, signature, signer.verifierKey)).toBeUndefined();
  for (let length = 0; length < payload.length; length++) expect(holds(payload.subarray(0, length))).toBe(false);
  expect(holds(concatBytes(payload, Uint8Array.of(0)))).toBe(false);
  for (let bit = 0; bit < 8 * payload.length; bit++) {
    const changed = Uint8Array.from(payload);
    changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
    expect(holds(changed)).toBe(false);
  }
});

test('a bare signature of the same Ed25519 key is no cosignature, and a cosignature no bare signature', () => {
  const log = testSigner('ed25519', 'witness.test/w', 'one key for both');
  const cosigner = testSigner('ed25519-cosigner', 'witness.test/w', 'one key for both');
  const bare = noteOf(signNote(TEXT, log));
  const renamed = { ...bare.signature, id: cosigner.verifierKey.id, payload: concatBytes(u64(1n), bare.signature.payload) };
  expect(verifyCosignature(bare.note, renamed, cosigner.verifierKey)).toBeUndefined();
  expect(verifyCosignature(bare.note, bare.signature, log.verifierKey)).toBeUndefined();
});

test('the message does not name the cosigner: one key under two names gives lines that only differ in name and id', () => {
  const { key } = witness.verifierKey;
  const { note, signature } = noteOf(cosign(TEXT, witness, 5n));
  const other = formatVerifierKey('witness.test/x', 'ed25519-cosigner', key);
  expect(verifyCosignature(note, { ...signature, name: other.name, id: other.id }, other)).toEqual({ time: 5n });
});

test('a private key is kept as PKCS #8 and signs as the same verifier key again', () => {
  for (const kind of ['ed25519', 'ed25519-cosigner', 'p384-cosigner'] as const) {
    const { privatePem, signer } = generateKey(kind, 'a.test');
    expect(privatePem).toMatch(/^-----BEGIN PRIVATE KEY-----\n/);
    expect(loadSigner(privatePem, kind, 'a.test').verifierKey).toEqual(signer.verifierKey);
    expect(loadSigner(privatePem.replaceAll('\n', '\r\n'), kind, 'a.test').verifierKey).toEqual(signer.verifierKey);
  }
});

test('a key of another kind, no key and a bad name are refused, and no refusal quotes the key', () => {
  const [ed, p] = [ed25519Pem('a'), p384Pem('a')];
  const broken = ed.replace(/[A-Za-z0-9]{8}\n/, '\n');
  const calls: [string, () => unknown][] = [
    ['SIGNING_KEY_KIND', () => loadSigner(ed, 'p384-cosigner', 'a.test')],
    ['SIGNING_KEY_KIND', () => loadSigner(p, 'ed25519', 'a.test')],
    ['SIGNING_KEY_KIND', () => loadSigner(p, 'ed25519-cosigner', 'a.test')],
    ['SIGNING_KEY_FORM', () => loadSigner('', 'ed25519', 'a.test')],
    ['SIGNING_KEY_FORM', () => loadSigner(broken, 'ed25519', 'a.test')],
    ['SIGNING_KEY_FORM', () => loadSigner(ed.replaceAll('PRIVATE', 'PUBLIC'), 'ed25519', 'a.test')],
    ['SIGNING_KEY_FORM', () => loadSigner(ed.replaceAll('PRIVATE', 'ENCRYPTED PRIVATE'), 'ed25519', 'a.test')],
    ['KEY_NAME', () => loadSigner(ed, 'ed25519', 'a test')],
  ];
  const secret = ed.split('\n')[1] ?? '';
  for (const [code, call] of calls) {
    try {
      call();
      expect.unreachable();
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      expect(error.code).toBe(code);
      expect(error.cause).toBeUndefined();
      expect(JSON.stringify(error.issues)).not.toContain(secret.slice(-12));
    }
  }
});
