/**
 * Tracing of forwarded messages: the claims, and each broken once on purpose.
 * @module
 */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { hmacSha256 } from '../src/hmac-sha256.ts';
import { link, refuseUntraceable, traced, TraceStore, tracingHooks, TRACE_BYTES } from '../src/mechanisms/forward-trace.ts';
import type { Tracing } from '../src/mechanisms/forward-trace.ts';
import { forwardTracing } from '../src/proposals/forward-tracing.ts';
import type { Conditions } from '../src/proposal.ts';
import { SeededRandom } from '../src/random.ts';
import { Recorder } from '../src/record.ts';
import { confirmByDictionary } from '../src/reporting/franking-attacks.ts';
import { forwardTrees, meanInterval, pathOf, wayToReporter } from '../src/reporting/forward-trees.ts';
import { FORWARDED, playTree, traceTree, tryMisleading } from '../src/reporting/trace-experiments.ts';
import { openWorld, talk } from '../src/world.ts';

const CONDITIONS: Conditions = { size: 2, epochs: 3, messagesPerEpoch: 5, payloadBytes: 100, padding: 'on', seed: 1 };
const TRACINGS: readonly Tracing[] = ['path', 'tree'];

async function run(variant: Tracing, conditions: Conditions): Promise<Recorder> {
  const record = new Recorder();
  await forwardTracing.run(variant, conditions, record);
  return record;
}

const firstRun = run('path', CONDITIONS);

/** One small tree for a property. */
function someTree(seed: number, copying = 0): ReturnType<typeof forwardTrees>[number] {
  const [tree] = forwardTrees(SeededRandom.of(seed, 'property'), copying, 1);
  if (tree === undefined) throw new RangeError('a tree expected');
  return tree;
}

describe('the claims', () => {
  test.each([['path', 2], ['path', 10], ['tree', 10]] as const)('%s at N = %i finds the writer, names innocents, takes no forged report, and confirms no text before one', async (variant, size) => {
    const record = await (size === 2 ? firstRun : run(variant, { ...CONDITIONS, size }));
    const values = Object.fromEntries(record.rows.map((row) => [row.metric, row.value]));
    expect(values).toMatchObject({ 'errors.forged-accepted': 0, 'exposed.by-standing-key': 0, 'evasion.share': 1, 'wire.message-added': 65 });
    expect(values['exposed.people']).toBeGreaterThanOrEqual(variant === 'path' ? 1 : 10);
    expect(record.findings.join(' ')).toContain('ended at the writer in 100 of 100 reports');
    const { low = 0, high = 0, note } = record.rows.find((row) => row.metric === 'exposed.people') ?? {};
    const unCopied = Number(/where nobody copies, ([\d.]+);/.exec(note ?? '')?.[1]);
    // A copy ends the walk: fewer become known, and the one who copied is named in the writer’s place.
    expect([low < (values['exposed.people'] ?? 0), (values['exposed.people'] ?? 0) < high, (values['exposed.people'] ?? 0) < unCopied]).toEqual([true, true, true]);
    expect(record.findings.join(' ')).toContain('of four kinds, receivers accepted 0.');
  }, 120_000);

  test('the same seed gives the same rows and findings twice', async () => {
    const [a, b] = [await firstRun, await run('path', CONDITIONS)];
    expect(a.rows).toEqual(b.rows);
    expect(a.findings).toEqual(b.findings);
  }, 120_000);

  test('path names exactly the people between reporter and writer; tree names everybody who has the text', () => {
    fc.assert(fc.property(fc.integer({ min: 1, max: 10_000 }), fc.constantFrom(...TRACINGS), (seed, tracing) => {
      const tree = someTree(seed);
      const { named, people } = traceTree(tracing, tree, playTree(tracing, tree, SeededRandom.of(seed, 'keys')));
      const all = tree.holders.map((_, i) => i).filter((i) => i !== tree.reporter);
      const expected = (tracing === 'path' ? pathOf(tree) : all).map((i) => tree.holders[i]?.name ?? '');
      expect([...people].toSorted()).toEqual(expected.toSorted());
      expect(named).toBe(tree.holders[0]?.name);
    }), { seed: 5201, numRuns: 30 });
  });

  test('who copies last before the reporter is named, and the way to the reporter alone gives the same', () => {
    fc.assert(fc.property(fc.integer({ min: 1, max: 10_000 }), (seed) => {
      const tree = someTree(seed, 0.5);
      const copier = pathOf(tree).find((at) => tree.holders[at]?.copies === true) ?? 0;
      const keys = SeededRandom.of(seed, 'keys');
      const way = wayToReporter(tree);
      expect(traceTree('path', tree, playTree('path', tree, keys)).named).toBe(tree.holders[copier]?.name);
      expect(traceTree('path', way, playTree('tree', way, keys)).named).toBe(tree.holders[copier]?.name);
    }), { seed: 5202, numRuns: 30 });
  });

  test('forwarders with keys of their own choice hide people from the walk forward, not from the walk back', () => {
    const tree = someTree(3);
    const everybody = new Set(tree.holders.keys());
    const { named, people } = traceTree('tree', tree, playTree('tree', tree, SeededRandom.of(3, 'keys'), everybody));
    expect(named).toBe(tree.holders[0]?.name);
    expect(people.size).toBe(pathOf(tree).length);
  });

  test('a new message and a forwarded one have clear parts of one length, and no bytes in common', () => {
    const random = SeededRandom.of(4, 'alike');
    for (const tracing of TRACINGS) {
      const first = traced(tracing, FORWARDED, random.bytes(TRACE_BYTES), 'a', 0, random);
      const second = traced(tracing, FORWARDED, first.key, 'b', 0, random);
      expect([first.clear.length, second.clear.length]).toEqual([64, 64]);
      expect([first.clear.subarray(0, 32), first.clear.subarray(32)].some((part) => Buffer.from(second.clear).includes(Buffer.from(part)))).toBe(false);
    }
  });

  test('a message is refused unless its number fits key and text', () => {
    const random = SeededRandom.of(5, 'refuse');
    const sent = traced('path', FORWARDED, random.bytes(TRACE_BYTES), 'a', 0, random);
    expect(refuseUntraceable(sent.key, FORWARDED, sent.clear)).toBeUndefined();
    for (const [key, text, clear] of [[random.bytes(32), FORWARDED, sent.clear], [sent.key, Buffer.from('other'), sent.clear], [sent.key, FORWARDED, sent.clear.subarray(1)]] as const) {
      expect(refuseUntraceable(key, text, clear)).toBeDefined();
    }
  });

  test('a walk ends when messages point at each other in a circle', () => {
    const [a, b] = [new Uint8Array(32).fill(1), new Uint8Array(32).fill(2)];
    const store = new TraceStore();
    store.take(link(a, FORWARDED, b), 'x', ['y', 'x']);
    store.take(link(b, FORWARDED, a), 'x', ['y', 'x']);
    expect(store.path('y', b, FORWARDED)).toHaveLength(2);
    expect(store.path('y', a, FORWARDED)).toHaveLength(1);
  });

  test('none of six ways to mislead the walk has the victim named', () => {
    for (const tracing of TRACINGS) {
      const tries = tryMisleading(tracing, 3, SeededRandom.of(8, 'tries'));
      expect(tries).toHaveLength(6);
      expect(tries.every((t) => t.tried === 3 && t.accepted === 0)).toBe(true);
    }
  });

  test('a message that is sent again by somebody else does not take the place of the first: the trace still names who sent that', () => {
    const random = SeededRandom.of(9, 'again');
    const store = new TraceStore();
    const genuine = traced('path', FORWARDED, random.bytes(TRACE_BYTES), 'writer', 0, random);
    store.take(genuine.clear, 'writer', ['reporter', 'other']);
    store.take(genuine.clear, 'other', ['reporter']);
    expect(store.path('reporter', genuine.key, FORWARDED).map((step) => step.sender)).toEqual(['writer']);
  });

  test('meanInterval of 1, 2, 3 is 2 ± 1.96 · √(1/3), and one value alone is refused', () => {
    const { mean, low, high } = meanInterval([1, 2, 3]);
    expect([mean, low, high]).toEqual([2, expect.closeTo(2 - 1.96 * Math.sqrt(1 / 3)), expect.closeTo(2 + 1.96 * Math.sqrt(1 / 3))]);
    expect(() => meanInterval([1])).toThrow(RangeError);
  });
});

describe('broken on purpose', () => {
  test('a platform that is told the keys confirms texts before any report', () => {
    const random = SeededRandom.of(6, 'told');
    const { key, clear } = traced('path', FORWARDED, random.bytes(TRACE_BYTES), 'a', 0, random);
    const carried = new Map([[0, { commitment: clear.subarray(0, 32), tag: clear.subarray(32) }]]);
    const candidates = (): Uint8Array[] => [Buffer.concat([Buffer.from('id'), FORWARDED])];
    expect(hmacSha256(key, ...candidates()).equals(clear.subarray(0, 32))).toBe(true);
    expect(confirmByDictionary(carried, candidates, () => [key]).size).toBe(1);
    expect(confirmByDictionary(carried, candidates, ({ tag }) => [tag]).size).toBe(0);
  });

  test('receivers that do not check the number accept messages that no report traces', async () => {
    const world = await openWorld({ ...CONDITIONS, epochs: 1 }, 'careless receivers');
    const random = world.random.fork('tracing');
    const honest = tracingHooks('path', random);
    const changed = { ...honest, accompany: () => Promise.resolve(random.bytes(64)) };
    const transcript = await talk(world, { ...changed, check: () => Promise.resolve(undefined) });
    expect(transcript.refused.size).toBe(0);
    expect(new TraceStore().path('synthetic-0001', new Uint8Array(32), FORWARDED)).toEqual([]);
  }, 30_000);

  test('a platform that keeps who received a message wrongly names the victim of a forged pointer; one that keeps it rightly does not', () => {
    const named = (recipients: readonly string[]): string | undefined => {
      const random = SeededRandom.of(7, 'pointer');
      const store = new TraceStore();
      const genuine = traced('path', FORWARDED, random.bytes(TRACE_BYTES), 'victim', 0, random);
      store.take(genuine.clear, 'victim', recipients);
      const forged = traced('path', FORWARDED, genuine.key, 'forger', 0, random);
      store.take(forged.clear, 'forger', ['reporter']);
      return store.path('reporter', forged.key, FORWARDED).at(-1)?.sender;
    };
    expect(named(['accomplice'])).toBe('forger');
    expect(named(['accomplice', 'forger'])).toBe('victim');
  });

});
