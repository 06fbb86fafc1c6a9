/**
 * Three published lists of questions to ask of a proposal, and what of each the lab's metrics can answer. A question that
 * no measurement answers stays empty and says so. Scores are never added up, and never carried from one list to another.
 *
 * Sources: Carnegie Endowment, Encryption Working Group (2019); National Academies, Decrypting the Encryption Debate (2018);
 * Abelson and others, Keys Under Doormats (2015). Names of the questions are shortened by us; the thresholds are ours.
 * @module
 */
import type { MetricId } from '../metrics.ts';

/** 0 fails, 1 partly, 2 meets: by the stated rule, on the stated metrics. */
export type Score = 0 | 1 | 2;

/** Reads a metric of the variant that is judged, or of the baseline; undefined where it was not recorded. */
export interface Reading {
  readonly value: (metric: MetricId) => number | undefined;
  readonly baseline: (metric: MetricId) => number | undefined;
}

export interface Criterion {
  readonly id: string;
  readonly asks: string;
  /** Metrics that the answer rests on; empty when no measurement answers. */
  readonly metrics: readonly MetricId[];
  /** The rule in words, or why there is none. */
  readonly rule: string;
  /** Metrics that stand beside the answer and do not decide it. */
  readonly beside?: readonly MetricId[];
  /** Asks about an access: there is no answer where nothing is accessed. */
  readonly ofAccess?: true;
  /** The answer, undefined when the metrics that it needs were not recorded, or the question does not arise. */
  readonly score?: (reading: Reading) => Score | undefined;
}

export interface Framework {
  readonly id: string;
  readonly title: string;
  readonly source: string;
  readonly criteria: readonly Criterion[];
}

/** Whether orders were tried and gave no message. */
export function nothingAccessed({ value }: Reading): boolean {
  const reached = [value('reach.past'), value('reach.future')].filter((v) => v !== undefined);
  return reached.length > 0 && reached.every((v) => v === 0);
}

const reach: Pick<Criterion, 'metrics' | 'rule' | 'score'> = {
  metrics: ['reach.past', 'reach.future', 'reach.reported'],
  rule: '2 when at least 95 % of what was looked for is reached (of an order: earlier and later messages both), 1 when anything is, 0 when nothing is',
  score: ({ value }) => {
    const found = [value('reach.past'), value('reach.future'), value('reach.reported')].filter((v) => v !== undefined);
    if (found.length === 0) return undefined;
    return Math.min(...found) >= 0.95 ? 2 : Math.max(...found) > 0 ? 1 : 0;
  },
};

/** Whether every set of parties tried to read and none did: true, false, or undefined where no set was tried. */
function nobodyReads({ value }: Reading): boolean | undefined {
  if (value('coalition.least') !== undefined) return false;
  return value('exposed.below-coalition') === undefined ? undefined : true;
}

const security: Pick<Criterion, 'metrics' | 'rule' | 'score'> = {
  metrics: ['trust.standing-keys', 'exposed.by-standing-key', 'coalition.least', 'trust.key-bits'],
  rule: '2 when full strength is left and neither a secret outside people’s devices nor any set of parties opens messages, 1 when some do and no single secret that is stolen opens anything, 0 otherwise; no answer where no set was tried',
  score: (reading) => {
    const { value } = reading;
    const [keys, stolen, bits] = [value('trust.standing-keys'), value('exposed.by-standing-key'), value('trust.key-bits')];
    if (keys === undefined && stolen === undefined) return undefined;
    if (bits !== undefined && bits < 112) return 0;
    if ((stolen ?? 0) > 0) return 0;
    const nobody = nobodyReads(reading);
    return (keys ?? 0) > 0 || nobody === false ? 1 : nobody === true ? 2 : undefined;
  },
};

const audit: Pick<Criterion, 'metrics' | 'rule' | 'score'> = {
  metrics: ['audit.counts-equal', 'noticed.log'],
  rule: '2 when everybody can recompute the published counts from a log and the log shows every access, 1 when part of it holds, 0 when none does',
  score: ({ value }) => graded([value('audit.counts-equal'), value('noticed.log')]),
};

/** What a theft from as many parties as are needed gives. */
const TOGETHER: readonly MetricId[] = ['coalition.least', 'exposed.by-coalition'];

const UNANSWERED = 'no measurement answers this: it is a question about';

export const FRAMEWORKS: readonly Framework[] = [
  {
    id: 'carnegie', title: 'Carnegie Endowment, 2019: principles for access to phones', source: 'carnegie-2019',
    criteria: [
      { id: 'C1', asks: 'Law enforcement utility', ...reach },
      { id: 'C2', asks: 'Equity', metrics: [], rule: `${UNANSWERED} who is affected in practice, which synthetic people cannot show` },
      {
        id: 'C3', asks: 'Specificity', ofAccess: true, metrics: ['exposed.people-read', 'exposed.others-by-access', 'exposed.people-in-records', 'exposed.people', 'exposed.by-list', 'exposed.by-standing-key'],
        rule: '2 when an access opens no other person’s messages, no other person stands in records that are handed over, and no standing secret opens messages; 1 when some of these hold, 0 when none does. For a report, whether people are exposed who did nothing. No answer where neither messages nor records are handed over',
        score: (reading) => {
          const { value } = reading;
          const [nothing, records] = [nothingAccessed(reading), value('exposed.people-in-records')];
          if (nothing && (records ?? 0) === 0) return undefined;
          const texts = nothing ? undefined : value('exposed.people-read') ?? value('exposed.others-by-access');
          const found = [texts, records, value('exposed.people'), value('exposed.by-list'), value('exposed.by-standing-key')].filter((v) => v !== undefined);
          if (found.length === 0) return undefined;
          return found.every((v) => v === 0) ? 2 : found.some((v) => v === 0) ? 1 : 0;
        },
      },
      { id: 'C4', asks: 'Focus: others’ security is not lowered', ...security },
      {
        id: 'C5', asks: 'Authorisation', metrics: ['audit.unlogged-access', 'coalition.least'],
        rule: '2 when no attempt without an authorised entry gives anything and no set of parties can read, 1 when some attempts fail, 0 when all succeed',
        score: (reading) => {
          const open = reading.value('audit.unlogged-access');
          if (open === undefined) return undefined;
          return open >= 1 ? 0 : open === 0 && nobodyReads(reading) === true ? 2 : 1;
        },
      },
      {
        id: 'C6', asks: 'Limitation of scope', ofAccess: true, metrics: ['exposed.others-by-access', 'exposed.people-in-records'],
        rule: '2 when an access opens no message that its order does not cover and no other person stands in records that are handed over, 1 when less than half of the other messages, 0 otherwise. No answer where no message is accessed',
        score: (reading) => {
          const others = reading.value('exposed.others-by-access');
          if (others === undefined || nothingAccessed(reading)) return undefined;
          return others === 0 && (reading.value('exposed.people-in-records') ?? 0) === 0 ? 2 : others < 0.5 ? 1 : 0;
        },
      },
      {
        id: 'C7', asks: 'Auditability', metrics: ['audit.unlogged-exposed'],
        rule: '2 when the audit exposes every access made without an entry, 1 when some, 0 when none',
        score: ({ value }) => graded([value('audit.unlogged-exposed')]),
      },
      { id: 'C8', asks: 'Transparency, evaluation and oversight', ...audit },
    ],
  },
  {
    id: 'national-academies', title: 'National Academies, 2018: questions to ask of a proposal', source: 'nasem-2018',
    criteria: [
      { id: 'N1', asks: 'Access at the scale, speed and reliability needed', ...reach },
      { id: 'N2', asks: 'Security of what is protected', ...security },
      { id: 'N3', asks: 'Privacy, civil liberties and human rights', metrics: [], rule: `${UNANSWERED} rights in practice; what is exposed to whom stands under specificity` },
      { id: 'N4', asks: 'Commerce, competition and innovation', metrics: [], rule: `${UNANSWERED} markets` },
      { id: 'N5', asks: 'Costs, and who bears them', metrics: [], rule: `${UNANSWERED} organisations and budgets; bytes, times and computing stand under quality and cost` },
      { id: 'N6', asks: 'Consistency with law and other priorities', metrics: [], rule: `${UNANSWERED} law` },
      { id: 'N7', asks: 'International context', metrics: [], rule: `${UNANSWERED} other states` },
      { id: 'N8', asks: 'Effective ongoing oversight', ...audit },
    ],
  },
  {
    id: 'keys-under-doormats', title: 'Keys Under Doormats, 2015: three problems', source: 'keys-under-doormats-2015',
    criteria: [
      {
        id: 'K1', asks: 'Keeps forward secrecy when one secret is stolen', metrics: ['secrecy.past-messages', 'secrecy.future-messages'], beside: TOGETHER,
        rule: '2 when one stolen secret, the worst that stays in place, opens no more than the theft of a device does in the baseline, 0 when it opens more. What the smallest set of parties reads together stands beside it. The authors ask for authenticated encryption too, which is not measured',
        score: ({ value, baseline }) => {
          const [past, future] = [value('secrecy.past-messages'), value('secrecy.future-messages')];
          if (past === undefined || future === undefined) return undefined;
          return past <= (baseline('secrecy.past-messages') ?? 0) && future <= (baseline('secrecy.future-messages') ?? 0) ? 2 : 0;
        },
      },
      {
        id: 'K2', asks: 'Adds no complexity', metrics: ['trust.lines', 'trust.parties', 'trust.standing-keys'],
        rule: '2 when nothing is added, 1 when code or parties are added and no key that must be kept for ever, 0 when such a key is added',
        score: ({ value }) => {
          const [lines, parties, keys] = [value('trust.lines'), value('trust.parties'), value('trust.standing-keys')];
          if (lines === undefined) return undefined;
          if ((keys ?? 0) > 0) return 0;
          return lines === 0 && (parties ?? 0) === 0 ? 2 : 1;
        },
      },
      {
        id: 'K3', asks: 'Makes no concentrated target of one secret that can be stolen', metrics: ['exposed.by-standing-key'], beside: TOGETHER,
        rule: '2 when one stolen secret that stays in place opens no message, 1 when it opens some, 0 when it opens all of the run. What the smallest set of parties reads together stands beside it',
        score: ({ value }) => {
          const stolen = value('exposed.by-standing-key');
          return stolen === undefined ? undefined : stolen === 0 ? 2 : stolen < 1 ? 1 : 0;
        },
      },
      { id: 'K4', asks: 'Jurisdiction', metrics: [], rule: `${UNANSWERED} which states could require it` },
    ],
  },
];

function graded(values: readonly (number | undefined)[]): Score | undefined {
  const found = values.filter((v) => v !== undefined);
  if (found.length === 0) return undefined;
  return found.every((v) => v === 1) ? 2 : found.some((v) => v > 0) ? 1 : 0;
}
