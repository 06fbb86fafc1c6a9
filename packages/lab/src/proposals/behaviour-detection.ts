/**
 * Detection of abusive accounts from records alone: who writes to how many strangers, who is blocked and reported, and when.
 * Run on synthetic accounts, apart from the protocol. Sources: cdt-2021 for the approach; rules and population are the lab's own.
 * @module
 */
import { runDetection } from '../behaviour/detection-run.ts';
import type { DetectionSettings } from '../behaviour/detection-run.ts';
import type { Proposal } from '../proposal.ts';

export const behaviourDetection: Proposal = {
  id: 'behaviour-detection',
  title: 'Detection by behaviour',
  family: 'safety',
  kind: 'measurement',
  sources: ['cdt-2021'],
  does: [
    'A service that cannot read messages still sees some things: how old an account is, how many people it writes to for the first time, how many of them answer, block or report it, which groups it joins, when it writes, and how large its messages are.',
    'Ten rules, each a sentence that can be told to the person concerned, give points for such behaviour. A desk looks at the records of accounts with many points. No message is opened.',
    'The accounts here are synthetic, and so is what they do: every share is an assumption. The limits of the rules and the number of points are chosen on one half of the accounts, without knowing which are abusive, so that the desk has no more to look at than it has time for. What comes out is counted on the other half.',
  ],
  claims: [
    { text: 'Reports and the analysis of metadata find much abuse and keep end-to-end encryption.', source: 'cdt-2021', metrics: ['reach.reported', 'errors.false-negative', 'errors.precision'] },
    { text: 'No message is read.', source: 'cdt-2021', metrics: ['exposed.by-report', 'wire.message-added', 'trust.standing-keys'] },
  ],
  couldNot: [
    'How real accounts behave, innocent or abusive. The lab has no real records, and no published distribution was at hand that could be checked: the figures tell how such rules work under the assumptions, not how well they would work on a service.',
    'How intrusive the records are. Which kinds of fields are kept is counted; what it does to people that somebody knows with whom, when and how much they write, no run tells.',
    'How abusive people change once the rules are known, beyond the one careful behaviour that is assumed.',
    'What becomes of an account that is marked: whether people at the desk judge rightly from records alone, how long it takes, and how an innocent person is heard.',
    'Rules learnt by a machine. Ten stated rules are run because each can be explained; a learnt rule could do better or worse.',
  ],
  attackers: [
    { name: 'mass mailer', holds: 'new accounts', tries: 'to reach many strangers' },
    { name: 'careful sender', holds: 'an older account, and a guess at the limits', tries: 'to write to strangers, few a day, without being marked', metric: 'evasion.share' },
    { name: 'abusive account that behaves like others', holds: 'an ordinary account with ordinary contacts', tries: 'nothing: no record differs' },
    { name: 'the desk, curious', holds: 'records of marked accounts', tries: 'to learn about people who did nothing', metric: 'exposed.people' },
  ],
  comparators: [],
  variants: [{ id: 'rules', title: 'ten stated rules' }],
  mechanism: ['behaviour-rules.ts'],
  depends: { size: false, padding: false },
  run(_variant, conditions, record) {
    runDetection(conditions.seed, STANDARD, record);
    return Promise.resolve();
  },
};

const STANDARD: DetectionSettings = { innocent: 40_000, abusive: [0.002, 0.0002, 0.02], capacity: 0.003 };
