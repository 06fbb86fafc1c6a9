export { EngineError, openEngine, sqlName, sqlText } from './engine.ts';
export type { Engine, EngineOptions, SqlRow, SqlValue } from './engine.ts';
