import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openEngine } from '@weighbridge/engine';
import type { Engine } from '@weighbridge/engine';
import { conditionSql, loadCollection } from '@weighbridge/instrument';
import type { Codelist, Condition, ConditionContext } from '@weighbridge/instrument';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { makeCollection } from './make-collection.ts';

let engine: Engine;
let offences: Codelist | undefined;
beforeAll(async () => {
  engine = await openEngine({ scratch: await mkdtemp(join(tmpdir(), 'weighbridge-condition-')), allow: [] });
  offences = (await loadCollection(await makeCollection())).codelists.get('offences');
});
afterAll(() => { engine.close(); });

const TYPES = { offence: 'string', n: 'integer', seen: 'date', sent: 'date', served: 'string', note: 'string' } as const;
const context = (): ConditionContext => ({
  column: (f) => `"${f}"`,
  type: (f) => TYPES[f as keyof typeof TYPES],
  codelist: (f) => (f === 'offence' ? offences : undefined),
  split: (f) => (f === 'served' ? '\n' : undefined),
  textFields: ['offence', 'served', 'note'],
});
const ROWS = `(VALUES
  (1, '01',  5,    DATE '2020-01-02', DATE '2020-01-01', 'Business' || chr(10) || 'Device', 'asked GOOGLE for it'),
  (2, '011', NULL, NULL,              DATE '2020-01-01', 'Device Only',                     'it''s 100%_sure'),
  (3, '02',  9,    DATE '2019-12-31', DATE '2020-01-01', NULL,                              NULL))
  AS t(id, offence, n, seen, sent, served, note)`;

test.each<[Condition, number[]]>([
  [{}, [1, 2, 3]],
  [{ offence: '01' }, [1]],
  [{ offence: ['01', '02'] }, [1, 3]],
  [{ offence: { under: ['01'] } }, [1, 2]],
  [{ offence: { level: 'division' } }, [1, 3]],
  [{ offence: { notIn: ['01'] }, n: { min: 6 } }, [3]],
  [{ n: { blank: true } }, [2]],
  [{ n: { max: 5 } }, [1]],
  [{ seen: { notBefore: 'sent' } }, [1, 2]],
  [{ seen: { min: '2020-01-01' } }, [1]],
  [{ served: 'Device' }, [1]],
  [{ served: { notIn: ['Device'] } }, [2, 3]],
  [{ anyField: { contains: 'google' } }, [1]],
  [{ note: { contains: '100%_' } }, [2]],
  [{ note: { contains: "it's" } }, [2]],
  [{ note: "'; DROP TABLE t; --" }, []],
])('%j keeps records %j', async (condition, ids) => {
  const rows = await engine.rows(`SELECT id FROM ${ROWS} WHERE ${conditionSql(condition, context())} ORDER BY id`, 'condition');
  expect(rows.map((r) => r['id'])).toEqual(ids);
});

test('a condition is never null', async () => {
  const rows = await engine.rows(`SELECT COUNT(*) AS n FROM ${ROWS} WHERE (${conditionSql({ n: { min: 1 }, note: { contains: 'x' } }, context())}) IS NULL`, 'null test');
  expect(rows[0]?.['n']).toBe(0n);
});
