import { beforeAll, describe, expect, test } from 'vitest';
import { countOpened, measureAccess } from '../src/access.ts';
import { arrangeGhost, couldJoin, ghostOf, letIn } from '../src/mechanisms/ghost-arrangement.ts';
import { addAnnounced, announcedDevices, makeGhost, readAsMember, shownDevices } from '../src/mechanisms/ghost-participant.ts';
import type { Conditions } from '../src/proposal.ts';
import { ghostParticipant } from '../src/proposals/ghost-participant.ts';
import { Recorder } from '../src/record.ts';
import { openWorld, talk } from '../src/world.ts';

const conditions = (size: number, messagesPerEpoch = 20): Conditions => ({ size, epochs: 5, messagesPerEpoch, payloadBytes: 100, padding: 'on', seed: 1 });

async function run(variant: string, size: number, messages = 20): Promise<Recorder> {
  const record = new Recorder();
  await ghostParticipant.run(variant, conditions(size, messages), record);
  return record;
}
const value = (record: Recorder, id: string): number | undefined => record.rows.find((row) => row.metric === id)?.value;

describe.each([[2, 40 / 70], [10, 56 / 94]])('with %i people', (size, exposed) => {
  let [honest, patched] = [new Recorder(), new Recorder()];
  beforeAll(async () => { [honest, patched] = [await run('honest-client', size), await run('patched-client', size)]; });

  test('the ghost reads nothing from before it joined and everything from then on, whoever wrote it', () => {
    for (const record of [honest, patched]) expect(['reach.past', 'reach.future', 'exposed.others-by-access'].map((id) => value(record, id))).toEqual([0, 1, exposed]);
    // Of two epochs outside the order's period, the first was before it came.
    for (const record of [honest, patched]) expect([value(record, 'exposed.people-read'), value(record, 'exposed.other-epochs')]).toEqual([size - 1, 0.5]);
    expect(honest.attacks).toContainEqual({ attacker: 'service alone', count: 0, of: 100, what: 'messages opened' });
    expect(honest.attacks).toContainEqual({ attacker: 'thief of the authority’s device', count: 60, of: 60, what: 'messages opened that were sent after the device came in' });
  });

  test('the time of adding it is no update', () => {
    expect(honest.times.map((t) => t.metric)).toEqual(['reach.delay', 'time.send', 'time.receive', 'time.add-device', 'time.process-add', 'time.join']);
  });

  test('all honest clients show it, and no patched one', () => {
    expect([value(honest, 'noticed.clients'), value(patched, 'noticed.clients')]).toEqual([1, 0]);
    expect(patched.findings.join('\n')).toContain(`0 unpatched: 0 of ${size} notice; 1 unpatched: 1 of ${size} notice`);
  });

  test('each way of noticing is counted apart: roster, notice of the commit, epoch authenticator, list of the directory', () => {
    const found = honest.findings.join('\n');
    expect(found).toContain(`By the roster, ${size} of ${size} clients show two devices under the target’s name. By the notice of the commit, ${size - 1} of the ${size - 1}`);
    expect(found).toContain(`1 value among the ${size} members and the ghost`);
    expect(found).toContain(`its owner alone could tell that one key is not theirs: 1 of ${size} people`);
  });

  test('without an order, service and directory together can do it, and neither alone', () => {
    for (const record of [honest, patched]) {
      expect(record.rows.find((row) => row.metric === 'coalition.least')).toMatchObject({ value: 2, note: 'for example: service, directory' });
      expect([value(record, 'exposed.below-coalition'), value(record, 'exposed.by-standing-key')]).toEqual([0, 0]);
    }
  });

  test('an observer sees the addition, and cannot tell it from a second phone', () => {
    expect(value(honest, 'noticed.monitor')).toBe(1);
    expect(honest.findings.join('\n')).toContain('the two cannot be told apart by size');
    if (size === 10) expect(honest.findings.join('\n')).toContain('one more of 498 bytes, a size that no ordinary commit has, and a welcome of 2754');
  });

  test('its coming costs one commit and one welcome, once, and no byte on any message', () => {
    expect(['wire.once', 'wire.message-added', 'wire.epoch-added'].map((id) => value(honest, id))).toEqual([size === 2 ? 1570 : 498 + 3032, 0, 0]);
  });

  test('after its removal it reads nothing; clients that refuse it stay without it; a directory that refuses keeps it out', () => {
    const found = honest.findings.join('\n');
    expect(found).toContain(`it reads 0 of ${size} messages, against ${size} of ${size} before`);
    expect(found).toContain(`stay in the old epoch: ${size - 1} of ${size - 1}, and 1 goes on with the ghost`);
    expect(found).toContain(`the ghost read 0 of ${size - 1}`);
    expect(found).toContain(`A device that the directory does not know is accepted by 0 of ${size} and reads 0.`);
  });

  test('a target who refuses the device still reaches the others, and hears nothing from them', () => {
    expect(value(honest, 'evasion.share')).toBe(1);
    expect(honest.findings.join('\n')).toMatch(/messages that another member wrote afterwards it opened 0\./);
  });
});

test('the same seed gives the same rows and findings twice', async () => {
  const [one, two] = [await run('patched-client', 2, 4), await run('patched-client', 2, 4)];
  expect([one.rows, one.findings]).toEqual([two.rows, two.findings]);
});

describe('broken on purpose', () => {
  test('a patch that hides the wrong device leaves the ghost in sight', async () => {
    const world = await openWorld(conditions(2), 'ghost test patch');
    const { ghost, seen } = await letIn(world, await ghostOf(world));
    const key = Buffer.from(ghost.signatureKeys.publicKey).toString('hex');
    const other = Buffer.from(world.live[0]?.signatureKeys.publicKey ?? []).toString('hex');
    for (const { before, after } of seen) {
      expect(announcedDevices(before, after, new Set([key]))).toEqual([]);
      expect(announcedDevices(before, after, new Set([other])).map((d) => d.signatureKey)).toEqual([key]);
      expect(shownDevices(after, new Set([key])).length).toBe(2);
    }
  });

  test('a ghost handed a member’s state from before it joined reads the past, and the measurement shows it', async () => {
    const record = new Recorder();
    await measureAccess('ghost test earlier state', conditions(3, 6), record, async (world) => {
      const insider = await world.live[2]?.fork('insider');
      if (insider === undefined) throw new RangeError('a member expected');
      // The third member renews its keys in the third epoch; until then its earlier state reads along.
      return { ...arrangeGhost(world, false), access: (_order, view) => readAsMember(insider, view.wire) };
    });
    expect(['reach.past', 'reach.future'].map((id) => value(record, id))).toEqual([1, 0]);
  });

  test('a directory that vouches for nothing keeps service and directory out; one that vouches lets them in', async () => {
    expect([await couldJoin(conditions(3), new Set(['service'])), await couldJoin(conditions(3), new Set(['directory', 'agency'])), await couldJoin(conditions(3), new Set(['client-maker', 'agency'])), await couldJoin(conditions(3), new Set(['service', 'directory'])), await couldJoin(conditions(3), new Set(['service', 'client-maker']))]).toEqual([false, false, false, true, true]);
  });

  test('a client does not add what is announced under a name that nobody has', async () => {
    const world = await openWorld(conditions(2), 'ghost test stranger');
    const stranger = await makeGhost('synthetic-stranger', world.random, world.directory, 'on');
    for (const member of world.live) expect(() => addAnnounced(member, stranger)).toThrow('under a member’s name');
  });

  test('a ghost that is given no messages reads none', async () => {
    const world = await openWorld(conditions(2, 4), 'ghost test unserved');
    const ghost = await ghostOf(world);
    await letIn(world, ghost);
    const transcript = await talk(world);
    expect(countOpened(await readAsMember(await ghost.fork('unserved'), []), transcript).count).toBe(0);
    expect(countOpened(await readAsMember(ghost, transcript.wire), transcript).count).toBe(20);
  });
});
