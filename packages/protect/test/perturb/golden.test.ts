/** What was published once must come out again for ever: see golden/README.md before touching the file beside. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { prettyJson } from '@weighbridge/base';
import { count } from '@weighbridge/base/confidential';
import { expect, test } from 'vitest';
import { cellDraw, cellIdentity, groupIdentity } from '../../src/cell-draw.ts';
import {
  answerQuery, boundContributions, cellKey, keyedBits, makePtable, openLedger, perturbCount, perturbMagnitude, recordKey, roundControlled, roundFixedToBase, roundFixedToBase3,
  roundGraduated, roundIntegerToBase, roundSmallCounts, roundToBase3, roundWithinThresholds, unitDraw,
} from '../../src/perturb/index.ts';
import { KEY } from '../tables.ts';
import { crossing, scattered } from './crossings.ts';

const FILE = join(import.meta.dirname, '..', 'golden', 'perturbation.json');
const COUNTS = [0, 1, 2, 3, 4, 5, 6, 7, 17, 19, 20, 97, 100, 104, 999, 1000, 1050, 123_457].map(count);
const IDS = ['', 'a', 'b', 'record 1', 'record 2', 'Ā', '2023/A-0007'];
const REQUEST = { method: 'round-base-3', threshold: 6, universe: 'offences/count', records: 'devices', held: { year: '{"in":["2023"]}' } } as const;
const IDENTITIES = [cellIdentity(REQUEST, ['kind', 'place'], ['phone', null]), cellIdentity(REQUEST, ['kind', 'place'], [null, null]), groupIdentity(REQUEST, '123456789')];

async function published(): Promise<Record<string, unknown>> {
  const draws = [...IDENTITIES.map((identity) => cellDraw(KEY, identity, 'value')), cellDraw(KEY, IDENTITIES[0] ?? '', 'state:blank'), ...IDS.map((id) => recordKey(KEY, id)), cellKey(IDS.map((id) => recordKey(KEY, id))), ...[0.35, 0.5, 0.65, 0.75].map(unitDraw)];
  const under = (round: (n: (typeof COUNTS)[number], draw: (typeof draws)[number]) => number): string[] => draws.map((draw) => COUNTS.map((n) => round(n, draw)).join(' '));
  const [wide, monotone] = [makePtable({ maxNoise: 5, variance: 3, blockedUpTo: 2 }), makePtable({ maxNoise: 4, variance: 1, stay: 0.5 })];
  const table = crossing([5, 4, 3], scattered(5, 20));
  const query = { name: 'cases by kind', data: 'edition 1', contributions: { cellsPerUnit: 2, perCell: 1 } } as const;
  const cells = Array.from({ length: 12 }, (_, i) => ({ address: `cell ${i}`, value: 10 * i }));
  return {
    identities: IDENTITIES, draws: draws.join(' '), counts: COUNTS.join(' '),
    'random rounding to base 3': under(roundToBase3), 'fixed random rounding to base 3': under(roundFixedToBase3), 'fixed random rounding to base 10': under((n, d) => roundFixedToBase(n, 10, d)),
    'random rounding to base 5': under((n, d) => roundIntegerToBase(n, 5, d)), 'graduated random rounding': under(roundGraduated),
    'base 3 beside thresholds 5 and 20': under((n, d) => roundWithinThresholds(n, { base: 3, thresholds: [5, 20] }, d)),
    'cell key, D 5, V 3, js 2': under((n, d) => perturbCount(n, d, wide)), 'cell key, D 4, V 1, pstay 0.5': under((n, d) => perturbCount(n, d, monotone)),
    'cell key, magnitudes in thousandths': under((n, d) => Math.round(1000 * perturbMagnitude({ x: n, largest: n / 3 }, 0.2, d, monotone))),
    'keyed bits': ['a', 'b'].map((label) => keyedBits(KEY, label).next(160).toString(16)),
    'discrete Laplace': answerQuery(openLedger('l', 'epsilon', '1'), { ...query, noise: { kind: 'laplace', epsilon: '1/2' } }, cells, KEY).cells.map((c) => c.value).join(' '),
    'discrete Gaussian': answerQuery(openLedger('l', 'rho', '1'), { ...query, noise: { kind: 'gaussian', rho: '0.1' } }, cells, KEY).cells.map((c) => c.value).join(' '),
    'bounded contributions': boundContributions(IDS.flatMap((unit) => cells.map((c) => ({ unit, cell: c.address, amount: 1 }))), cells.map((c) => c.address), { cellsPerUnit: 3, perCell: 1 }, KEY).map((c) => c.value).join(' '),
    'small-count rounding to base 3': roundSmallCounts(table, { base: 3 }).values.join(' '),
    'distance of controlled rounding to base 5': (await roundControlled(crossing([3, 3], scattered(9, 40)), { base: 5 })).distance,
  };
}

test('every method gives what it gave when the golden file was written', async () => {
  expect(prettyJson(JSON.parse(JSON.stringify(await published())))).toBe(readFileSync(FILE, 'utf8'));
});
