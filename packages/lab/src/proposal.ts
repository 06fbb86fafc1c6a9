/**
 * What a proposal is to the lab: one file with its sources, claims and attackers, and a function that runs it under
 * stated conditions and records what came out. All proposals, of every side, have this one shape.
 * @module
 */
import type { MetricId } from './metrics.ts';
import type { Recorder } from './record.ts';
import type { Padding } from './mls/member.ts';

/** Under what a cell is run. Together with proposal and variant it decides every result but the times. */
export interface Conditions {
  /** People in the conversation, 2 to 1,000. */
  readonly size: number;
  readonly epochs: number;
  readonly messagesPerEpoch: number;
  readonly payloadBytes: number;
  readonly padding: Padding;
  readonly seed: number;
}

/** Who attacks a proposal, with what, and what the lab expects of it. */
export interface Attacker {
  readonly name: string;
  readonly holds: string;
  readonly tries: string;
  /** The metric that is measured for this attacker and no other; absent: the run records its result (`Recorder.attack`). */
  readonly metric?: MetricId;
}

/** A figure that somebody published, to stand beside ours, with what differs between the two. */
export interface Comparator {
  readonly metric: MetricId;
  readonly says: string;
  /** Key in docs/references.md. */
  readonly source: string;
  readonly differs: string;
}

export interface Variant {
  readonly id: string;
  readonly title: string;
}

export interface Proposal {
  readonly id: string;
  readonly title: string;
  /** Baseline; what gives investigators access; what makes a service safer. All are run and shown alike. */
  readonly family: 'baseline' | 'access' | 'safety';
  /** A model computes from stated assumptions; nothing of it ran on the protocol, and every surface says so. */
  readonly kind: 'measurement' | 'model';
  /** Keys in docs/references.md. */
  readonly sources: readonly string[];
  /** What it does, in plain language, a paragraph each. */
  readonly does: readonly string[];
  /** What its authors say of it, and the metric that answers; none when no measurement can. */
  readonly claims: readonly { readonly text: string; readonly source: string; readonly metrics: readonly MetricId[] }[];
  /** What could not be measured here, and why. */
  readonly couldNot: readonly string[];
  readonly attackers: readonly Attacker[];
  readonly comparators: readonly Comparator[];
  readonly variants: readonly [Variant, ...Variant[]];
  /** Files below src/mechanisms that are the mechanism: their lines are counted as `trust.lines`. */
  readonly mechanism: readonly string[];
  /** Whether the size of the group or padding changes anything; a proposal that runs apart from the wire is run once. */
  readonly depends: { readonly size: boolean; readonly padding: boolean };
  /** Runs one cell, in under 30 s, and records what came out. Touches nothing outside it. */
  run(variant: string, conditions: Conditions, record: Recorder): Promise<void>;
}
