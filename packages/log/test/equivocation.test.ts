import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import { Refusal } from '@weighbridge/base';
import { formatAddCheckpoint } from '../src/add-checkpoint.ts';
import { fromUtf8, utf8 } from '../src/bytes.ts';
import { parseCheckpoint } from '../src/checkpoint.ts';
import { checkEquivocation, evidenceOf, formatEquivocation, parseEquivocation, proveEquivocation, proveFromReceipts } from '../src/equivocation.ts';
import { withCosignatures } from '../src/head.ts';
import { checkPolicy, parsePolicy } from '../src/policy.ts';
import type { NoteSigner } from '../src/signed-note.ts';
import { formatTlogProof } from '../src/tlog-proof.ts';
import { SHA256_TREE } from '../src/tree-hash.ts';
import { Witness } from '../src/witness.ts';
import { openWitnessState } from '../src/witness-state.ts';
import type { WitnessDatabase } from '../src/witness-state.ts';
import { TestLog } from './test-log.ts';
import { codeOf, testSigner } from './test-signers.ts';

const signer = testSigner('ed25519', 'log.test/a');
const logs = [signer.verifierKey];
const cosigner = testSigner('ed25519-cosigner', 'witness.test/w');
const log = TestLog.of(signer, 40);
const fork = TestLog.of(signer, 40, 5);
const NOW = 1_700_000_000n;

const folders: string[] = [];
const open: WitnessDatabase[] = [];
afterAll(async () => {
  for (const state of open) state.close();
  for (const folder of folders) await rm(folder, { recursive: true, force: true });
});

async function asyncCodeOf(call: () => Promise<unknown>): Promise<string> {
  return await call().then(() => 'accepted', (error: unknown) => (error instanceof Refusal ? error.code : String(error)));
}

const text = (bytes: Uint8Array | null): string => fromUtf8(bytes ?? new Uint8Array()) ?? '';
const check = (evidence: Uint8Array | null): ReturnType<typeof checkEquivocation> => checkEquivocation(evidence ?? new Uint8Array(), logs);

test('two roots at one size prove it, and the file reads back as it was written, in whichever order the heads came', async () => {
  const evidence = await proveEquivocation(log.head(9), fork.head(9), logs);
  expect(check(evidence)).toMatchObject({ proved: true, origin: 'log.test/a', first: { size: 9n }, second: { size: 9n }, witnesses: [] });
  expect(await proveEquivocation(fork.head(9), log.head(9), logs)).toEqual(evidence);
  expect(formatEquivocation(parseEquivocation(evidence ?? new Uint8Array()))).toEqual(evidence);
  expect(text(evidence).split('\n').slice(0, 3)).toEqual(['weighbridge-equivocation/1', `log ${signer.verifierKey.text}`, 'same-size']);
});

test('for every pair of sizes: a fork is proved from the tiles of the larger head, growth is never', async () => {
  let proved = 0;
  for (let size1 = 0; size1 <= 24; size1 += 1) {
    for (let size2 = size1; size2 <= 24; size2 += 1) {
      const evidence = await proveEquivocation(log.head(size1), fork.head(size2), logs, fork.reader(size2));
      // Below the fork both trees are one.
      if (size1 <= 5) expect(evidence).toBeNull();
      else {
        expect(check(evidence)).toMatchObject({ first: { size: BigInt(size1) }, second: { size: BigInt(size2) } });
        expect(formatEquivocation(parseEquivocation(evidence ?? new Uint8Array()))).toEqual(evidence);
        proved += 1;
      }
      expect(await proveEquivocation(log.head(size2), log.head(size1), logs, log.reader(size2))).toBeNull();
    }
  }
  expect(proved).toBe(190);
});

test('across tiles, too: a fork of 300 entries against 700', async () => {
  const [big, other] = [TestLog.of(signer, 700, 299), TestLog.of(signer, 300)];
  const evidence = await proveEquivocation(other.head(), big.head(), logs, big.reader());
  expect(check(evidence).says.join(' ')).toContain('the first 300 entries under the larger head have another root');
  expect((evidence ?? '').length).toBeLessThan(1_500);
});

test('two receipts for one index with different entries prove it without any tiles', async () => {
  const leaf = async (from: TestLog, index: number, size: number): Promise<{ leafHash: Uint8Array; proof: Uint8Array[] }> =>
    ({ leafHash: SHA256_TREE.leaf(utf8(from.entries[index] ?? '')), proof: await from.inclusion(index, size) });
  const [a, b] = [parseCheckpoint(log.head(9)), parseCheckpoint(fork.head(20))];
  const evidence = (index: number, first: Awaited<ReturnType<typeof leaf>>, second: typeof first): Uint8Array => evidenceOf(b, a, logs, { kind: 'entry', index: BigInt(index), first: second, second: first });
  expect(check(evidence(6, await leaf(log, 6, 9), await leaf(fork, 6, 20))).says[1]).toBe('entry 6 is one thing under the first head and another under the second');
  expect(codeOf(() => check(evidence(3, { leafHash: SHA256_TREE.leaf(utf8('entry 3')), proof: [] }, { leafHash: new Uint8Array(32), proof: [] })))).toBe('EVIDENCE_MATERIAL');
  const [same, alike] = [await leaf(log, 3, 9), await leaf(fork, 3, 20)];
  expect(codeOf(() => check(evidence(3, same, alike)))).toBe('EVIDENCE_HARMLESS');
  const file = evidence(6, await leaf(log, 6, 9), await leaf(fork, 6, 20));
  expect(formatEquivocation(parseEquivocation(file))).toEqual(file);

  const held = async (from: TestLog, index: number, size: number): Promise<{ receipt: Uint8Array; entry: Uint8Array }> =>
    ({ receipt: utf8(formatTlogProof({ index: BigInt(index), proof: await from.inclusion(index, size), checkpoint: from.head(size) })), entry: utf8(from.entries[index] ?? '') });
  expect(proveFromReceipts(await held(fork, 6, 20), await held(log, 6, 9), logs)).toEqual(file);
  expect(proveFromReceipts(await held(fork, 3, 20), await held(log, 3, 9), logs)).toBeNull();
  expect(proveFromReceipts(await held(fork, 7, 20), await held(log, 6, 9), logs)).toBeNull();
  const wrong = { ...await held(log, 6, 9), entry: utf8('entry 7') };
  expect(codeOf(() => proveFromReceipts(wrong, wrong, logs))).toBe('EVIDENCE_MATERIAL');
});

test('witnesses that cosigned both heads are named', async () => {
  const honest = testSigner('ed25519-cosigner', 'witness.test/honest');
  const evidence = await proveEquivocation(log.head(9, [cosigner, honest]), fork.head(9, [cosigner]), logs);
  const proved = checkEquivocation(evidence ?? new Uint8Array(), logs, [cosigner.verifierKey, honest.verifierKey]);
  expect(proved.witnesses).toEqual(['witness.test/w']);
  expect(proved.says).toContain('the witness witness.test/w cosigned both');
});

test('anybody can make a key: evidence about a log whose key was not given proves nothing', async () => {
  const impostor = testSigner('ed25519', 'log.test/a', 'an impostor');
  const evidence = await proveEquivocation(new TestLog(impostor, log.entries).head(9), new TestLog(impostor, fork.entries).head(9), [impostor.verifierKey]);
  expect(codeOf(() => check(evidence))).toBe('EVIDENCE_KEY_UNKNOWN');
  expect(codeOf(() => check(utf8(text(evidence).replace(impostor.verifierKey.text, signer.verifierKey.text))))).toBe('EVIDENCE_UNSIGNED');
  expect(codeOf(() => checkEquivocation(evidence ?? new Uint8Array(), []))).toBe('EVIDENCE_KEY_UNKNOWN');
  expect(checkEquivocation(evidence ?? new Uint8Array(), [impostor.verifierKey]).proved).toBe(true);
});

test('evidence that shows nothing, of its own code each', async () => {
  const b = TestLog.of(testSigner('ed25519', 'log.test/b'), 9);
  const prefix = text(await proveEquivocation(log.head(7), fork.head(20), logs, fork.reader(20)));
  const same = text(await proveEquivocation(log.head(9), fork.head(9), logs));
  const [, , ...hashes] = prefix.split('\n\n')[0]?.split('\n') ?? [];
  const growth = text(evidenceOf(parseCheckpoint(log.head(7)), parseCheckpoint(log.head(20)), logs, { kind: 'prefix', hashes: await log.consistency(7, 20) }));
  const cases: readonly (readonly [string, string])[] = [
    ['', 'EVIDENCE_FORM'], ['weighbridge-equivocation/2', 'EVIDENCE_FORM'], [same.replace('/1\n', '/2\n'), 'EVIDENCE_FORM'], [same.slice(0, -1), 'EVIDENCE_FORM'], [`${same}\n`, 'EVIDENCE_FORM'],
    [same.replaceAll('\n', '\r\n'), 'EVIDENCE_FORM'], [same.replace(/log .*\n/, ''), 'EVIDENCE_FORM'], [same.replace('same-size', 'sane-size'), 'EVIDENCE_FORM'], [same.replace('same-size', 'entry 01'), 'EVIDENCE_FORM'],
    [same.replace('same-size', 'entry 1\nleaf AAAA\nleaf AAAA'), 'EVIDENCE_FORM'], [prefix.replace(hashes[1] ?? 'x', 'AAAA'), 'EVIDENCE_FORM'], [prefix.replace(`${hashes[1] ?? ''}\n`, `${hashes[1] ?? ''}\n`.repeat(70)), 'EVIDENCE_FORM'],
    [reversed(same), 'EVIDENCE_FORM'], [reversed(prefix), 'EVIDENCE_FORM'],
    [same.replace('same-size', 'prefix'), 'EVIDENCE_MATERIAL'], [prefix.replace(/prefix\n[^\n]*\n/, 'prefix\n'), 'EVIDENCE_MATERIAL'], [prefix.replace(/prefix[^—]*?\n\n/, 'same-size\n\n'), 'EVIDENCE_MATERIAL'],
    [growth, 'EVIDENCE_HARMLESS'], [same.replace(/\n\n(log.test[^]*?)\n\nlog.test[^]*$/, `\n\n${text(log.head(9))}\n${text(log.head(9))}`), 'EVIDENCE_HARMLESS'],
    [text(formatEquivocation({ logs: [signer.verifierKey.text], first: log.head(9), second: b.head(9), contradiction: { kind: 'same-size' } })), 'EVIDENCE_UNSIGNED'],
    [text(evidenceOf(parseCheckpoint(log.head(7)), parseCheckpoint(b.head(9)), [signer.verifierKey, b.signer.verifierKey], { kind: 'same-size' })), 'EVIDENCE_ORIGIN'],
    [same.replace(/\n9\n/, '\n10\n'), 'EVIDENCE_FORM'], [same.replaceAll('\n9\n', '\n10\n'), 'EVIDENCE_UNSIGNED'],
  ];
  const both = [signer.verifierKey, b.signer.verifierKey];
  for (const [file, code] of cases) expect([file, codeOf(() => checkEquivocation(utf8(file), both))]).toEqual([file, code]);
  expect(await asyncCodeOf(() => proveEquivocation(log.head(7), b.head(9), both))).toBe('EVIDENCE_ORIGIN');
  expect(await asyncCodeOf(() => proveEquivocation(log.head(7), b.head(9), logs))).toBe('EVIDENCE_UNSIGNED');
  expect(await asyncCodeOf(() => proveEquivocation(log.head(7), fork.head(9), logs))).toBe('EVIDENCE_TILES');
  expect(await asyncCodeOf(() => proveEquivocation(log.head(7), fork.head(9), logs, log.reader(9)))).toBe('EVIDENCE_TILES');
});

/** The same file with its heads the other way round. */
function reversed(file: string): string {
  const [header, text1, lines1, text2, lines2] = file.split('\n\n');
  return [header, text2, (lines2 ?? '').slice(0, -1), text1, `${lines1 ?? ''}\n`].join('\n\n');
}

test('an honest log cannot be framed: no other hashes make evidence of its heads', async () => {
  const [a, b] = [parseCheckpoint(log.head(7)), parseCheckpoint(log.head(20))];
  const [honest, forged] = [await log.consistency(7, 20), await fork.consistency(7, 20)];
  const mixed = honest.flatMap((_, at) => forged.filter((hash) => !honest.includes(hash)).map((hash) => honest.with(at, hash)));
  expect(mixed.length).toBeGreaterThan(9);
  let framed = 0;
  for (const hashes of [forged, honest.slice(1), honest.slice(0, -1), [...honest, ...honest], honest.toReversed(), ...mixed]) {
    const code = codeOf(() => check(evidenceOf(a, b, logs, { kind: 'prefix', hashes })));
    // A mixed path may happen to be the honest one where both trees agree.
    expect(['EVIDENCE_MATERIAL', 'EVIDENCE_HARMLESS']).toContain(code);
    framed += code === 'EVIDENCE_MATERIAL' ? 1 : 0;
  }
  expect(framed).toBeGreaterThan(9);
});

test('no byte of evidence can be changed so that it proves another thing', async () => {
  const evidence = await proveEquivocation(log.head(7, [cosigner]), fork.head(20, [cosigner]), logs, fork.reader(20)) ?? new Uint8Array();
  const whole = check(evidence);
  // Everything above the heads: a witness's line below may become an unknown one.
  const header = text(evidence).indexOf('\n\n');
  let refused = 0;
  for (let at = 0; at < evidence.length; at += 1) {
    const damaged = evidence.slice();
    damaged[at] = (damaged[at] ?? 0) ^ (1 << (at % 7));
    try {
      // Damage to a line of the witness makes it an unknown line; the heads are the same.
      const proved = check(damaged);
      expect(at).toBeGreaterThan(header);
      expect(proved).toEqual(whole);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      refused += 1;
    }
  }
  expect(refused).toBeGreaterThan(evidence.length / 2);
});

/** One witness in a split view: honest ones keep to the protocol, colluding ones sign whatever they are shown. */
interface Party {
  readonly signer: NoteSigner;
  readonly honest?: Witness;
}

async function partiesOf(count: number, colluding: number): Promise<Party[]> {
  const folder = await mkdtemp(join(tmpdir(), 'weighbridge-split-'));
  folders.push(folder);
  return Array.from({ length: count }, (_, i) => {
    const own = testSigner('ed25519-cosigner', `witness.test/${i}`);
    if (i < colluding) return { signer: own };
    const state = openWitnessState(join(folder, `${i}.sqlite`), { create: true });
    open.push(state);
    return { signer: own, honest: new Witness({ state, signers: [own], logs, now: () => NOW }) };
  });
}

/** Shows one view to some of the witnesses; gives the checkpoint with all lines that came of it. */
async function show(view: TestLog, size: number, parties: readonly Party[]): Promise<Uint8Array> {
  let checkpoint = text(view.head(size, parties.filter(({ honest }) => honest === undefined).map((party) => party.signer)));
  for (const { honest } of parties) {
    if (honest === undefined) continue;
    const old = honest.head('log.test/a')?.size ?? 0n;
    if (old > BigInt(size)) continue;
    const proof = await view.consistency(Number(old), size);
    const answer = await honest.addCheckpoint(formatAddCheckpoint({ old, proof, checkpoint: view.head(size) }));
    if (answer.status === 200) checkpoint = withCosignatures(checkpoint, answer.body.split('\n').slice(0, -1));
  }
  return utf8(checkpoint);
}

test('among 3 to 7 witnesses with colluding ones, every split view gives a portable proof as soon as two holders compare', { timeout: 120_000 }, async () => {
  let splits = 0;
  await fc.assert(fc.asyncProperty(
    fc.record({ count: fc.integer({ min: 3, max: 7 }), collude: fc.nat(6), common: fc.integer({ min: 0, max: 12 }), grownA: fc.integer({ min: 1, max: 20 }), grownB: fc.integer({ min: 1, max: 20 }), sides: fc.array(fc.boolean(), { minLength: 7, maxLength: 7 }) }),
    async ({ count, collude, common, grownA, grownB, sides }) => {
      const parties = await partiesOf(count, Math.min(collude, count - 2));
      const views = [TestLog.of(signer, common + grownA), TestLog.of(signer, common + grownB, common)] as const;
      await show(views[0], common, parties);
      // Each honest witness is shown one of the views; afterwards the log tries the other on it, too.
      const honest = parties.filter((party) => party.honest !== undefined);
      const heads = await Promise.all(views.map((view, v) => show(view, view.entries.length, parties.filter((party, i) => party.honest === undefined || sides[i] === (v === 1)))));
      for (const [v, view] of views.entries()) await show(view, view.entries.length, honest.filter(({ signer: own }) => sides[parties.findIndex((p) => p.signer === own)] !== (v === 1)));
      // Holders: honest witnesses with what they stored, and a reader of each view.
      const held = [...honest.map(({ honest: w }) => w?.head('log.test/a')?.checkpoint ?? new Uint8Array()), ...heads];
      let disagreeing = 0;
      for (const [i, a] of held.entries()) {
        for (const b of held.slice(i + 1)) {
          const [small, large] = [parseCheckpoint(a), parseCheckpoint(b)].sort((x, y) => (x.size < y.size ? -1 : 1));
          if (small === undefined || large === undefined) continue;
          const of = views.findIndex((view) => view.entries.length === Number(large.size) && parseCheckpoint(view.head()).root.every((byte, k) => byte === large.root[k]));
          const view = views[of] ?? views[0];
          const evidence = await proveEquivocation(a, b, logs, view.reader(Number(large.size)));
          const apart = Number(small.size) > common && !view.root(0, Number(small.size)).every((byte, k) => byte === small.root[k]);
          expect(evidence !== null).toBe(apart);
          if (evidence === null) continue;
          expect(check(evidence).proved).toBe(true);
          disagreeing += 1;
        }
      }
      expect(disagreeing).toBeGreaterThan(0);
      splits += 1;
      // No honest witness stands under both views, and so none is ever named.
      const named = await proveEquivocation(heads[0] ?? new Uint8Array(), heads[1] ?? new Uint8Array(), logs, (grownA > grownB ? views[0] : views[1]).reader());
      expect(checkEquivocation(named ?? new Uint8Array(), logs, parties.map((party) => party.signer.verifierKey)).witnesses).toEqual(parties.filter((party) => party.honest === undefined).map((party) => party.signer.verifierKey.name));
    },
  ), { seed: 20231106, numRuns: 60 });
  expect(splits).toBe(60);
});

test('with fewer colluding witnesses than twice the quorum exceeds the number, at most one view of a split is ever believed', { timeout: 120_000 }, async () => {
  let believed = 0;
  await fc.assert(fc.asyncProperty(fc.integer({ min: 3, max: 7 }), fc.array(fc.boolean(), { minLength: 7, maxLength: 7 }), async (count, sides) => {
    const quorum = Math.floor((2 * count) / 3) + 1;
    const parties = await partiesOf(count, 2 * quorum - count - 1);
    const policy = parsePolicy(`log ${signer.verifierKey.text}\n${parties.map(({ signer: own }, i) => `witness W${i} ${own.verifierKey.text}\n`).join('')}group G ${quorum} ${parties.map((_, i) => `W${i}`).join(' ')}\nquorum G\n`);
    const views = [TestLog.of(signer, 9), TestLog.of(signer, 9, 5)];
    const heads = await Promise.all(views.map((view, v) => show(view, 9, parties.filter((party, i) => party.honest === undefined || sides[i] === (v === 1)))));
    const codes = heads.map((head) => codeOf(() => checkPolicy(policy, head)));
    expect(codes.filter((code) => code === 'accepted').length).toBeLessThan(2);
    believed += codes.filter((code) => code === 'accepted').length;
  }), { seed: 20231106, numRuns: 40 });
  expect(believed).toBeGreaterThan(0);
});
