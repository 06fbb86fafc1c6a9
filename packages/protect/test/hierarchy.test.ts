/** Codes and levels that are refused, before anything is joined by them or walks them. */
import { Refusal } from '@weighbridge/base';
import { describe, expect, test } from 'vitest';
import { auditCells, makeHierarchy, protectCells } from '../src/index.ts';
import type { CodeSum, ProtectionSpec, SpecDimension } from '../src/index.ts';

const specOf = (...dimensions: readonly SpecDimension[]): ProtectionSpec => ({ dimensions, rules: { minFrequency: { threshold: 3, zeros: 'published' } }, method: 'combined', marksTold: false });
const kind: SpecDimension = { column: 'kind', total: 'Total' };

async function issueOf(act: () => unknown): Promise<unknown> {
  try {
    await act();
    return undefined;
  } catch (error) {
    return error instanceof Refusal ? { code: error.code, place: error.issues[0]?.place } : error;
  }
}

describe('a control character in a code', () => {
  const refused = { code: 'CODE_CONTROL_CHARACTER', place: { column: 'kind' } };
  const rows = (code: string): { key: string[]; freq: number }[] => [{ key: [code], freq: 5 }, { key: ['tablet'], freq: 6 }, { key: ['Total'], freq: 11 }];

  test.each([['0', '\u0000'], ['1', 'pho\u0001ne'], ['a line break', 'phone\n'], ['1F', '\u001F'], ['7F', 'ph\u007Fone']])('%s: refused in cells, released lists and specifications with the column alone', async (_, code) => {
    expect(await issueOf(() => protectCells(rows(code), specOf(kind)))).toEqual(refused);
    expect(await issueOf(() => auditCells(rows('phone').map((row) => ({ ...row, status: 'published' as const })), specOf(kind), [{ columns: ['kind'], rows: rows(code).map((row) => ({ ...row, status: 'published' as const })) }]))).toEqual(refused);
    expect(await issueOf(() => protectCells(rows('phone'), specOf({ column: 'kind', sums: [{ total: 'Total', parts: ['phone', 'tablet', code] }] })))).toEqual(refused);
    expect(await issueOf(() => protectCells(rows('phone').slice(0, 2), specOf({ column: 'kind', total: code })))).toEqual(refused);
  });

  test('letters, spaces and signs of any script are none', async () => {
    expect(await issueOf(() => protectCells(rows('Téléphone – 電話 \u00A0\u0085'), specOf(kind)))).toBeUndefined();
  });
});

describe('levels above one another', () => {
  /** A chain of sums, each with a sibling, from the top or from the bottom. */
  const chain = (levels: number, fromBottom: boolean): CodeSum[] => {
    const sums = Array.from({ length: levels }, (_, i) => ({ total: `level ${i}`, parts: [`level ${i + 1}`, `beside ${i}`] }));
    return fromBottom ? sums.reverse() : sums;
  };

  test.each([true, false])('up to 200 are walked, more are refused: from the bottom %s', async (fromBottom) => {
    expect(makeHierarchy({ name: 'place', sums: chain(200, fromBottom) }).leaves).toHaveLength(201);
    for (const levels of [201, 1_200, 20_000]) expect(await issueOf(() => makeHierarchy({ name: 'place', sums: chain(levels, fromBottom) }))).toEqual({ code: 'HIERARCHY_DEEP', place: { key: 'place' } });
  });

  test('the deepest list of two dimensions is protected and attacked', async () => {
    const dimension = (column: string): SpecDimension => ({ column, sums: chain(200, false) });
    const codes = Array.from({ length: 200 }, (_, i) => [`level ${i}`, `beside ${i}`]).flat();
    const under = (code: string): number => (code.startsWith('beside') ? 1 : 201 - Number(code.slice(6)));
    const rows = codes.concat('level 200').flatMap((a) => (['level 0', 'level 1', 'beside 0']).map((b) => ({ key: [a, b], freq: 4 * under(a) * (b === 'level 0' ? 2 : 1) })));
    const { certificate } = await protectCells(rows, specOf(dimension('a'), { column: 'b', sums: [{ total: 'level 0', parts: ['level 1', 'beside 0'] }] }));
    expect(certificate.summary.breaches).toBe(0);
  });
});
