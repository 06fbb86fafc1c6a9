/** The order of editions, and what is refused where it cannot be that of time. */
import { describe, expect, test } from 'vitest';
import { Refusal } from '@weighbridge/base';
import { auditCells, inEditionOrder } from '../src/index.ts';
import type { ProtectionSpec, ReleasedList } from '../src/index.ts';

const SPEC: ProtectionSpec = { dimensions: [{ column: 'kind', total: 'Total' }], rules: { minFrequency: { threshold: 3, zeros: 'published' } }, method: 'combined', marksTold: false };

test('numbers in names count as numbers, and the list that is judged comes last', () => {
  expect(inEditionOrder(['10', '', '9'])).toEqual(['9', '10', '']);
  expect(inEditionOrder(['2024-10', '2024-9', '2023-12', '2024'])).toEqual(['2023-12', '2024', '2024-9', '2024-10']);
  expect(inEditionOrder(['v10b', 'v9', 'v010', 'v10'])).toEqual(['v9', 'v010', 'v10', 'v10b']);
  expect(inEditionOrder(['winter', 'autumn'])).toEqual(['autumn', 'winter']);
});

describe('a cell that is less in a later edition', () => {
  const list = (phones: number, edition = '', published = true): ReleasedList => ({
    columns: ['kind'], ...(edition === '' ? {} : { edition }),
    rows: [['phone', phones], ['tablet', 20], ['Total', 20 + phones]].map(([kind, freq]) => ({ key: [String(kind)], freq: Number(freq), status: published ? 'published' : 'secondary', ...(published ? { published: Number(freq) } : {}) })),
  });
  const issueOf = async (lists: readonly ReleasedList[], addedOnly = true): Promise<unknown> => {
    const [judged, ...earlier] = lists;
    try {
      await auditCells(judged ?? list(0), SPEC, earlier, { addedOnly });
      return undefined;
    } catch (error) {
      return error instanceof Refusal ? error.issues[0] : error;
    }
  };

  test('is refused where records were only added: the cell and both editions, and no number of them', async () => {
    const issue = await issueOf([list(32), list(29, '9'), list(25, '10')]);
    expect(issue).toMatchObject({ code: 'EDITION_FALLS', place: { object: 'phone (9), then phone (10)' } });
    expect(JSON.stringify(issue)).not.toMatch(/29|25|45|49/);
  });

  test('withheld or not, listed or left out beside others', async () => {
    expect(await issueOf([list(8), list(19, '2023', false)])).toMatchObject({ code: 'EDITION_FALLS', place: { object: 'phone (2023), then phone' } });
    const without = list(0);
    expect(await issueOf([{ ...without, rows: without.rows.filter(({ key }) => key[0] !== 'phone') }, list(19, '2023')])).toMatchObject({ code: 'EDITION_FALLS' });
  });

  test('is nothing to refuse where records were corrected, or numbers of names are in the order of time', async () => {
    expect(await issueOf([list(32), list(29, '9'), list(25, '10')], false)).toBeUndefined();
    expect(await issueOf([list(32), list(25, '9'), list(29, '10')])).toBeUndefined();
  });
});
