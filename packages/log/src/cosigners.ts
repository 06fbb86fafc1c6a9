/**
 * The witnesses of a log, as its sequencer asks them: after a head is signed and its tiles are there, before it is published.
 * Source: C2SP tlog-witness 1.0.0; integrity of the writer, docs/log-format.md. Leaves out: whether what comes back is a quorum (policy.ts).
 * @module
 */
import { refuse } from '@weighbridge/base';
import type { Checkpoint } from './checkpoint.ts';
import { consistencyProof } from './proofs.ts';
import { TileReader } from './tile-reader.ts';
import type { LogFiles } from './tile-reader.ts';
import { collectCosignatures } from './witness-client.ts';
import type { CollectOptions, WitnessOutcome } from './witness-client.ts';

export interface CosignersOptions extends Pick<CollectOptions, 'witnesses' | 'timeoutMs' | 'allowLoopback'> {
  /** The log's folder: proofs are made from its tiles. */
  readonly files: LogFiles;
  /** Told of every outcome, also of those that gave no line. */
  readonly onOutcome?: (outcome: WitnessOutcome) => void;
}

/**
 * A function that asks all witnesses about a head; `before` is the size that they are likely to know.
 * It gives the lines that verified. A witness that does not answer costs its line and the time limit, nothing else.
 * @throws (the function) Refusal WITNESS_AHEAD when one of them has cosigned a larger head: the log must stop; WITNESS_URL
 */
export function cosigners(options: CosignersOptions): (head: Checkpoint, before: bigint) => Promise<readonly string[]> {
  const lastSize = new Map<string, bigint>();
  return async (head, before) => {
    const { witnesses, timeoutMs, allowLoopback, files, onOutcome } = options;
    const reader = new TileReader(files, head.size);
    const outcomes = await collectCosignatures({
      witnesses, checkpoint: head.note.bytes, proofFrom: (old) => consistencyProof(old, head.size, reader.subtree),
      lastSize: new Map(witnesses.map(({ url }) => [url, lastSize.get(url) ?? before])),
      ...(timeoutMs === undefined ? {} : { timeoutMs }), ...(allowLoopback === undefined ? {} : { allowLoopback }),
    });
    for (const outcome of outcomes) {
      onOutcome?.(outcome);
      if (outcome.kind === 'cosigned') lastSize.set(outcome.url, head.size);
    }
    const ahead = outcomes.find((outcome) => outcome.kind === 'ahead');
    if (ahead?.kind === 'ahead') {
      refuse('WITNESS_AHEAD', `a witness has cosigned ${ahead.size} entries of this log, and this head has ${head.size}`, { object: ahead.key.name },
        'write no more: the log was rolled back, or somebody else signs with its key; look at the checkpoint that the witness serves');
    }
    return outcomes.flatMap((outcome) => outcome.kind === 'cosigned' ? [outcome.line] : []);
  };
}
