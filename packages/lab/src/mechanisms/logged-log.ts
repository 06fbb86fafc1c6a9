/**
 * The public log of orders: its operator, the witness who cosigns heads that grow, and followers who believe nothing else.
 * Tree, proofs, heads and signatures are those of the log package (RFC 9162 §2.1; C2SP checkpoints and cosignatures).
 * Left out: serving it, tiles, monitors' gossip of heads; times are counters, since nothing here may depend on a clock.
 * @module
 */
import { refuse } from '@weighbridge/base';
import { checkPolicy, checkpointText, consistencyProof, cosign, formatNote, inclusionProof, parsePolicy, SHA256_TREE, signNote, verifyConsistency, verifyInclusion } from '@weighbridge/log';
import type { NoteSigner, Policy } from '@weighbridge/log';

/** What a log offers to everybody. An operator who cheats offers the same with other answers. */
export interface LogService {
  /** Enters bytes and returns their place. */
  append(entry: Uint8Array): Promise<bigint>;
  /** The signed head. */
  head(): Promise<Uint8Array>;
  inclusion(index: bigint, size: bigint): Promise<readonly Uint8Array[]>;
  consistency(size1: bigint, size2: bigint): Promise<readonly Uint8Array[]>;
}

/** Size and root of a log at one time. */
export interface Head {
  readonly size: bigint;
  readonly root: Uint8Array;
}

/** Cosigns a head when the log only grew since the last one it cosigned. */
export type Cosign = (head: Head, consistency: (size1: bigint, size2: bigint) => Promise<readonly Uint8Array[]>) => Promise<string | undefined>;

/** The operator. `entries` is public. */
export class OrderLog implements LogService {
  readonly entries: Uint8Array[] = [];
  readonly #signer: NoteSigner;
  readonly #cosign: Cosign;
  readonly #nodes = new Map<string, Uint8Array>();

  constructor(log: NoteSigner, witness: Cosign) {
    this.#signer = log;
    this.#cosign = witness;
  }

  append(entry: Uint8Array): Promise<bigint> {
    return Promise.resolve(BigInt(this.entries.push(entry) - 1));
  }

  async head(): Promise<Uint8Array> {
    const size = BigInt(this.entries.length);
    const root = this.#root(0, this.entries.length);
    const text = checkpointText(this.#signer.verifierKey.name, size, root);
    const cosigned = await this.#cosign({ size, root }, (size1, size2) => this.consistency(size1, size2));
    return Buffer.from(formatNote(text, [signNote(text, this.#signer), ...(cosigned === undefined ? [] : [cosigned])]));
  }

  inclusion(index: bigint, size: bigint): Promise<readonly Uint8Array[]> {
    return inclusionProof(index, size, (level, at) => Promise.resolve(this.#subtree(level, at)));
  }

  consistency(size1: bigint, size2: bigint): Promise<readonly Uint8Array[]> {
    return consistencyProof(size1, size2, (level, at) => Promise.resolve(this.#subtree(level, at)));
  }

  /** Root of the entries from `start` to before `end` (RFC 9162 §2.1.1). */
  #root(start: number, end: number): Uint8Array {
    if (end === start) return SHA256_TREE.empty;
    if (end - start === 1) return SHA256_TREE.leaf(this.entries[start] ?? new Uint8Array());
    const half = start + 2 ** Math.floor(Math.log2(end - start - 1));
    return SHA256_TREE.node(this.#root(start, half), this.#root(half, end));
  }

  #subtree(level: number, index: bigint): Uint8Array {
    const place = `${level} ${index}`;
    const width = 2 ** level;
    const known = this.#nodes.get(place) ?? this.#root(Number(index) * width, (Number(index) + 1) * width);
    this.#nodes.set(place, known);
    return known;
  }
}

/** A witness of one log, with a memory: undefined instead of a cosignature when a head does not follow from the last one. */
export function witness(key: NoteSigner, origin: string): Cosign {
  let last: Head = { size: 0n, root: SHA256_TREE.empty };
  let time = 0n;
  return async ({ size, root }, consistency) => {
    const { size: size1, root: root1 } = last;
    if (size < size1) return undefined;
    const proof = await consistency(size1, size);
    if (!verifyConsistency(SHA256_TREE, { size1, root1, size2: size, root2: root, proof })) return undefined;
    last = { size, root };
    time += 1n;
    return cosign(checkpointText(origin, size, root), key, time);
  };
}

/** The rule of followers: signed by this log and cosigned by this witness. */
export function policyOf(log: NoteSigner, cosigner: NoteSigner): Policy {
  return parsePolicy(`log ${log.verifierKey.text}\nwitness witness ${cosigner.verifierKey.text}\nquorum witness\n`);
}

/** Remembers the last head it believed, and believes only heads that its log signed, the witness cosigned, and that follow from it. */
export class Follower {
  readonly #policy: Policy;
  #seen: Head = { size: 0n, root: SHA256_TREE.empty };

  constructor(policy: Policy) {
    this.#policy = policy;
  }

  /** The last head believed: whoever compares it with the public log sees whether there is another log beside it. */
  get seen(): Head {
    return this.#seen;
  }

  /** @throws Refusal with the codes of the log's `checkPolicy`, and LAB_LOG_FORKED when the head does not follow from the last one */
  async advance(log: LogService): Promise<Head> {
    const { checkpoint } = checkPolicy(this.#policy, await log.head());
    const { size, root } = checkpoint;
    const [{ size: size1, root: root1 }, forked] = [this.#seen, (): never => refuse('LAB_LOG_FORKED', 'a head that follows from the last one expected', {}, 'ask the operator and the witness for the log that was seen before')];
    if (size < size1) forked();
    const proof = await log.consistency(size1, size);
    if (!verifyConsistency(SHA256_TREE, { size1, root1, size2: size, root2: root, proof })) forked();
    this.#seen = { size, root };
    return this.#seen;
  }

  /** Whether the bytes stand at this place of the log under the last head believed. */
  async includes(log: LogService, index: bigint, entry: Uint8Array): Promise<boolean> {
    const { size, root } = this.#seen;
    if (index < 0n || index >= size) return false;
    return verifyInclusion(SHA256_TREE, { index, size, root, leafHash: SHA256_TREE.leaf(entry), proof: await log.inclusion(index, size) });
  }
}
