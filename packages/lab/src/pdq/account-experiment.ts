/**
 * Synthetic accounts that send generated pictures with vouchers to a service: who is marked, rightly and wrongly, and what a poisoned
 * list finds. How many accounts send how much is an assumption, each number of it; no rate of the world follows from them.
 * @module
 */
import { MatchingDevice, MatchingService } from '../mechanisms/matching-voucher.ts';
import { clopperPearson } from '../intervals.ts';
import { SeededRandom } from '../random.ts';
import type { Recorder } from '../record.ts';
import { IMAGE_FAMILIES, generateImage } from './generate-image.ts';
import { QUALITY_LEAST, pdqHash } from './pdq-hash.ts';

/** Pictures of the synthetic service, hashed once for a cell, and what accounts send of them. Assumptions, each of them. */
const LISTED = 50;
const INNOCENT = 200;
const SIDE = 128;
/** Abusive accounts send one listed picture and more, `meanListed` on average, spread as by an exponential law. */
export const ACCOUNTS = { innocent: 300, abusive: 60, picturesEach: 20, meanListed: 12 } as const;

/** What the service would see of a picture: zeros here, since only sizes and counts matter. */
export const PREVIEW = new Uint8Array(32);

/** Hashes of pictures: those on the list, and others that nobody listed. */
export interface HashedPictures {
  readonly listed: readonly Uint8Array[];
  readonly innocent: readonly Uint8Array[];
}

/** Hashes of 250 generated pictures of enough quality: 50 listed, 200 innocent. */
export function hashedPictures(seed: number): HashedPictures {
  const hashes: Uint8Array[] = [];
  for (let i = 0; hashes.length < LISTED + INNOCENT; i += 1) {
    const family = IMAGE_FAMILIES[i % IMAGE_FAMILIES.length] ?? 'landscape';
    const { hash, quality } = pdqHash(generateImage(SeededRandom.of(seed, `matching/picture/${i}`), family, SIDE, SIDE));
    if (quality >= QUALITY_LEAST) hashes.push(hash);
  }
  return { listed: hashes.slice(0, LISTED), innocent: hashes.slice(LISTED) };
}

/**
 * Accounts send pictures from devices to a service; what opens is counted: alarms of either kind, accounts marked, pictures seen, and
 * accounts of which fewer pictures than the threshold opened. `deviceThreshold` is for a device that keeps another threshold than the
 * service states, which the last count must show.
 */
export function recordPopulation(threshold: number, { listed, innocent }: HashedPictures, seed: number, record: Recorder, deviceThreshold = threshold): void {
  const random = SeededRandom.of(seed, `matching/population/${threshold}`);
  const service = new MatchingService(listed, threshold);
  let [marked, found, below, previews] = [0, 0, 0, 0];
  // Pictures of accounts that sent fewer matching ones than the threshold: seen, and sent.
  const under = { seen: 0, sent: 0 };
  for (let i = 0; i < ACCOUNTS.innocent + ACCOUNTS.abusive; i += 1) {
    const account = `synthetic-account-${i}`;
    const abusive = i >= ACCOUNTS.innocent;
    const matching = abusive ? 1 + Math.floor(-Math.log(1 - random.uniform()) * (ACCOUNTS.meanListed - 1)) : 0;
    const device = new MatchingDevice(listed, deviceThreshold, random.fork(account));
    for (let n = 0; n < ACCOUNTS.picturesEach; n += 1) service.take(account, device.voucher(random.pick(innocent), PREVIEW));
    for (let n = 0; n < matching; n += 1) service.take(account, device.voucher(random.pick(listed), PREVIEW));
    const opened = service.open(account).length;
    if (!abusive && opened > 0) marked += 1;
    if (abusive && opened > 0) found += 1;
    if (opened > 0 && opened < threshold) below += 1;
    previews += opened;
    if (matching >= threshold) continue;
    under.seen += opened;
    under.sent += ACCOUNTS.picturesEach + matching;
  }
  const note = `synthetic accounts with ${ACCOUNTS.picturesEach} innocent pictures each; abusive ones with ${ACCOUNTS.meanListed} listed pictures on average (assumption)`;
  record.perMillion('errors.false-positive', marked, ACCOUNTS.innocent, { note: `accounts; ${note}` });
  record.share('errors.false-negative', ACCOUNTS.abusive - found, ACCOUNTS.abusive, { method: 'sampled', note });
  record.share('reach.reported', found, ACCOUNTS.abusive, { method: 'sampled', note: `accounts; ${note}` });
  if (found + marked > 0) record.share('errors.precision', found, found + marked, { method: 'sampled', note: 'of accounts marked; the share of abusive accounts here is far above any real one' });
  if (found + marked > 0) record.number('exposed.people', marked / (found + marked), { method: 'sampled', ...clopperPearson(marked, found + marked), note: `${marked} innocent accounts of ${found + marked} marked, of ${ACCOUNTS.innocent} innocent ones; with a list on which nothing false stands; ${note}` });
  record.attack('the service', below, ACCOUNTS.innocent + ACCOUNTS.abusive, 'accounts of which it saw a picture below the threshold');
  record.share('exposed.below-coalition', under.seen, under.sent, { note: 'of the pictures of accounts that sent fewer listed ones than the threshold, those that the service saw' });
  record.number('exposed.by-report', found === 0 ? 0 : previews / (found + marked), { note: 'pictures that open for one account that is marked, on average' });
}

/** One picture on the list is not abusive, and one account in twenty shares it: counts the innocent accounts that are marked for it. */
export function recordPoisonedList(threshold: number, { listed, innocent }: HashedPictures, seed: number, record: Recorder): void {
  const random = SeededRandom.of(seed, `matching/poisoned/${threshold}`);
  const [planted, ...others] = innocent;
  if (planted === undefined) throw new RangeError('pictures expected');
  const list = [...listed, planted];
  const service = new MatchingService(list, threshold);
  let [exposed, found] = [0, 0];
  const sharing = ACCOUNTS.innocent / 20;
  for (let i = 0; i < ACCOUNTS.innocent; i += 1) {
    const account = `synthetic-account-${i}`;
    const device = new MatchingDevice(list, threshold, random.fork(account));
    for (let n = 0; n < 5; n += 1) service.take(account, device.voucher(random.pick(others), PREVIEW));
    if (i < sharing) service.take(account, device.voucher(planted, PREVIEW));
    if (service.open(account).length === 0) continue;
    exposed += 1;
    if (i < sharing) found += 1;
  }
  record.share('exposed.by-list', found, sharing, { note: `of ${ACCOUNTS.innocent} innocent synthetic accounts, ${sharing} share one picture that was put on the list and is not abusive; ${exposed - found} of the others were marked` });
  if (threshold > 1) record.finding(`With a threshold of ${threshold}, who poisons the list needs ${threshold} pictures that the same people share; the threshold limits how precisely people can be searched for, not whether.`);
}
