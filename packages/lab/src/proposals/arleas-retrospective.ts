/**
 * Retrospective access under active oversight (Green, Kaptchuk and Van Laer 2021, ARLEAS), as a model. Its building block,
 * extractable witness encryption, has no efficient construction: what is shown is what the definition asks for.
 * @module
 */
import { reaches, recordModel } from '../process-model.ts';
import type { ProcessModel } from '../process-model.ts';
import type { Proposal } from '../proposal.ts';

export const ARLEAS_RETROSPECTIVE: ProcessModel = {
  parties: ['authority', 'judge', 'auditor with the public log'],
  given: ['recorded ciphertext'],
  goal: 'the target’s messages',
  acts: [
    { id: 'the judge signs a warrant', by: 'judge', needs: [], gives: ['signed warrant'], hours: 0 },
    { id: 'the auditor enters the warrant’s announcement in the public log', by: 'auditor with the public log', needs: ['signed warrant'], gives: ['entry in the log'], hours: 0 },
    { id: 'the authority decrypts with warrant and entry as the witness', by: 'authority', needs: ['recorded ciphertext', 'signed warrant', 'entry in the log'], gives: ['the target’s messages'], hours: 0 },
  ],
};

export const arleasRetrospective: Proposal = {
  id: 'arleas-retrospective',
  title: 'Abuse-resistant access to the past (ARLEAS)',
  family: 'access',
  kind: 'model',
  sources: ['arleas-2021'],
  does: [
    'Every message is encrypted a second time in such a way that it opens to whoever shows two things together: a judge’s signature on a warrant for this person and time, and proof that the warrant was announced in a public log.',
    'There is no key in anybody’s drawer. The announcement says that a warrant was used, not for whom, and everybody can count.',
  ],
  claims: [
    { text: 'Earlier messages can be opened under a warrant.', source: 'arleas-2021', metrics: ['reach.past'] },
    { text: 'Nobody reads without leaving a public trace.', source: 'arleas-2021', metrics: ['audit.unlogged-access', 'coalition.least'] },
  ],
  couldNot: [
    'Nothing was run. Encryption to a statement instead of a key (extractable witness encryption) is known from theory; no construction that a computer could finish is known, and no costs.',
    'The judge’s signing key stays in place for ever and is part of every opening: what its theft does is in the smallest set of parties, not measured.',
  ],
  attackers: [
    { name: 'authority alone', holds: 'the wire', tries: 'to read without judge and log' },
    { name: 'authority and judge', holds: 'signed warrants', tries: 'to read without an announcement' },
  ],
  comparators: [],
  variants: [{ id: 'model', title: 'model' }],
  mechanism: [],
  depends: { size: false, padding: false },
  run(_variant, _conditions, record) {
    recordModel(ARLEAS_RETROSPECTIVE, record);
    for (const [attacker, parties] of [['authority alone', ['authority']], ['authority and judge', ['authority', 'judge']]] as const) {
      record.attack(attacker, Number(reaches(ARLEAS_RETROSPECTIVE, new Set(parties))), 1, 'ways to the messages in the model');
    }
    record.number('exposed.people-read', 0, { method: 'model', note: 'by definition: the statement names one person; what others wrote is sealed under other statements' });
    record.share('exposed.other-epochs', 0, 1, { method: 'model', note: 'by definition: the statement names the time' });
    record.share('reach.past', 1, 1, { method: 'model', note: 'by definition' });
    record.share('reach.future', 1, 1, { method: 'model', note: 'by definition: later messages are past ones once they are sent' });
    record.share('exposed.others-by-access', 0, 1, { method: 'model', note: 'by definition: the statement names person and time' });
    record.share('audit.unlogged-access', 0, 1, { method: 'model', note: 'by definition: without an entry there is no witness' });
    record.share('audit.counts-equal', 1, 1, { method: 'model', note: 'by definition: announcements are public' });
    record.share('noticed.log', 1, 1, { method: 'model', note: 'by definition' });
    record.number('trust.standing-keys', 2, { method: 'model', note: 'the judge’s and the log’s signing keys: both together open messages' });
    record.finding('Model, not measurement: it says what the definition asks for, and nobody knows how to build it.');
    return Promise.resolve();
  },
};
