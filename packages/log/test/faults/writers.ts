/**
 * What can happen around a writer: its cell restored, lost, copied or damaged; two writers at once; a clock that runs back; a full disk;
 * witnesses that are ahead, silent or false.
 * @module
 */
import { copyFileSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { utf8 } from '../../src/bytes.ts';
import { openCell } from '../../src/cell.ts';
import type { Cell } from '../../src/cell.ts';
import { parseCheckpoint } from '../../src/checkpoint.ts';
import { cosigners } from '../../src/cosigners.ts';
import { timeOf } from '../../src/head.ts';
import { createLog, openSequencer } from '../../src/sequencer.ts';
import type { LogParts } from '../../src/standing.ts';
import { cosign } from '../../src/signed-note.ts';
import { verifyLog } from '../../src/verify-log.ts';
import { testSigner } from '../test-signers.ts';
import { LOG_KEY, OWN_POLICY, POLICY, SIGNERS, TIME, WITNESSES, filesOf, judgeLog } from './base-logs.ts';
import { SAME, check, mustRefuse, refusalOf } from './harness.ts';
import type { FaultClass, Rng } from './harness.ts';
import { changeInPlace, truthOf } from './storage-parts.ts';
import { batchOf, bench } from './writer-bench.ts';
import type { Bench } from './writer-bench.ts';

export const WRITERS: readonly FaultClass[] = [
  { name: 'cell-rolled-back', seeds: 120, run: cellRolledBack },
  { name: 'cell-missing', seeds: 60, run: cellMissing },
  { name: 'cell-copied', seeds: 40, run: cellCopied },
  { name: 'cell-record-damaged', seeds: 100, run: cellRecordDamaged },
  { name: 'all-rolled-back', seeds: 40, run: allRolledBack },
  { name: 'two-writers', seeds: 80, run: twoWriters },
  { name: 'two-writers-same-entries', seeds: 30, run: sameEntries },
  { name: 'clock-back', seeds: 40, run: clockBack },
  { name: 'witness-false', seeds: 80, run: witnessFalse },
];

async function grow(made: Bench, parts: LogParts, batches: number, rng: Rng): Promise<void> {
  const sequencer = await openSequencer(parts);
  for (let i = 0; i < batches; i++) {
    const batch = batchOf(rng, 1 + rng.int(3), 'grown');
    const appended = await Promise.all(batch.map((entry) => sequencer.append(entry)));
    for (const [j, one] of appended.entries()) await made.promise(one, batch[j] ?? new Uint8Array());
  }
}

/** The cell is put back as it was, in its own file; the folder is whole, or its checkpoint is older too, or gone. Nothing more is signed. */
async function cellRolledBack(_: number, rng: Rng): Promise<string> {
  const made = await bench(rng.pick([0, 1, 3, 255, 256]));
  const cell = made.memory;
  const [old, oldFiles] = [cell.state, made.disk.files()];
  await grow(made, made.parts(), rng.pick([1, 2, 3]), rng);
  cell.restore(old);
  const checkpoint = rng.pick(['whole', 'older', 'gone'] as const);
  if (checkpoint !== 'whole') made.disk.put('checkpoint', checkpoint === 'gone' ? undefined : oldFiles.get('checkpoint'));
  const held = cell.held.length;
  const code = await mustRefuse(async () => (await openSequencer(made.parts())).append(utf8('another history')), `a cell that was rolled back, the checkpoint ${checkpoint}`);
  check(cell.held.length === held, 'a head was signed for');
  return code;
}

async function cellMissing(_: number, rng: Rng): Promise<string> {
  const made = await bench(rng.pick([0, 1, 3, 256]));
  made.memory.restore(null);
  if (rng.int(2) === 0) return await mustRefuse(() => openSequencer(made.parts()), 'a log without its cell');
  return await mustRefuse(() => createLog(made.parts()), 'a second beginning');
}

/** The database in another file: copied beside, or copied back into the place of the original. */
async function cellCopied(_: number, rng: Rng): Promise<string> {
  return await withCell(rng, async (path, made) => {
    copyFileSync(path, `${path}.copy`);
    const inPlace = rng.int(2) === 0;
    if (inPlace) renameSync(`${path}.copy`, path);
    return await mustRefuse(() => { openAndClose(inPlace ? path : `${path}.copy`); return made; }, 'a copied cell');
  });
}

function openAndClose(path: string): void {
  const cell = openCell(path, LOG_KEY.name);
  try {
    cell.read();
  } finally {
    cell.close();
  }
}

async function withCell(rng: Rng, work: (path: string, made: Bench) => Promise<string>): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'weighbridge-faults-'));
  const path = join(folder, 'cell.sqlite');
  try {
    const made = await bench(rng.pick([1, 3, 255, 257]), { cell: () => openCell(path, LOG_KEY.name) });
    made.cell.close();
    return await work(path, made);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** A bit of the record itself: what the database has no sum over. */
async function cellRecordDamaged(_: number, rng: Rng): Promise<string> {
  return await withCell(rng, async (path, made) => {
    const bytes = Uint8Array.from(readFileSync(path));
    const from = Buffer.from(bytes).lastIndexOf(`${LOG_KEY.name}${LOG_KEY.name}\n`);
    check(from > 0, 'expected the record in the file');
    const { checkpoint, checkpoint384, edge384 } = made.state;
    const at = from + rng.int(LOG_KEY.name.length + utf8(checkpoint).length + utf8(checkpoint384).length + edge384.length + 20);
    bytes[at] = (bytes[at] ?? 0) ^ (1 << rng.int(8));
    changeInPlace(path, bytes);
    const outcome = await refusalOf(async () => {
      const cell = openCell(path, LOG_KEY.name);
      try {
        return (await (await openSequencer(made.parts({ cell }))).append(utf8('after'))).checkpoint;
      } finally {
        cell.close();
      }
    });
    if (outcome.refusal) return outcome.refusal.code;
    const { code } = await judgeLog(made.disk.files(), truthOf(outcome.accepted, [...made.entries, utf8('after')]), rng, OWN_POLICY);
    check(code === SAME, `a damaged cell made the log sign what is refused: ${code}`);
    return SAME;
  });
}

/** Folder and cell are both put back: only a witness remembers. */
async function allRolledBack(_: number, rng: Rng): Promise<string> {
  const made = await bench(rng.pick([0, 1, 3, 255]));
  const cell = made.memory;
  const [old, files] = [cell.state, made.disk.files()];
  await grow(made, made.parts(), 1, rng);
  const ahead = parseCheckpoint(utf8(cell.state?.checkpoint ?? '')).size;
  made.disk.restore(files);
  cell.restore(old);
  const held = cell.held.length;
  return await withWitness('ahead', ahead, async (url) => {
    const cosignHead = cosigners({ witnesses: WITNESSES.map(({ verifierKey }) => ({ key: verifierKey, url })), files: filesOf(files), timeoutMs: 2000, allowLoopback: true });
    const code = await mustRefuse(() => openSequencer(made.parts({ cosign: cosignHead })), 'a log that was rolled back whole');
    check(cell.held.length === held, 'a head was signed for');
    return code;
  });
}

/** Two writers on one log, interleaved in every way, on a cell in memory or in a database. Both are served, the folder shows the last head. */
async function twoWriters(seed: number, rng: Rng): Promise<string> {
  if (seed % 3 > 0) {
    const made = await bench(rng.pick([0, 1, 3, 254, 255, 256]));
    return await interleaved(made, [made.cell, made.cell], rng);
  }
  return await withCell(rng, async (path, made) => {
    const cells = [openCell(path, LOG_KEY.name), openCell(path, LOG_KEY.name)];
    try {
      return await interleaved(made, cells, rng);
    } finally {
      for (const cell of cells) cell.close();
    }
  });
}

async function interleaved(made: Bench, cells: readonly Cell[], rng: Rng): Promise<string> {
  made.injector.pause = async () => { for (let turns = rng.pick([0, 0, 0, 0, 0, 0, 1, 5, 40, 2000]); turns >= 0; turns--) await Promise.resolve(); };
  await Promise.all(cells.map(async (cell, w) => {
    const sequencer = await openSequencer(made.parts({ cell }));
    for (let i = 0; i < 2; i++) {
      const batch = batchOf(rng, 1 + rng.int(2), `writer ${w}`);
      const appended = await Promise.all(batch.map((entry) => sequencer.append(entry)));
      for (const [j, one] of appended.entries()) await made.promise(one, batch[j] ?? new Uint8Array());
    }
  }));
  await made.examine();
  const shown = parseCheckpoint(made.disk.files().get('checkpoint') ?? new Uint8Array()).size;
  const kept = parseCheckpoint(utf8(cells[0]?.read()?.checkpoint ?? '')).size;
  check(shown === kept, `the folder shows ${shown} entries and the cell holds ${kept}`);
  return SAME;
}

/** Both write the same entries at once, and the one that is first dies after its swap: the other must leave what it staged. */
async function sameEntries(_: number, rng: Rng): Promise<string> {
  const made = await bench(rng.pick([0, 1, 3, 255]));
  const batch = batchOf(rng, rng.pick([1, 2]), 'same');
  const late = await openSequencer(made.parts());
  const early = await openSequencer(made.parts());
  made.injector.plan('swap cell', 'persisted', true);
  await Promise.allSettled(batch.map((entry) => early.append(entry)));
  made.injector.heal();
  made.cut(batch);
  // The late writer stages the same file, loses the swap, and dies before it can mend anything.
  made.injector.plan('read log', 'lost', true);
  await Promise.allSettled(batch.map((entry) => late.append(entry)));
  made.injector.heal();
  const again = await openSequencer(made.parts());
  await again.close();
  await made.examine(batch);
  return SAME;
}

async function clockBack(_: number, rng: Rng): Promise<string> {
  const made = await bench(rng.pick([1, 3, 255]));
  let last = 0n;
  for (let i = 0; i < 3; i++) {
    const sequencer = await openSequencer(made.parts({ now: () => TIME - BigInt(rng.int(1_000_000_000)) }));
    const [entry] = batchOf(rng, 1, 'back');
    const appended = await sequencer.append(entry ?? new Uint8Array());
    await made.promise(appended, entry ?? new Uint8Array());
    const time = timeOf(parseCheckpoint(appended.checkpoint), SIGNERS);
    check(time >= last && time >= TIME, 'a head states an earlier time than the one before');
    last = time;
  }
  await made.examine();
  return SAME;
}

const BEHAVIOURS = ['ahead', 'silent', 'forged', 'other-key', 'nonsense', 'refuses', 'disconnects', 'replays'] as const;
type Behaviour = (typeof BEHAVIOURS)[number];

/** A witness that does not do what it should: the log stops, or goes on without its line; never with a false one. */
async function witnessFalse(seed: number, rng: Rng): Promise<string> {
  const behaviour = BEHAVIOURS[seed % BEHAVIOURS.length] ?? 'ahead';
  const made = await bench(rng.pick([1, 3, 255]));
  const cell = made.memory;
  return await withWitness(behaviour, BigInt(made.entries.length + 100), async (url) => {
    const cosignHead = cosigners({ witnesses: WITNESSES.map(({ verifierKey }) => ({ key: verifierKey, url })), files: made.disk, timeoutMs: 250, allowLoopback: true });
    const late = await openSequencer(made.parts());
    const parts = made.parts({ cosign: cosignHead });
    if (behaviour === 'ahead') {
      const held = cell.held.length;
      const code = await mustRefuse(() => openSequencer(parts), 'a log whose witness is ahead');
      check(cell.held.length === held, 'a head was signed for');
      await late.append(utf8('without the witness'));
      return code;
    }
    const sequencer = await openSequencer(parts);
    const [entry] = batchOf(rng, 1, 'witnessed');
    await made.promise(await sequencer.append(entry ?? new Uint8Array()), entry ?? new Uint8Array());
    await made.examine();
    return `${behaviour}: ${await mustRefuse(() => verifyLog(filesOf(made.disk.files()), { policy: POLICY }), 'a head that no witness cosigned')}`;
  });
}

async function withWitness<T>(behaviour: Behaviour, size: bigint, work: (url: string) => Promise<T>): Promise<T> {
  const stranger = testSigner('ed25519-cosigner', 'x1.example.test');
  const server = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (chunk: string) => { body += chunk; }).on('end', () => {
      const text = `${body.slice(body.indexOf('\n\n') + 2).split('\n\n')[0] ?? ''}\n`;
      const ours = WITNESSES.map((signer) => cosign(behaviour === 'forged' ? `${text}x\n` : 'another\n0\nx\n', signer, TIME)).join('\n');
      switch (behaviour) {
        case 'ahead': response.writeHead(409, { 'content-type': 'text/x.tlog.size' }).end(`${size}\n`); break;
        case 'silent': break;
        case 'forged': case 'replays': response.writeHead(200).end(`${ours}\n`); break;
        case 'other-key': response.writeHead(200).end(`${cosign(text, stranger, TIME)}\n`); break;
        case 'nonsense': response.writeHead(200).end('<html>\n\n</html>'); break;
        case 'refuses': response.writeHead(422).end(); break;
        case 'disconnects': response.destroy(); break;
      }
    });
  });
  await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve); });
  try {
    return await work(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  } finally {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
}
