import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Refusal } from '@weighbridge/base';
import { fromUtf8, toBase64, utf8 } from '../src/bytes.ts';
import { cosign, formatNote, parseNote, signNote, verifySignature } from '../src/signed-note.ts';
import { formatVerifierKey } from '../src/verifier-key.ts';
import { codeOf, testSigner } from './test-signers.ts';

const log = testSigner('ed25519', 'log.test/a');
const witness = testSigner('ed25519-cosigner', 'witness.test/w');
const nzism = testSigner('p384-cosigner', 'nzism.log.test');
const TEXT = 'first line\n\nthird line, with ü\n';
const LINE = signNote(TEXT, log);
const NOTE = formatNote(TEXT, [LINE]);
const b64 = (n: number): string => toBase64(new Uint8Array(n).fill(7));
const line = (name: string, payload = b64(68)): string => `— ${name} ${payload}`;

test('a note reads back as it was written, whatever its text and names', () => {
  const text = fc.string({ unit: 'grapheme', maxLength: 60 }).map((s) => `${s.replace(/[\u0000-\u0009\u000b-\u001f\ufeff]/g, '.')}\n`);
  const name = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 }).map((s) => `n${s.replace(/[\p{White_Space}+\u0000-\u001f]/gu, '-')}`);
  fc.assert(fc.property(text, fc.uniqueArray(name, { minLength: 1, maxLength: 16 }), fc.integer({ min: 5, max: 200 }), (t, names, size) => {
    const bytes = utf8(formatNote(t, names.map((n) => line(n, b64(size)))));
    const note = parseNote(bytes);
    expect(note.text).toBe(t);
    expect(note.bytes).toEqual(bytes);
    expect(note.signatures.map((s) => s.name)).toEqual(names);
    expect(formatNote(note.text, note.signatures)).toBe(fromUtf8(bytes));
  }), { seed: 20231106 });
});

test('each kind of key verifies its own line, and no line of another', () => {
  const bytes = utf8(formatNote(TEXT, [LINE, cosign(TEXT, witness, 1n), cosign(TEXT, nzism, 1767139200n)]));
  const note = parseNote(bytes);
  const verdicts = [log, witness, nzism].map((s) => note.signatures.map((line) => verifySignature(note, line, s.verifierKey)));
  expect(verdicts).toEqual([[true, false, false], [false, true, false], [false, false, true]]);
});

test('the last empty line separates text and signatures', () => {
  expect(parseNote(utf8(NOTE)).text).toBe(TEXT);
  expect(parseNote(utf8(`\n\n${LINE}\n`)).text).toBe('\n');
  expect(parseNote(utf8(`a\n\n\n${LINE}\n`)).text).toBe('a\n\n');
});

test('a signature over one text does not hold for another', () => {
  const moved = parseNote(utf8(formatNote(`${TEXT}more\n`, [LINE])));
  expect(moved.signatures.map((s) => verifySignature(moved, s, log.verifierKey))).toEqual([false]);
});

test('sharing the name or the id, but not both, makes a line unknown', () => {
  const note = parseNote(utf8(NOTE));
  const [own] = note.signatures;
  expect(own).toBeDefined();
  if (!own) return;
  expect(verifySignature(note, { ...own, name: 'log.test/b' }, log.verifierKey)).toBe(false);
  expect(verifySignature(note, { ...own, id: Uint8Array.of(1, 2, 3, 4) }, log.verifierKey)).toBe(false);
  // The same bytes under the same name, as a cosigner: another id.
  expect(verifySignature(note, own, formatVerifierKey('log.test/a', 'ed25519-cosigner', log.verifierKey.key))).toBe(false);
});

test('16 and 64 signatures are read, 65 are not', () => {
  const many = (n: number): string => formatNote(TEXT, Array.from({ length: n }, (_, i) => line(`n${i}`)));
  expect(parseNote(utf8(many(16))).signatures.length).toBe(16);
  expect(parseNote(utf8(many(64))).signatures.length).toBe(64);
  expect(codeOf(() => many(65))).toBe('NOTE_TOO_LONG');
});

test('two lines of one name and id are refused, whether they say the same or not', () => {
  const other = line('n', toBase64(Uint8Array.of(7, 7, 7, 7, 1)));
  expect(codeOf(() => formatNote(TEXT, [LINE, LINE]))).toBe('NOTE_SIGNATURE_TWICE');
  expect(codeOf(() => formatNote(TEXT, [line('n'), line('m'), other]))).toBe('NOTE_SIGNATURE_TWICE');
  // One name with two ids is one holder with two keys.
  expect(parseNote(utf8(formatNote(TEXT, [line('n'), line('n', toBase64(Uint8Array.of(1, 2, 3, 4, 5)))]))).signatures.length).toBe(2);
});

test.each<[string, string | Uint8Array, string]>([
  ['nothing', '', 'NOTE_EMPTY'],
  ['a text alone', 'a\n', 'NOTE_UNSIGNED'],
  ['a text and an empty line', 'a\n\n', 'NOTE_UNSIGNED'],
  ['signatures alone', `${LINE}\n`, 'NOTE_UNSIGNED'],
  ['an empty line and a signature, without a text', `\n${LINE}\n`, 'NOTE_UNSIGNED'],
  ['no empty line before the signature', `a\n${LINE}\n`, 'NOTE_UNSIGNED'],
  ['a last line without newline', `a\n\n${LINE}`, 'NOTE_SIGNATURE_LINE'],
  ['an empty line after the signatures', `a\n\n${LINE}\n\n`, 'NOTE_UNSIGNED'],
  ['CRLF', NOTE.replaceAll('\n', '\r\n'), 'NOTE_CRLF'],
  ['one carriage return', NOTE.replace('line', 'li\rne'), 'NOTE_CRLF'],
  ['a tab', NOTE.replace('line', 'li\tne'), 'NOTE_CONTROL'],
  ['a zero byte', NOTE.replace('line', 'li\0ne'), 'NOTE_CONTROL'],
  ['a byte order mark', `\ufeff${NOTE}`, 'NOTE_BOM'],
  ['Latin-1 in the text', Uint8Array.of(0xfc, ...utf8(NOTE)), 'NOTE_UTF8'],
  ['an overlong form of U+002F', Uint8Array.of(0xc0, 0xaf, ...utf8(NOTE)), 'NOTE_UTF8'],
  ['UTF-16', Buffer.from(NOTE, 'utf16le'), 'NOTE_CONTROL'],
  ['a hyphen for the dash', `a\n\n${LINE.replace('—', '-')}\n`, 'NOTE_SIGNATURE_LINE'],
  ['an en dash', `a\n\n${LINE.replace('—', '–')}\n`, 'NOTE_SIGNATURE_LINE'],
  ['two spaces', `a\n\n${LINE.replace('— ', '—  ')}\n`, 'NOTE_SIGNATURE_LINE'],
  ['a space at the end', `a\n\n${LINE} \n`, 'NOTE_SIGNATURE_LINE'],
  ['a name with a plus', `a\n\n${line('a+b')}\n`, 'NOTE_SIGNATURE_LINE'],
  ['a name with U+00A0', `a\n\n${line('a\u00a0b')}\n`, 'NOTE_SIGNATURE_LINE'],
  ['no payload', `a\n\n— n ${b64(4)}\n`, 'NOTE_SIGNATURE_LINE'],
  ['no base64', `a\n\n— n \n`, 'NOTE_SIGNATURE_LINE'],
  ['padding missing', `a\n\n${line('n').replace(/=+$/, '')}\n`, 'NOTE_BASE64'],
  ['padding bits not 0', `a\n\n— n ${b64(5).replace('Bwc=', 'Bwd=')}\n`, 'NOTE_BASE64'],
  ['the URL alphabet', `a\n\n— n ${b64(6).replace('B', '_')}\n`, 'NOTE_BASE64'],
  ['a line of 16,385 characters', `${'a'.repeat(16_385)}\n\n${LINE}\n`, 'NOTE_TOO_LONG'],
  ['more than a mebibyte', `${'a\n'.repeat(1 << 19)}\n${LINE}\n`, 'NOTE_TOO_LONG'],
])('%s is refused with its own code', (_, note, code) => {
  expect(codeOf(() => parseNote(typeof note === 'string' ? utf8(note) : note))).toBe(code);
});

test('a refusal names the line, counted from the line that the caller gives', () => {
  const lineOf = (note: string, first?: number): number | undefined => {
    try {
      parseNote(utf8(note), { file: 'checkpoint', ...(first === undefined ? {} : { line: first }) });
    } catch (error) {
      if (error instanceof Refusal) return error.issues[0]?.place.line;
    }
    return undefined;
  };
  expect(lineOf(`a\nb\n\n${LINE}\nrubbish\n`)).toBe(5);
  expect(lineOf(`a\nb\r\n\n${LINE}\n`)).toBe(2);
  expect(lineOf(`a\nb\r\n\n${LINE}\n`, 10)).toBe(11);
});

test('a key signs only what its kind is for', () => {
  expect(codeOf(() => signNote(TEXT, witness))).toBe('SIGNING_KEY_KIND');
  expect(codeOf(() => signNote(TEXT, nzism))).toBe('SIGNING_KEY_KIND');
  expect(codeOf(() => cosign(TEXT, log, 1n))).toBe('SIGNING_KEY_KIND');
});

test('what could not be read back is not written', () => {
  expect(codeOf(() => formatNote('no newline', [LINE]))).toBe('NOTE_UNSIGNED');
  expect(codeOf(() => formatNote('a\n', []))).toBe('NOTE_UNSIGNED');
  expect(codeOf(() => formatNote('a\r\n', [LINE]))).toBe('NOTE_CRLF');
  expect(codeOf(() => formatNote('a\n', ['— x y z']))).toBe('NOTE_SIGNATURE_LINE');
  expect(codeOf(() => formatNote('a\n', [`${LINE}\n`]))).toBe('NOTE_UNSIGNED');
});
