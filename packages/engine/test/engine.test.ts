import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EngineError, openEngine, sqlName, sqlText } from '@weighbridge/engine';
import { afterAll, expect, test } from 'vitest';

const made: string[] = [];
afterAll(async () => {
  await Promise.all(made.splice(0).map((folder) => rm(folder, { recursive: true, force: true })));
});

/** A new folder that is removed after the tests of the file. */
async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'weighbridge-engine-'));
  made.push(folder);
  return folder;
}

async function opened(): Promise<{ engine: Awaited<ReturnType<typeof openEngine>>; folder: string; outside: string }> {
  const folder = await temporaryFolder();
  const outside = await temporaryFolder();
  await writeFile(join(outside, 'secret.csv'), 'a\n1\n');
  return { engine: await openEngine({ scratch: folder, allow: [] }), folder, outside };
}

test.each([
  ['reading outside', (o: string) => `SELECT * FROM read_csv(${sqlText(join(o, 'secret.csv'))})`],
  ['reading through ..', (o: string) => `SELECT * FROM read_csv(${sqlText(`${o}/../${o.split('/').at(-1) ?? ''}/secret.csv`)})`],
  ['writing outside', (o: string) => `COPY (SELECT 1) TO ${sqlText(join(o, 'x.csv'))}`],
  ['attaching outside', (o: string) => `ATTACH ${sqlText(join(o, 'x.db'))}`],
  ['installing an extension', () => 'INSTALL httpfs'],
  ['changing the configuration', () => "SET memory_limit = '10GB'"],
])('%s is refused', async (_title, sql) => {
  const { engine, outside } = await opened();
  await expect(engine.run(sql(outside), 'sandbox test')).rejects.toBeInstanceOf(EngineError);
  engine.close();
});

test("an engine error names the purpose and none of the data", async () => {
  const { engine } = await opened();
  const error: unknown = await engine.rows("SELECT CAST('confidential-text' AS INTEGER)", 'cast test').catch((e: unknown) => e);
  expect(error).toBeInstanceOf(EngineError);
  expect(String(error)).toBe('EngineError: ENGINE: cast test failed');
  engine.close();
});

test('texts and names survive quoting', async () => {
  const { engine } = await opened();
  const rows = await engine.rows(`SELECT ${sqlText("it's")} AS ${sqlName('a "b"')}`, 'quoting');
  expect(rows).toEqual([{ 'a "b"': "it's" }]);
  engine.close();
});

test('statements asked at once take turns: none loses a row', async () => {
  const { engine } = await opened();
  const asked = await Promise.all([1, 2, 3, 4].map((k) => engine.rows(`SELECT i, ${k} AS k FROM range(50000) AS t(i)`, 'turns')));
  expect(asked.map((rows) => [rows.length, rows.at(-1)?.['k']])).toEqual([[50000, 1], [50000, 2], [50000, 3], [50000, 4]]);
  const [failed, after] = await Promise.allSettled([engine.run('SELECT error(1)', 'failing'), engine.rows('SELECT 1 AS one', 'after')]);
  expect([failed.status, after.status]).toEqual(['rejected', 'fulfilled']);
  engine.close();
});

test('a stream that another statement overtakes throws and never ends early', async () => {
  const { engine } = await opened();
  const read = async (): Promise<number> => {
    let rows = 0;
    for await (const chunk of engine.stream('SELECT i FROM range(50000) AS t(i)', 'overtaken')) {
      if (rows === 0) await engine.run('SELECT 1', 'overtaking');
      rows += chunk.length;
    }
    return rows;
  };
  await expect(read()).rejects.toBeInstanceOf(EngineError);
  engine.close();
});

test('what is asked while records are being written sees all of them, and what was asked before sees none', async () => {
  const { engine } = await opened();
  await engine.run('CREATE TABLE t AS SELECT 0 AS i', 'making');
  const count = (): Promise<unknown> => engine.rows('SELECT COUNT(*) AS n FROM t', 'counting').then(([row]) => row?.['n']);
  for (let k = 1; k <= 20; k++) {
    const before = [count(), count(), count()];
    const writing = engine.run('INSERT INTO t SELECT i FROM range(1000) AS r(i)', 'writing');
    const after = [count(), count(), count()];
    await writing;
    expect(await Promise.all([...before, ...after])).toEqual([...before.map(() => BigInt(1 + 1000 * (k - 1))), ...after.map(() => BigInt(1 + 1000 * k))]);
  }
  engine.close();
});
