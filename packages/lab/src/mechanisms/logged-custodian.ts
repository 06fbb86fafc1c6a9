/**
 * A custodian who gives a partial decryption only for what a logged order covers: the request passes every check, the
 * custodian enters its own release in the log, and gives nothing before it has seen that entry there.
 *
 * The limit of orders per term rests on numbers: a custodian carries out one order for each number up to the limit, and two
 * sets of custodians that are both large enough have one in common. So it holds however an authority spreads its requests.
 * Left out: encrypting the partial decryptions to the reader, people's decisions (two who release), refusals in the log.
 * Sources: docs/references.md#fetzer-2023, #kroll-2018; disclosure-desk rules on enrolled keys and scope.
 * @module
 */
import { refuse } from '@weighbridge/base';
import type { Policy } from '@weighbridge/log';
import type { Order } from '../access.ts';
import { openOrder, readEntry, signEntry } from './logged-entries.ts';
import type { Enrolled, OrderEntry, Signer } from './logged-entries.ts';
import { Follower } from './logged-log.ts';
import type { Head, LogService } from './logged-log.ts';
import { senderLabel } from './logged-sender.ts';
import type { SealedSender } from './logged-sender.ts';
import type { Chance } from './threshold-group.ts';
import { partialDecryption } from './threshold-seal.ts';
import type { Partial } from './threshold-seal.ts';
import type { Quorum } from './threshold-sharing.ts';

/** What an authority asks of a custodian: an order, where it stands in the log, and the sealed texts that it wants opened. */
export interface Request {
  readonly entry: Uint8Array;
  readonly index: bigint;
  readonly opening: Uint8Array;
  readonly texts: readonly SealedSender[];
}

/** What every custodian goes by. */
export interface Rules {
  readonly quorum: Quorum;
  readonly policy: Policy;
  /** Authorities whose orders count, and custodians. */
  readonly authorities: Enrolled;
  /** Orders per term. */
  readonly limit: number;
}

/** Everything that a check may look at. */
export interface Examined {
  readonly request: Request;
  readonly rules: Rules;
  readonly term: number;
  readonly log: LogService;
  readonly follower: Follower;
  /** Numbers of this term that were carried out. */
  readonly used: ReadonlySet<number>;
}

export type CheckName = 'signed' | 'head' | 'included' | 'term' | 'limit' | 'scope';

/** The checks, in their order. Each refuses with the code that it names. */
export const CHECKS: Readonly<Record<CheckName, (examined: Examined) => unknown>> = {
  /** LAB_ENTRY, LAB_ORDER_KIND: an order signed by an enrolled authority. */
  signed: ({ request, rules }) => { orderEntry(request, rules); },
  /** LAB_LOG_FORKED and the codes of the log package: a head that is signed, cosigned, and follows from the last one. */
  head: ({ follower, log }) => follower.advance(log),
  /** LAB_ORDER_UNLOGGED: the order stands in the log under that head. */
  included: async ({ request, follower, log }) => {
    if (!await follower.includes(log, request.index, request.entry)) refuse('LAB_ORDER_UNLOGGED', 'an order that stands in the log expected', {}, 'enter the order in the public log first');
  },
  /** LAB_ORDER_TERM: the order is of the current term. */
  term: ({ request, rules, term }) => {
    if (orderEntry(request, rules).term !== term) refuse('LAB_ORDER_TERM', 'an order of the current term expected', {}, 'ask for a new order');
  },
  /** LAB_ORDER_LIMIT, LAB_ORDER_REPLAYED: a number within the limit, not used before. */
  limit: ({ request, rules, used }) => {
    const { number } = orderEntry(request, rules);
    if (!Number.isSafeInteger(number) || number < 1 || number > rules.limit) refuse('LAB_ORDER_LIMIT', `at most ${rules.limit} orders in a term expected`, {}, 'wait for the next term');
    if (used.has(number)) refuse('LAB_ORDER_REPLAYED', 'an order of a number that was not used expected', {}, 'ask for a new order');
  },
  /** LAB_ORDER_SCOPE and the codes of the log's `open`: the texts asked for are the target's, of the order's epochs. */
  scope: ({ request, rules }) => {
    const order = openOrder(orderEntry(request, rules).commitment, request.opening);
    if (!request.texts.every((t) => inScope(order, t))) refuse('LAB_ORDER_SCOPE', 'texts of the target and the epochs of the order expected', {}, 'ask for what the order covers');
  },
};

/** One custodian. `checks`: all but in experiments that leave one out to see what it is for. */
export class LoggedCustodian {
  readonly number: number;
  readonly #share: bigint;
  readonly #rules: Rules;
  readonly #key: Signer;
  readonly #chance: Chance;
  readonly #checks: readonly CheckName[];
  readonly #follower: Follower;
  #term = 1;
  #used = new Set<number>();

  /** @throws Refusal LAB_QUORUM when two sets of custodians could both be large enough and have none in common */
  constructor(number: number, secrets: { readonly share: bigint; readonly key: Signer; readonly chance: Chance }, rules: Rules, checks: readonly CheckName[] = Object.keys(CHECKS) as CheckName[]) {
    const { threshold, count } = rules.quorum;
    if (2 * threshold <= count) refuse('LAB_QUORUM', `a threshold above half of the custodians expected, got ${threshold} of ${count}`, {}, 'give a larger threshold: the limit of orders rests on it');
    [this.number, this.#share, this.#key, this.#chance] = [number, secrets.share, secrets.key, secrets.chance];
    [this.#rules, this.#checks, this.#follower] = [rules, checks, new Follower(rules.policy)];
  }

  /** The last head of the log that the custodian believed. */
  get seen(): Head {
    return this.#follower.seen;
  }

  /** Takes in the log's head between orders. @throws Refusal when it is not to be believed */
  async follow(log: LogService): Promise<void> {
    await this.#follower.advance(log);
  }

  /** A new term: the numbers are free again, orders of the last one count no more. */
  beginTerm(term: number): void {
    this.#term = term;
    this.#used = new Set();
  }

  /** The partial decryptions of an order, in the order of its texts. @throws Refusal with the codes of {@link CHECKS}, LAB_SEAL_LABEL, LAB_RELEASE_UNLOGGED */
  async release(request: Request, log: LogService): Promise<readonly Partial[]> {
    const examined: Examined = { request, rules: this.#rules, term: this.#term, log, follower: this.#follower, used: this.#used };
    for (const check of this.#checks) await CHECKS[check](examined);
    const partials = request.texts.map((t) => partialDecryption(this.number, this.#share, senderLabel(t), t.sealed, this.#chance));
    this.#used.add(orderEntry(request, this.#rules).number);
    await this.#logRelease(Number(request.index), request.texts.length, log);
    return partials;
  }

  async #logRelease(order: number, texts: number, log: LogService): Promise<void> {
    const entry = signEntry({ kind: 'release', by: this.#key.name, term: this.#term, order, texts }, this.#key);
    const index = await log.append(entry);
    if (!this.#checks.includes('included')) return;
    await this.#follower.advance(log);
    if (!await this.#follower.includes(log, index, entry)) refuse('LAB_RELEASE_UNLOGGED', 'the own release in the log expected', {}, 'give nothing, and ask the operator of the log');
  }
}

function orderEntry(request: Request, rules: Rules): OrderEntry {
  const entry = readEntry(request.entry, rules.authorities);
  if (entry.kind !== 'order') return refuse('LAB_ORDER_KIND', 'an order expected', {}, 'ask with an order');
  return entry;
}

function inScope(order: Order, { sender, epoch }: SealedSender): boolean {
  return sender === order.target && epoch >= order.fromEpoch && epoch <= order.toEpoch;
}
