/**
 * The control arm of access: an order gives the records that a service has anyway, and no text. What these records tell of the target
 * and of others. Sources: cdt-2021 for the approach, rfc9420 for what a service that carries MLS messages sees.
 * @module
 */
import { covered, measureAccess, recordReading } from '../access.ts';
import type { Arrangement, Opened, Order, View } from '../access.ts';
import { LENGTHS_IN_WORDS, measureSizes, TEXTS } from '../behaviour/size-experiment.ts';
import { keepRecords, recordsFor } from '../mechanisms/service-records.ts';
import type { ServiceRecord } from '../mechanisms/service-records.ts';
import type { Conditions, Proposal } from '../proposal.ts';
import type { Recorder } from '../record.ts';
import { openByGuess } from '../theft.ts';
import type { Transcript, World } from '../world.ts';

export const metadataOnly: Proposal = {
  id: 'metadata-only',
  title: 'Records only (control arm)',
  family: 'access',
  kind: 'measurement',
  sources: ['cdt-2021', 'rfc9420'],
  does: [
    'Nothing is built. A service that carries messages knows which account handed in a message, for which group, to whom it went, when, and how large it was. With an order it hands over these records for one person and one period.',
    'No text is read, by anybody. The other access proposals are to be compared with this one: it is what an order gives where nothing changes.',
    'The service is assumed to keep all records, those from before the order too. A service that keeps none, or that does not learn who sends, has less to hand over.',
  ],
  claims: [
    { text: 'Metadata can be used and end-to-end encryption kept.', source: 'cdt-2021', metrics: ['reach.past', 'reach.future', 'exposed.by-standing-key', 'secrecy.past-epochs', 'secrecy.future-epochs', 'wire.message-added'] },
    { text: 'The length of a text can be hidden from whoever carries it by padding.', source: 'rfc9420', metrics: ['wire.message'] },
  ],
  couldNot: [
    'What can be worked out from records about a person: relations, beliefs, places. The synthetic people have no lives; counts of records are what a run can tell.',
    'Addresses on the network, places and devices: a service sees some of them, and nothing of this is in the run.',
    'Services that hide the sender from themselves, or mix and delay messages: they are not built here.',
    'How long services really keep records, and which of them an order may ask for: that is a matter of law and of each service.',
  ],
  attackers: [
    { name: 'reader of the order', holds: 'the records handed over', tries: 'to find a text of the target’s in them' },
    { name: 'the service', holds: 'all records and everything on the wire', tries: 'to read a text, with keys of its own making' },
    { name: 'reader of an order who looks at others', holds: 'the records handed over', tries: 'to learn about people whom the order does not name', metric: 'exposed.people-in-records' },
    { name: 'honest clients', holds: 'what is on the wire', tries: 'to notice that records were handed over', metric: 'noticed.clients' },
  ],
  comparators: [
    { metric: 'wire.message', says: 'texts of 0 to 188 bytes have one size with padding; without it, 130 or 131 bytes more than the text', source: 'lab-first-figures', differs: 'a 1-byte group id there, 11 bytes here' },
  ],
  variants: [{ id: 'records', title: 'records for one person and period' }],
  mechanism: ['service-records.ts'],
  depends: { size: true, padding: true },
  async run(_variant, conditions, record) {
    const { world, arrangement, transcript, order, view } = await measureAccess('metadata-only', conditions, record, arrange);
    const records = keepRecords(transcript.wire, 'synthetic group', world.live[0]?.roster() ?? []);
    const handed = recordsFor(order, records);
    recordExposed(handed, records, order, world, record);
    recordReading('reader of the order', textsIn(handed, transcript), transcript, record, (m) => covered(order, m), 'texts found');
    recordReading('the service', await openByGuess(world.random, view), transcript, record);
    recordNoticing(arrangement, world, record);
    await findSizes(conditions, record);
  },
};

/** The service holds records and no secret: with an order or without, it tries what it can make up. */
function arrange(world: World): Promise<Arrangement> {
  const guess = (view: View): Promise<Opened> => openByGuess(world.random, view);
  return Promise.resolve({
    parties: [{ id: 'service', role: 'carries messages and keeps records of them', holds: [], standing: false }],
    hooks: {},
    read: (_coalition, view) => guess(view),
    access: (_order, view) => guess(view),
  });
}

/** Messages whose text, or a beginning of it, stands in the records in some form. */
function textsIn(handed: readonly ServiceRecord[], transcript: Transcript): Opened {
  const all = JSON.stringify(handed);
  const stands = (text: Uint8Array): boolean => (['utf8', 'hex', 'base64'] as const).some((form) => all.includes(Buffer.from(text).toString(form).slice(0, 16)));
  return new Map([...transcript.sent.values()].filter((m) => stands(m.plaintext)).map((m) => [m.index, m.plaintext]));
}

function recordExposed(handed: readonly ServiceRecord[], all: readonly ServiceRecord[], order: Order, world: World, record: Recorder): void {
  const named = new Set(handed.flatMap((r) => [r.sender, ...r.recipients]));
  named.delete(order.target);
  const writing = new Set(handed.filter((r) => r.sender !== order.target).map((r) => r.sender));
  record.number('exposed.people-in-records', named.size, { note: `of ${world.conditions.size - 1} in the group beside the target, all of whom receive; ${writing.size} with records of what they sent, of ${world.live.length - 1} writing beside the target` });
  const messages = handed.filter((r) => r.kind === 'application');
  const own = messages.filter((r) => r.sender === order.target);
  const sent = all.filter((r) => r.kind === 'application' && r.sender === order.target && r.epoch >= order.fromEpoch && r.epoch <= order.toEpoch);
  const before = own.filter((r) => r.epoch < order.issuedAt).length;
  record.finding(`In a group of ${world.conditions.size} the records tell time, group, recipients and size of ${own.length} of the target’s ${sent.length} messages in the order’s period, ${before} of them from before the order, and of ${messages.length - own.length} messages by others to the target; besides, of ${handed.length - messages.length} changes of keys.`);
  const outside = handed.filter((r) => r.epoch < order.fromEpoch || r.epoch > order.toEpoch).length;
  record.finding(`Of the ${handed.length} records handed over, ${outside} lie outside the order’s period. No order is needed for what lies at the service: who gets at its records sees all ${all.length}, of ${new Set(all.flatMap((r) => [r.sender, ...r.recipients])).size} people.`);
}

/** The conversation runs under no hooks at all: an access sends nothing to a client and changes nothing on the wire. */
function recordNoticing(arrangement: Arrangement, world: World, record: Recorder): void {
  const silent = Object.keys(arrangement.hooks).length === 0;
  const note = 'records are handed over apart from the conversation: nothing is sent to a client, added to a message or changed on the wire';
  record.share('noticed.clients', silent ? 0 : world.live.length, world.live.length, { note });
  record.share('noticed.monitor', silent ? 0 : 1, 1, { note });
}

async function findSizes(conditions: Conditions, record: Recorder): Promise<void> {
  for (const padding of ['on', 'off'] as const) {
    const told = await measureSizes(conditions, padding);
    const hidden = told.hiddenUpTo === 0 ? 'no text is as large on the wire as an empty one' : `texts of 0 to ${told.hiddenUpTo} bytes have one size`;
    record.finding(`Padding ${padding}: ${LENGTHS_IN_WORDS}, have ${told.lengths} lengths and ${told.sizes} sizes on the wire; ${hidden}; the size tells the exact length of ${told.exact} of ${TEXTS} texts, and leaves ${told.candidates} texts to choose from for a message in the middle of the list.`);
  }
}
