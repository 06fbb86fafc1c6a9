/**
 * Warnings on the user's own device, before a message is sent and after it was received: what a local rule finds, misses and costs,
 * and that nothing leaves the device. Sources: apple-communication-safety for the place of the check; texts and rules are the lab's own.
 * @module
 */
import { recordConversation, recordDisguises, recordErrors, recordScanning } from '../behaviour/warning-experiment.ts';
import { warnOf } from '../mechanisms/warning-rule.ts';
import type { Proposal } from '../proposal.ts';

export const senderWarnings: Proposal = {
  id: 'sender-warnings',
  title: 'Warnings on the device',
  family: 'safety',
  kind: 'measurement',
  sources: ['apple-communication-safety', 'international-statement-2020'],
  does: [
    'Before a message is sent, and after one was received, the app looks at it on the device and warns its user: of a phrase on a list, of somebody unknown who asks for a picture, of a link that shows one address and leads to another. The user decides what to do.',
    'Nobody else is told. No text, no count and no sign of a warning leaves the device, and messages are as they would be without it.',
    'The texts here are synthetic and harmless: a marker word and some patterns stand for what a warning would be about.',
  ],
  claims: [
    { text: 'No indication of what was found leaves the device.', source: 'apple-communication-safety', metrics: ['exposed.by-report', 'wire.message-added', 'trust.parties', 'trust.standing-keys'] },
    { text: 'Safety can be designed into a service.', source: 'international-statement-2020', metrics: ['errors.false-negative', 'errors.false-positive', 'evasion.share'] },
  ],
  couldNot: [
    'What a warning changes in what people do: whether a child stops, whether a sender thinks again, whether people get used to warnings and pass over them.',
    'Pictures: a product would look at them with a learnt model. The rule here looks at text alone.',
    'How often real messages are risky, and how often harmless ones look so: shares and templates are assumptions, and the errors follow from them.',
    'What happens when a list or a rule is changed from afar so that it looks for something else: the check has the same place on the device as one that reports.',
  ],
  attackers: [
    { name: 'sender who disguises a text', holds: 'the same app, with the same rule', tries: 'to write so that the receiver is not warned', metric: 'evasion.share' },
    { name: 'the same, trying out', holds: 'the same app', tries: 'disguises one after another until the own device is silent', metric: 'evasion.trials' },
    { name: 'the service and everybody on the wire', holds: 'everything that is sent', tries: 'to learn of whom the rule warned' },
  ],
  comparators: [],
  variants: [{ id: 'warn', title: 'three stated rules' }],
  mechanism: ['warning-rule.ts'],
  depends: { size: true, padding: true },
  async run(_variant, conditions, record) {
    recordErrors(conditions.seed, TEXTS, warnOf, record);
    recordDisguises(conditions.seed, DISGUISED, warnOf, record);
    await recordConversation(conditions, warnOf, record);
    record.number('trust.parties', 0, { note: 'whoever writes the rule and the list is the maker of the app' });
    record.number('trust.standing-keys', 0);
    await recordScanning(conditions.seed, warnOf, record);
  },
};

/** Synthetic messages looked at for errors, and risky texts that are disguised. */
const [TEXTS, DISGUISED] = [50_000, 400];
