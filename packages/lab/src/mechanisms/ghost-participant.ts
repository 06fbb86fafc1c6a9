/**
 * One more device in the conversation: made for an authority, enrolled under a member's name, added by a member's client
 * that adds what the service announces; and, where clients are patched, not shown to the people. Source: levy-robinson-2018.
 * @module
 */
import type { Opened } from '../access.ts';
import { Directory, Member } from '../mls/member.ts';
import type { Committed, Device } from '../mls/member.ts';
import type { SeededRandom } from '../random.ts';
import type { WireMessage } from '../world.ts';

/** The authority's device, under a name that the directory is told to vouch for: `enrolled` false is a directory that refuses. */
export async function makeGhost(name: string, random: SeededRandom, directory: Directory, padding: 'on' | 'off', enrolled = true): Promise<Member> {
  if (enrolled) return Member.create(name, random, { directory, padding });
  const unknown = await Member.create(name, random, { directory: new Directory(), padding });
  return unknown.fork('not enrolled', { directory });
}

/** What many clients do: a device that the service announces for a member's name is added without a question. */
export function addAnnounced(client: Member, device: Member): Promise<Committed> {
  if (!client.roster().includes(device.name)) throw new RangeError('a device under a member’s name expected: for another name a client asks its user');
  return client.add([device.keyPackage]);
}

/** What a client shows its user of the devices in the group: an honest client hides nothing. */
export function shownDevices(devices: readonly Device[], hidden: ReadonlySet<string> = new Set()): Device[] {
  return devices.filter((device) => !hidden.has(device.signatureKey));
}

/** What a client tells its user after a commit: the devices that it now shows and did not show before. */
export function announcedDevices(before: readonly Device[], after: readonly Device[], hidden: ReadonlySet<string> = new Set()): Device[] {
  const known = new Set(before.map((device) => device.signatureKey));
  return shownDevices(after, hidden).filter((device) => !known.has(device.signatureKey));
}

/** What the added device opens of the wire, taken in order; of what was sent before it joined it has no key. */
export async function readAsMember(device: Member, wire: readonly WireMessage[]): Promise<Opened> {
  const opened = new Map<number, Uint8Array>();
  for (const message of wire) {
    const got = await device.receive(message.bytes).catch(() => undefined);
    if (got?.kind === 'message') opened.set(message.index, got.plaintext);
  }
  return opened;
}
