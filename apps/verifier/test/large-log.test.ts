import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makeSyntheticLog } from '@weighbridge/log/node';
import { buildVerifier } from '../../../scripts/build-verifier.ts';
import { browserPresent, openVerifier, readResult, verifyIn } from './open-verifier.ts';
import type { Verifier } from './open-verifier.ts';

const ENTRIES = Number(process.env['VERIFIER_ENTRIES'] ?? 70_000);

let folder: string;
let verifier: Verifier;

beforeAll(async () => {
  if (!browserPresent) return;
  folder = await mkdtemp(join(tmpdir(), 'verifier-large-'));
  await makeSyntheticLog(join(folder, 'made'), { entries: ENTRIES, seed: 1 });
  verifier = await openVerifier(await buildVerifier(), join(folder, 'verifier.html'));
}, 600_000);

afterAll(async () => {
  if (!browserPresent) return;
  await verifier.close();
  await rm(folder, { recursive: true, force: true });
});

describe.skipIf(!browserPresent)(`a log of ${ENTRIES} synthetic entries in the page`, () => {
  const chosen = (): { log: string; policy: string } => ({ log: join(folder, 'made', 'log'), policy: join(folder, 'made', 'policy') });

  test('holds, in reasonable time, while the page stays alive and tells how far it is', async () => {
    const { page, close } = await verifier.open();
    await page.evaluate('window.gaps = []; window.stages = new Set(); { let last = performance.now(); const tick = () => { const now = performance.now(); gaps.push(now - last); last = now; stages.add(document.querySelector("#stage").textContent); setTimeout(tick, 20); }; tick(); }');
    const started = performance.now();
    const shown = await verifyIn(page, chosen());
    const seconds = (performance.now() - started) / 1000;
    const longest = await page.evaluate<number>('Math.max(...gaps)');
    process.stderr.write(`${ENTRIES} entries verified in the page in ${seconds.toFixed(1)} s, choosing the folder included; the page paused for ${Math.round(longest)} ms at most\n`);
    expect(shown.verdict).toBe('holds');
    expect(shown.holds[0]).toContain(`${ENTRIES} entries`);
    expect(seconds).toBeLessThan(10 + ENTRIES / 2000);
    expect(await page.evaluate<string[]>('[...stages].filter((text) => /Checking every entry of the log: [\\d,]+ of [\\d,]+/.test(text))')).not.toHaveLength(0);
    await close();
  }, 300_000);

  test('can be stopped; then there is no result', async () => {
    const { page, close } = await verifier.open();
    await page.setInputFiles('#log', chosen().log);
    await page.setInputFiles('#policy', chosen().policy);
    await page.getByRole('button', { name: 'Verify' }).click();
    await page.getByRole('button', { name: 'Stop' }).click();
    expect(await page.getByRole('status').textContent()).toBe('Stopped. Nothing was verified.');
    expect([await page.locator('#result').isVisible(), await page.locator('#progress').isVisible()]).toEqual([false, false]);
    await page.getByRole('button', { name: 'Verify' }).click();
    expect((await readResult(page)).verdict).toBe('holds');
    await close();
  }, 300_000);
});
