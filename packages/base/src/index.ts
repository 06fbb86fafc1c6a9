export { canonicalJson, prettyJson } from './canonical-json.ts';
export type { Json } from './canonical-json.ts';
export { foldText } from './fold-text.ts';
export type { FoldHow } from './fold-text.ts';
export { hmacSha256, isSha384, keyedHmacSha256, sha384, sha384Json } from './hash.ts';
export type { Sha384 } from './hash.ts';
export { ProvenFalse, Refusal, UsageError, formatIssue, refuse, refuseOnErrors } from './issue.ts';
export type { Issue, Place, Severity } from './issue.ts';
export type {
  Basis, CellKey, ChartKind, ChartMeta, CodelistSource, DeriveMeta, Dimension, DimensionCode, Finding, MeasureMeta,
  Provenance, SeriesBreak, SubmissionSource, TableMeta, Unit,
} from './table.ts';
export { STATE_LABELS, VALUE_STATES, exactly, formatNumber, formatQuantity } from './value.ts';
export type { Quantity, ValueState } from './value.ts';
