import { expect, test } from 'vitest';
import { lawfulPath, leastCoalitions, reaches } from '../src/process-model.ts';
import { CLEAR } from '../src/proposals/clear.ts';
import { SAVAGE } from '../src/proposals/savage.ts';
import { ARLEAS_RETROSPECTIVE } from '../src/proposals/arleas-retrospective.ts';
import { Recorder } from '../src/record.ts';
import { PROPOSALS } from '../src/proposals/index.ts';

const CONDITIONS = { size: 2, epochs: 5, messagesPerEpoch: 20, payloadBytes: 100, padding: 'on', seed: 1 } as const;

test('the lawful way has every party act: CLEAR four acts at once, Savage four in 72 hours, ARLEAS three', () => {
  expect([CLEAR, SAVAGE, ARLEAS_RETROSPECTIVE].map((m) => [lawfulPath(m)?.acts.length, lawfulPath(m)?.hours])).toEqual([[4, 0], [4, 72], [3, 0]]);
});

test('a warrant that is only a rule is no obstacle to who breaks rules: the holder of the phone and its maker suffice', () => {
  expect(leastCoalitions(CLEAR)).toEqual([['officer with the phone', 'maker of the phone']]);
  expect(leastCoalitions(SAVAGE)).toEqual([['officer with the phone', 'maker of the phone']]);
});

test('a signature that the mathematics asks for is an obstacle: nobody reads without the judge and the log', () => {
  expect(leastCoalitions(ARLEAS_RETROSPECTIVE)).toEqual([[...ARLEAS_RETROSPECTIVE.parties]]);
  for (const left of ARLEAS_RETROSPECTIVE.parties) expect(reaches(ARLEAS_RETROSPECTIVE, new Set(ARLEAS_RETROSPECTIVE.parties.filter((p) => p !== left)))).toBe(false);
});

test('a model in which the maker hands the key out is seen: the officer then reads alone', () => {
  const leaking = { ...CLEAR, given: [...CLEAR.given, 'passcode'] };
  expect(leastCoalitions(leaking)).toEqual([['officer with the phone']]);
});

test('every row of a model says that it is one', async () => {
  for (const proposal of PROPOSALS.filter((p) => p.kind === 'model')) {
    const record = new Recorder();
    await proposal.run('model', CONDITIONS, record);
    expect(record.rows.map((r) => r.method)).toEqual(record.rows.map(() => 'model'));
    expect(record.times).toEqual([]);
  }
});
