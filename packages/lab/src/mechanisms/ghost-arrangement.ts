/**
 * The ghost participant set up in a world of the lab: the parties, the order, and what a set of parties can do without one.
 * Not part of the mechanism that a product would add.
 * @module
 */
import { standardOrder } from '../access.ts';
import type { Arrangement, Opened } from '../access.ts';
import type { Device, Member } from '../mls/member.ts';
import type { Conditions } from '../proposal.ts';
import { openWorld } from '../world.ts';
import type { WireMessage, World } from '../world.ts';
import { addAnnounced, makeGhost, readAsMember } from './ghost-participant.ts';

/** What happened when the ghost came in. */
export interface Joining {
  /** The ghost as it was right after it joined: also what a thief of its device would hold. */
  readonly ghost: Member;
  readonly commit: Uint8Array;
  readonly welcome: Uint8Array;
  readonly seen: readonly { readonly member: Member; readonly before: readonly Device[]; readonly after: readonly Device[]; readonly told: readonly string[] | undefined; readonly accepted: boolean }[];
  /** Epoch authenticators of all members and the ghost, in hexadecimal. */
  readonly authenticators: readonly string[];
}

export interface GhostArrangement extends Arrangement {
  /** @throws RangeError before the order's epoch. */
  joining(): Joining;
}

/** Sets the ghost up for the standard order of a world. */
export function arrangeGhost(world: World, patched: boolean): GhostArrangement {
  const order = standardOrder(world);
  let joined: Joining | undefined;
  let opened: Promise<Opened> | undefined;
  const joining = (): Joining => {
    if (joined === undefined) throw new RangeError('an order in force expected');
    return joined;
  };
  const read = async (wire: readonly WireMessage[]): Promise<Opened> => readAsMember(await joining().ghost.fork('reading'), wire);
  return {
    joining,
    parties: [
      { id: 'service', role: 'carries messages and announces devices', holds: [], standing: false },
      { id: 'directory', role: 'vouches for which key belongs to which name', holds: ['power to enrol a key under a name'], standing: false },
      { id: 'agency', role: 'reads with the added device', holds: ['keys of the added device, from the order on'], standing: false },
      ...(patched ? [{ id: 'client-maker', role: 'ships clients that hide the device', holds: ['power to change the clients'], standing: false }] : []),
    ],
    hooks: {
      async beforeEpoch(epoch, w) {
        if (epoch === order.issuedAt) joined = await letIn(w, await ghostOf(w));
      },
    },
    acts: patched ? 5 : 4,
    get bytesOnce() {
      return joined === undefined ? 0 : joined.commit.length + joined.welcome.length;
    },
    async read(coalition, view) {
      // Every set that reads at all reads the same: once is enough.
      return (await couldJoin(world.conditions, coalition)) ? opened ??= read(view.wire) : new Map();
    },
    access: (_order, view) => read(view.wire),
  };
}

/** A device of the authority for a world's target. */
export function ghostOf(world: World, enrolled = true): Promise<Member> {
  return makeGhost(standardOrder(world).target, world.random.fork('ghost'), world.directory, world.conditions.padding, enrolled);
}

/** A member's client adds the device, the other members take the commit in, the device joins. @throws when the client's library refuses. */
export async function letIn(world: World, ghost: Member): Promise<Joining> {
  const [adding, ...others] = world.live;
  if (adding === undefined) throw new RangeError('a group of at least two expected');
  const before = adding.devices();
  const { commit, welcome } = await addAnnounced(adding, ghost);
  if (welcome === undefined) throw new RangeError('a welcome expected');
  const seen: Joining['seen'][number][] = [{ member: adding, before, after: adding.devices(), told: undefined, accepted: true }];
  for (const member of others) {
    const earlier = member.devices();
    const got = await member.receive(commit);
    if (got.kind !== 'commit') throw new RangeError('a commit expected');
    seen.push({ member, before: earlier, after: member.devices(), told: got.seen.added, accepted: got.accepted });
  }
  await ghost.join(welcome);
  return { ghost: await ghost.fork('as it joined'), commit, welcome, seen, authenticators: [...world.live, ghost].map((m) => Buffer.from(m.epochAuthenticator).toString('hex')) };
}

/**
 * Whether a set of parties gets a device of its own in without an order, tried in a world of its own: without the directory
 * clients do not know the key, unless their maker has changed them; without the service nobody announces the device or brings it the messages.
 */
export async function couldJoin(conditions: Conditions, coalition: ReadonlySet<string>): Promise<boolean> {
  if (!coalition.has('service')) return false;
  // A changed client asks no directory: to it every key counts as enrolled.
  const enrolled = coalition.has('directory') || coalition.has('client-maker');
  const key = `${JSON.stringify(conditions)} ${enrolled}`;
  let tried = attempts.get(key);
  if (tried === undefined) {
    tried = (async () => {
      const world = await openWorld(conditions, `ghost-participant attempt ${enrolled ? 'enrolled' : 'not enrolled'}`);
      const ghost = await ghostOf(world, enrolled);
      return letIn(world, ghost).then((joining) => joining.seen.every((s) => s.accepted), () => false);
    })();
    attempts.set(key, tried);
  }
  return tried;
}
const attempts = new Map<string, Promise<boolean>>();
