/**
 * A secret key in shares of which t open and t − 1 say nothing: verifiable secret sharing (Feldman 1987), and a key that
 * custodians make together so that nobody ever holds it whole (Pedersen 1991), each dealer showing that it knows its part.
 *
 * Left out: private channels between custodians, the dealer's answer to a complaint (here a dealer of one wrong share is out),
 * and the remedy against dealers who bias the public key by deciding late whether to take part (Gennaro et al. 1999).
 * Sources: docs/references.md#shamir-1979, #feldman-1987, #pedersen-1991, #gennaro-1999.
 * @module
 */
import { refuse } from '@weighbridge/base';
import { BASE, ELEMENT_BYTES, IDENTITY, inverse, modulo, randomScalar, SCALAR_BYTES, times, withTable } from './threshold-group.ts';
import type { Chance, Element } from './threshold-group.ts';
import { proveEquality, PROOF_BYTES, verifyEquality } from './threshold-proof.ts';

/** `threshold` of `count` custodians open. Custodians are numbered from 1. */
export interface Quorum {
  readonly threshold: number;
  readonly count: number;
}

/** What one dealer sends: commitments and proof to all, each share to its custodian alone. */
export interface Dealing {
  readonly dealer: number;
  /** Of the polynomial's coefficients, the constant one first. */
  readonly commitments: readonly Element[];
  /** Proof that the dealer knows the secret behind the first commitment. */
  readonly possession: Uint8Array;
  readonly shares: ReadonlyMap<number, bigint>;
}

/** The public side of a shared key. */
export interface SharedKey {
  readonly quorum: Quorum;
  readonly publicKey: Element;
  /** Share × generator, by custodian: what a custodian's proofs are checked against. */
  readonly verification: ReadonlyMap<number, Element>;
}

/** Why a dealer is out. */
export interface Complaint {
  readonly dealer: number;
  /** Who complains; 0 when everybody can see it. */
  readonly by: number;
}

/** Deals a random secret, or the one of `coefficients` (constant one first, `threshold` of them). */
export function deal(dealer: number, quorum: Quorum, chance: Chance, coefficients: readonly bigint[] = Array.from({ length: quorum.threshold }, () => randomScalar(chance))): Dealing {
  checkQuorum(quorum);
  const commitments = coefficients.map((c) => times(BASE, c));
  const [secret, image] = [coefficients[0], commitments[0]];
  if (secret === undefined || image === undefined) throw new RangeError('a polynomial with coefficients expected');
  return {
    dealer, commitments,
    possession: proveEquality(possessionContext(dealer), secret, { image, element: BASE, result: image }, chance),
    shares: new Map(custodians(quorum).map((i) => [i, evaluate(coefficients, i)])),
  };
}

/** The polynomial at `at` (Horner), modulo the order. */
export function evaluate(coefficients: readonly bigint[], at: number): bigint {
  return coefficients.reduceRight((sum, c) => modulo(sum * BigInt(at) + c), 0n);
}

/** Whether a share is the value that the dealer committed to (Feldman 1987). */
export function verifyShare(commitments: readonly Element[], custodian: number, share: bigint): boolean {
  return times(BASE, share).equals(committedAt(commitments, custodian));
}

/** The value at 0 of the polynomial of least degree through the shares: the secret, when there are enough of them and all are right. */
export function interpolate(shares: ReadonlyMap<number, bigint>): bigint {
  const weights = lagrange([...shares.keys()]);
  return [...shares].reduce((sum, [i, share]) => modulo(sum + (weights.get(i) ?? 0n) * share), 0n);
}

/** Weights of the values at these places in the value at 0 (Lagrange). @throws RangeError when a place is 0 or named twice. */
export function lagrange(places: readonly number[]): ReadonlyMap<number, bigint> {
  if (new Set(places).size !== places.length || places.includes(0)) throw new RangeError('places other than 0, each once, expected');
  return new Map(places.map((i) => {
    const others = places.filter((j) => j !== i).map(BigInt);
    const above = others.reduce((product, j) => modulo(product * j), 1n);
    const below = others.reduce((product, j) => modulo(product * (j - BigInt(i))), 1n);
    return [i, modulo(above * inverse(below))];
  }));
}

/** Dealers whose commitments or proof are wrong, as everybody can see. */
export function badDealings(quorum: Quorum, dealings: readonly Dealing[]): Complaint[] {
  return dealings.flatMap(({ dealer, commitments, possession }) => {
    const image = commitments[0];
    const right = image !== undefined && commitments.length === quorum.threshold && verifyEquality(possessionContext(dealer), { image, element: BASE, result: image }, possession);
    return right ? [] : [{ dealer, by: 0 }];
  });
}

/** What one custodian complains of: dealers whose share for it is missing or wrong. */
export function complaints(custodian: number, dealings: readonly Dealing[]): Complaint[] {
  return dealings.flatMap(({ dealer, commitments, shares }) => {
    const share = shares.get(custodian);
    return share !== undefined && verifyShare(commitments, custodian, share) ? [] : [{ dealer, by: custodian }];
  });
}

/** The public key of the dealers who stay. @throws Refusal LAB_CEREMONY_SHORT when fewer than the threshold do. */
export function sharedKey(quorum: Quorum, qualified: readonly Dealing[]): SharedKey {
  checkQuorum(quorum);
  if (qualified.length < quorum.threshold) refuse('LAB_CEREMONY_SHORT', `${quorum.threshold} dealers expected, ${qualified.length} left`, {}, 'let the custodians deal again without those who were named');
  return {
    quorum,
    publicKey: withTable(qualified.map((d) => committedAt(d.commitments, 0)).reduce((sum, e) => sum.add(e))),
    verification: new Map(custodians(quorum).map((i) => [i, qualified.map((d) => committedAt(d.commitments, i)).reduce((sum, e) => sum.add(e))])),
  };
}

/** A custodian's share of the joint key: the sum of what the dealers who stay gave it. The custodian alone computes it. */
export function jointShare(custodian: number, qualified: readonly Dealing[]): bigint {
  return qualified.reduce((sum, d) => modulo(sum + (d.shares.get(custodian) ?? 0n)), 0n);
}

/** Bytes that all custodians together send in a ceremony without complaints. */
export function ceremonyBytes({ threshold, count }: Quorum): number {
  return count * (threshold * ELEMENT_BYTES + PROOF_BYTES) + count * (count - 1) * SCALAR_BYTES;
}

/** @throws Refusal LAB_QUORUM unless 1 ≤ threshold ≤ count. */
function checkQuorum({ threshold, count }: Quorum): void {
  if (Number.isSafeInteger(threshold) && Number.isSafeInteger(count) && threshold >= 1 && threshold <= count) return;
  refuse('LAB_QUORUM', `a threshold from 1 to the number of custodians expected, got ${threshold} of ${count}`, {}, 'give a smaller threshold or more custodians');
}

export function custodians({ count }: Quorum): number[] {
  return Array.from({ length: count }, (_, i) => i + 1);
}

/** The committed polynomial at a place, in the exponent. */
function committedAt(commitments: readonly Element[], place: number): Element {
  return commitments.reduceRight((sum, c) => times(sum, BigInt(place)).add(c), IDENTITY);
}

function possessionContext(dealer: number): Uint8Array {
  return Buffer.from(`weighbridge-lab/possession/${dealer}`);
}
