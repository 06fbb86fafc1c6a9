import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { readFile, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { formatAddCheckpoint } from '../../../packages/log/src/add-checkpoint.ts';
import { checkEquivocation } from '../../../packages/log/src/equivocation.ts';
import { checkPolicy, parsePolicy } from '../../../packages/log/src/policy.ts';
import { TestLog } from '../../../packages/log/test/test-log.ts';
import { testSigner } from '../../../packages/log/test/test-signers.ts';
import { BIN, temporaryFolder, weighbridge } from './command-line.ts';

const signer = testSigner('ed25519', 'log.test/a');
const { text: vkey } = signer.verifierKey;
const log = TestLog.of(signer, 40);

test('a folder is followed without a network: keys are made once, the checkpoint is cosigned, a fork ends with exit 4 and evidence', async () => {
  const folder = await temporaryFolder();
  const state = join(folder, 'state');
  const common = ['witness', '--state', state, '--name', 'witness.test/w', '--log', vkey];
  await log.publish(join(folder, 'log'), 20);
  const first = await weighbridge([...common, '--p384', '--cosign', join(folder, 'log')]);
  expect([first.code, first.events.map(({ event }) => event)]).toEqual([0, ['vkey', 'vkey', 'cosigned']]);
  const [own, p384] = first.events.map((event) => String(event['vkey']));
  const policyFile = join(folder, 'policy');
  await writeFile(policyFile, `log ${vkey}\nwitness W ${own ?? ''}\nwitness P ${p384 ?? ''}\ngroup G all W P\nquorum G\n`);
  const policy = parsePolicy(await readFile(policyFile));
  expect(checkPolicy(policy, await readFile(join(folder, 'log/checkpoint'))).checkpoint.size).toBe(20n);

  await TestLog.of(signer, 40, 9).publish(join(folder, 'fork'));
  const caught = await weighbridge(['witness', '--state', state, '--name', 'witness.test/w', '--policy', policyFile, '--cosign', join(folder, 'fork'), '--evidence', join(folder, 'evidence')]);
  expect([caught.code, caught.events.at(-1)?.['code']]).toEqual([4, 'LOG_EQUIVOCATION']);
  expect(caught.events.slice(0, 2).map((event) => [event['vkey'], event['made']])).toEqual([[own, false], [p384, false]]);
  const [file, ...more] = await readdir(join(folder, 'evidence'));
  expect(more).toEqual([]);
  expect(checkEquivocation(await readFile(join(folder, 'evidence', file ?? '')), [signer.verifierKey])).toMatchObject({ proved: true, first: { size: 20n }, second: { size: 40n } });

  const behind = await weighbridge([...common, '--cosign', join(folder, 'log')]);
  expect([behind.code, behind.events.at(-1)?.['event']]).toEqual([0, 'cosigned']);
});

test('served, it answers on this machine and stops when told; the evidence of a request is there afterwards', async () => {
  const folder = await temporaryFolder();
  const common = ['witness', '--state', join(folder, 'state'), '--name', 'witness.test/w', '--log', vkey];
  const child = spawn(process.execPath, [BIN, ...common, '--port', '0'], { stdio: ['ignore', 'pipe', 'inherit'] });
  const codes: unknown[] = [];
  let url = '';
  for await (const line of createInterface(child.stdout)) {
    const event = JSON.parse(line) as Record<string, unknown>;
    codes.push(event['code'] ?? event['event']);
    if (event['event'] === 'serving') {
      url = String(event['url']);
      for (const [from, status] of [[log, 200], [TestLog.of(signer, 7, 3), 409]] as const) {
        const response = await fetch(`${url}/add-checkpoint`, { method: 'POST', body: new Uint8Array(formatAddCheckpoint({ old: 0n, proof: [], checkpoint: from.head(7) })) });
        expect(response.status).toBe(status);
      }
    }
    if (event['code'] === 'LOG_EQUIVOCATION') child.kill('SIGINT');
  }
  await new Promise((done) => { if (child.exitCode === null) child.on('close', done); else done(null); });
  expect([url.startsWith('http://127.0.0.1:'), codes, child.exitCode]).toEqual([true, ['vkey', 'serving', 'LOG_EQUIVOCATION'], 0]);
  const out = await weighbridge([...common, '--evidence', join(folder, 'evidence')]);
  expect([out.code, out.events.at(-1)?.['count']]).toEqual([0, 1]);
});

test.each([
  [['--name', 'w.test', '--log', vkey], 2, undefined], [['--state', 'S', '--log', vkey], 2, undefined], [['--state', 'S', '--name', 'w.test'], 2, undefined],
  [['--state', 'S', '--name', 'w.test', '--log', vkey, '--policy', 'P'], 2, undefined],
  [['--state', 'S', '--name', 'w.test', '--log', 'nonsense'], 3, 'KEY_FORM'], [['--state', 'S', '--name', 'w test', '--log', vkey, '--cosign', 'L'], 3, 'KEY_NAME'],
  [['--state', 'S', '--name', 'w.test', '--log', testSigner('ed25519-cosigner', 'w.test').verifierKey.text], 3, 'WITNESS_LOG_KEY'], [['--state', 'S', '--name', 'w.test', '--policy', 'absent'], 3, 'FILE_MISSING'],
  [['--state', 'S', '--name', 'w.test', '--log', vkey, '--cosign', 'absent'], 3, 'FOLLOW_CHECKPOINT_MISSING'],
] as const)('witness %j ends with %i %s', async (args, code, issue) => {
  const folder = await temporaryFolder();
  const ended = await weighbridge(['witness', ...args], folder);
  expect([ended.code, ended.events.at(-1)?.['code']]).toEqual([code, issue]);
});
