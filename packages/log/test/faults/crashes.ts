/**
 * Crashes: every operation of opening a log and committing a batch fails once in every way, and the writer goes on, starts again, or starts
 * again after a power failure that undid what was not synced. Never two heads of one size, nothing acknowledged lost, the log goes on.
 * @module
 */
import { Refusal } from '@weighbridge/base';
import { openSequencer } from '../../src/sequencer.ts';
import type { Sequencer } from '../../src/sequencer.ts';
import { Escape, check, rngOf } from './harness.ts';
import type { FaultClass, Rng } from './harness.ts';
import type { Outcome } from './volume.ts';
import { batchOf, bench } from './writer-bench.ts';
import type { Bench } from './writer-bench.ts';

/** Size of the log and of the batch that is cut off. */
const SCENARIOS: readonly (readonly [number, number])[] = [[3, 2], [255, 3]];
const AFTERMATHS = ['goes on', 'restarts', 'loses power'] as const;
type Aftermath = (typeof AFTERMATHS)[number];

export const CRASHES: readonly FaultClass[] = [
  everyPoint('crash-lost', 'lost'),
  everyPoint('crash-torn', 'torn'),
  everyPoint('crash-persisted', 'persisted'),
  { name: 'crash-twice', seeds: 120, run: crashTwice },
  { name: 'disk-full-at-every-point', seeds: async () => (await points()).reduce((sum, { length }) => sum + length, 0), run: async (seed, rng) => {
    const { scenario, at } = placeOf(await points(), seed);
    return await crash(scenario, at, 'full', 'goes on', rng);
  } },
];

let counted: Promise<readonly (readonly string[])[]> | undefined;

/** For every scenario the operations of opening and committing when nothing fails. */
function points(): Promise<readonly (readonly string[])[]> {
  counted ??= Promise.all(SCENARIOS.map(async ([size, count]) => {
    const made = await bench(size);
    made.injector.plan(Number.MAX_SAFE_INTEGER, 'lost', false);
    const sequencer = await openSequencer(made.parts());
    await Promise.all(batchOf(rngOf('count', size), count, 'batch').map((entry) => sequencer.append(entry)));
    await sequencer.close();
    return [...made.injector.seen];
  }));
  return counted;
}

/** Seed → scenario and operation, one after the other. */
function placeOf(all: readonly (readonly string[])[], seed: number): { scenario: readonly [number, number]; at: number; round: number } {
  const total = all.reduce((sum, { length }) => sum + length, 0);
  let left = (seed - 1) % total;
  for (const [i, { length }] of all.entries()) {
    const scenario = SCENARIOS[i];
    if (left < length && scenario) return { scenario, at: left, round: Math.floor((seed - 1) / total) };
    left -= length;
  }
  throw new RangeError('placeOf: no such seed');
}

function everyPoint(name: string, outcome: Outcome): FaultClass {
  return {
    name,
    seeds: async () => AFTERMATHS.length * (await points()).reduce((sum, { length }) => sum + length, 0),
    run: async (seed, rng) => {
      const { scenario, at, round } = placeOf(await points(), seed);
      return await crash(scenario, at, outcome, AFTERMATHS[round] ?? 'restarts', rng);
    },
  };
}

async function crash([size, count]: readonly [number, number], at: number, outcome: Outcome, aftermath: Aftermath, rng: Rng): Promise<string> {
  const made = await bench(size);
  const batch = batchOf(rng, count, 'batch');
  const { injector } = made;
  injector.plan(at, outcome, aftermath !== 'goes on');
  const { sequencer, how, left } = await appendAll(made, batch);
  check(injector.hit || outcome === 'full', 'the fault did not come about');
  made.look();
  injector.heal();
  if (aftermath === 'loses power') for (const volume of [made.disk, made.staging]) volume.powerLoss(rng, rng.pick([0, 0.5, 1]));
  const also = aftermath === 'restarts' ? await diesAgain(made, rng) : [];
  await goOn(made, aftermath === 'goes on' ? sequencer : undefined, [...left, ...also], rng);
  return how;
}

/**
 * The new writer mends what it finds, dies when its own head is kept, and then the power fails: what it found half done and did not
 * write itself must be durable by then, for only its own batch is staged under the last head.
 */
async function diesAgain(made: Bench, rng: Rng): Promise<readonly Uint8Array[]> {
  const batch = batchOf(rng, 1, 'again');
  made.injector.plan('swap cell', 'persisted', true);
  await appendAll(made, batch);
  made.injector.heal();
  for (const volume of [made.disk, made.staging]) volume.powerLoss(rng, 0);
  return batch;
}

/** Opens and appends under a fault. What is refused is refused with a code or with the disk's own error. */
async function appendAll(made: Bench, batch: readonly Uint8Array[]): Promise<{ sequencer: Sequencer | undefined; how: string; left: readonly Uint8Array[] }> {
  let sequencer: Sequencer;
  try {
    sequencer = await openSequencer(made.parts());
  } catch (error) {
    return { sequencer: undefined, how: `opening: ${codeOf(error)}`, left: [] };
  }
  const outcomes = await Promise.allSettled(batch.map((entry) => sequencer.append(entry)));
  let how = 'acknowledged';
  let open = false;
  for (const [i, outcome] of outcomes.entries()) {
    if (outcome.status === 'rejected') {
      how = codeOf(outcome.reason);
      // Only what is said to be unknown may be in the log afterwards.
      open ||= how === 'LOG_UNACKNOWLEDGED';
    } else {
      made.injector.heal();
      await made.promise(outcome.value, batch[i] ?? new Uint8Array());
    }
  }
  return { sequencer, how, left: open ? batch : [] };
}

/** The same writer or a new one adds another entry, and everything that was promised is kept. */
async function goOn(made: Bench, writer: Sequencer | undefined, optional: readonly Uint8Array[], rng: Rng): Promise<void> {
  try {
    const sequencer = writer ?? await openSequencer(made.parts());
    const [entry] = batchOf(rng, 1, 'after');
    await made.promise(await sequencer.append(entry ?? new Uint8Array()), entry ?? new Uint8Array());
    await sequencer.close();
  } catch (error) {
    throw error instanceof Refusal ? new Escape(`the log does not go on: ${error.message}`) : error;
  }
  await made.examine(optional);
  check((await made.staging.list('.')).every((name) => name.startsWith('staged-')), 'a temporary file is left in the staging folder');
}

/** A second crash while the first is mended. */
async function crashTwice(_: number, rng: Rng): Promise<string> {
  const [size, count] = rng.pick([...SCENARIOS, [0, 1], [255, 1], [512, 2], [254, 260]] as const);
  const made = await bench(size);
  const batches = [batchOf(rng, count, 'batch'), batchOf(rng, rng.pick([1, 2]), 'second')];
  const optional: Uint8Array[] = [];
  const codes: string[] = [];
  for (const batch of batches) {
    made.injector.plan(rng.int(50), rng.pick(['lost', 'torn', 'persisted'] as const), true);
    const { how, left } = await appendAll(made, batch);
    optional.push(...left);
    codes.push(how.replace('opening: ', ''));
    made.look();
    made.injector.heal();
    if (rng.int(2) === 0) for (const volume of [made.disk, made.staging]) volume.powerLoss(rng, rng.pick([0, 0.5, 1]));
  }
  await goOn(made, undefined, optional, rng);
  return codes.join('+');
}

function codeOf(error: unknown): string {
  if (error instanceof Refusal) return error.code;
  const code = (error as { code?: unknown }).code;
  if (typeof code === 'string') return code;
  if (error instanceof Error && error.message === 'the process is gone') return 'gone';
  throw error;
}
