import { openEngine } from '@weighbridge/engine';
import type { Engine } from '@weighbridge/engine';
import { conditionSql, loadCollection } from '@weighbridge/instrument';
import type { Codelist, Condition, ConditionContext } from '@weighbridge/instrument';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { makeCollection, temporaryFolder } from './make-collection.ts';

let engine: Engine;
let offences: Codelist | undefined;
beforeAll(async () => {
  engine = await openEngine({ scratch: await temporaryFolder(), allow: [] });
  offences = (await loadCollection(await makeCollection())).codelists.get('offences');
});
afterAll(() => { engine.close(); });

const TYPES = { offence: 'string', n: 'integer', seen: 'date', sent: 'date', served: 'string', note: 'string', price: 'number', share: 'percent' } as const;
const context = (): ConditionContext => ({
  column: (f) => `"${f}"`,
  type: (f) => TYPES[f as keyof typeof TYPES],
  codelist: (f) => (f === 'offence' ? offences : undefined),
  split: (f) => (f === 'served' ? '\n' : undefined),
  textFields: ['offence', 'served', 'note'],
});
const ROWS = `(VALUES
  (1, '01',  5,    DATE '2020-01-02', DATE '2020-01-01', 'Business' || chr(10) || 'Device', 'asked GOOGLE for it', 1.5::DECIMAL(18,6), 2.7::DECIMAL(9,4)),
  (2, '011', NULL, NULL,              DATE '2020-01-01', 'Device Only',                     'it''s 100%_sure',     NULL,               65::DECIMAL(9,4)),
  (3, '02',  9,    DATE '2019-12-31', DATE '2020-01-01', NULL,                              NULL,                  -2::DECIMAL(18,6),  NULL))
  AS t(id, offence, n, seen, sent, served, note, price, share)`;

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
  [{ price: '1.5' }, [1]],
  [{ price: ['1.50', '-2'] }, [1, 3]],
  [{ price: { notIn: ['1.5'] } }, [2, 3]],
  [{ share: ['2.7', '65'] }, [1, 2]],
])('%j keeps records %j', async (condition, ids) => {
  const rows = await engine.rows(`SELECT id FROM ${ROWS} WHERE ${conditionSql(condition, context())} ORDER BY id`, 'condition');
  expect(rows.map((r) => r['id'])).toEqual(ids);
});

test('a condition is never null', async () => {
  const rows = await engine.rows(`SELECT COUNT(*) AS n FROM ${ROWS} WHERE (${conditionSql({ n: { min: 1 }, note: { contains: 'x' } }, context())}) IS NULL`, 'null test');
  expect(rows[0]?.['n']).toBe(0n);
});
