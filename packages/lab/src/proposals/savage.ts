/**
 * Access by possession over time (Savage 2018), as a model: hardware gives the passcode up after 72 hours in somebody's
 * hands and a maker's authorisation for this one phone. Data at rest only; nothing of it was run.
 * @module
 */
import { reaches, recordModel } from '../process-model.ts';
import type { ProcessModel } from '../process-model.ts';
import type { Proposal } from '../proposal.ts';

export const SAVAGE: ProcessModel = {
  parties: ['officer with the phone', 'court', 'maker of the phone'],
  given: ['the phone, locked'],
  goal: 'what the phone holds',
  acts: [
    { id: 'the officer starts the clock and keeps the phone for 72 hours', by: 'officer with the phone', needs: ['the phone, locked'], gives: ['phone held for 72 hours'], hours: 72 },
    { id: 'the court issues a warrant', by: 'court', needs: [], gives: ['warrant'], hours: 0, rule: true },
    { id: 'the maker authorises this phone', by: 'maker of the phone', needs: ['warrant', 'phone held for 72 hours'], gives: ['authorisation of this phone'], hours: 0 },
    { id: 'the officer reads the passcode from the hardware, and the phone', by: 'officer with the phone', needs: ['phone held for 72 hours', 'authorisation of this phone'], gives: ['what the phone holds'], hours: 0 },
  ],
};

export const savage: Proposal = {
  id: 'savage',
  title: 'Access by possession over time (Savage)',
  family: 'access',
  kind: 'model',
  sources: ['savage-2018'],
  does: [
    'Every phone writes its passcode into a part of its hardware that cannot be read. Only when the phone has been held for 72 hours, and its maker has authorised this one phone, does the hardware give the passcode up.',
    'Whoever wants access needs the phone, the time and the maker. Messages on their way are not touched.',
  ],
  claims: [
    { text: 'It cannot be used on many people at once, or without their noticing: each phone has to be held for days.', source: 'savage-2018', metrics: ['reach.delay-modelled', 'noticed.clients'] },
    { text: 'There is no key that opens all phones.', source: 'savage-2018', metrics: ['exposed.by-standing-key'] },
  ],
  couldNot: [
    'Nothing was run: the design rests on hardware that does not exist. Every number follows from the design as described.',
    'Whether the hardware’s clock and its write-only part hold against a laboratory.',
    'How many other people wrote to a phone that is opened: their messages on it are read with it.',
    'Holding a phone at a border or in a detention meets the condition of possession too; who may do so is a question of law.',
  ],
  attackers: [
    { name: 'thief of the maker’s records', holds: 'the authorisations of all phones of a maker', tries: 'to read phones that are not in hand', metric: 'exposed.by-standing-key' },
    { name: 'officer without the maker', holds: 'the phone, for any time', tries: 'to read it' },
    { name: 'who reads many phones', holds: 'the maker’s help', tries: 'to read many phones quickly', metric: 'reach.delay-modelled' },
  ],
  comparators: [],
  variants: [{ id: 'model', title: 'model' }],
  mechanism: [],
  depends: { size: false, padding: false },
  run(_variant, _conditions, record) {
    recordModel(SAVAGE, record);
    record.attack('officer without the maker', Number(reaches(SAVAGE, new Set(['officer with the phone']))), 1, 'phones read in the model');
    record.share('reach.past', 1, 1, { method: 'model', note: 'of what the phone holds when it is taken' });
    record.share('reach.future', 0, 1, { method: 'model', note: 'the phone is in the officer’s hands' });
    record.share('exposed.by-standing-key', 0, 1, { method: 'model', note: 'the maker’s authorisations open nothing without the phone and 72 hours' });
    record.share('noticed.clients', 1, 1, { method: 'model', note: 'the owner is without the phone for three days' });
    record.number('trust.standing-keys', 1, { method: 'model', note: 'the maker’s authorisations, kept for as long as phones are in use' });
    record.finding('Model, not measurement. The waiting time is the design’s own; nothing here shows that hardware can keep it.');
    return Promise.resolve();
  },
};
