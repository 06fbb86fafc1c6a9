/** Meta's community-standards figures: thirteen editions kept, every changed past value listed. */
import { beforeAll, expect, test } from 'vitest';
import { collectionFolder, describeReal, oracleRows, runCollection } from './real-data.ts';
import type { ReadRelease } from './real-data.ts';

const EDITIONS = ['2021-q2', '2021-q3', '2021-q4', '2022-q1', '2022-q2', '2022-q3', '2022-q4', '2023-q1', '2023-q2', '2023-q3', '2023-q4', '2024-q1', '2024-q2'];

interface Revision {
  readonly key: Readonly<Record<string, string>>;
  readonly fromEdition: string;
  readonly toEdition: string;
  readonly change: string;
  readonly before: string | null;
  readonly after: string | null;
}

describeReal('Meta editions', () => {
  let release: ReadRelease;
  let revisions: readonly Revision[];
  beforeAll(async () => {
    release = await runCollection(collectionFolder('meta-enforcement'));
    const parsed = JSON.parse(await release.text('revisions.json')) as { revisions: Revision[] } | Revision[];
    revisions = Array.isArray(parsed) ? parsed : parsed.revisions;
  });

  test('all thirteen editions are sealed and kept', () => {
    expect(release.run.stderr).toBe('');
    expect(release.run.exitCode).toBe(0);
    expect(release.run.events.filter((e) => e.event === 'submitted')).toHaveLength(13);
  });

  test('630 past values change between editions, as a plain comparison of the files finds', async () => {
    let before = new Map<string, string>();
    const found = { changed: 0, dropped: 0 };
    for (const edition of EDITIONS) {
      const now = new Map<string, string>();
      for await (const row of oracleRows(`transparency/meta-vintages/meta-${edition}.csv`)) {
        now.set(JSON.stringify([row['app'], row['policy_area'], row['metric'], row['period']]), row['value'] ?? '');
      }
      for (const [key, value] of before) {
        const later = now.get(key);
        if (later === undefined) found.dropped += 1;
        else if (later !== value) found.changed += 1;
      }
      before = now;
    }
    expect(found.changed).toBe(630);
    expect(revisions.filter((r) => r.change === 'changed')).toHaveLength(630);
    expect(revisions.filter((r) => r.change === 'dropped')).toHaveLength(found.dropped);
  });

  test('Facebook adult nudity 2020 Q2 goes from 35.8 to 20.1 million and back', () => {
    const path = revisions
      .filter((r) => r.key['app'] === 'Facebook' && r.key['policy_area'] === 'Adult Nudity & Sexual Activity' && r.key['metric'] === 'Content Actioned' && r.key['period'] === '2020Q2' && r.change === 'changed')
      .map((r) => [r.fromEdition, r.before, r.toEdition, r.after]);
    expect(path.map(([, before, , after]) => [before, after])).toEqual([['35,800,000', '20,100,000'], ['20,100,000', '35,800,000']]);
    expect(path.map(([from, , to]) => [from, to])).toEqual([['2021 Q4', '2022 Q1'], ['2022 Q3', '2022 Q4']]);
  });

  test('992 values of the newest edition are "N/A" and are counted apart from numbers', async () => {
    const table = await release.table('values-by-metric');
    expect(table.number({ stated: 'not published (N/A)' })).toBe(992);
    expect(table.number()).toBe(3809);
  });

  test('the changes stand on a page of the site', async () => {
    const pages = (await Promise.all((await release.files()).filter((f) => f.endsWith('.html')).map((f) => release.text(f)))).join('\n');
    expect(pages).toContain('35,800,000');
    expect(pages).toContain('20,100,000');
  });
});
