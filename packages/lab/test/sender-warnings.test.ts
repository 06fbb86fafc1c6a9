import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DISGUISES, syntheticTexts } from '../src/behaviour/synthetic-texts.ts';
import { equalOnWire, recordConversation, recordDisguises, recordErrors } from '../src/behaviour/warning-experiment.ts';
import { warnOf } from '../src/mechanisms/warning-rule.ts';
import type { Circumstances } from '../src/mechanisms/warning-rule.ts';
import type { Conditions } from '../src/proposal.ts';
import { senderWarnings } from '../src/proposals/sender-warnings.ts';
import { SeededRandom } from '../src/random.ts';
import { Recorder } from '../src/record.ts';
import { openWorld, talk } from '../src/world.ts';

const small: Conditions = { size: 2, epochs: 2, messagesPerEpoch: 6, payloadBytes: 100, padding: 'on', seed: 1 };
const PINNED = { seed: 20261122, numRuns: 300 };
const stranger: Circumstances = { stranger: true, messagesBefore: 0 };
const friend: Circumstances = { stranger: false, messagesBefore: 50 };
const value = (record: Recorder, id: string): number | undefined => record.rows.find((r) => r.metric === id)?.value;

test.each<[string, Circumstances, string[]]>([
  ['See you at the station with the lamp', stranger, []],
  ['SYNTHETIC-RISKY lamp', friend, ['phrase']],
  ['syn\u200Bthetic risky', friend, ['phrase']],
  ['Please send me a picture of the lamp', stranger, ['picture-for-stranger']],
  ['Please send me a picture of the lamp', { stranger: true, messagesBefore: 3 }, []],
  ['Please send me a picture of the lamp', friend, []],
  ['[lamp.example](https://other.example/a)', friend, ['link-elsewhere']],
  ['[lamp.example](https://lamp.example/a)', friend, []],
  ['[the lamp](https://other.example/a)', friend, []],
  ['https://other.example/a', friend, []],
])('of "%s" the rule says %j %j', (text, circumstances, warnings) => {
  expect(warnOf(text, circumstances)).toEqual(warnings);
});

test('the marker is found in any case, with anything but letters in between and around', () => {
  const separator = fc.string({ unit: fc.constantFrom(' ', '-', '.', '\u200B', '7'), maxLength: 3 });
  fc.assert(fc.property(fc.array(fc.tuple(fc.boolean(), separator), { minLength: 14, maxLength: 14 }), fc.string(), (shape, tail) => {
    const text = Array.from('syntheticrisky').map((c, i) => (shape[i]?.[0] === true ? c.toUpperCase() : c) + (shape[i]?.[1] ?? '')).join('');
    expect(warnOf(`${text} ${tail}`, friend)).toContain('phrase');
  }), PINNED);
});

test('the rule answers any text, always alike, and keeps nothing from one to the next', () => {
  fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 300 }), fc.boolean(), (text, known) => {
    const first = warnOf(text, known ? friend : stranger);
    warnOf('SYNTHETIC-RISKY [a.example](https://b.example/)', stranger);
    expect(warnOf(text, known ? friend : stranger)).toEqual(first);
  }), PINNED);
});

test('a long text made to be slow is answered at once', () => {
  const start = performance.now();
  for (const text of ['['.repeat(50_000), '[a'.repeat(30_000), 'send '.repeat(30_000), '](https://'.repeat(10_000), `[${'a.'.repeat(100)}](https://x`.repeat(200)]) warnOf(text, stranger);
  expect(performance.now() - start).toBeLessThan(5000);
});

describe.each([small, { ...small, size: 10, padding: 'off' as const }])('in a group of $size with padding $padding', (conditions) => {
  test('nothing is added, nothing is reported, and the wire is the same with the rule and without it', async () => {
    const record = new Recorder();
    await recordConversation(conditions, warnOf, record);
    expect([value(record, 'exposed.by-report'), value(record, 'wire.message-added'), value(record, 'wire.epoch-added'), value(record, 'wire.message-ratio')]).toEqual([0, 0, 0, 1]);
    expect(record.findings[0]).toMatch(/half of them risky, 14 of 14 messages on the wire are equal/);
    const [, sending, receiving, deliveries] = /warned of (\d+) messages, receivers’ devices (\d+) times in (\d+)/.exec(record.findings[0] ?? '')?.map(Number) ?? [];
    expect(sending).toBeGreaterThan(0);
    expect(receiving).toBe((sending ?? 0) * (conditions.size - 1));
    expect(deliveries).toBe(12 * (conditions.size - 1));
  });
});

test('broken on purpose: a client that lets a sign of the warning go with the message is seen on the wire', async () => {
  const with_ = async (sign: boolean): Promise<Awaited<ReturnType<typeof talk>>> => talk(await openWorld(small, 'sign'), {
    enclose: ({ index }) => Promise.resolve(new TextEncoder().encode(index % 2 === 0 ? 'SYNTHETIC-RISKY lamp' : 'harmless lamp here.')),
    accompany: ({ plaintext }) => Promise.resolve(sign && warnOf(Buffer.from(plaintext).toString(), friend).length > 0 ? new Uint8Array([1]) : new Uint8Array()),
  });
  const [quiet, again, signing] = [await with_(false), await with_(false), await with_(true)];
  expect(equalOnWire(quiet, again)).toBe(14);
  expect(equalOnWire(quiet, signing)).toBe(8);
});

test('the same seed gives the same rows and findings', async () => {
  const run = async (): Promise<Recorder> => {
    const record = new Recorder();
    await senderWarnings.run('warn', small, record);
    return record;
  };
  const [one, other] = [await run(), await run()];
  expect(other.rows).toEqual(one.rows);
  expect(other.findings).toEqual(one.findings);
  expect([value(one, 'reach.reported'), value(one, 'trust.parties'), value(one, 'trust.standing-keys')]).toEqual([undefined, 0, 0]);
  for (const row of one.rows.filter((r) => /^(errors|evasion|reach)/.test(r.metric))) expect(row.note).toContain('synthetic');
});

test('errors stand with counts and intervals, and the rule is asked with the text and the circumstances alone', () => {
  const record = new Recorder();
  const asked = new Set<string>();
  recordErrors(1, 5000, (...args) => {
    asked.add(`${args.length} ${Object.keys(args[1]).sort().join()}`);
    return warnOf(...args);
  }, record);
  expect([...asked]).toEqual(['2 messagesBefore,stranger']);
  for (const id of ['errors.false-negative', 'errors.false-positive', 'errors.precision']) expect(record.rows.find((r) => r.metric === id)).toMatchObject({ method: 'sampled', low: expect.any(Number) as number, of: expect.any(Number) as number });
  expect(value(record, 'errors.false-negative')).toBeGreaterThan(0.2);
  // @ts-expect-error -- the circumstances hold no label: a rule that asks for one does not compile
  expect(syntheticTexts(SeededRandom.of(1, 'x'), 1).messages[0]?.circumstances.risky).toBeUndefined();
});

test('broken on purpose: a rule that knows which texts are risky makes no error, and one that warns of all misses none', () => {
  const { messages, risky } = syntheticTexts(SeededRandom.of(4, 'sender-warnings texts'), 5000);
  const truth = new Map(messages.map((m, i) => [m.circumstances, risky[i] === true]));
  const places = messages.map((m) => truth.get(m.circumstances) === true);
  let at = 0;
  const [cheating, all] = [new Recorder(), new Recorder()];
  recordErrors(4, 5000, () => (places[at++] === true ? ['phrase'] : []), cheating);
  recordErrors(4, 5000, () => ['phrase'], all);
  expect([value(cheating, 'errors.precision'), value(cheating, 'errors.false-negative'), value(cheating, 'errors.false-positive')]).toEqual([1, 0, 0]);
  expect([value(all, 'errors.false-negative'), value(all, 'errors.false-positive')]).toEqual([0, 1_000_000]);
  expect(value(all, 'errors.precision')).toBeCloseTo(0.01, 1);
});

test('disguises: capital and wide letters do not pass, look-alike letters and other words do', () => {
  const record = new Recorder();
  recordDisguises(1, 100, warnOf, record);
  expect(Object.keys(DISGUISES).length).toBe(8);
  for (const part of ['capital letters 0', 'wide letters 0', 'look-alike letters 100', 'other words 100']) expect(record.findings[0]).toContain(part);
  expect(record.rows.find((r) => r.metric === 'evasion.share')).toMatchObject({ of: 800, method: 'sampled' });
  expect(value(record, 'evasion.trials')).toBeGreaterThanOrEqual(1);
});

test('broken on purpose: a rule that looks at nothing but circumstances is passed by no disguise', () => {
  const record = new Recorder();
  recordDisguises(1, 50, (_, c) => (c.stranger ? ['picture-for-stranger'] : []), record);
  expect(value(record, 'evasion.share')).toBe(0);
  expect(value(record, 'evasion.trials')).toBeUndefined();
});
