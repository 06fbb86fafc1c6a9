/**
 * Source tracking: the claims, and each broken once on purpose.
 * @module
 */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { forward, HEAD_BYTES, inspect, issueToken, receive, sendNew, sourceHooks, sourceIn, stampOf, STAMP_BYTES, TOKEN_LIFETIME } from '../src/mechanisms/source-token.ts';
import type { SourceReport } from '../src/mechanisms/source-token.ts';
import { sourceTracking } from '../src/proposals/source-tracking.ts';
import type { Conditions } from '../src/proposal.ts';
import { SeededRandom } from '../src/random.ts';
import { Recorder } from '../src/record.ts';
import { fetchTokens, guessSources, namelessHooks, reportDownTree, trackingService, tryFramings } from '../src/reporting/source-attacks.ts';
import type { TrackingService } from '../src/reporting/source-attacks.ts';
import { openWorld, talk } from '../src/world.ts';

const CONDITIONS: Conditions = { size: 2, epochs: 4, messagesPerEpoch: 5, payloadBytes: 100, padding: 'on', seed: 1 };
const TEXT = new TextEncoder().encode('synthetic text');

async function run(conditions: Conditions): Promise<Recorder> {
  const record = new Recorder();
  await sourceTracking.run('hecate', conditions, record);
  return record;
}

const firstRun = run(CONDITIONS);

async function written(service: TrackingService, source: string, random: SeededRandom, text = TEXT): Promise<SourceReport> {
  const made = sendNew(await issueToken(service.moderator, source, 0, random), text, random);
  const got = receive(made.enclosed, stampOf(service.platform, made.commitment, 1), service.keys);
  if ('refused' in got) throw new RangeError(got.refused);
  return got;
}

/** The same text passed on by so many people; what the last of them holds. */
function passedOn(service: TrackingService, from: SourceReport, hops: number, random: SeededRandom): SourceReport {
  let held = from;
  for (let hop = 0; hop < hops; hop += 1) {
    const sent = forward(held, random);
    const got = receive(sent.enclosed, stampOf(service.platform, sent.commitment, 50 + hop), service.keys);
    if ('refused' in got) throw new RangeError(got.refused);
    held = got;
  }
  return held;
}

describe('the claims', () => {
  test.each([2, 10])('at N = %i no innocent person is named unless somebody copied, no forged report passes, and the moderator’s keys confirm no text', async (size) => {
    const record = await (size === 2 ? firstRun : run({ ...CONDITIONS, size }));
    expect(Object.fromEntries(record.rows.map((row) => [row.metric, row.value]))).toMatchObject({ 'errors.forged-accepted': 0, 'exposed.by-standing-key': 0, 'evasion.share': 1 });
    expect(record.findings.join(' ')).toContain('of five kinds, receivers accepted 0.');
    expect(record.findings.join(' ')).toContain('If 0 % of people copy (synthetic trees): 0 of 100');
    const [people, wrong] = ['exposed.people', 'errors.wrongly-named'].map((id) => record.rows.find((row) => row.metric === id));
    expect([people?.value, people?.low, people?.high]).toEqual([wrong?.value, wrong?.low, wrong?.high]);
    expect(people?.value).toBeGreaterThan(0);
    expect(people?.note).toContain('10 % of people copy: where nobody copies, 0;');
  }, 120_000);

  test('the same seed gives the same rows and findings twice', async () => {
    const [a, b] = [await firstRun, await run(CONDITIONS)];
    expect(a.rows).toEqual(b.rows);
    expect(a.findings).toEqual(b.findings);
  }, 120_000);

  test('a report says nothing of the way that a text took: over any number of people its bytes are the same', async () => {
    const random = SeededRandom.of(2, 'ways');
    const service = await trackingService(random);
    const first = await written(service, 'synthetic-writer', random);
    fc.assert(fc.property(fc.integer({ min: 0, max: 4 }), (hops) => {
      const held = passedOn(service, first, hops, random);
      return Buffer.from(held.enclosed).equals(first.enclosed) && Buffer.from(held.stamp).equals(first.stamp);
    }), { seed: 5101, numRuns: 10 });
    expect(await inspect(service.moderator, passedOn(service, first, 3, random), service.keys)).toEqual({ source: 'synthetic-writer' });
  });

  test('new and forwarded messages have the same length, and names of any length too', async () => {
    const random = SeededRandom.of(3, 'lengths');
    const service = await trackingService(random);
    const lengths = await Promise.all(['a', 'synthetic-writer'].map(async (name) => (await written(service, name, random)).enclosed.length));
    const sent = forward(await written(service, 'a', random), random);
    expect(new Set([...lengths, sent.enclosed.length])).toEqual(new Set([HEAD_BYTES + TEXT.length]));
  });

  test('a report with any one bit changed names nobody', async () => {
    const random = SeededRandom.of(4, 'bits');
    const service = await trackingService(random);
    const report = await written(service, 'synthetic-writer', random);
    await fc.assert(fc.asyncProperty(fc.constantFrom('enclosed', 'stamp'), fc.nat(), fc.integer({ min: 0, max: 7 }), async (field, at, bit) => {
      const bytes = new Uint8Array(report[field]);
      bytes[at % bytes.length] = (bytes[at % bytes.length] ?? 0) ^ (1 << bit);
      return 'refused' in (await inspect(service.moderator, { ...report, [field]: bytes }, service.keys));
    }), { seed: 5102, numRuns: 200 });
  });

  test('a token is refused before its time and after its life', async () => {
    const random = SeededRandom.of(5, 'age');
    const service = await trackingService(random);
    const made = sendNew(await issueToken(service.moderator, 'synthetic-writer', 5, random), TEXT, random);
    const at = (time: number): ReturnType<typeof receive> => receive(made.enclosed, stampOf(service.platform, made.commitment, time), service.keys);
    expect([4, 5, 5 + TOKEN_LIFETIME, 6 + TOKEN_LIFETIME].map((time) => 'refused' in at(time))).toEqual([true, false, false, true]);
  });

  test('an account that has fetched no more tokens cannot write', async () => {
    const random = SeededRandom.of(6, 'pool');
    const tokens = await fetchTokens(await trackingService(random), ['a'], 1, random);
    tokens('a');
    expect(() => tokens('a')).toThrow(RangeError);
  });

  test('who copies a text is named for it', async () => {
    const random = SeededRandom.of(7, 'copy');
    const service = await trackingService(random);
    const holders = ['w', 'f', 'c', 'g', 'r'].map((name, i) => ({ name, from: i - 1, copies: name === 'c' }));
    expect((await reportDownTree(service, { holders, reporter: 4 }, TEXT, random)).named).toBe('c');
    expect((await reportDownTree(service, { holders, reporter: 2 }, TEXT, random)).named).toBe('w');
  });
});

describe('broken on purpose', () => {
  test('a moderator that opens accounts without checking takes forged reports, and the measurement counts them', async () => {
    const random = SeededRandom.of(8, 'careless');
    const service = await trackingService(random);
    const victims = [await written(service, 'synthetic-victim', random), await written(service, 'synthetic-victim', random)];
    const own = [await issueToken(service.moderator, 'synthetic-forger', 0, random)];
    const careless = async (report: SourceReport): Promise<boolean> => (await sourceIn(report.enclosed, service.moderator.sealing.privateKey)) === 'synthetic-victim';
    const tries = await tryFramings(service, victims, own, random, careless);
    expect(tries.filter((t) => t.accepted === t.tried).map((t) => t.kind)).toHaveLength(tries.length);
    const careful = await tryFramings(service, victims, own, random, async (report) => 'source' in (await inspect(service.moderator, report, service.keys)));
    expect(careful.reduce((sum, t) => sum + t.accepted, 0)).toBe(0);
  });

  test('accounts sealed the same way every time give the writer away', async () => {
    const random = SeededRandom.of(9, 'same seal');
    const service = await trackingService(random);
    const names = ['a', 'b', 'c', 'd'];
    const sameSeal = async (source: string): Promise<SourceReport> => written(service, source, SeededRandom.of(1, source));
    const known = new Map<string, SourceReport[]>();
    for (const name of names) known.set(name, [await sameSeal(name)]);
    const unknown = await Promise.all(names.map(async (source) => ({ source, report: await sameSeal(source) })));
    expect(await guessSources(known, unknown, [])).toBe(names.length);
    expect(await guessSources(known, unknown.map((u, i) => ({ ...u, source: names[(i + 1) % 4] ?? '' })), [])).toBe(0);
  });

  test('with the moderator’s opening key every writer is named', async () => {
    const random = SeededRandom.of(10, 'stolen');
    const service = await trackingService(random);
    const unknown = [{ source: 'a', report: await written(service, 'a', random) }, { source: 'b', report: await written(service, 'b', random) }];
    expect(await guessSources(new Map(), unknown, [service.moderator.sealing.privateKey])).toBe(2);
    expect(await guessSources(new Map(), unknown, [service.platform.secret, service.moderator.signing.secret])).toBe(0);
  });

  test('receivers that check nothing accept messages that name nobody; receivers that check accept none', async () => {
    const accepted = async (checked: boolean): Promise<number> => {
      const world = await openWorld({ ...CONDITIONS, size: 3, epochs: 1 }, `careless ${checked}`);
      const random = world.random.fork('nameless');
      const service = await trackingService(random);
      const hooks = namelessHooks(service, await fetchTokens(service, world.live.map((m) => m.name), 5, random), random);
      const transcript = await talk(world, checked ? hooks : { ...hooks, check: () => Promise.resolve(undefined) });
      return [...transcript.sent.keys()].filter((index) => (transcript.refused.get(index)?.length ?? 0) < 2).length;
    };
    expect(await accepted(true)).toBe(0);
    expect(await accepted(false)).toBe(5);
  }, 30_000);

  test('a stamp of the service that is not checked would let a text be dated at will; the receiver refuses it', async () => {
    const random = SeededRandom.of(11, 'stamp');
    const service = await trackingService(random);
    const hooks = sourceHooks(service.platform, service.keys, await fetchTokens(service, ['a'], 1, random), random);
    const made = sendNew(await issueToken(service.moderator, 'a', 0, random), TEXT, random);
    expect(await hooks.stamp({ index: 1, epoch: 1, sender: 'a', receiver: 'b', authenticatedData: made.commitment })).toHaveLength(STAMP_BYTES);
    expect(receive(made.enclosed, random.bytes(STAMP_BYTES), service.keys)).toEqual({ refused: 'the platform did not stamp it' });
  });
});
