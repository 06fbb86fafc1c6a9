/**
 * The words of the lab's table: every quantity that a cell may report, with its unit and what it counts. The list is
 * closed, so that costs and benefits of every proposal stand in the same columns.
 * @module
 */

/** What a metric tells: the groups of the matrix, in the order in which they are shown. */
export type MetricGroup = 'reach' | 'specificity' | 'secrecy' | 'evasion' | 'detectability' | 'audit' | 'errors' | 'quality' | 'cost' | 'trust';

export interface Metric {
  readonly group: MetricGroup;
  readonly title: string;
  /** `share` is 0 to 1 with raw counts; `ms` stands in the times, apart from the results. */
  readonly unit: 'share' | 'messages' | 'epochs' | 'bytes' | 'ratio' | 'ms' | 'trials' | 'hashes' | 'people' | 'parties' | 'acts' | 'keys' | 'lines' | 'per million' | 'core-seconds' | 'dollars' | 'bits' | 'hours';
  /** What exactly is counted, of what. */
  readonly means: string;
}

export const METRICS = {
  'reach.past': { group: 'reach', title: 'Target’s earlier messages read', unit: 'share', means: 'of the target’s messages in the order’s period that were sent before the order, those that the order’s reader read' },
  'reach.future': { group: 'reach', title: 'Target’s later messages read', unit: 'share', means: 'of the target’s messages in the order’s period that were sent after the order, those that the order’s reader read' },
  'reach.acts': { group: 'reach', title: 'Acts from order to plaintext', unit: 'acts', means: 'acts by different parties that must follow one another before the first plaintext' },
  'reach.delay': { group: 'reach', title: 'Computing time from order to plaintext', unit: 'ms', means: 'time on this machine from an order to its first plaintext; people’s time is not in it' },
  'reach.delay-modelled': { group: 'reach', title: 'Time that the design imposes', unit: 'hours', means: 'waiting time that the design itself imposes between order and plaintext' },
  'reach.reported': { group: 'reach', title: 'Abusive messages that reach the desk', unit: 'share', means: 'of all synthetic abusive messages, those that a safety measure brings to the attention of the desk' },

  'exposed.others-by-access': { group: 'specificity', title: 'Others’ messages read with one access', unit: 'share', means: 'of the messages that the order does not cover (other people’s, or outside its period), those that the reader could read with what one access gave' },
  'exposed.by-standing-key': { group: 'specificity', title: 'Messages behind the worst standing key', unit: 'share', means: 'of all honest messages of the run, those that open to who holds nothing but the single most powerful secret that stays in place' },
  'exposed.below-coalition': { group: 'specificity', title: 'Read by one party fewer than needed', unit: 'share', means: 'of all honest messages, the most that any set of parties reads that is one smaller than the smallest that reads any' },
  'exposed.by-coalition': { group: 'specificity', title: 'Messages read by the smallest set', unit: 'share', means: 'of all honest messages of the run, those that the smallest set of parties that reads any without an order reads; of several such sets the one that reads most' },
  'exposed.by-report': { group: 'specificity', title: 'Messages disclosed for one report', unit: 'messages', means: 'messages whose text the desk sees for one report' },
  'exposed.people-read': { group: 'specificity', title: 'Other people whose messages one access opens', unit: 'people', means: 'people other than the target of whom one access opens messages' },
  'exposed.other-epochs': { group: 'specificity', title: 'Messages of other periods read with one access', unit: 'share', means: 'of the messages outside the order’s period, whoever wrote them, those that the reader could read with what one access gave' },
  'exposed.people-in-records': { group: 'specificity', title: 'Other people in the records', unit: 'people', means: 'people other than the target of whom one access or report tells with whom or when they wrote, without their texts' },
  'exposed.people': { group: 'specificity', title: 'Uninvolved people exposed by a report', unit: 'people', means: 'people who did nothing abusive and become known to the desk, per report or mark' },
  'exposed.by-list': { group: 'specificity', title: 'Found by a false entry of the list', unit: 'share', means: 'of the innocent people who share one picture that was put on the list though it is not abusive, those that are marked' },
  'coalition.least': { group: 'specificity', title: 'Smallest set that reads without an order', unit: 'parties', means: 'the fewest parties, the people in the conversation not counted, who together read any message without an order' },

  'secrecy.past-epochs': { group: 'secrecy', title: 'Earlier epochs opened by a theft', unit: 'epochs', means: 'epochs that ended before the theft of the worst standing secret, of which messages open to the thief' },
  'secrecy.past-messages': { group: 'secrecy', title: 'Earlier messages opened by a theft', unit: 'share', means: 'of the messages sent before the theft, those that open to the thief' },
  'secrecy.future-epochs': { group: 'secrecy', title: 'Later epochs opened by a theft', unit: 'epochs', means: 'epochs that began after the theft, of which messages open to the thief though members renew their keys as usual' },
  'secrecy.future-messages': { group: 'secrecy', title: 'Later messages opened by a theft', unit: 'share', means: 'of the messages sent after the theft, those that open to the thief' },

  'evasion.share': { group: 'evasion', title: 'Evading messages that pass', unit: 'share', means: 'of the messages by a sender who does not co-operate, those delivered, accepted and closed to the reader or the filter' },
  'evasion.trials': { group: 'evasion', title: 'Work of an evading sender', unit: 'trials', means: 'trials that a sender who does not co-operate needs for one message that passes, on average' },

  'noticed.clients': { group: 'detectability', title: 'Honest clients that notice', unit: 'share', means: 'of the honest clients, those that notice that access takes place' },
  'noticed.log': { group: 'detectability', title: 'Accesses that a public log shows', unit: 'share', means: 'of the accesses made, those that a public log shows' },
  'noticed.monitor': { group: 'detectability', title: 'Accesses that an outside observer notices', unit: 'share', means: 'of the accesses made, those that somebody notices who sees the wire and the public log only' },

  'audit.unlogged-access': { group: 'audit', title: 'Accesses without a log entry that succeed', unit: 'share', means: 'of the attempts to read without an entry in the log, those that give plaintext' },
  'audit.unlogged-exposed': { group: 'audit', title: 'Unlogged accesses that the audit exposes', unit: 'share', means: 'of the accesses made without an entry, those that the audit of log and traces exposes' },
  'audit.counts-equal': { group: 'audit', title: 'Public counts that equal the log', unit: 'share', means: 'of the published counts of accesses, those that anybody can recompute from the log and that equal what happened' },

  'errors.false-positive': { group: 'errors', title: 'False alarms', unit: 'per million', means: 'innocent messages, pictures or people marked, per million looked at' },
  'errors.false-negative': { group: 'errors', title: 'Missed', unit: 'share', means: 'of what should have been found, what was not' },
  'errors.precision': { group: 'errors', title: 'Precision', unit: 'share', means: 'of what was marked, what was abusive' },
  'errors.wrongly-named': { group: 'errors', title: 'Wrong person named', unit: 'share', means: 'of the traces or reports that name a person, those that name somebody who is not the source' },
  'errors.forged-accepted': { group: 'errors', title: 'Forged reports accepted', unit: 'share', means: 'of the forged reports, those that the desk takes as genuine' },

  'wire.message': { group: 'quality', title: 'Message on the wire', unit: 'bytes', means: 'bytes of one application message with the stated payload, all that goes to every receiver' },
  'wire.message-added': { group: 'quality', title: 'Bytes added to a message', unit: 'bytes', means: 'bytes beyond the baseline’s for the same payload in the same run' },
  'wire.message-ratio': { group: 'quality', title: 'Message size against baseline', unit: 'ratio', means: 'bytes of a message divided by the baseline’s in the same run' },
  'wire.epoch-added': { group: 'quality', title: 'Bytes added per epoch', unit: 'bytes', means: 'bytes that the proposal posts once in every epoch' },
  'wire.once': { group: 'quality', title: 'Bytes once', unit: 'bytes', means: 'bytes that the proposal costs once, for a group, an access or a report' },
  'wire.commit': { group: 'quality', title: 'Update commit', unit: 'bytes', means: 'bytes of a commit in which one member renews its keys' },
  'wire.welcome': { group: 'quality', title: 'Welcome', unit: 'bytes', means: 'bytes of the welcome that adds all members but the first' },
  'wire.key-package': { group: 'quality', title: 'Key package', unit: 'bytes', means: 'bytes of one member’s key package' },
  'time.send': { group: 'quality', title: 'Send', unit: 'ms', means: 'time of the sending client for one message' },
  'time.receive': { group: 'quality', title: 'Receive', unit: 'ms', means: 'time of one receiving client for one message' },
  'time.join': { group: 'quality', title: 'Join', unit: 'ms', means: 'time of a new member to take in its welcome' },
  'time.update': { group: 'quality', title: 'Update', unit: 'ms', means: 'time of a member to renew its keys' },
  'time.process-update': { group: 'quality', title: 'Take in an update', unit: 'ms', means: 'time of a member to take in another’s update' },
  'time.add-device': { group: 'quality', title: 'Add a device', unit: 'ms', means: 'time of a member to add a device' },
  'time.process-add': { group: 'quality', title: 'Take in an added device', unit: 'ms', means: 'time of a member to take in another’s adding of a device' },
  'time.scan': { group: 'quality', title: 'Look at one item', unit: 'ms', means: 'time of a client to check one picture or message against a list or rule' },

  'cost.hashes': { group: 'cost', title: 'Hashes per access', unit: 'hashes', means: 'hash computations for one access to one message' },
  'cost.core-seconds': { group: 'cost', title: 'Computing per access', unit: 'core-seconds', means: 'time of one core for one access to one message, at a stated rate' },
  'cost.dollars': { group: 'cost', title: 'Price per access', unit: 'dollars', means: 'price of one access to one message at a stated price of computing' },

  'trust.parties': { group: 'trust', title: 'Parties added', unit: 'parties', means: 'parties beyond the people in the conversation and the service that the proposal relies on' },
  'trust.standing-keys': { group: 'trust', title: 'Keys to be kept secret for ever', unit: 'keys', means: 'secrets outside people’s devices whose theft opens messages, however late' },
  'trust.lines': { group: 'trust', title: 'Lines of the mechanism', unit: 'lines', means: 'lines of code of the proposal’s mechanism in this lab, without comments and blanks: a lower bound of what a product would add' },
  'trust.key-bits': { group: 'trust', title: 'Strength left', unit: 'bits', means: 'bits of work that an attacker faces who holds no key' },
} as const satisfies Readonly<Record<string, Metric>>;

export type MetricId = keyof typeof METRICS;

export function metric(id: MetricId): Metric {
  return METRICS[id];
}

export function isMetricId(text: string): text is MetricId {
  return Object.hasOwn(METRICS, text);
}
