/** Generated records keep the rules of the instruments they are for, without error and without warning. */
import { readFile, readdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { conditionSql } from '@weighbridge/instrument';
import type { ConditionContext, Instrument } from '@weighbridge/instrument';
import { parse } from 'csv-parse/sync';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { loadSettings } from '../src/load-settings.ts';
import { ENCRYPTION, encryptionExtracts } from './encryption-extracts.ts';
import type { Extracts } from './encryption-extracts.ts';

const INSTRUMENTS = ['devices', 'interceptions', 'dedicated-devices', 'referrals', 'online-offences', 'authorisations', 'benefits'];

let extracts: Extracts;
beforeAll(async () => { extracts = await encryptionExtracts(20_000); });
afterAll(() => { extracts.engine.close(); });

describe.each(INSTRUMENTS)('%s', (id) => {
  let instrument: Instrument;
  beforeAll(() => {
    const found = extracts.collection.instruments.get(id);
    if (!found) throw new Error(`no instrument ${id}`);
    instrument = found;
  });

  const context = (): ConditionContext => ({
    column: (field) => `"${field}"`, type: (field) => instrument.definition.fields.find((f) => f.name === field)?.type ?? 'string',
    codelist: (field) => instrument.codelists.get(instrument.definition.fields.find((f) => f.name === field)?.codelist ?? ''),
    split: () => undefined, textFields: [],
  });

  test('no rule is broken', async () => {
    const broken: string[] = [];
    expect(instrument.definition.rules.length).toBeGreaterThan(0);
    for (const rule of instrument.definition.rules) {
      const n = await extracts.one(`SELECT COUNT(*) FROM "${id}" WHERE ${conditionSql(rule.when, context())} AND NOT (${conditionSql(rule.then, context())})`);
      if (n > 0) broken.push(rule.id);
    }
    expect(broken).toEqual([]);
  });

  test('required fields are filled, and keys are unique over agencies and rounds', async () => {
    for (const field of instrument.definition.fields.filter((f) => f.required)) {
      expect([field.name, await extracts.one(`SELECT COUNT(*) FROM "${id}" WHERE "${field.name}" IS NULL`)]).toEqual([field.name, 0]);
    }
    const key = instrument.definition.primaryKey.map((k) => `"${k}"`).join(', ');
    expect(await extracts.one(`SELECT COUNT(*) FROM (SELECT 1 FROM "${id}" GROUP BY ${key} HAVING COUNT(*) > 1)`)).toBe(0);
  });

  test('every code is in its list and valid on its day', async () => {
    for (const field of instrument.definition.fields) {
      const list = field.codelist === undefined ? undefined : instrument.codelists.get(field.codelist);
      if (!list) continue;
      const level = field.holds;
      for (const entry of await extracts.engine.rows(`SELECT DISTINCT "${field.name}" AS code, CAST(MIN("${field.validAt ?? field.name}") AS VARCHAR) AS first FROM "${id}" WHERE "${field.name}" IS NOT NULL GROUP BY 1`, 'test')) {
        const known = list.entries.filter((e) => e.code === entry['code'] && (level === undefined || e.level === level));
        expect([field.name, entry['code'], known.length > 0]).toEqual([field.name, entry['code'], true]);
        if (field.validAt !== undefined) expect(known.some((e) => (e.validFrom ?? '') <= String(entry['first']) && String(entry['first']) <= (e.validTo ?? '9'))).toBe(true);
      }
    }
  });

  test('late records are few and only as the settings say', async () => {
    const period = instrument.definition.referencePeriod ?? '';
    const starts = extracts.collection.definition.rounds.map((r) => `WHEN '${r.id}' THEN DATE '${r.from}'`).join(' ');
    const ends = extracts.collection.definition.rounds.map((r) => `WHEN '${r.id}' THEN DATE '${r.to}'`).join(' ');
    const all = await extracts.one(`SELECT COUNT(*) FROM "${id}"`);
    expect(await extracts.one(`SELECT COUNT(*) FROM "${id}" WHERE "${period}" > CASE round ${ends} END`)).toBe(0);
    expect(await extracts.one(`SELECT COUNT(*) FROM "${id}" WHERE "${period}" < DATE '2019-07-01'`)).toBe(0);
    expect(await extracts.one(`SELECT COUNT(*) FROM "${id}" WHERE "${period}" < CASE round ${starts} END`) / all).toBeLessThan(id === 'devices' ? 0.02 : 1e-9);
  });
});

describe('the collection', () => {
  const references = async (): Promise<Set<string>> => {
    const text = await readFile(resolve(ENCRYPTION, '../../docs/references.md'), 'utf8');
    return new Set([...text.matchAll(/^#{2,4} ([a-z0-9-]+)$|<a id="([a-z0-9-]+)">/gm)].map((m) => m[1] ?? m[2] ?? ''));
  };

  test('every source that settings, code lists and published figures name is a reference', async () => {
    const known = await references();
    const { collection } = extracts;
    const named = new Set<string>();
    for (const { settings } of await loadSettings(collection)) {
      for (const [, value] of JSON.stringify(settings).matchAll(/"source":"([^"]+)"/g)) named.add(value ?? '');
    }
    for (const list of collection.codelists.values()) {
      for (const [, value] of list.definition.source.matchAll(/references\.md#([a-z0-9-]+)/g)) named.add(value ?? '');
      for (const entry of list.entries) if (entry.attributes['reference'] !== undefined) named.add(entry.attributes['reference']);
    }
    for (const input of collection.definition.inputs) {
      const rows: Record<string, string>[] = parse(await readFile(join(ENCRYPTION, input.file)), { columns: true });
      expect(rows.length).toBeGreaterThan(30);
      for (const row of rows) named.add(row['reference'] ?? '');
    }
    expect(named.size).toBeGreaterThan(40);
    expect([...named].filter((anchor) => !known.has(anchor))).toEqual([]);
  });

  test('every question is answered by a table, and every answer is a question', () => {
    const { collection } = extracts;
    const questions = new Set(collection.definition.questions.map((q) => q.id));
    const answered = new Set([...collection.tables.values()].flatMap((t) => t.definition.answers));
    expect([...questions].filter((q) => !answered.has(q))).toEqual([]);
    const named = [...answered, ...[...collection.instruments.values()].flatMap((i) => [...i.definition.answers, ...i.definition.fields.flatMap((f) => f.answers ?? [])])];
    expect([...new Set(named)].filter((a) => !questions.has(a))).toEqual([]);
  });

  test('every figure published by others is in the list of figures, once in each edition', async () => {
    const { collection } = extracts;
    const figures = new Set(collection.codelists.get('figures')?.entries.map((e) => e.code));
    for (const input of collection.definition.inputs) {
      const rows: Record<string, string>[] = parse(await readFile(join(ENCRYPTION, input.file)), { columns: true });
      const own = rows.map((r) => r['figure'] ?? '');
      expect(own.filter((f) => !figures.has(f))).toEqual([]);
      expect(new Set(own).size).toBe(own.length);
    }
  });

  test('every instrument but the published figures has settings, and only that one has no label', async () => {
    const settings = (await readdir(join(ENCRYPTION, 'sample'))).map((n) => n.replace('.yaml', ''));
    expect(settings.toSorted()).toEqual(INSTRUMENTS.toSorted());
  });
});
