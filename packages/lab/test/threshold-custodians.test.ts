import { createHash } from 'node:crypto';
import { ristretto255_oprf } from '@noble/curves/ed25519.js';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { measureAccess } from '../src/access.ts';
import type { Arrangement } from '../src/access.ts';
import { arrangeThreshold, chanceOf, holdCeremony, openWithSecret, pooledSecret } from '../src/mechanisms/threshold-arrangement.ts';
import { BASE, hashToScalar, modulo, ORDER, randomScalar, readElement, readScalar, scalarBytes, times } from '../src/mechanisms/threshold-group.ts';
import { proveEquality, verifyEquality } from '../src/mechanisms/threshold-proof.ts';
import { combine, ephemeralOf, isSealedFor, openWith, partialDecryption, sealTo, verifyPartial } from '../src/mechanisms/threshold-seal.ts';
import { badDealings, complaints, custodians, deal, evaluate, interpolate, jointShare, lagrange, sharedKey, verifyShare } from '../src/mechanisms/threshold-sharing.ts';
import type { Quorum } from '../src/mechanisms/threshold-sharing.ts';
import { thresholdCustodians } from '../src/proposals/threshold-custodians.ts';
import type { Conditions } from '../src/proposal.ts';
import { SeededRandom } from '../src/random.ts';
import { Recorder } from '../src/record.ts';
import type { World } from '../src/world.ts';

const SEED = 20_261_122;
const hex = (text: string): Uint8Array => Buffer.from(text, 'hex');
const chance = (label: string): ReturnType<typeof chanceOf> => chanceOf(SeededRandom.of(SEED, label));
const conditions = (size: number): Conditions => ({ size, epochs: 4, messagesPerEpoch: 4, payloadBytes: 40, padding: 'on', seed: SEED });
const value = (record: Recorder, metric: string): number | undefined => record.rows.find((r) => r.metric === metric)?.value;

/** RFC 9591, Appendix E.3: FROST(ristretto255, SHA-512), group inputs. */
const RFC9591 = {
  secret: '1b25a55e463cfd15cf14a5d3acc3d15053f08da49c8afcf3ab265f2ebc4f970b',
  publicKey: 'e2a62f39eede11269e3bd5a7d97554f5ca384f9f6d3dd9c3c0d05083c7254f57',
  coefficient: '410f8b744b19325891d73736923525a4f596c805d060dfb9c98009d34e3fec02',
  shares: [
    '5c3430d391552f6e60ecdc093ff9f6f4488756aa6cebdbad75a768010b8f830e',
    'b06fc5eac20b4f6e1b271d9df2343d843e1e1fb03c4cbb673f2872d459ce6f01',
    'f17e505f0e2581c6acfe54d3846a622834b5e7b50cad9a2109a97ba7a80d5c04',
  ],
};

const quorums = fc.integer({ min: 1, max: 5 }).chain((count) => fc.record({ count: fc.constant(count), threshold: fc.integer({ min: 1, max: count }) }));
const scalars = fc.bigInt({ min: 0n, max: ORDER - 1n });

describe('sharing', () => {
  test('gives the shares and the public key of RFC 9591, Appendix E.3', () => {
    const coefficients = [RFC9591.secret, RFC9591.coefficient].map((c) => readScalar(hex(c)));
    const dealing = deal(1, { threshold: 2, count: 3 }, chance('vector'), coefficients);
    expect([...dealing.shares.values()].map((s) => Buffer.from(scalarBytes(s)).toString('hex'))).toEqual(RFC9591.shares);
    expect(Buffer.from(dealing.commitments[0]?.toBytes() ?? []).toString('hex')).toBe(RFC9591.publicKey);
    for (const [i, j] of [[1, 2], [1, 3], [2, 3]] as const) {
      const two = new Map([i, j].map((k) => [k, readScalar(hex(RFC9591.shares[k - 1] ?? ''))]));
      expect(Buffer.from(scalarBytes(interpolate(two))).toString('hex')).toBe(RFC9591.secret);
    }
  });

  test('any t of n reconstruct', () => {
    fc.assert(fc.property(quorums.chain((quorum) => fc.record({
      quorum: fc.constant(quorum), coefficients: fc.array(scalars, { minLength: quorum.threshold, maxLength: quorum.threshold }),
      chosen: fc.shuffledSubarray(custodians(quorum), { minLength: quorum.threshold }),
    })), ({ coefficients, chosen }) => {
      expect(interpolate(new Map(chosen.map((i) => [i, evaluate(coefficients, i)])))).toBe(coefficients[0]);
    }), { seed: SEED, numRuns: 200 });
  });

  test('what t − 1 see is consistent with every other secret', () => {
    fc.assert(fc.property(quorums.chain((quorum) => fc.record({
      quorum: fc.constant(quorum), coefficients: fc.array(scalars, { minLength: quorum.threshold, maxLength: quorum.threshold }),
      seeing: fc.shuffledSubarray(custodians(quorum), { minLength: quorum.threshold - 1, maxLength: quorum.threshold - 1 }), other: scalars,
    })), ({ coefficients, seeing, other }) => {
      // The polynomial of degree below t with the other secret at 0 and the seen shares in their places: it exists for every secret.
      const points: (readonly [number, bigint])[] = [[0, other], ...seeing.map((i) => [i, evaluate(coefficients, i)] as const)];
      const there = through(points);
      expect(there).toHaveLength(coefficients.length);
      expect(evaluate(there, 0)).toBe(other);
      for (const i of seeing) expect(evaluate(there, i)).toBe(evaluate(coefficients, i));
    }), { seed: SEED, numRuns: 100 });
  });

  test('weights of places name each place once and never 0', () => {
    expect(() => lagrange([1, 1])).toThrow(RangeError);
    expect(() => lagrange([0, 1])).toThrow(RangeError);
  });

  test('a tampered share is refused, and the right one is not', () => {
    const quorum = { threshold: 3, count: 5 };
    const dealing = deal(2, quorum, chance('tampered'));
    fc.assert(fc.property(fc.constantFrom(...custodians(quorum)), fc.bigInt({ min: 1n, max: ORDER - 1n }), (i, by) => {
      const share = dealing.shares.get(i) ?? 0n;
      expect(verifyShare(dealing.commitments, i, share)).toBe(true);
      expect(verifyShare(dealing.commitments, i, modulo(share + by))).toBe(false);
    }), { seed: SEED, numRuns: 15 });
  });

  test('a dealer of a wrong share or of a borrowed proof is named, and the others make the key', () => {
    const quorum = { threshold: 3, count: 5 };
    const wrong = holdCeremony(quorum, SeededRandom.of(SEED, 'wrong'), (d) => (d.dealer === 4 ? { ...d, shares: new Map([...d.shares].map(([i, s]) => [i, i === 2 ? s + 1n : s])) } : d));
    expect(wrong.complaints).toEqual([{ dealer: 4, by: 2 }]);
    expect(interpolate(new Map([...wrong.shares].slice(1, 4)))).toBe(interpolate(wrong.shares));
    const [one, two] = [deal(1, quorum, chance('1')), deal(2, quorum, chance('2'))];
    expect(badDealings(quorum, [one, { ...two, possession: one.possession }, { ...two, commitments: two.commitments.slice(1) }])).toEqual([{ dealer: 2, by: 0 }, { dealer: 2, by: 0 }]);
    expect(complaints(1, [one, two])).toEqual([]);
  });

  test('nobody holds the whole key: it is the sum of what all dealt, and no dealer knows more than its part', () => {
    const quorum = { threshold: 2, count: 3 };
    const dealings = custodians(quorum).map((i) => deal(i, quorum, chance(`joint ${i}`)));
    const key = sharedKey(quorum, dealings);
    const secret = interpolate(new Map([1, 3].map((i) => [i, jointShare(i, dealings)])));
    expect(times(BASE, secret).equals(key.publicKey)).toBe(true);
    for (const d of dealings) expect(interpolate(d.shares)).not.toBe(secret);
    for (const [i, element] of key.verification) expect(times(BASE, jointShare(i, dealings)).equals(element)).toBe(true);
  });

  test('too few dealers and impossible thresholds are refused', () => {
    const quorum = { threshold: 2, count: 3 };
    expect(() => sharedKey(quorum, [deal(1, quorum, chance('alone'))])).toThrow(expect.objectContaining({ code: 'LAB_CEREMONY_SHORT' }));
    for (const threshold of [0, 4, 1.5]) expect(() => deal(1, { threshold, count: 3 }, chance('none'))).toThrow(expect.objectContaining({ code: 'LAB_QUORUM' }));
  });
});

describe('proofs', () => {
  // The library's verifiable OPRF (RFC 9497) makes and checks the same proofs, over a combination of elements that has to be computed first.
  const context = Buffer.concat([Buffer.from('OPRFV1-'), Uint8Array.of(1), Buffer.from('-ristretto255-SHA512')]);

  test('are those of RFC 9497, byte for byte, when the same chance is given', () => {
    const { secret, image, blinded, evaluated, proof } = evaluation('same');
    const weight = composite(image, blinded, evaluated, context);
    const element = times(readElement(blinded), weight);
    const statement = { image: readElement(image), element, result: times(element, secret) };
    expect(verifyEquality(context, statement, proof)).toBe(true);
    // The library draws its chance in another form; the commitment r follows from the proof: r = s + c·k.
    const [c, s] = [readScalar(proof.subarray(0, 32)), readScalar(proof.subarray(32))];
    expect(Buffer.from(proveEquality(context, secret, statement, rawChance(modulo(s + c * secret))))).toEqual(Buffer.from(proof));
  });

  test('made here are accepted by the library’s verifier, and altered ones are not', () => {
    const { secret, image, blinded, evaluated, proof: theirs, input, blind } = evaluation('ours');
    const element = times(readElement(blinded), composite(image, blinded, evaluated, context));
    const proof = proveEquality(context, secret, { image: readElement(image), element, result: times(element, secret) }, chance('ours'));
    const finalize = (shown: Uint8Array): Uint8Array => ristretto255_oprf.voprf.finalize(input, blind, evaluated, blinded, image, shown);
    expect(proof).not.toEqual(theirs);
    expect(finalize(proof)).toEqual(finalize(theirs));
    expect(() => finalize(proof.with(40, (proof[40] ?? 0) ^ 1))).toThrow();
  });

  test('no altered proof, statement or context passes', () => {
    const k = randomScalar(chance('k'));
    const element = times(BASE, randomScalar(chance('element')));
    const statement = { image: times(BASE, k), element, result: times(element, k) };
    const proof = proveEquality(Buffer.from('one'), k, statement, chance('proof'));
    expect(verifyEquality(Buffer.from('one'), statement, proof)).toBe(true);
    fc.assert(fc.property(fc.integer({ min: 0, max: proof.length - 1 }), fc.integer({ min: 1, max: 255 }), (at, by) => {
      expect(verifyEquality(Buffer.from('one'), statement, proof.with(at, (proof[at] ?? 0) ^ by))).toBe(false);
    }), { seed: SEED, numRuns: 40 });
    expect(verifyEquality(Buffer.from('two'), statement, proof)).toBe(false);
    expect(verifyEquality(Buffer.from('one'), { ...statement, result: times(element, k + 1n) }, proof)).toBe(false);
    expect(verifyEquality(Buffer.from('one'), { ...statement, image: element }, proof)).toBe(false);
    expect(verifyEquality(Buffer.from('one'), statement, proof.subarray(1))).toBe(false);
    // A proof of a false statement by somebody who knows the first logarithm only.
    expect(verifyEquality(Buffer.from('one'), { ...statement, result: BASE }, proveEquality(Buffer.from('one'), k, { ...statement, result: BASE }, chance('false')))).toBe(false);
  });
});

describe('sealing', () => {
  const quorum = { threshold: 3, count: 5 };
  const { key, shares } = holdCeremony(quorum, SeededRandom.of(SEED, 'sealing'));
  const text = Buffer.from('sixty-four bytes of a secret, or any other number of them.......');
  const sealed = sealTo(key.publicKey, 'label', text, chance('sealed'));
  const partials = [...shares].map(([i, share]) => partialDecryption(i, share, 'label', sealed, chance(`partial ${i}`)));

  test('any three of five open, and two are refused', () => {
    fc.assert(fc.property(fc.shuffledSubarray(partials, { minLength: 3 }), (some) => {
      expect(combine(key, 'label', sealed, some)).toEqual({ plaintext: text, culprits: [] });
    }), { seed: SEED, numRuns: 6 });
    expect(() => combine(key, 'label', sealed, partials.slice(0, 2))).toThrow(expect.objectContaining({ code: 'LAB_PARTIALS_SHORT' }));
    expect(() => combine(key, 'label', sealed, [partials[0], partials[0], partials[1]].filter((p) => p !== undefined))).toThrow(expect.objectContaining({ code: 'LAB_PARTIALS_SHORT' }));
  });

  test('two shares open nothing, whatever is tried as the third', () => {
    fc.assert(fc.property(fc.shuffledSubarray([...shares.keys()], { minLength: 2, maxLength: 2 }), scalars, ([a = 1, b = 2], guess) => {
      const third = [1, 2, 3, 4, 5].find((i) => i !== a && i !== b) ?? 0;
      const secret = interpolate(new Map([[a, shares.get(a) ?? 0n], [b, shares.get(b) ?? 0n], [third, guess]]));
      expect(openWithSecret(secret, 'label', sealed)).toBeUndefined();
    }), { seed: SEED, numRuns: 15 });
  });

  test('a wrong partial decryption is left out and its custodian named; with it alone missing the text still opens', () => {
    fc.assert(fc.property(fc.constantFrom(...partials), fc.constantFrom('element', 'proof'), ({ custodian }, part) => {
      const tampered = partials.map((p) => (p.custodian !== custodian ? p : part === 'proof' ? { ...p, proof: p.proof.with(3, (p.proof[3] ?? 0) ^ 1) } : { ...p, element: BASE.toBytes() }));
      expect(combine(key, 'label', sealed, tampered)).toEqual({ plaintext: text, culprits: [custodian] });
    }), { seed: SEED, numRuns: 6 });
  });

  test('a sealed text under another label, or altered anywhere, is refused by custodians', () => {
    expect(isSealedFor('label', sealed)).toBe(true);
    expect(isSealedFor('other', sealed)).toBe(false);
    fc.assert(fc.property(fc.integer({ min: 0, max: sealed.length - 1 }), fc.integer({ min: 1, max: 255 }), (at, by) => {
      const altered = Uint8Array.from(sealed).with(at, (sealed[at] ?? 0) ^ by);
      expect(isSealedFor('label', altered)).toBe(false);
      expect(() => partialDecryption(1, shares.get(1) ?? 0n, 'label', altered, chance('x'))).toThrow(expect.objectContaining({ code: 'LAB_SEAL_LABEL' }));
    }), { seed: SEED, numRuns: 20 });
  });

  test('broken on purpose: custodians who skip the label open another’s text moved under a label of the asker', () => {
    const u = ephemeralOf(sealed) ?? BASE;
    const weights = lagrange([1, 2, 3]);
    const unchecked = [1, 2, 3].map((i) => times(times(u, shares.get(i) ?? 0n), weights.get(i) ?? 0n)).reduce((a, b) => a.add(b));
    expect(openWith(unchecked, 'label', sealed)).toEqual(text);
  });

  test('a partial decryption is of no use for another text', () => {
    const elsewhere = sealTo(key.publicKey, 'label', text, chance('elsewhere'));
    for (const partial of partials) expect(verifyPartial(key, 'label', elsewhere, partial)).toBe(false);
  });

  test('encodings that are not canonical are refused', () => {
    expect(() => readScalar(Buffer.alloc(32, 0xff))).toThrow(expect.objectContaining({ code: 'LAB_GROUP_SCALAR' }));
    expect(() => readElement(Buffer.alloc(32, 0xff))).toThrow(expect.objectContaining({ code: 'LAB_GROUP_ELEMENT' }));
    expect(() => readElement(new Uint8Array(32))).toThrow(expect.objectContaining({ code: 'LAB_GROUP_ELEMENT' }));
  });
});

describe('the proposal', () => {
  test.each([[2, '3-of-5', 3], [10, '2-of-3', 2]])('at N = %i, %s: %i custodians read everything, one fewer nothing', { timeout: 60_000 }, async (size, variant, threshold) => {
    const [first, second] = [new Recorder(), new Recorder()];
    await thresholdCustodians.run(variant, conditions(size), first);
    expect(value(first, 'coalition.least')).toBe(threshold);
    expect(value(first, 'exposed.below-coalition')).toBe(0);
    expect(value(first, 'exposed.by-standing-key')).toBe(0);
    expect([value(first, 'reach.past'), value(first, 'reach.future')]).toEqual([1, 1]);
    expect(value(first, 'exposed.others-by-access')).toBeGreaterThanOrEqual(0.3);
    expect(value(first, 'exposed.other-epochs')).toBe(0);
    expect(value(first, 'exposed.people-read')).toBeGreaterThan(0);
    expect(value(first, 'errors.forged-accepted')).toBe(0);
    expect(value(first, 'errors.wrongly-named')).toBe(0);
    expect(value(first, 'evasion.share')).toBe(1);
    if (size > 2) return;
    await thresholdCustodians.run(variant, conditions(size), second);
    expect(second.rows).toEqual(first.rows);
    expect(second.findings).toEqual(first.findings);
  });

  test('broken on purpose: a dealer who keeps the whole key is the smallest coalition', { timeout: 30_000 }, async () => {
    const record = new Recorder();
    await measureAccess('threshold broken', conditions(2), record, (world) => Promise.resolve(withDealer(world, { threshold: 3, count: 5 })));
    expect(value(record, 'coalition.least')).toBe(1);
    expect(value(record, 'exposed.by-standing-key')).toBe(1);
  });

  test('custodians read with the key alone: pooled shares of fewer are not it', () => {
    const ceremony = holdCeremony({ threshold: 2, count: 3 }, SeededRandom.of(SEED, 'pool'));
    expect(pooledSecret(ceremony, new Set(['custodian-1']))).toBeUndefined();
    expect(pooledSecret(ceremony, new Set(['authority']))).toBeUndefined();
    expect(pooledSecret(ceremony, new Set(['custodian-1', 'custodian-3']))).toBe(pooledSecret(ceremony, new Set(['custodian-1', 'custodian-2', 'custodian-3'])));
  });
});

/** The custodians' arrangement with one more party that was handed the key while it was made. */
function withDealer(world: World, quorum: Quorum): Arrangement {
  const honest = arrangeThreshold(world, quorum);
  const everybody = new Set(honest.parties.map((p) => p.id));
  return {
    ...honest,
    parties: [...honest.parties, { id: 'dealer', role: 'dealt the key', holds: ['whole key'], standing: true }],
    read: (coalition, view) => honest.read(coalition.has('dealer') ? everybody : coalition, view),
  };
}

/** Coefficients of the polynomial of least degree through points, by Newton's divided differences. */
function through(points: readonly (readonly [number, bigint])[]): bigint[] {
  const invert = (a: bigint): bigint => {
    let [result, base, power] = [1n, modulo(a), ORDER - 2n];
    for (; power > 0n; power >>= 1n) {
      if (power % 2n === 1n) result = modulo(result * base);
      base = modulo(base * base);
    }
    return result;
  };
  let differences = points.map(([, y]) => y);
  const newton: bigint[] = [];
  for (let level = 0; level < points.length; level += 1) {
    newton.push(differences[0] ?? 0n);
    differences = differences.slice(1).map((d, i) => modulo((d - (differences[i] ?? 0n)) * invert(BigInt((points[i + level + 1]?.[0] ?? 0) - (points[i]?.[0] ?? 0)))));
  }
  return newton.reduceRight<bigint[]>((sum, c, level) => {
    const x = BigInt(points[level]?.[0] ?? 0);
    const shifted = [0n, ...sum];
    return shifted.map((a, i) => modulo(a - x * (sum[i] ?? 0n) + (i === 0 ? c : 0n))).slice(0, Math.max(1, sum.length + 1));
  }, []).slice(0, points.length);
}

/** One evaluation by the library's verifiable OPRF. */
function evaluation(label: string): { secret: bigint; image: Uint8Array; blinded: Uint8Array; evaluated: Uint8Array; proof: Uint8Array; input: Uint8Array; blind: Uint8Array } {
  const random = SeededRandom.of(SEED, `oprf ${label}`);
  const rng = (length = 32): Uint8Array<ArrayBuffer> => random.bytes(length);
  const secret = randomScalar(chance(`oprf key ${label}`));
  const image = times(BASE, secret).toBytes();
  const input = Buffer.from('input');
  const { blind, blinded } = ristretto255_oprf.voprf.blind(input, rng);
  const { evaluated, proof } = ristretto255_oprf.voprf.blindEvaluate(scalarBytes(secret), image, blinded, rng);
  return { secret, image, blinded, evaluated, proof, input, blind };
}

/** RFC 9497 §2.2.1, ComputeComposites, for one pair: the factor of both elements. */
function composite(image: Uint8Array, blinded: Uint8Array, evaluated: Uint8Array, context: Uint8Array): bigint {
  const part = (bytes: Uint8Array): Buffer => Buffer.concat([Uint8Array.of(bytes.length >> 8, bytes.length & 255), bytes]);
  const seed = new Uint8Array(createHash('sha512').update(Buffer.concat([part(image), part(Buffer.concat([Buffer.from('Seed-'), context]))])).digest());
  const transcript = Buffer.concat([part(seed), Uint8Array.of(0, 0), part(blinded), part(evaluated), Buffer.from('Composite')]);
  return hashToScalar(transcript, Buffer.concat([Buffer.from('HashToScalar-'), context]));
}

/** Chance from which `randomScalar` makes this scalar. */
function rawChance(scalar: bigint): (length: number) => Uint8Array {
  return (length) => Buffer.from(scalar.toString(16).padStart(2 * length, '0'), 'hex');
}
