/**
 * Generated rates against the published rates that docs/references.md cites. The tolerance is four standard errors
 * of a share at the number of records counted, so a right generator fails about once in 16,000 checks, and never by
 * surprise: the seed is fixed.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { encryptionExtracts } from './encryption-extracts.ts';
import type { Extracts } from './encryption-extracts.ts';

/** What was published, and the share that answers it: records that meet `part` among those that meet `of`. */
interface Target {
  readonly reference: string;
  readonly what: string;
  readonly published: number;
  readonly from: string;
  readonly of: string;
  readonly part: string;
  /** Records drawn together count for fewer: mean of squared run lengths over mean run length. */
  readonly clustering?: number;
}

const POLICE = "agency <> 'strait-border-service'";

const TARGETS: readonly Target[] = [
  { reference: 'manhattan-da-2019', what: 'devices locked on receipt', published: 0.64, from: 'devices', of: 'TRUE', part: "lock_state = 'locked'", clustering: 7.5 },
  { reference: 'manhattan-da-2019', what: 'Apple phones locked on receipt', published: 0.82, from: 'devices', of: "device_kind = 'phone-apple'", part: "lock_state = 'locked'", clustering: 3 },
  { reference: 'manhattan-da-2020', what: 'locked devices that stayed inaccessible, of all received', published: 2500 / 8000, from: 'devices', of: POLICE, part: "lock_state = 'locked' AND outcome IN ('attempted-failed', 'not-attempted')", clustering: 7.5 },
  { reference: 'customs-2019', what: 'searches at the border that were full', published: 47 / 671, from: 'devices', of: "agency = 'strait-border-service'", part: "examination_level = 'full'" },
  { reference: 'us-wiretap-2017', what: 'encryption met and not deciphered', published: 134 / 159, from: 'interceptions', of: "service IN ('whatsapp', 'signal', 'imessage', 'facetime', 'telegram-secret', 'viber', 'wickr', 'threema', 'other-encrypted') AND content <> 'not-sought'", part: "content = 'not-readable'" },
  { reference: 'california-notices', what: 'notices carried out on a device', published: 1260 / 2580, from: 'authorisations', of: "decision <> 'declined'", part: "served_on = 'device'" },
  { reference: 'california-notices', what: 'emergencies', published: 0.012, from: 'authorisations', of: 'TRUE', part: 'emergency' },
  { reference: 'ipco-2017', what: 'applications declined', published: 2 / 108, from: 'authorisations', of: 'TRUE', part: "decision = 'declined'" },
  { reference: 'encryption-consulting-2023', what: 'companies with encryption', published: 0.5, from: 'benefits', of: "sector IN ('small-business', 'large-business')", part: "protection IN ('end-to-end', 'at-rest', 'in-transit')" },
  { reference: 'dia-2024', what: 'referrals to the office', published: 2822 / 16223, from: 'referrals', of: 'TRUE', part: "agency = 'content-safety-office'" },
  { reference: 'ncmec-countries', what: 'referrals in the last of four years', published: 32766 / (4973 + 6511 + 9971 + 32766), from: 'referrals', of: 'TRUE', part: "round = '2022-23'" },
  { reference: 'ewg-report-2023', what: 'offences online of the last year beside the first: 45 % more', published: 145 / 245, from: '"online-offences"', of: "round IN ('2019-20', '2022-23')", part: "round = '2022-23'" },
  ...[['2019-20', 15884511 / 16836694], ['2020-21', 20307216 / 21447786], ['2021-22', (22118952 + 3393654 + 1372696) / 29157083], ['2022-23', 27190665 / 31802525]].map(([round, published]): Target => ({
    reference: 'ncmec-providers', what: `reports by Meta, ${String(round)}`, published: Number(published), from: 'referrals', of: `provider <> 'example-messenger' AND round = '${String(round)}'`, part: "provider IN ('facebook', 'instagram', 'whatsapp')",
  })),
];

describe('generated rates meet the published ones', () => {
  let extracts: Extracts;
  beforeAll(async () => { extracts = await encryptionExtracts(60_000); });
  afterAll(() => { extracts.engine.close(); });

  test.each(TARGETS)('$what: $reference', async ({ published, from, of, part, clustering = 1 }) => {
    const n = await extracts.one(`SELECT COUNT(*) FROM ${from} WHERE ${of}`);
    const share = await extracts.one(`SELECT COUNT(*) FROM ${from} WHERE (${of}) AND (${part})`) / n;
    // 0.0005: weights are whole numbers, and a share such as 1260 of 2616 stands for 1260 of 2580.
    const tolerance = 4 * Math.sqrt((published * (1 - published) * clustering) / n) + 0.0005;
    expect(n).toBeGreaterThan(500);
    expect(Math.abs(share - published)).toBeLessThan(tolerance);
  });

  test.each([['dia-2024', POLICE, 235 / 60], ['customs-2019', `NOT (${POLICE})`, 671 / 364]])('devices in an investigation: %s', async (_, of, published) => {
    const runs = await extracts.one(`SELECT COUNT(DISTINCT investigation) FROM devices WHERE ${of}`);
    const mean = await extracts.one(`SELECT COUNT(*) FROM devices WHERE ${of}`) / runs;
    const deviation = await extracts.one(`SELECT STDDEV_POP(n) FROM (SELECT COUNT(*) AS n FROM devices WHERE ${of} GROUP BY investigation)`);
    expect(runs).toBeGreaterThan(500);
    expect(Math.abs(mean - published)).toBeLessThan((4 * deviation) / Math.sqrt(runs) + 0.01);
  });

  test('referrals that a provider matched itself fall when it encrypts, those by users rise in share', async () => {
    const share = (when: string): Promise<number> => extracts.one(`SELECT AVG(CASE WHEN detection = 'user' THEN 1.0 ELSE 0.0 END) FROM referrals WHERE provider = 'example-messenger' AND received ${when} DATE '2021-10-01'`);
    expect(await share('>=')).toBeGreaterThan(3 * await share('<'));
  });

  test('about 2 % of records carry a device that another record carries too', async () => {
    const all = await extracts.one('SELECT COUNT(*) FROM devices');
    const repeated = await extracts.one('SELECT COALESCE(SUM(n), 0) FROM (SELECT COUNT(*) AS n FROM devices GROUP BY counting_unit HAVING COUNT(*) > 1)');
    expect(repeated / all).toBeGreaterThan(0.008);
    expect(repeated / all).toBeLessThan(0.021);
  });
});
