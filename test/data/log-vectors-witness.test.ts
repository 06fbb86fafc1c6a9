/** The witness protocol on published requests: nine ordered steps against a real server, and the example bodies of the standard. */
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, test } from 'vitest';
import { formatAddCheckpoint, formatCosignatures, parseAddCheckpoint, parseCosignatures } from '../../packages/log/src/add-checkpoint.ts';
import { fromUtf8 } from '../../packages/log/src/bytes.ts';
import { parseCheckpoint } from '../../packages/log/src/checkpoint.ts';
import { verifyCosignature } from '../../packages/log/src/cosignature.ts';
import { parseVerifierKey } from '../../packages/log/src/verifier-key.ts';
import { openWitnessFolder } from '../../packages/log/src/witness-folder.ts';
import { serveWitness } from '../../packages/log/src/witness-server.ts';

const VECTORS = fileURLToPath(new URL('../../../shared/vectors', import.meta.url));
if (!existsSync(VECTORS)) process.stderr.write('NOT CHECKED: witness protocol: the vectors are not there (expected in ../shared/vectors)\n');

interface Step {
  readonly step: number;
  readonly request: string;
  readonly expect: { readonly status: number; readonly body?: string; readonly contentType?: string };
}
interface Steps {
  readonly log: { readonly vkey: string; readonly origin: string };
  readonly steps: readonly Step[];
  readonly storedSizeAfterLastStep: number;
}

const folders: string[] = [];
afterAll(async () => {
  for (const folder of folders) await rm(folder, { recursive: true, force: true });
});

describe.skipIf(!existsSync(VECTORS))('tlog-witness', () => {
  test('nine ordered requests to an empty witness get 200 403 404 422 422 200 409 200 409', async () => {
    const { log, steps, storedSizeAfterLastStep } = JSON.parse(await readFile(join(VECTORS, 'witness-add-checkpoint/add-checkpoint-steps.json'), 'utf8')) as Steps;
    expect(steps.map(({ step }) => step)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
    const folder = await mkdtemp(join(tmpdir(), 'weighbridge-witness-'));
    folders.push(folder);
    const { witness, close } = await openWitnessFolder({ folder, name: 'witness.test/w', logs: [parseVerifierKey(log.vkey)], p384: true, now: () => 1_767_139_200n });
    const server = await serveWitness({ witness });
    const statuses: number[] = [];
    for (const { request, expect: wanted } of steps) {
      const response = await fetch(`${server.url}/add-checkpoint`, { method: 'POST', body: request });
      const body = new Uint8Array(await response.arrayBuffer());
      statuses.push(response.status);
      expect(response.status).toBe(wanted.status);
      if (wanted.contentType !== undefined) {
        expect(response.headers.get('content-type')).toBe(wanted.contentType);
        expect(fromUtf8(body)).toBe(wanted.body);
      }
      if (wanted.status !== 200) continue;
      const { note } = parseCheckpoint(parseAddCheckpoint(Buffer.from(request)).checkpoint);
      const lines = parseCosignatures(note.text, body);
      expect(lines.map((line, i) => verifyCosignature(note, line, witness.verifierKeys[i] ?? expect.fail()))).toEqual([{ time: 1_767_139_200n }, { time: 1_767_139_200n }]);
    }
    expect(statuses).toEqual([200, 403, 404, 422, 422, 200, 409, 200, 409]);
    expect(witness.head(log.origin)?.size).toBe(BigInt(storedSizeAfterLastStep));
    expect(witness.equivocations()).toEqual([]);
    await server.close();
    close();
  });

  test('the example bodies of the standard are written again byte for byte: 4 proof lines and 2 signatures; 3 cosignatures', async () => {
    const read = async (name: string): Promise<Buffer> => await readFile(join(VECTORS, 'signed-note-c2sp', name));
    const body = await read('add-checkpoint-request.txt');
    const request = parseAddCheckpoint(body);
    const { note, size } = parseCheckpoint(request.checkpoint);
    expect([request.old, size, request.proof.length, note.signatures.length]).toEqual([20_852_014n, 20_852_163n, 4, 2]);
    expect(Buffer.from(formatAddCheckpoint(request))).toEqual(body);
    const answer = await read('add-checkpoint-response.txt');
    const lines = parseCosignatures(note.text, answer);
    expect(lines.map(({ name }) => name)).toEqual(['witness.example/w1', 'witness.example/w1', 'witness.example/w2']);
    expect(Buffer.from(formatCosignatures(lines.map(({ line }) => line)))).toEqual(answer);
  });
});
