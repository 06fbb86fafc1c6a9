import { Refusal } from '@weighbridge/base';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { concatBytes, toBase64, u64, utf8 } from '../src/bytes.ts';
import { checkpointText } from '../src/checkpoint.ts';
import { checkPolicy, parsePolicy } from '../src/policy.ts';
import type { Policy } from '../src/policy.ts';
import { cosign, formatNote, signNote } from '../src/signed-note.ts';
import type { NoteSigner } from '../src/signed-note.ts';
import { SHA256_TREE } from '../src/tree-hash.ts';
import { WORKED_CHECKPOINT, WORKED_POLICY, codeOf, testSigner } from './test-signers.ts';

const ORIGIN = 'log.test/a';
const log = testSigner('ed25519', ORIGIN);
const nzism = testSigner('p384-cosigner', 'nzism.log.test');
const witnesses = Array.from({ length: 4 }, (_, i) => testSigner('ed25519-cosigner', `witness.test/${i}`));
const TEXT = checkpointText(ORIGIN, 1n, SHA256_TREE.leaf(utf8('hello')));
const LOG = `log ${log.verifierKey.text}\n`;
const WITNESSES = witnesses.map((w, i) => `witness w${i} ${w.verifierKey.text}\n`).join('');
const text = (signer: NoteSigner): string => signer.verifierKey.text;

const note = (...lines: string[]): Uint8Array => utf8(formatNote(TEXT, lines));
const byLog = signNote(TEXT, log);
const by = (...who: number[]): string[] => witnesses.filter((_, i) => who.includes(i)).map((w) => cosign(TEXT, w, 1767139200n));
const names = (policy: Policy, bytes: Uint8Array): string[] => checkPolicy(policy, bytes).cosigned.map((c) => c.name);

test('the worked example is met, and without either of its lines it is not', () => {
  const policy = parsePolicy(WORKED_POLICY);
  const checked = checkPolicy(policy, utf8(WORKED_CHECKPOINT));
  expect(checked).toMatchObject({ checkpoint: { origin: 'log.example.test/a', size: 1n }, log: { name: 'log.example.test/a' } });
  expect(checked.checkpoint.root).toEqual(Uint8Array.from(SHA256_TREE.leaf(utf8('hello'))));
  expect(checked.cosigned).toEqual([{ name: 'P', time: 1764000000n }]);
  const lines = WORKED_CHECKPOINT.split('\n');
  expect(codeOf(() => checkPolicy(policy, utf8(lines.toSpliced(5, 1).join('\n'))))).toBe('QUORUM_SHORT');
  expect(codeOf(() => checkPolicy(policy, utf8(lines.toSpliced(4, 1).join('\n'))))).toBe('NOTE_KEY_UNKNOWN');
});

test('spaces, tabs, empty lines, comments and addresses are read', () => {
  const policy = parsePolicy(`# a policy\n\n \t\n\tlog  ${text(log)}\thttps://log.test/a \nwitness w0 ${text(witnesses[0] ?? log)} https://w.test\n  # more\nquorum\tw0\n`);
  expect(policy.logs.map((l) => [l.key.name, l.url])).toEqual([[ORIGIN, 'https://log.test/a']]);
  expect(policy.witnesses.get('w0')?.url).toBe('https://w.test');
  expect(policy.quorum).toBe('w0');
  expect(parsePolicy(utf8(policy.text))).toEqual(policy);
});

const [w0, w1] = witnesses.map(text);
test.each([
  ['nothing', '', 'POLICY_LOG_MISSING', undefined],
  ['no log', 'quorum none\n', 'POLICY_LOG_MISSING', undefined],
  ['no quorum', LOG, 'POLICY_QUORUM_MISSING', undefined],
  ['two quorums', `${LOG}quorum none\nquorum none\n`, 'POLICY_QUORUM_TWICE', 3],
  ['an unknown word', `${LOG}mirror x\nquorum none\n`, 'POLICY_LINE', 2],
  ['a capital', `Log ${text(log)}\nquorum none\n`, 'POLICY_LINE', 1],
  ['a byte order mark', `\ufeff${LOG}quorum none\n`, 'POLICY_LINE', 1],
  ['CRLF', `${LOG}quorum none\n`.replaceAll('\n', '\r\n'), 'POLICY_LINE', 1],
  ['a form feed', `${LOG}quorum\fnone\n`, 'POLICY_LINE', 2],
  ['no newline at the end', `${LOG}quorum none`, 'POLICY_LINE', 2],
  ['a no-break space', `${LOG}quorum\u00a0none\n`, 'POLICY_LINE', 2],
  ['a log without key', 'log\nquorum none\n', 'POLICY_LINE', 1],
  ['a log of four parts', `log ${text(log)} a b\nquorum none\n`, 'POLICY_LINE', 1],
  ['a comment after a line', `${LOG}quorum none # all\n`, 'POLICY_LINE', 2],
  ['a witness without key', `${LOG}witness w0\nquorum none\n`, 'POLICY_LINE', 2],
  ['a group without members', `${LOG}group g all\nquorum none\n`, 'POLICY_LINE', 2],
  ['a quorum without name', `${LOG}quorum\n`, 'POLICY_LINE', 2],
  ['a quorum of two names', `${LOG}${WITNESSES}quorum w0 w1\n`, 'POLICY_LINE', 6],
  ['a key that is none', `${LOG}witness w0 abc\nquorum none\n`, 'KEY_FORM', 2],
  ['the id of another key', `log ${text(log).replace(ORIGIN, 'log.test/b')}\nquorum none\n`, 'KEY_ID', 1],
  ['a cosigner key for a log', `log ${w0}\nquorum none\n`, 'POLICY_KEY_KIND', 1],
  ['a P-384 key for a log', `log ${text(nzism)}\nquorum none\n`, 'POLICY_KEY_KIND', 1],
  ['a log key for a witness', `${LOG}witness w0 ${text(testSigner('ed25519', 'b'))}\nquorum w0\n`, 'POLICY_KEY_KIND', 2],
  ['a witness called none', `${LOG}witness none ${w0}\nquorum none\n`, 'POLICY_NAME', 2],
  ['a group called none', `${LOG}${WITNESSES}group none any w0\nquorum none\n`, 'POLICY_NAME', 6],
  ['none as a member', `${LOG}${WITNESSES}group g any w0 none\nquorum g\n`, 'POLICY_UNDEFINED', 6],
  ['a name twice', `${LOG}witness w0 ${w0}\nwitness w0 ${w1}\nquorum w0\n`, 'POLICY_NAME_TWICE', 3],
  ['a group named as a witness', `${LOG}${WITNESSES}group w0 any w1\nquorum w0\n`, 'POLICY_NAME_TWICE', 6],
  ['a quorum that is not defined', `${LOG}quorum w0\n`, 'POLICY_UNDEFINED', 2],
  ['a quorum defined below', `${LOG}quorum w0\nwitness w0 ${w0}\n`, 'POLICY_UNDEFINED', 2],
  ['a member defined below', `${LOG}group g any h\ngroup h any g\nquorum g\n`, 'POLICY_UNDEFINED', 2],
  ['a group in itself', `${LOG}${WITNESSES}group g any g\nquorum g\n`, 'POLICY_UNDEFINED', 6],
  ['a member twice in a group', `${LOG}${WITNESSES}group g 2 w0 w0\nquorum g\n`, 'POLICY_MEMBER_TWICE', 6],
  ['a member in two groups', `${LOG}${WITNESSES}group g any w0 w1\ngroup h any w1 w2\nquorum h\n`, 'POLICY_MEMBER_TWICE', 7],
  ['a witness key twice', `${LOG}witness a ${w0}\nwitness b ${w0}\nquorum none\n`, 'POLICY_KEY_TWICE', 3],
  ['a log twice', `${LOG}${LOG}quorum none\n`, 'POLICY_KEY_TWICE', 2],
  ['a group of 0', `${LOG}${WITNESSES}group g 0 w0\nquorum g\n`, 'POLICY_NEVER_MET', 6],
  ['3 of 2', `${LOG}${WITNESSES}group g 3 w0 w1\nquorum g\n`, 'POLICY_NEVER_MET', 6],
  ['999999 of 2', `${LOG}${WITNESSES}group g 999999 w0 w1\nquorum g\n`, 'POLICY_NEVER_MET', 6],
  ['a leading zero', `${LOG}${WITNESSES}group g 01 w0 w1\nquorum g\n`, 'POLICY_LINE', 6],
  ['a negative number', `${LOG}${WITNESSES}group g -1 w0 w1\nquorum g\n`, 'POLICY_LINE', 6],
  ['half of them', `${LOG}${WITNESSES}group g most w0 w1\nquorum g\n`, 'POLICY_LINE', 6],
])('a policy with %s is refused with its own code and line', (_, policy, code, line) => {
  try {
    parsePolicy(policy);
    expect.unreachable();
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    expect([error.code, error.issues[0]?.place.line]).toEqual([code, line]);
  }
});

test('bytes that are not UTF-8 and files that are no policy at all are refused', () => {
  expect(codeOf(() => parsePolicy(Uint8Array.of(0x23, 0xff, 0x0a)))).toBe('POLICY_UTF8');
  expect(codeOf(() => parsePolicy('#'.repeat((1 << 20) + 1)))).toBe('POLICY_TOO_LONG');
});

test('one key under two names or two kinds is one key', () => {
  const twice = (a: NoteSigner, b: NoteSigner): string => codeOf(() => parsePolicy(`${LOG}witness a ${text(a)}\nwitness b ${text(b)}\nquorum none\n`));
  expect(twice(testSigner('ed25519-cosigner', 'a.test', 'k'), testSigner('ed25519-cosigner', 'b.test', 'k'))).toBe('POLICY_KEY_TWICE');
  expect(twice(testSigner('p384-cosigner', 'a.test', 'k'), testSigner('p384-cosigner', 'b.test', 'k'))).toBe('POLICY_KEY_TWICE');
  // Also between log and witness: a log is no witness to itself.
  expect(twice(testSigner('ed25519-cosigner', ORIGIN, `ed25519 ${ORIGIN}`), nzism)).toBe('POLICY_KEY_TWICE');
});

test('two keys of one name with the same key id are refused together, and alone each is sound', () => {
  // Found by trying 132,190 seeds: both keys have the id 4f4f74bd under this name.
  const [a, b] = ['collision 128151', 'collision 132189'].map((label) => testSigner('ed25519-cosigner', 'witness.test/one', label));
  expect(a?.verifierKey.id).toEqual(b?.verifierKey.id);
  expect(a?.verifierKey.key).not.toEqual(b?.verifierKey.key);
  if (!a || !b) return;
  expect(codeOf(() => parsePolicy(`${LOG}witness a ${text(a)}\nwitness b ${text(b)}\nquorum none\n`))).toBe('POLICY_KEY_ID_TWICE');
  const policy = parsePolicy(`${LOG}witness a ${text(a)}\nquorum a\n`);
  expect(names(policy, note(byLog, cosign(TEXT, a, 1n)))).toEqual(['a']);
  // A line of the other key has the name and the id, and is judged by the key that the policy gives.
  expect(codeOf(() => checkPolicy(policy, note(byLog, cosign(TEXT, b, 1n))))).toBe('NOTE_SIGNATURE_FALSE');
});

test('an unsigned, empty or unreadable checkpoint is never believed, not even without a quorum', () => {
  const policy = parsePolicy(`${LOG}quorum none\n`);
  expect(names(policy, note(byLog))).toEqual([]);
  expect(codeOf(() => checkPolicy(policy, new Uint8Array()))).toBe('NOTE_EMPTY');
  expect(codeOf(() => checkPolicy(policy, utf8(TEXT)))).toBe('NOTE_UNSIGNED');
  expect(codeOf(() => checkPolicy(policy, note('— other.test AAAAAAA=')))).toBe('NOTE_KEY_UNKNOWN');
  expect(codeOf(() => checkPolicy(policy, note(...by(0, 1, 2, 3))))).toBe('NOTE_KEY_UNKNOWN');
});

test('the log is found by the origin: another log of the policy cannot sign for it', () => {
  const other = testSigner('ed25519', 'log.test/b');
  const policy = parsePolicy(`${LOG}log ${text(other)}\nquorum none\n`);
  expect(checkPolicy(policy, note(byLog)).log.name).toBe(ORIGIN);
  expect(codeOf(() => checkPolicy(policy, note(signNote(TEXT, other))))).toBe('NOTE_KEY_UNKNOWN');
  expect(checkPolicy(policy, note(signNote(TEXT, other), byLog)).log.name).toBe(ORIGIN);
  const third = testSigner('ed25519', 'log.test/c');
  const foreign = TEXT.replace(ORIGIN, 'log.test/c');
  expect(codeOf(() => checkPolicy(policy, utf8(formatNote(foreign, [signNote(foreign, third)]))))).toBe('CHECKPOINT_OTHER_ORIGIN');
});

test('a log that changes its key is believed under either, and not when one of the two signatures fails', () => {
  const next = testSigner('ed25519', ORIGIN, 'the next key');
  const policy = parsePolicy(`${LOG}log ${text(next)}\nquorum none\n`);
  for (const lines of [[byLog], [signNote(TEXT, next)], [byLog, signNote(TEXT, next)]]) expect(names(policy, note(...lines))).toEqual([]);
  expect(codeOf(() => checkPolicy(policy, note(byLog, signNote(`${TEXT}x\n`, next))))).toBe('NOTE_SIGNATURE_FALSE');
});

test('a known key whose signature fails refuses the note, even when the quorum is met without it', () => {
  const policy = parsePolicy(`${LOG}${WITNESSES}group g 2 w0 w1 w2\nquorum g\n`);
  expect(names(policy, note(byLog, ...by(0, 1)))).toEqual(['w0', 'w1']);
  const bad = [cosign(`${TEXT}x\n`, witnesses[2] ?? nzism, 1n), cosign(`${TEXT}x\n`, witnesses[3] ?? nzism, 1n)];
  for (const line of bad) expect(codeOf(() => checkPolicy(policy, note(byLog, ...by(0, 1), line)))).toBe('NOTE_SIGNATURE_FALSE');
});

test('a witness that states time 0 or a time above 2^63 − 1 refuses the note', () => {
  const [witness] = witnesses;
  if (!witness) return;
  const policy = parsePolicy(`${LOG}${WITNESSES}quorum w0\n`);
  for (const time of [0n, 2n ** 63n, 2n ** 64n - 1n]) {
    const signature = witness.sign(utf8(`cosignature/v1\ntime ${time}\n${TEXT}`));
    const line = `— ${witness.verifierKey.name} ${toBase64(concatBytes(witness.verifierKey.id, u64(time), signature))}`;
    expect(codeOf(() => checkPolicy(policy, note(byLog, line)))).toBe('NOTE_SIGNATURE_FALSE');
  }
});

test('a cosigner counts once: a second line of it is refused, and under an unknown name it counts for nothing', () => {
  const policy = parsePolicy(`${LOG}${WITNESSES}group g 2 w0 w1 w2\nquorum g\n`);
  const [witness] = witnesses;
  if (!witness) return;
  const [mine = ''] = by(0);
  expect(codeOf(() => note(byLog, mine, mine))).toBe('NOTE_SIGNATURE_TWICE');
  const twice = utf8(`${TEXT}\n${byLog}\n${mine}\n${cosign(TEXT, witness, 1n)}\n`);
  expect(codeOf(() => checkPolicy(policy, twice))).toBe('NOTE_SIGNATURE_TWICE');
  const renamed = mine.replace('witness.test/0', 'witness.test/1');
  expect(codeOf(() => checkPolicy(policy, note(byLog, mine, renamed)))).toBe('QUORUM_SHORT');
});

test('a mandatory P-384 line beside two of three witnesses', () => {
  const policy = parsePolicy(`${LOG}${WITNESSES}witness P ${text(nzism)}\ngroup W 2 w0 w1 w2\ngroup all all P W\nquorum all\n`);
  const p = cosign(TEXT, nzism, 1n);
  expect(names(policy, note(byLog, p, ...by(0, 2)))).toEqual(['w0', 'w2', 'P']);
  expect(codeOf(() => checkPolicy(policy, note(byLog, ...by(0, 1, 2))))).toBe('QUORUM_SHORT');
  expect(codeOf(() => checkPolicy(policy, note(byLog, p, ...by(0))))).toBe('QUORUM_SHORT');
  expect(codeOf(() => checkPolicy(policy, note(byLog, p, ...by(0, 3))))).toBe('QUORUM_SHORT');
});

test('the quorum is met exactly when the count in nested groups says so', () => {
  // Two groups of two witnesses, thresholds a and b, and c of the two groups; against a count by hand for every set of witnesses.
  for (const [a, b, c] of [[1, 1, 1], [1, 1, 2], [2, 1, 1], [2, 1, 2], [2, 2, 1], [2, 2, 2]] as const) {
    const policy = parsePolicy(`${LOG}${WITNESSES}group A ${a} w0 w1\ngroup B ${b} w2 w3\ngroup Q ${c} A B\nquorum Q\n`);
    for (let set = 0; set < 16; set++) {
      const who = [0, 1, 2, 3].filter((i) => (set >> i) & 1);
      const met = Number(who.filter((i) => i < 2).length >= a) + Number(who.filter((i) => i >= 2).length >= b) >= c;
      expect(codeOf(() => checkPolicy(policy, note(byLog, ...by(...who))))).toBe(met ? 'accepted' : 'QUORUM_SHORT');
    }
  }
});

test('every policy that can be read can be met: with all cosignatures it is', () => {
  const all = note(byLog, ...by(0, 1, 2, 3));
  const threshold = fc.constantFrom('all', 'any', '0', '1', '2', '3');
  const order = fc.shuffledSubarray(['w0', 'w1', 'w2', 'w3', 'g0', 'g1'], { minLength: 1, maxLength: 3 });
  let [read, refused] = [0, 0];
  fc.assert(fc.property(fc.array(fc.tuple(threshold, order), { minLength: 1, maxLength: 2 }), (groups) => {
    const lines = groups.map(([k, members], i) => `group g${i} ${k} ${members.join(' ')}\n`);
    let policy: Policy;
    try {
      policy = parsePolicy(`${LOG}${WITNESSES}${lines.join('')}quorum g${groups.length - 1}\n`);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      refused++;
      return;
    }
    read++;
    expect(names(policy, all)).toEqual(['w0', 'w1', 'w2', 'w3']);
  }), { seed: 20231106, numRuns: 300 });
  expect(read).toBeGreaterThan(30);
  expect(refused).toBeGreaterThan(50);
});

test('32 logs, 32 witnesses and 32 groups are read', () => {
  const logs = Array.from({ length: 32 }, (_, i) => `log ${text(testSigner('ed25519', `log.test/${i}`))}\n`);
  const many = Array.from({ length: 32 }, (_, i) => `witness w${i} ${text(testSigner('ed25519-cosigner', `many.test/${i}`))}\n`);
  const groups = Array.from({ length: 32 }, (_, i) => `group g${i} all w${i}${i === 0 ? '' : ` g${i - 1}`}\n`);
  const policy = parsePolicy(`${logs.join('')}${many.join('')}${groups.join('')}quorum g31\n`);
  expect([policy.logs.length, policy.witnesses.size, policy.groups.size]).toEqual([32, 32, 32]);
});
