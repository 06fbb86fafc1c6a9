import { Refusal } from '@weighbridge/base';
import { expect, test } from 'vitest';
import { ancestors, descendants, indexRelations } from '../../src/perturb/additive-relations.ts';
import type { AdditiveTable } from '../../src/perturb/additive-relations.ts';

const address = (cell: number): string => `place ${cell}`;

function issueOf(table: AdditiveTable): { code: string; object: string | undefined; text: string } {
  try {
    indexRelations(table);
  } catch (error) {
    if (error instanceof Refusal) return { code: error.code, object: error.issues[0]?.place.object, text: JSON.stringify(error.issues) };
    throw error;
  }
  throw new Error('nothing was refused');
}

const CHAIN: AdditiveTable = { values: [9, 4, 5, 2, 2], relations: [{ total: 0, parts: [1, 2] }, { total: 1, parts: Int32Array.of(3, 4) }], address };

test('inner cells are those that are no total, and descent goes to any depth', () => {
  const index = indexRelations(CHAIN);
  expect(index.inner).toEqual([2, 3, 4]);
  expect([...descendants(CHAIN, index, 0)].sort()).toEqual([0, 1, 2, 3, 4]);
  expect(ancestors(CHAIN, index, 3).sort()).toEqual([0, 1, 3]);
});

test('a total that is not the sum of its parts is refused by its address, without a value', () => {
  const issue = issueOf({ ...CHAIN, values: [9, 4, 5, 2, 987] });
  expect([issue.code, issue.object]).toEqual(['TOTALS_DO_NOT_ADD', 'place 1']);
  expect(issue.text).not.toContain('987');
});

test('negative and fractional values are refused by their address, without the value', () => {
  for (const bad of [-654, 65.4, NaN, 2 ** 53]) {
    const issue = issueOf({ ...CHAIN, values: [9, 4, 5, bad, 2] });
    expect([issue.code, issue.object]).toEqual(['FREQUENCY', 'place 3']);
    expect(issue.text).not.toMatch(/654|65\.4/);
  }
});

test('a cell that is a part of itself is refused, not followed for ever', () => {
  const zeros = { values: [0, 0, 0, 0], address };
  expect(issueOf({ ...zeros, relations: [{ total: 0, parts: [1] }, { total: 1, parts: [2] }, { total: 2, parts: [1] }] })).toMatchObject({ code: 'RELATION_LOOP', object: 'place 1' });
  expect(issueOf({ ...zeros, relations: [{ total: 3, parts: [3] }] })).toMatchObject({ code: 'RELATION_LOOP', object: 'place 3' });
});

test('relations over cells that are not there, without parts or with a part twice are refused', () => {
  for (const relation of [{ total: 9, parts: [1] }, { total: 0, parts: [9] }, { total: 0, parts: [] }, { total: 0, parts: [1, 1] }, { total: 0, parts: [-1] }]) {
    expect(() => indexRelations({ values: [0, 0], relations: [relation] })).toThrow(RangeError);
  }
});

test('a table without cells or relations is a table', () => {
  expect(indexRelations({ values: [], relations: [] }).inner).toEqual([]);
  expect(indexRelations({ values: [3], relations: [] }).inner).toEqual([0]);
});
