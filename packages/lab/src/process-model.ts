/**
 * Proposals that cannot be run here, as a model: who must do what, in which order, and what each act gives.
 * Everything that comes out follows from the acts as written; nothing of it was measured on a protocol or a device.
 * @module
 */
import type { Recorder } from './record.ts';

/** Something that a party does. It is possible once everything that it needs is there. */
export interface Act {
  readonly id: string;
  readonly by: string;
  readonly needs: readonly string[];
  readonly gives: readonly string[];
  /** Least time that the design itself makes it take. */
  readonly hours: number;
  /** Done only by who keeps the rules: a party that breaks them does without. */
  readonly rule?: boolean;
}

/** A proposal as acts. What is there from the beginning is in nobody's hands or lawful to have. */
export interface ProcessModel {
  readonly parties: readonly string[];
  readonly given: readonly string[];
  readonly goal: string;
  readonly acts: readonly Act[];
}

/** How a goal is reached: acts in order, and the time that the design imposes. */
export interface Path {
  readonly acts: readonly string[];
  readonly hours: number;
}

/** The way that the rules ask for, done by everybody in turn. Undefined when the goal cannot be reached. */
export function lawfulPath(model: ProcessModel): Path | undefined {
  return path(model, new Set(model.parties), true);
}

/** Whether some parties, who break every rule that is only a rule, reach the goal with what they and the design have. */
export function reaches(model: ProcessModel, coalition: ReadonlySet<string>): boolean {
  return path(model, coalition, false) !== undefined;
}

/** The smallest sets of parties that reach the goal without an order. */
export function leastCoalitions(model: ProcessModel): string[][] {
  const sets = Array.from({ length: 2 ** model.parties.length }, (_, mask) => model.parties.filter((_p, i) => (mask >> i) % 2 === 1)).filter((s) => reaches(model, new Set(s)));
  const least = Math.min(...sets.map((s) => s.length));
  return sets.filter((s) => s.length === least);
}

/** Records what every model tells: acts, imposed time, smallest coalition. */
export function recordModel(model: ProcessModel, record: Recorder): void {
  const lawful = lawfulPath(model);
  if (lawful === undefined) throw new RangeError('a model whose goal can be reached lawfully expected');
  const note = 'model: follows from the acts of the design as written';
  record.number('reach.acts', lawful.acts.length, { method: 'model', note: lawful.acts.join(', then ') });
  record.number('reach.delay-modelled', lawful.hours, { method: 'model', note });
  const [least = []] = leastCoalitions(model);
  record.number('coalition.least', least.length, { method: 'model', note: `for example: ${least.join(', ')}` });
  record.number('trust.parties', model.parties.length, { method: 'model', note: model.parties.join(', ') });
}

/** Acts until nothing new comes; then what the goal rests on, in the order in which it was done. */
function path(model: ProcessModel, who: ReadonlySet<string>, lawful: boolean): Path | undefined {
  const have = new Map<string, Act | undefined>(model.given.map((g) => [g, undefined]));
  const possible = model.acts.filter((act) => who.has(act.by) && (lawful || act.rule !== true));
  for (let grew = true; grew;) {
    grew = false;
    for (const act of possible) {
      const needs = lawful ? act.needs : act.needs.filter((need) => !isRuleOnly(model, need));
      if (!needs.every((n) => have.has(n)) || act.gives.every((g) => have.has(g))) continue;
      for (const given of act.gives) if (!have.has(given)) have.set(given, act);
      grew = true;
    }
  }
  return have.has(model.goal) ? trace(model.goal, have, lawful ? () => true : (need) => !isRuleOnly(model, need)) : undefined;
}

/** What only an act of the rules gives: a warrant is not needed by who breaks the rules. */
function isRuleOnly(model: ProcessModel, need: string): boolean {
  const makers = model.acts.filter((act) => act.gives.includes(need));
  return makers.length > 0 && makers.every((act) => act.rule === true) && !model.given.includes(need);
}

function trace(goal: string, have: ReadonlyMap<string, Act | undefined>, counts: (need: string) => boolean): Path {
  const done = new Map<string, Act>();
  const visit = (thing: string): void => {
    const act = have.get(thing);
    if (act === undefined || done.has(act.id)) return;
    for (const need of act.needs.filter(counts)) visit(need);
    done.set(act.id, act);
  };
  visit(goal);
  return { acts: [...done.keys()], hours: [...done.values()].reduce((sum, act) => sum + act.hours, 0) };
}
