/**
 * Synthetic people who send and report: how many abusive messages reach a desk that hears only of what recipients report.
 * Every number here is an assumption of the lab, not a finding about people: no figure on willingness to report was at hand
 * that could be checked. Each message has one recipient; recipients decide independently of each other.
 * @module
 */
import type { SeededRandom } from '../random.ts';

/** What is assumed of people. Shares from 0 to 1. */
export interface ReportingAssumptions {
  /** Of abusive messages that the recipient does not want, those reported. */
  readonly willing: number;
  /** Of abusive messages, those that their recipient wants: nobody in the conversation reports them. */
  readonly welcome: number;
  /** Of innocent messages, those reported by mistake or malice. */
  readonly mistaken: number;
}

/** What stands for the main figure; others are told beside it. */
export const ASSUMED: ReportingAssumptions = { willing: 0.3, welcome: 0.25, mistaken: 0.001 };

const PEOPLE = 5000;
const MESSAGES_EACH = 20;
const ABUSIVE_PEOPLE = 0.02;
const ABUSIVE_MESSAGES = 0.25;

/** A message that somebody could report: its sender, its kind, and the draws that decide. */
export interface Reportable {
  readonly sender: number;
  readonly recipient: number;
  readonly abusive: boolean;
  readonly welcomeDraw: number;
  readonly reportDraw: number;
}

/** All messages of the population. The draws are made once, so that assumptions are compared on the same people. */
export function reportableMessages(random: SeededRandom): Reportable[] {
  return Array.from({ length: PEOPLE }, (_, sender) => {
    const abuser = random.uniform() < ABUSIVE_PEOPLE;
    return Array.from({ length: MESSAGES_EACH }, (): Reportable => {
      const abusive = abuser && random.uniform() < ABUSIVE_MESSAGES;
      return { sender, recipient: (sender + 1 + random.below(PEOPLE - 1)) % PEOPLE, abusive, welcomeDraw: abusive ? random.uniform() : 0, reportDraw: random.uniform() };
    });
  }).flat();
}

/** Whether the recipient reports it. */
export function isReported(message: Reportable, { willing, welcome, mistaken }: ReportingAssumptions): boolean {
  if (!message.abusive) return message.reportDraw < mistaken;
  return message.welcomeDraw >= welcome && message.reportDraw < willing;
}

/** What reaches the desk of these messages. */
export function countReports(messages: readonly Reportable[], assumed: ReportingAssumptions): { readonly abusive: number; readonly reached: number; readonly reports: number } {
  const reports = messages.filter((m) => isReported(m, assumed));
  return { abusive: messages.filter((m) => m.abusive).length, reached: reports.filter((m) => m.abusive).length, reports: reports.length };
}

/** The assumptions in words, for a row's note. */
export function inWords({ willing, welcome, mistaken }: ReportingAssumptions): string {
  return `synthetic people, assumed: ${PEOPLE} people with ${MESSAGES_EACH} messages to one recipient each, ${percent(ABUSIVE_PEOPLE)} of people abusive in ${percent(ABUSIVE_MESSAGES)} of their messages; recipients want ${percent(welcome)} of abusive messages and report ${percent(willing)} of the others, and ${percent(mistaken)} of innocent ones`;
}

export function percent(share: number): string {
  return `${Number((share * 100).toPrecision(3))} %`;
}
