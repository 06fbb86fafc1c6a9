/**
 * Damage to the served files of a log: bits, bytes, lengths, missing, swapped, old and empty files, of every kind that verification reads.
 * Leaves out: receipts, evidence, policies, staged bundles and cells (storage-parts.ts).
 * @module
 */
import { equalBytes } from '../../src/bytes.ts';
import { parseBundle } from '../../src/bundle.ts';
import { proveEquivocation } from '../../src/equivocation.ts';
import { bundlesOf, tilesOf } from '../../src/tile-path.ts';
import { TileReader } from '../../src/tile-reader.ts';
import { Witness } from '../../src/witness.ts';
import { formatAddCheckpoint } from '../../src/add-checkpoint.ts';
import { LOG_KEY, SIZES, WITNESSES, fileOf, filesOf, historyOf, judgeLog, presentOf, withFile } from './base-logs.ts';
import type { Files, Published } from './base-logs.ts';
import { Escape, SAME, check, refusalOf } from './harness.ts';
import type { FaultClass, Rng } from './harness.ts';
import { memoryState } from './memory-witness.ts';

type Kind = 'bundle' | 'tile-0' | 'tile-higher' | 'checkpoint' | 'checkpoint-sha384' | 'any';
type Damage = (bytes: Uint8Array, rng: Rng) => Uint8Array;

export const STORAGE: readonly FaultClass[] = [
  damaged('bit-flip-bundle', 220, 'bundle', flipBit),
  damaged('bit-flip-tile-level-0', 220, 'tile-0', flipBit),
  damaged('bit-flip-tile-higher', 50, 'tile-higher', flipBit),
  damaged('bit-flip-checkpoint', 400, 'checkpoint', flipBit),
  damaged('bit-flip-checkpoint-sha384', 200, 'checkpoint-sha384', flipBit),
  damaged('byte-set', 220, 'any', setByte),
  damaged('truncated', 220, 'any', truncate),
  damaged('extended', 180, 'any', extend),
  damaged('zero-filled', 200, 'any', zeroFill),
  { name: 'missing', seeds: 150, run: missing },
  { name: 'swapped', seeds: 250, run: swapped },
  { name: 'stale-file', seeds: 200, run: staleFile },
  { name: 'stale-log', seeds: 80, run: staleLog },
  { name: 'deep-tree', seeds: 3, run: deepTree },
];

/** Paths of the kind that the present head of the log rests on. */
export function pathsOf(log: Published, kind: Kind): string[] {
  const size = BigInt(log.size);
  const tiles = [...tilesOf(size)];
  switch (kind) {
    case 'bundle': return [...bundlesOf(size)].map(({ path }) => path);
    case 'tile-0': return tiles.filter(({ level }) => level === 0).map(({ path }) => path);
    case 'tile-higher': return tiles.filter(({ level }) => level > 0).map(({ path }) => path);
    case 'checkpoint': case 'checkpoint-sha384': return [kind];
    case 'any': return [...tiles.map(({ path }) => path), ...pathsOf(log, 'bundle'), 'checkpoint', 'checkpoint-sha384'];
  }
}

export function flipBit(bytes: Uint8Array, rng: Rng): Uint8Array {
  const changed = Uint8Array.from(bytes);
  const at = rng.int(bytes.length);
  changed[at] = (changed[at] ?? 0) ^ (1 << rng.int(8));
  return changed;
}

export function setByte(bytes: Uint8Array, rng: Rng): Uint8Array {
  const changed = Uint8Array.from(bytes);
  const at = rng.int(bytes.length);
  changed[at] = ((changed[at] ?? 0) + 1 + rng.int(255)) & 0xff;
  return changed;
}

export function truncate(bytes: Uint8Array, rng: Rng): Uint8Array {
  const cut = rng.int(3) === 0 ? 1 : 1 + rng.int(bytes.length);
  return bytes.slice(0, bytes.length - cut);
}

export function extend(bytes: Uint8Array, rng: Rng): Uint8Array {
  const more = rng.pick([Uint8Array.of(0), Uint8Array.of(10), Uint8Array.of(0, 0), rng.bytes(1 + rng.int(64)), bytes.slice(0, 32), bytes]);
  return Uint8Array.from([...bytes, ...more]);
}

/** The end of the file, from somewhere on, reads as zeros: what some file systems leave after a power failure. */
export function zeroFill(bytes: Uint8Array, rng: Rng): Uint8Array {
  return Uint8Array.from(bytes).fill(0, rng.int(bytes.length));
}

function damaged(name: string, seeds: number, kind: Kind, damage: Damage): FaultClass {
  return {
    name, seeds,
    run: async (_, rng) => {
      const log = presentOf(rng.pick(kind === 'tile-higher' ? [256, 257, 257, 511, 700] : SIZES));
      const path = rng.pick(pathsOf(log, kind));
      const before = fileOf(log.files, path);
      if (before.length === 0) return SAME;
      return await judgeOne(log, path, before, damage(before, rng), rng);
    },
  };
}

/** Verifies with one file changed, and looks that the fault is named and that it proves nothing against the log. */
async function judgeOne(log: Published, path: string, before: Uint8Array, after: Uint8Array | undefined, rng: Rng): Promise<string> {
  const files = withFile(log.files, path, after);
  const { code, at } = await judgeLog(files, log, rng);
  const harmless = after !== undefined && equalBytes(before, after);
  if (path.startsWith('tile/') && !harmless) {
    check(code !== SAME, `damage to ${path} went unnoticed`);
    check(at.includes(nameOf(log, path, before, after)), `${path}: named ${at} instead of ${nameOf(log, path, before, after)}`);
  }
  if (rng.int(4) === 0) await provesNothing(log, files, path);
  return code;
}

/** What the first issue must name: the first entry that is not as logged, or the file. */
function nameOf(log: Published, path: string, before: Uint8Array, after: Uint8Array | undefined): string {
  if (after === undefined) return path;
  const bundle = [...bundlesOf(BigInt(log.size))].find((ref) => ref.path === path);
  if (bundle) {
    const first = Number(bundle.index) * 256;
    try {
      const entries = parseBundle(after, bundle.width, {});
      return `entry ${first + entries.findIndex((entry, i) => !equalBytes(entry, log.entries[first + i] ?? new Uint8Array()))}`;
    } catch {
      return path;
    }
  }
  const tile = [...tilesOf(BigInt(log.size))].find((ref) => ref.path === path);
  if (tile?.level !== 0 || after.length !== before.length) return path;
  return `entry ${Number(tile.index) * 256 + Math.floor(before.findIndex((byte, i) => byte !== after[i]) / 32)}`;
}

/** Damage gives no evidence of equivocation: a head that is damaged is not signed, and tiles that are damaged lead to no root. */
async function provesNothing(log: Published, files: Files, path: string): Promise<void> {
  const damagedHead = files.get('checkpoint');
  const past = historyOf(log.size)[1] ?? log;
  const heads: readonly (readonly [Uint8Array, Uint8Array])[] = path === 'checkpoint' ? [[log.checkpoint, damagedHead ?? new Uint8Array()]] : [[past.checkpoint, log.checkpoint]];
  for (const [first, second] of heads) {
    const outcome = await refusalOf(() => proveEquivocation(first, second, [LOG_KEY], new TileReader(filesOf(files), BigInt(log.size))));
    if (outcome.refusal === undefined && outcome.accepted !== null) throw new Escape('damage gave evidence of equivocation');
  }
}

async function missing(_: number, rng: Rng): Promise<string> {
  const log = presentOf(rng.pick(SIZES));
  const path = rng.pick(pathsOf(log, 'any'));
  return await judgeOne(log, path, fileOf(log.files, path), undefined, rng);
}

/** Two files of the log in each other's place. */
async function swapped(_: number, rng: Rng): Promise<string> {
  const log = presentOf(rng.pick(SIZES));
  const paths = pathsOf(log, 'any');
  const a = rng.pick(paths);
  const b = rng.pick(paths.filter((path) => path !== a));
  const files = withFile(withFile(log.files, a, log.files.get(b)), b, log.files.get(a));
  const { code } = await judgeLog(files, log, rng);
  return code;
}

/** One file as it was at an earlier size, or as another log has it. */
async function staleFile(_: number, rng: Rng): Promise<string> {
  const log = presentOf(rng.pick(SIZES));
  const path = rng.pick(['checkpoint', 'checkpoint-sha384', ...pathsOf(log, 'any')]);
  const history = rng.int(3) === 0 ? [presentOf(rng.pick(SIZES))] : historyOf(log.size).slice(0, -1);
  const then = rng.pick(history);
  const tile = rng.pick(pathsOf(then, 'any'));
  const old = then.files.get(path) ?? then.files.get(tile);
  if (path === 'checkpoint') return await oldHead(log, withFile(log.files, path, old), then, rng);
  const { code } = await judgeLog(withFile(log.files, path, old), log, rng);
  return code;
}

/** A log that is shown as it once was holds together. Whoever remembers a later head sees it: every witness does. */
async function oldHead(log: Published, files: Files, then: Published, rng: Rng): Promise<string> {
  const own = historyOf(log.size).includes(then);
  const first = await refusalOf(() => judgeLog(files, own ? then : log, rng));
  if (first.refusal) return first.refusal.code;
  if (first.accepted.code !== SAME) return first.accepted.code;
  if (then.size === log.size) return SAME;
  return await remembered(log, then);
}

/** A witness that cosigned the present head is asked about an old one: refused, and no cosignature. */
export async function remembered(log: Published, shown: Published): Promise<string> {
  const witness = new Witness({ state: memoryState(), signers: WITNESSES.slice(0, 1), logs: [LOG_KEY], now: () => 1n });
  const asked = (old: number, checkpoint: Uint8Array): ReturnType<Witness['addCheckpoint']> => witness.addCheckpoint(formatAddCheckpoint({ old: BigInt(old), proof: [], checkpoint }));
  const bare = (checkpoint: Uint8Array): Uint8Array => { // as a log asks: without the cosignatures that it wants
    const lines = new TextDecoder().decode(checkpoint).split('\n');
    return new TextEncoder().encode(`${lines.slice(0, 5).join('\n')}\n`);
  };
  check((await asked(0, bare(log.checkpoint))).status === 200, 'the witness did not cosign the first head that it saw');
  const answers = [await asked(log.size, bare(shown.checkpoint)), await asked(shown.size, bare(shown.checkpoint)), await asked(0, bare(shown.checkpoint))];
  check(answers.every(({ status }) => status !== 200), 'the witness cosigned an older head');
  check(witness.equivocations().length === 0, 'an older head was taken for equivocation');
  return `witness ${answers[0]?.code ?? ''}`;
}

/** All served files as they were at an earlier size: a restored backup, or a log that goes back. */
async function staleLog(_: number, rng: Rng): Promise<string> {
  const log = presentOf(rng.pick(SIZES));
  const then = rng.pick(historyOf(log.size).slice(0, -1));
  check((await judgeLog(then.files, then, rng)).code === SAME, 'an earlier state of an honest log is refused');
  return await remembered(log, then);
}

/** Damage anywhere in a log of three levels. */
async function deepTree(_: number, rng: Rng): Promise<string> {
  const log = presentOf(65_537);
  const path = rng.pick([...pathsOf(log, 'tile-higher'), rng.pick(pathsOf(log, 'tile-0')), rng.pick(pathsOf(log, 'bundle'))].slice(rng.int(2) === 0 ? 0 : -5));
  return await judgeOne(log, path, fileOf(log.files, path), flipBit(fileOf(log.files, path), rng), rng);
}
