/**
 * Forward tracing on synthetic trees: every delivery of a tree leaves its record with the platform, one recipient reports,
 * and the platform walks. And those who try to escape or to mislead the walk.
 * @module
 */
import { link, traced, TraceStore, TRACE_BYTES } from '../mechanisms/forward-trace.ts';
import type { TracedMessage, Tracing } from '../mechanisms/forward-trace.ts';
import type { SeededRandom } from '../random.ts';
import { pathOf } from './forward-trees.ts';
import type { ForwardTree } from './forward-trees.ts';

export const FORWARDED = new TextEncoder().encode('synthetic text that is passed on');

/** What a platform learns from the report of one tree. */
export interface TreeTrace {
  /** Who the walk names as source; undefined when the report fits nothing. */
  readonly named: string | undefined;
  /** Everybody whose part becomes known, the reporter not among them. */
  readonly people: ReadonlySet<string>;
  /** Whether somebody on the way had copied the text. */
  readonly copied: boolean;
  /** Messages of which the platform now knows that they held the text. */
  readonly messages: number;
}

/** Keys that each holder of a tree received, and the store after all deliveries. */
export interface TreeRun {
  readonly store: TraceStore;
  readonly keys: readonly Uint8Array[];
}

/**
 * Plays a tree: each delivery is one message to one recipient. Who `copies` starts anew. `escapes`: people who send on with
 * a chance key and a right pointer, so that the walk back passes through them and the walk forward does not.
 */
export function playTree(tracing: Tracing, tree: ForwardTree, random: SeededRandom, escapes: ReadonlySet<number> = new Set()): TreeRun {
  const store = new TraceStore();
  const keys: Uint8Array[] = [];
  const [origins, counts] = [new Map<number, Uint8Array>(), new Map<number, number>()];
  for (const [i, holder] of tree.holders.entries()) {
    const sender = tree.holders[holder.from];
    if (sender === undefined) {
      keys.push(new Uint8Array());
      continue;
    }
    let previous = keys[holder.from] ?? new Uint8Array();
    if (holder.from === 0 || sender.copies) {
      previous = origins.get(holder.from) ?? random.bytes(TRACE_BYTES);
      origins.set(holder.from, previous);
    }
    const count = counts.get(holder.from) ?? 0;
    counts.set(holder.from, count + 1);
    const sent = traced(escapes.has(holder.from) ? 'path' : tracing, FORWARDED, previous, sender.name, count, random);
    store.take(sent.clear, sender.name, [holder.name]);
    keys[i] = sent.key;
  }
  return { store, keys };
}

/** The report of a tree's reporter, walked by the platform. */
export function traceTree(tracing: Tracing, tree: ForwardTree, { store, keys }: TreeRun): TreeTrace {
  const reporter = tree.holders[tree.reporter]?.name ?? '';
  const key = keys[tree.reporter] ?? new Uint8Array();
  const path = store.path(reporter, key, FORWARDED);
  const people = tracing === 'tree' ? store.tree(reporter, key, FORWARDED) : new Set(path.flatMap((step) => [step.sender, ...step.recipients]));
  people.delete(reporter);
  // In a tree everybody but the first received one message.
  const messages = tracing === 'tree' ? people.size : path.length;
  return { messages, named: path.at(-1)?.sender, people, copied: pathOf(tree).some((at) => tree.holders[at]?.copies === true) };
}

/** A message of the victim's that the forger received, and the store that has it. */
interface Scene {
  readonly store: TraceStore;
  readonly genuine: TracedMessage;
  readonly random: SeededRandom;
}

const OTHER = new TextEncoder().encode('synthetic text that the victim never wrote');

/** Each returns what the platform's walk then names. The forger may send what it likes, as itself. */
const MISLEADING: Readonly<Record<string, (scene: Scene, tracing: Tracing) => string | undefined>> = {
  'a text that was never sent, under a genuine key': ({ store, genuine }) => store.path('forger', genuine.key, OTHER).at(-1)?.sender,
  'a text that was never sent, under a chance key': ({ store, random }) => store.path('forger', random.bytes(TRACE_BYTES), OTHER).at(-1)?.sender,
  'a genuine message reported by somebody who did not receive it': ({ store, genuine }) => store.path('stranger', genuine.key, FORWARDED).at(-1)?.sender,
  'a message of the forger’s that points to the victim’s': ({ store, genuine, random }, tracing) => {
    const sent = traced(tracing, OTHER, genuine.key, 'forger', 0, random);
    store.take(sent.clear, 'forger', ['accomplice']);
    return store.path('accomplice', sent.key, OTHER).at(-1)?.sender;
  },
  'a message that points to itself': ({ store, random }) => {
    const key = random.bytes(TRACE_BYTES);
    store.take(link(key, OTHER, key), 'forger', ['accomplice', 'forger']);
    return store.path('accomplice', key, OTHER).at(-1)?.sender;
  },
  'the victim’s identifier sent again as the forger’s message': ({ store, genuine }) => {
    store.take(genuine.clear, 'forger', ['accomplice']);
    return store.path('accomplice', genuine.key, FORWARDED).at(-1)?.sender;
  },
};

/** Tries to have the victim named for a text that the victim did not send to who reports; counts how often it is. */
export function tryMisleading(tracing: Tracing, rounds: number, random: SeededRandom): { readonly kind: string; readonly tried: number; readonly accepted: number }[] {
  return Object.entries(MISLEADING).map(([kind, attempt]) => {
    let accepted = 0;
    for (let i = 0; i < rounds; i += 1) {
      const store = new TraceStore();
      const genuine = traced(tracing, FORWARDED, random.bytes(TRACE_BYTES), 'victim', 0, random);
      store.take(genuine.clear, 'victim', ['forger']);
      if (attempt({ store, genuine, random }, tracing) === 'victim') accepted += 1;
    }
    return { kind, tried: rounds, accepted };
  });
}
