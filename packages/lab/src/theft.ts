/**
 * A device's state taken in the middle of a conversation, and what whoever holds it opens: the measure behind seizure, theft
 * and the baseline's forward secrecy and post-compromise security.
 * Counts protocol state only: what an app stores of messages already shown is not in it.
 * @module
 */
import type { Opened, View } from './access.ts';
import { EpochReader, SeizedState } from './mls/open.ts';
import type { Member } from './mls/member.ts';
import type { SeededRandom } from './random.ts';
import type { Hooks, WireMessage } from './world.ts';

/** A device's state as it was taken before the commit of an epoch, and what its client had read until then. */
export interface Theft {
  readonly state: Uint8Array;
  /** It was taken when this epoch began, before its commit. */
  readonly epoch: number;
  /** Messages that the device had opened, by index on the wire. */
  readonly read: ReadonlySet<number>;
}

/** Hooks that take a device's state when an epoch begins; `theft` throws before. */
export function takeDevice(device: Member, epoch: number): { readonly hooks: Hooks; readonly theft: () => Theft } {
  const read = new Set<number>();
  let taken: Uint8Array | undefined;
  return {
    hooks: {
      beforeEpoch(now) {
        if (now === epoch) taken = device.seize();
        return Promise.resolve();
      },
      check({ index, receiver }) {
        if (taken === undefined && receiver === device) read.add(index);
        return Promise.resolve(undefined);
      },
    },
    theft: () => {
      if (taken === undefined) throw new RangeError('a state that was taken expected');
      return { state: taken, epoch, read };
    },
  };
}

/** Of the messages sent before the theft: those that open with anything derived from the state, or as the client itself would open them. */
export async function openPast({ state, epoch }: Theft, wire: readonly WireMessage[], how: 'derived' | 'as client' = 'derived'): Promise<Opened> {
  const thief = SeizedState.of(state);
  const opened = new Map<number, Uint8Array>();
  for (const message of wire.filter((m) => m.epoch < epoch)) {
    const text = await (how === 'derived' ? thief.derive(message.bytes) : thief.openAsClient(message.bytes));
    if (text !== undefined) opened.set(message.index, text);
  }
  return opened;
}

/** Of the messages sent after the theft: those that the holder of the state opens who takes the wire in order and keeps quiet. */
export async function openFuture({ state, epoch }: Theft, wire: readonly WireMessage[]): Promise<Opened> {
  const thief = SeizedState.of(state);
  const opened = new Map<number, Uint8Array>();
  for (const message of wire.filter((m) => m.epoch >= epoch)) {
    const text = await thief.take(message.bytes);
    if (text !== undefined) opened.set(message.index, text);
  }
  return opened;
}

/** What somebody opens who has the wire and no secret: secrets of an epoch drawn by chance are tried on every message. */
export function openByGuess(random: SeededRandom, view: View): Promise<Opened> {
  const guess = random.fork('guessed secrets');
  return openWithEpoch({ encryptionSecret: guess.bytes(32), senderDataSecret: guess.bytes(32) }, view);
}

/** What two secrets open that are said to be an epoch's: tried on every message of every epoch. */
export async function openWithEpoch(secrets: { readonly encryptionSecret: Uint8Array; readonly senderDataSecret: Uint8Array }, { wire, leaves }: View): Promise<Opened> {
  const reader = await EpochReader.of(secrets, leaves);
  const opened = new Map<number, Uint8Array>();
  for (const message of wire) {
    const text = (await reader.open(message.bytes))?.plaintext;
    if (text !== undefined) opened.set(message.index, text);
  }
  return opened;
}

/** Which share of deliveries comes late, and by how many messages of the wire at most. An assumption, not a measured network. */
export const LATE = { share: 0.2, most: 60 } as const;

/** A network that is now and then late, the same for the same chance whatever happens elsewhere. */
export function lateNetwork(random: SeededRandom): Required<Pick<Hooks, 'delay'>> {
  return {
    delay({ index, receiver }) {
      const chance = random.fork(`${index} ${receiver}`);
      return chance.uniform() < LATE.share ? 1 + chance.below(LATE.most) : 0;
    },
  };
}
