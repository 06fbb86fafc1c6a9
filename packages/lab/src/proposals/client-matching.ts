/**
 * Matching of pictures on the sender's device by perceptual hash (PDQ), with thresholds of 1, 5 and 30 as in the design
 * that Apple published in 2021: what it finds, what it marks wrongly, who gets past it, and what a poisoned list does.
 * All pictures are generated; rates on photographs and on real lists cannot be had here.
 * @module
 */
import { recordQuality } from '../access.ts';
import type { Arrangement } from '../access.ts';
import { clopperPearson } from '../intervals.ts';
import { MatchingDevice, VOUCHER_BYTES } from '../mechanisms/matching-voucher.ts';
import { PREVIEW, hashedPictures, recordPoisonedList, recordPopulation } from '../pdq/account-experiment.ts';
import type { HashedPictures } from '../pdq/account-experiment.ts';
import { generateImage } from '../pdq/generate-image.ts';
import { PICTURE_SIDE, measureCollisionByClimbing, measureEvasionByClimbing, measureTransformations } from '../pdq/matching-experiment.ts';
import { MATCH_DISTANCE, hammingDistance, pdqHash } from '../pdq/pdq-hash.ts';
import { TRANSFORMATIONS } from '../pdq/transform-image.ts';
import type { Conditions, Proposal } from '../proposal.ts';
import { SeededRandom } from '../random.ts';
import { timeInTurns } from '../record.ts';
import type { Recorder } from '../record.ts';
import { openWorld, talk } from '../world.ts';
import type { World } from '../world.ts';

export const clientMatching: Proposal = {
  id: 'client-matching',
  title: 'Matching pictures on the device',
  family: 'safety',
  kind: 'measurement',
  sources: ['apple-csam-2021', 'pdq-2019', 'jain-2022', 'abelson-bugs-2021'],
  does: [
    'Before a picture is encrypted, the sender’s device compares a short description of it with a list of descriptions of known abusive pictures, and sends a voucher with every picture. Vouchers look alike.',
    'When enough pictures of one account matched, the vouchers open to the service, which then sees these pictures and may report the account. Below that number it sees nothing.',
  ],
  claims: [
    { text: 'An innocent account is marked less than once in 10¹² account-years.', source: 'apple-csam-2021', metrics: ['errors.false-positive'] },
    { text: 'Below the threshold the service learns nothing of any picture.', source: 'apple-csam-2021', metrics: ['exposed.below-coalition'] },
    { text: 'Only pictures on the list are found, and nothing else is looked for.', source: 'apple-csam-2021', metrics: ['exposed.people', 'exposed.by-list'] },
  ],
  couldNot: [
    'False alarms on photographs: generated pictures are not photographs, and no list of abusive pictures is or will be in this lab.',
    'The blinding of the list, so that a device cannot read it, is left out; here the device could, and a sender who reads it evades at once.',
    'Pictures that nobody listed yet, and everything that is not a picture, are outside the design.',
    'What people do when they know of it.',
  ],
  attackers: [
    { name: 'sender who edits', holds: 'common tools: crop, turn, frame, filter', tries: 'to send a listed picture unmatched', metric: 'evasion.share' },
    { name: 'sender who searches', holds: 'an own copy of the hash function', tries: 'to change a listed picture as little as possible until it no longer matches', metric: 'evasion.trials' },
    { name: 'who makes the list', holds: 'the list', tries: 'to find people who share a picture that is not abusive', metric: 'exposed.by-list' },
    { name: 'the service', holds: 'all vouchers below the threshold', tries: 'to see a picture' },
  ],
  comparators: [
    { metric: 'errors.false-positive', says: 'fewer than 1 in 10¹² accounts a year at a threshold of 30 (claimed by the design’s author; not checked at the source)', source: 'apple-csam-2021', differs: 'another hash function, photographs, a stated safety margin; ours are accounts of a synthetic population in one run' },
    { metric: 'evasion.share', says: '99.9 % of images can be changed to evade while staying similar (abstract; conditions not checked)', source: 'jain-2022', differs: 'theirs search for a change to each photograph; ours is the share over a list of common edits, and the search stands under the work of an evading sender' },
    { metric: 'exposed.by-list', says: 'a list of which 5 % is poisoned would find over 40 % of what a watcher looks for (not checked at the source)', source: 'jain-2023-physical', differs: 'theirs is a face-recognition model hidden in the hash; ours is one listed picture that is not abusive' },
  ],
  variants: [{ id: 'threshold-1', title: 'opens at 1 match' }, { id: 'threshold-5', title: 'opens at 5 matches' }, { id: 'threshold-30', title: 'opens at 30 matches' }],
  mechanism: ['matching-voucher.ts'],
  depends: { size: false, padding: false },
  async run(variant, conditions, record) {
    const threshold = Number(variant.split('-')[1]);
    const pictures = hashedPictures(conditions.seed);
    recordPopulation(threshold, pictures, conditions.seed, record);
    recordPoisonedList(threshold, pictures, conditions.seed, record);
    edits(conditions.seed, record);
    pairs(pictures, record);
    await onTheWire(threshold, pictures, conditions, record);
    record.number('coalition.least', 2, { method: 'computed', note: 'who makes the list and the service: together they open vouchers of any picture they put on the list' });
    record.number('trust.parties', 2, { note: 'who makes the list, who looks at what opens' });
    record.number('trust.standing-keys', 0, { note: 'no stored key opens messages; the list decides what opens' });
  },
};

/** Common edits, and a search for the smallest change: the same whatever the threshold, since each picture is matched alone. */
function edits(seed: number, record: Recorder): void {
  const results = measureTransformations({ seed, images: 6, side: PICTURE_SIDE });
  const [evaded, of] = [results.reduce((sum, r) => sum + r.evaded.count, 0), results.reduce((sum, r) => sum + r.evaded.of, 0)];
  const eight = results.reduce((sum, r) => sum + r.evadedEight.count, 0);
  record.share('evasion.share', evaded, of, { method: 'sampled', note: `pictures times ${TRANSFORMATIONS.length} common edits, each as likely (assumption); ${eight} of ${of} when the device compares all eight turned and mirrored hashes` });
  for (const name of ['all evade', 'none evade'] as const) {
    const labels = results.filter((r) => r.evaded.count === (name === 'all evade' ? r.evaded.of : 0)).map((r) => r.label);
    if (labels.length > 0) record.finding(`${name === 'all evade' ? 'Every picture tried no longer matched after' : 'Every picture tried still matched after'}: ${labels.join('; ')}.`);
  }
  const climbed = measureEvasionByClimbing({ seed, images: 8, side: PICTURE_SIDE, knowledge: 'distance', budget: 500 });
  if (climbed.evaluations.median !== null) record.number('evasion.trials', climbed.evaluations.median, { method: 'sampled', note: `hashes until a listed picture no longer matches, median of ${climbed.reached.count} of ${climbed.reached.of} pictures; what is left of the picture: ${climbed.psnr.median?.toFixed(0) ?? '–'} dB` });
  const collided = measureCollisionByClimbing({ seed, images: 6, side: PICTURE_SIDE, knowledge: 'coefficients', budget: 200 });
  record.finding(`A sender who can compute the hash function’s inner values changed ${collided.reached.count} of ${collided.reached.of} innocent pictures until they matched a listed hash, within ${collided.evaluations.most ?? 0} hashes at most: an alarm made on purpose.`);
}

/** Every pair of different pictures: what matches does so by chance. */
function pairs({ listed, innocent }: HashedPictures, record: Recorder): void {
  const hashes = [...listed, ...innocent];
  const distances = hashes.flatMap((a, i) => hashes.slice(i + 1).map((b) => hammingDistance(a, b)));
  const matched = distances.filter((d) => d <= MATCH_DISTANCE).length;
  const high = clopperPearson(matched, distances.length).high * 1e6;
  record.finding(`Of ${distances.length} pairs of different generated pictures ${matched} matched (95 % interval up to ${high.toFixed(0)} per million, taking pairs as independent, which they are not); the nearest two differ in ${distances.reduce((a, b) => Math.min(a, b))} of 256 bits, a match is 31 or fewer.`);
}

/** Every message of the conversation is a picture with its voucher. */
async function onTheWire(threshold: number, { listed, innocent }: HashedPictures, conditions: Conditions, record: Recorder): Promise<void> {
  const arrange = (world: World): Promise<Arrangement> => {
    const random = world.random.fork('matching');
    const device = new MatchingDevice(listed, threshold, random.fork('device'));
    return Promise.resolve({
      parties: [], acts: 0, read: () => Promise.resolve(new Map()), access: () => Promise.resolve(new Map()),
      hooks: { accompany: () => Promise.resolve(device.voucher(random.pick(innocent), new Uint8Array(0))) },
    });
  };
  const world = await openWorld(conditions, 'client-matching');
  const transcript = await talk(world, (await arrange(world)).hooks);
  await recordQuality('client-matching', conditions, arrange, transcript, record);
  record.number('wire.once', VOUCHER_BYTES, { note: 'a voucher, without what the service would see of the picture' });
  const image = generateImage(SeededRandom.of(conditions.seed, 'matching/timed'), 'landscape', 1000, 750);
  record.time(await timeInTurns('time.scan', 15, () => Promise.resolve(new MatchingDevice(listed, threshold, SeededRandom.of(conditions.seed, 'matching/timed device')).voucher(pdqHash(image).hash, PREVIEW))));
}
