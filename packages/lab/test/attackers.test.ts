import { describe, expect, test } from 'vitest';
import { PROPOSALS } from '../src/proposals/index.ts';
import { Recorder } from '../src/record.ts';
import { faults, runForTable, toldOfPeople, withoutWhole } from './attacker-table.ts';

const RECORDS: readonly string[] = ['metadata-only', 'logged-custodians'];

describe.each(PROPOSALS.filter((p) => p.family !== 'safety').map((p) => [p.id, p] as const))('%s', (id, proposal) => {
  test('every attacker of its table has a result of its own, nobody else has one, and an access tells of other people and other periods', async () => {
    const names = proposal.attackers.map((a) => a.name);
    expect(new Set(names).size).toBe(names.length);
    const records = await runForTable(proposal);
    expect(faults(proposal, records)).toEqual([]);
    expect(withoutWhole(records)).toEqual([]);
    const told = toldOfPeople(records);
    if (proposal.family === 'baseline') expect(told).toEqual([]);
    else if (proposal.kind === 'measurement') expect(told).toEqual(['exposed.other-epochs', ...(RECORDS.includes(id) ? ['exposed.people-in-records'] : []), 'exposed.people-read']);
    else expect(told).not.toContain('exposed.people');
  });
});

test('a result that is missing, given twice, or of somebody else is seen', () => {
  const record = new Recorder();
  record.attack('thief', 0, 4, 'messages opened');
  record.attack('stranger', 0, 4, 'messages opened');
  record.share('exposed.by-standing-key', 0, 4);
  const attacker = { name: 'thief', holds: 'x', tries: 'y' };
  expect(faults({ attackers: [attacker] }, [record])).toEqual(['stranger: not in the table']);
  expect(faults({ attackers: [{ ...attacker, metric: 'exposed.by-standing-key' }, { ...attacker, name: 'stranger' }] }, [record])).toEqual(['thief: a metric and a result']);
  expect(faults({ attackers: [attacker, { ...attacker, name: 'stranger' }, { ...attacker, name: 'nobody' }, { ...attacker, name: 'reader', metric: 'reach.past' }] }, [record])).toEqual(['nobody: no result', 'reader: no result']);
});
