/** Requests to Apple: New Zealand's counts, blanks that are no zeros, and percentages on small bases. */
import { beforeAll, expect, test } from 'vitest';
import { collectionFolder, definitionIssues, describeReal, oracleRows, runCollection, variantOf } from './real-data.ts';
import type { ReadRelease } from './real-data.ts';

const ID = 'apple-requests';

describeReal('Requests to Apple', () => {
  let release: ReadRelease;
  beforeAll(async () => {
    release = await runCollection(collectionFolder(ID));
  });

  test('New Zealand device requests are 296 (2019 H1), 34 (2020 H1) and 5 (2025 H1)', async () => {
    expect(release.run.stderr).toBe('');
    expect(release.run.exitCode).toBe(0);
    const table = await release.table('device-requests-by-country');
    expect(['2019 H1', '2020 H1', '2025 H1'].map((period) => table.number({ period, country: 'New Zealand' }))).toEqual([296, 34, 5]);
  });

  test('the percentages 85, 32 and 60 stand as published and are never added', async () => {
    const table = await release.table('device-percentages-new-zealand');
    expect(['2019 H1', '2020 H1', '2025 H1'].map((period) => table.number({ period }))).toEqual([85, 32, 60]);
    expect(table.meta.dimensions[0]?.total).toBeNull();
    const folder = await variantOf(ID, { 'tables/device-percentages-new-zealand.yaml': (t) => t.replace('time: true }', 'time: true, total: All }') });
    expect((await definitionIssues(folder)).map((i) => i.code)).toEqual(['MEASURE_DOES_NOT_ADD']);
  });

  test('a blank is not reported and stays apart from zero', async () => {
    const table = await release.table('requests-with-content');
    const states = { blank: 0, zero: 0 };
    for await (const row of oracleRows('transparency/apple_requests_flat.csv')) {
      if (row['request_type'] !== 'account') continue;
      const value = table.at({ period: row['period'] ?? '', country: row['country'] ?? '' });
      if (row['content_provided'] === '') {
        expect([value.lo, value.states.blank]).toEqual([null, 1]);
        states.blank += 1;
      } else if (row['content_provided'] === '0') {
        expect([value.lo, value.hi]).toEqual([0, 0]);
        states.zero += 1;
      }
    }
    expect(states.zero).toBeGreaterThan(100);
  });

  test('kinds of request are not added', async () => {
    const folder = await variantOf(ID, { 'tables/requests-by-kind.yaml': (t) => t.replace('{ field: request_type }', '{ field: request_type, total: All }') });
    expect((await definitionIssues(folder)).map((i) => i.code)).toEqual(['MEASURE_DOES_NOT_ADD']);
  });
});
