export { seriesRevisions } from './series-revisions.ts';
export type { SealedSource } from './sources.ts';
export { tabulate, tabulateAll } from './tabulate.ts';
export type { TabulateAllInput, TabulateInput } from './tabulate.ts';
