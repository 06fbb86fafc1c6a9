/**
 * Reports with message franking: the claims, and each broken once on purpose.
 * @module
 */
import { createCipheriv } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { committing, describe as describeAttachment, gcm, openDescribed } from '../src/mechanisms/franking-attachment.ts';
import type { AttachmentScheme } from '../src/mechanisms/franking-attachment.ts';
import { commitTo, encloseKey, frankingHooks, judge, refuseUnopened, tagOf } from '../src/mechanisms/franking.ts';
import type { FrankedReport } from '../src/mechanisms/franking.ts';
import { hmacSha256 } from '../src/hmac-sha256.ts';
import { userReports } from '../src/proposals/user-reports.ts';
import type { Conditions } from '../src/proposal.ts';
import { SeededRandom } from '../src/random.ts';
import { Recorder } from '../src/record.ts';
import { acceptedMessages, confirmByDictionary, evadingHooks, frankedTalk, platformGuesses, tryForgeries } from '../src/reporting/franking-attacks.ts';
import { evaded, sendSalamanders } from '../src/reporting/attachment-experiment.ts';
import { buildSalamander, gcmTag, invert, multiply, showFile, textFile } from '../src/reporting/salamander.ts';
import { ASSUMED, countReports, reportableMessages } from '../src/reporting/synthetic-reports.ts';
import { openWorld } from '../src/world.ts';

const CONDITIONS: Conditions = { size: 2, epochs: 4, messagesPerEpoch: 5, payloadBytes: 100, padding: 'on', seed: 1 };

async function rowsOf(variant: string, conditions: Conditions): Promise<Recorder> {
  const record = new Recorder();
  await userReports.run(variant, conditions, record);
  return record;
}

const firstRun = rowsOf('franking', CONDITIONS);

function valuesOf(record: Recorder): Record<string, number> {
  return Object.fromEntries(record.rows.map((row) => [row.metric, row.value]));
}

function someReport(seed = 1): { tagKey: Uint8Array; report: FrankedReport } {
  const random = SeededRandom.of(seed, 'report');
  const [tagKey, key, text] = [random.bytes(32), random.bytes(32), random.bytes(40)];
  const [commitment, context] = [commitTo(key, text), { sender: 'synthetic-a', recipient: 'synthetic-b', time: 7 }];
  return { tagKey, report: { key, text, commitment, context, tag: tagOf(tagKey, commitment, context) } };
}

describe('franking', () => {
  test.each([2, 10])('at N = %i no forged report passes, one report shows one message, the platform confirms nothing, and no message that cannot be reported is accepted', async (size) => {
    expect(valuesOf(await (size === 2 ? firstRun : rowsOf('franking', { ...CONDITIONS, size })))).toMatchObject({
      'errors.forged-accepted': 0, 'exposed.by-report': 1, 'exposed.by-standing-key': 0, 'evasion.share': 0, 'secrecy.past-messages': 0, 'secrecy.future-messages': 0, 'wire.message-added': 72,
    });
  }, 90_000);

  test('the same seed gives the same rows and findings twice', async () => {
    const [a, b] = [await firstRun, await rowsOf('franking', CONDITIONS)];
    expect(a.rows).toEqual(b.rows);
    expect(a.findings).toEqual(b.findings);
  }, 90_000);

  test('a genuine report is taken; with any one bit of it changed it is refused', () => {
    const { tagKey, report } = someReport();
    expect(judge(tagKey, report)).toBe('genuine');
    fc.assert(fc.property(fc.constantFrom('key', 'text', 'commitment', 'tag'), fc.nat(), fc.integer({ min: 0, max: 7 }), (field, at, bit) => {
      const bytes = new Uint8Array(report[field]);
      const place = at % bytes.length;
      bytes[place] = (bytes[place] ?? 0) ^ (1 << bit);
      return judge(tagKey, { ...report, [field]: bytes }) !== 'genuine';
    }), { seed: 5001 });
  });

  test('no two contexts share a tag: names cannot be moved across their boundary', () => {
    const { tagKey, report: { commitment } } = someReport();
    const split = (names: string, at: number): { sender: string; recipient: string; time: number } => ({ sender: names.slice(0, at), recipient: names.slice(at), time: 7 });
    fc.assert(fc.property(fc.stringMatching(/^[a-z]{8}$/), fc.nat({ max: 8 }), fc.nat({ max: 8 }), (names, a, b) => (
      Buffer.from(tagOf(tagKey, commitment, split(names, a))).equals(tagOf(tagKey, commitment, split(names, b))) === (a === b)
    )), { seed: 5002 });
  });

  test('a key of another length is refused, though HMAC would not tell it from the key filled up with zeros', () => {
    const { tagKey, report } = someReport();
    const longer = Buffer.concat([report.key, Buffer.alloc(1)]);
    expect(Buffer.from(commitTo(longer, report.text)).equals(report.commitment)).toBe(true);
    expect(judge(tagKey, { ...report, key: longer })).toBe('commitment');
  });

  test('our HMAC is the one of RFC 4231, test case 2', () => {
    expect(hmacSha256(Buffer.from('Jefe'), 'what do ya want ', 'for nothing?').toString('hex')).toBe('5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843');
  });
});

describe('broken on purpose', () => {
  test('a desk that does not check the tag takes forged reports, and the measurement counts them', () => {
    const { tagKey } = someReport();
    const genuine = [someReport(1).report, someReport(2).report];
    const careless = (report: FrankedReport): boolean => judge(tagOf(tagKey, report.commitment, report.context), { ...report, tag: new Uint8Array(32) }) !== 'commitment';
    const accepted = tryForgeries(genuine, SeededRandom.of(1, 'forger'), careless).filter((t) => t.accepted > 0).map((t) => t.kind);
    expect(accepted).toEqual(expect.arrayContaining(['never sent, tag guessed', 'another sender', 'another time', 'altered text, its own commitment']));
  });

  test('a desk that does not check the commitment takes altered texts', () => {
    const { tagKey, report } = someReport();
    const careless = (r: FrankedReport): boolean => Buffer.from(tagOf(tagKey, r.commitment, r.context)).equals(r.tag);
    const accepted = tryForgeries([report], SeededRandom.of(1, 'forger'), careless).filter((t) => t.accepted > 0).map((t) => t.kind);
    expect(accepted).toEqual(['altered text', 'altered text, another key', 'key and text shifted by a byte', 'tag and time of another message', 'commitment of another message']);
  });

  test('receivers that do not check the commitment accept every message that no report opens', async () => {
    const world = await openWorld({ ...CONDITIONS, size: 3, epochs: 1 }, 'careless receivers');
    const talked = await frankedTalk(world, { ...evadingHooks(new Uint8Array(32), world.random.fork('evading')), check: () => Promise.resolve(undefined) });
    expect(acceptedMessages(talked, 2)).toBe(5);
  }, 30_000);

  test('the platform confirms texts when the commitment has no key, or a key that it holds', () => {
    const [text, tagKey] = [Buffer.from('synthetic text'), new Uint8Array(32).fill(3)];
    const carried = (commitment: Uint8Array): Map<number, { commitment: Uint8Array; tag: Uint8Array }> => new Map([[0, { commitment, tag: new Uint8Array(32) }]]);
    const confirmed = (commitment: Uint8Array): number => confirmByDictionary(carried(commitment), () => [Buffer.from('other'), text], platformGuesses(tagKey)).size;
    expect(confirmed(commitTo(new Uint8Array(), text))).toBe(1);
    expect(confirmed(commitTo(tagKey, text))).toBe(1);
    expect(confirmed(commitTo(new Uint8Array(32).fill(9), text))).toBe(0);
  });

  test('a client that ignores the commitment to the key lets the salamander through', async () => {
    const world = await openWorld(CONDITIONS, 'careless client');
    const careless: AttachmentScheme = { ...committing, open: (key, nonce, sealed) => gcm.open(committing.cipherKey(key), nonce, sealed.subarray(32)) };
    expect(evaded(await sendSalamanders(world, careless, true, 3), 'deskFirst')).toBe(3);
  }, 30_000);
});

describe('attachments', () => {
  test.each([2, 10])('at N = %i every salamander evades under AES-GCM and none when the key is committed to', async (size) => {
    expect(valuesOf(await rowsOf('attachment-gcm', { ...CONDITIONS, size }))['evasion.share']).toBe(1);
    expect(valuesOf(await rowsOf('attachment-committing', { ...CONDITIONS, size }))['evasion.share']).toBe(0);
  }, 90_000);

  test('a desk that opens every message’s attachment with its own key misses none', async () => {
    const outcomes = await sendSalamanders(await openWorld(CONDITIONS, 'each'), gcm, false, 3);
    expect(evaded(outcomes, 'deskFirst')).toBe(3);
    expect(evaded(outcomes, 'deskEach')).toBe(0);
  }, 30_000);

  test('one ciphertext opens to two texts under the runtime’s own AES-GCM', () => {
    const made = buildSalamander(SeededRandom.of(3, 'salamander'), 'synthetic one', 'synthetic two', (key) => key);
    const shown = [made.firstKey, made.secondKey].map((key) => showFile(gcm.open(key, made.nonce, made.sealed) ?? new Uint8Array()));
    expect(shown).toEqual(['synthetic one', 'synthetic two']);
  });

  test('GHASH by algebra gives the tag of AES-256-GCM', () => {
    fc.assert(fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), fc.uint8Array({ minLength: 12, maxLength: 12 }), fc.integer({ min: 1, max: 5 }), (key, nonce, blocks) => {
      const cipher = createCipheriv('aes-256-gcm', key, nonce);
      const ciphertext = Buffer.concat([cipher.update(Buffer.alloc(16 * blocks, 5)), cipher.final()]);
      return cipher.getAuthTag().equals(gcmTag(ciphertext, key, nonce));
    }), { seed: 5003, numRuns: 40 });
  });

  test('a · a⁻¹ = 1, a · b = b · a and a · (b + c) = a · b + a · c in GF(2¹²⁸)', () => {
    const element = fc.bigInt({ min: 1n, max: (1n << 128n) - 1n });
    fc.assert(fc.property(element, element, element, (a, b, c) => multiply(a, invert(a)) === 1n << 127n && multiply(a, b) === multiply(b, a) && multiply(a, b ^ c) === (multiply(a, b) ^ multiply(a, c))), { seed: 5004, numRuns: 40 });
  });

  test.each([['gcm', gcm], ['committing', committing]] as const)('%s opens what it sealed, and nothing under another key', (_name, scheme) => {
    const [key, other, nonce] = [new Uint8Array(32).fill(1), new Uint8Array(32).fill(2), new Uint8Array(12)];
    const sealed = scheme.seal(key, nonce, textFile('synthetic'));
    const store = new Map([[Buffer.from(describeAttachment(key, nonce, sealed).subarray(44)).toString('hex'), sealed]]);
    expect(showFile(openDescribed(scheme, describeAttachment(key, nonce, sealed), store) ?? new Uint8Array())).toBe('synthetic');
    expect(openDescribed(scheme, describeAttachment(other, nonce, sealed), store)).toBeUndefined();
    expect(openDescribed(scheme, describeAttachment(key, nonce, new Uint8Array(9)), store)).toBeUndefined();
  });
});

describe('synthetic people', () => {
  test('more willing recipients never bring fewer abusive messages to the desk, and nobody abusive is invented', () => {
    const messages = reportableMessages(SeededRandom.of(1, 'people'));
    fc.assert(fc.property(fc.double({ min: 0, max: 1, noNaN: true }), fc.double({ min: 0, max: 1, noNaN: true }), (a, b) => {
      const [less, more] = [Math.min(a, b), Math.max(a, b)].map((willing) => countReports(messages, { ...ASSUMED, willing }));
      return less !== undefined && more !== undefined && less.reached <= more.reached && more.reached <= more.abusive;
    }), { seed: 5005, numRuns: 10 });
    expect(countReports(messages, { willing: 1, welcome: 0, mistaken: 0 })).toMatchObject({ reached: messages.filter((m) => m.abusive).length });
  });

  test('an honest message goes through sender, platform and receiver as it was written', async () => {
    const hooks = frankingHooks(new Uint8Array(32), SeededRandom.of(1, 'hooks'));
    expect(refuseUnopened(encloseKey(new Uint8Array(32), Buffer.from('x')), commitTo(new Uint8Array(32), Buffer.from('x')))).toBeUndefined();
    expect(await hooks.stamp({ index: 3, epoch: 1, sender: 'a', receiver: 'b', authenticatedData: new Uint8Array(32) })).toHaveLength(40);
  });
});
