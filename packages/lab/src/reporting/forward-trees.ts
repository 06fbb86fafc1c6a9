/**
 * Synthetic trees of forwarding: one person writes a text, others pass it on, each receives it once. Shared by all
 * proposals that name somebody for a reported message, so that they are compared on the same trees and reporters.
 * The shape is an assumption of the lab, labelled synthetic; no measured cascade was at hand.
 * @module
 */
import type { SeededRandom } from '../random.ts';

/** A person who has the text. The first wrote it. */
export interface Holder {
  readonly name: string;
  /** Place of who sent it, −1 for the writer. */
  readonly from: number;
  /** Passes the text on by copying it into a new message, if at all. */
  readonly copies: boolean;
}

export interface ForwardTree {
  readonly holders: readonly Holder[];
  /** Who reports: anybody but the writer, each equally likely. */
  readonly reporter: number;
}

/** Trees of a cell, their least and greatest number of people. */
export const TREES = 100;
const [LEAST, GREATEST] = [50, 500];
/** Chance that the next delivery comes from somebody who has sent it on before, rather than from anybody who has it. */
const AGAIN = 0.5;

export const TREES_IN_WORDS = `${TREES} synthetic trees of ${LEAST} to ${GREATEST} people, one report each by somebody drawn from all recipients; half of the deliveries come from people who sent it on before, half from anybody who has it`;

/** `copying`: share of people who copy instead of forwarding. The trees themselves are the same whatever it is. */
export function forwardTrees(random: SeededRandom, copying: number, count = TREES): ForwardTree[] {
  return Array.from({ length: count }, (_, i) => growTree(random.fork(`tree ${i}`), i, copying));
}

function growTree(random: SeededRandom, tree: number, copying: number): ForwardTree {
  const size = LEAST + random.below(GREATEST - LEAST + 1);
  const holders: Holder[] = [];
  const senders: number[] = [];
  for (let i = 0; i < size; i += 1) {
    const again = senders.length > 0 && random.uniform() < AGAIN;
    const from = i === 0 ? -1 : again ? random.pick(senders) : random.below(i);
    if (i > 0) senders.push(from);
    const draw = random.uniform();
    holders.push({ name: `synthetic-${tree}-${i}`, from, copies: i > 0 && draw < copying });
  }
  return { holders, reporter: 1 + random.below(size - 1) };
}

/** The people from the reporter's sender up to the writer. */
export function pathOf({ holders, reporter }: ForwardTree): number[] {
  const path: number[] = [];
  for (let at = holders[reporter]?.from ?? -1; at >= 0; at = holders[at]?.from ?? -1) path.push(at);
  return path;
}

/** The tree with nobody but the reporter and those on the way to it: enough for a trace that only walks back. */
export function wayToReporter(tree: ForwardTree): ForwardTree {
  const way = [...pathOf(tree).reverse(), tree.reporter].flatMap((at) => tree.holders[at] ?? []);
  return { holders: way.map((holder, i) => ({ ...holder, from: i - 1 })), reporter: way.length - 1 };
}

/** Mean with the normal approximation of its 95 % interval over independent trees. */
export function meanInterval(values: readonly number[]): { readonly mean: number; readonly low: number; readonly high: number } {
  if (values.length < 2) throw new RangeError('at least two values expected');
  const mean = values.reduce((sum, v) => sum + v, 0) / values.length;
  const variance = values.reduce((sum, v) => sum + (v - mean) ** 2, 0) / (values.length - 1);
  const half = 1.96 * Math.sqrt(variance / values.length);
  return { mean, low: mean - half, high: mean + half };
}
