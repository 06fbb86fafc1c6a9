import { describe, expect, test } from 'vitest';
import { PROPOSALS } from '../src/proposals/index.ts';
import { faults, runForTable, toldOfPeople, withoutWhole } from './attacker-table.ts';

describe.each(PROPOSALS.filter((p) => p.family === 'safety').map((p) => [p.id, p] as const))('%s', (_id, proposal) => {
  test('every attacker of its table has a result of its own, nobody else has one, and people are exposed by reports alone', async () => {
    const names = proposal.attackers.map((a) => a.name);
    expect(new Set(names).size).toBe(names.length);
    const records = await runForTable(proposal);
    expect(faults(proposal, records)).toEqual([]);
    expect(withoutWhole(records)).toEqual([]);
    expect(toldOfPeople(records).filter((m) => m !== 'exposed.people')).toEqual([]);
  });
});
