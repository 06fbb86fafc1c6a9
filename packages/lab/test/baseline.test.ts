import { beforeAll, describe, expect, test } from 'vitest';
import { ciphersuites, encodeMlsMessage, generateKeyPackageWithKey } from '../src/mls/library.ts';
import type { CiphersuiteName } from '../src/mls/library.ts';
import { plainSuite } from '../src/mls/suite.ts';
import type { Conditions } from '../src/proposal.ts';
import { baseline } from '../src/proposals/baseline.ts';
import { Recorder } from '../src/record.ts';
import { openWorld } from '../src/world.ts';

const conditions = (size: number, padding: 'on' | 'off' = 'on'): Conditions => ({ size, epochs: 5, messagesPerEpoch: 20, payloadBytes: 100, padding, seed: 1 });

async function run(size: number, padding: 'on' | 'off' = 'on'): Promise<Recorder> {
  const record = new Recorder();
  await baseline.run('mls', conditions(size, padding), record);
  return record;
}
const value = (record: Recorder, id: string): number | undefined => record.rows.find((row) => row.metric === id)?.value;

describe.each([2, 10])('with %i people', (size) => {
  let record: Recorder;
  beforeAll(async () => { record = await run(size); });

  test('the service alone reads nothing, and nobody else holds a secret that stays', () => {
    expect(['reach.past', 'reach.future', 'exposed.others-by-access', 'exposed.by-standing-key', 'trust.parties', 'trust.standing-keys'].map((id) => value(record, id))).toEqual([0, 0, 0, 0, 0, 0]);
    expect(value(record, 'coalition.least')).toBeUndefined();
  });

  test('a stolen state opens nothing of the past, and of the future what comes before the member’s own renewal', () => {
    expect([value(record, 'secrecy.past-epochs'), value(record, 'secrecy.past-messages')]).toEqual([0, 0]);
    // Of two members the second renews its keys in the second and the fourth epoch, of ten in the second and the twelfth.
    expect([value(record, 'secrecy.future-epochs'), value(record, 'secrecy.future-messages')]).toEqual(size === 2 ? [1, 20 / 60] : [3, 1]);
  });

  test('one epoch’s secrets open that epoch only; a thief who was removed, or holds a signature key alone, opens nothing', () => {
    const found = record.findings.join('\n');
    expect(found).toContain('The secrets of one epoch open 20 of its 20 messages and 0 of the 80 of other epochs.');
    expect(found).toContain(`reads ${size} of ${size} messages before the group removes the device and 0 of ${size - 1} after it`);
    expect(found).toContain('in a new group, to which somebody invites the name, it is accepted and reads; adding it beside the member in the same group is refused');
    expect(found).toContain(`the member’s place (${size - 1} of ${size - 1} clients accept)`);
    expect(found).toContain(`0 of ${size - 1} clients open it`);
  });

  test('has the sizes on the wire of the first measurements: 329 bytes for 16 or 100, 1,141 for 1,000, 10,141 for 10,000', () => {
    expect(record.findings.join('\n')).toContain('329 for 16, 329 for 100, 1141 for 1000, 10141 for 10000');
    expect([value(record, 'wire.message'), value(record, 'wire.key-package'), value(record, 'wire.commit')]).toEqual([329, 324, size === 2 ? 526 : 1287]);
  });

  test('each attacker has what it did itself: the service, a signature key’s thief and one epoch’s secrets open nothing that they should not', () => {
    expect(record.attacks).toEqual([
      { attacker: 'the service', count: 0, of: 100, what: 'messages opened' },
      { attacker: 'thief of a signature key', count: 0, of: 100, what: 'messages opened' },
      { attacker: 'holder of one epoch’s secrets', count: 0, of: 80, what: 'messages of other epochs opened' },
      { attacker: 'the same thief, passing for the member', count: 2, of: 3, what: 'ways in were open' },
    ]);
  });

  test('times all five acts, each with an interval around its median', () => {
    expect(record.times.map((t) => t.metric)).toEqual(['time.send', 'time.receive', 'time.join', 'time.update', 'time.process-update']);
    for (const t of record.times) expect((t.low ?? NaN) <= t.p50 && t.p50 <= (t.high ?? NaN)).toBe(true);
  });
});

test('the same seed gives the same rows and findings twice', async () => {
  const [one, two] = [await run(2), await run(2)];
  expect([one.rows, one.findings]).toEqual([two.rows, two.findings]);
});

test('without padding a message is its text and 140 or 141 bytes', async () => {
  const record = await run(2, 'off');
  expect(record.findings.join('\n')).toContain('156 for 16, 241 for 100, 1141 for 1000, 10141 for 10000');
});

test.each([[14, 0, 324], [8, 0, 318], [8, 6, 330], [14, 5, 334]])('a key package of a name of %i bytes with %i GREASE values has %i bytes', async (name, grease, bytes) => {
  const suite = await plainSuite();
  const capabilities = { versions: ['mls10' as const], ciphersuites: Object.keys(ciphersuites) as CiphersuiteName[], extensions: [], proposals: [0x0a0a, 0x1a1a, 0x2a2a, 0x3a3a, 0x4a4a, 0x5a5a].slice(0, grease), credentials: ['basic' as const, 'x509' as const] };
  const { publicPackage } = await generateKeyPackageWithKey({ credentialType: 'basic', identity: new Uint8Array(name) }, capabilities, { notBefore: 0n, notAfter: 1n }, [], await suite.signature.keygen(), suite);
  expect(encodeMlsMessage({ version: 'mls10', wireformat: 'mls_key_package', keyPackage: publicPackage }).length).toBe(bytes);
});

test.each([[2, 498, 783, 526], [10, 3082, 3479, 1287], [100, 32_156, 33_817, 8772]])('with %i people, adding all costs a commit of %i bytes and a welcome of %i, and the first renewal then %i', async (size, addAll, welcome, update) => {
  const world = await openWorld(conditions(size), 'baseline test sizes');
  expect([world.sizes.addAll, world.sizes.welcome, (await world.live[0]?.update())?.length]).toEqual([addAll, welcome, update]);
});
