/**
 * The search for a puzzle's seed: what an attacker does who holds a message as it went over the wire, and nothing else. No part of the
 * mechanism: its lines are not counted with it.
 * @module
 */
import { PUZZLE } from './crumple-zone.ts';
import { setMessage, sha256Lanes } from '../sha256-lanes.ts';

const lanes = sha256Lanes();
/** Word of the block that holds the seed's lower half, and word of the hash that masks the mark, each at its first lane. */
const [SEED, MARK] = [5 * 4, 7 * 4];

/**
 * Tries the seeds from `from` on in order, until one fits the mark or there are none left. One in 2³² fits that is not the right one:
 * the caller tries the message with it and searches on. `hashes`: computed, four at a time. @throws RangeError beyond 32 bits.
 */
export function searchSeed(puzzle: Uint8Array, bits: number, from = 0): { readonly seed: number | undefined; readonly hashes: number } {
  if (bits > 32 || puzzle.length !== PUZZLE) throw new RangeError(`a puzzle of ${PUZZLE} bytes and a seed of at most 32 bits expected`);
  setMessage(lanes, Buffer.concat([puzzle.subarray(0, 16), Buffer.alloc(8)]));
  const mark = Buffer.from(puzzle).readInt32BE(PUZZLE - 4);
  const { block, digest, hash } = lanes;
  const all = 2 ** bits;
  for (let seed = from; seed < all; seed += 4) {
    for (let lane = 0; lane < 4; lane += 1) block[SEED + lane] = seed + lane;
    hash();
    for (let lane = 0; lane < 4; lane += 1) if (digest[MARK + lane] === mark && seed + lane < all) return { seed: seed + lane, hashes: seed + 4 - from };
  }
  return { seed: undefined, hashes: all - from };
}
