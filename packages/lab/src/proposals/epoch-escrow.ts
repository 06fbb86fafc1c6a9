/**
 * Per-epoch escrow under one master key, and how far one order, one theft and one silent client reach.
 * Sources: the key recovery literature as gathered in Keys Under Doormats (2015) and the National Academies' report (2018).
 * @module
 */
import { measureAccess, recordReading, recordUnnoticed } from '../access.ts';
import type { Arrangement } from '../access.ts';
import { openPost, readEpochs, sealEpoch } from '../mechanisms/epoch-escrow.ts';
import { sealingKey } from '../mls/suite.ts';
import type { Conditions, Proposal } from '../proposal.ts';
import type { Recorder } from '../record.ts';
import { openWorld, talk } from '../world.ts';
import type { World } from '../world.ts';

export const epochEscrow: Proposal = {
  id: 'epoch-escrow',
  title: 'Per-epoch escrow',
  family: 'access',
  kind: 'measurement',
  sources: ['keys-under-doormats-2015', 'nasem-2018'],
  does: [
    'Whenever the keys of a conversation change, the client that changed them also seals the new keys to a master key that an authority keeps, and posts the sealed copy beside the conversation.',
    'With an order, the authority opens the copies of the epochs that the order names and reads the messages of these epochs.',
  ],
  claims: [
    { text: 'An epoch’s key opens that epoch and no other.', source: 'nasem-2018', metrics: ['exposed.other-epochs'] },
    { text: 'Messages carry no extra bytes.', source: 'nasem-2018', metrics: ['wire.message-added', 'wire.epoch-added'] },
  ],
  couldNot: [
    'How well an organisation keeps a master key for decades: no run of some seconds tells.',
    'A client that posts a wrong copy is found only when an order opens it: how often that would happen among real people is unknown.',
  ],
  attackers: [
    { name: 'thief of the master key', holds: 'the master key, and what was recorded on the wire', tries: 'to read everything, before and after the theft', metric: 'exposed.by-standing-key' },
    { name: 'the service', holds: 'the wire and the posts', tries: 'to read anything, with a master key of its own making' },
    { name: 'reader of an order who reads on', holds: 'the keys of the epochs opened', tries: 'to read messages that the order does not cover', metric: 'exposed.others-by-access' },
    { name: 'sender with a changed client', holds: 'the own client', tries: 'to post a copy that opens nothing', metric: 'evasion.share' },
  ],
  comparators: [],
  variants: [{ id: 'one-master', title: 'one master key' }],
  mechanism: ['epoch-escrow.ts'],
  depends: { size: true, padding: true },
  async run(_variant, conditions, record) {
    const { world, arrangement, transcript, order, view } = await measureAccess('epoch-escrow', conditions, record, arrange);
    await recordUnnoticed(world, arrangement, order, view, record);
    const guess = await sealingKey(world.random.fork('guessed key'));
    recordReading('the service', await readEpochs(await openPosts(guess.privateKey, view.posts), view), transcript, record);
    await evade(conditions, record);
  },
};

/** The proposal set up in one world: what clients post, and what the master key opens. */
export async function arrange(world: World): Promise<Arrangement> {
  const master = await sealingKey(world.random.fork('master key'));
  const chance = world.random.fork('epoch escrow');
  return {
    parties: [
      { id: 'authority', role: 'keeps the master key', holds: ['master key'], standing: true },
      { id: 'service', role: 'carries messages and posts', holds: [], standing: false },
    ],
    hooks: { post: (_epoch, committer) => sealEpoch(committer, master.publicKey, chance.bytes(32)) },
    acts: 2,
    async read(coalition, view) {
      if (!coalition.has('authority')) return new Map();
      return readEpochs(await openPosts(master.privateKey, view.posts), view);
    },
    async access(order, view) {
      const within = view.posts.filter((p) => p.epoch >= order.fromEpoch && p.epoch <= order.toEpoch);
      return readEpochs(await openPosts(master.privateKey, within), view);
    },
  };
}

async function openPosts(privateKey: Uint8Array, posts: readonly { readonly epoch: number; readonly bytes: Uint8Array }[]): Promise<ReadonlyMap<number, Uint8Array>> {
  const secrets = new Map<number, Uint8Array>();
  for (const post of posts) {
    const secret = await openPost(privateKey, post.bytes);
    if (secret !== undefined) secrets.set(post.epoch, secret);
  }
  return secrets;
}

/** A client that seals chance instead of the epoch's secrets: the post has the right form, and no receiver can tell. */
async function evade(conditions: Conditions, record: Recorder): Promise<void> {
  const world = await openWorld(conditions, 'epoch-escrow evading');
  const honest = await arrange(world);
  const random = world.random.fork('evading');
  const transcript = await talk(world, { post: () => Promise.resolve(random.bytes(112)) });
  const opened = await honest.read(new Set(['authority']), { ...transcript, leaves: world.leaves });
  record.share('evasion.share', transcript.sent.size - opened.size - transcript.refused.size, transcript.sent.size, { note: 'every epoch is begun by a changed client; receivers check nothing, since the design gives them nothing to check' });
  record.number('evasion.trials', 1);
}
