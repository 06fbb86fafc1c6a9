export { sampleCollection } from './sample-collection.ts';
export type { SampleFile, SampleOptions, SampleProgress } from './sample-collection.ts';
