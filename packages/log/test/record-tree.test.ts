/** Receipts for single records: each proves its record, shows no other, and dies with its salt while the root stands. All records are synthetic. A little over 400 lines: all tests build and break their trees by the same helpers. */
import { createHash } from 'node:crypto';
import { appendFile, mkdtemp, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { Refusal } from '@weighbridge/base';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { commitLines, recordOfLine } from '../src/record-lines.ts';
import { RECORD_HEADER, checkRecordReceipt, formatRecordReceipt, parseRecordReceipt, rootOfRecordReceipt } from '../src/record-receipt.ts';
import type { RecordReceipt } from '../src/record-receipt.ts';
import { RecordTreeWriter, destroySalt, proveRecord } from '../src/record-tree.ts';
import type { RecordTreeFiles } from '../src/record-tree.ts';
import { hex } from './log-in-memory.ts';
import { naiveRoot } from './naive-merkle.ts';

const SEED = { seed: 20231106 };
/** As long as a commitment in hexadecimal. */
const SUBMISSION = '00112233445566778899aabbccddeeff'.repeat(3);
let folder: string;
let made = 0;

beforeAll(async () => { folder = await mkdtemp(join(tmpdir(), 'weighbridge-records-')); });
afterAll(async () => { await rm(folder, { recursive: true }); });

interface Tree {
  readonly files: RecordTreeFiles;
  readonly root: Uint8Array;
  readonly count: bigint;
}

function fresh(): RecordTreeFiles {
  made++;
  return { salts: join(folder, `salts-${made}`), hashes: join(folder, `hashes-${made}`) };
}

/** Few values on purpose: a record that can be guessed. */
function recordText(i: number): string {
  return `${RECORD_HEADER}{"synthetic":true,"offence":"${String((i * 7) % 50).padStart(3, '0')}"}`;
}

async function treeOf(count: number): Promise<Tree> {
  const files = fresh();
  const writer = new RecordTreeWriter(files);
  for (let i = 0; i < count; i++) writer.add(recordText(i));
  return { files, ...await writer.finish() };
}

function receiptOf(tree: Tree, index: number): Promise<RecordReceipt> {
  return proveRecord(tree.files, { submission: SUBMISSION, index: BigInt(index), content: Buffer.from(recordText(index)) });
}

function sha384(...parts: readonly (Uint8Array | string)[]): Buffer {
  const state = createHash('sha384');
  for (const part of parts) state.update(part);
  return state.digest();
}

function codeOf(work: () => unknown): string {
  try {
    work();
    return 'accepted';
  } catch (error) {
    return error instanceof Refusal ? error.code : 'thrown';
  }
}

test.each([0, 1, 2, 3, 255, 256, 257, 511, 512, 513, 65_535, 65_536, 65_537, 70_000])('the root over %i records is that of RFC 6962 over their commitments, and receipts hold at every edge', async (count) => {
  const tree = await treeOf(count);
  const salts = await readFile(tree.files.salts);
  expect(salts.length).toBe(32 * count);
  const commitments = Array.from({ length: count }, (_, i) => sha384(salts.subarray(32 * i, 32 * i + 32), recordText(i)));
  expect([tree.count, hex(tree.root)]).toEqual([BigInt(count), hex(naiveRoot(commitments, 'sha384'))]);
  for (const index of [0, 1, 254, 255, 256, 511, 65_279, 65_280, 65_534, 65_535, 65_536, 69_887, count - 2, count - 1].filter((i) => i >= 0 && i < count)) {
    const receipt = await receiptOf(tree, index);
    checkRecordReceipt(receipt, tree.root, tree.count);
    expect(hex(receipt.salt)).toBe(hex(salts.subarray(32 * index, 32 * index + 32)));
  }
});

test('every record of 600 has a receipt that holds, and that survives its text', async () => {
  const tree = await treeOf(600);
  for (let index = 0; index < 600; index++) {
    const text = formatRecordReceipt(await receiptOf(tree, index));
    checkRecordReceipt(parseRecordReceipt(text), tree.root, 600n);
    expect(hex(rootOfRecordReceipt(parseRecordReceipt(text)))).toBe(hex(tree.root));
    expect(hex(formatRecordReceipt(parseRecordReceipt(text)))).toBe(hex(text));
  }
});

test('above 65,536 records rows of level 1 stand among the leaves as the module says', async () => {
  const tree = await treeOf(70_000);
  const hashes = await readFile(tree.files.hashes);
  const row = 256 * 48;
  // 256 rows of leaves, the row of their roots, 17 rows of leaves; then the partial rows of 112, 17 and 1 hashes.
  expect(hashes.length).toBe(274 * row + (112 + 17 + 1) * 48);
  const rootOfRow = (bytes: Uint8Array): Uint8Array => {
    let level: Uint8Array[] = Array.from({ length: 256 }, (_, i) => bytes.subarray(48 * i, 48 * i + 48));
    while (level.length > 1) level = level.flatMap((left, i) => (i % 2 === 0 ? [sha384(Uint8Array.of(1), left, level[i + 1] ?? left)] : []));
    return level[0] ?? new Uint8Array();
  };
  expect(hex(hashes.subarray(256 * row + 5 * 48, 256 * row + 6 * 48))).toBe(hex(rootOfRow(hashes.subarray(5 * row, 6 * row))));
  expect(hex(hashes.subarray(-48))).toBe(hex(rootOfRow(hashes.subarray(256 * row, 257 * row))));
});

test('a text and its UTF-8 bytes are the same record, whatever their length', async () => {
  const files = fresh();
  const contents = [RECORD_HEADER, `${RECORD_HEADER}āŋ€😀`, `${RECORD_HEADER}${'long '.repeat(5000)}`];
  const writer = new RecordTreeWriter(files);
  for (const content of contents) {
    writer.add(content);
    writer.add(Buffer.from(content));
  }
  const { root, count } = await writer.finish();
  for (const [i, content] of contents.flatMap((each) => [each, each]).entries()) {
    checkRecordReceipt(await proveRecord(files, { submission: SUBMISSION, index: BigInt(i), content: Buffer.from(content) }), root, count);
  }
});

test('salts are fresh: none comes twice, and the same records have another root the next time', async () => {
  const [one, two] = [await treeOf(3000), await treeOf(3000)];
  const salts = [...await readFile(one.files.salts), ...await readFile(two.files.salts)];
  const each = Array.from({ length: 6000 }, (_, i) => hex(Uint8Array.from(salts.slice(32 * i, 32 * i + 32))));
  expect(new Set(each).size).toBe(6000);
  expect(hex(one.root)).not.toBe(hex(two.root));
});

test('what is not a record is not added, files that exist are not written over, and what is given up leaves nothing', async () => {
  const files = fresh();
  const writer = new RecordTreeWriter(files);
  expect(() => { writer.add('{}'); }).toThrow(RangeError);
  expect(() => { writer.add(Buffer.from('weighbridge-record/2\n')); }).toThrow(RangeError);
  expect(() => { writer.add(`${RECORD_HEADER}\ud800`); }).toThrow(RangeError);
  expect(() => new RecordTreeWriter(files)).toThrow(/EEXIST/);
  writer.discard();
  await expect(stat(files.salts)).rejects.toThrow(/ENOENT/);
  await expect(stat(files.hashes)).rejects.toThrow(/ENOENT/);
});

test('salts are readable by their owner alone', async () => {
  const tree = await treeOf(1);
  expect((await stat(tree.files.salts)).mode & 0o077).toBe(0);
});

test('the tree is written in a worker thread as well', async () => {
  const files = fresh();
  const code = `import { workerData, parentPort } from 'node:worker_threads';
    const { RecordTreeWriter } = await import(workerData.module);
    const writer = new RecordTreeWriter(workerData.files);
    for (let i = 0; i < 1000; i++) writer.add(workerData.text);
    parentPort.postMessage(await writer.finish());`;
  const worker = new Worker(new URL(`data:text/javascript,${encodeURIComponent(code)}`), { workerData: { files, text: recordText(0), module: new URL('../src/record-tree.ts', import.meta.url).href } });
  const { root, count } = await new Promise<{ root: Uint8Array; count: bigint }>((resolve, reject) => { worker.on('message', resolve).on('error', reject); });
  expect(root.buffer.byteLength).toBe(48);
  checkRecordReceipt(await proveRecord(files, { submission: SUBMISSION, index: 999n, content: Buffer.from(recordText(0)) }), root, count);
});

test('at a million records a receipt of a record of 400 bytes has at most 2,048 bytes', () => {
  const content = Buffer.from(RECORD_HEADER.padEnd(400, 'x'));
  const path = Array.from({ length: 20 }, () => new Uint8Array(48).fill(255));
  const text = formatRecordReceipt({ submission: SUBMISSION, index: 999_998n, count: 1_000_000n, salt: new Uint8Array(32), path, content });
  expect(text.length).toBeLessThanOrEqual(2048);
});

describe('what does not fit is refused by name', () => {
  let tree: Tree;
  beforeAll(async () => { tree = await treeOf(300); });

  test('proving: no such record, another content, files of two submissions, files cut short', async () => {
    const prove = (files: RecordTreeFiles, index: bigint, text: string): Promise<RecordReceipt> => proveRecord(files, { submission: SUBMISSION, index, content: Buffer.from(text) });
    await expect(prove(tree.files, 300n, recordText(0))).rejects.toMatchObject({ code: 'RECORD_INDEX' });
    await expect(prove(tree.files, -1n, recordText(0))).rejects.toMatchObject({ code: 'RECORD_INDEX' });
    await expect(prove(tree.files, 5n, recordText(6))).rejects.toMatchObject({ code: 'RECORD_OTHER' });
    await expect(prove(tree.files, 5n, recordText(5).slice(RECORD_HEADER.length))).rejects.toMatchObject({ code: 'RECORD_OTHER' });
    const other = await treeOf(299);
    await expect(prove({ salts: other.files.salts, hashes: tree.files.hashes }, 5n, recordText(5))).rejects.toMatchObject({ code: 'RECORD_TREE_FILES' });
    await truncate(other.files.hashes, 100);
    await expect(prove(other.files, 5n, recordText(5))).rejects.toMatchObject({ code: 'RECORD_TREE_FILES' });
    await truncate(other.files.salts, 100);
    await expect(prove(other.files, 1n, recordText(1))).rejects.toMatchObject({ code: 'RECORD_TREE_FILES' });
  });

  test('checking: another count, path, content, salt, index, root', async () => {
    const receipt = await receiptOf(tree, 77);
    const check = (change: Partial<RecordReceipt>, root = tree.root, count = 300n): string => codeOf(() => { checkRecordReceipt({ ...receipt, ...change }, root, count); });
    expect(check({})).toBe('accepted');
    expect(check({}, tree.root, 301n)).toBe('RECEIPT_COUNT');
    expect(check({ count: 301n })).toBe('RECEIPT_COUNT');
    expect(check({ path: receipt.path.slice(1) })).toBe('RECEIPT_PATH');
    expect(check({ path: [...receipt.path, receipt.salt] })).toBe('RECEIPT_PATH');
    expect(check({ index: 300n })).toBe('RECEIPT_PATH');
    expect(check({ salt: receipt.salt.subarray(1) })).toBe('RECEIPT_PATH');
    expect(check({ path: [...receipt.path].reverse() })).toBe('RECEIPT_FALSE');
    expect(check({ index: 76n })).toBe('RECEIPT_FALSE');
    expect(check({ content: Buffer.from(recordText(78)) })).toBe('RECEIPT_FALSE');
    expect(check({ salt: new Uint8Array(32) })).toBe('RECEIPT_FALSE');
    expect(check({}, new Uint8Array(48))).toBe('RECEIPT_FALSE');
    expect(check({}, new Uint8Array(0))).toBe('RECEIPT_FALSE');
  });

  test('parsing: each line has its code, and nothing lenient passes', async () => {
    const text = Buffer.from(formatRecordReceipt(await receiptOf(tree, 77))).toString();
    const parse = (from: string | RegExp, to: string): string => {
      const changed = text.replace(from, to);
      expect(changed, String(from)).not.toBe(text);
      return codeOf(() => parseRecordReceipt(Buffer.from(changed)));
    };
    expect(codeOf(() => parseRecordReceipt(Buffer.from(text)))).toBe('accepted');
    expect(codeOf(() => parseRecordReceipt(new Uint8Array()))).toBe('RECEIPT_FORM');
    expect(parse('receipt/1', 'receipt/2')).toBe('RECEIPT_FORM');
    expect(parse(/^/, '\ufeff')).toBe('RECEIPT_FORM');
    expect(parse(/^/, '\n')).toBe('RECEIPT_FORM');
    expect(parse(/\n/g, '\r\n')).toBe('RECEIPT_FORM');
    expect(parse('\n\n', '\nextra 1\n\n')).toBe('RECEIPT_FORM');
    expect(parse('\n\n', '\n')).toBe('RECEIPT_FORM');
    expect(parse('index ', 'Index ')).toBe('RECEIPT_FORM');
    expect(parse(/index (.*)\ncount (.*)\n/, 'count $2\nindex $1\n')).toBe('RECEIPT_FORM');
    expect(parse(/submission .*/, 'submission ')).toBe('RECEIPT_SUBMISSION');
    expect(parse(/submission .*/, 'submission a b')).toBe('RECEIPT_SUBMISSION');
    expect(parse('index 77', 'index 077')).toBe('RECEIPT_INDEX');
    expect(parse('index 77', 'index -1')).toBe('RECEIPT_INDEX');
    expect(parse('index 77', 'index 300')).toBe('RECEIPT_INDEX');
    expect(parse('count 300', 'count +300')).toBe('RECEIPT_COUNT');
    expect(parse('count 300', 'count 0')).toBe('RECEIPT_COUNT');
    expect(parse('count 300', 'count 18446744073709551616')).toBe('RECEIPT_COUNT');
    expect(parse(/salt .*/, 'salt AAAA')).toBe('RECEIPT_SALT');
    expect(parse(/salt (.*)/, 'salt $1 ')).toBe('RECEIPT_SALT');
    expect(parse(/(path .{8}).*/, '$1')).toBe('RECEIPT_PATH');
    expect(parse(/path .*/, 'path ')).toBe('RECEIPT_PATH');
    expect(parse(/path .*/, `path ${'A'.repeat(64 * 64)}`)).toBe('RECEIPT_PATH');
    expect(parse(/path .*/, `path ${'A'.repeat(9000)}`)).toBe('RECEIPT_FORM');
    expect(parse('\nweighbridge-record/1\n', '\nweighbridge-record/1')).toBe('RECEIPT_CONTENT');
    expect(parse('\n\nweighbridge-record/1', '\n\n\nweighbridge-record/1')).toBe('RECEIPT_CONTENT');
  });

  test('a byte changed anywhere in a receipt: refused, or the same record of the same submission under another name', async () => {
    const text = formatRecordReceipt(await receiptOf(tree, 77));
    fc.assert(fc.property(fc.nat(text.length - 1), fc.integer({ min: 1, max: 255 }), (at, mask) => {
      const changed = Uint8Array.from(text, (byte, i) => (i === at ? byte ^ mask : byte));
      const outcome = codeOf(() => {
        const receipt = parseRecordReceipt(changed);
        // The identifier says which root to look up; only the entry that is found there binds it.
        if (receipt.submission === SUBMISSION) checkRecordReceipt(receipt, tree.root, tree.count);
        else throw new Error('another submission');
      });
      expect(outcome).not.toBe('accepted');
    }), { ...SEED, numRuns: 2000 });
  });

  test('a receipt never starts as anything but a receipt, and what cannot be spelt is not written', async () => {
    const receipt = await receiptOf(tree, 3);
    expect(() => formatRecordReceipt({ ...receipt, submission: 'two\nlines' })).toThrow(RangeError);
    expect(() => formatRecordReceipt({ ...receipt, index: 300n })).toThrow(RangeError);
    expect(() => formatRecordReceipt({ ...receipt, salt: new Uint8Array(31) })).toThrow(RangeError);
    expect(() => formatRecordReceipt({ ...receipt, path: [new Uint8Array(32)] })).toThrow(RangeError);
    expect(() => formatRecordReceipt({ ...receipt, content: new Uint8Array(3) })).toThrow(RangeError);
  });
});

/** All records that there can be: the whole small domain that somebody who guesses would go through. */
const DOMAIN = Array.from({ length: 50 }, (_, i) => recordText(i));

/** How many of the hashes a guesser opens by going through the domain under each of the salts. */
function guessed(hashes: ReadonlySet<string>, salts: readonly Uint8Array[]): number {
  let found = 0;
  for (const content of DOMAIN) {
    for (const salt of salts) {
      const commitment = sha384(salt, content);
      for (const guess of [commitment, sha384(Uint8Array.of(0), commitment), sha384(content), sha384(Uint8Array.of(0), content)]) if (hashes.has(hex(guess))) found++;
    }
  }
  return found;
}

function hashesIn(bytes: Uint8Array): Set<string> {
  return new Set(Array.from({ length: bytes.length / 48 }, (_, i) => hex(bytes.subarray(48 * i, 48 * i + 48))));
}

describe('nothing is learnt of other records', () => {
  test('the siblings in all receipts but one do not open by guessing; with its salt it opens, so the guessing works', async () => {
    const tree = await treeOf(300);
    const salts = await readFile(tree.files.salts);
    const saltOf = (i: number): Uint8Array => salts.subarray(32 * i, 32 * i + 32);
    const receipts = await Promise.all(Array.from({ length: 300 }, (_, i) => i).filter((i) => i !== 128).map((i) => receiptOf(tree, i)));
    const seen = new Set(receipts.flatMap((receipt) => receipt.path.map(hex)));
    // Everything a coalition of all other holders has: their salts, no salt at all, salts of zeros.
    const theirs = [...receipts.map((receipt) => receipt.salt), new Uint8Array(), new Uint8Array(32)];
    const target = new Set([hex(sha384(Uint8Array.of(0), sha384(saltOf(128), recordText(128))))]);
    expect([...target].every((leaf) => seen.has(leaf))).toBe(true);
    expect(guessed(target, theirs)).toBe(0);
    expect(guessed(target, [saltOf(128)])).toBe(1);
  });

  test('a receipt holds its own salt and content, and no other record', async () => {
    const tree = await treeOf(300);
    const salts = await readFile(tree.files.salts);
    const receipt = await receiptOf(tree, 7);
    const text = Buffer.from(formatRecordReceipt(receipt)).toString();
    const shown = Array.from({ length: 300 }, (_, i) => i).filter((i) => text.includes(salts.subarray(32 * i, 32 * i + 32).toString('base64')));
    expect(shown).toEqual([7]);
    expect(DOMAIN.filter((content) => text.includes(content))).toEqual([recordText(7)]);
  });
});

describe('lawful deletion', () => {
  test('without salts and contents, going through the whole domain opens nothing; before, it opened every record; the root stands', async () => {
    const tree = await treeOf(300);
    const kept = formatRecordReceipt(await receiptOf(tree, 12));
    const hashes = hashesIn(await readFile(tree.files.hashes));
    const salts = await readFile(tree.files.salts);
    expect(guessed(hashes, Array.from({ length: 300 }, (_, i) => salts.subarray(32 * i, 32 * i + 32)))).toBe(300);
    await rm(tree.files.salts);
    expect(guessed(hashesIn(await readFile(tree.files.hashes)), [new Uint8Array(), new Uint8Array(32)])).toBe(0);
    // What was proved before is proved still: the log need not change for a deletion.
    checkRecordReceipt(parseRecordReceipt(kept), tree.root, 300n);
  });

  test('one salt destroyed: that record can no longer be proved or guessed, all others can be proved', async () => {
    const tree = await treeOf(300);
    const before = await readFile(tree.files.salts);
    destroySalt(tree.files.salts, 128n);
    const salts = await readFile(tree.files.salts);
    expect(salts.equals(Buffer.concat([before.subarray(0, 128 * 32), Buffer.alloc(32), before.subarray(129 * 32)]))).toBe(true);
    await expect(receiptOf(tree, 128)).rejects.toMatchObject({ code: 'RECORD_DESTROYED' });
    for (const index of [0, 127, 129, 299]) checkRecordReceipt(await receiptOf(tree, index), tree.root, 300n);
    const leaf = new Set([hex(sha384(Uint8Array.of(0), sha384(before.subarray(128 * 32, 129 * 32), recordText(128))))]);
    const left = Array.from({ length: 300 }, (_, i) => salts.subarray(32 * i, 32 * i + 32));
    expect([guessed(leaf, left), guessed(leaf, [before.subarray(128 * 32, 129 * 32)])]).toEqual([0, 1]);
    expect(codeOf(() => { destroySalt(tree.files.salts, 300n); })).toBe('RECORD_INDEX');
  });

  test('a hash of a record without a salt opens by guessing: what the salts are for', () => {
    const bare = new Set(DOMAIN.map((content) => hex(sha384(content))));
    expect(guessed(bare, [new Uint8Array()])).toBeGreaterThanOrEqual(50);
  });
});

test.each([0, 1, 255, 4096, 4097, 70_001])('%i lines of a file are the records of one tree, whether threads commit to them or not', async (count) => {
  const folder = await mkdtemp(join(tmpdir(), 'record-lines-'));
  try {
    const line = (i: number): string => `{"_row":"${i + 1}","note":"${'x'.repeat(i % 90)}"}`;
    const text = Array.from({ length: count }, (_, i) => `${line(i)}\n`).join('');
    await writeFile(join(folder, 'lines'), text);
    for (const ownBytes of [0, 1 << 30]) { // both ways must come to the same
      const own = { salts: join(folder, `salts-${ownBytes}`), hashes: join(folder, `hashes-${ownBytes}`) };
      const made = await commitLines(join(folder, 'lines'), own, { ownBytes });
      expect(made.count).toBe(BigInt(count));
      for (const i of [0, 1, 254, 255, 256, 4095, 4096, 65_535, 65_536, count - 1].filter((n) => n >= 0 && n < count)) {
        const receipt = await proveRecord(own, { submission: 's', index: BigInt(i), content: Buffer.from(`weighbridge-record/1\n${line(i)}`) });
        checkRecordReceipt(receipt, made.root, made.count);
      }
    }
  } finally {
    await rm(folder, { recursive: true });
  }
}, 60_000);

describe('a file that is still being written', () => {
  const line = (i: number): string => `{"_row":"${i + 1}","note":"${'y'.repeat(i % 300)}"}\n`;

  test('its records are those of the whole file, wherever writing paused; the hashes of both files are given', async () => {
    const [path, own] = [join(folder, 'growing'), fresh()];
    const text = Array.from({ length: 20_000 }, (_, i) => line(i)).join('');
    const write = async (): Promise<void> => {
      await setTimeout(5); // the file is not there yet
      for (let at = 0; at < text.length; at += 170_003) {
        await appendFile(path, text.slice(at, at + 170_003));
        await setTimeout(1);
      }
    };
    const made = await commitLines(path, own, { written: write(), ownBytes: 1 << 20 });
    expect(made.count).toBe(20_000n);
    for (const i of [0, 255, 256, 19_712, 19_999]) {
      checkRecordReceipt(await proveRecord(own, { submission: 's', index: BigInt(i), content: recordOfLine(Buffer.from(line(i).trimEnd())) }), made.root, made.count);
    }
    expect(made.sha384).toEqual({ salts: hex(sha384(await readFile(own.salts))), hashes: hex(sha384(await readFile(own.hashes))) });
  });

  test('when the writing fails, that is the failure, and nothing is left', async () => {
    for (const before of ['', line(0).repeat(300)]) {
      const [path, own] = [join(folder, `failing-${before.length}`), fresh()];
      const write = async (): Promise<void> => {
        if (before !== '') await appendFile(path, before);
        await setTimeout(5);
        throw new Error('the disk is full');
      };
      await expect(commitLines(path, own, { written: write() })).rejects.toThrow('the disk is full');
      await expect(stat(own.salts)).rejects.toThrow(/ENOENT/);
      await expect(stat(own.hashes)).rejects.toThrow(/ENOENT/);
    }
  });
});

test('lines of any length are records of their own: short, as long as wait for another, longer than that, longer than a task', async () => {
  const lengths = [0, 1, 57, 58, 59, 4024, 4025, 4026, 4096, 100_000, 3 << 20, ...Array.from({ length: 600 }, (_, i) => (i * 7919) % 5000)];
  const lines = lengths.map((length, i) => `${String(i).padStart(4, '0')}${'é'.repeat(length >> 1)}`);
  const path = join(folder, 'lengths');
  await writeFile(path, lines.map((each) => `${each}\n`).join(''));
  for (const ownBytes of [0, 1 << 30]) {
    const own = fresh();
    const made = await commitLines(path, own, { ownBytes });
    expect(made.count).toBe(BigInt(lines.length));
    const salts = await readFile(own.salts);
    const commitments = lines.map((each, i) => sha384(salts.subarray(32 * i, 32 * i + 32), RECORD_HEADER, each));
    expect(hex(made.root)).toBe(hex(naiveRoot(commitments, 'sha384')));
  }
});
