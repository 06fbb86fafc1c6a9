import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { Refusal } from '@weighbridge/base';
import { isMetricId } from '../src/metrics.ts';
import { mechanismLines } from '../src/plan.ts';
import { PROPOSALS } from '../src/proposals/index.ts';
import { FRAMEWORKS } from '../src/report/frameworks.ts';
import { MODEL, scoreVariant } from '../src/report/score.ts';
import { judgePredictions, readPredictions } from '../src/report/predictions.ts';
import type { Run } from '../src/results.ts';
import { planRun } from '../src/plan.ts';

const DOCS = resolve(import.meta.dirname, '../../../docs');
const KEYS = new Set([...readFileSync(join(DOCS, 'references.md'), 'utf8').matchAll(/^### ([a-z0-9-]+)$/gm)].map((m) => m[1]));
const PREDICTIONS = readPredictions(readFileSync(join(DOCS, 'lab/predictions.md'), 'utf8'));

describe.each(PROPOSALS.map((p) => [p.id, p] as const))('%s', (_id, proposal) => {
  test('every source that it names is in the list of references', () => {
    const named = [...proposal.sources, ...proposal.claims.map((c) => c.source), ...proposal.comparators.map((c) => c.source)];
    expect(named.filter((key) => !KEYS.has(key))).toEqual([]);
    expect(proposal.sources.length).toBeGreaterThan(0);
  });

  test('it says what it does, who attacks it and what could not be measured; a model has no mechanism that was run', () => {
    expect([proposal.does.length, proposal.couldNot.length, proposal.attackers.length].every((n) => n > 0)).toBe(true);
    if (proposal.kind === 'model') expect(proposal.mechanism).toEqual([]);
    for (const file of proposal.mechanism) expect([file, mechanismLines([file]) > 0]).toEqual([file, true]);
  });

  test('something was predicted of it before it was run', () => {
    if (proposal.id !== 'epoch-escrow') expect(PREDICTIONS.filter((p) => p.proposal === proposal.id).length).toBeGreaterThan(0);
  });
});

test('every prediction names a proposal and a variant that exist, and a metric of the list', () => {
  const wrong = PREDICTIONS.filter((p) => !PROPOSALS.some((x) => x.id === p.proposal && x.variants.some((v) => v.id === p.variant)) || !isMetricId(p.metric));
  expect(wrong).toEqual([]);
  expect(PREDICTIONS.length).toBeGreaterThan(50);
});

test.each(['| baseline | mls | no.such | any | 1 | x |', '| baseline | mls | wire.message | any | about 1 | x |', '| baseline | mls | wire.message | many | 1 | x |', '| baseline | mls | wire.message |'])('the prediction "%s" is refused with its line', (line) => {
  let refusal: Refusal | undefined;
  try {
    readPredictions(`# Predictions\n\n${line}\n`);
  } catch (error) {
    if (error instanceof Refusal) refusal = error;
  }
  expect([refusal?.code, refusal?.issues[0]?.place.line]).toEqual(['LAB_PREDICTION', 3]);
});

test('a prediction holds only when every size that was run is within it, and is not in the run where nothing was run', () => {
  const cell = (size: number, value: number): Run['results'][number] => ({
    cell: { id: `baseline.mls.n${size}`, proposal: 'baseline', variant: 'mls', conditions: { size, epochs: 5, messagesPerEpoch: 20, payloadBytes: 100, padding: 'on', seed: 1 } },
    rows: [{ metric: 'wire.commit', value, unit: 'bytes', method: 'counted' }], attacks: [], findings: [],
  });
  const run: Run = { plan: planRun({}), results: [cell(2, 500), cell(10, 1300)], times: new Map() };
  const line = (n: string, predicted: string): string => `| baseline | mls | wire.commit | ${n} | ${predicted} | x |`;
  const judged = judgePredictions(run, readPredictions([line('2', '480 to 560'), line('any', '480 to 560'), line('any', 'at least 500'), line('any', 'at most 1300'), line('100', '1'), line('10', '1300')].join('\n')));
  expect(judged.map((j) => j.outcome)).toEqual(['held', 'failed', 'held', 'held', 'not in this run', 'held']);
});

test.each(['model', 'counted'] as const)('what is %s is scored only when something was run', (method) => {
  const cell = { id: 'clear.model.any', proposal: 'clear', variant: 'model', conditions: { size: 2, epochs: 5, messagesPerEpoch: 20, payloadBytes: 100, padding: 'on' as const, seed: 1 } };
  const rows = (['reach.past', 'reach.future'] as const).map((metric) => ({ metric, value: 1, unit: 'share', method }));
  const scored = scoreVariant({ plan: planRun({}), results: [{ cell, rows, attacks: [], findings: [] }], times: new Map() }, 'clear', 'model').find((s) => s.criterion === 'C1');
  expect([scored?.score, scored?.why === MODEL]).toEqual(method === 'model' ? [undefined, true] : [2, false]);
});

describe('the published questions', () => {
  const reading = (values: Readonly<Record<string, number>>, baseline: Readonly<Record<string, number>> = {}): { value: (m: string) => number | undefined; baseline: (m: string) => number | undefined } => ({ value: (m) => values[m], baseline: (m) => baseline[m] });
  const criteria = new Map(FRAMEWORKS.flatMap((f) => f.criteria.map((c) => [c.id, c] as const)));
  const score = (id: string, values: Readonly<Record<string, number>>, baseline: Readonly<Record<string, number>> = {}): number | undefined => criteria.get(id)?.score?.(reading(values, baseline));

  test('there are eight, eight and four, and those that no measurement answers have no score and say why', () => {
    expect(FRAMEWORKS.map((f) => f.criteria.length)).toEqual([8, 8, 4]);
    const unanswered = [...criteria.values()].filter((c) => c.score === undefined);
    expect(unanswered.map((c) => c.id)).toEqual(['C2', 'N3', 'N4', 'N5', 'N6', 'N7', 'K4']);
    for (const c of unanswered) expect([c.metrics.length, c.rule.startsWith('no measurement answers')]).toEqual([0, true]);
  });

  test.each([
    ['C1', { 'reach.past': 1, 'reach.future': 1 }, 2], ['C1', { 'reach.past': 0, 'reach.future': 1 }, 1], ['C1', { 'reach.past': 0, 'reach.future': 0 }, 0], ['C1', { 'reach.reported': 0.3 }, 1], ['C1', {}, undefined],
    ['C3', { 'reach.past': 1, 'exposed.others-by-access': 0, 'exposed.by-standing-key': 0 }, 2], ['C3', { 'reach.past': 1, 'exposed.others-by-access': 0, 'exposed.by-standing-key': 1 }, 1], ['C3', { 'reach.past': 1, 'exposed.others-by-access': 0.5, 'exposed.by-standing-key': 1 }, 0],
    ['C3', { 'reach.past': 1, 'exposed.others-by-access': 0.2, 'exposed.people-read': 0, 'exposed.by-standing-key': 0 }, 2], ['C3', { 'reach.past': 1, 'exposed.people-read': 0, 'exposed.people-in-records': 9, 'exposed.by-standing-key': 0 }, 1],
    ['C3', { 'reach.past': 0, 'reach.future': 0, 'exposed.others-by-access': 0, 'exposed.people-in-records': 9, 'exposed.by-standing-key': 0 }, 1], ['C3', { 'reach.past': 0, 'reach.future': 0, 'exposed.others-by-access': 0, 'exposed.by-standing-key': 0 }, undefined], ['C3', { 'exposed.people': 2, 'exposed.by-standing-key': 0 }, 1],
    ['C4', { 'trust.standing-keys': 0, 'exposed.below-coalition': 0 }, 2], ['C4', { 'trust.standing-keys': 0 }, undefined], ['C4', { 'trust.standing-keys': 0, 'coalition.least': 2 }, 1], ['C4', { 'trust.standing-keys': 1, 'exposed.by-standing-key': 1 }, 0], ['C4', { 'trust.standing-keys': 0, 'trust.key-bits': 40 }, 0], ['C4', {}, undefined],
    ['C5', { 'audit.unlogged-access': 0, 'exposed.below-coalition': 0 }, 2], ['C5', { 'audit.unlogged-access': 0 }, 1], ['C5', { 'audit.unlogged-access': 0, 'coalition.least': 3 }, 1], ['C5', { 'audit.unlogged-access': 0.1 }, 1], ['C5', { 'audit.unlogged-access': 1 }, 0], ['C5', {}, undefined],
    ['C6', { 'reach.future': 1, 'exposed.others-by-access': 0.4 }, 1], ['C6', { 'reach.past': 1, 'exposed.others-by-access': 0 }, 2], ['C6', { 'reach.past': 1, 'exposed.others-by-access': 0, 'exposed.people-in-records': 9 }, 1], ['C6', { 'reach.past': 0, 'reach.future': 0, 'exposed.others-by-access': 0 }, undefined], ['C7', { 'audit.unlogged-exposed': 0.5 }, 1], ['C8', { 'audit.counts-equal': 1, 'noticed.log': 1 }, 2],
    ['K2', { 'trust.lines': 0, 'trust.parties': 0, 'trust.standing-keys': 0 }, 2], ['K2', { 'trust.lines': 40, 'trust.parties': 0, 'trust.standing-keys': 0 }, 1], ['K2', { 'trust.lines': 40, 'trust.standing-keys': 1 }, 0],
    ['K3', { 'exposed.by-standing-key': 0.5 }, 1],
  ])('%s of %j is %s', (id, values, expected) => {
    expect(score(id, values)).toBe(expected);
  });

  test('K1 compares with the baseline of the same run', () => {
    expect([score('K1', { 'secrecy.past-messages': 0, 'secrecy.future-messages': 0.2 }, { 'secrecy.future-messages': 0.3 }), score('K1', { 'secrecy.past-messages': 1, 'secrecy.future-messages': 0.2 }, { 'secrecy.future-messages': 0.3 })]).toEqual([2, 0]);
  });
});

test('the pages that the lab’s guide names exist', () => {
  for (const file of ['lab/README.md', 'lab/predictions.md', 'lab/reproduction.md', 'decisions/0011-the-lab.md']) expect([file, existsSync(join(DOCS, file))]).toEqual([file, true]);
});
