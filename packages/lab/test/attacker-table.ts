/**
 * What the tests of attackers share: running a proposal under small conditions, and comparing its table of attackers with what was recorded.
 * @module
 */
import type { Conditions, Proposal } from '../src/proposal.ts';
import { Recorder } from '../src/record.ts';

/** Five epochs: with fewer the order's period ends with the run. */
const conditions: Conditions = { size: 2, epochs: 5, messagesPerEpoch: 4, payloadBytes: 60, padding: 'on', seed: 1 };

/** Variants to run: the first of each proposal, and where attackers of the table face one form alone, those that have them all. */
const VARIANTS: Readonly<Record<string, readonly string[]>> = { 'message-escrow': ['clipper'], 'user-reports': ['franking', 'attachment-gcm'] };

/** Runs a proposal at size 2, in every variant that its table needs. */
export async function runForTable(proposal: Proposal): Promise<readonly Recorder[]> {
  const records: Recorder[] = [];
  for (const variant of VARIANTS[proposal.id] ?? [proposal.variants[0].id]) {
    const record = new Recorder();
    await proposal.run(variant, conditions, record);
    records.push(record);
  }
  return records;
}

/** What is wrong between a table of attackers and what the runs recorded. */
export function faults({ attackers }: Pick<Proposal, 'attackers'>, records: readonly Recorder[]): string[] {
  const measured = new Set<string>(records.flatMap((r) => [...r.rows, ...r.times].map((row) => row.metric)));
  const attacked = records.flatMap((r) => r.attacks.map((a) => a.attacker));
  return [
    ...attackers.flatMap(({ name, metric }) => (metric === undefined ? attacked.includes(name) : measured.has(metric)) ? [] : [`${name}: no result`]),
    ...attackers.flatMap(({ name, metric }) => (metric !== undefined && attacked.includes(name) ? [`${name}: a metric and a result`] : [])),
    ...attacked.filter((name) => !attackers.some((a) => a.name === name)).map((name) => `${name}: not in the table`),
  ];
}

/** Rows of people whose note does not say out of how many. */
export function withoutWhole(records: readonly Recorder[]): string[] {
  const rows = records.flatMap((r) => r.rows).filter((row) => row.metric.startsWith('exposed.people') && row.method !== 'model');
  return rows.filter((row) => !/\bof \d+|\bin \d+ reports/.test(row.note ?? '')).map((row) => row.metric);
}

/** What the runs tell of people and periods, sorted. */
export function toldOfPeople(records: readonly Recorder[]): string[] {
  return [...new Set(records.flatMap((r) => r.rows.map((row) => row.metric)))].filter((m) => /^exposed\.(people|other-epochs)/.test(m)).sort();
}
