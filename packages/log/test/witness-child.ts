/** A witness in a process of its own that cosigns one growth after another and says each size once it is answered, until it is killed. */
import { formatAddCheckpoint } from '../src/add-checkpoint.ts';
import { openWitnessFolder } from '../src/witness-folder.ts';
import { TestLog } from './test-log.ts';
import { testSigner } from './test-signers.ts';

const signer = testSigner('ed25519', 'log.test/a');
const log = TestLog.of(signer, 600);
const { witness } = await openWitnessFolder({ folder: process.argv[2] ?? '', name: 'witness.test/child', logs: [signer.verifierKey], now: () => 1n });
for (let size = Number(witness.head('log.test/a')?.size ?? 0n); size < 600; size += 1) {
  const proof = await log.consistency(size, size + 1);
  const { status } = await witness.addCheckpoint(formatAddCheckpoint({ old: BigInt(size), proof, checkpoint: log.head(size + 1) }));
  if (status !== 200) throw new Error(`not cosigned: ${status}`);
  process.stdout.write(`${size + 1}\n`);
}
