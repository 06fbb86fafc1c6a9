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
  /** The answer, undefined when the metrics that it needs were not recorded. */
  readonly score?: (reading: Reading) => Score | undefined;
}

export interface Framework {
  readonly id: string;
  readonly title: string;
  readonly source: string;
  readonly criteria: readonly Criterion[];
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

const security: Pick<Criterion, 'metrics' | 'rule' | 'score'> = {
  metrics: ['trust.standing-keys', 'exposed.by-standing-key', 'coalition.least', 'trust.key-bits'],
  rule: '2 when full strength is left and neither a secret outside people’s devices nor any set of parties opens messages, 1 when some do and no single secret that is stolen opens anything, 0 otherwise',
  score: ({ value }) => {
    const [keys, stolen, bits] = [value('trust.standing-keys'), value('exposed.by-standing-key'), value('trust.key-bits')];
    if (keys === undefined && stolen === undefined) return undefined;
    if (bits !== undefined && bits < 112) return 0;
    if ((stolen ?? 0) > 0) return 0;
    return (keys ?? 0) === 0 && value('coalition.least') === undefined ? 2 : 1;
  },
};

const audit: Pick<Criterion, 'metrics' | 'rule' | 'score'> = {
  metrics: ['audit.counts-equal', 'noticed.log'],
  rule: '2 when everybody can recompute the published counts from a log and the log shows every access, 1 when part of it holds, 0 when none does',
  score: ({ value }) => graded([value('audit.counts-equal'), value('noticed.log')]),
};

const UNANSWERED = 'no measurement answers this: it is a question about';

export const FRAMEWORKS: readonly Framework[] = [
  {
    id: 'carnegie', title: 'Carnegie Endowment, 2019: principles for access to phones', source: 'carnegie-2019',
    criteria: [
      { id: 'C1', asks: 'Law enforcement utility', ...reach },
      { id: 'C2', asks: 'Equity', metrics: [], rule: `${UNANSWERED} who is affected in practice, which synthetic people cannot show` },
      {
        id: 'C3', asks: 'Specificity', metrics: ['exposed.others-by-access', 'exposed.by-standing-key', 'exposed.people'],
        rule: '2 when an access opens nobody else’s messages and no standing secret opens any, 1 when one of the two holds, 0 when neither does; for a report, whether uninvolved people are exposed',
        score: ({ value }) => {
          const found = [value('exposed.others-by-access'), value('exposed.by-standing-key'), value('exposed.people')].filter((v) => v !== undefined);
          if (found.length === 0) return undefined;
          return found.every((v) => v === 0) ? 2 : found.some((v) => v === 0) ? 1 : 0;
        },
      },
      { id: 'C4', asks: 'Focus: others’ security is not lowered', ...security },
      {
        id: 'C5', asks: 'Authorisation', metrics: ['audit.unlogged-access', 'coalition.least'],
        rule: '2 when no attempt without an authorised entry gives anything and no set of parties can read, 1 when attempts fail as long as parties are honest, 0 when attempts succeed',
        score: ({ value }) => {
          const open = value('audit.unlogged-access');
          if (open === undefined) return undefined;
          return open > 0 ? 0 : value('coalition.least') === undefined ? 2 : 1;
        },
      },
      {
        id: 'C6', asks: 'Limitation of scope', metrics: ['exposed.others-by-access'],
        rule: '2 when an access opens nothing that its order does not cover, 1 when less than half of the rest, 0 otherwise',
        score: ({ value }) => {
          const others = value('exposed.others-by-access');
          return others === undefined ? undefined : others === 0 ? 2 : others < 0.5 ? 1 : 0;
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
        id: 'K1', asks: 'Keeps forward secrecy and authenticated encryption', metrics: ['secrecy.past-messages', 'secrecy.future-messages'],
        rule: '2 when a theft of the worst standing secret opens no more than the theft of a device does in the baseline, 0 when it opens more',
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
        id: 'K3', asks: 'Makes no concentrated target', metrics: ['exposed.by-standing-key'],
        rule: '2 when no single secret that stays in place opens messages, 1 when it opens some, 0 when it opens all of the run',
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
