import { Refusal } from '@weighbridge/base';
import type { Issue } from '@weighbridge/base';
import { loadCollection } from '@weighbridge/instrument';
import { expect, test } from 'vitest';
import { loadSettings } from '../src/load-settings.ts';
import { INSTRUMENT, SETTINGS, smallCollection } from './small-collection.ts';

async function issuesOf(replaced: Parameters<typeof smallCollection>[0]): Promise<readonly Issue[]> {
  const collection = await loadCollection(await smallCollection(replaced));
  const failure: unknown = await loadSettings(collection).then(() => undefined, (e: unknown) => e);
  expect(failure).toBeInstanceOf(Refusal);
  return (failure as Refusal).issues;
}

test('settings that keep the rules load with their instrument', async () => {
  const sampled = await loadSettings(await loadCollection(await smallCollection()));
  expect(sampled.map((s) => s.instrument.definition.id)).toEqual(['visits']);
});

test('a collection without settings is refused', async () => {
  expect(await issuesOf({ settings: null })).toMatchObject([{ code: 'SAMPLE_MISSING' }]);
});

test.each([
  ['a misspelt key', 'heldBy: family', 'heldby: family', 'DEFINITION', 'fields[3].heldby', 'unknown key'],
  ['a code that is not in the list', 'swim: 1', 'swimm: 1', 'SAMPLE_SETTINGS', 'fields[4]', 'code list'],
  ['a distribution without its reason', '    source: some-study\n', '', 'SAMPLE_SETTINGS', 'fields[4]', 'reason'],
  ['source and assumption together', 'source: some-study', 'source: some-study\n    assumption: Tests', 'DEFINITION', 'fields[4]', 'not both'],
  ['an unknown agency', 'south: 1', 'west: 1', 'SAMPLE_SETTINGS', 'agencies.weights.west', 'agencies'],
  ['a column that is not drawn', '  - field: members\n    sizeOf: family\n', '', 'SAMPLE_SETTINGS', 'fields', 'not drawn'],
  ['a lag from a field that is no date', 'from: came,', 'from: kind,', 'SAMPLE_SETTINGS', 'fields[6].date.from', 'date'],
  ['a case on a value that never comes', 'mood: bad', 'mood: awful', 'SAMPLE_SETTINGS', 'fields[7].cases[0].when.mood', 'never'],
  ['a case on a later field', 'mood: bad', 'synthetic: "true"', 'SAMPLE_SETTINGS', 'fields[7].cases[0].when.synthetic', 'before'],
  ['records that are not labelled', 'value: "true"', 'value: "false"', 'SAMPLE_SETTINGS', 'fields', 'synthetic'],
  ['two generators in one field', 'sizeOf: family', 'sizeOf: family\n    value: "1"', 'DEFINITION', 'fields[2]', 'exactly one'],
  ['a run longer than there are codes', '"3": 2', '"4": 2', 'SAMPLE_SETTINGS', 'fields[4].distinctWithin', 'longer'],
  ['a hold by a field that is no group', 'heldBy: family', 'heldBy: visit', 'SAMPLE_SETTINGS', 'fields[3].heldBy', 'group'],
  ['weights that are no whole numbers', 'walk: 1', 'walk: 0.5', 'DEFINITION', 'fields[4].choose.walk', 'int'],
  ['a required column left blank', 'walk: 1,', '"": 1,', 'SAMPLE_SETTINGS', 'fields[4]', 'blank'],
])('%s is refused with file, line and key', async (_, from, to, code, key, message) => {
  expect(SETTINGS).toContain(from);
  const issues = await issuesOf({ settings: SETTINGS.replace(from, to) });
  const issue = issues.find((i) => i.place.key === key);
  expect(issue).toMatchObject({ code, severity: 'error', place: { file: 'sample/visits.yaml' } });
  expect(issue?.place.line).toBeGreaterThan(0);
  expect(issue?.message).toContain(message);
});

test('an instrument without the label is refused', async () => {
  const instrument = INSTRUMENT.replace('  - { name: synthetic, title: Synthetic, type: boolean, required: true }\n', '');
  const settings = SETTINGS.replace('  - field: synthetic\n    value: "true"\n', '');
  expect(await issuesOf({ instrument, settings })).toMatchObject([{ code: 'SAMPLE_SETTINGS', message: 'every generated record must say that it is synthetic' }]);
});

test('all mistakes are told at once', async () => {
  const issues = await issuesOf({ settings: SETTINGS.replace('south: 1', 'west: 1').replace('swim: 1', 'swimm: 1') });
  expect(issues.length).toBe(2);
});
