export { RESERVED_FIELDS } from './check-references.ts';
export { ancestorAt, codesAtLevel, codesUnder } from './codelist.ts';
export type { CodeEntry, Codelist, Collection, DefinitionFile, Instrument, Spelling, TableSpec } from './collection.ts';
export { conditionFields, conditionSql } from './condition-sql.ts';
export type { ConditionContext } from './condition-sql.ts';
export { checkLaws, collapseObstacle, marginObstacle } from './laws.ts';
export type { LawIssue, Obstacle } from './laws.ts';
export { loadCollection, loadInstrument, loadNeighbours, loadRound } from './load.ts';
export { parseYaml } from './parse-yaml.ts';
export type { Parsed } from './parse-yaml.ts';
export { baseFields, releaseObstacles } from './releasable.ts';
export type { ReleaseObstacle } from './releasable.ts';
export type {
  ByDefinition, CodelistDefinition, CollectionDefinition, ComparisonDefinition, Condition, ControlDefinition,
  DerivedDefinition, FieldDefinition, FieldTest, InputDefinition, InstrumentDefinition, MeasureDefinition,
  RoundDefinition, RuleDefinition, TableDefinition,
} from './schema.ts';
