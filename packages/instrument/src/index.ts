export type { CodeEntry, Codelist, Collection, DefinitionFile, Instrument, Spelling, TableSpec } from './collection.ts';
export type {
  ByDefinition, CodelistDefinition, CollectionDefinition, ComparisonDefinition, Condition, ControlDefinition,
  DerivedDefinition, FieldDefinition, FieldTest, InputDefinition, InstrumentDefinition, MeasureDefinition,
  RoundDefinition, RuleDefinition, TableDefinition,
} from './schema.ts';
