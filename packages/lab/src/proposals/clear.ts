/**
 * CLEAR (Ozzie 2018), as a model: a phone keeps its passcode sealed to its maker's key and locks itself for good when an
 * officer takes the sealed passcode out. Data at rest only; nothing of it was run.
 * @module
 */
import { reaches, recordModel } from '../process-model.ts';
import type { ProcessModel } from '../process-model.ts';
import type { Proposal } from '../proposal.ts';

/** Acts of the design. The phone's owner is not a party: the phone is in somebody else's hands. */
export const CLEAR: ProcessModel = {
  parties: ['officer with the phone', 'court', 'maker of the phone'],
  given: ['the phone, locked'],
  goal: 'what the phone holds',
  acts: [
    { id: 'the officer takes the sealed passcode out, and the phone locks itself for good', by: 'officer with the phone', needs: ['the phone, locked'], gives: ['sealed passcode', 'phone that shows itself opened'], hours: 0 },
    { id: 'the court issues a warrant', by: 'court', needs: [], gives: ['warrant'], hours: 0, rule: true },
    { id: 'the maker opens the sealed passcode', by: 'maker of the phone', needs: ['sealed passcode', 'warrant'], gives: ['passcode'], hours: 0 },
    { id: 'the officer reads the phone', by: 'officer with the phone', needs: ['passcode', 'the phone, locked'], gives: ['what the phone holds'], hours: 0 },
  ],
};

export const clear: Proposal = {
  id: 'clear',
  title: 'Passcode sealed to the maker (CLEAR)',
  family: 'access',
  kind: 'model',
  sources: ['ozzie-clear-2018', 'carnegie-2019'],
  does: [
    'Every phone keeps a copy of its passcode, sealed to a key that its maker holds. An officer who has the phone takes the sealed copy out; from then on the phone only shows its contents and can never be used again.',
    'The maker opens the copy when shown a warrant, and the officer enters the passcode. Messages on their way are not touched: the design is for what a phone holds.',
  ],
  claims: [
    { text: 'The maker’s key is as safe as the key with which it signs its software.', source: 'ozzie-clear-2018', metrics: [] },
    { text: 'Nobody is read without noticing: the phone can no longer be used.', source: 'ozzie-clear-2018', metrics: ['noticed.clients'] },
    { text: 'Access needs the phone itself.', source: 'ozzie-clear-2018', metrics: ['coalition.least', 'exposed.others-by-access'] },
  ],
  couldNot: [
    'Nothing was run: phones’ secure hardware cannot be put into this lab. Every number follows from the design as its author describes it.',
    'Whether a key used daily stays secret, and whether an officer can be led to relay the sealed passcode of another phone, are objections that a model cannot weigh.',
    'How long the court and the maker take.',
    'How many other people wrote to a phone that is opened: their messages on it are read with it.',
  ],
  attackers: [
    { name: 'thief of the maker’s key', holds: 'the maker’s key', tries: 'to read phones at a distance' },
    { name: 'thief of the maker’s key with phones', holds: 'the maker’s key, and phones', tries: 'to read every phone in hand', metric: 'exposed.by-standing-key' },
    { name: 'officer without a warrant', holds: 'the phone', tries: 'to read it alone' },
  ],
  comparators: [],
  variants: [{ id: 'model', title: 'model' }],
  mechanism: [],
  depends: { size: false, padding: false },
  run(_variant, _conditions, record) {
    recordModel(CLEAR, record);
    for (const [attacker, party] of [['thief of the maker’s key', 'maker of the phone'], ['officer without a warrant', 'officer with the phone']] as const) {
      record.attack(attacker, Number(reaches(CLEAR, new Set([party]))), 1, 'phones read in the model');
    }
    record.share('reach.past', 1, 1, { method: 'model', note: 'of what the phone holds when it is taken' });
    record.share('reach.future', 0, 1, { method: 'model', note: 'the phone is never used again' });
    record.share('exposed.by-standing-key', 1, 1, { method: 'model', note: 'of phones in the thief’s hands: one key opens all of a maker' });
    record.share('noticed.clients', 1, 1, { method: 'model', note: 'the owner’s phone no longer works' });
    record.number('trust.standing-keys', 1, { method: 'model', note: 'one for each maker' });
    record.finding('Model, not measurement. A theft of the maker’s key opens phones and no messages on their way.');
    return Promise.resolve();
  },
};
