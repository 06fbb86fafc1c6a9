/**
 * What the size of a message on the wire tells of its text, with and without padding: texts of many lengths are really encrypted.
 * The mix of lengths is an assumption of the lab, labelled synthetic.
 * @module
 */
import type { Padding } from '../mls/member.ts';
import type { Conditions } from '../proposal.ts';
import { SeededRandom } from '../random.ts';
import { openWorld, syntheticText } from '../world.ts';
import { Draws } from './draws.ts';

/** Texts of the mix. */
export const TEXTS = 200;

export const LENGTHS_IN_WORDS = `${TEXTS} synthetic texts with lengths assumed log-normal around 40 bytes, up to 1,000`;

export interface SizesTold {
  /** Lengths of the mix that differ. */
  readonly lengths: number;
  /** Sizes on the wire that differ. */
  readonly sizes: number;
  /** Of the texts, those whose size only texts of one length have: an observer of the wire can tell their length to the byte. */
  readonly exact: number;
  /** Texts of the mix that an observer must take into account for one message: the median. */
  readonly candidates: number;
  /** The longest text that is as large on the wire as an empty one, in bytes. */
  readonly hiddenUpTo: number;
}

/** Encrypts the mix in a world of its own. */
export async function measureSizes(conditions: Conditions, padding: Padding): Promise<SizesTold> {
  const world = await openWorld({ ...conditions, padding }, 'metadata-only sizes');
  const [sender] = world.live;
  if (sender === undefined) throw new RangeError('a group of at least two expected');
  const random = world.random.fork('texts');
  const sizeOf = async (length: number): Promise<number> => (await sender.send(syntheticText(random, 0, length))).length;
  const empty = await sizeOf(0);
  const lengths = mixOfLengths(conditions.seed);
  const sent: { readonly length: number; readonly size: number }[] = [];
  for (const length of lengths) sent.push({ length, size: await sizeOf(length) });
  const bySize = Map.groupBy(sent, (m) => m.size);
  const crowd = sent.map((m) => bySize.get(m.size)?.length ?? 0).sort((a, b) => a - b);
  return {
    lengths: new Set(lengths).size, sizes: bySize.size,
    exact: [...bySize.values()].filter((same) => new Set(same.map((m) => m.length)).size === 1).flat().length,
    candidates: crowd[Math.floor(crowd.length / 2)] ?? 0,
    hiddenUpTo: await longestAsLarge(empty, sizeOf),
  };
}

/** Sizes never fall as lengths grow, so the last length of one size is found by halving. */
async function longestAsLarge(size: number, sizeOf: (length: number) => Promise<number>): Promise<number> {
  let [low, high] = [0, 1024];
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (await sizeOf(middle) === size) low = middle;
    else high = middle;
  }
  return low;
}

function mixOfLengths(seed: number): number[] {
  const draws = new Draws(SeededRandom.of(seed, 'metadata-only lengths'));
  return Array.from({ length: TEXTS }, () => Math.min(1000, Math.max(1, Math.round(40 * draws.factor(1)))));
}
